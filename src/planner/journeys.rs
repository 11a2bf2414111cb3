//! Where something comes from and where it goes: `trips from Manhattan to Queens`, `the top 5 routes`.

use super::fields::{Data, Field, Role};
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::supposed::Candidate;
use super::words::{Token, is};

/// Words of names of columns that tell where something begins, and where it ends.
const BEGINS: &str = "origin from source start departure pickup sender seller exporter";
const ENDS: &str = "destination to target end arrival dropoff receiver recipient buyer importer";
/// Words of which each is both ends.
const ROUTES: &str = "route routes connection connections journeys legs";

fn end_of(field: &Field<'_>) -> Option<bool> {
    let word = |list: &str| super::roles::has(&field.words, list);
    let named = matches!(field.role, Role::Category | Role::Label | Role::Id);
    match (word(BEGINS), word(ENDS)) {
        (true, false) if named => Some(true),
        (false, true) if named => Some(false),
        _ => None,
    }
}

/// The items with each value that is told by `from` or `to` in the column of that end.
pub fn ended(data: &Data<'_>, tokens: &[Token], mut items: Vec<Item>) -> Vec<Item> {
    for at in 1..items.len() {
        let Meaning::Value(choices) = &items[at].meaning else { continue };
        let back = (0..at).rev().find(|&i| !is(tokens.get(items[i].from), "the")).unwrap_or(0);
        let begins = match tokens.get(items[back].to - 1) {
            t if is(t, "from leaving departing") => true,
            t if is(t, "to into arriving") => false,
            _ => continue,
        };
        let of_end = |f: usize| end_of(&data.fields[f]) == Some(begins);
        let kept: Vec<_> = choices.iter().filter(|(f, _)| of_end(*f)).cloned().collect();
        if !kept.is_empty() && kept.len() < choices.len() {
            items[at].meaning = Meaning::Value(kept);
            items[back].meaning = Meaning::Keyword(Keyword::Only);
        }
    }
    items
}

/// `routes`, which nothing in the data has: from where and to where.
pub fn routes(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let item = &items[at];
    if !matches!(item.meaning, Meaning::Unknown(_) | Meaning::Filler) || !is(tokens.get(item.from), ROUTES) {
        return None;
    }
    let first = data.fields.iter().position(|f| end_of(f) == Some(true))?;
    let other = |f: &Field<'_>| {
        let shared = |w: &super::fields::Word| data.fields[first].words.iter().any(|o| o.stem == w.stem);
        end_of(f) == Some(false) && (f.words.len() == 1 || f.words.iter().any(shared))
    };
    let second = data.fields.iter().position(other)?;
    let column = |f: usize| Item { meaning: Meaning::Column(vec![f]), ..item.clone() };
    let items = vec![column(first), column(second)];
    Some(Candidate { from: at, to: at + 1, items, price: 3, note: None })
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql, text};

    #[test]
    fn from_and_to_are_two_columns() {
        let places = || text("pickup_zone", 40, 0, &["Soho", "Chelsea"]);
        let columns = || vec![places(), text("dropoff_zone", 40, 0, &["Soho", "Chelsea"]), figure("fare", 400, 2, 90)];
        let query = sql("number of trips from Soho to Chelsea", "trips", columns());
        assert!(
            query.contains("\"pickup_zone\" = 'Soho'") && query.contains("\"dropoff_zone\" = 'Chelsea'"),
            "{query}"
        );
    }
}
