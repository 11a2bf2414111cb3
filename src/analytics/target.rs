//! What a key of a filter compares in one table, and its values as literals of that type: never text of a query.

use datafusion::arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use datafusion::common::{Column, ScalarValue};
use datafusion::functions::expr_fn::date_part;
use datafusion::logical_expr::utils::{conjunction, disjunction};
use datafusion::logical_expr::{Expr, cast, lit};
use serde_json::Value;
use vizroom_protocol::dashboard::Grain;
use vizroom_protocol::file::ColumnType;

use super::literal::{instant, literal, unsuited};
use super::moment::{self, DAY_US};
use super::table::column_type;
use super::when::{self, When, Zone};

/// Values in one list.
const LIST_MAX: usize = 10_000;
/// Stretches of time in one list: each is a range of its own.
const STRETCHES_MAX: usize = 200;

/// What a key compares: a column, the period that a date lies in, or a part of a date that comes again.
pub(super) struct Target<'a> {
    field: &'a Field,
    cut: Cut,
    zone: Option<Zone>,
    /// The month that fiscal years begin with.
    begins: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    Whole,
    /// The hour, day … year.
    Period(Grain),
    Part(Part),
}

/// A part of a date that comes again: its number, as SQL counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    HourOfDay,
    Weekday,
    DayOfMonth,
    Week,
    Month,
    Quarter,
    FiscalQuarter,
}

/// Why a key is not of a table.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Miss {
    NoColumn,
    /// It may be each of these.
    Dates(Vec<String>),
    /// It is, but makes no sense there.
    Wrong(String),
}

/// What one value covers of what is compared: itself, or everything from `low` up to but not including `end`.
struct Span {
    compared: Expr,
    low: ScalarValue,
    end: Option<ScalarValue>,
    /// What it covers besides `low`: months of a quarter.
    others: Vec<Expr>,
}

impl<'a> Target<'a> {
    /// What `key` is in a table that may be called by any of `names`.
    pub(super) fn find(schema: &'a Schema, names: &[&str], key: &str) -> Result<Self, Miss> {
        for (column_part, cut, zone) in readings(key) {
            for name in unqualified(column_part, names) {
                if let Some(field) = column(schema, name) {
                    return Self::on(field, cut, zone).map_err(Miss::Wrong);
                }
                if let (None, Some(cut)) = (cut, word(name)) {
                    let dates: Vec<&Field> = schema.fields().iter().map(AsRef::as_ref).filter(|f| is_time(f)).collect();
                    match dates.as_slice() {
                        [] => {}
                        [field] => {
                            return Self { field, cut, zone: None, begins: 1 }.in_zone(zone).map_err(Miss::Wrong);
                        }
                        many => return Err(Miss::Dates(many.iter().map(|field| field.name().clone()).collect())),
                    }
                }
            }
        }
        Err(Miss::NoColumn)
    }

    fn on(field: &'a Field, cut: Option<&str>, zone: Option<&str>) -> Result<Self, String> {
        let target = match cut {
            None => Self { field, cut: Cut::Whole, zone: None, begins: 1 },
            Some(_) if !is_time(field) => {
                return Err(format!("column {} is neither a date nor a timestamp", field.name()));
            }
            Some(text) => {
                let cut = grain(text).or_else(|| word(text)).ok_or_else(|| format!("there is no grain {text}"))?;
                Self { field, cut, zone: None, begins: 1 }
            }
        };
        target.in_zone(zone)
    }

    fn in_zone(self, zone: Option<&str>) -> Result<Self, String> {
        let Some(zone) = zone else { return Ok(self) };
        match column_type(self.field.data_type()) {
            ColumnType::Timestamp => {
                let zone = Zone::parse(zone).ok_or_else(|| format!("there is no time zone {zone}"))?;
                Ok(Self { zone: Some(zone), ..self })
            }
            ColumnType::Date => Err(format!("{} holds calendar days, which have no zone", self.field.name())),
            _ => Err(format!("column {} is neither a date nor a timestamp", self.field.name())),
        }
    }

    /// The same where fiscal years begin with this month.
    pub(super) fn beginning(self, begins: u8) -> Self {
        Self { begins, ..self }
    }

