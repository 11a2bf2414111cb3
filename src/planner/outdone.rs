//! Figures of a row held against each other: `states where Clinton got more than Trump`, `days that closed above the open`.

use serde_json::json;

use super::conditions::Piece;
use super::fields::{Data, Role};
use super::intent::{Ask, Group, Intent};
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::query::{Op, Predicate, Source};
use super::words::{Token, is};

/// Most words between a figure and what it is held against.
const BETWEEN_MAX: usize = 4;

/// The condition that begins with the figure at `at`, and how many items tell it.
pub fn outdone(data: &Data<'_>, said: &[Token], items: &[Item], at: usize) -> Option<(Piece, usize)> {
    let (first, op, joint) = match figure(data, &items[at]) {
        Some(first) => held_against(said, items, at + 1).map(|(op, joint)| (first, op, joint))?,
        None => more_than(data, said, items, at)?,
    };
    let small = |i: &Item| {
        matches!(i.meaning, Meaning::Filler | Meaning::Keyword(Keyword::Than | Keyword::Only))
            || is(said.get(i.from), "than of the its their")
    };
    let last = (joint + 1..items.len().min(joint + 1 + BETWEEN_MAX)).find(|&i| !small(&items[i]))?;
    let second = figure(data, &items[last]).filter(|s| *s != first)?;
    // `income above 50 000` is a limit of its own.
    let number = items[joint..].iter().take(last + 2 - joint).any(|i| matches!(i.meaning, Meaning::Number { .. }));
    if number {
        return None;
    }
    let name = |f: usize| data.fields[f].column.name.clone();
    let source = Source::Less { name: name(first), less: name(second) };
    let more = Predicate { source, part: None, op, values: vec![json!(0)] };
    Some((Piece::Condition(vec![more]), last + 1 - at))
}

/// `states where Clinton got more than Trump`, each of them once: with both figures, as counting them says nothing.
pub fn beside(data: &Data<'_>, intent: &mut Intent) {
    let each = matches!(intent.groups.as_slice(), [Group { field: Some(f), grain: None }] if data.names_each(*f));
    if !each || !intent.asks.is_empty() || intent.share || intent.rows {
        return;
    }
    let held = intent.filters.iter().filter(|p| matches!(p.source, Source::Less { .. }));
    let figures: Vec<usize> = held.flat_map(|p| p.source.names()).filter_map(|name| data.index(name)).collect();
    figures.into_iter().for_each(|f| intent.add_ask(Ask { agg: None, field: Some(f), over: None }));
}

fn figure(data: &Data<'_>, item: &Item) -> Option<usize> {
    let Meaning::Column(columns) = &item.meaning else { return None };
    let measured = |f: &usize| data.fields[*f].is_number() && data.fields[*f].is_measure();
    columns.first().copied().filter(measured).filter(|&f| data.fields[f].role != Role::Id)
}

/// `more gold than silver`: the first figure, which of the two is the greater, and the item of the `than`.
fn more_than(data: &Data<'_>, said: &[Token], items: &[Item], at: usize) -> Option<(usize, Op, usize)> {
    let single = items[at].to == items[at].from + 1;
    let op = match said.get(items[at].from).filter(|_| single) {
        word if is(word, "more higher greater larger bigger") => Op::Gt,
        word if is(word, "fewer less lower smaller") => Op::Lt,
        _ => return None,
    };
    let first = figure(data, items.get(at + 1)?)?;
    let than = items.get(at + 2).filter(|i| is(said.get(i.from), "than"))?;
    (than.to == than.from + 1).then_some((first, op, at + 2))
}

/// Which of the two is the greater, and the last item that says so: `got more than`, `was ahead of`.
fn held_against(said: &[Token], items: &[Item], from: usize) -> Option<(Op, usize)> {
    for at in from..items.len().min(from + BETWEEN_MAX) {
        let word = said.get(items[at].from);
        let next = items.get(at + 1).filter(|i| is(said.get(i.from), "of"));
        match items[at].meaning {
            // `sales over profit` may be a quotient, `over time` is a course.
            Meaning::Keyword(Keyword::Compared(op)) if !is(word, "over under up at") && op != Op::In => {
                return Some((op, at));
            }
            _ if is(word, "ahead") && next.is_some() => return Some((Op::Gt, at + 1)),
            _ if is(word, "beat beats beaten exceed exceeded outnumber outnumbers outnumbered topped") => {
                return Some((Op::Gt, at));
            }
            _ if is(word, "behind") => return Some((Op::Lt, at)),
            Meaning::Keyword(Keyword::Only) if is(word, "was is were are") => {}
            Meaning::Filler | Meaning::Unknown(_) | Meaning::Keyword(Keyword::Doing | Keyword::Filler) => {}
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql, text};

    #[test]
    fn figures_of_a_row_are_held_against_each_other() {
        let columns = || {
            let figures = ["smith", "jones", "turnout"].map(|n| figure(n, 900, 0, 9_000));
            figures
                .into_iter()
                .chain([text("county", 2_000, 0, &["Kent"]), text("region", 9, 0, &["West"])])
                .collect::<Vec<_>>()
        };
        for prompt in [
            "in how many counties did smith get more than jones",
            "number of counties where smith was ahead of jones",
            "counties where smith beat jones by region",
            "share of counties with smith above jones by region",
            "number of counties with more smith than jones",
        ] {
            let query = sql(prompt, "counties", columns());
            assert!(query.contains("(\"smith\" - \"jones\") > 0"), "{prompt}: {query}");
        }
        let query = sql("average turnout of counties with smith above 500 by region", "counties", columns());
        assert!(query.contains("\"smith\" > 500"), "{query}");
    }
}
