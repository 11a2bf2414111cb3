//! What is told beside each row of a list: `the 10 tallest athletes with their sport`, `films of 2010 and their directors`.

use vizroom_protocol::dashboard::{CardKind, Grain};

use super::fields::{Data, Part, Role};
use super::intent::{Ask, Group, Intent};
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::words::{Token, is};

/// The columns that end a sentence and are told of each row.
pub struct Details {
    /// The first item that belongs to them.
    pub from: usize,
    columns: Vec<usize>,
    /// `their`: what stands before has them, whatever it is.
    theirs: bool,
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
    (!columns.is_empty()).then_some(Details { from, columns, theirs })
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
    if !bare || !plain.is_empty() || !(ranked || intent.rows) {
        return None;
    }
    let things = match intent.groups.as_slice() {
        [] => intent.rows,
        [Group { field: Some(f), grain: None }] => intent.rows && data.names_each(*f) && !intent.by,
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
        let groups = list("top 5 clubs by total salary with their average height");
        assert!(groups.contains("GROUP BY 1"), "{groups}");
    }
}