    /// The rows that a value of the filter leaves.
    pub(super) fn condition(&self, value: &Value) -> Result<Expr, String> {
        match value {
            Value::Null => Ok(self.column().is_null()),
            Value::Array(values) => self.any_of(values),
            Value::Object(range) => {
                let mut conditions = Vec::new();
                for (operator, value) in range {
                    conditions.push(match self.quarters(operator, value)? {
                        Some(quarters) => self.any_of(&quarters)?,
                        None => self.span(value)?.compare(operator)?,
                    });
                }
                conjunction(conditions).ok_or_else(|| "a range needs gt, gte, lt or lte".to_owned())
            }
            scalar => Ok(self.span(scalar)?.equals()),
        }
    }

    fn any_of(&self, values: &[Value]) -> Result<Expr, String> {
        let too_many = |limit| Err(format!("{} values are more than the {limit} allowed", values.len()));
        if values.len() > LIST_MAX {
            return too_many(LIST_MAX);
        }
        // Values by what they are compared with: few different things, whatever the values.
        let (mut listed, mut conditions): (Vec<(Expr, Vec<Expr>)>, Vec<Expr>) = (Vec::new(), Vec::new());
        for value in values {
            if value.is_null() {
                conditions.push(self.column().is_null());
                continue;
            }
            let span = self.span(value)?;
            if span.end.is_some() || !span.others.is_empty() {
                conditions.push(span.equals());
            } else if let Some((_, literals)) = listed.iter_mut().find(|(compared, _)| *compared == span.compared) {
                literals.push(lit(span.low));
            } else {
                listed.push((span.compared, vec![lit(span.low)]));
            }
        }
        if conditions.len() > STRETCHES_MAX {
            return too_many(STRETCHES_MAX);
        }
        conditions.extend(listed.into_iter().map(|(compared, literals)| compared.in_list(literals, false)));
        Ok(disjunction(conditions).unwrap_or_else(|| lit(false)))
    }

    fn column(&self) -> Expr {
        Expr::Column(Column::new_unqualified(self.field.name()))
    }

    fn span(&self, value: &Value) -> Result<Span, String> {
        match self.cut {
            Cut::Whole if is_time(self.field) => {
                let when = When::read(value).ok_or_else(|| unsuited(self.field, value))?;
                self.stretch(when.in_zone(self.zone)).ok_or_else(|| beyond(value))
            }
            Cut::Whole => Ok(Span::value(self.column(), literal(self.field, value)?)),
            Cut::Period(grain) => match (self.when(grain, value), Part::of(grain)) {
                (Some(when), _) => self.period(when, grain).ok_or_else(|| beyond(value)),
                // `date:month = March` is every March.
                (None, Some(part)) if value.is_string() => self.part(part, value),
                _ => Err(format!("{value} is no date")),
            },
            Cut::Part(part) => {
                let when = part.period().and_then(|grain| Some((grain, self.when(grain, value)?)));
                match (part.number(value), when) {
                    // `quarter = 2024-Q4` is that one.
                    (None, Some((grain, when))) if value.is_string() => {
                        self.period(when, grain).ok_or_else(|| beyond(value))
                    }
                    _ => self.part(part, value),
                }
            }
        }
    }

    fn when(&self, grain: Grain, value: &Value) -> Option<When> {
        match grain {
            Grain::FiscalQuarter | Grain::FiscalYear => When::fiscal(value, self.begins),
            _ => When::read(value),
        }
    }

    /// The fiscal quarters of any year that compare so with one of them: their months stand in no order.
    fn quarters(&self, operator: &str, value: &Value) -> Result<Option<Vec<Value>>, String> {
        let part = Part::FiscalQuarter;
        let meant = self.cut == Cut::Part(part) || self.cut == Cut::Period(Grain::FiscalQuarter) && value.is_string();
        let Some(number) = part.number(value).filter(|_| meant) else { return Ok(None) };
        let holds: fn(i32, i32) -> bool = match operator {
            "gt" => |quarter, number| quarter > number,
            "gte" => |quarter, number| quarter >= number,
            "lt" => |quarter, number| quarter < number,
            "lte" => |quarter, number| quarter <= number,
            _ => return Err(format!("a range has gt, gte, lt and lte, not {operator}")),
        };
        Ok(Some(part.range().filter(|quarter| holds(*quarter, number)).map(Value::from).collect()))
    }

