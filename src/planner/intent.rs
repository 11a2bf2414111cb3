//! What one card is asked to show, before it is decided how.

use vizroom_protocol::dashboard::{CardKind, Grain};

use super::lexicon::Rank;
use super::query::{Agg, Predicate};

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
    pub groups: Vec<Group>,
    /// Groups introduced with `by`; tells `by region` from a bare `region`.
    pub by: bool,
    /// A step of time named as a thing: `which month`, `rainy days`.
    pub noun_grain: Option<Grain>,
    pub filters: Vec<Predicate>,
    pub rank: Option<Rank>,
    /// Largest number of groups.
    pub top: Option<u64>,
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
        !self.filters.is_empty() && Intent { filters: Vec::new(), matched: 0, ..self.clone() }.is_empty()
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
            chart: None,
            stacked: false,
            filters: Vec::new(),
            matched: 0,
            ..self.clone()
        };
        rest.is_empty() && !(self.groups.is_empty() && self.noun_grain.is_none())
    }

    /// Whether nothing but figures is in it.
    pub fn only_asks(&self) -> bool {
        let rest = Intent {
            asks: Vec::new(),
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
        self.rank = other.rank.or(self.rank);
        self.top = other.top.or(self.top);
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

    /// Adds a grouping unless it is there.
    pub fn add_group(&mut self, group: Group) {
        if !self.groups.contains(&group) {
            self.groups.push(group);
        }
    }

    /// Adds conditions; values of a column that has values already join them: `JFK and LGA`.
    pub fn add_filters(&mut self, filters: Vec<Predicate>) {
        use super::query::Op;
        for filter in filters {
            let list = |p: &Predicate| matches!(p.op, Op::In | Op::NotIn);
            let same = self
                .filters
                .iter_mut()
                .find(|p| p.source == filter.source && p.part == filter.part && list(p) && list(&filter));
            match same {
                Some(existing) => {
                    for value in filter.values {
                        if !existing.values.contains(&value) {
                            existing.values.push(value);
                        }
                    }
                }
                None => self.filters.push(filter),
            }
        }
    }
}
