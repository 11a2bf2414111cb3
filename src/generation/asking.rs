//! A panel's query, checked against its table, as the planner's own query.

use serde_json::Value;
use vizroom_protocol::Error;
use vizroom_protocol::dashboard::{
    Aggregation, CardKind, Channel, Encoding, Figure, Grain, Group, PanelQuery, PanelSort, SortBy,
};
use vizroom_protocol::file::{Column, ColumnType, Dataset};

use crate::planner::{Agg, Cut, Dimension, Goal, Measure, Op, Predicate, Query, Rows, Sort, Source};

/// Figures and conditions of one query.
const FIGURES_MAX: usize = 20;
const FILTERS_MAX: usize = 50;
/// Rows asked for.
const LIMIT_MAX: u64 = 5_000;
/// Names of columns that say no more than that they are times.
const PLAIN_TIMES: [&str; 6] = ["date", "day", "time", "datetime", "timestamp", "date_time"];
/// Ranges of a histogram whose width nobody gave, about.
const BINS: f64 = 20.0;

/// A query as a goal of this kind.
pub(super) fn goal(wanted: &PanelQuery, kind: CardKind, tables: &[Dataset]) -> Result<Goal, Error> {
    let table = tables.iter().find(|t| t.name == wanted.table).ok_or_else(|| {
        let names: Vec<&str> = tables.iter().map(|t| t.name.as_str()).take(20).collect();
        Error::invalid("panel.query.table", format!("there is no such table; there are: {}", names.join(", ")))
    })?;
    if wanted.y.len() > FIGURES_MAX {
        return Err(Error::invalid("panel.query.y", format!("at most {FIGURES_MAX} figures")));
    }
    if wanted.limit.is_some_and(|limit| !(1..=LIMIT_MAX).contains(&limit)) {
        return Err(Error::invalid("panel.query.limit", format!("1 to {LIMIT_MAX}")));
    }
    let mut asking = Asking { table, query: Query { dataset: table.name.clone(), ..Query::default() } };
    let x = wanted.x.as_ref().map(|group| asking.group("x", group, kind)).transpose()?;
    let series = wanted.series.as_ref().map(|group| asking.group("series", group, kind)).transpose()?;
    let y = match kind {
        CardKind::Boxplot => asking.quartiles(&wanted.y)?,
        CardKind::Histogram if wanted.y.is_empty() => {
            vec![asking.figure(0, &Figure { column: None, aggregation: Some(Aggregation::Count) })?]
        }
        _ => asking.figures(&wanted.y)?,
    };
    asking.filters(wanted)?;
    let encoding = Encoding { x, y, series, target: None };
    asking.order(wanted.sort, &encoding)?;
    asking.query.limit = wanted.limit;
    let title = titled(kind, wanted, &encoding);
    let description = format!("{title} of {}.", label(&table.name).to_lowercase());
    Ok(Goal { kind, title, description, query: asking.query, encoding })
}

/// A title in the words of the kind, where the columns' roles are not those of a bar chart.
fn titled(kind: CardKind, wanted: &PanelQuery, encoding: &Encoding) -> String {
    let lower = |channel: &Channel| channel.label.to_lowercase();
    let by = |series: &Option<Channel>| series.as_ref().map(|s| format!(" by {}", lower(s))).unwrap_or_default();
    let figures = encoding.y.as_slice();
    match (kind, &encoding.x, figures) {
        (CardKind::Geomap, _, [_, size, ..]) => {
            format!("{} by place{}", size.label, by(&encoding.series).replace(" by", " and"))
        }
        (CardKind::Geomap, ..) => format!("Places{}", by(&encoding.series)),
        (CardKind::Scatter | CardKind::Bubble, Some(x), [y, ..])
            if wanted.y.iter().all(|f| f.aggregation.is_none()) =>
        {
            format!("{} against {}{}", y.label, lower(x), by(&encoding.series))
        }
        (CardKind::Boxplot, x, _) => {
            let column = wanted.y.first().and_then(|figure| figure.column.as_deref()).unwrap_or_default();
            format!("{}{}", label(column), by(x))
        }
        _ => title(encoding),
    }
}

struct Asking<'a> {
    table: &'a Dataset,
    query: Query,
}

