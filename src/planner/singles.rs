//! How many belong to one of several: `average number of events per patient`, `patients with more than 3 admissions`; and
//! the one that is asked for: `the oldest contestant`.

use super::conditions::Piece;
use super::fields::Role;
use super::intent::{Ask, Group};
use super::lexicon::{Keyword, Rank};
use super::matching::{Item, Meaning};
use super::query::{Agg, Op, Predicate};
use super::reading::Reader;
use super::words::is;

/// Fewest different values for a column to be of things rather than of kinds.
const THINGS_MIN: u64 = 30;

/// Most different numbers that tell kinds apart.
const FEW: u64 = 12;

impl Reader<'_, '_> {
    /// `average number of events per patient`, of whom each has several.
    pub fn counted_each(&mut self) {
        let averaged = self.pieces.windows(2).any(|w| {
            let keyword = |p: &Piece| match p {
                Piece::Item(Item { meaning: Meaning::Keyword(k), .. }) => Some(*k),
                _ => None,
            };
            keyword(&w[0]) == Some(Keyword::Agg(Agg::Avg)) && keyword(&w[1]) == Some(Keyword::Count)
        });
        let counts = self.intent.asks.iter().all(|a| a.agg == Some(Agg::Count) && a.field.is_none());
        let plain = self.intent.rank.is_none() && self.intent.chart.is_none() && !self.intent.distribution;
        let plain = plain && self.intent.each_step.is_none();
        if !(averaged && counts && plain) || self.intent.asks.is_empty() {
            return;
        }
        let named = |g: &Group| g.field.is_some_and(|f| self.is_thing(f));
        let found = self.intent.groups.iter().position(named).map(|at| self.intent.groups.remove(at).field);
        let said = || {
            let per = self.tokens.iter().position(|t| is(Some(t), "per each every"))?;
            let next = self.tokens.get(per + 1).filter(|_| self.intent.groups.is_empty())?;
            super::nouns::key_of(self.data, next).filter(|&f| self.is_thing(f))
        };
        self.intent.each = found.unwrap_or_else(said);
        self.intent.by &= !self.intent.groups.is_empty();
    }

    /// `houses built per year`: years that nobody wants the average of only say which year.
    pub fn years_told(&mut self) {
        let years =
            |a: &Ask| a.agg.is_none() && a.over.is_none() && a.field.is_some_and(|f| self.data.fields[f].holds_years());
        let plain = self.intent.rank.is_none() && !self.intent.correlation && !self.intent.distribution;
        let grouped = !self.intent.groups.is_empty() && self.intent.chart.is_none() && self.intent.periods.is_empty();
        let figures = self.intent.asks.len();
        if plain && grouped && self.intent.asks.iter().all(years) && figures > 0 {
            self.intent.asks.clear();
            self.intent.rows = true;
        }
    }

    /// `worst result ever`: the one at that end, where nothing is ranked by it.
    pub fn record(&mut self) {
        let end = match self.intent.rank {
            Some(Rank::Best | Rank::Most) => Agg::Max,
            Some(Rank::Worst | Rank::Least) => Agg::Min,
            _ => return,
        };
        let ever = self.tokens.iter().any(|t| is(Some(t), "ever record alltime"));
        let alone = ever && self.intent.groups.is_empty() && !self.intent.rows && self.intent.noun_grain.is_none();
        let plain = self.intent.top.is_none() && self.intent.chart.is_none() && self.intent.having.is_empty();
        if let [Ask { agg: agg @ None, field: Some(field), over: None }] = self.intent.asks.as_mut_slice()
            && alone
            && plain
        {
            let bad = self.data.fields[*field].words.iter().any(|w| super::vocabulary::is_bad(&w.stem));
            let good = matches!(self.intent.rank, Some(Rank::Best | Rank::Worst));
            *agg = Some(match (end, bad && good) {
                (Agg::Max, true) => Agg::Min,
                (Agg::Min, true) => Agg::Max,
                (end, _) => end,
            });
            self.intent.rank = None;
        }
    }

