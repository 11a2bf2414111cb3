//! Limits of rows and of groups, what single rows are worth, and figures that run along a range of time.

use vizroom_protocol::dashboard::{CardKind, Grain};

use super::conditions::tests_of;
use super::fields::{Data, Field, Role};
use super::intent::{Ask, Group, Intent};
use super::lexicon::Rank;
use super::period;
use super::query::{Agg, Having, Measure, Op, Predicate};
use super::reading::{Mode, Reader};
use super::words::{Token, is};

impl Reader<'_, '_> {
    /// `a box for each region: spread of prices`: what follows is spread, and no further group.
    pub fn spreads(&mut self) {
        self.intent.distribution = true;
        if self.mode == Mode::By && !self.intent.groups.is_empty() {
            self.mode = Mode::Subject;
        }
    }

    /// `average order`, `median invoice`: of what each is worth, where one figure says it.
    pub fn worth(&mut self) {
        let computed = self.intent.agg.filter(|a| matches!(a, Agg::Avg | Agg::Median));
        if let Some(agg) = computed
            && self.intent.rows
            && !self.intent.share
            && self.intent.asks.is_empty()
            && let Some(field) = super::bounds::worth(self.data)
        {
            self.intent.agg = None;
            self.intent.rows = false;
            self.intent.add_ask(Ask { agg: Some(agg), field: Some(field), over: None });
        }
    }

    /// `items without any sugar by brand`, `average price of items over 500 calories`, of items that each row is one of: the
    /// rows, how many each brand has or what they come to.
    pub fn rows_by_name(&mut self) {
        let Some(field) = self.intent.groups.first().and_then(|g| g.field) else { return };
        let column = &self.data.fields[field].column.name;
        let within = |p: &Predicate| p.op == Op::Contains && p.source.column() == Some(column);
        let limited = !self.limits.is_empty() && self.data.names_each(field) || self.intent.filters.iter().any(within);
        let several = self.intent.groups.len() > 1 && self.intent.by && self.intent.asks.is_empty();
        let computed = |a: &Ask| a.agg.is_some() && a.field.is_some() && a.agg != Some(Agg::Distinct);
        let one = self.intent.groups.len() == 1 && self.intent.asks.iter().any(computed) && !self.intent.by;
        let plain = self.intent.rank.is_none() && self.intent.chart.is_none();
        if self.subjects && limited && plain && (several || one) {
            self.intent.groups.remove(0);
            self.subjects = false;
            self.intent.rows |= self.intent.asks.is_empty();
        }
    }

    /// `how many cities had sales over 10,000`: what each comes to.
    fn counted_by_sum(&mut self) {
        let said = |list: &str| self.tokens.iter().any(|t| is(Some(t), list));
        let each = said("have has had made with earned") && !said("a an any single one");
        let adds = |(f, _): &(usize, Vec<_>)| self.data.fields[*f].role == super::fields::Role::Sum;
        if let [Ask { agg: Some(Agg::Distinct), field: Some(field), .. }] = self.intent.asks.as_slice()
            && each
            && !self.limits.is_empty()
            && self.limits.iter().all(adds)
            && self.intent.groups.is_empty()
            && !self.data.names_each(*field)
        {
            let field = Some(*field);
            (self.subjects, self.intent.rows, self.intent.counts_groups) = (true, false, true);
            self.intent.asks.clear();
            self.intent.groups.push(Group { field, grain: None });
        }
    }

