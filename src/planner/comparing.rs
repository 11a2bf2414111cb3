//! Conditions, periods that are compared, and limits, as a segment is read.

use serde_json::Value;
use vizroom_protocol::dashboard::Grain;

use super::conditions::Piece;
use super::intent::{Group, Intent};
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::period;
use super::query::{Agg, Course, Having, Op, Predicate};
use super::reading::{Mode, Reader};

/// Whether the first period begins after the second.
pub fn is_later(a: &[Predicate], b: &[Predicate]) -> bool {
    let start =
        |p: &[Predicate]| p.first().and_then(|p| p.values.first()).map(|v| (v.as_i64(), v.as_str().map(str::to_owned)));
    start(a) > start(b)
}

/// Whether no moment is in both periods: `in the morning and in the evening` speaks of two.
fn are_apart(a: &[Predicate], b: &[Predicate]) -> bool {
    let ([from_a, to_a], [from_b, to_b]) = (a, b) else { return false };
    let span = |from: &Predicate, to: &Predicate| from.op == Op::Gte && matches!(to.op, Op::Lt | Op::Lte);
    let same = [to_a, from_b, to_b].iter().all(|p| p.source == from_a.source && p.part == from_a.part);
    let begins = |p: &Predicate| p.values.first().map(|v| (v.as_i64(), v.as_str().map(str::to_owned)));
    let ends_before = |to: &Predicate, from: &Predicate| match to.op {
        Op::Lt => begins(to) <= begins(from),
        _ => begins(to) < begins(from),
    };
    span(from_a, to_a) && span(from_b, to_b) && same && (ends_before(to_a, from_b) || ends_before(to_b, from_a))
}

/// Two spans of which no moment is in both are compared: nothing would be left of what is in both.
pub fn apart(intent: &mut Intent) {
    let filters = &intent.filters;
    let span = |at: usize| filters.get(at..at + 2);
    let pairs = (0..filters.len()).flat_map(|i| (i + 2..filters.len()).map(move |j| (i, j)));
    let mut found = pairs.filter_map(|(i, j)| Some((span(i)?, span(j)?)));
    let Some((a, b)) = found.find(|(a, b)| are_apart(a, b)).filter(|_| intent.periods.is_empty()) else { return };
    let (now, before) = if is_later(a, b) { (a.to_vec(), b.to_vec()) } else { (b.to_vec(), a.to_vec()) };
    intent.filters.retain(|p| !now.contains(p) && !before.contains(p));
    intent.periods = vec![now, before];
}

impl Reader<'_, '_> {
    pub fn condition(&mut self, predicates: &[Predicate]) {
        self.intent.matched += 1;
        let negated = self.mode == Mode::Not;
        // What lies outside of a span is not beyond both of its ends.
        if let Some(outside) = period::outside(predicates).filter(|_| negated) {
            match outside {
                Ok(outside) => self.intent.add_filters(vec![outside]),
                Err(said) => match period::but_an_end(self.data, predicates) {
                    Some(rest) => self.intent.add_filters(vec![rest]),
                    None => self.intent.unknown.push(said),
                },
            }
            return;
        }
        self.intent.add_filters(predicates.iter().map(|p| if negated { p.negated() } else { p.clone() }).collect());
    }

    /// Whether no value of the data stands between `not` and here: `did not come from`, `exclude people with`.
    pub fn denies(&self, at: usize) -> bool {
        let small = |p: &&Piece| matches!(p, Piece::Item(Item { meaning: Meaning::Filler, .. }));
        let before = self.pieces[..at].iter().rev().find(|p| !small(p));
        matches!(before, Some(Piece::Item(Item { meaning: Meaning::Keyword(Keyword::Not) | Meaning::Rows, .. })))
    }

    /// A period, or the second of two that are compared.
    pub fn period(&mut self, predicates: &[Predicate]) {
        match self.period.take().filter(|_| self.against) {
            Some(first) => self.compare(first, predicates.to_vec()),
            None => {
                self.condition(predicates);
                self.period = (self.mode != Mode::Not).then(|| predicates.to_vec());
            }
        }
    }