    /// `are women more likely to survive?`, `do seniors leave more often than others?`: how many of each do.
    pub fn likelier(&mut self) {
        let asks = is(self.tokens.first(), "do does did are is were was");
        let often =
            self.tokens.windows(2).any(|w| is(Some(&w[0]), "more less") && is(Some(&w[1]), "likely often frequently"));
        let silent = self.intent.asks.iter().all(|a| a.field.is_none()) && self.intent.periods.is_empty();
        if !(asks && often && silent) || self.intent.is_empty() {
            return;
        }
        let flag = |f: usize| self.data.fields[f].role == Role::Flag;
        let of = |p: &Predicate| (p.op == Op::In && p.part.is_none()).then(|| self.data.index(p.source.column()?))?;
        let outcome = self.intent.filters.iter().rposition(|p| of(p).is_some_and(flag));
        let sided = !self.intent.groups.is_empty() || self.intent.filters.len() > 1;
        let when = match outcome.filter(|_| sided) {
            Some(at) => self.intent.filters.remove(at),
            None => {
                // A small word may be the verb of what comes about.
                let grouped = |f: usize| {
                    self.intent.groups.iter().any(|g| g.field == Some(f))
                        || self.intent.filters.iter().any(|p| of(p) == Some(f))
                };
                let named = |f: &usize| {
                    let field = &self.data.fields[*f];
                    let is =
                        |w: &super::fields::Word| self.tokens.iter().any(|t| super::likeness::synonymous(&t.lower, w));
                    flag(*f) && !grouped(*f) && matches!(field.words.as_slice(), [one] if is(one))
                };
                let Some(field) = (0..self.data.fields.len()).find(named) else { return };
                let Some(yes) = self.data.fields[field].truth(true) else { return };
                Predicate { source: self.data.fields[field].source(), part: None, op: Op::In, values: vec![yes] }
            }
        };
        let groups: Vec<usize> = self.intent.filters.iter().filter_map(of).collect();
        if groups.is_empty() && self.intent.groups.is_empty() {
            return self.intent.filters.push(when);
        }
        self.intent.filters.clear();
        groups.into_iter().for_each(|f| self.intent.add_group(Group { field: Some(f), grain: None }));
        self.intent.asks.clear();
        self.intent.add_when(when);
        (self.intent.share, self.intent.rate, self.intent.rows, self.intent.by) = (true, true, true, true);
    }

    fn is_thing(&self, field: usize) -> bool {
        let field = &self.data.fields[field];
        let named = matches!(field.role, Role::Id | Role::Label | Role::Category) && !field.joined;
        named && field.column.distinct > THINGS_MIN && field.column.distinct < self.data.dataset.rows
    }

    /// `the oldest contestant`, `who is the heaviest?`: one row is asked for.
    pub fn single(&mut self) {
        let ranked = matches!(self.intent.rank, Some(Rank::Most | Rank::Least | Rank::Best | Rank::Worst));
        let rows = self.intent.rows && self.intent.groups.is_empty() && self.intent.top.is_none();
        let figure = self.intent.asks.iter().any(|a| a.field.is_some() && a.agg.is_none());
        if !(ranked && rows && figure) {
            return;
        }
        // `which generation has the most players`: how many each has.
        if let [Ask { agg: None, field: Some(field), over: None }] = self.intent.asks.as_slice()
            && self.data.fields[*field].column.distinct <= FEW
            && is(self.tokens.first(), "which what")
            && self.tokens.iter().any(|t| is(Some(t), "most fewest least"))
        {
            let group = Group { field: Some(*field), grain: None };
            self.intent.asks = vec![super::building::counted(self.data)];
            return self.intent.add_group(group);
        }
        let last = self.pieces.iter().rev().find_map(|p| match p {
            Piece::Item(i) if matches!(i.meaning, Meaning::Rows | Meaning::Keyword(Keyword::Row)) => Some(i.to - 1),
            _ => None,
        });
        let one = last.is_some_and(|at| {
            let word = &self.tokens[at];
            !super::supposed::names_several(word) || super::nouns::is_person(word) && !word.lower.ends_with('s')
        });
        let people = last.is_some_and(|at| is(self.tokens.get(at), "people children men women folks"));
        if one && !people {
            self.intent.top = Some(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use vizroom_protocol::file::Column;

    use crate::samples::{figure, sql, text};

    fn visits() -> Vec<Column> {
        vec![text("patient_id", 300, 0, &["a1"]), text("ward", 9, 0, &["North"]), figure("age", 80, 0, 99)]
    }

    #[test]
    fn rows_are_counted_for_each_of_those_they_belong_to() {
        for prompt in ["average number of visits per patient", "avg number of visits per patient by ward"] {
            let query = sql(prompt, "visits", visits());
            assert!(query.contains("/ NULLIF(COUNT(DISTINCT \"patient_id\"), 0)"), "{prompt}: {query}");
        }
    }

    #[test]
    fn who_is_asked_for_is_one() {
        let columns = || vec![text("name", 1_900, 0, &["Ann"]), figure("age", 80, 0, 99)];
        assert!(sql("who is the oldest patient?", "patients", columns()).ends_with("LIMIT 1"));
        assert!(sql("oldest patients", "patients", columns()).ends_with("LIMIT 10"));
    }

    #[test]
    fn which_kind_has_the_most_is_of_rows() {
        let columns =
            || vec![text("name", 1_900, 0, &["Ann"]), figure("generation", 6, 1, 6), figure("age", 80, 0, 99)];
        let query = sql("which generation has the most patients", "patients", columns());
        assert!(query.contains("COUNT(*)") && query.contains("GROUP BY 1"), "{query}");
    }

    #[test]
    fn whoever_has_several_rows_is_told_by_a_key() {
        for prompt in ["patients with more than 3 visits", "top 5 patients by number of visits"] {
            let query = sql(prompt, "visits", visits());
            assert!(query.contains("GROUP BY 1") && query.contains("\"patient_id\""), "{prompt}: {query}");
        }
    }
}
