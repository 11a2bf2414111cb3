//! What one card is asked to show, before it is decided how.

use vizroom_protocol::dashboard::{CardKind, Grain};

use super::lexicon::Rank;
use super::query::{Agg, Course, Having, Op, Predicate};

/// A figure asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    /// Absent: as the field suggests.
    pub agg: Option<Agg>,
    /// Absent: the rows.
    pub field: Option<usize>,
    /// Divided by the sum of this field.
    pub over: Option<usize>,
}

/// A grouping asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Group {
    /// Absent: the dataset's date.
    pub field: Option<usize>,
    /// Steps of time; absent: as fits the range.
    pub grain: Option<Grain>,
}

/// One card's worth of a prompt.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Intent {
    pub chart: Option<CardKind>,
    pub asks: Vec<Ask>,
    /// An aggregation without a figure: `average instead of total`.
    pub agg: Option<Agg>,
    /// Further aggregations of the figure that is yet to be named: `min, avg and max income`.
    pub also: Vec<Agg>,
    pub groups: Vec<Group>,
    /// Groups introduced with `by`; tells `by region` from a bare `region`.
    pub by: bool,
    /// A step of time named as a thing: `which month`, `rainy days`.
    pub noun_grain: Option<Grain>,
    pub filters: Vec<Predicate>,
    /// Rows for which all hold stand against all others.
    pub sides: Vec<Predicate>,
    /// Columns of which several values are meant as one: those that a word is in.
    pub together: Vec<usize>,
    /// What a share is of: `women` in `share of women by country`.
    pub when: Vec<Predicate>,
    /// Conditions on the groups' figure.
    pub having: Vec<Having>,
    /// Two periods to compare, the later first.
    pub periods: Vec<Vec<Predicate>>,
    /// Not the two periods side by side, but the change between them.
    pub contrast: bool,
    /// How wide the ranges of numbers are, where it is said.
    pub width: Option<f64>,
    /// Per so many of what a figure is divided by.
    pub scale: Option<f64>,
    /// The unit that figures are told in, where it is another than the column's.
    pub unit: Option<super::scales::Unit>,
    /// Rows are counted per so many different of these: `events per patient`.
    pub each: Option<usize>,
    /// What comes in each of these steps of time is averaged.
    pub each_step: Option<Group>,
    /// How many groups there are is asked, not which.
    pub counts_groups: bool,
    /// What is subtracted from the figure.
    pub less: Option<usize>,
    /// How far the two lie apart, whichever is larger.
    pub apart: bool,
    /// Years are put together by tens.
    pub decades: bool,
    /// Days of the week are put together: weekends, and all others.
    pub weekends: bool,
    /// What is made of the figure along time.
    pub course: Option<Course>,
    /// What is to be left out of a card: columns after `without`.
    pub dropped: Vec<usize>,
    /// What a change is made of.
    pub why: bool,
    pub outliers: bool,
    /// `how much`: one answer is wanted, not an overview.
    pub exact: bool,
    pub rank: Option<Rank>,
    /// Largest number of groups.
    pub top: Option<u64>,
    /// Only so many of the others are shown within each value of the first group: `the best product of each region`.
    pub first_of_each: Option<u64>,
    /// Order by the figure, where it is said: `Some(true)` is descending.
    pub descending: Option<bool>,
    /// Order by the group's own values.
    pub by_name: bool,
    pub share: bool,
    /// The conditions are what the share is of.
    pub rate: bool,
    pub breakdown: bool,
    pub distribution: bool,
    pub correlation: bool,
    /// The group colours the points of a scatter.
    pub colour: bool,
    pub compare: bool,
    pub stacked: bool,
    pub kpi: bool,
    /// The rows of the dataset are named: `flights`.
    pub rows: bool,
    pub overview: bool,
    /// Words nothing in the data matches.
    pub unknown: Vec<String>,
    /// How many things of the data were recognised.
    pub matched: u32,
}

impl Intent {
    /// Whether nothing but conditions is in it.
    pub fn only_filters(&self) -> bool {
        let rest = Intent {
            filters: Vec::new(),
            together: Vec::new(),
            periods: Vec::new(),
            correlation: false,
            compare: false,
            matched: 0,
            ..self.clone()
        };
        !(self.filters.is_empty() && self.periods.is_empty()) && rest.is_empty()
    }

    /// Whether nothing but the way of drawing, ordering or cutting is in it.
    pub fn only_manner(&self) -> bool {
        let rest = Intent {
            chart: None,
            rank: None,
            top: None,
            descending: None,
            stacked: false,
            kpi: false,
            share: false,
            rate: false,
            course: None,
            correlation: false,
            matched: 0,
            ..self.clone()
        };
        rest.is_empty() && !self.is_empty()
    }

    /// Whether nothing but groups is in it.
    pub fn only_groups(&self) -> bool {
        let rest = Intent {
            groups: Vec::new(),
            noun_grain: None,
            by: false,
            colour: false,
            decades: false,
            weekends: false,
            chart: None,
            stacked: false,
            filters: Vec::new(),
            together: Vec::new(),
            matched: 0,
            ..self.clone()
        };
        rest.is_empty() && !(self.groups.is_empty() && self.noun_grain.is_none())
    }

