//! Tables that belong together: one holds keys that another has once each. A question may then use the columns of both.

use std::collections::HashSet;

use vizroom_protocol::file::{Column, ColumnType, Dataset};

use super::fields::Data;
use super::query::{Join, Product, Query, Taken};
use super::text;
use super::turned::Turned;
use super::words::{Token, name_words};

/// Most tables looked up for one, and most columns taken over from each.
const JOINS_MAX: usize = 4;
const TAKEN_MAX: usize = 60;

/// Of so many values some may be no key of the other table, and how many in a hundred must be one.
const VALUES_MANY: u64 = 40;
const PART_MIN: usize = 90;

/// A dataset with the columns that others have for its rows.
#[derive(Clone, Debug)]
pub struct Joined {
    pub dataset: Dataset,
    pub joins: Vec<Join>,
    pub products: Vec<Product>,
    /// Where its columns of several years are told as rows.
    pub turned: Option<Turned>,
}

/// Every dataset with the columns that it has not itself: what a sentence asks of several years (or is `shown` of them),
/// and what others say of its rows.
pub fn extended(datasets: &[Dataset], said: &[Token], shown: impl Fn(&str) -> bool) -> Vec<Joined> {
    super::turned::turned(datasets, said, shown).into_iter().chain(joined(datasets)).collect()
}

/// Every dataset that others can be looked up for, with all that they say.
fn joined(datasets: &[Dataset]) -> Vec<Joined> {
    let mut out = Vec::new();
    for (at, dataset) in datasets.iter().enumerate() {
        let mut joined = Joined { dataset: dataset.clone(), joins: Vec::new(), products: Vec::new(), turned: None };
        let others: Vec<&Dataset> =
            datasets.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, o)| o).collect();
        for other in &others {
            if joined.joins.len() < JOINS_MAX
                && let Some((column, key)) = keys(dataset, other)
            {
                joined.add(other, &column.name, key);
            }
        }
        joined.follow(&others);
        joined.work_out();
        if !joined.joins.is_empty() || !joined.products.is_empty() {
            out.push(joined);
        }
    }
    out
}

impl Joined {
    /// What is looked up for the tables that are looked up: the genre of the track of an invoice's line.
    fn follow(&mut self, others: &[&Dataset]) {
        let mut at = 0;
        while let Some(join) = self.joins.get(at) {
            at += 1;
            let Some(near) = others.iter().copied().find(|o| o.name == join.dataset) else { continue };
            for far in others {
                let known = far.name == self.dataset.name || self.joins.iter().any(|j| j.dataset == far.name);
                let Some((column, key)) = (!known && self.joins.len() < JOINS_MAX).then(|| keys(near, far)).flatten()
                else {
                    continue;
                };
                let taken = self.joins[at - 1].takes.iter().find(|t| t.column == column.name).map(|t| t.name.clone());
                if let Some(taken) = taken {
                    self.add(far, &taken, key);
                }
            }
        }
    }

    /// What is worked out of several columns.
    fn work_out(&mut self) {
        // Most data has none, and looking closer takes a tenth of a plan.
        if !self.dataset.columns.iter().any(|c| c.name.to_lowercase().contains("pric")) {
            return;
        }
        let revenue = super::products::revenue(&Data::joined(self), &self.dataset);
        if let Some((column, product)) = revenue {
            self.dataset.columns.push(column);
            self.products.push(product);
        }
    }

    fn add(&mut self, other: &Dataset, column: &str, key: &Column) {
        let mut takes = Vec::new();
        for taken in other.columns.iter().filter(|c| c.name != key.name).take(TAKEN_MAX) {
            let name = self.free_name(other, taken);
            self.dataset.columns.push(Column { name: name.clone(), ..taken.clone() });
            takes.push(Taken { column: taken.name.clone(), name });
        }
        self.joins.push(Join { dataset: other.name.clone(), column: column.to_owned(), key: key.name.clone(), takes });
    }

    /// `name` of `airlines` is the `airline name` here; what is clear by itself keeps its name.
    fn free_name(&self, other: &Dataset, column: &Column) -> String {
        const VAGUE: &str =
            "name title type code id year month day date description label value count number kind total sum amount";
        let taken = |name: &str| self.dataset.columns.iter().any(|c| c.name.eq_ignore_ascii_case(name));
        let lower = column.name.to_lowercase();
        if !super::lists::has(VAGUE, &lower) && !taken(&column.name) {
            return column.name.clone();
        }
        let noun = text::singular(name_words(&other.name).last().map_or(other.name.as_str(), String::as_str));
        let name = format!("{noun} {}", column.name);
        let mut names = std::iter::once(name.clone()).chain((2..).map(|n| format!("{name} {n}")));
        names.find(|n| !taken(n)).unwrap_or(name)
    }
}

