//! A drill-down as a condition on one dataset's rows. Values become typed literals, never text of a query.

use std::collections::BTreeSet;

use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::common::{Column, ScalarValue};
use datafusion::functions::expr_fn::date_part;
use datafusion::logical_expr::utils::{conjunction, disjunction};
use datafusion::logical_expr::{Expr, lit};
use serde_json::Value;
use vizroom_protocol::dashboard::{FilterState, Grain};
use vizroom_protocol::error::Error;
use vizroom_protocol::file::ColumnType;

use super::Conditions;
use super::calendar;
use super::moment::{self, DAY_US, Order};
use super::table::column_type;

/// Values in one list.
const LIST_MAX: usize = 10_000;
/// Values in one list of periods: each is a range of its own.
const PERIODS_MAX: usize = 200;

/// What a filter means for one dataset.
#[derive(Debug, Default)]
pub(super) struct Predicate {
    /// None if the dataset has none of the columns.
    pub(super) condition: Option<Expr>,
    /// The keys of the filter it has.
    pub(super) matched: BTreeSet<String>,
}

/// Reads `filter` against a dataset's columns. A value that does not suit its column is an error that names the key.
pub(super) fn predicate(schema: &Schema, filter: &FilterState) -> Result<Predicate, Error> {
    let mut conditions = Vec::new();
    let mut matched = BTreeSet::new();
    for (key, value) in filter {
        let found = Target::find(schema, key).and_then(|target| match target {
            Some(target) => target.condition(value).map(Some),
            None => Ok(None),
        });
        if let Some(condition) = found.map_err(|why| Error::invalid(format!("filter_state.{key}"), why))? {
            conditions.push(condition);
            matched.insert(key.clone());
        }
    }
    Ok(Predicate { condition: conjunction(conditions), matched })
}

/// The same of several filters, which must all hold. A locked column that the dataset lacks is an error.
pub(super) fn predicate_of(schema: &Schema, conditions: &Conditions) -> Result<Predicate, Error> {
    let locked = predicate(schema, &conditions.locked)?;
    if let Some(key) = conditions.locked.keys().find(|key| !locked.matched.contains(*key)) {
        let error = Error::forbidden("this data cannot be limited to what may be seen");
        return Err(Error { field: Some(format!("filter_state.{key}")), ..error });
    }
    let mut all = locked;
    for filter in &conditions.filters {
        let Predicate { condition, matched } = predicate(schema, filter)?;
        all.condition = conjunction(all.condition.into_iter().chain(condition));
        all.matched.extend(matched);
    }
    Ok(all)
}

