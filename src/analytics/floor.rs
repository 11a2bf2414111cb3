//! The day that a period begins with, by arithmetic on days.
//!
//! `CAST(date_trunc('month', day) AS DATE)` takes a day to nanoseconds, these to a calendar, and both back: a fifth of the
//! time of a query by months. It means the same as one function from days to days, also of days that nanoseconds of 64
//! bits do not reach.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Date32Array};
use datafusion::arrow::datatypes::{DataType, Date32Type, TimeUnit, TimestampMicrosecondType};
use datafusion::common::internal_err;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result;
use datafusion::logical_expr::expr::{Cast, ScalarFunction};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ExprSchemable, LogicalPlan, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};

use super::moment::DAY_US;

const MICROS: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Period {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl Period {
    fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "day" => Self::Day,
            "week" => Self::Week,
            "month" => Self::Month,
            "quarter" => Self::Quarter,
            "year" => Self::Year,
            _ => return None,
        })
    }

    /// The first day of the period that `day` (since 1970-01-01) lies in.
    fn begins(self, day: i32) -> i32 {
        match self {
            Self::Day => day,
            // 1970-01-01 was a Thursday.
            Self::Week => day.wrapping_sub(day.wrapping_add(3).rem_euclid(7)),
            Self::Month => day.wrapping_sub(year_month_day(day).2 - 1),
            Self::Quarter => {
                let (year, month, _) = year_month_day(day);
                first_of(year, (month - 1) / 3 * 3 + 1)
            }
            Self::Year => first_of(year_month_day(day).0, 1),
        }
    }
}

/// 400 years have as many days each; days count from March of the year 0.
const ERA_DAYS: i64 = 146_097;
const DAYS_TO_1970: i64 = 719_468;
/// So many times 400 years before that are before any day of 32 bits.
const ERAS: i64 = 14_704;

/// Year, month and day in the Gregorian calendar (Cassio Neri and Lorenz Schneider, *Euclidean affine functions and their
/// application to calendar algorithms*, 2022).
fn year_month_day(day: i32) -> (i32, i32, i32) {
    let quarters = 4 * (i64::from(day) + DAYS_TO_1970 + ERAS * ERA_DAYS).cast_unsigned() + 3;
    let (century, rest) = (quarters / ERA_DAYS.cast_unsigned(), quarters % ERA_DAYS.cast_unsigned());
    // Years, and days of them, in the upper and lower half of one product.
    let years = 2_939_745 * (rest | 3);
    let (year_of_century, day_of_year) = (years >> 32, (years & u64::from(u32::MAX)) / 2_939_745 / 4);
    let months = 2_141 * day_of_year + 197_913;
    let (month, day) = (months >> 16, (months & 0xFFFF) / 2_141 + 1);
    // Years that begin with March, so that the day that leap years have is their last.
    let (month, next) = if month <= 12 { (month, 0) } else { (month - 12, 1) };
    let year = (100 * century + year_of_century + next).cast_signed() - ERAS * 400;
    (year as i32, month as i32, day as i32)
}

/// Days since 1970-01-01 of the first of a month (`days_from_civil` of the same).
fn first_of(year: i32, month: i32) -> i32 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, year_of_era) = (i64::from(year.div_euclid(400)), i64::from(year.rem_euclid(400)));
    let day_of_year = (153 * i64::from(month) + 2) / 5;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * ERA_DAYS + day_of_era - DAYS_TO_1970) as i32
}

/// Has a plan whose types are settled count in days where it goes from days to days.
pub(super) fn in_days(plan: LogicalPlan) -> Result<LogicalPlan> {
    let plan = plan.transform_up_with_subqueries(|node| {
        let (names, schema) = (NamePreserver::new(&node), merge_schema(&node.inputs()));
        node.map_expressions(|expr| {
            let name = names.save(&expr);
            let by_days = expr.transform_up(|expr| {
                let days = by_days(&expr, |inner| inner.get_type(&schema).ok());
                Ok(days.map_or_else(|| Transformed::no(expr), Transformed::yes))
            })?;
            Ok(by_days.update_data(|expr| name.restore(expr)))
        })
    })?;
    Ok(plan.data)
}

fn by_days(expr: &Expr, kind: impl Fn(&Expr) -> Option<DataType>) -> Option<Expr> {
    let Expr::Cast(Cast { expr, field }) = expr else { return None };
    let Expr::ScalarFunction(ScalarFunction { func, args }) = expr.as_ref() else { return None };
    let [Expr::Literal(period, _), moment] = args.as_slice() else { return None };
    if *field.data_type() != DataType::Date32 || func.name() != "date_trunc" {
        return None;
    }
    let period = Period::named(period.try_as_str()??)?;
    let moment = match moment {
        Expr::Cast(Cast { expr, .. }) if kind(expr)? == DataType::Date32 => expr.as_ref(),
        moment if kind(moment)? == MICROS => moment,
        _ => return None,
    };
    let signature = Signature::uniform(1, vec![DataType::Date32, MICROS], Volatility::Immutable);
    let first = Arc::new(ScalarUDF::from(FirstDay { signature, period }));
    Some(Expr::ScalarFunction(ScalarFunction::new_udf(first, vec![moment.clone()])))
}

/// The first day of the period that a day or a moment lies in.
#[derive(Debug, PartialEq, Eq, Hash)]
struct FirstDay {
    signature: Signature,
    period: Period,
}

impl ScalarUDFImpl for FirstDay {
    fn name(&self) -> &str {
        match self.period {
            Period::Day => "first_day",
            Period::Week => "first_day_of_week",
            Period::Month => "first_day_of_month",
            Period::Quarter => "first_day_of_quarter",
            Period::Year => "first_day_of_year",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Date32)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [moments] = args.args.as_slice() else { return internal_err!("one moment") };
        let (moments, period) = (moments.to_array(args.number_rows)?, self.period);
        let days: Date32Array = match moments.data_type() {
            DataType::Date32 => moments.as_primitive::<Date32Type>().unary(|day| period.begins(day)),
            _ => {
                let micros = moments.as_primitive::<TimestampMicrosecondType>();
                micros.unary(|micros| period.begins(micros.div_euclid(DAY_US) as i32))
            }
        };
        Ok(ColumnarValue::Array(Arc::new(days) as ArrayRef))
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, Days, NaiveDate};

    use super::*;

    #[test]
    fn a_period_begins_as_in_the_calendar() {
        let first = NaiveDate::from_ymd_opt(-801, 1, 1).unwrap();
        for date in (0..400 * 3_653).step_by(3).filter_map(|days| first.checked_add_days(Days::new(days))) {
            let begins = |period: Period| NaiveDate::from_epoch_days(period.begins(date.to_epoch_days())).unwrap();
            assert_eq!(begins(Period::Day), date);
            assert_eq!(begins(Period::Week), date.week(chrono::Weekday::Mon).first_day());
            assert_eq!(begins(Period::Month), date.with_day(1).unwrap());
            let quarter = NaiveDate::from_ymd_opt(date.year(), date.month0() / 3 * 3 + 1, 1).unwrap();
            assert_eq!(begins(Period::Quarter), quarter);
            assert_eq!(begins(Period::Year), NaiveDate::from_ymd_opt(date.year(), 1, 1).unwrap());
        }
    }
}
