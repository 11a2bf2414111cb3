//! Cards of their own that a refinement asks for by what is different in them: `humidity as well, in a chart of its own`,
//! `add a chart by hour`, `plus one with the cases per precinct`.

use vizroom_protocol::dashboard::Clarification;

use super::commands::read;
use super::fields::Data;
use super::intent::Intent;
use super::lexicon;
use super::query::{Op, Predicate};
use super::refining::Work;
use super::targets::Target;
use super::words::{Token, is};

const CARD: &str = "chart graph plot panel diagram";
const OWN: &str = "second another new separate own additional extra different third";

/// What is said of a card of its own; nothing where the sentence asks for none.
fn own_card(said: &[Token]) -> Option<Vec<Token>> {
    let placed = placed(said);
    let begun = begun(placed.as_deref().unwrap_or(said));
    begun.or(placed)
}

/// `… in a chart of its own`, `… as a second chart`
fn placed(said: &[Token]) -> Option<Vec<Token>> {
    let word = |i: usize, list: &str| is(said.get(i), list);
    for at in 1..said.len() {
        if !word(at, "in as on with into for") {
            continue;
        }
        let first = at + 1 + usize::from(word(at + 1, "a an its their the"));
        let noun = (first..said.len().min(first + 3)).find(|&i| !word(i, OWN)).unwrap_or(said.len());
        // `as a new one`
        let card = word(noun, CARD) || word(noun, "one") && noun > first;
        let own = word(noun + 1, "of") && word(noun + 2, "its their") && word(noun + 3, "own");
        if card && (noun > first || own) {
            let end = if own { noun + 4 } else { noun + 1 };
            let rest = said[..at].iter().chain(said.get(end..)?).cloned().collect();
            return Some(cleared(rest));
        }
    }
    None
}

/// `add a chart by hour`, `also show one for each hour`, `plus one with the cases per precinct`
fn begun(said: &[Token]) -> Option<Vec<Token>> {
    const SMALL: &str = "please and can could you would like i want now then to me us the";
    const MORE: &str = "add plus append include also additionally";
    let word = |i: usize, list: &str| is(said.get(i), list);
    let article = (0..said.len().min(8)).find(|&i| word(i, "a an one another"))?;
    let lead = &said[..article];
    let verb = |t: &Token| is(Some(t), "show give make draw create put plot see have need");
    let more = lead.iter().any(|t| is(Some(t), MORE)) || word(article, "another") || word(0, "and");
    let only = lead.iter().all(|t| is(Some(t), SMALL) || is(Some(t), MORE) || verb(t) || t.is(','));
    let noun = (article..said.len().min(article + 4)).find(|&i| !word(i, "a an one another more") && !word(i, OWN))?;
    let one = !word(noun, CARD);
    // `add one for arabica`
    if one && !word(noun - 1, "one another more second new") {
        return None;
    }
    let from = if one { noun } else { noun + 1 };
    let joint = word(from, "by per for with of showing where that which broken split over along");
    let from = match () {
        () if word(from, "for") && word(from + 1, "each every") => from + 1,
        () if word(from, "for with of showing where") => from + 1,
        () if word(from, "that which") && word(from + 1, "shows show has") => from + 2,
        () => from,
    };
    let mut rest: Vec<Token> = said.get(from..)?.to_vec();
    if word(from, "each every")
        && let (Some(first), Some(by)) = (rest.first_mut(), super::words::tokens("per").into_iter().next())
    {
        *first = by;
    }
    (more && only && joint && !rest.is_empty()).then(|| cleared(rest))
}

/// Without the words that say that it is new.
fn cleared(rest: Vec<Token>) -> Vec<Token> {
    const SAYS: &str = "also too add plus append include additionally please and put show give me draw";
    let begin = rest.iter().position(|t| !is(Some(t), SAYS) && !t.is(',')).unwrap_or(0);
    let end = rest.iter().rposition(|t| !is(Some(t), "as well too also please") && !t.is(',') && !t.is('.'));
    rest[begin..end.map_or(rest.len(), |e| e + 1).max(begin)].to_vec()
}

/// `men and women together`: no longer told apart.
pub fn together(data: &Data<'_>, patch: &mut Intent, base: &mut Intent) -> bool {
    let of = |p: &Predicate| (p.op == Op::In && p.values.len() > 1).then(|| data.index(p.source.column()?)).flatten();
    let Some(field) = patch.filters.iter().find_map(of) else { return false };
    let told = base.groups.len();
    base.groups.retain(|g| g.field != Some(field));
    if base.groups.is_empty() || base.groups.len() == told {
        return false;
    }
    patch.filters.retain(|p| of(p) != Some(field));
    patch.groups.retain(|g| g.field != Some(field));
    base.filters.retain(|p| of(p) != Some(field));
    true
}