impl<'a> Asking<'a> {
    fn column(&self, field: &str, name: &str) -> Result<&'a Column, Error> {
        let column = self.table.columns.iter().find(|c| c.name == name);
        column.ok_or_else(|| Error::invalid(field, format!("`{}` has no column `{name}`", self.table.name)))
    }

    /// A name for a result column that is plain and not taken.
    fn alias(&self, words: &str) -> String {
        let plain: String = words.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
        let plain = plain.to_lowercase();
        let taken = |name: &str| {
            self.query.dimensions.iter().any(|d| d.alias == name) || self.query.measures.iter().any(|m| m.alias == name)
        };
        let mut names = std::iter::once(plain.clone()).chain((2..).map(|n| format!("{plain}_{n}")));
        names.find(|name| !taken(name)).unwrap_or(plain)
    }

    fn group(&mut self, role: &str, group: &Group, kind: CardKind) -> Result<Channel, Error> {
        let at = |part: &str| format!("panel.query.{role}.{part}");
        let column = self.column(&at("column"), &group.column)?;
        let timed = matches!(column.kind, ColumnType::Date | ColumnType::Timestamp);
        let number = matches!(column.kind, ColumnType::Integer | ColumnType::Number);
        let cut = match (group.grain, group.bin) {
            (Some(_), Some(_)) => return Err(Error::invalid(at("bin"), "either `grain` or `bin`")),
            (Some(grain), _) if timed => Cut::Grain(grain),
            (Some(_), _) => return Err(Error::invalid(at("grain"), "is for dates and timestamps")),
            (_, Some(width)) if number && width.is_finite() && width > 0.0 => Cut::Bin(width),
            (_, Some(_)) => return Err(Error::invalid(at("bin"), "is a positive width, for numbers")),
            _ if kind == CardKind::Histogram && number => Cut::Bin(width(column)),
            _ => Cut::Whole,
        };
        let (grain, words) = match cut {
            Cut::Grain(grain) => (Some(grain), format!("{} {}", column.name, word(grain))),
            _ => (None, column.name.clone()),
        };
        let alias = self.alias(&words);
        let source = Source::Column { name: column.name.clone(), kind: column.kind };
        let shown = match grain {
            // `Month` says as much as `Date month`.
            Some(grain) if PLAIN_TIMES.contains(&column.name.to_lowercase().as_str()) => label(word(grain)),
            Some(_) => label(&words),
            None => label(&column.name),
        };
        let (filter, bin) = (Some(column.name.clone()), if let Cut::Bin(width) = cut { Some(width) } else { None });
        let skip_null = timed || matches!(cut, Cut::Bin(_));
        self.query.dimensions.push(Dimension { source, cut, alias: alias.clone(), skip_null, sides: None });
        Ok(Channel { field: alias, label: shown, filter, grain, bin, ..Channel::default() })
    }

    fn figures(&mut self, wanted: &[Figure]) -> Result<Vec<Channel>, Error> {
        let raw = wanted.iter().filter(|figure| figure.aggregation.is_none()).count();
        if raw > 0 && raw < wanted.len() {
            return Err(Error::invalid("panel.query.y", "either all figures have an aggregation, or none"));
        }
        if raw > 0 {
            self.query.rows = Some(Rows { stride: 1 });
        }
        wanted.iter().enumerate().map(|(at, figure)| self.figure(at, figure)).collect()
    }

    fn figure(&mut self, at: usize, figure: &Figure) -> Result<Channel, Error> {
        let field = format!("panel.query.y[{at}]");
        let column = figure.column.as_deref().map(|name| self.column(&format!("{field}.column"), name)).transpose()?;
        let agg = match figure.aggregation {
            Some(Aggregation::Count) => Agg::Count,
            Some(Aggregation::CountDistinct) => Agg::Distinct,
            Some(Aggregation::Sum) => Agg::Sum,
            Some(Aggregation::Avg) => Agg::Avg,
            Some(Aggregation::Min) => Agg::Min,
            Some(Aggregation::Max) => Agg::Max,
            Some(Aggregation::Median) => Agg::Median,
            None => Agg::Value,
        };
        let counts = matches!(agg, Agg::Count | Agg::Distinct);
        let Some(column) = column else {
            if agg != Agg::Count {
                return Err(Error::invalid(format!("{field}.column"), "only rows can be counted without one"));
            }
            let measure = Measure::new(agg, None, self.alias("number of rows"));
            return Ok(self.measure(measure, "Number of rows".into(), ",.0f"));
        };
        if !counts && agg != Agg::Value && !matches!(column.kind, ColumnType::Integer | ColumnType::Number) {
            return Err(Error::invalid(format!("{field}.aggregation"), format!("`{}` holds no numbers", column.name)));
        }
        let whole = counts || (column.kind == ColumnType::Integer && !matches!(agg, Agg::Avg | Agg::Median));
        let numeric = counts || matches!(column.kind, ColumnType::Integer | ColumnType::Number);
        let (name, format) = (column.name.clone(), if whole { ",.0f" } else { ",.2f" });
        let how = how(agg);
        let measure = Measure::new(agg, Some(&name), self.alias(format!("{how} {name}").trim()));
        let mut channel = self.measure(measure, label(format!("{how} {name}").trim()), format);
        channel.format = channel.format.filter(|_| numeric);
        Ok(channel)
    }

    fn measure(&mut self, measure: Measure, label: String, format: &str) -> Channel {
        let field = measure.alias.clone();
        self.query.measures.push(measure);
        Channel { field, label, format: Some(format.into()), ..Channel::default() }
    }

    /// The five figures of a box.
    fn quartiles(&mut self, wanted: &[Figure]) -> Result<Vec<Channel>, Error> {
        let [Figure { column: Some(name), aggregation: None }] = wanted else {
            return Err(Error::invalid("panel.query.y", "a boxplot needs one column, without aggregation"));
        };
        let column = self.column("panel.query.y[0].column", name)?;
        if !matches!(column.kind, ColumnType::Integer | ColumnType::Number) {
            return Err(Error::invalid("panel.query.y[0].column", "holds no numbers"));
        }
        let five = [Agg::Min, Agg::LowerQuartile, Agg::Median, Agg::UpperQuartile, Agg::Max];
        let words = ["minimum", "lower quartile", "median", "upper quartile", "maximum"];
        let one = |(agg, words): (Agg, &str)| {
            let measure = Measure::new(agg, Some(name), self.alias(&format!("{words} {name}")));
            self.measure(measure, label(&format!("{words} {name}")), ",.2~f")
        };
        Ok(five.into_iter().zip(words).map(one).collect())
    }

    fn filters(&mut self, wanted: &PanelQuery) -> Result<(), Error> {
        if wanted.filters.len() > FILTERS_MAX {
            return Err(Error::invalid("panel.query.filters", format!("at most {FILTERS_MAX} columns")));
        }
        for (name, value) in &wanted.filters {
            let field = format!("panel.query.filters.{name}");
            let column = self.column(&field, name)?;
            let source = Source::Column { name: name.clone(), kind: column.kind };
            let predicates = conditions(&source, column.kind, value).map_err(|why| Error::invalid(field, why))?;
            self.query.filters.extend(predicates);
        }
        Ok(())
    }

    /// As asked; else names by the first figure, and everything that has an order of its own by that.
    fn order(&mut self, wanted: Option<PanelSort>, encoding: &Encoding) -> Result<(), Error> {
        let (x, y) = (encoding.x.as_ref().map(|x| &x.field), encoding.y.first().map(|y| &y.field));
        let named = self.query.dimensions.first().is_some_and(|d| match &d.source {
            Source::Column { kind, .. } => matches!(kind, ColumnType::Text | ColumnType::Boolean),
            Source::Parts { .. } | Source::Spelled { .. } | Source::Less { .. } => false,
        });
        let (by, descending) = match wanted {
            Some(PanelSort { by: SortBy::X, descending }) => (x, descending),
            Some(PanelSort { by: SortBy::Y, descending }) => (y, descending),
            None if named && self.query.rows.is_none() => (y, true),
            None => (x, false),
        };
        match (by, wanted) {
            (Some(alias), _) => {
                self.query.sort.push(Sort { alias: alias.clone(), descending });
                // Equal ones always in the same order.
                for tie in self.query.dimensions.iter().filter(|d| d.alias != *alias) {
                    self.query.sort.push(Sort { alias: tie.alias.clone(), descending: false });
                }
                Ok(())
            }
            (None, Some(_)) => Err(Error::invalid("panel.query.sort.by", "the query has no such column")),
            (None, None) => Ok(()),
        }
    }
}

