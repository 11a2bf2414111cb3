//! Values said in other words than the data does: `ladies` of a column that has `F`, `tenants` where it says `rent`.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::Value;

use super::fields::Field;
use super::words::stem;

/// The file, which tells its format.
const VALUES: &str = include_str!("thesaurus/values.txt");

/// Most words that say one value.
pub const WORDS_MAX: usize = 4;

/// Most letters of a code, and most values of a column of some.
const CODE_LONG: usize = 4;
const CODES_FEW: u64 = 12;

/// A way in which data writes a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The stems of its words, with spaces between them.
    pub stems: String,
    /// Whether it is only short for it.
    pub code: bool,
}

#[derive(Default)]
struct Sayings {
    /// How each value is written, names first.
    values: Vec<Vec<Written>>,
    /// The values that words say, by their stems.
    said: HashMap<String, Vec<usize>>,
    /// Those of places and their people.
    places: Vec<usize>,
}

static SAYINGS: LazyLock<Sayings> = LazyLock::new(|| {
    let mut all = Sayings::default();
    for line in VALUES.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let (words, codes) = line.split_once('|').unwrap_or((line, ""));
        let number = all.values.len();
        let placed = words.strip_prefix('@');
        let words = placed.unwrap_or(words);
        all.places.extend(placed.map(|_| number));
        let written = |code: bool| {
            move |word: &str| Written { stems: word.split('_').map(stem).collect::<Vec<_>>().join(" "), code }
        };
        let names: Vec<Written> = words.split_ascii_whitespace().map(written(false)).collect();
        for name in &names {
            let numbers = all.said.entry(name.stems.clone()).or_default();
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
        all.values.push(names.into_iter().chain(codes.split_ascii_whitespace().map(written(true))).collect());
    }
    all
});

/// Whether the values of a column are a few short codes: `F` and `M`.
pub fn are_codes(field: &Field<'_>) -> bool {
    let short = |v: &Value| v.as_str().is_some_and(|t| t.trim().chars().count() <= CODE_LONG);
    field.column.distinct <= CODES_FEW && field.column.top.iter().all(short)
}

/// The ways in which data may write what some words say, the words themselves but for codes left out.
pub fn otherwise(stems: &str) -> impl Iterator<Item = &'static Written> {
    let values = SAYINGS.said.get(stems).map_or(&[][..], Vec::as_slice);
    let mut written: Vec<&Written> = values.iter().flat_map(|v| &SAYINGS.values[*v]).collect();
    written.retain(|w| w.stems != stems);
    written.sort_by_key(|w| w.code);
    written.into_iter()
}

/// Whether a word is said of a place or of its people.
pub fn is_of_place(stem: &str) -> bool {
    SAYINGS.said.get(stem).is_some_and(|values| values.iter().any(|v| SAYINGS.places.contains(v)))
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql, text};

    #[test]
    fn values_are_said_in_other_words() {
        let columns = || {
            let sex = text("sex", 2, 0, &["F", "M"]);
            let home = text("home", 3, 0, &["owner", "rent", "parents"]);
            let sky = text("sky", 3, 0, &["light rain", "sun", "fog"]);
            vec![sex, home, sky, figure("income", 900, 1, 9_000)]
        };
        for (prompt, wanted) in [
            ("average income of ladies", "\"sex\" = 'F'"),
            ("average income of gentlemen", "\"sex\" = 'M'"),
            ("average income of tenants", "\"home\" = 'rent'"),
            ("income of homeowners", "\"home\" = 'owner'"),
            ("average income in rainy weather", "\"sky\" = 'light rain'"),
            ("income of guys and girls", "\"sex\" IN ('M', 'F')"),
        ] {
            let sql = sql(prompt, "applicants", columns());
            assert!(sql.contains(wanted), "{prompt}: {sql}");
        }
    }

    #[test]
    fn two_values_are_yes_and_no_where_one_is_called_as_the_column() {
        let columns = || {
            let (role, belt) = (text("role", 2, 0, &["driver", "pass"]), text("seatbelt", 2, 0, &["belted", "none"]));
            vec![role, belt, text("dead", 2, 0, &["alive", "dead"]), text("town", 40, 0, &["Bern"])]
        };
        let share = sql("share of drivers who died", "crashes", columns());
        assert!(share.contains("WHEN \"dead\" = 'dead'") && share.contains("\"role\" = 'driver'"), "{share}");
        let bare = sql("how many people died without a seatbelt?", "crashes", columns());
        assert!(bare.contains("\"seatbelt\" = 'none'") && bare.contains("\"dead\" = 'dead'"), "{bare}");
    }
}
