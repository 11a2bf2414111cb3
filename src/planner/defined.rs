//! Figures that a prompt defines itself: `batting average (hits / at bats)`, `population density: population divided by
//! area`. What they are called says nothing of the data; how they are computed says it all.

use super::fields::Data;
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::words::{Token, is};

/// Most items of what a figure is called.
const NAME_MAX: usize = 8;

/// The items of a sentence with such figures in the place of their names.
pub fn defined(data: &Data<'_>, said: &[Token], mut items: Vec<Item>) -> Vec<Item> {
    operators(data, said, &mut items);
    let Some((from, to)) = expression(data, &items).filter(|(from, _)| is_opened(said, &items, *from)) else {
        return items;
    };
    let before = phrase(said, &items, from);
    let by = before.start.checked_sub(1).is_some_and(|i| items[i].meaning == Meaning::Keyword(Keyword::By));
    let named = |i: &Item| is_figure(data, i) || matches!(i.meaning, Meaning::Unknown(_));
    if names_figure(data, &items[before.clone()]) && (!by || items[before.clone()].iter().any(named)) {
        return in_place(items, before, None);
    }
    // `goal difference by team (home goals minus away goals)`
    let first = head(said, &items, before.start);
    if !grouped(data, &items[before.clone()]) || !names_figure(data, &items[first.clone()]) {
        return items;
    }
    in_place(items, first, Some((from, to)))
}

/// Marks what stands between two figures as the operation that it is: `/`, `-`.
fn operators(data: &Data<'_>, said: &[Token], items: &mut [Item]) {
    for at in 1..items.len().saturating_sub(1) {
        let single = items[at].to == items[at].from + 1;
        if !single || !is_figure(data, &items[at - 1]) || second(data, items, at).is_none() {
            continue;
        }
        let token = &said[items[at].from];
        let enclosed = items[..at].iter().any(|i| said[i.from].is('(') || said[i.from].is('='));
        if token.is('/') || token.is('÷') || enclosed && is(Some(token), "over by") {
            items[at].meaning = Meaning::Keyword(Keyword::Divided);
        } else if token.is('-') || token.is('–') || token.is('−') || enclosed && is(Some(token), "less") {
            items[at].meaning = Meaning::Keyword(Keyword::Minus);
        }
    }
}

fn is_figure(data: &Data<'_>, item: &Item) -> bool {
    matches!(&item.meaning, Meaning::Column(c) if c.iter().any(|&f| data.fields[f].is_measure()))
}

/// The figure behind an operation, after small words: `hits / at bats`.
fn second(data: &Data<'_>, items: &[Item], operation: usize) -> Option<usize> {
    let small = |i: &Item| matches!(i.meaning, Meaning::Filler | Meaning::Keyword(Keyword::Only));
    let at = (operation + 1..items.len()).find(|&i| !small(&items[i]))?;
    is_figure(data, &items[at]).then_some(at)
}

/// Where two figures with an operation between them begin and end.
fn expression(data: &Data<'_>, items: &[Item]) -> Option<(usize, usize)> {
    let operation = |i: &Item| matches!(i.meaning, Meaning::Keyword(Keyword::Divided | Keyword::Minus));
    let at = items.iter().position(operation).filter(|&at| at > 0 && is_figure(data, &items[at - 1]))?;
    second(data, items, at).map(|last| (at - 1, last + 1))
}

/// Whether what stands before it says that a definition follows: `(`, `:`, `=`, `i.e.`, `calculated as`.
fn is_opened(said: &[Token], items: &[Item], from: usize) -> bool {
    let at = items[from].from;
    let small = |i: &usize| is(said.get(*i), "the a total number of as is mean sum all");
    let Some(mark) = (0..at).rev().find(|i| !small(i)) else { return false };
    let sign = ['(', '[', ':', '='].iter().any(|s| said[mark].is(*s));
    sign || is(said.get(mark), "calculated computed measured defined ie meaning")
        || said[mark].is('.') && is(said.get(mark.wrapping_sub(1)), "e")
}