/// A filter's words as conditions.
fn conditions(source: &Source, kind: ColumnType, value: &Value) -> Result<Vec<Predicate>, &'static str> {
    let scalar = |value: &Value| match (value, kind) {
        (Value::Bool(_), ColumnType::Boolean) => Ok(value.clone()),
        (Value::Number(_), ColumnType::Integer | ColumnType::Number) => Ok(value.clone()),
        (Value::String(_), ColumnType::Text) => Ok(value.clone()),
        (Value::String(text), ColumnType::Date | ColumnType::Timestamp) if is_time(text) => Ok(value.clone()),
        _ => Err("does not suit this column"),
    };
    let one = |op, values| Predicate { source: source.clone(), part: None, op, values };
    Ok(match value {
        Value::Null => vec![one(Op::IsNull, Vec::new())],
        Value::Array(values) => vec![one(Op::In, values.iter().map(scalar).collect::<Result<_, _>>()?)],
        Value::Object(range) => {
            let mut all = Vec::new();
            for (word, value) in range {
                let op = match word.as_str() {
                    "gt" => Op::Gt,
                    "gte" => Op::Gte,
                    "lt" => Op::Lt,
                    "lte" => Op::Lte,
                    _ => return Err("a range has gt, gte, lt and lte"),
                };
                all.push(one(op, vec![scalar(value)?]));
            }
            all
        }
        other => vec![one(Op::In, vec![scalar(other)?])],
    })
}

