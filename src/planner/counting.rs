//! What is counted: rows, those for which something is true, different values, and how many of them are shown.

use super::conditions::Piece;
use super::fields::Role;
use super::intent::{Ask, Group};
use super::lexicon::{Keyword, Rank};
use super::matching::{Item, Meaning};
use super::query::{Agg, Op, Predicate};
use super::reading::{Mode, Reader};
use super::supposed;

/// More keys than these are not groups of a chart.
const THINGS_MANY: u64 = 50;

impl Reader<'_, '_> {
    /// `returned orders`, `return rate`: the rows for which it is true.
    pub fn flag(&mut self, field: usize, at: usize) {
        if self.opposes(field) {
            return;
        }
        // `how is pay related to leaving`, `do smokers die more often`: how many of each do.
        let sides = self.intent.groups.iter().any(|g| g.field.is_some()) && self.intent.asks.is_empty();
        let of_each = sides && (self.intent.correlation || self.asks_whether());
        self.intent.correlation &= !of_each;
        let tells_rate =
            of_each || matches!(self.following(at), Some(Meaning::Keyword(Keyword::Rate | Keyword::Share)));
        let averaged = self.agg == Some(Agg::Avg);
        let Some(truth) = self.data.fields[field].truth(self.mode != Mode::Not) else { return };
        let source = self.data.fields[field].source();
        let is = Predicate { source, part: None, op: Op::In, values: vec![truth] };
        // `what share of the women survived`, `share of orders from Peru with a discount`
        let of_some = self.intent.share && self.intent.when.is_empty() && !self.intent.filters.is_empty();
        let part = of_some && at > 0 && self.says_has(at - 1);
        // `return rate of orders without a discount`: what else is said tells of which.
        let rated = matches!(self.following(at), Some(Meaning::Keyword(Keyword::Rate)));
        let whole = self.intent.share && !self.intent.when.is_empty() && !self.rated || part || rated;
        self.whole_known();
        self.rated |= rated;
        match whole {
            true => self.intent.add_when(is),
            false => self.intent.add_filters(vec![is]),
        }
        if self.counting || self.agg == Some(Agg::Sum) {
            self.agg = None;
            self.counting = true;
            self.count_rows();
        }
        self.intent.rows |= self.intent.asks.is_empty();
        // `who own no car or house`: neither.
        let goes_on = |p: &Piece| matches!(p, Piece::Item(i) if super::words::is(self.tokens.get(i.from), "or nor"));
        if self.mode == Mode::Not && !self.pieces.get(at + 1).is_some_and(goes_on) {
            self.mode = Mode::Only;
        }
        if tells_rate || averaged || self.intent.share {
            self.agg = self.agg.filter(|_| !averaged);
            self.intent.share = true;
            self.intent.rate = true;
        }
    }

    /// `is it busier when they play at home?`: with and without it, side by side.
    fn opposes(&mut self, field: usize) -> bool {
        let flagged = |g: &Group| g.field.is_some_and(|f| self.data.fields[f].role == Role::Flag);
        let first = !self.intent.groups.iter().any(flagged) && self.intent.filters.is_empty();
        let figure = !self.intent.asks.is_empty() || self.intent.rows;
        if !(first && figure && self.mode != Mode::Not && !self.counting && self.asks_whether()) {
            return false;
        }
        self.intent.add_group(Group { field: Some(field), grain: None });
        self.intent.by = true;
        true
    }

    /// Whether it is asked if something is more of it: `are … older`, `do … sell more`.
    pub fn asks_whether(&self) -> bool {
        let more = |t: &super::words::Token| {
            let comparative = t.lower.len() >= 5 && t.lower.ends_with("er") && !super::lexicon::is_filler(&t.lower);
            let named = self.data.fields.iter().any(|f| f.words.iter().any(|w| w.stem == t.stem));
            super::words::is(Some(t), "more less fewer higher lower better worse longer shorter")
                || comparative && !named
        };
        super::words::is(self.tokens.first(), "is are do does did was were") && self.tokens.iter().any(more)
    }

    /// `stations without passengers`: those of which none are known.
    pub fn lacking(&mut self, field: usize) -> bool {
        let known = &self.data.fields[field];
        let counts = self.intent.rows || self.intent.asks.iter().any(|a| a.field.is_none());
        let lacks = self.mode == Mode::Not && known.is_number() && known.column.nulls > 0 && counts;
        if lacks {
            self.mode = Mode::Subject;
            let absent = Predicate { source: known.source(), part: None, op: Op::IsNull, values: Vec::new() };
            self.intent.add_filters(vec![absent]);
        }
        lacks
    }

