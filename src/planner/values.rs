//! Values named in a sentence: conditions, what a share is of, or, where the word says so, a figure.

use serde_json::Value;

use super::conditions::Piece;
use super::fields::Role;
use super::intent::Ask;
use super::lexicon::Keyword;
use super::likeness::synonymous;
use super::matching::Meaning;
use super::query::{Agg, Op, Predicate};
use super::reading::{Mode, Reader};

impl Reader<'_, '_> {
    pub fn value(&mut self, choices: &[(usize, Value)], at: usize) {
        self.intent.matched += 1;
        let named = |m: Option<&Meaning>| match m {
            Some(Meaning::Column(c)) => choices.iter().find(|(f, _)| c.contains(f)),
            _ => None,
        };
        let known = |f: usize| {
            self.intent.filters.iter().any(|p| p.source.column() == Some(&self.data.fields[f].column.name))
                || self.intent.groups.iter().any(|g| g.field == Some(f))
        };
        let chosen = named(self.following(at))
            .or_else(|| named(self.preceding(at)))
            .or_else(|| choices.iter().find(|(f, _)| known(*f)))
            .or_else(|| {
                let fields = &self.data.fields;
                choices.iter().min_by_key(|(f, _)| (fields[*f].joined, fields[*f].column.distinct))
            });
        let Some((field, value)) = chosen else { return };
        // `share of passengers who died`, of a column of `dead` and `alive`.
        let yes =
            self.data.fields[*field].role == Role::Flag && self.data.fields[*field].truth(true).as_ref() == Some(value);
        if yes && self.sharing && !self.intent.when.is_empty() {
            let field = *field;
            return self.flag(field, at);
        }
        if let Some(figure) = self.meant_as_figure(at) {
            self.figure(figure);
            return;
        }
        // `resignations by province` counts them.
        self.intent.rows |= self.mode == Mode::Subject
            && (self.intent.asks.is_empty() || self.intent.rank.is_some())
            && self.names_many(at, value);
        let op = if self.mode == Mode::Not { Op::NotIn } else { Op::In };
        let source = self.data.fields[*field].source();
        let predicate = Predicate { source, part: None, op, values: vec![value.clone()] };
        // `share of films based on books by year`: what is said of the films is the part.
        if self.intent.share && self.intent.rows && self.intent.when.is_empty() && self.done_to_rows(at) {
            (self.sharing, self.intent.rate) = (true, true);
        }
        // `what percent of churned customers had a contract`: the churned are the whole.
        let of_some = self.intent.rate && self.intent.when.is_empty() && !self.intent.filters.is_empty();
        self.sharing |= self.intent.share && of_some && self.has_verb(at);
        match self.sharing {
            true => self.intent.add_when(predicate),
            false => self.intent.add_filters(vec![predicate]),
        }
    }

    /// Whether a participle stands between the rows and a value: `films based on books`, `strikes caused by birds`.
    fn done_to_rows(&self, at: usize) -> bool {
        let Piece::Item(item) = &self.pieces[at] else { return false };
        if super::supposed::is_participle(&self.tokens[item.from]) {
            return true;
        }
        let joint =
            super::words::is(item.from.checked_sub(1).and_then(|i| self.tokens.get(i)), "on by with in from as");
        let verb = item.from.checked_sub(if joint { 2 } else { 1 }).and_then(|i| self.tokens.get(i));
        verb.is_some_and(super::supposed::is_participle)
    }

    /// Any of several values of a column.
    pub fn several(&mut self, field: usize, values: &[Value], at: usize) {
        self.intent.matched += 1;
        // `hacking incidents over time` counts them.
        self.intent.rows |= self.mode == Mode::Subject
            && self.intent.asks.is_empty()
            && values.iter().all(|value| self.names_many(at, value));
        self.intent.together.push(field);
        let op = if self.mode == Mode::Not { Op::NotIn } else { Op::In };
        let source = self.data.fields[field].source();
        let predicate = Predicate { source, part: None, op, values: values.to_vec() };
        match self.sharing {
            true => self.intent.add_when(predicate),
            false => self.intent.add_filters(vec![predicate]),
        }
    }

    /// Whether a value is said in the plural that it does not have itself.
    fn names_many(&self, at: usize, value: &Value) -> bool {
        let Piece::Item(item) = &self.pieces[at] else { return false };
        let last = &self.tokens[item.to - 1].lower;
        // `Texas` is one.
        let name = self.tokens[item.to - 1].text.chars().next().is_some_and(char::is_uppercase);
        let own = value.as_str().map(str::to_lowercase).unwrap_or_default();
        last.len() > 3 && last.ends_with('s') && !last.ends_with("ss") && !name && !own.ends_with('s')
    }

