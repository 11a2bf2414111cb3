//! Columns that are numbered through: `week 10` of `wk1` to `wk76`, `the third question` of `q1` to `q12`.

use serde_json::Value;
use vizroom_protocol::file::{Column, Dataset};

use super::fields::Data;
use super::likeness::abbreviates;
use super::words::{Kind, Token, is, name_words, stem, tokens};

/// Columns of one name that differ by their number, for the number to be one of them.
const ALIKE_MIN: usize = 3;
/// Most different values of a column of kinds that are numbered.
const KINDS_MAX: u64 = 40;

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

/// The sentence with ordinals of kinds as the data writes them: `third class` is `3rd class` where a column of classes says so.
pub fn written(mut said: Vec<Token>, datasets: &[Dataset]) -> Vec<Token> {
    const STEPS: &str = "day week month quarter year hour half days weeks months quarters years hours";
    for at in 0..said.len().saturating_sub(1) {
        let noun = at + 1 + usize::from(said[at + 1].is('-'));
        let (Some(n), Some(token)) = (super::vocabulary::ordinal(&said[at].lower), said.get(noun)) else { continue };
        if token.kind != Kind::Word || is(Some(token), STEPS) {
            continue;
        }
        let called = |c: &&Column| name_words(&c.name).last().is_some_and(|w| stem(w) == token.stem);
        let kinds = datasets.iter().flat_map(|d| &d.columns).filter(|c| c.distinct <= KINDS_MAX).filter(called);
        let ending = match n {
            1 => "st",
            2 => "nd",
            3 => "rd",
            _ => "th",
        };
        let forms = [format!("{n}{ending}"), n.to_string()];
        let text = |v: &Value| v.as_str().map(str::to_lowercase);
        let form = kinds.flat_map(|c| &c.top).find_map(|v| forms.iter().position(|f| Some(f) == text(v).as_ref()));
        let new = match form {
            Some(0) => format!("{} {}", forms[0], token.lower),
            Some(_) => format!("{} {n}", token.lower),
            None => continue,
        };
        said.splice(at..=noun, tokens(&new));
        return written(said, datasets);
    }
    said
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

    use crate::samples::{figure, sql, text};

    #[test]
    fn ordinals_are_values_as_the_data_writes_them() {
        let columns = || vec![text("class", 3, 0, &["1st", "2nd", "3rd"]), figure("fare", 300, 1, 500)];
        for (prompt, wanted) in [
            ("average fare in first class", "\"class\" = '1st'"),
            ("number of second-class passengers", "\"class\" = '2nd'"),
        ] {
            let sql = sql(prompt, "passengers", columns());
            assert!(sql.contains(wanted), "{prompt}: {sql}");
        }
    }

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