impl Data<'_> {
    /// The lookups that a query needs for the columns it reads.
    pub fn joins_of(&self, query: &Query) -> Vec<Join> {
        let products = self.products_of(query);
        let mut read = query.columns();
        read.extend(products.iter().flat_map(|p| &p.factors).map(String::as_str));
        let mut needed: Vec<Join> = Vec::new();
        // A key may come from a table that is looked up before.
        for join in self.joins.iter().rev() {
            let keys: Vec<&str> = needed.iter().map(|j| j.column.as_str()).collect();
            let used = |t: &&Taken| read.contains(&t.name.as_str()) || keys.contains(&t.name.as_str());
            let takes: Vec<Taken> = join.takes.iter().filter(used).cloned().collect();
            if !takes.is_empty() {
                needed.insert(0, Join { takes, ..join.clone() });
            }
        }
        needed
    }

    /// The columns that a query reads and that are worked out of others.
    pub fn products_of(&self, query: &Query) -> Vec<Product> {
        let read = query.columns();
        self.products.iter().filter(|p| read.contains(&p.name.as_str())).cloned().collect()
    }

    /// Whether it has columns that are not its dataset's own.
    pub fn is_extended(&self) -> bool {
        !self.joins.is_empty() || !self.products.is_empty() || self.turned.is_some()
    }

    /// Whether a query reads what this has, be it its dataset's own or others'.
    pub fn is_read_by(&self, query: &Query) -> bool {
        let told = self.turned.is_some() == query.turned.is_some();
        self.dataset.name == query.dataset && self.is_extended() == query.is_extended() && told
    }

    /// Tells a query where the columns come from that are not its dataset's own.
    ///
    /// # Errors
    /// The column of the years, where figures of several would be taken together.
    pub fn extend(&self, query: &mut Query) -> Result<(), Vec<String>> {
        query.joins = self.joins_of(query);
        query.products = self.products_of(query);
        let read = query.columns();
        let turned = self.turned.filter(|t| t.names().any(|name| read.contains(&name)));
        if let Some(turned) = turned.filter(|t| !read.contains(&t.year.as_str())) {
            return Err(vec![turned.year.clone()]);
        }
        query.turned = turned.cloned();
        Ok(())
    }
}

/// The column of `from` whose values are found in a column of `to` that has each only once.
fn keys<'d>(from: &'d Dataset, to: &'d Dataset) -> Option<(&'d Column, &'d Column)> {
    let pairs = || pairs(from, to);
    let same = |(column, key): &(&Column, &Column)| {
        let told = !is_own(column) || repeats(column, from) && reaches(column, key) || is_shared(column, from, key, to);
        let called = column.name.eq_ignore_ascii_case(&key.name);
        called && told && overlaps(column, key) && !numbers_its_own(column, from, to)
    };
    pairs()
        .find(|(column, key)| refers(column, to, key))
        .or_else(|| pairs().find(same))
        .or_else(|| held(from, to))
        .or_else(|| pairs().find(|(column, key)| is_within_keys(column, key)))
}

/// Columns of `from`, and columns of `to` of the same kind that have each value once.
fn pairs<'d>(from: &'d Dataset, to: &'d Dataset) -> impl Iterator<Item = (&'d Column, &'d Column)> {
    let unique = |c: &&Column| c.nulls == 0 && c.distinct == to.rows && to.rows > 1;
    let keys = to.columns.iter().filter(unique).filter(|c| is_key(c));
    keys.flat_map(|key| from.columns.iter().filter(|c| c.kind == key.kind).map(move |column| (column, key)))
}

/// The column whose texts are the other table's, whatever the two are called: that which has most of them, the first of
/// equals.
fn held<'d>(from: &'d Dataset, to: &'d Dataset) -> Option<(&'d Column, &'d Column)> {
    let found = pairs(from, to).filter_map(|(column, key)| Some((part_within(column, key)?, column, key)));
    let best = found.reduce(|best, next| if next.0 > best.0 { next } else { best });
    best.map(|(_, column, key)| (column, key))
}