    /// `rain per month` asks how much it rained, though there are days of `rain`; `rain days` does not.
    fn meant_as_figure(&self, at: usize) -> Option<usize> {
        let Piece::Item(item) = &self.pieces[at] else { return None };
        let [word] = &self.tokens[item.from..item.to] else { return None };
        let thing = matches!(
            self.following(at),
            Some(Meaning::Rows | Meaning::Value(_) | Meaning::Column(_) | Meaning::Keyword(Keyword::Row))
        );
        let days = matches!(self.following(at), Some(Meaning::Keyword(Keyword::Grain(_))));
        let free = self.mode == Mode::Subject && !self.counting && !self.sharing && self.intent.asks.is_empty();
        let lower = word.text.chars().all(|c| !c.is_uppercase());
        if thing || days || !free || !lower || self.intent.rows {
            return None;
        }
        let fields = self.data.fields.iter();
        fields
            .enumerate()
            .find(|(_, f)| f.role == Role::Sum && f.words.iter().any(|w| synonymous(&word.lower, w)))
            .map(|(i, _)| i)
    }

    /// `are`, `were` after a share: what follows tells the rows it is of.
    pub fn says_that(&self, at: usize) -> bool {
        let Piece::Item(item) = &self.pieces[at] else { return false };
        let before = item.from.checked_sub(1).map_or("", |at| self.tokens[at].lower.as_str());
        match self.tokens[item.from].lower.as_str() {
            "is" | "are" | "was" | "were" => true,
            "from" => matches!(before, "come" | "comes" | "came" | "coming"),
            _ => false,
        }
    }

    /// Whether what follows is the part that a share tells of.
    pub fn part_follows(&mut self, at: usize) {
        let part = self.says_that(at) || (!self.intent.when.is_empty() && self.says_has(at));
        if part && self.value_follows(at) {
            self.whole_known();
        }
        self.sharing = self.intent.share && part;
    }

    /// `have`, `with` after what a share is of: what follows is the part.
    pub fn says_has(&self, at: usize) -> bool {
        let Piece::Item(item) = &self.pieces[at] else { return false };
        matches!(self.tokens[item.from].lower.as_str(), "have" | "has" | "had" | "having" | "with" | "whose")
    }

    /// Whether only small words stand between a verb of having and what stands here: `had a month-to-month contract`.
    fn has_verb(&self, at: usize) -> bool {
        let small = |p: &Piece| matches!(p, Piece::Item(i) if i.meaning == Meaning::Filler);
        let mut before = (0..at).rev().take_while(|&i| small(&self.pieces[i]));
        before.any(|i| self.says_has(i))
    }

    /// `share of women by country` asks for a rate; `share of sales by country` for the parts of a whole.
    pub fn share(&mut self, at: usize) {
        // `Green share`: the column holds shares already.
        let held = |m: Option<&Meaning>| {
            let mean = |f: usize| {
                self.data.fields[f].role == Role::Mean && self.data.fields[f].max().is_some_and(|m| m <= 100.0)
            };
            matches!(m, Some(Meaning::Column(c)) if mean(c[0]))
        };
        let bare =
            matches!(&self.pieces[at], Piece::Item(i) if i.to - i.from == 1 && self.tokens[i.from].lower == "share");
        let of = matches!(&self.pieces[at], Piece::Item(i) if self.tokens.get(i.to).is_some_and(|t| t.lower == "of"));
        if bare && !of && held(self.preceding(at)) || self.part_of(at) {
            return;
        }
        // `win percentage by team`: the rows of that kind among all.
        if matches!(self.preceding(at), Some(Meaning::Value(_) | Meaning::Values(..)))
            && !of
            && let Some(kind) = self.intent.filters.pop()
        {
            self.intent.add_when(kind);
            (self.intent.rate, self.rated) = (true, true);
            self.intent.rows |= self.intent.asks.is_empty();
        }
        self.intent.share = true;
        // `each region's share of the revenue`: what follows is the figure.
        if self.mode == Mode::By && !self.intent.groups.is_empty() {
            self.mode = Mode::Subject;
        }
        // `share of items over 500 calories`, `percentage of schools that are private`, of which each row is one.
        if let Some(Meaning::Column(c)) = self.following(at)
            && self.data.names_each(c[0])
            && self.bound_later(at)
        {
            self.taken = c.first().copied();
            self.intent.rows = true;
        }
        self.intent.rate |= match self.following(at) {
            Some(Meaning::Value(_)) => {
                self.sharing = true;
                true
            }
            Some(Meaning::Column(c)) => c.iter().any(|&i| self.data.fields[i].role == Role::Flag),
            _ => false,
        };
    }