/// What a key of the filter compares with.
enum Target<'a> {
    Column(&'a Field),
    /// The hour, day … year that a point in time lies in.
    Period(&'a Field, Grain),
    Part(&'a Field, Part),
}

/// A part of a date that comes again: its number, as SQL counts it.
#[derive(Clone, Copy)]
enum Part {
    HourOfDay,
    Weekday,
    Month,
    Quarter,
}

/// What one value covers: itself, or everything from `low` up to but not including `end`.
struct Span {
    low: ScalarValue,
    end: Option<ScalarValue>,
}

impl<'a> Target<'a> {
    fn find(schema: &'a Schema, key: &str) -> Result<Option<Self>, String> {
        if let Some(field) = column(schema, key) {
            return Ok(Some(Target::Column(field)));
        }
        if let Some((name, grain)) = key.rsplit_once(':')
            && let Some(field) = column(schema, name)
        {
            if !is_time(field) {
                return Err(format!("column {name} is neither a date nor a timestamp"));
            }
            let grain: Grain =
                serde_json::from_value(Value::from(grain)).map_err(|_| format!("there is no grain {grain}"))?;
            return Ok(Some(match grain {
                Grain::HourOfDay => Target::Part(field, Part::HourOfDay),
                Grain::DayOfWeek => Target::Part(field, Part::Weekday),
                Grain::MonthOfYear => Target::Part(field, Part::Month),
                period => Target::Period(field, period),
            }));
        }
        let mut times = schema.fields().iter().filter(|field| is_time(field));
        let (Some(field), None) = (times.next(), times.next()) else { return Ok(None) };
        Ok(match key.to_lowercase().as_str() {
            "year" => Some(Target::Period(field, Grain::Year)),
            "quarter" | "fiscal_quarter" => Some(Target::Part(field, Part::Quarter)),
            "month" => Some(Target::Part(field, Part::Month)),
            "weekday" => Some(Target::Part(field, Part::Weekday)),
            _ => None,
        })
    }

    fn condition(&self, value: &Value) -> Result<Expr, String> {
        match value {
            Value::Null => Ok(self.field_expr().is_null()),
            Value::Array(values) => self.any_of(values),
            Value::Object(range) => {
                let mut conditions = Vec::new();
                for (operator, value) in range {
                    conditions.push(self.compare(operator, value)?);
                }
                conjunction(conditions).ok_or_else(|| "a range needs gt, gte, lt or lte".to_owned())
            }
            scalar => Ok(self.equals(self.span(scalar)?)),
        }
    }

    fn any_of(&self, values: &[Value]) -> Result<Expr, String> {
        let limit = if matches!(self, Target::Period(..)) { PERIODS_MAX } else { LIST_MAX };
        if values.len() > limit {
            return Err(format!("{} values are more than the {limit} allowed", values.len()));
        }
        let (mut literals, mut conditions) = (Vec::new(), Vec::new());
        for value in values {
            match value {
                Value::Null => conditions.push(self.field_expr().is_null()),
                value => match self.span(value)? {
                    Span { low, end: None } => literals.push(lit(low)),
                    span => conditions.push(self.equals(span)),
                },
            }
        }
        if !literals.is_empty() {
            conditions.push(self.expr().in_list(literals, false));
        }
        Ok(disjunction(conditions).unwrap_or_else(|| lit(false)))
    }

    fn equals(&self, span: Span) -> Expr {
        match span.end {
            None => self.expr().eq(lit(span.low)),
            Some(end) => self.expr().gt_eq(lit(span.low)).and(self.expr().lt(lit(end))),
        }
    }

    fn compare(&self, operator: &str, value: &Value) -> Result<Expr, String> {
        let Span { low, end } = self.span(value)?;
        let expr = self.expr();
        Ok(match (operator, end) {
            ("gte", _) => expr.gt_eq(lit(low)),
            ("lt", _) => expr.lt(lit(low)),
            ("gt", None) => expr.gt(lit(low)),
            ("gt", Some(end)) => expr.gt_eq(lit(end)),
            ("lte", None) => expr.lt_eq(lit(low)),
            ("lte", Some(end)) => expr.lt(lit(end)),
            _ => return Err(format!("a range has gt, gte, lt and lte, not {operator}")),
        })
    }

    fn field(&self) -> &'a Field {
        match self {
            Target::Column(field) | Target::Period(field, _) | Target::Part(field, _) => field,
        }
    }

    fn field_expr(&self) -> Expr {
        Expr::Column(Column::new_unqualified(self.field().name()))
    }

    /// What is compared.
    fn expr(&self) -> Expr {
        let part = match self {
            Target::Column(_) | Target::Period(..) => return self.field_expr(),
            Target::Part(_, Part::HourOfDay) => "hour",
            Target::Part(_, Part::Weekday) => "isodow",
            Target::Part(_, Part::Month) => "month",
            Target::Part(_, Part::Quarter) => "quarter",
        };
        date_part(lit(part), self.field_expr())
    }

    fn span(&self, value: &Value) -> Result<Span, String> {
        let single = |low| Span { low, end: None };
        match self {
            Target::Column(field) => literal(field, value).map(single),
            Target::Part(_, part) => part.number(value).map(|number| single(ScalarValue::Int32(Some(number)))),
            Target::Period(field, grain) => {
                let covered = micros(value, *grain == Grain::Year).and_then(|at| calendar::period(*grain, at));
                let (start, end) = covered.ok_or_else(|| format!("{value} is no date"))?;
                Ok(Span { low: instant(field, start)?, end: Some(instant(field, end)?) })
            }
        }
    }
}

impl Part {
    fn number(self, value: &Value) -> Result<i32, String> {
        let text = match value {
            Value::String(text) => text.trim().to_owned(),
            other => other.to_string(),
        };
        let (named, range) = match self {
            Part::HourOfDay => (None, 0..=23),
            Part::Weekday => (moment::weekday(&text), 1..=7),
            Part::Month => (moment::month(&text), 1..=12),
            Part::Quarter => (text.strip_prefix(['Q', 'q']).and_then(|rest| rest.parse().ok()), 1..=4),
        };
        let number = named.and_then(|number| i32::try_from(number).ok()).or_else(|| text.parse().ok());
        number
            .filter(|number| range.contains(number))
            .ok_or_else(|| format!("{value} is not within {} to {}", range.start(), range.end()))
    }
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

/// `value` as a literal of the column's type.
fn literal(field: &Field, value: &Value) -> Result<ScalarValue, String> {
    let kind = column_type(field.data_type());
    let unsuited = || format!("{value} is no value of a {} column", format!("{kind:?}").to_lowercase());
    let scalar = match (kind, value) {
        (ColumnType::Boolean, Value::Bool(flag)) => Some(ScalarValue::Boolean(Some(*flag))),
        (ColumnType::Boolean, Value::String(text)) => {
            text.to_lowercase().parse().ok().map(|flag| ScalarValue::Boolean(Some(flag)))
        }
        // A fraction is compared as such: `> 2.5` is a fair question about whole numbers.
        (ColumnType::Integer, Value::Number(_) | Value::String(_)) => {
            number(value, str::parse).map(|int| ScalarValue::Int64(Some(int))).or_else(|| float(value))
        }
        (ColumnType::Number, Value::Number(_) | Value::String(_)) => float(value),
        (ColumnType::Text, Value::String(text)) => Some(ScalarValue::Utf8(Some(text.clone()))),
        (ColumnType::Text, Value::Number(_) | Value::Bool(_)) => Some(ScalarValue::Utf8(Some(value.to_string()))),
        (ColumnType::Date | ColumnType::Timestamp, Value::Number(_) | Value::String(_)) => {
            return instant(field, micros(value, false).ok_or_else(unsuited)?);
        }
        _ => None,
    };
    let scalar = scalar.ok_or_else(unsuited)?;
    match kind {
        ColumnType::Integer => Ok(scalar),
        _ => scalar.cast_to(field.data_type()).map_err(|_| unsuited()),
    }
}

fn number<T, E>(value: &Value, parse: impl Fn(&str) -> Result<T, E>) -> Option<T> {
    match value {
        Value::String(text) => parse(text.trim()).ok(),
        other => parse(&other.to_string()).ok(),
    }
}

fn float(value: &Value) -> Option<ScalarValue> {
    let float = number(value, str::parse::<f64>)?;
    // A whole number beyond the range of integers equals none of them, and none is NaN.
    float.is_finite().then_some(ScalarValue::Float64(Some(float)))
}

/// Microseconds since 1970 of a date or time; a number counts milliseconds, as charts do, or is a year if those may be.
fn micros(value: &Value, years: bool) -> Option<i64> {
    let whole = number(value, str::parse::<i64>);
    match (value, whole) {
        (_, Some(year)) if years && (1..=9_999).contains(&year) => calendar::year_start(i32::try_from(year).ok()?),
        (Value::Number(number), _) => (number.as_f64()? as i64).checked_mul(1_000),
        (Value::String(text), _) => moment::parse(text.trim(), Order::MonthFirst).map(|moment| moment.micros()),
        _ => None,
    }
}

/// A point in time as a literal that compares with the column without a cast of the column.
fn instant(field: &Field, micros: i64) -> Result<ScalarValue, String> {
    let day = micros.div_euclid(DAY_US);
    if matches!(field.data_type(), DataType::Date32) && micros.rem_euclid(DAY_US) == 0 {
        return i32::try_from(day)
            .map(|day| ScalarValue::Date32(Some(day)))
            .map_err(|_| "beyond the calendar".to_owned());
    }
    let at = ScalarValue::TimestampMicrosecond(Some(micros), None);
    match field.data_type() {
        DataType::Timestamp(..) => at.cast_to(field.data_type()).map_err(|_| "beyond the calendar".to_owned()),
        _ => Ok(at),
    }
}
