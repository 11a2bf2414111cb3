//! Numbers in another unit than the column's: `longer than 3 hours` of minutes, `heavier than 1kg` of grams, `above 95F`.

use vizroom_protocol::file::{Column, ColumnType, Dataset};

use super::likeness::family;
use super::words::{Kind, Token, is, name_words, tokens};

/// How many times a limit the largest value may be, before the limit is not told in the column's unit.
const FAR: f64 = 300.0;

/// What is measured: what its columns are called, and its units, smallest first, each with how much of the first it is.
struct Quantity {
    nouns: &'static str,
    units: &'static [(&'static str, f64)],
}

const QUANTITIES: [Quantity; 3] = [
    Quantity {
        nouns: "time duration runtime length tenure delay wait latency elapsed",
        units: &[
            ("ms msec millisecond milliseconds", 0.001),
            ("s sec secs second seconds", 1.0),
            ("min mins minute minutes", 60.0),
            ("h hr hrs hour hours", 3_600.0),
            ("d day days", 86_400.0),
            ("w wk week weeks", 604_800.0),
            ("month months", 2_628_000.0),
            ("yr yrs year years", 31_536_000.0),
        ],
    },
    Quantity {
        nouns: "weight mass",
        units: &[
            ("g gram grams", 1.0),
            ("kg kilo kilos kilogram kilograms", 1_000.0),
            ("t ton tons tonne tonnes", 1e6),
        ],
    },
    Quantity {
        nouns: "height length width distance depth elevation altitude",
        units: &[
            ("mm millimetre millimeter millimetres millimeters", 0.001),
            ("cm centimetre centimeter centimetres centimeters", 0.01),
            ("m metre meter metres meters", 1.0),
            ("km kilometre kilometer kilometres kilometers", 1_000.0),
        ],
    },
];

/// Words that a limit follows.
const LIMITS: &str = "than over above under below least most exceeding exceeds between beyond";

/// The sentence with its limits in the units of the data.
pub fn rewritten(mut said: Vec<Token>, datasets: &[Dataset]) -> Vec<Token> {
    said = told_apart(said);
    for at in 1..said.len().saturating_sub(1) {
        if !is(said.get(at - 1), LIMITS) {
            continue;
        }
        let Some(n) = said[at].number() else { continue };
        if let Some((number, unit)) = converted(&said, at, n, datasets) {
            said.splice(at..at + 2, tokens(&format!("{number} {unit}")));
            return said;
        }
    }
    said
}

/// `95F`, `95°F`, `1kg`, `70 mg/dl`: the number and its unit apart, where a limit goes before.
fn told_apart(mut said: Vec<Token>) -> Vec<Token> {
    for at in 1..said.len() {
        if !is(said.get(at - 1), LIMITS) {
            continue;
        }
        let text = said[at].lower.clone();
        let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let unit = unit.trim_start_matches('°');
        if !number.is_empty() && !unit.is_empty() && number.parse::<f64>().is_ok() {
            let unit = if matches!(unit, "f" | "c") { "degrees" } else { unit };
            if unit == "degrees" || unit_of(unit).is_some() || is_other_unit(unit) {
                said.splice(at..=at, tokens(&format!("{number} {unit}")));
            }
            continue;
        }
        if said[at].number().is_none() {
            continue;
        }
        let sign = usize::from(said.get(at + 1).is_some_and(|t| t.is('°')));
        let scale = said.get(at + 1 + sign).filter(|t| matches!(t.text.as_str(), "F" | "C" | "°F" | "°C"));
        if scale.is_some() {
            said.splice(at + 1..at + 2 + sign, tokens("degrees"));
        } else if is(said.get(at + 1), "mg mmol g") && said.get(at + 2).is_some_and(|t| t.is('/')) {
            said.drain(at + 1..said.len().min(at + 4));
        }
    }
    said
}

fn is_other_unit(unit: &str) -> bool {
    super::vocabulary::is_unit(unit) && unit.len() > 1
}

/// The quantity that a unit is of, and how much it is.
fn unit_of(word: &str) -> Option<(&'static Quantity, f64)> {
    QUANTITIES.iter().find_map(|q| {
        let found = q.units.iter().find(|(names, _)| super::lists::has(names, word));
        found.map(|(_, size)| (q, *size))
    })
}