    /// `regions with sales over 600,000` limits the regions, `sales by region with sales over 600` the rows.
    pub fn limited(&mut self) {
        self.counted_by_sum();
        let grouped = self.subjects && !self.intent.groups.is_empty() && !self.intent.rows;
        for (field, limits) in std::mem::take(&mut self.limits) {
            let asked = self.intent.asks.iter().position(|a| a.field == Some(field));
            let beyond = |(op, value): &(Op, serde_json::Value)| {
                let max = self.data.fields[field].max();
                matches!(op, Op::Gt | Op::Gte) && max.zip(value.as_f64()).is_some_and(|(max, value)| value > max)
            };
            let of_groups = match asked {
                None => grouped && self.intent.asks.is_empty(),
                Some(at) => at == 0 && !self.intent.groups.is_empty() && limits.iter().any(beyond),
            };
            if of_groups {
                // No average is beyond the largest value.
                let adds = !super::roles::is_averaged(&self.data.fields[field].words);
                // `where the average price is over 200`
                let said = self.intent.agg.take_if(|a| asked.is_none() && *a != Agg::Distinct);
                let agg = said.or((adds && limits.iter().any(beyond)).then_some(Agg::Sum));
                self.intent.add_ask(Ask { agg, field: Some(field), over: None });
                self.intent.having.extend(limits.into_iter().map(|(op, value)| Having { op, value, of: None }));
            } else {
                let tests: Vec<Predicate> = tests_of(self.data, field, &limits);
                // `what share of flights from JFK were delayed by more than an hour`: those from there are the whole.
                let whole = self.intent.share && self.intent.when.is_empty() && self.intent.asks.is_empty();
                match whole && !self.intent.filters.is_empty() {
                    true => tests.into_iter().for_each(|p| self.intent.add_when(p)),
                    false => self.intent.add_filters(tests),
                }
            }
        }
        // `best rated types with at least 100 listings` shows the rating; else the rows that are limited are what is shown.
        let rows = Ask { agg: Some(Agg::Count), field: None, over: None };
        let limits_rows = self.intent.having.iter().any(|h| h.of.is_some());
        let other = self.intent.asks.first().is_some_and(|a| *a != rows);
        // `directors with films in more than 3 languages`
        let distinct = self.intent.having.iter().find_map(|h| h.of.as_ref().filter(|m| m.agg == Agg::Distinct));
        let things = distinct.and_then(|m| self.data.index(m.column.as_deref()?));
        if limits_rows && !other {
            self.intent.add_ask(match things {
                Some(field) => Ask { agg: Some(Agg::Distinct), field: Some(field), over: None },
                None => rows,
            });
            if !self.intent.groups.is_empty() {
                self.intent.having.iter_mut().for_each(|h| h.of = None);
            }
        }
    }
}

/// `regions that made more than 300,000`: beyond every row, the figure that adds up to it.
pub fn added_up(data: &Data<'_>, n: f64) -> Option<usize> {
    let rows = data.dataset.rows as f64;
    let adds = |f: &usize| {
        let field = &data.fields[*f];
        let total = field.column.mean.map(|mean| mean * rows);
        field.role == super::fields::Role::Sum && field.max().is_some_and(|m| m < n) && total.is_some_and(|t| t > n)
    };
    data.main_measure().filter(adds)
}

impl Data<'_> {
    /// The column that names what rows tell of, where more than one tells of the same.
    fn repeated_name(&self) -> Option<usize> {
        let named = |f: &Field<'_>| matches!(f.words.as_slice(), [w] if w.lower == "name");
        let several = |f: &Field<'_>| f.column.distinct > 1 && f.column.distinct < self.dataset.rows;
        let own = |f: &Field<'_>| matches!(f.role, Role::Category | Role::Label) && !f.joined;
        self.fields.iter().position(|f| own(f) && named(f) && several(f))
    }
}

/// A limit of groups where there are none, `people who won more than once`, is of what the rows name, where several tell
/// of one; so is `who won the most?`, where no figure is named.
pub fn of_names(data: &Data<'_>, said: &[Token], mut intent: Intent) -> Intent {
    let who = said.iter().any(|t| is(Some(t), "who"));
    let ranked = who && matches!(intent.rank, Some(Rank::Most | Rank::Top)) && intent.filters.is_empty();
    let silent = intent.asks.iter().all(|a| a.field.is_none()) && intent.unknown.is_empty();
    // `who borrowed the most?` names no group either.
    let figures = intent.asks.iter().all(|a| a.field.is_some() && a.agg.is_none());
    if !intent.asks.is_empty() && figures && ranked && intent.groups.is_empty() && !intent.rows {
        let person = |f: &Field<'_>| f.words.last().is_some_and(|w| matches!(w.lower.as_str(), "name" | "fullname"));
        let named = |f: &Field<'_>| matches!(f.role, Role::Category | Role::Label) && !f.joined && person(f);
        let field = data.repeated_name().or_else(|| data.fields.iter().position(named));
        intent.groups.extend(field.map(|f| Group { field: Some(f), grain: None }));
    }
    if silent
        && intent.groups.is_empty()
        && (!intent.having.is_empty() || ranked)
        && let Some(field) = data.repeated_name()
    {
        intent.add_group(Group { field: Some(field), grain: None });
        if intent.asks.is_empty() {
            intent.add_ask(Ask { agg: Some(Agg::Count), field: None, over: None });
        }
        intent.counts_groups |= asks_how_many(said) && limits_rows(&intent);
    }
    // `how many names were used more than twice`
    let named = |g: &Group| {
        let words = g.field.map_or(&[][..], |f| &data.fields[f].words);
        said.iter().take(NAMED_MAX).any(|t| words.iter().any(|w| w.stem == t.stem))
    };
    let single = matches!(intent.groups.as_slice(), [g] if named(g)) && !intent.by;
    intent.counts_groups |= single && asks_how_many(said) && limits_rows(&intent);
    intent
}

