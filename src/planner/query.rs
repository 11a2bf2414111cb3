//! What a card asks of the data, as a structure: refinement edits it, [`Query::sql`] writes it out.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use vizroom_protocol::dashboard::Grain;
use vizroom_protocol::file::ColumnType;

use super::turned::Turned;

/// One question to one dataset. Groups by `dimensions` and computes `measures`, or lists rows as they are.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct Query {
    /// The dataset's name: the one table the SQL reads.
    pub dataset: String,
    pub dimensions: Vec<Dimension>,
    pub measures: Vec<Measure>,
    /// All must hold.
    pub filters: Vec<Predicate>,
    /// Only the strongest values of one dimension, where there are too many to read.
    pub keep: Option<Keep>,
    pub sort: Vec<Sort>,
    /// Largest number of rows.
    pub limit: Option<u64>,
    /// Rows as they are instead of groups.
    pub rows: Option<Rows>,
    /// Tables that are looked up for columns the dataset itself does not have.
    #[serde(default)]
    pub joins: Vec<Join>,
    /// Columns that are worked out of others, row by row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<Product>,
    /// Figures of several years, whose columns are told as rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turned: Option<Turned>,
    /// Only the first of each group, by the order of the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<First>,
    /// Only groups whose first measure is so.
    #[serde(default)]
    pub having: Vec<Having>,
    /// How many groups there are, under this name, instead of the groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count_of_groups: Option<String>,
    /// The month that fiscal years begin with; absent: January. No plan knows it: whoever runs the query does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fiscal_year_begins: Option<u8>,
}

/// A table with one row for each value of its key: a row of the query's dataset finds at most one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Join {
    /// The name of the table looked up.
    pub dataset: String,
    /// The column that holds keys: the query's dataset's, or one that an earlier lookup takes over.
    pub column: String,
    /// The column of the table looked up that they are found in.
    pub key: String,
    /// What is taken over, and the name it goes by in the query.
    pub takes: Vec<Taken>,
}

/// A column of a table looked up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Taken {
    pub column: String,
    /// Unlike any column of the query's dataset.
    pub name: String,
}

/// A column that is the product of others: what was paid of a price and a quantity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Product {
    /// Unlike any other column of the query.
    pub name: String,
    /// Columns of the query's dataset, or that it takes over.
    pub factors: Vec<String>,
}

/// The first rows of a result within each value of one of its dimensions: the best product of each region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct First {
    /// The dimension, by its alias.
    pub of_each: String,
    pub count: u64,
}

/// A condition on a group's figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Having {
    pub op: Op,
    pub value: Value,
    /// The figure that is limited, where it is not the one shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Measure>,
}

/// Where the values of a dimension or a predicate come from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    Column {
        name: String,
        kind: ColumnType,
    },
    /// A date that the file spells in several integer columns. Without a `day` it is the first of the month.
    Parts {
        year: String,
        month: String,
        day: Option<String>,
    },
    /// A period that a text spells; it stands for its first day.
    Spelled {
        name: String,
        form: Spelling,
    },
    /// One figure of a row less another.
    Less {
        name: String,
        less: String,
    },
}

/// How a text spells a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spelling {
    /// `1998 Q1`
    YearQuarter,
    /// `Q1 1998`
    QuarterYear,
    /// `1998-01`
    YearMonth,
    /// `01/1998`
    MonthYear,
    /// `1998 Jan`
    YearName,
    /// `Jan 1998`
    NameYear,
}

impl Source {
    /// The columns of a plain source, or of two figures.
    pub fn names(&self) -> Vec<&str> {
        match self {
            Source::Less { name, less } => vec![name, less],
            other => other.column().into_iter().collect(),
        }
    }

    /// The source's column, where there is exactly one.
    pub fn column(&self) -> Option<&str> {
        match self {
            Source::Column { name, .. } | Source::Spelled { name, .. } => Some(name),
            Source::Parts { .. } | Source::Less { .. } => None,
        }
    }
}

/// A column of the result that groups are made by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dimension {
    pub source: Source,
    pub cut: Cut,
    /// Name of the result column.
    pub alias: String,
    /// Leave out rows that have no value here.
    pub skip_null: bool,
    /// Not the values, but those for which something holds against all others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sides: Option<super::sides::Sides>,
}

/// How a dimension's values are put together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// Each value by itself.
    Whole,
    /// By steps of time.
    Grain(Grain),
    /// By decades; a value is the year that one begins with.
    Decade,
    /// By what of the week a day is: `Weekend` or `Weekday`.
    Weekend,
    /// By ranges of this width; a value stands for the range that begins with it.
    Bin(f64),
}

/// A computed column of the result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    pub agg: Agg,
    /// Absent: the rows themselves.
    pub column: Option<String>,
    /// Divide the sum of `column` by the sum of this one.
    pub over: Option<String>,
    /// Divide the count by how many different values of this one there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<String>,
    /// Divide by how many different steps of time there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<Step>,
    /// Subtract this column, row by row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub less: Option<String>,
    /// How far the two lie apart, whichever is larger.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub apart: bool,
    /// Per so many of what it is divided by: 100,000 people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<f64>,
    /// Count only rows for which all hold; for [`Agg::Rate`] the rows whose share is asked.
    pub when: Vec<Predicate>,
    /// The same over these rows is subtracted: the change from one period to another.
    #[serde(default)]
    pub minus: Vec<Predicate>,
    /// As a part of the whole result, 0–1.
    pub share: bool,
    /// Computed further along the first dimension.
    #[serde(default)]
    pub course: Option<Course>,
    /// Name of the result column.
    pub alias: String,
}

/// A step of time that a figure is told for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub source: Source,
    pub cut: Cut,
    pub grain: Grain,
}