/// Whether both tables number their rows by columns of one name, `geonameid` of cities and of countries, while a code
/// tells which belong together.
fn numbers_its_own(column: &Column, from: &Dataset, to: &Dataset) -> bool {
    let own = column.distinct == from.rows && column.kind == ColumnType::Integer;
    own && (held(from, to).is_some() || held(to, from).is_some())
}

/// Whether a key stands in several rows: that of something else, whatever it is called.
fn repeats(column: &Column, of: &Dataset) -> bool {
    column.distinct * 10 < of.rows * 9
}

/// Whether both tables have a row for each of the same numbers, `ID` of films and of their reviews: the same first and
/// last one, and too many left out between them for both to count their own rows.
fn is_shared(column: &Column, from: &Dataset, key: &Column, to: &Dataset) -> bool {
    let number = |v: &Option<serde_json::Value>| v.as_ref().and_then(serde_json::Value::as_f64);
    let sparse = number(&column.min).zip(number(&column.max)).is_some_and(|(a, b)| b - a > from.rows as f64 * 1.5);
    let same = column.min == key.min && column.max == key.max && from.rows == to.rows;
    column.kind == ColumnType::Integer && column.distinct == from.rows && same && sparse
}

/// Whether all numbers of a column lie within those of the key.
fn reaches(column: &Column, key: &Column) -> bool {
    let number = |v: &Option<serde_json::Value>| v.as_ref().and_then(serde_json::Value::as_f64);
    match (number(&column.min), number(&key.min), number(&column.max), number(&key.max)) {
        (Some(low), Some(least), Some(high), Some(most)) => least <= low && high <= most,
        _ => true,
    }
}

/// `customer_id` or `customerId` of the `id` in `customers`.
fn refers(column: &Column, to: &Dataset, key: &Column) -> bool {
    let nouns = name_words(&to.name);
    let Some(noun) = nouns.last().map(|n| text::singular(n)) else { return false };
    let said: Vec<String> = name_words(&column.name).iter().map(|w| text::singular(w)).collect();
    let own: Vec<String> = name_words(&key.name).iter().map(|w| text::singular(w)).collect();
    is_own(key) && own.len() == 1 && said.len() == 2 && said[0] == noun && said[1..] == own && overlaps(column, key)
}

/// `id`, which every table has for its own rows.
fn is_own(column: &Column) -> bool {
    let name = column.name.to_lowercase();
    matches!(name.as_str(), "id" | "index" | "no" | "nr" | "number" | "key" | "row" | "rowid" | "uuid" | "pid")
}

/// `support_rep_id`, all of whose numbers are an `id` of the other table, whatever that is called.
fn is_within_keys(column: &Column, key: &Column) -> bool {
    let names = name_words(&column.name);
    let refers = names.len() > 1 && names.last().is_some_and(|w| w == "id");
    refers
        && is_own(key)
        && column.kind == ColumnType::Integer
        && is_listed(column)
        && is_listed(key)
        && column.top.iter().all(|v| key.top.contains(v))
}

/// Measured values are no keys, whole numbers and texts may be.
fn is_key(column: &Column) -> bool {
    matches!(column.kind, ColumnType::Text | ColumnType::Integer)
}

/// Whether the two may hold the same values: only where the key is listed whole can it be ruled out.
fn overlaps(column: &Column, key: &Column) -> bool {
    let held = || column.top.iter().filter(|v| key.top.contains(v)).count();
    !is_listed(key) || column.top.is_empty() || held() * 4 >= column.top.len()
}

/// How many in a hundred of the values of a text column are the key's, whatever the two are called; of many, a few may
/// be unknown there.
fn part_within(column: &Column, key: &Column) -> Option<usize> {
    let text = column.kind == ColumnType::Text && column.distinct > 1 && is_listed(column) && is_listed(key);
    if !text {
        return None;
    }
    let known: HashSet<&str> = key.top.iter().filter_map(|v| v.as_str()).collect();
    let found = column.top.iter().filter(|v| v.as_str().is_some_and(|text| known.contains(text))).count();
    let part = found * 100 / column.top.len().max(1);
    (part >= if column.distinct >= VALUES_MANY { PART_MIN } else { 100 }).then_some(part)
}

/// Whether the profile lists all values.
fn is_listed(column: &Column) -> bool {
    !column.top.is_empty() && column.top.len() as u64 == column.distinct
}
