//! Words that read like groups or figures and are neither: nouns after values, what a figure is divided by, the others.

use super::conditions::Piece;
use super::fields::{Data, Role};
use super::intent::Group;
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::query::{Agg, Op};
use super::reading::{Mode, Reader};
use super::words::Token;

/// Most different values of a column that is a group rather than what others are divided by.
const PARTS_MAX: u64 = 30;

/// Verbs that ask how something went.
const COURSE: &str = "change changed changes grow grown grew grows growing develop developed develops evolve evolved evolves \
    rise risen rose rises fall fallen fell move moved shift shifted progress progressed increase increased decrease decreased \
    decline declined vary varied improve improved";

/// What kind of thing the group before is (`party affiliation`), or what is done with a figure: `which religion watches
/// the most tv`.
pub fn is_manner_of_speaking(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> bool {
    if is_explained(tokens, items, at) {
        return true;
    }
    let token = &tokens[items[at].from];
    let Some(before) = at.checked_sub(1) else { return false };
    let grouping = |f: &usize| matches!(data.fields[*f].role, Role::Category | Role::Id | Role::Ordinal | Role::Flag);
    let named = matches!(&items[before].meaning, Meaning::Column(c) if c.iter().any(grouping));
    let group = named || super::codes::inside(data, tokens, items, before).is_some();
    if !super::supposed::is_plain(token) || super::standing::is_elsewhere(data, token) {
        return false;
    }
    let ends = items.get(at + 1).is_none_or(|a| !matches!(a.meaning, Meaning::Column(_) | Meaning::Unknown(_)));
    let much = (at + 1..items.len().min(at + 3))
        .find(|&i| super::words::is(tokens.get(items[i].from), "more most less least fewer fewest"));
    let of_figure = much.is_some_and(|m| match items.get(m + 1).map(|i| &i.meaning) {
        Some(Meaning::Column(c)) => c.iter().any(|&f| data.fields[f].is_measure()),
        _ => false,
    });
    let actor = group || items[before].meaning == Meaning::Rows;
    let ends = ends && !super::leftover::is_whom(tokens, items, at);
    group && ends && much.is_none() && !super::supposed::names_several(token) || actor && of_figure
}

impl Reader<'_, '_> {
    /// `at winter games over the years`, `average incidents of airlines with and without …`: a noun for the rows, where
    /// groups are named besides.
    pub fn only_says_whose(&self, columns: &[usize], at: usize) -> bool {
        let field = columns[0];
        let name = !self.data.fields[field].is_measure() && self.data.fields[field].role != Role::Flag;
        if !name || self.mode == Mode::By || self.mode == Mode::Not {
            return false;
        }
        // `average school size per sector`, where each row is a school.
        let measured = matches!(self.pieces.get(at + 1), Some(Piece::Item(Item { meaning: Meaning::Column(c), .. })) if self.data.fields[c[0]].is_measure());
        if measured && self.agg.is_some() && self.data.names_each(field) && self.intent.asks.is_empty() {
            return true;
        }
        // `which restaurant packs the most sodium into its items`
        let others = self.intent.groups.iter().any(|g| g.field.is_none_or(|f| !columns.contains(&f)));
        let others = others && !self.intent.asks.is_empty() && self.intent.chart.is_none();
        let grouped = self.asks_course() || self.groups_later(at) || self.intent.compare || others;
        let after_value = matches!(self.preceding(at), Some(Meaning::Value(_) | Meaning::Values(..)));
        let whose = !self.intent.asks.is_empty() && self.data.names_each(field);
        // `average obesity of high income countries`
        let averaged =
            whose && after_value && self.intent.rank.is_none() && self.intent.asks.iter().all(|a| a.agg.is_some());
        // `age distribution of the players`, of whom some are told of twice.
        let Piece::Item(item) = &self.pieces[at] else { return false };
        let back = |n: usize| item.from.checked_sub(n).map_or("", |i| self.tokens[i].lower.as_str());
        let of = back(1) == "of" || back(2) == "of" && back(1) == "the";
        let many = self.data.fields[field].column.distinct * 2 > self.data.dataset.rows;
        let spread = self.intent.distribution && of && many && !self.intent.asks.is_empty();
        spread || averaged || grouped && (after_value && self.mode == Mode::Only || whose)
    }

    /// `how salty are the items of each restaurant`: each of which is a row.
    pub fn rows_of_each(&mut self, at: usize) {
        let Piece::Item(item) = &self.pieces[at] else { return };
        let each = super::words::is(self.tokens.get(item.to - 1), "each every");
        let of = item.from.checked_sub(1).is_some_and(|i| self.tokens[i].lower == "of") || item.to - item.from > 1;
        let own = |g: &Group| g.field.is_some_and(|f| self.data.names_each(f));
        if each && of && self.mode != Mode::By && !self.intent.by && self.intent.groups.iter().all(own) {
            self.intent.rows |= !self.intent.groups.is_empty() && self.intent.asks.is_empty();
            self.intent.groups.clear();
        }
    }

    /// `patients admitted in 2022` of an `admit_date`: what was done then is no group.
    pub fn tells_when(&self, columns: &[usize], at: usize) -> bool {
        let Piece::Item(item) = &self.pieces[at] else { return false };
        let timed = columns.iter().all(|&f| self.data.fields[f].role == Role::Time);
        let done = item.to == item.from + 1 && super::supposed::is_participle(&self.tokens[item.from]);
        let counted = self.intent.rows || !self.intent.asks.is_empty();
        timed && done && counted && self.mode != Mode::By && self.intent.rank.is_none()
    }

    /// `countries in the EU`, of a column that says so of some and nothing of the others: those of which it does.
    pub fn member(&mut self, columns: &[usize]) -> bool {
        let one = |f: &usize| {
            let field = &self.data.fields[*f];
            let column = field.column;
            column.kind == vizroom_protocol::file::ColumnType::Text && column.distinct == 1 && column.nulls > 0
        };
        let Some(field) = columns.iter().copied().find(one).filter(|_| self.mode != Mode::By) else { return false };
        let op = if self.mode == Mode::Not { Op::IsNull } else { Op::NotNull };
        let source = self.data.fields[field].source();
        self.intent.add_filters(vec![super::query::Predicate { source, part: None, op, values: Vec::new() }]);
        true
    }

    /// `per grade of pollster`, `by age of the baker`: whose the group is that was named before.
    pub fn of_a_group(&self, columns: &[usize], at: usize) -> bool {
        let Piece::Item(item) = &self.pieces[at] else { return false };
        let back = |n: usize| item.from.checked_sub(n).map_or("", |i| self.tokens[i].lower.as_str());
        let of = back(1) == "of" || back(2) == "of" && matches!(back(1), "the" | "a" | "their");
        let names = matches!(self.data.fields[columns[0]].role, Role::Category | Role::Label | Role::Id);
        let Some(grouped) = self.intent.groups.last().and_then(|g| g.field) else { return false };
        let group =
            |p: &Piece| matches!(p, Piece::Item(Item { meaning: Meaning::Column(c), .. }) if c.contains(&grouped));
        let beside = self.pieces[..at].iter().rev().take(3).any(group);
        of && names && beside && self.mode == Mode::By && !columns.contains(&grouped)
    }

    /// `average home goals vs away goals`: both are averaged; `total kwh` of a column `kwh_total` is a sum.
    pub fn shared_agg(&mut self, columns: &[usize], at: usize) {
        let Piece::Item(item) = &self.pieces[at] else { return };
        let total = self.tokens[item.from..item.to].iter().any(|t| t.lower == "total");
        // `total bill` of a `total_bill` is its name.
        let field = &self.data.fields[columns[0]];
        let total = total && field.role == Role::Sum && field.words.first().is_some_and(|w| w.lower != "total");
        if self.agg.is_none() && total && !self.counting {
            self.agg = Some(super::query::Agg::Sum);
        }
        let versus = matches!(self.preceding(at), Some(Meaning::Keyword(Keyword::Versus)));
        if versus && self.agg.is_none() && self.data.fields[columns[0]].is_measure() {
            self.agg = self.intent.asks.last().filter(|a| a.field.is_some()).and_then(|a| a.agg);
        }
    }

    /// The column of years that the sentence names or that is the only one, beside a word for a year.
    pub fn years_beside(&self, at: usize) -> Option<usize> {
        let years = |f: usize| self.data.fields[f].holds_years();
        let named = |p: &Piece| match p {
            Piece::Item(Item { meaning: Meaning::Column(c), .. }) => c.first().copied().filter(|&f| years(f)),
            _ => None,
        };
        let all_years = || (0..self.data.fields.len()).filter(|&f| years(f));
        let mut all = all_years();
        let only = all.next().filter(|_| all.next().is_none());
        // `houses sold per year`, of a `year_sold` and a `year_built`.
        let said = |w: &super::fields::Word| w.lower != "year" && self.tokens.iter().any(|t| t.stem == w.stem);
        let worded = || all_years().find(|&f| self.data.fields[f].words.iter().any(said));
        (self.mode == Mode::By).then(|| self.pieces[..at].iter().rev().find_map(named).or(only).or_else(worded))?
    }

    /// `lowest temperature` of an average, a high and a low one: the one at that end.
    pub fn at_end(&self, mut columns: Vec<usize>) -> Vec<usize> {
        let low = match (self.extreme, self.agg) {
            (Some((rank, at)), None) if at == self.intent.asks.len() => rank == super::lexicon::Rank::Least,
            (_, Some(super::query::Agg::Min)) => true,
            (_, Some(super::query::Agg::Max)) => false,
            _ => return columns,
        };
        let end = if low { "low lowest minimum" } else { "high highest maximum peak" };
        columns.sort_by_key(|&f| !super::roles::has(&self.data.fields[f].words, end));
        columns
    }

    fn groups_later(&self, at: usize) -> bool {
        let groups = |p: &Piece| {
            matches!(
                p,
                Piece::Item(Item { meaning: Meaning::Keyword(Keyword::By | Keyword::Trend | Keyword::Grain(_)), .. })
            )
        };
        self.pieces[at + 1..].iter().any(groups)
    }

    /// `price per sqft`, `revenue per employee`: one figure divided by another, rather than grouped by its values.
    pub fn ratio(&mut self, columns: &[usize], at: usize) -> bool {
        // `hits divided by at bats`
        let small = |p: &&Piece| {
            !matches!(p, Piece::Item(Item { meaning: Meaning::Filler | Meaning::Keyword(Keyword::Only), .. }))
        };
        let before = self.pieces[..at].iter().rev().find(small);
        let divided = matches!(before, Some(Piece::Item(Item { meaning: Meaning::Keyword(Keyword::Divided), .. })));
        let said = matches!(before, Some(Piece::Item(item)) if self.tokens[item.to - 1].lower == "per");
        let per = divided || said;
        let continuous = |i: &usize| {
            let field = &self.data.fields[*i];
            let many = matches!(field.role, Role::Sum | Role::Mean) && field.column.distinct > PARTS_MAX;
            // `price per bed by borough`, rather than one for each number of them.
            let one = said && self.groups_later(at) && field.is_number() && !field.holds_years() && self.is_one_of(at);
            many || (divided || one) && field.is_measure()
        };
        let over = columns.iter().copied().find(continuous);
        // `murders per inhabitant` of a table that says how many there were.
        if let Some(counter) = self.data.counter().filter(|c| per && self.intent.rows && over.is_some_and(|o| o != *c))
            && self.intent.asks.is_empty()
        {
            self.intent.add_ask(super::intent::Ask { agg: None, field: Some(counter), over: None });
        }
        // `murder rate per inhabitant`
        if per && over.is_some() && self.intent.asks.last().is_some_and(|a| a.over == over) {
            self.mode = Mode::Subject;
            return true;
        }
        let free = |a: &&mut super::intent::Ask| {
            a.field.is_some() && a.over.is_none() && matches!(a.agg, None | Some(Agg::Sum | Agg::Avg))
        };
        match (over, self.intent.asks.last_mut().filter(free)) {
            (Some(over), Some(ask)) if per && ask.field != Some(over) => {
                ask.agg = Some(Agg::Sum);
                ask.over = Some(over);
                self.mode = Mode::Subject;
                true
            }
            _ => false,
        }
    }

    /// Whether a figure is named by the noun for one of what it counts: `bed` of `beds`.
    fn is_one_of(&self, at: usize) -> bool {
        let Piece::Item(item) = &self.pieces[at] else { return false };
        let word = &self.tokens[item.to - 1];
        item.to == item.from + 1 && !super::supposed::names_several(word)
    }

    /// `how has it grown?` asks for its course.
    pub fn asks_course(&self) -> bool {
        let lower = |i: usize| self.tokens.get(i).map_or("", |t| t.lower.as_str());
        let asks =
            lower(0) == "how" && matches!(lower(1), "has" | "have" | "did" | "does" | "do" | "is" | "are" | "was");
        asks && self.tokens.iter().any(|t| COURSE.split_ascii_whitespace().any(|w| w == t.lower))
    }

    /// The course that the verb asks for, where nothing else says how.
    pub fn implied_course(&mut self) {
        let free = self.intent.groups.is_empty()
            && self.intent.rank.is_none()
            && self.intent.periods.is_empty()
            && !self.intent.correlation
            && !self.intent.compare
            && !self.intent.why
            && (!self.intent.asks.is_empty() || self.intent.rows);
        if free && self.asks_course() && self.data.course().is_some() {
            self.intent.add_group(Group { field: None, grain: None });
        }
    }

    /// `who won the most golds?` asks for the one it tells of.
    pub fn who(&mut self) {
        const ACTORS: &str =
            "player athlete employee customer name driver artist author director team club company country nation noc";
        let asked = self.tokens.first().is_some_and(|t| t.lower == "who");
        let bare = self.intent.groups.is_empty() && !self.intent.asks.is_empty() && self.intent.rank.is_some();
        if !asked || !bare || self.intent.rows {
            return;
        }
        let fields = &self.data.fields;
        let named = |word: &str| {
            fields.iter().position(|f| {
                matches!(f.role, Role::Category | Role::Label)
                    && matches!(f.words.as_slice(), [one] if one.lower == word)
            })
        };
        if let Some(field) = ACTORS.split(' ').find_map(named) {
            self.subjects = true;
            self.intent.add_group(Group { field: Some(field), grain: None });
        }
    }
}
/// Whether a word is told in brackets in words that the data has: `long jobs (class L)`, `frost (minimum below 0)`.
fn is_explained(tokens: &[Token], items: &[Item], at: usize) -> bool {
    const NEAR: usize = 5;
    let bracket = |i: &usize, c: char| items.get(*i).is_some_and(|i| tokens[i.from].is(c));
    let Some(open) = (at + 1..=at + NEAR).find(|i| bracket(i, '(')) else { return false };
    let close = (open + 1..items.len()).find(|i| bracket(i, ')')).unwrap_or(items.len());
    let told = |i: &Item| {
        matches!(i.meaning, Meaning::Value(_) | Meaning::Values(..) | Meaning::Column(_) | Meaning::Number { .. })
    };
    items[open + 1..close].iter().any(told)
}