/// `2024-03-05`, or with a time behind it.
fn is_time(text: &str) -> bool {
    let day = text.get(..10).is_some_and(|day| day.parse::<chrono::NaiveDate>().is_ok());
    let moment = || text.replace(' ', "T").parse::<chrono::NaiveDateTime>().is_ok();
    day && (text.len() == 10 || moment())
}

/// A width that gives about [`BINS`] ranges: 1, 2 or 5 times a power of ten.
fn width(column: &Column) -> f64 {
    let edge = |value: &Option<Value>| value.as_ref().and_then(Value::as_f64).unwrap_or(0.0);
    let raw = (edge(&column.max) - edge(&column.min)) / BINS;
    if !raw.is_finite() || raw <= 0.0 {
        return 1.0;
    }
    let ten = 10_f64.powf(raw.log10().floor());
    let nice = [1.0, 2.0, 5.0, 10.0].into_iter().map(|n| n * ten).find(|width| *width >= raw).unwrap_or(raw);
    if column.kind == ColumnType::Integer { nice.max(1.0) } else { nice }
}

fn how(agg: Agg) -> &'static str {
    match agg {
        Agg::Count => "number of",
        Agg::Distinct => "distinct",
        Agg::Sum => "total",
        Agg::Avg => "average",
        Agg::Min => "smallest",
        Agg::Max => "largest",
        Agg::Median => "median",
        _ => "",
    }
}

fn word(grain: Grain) -> &'static str {
    match grain {
        Grain::Hour => "hour",
        Grain::Day => "day",
        Grain::Week => "week",
        Grain::Month => "month",
        Grain::Quarter => "quarter",
        Grain::Year => "year",
        Grain::HourOfDay => "hour of day",
        Grain::DayOfWeek => "weekday",
        Grain::MonthOfYear => "month of year",
        Grain::FiscalQuarter => "fiscal quarter",
        Grain::FiscalYear => "fiscal year",
    }
}

/// `total_revenue` → `Total revenue`
pub(super) fn label(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut chars = words.trim().chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// `Total revenue by region and month`
pub(super) fn title(encoding: &Encoding) -> String {
    let lower = |text: &str| text.to_lowercase();
    let figures: Vec<&str> = encoding.y.iter().map(|y| y.label.as_str()).take(3).collect();
    let groups: Vec<String> = encoding.x.iter().chain(&encoding.series).map(|c| lower(&c.label)).collect();
    let mut title = if figures.is_empty() { "Rows".to_owned() } else { label(&lower(&figures.join(", "))) };
    if !groups.is_empty() {
        title.push_str(&format!(" by {}", groups.join(" and ")));
    }
    title.chars().take(200).collect()
}