    /// `how old are the dogs`, where nothing tells it.
    pub fn untold(&mut self) {
        const TRAITS: [(&str, &str); 3] = [
            ("old", "age birth born built founded founding year established since"),
            ("tall", "height elevation altitude stature"),
            ("heavy", "weight mass"),
        ];
        let asked = |at: usize| super::words::is(self.tokens.get(at), "how");
        let silent = self.intent.asks.iter().all(|a| a.field.is_none()) && self.intent.having.is_empty();
        // `how much do players make`, where no figure is named: not how many there are.
        let much = |w: &[super::words::Token]| {
            w[0].lower == "how" && w[1].lower == "much" && super::words::is(w.get(2), "do does did can")
        };
        let first =
            self.pieces.iter().any(|p| matches!(p, Piece::Item(i) if i.meaning == Meaning::Keyword(Keyword::Exact)));
        let counts = self.intent.rows || !self.intent.groups.is_empty();
        let counts = counts && self.intent.course.is_none() && self.intent.periods.is_empty();
        if first && silent && counts && self.tokens.windows(3).any(much) {
            self.intent.unknown.push("how much".to_owned());
        }
        let adjective = self.pieces.iter().find_map(|p| match p {
            Piece::Item(i) if asked(i.from) => self.tokens.get(i.from + 1).map(|t| t.lower.as_str()),
            _ => None,
        });
        let Some((word, traits)) = TRAITS.iter().find(|(word, _)| adjective == Some(word)) else { return };
        let told = self.data.fields.iter().any(|f| super::roles::has(&f.words, traits));
        if !told && silent {
            self.intent.unknown.push((*word).to_owned());
        }
    }

    /// `customers per month`, where there are many of them: how many there were.
    pub fn things(&mut self) {
        let by = |p: &Piece| matches!(p, Piece::Item(Item { meaning: Meaning::Keyword(Keyword::By), .. }));
        let several = |field: usize| {
            let named = |p: &Piece| match p {
                Piece::Item(Item { meaning: Meaning::Column(c), to, .. }) => {
                    c.contains(&field) && super::supposed::names_several(&self.tokens[to - 1])
                }
                _ => false,
            };
            let data = &self.data.fields[field];
            let thing = matches!(data.role, Role::Id | Role::Label | Role::Category) && !data.joined;
            let many = thing && data.column.distinct > THINGS_MANY;
            many && self.pieces.iter().take_while(|p| !by(p)).any(named)
        };
        self.numbered_things();
        let silent = self.intent.asks.is_empty() && !self.intent.rows && self.intent.rank.is_none();
        let plain = silent && self.intent.groups.len() > 1 && self.intent.chart.is_none() && self.intent.agg.is_none();
        let Some(at) = self.intent.groups.iter().position(|g| plain && g.field.is_some_and(several)) else { return };
        let field = self.intent.groups.remove(at).field;
        // `tracks by artist`, where each row is a track.
        let each = field.is_some_and(|f| self.data.names_each(f) && self.data.fields[f].role != Role::Id);
        let ask = Ask { agg: Some(Agg::Distinct), field, over: None };
        self.intent.add_ask(if each { super::building::counted(self.data) } else { ask });
    }

    /// `episodes per season` of rows that tell of each episode more than once: how many numbers there are.
    fn numbered_things(&mut self) {
        let plain = self.intent.rank.is_none() && self.intent.chart.is_none() && !self.intent.distribution;
        let plain = plain && !self.intent.groups.is_empty() && self.intent.by;
        if let [Ask { agg: agg @ None, field: Some(field), over: None }] = self.intent.asks.as_mut_slice()
            && plain
            && self
                .tokens
                .iter()
                .any(|t| super::supposed::names_several(t) && super::numbered::is_number(self.data, *field, t))
        {
            *agg = Some(Agg::Distinct);
        }
    }

    /// `colleges with the most players`: how many of them each has.
    pub fn most_of(&mut self, columns: &[usize], at: usize) -> bool {
        let small = |p: &&Piece| !matches!(p, Piece::Item(Item { meaning: Meaning::Filler, .. }));
        let most = match self.pieces[..at].iter().rev().find(small) {
            Some(Piece::Item(Item {
                meaning: Meaning::Keyword(Keyword::Rank(Rank::Most | Rank::Least)), to, ..
            })) => super::words::is(self.tokens.get(to - 1), "most fewest least"),
            _ => false,
        };
        let Piece::Item(item) = &self.pieces[at] else { return false };
        let several = super::supposed::names_several(&self.tokens[item.to - 1]);
        let known = |g: &Group| g.field.is_none_or(|f| !columns.contains(&f));
        let thing = matches!(self.data.fields[columns[0]].role, Role::Id | Role::Label | Role::Category);
        let grouped = !self.intent.groups.is_empty() && self.intent.groups.iter().all(known);
        if !(most && several && thing && grouped && self.intent.asks.is_empty()) {
            return false;
        }
        self.intent.add_ask(Ask { agg: Some(Agg::Distinct), field: Some(columns[0]), over: None });
        true
    }

