//! What rows are worth where no column holds it: a price times a quantity.

use serde_json::{Value, json};
use vizroom_protocol::file::{Column, ColumnType, Dataset};

use super::fields::{Data, Field};
use super::query::Product;
use super::roles::has;

/// What the product is called.
pub const REVENUE: &str = "revenue";

/// Names that say that the worth is told already.
const WORTH: &str = "revenue sales turnover total subtotal gross net amount spend spent proceeds takings";

/// The columns whose product is the revenue, the price first.
fn factors(data: &Data<'_>) -> Option<(usize, usize)> {
    let fields = &data.fields;
    let free = |f: &Field<'_>| f.is_number() && !f.words.is_empty();
    let told = |f: &Field<'_>| free(f) && has(&f.words, WORTH) || f.column.name.eq_ignore_ascii_case(REVENUE);
    if fields.iter().any(told) {
        return None;
    }
    let price =
        |f: &Field<'_>| free(f) && f.words.len() <= 2 && has(&f.words, "price") && f.min().is_some_and(|m| m >= 0.0);
    let quantity = |f: &Field<'_>| {
        let counted = has(&f.words, "quantity") || matches!(f.words.as_slice(), [one] if one.lower == "units");
        let ordered = matches!(f.words.as_slice(), [first, last] if has(std::slice::from_ref(first), "units number") && has(std::slice::from_ref(last), "sold ordered"));
        free(f) && f.column.kind == ColumnType::Integer && !f.joined && (counted || ordered)
    };
    let own = |of: &dyn Fn(&Field<'_>) -> bool, joined: bool| fields.iter().position(|f| of(f) && f.joined == joined);
    Some((own(&price, false).or_else(|| own(&price, true))?, own(&quantity, false)?))
}

/// The column of the revenue and how it is worked out, where a table has a price and a quantity of it.
pub fn revenue(data: &Data<'_>, dataset: &Dataset) -> Option<(Column, Product)> {
    let (price, quantity) = factors(data)?;
    let [price, quantity] = [price, quantity].map(|f| &data.fields[f]);
    let times = |a: Option<f64>, b: Option<f64>| Some(json!(a? * b?));
    let column = Column {
        name: REVENUE.to_owned(),
        kind: ColumnType::Number,
        nulls: price.column.nulls.max(quantity.column.nulls),
        distinct: (price.column.distinct.saturating_mul(quantity.column.distinct)).min(dataset.rows),
        min: times(price.min(), quantity.min()),
        max: times(price.max(), quantity.max()),
        mean: None,
        top: Vec::<Value>::new(),
    };
    let factors = [price, quantity].map(|f| f.column.name.clone()).to_vec();
    Some((column, Product { name: REVENUE.to_owned(), factors }))
}

#[cfg(test)]
mod tests {
    use vizroom_protocol::file::{Column, ColumnType, Dataset};

    use crate::samples::{figure, text};

    fn shop() -> Vec<Dataset> {
        let table = |name: &str, rows: u64, columns: Vec<Column>| Dataset { name: name.into(), rows, columns };
        let price = || Column { kind: ColumnType::Number, ..figure("unit_price", 40, 1, 90) };
        let id = |rows: i64| figure("id", rows as u64, 1, rows);
        vec![
            table("family", 9, vec![id(9), text("name", 9, 0, &["Tools", "Toys"])]),
            table("item", 300, vec![id(300), text("title", 290, 0, &[]), figure("family_id", 9, 1, 9)]),
            table(
                "orderline",
                2_000,
                vec![id(2_000), figure("item_id", 280, 1, 300), price(), figure("quantity", 9, 1, 9)],
            ),
        ]
    }

    #[test]
    fn what_is_called_so_already_is_not_worked_out() {
        let mut shop = shop();
        shop[2].columns.push(text("Revenue", 30, 0, &["low", "high"]));
        let plan = crate::plan("count by revenue", &shop[2..], None);
        assert!(plan.goals.iter().all(|g| !g.query.sql().contains(" * ")), "{plan:#?}");
    }

    #[test]
    fn revenue_is_price_times_quantity_over_several_tables() {
        for (prompt, wanted) in [
            ("total revenue", "\"orderline\".\"unit_price\" * \"orderline\".\"quantity\" AS \"revenue\""),
            ("revenue by family", "LEFT JOIN \"family\" ON \"item\".\"family_id\" = \"family\".\"id\""),
            ("share of Tools in total sales", "'Tools' THEN CAST(\"revenue\" AS DOUBLE)"),
            ("quantity by family", "SUM(\"quantity\")"),
        ] {
            let plan = crate::plan(prompt, &shop(), None);
            assert_eq!(plan.goals.len(), 1, "{prompt}: {plan:#?}");
            let query = plan.goals[0].query.sql();
            assert!(query.contains(wanted), "{prompt}: {query}");
            let told = plan.goals[0].description.contains("Revenue is unit price times quantity.");
            assert_eq!(told, query.contains("revenue"), "{prompt}: {}", plan.goals[0].description);
        }
    }
}
