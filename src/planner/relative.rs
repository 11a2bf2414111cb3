//! Periods that are named from the data's newest one: `this year`, `last month`, `the week before`.

use vizroom_protocol::dashboard::Grain;

use super::conditions::{Piece, keyword};
use super::fields::Data;
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::period;
use super::query::Op;
use super::words::Token;

/// Most small words between those of one period: `the month right before`.
const SMALL_MAX: usize = 3;

/// The period that begins at `at`, and how many items tell it.
pub fn relative(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<(Piece, usize)> {
    let said = Said { tokens, items };
    if said.is(at, "from starting beginning") && said.begins_a_date(at + 1) {
        let onward = |i: &usize| said.is(*i, "on onward onwards forward upward upwards");
        let end = (at + 2..=at + 3).find(onward);
        let since = end.and_then(|end| Some((super::conditions::compared(data, Op::Gte, items.get(at..)?)?.0, end)));
        if let Some((since, end)) = since {
            return Some((Piece::Period(since), end + 1 - at));
        }
    }
    if let Some(found) = said.before(at) {
        return Some(found);
    }
    // `1990 onwards`
    if said.begins_a_date(at) && said.is(at + 1, "onward onwards forward upwards") {
        let mut shifted = vec![items[at].clone()];
        shifted.extend_from_slice(&items[at..]);
        return super::conditions::compared(data, Op::Gte, &shifted).map(|(since, _)| (Piece::Period(since), 2));
    }
    // `2018 and later`
    let later = said.is(at + 1, "and or") && said.is(at + 2, "later after newer onwards onward up above since");
    if later && said.begins_a_date(at) {
        let mut shifted = vec![items[at].clone()];
        shifted.extend_from_slice(&items[at..]);
        return super::conditions::compared(data, Op::Gte, &shifted).map(|(since, _)| (Piece::Period(since), 3));
    }
    if let Some((grain, back)) = said.fiscal(at) {
        return Some((Piece::Period(super::fiscal::newest(data, grain, (back, 1))?), 2));
    }
    if let Some(found) = said.latest(data, at) {
        return Some(found);
    }
    if let Some(grain) = said.oldest(at) {
        return Some((Piece::Period(period::oldest(data, grain)?), 2));
    }
    let (grain, used) = said.newest(at)?;
    let last = keyword(items.get(at)) == Some(Keyword::Last);
    // `this year against last year`: the last one is then the one before.
    let this = || {
        (0..items.len()).filter(|&i| i != at).any(|i| said.is(i, "this current") && said.grain(i + 1) == Some(grain))
    };
    // `compared with last year`, and no other period
    let against = || {
        let small = |i: &usize| said.is(*i, "with to the");
        let verb = (0..at).rev().find(|i| !small(i));
        verb.is_some_and(|v| said.is(v, "compare compared comparing") || keyword(items.get(v)) == Some(Keyword::Versus))
            && !(0..items.len()).any(|i| i != at && (said.begins_a_date(i) || said.newest(i).is_some()))
    };
    if last && said.is(at, "last previous") && (this() || against()) {
        return Some((Piece::Before(Some(grain)), used));
    }
    Some((Piece::Period(period::newest(data, grain)?), used))
}

struct Said<'s> {
    tokens: &'s [Token],
    items: &'s [Item],
}