    /// Whether it goes by groups and nothing says of what: `goals by team`, where nothing is counted by that name.
    pub fn groups_nothing(&self) -> bool {
        let drawn = self.chart.is_some() || self.distribution || self.breakdown || self.overview;
        let told = drawn || self.rows || self.share || !self.filters.is_empty();
        self.by && !self.groups.is_empty() && !told && self.rank.is_none()
    }

    /// Whether nothing but figures is in it.
    pub fn only_asks(&self) -> bool {
        let rest = Intent {
            rows: self.rows && !self.asks.iter().any(|a| a.field.is_none()),
            asks: Vec::new(),
            less: None,
            apart: false,
            chart: None,
            compare: false,
            correlation: false,
            stacked: false,
            matched: 0,
            ..self.clone()
        };
        rest.is_empty() && !self.asks.is_empty()
    }

    /// Whether it asks for anything at all.
    pub fn is_empty(&self) -> bool {
        Intent { matched: 0, by: false, compare: false, ..self.clone() } == Intent::default()
    }

    /// What is said besides that rows are listed: which, what of each, and in what order.
    pub fn besides_rows(&self) -> Intent {
        Intent {
            asks: Vec::new(),
            groups: Vec::new(),
            filters: Vec::new(),
            together: Vec::new(),
            rank: None,
            top: None,
            descending: None,
            rows: false,
            matched: 0,
            ..self.clone()
        }
    }

    /// Adds everything of `other`.
    pub fn absorb(&mut self, other: Intent) {
        self.chart = other.chart.or(self.chart);
        for ask in other.asks {
            self.add_ask(ask);
        }
        self.agg = other.agg.or(self.agg);
        for group in other.groups {
            self.add_group(group);
        }
        self.by |= other.by;
        self.noun_grain = self.noun_grain.or(other.noun_grain);
        self.add_filters(other.filters);
        self.together.extend(other.together);
        if !other.sides.is_empty() {
            self.sides = other.sides;
        }
        other.when.into_iter().for_each(|p| self.add_when(p));
        self.having.extend(other.having);
        if !other.periods.is_empty() {
            self.periods = other.periods;
        }
        self.contrast |= other.contrast;
        self.decades |= other.decades;
        self.each = other.each.or(self.each);
        self.each_step = other.each_step.or(self.each_step);
        self.counts_groups |= other.counts_groups;
        self.less = other.less.or(self.less);
        self.apart |= other.apart;
        self.weekends |= other.weekends;
        self.course = other.course.or(self.course);
        self.dropped.extend(other.dropped);
        self.why |= other.why;
        self.outliers |= other.outliers;
        self.exact |= other.exact;
        self.rank = other.rank.or(self.rank);
        self.top = other.top.or(self.top);
        self.first_of_each = other.first_of_each.or(self.first_of_each);
        self.descending = other.descending.or(self.descending);
        self.by_name |= other.by_name;
        self.share |= other.share;
        self.rate |= other.rate;
        self.breakdown |= other.breakdown;
        self.distribution |= other.distribution;
        self.correlation |= other.correlation;
        self.colour |= other.colour;
        self.compare |= other.compare;
        self.stacked |= other.stacked;
        self.kpi |= other.kpi;
        self.rows |= other.rows;
        self.overview |= other.overview;
        self.unknown.extend(other.unknown);
        self.matched += other.matched;
    }

    /// Adds a figure unless it is there.
    pub fn add_ask(&mut self, ask: Ask) {
        let there = self.asks.iter().any(|a| a.field == ask.field && (a.agg == ask.agg || ask.agg.is_none()));
        if !there {
            self.asks.push(ask);
        }
    }

    /// Adds a grouping unless it is there. `Year over year by fiscal year` is one by fiscal years.
    pub fn add_group(&mut self, group: Group) {
        for (fiscal, calendar) in [(Grain::FiscalYear, Grain::Year), (Grain::FiscalQuarter, Grain::Quarter)] {
            let plain = Group { field: None, grain: Some(calendar) };
            if group.grain == Some(fiscal) {
                self.groups.retain(|g| *g != plain);
            }
            if group == plain && self.groups.iter().any(|g| g.grain == Some(fiscal)) {
                return;
            }
        }
        if !self.groups.contains(&group) {
            self.groups.push(group);
        }
    }

    /// Adds conditions; values of a column that has values already join them: `JFK and LGA`.
    pub fn add_filters(&mut self, filters: Vec<Predicate>) {
        filters.into_iter().for_each(|filter| add(&mut self.filters, filter));
    }

    /// Adds what a share is of.
    pub fn add_when(&mut self, predicate: Predicate) {
        add(&mut self.when, predicate);
    }
}

fn add(all: &mut Vec<Predicate>, new: Predicate) {
    if all.contains(&new) {
        return;
    }
    let list = |p: &Predicate| matches!(p.op, Op::In | Op::NotIn);
    let same = |p: &&mut Predicate| p.source == new.source && p.part == new.part && list(p) && list(&new);
    let Some(existing) = all.iter_mut().find(same) else {
        return all.push(new);
    };
    for value in new.values {
        if !existing.values.contains(&value) {
            existing.values.push(value);
        }
    }
}
