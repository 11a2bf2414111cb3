//! The two ends of each group: the figure of its best, and the dates of its first and its last.

use vizroom_protocol::dashboard::{CardKind, Grain};

use super::conditions::Piece;
use super::fields::{Data, Part, Role};
use super::intent::{Ask, Group};
use super::lexicon::{Keyword, Rank};
use super::matching::Meaning;
use super::query::Agg;
use super::reading::Reader;
use super::words::{Token, is};

const FIRST: &str = "first earliest oldest 1st";
const LAST: &str = "last latest newest final";

impl Reader<'_, '_> {
    /// `the heaviest animal of each diet`, `coldest night of every decade`: how much that is. `The top product in each
    /// region` is a ranking in every group, which is not one of all.
    pub fn best_of_each(&mut self) {
        let of_each = |p: &Piece| match p {
            Piece::Item(item) => is(self.tokens.get(item.to - 1), "each every"),
            _ => false,
        };
        let Some(at) = self.pieces.iter().position(of_each) else { return };
        let Some(rank) = self.intent.rank.filter(|_| self.intent.first_of_each.is_none()) else { return };
        let figure = match self.intent.asks.as_slice() {
            [Ask { agg: None, field: Some(field), over: None }] => Some(*field),
            _ => None,
        };
        let several = self.intent.groups.len() > 1 || self.intent.rows;
        let bad = figure.is_some_and(|f| self.data.fields[f].words.iter().any(|w| super::vocabulary::is_bad(&w.stem)));
        // What several rows add up to is no single one's.
        let adds = |f: usize| self.data.fields[f].role == Role::Sum;
        let named = |g: &Group| g.field.is_some_and(|f| self.data.names_each(f));
        let single = self.intent.rows || self.intent.groups.iter().any(named);
        let most = match rank {
            Rank::Most => Some(true),
            Rank::Least => Some(false),
            Rank::Best => Some(!bad),
            Rank::Worst => Some(bad),
            Rank::Top | Rank::Bottom => None,
        };
        let whole = figure.filter(|f| single || !adds(*f)).filter(|_| self.intent.top.is_none());
        let (Some(_), Some(most)) = (whole, most) else {
            if several {
                self.intent.unknown.push("the first in each".into());
            }
            return;
        };
        // What is named before `each` is what is ranked in each group.
        if self.intent.groups.len() > 1 {
            let named = |f: usize| {
                let is = |p: &Piece| matches!(p, Piece::Item(i) if matches!(&i.meaning, Meaning::Column(c) if c.contains(&f)));
                self.pieces[..at].iter().any(is) && !self.pieces[at..].iter().any(is)
            };
            self.intent.groups.retain(|g| !g.field.is_some_and(named));
        }
        if self.intent.groups.is_empty() {
            return;
        }
        self.intent.asks[0].agg = Some(if most { Agg::Max } else { Agg::Min });
        (self.intent.rank, self.intent.rows, self.intent.noun_grain) = (None, false, None);
    }

    /// `first and last air date for every season`, `latest order per customer`: the dates that each begins and ends with.
    pub fn first_and_last(&mut self) {
        let time = |g: &Group| g.field.is_some_and(|f| self.data.fields[f].role == Role::Time);
        let kinds: Vec<Group> = self.intent.groups.iter().copied().filter(|g| !time(g)).collect();
        let [Group { field: Some(_), grain: None }] = kinds.as_slice() else { return };
        let rows = |a: &Ask| a.field.is_none() || a.field.is_some_and(|f| self.data.fields[f].role == Role::Time);
        let plain = self.intent.asks.iter().all(rows) && self.intent.rank.is_none() && self.intent.chart.is_none();
        if !plain || self.intent.course.is_some() {
            return;
        }
        let mut ends: Vec<(Agg, usize)> = (0..self.pieces.len()).filter_map(|at| self.end_of_dates(at)).collect();
        let Some((_, date)) = ends.first().copied() else { return };
        // `first and last` is told of both, though the sentence is cut between them.
        let both = |w: &[Token]| is(Some(&w[0]), FIRST) && is(Some(&w[1]), "and or") && is(Some(&w[w.len() - 1]), LAST);
        if self.tokens.windows(3).any(both) || self.tokens.windows(4).any(both) {
            ends = vec![(Agg::Min, date), (Agg::Max, date)];
        }
        self.intent.groups = kinds;
        self.intent.asks = Vec::new();
        for agg in [Agg::Min, Agg::Max] {
            if ends.iter().any(|(said, _)| *said == agg) {
                self.intent.asks.push(Ask { agg: Some(agg), field: Some(date), over: None });
            }
        }
        self.intent.chart = Some(CardKind::Table);
        (self.intent.rows, self.intent.noun_grain) = (false, None);
    }

    /// Which end of the dates of what follows is said at `at`, and of which dates.
    fn end_of_dates(&self, at: usize) -> Option<(Agg, usize)> {
        let token = |p: &Piece| match p {
            Piece::Item(item) => self.tokens.get(item.from),
            _ => None,
        };
        let end = |p: &Piece| match () {
            () if is(token(p), FIRST) => Some(Agg::Min),
            () if is(token(p), LAST) => Some(Agg::Max),
            () => None,
        };
        let agg = end(&self.pieces[at])?;
        let small = |p: &&Piece| {
            let joint =
                matches!(p, Piece::Item(i) if matches!(i.meaning, Meaning::Filler | Meaning::Keyword(Keyword::And)));
            end(p).is_none() && !joint
        };
        let Some(Piece::Item(next)) = self.pieces[at + 1..].iter().find(small) else { return None };
        match &next.meaning {
            Meaning::Rows => date_of(self.data).map(|field| (agg, field)),
            Meaning::Column(c) => {
                let time = |f: &&usize| self.data.fields[**f].role == Role::Time;
                c.iter().find(time).map(|&field| (agg, field))
            }
            Meaning::Keyword(Keyword::Trend | Keyword::Grain(Grain::Day))
                if is(self.tokens.get(next.from), "date dates") =>
            {
                date_of(self.data).map(|field| (agg, field))
            }
            _ => None,
        }
    }
}

/// The column of the dataset's dates.
fn date_of(data: &Data<'_>) -> Option<usize> {
    data.date().and_then(|d| data.index(d.column()?)).or_else(|| data.part(Part::Year))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vizroom_protocol::file::{Column, ColumnType};

    use crate::samples::{figure, sql, text};

    #[test]
    fn each_group_has_two_ends() {
        let columns = || {
            let (min, max) = (Some(json!("1990-01-01")), Some(json!("2017-02-20")));
            let date = Column { kind: ColumnType::Date, min, max, ..text("visit_date", 5_200, 0, &[]) };
            let weight = Column { mean: Some(12.0), ..figure("weight", 60, 2, 36) };
            vec![date, text("ward", 9, 0, &["A", "B"]), text("doctor", 90, 0, &["Kim"]), weight]
        };
        for (prompt, wanted) in [
            ("first and last visit in each ward", "MIN(\"visit_date\")"),
            ("latest visit per doctor", "MAX(\"visit_date\")"),
            ("first and last visit date by ward", "MAX(\"visit_date\")"),
            ("highest weight of every decade", "MAX(\"weight\")"),
            ("lowest weight in each ward", "MIN(\"weight\")"),
        ] {
            let sql = sql(prompt, "visits", columns());
            assert!(sql.contains(wanted) && sql.contains("GROUP BY 1"), "{prompt}: {sql}");
        }
    }
}