impl Said<'_> {
    fn is(&self, at: usize, words: &str) -> bool {
        let Some(item) = self.items.get(at) else { return false };
        words.split(' ').any(|w| w == self.tokens[item.from].lower)
    }

    /// A step of time that is a thing: `month`, not `monthly`.
    fn grain(&self, at: usize) -> Option<Grain> {
        match keyword(self.items.get(at))? {
            Keyword::Grain(grain @ (Grain::Day | Grain::Week | Grain::Month | Grain::Quarter | Grain::Year))
                if !self.tokens[self.items[at].from].lower.ends_with("ly") && !self.is(at, "annual date dates") =>
            {
                Some(grain)
            }
            _ => None,
        }
    }

    /// Past articles and the like.
    fn skip(&self, at: usize) -> usize {
        let small = |i: usize| self.is(i, "the a an that one same right just of in its year's month's");
        (at..at + SMALL_MAX).find(|&i| !small(i)).unwrap_or(at + SMALL_MAX)
    }

    /// `this year`, `the latest month`, `most recent week`, `last month`
    fn newest(&self, at: usize) -> Option<(Grain, usize)> {
        if self.is(at, "most") && self.is(at + 1, "recent") {
            return Some((self.grain(at + 2)?, 3));
        }
        let named = self.is(at, "this current latest newest last");
        named.then(|| Some((self.grain(at + 1)?, 2)))?
    }

    /// `without the first month`, `only in the first year`
    fn oldest(&self, at: usize) -> Option<Grain> {
        let small = |i: &usize| self.is(*i, "the very");
        let before = (0..at).rev().find(|i| !small(i))?;
        let left = keyword(self.items.get(before)) == Some(Keyword::Not) || self.is(before, "in during only just");
        self.grain(at + 1).filter(|_| left && self.is(at, "first earliest oldest"))
    }

    /// `latest price`, `most recent population`: of the newest day there is, or of the newest year.
    fn latest(&self, data: &Data<'_>, at: usize) -> Option<(Piece, usize)> {
        let used = match () {
            () if self.is(at, "latest newest current") => 1,
            () if self.is(at, "most") && self.is(at + 1, "recent") => 2,
            () => return None,
        };
        let figure = match &self.items.get(at + used)?.meaning {
            Meaning::Column(c) => c.iter().any(|&f| data.fields[f].is_measure()),
            _ => false,
        };
        let grain = match data.date() {
            Some(super::query::Source::Parts { day: None, .. }) => Grain::Month,
            Some(_) => Grain::Day,
            None => Grain::Year,
        };
        let newest = period::newest(data, grain).filter(|_| figure)?;
        Some((Piece::Period(newest), used))
    }

    /// `this fiscal year`, `the last fiscal quarter`, and how many steps before the newest it is.
    fn fiscal(&self, at: usize) -> Option<(Grain, i64)> {
        let step = |at: usize| match keyword(self.items.get(at))? {
            Keyword::Grain(grain @ (Grain::FiscalYear | Grain::FiscalQuarter)) => Some(grain),
            _ => None,
        };
        let grain = step(at + 1)?;
        let this = || (0..self.items.len()).any(|i| self.is(i, "this current") && step(i + 1) == Some(grain));
        if self.is(at, "previous prior preceding") {
            return Some((grain, 1));
        }
        // `this fiscal year against the last`
        if self.is(at, "last past") {
            return Some((grain, i64::from(this())));
        }
        self.is(at, "this current latest newest").then_some((grain, 0))
    }

    /// `the previous month`, `the month before`, `a year earlier`, `the same month a year earlier`, `the one before`
    fn before(&self, start: usize) -> Option<(Piece, usize)> {
        let at = self.skip(start);
        let done = |grain: Option<Grain>, end: usize| Some((Piece::Before(grain), end - start));
        if self.is(at, "previous prior preceding") {
            let end = at + 1;
            let number = |i: usize| matches!(self.items.get(i).map(|i| &i.meaning), Some(Meaning::Number { .. }));
            // `vs the previous 14 days`
            if number(end) && self.grain(end + 1).is_some() && (0..start).any(number) {
                return done(None, end + 2);
            }
            return match self.grain(end) {
                Some(grain) => done(Some(grain), end + 1),
                None if self.is(end, "period one") => done(None, end + 1),
                None => None,
            };
        }
        if at > start && self.is(at, "before") && self.is(at - 1, "one") {
            return done(None, at + 1);
        }
        // `the 14 days before`: as long as the period that was named.
        let number = |i: usize| matches!(self.items.get(i).map(|i| &i.meaning), Some(Meaning::Number { .. }));
        let counted = number(at) && self.grain(at + 1).is_some();
        if counted && self.is(at + 2, "before earlier prior") && !self.begins_a_date(at + 3) {
            return done(None, at + 3);
        }
        let grain = self.grain(at)?;
        if self.is(at + 1, "before earlier ago prior") && !self.begins_a_date(at + 2) {
            return done(Some(grain), at + 2);
        }
        // `the same month of the year before`
        let same = (start..at).any(|i| self.is(i, "same"));
        let rest = self.skip(at + 1);
        let other = self.grain(rest).filter(|_| same && self.is(rest + 1, "before earlier ago prior"));
        if let Some(grain) = other {
            return done(Some(grain), rest + 2);
        }
        let last = same && self.is(rest, "last previous");
        self.grain(rest + 1).filter(|_| last).and_then(|grain| done(Some(grain), rest + 2))
    }

    /// `before 2014` compares with a date instead.
    fn begins_a_date(&self, at: usize) -> bool {
        matches!(
            self.items.get(at).map(|i| &i.meaning),
            Some(Meaning::Number { .. } | Meaning::Day(_) | Meaning::Month(_) | Meaning::Quarter(_))
        )
    }
}
