//! Steps of time: what a clicked month or weekday covers.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate};
use vizroom_protocol::dashboard::Grain;

use super::moment::DAY_US;

/// The period of `grain` that `micros` (since 1970) lies in: its start and its end, which is no longer part of it.
/// None for grains that are no periods (`hour_of_day` …), and beyond the calendar.
pub(super) fn period(grain: Grain, micros: i64) -> Option<(i64, i64)> {
    const HOUR_US: i64 = DAY_US / 24;
    if grain == Grain::Hour {
        let start = micros.checked_sub(micros.rem_euclid(HOUR_US))?;
        return Some((start, start.checked_add(HOUR_US)?));
    }
    let date = DateTime::from_timestamp_micros(micros)?.date_naive();
    let start = match grain {
        Grain::Day => date,
        Grain::Week => date.checked_sub_days(Days::new(u64::from(date.weekday().num_days_from_monday())))?,
        Grain::Month => date.with_day(1)?,
        Grain::Quarter => NaiveDate::from_ymd_opt(date.year(), date.month0() / 3 * 3 + 1, 1)?,
        Grain::Year => NaiveDate::from_ymd_opt(date.year(), 1, 1)?,
        Grain::Hour | Grain::HourOfDay | Grain::DayOfWeek | Grain::MonthOfYear => return None,
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
        let (start, end) = period(grain, micros).unwrap();
        (moment::micros_text(start).unwrap(), moment::micros_text(end).unwrap())
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
        ] {
            assert_eq!(period_text(grain, at), (start.to_owned(), end.to_owned()), "{grain:?}");
        }
        assert_eq!(period_text(Grain::Month, "1969-12-31").0, "1969-12-01T00:00:00");
        assert_eq!(period(Grain::DayOfWeek, 0), None);
        assert_eq!(period(Grain::Year, i64::MAX), None);
    }
}