/// Within how many words a question says what it counts.
const NAMED_MAX: usize = 4;

fn asks_how_many(said: &[Token]) -> bool {
    is(said.first(), "how number count") && is(said.get(1), "many of")
}

/// Whether groups are limited by how many rows they have, which is all that is told of them.
fn limits_rows(intent: &Intent) -> bool {
    let rows = |m: &Measure| m.agg == Agg::Count && m.column.is_none();
    let counts = |a: &Ask| a.agg == Some(Agg::Count) && a.field.is_none();
    let limited = !intent.having.is_empty() && intent.having.iter().all(|h| h.of.as_ref().is_none_or(rows));
    limited && intent.asks.iter().all(counts) && !intent.share && intent.rank.is_none()
}

/// A limit of groups where there are none is not understood.
pub fn groupless(data: &Data<'_>, mut intent: Intent) -> Intent {
    let [ask, ..] = intent.asks.as_slice() else { return groupless_having(intent) };
    // `how many boroughs had more than 2 murders`
    let usual = |f: usize| data.dataset.rows as f64 / data.fields[f].column.distinct.max(1) as f64;
    // `schools with more than 2,000 students` of a sample of a few of each speaks of no rows.
    let plausible = |f: usize| intent.having.iter().all(|h| h.value.as_f64().is_some_and(|n| n <= usual(f) * 20.0));
    if let (Some(Agg::Distinct), Some(field), true) = (ask.agg, ask.field, intent.groups.is_empty())
        && !intent.having.is_empty()
        && plausible(field)
    {
        intent.groups.push(Group { field: Some(field), grain: None });
        intent.asks = vec![Ask { agg: Some(Agg::Count), field: None, over: None }];
        let rows = |m: &Measure| m.agg == Agg::Count && m.column.is_none();
        intent.having.iter_mut().for_each(|h| h.of = h.of.take().filter(|m| !rows(m)));
        intent.counts_groups = true;
    }
    groupless_having(intent)
}

fn groupless_having(mut intent: Intent) -> Intent {
    if !intent.having.is_empty() && intent.groups.is_empty() {
        intent.unknown.extend(intent.having.drain(..).map(|h| super::text::value(&h.value)));
    }
    intent
}

/// What is to be averaged and is no number.
pub fn uncomputable(data: &Data<'_>, intent: &Intent) -> Option<String> {
    let silent = intent.asks.is_empty() && intent.having.is_empty() && intent.also.is_empty();
    intent.agg.filter(|agg| silent && *agg != Agg::Distinct)?;
    if intent.rows {
        return Some("a figure to compute".into());
    }
    let field = intent.groups.iter().find_map(|g| g.field)?;
    Some(format!("{} (it is not a number)", data.fields[field].label))
}

/// `distribution of school sizes`, where each row is a school: how they are spread, as each has one.
pub fn spread_of_rows(data: &Data<'_>, mut intent: Intent) -> Intent {
    let spread = intent.distribution || intent.chart == Some(CardKind::Histogram);
    let each = |g: &Group| g.field.is_some_and(|f| data.names_each(f));
    let figure = |a: &Ask| a.field.is_some() && a.over.is_none();
    if spread && intent.groups.len() == 1 && intent.groups.iter().all(each) && intent.asks.iter().any(figure) {
        intent.groups.clear();
        (intent.by, intent.rows) = (false, true);
        intent.distribution = true;
    }
    intent
}

/// `histogram of the daily highs`, of a row a day: how they are spread, each being of one step anyway.
pub fn spread_by_steps(data: &Data<'_>, mut intent: Intent) -> Intent {
    let spread = intent.distribution || intent.chart == Some(CardKind::Histogram);
    let date = data.date().and_then(|s| s.column().and_then(|c| data.index(c)));
    let each = date.is_some_and(|f| data.fields[f].column.distinct * 20 >= data.dataset.rows * 19);
    let finest = |g: &Group| g.field.is_none() && matches!(g.grain, Some(Grain::Day | Grain::Hour | Grain::HourOfDay));
    if spread && each && !intent.by && !intent.asks.is_empty() && intent.groups.iter().all(finest) {
        intent.groups.clear();
    }
    intent
}