    fn part(&self, part: Part, value: &Value) -> Result<Span, String> {
        let number = part.number(value).ok_or_else(|| {
            let range = part.range();
            format!("{value} is not within {} to {}", range.start(), range.end())
        })?;
        let shown = match self.zone {
            None => self.column(),
            Some(zone) => {
                let at = |zone: String| DataType::Timestamp(TimeUnit::Microsecond, Some(zone.into()));
                // First a moment, then what a clock shows then.
                cast(cast(self.column(), at(when::UTC.name())), at(zone.name()))
            }
        };
        let compared = date_part(lit(part.sql()), shown);
        if part != Part::FiscalQuarter {
            return Ok(Span::value(compared, ScalarValue::Int32(Some(number))));
        }
        let month = |nth: i32| (i32::from(self.begins) - 1 + (number - 1) * 3 + nth) % 12 + 1;
        let one = Span::value(compared, ScalarValue::Int32(Some(month(0))));
        Ok(Span { others: vec![lit(month(1)), lit(month(2))], ..one })
    }

    fn period(&self, when: When, grain: Grain) -> Option<Span> {
        let when =
            if column_type(self.field.data_type()) == ColumnType::Date { when } else { when.in_zone(self.zone)? };
        self.stretch(when.widened(grain, self.begins))
    }

    fn stretch(&self, when: Option<When>) -> Option<Span> {
        let (when, compared) = (when?, self.column());
        if column_type(self.field.data_type()) == ColumnType::Timestamp {
            let (start, end) = when.utc()?;
            let end = if when.is_moment() { None } else { Some(instant(self.field, end)?) };
            return Some(Span { end, ..Span::value(compared, instant(self.field, start)?) });
        }
        // Days are days, wherever they are written.
        let days = (when.end - when.start.div_euclid(DAY_US) * DAY_US + DAY_US - 1) / DAY_US;
        let end =
            if days > 1 { Some(instant(self.field, (when.start.div_euclid(DAY_US) + days) * DAY_US)?) } else { None };
        Some(Span { end, ..Span::value(compared, instant(self.field, when.start)?) })
    }
}

impl Span {
    fn value(compared: Expr, low: ScalarValue) -> Self {
        Self { compared, low, end: None, others: Vec::new() }
    }

    fn equals(self) -> Expr {
        match self.end {
            None if !self.others.is_empty() => {
                self.compared.in_list(std::iter::once(lit(self.low)).chain(self.others).collect(), false)
            }
            None => self.compared.eq(lit(self.low)),
            Some(end) => self.compared.clone().gt_eq(lit(self.low)).and(self.compared.lt(lit(end))),
        }
    }

    fn compare(self, operator: &str) -> Result<Expr, String> {
        let Span { compared, low, end, .. } = self;
        Ok(match (operator, end) {
            ("gte", _) => compared.gt_eq(lit(low)),
            ("lt", _) => compared.lt(lit(low)),
            ("gt", None) => compared.gt(lit(low)),
            ("gt", Some(end)) => compared.gt_eq(lit(end)),
            ("lte", None) => compared.lt_eq(lit(low)),
            ("lte", Some(end)) => compared.lt(lit(end)),
            _ => return Err(format!("a range has gt, gte, lt and lte, not {operator}")),
        })
    }
}