/// The items before a definition, back to what introduces or parts them.
fn phrase(said: &[Token], items: &[Item], from: usize) -> std::ops::Range<usize> {
    let opens = |i: &Item| i.meaning == Meaning::Filler || matches!(i.meaning, Meaning::Mark('=' | '.'));
    let end = (0..from).rev().find(|&i| !opens(&items[i])).map_or(0, |i| i + 1);
    let floor = end.saturating_sub(NAME_MAX);
    let start = (floor..end).rev().take_while(|&i| !parts(said, &items[i])).last().unwrap_or(end);
    start..end
}

/// The first phrase of the sentence.
fn head(said: &[Token], items: &[Item], end: usize) -> std::ops::Range<usize> {
    let from = (0..end).find(|&i| !leads(&items[i])).unwrap_or(end);
    let to = (from..end).find(|&i| parts(said, &items[i])).unwrap_or(end);
    from..to
}

/// What ends the name of a figure: `by`, a comma, `top 10`; `per` may be in one.
fn parts(said: &[Token], item: &Item) -> bool {
    match item.meaning {
        Meaning::Keyword(Keyword::By) => !is(said.get(item.to - 1), "per"),
        Meaning::Keyword(Keyword::Only | Keyword::And | Keyword::Last | Keyword::Between | Keyword::Compared(_))
        | Meaning::Mark(_)
        | Meaning::Number { .. }
        | Meaning::Value(_)
        | Meaning::Values(..) => true,
        _ => leads(item),
    }
}

/// What stands before a name without being a part of it: `top`, `bar chart of`.
fn leads(item: &Item) -> bool {
    matches!(
        item.meaning,
        Meaning::Keyword(Keyword::Rank(_) | Keyword::Chart(_) | Keyword::Compare | Keyword::Trend)
            | Meaning::Number { .. }
    )
}

/// Whether items may be what a figure is called: none of them is a group, and something in them is said.
fn names_figure(data: &Data<'_>, items: &[Item]) -> bool {
    let group = |i: &Item| matches!(&i.meaning, Meaning::Column(_)) && !is_figure(data, i);
    let says = |i: &Item| i.meaning != Meaning::Filler && !matches!(i.meaning, Meaning::Keyword(Keyword::Agg(_)));
    items.iter().any(says) && !items.iter().any(group)
}

fn grouped(data: &Data<'_>, items: &[Item]) -> bool {
    items.iter().all(|i| !is_figure(data, i))
}

/// The items with a name said by nothing but how its figure is made, and the definition moved to its place.
fn in_place(mut items: Vec<Item>, name: std::ops::Range<usize>, moved: Option<(usize, usize)>) -> Vec<Item> {
    for item in &mut items[name.clone()] {
        if !matches!(item.meaning, Meaning::Keyword(Keyword::Agg(_))) {
            item.meaning = Meaning::Filler;
        }
    }
    let Some((from, to)) = moved else { return items };
    // They stand where the name does: what comes later in the sentence comes later in the items.
    let Some(place) = items[name.clone()].last().map(|i| (i.from, i.to)) else { return items };
    let definition: Vec<Item> = items.drain(from..to).map(|i| Item { from: place.0, to: place.1, ..i }).collect();
    items.splice(name.end..name.end, definition);
    items
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql, text};

    #[test]
    fn figures_are_what_they_are_defined_as() {
        let columns = || {
            let figures = ["hits", "atbats", "home_goals", "away_goals"].map(|n| figure(n, 900, 0, 9_000));
            let names = [text("player", 2_000, 0, &["Ann"]), text("team", 20, 0, &["Reds"])];
            names.into_iter().chain(figures).collect::<Vec<_>>()
        };
        let ratio = "SUM(\"hits\") AS DOUBLE) / NULLIF(SUM(\"atbats\")";
        for prompt in [
            "batting average (hits / atbats) by team",
            "success rate: hits divided by atbats by team",
            "slugging quota by team = hits / atbats",
            "top 5 players by hits divided by atbats",
            "hits divided by atbats, top 5 players",
            "share of hits in atbats by team",
            "hits as a share of atbats by team",
        ] {
            let query = sql(prompt, "season", columns());
            assert!(query.contains(ratio) && query.contains("GROUP BY 1"), "{prompt}: {query}");
        }
        for prompt in
            ["goal difference by team (home goals minus away goals)", "margin (home goals - away goals) per team"]
        {
            let query = sql(prompt, "season", columns());
            assert!(query.contains("((\"home_goals\" - \"away_goals\"))") && query.contains("\"team\""), "{query}");
        }
    }
}
