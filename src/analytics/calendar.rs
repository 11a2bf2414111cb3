//! Steps of time: what a clicked month or weekday covers.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate};
use vizroom_protocol::dashboard::Grain;

use super::moment::DAY_US;

/// The period of `grain` that `micros` (since 1970) lies in: its start and its end, which is no longer part of it.
/// None for grains that are no periods (`hour_of_day` …), and beyond the calendar. Fiscal years begin with the month `begins`.
pub(super) fn period(grain: Grain, micros: i64, begins: u8) -> Option<(i64, i64)> {
    const HOUR_US: i64 = DAY_US / 24;
    if grain == Grain::Hour {
        let start = micros.checked_sub(micros.rem_euclid(HOUR_US))?;
        return Some((start, start.checked_add(HOUR_US)?));
    }
    let date = DateTime::from_timestamp_micros(micros)?.date_naive();
    // A later day of the same month stays in it, whatever that has.
    let fiscal = Months::new(u32::from(13 - begins.clamp(1, 12)) % 12);
    let calendar = match grain {
        Grain::FiscalQuarter => Some(Grain::Quarter),
        Grain::FiscalYear => Some(Grain::Year),
        _ => None,
    };
    if let Some(calendar) = calendar {
        let moved = day_micros(date.checked_add_months(fiscal)?)?;
        let (start, end) = period(calendar, moved, 1)?;
        let back =
            |micros| day_micros(DateTime::from_timestamp_micros(micros)?.date_naive().checked_sub_months(fiscal)?);
        return Some((back(start)?, back(end)?));
    }
    let start = match grain {
        Grain::Day => date,
        Grain::Week => date.checked_sub_days(Days::new(u64::from(date.weekday().num_days_from_monday())))?,
        Grain::Month => date.with_day(1)?,
        Grain::Quarter => NaiveDate::from_ymd_opt(date.year(), date.month0() / 3 * 3 + 1, 1)?,
        Grain::Year => NaiveDate::from_ymd_opt(date.year(), 1, 1)?,
        _ => return None,
    };
    let end = match grain {
        Grain::Day => start.checked_add_days(Days::new(1))?,
        Grain::Week => start.checked_add_days(Days::new(7))?,
        Grain::Month => start.checked_add_months(Months::new(1))?,
        Grain::Quarter => start.checked_add_months(Months::new(3))?,
        _ => start.checked_add_months(Months::new(12))?,
    };
    Some((day_micros(start)?, day_micros(end)?))
}

fn day_micros(date: NaiveDate) -> Option<i64> {
    i64::from(date.to_epoch_days()).checked_mul(DAY_US)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moment::{self, Order};

    fn period_text(grain: Grain, at: &str) -> (String, String) {
        let micros = moment::parse(at, Order::MonthFirst).unwrap().micros();
        let (start, end) = period(grain, micros, 10).unwrap();
        (moment::micros_text(start).unwrap(), moment::micros_text(end).unwrap())
    }

    /// Every month that a fiscal year may begin with, every day of two years: a year or quarter is found again on each of
    /// its days, lasts as many months as it should, and begins with its month.
    #[test]
    fn a_fiscal_year_begins_with_its_month() {
        for begins in 1..=12 {
            for day in 15_000..15_800 {
                for (grain, months) in [(Grain::FiscalYear, 12), (Grain::FiscalQuarter, 3)] {
                    let (start, end) = period(grain, day * DAY_US, begins).unwrap();
                    assert!(start <= day * DAY_US && day * DAY_US < end);
                    let first = DateTime::from_timestamp_micros(start).unwrap().date_naive();
                    assert_eq!(first.day(), 1);
                    assert_eq!((first.month() + 12 - u32::from(begins)) % months, 0, "{begins} {first}");
                    assert_eq!(day_micros(first.checked_add_months(Months::new(months)).unwrap()), Some(end));
                }
            }
        }
    }

    #[test]
    fn a_period_covers_its_days() {
        let at = "2013-05-15T13:45:00";
        for (grain, start, end) in [
            (Grain::Hour, "2013-05-15T13:00:00", "2013-05-15T14:00:00"),
            (Grain::Day, "2013-05-15T00:00:00", "2013-05-16T00:00:00"),
            (Grain::Week, "2013-05-13T00:00:00", "2013-05-20T00:00:00"),
            (Grain::Month, "2013-05-01T00:00:00", "2013-06-01T00:00:00"),
            (Grain::Quarter, "2013-04-01T00:00:00", "2013-07-01T00:00:00"),
            (Grain::Year, "2013-01-01T00:00:00", "2014-01-01T00:00:00"),
            (Grain::FiscalQuarter, "2013-04-01T00:00:00", "2013-07-01T00:00:00"),
            (Grain::FiscalYear, "2012-10-01T00:00:00", "2013-10-01T00:00:00"),
        ] {
            assert_eq!(period_text(grain, at), (start.to_owned(), end.to_owned()), "{grain:?}");
        }
        assert_eq!(period_text(Grain::Month, "1969-12-31").0, "1969-12-01T00:00:00");
        assert_eq!(period(Grain::DayOfWeek, 0, 1), None);
        assert_eq!(period(Grain::Year, i64::MAX, 1), None);
    }
}