    /// `the most common towns`, `most popular ages`: those with the most rows, whatever figures there are.
    pub fn common(&mut self) {
        let often = |p: &Piece| match p {
            Piece::Item(item) if matches!(item.meaning, Meaning::Keyword(Keyword::Rank(_))) => {
                let last = super::words::is(self.tokens.get(item.to - 1), "common commonly frequent frequently often");
                last || super::words::is(self.tokens.get(item.to), "popular often")
            }
            _ => false,
        };
        let Some(at) = self.pieces.iter().position(often) else { return };
        // `restaurants that were inspected most often`: how they are done to is no figure.
        let figure = |p: &Piece| match p {
            Piece::Item(i) if i.to == i.from + 1 && supposed::is_participle(&self.tokens[i.from]) => match &i.meaning {
                Meaning::Column(c) => c.first().copied(),
                _ => None,
            },
            _ => None,
        };
        if let Some(done) = at.checked_sub(1).and_then(|i| figure(&self.pieces[i])) {
            self.intent.asks.retain(|a| a.field != Some(done) || a.agg.is_some());
        }
        // Songs have a popularity.
        let told = |p: &Piece| match p {
            Piece::Item(Item { meaning: Meaning::Column(_), from, to }) => {
                super::words::is(self.tokens[*from..*to].first(), "popular common frequent")
            }
            _ => false,
        };
        if let ([Ask { agg: None, field: Some(field), over: None }], []) =
            (self.intent.asks.as_slice(), self.intent.groups.as_slice())
            && !super::roles::is_averaged(&self.data.fields[*field].words)
            && !self.pieces.iter().any(told)
        {
            let group = Group { field: Some(*field), grain: None };
            self.intent.asks.clear();
            self.intent.add_group(group);
        }
        self.intent.rows |= self.intent.asks.is_empty() && !self.intent.groups.is_empty();
    }

    pub fn counted(&mut self, field: usize) {
        self.counting = false;
        // `how often is each result given?`: of every value, not how many there are.
        let often = self
            .tokens
            .windows(2)
            .any(|w| w[0].lower == "how" && super::words::is(w.get(1), "often common frequent frequently"));
        if often && self.agg.is_none() && matches!(self.data.fields[field].role, Role::Category | Role::Flag) {
            self.count_rows();
            return self.intent.add_group(Group { field: Some(field), grain: None });
        }
        // `how many items are there`, of which each row is one.
        let twice = self.data.fields[field].column.distinct < self.data.dataset.rows && self.data.counter().is_none();
        if self.agg.is_none() && self.data.names_each(field) && self.mode != Mode::By && twice {
            return self.intent.add_ask(super::building::counted(self.data));
        }
        let agg = match (self.agg.take(), self.data.fields[field].role) {
            (Some(Agg::Distinct), _) => Agg::Distinct,
            (_, Role::Sum | Role::Mean) => Agg::Sum,
            // `how many cancellations`, where each row has a few.
            (_, Role::Ordinal) if super::roles::names_many(&self.data.fields[field].words) => Agg::Sum,
            _ => Agg::Distinct,
        };
        self.intent.add_ask(Ask { agg: Some(agg), field: Some(field), over: None });
    }

    pub fn rows(&mut self, at: usize) {
        // `countries by number of airports`
        if self.mode == Mode::By && self.counting {
            return self.count_rows();
        }
        if self.mode == Mode::By {
            // `by income group`, in a table of incomes.
            if matches!(self.following(at), Some(Meaning::Column(_))) && self.stands_before(at) {
                return;
            }
            // `revenue per session`, where a row is one.
            let said = at.checked_sub(1).and_then(|i| match &self.pieces[i] {
                Piece::Item(item) => Some(self.tokens[item.to - 1].lower.as_str()),
                _ => None,
            });
            let named = self.data.namesake().or_else(|| self.data.named_kinds());
            // `goals by club`, of rows that are clubs.
            let each = super::ranking::naming(self.data).filter(|&f| self.data.names_each(f) && said == Some("by"));
            let named = named.or(each);
            let per = said == Some("per")
                || named.is_none() && matches!(self.preceding(at), Some(Meaning::Keyword(Keyword::By)));
            if let Some(ask) =
                self.intent.asks.last_mut().filter(|a| per && a.field.is_some() && a.agg.is_none_or(|g| g == Agg::Avg))
            {
                ask.agg = Some(Agg::Avg);
                self.intent.matched += 1;
                self.mode = Mode::Subject;
                return;
            }
            if self.ranked_by_count(at) {
                self.intent.matched += 1;
                return self.intent.add_ask(super::building::counted(self.data));
            }
            // `by remote staff`
            if matches!(self.preceding(at), Some(Meaning::Column(_) | Meaning::Value(_))) {
                return;
            }
            match named {
                Some(field) => {
                    self.intent.matched += 1;
                    self.intent.by = true;
                    self.intent.add_group(Group { field: Some(field), grain: None });
                }
                None if self.data.dataset.name.contains('_') => self.unmatched(at),
                None => {}
            }
            return;
        }
        self.count_rows();
    }