/// `divorces since 1970` asks for their course; `total divorces since 1970` for one figure.
pub fn along_ranges(data: &Data<'_>, mut intent: Intent) -> Intent {
    let bare = |a: &Ask| a.agg.is_none() && a.over.is_none() && a.field.is_some();
    let plain = !intent.asks.is_empty() && intent.asks.iter().all(bare) && intent.groups.is_empty();
    let asked = intent.exact || intent.share || intent.kpi || intent.rank.is_some() || intent.chart.is_some();
    let other =
        intent.distribution || intent.why || intent.correlation || !intent.periods.is_empty() || intent.outliers;
    let since = |p: &Predicate| matches!(p.op, Op::Gt | Op::Gte) && period::is_timed(data, p);
    let until = |p: &Predicate| matches!(p.op, Op::Lt | Op::Lte) && period::is_timed(data, p);
    let since_then = intent.filters.iter().any(since);
    // `did it improve from 1999 to 2008?`
    let moves = intent.correlation && intent.asks.len() == 1 && since_then;
    // `wheat against corn over the last 10 years`: the course of both.
    let size = |a: &Ask| a.field.and_then(|f| data.fields[f].max()).filter(|m| *m > 0.0);
    let alike = match intent.asks.as_slice() {
        [a, b] => size(a).zip(size(b)).is_some_and(|(a, b)| (0.1..=10.0).contains(&(a / b))),
        _ => false,
    };
    let pair = intent.correlation && alike && since_then && plain && intent.chart.is_none();
    if moves || pair {
        intent.correlation = false;
    }
    // `in the last 10 years`
    let span = |p: &Predicate| p.values.first().and_then(|v| v.as_i64().or_else(|| v.as_str()?.get(..4)?.parse().ok()));
    let first = intent.filters.iter().find(|p| since(p)).and_then(span);
    let last = intent.filters.iter().find(|p| until(p)).and_then(span);
    let long = first.zip(last).is_some_and(|(first, last)| last - first >= 3);
    let open = since_then && (long || !intent.filters.iter().any(until));
    if plain && !asked && (moves || (!other || pair) && open) {
        intent.groups.push(Group { field: None, grain: None });
    }
    intent
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql, text};

    #[test]
    fn what_several_rows_name_is_counted_by_its_name() {
        let columns = || {
            let birth = ["birth_yr", "age"].map(|n| figure(n, 60, 20, 80));
            let names = [text("name", 1_500, 0, &["Ann Lee"]), text("sex", 2, 0, &["f", "m"])];
            let codes = [figure("party_code", 3, 1, 3), text("party_affiliation", 7, 0, &["REP", "DEM"])];
            [names.to_vec(), birth.to_vec(), codes.to_vec(), vec![text("birth_pl", 51, 0, &["Kent"])]].concat()
        };
        for (prompt, wanted) in [
            ("number of winners by sex", "COUNT(*)"),
            ("top 5 birthplaces by number of winners", "\"birth_pl\""),
            ("how many of the winners were born in Kent?", "\"birth_pl\" = 'Kent'"),
            ("people who won more than once", "HAVING COUNT(*) > 1"),
            ("average age by party", "\"party_affiliation\""),
        ] {
            let query = sql(prompt, "awards", columns());
            assert!(query.contains(wanted), "{prompt}: {query}");
        }
    }

    #[test]
    fn what_names_each_row_is_the_rows_where_they_are_spread_or_shared_out() {
        let columns = || {
            let sector = text("sector", 2, 0, &["Public", "Catholic"]);
            vec![text("school", 2_000, 0, &["A1"]), sector, figure("size", 900, 100, 2_700)]
        };
        for prompt in ["distribution of school sizes", "histogram of size by school"] {
            let query = sql(prompt, "math", columns());
            assert!(query.contains("floor(") && !query.contains("\"school\""), "{prompt}: {query}");
        }
        let query = sql("what percent of schools are catholic", "math", columns());
        assert!(query.contains("AVG(CASE WHEN \"sector\" = 'Catholic'") && !query.contains("GROUP"), "{query}");
    }
}