/// What is made of a figure along its course.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Course {
    /// The change from the step before, as a part of it: 0.1 is a tenth more.
    Change,
    /// The sum of all steps so far.
    Running,
    /// The average of the newest `steps` steps.
    Moving { steps: u32, grain: Grain },
}

/// How values become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Agg {
    Count,
    Distinct,
    Sum,
    Avg,
    Min,
    Max,
    Median,
    LowerQuartile,
    UpperQuartile,
    /// Of a sample.
    Deviation,
    /// Share of rows (or of a column's sum) for which `when` holds, 0–1.
    Rate,
    /// The value of each row; only with [`Query::rows`].
    Value,
}

/// A condition on one source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Predicate {
    pub source: Source,
    /// Compare this part of a time rather than the time itself.
    pub part: Option<Grain>,
    pub op: Op,
    /// One value; any number for `In` and `NotIn`; none for the null tests.
    pub values: Vec<Value>,
}

/// Comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    In,
    NotIn,
    Lt,
    Lte,
    Gt,
    Gte,
    IsNull,
    NotNull,
    /// A text has another one in it, whatever their case.
    Contains,
    Lacks,
}

/// Only the strongest `count` values of a dimension, by the first measure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Keep {
    /// Alias of the dimension.
    pub alias: String,
    pub count: u64,
}

/// One sort key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sort {
    pub alias: String,
    pub descending: bool,
}

/// Rows as they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rows {
    /// Every so-manyth row in the order of the values: an even sample. 1: all.
    pub stride: u64,
}

impl Query {
    /// The datasets it reads.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.dataset.as_str()).chain(self.joins.iter().map(|j| j.dataset.as_str()))
    }

    /// Whether it reads columns that are not its dataset's own.
    pub fn is_extended(&self) -> bool {
        !self.joins.is_empty() || !self.products.is_empty() || self.turned.is_some()
    }

    /// Every column it reads, by the names it has in the query; some more than once.
    pub fn columns(&self) -> Vec<&str> {
        let conditions = self.measures.iter().flat_map(|m| m.when.iter().chain(&m.minus)).chain(&self.filters);
        let steps = self.measures.iter().filter_map(|m| m.steps.as_ref()).map(|s| &s.source);
        let conditions = conditions.chain(self.dimensions.iter().flat_map(|d| &d.sides).flat_map(|s| &s.when));
        let sources = self.dimensions.iter().map(|d| &d.source).chain(conditions.map(|p| &p.source)).chain(steps);
        let mut out: Vec<&str> = Vec::new();
        for source in sources {
            match source {
                Source::Column { name, .. } | Source::Spelled { name, .. } => out.push(name),
                Source::Less { name, less } => out.extend([name.as_str(), less]),
                Source::Parts { year, month, day } => {
                    out.extend([Some(year), Some(month), day.as_ref()].into_iter().flatten().map(String::as_str));
                }
            }
        }
        let limited = self.having.iter().filter_map(|h| h.of.as_ref());
        out.extend(
            self.measures
                .iter()
                .chain(limited)
                .flat_map(|m| [&m.column, &m.over, &m.each, &m.less])
                .flatten()
                .map(String::as_str),
        );
        out
    }

    /// The dimension of this alias.
    pub fn dimension(&self, alias: &str) -> Option<&Dimension> {
        self.dimensions.iter().find(|d| d.alias == alias)
    }
}

impl Predicate {
    /// What holds exactly where this does not (but for rows without a value, where neither does).
    pub fn negated(&self) -> Self {
        let op = match self.op {
            Op::In => Op::NotIn,
            Op::NotIn => Op::In,
            Op::Lt => Op::Gte,
            Op::Lte => Op::Gt,
            Op::Gt => Op::Lte,
            Op::Gte => Op::Lt,
            Op::IsNull => Op::NotNull,
            Op::NotNull => Op::IsNull,
            Op::Contains => Op::Lacks,
            Op::Lacks => Op::Contains,
        };
        Self { op, ..self.clone() }
    }

    /// Whether a limit of the same thing holds beside it: `until 2005` of what is shown since 2000.
    pub fn leaves_open(&self, new: &Self) -> bool {
        let old = self;
        let above = |p: &Self| matches!(p.op, Op::Gt | Op::Gte);
        let below = |p: &Self| matches!(p.op, Op::Lt | Op::Lte);
        let (low, high) = match () {
            () if above(old) && below(new) => (old, new),
            () if below(old) && above(new) => (new, old),
            () => return false,
        };
        match (low.values.first(), high.values.first()) {
            (Some(a), Some(b)) => match (a.as_f64().zip(b.as_f64()), a.as_str().zip(b.as_str())) {
                (Some((a, b)), _) => a < b || a <= b && low.op == Op::Gte && high.op == Op::Lte,
                (_, Some((a, b))) => a < b,
                _ => false,
            },
            _ => false,
        }
    }
}

impl Measure {
    /// `agg` of a column, or of the rows, under a name.
    pub fn new(agg: Agg, column: Option<&str>, alias: impl Into<String>) -> Self {
        Self {
            agg,
            column: column.map(str::to_owned),
            over: None,
            each: None,
            steps: None,
            less: None,
            apart: false,
            times: None,
            when: Vec::new(),
            minus: Vec::new(),
            share: false,
            course: None,
            alias: alias.into(),
        }
    }

    /// Whether values of parts add up to the value of the whole.
    pub fn adds_up(&self) -> bool {
        let plain = self.over.is_none()
            && self.each.is_none()
            && self.steps.is_none()
            && self.minus.is_empty()
            && self.course.is_none();
        plain && matches!(self.agg, Agg::Count | Agg::Sum)
    }
}
