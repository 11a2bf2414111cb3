//! Columns that are numbered through: `week 10` of `wk1` to `wk76`, `the third question` of `q1` to `q12`.

use super::fields::Data;
use super::likeness::abbreviates;
use super::words::{Kind, Token, stem};

/// Columns of one name that differ by their number, for the number to be one of them.
const ALIKE_MIN: usize = 3;

/// The column that a noun and a number name.
pub fn column(data: &Data<'_>, span: &[Token]) -> Option<usize> {
    let said: Vec<&Token> = span.iter().filter(|t| !t.is('-') && t.lower != "number").collect();
    let [first, last] = said.as_slice() else { return None };
    let ordinal = |t: &Token| super::vocabulary::ordinal(&t.lower).map(f64::from);
    let (noun, number) = match (first.number(), last.number(), ordinal(first)) {
        (None, Some(n), _) => (first, n),
        (None, None, Some(n)) => (last, n),
        _ => return None,
    };
    if noun.kind != Kind::Word || number.fract() != 0.0 || number < 0.0 {
        return None;
    }
    let called = |name: &str| {
        let lower = name.to_lowercase();
        stem(&lower) == noun.stem
            || abbreviates(&lower, &noun.lower)
            || lower.len() == 1 && noun.lower.starts_with(&lower)
    };
    let of =
        |i: &usize| numbered(&data.fields[*i].column.name).is_some_and(|(name, n)| n == number as u64 && called(name));
    let found = (0..data.fields.len()).find(of)?;
    let (name, _) = numbered(&data.fields[found].column.name)?;
    let alike = data.fields.iter().filter(|f| numbered(&f.column.name).is_some_and(|(other, _)| other == name));
    (alike.count() >= ALIKE_MIN).then_some(found)
}

/// The name and the number of a column that ends with one.
fn numbered(name: &str) -> Option<(&str, u64)> {
    let letters = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = name.get(letters.len()..)?.parse().ok()?;
    let letters = letters.trim_end_matches(|c: char| !c.is_alphanumeric());
    (!letters.is_empty() && letters.chars().all(char::is_alphabetic)).then_some((letters, number))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vizroom_protocol::file::{Column, ColumnType, Dataset};

    #[test]
    fn a_noun_and_its_number_are_a_column() {
        let week = |n: u32| Column {
            name: format!("wk{n}"),
            kind: ColumnType::Integer,
            nulls: 0,
            distinct: 90,
            min: Some(json!(1)),
            max: Some(json!(100)),
            mean: None,
            top: Vec::new(),
        };
        let dataset = Dataset { name: "billboard".into(), rows: 300, columns: (1..20).map(week).collect() };
        for (prompt, column) in [("distribution of the rank in week 10", "wk10"), ("average first-week rank", "wk1")] {
            let plan = crate::plan(prompt, std::slice::from_ref(&dataset), None);
            assert!(plan.goals.iter().any(|g| g.query.sql().contains(&format!("\"{column}\""))), "{prompt}: {plan:#?}");
        }
    }
}