    /// `top 5 neighborhoods by deaths`, of each of which the date is known.
    pub fn counts_events(&mut self, columns: &[usize], at: usize) -> bool {
        let event = matches!(self.data.fields[columns[0]].role, Role::Time | Role::Id);
        let counts = self.mode == Mode::By && event && self.ranked_by_count(at);
        if counts {
            self.intent.add_ask(super::building::counted(self.data));
        }
        counts
    }

    /// `top 15 countries by airports`: whether groups that are named already go by how many of what is named now.
    pub fn ranked_by_count(&self, at: usize) -> bool {
        let Piece::Item(item) = &self.pieces[at] else { return false };
        let by = item.from.checked_sub(1).is_some_and(|i| super::words::is(self.tokens.get(i), "by"));
        let last = &self.tokens[item.to - 1];
        let several = supposed::names_several(last) && !super::words::is(Some(last), "dates times ids keys codes");
        let kind = |g: &Group| g.field.is_some_and(|f| !self.data.names_each(f)) && g.grain.is_none();
        let grouped = self.intent.groups.len() == 1 && self.intent.groups.iter().all(kind);
        by && several && grouped && self.subjects && self.intent.asks.is_empty() && !self.intent.share
    }

    /// Whether the next word follows at once.
    fn stands_before(&self, at: usize) -> bool {
        matches!(self.pieces.get(at + 1), Some(Piece::Item(i)) if !matches!(i.meaning, Meaning::Filler))
    }

    pub fn count_rows(&mut self) {
        self.intent.matched += 1;
        self.intent.rows = true;
        // `how many different storms`, of each of which several rows tell.
        if self.agg == Some(Agg::Distinct)
            && let Some(field) = self.data.namesake().or_else(|| self.data.named_kinds()).or_else(|| self.key_of_rows())
        {
            self.counting = false;
            self.agg = None;
            return self.intent.add_ask(Ask { agg: Some(Agg::Distinct), field: Some(field), over: None });
        }
        if self.counting {
            self.counting = false;
            self.agg = None;
            self.intent.add_ask(super::building::counted(self.data));
        }
    }

    /// The key of what the rows are called by: `different players`.
    fn key_of_rows(&self) -> Option<usize> {
        self.pieces.iter().find_map(|p| match p {
            Piece::Item(i) if i.meaning == Meaning::Rows => super::nouns::key_of(self.data, &self.tokens[i.to - 1]),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use vizroom_protocol::file::{Column, Dataset};

    use crate::samples::{figure, sql, text};

    fn staff() -> Vec<Column> {
        let flags = ["overtime", "churn"].map(|n| text(n, 2, 0, &["Yes", "No"]));
        let keys = Column { nulls: 0, ..text("client_id", 900, 0, &["a1", "b2"]) };
        flags.into_iter().chain([keys, text("grade", 5, 0, &["A", "B"]), figure("pay", 900, 1, 9_000)]).collect()
    }

    #[test]
    fn flags_are_sides_of_a_question_or_rates() {
        let query = sql("is pay higher with overtime?", "staff", staff());
        assert!(query.contains("AVG(\"pay\")") && query.contains("\"overtime\""), "{query}");
        let query = sql("how is grade related to churn", "staff", staff());
        assert!(query.contains("AVG(CASE WHEN \"churn\" = 'Yes'"), "{query}");
    }

    #[test]
    fn a_share_that_is_of_nothing_else_is_of_those_who_left() {
        let query = sql("what share of the people has left?", "staff", staff());
        assert!(query.contains("AVG(CASE WHEN \"churn\" = 'Yes'"), "{query}");
        let query = sql("number of different clients by grade", "clients", staff());
        assert!(query.contains("COUNT(DISTINCT \"client_id\")"), "{query}");
    }

    #[test]
    fn things_are_counted_by_their_keys() {
        for prompt in ["clients by grade", "which grade has the most clients"] {
            let query = sql(prompt, "orders", staff());
            assert!(query.contains("COUNT(DISTINCT \"client_id\")"), "{prompt}: {query}");
        }
    }

    #[test]
    fn an_age_that_nothing_tells_is_asked_about() {
        let data = Dataset { name: "pets".into(), rows: 900, columns: vec![text("breed", 9, 0, &["Pug"])] };
        let plan = crate::plan("how old are the pets on average?", &[data], None);
        assert!(plan.clarification.is_some(), "{plan:#?}");
    }
}
