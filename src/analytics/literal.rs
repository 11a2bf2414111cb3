//! Values of a filter as literals of their column's type.

use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::common::ScalarValue;
use serde_json::Value;
use vizroom_protocol::file::ColumnType;

use super::moment::DAY_US;
use super::table::column_type;

pub(super) fn unsuited(field: &Field, value: &Value) -> String {
    let kind = format!("{:?}", column_type(field.data_type())).to_lowercase();
    let article = if kind.starts_with('i') { "an" } else { "a" };
    format!("{value} is no value of {article} {kind} column")
}

/// `value` as a literal of the type of a column that holds no time.
pub(super) fn literal(field: &Field, value: &Value) -> Result<ScalarValue, String> {
    let kind = column_type(field.data_type());
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
        _ => None,
    };
    let scalar = scalar.ok_or_else(|| unsuited(field, value))?;
    match kind {
        ColumnType::Integer => Ok(scalar),
        _ => scalar.cast_to(field.data_type()).map_err(|_| unsuited(field, value)),
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

/// A point in time as a literal that compares with the column without a cast of the column.
pub(super) fn instant(field: &Field, micros: i64) -> Option<ScalarValue> {
    let day = micros.div_euclid(DAY_US);
    if matches!(field.data_type(), DataType::Date32) && micros.rem_euclid(DAY_US) == 0 {
        return i32::try_from(day).map(|day| ScalarValue::Date32(Some(day))).ok();
    }
    let at = ScalarValue::TimestampMicrosecond(Some(micros), None);
    match field.data_type() {
        DataType::Timestamp(..) => at.cast_to(field.data_type()).ok(),
        _ => Some(at),
    }
}