impl Work<'_> {
    /// Adds a card like the one that is meant, but for what is said of it; a whole question is one by itself.
    pub(super) fn adds_own(&mut self, said: &[Token], target: &Target) -> Result<bool, Clarification> {
        let (Some(kept), Some(only)) = (own_card(said), self.only()) else { return Ok(false) };
        let index = if let Target::Card(index) = target { *index } else { only };
        let goal = self.goal(index);
        let Some(data) = self.data(&goal) else { return Ok(false) };
        let patch = read(data, &kept);
        let drawn = patch.distribution || patch.correlation || patch.rank.is_some() || patch.overview;
        let figure = !patch.asks.is_empty() || patch.rows;
        let grouped = !patch.groups.is_empty() || patch.noun_grain.is_some();
        if !patch.unknown.is_empty() || patch.is_empty() || drawn {
            return Ok(false);
        }
        if figure && grouped {
            return self.adds(said, &kept);
        }
        let kinds = |t: &Token| matches!(lexicon::keyword(&t.lower, &t.stem), Some(lexicon::Keyword::Chart(_)));
        if !figure && !grouped && (patch.only_manner() || kept.iter().all(kinds)) {
            return Ok(false);
        }
        let added = self.like(data, &goal, &patch)?;
        self.changes.push(added);
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vizroom_protocol::file::{Column, ColumnType, Dataset};

    use crate::samples::{figure, text};
    use crate::{Change, Placed, plan, refine};

    /// The kind of change a sentence makes to the card of a prompt, and its query.
    fn refined(prompt: &str, said: &str) -> (&'static str, String) {
        let days = (Some(json!("2010-01-01")), Some(json!("2017-12-31")));
        let date = Column { kind: ColumnType::Date, min: days.0, max: days.1, ..text("date", 2_900, 0, &[]) };
        let shops = text("shop", 3, 0, &["Ulm", "Bonn", "Other"]);
        let kinds = text("sex", 2, 0, &["male", "female"]);
        let columns = vec![date, shops, kinds, figure("sales", 900, 0, 4_000), figure("humidity", 90, 0, 100)];
        let data = [Dataset { name: "visits".into(), rows: 4_000, columns }];
        let goals = plan(prompt, &data, None).goals;
        let cards: Vec<Placed<'_>> = goals.iter().map(|goal| Placed { key: "chart_1", goal }).collect();
        let refined = refine(said, None, &cards, &data);
        match refined.changes.as_slice() {
            [Change::Add { goal, .. }] => ("add", goal.query.sql()),
            [Change::Replace { goal, .. }] => ("replace", goal.query.sql()),
            [Change::Remove { .. }] => ("remove", String::new()),
            other => panic!("{said}: {other:?} {:?}", refined.clarification),
        }
    }

    #[test]
    fn cards_of_their_own_are_like_the_one_there_is() {
        for (said, wanted) in [
            ("humidity as well, in a chart of its own", "AVG(\"humidity\")"),
            ("and the humidity in another chart", "AVG(\"humidity\")"),
            ("add a chart by shop", "\"shop\""),
            ("also show one for each shop", "\"shop\""),
            ("plus one with the visits per shop", "COUNT(*)"),
            ("and another one by weekday", "'dow'"),
        ] {
            let (change, sql) = refined("average sales per month", said);
            assert!(change == "add" && sql.contains(wanted), "{said}: {change} {sql}");
        }
        assert_eq!(refined("average sales per month", "add the humidity").0, "replace");
    }

    #[test]
    fn what_is_not_wanted_goes() {
        for (said, change, wanted) in [
            ("take Ulm away", "replace", "<> 'Ulm'"),
            ("no Ulm please", "replace", "<> 'Ulm'"),
            ("we don't need Bonn any more", "replace", "<> 'Bonn'"),
            ("can you remove Other", "replace", "<> 'Other'"),
            ("this one can go", "remove", ""),
            ("get rid of this chart", "remove", ""),
            ("can I get that as a table", "replace", "\"shop\""),
            ("limit it to the years 2012-2015", "replace", "< DATE '2016-01-01'"),
        ] {
            let (done, sql) = refined("average sales by shop", said);
            assert!(done == change && sql.contains(wanted), "{said}: {done} {sql}");
        }
        let (_, sql) = refined("average sales by shop and sex", "males and females together");
        assert!(!sql.contains("\"sex\""), "{sql}");
        let (_, sql) = refined("sales per year", "drop 2012 and 2015");
        assert!(sql.contains("NOT IN") || sql.contains("<>"), "{sql}");
    }
}