    pub fn before(&mut self, grain: Option<Grain>) {
        let named = self.period.take();
        // `change of sales compared to the previous year`: from each to the next.
        if self.intent.course == Some(Course::Change) && named.is_none() && grain.is_some() {
            self.against = false;
            return self.intent.add_group(Group { field: None, grain });
        }
        // `births each quarter compared to the quarter before`
        let each = |t: &super::words::Token| super::words::is(Some(t), "each every");
        let of_each = self.tokens.iter().any(each);
        let step =
            |g: &Group| g.field.is_none() && g.grain.is_some() && (g.grain == grain || grain.is_none() && of_each);
        if named.is_none() && self.intent.groups.iter().any(step) {
            (self.against, self.intent.correlation, self.intent.compare) = (false, false, false);
            self.intent.course = Some(Course::Change);
            return;
        }
        let compared = named.is_some() || self.against || self.intent.correlation || self.intent.compare;
        let newest = || period::newest(self.data, grain.unwrap_or(Grain::Month));
        let found = named.or_else(newest).and_then(|now| Some((period::before(self.data, &now, grain)?, now)));
        match found {
            Some((before, now)) if compared => self.compare(now, before),
            Some((before, _)) => self.condition(&before),
            None => self.intent.unknown.push(grain.map_or("period", super::time::grain_name).to_owned()),
        }
    }

    pub fn compare(&mut self, now: Vec<Predicate>, before: Vec<Predicate>) {
        self.intent.matched += 1;
        self.intent.filters.retain(|p| !now.contains(p));
        self.intent.periods = vec![now, before];
        self.intent.correlation = false;
        self.against = false;
    }

    /// Limits of the groups' row counts, or of a figure of rows or groups.
    pub fn limit(&mut self, field: Option<usize>, limits: &[(Op, Value)]) {
        self.intent.matched += 1;
        let not = |op: Op| match op {
            Op::Gt => Op::Lte,
            Op::Gte => Op::Lt,
            Op::Lt => Op::Gte,
            Op::Lte => Op::Gt,
            Op::In => Op::NotIn,
            other => other,
        };
        // `who have not been promoted for 10 years`, of the years since then.
        let since = field.is_some_and(|f| self.data.fields[f].label.split(' ').any(|w| w == "since"));
        let negated = self.mode == Mode::Not && !since;
        let limits = limits.iter().map(|(op, value)| (if negated { not(*op) } else { *op }, value.clone()));
        match field {
            Some(field) if self.data.fields[field].is_measure() => self.limits.push((field, limits.collect())),
            Some(field) => {
                // A table whose rows are these things tells more of them.
                self.intent.matched -= u32::from(!self.data.names_each(field));
                let of = || Some(super::tallies::counted(self.data, field));
                self.intent.having.extend(limits.map(|(op, value)| Having { op, value, of: of() }));
            }
            None => {
                let rows = || Some(super::query::Measure::new(Agg::Count, None, ""));
                self.intent.having.extend(limits.map(|(op, value)| Having { op, value, of: rows() }));
            }
        }
    }

    /// `by weekend`: weekends against all other days, where days of the week are known.
    pub fn parts_of_week(&mut self, at: usize) {
        match self.data.time_group(Grain::DayOfWeek) {
            Some(_) => self.intent.add_group(Group { field: None, grain: Some(Grain::DayOfWeek) }),
            None => match self.data.named_step(Grain::DayOfWeek) {
                Some(field) => self.intent.add_group(Group { field: Some(field), grain: None }),
                None => return self.unmatched(at),
            },
        }
        self.intent.weekends = true;
        self.intent.matched += 1;
        self.intent.by = true;
    }

    /// `12 month moving average`
    pub fn tells_steps(&self, at: usize) -> bool {
        self.pieces[at + 1..].iter().take(4).any(|p| {
            matches!(p, Piece::Item(Item { meaning: Meaning::Keyword(Keyword::Course(Course::Moving { .. }, _)), .. }))
        })
    }

    /// `2016 vs 2015`, `compare 2016 with 2015`: the period that follows is the second of two.
    pub fn compares_with(&self, keyword: Keyword, at: usize) -> bool {
        let joint = match keyword {
            Keyword::Versus | Keyword::Than => true,
            Keyword::Only | Keyword::And => self.intent.compare && self.period.is_some(),
            _ => false,
        };
        joint && self.period_follows(at)
    }

    /// Whether a period comes next, past small words.
    pub fn period_follows(&self, at: usize) -> bool {
        let small = |p: &&Piece| {
            matches!(p, Piece::Item(Item { meaning: Meaning::Filler | Meaning::Keyword(Keyword::Only), .. }))
        };
        let next = self.pieces[at + 1..].iter().find(|p| !small(p));
        matches!(next, Some(Piece::Period(_) | Piece::Before(_)))
    }

    pub fn course(&mut self, course: Course, grain: Option<Grain>) {
        let grain = grain.or(self.intent.noun_grain.take().filter(|_| self.steps.is_some()));
        let steps = self.steps.take();
        self.intent.course = Some(match course {
            Course::Moving { steps: usual, .. } => {
                Course::Moving { steps: steps.unwrap_or(usual), grain: grain.unwrap_or(Grain::Month) }
            }
            other => other,
        });
        if grain.is_some() {
            self.intent.add_group(Group { field: None, grain });
        }
    }
}