    /// Whether a condition follows that tells some of what is named from the rest.
    fn bound_later(&self, at: usize) -> bool {
        let limits = |p: &Piece| match p {
            Piece::Item(i) => matches!(
                i.meaning,
                Meaning::Keyword(Keyword::Compared(_) | Keyword::Between) | Meaning::Value(_) | Meaning::Values(..)
            ),
            Piece::Limits { .. } | Piece::Condition(_) => true,
            _ => false,
        };
        self.pieces[at + 1..].iter().any(limits)
    }

    /// `tip as a percentage of the bill`: one figure divided by another.
    fn part_of(&mut self, at: usize) -> bool {
        let Piece::Item(item) = &self.pieces[at] else { return false };
        let of = self.tokens[item.from..item.to].iter().any(|t| t.lower == "of");
        let figure = |i: &usize| matches!(self.data.fields[*i].role, Role::Sum | Role::Mean);
        let whole = match self.following(at) {
            Some(Meaning::Column(c)) => c.iter().copied().find(figure),
            _ => None,
        };
        let part = self.intent.asks.last().and_then(|a| a.field).filter(figure);
        let (Some(whole), Some(part), true) = (whole, part, of) else { return false };
        if whole == part {
            return false;
        }
        self.intent.asks.pop();
        self.intent.asks.push(Ask { agg: Some(Agg::Sum), field: Some(part), over: Some(whole) });
        // What it is a part of is no figure of its own.
        self.taken = Some(whole);
        true
    }

    /// `percentage of women that have blue eyes`: the women are the whole, and what follows is the part.
    pub fn whole_known(&mut self) {
        if self.intent.share && !self.intent.when.is_empty() && !self.rated {
            let whole = std::mem::take(&mut self.intent.when);
            self.intent.add_filters(whole);
            self.sharing = true;
        }
    }

    /// `return rate`, which was read with its column; `murder rate`: the column is one already.
    pub fn rated(&mut self, at: usize) {
        let mean =
            |m: Option<&Meaning>| matches!(m, Some(Meaning::Column(c)) if self.data.fields[c[0]].role == Role::Mean);
        if self.intent.rate || mean(self.preceding(at)) {
            return;
        }
        // `positive rate`: of those that are.
        if self.per_head(at) {
            return;
        }
        let valued = matches!(self.preceding(at), Some(Meaning::Value(_) | Meaning::Values(..)));
        if !valued || self.intent.filters.is_empty() {
            return self.unmatched(at);
        }
        self.intent.share = true;
        self.intent.rate = true;
        self.intent.rows |= self.intent.asks.is_empty();
        // `positive rate of people under 18`: what else is said tells of whom.
        let of_it = self.intent.filters.pop();
        of_it.into_iter().for_each(|p| self.intent.add_when(p));
        self.rated = true;
    }

    /// `murder rate`, `rate of deaths per inhabitant`: how many there were for each of the population.
    fn per_head(&mut self, at: usize) -> bool {
        let people = |f: &super::fields::Field<'_>| {
            f.is_measure()
                && matches!(f.words.as_slice(), [one] if one.lower == "population" || one.lower == "inhabitants")
        };
        let Some(people) = self.data.fields.iter().position(people) else { return false };
        let figure = |m: Option<&Meaning>| match m {
            Some(Meaning::Column(c)) => c.iter().copied().find(|&f| self.data.fields[f].role == Role::Sum),
            Some(Meaning::Rows) => self.data.counter(),
            _ => None,
        };
        // What is divided is said after it: `rate of deaths per inhabitant`.
        if figure(self.following(at)).is_some_and(|f| f != people) && self.says_of(at) {
            return true;
        }
        let Some(counted) = figure(self.preceding(at)).filter(|f| *f != people) else { return false };
        self.intent.asks.retain(|a| a.field != Some(counted));
        self.intent.rows &= !self.intent.asks.is_empty();
        self.intent.add_ask(Ask { agg: Some(Agg::Sum), field: Some(counted), over: Some(people) });
        true
    }

    fn says_of(&self, at: usize) -> bool {
        matches!(&self.pieces[at], Piece::Item(i) if super::words::is(self.tokens.get(i.to), "of"))
            && self.tokens.iter().any(|t| t.lower == "per")
    }

    /// Whether a value comes next, so that a verb before it tells the part of a share.
    pub fn value_follows(&self, at: usize) -> bool {
        matches!(self.following(at), Some(Meaning::Value(_)))
    }
}
