//! What is told beside each row of a list: `the 10 tallest athletes with their sport`, `films of 2010 and their directors`.

use vizroom_protocol::dashboard::{CardKind, Grain};

use super::conditions::Piece;
use super::fields::{Data, Part, Role};
use super::intent::{Ask, Group, Intent};
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::query::{Op, Predicate};
use super::words::{Token, is};

/// The columns that end a sentence and are told of each row.
pub struct Details {
    /// The first item that belongs to them.
    pub from: usize,
    columns: Vec<usize>,
    /// `their`: what stands before has them, whatever it is.
    theirs: bool,
    /// The sentence asks for a list.
    asked: bool,
}

/// The list of columns at the end, if there is one: `with name and age`, `and their prices`.
pub fn clause(data: &Data<'_>, said: &[Token], items: &[Item]) -> Option<Details> {
    let word = |at: usize| items.get(at).and_then(|i| said.get(i.from));
    let begins = |at: &usize| {
        let possessive = is(word(at + 1), "their its his her");
        is(word(*at), "with including plus showing alongside") || is(word(*at), "and") && possessive
    };
    let from = (1..items.len()).rev().find(begins)?;
    let theirs = is(word(from + 1), "their its his her");
    let mut columns = Vec::new();
    for item in &items[from + 1..] {
        match &item.meaning {
            Meaning::Column(found) => {
                let field = &data.fields[found[0]];
                // `houses with a garden` says which houses.
                if field.role == Role::Flag && !theirs {
                    return None;
                }
                columns.push(found[0]);
            }
            Meaning::Keyword(Keyword::Grain(Grain::Year)) => columns.push(year(data)?),
            Meaning::Keyword(Keyword::And) | Meaning::Mark(',' | '.' | '?' | '!') => {}
            Meaning::Filler if !is(said.get(item.from), "a an no") => {}
            _ => return None,
        }
    }
    columns.dedup();
    (!columns.is_empty()).then_some(Details { from, columns, theirs, asked: asks_for_list(said).is_some() })
}

/// Where a list is asked for by its first word: `show me the gases`, `which products are discontinued`.
pub fn asks_for_list(said: &[Token]) -> Option<usize> {
    let first = said.iter().position(|t| !is(Some(t), "please can could you i want to would like"))?;
    is(said.get(first), "all which show find display see get give").then_some(first)
}

/// Whether the sentence names rows of one kind and nothing more: `volcanoes in Iceland`. `films of 2010` may be counted as
/// well, and several kinds are compared.
pub fn is_of_kind(data: &Data<'_>, said: &[Token], pieces: &[Piece], filters: &[Predicate]) -> bool {
    let rows = |p: &Piece| matches!(p, Piece::Item(i) if i.meaning == Meaning::Rows);
    let apart =
        |t: &Token| t.is(',') || t.is(';') || is(Some(t), "and or vs versus against between split many number count");
    let one = |p: &Predicate| p.values.len() <= 1;
    let kind = |p: &Predicate| matches!(p.op, Op::In | Op::NotIn) && !super::period::is_timed(data, p);
    filters.iter().all(one) && filters.iter().any(kind) && pieces.iter().any(rows) && !said.iter().any(apart)
}

/// The years that rows are of, or else their dates.
fn year(data: &Data<'_>) -> Option<usize> {
    let date = || data.date().and_then(|s| data.index(s.column()?));
    data.part(Part::Year).or_else(date)
}

/// Adds the columns to the rows that are listed; gives nothing back where none are.
pub fn told(data: &Data<'_>, mut intent: Intent, details: &Details) -> Option<Intent> {
    let bare = intent.asks.iter().all(|a| a.agg.is_none() && a.over.is_none() && a.field.is_some());
    let chart = intent.chart.filter(|c| *c != CardKind::Table);
    let plain = Intent { chart, by: false, ..intent.besides_rows() };
    let measured = |f: &usize| data.fields[*f].is_measure() && !data.fields[*f].holds_years();
    let ranked = intent.rank.is_some() && !intent.asks.is_empty();
    // `show me the noble gases with their boiling point`: the kind stands for its rows.
    let rows = intent.rows || details.asked && !intent.filters.is_empty();
    if !bare || !plain.is_empty() || !(ranked || rows) {
        return None;
    }
    let things = match intent.groups.as_slice() {
        [] => rows,
        [Group { field: Some(f), grain: None }] => rows && data.names_each(*f) && !intent.by,
        _ => false,
    };
    let named = intent.chart.is_some() || ranked || details.theirs || !intent.filters.is_empty();
    if things && named {
        for &column in &details.columns {
            match measured(&column) {
                true => intent.add_ask(Ask { agg: None, field: Some(column), over: None }),
                false => intent.add_group(Group { field: Some(column), grain: None }),
            }
        }
        (intent.chart, intent.rows) = (Some(CardKind::Table), true);
        return Some(intent);
    }
    // `top 5 states by sales with their profit`: a further figure of each.
    let further = ranked && intent.groups.len() == 1 && details.columns.iter().all(measured);
    further.then(|| {
        details.columns.iter().for_each(|&f| intent.add_ask(Ask { agg: None, field: Some(f), over: None }));
        intent
    })
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql, text};

    fn list(prompt: &str) -> String {
        let kinds = [text("name", 2_000, 0, &["Ann", "Bob"]), text("club", 40, 0, &["Ajax", "Real"])];
        let figures = [figure("salary", 900, 1, 9_000), figure("height", 60, 150, 210), figure("year", 30, 1990, 2020)];
        sql(prompt, "players", kinds.into_iter().chain(figures).collect())
    }

    #[test]
    fn what_is_told_of_each_row_stands_beside_it() {
        for prompt in ["10 tallest players with their club and salary", "the 10 tallest players and their club, salary"]
        {
            let query = list(prompt);
            assert!(query.contains("\"club\"") && query.contains("\"salary\""), "{prompt}: {query}");
            assert!(query.contains("ORDER BY \"height\" DESC") && !query.contains("GROUP"), "{prompt}: {query}");
        }
        let dated = list("list the players of Real with year");
        assert!(dated.contains("\"name\"") && dated.contains("\"year\"") && dated.contains("'Real'"), "{dated}");
        for prompt in ["players of Ajax", "show me the players with a salary over 100 and a height over 200"] {
            let named = list(prompt);
            assert!(named.contains("\"name\"") && !named.contains("COUNT"), "{prompt}: {named}");
        }
        let counted = list("how many players of Ajax");
        assert!(counted.contains("COUNT(*)"), "{counted}");
        let groups = list("top 5 clubs by total salary with their average height");
        assert!(groups.contains("GROUP BY 1"), "{groups}");
    }
}