/// The number in the unit of the column that it limits, and what that is called; nothing where it is told in it.
fn converted(said: &[Token], at: usize, n: f64, datasets: &[Dataset]) -> Option<(f64, &'static str)> {
    let (quantity, size) = unit_of(&said[at + 1].lower)?;
    let columns: Vec<&Column> = datasets.iter().flat_map(|d| &d.columns).filter(|c| is_number(c)).collect();
    let others = said.iter().enumerate().filter(|(i, t)| *i != at + 1 && t.kind == Kind::Word);
    let others: Vec<&str> = others.map(|(_, t)| t.lower.as_str()).filter(|w| w.len() >= 4).collect();
    let words: Vec<Vec<String>> = columns.iter().map(|c| name_words(&c.name)).collect();
    let named = |i: usize| words[i].iter().any(|w| w.len() >= 4 && others.iter().any(|o| w == o || family(w, o)));
    let called = |i: usize| words[i].iter().any(|w| super::lists::has(quantity.nouns, w));
    let own = |i: usize| own_unit(quantity, &words[i], called(i));
    let fitting = |i: &usize| called(*i) || own(*i).is_some();
    let all: Vec<usize> = (0..columns.len()).filter(fitting).collect();
    let meant: Vec<usize> = all.iter().copied().filter(|&i| named(i)).collect();
    let meant = if meant.is_empty() { all } else { meant };
    let told = |i: usize| {
        let (min, max) = range(columns[i])?;
        match own(i) {
            Some((unit, _)) => Some((unit - size).abs() < 1e-9),
            None => Some(min < n && n < max && max / n.max(1e-9) < FAR),
        }
    };
    if meant.is_empty() || meant.iter().any(|&i| told(i) == Some(true)) {
        return None;
    }
    meant.iter().find_map(|&i| {
        let (min, max) = range(columns[i])?;
        let within = |value: f64| min < value && value < max;
        if let Some((unit, name)) = own(i) {
            return Some(rounded(n * size / unit)).filter(|v| within(*v)).map(|v| (v, name));
        }
        let smaller = quantity.units.iter().rev().filter(|(_, s)| *s < size);
        let mut fits = smaller.map(|(names, s)| (rounded(n * size / s), last(names)));
        fits.find(|(value, _)| within(*value))
    })
}

/// The unit that a column's name ends with, or names in full.
fn own_unit(quantity: &Quantity, words: &[String], called: bool) -> Option<(f64, &'static str)> {
    let units =
        || quantity.units.iter().flat_map(|(names, size)| names.split(' ').map(move |n| (n, *size, last(names))));
    let of = |word: &String, short: bool| {
        units().find(|(name, ..)| name == word && (short || name.len() > 3)).map(|(_, size, name)| (size, name))
    };
    let ending = words.last().filter(|_| words.len() > 1 && called).and_then(|w| of(w, true));
    ending.or_else(|| words.iter().find_map(|w| of(w, false)))
}

/// The plural that a unit is called by.
fn last(names: &'static str) -> &'static str {
    names.rsplit(' ').next().unwrap_or(names)
}

fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

fn is_number(column: &Column) -> bool {
    matches!(column.kind, ColumnType::Integer | ColumnType::Number)
}

fn range(column: &Column) -> Option<(f64, f64)> {
    let end = |v: &Option<serde_json::Value>| v.as_ref().and_then(serde_json::Value::as_f64);
    Some((end(&column.min)?, end(&column.max)?))
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql, text};

    #[test]
    fn limits_are_told_in_the_units_of_the_data() {
        let columns = || {
            vec![
                text("line", 9, 0, &["A", "B"]),
                figure("dep_delay", 500, -40, 1_300),
                figure("running_time_min", 200, 20, 300),
                figure("weight", 200, 50, 2_100),
                figure("tenure", 70, 1, 72),
                figure("temp_max", 90, -10, 110),
            ]
        };
        for (prompt, wanted) in [
            ("trips with a dep_delay of more than an hour by line", "\"dep_delay\" > 60"),
            ("trips delayed by more than 2 hours per line", "\"dep_delay\" > 120"),
            ("trips with a dep_delay over 45 minutes per line", "\"dep_delay\" > 45"),
            ("trips with a running time of less than 2 hours by line", "\"running_time_min\" < 120"),
            ("trips by line with a weight over 1kg", "\"weight\" > 1000"),
            ("trips by line with a tenure of less than 2 years", "\"tenure\" < 2"),
            ("trips by line with a tenure of less than a year", "\"tenure\" < 12"),
            ("trips by line with a temperature above 95F", "\"temp_max\" > 95"),
        ] {
            let sql = sql(prompt, "trips", columns());
            assert!(sql.contains(wanted), "{prompt}: {sql}");
        }
    }
}