impl Part {
    fn sql(self) -> &'static str {
        match self {
            Part::HourOfDay => "hour",
            Part::Weekday => "isodow",
            Part::DayOfMonth => "day",
            Part::Week => "week",
            Part::Month | Part::FiscalQuarter => "month",
            Part::Quarter => "quarter",
        }
    }

    fn range(self) -> std::ops::RangeInclusive<i32> {
        match self {
            Part::HourOfDay => 0..=23,
            Part::Weekday => 1..=7,
            Part::DayOfMonth => 1..=31,
            Part::Week => 1..=53,
            Part::Month => 1..=12,
            Part::Quarter | Part::FiscalQuarter => 1..=4,
        }
    }

    fn number(self, value: &Value) -> Option<i32> {
        let text = match value {
            Value::String(text) => text.trim().to_owned(),
            other => other.to_string(),
        };
        let named = match self {
            Part::Weekday => moment::weekday(&text),
            Part::Month => moment::month(&text),
            Part::Quarter | Part::FiscalQuarter => when::quarter(&text),
            Part::HourOfDay | Part::DayOfMonth | Part::Week => None,
        };
        let number = named.and_then(|number| i32::try_from(number).ok()).or_else(|| text.parse().ok());
        number.filter(|number| self.range().contains(number))
    }

    /// The part whose name periods of this grain may be called by.
    fn of(grain: Grain) -> Option<Self> {
        match grain {
            Grain::Month => Some(Part::Month),
            Grain::Quarter => Some(Part::Quarter),
            Grain::FiscalQuarter => Some(Part::FiscalQuarter),
            _ => None,
        }
    }

    /// The period of which this is the number.
    fn period(self) -> Option<Grain> {
        match self {
            Part::Week => Some(Grain::Week),
            Part::Month => Some(Grain::Month),
            Part::Quarter => Some(Grain::Quarter),
            Part::FiscalQuarter => Some(Grain::FiscalQuarter),
            Part::HourOfDay | Part::Weekday | Part::DayOfMonth => None,
        }
    }
}

/// How a key may be read, the longest column first: names may hold `:` and `@` themselves.
fn readings(key: &str) -> Vec<(&str, Option<&str>, Option<&str>)> {
    let mut readings = vec![(key, None, None)];
    if let Some((rest, zone)) = key.rsplit_once('@') {
        readings.push((rest, None, Some(zone)));
        if let Some((name, part)) = rest.rsplit_once(':') {
            readings.push((name, Some(part), Some(zone)));
        }
    }
    if let Some((name, part)) = key.rsplit_once(':') {
        readings.push((name, Some(part), None));
    }
    readings
}

/// A name as it is, and without the table's name before it.
fn unqualified<'k>(name: &'k str, tables: &[&str]) -> impl Iterator<Item = &'k str> {
    let short: Vec<&str> = tables
        .iter()
        .filter_map(|table| {
            let (before, rest) = name.split_at_checked(table.len())?;
            if before.eq_ignore_ascii_case(table) { rest.strip_prefix('.') } else { None }
        })
        .collect();
    std::iter::once(name).chain(short)
}

/// The grains, by their names in the protocol.
fn grain(text: &str) -> Option<Cut> {
    let grain: Grain = serde_json::from_value(Value::from(text)).ok()?;
    Some(match grain {
        Grain::HourOfDay => Cut::Part(Part::HourOfDay),
        Grain::DayOfWeek => Cut::Part(Part::Weekday),
        Grain::MonthOfYear => Cut::Part(Part::Month),
        period => Cut::Period(period),
    })
}

/// What a plain word means of a table's only date.
fn word(text: &str) -> Option<Cut> {
    let word = text.to_lowercase().replace([' ', '-'], "_");
    Some(match word.as_str() {
        "date" | "day" => Cut::Period(Grain::Day),
        "year" => Cut::Period(Grain::Year),
        "quarter" | "quarter_of_year" => Cut::Part(Part::Quarter),
        "fiscal_year" => Cut::Period(Grain::FiscalYear),
        "fiscal_quarter" => Cut::Part(Part::FiscalQuarter),
        "month" | "month_of_year" => Cut::Part(Part::Month),
        "week" | "week_of_year" => Cut::Part(Part::Week),
        "weekday" | "day_of_week" => Cut::Part(Part::Weekday),
        "day_of_month" => Cut::Part(Part::DayOfMonth),
        "hour" | "hour_of_day" => Cut::Part(Part::HourOfDay),
        _ => return None,
    })
}

/// The column a key names: as written, or else the first in another case.
fn column<'a>(schema: &'a Schema, name: &str) -> Option<&'a Field> {
    let fields = || schema.fields().iter().map(AsRef::as_ref);
    let lower = name.to_lowercase();
    fields().find(|field| field.name() == name).or_else(|| fields().find(|field| field.name().to_lowercase() == lower))
}

fn is_time(field: &Field) -> bool {
    matches!(column_type(field.data_type()), ColumnType::Date | ColumnType::Timestamp)
}

fn beyond(value: &Value) -> String {
    format!("{value} is beyond the calendar")
}
