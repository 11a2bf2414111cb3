//! What the values of a filter say of time: `2024-Q4` is a quarter, `2024-05-17T10:30` a minute, each from its start up
//! to what no longer is part of it; in UTC, as the data is, or in a zone that they state.

use std::str::FromStr;

use chrono::{DateTime, Datelike, LocalResult, Months, NaiveDate, TimeZone, Weekday};
use chrono_tz::Tz;
use serde_json::Value;
use vizroom_protocol::dashboard::Grain;

use super::calendar;
use super::moment::{self, DAY_US, Order};

/// Clocks that go forward skip at most a day (Samoa's did), by whole quarters of an hour.
const SKIPPED_QUARTERS_MAX: i64 = 96;
const QUARTER_US: i64 = DAY_US / 96;
/// A number that is a year rather than milliseconds.
const YEARS: std::ops::RangeInclusive<i64> = 1_000..=9_999;

/// Where a clock shows the time that is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    /// So many microseconds east of UTC.
    Offset(i64),
    Named(Tz),
}

pub(super) const UTC: Zone = Zone::Offset(0);

/// A stretch of time as it was written, in microseconds since 1970 by the clock of its zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct When {
    pub(super) start: i64,
    /// No longer part of it.
    pub(super) end: i64,
    pub(super) zone: Option<Zone>,
}

impl Zone {
    /// `Europe/Berlin`, `UTC`, `Z`, `+02:00`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match moment::offset(text.as_bytes()) {
            Some(minutes) => Some(Zone::Offset(minutes * 60_000_000)),
            None => Tz::from_str(text).ok().map(Zone::Named),
        }
    }

    /// As Arrow spells it.
    pub(super) fn name(self) -> String {
        match self {
            Zone::Named(zone) => zone.name().to_owned(),
            Zone::Offset(micros) => {
                let minutes = micros.abs() / 60_000_000;
                let sign = if micros < 0 { '-' } else { '+' };
                format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }

    /// What UTC is when the clock here shows `local`. A time that the clock skips is the moment it skips; of one that
    /// comes twice it is the first.
    pub(super) fn utc(self, local: i64) -> Option<i64> {
        let zone = match self {
            Zone::Offset(micros) => return local.checked_sub(micros),
            Zone::Named(zone) => zone,
        };
        let at = |local: i64| {
            let written = DateTime::from_timestamp_micros(local)?.naive_utc();
            match zone.from_local_datetime(&written) {
                LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(at.timestamp_micros()),
                LocalResult::None => None,
            }
        };
        let quarter = local - local.rem_euclid(QUARTER_US);
        at(local).or_else(|| (1..=SKIPPED_QUARTERS_MAX).find_map(|n| at(quarter.checked_add(n * QUARTER_US)?)))
    }

    /// What the clock here shows when it is `utc`.
    pub(super) fn local(self, utc: i64) -> Option<i64> {
        match self {
            Zone::Offset(micros) => utc.checked_add(micros),
            Zone::Named(zone) => {
                let at = DateTime::from_timestamp_micros(utc)?.with_timezone(&zone);
                Some(at.naive_local().and_utc().timestamp_micros())
            }
        }
    }
}

impl When {
    /// Reads a date or time. Numbers count milliseconds since 1970, as charts do, or are a year.
    pub(super) fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => match number.as_i64().filter(|whole| YEARS.contains(whole)) {
                Some(year) => period(NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, 1, 1)?, Grain::Year),
                None => {
                    let start = (number.as_f64()? as i64).checked_mul(1_000)?;
                    Some(Self { start, end: start.checked_add(1)?, zone: Some(UTC) })
                }
            },
            Value::String(text) => text_as_time(text.trim()),
            _ => None,
        }
    }

    /// By the clock of `zone`, unless it was written by another.
    pub(super) fn in_zone(self, zone: Option<Zone>) -> Option<Self> {
        let (Some(written), Some(wanted)) = (self.zone, zone) else {
            return Some(Self { zone: self.zone.or(zone), ..self });
        };
        let shown = |local| wanted.local(written.utc(local)?);
        let start = shown(self.start)?;
        // A moment stays one, also where the clock jumps.
        let end = if self.is_moment() { start + 1 } else { shown(self.end)? };
        Some(Self { start, end, zone })
    }

    /// Start and end in UTC.
    pub(super) fn utc(self) -> Option<(i64, i64)> {
        let zone = self.zone.unwrap_or(UTC);
        let start = zone.utc(self.start)?;
        Some((start, if self.is_moment() { start.checked_add(1)? } else { zone.utc(self.end)? }))
    }

    /// Whether it covers a single microsecond.
    pub(super) fn is_moment(self) -> bool {
        self.end - self.start <= 1
    }

    /// All periods of `grain` that it touches; fiscal years begin with the month `begins`.
    pub(super) fn widened(self, grain: Grain, begins: u8) -> Option<Self> {
        let (start, _) = calendar::period(grain, self.start, begins)?;
        let (_, end) = calendar::period(grain, self.end - 1, begins)?;
        Some(Self { start, end, ..self })
    }

    /// What a value means as a fiscal year or quarter: `FY 2016`, `2016`, `FY 2016 Q1`, `2016-Q1` are named as fiscal years
    /// are; anything else is a time of the calendar.
    pub(super) fn fiscal(value: &Value, begins: u8) -> Option<Self> {
        let named = match value {
            Value::String(text) => {
                let bare = text.trim();
                let bare = bare.strip_prefix("FY").or_else(|| bare.strip_prefix("fy")).unwrap_or(bare).trim();
                named_period(bare).filter(|_| bare.len() == 4 || bare.contains(['Q', 'q']))
            }
            Value::Number(number) if number.as_i64().is_some_and(|year| YEARS.contains(&year)) => Self::read(value),
            _ => None,
        };
        let Some(named) = named else { return Self::read(value) };
        let moved = |micros: i64| {
            let date = DateTime::from_timestamp_micros(micros)?.date_naive();
            let date = date.checked_sub_months(Months::new(u32::from(13 - begins.clamp(1, 12)) % 12))?;
            i64::from(date.to_epoch_days()).checked_mul(DAY_US)
        };
        Some(Self { start: moved(named.start)?, end: moved(named.end)?, ..named })
    }
}

fn text_as_time(text: &str) -> Option<When> {
    if let Some((time, zone)) = text.strip_suffix(']').and_then(|rest| rest.split_once('[')) {
        let (when, zone) = (text_as_time(time.trim_end())?, Zone::parse(zone)?);
        return match when.zone {
            // `2024-05-17T10:30+02:00[Europe/Berlin]`: the offset says which moment, the name is that of the clock.
            Some(_) => when.in_zone(Some(zone)),
            None => Some(When { zone: Some(zone), ..when }),
        };
    }
    if let Some(when) = named_period(text) {
        return Some(when);
    }
    match moment::read(text, Order::MonthFirst) {
        Some((moment, Some(spelling))) => {
            let start = moment.micros().checked_add(spelling.offset_us.unwrap_or(0))?;
            Some(When { start, end: start.checked_add(spelling.width_us)?, zone: spelling.offset_us.map(Zone::Offset) })
        }
        Some((moment, None)) => {
            let start = moment.micros();
            Some(When { start, end: start.checked_add(DAY_US)?, zone: None })
        }
        None => zoned_period(text),
    }
}

/// `2024-05-17+02:00`, `2024-05Z`: a day or more with an offset.
fn zoned_period(text: &str) -> Option<When> {
    let at = text.rfind(['+', '-', 'Z'])?;
    let (date, offset) = text.split_at_checked(at)?;
    // `2024-13` is no year at UTC-13.
    if offset.len() < 5 && offset != "Z" {
        return None;
    }
    let zone = Zone::Offset(moment::offset(offset.as_bytes())? * 60_000_000);
    let when = match named_period(date) {
        Some(when) => when,
        None => {
            let (moment, None) = moment::read(date, Order::MonthFirst)? else { return None };
            When { start: moment.micros(), end: moment.micros().checked_add(DAY_US)?, zone: None }
        }
    };
    Some(When { zone: Some(zone), ..when })
}

/// `2024`, `2024-Q4`, `Q4 2024`, `2024-W05`, `2024-05`, `May 2024`.
fn named_period(text: &str) -> Option<When> {
    let year = |text: &str| (text.len() == 4).then(|| text.parse::<u16>().ok()).flatten().map(i32::from);
    if let Some(year) = year(text) {
        return period(NaiveDate::from_ymd_opt(year, 1, 1)?, Grain::Year);
    }
    let (left, right) = text.split_once(['-', ' '])?;
    let (of, part) = match (year(left), year(right)) {
        (Some(of), None) => (of, right.trim()),
        (None, Some(of)) => (of, left.trim_end_matches(',')),
        _ => return None,
    };
    if let Some(quarter) = quarter(part) {
        return period(NaiveDate::from_ymd_opt(of, quarter * 3 - 2, 1)?, Grain::Quarter);
    }
    if let Some(week) = part.strip_prefix(['W', 'w']).and_then(|rest| rest.parse().ok()) {
        return period(NaiveDate::from_isoywd_opt(of, week, Weekday::Mon)?, Grain::Week);
    }
    let number = || (part.len() <= 2).then(|| part.parse().ok()).flatten();
    let month = moment::month(part).or_else(number)?;
    period(NaiveDate::from_ymd_opt(of, month, 1)?, Grain::Month)
}

/// The number in `Q4`.
pub(super) fn quarter(text: &str) -> Option<u32> {
    let number: u32 = text.strip_prefix(['Q', 'q'])?.trim().parse().ok()?;
    (1..=4).contains(&number).then_some(number)
}

fn period(start: NaiveDate, grain: Grain) -> Option<When> {
    // Years beyond four digits have no calendar here.
    let micros = i64::from(start.to_epoch_days()).checked_mul(DAY_US).filter(|_| start.year() <= 9_999)?;
    let (start, end) = calendar::period(grain, micros, 1)?;
    Some(When { start, end, zone: None })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(value: Value) -> Option<(String, String)> {
        let (start, end) = When::read(&value)?.utc()?;
        Some((moment::micros_text(start)?, moment::micros_text(end)?))
    }

    #[test]
    fn a_value_covers_what_it_names() {
        for (value, start, end) in [
            (json!("2024"), "2024-01-01T00:00:00", "2025-01-01T00:00:00"),
            (json!(2024), "2024-01-01T00:00:00", "2025-01-01T00:00:00"),
            (json!("2024-Q4"), "2024-10-01T00:00:00", "2025-01-01T00:00:00"),
            (json!("q2 2024"), "2024-04-01T00:00:00", "2024-07-01T00:00:00"),
            (json!("2024-W01"), "2024-01-01T00:00:00", "2024-01-08T00:00:00"),
            (json!("2020-W53"), "2020-12-28T00:00:00", "2021-01-04T00:00:00"),
            (json!("2024-02"), "2024-02-01T00:00:00", "2024-03-01T00:00:00"),
            (json!("Feb 2024"), "2024-02-01T00:00:00", "2024-03-01T00:00:00"),
            (json!("2024-02-29"), "2024-02-29T00:00:00", "2024-03-01T00:00:00"),
            (json!("2024-02-29T10:30"), "2024-02-29T10:30:00", "2024-02-29T10:31:00"),
            (json!("2024-02-29T10:30:07"), "2024-02-29T10:30:07", "2024-02-29T10:30:08"),
            (json!("2024-02-29T00:30:00+02:00"), "2024-02-28T22:30:00", "2024-02-28T22:30:01"),
            (json!("2024-02-29+02:00"), "2024-02-28T22:00:00", "2024-02-29T22:00:00"),
            (json!("2024-02-29-0500"), "2024-02-29T05:00:00", "2024-03-01T05:00:00"),
            (json!("2024-02Z"), "2024-02-01T00:00:00", "2024-03-01T00:00:00"),
            (json!("2024-07-01[Europe/Berlin]"), "2024-06-30T22:00:00", "2024-07-01T22:00:00"),
            // The clocks go forward and back: 23 and 25 hours.
            (json!("2024-03-31[Europe/Berlin]"), "2024-03-30T23:00:00", "2024-03-31T22:00:00"),
            (json!("2024-10-27[Europe/Berlin]"), "2024-10-26T22:00:00", "2024-10-27T23:00:00"),
            // Midnight does not come, nor does this half hour.
            (json!("2018-11-04[America/Sao_Paulo]"), "2018-11-04T03:00:00", "2018-11-05T02:00:00"),
            (json!("2024-03-31T02:30:00[Europe/Berlin]"), "2024-03-31T01:00:00", "2024-03-31T01:00:00"),
            (json!("2024-02-29T10:30:00+01:00[Europe/Berlin]"), "2024-02-29T09:30:00", "2024-02-29T09:30:01"),
        ] {
            assert_eq!(shown(value.clone()), Some((start.to_owned(), end.to_owned())), "{value}");
        }
        assert!(When::read(&json!("2024-02-29T10:30:00.5")).unwrap().is_moment());
        assert!(When::read(&json!(1_700_000_000_000_i64)).unwrap().is_moment());
        for value in [
            json!("soon"),
            json!("2024-13"),
            json!("2024-Q5"),
            json!("2024-W54"),
            json!("2024-05[Mars]"),
            json!("12"),
            json!(true),
            json!(""),
        ] {
            assert_eq!(When::read(&value), None, "{value}");
        }
    }

    #[test]
    fn a_fiscal_year_is_named_for_the_year_it_ends_in() {
        for (value, begins, start, end) in [
            (json!("FY 2016"), 10, "2015-10-01T00:00:00", "2016-10-01T00:00:00"),
            (json!("FY2016"), 4, "2015-04-01T00:00:00", "2016-04-01T00:00:00"),
            (json!("2016"), 2, "2015-02-01T00:00:00", "2016-02-01T00:00:00"),
            (json!(2016), 12, "2015-12-01T00:00:00", "2016-12-01T00:00:00"),
            (json!("fy 2016"), 1, "2016-01-01T00:00:00", "2017-01-01T00:00:00"),
            (json!("FY 2016 Q1"), 10, "2015-10-01T00:00:00", "2016-01-01T00:00:00"),
            (json!("2016-Q4"), 10, "2016-07-01T00:00:00", "2016-10-01T00:00:00"),
            (json!("Q2 2016"), 2, "2015-05-01T00:00:00", "2015-08-01T00:00:00"),
            // A month and a day are those of the calendar.
            (json!("2016-03"), 10, "2016-03-01T00:00:00", "2016-04-01T00:00:00"),
            (json!("2016-03-31"), 10, "2016-03-31T00:00:00", "2016-04-01T00:00:00"),
        ] {
            let (from, to) = When::fiscal(&value, begins).unwrap().utc().unwrap();
            let shown = (moment::micros_text(from).unwrap(), moment::micros_text(to).unwrap());
            assert_eq!(shown, (start.to_owned(), end.to_owned()), "{value} {begins}");
        }
        for value in [json!("FY"), json!("FY 16 Q5"), json!("FY 2016 Q5"), json!("soon"), json!(true)] {
            assert_eq!(When::fiscal(&value, 10), None, "{value}");
        }
    }

    #[test]
    fn a_zone_is_named_as_arrow_does() {
        for (text, name) in
            [("Z", "+00:00"), ("+2:00", ""), ("-0530", "-05:30"), ("Asia/Tokyo", "Asia/Tokyo"), ("Mars", "")]
        {
            assert_eq!(Zone::parse(text).map(Zone::name).unwrap_or_default(), name, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in ".{0,30}", dated in "[0-9QWZA-Za-z:/. +\\[\\]-]{0,40}", number in proptest::num::i64::ANY) {
            for value in [json!(text), json!(dated), json!(number)] {
                let _ = When::read(&value).and_then(|when| when.in_zone(Zone::parse("Europe/Berlin"))?.widened(Grain::Month, 1)?.utc());
            }
        }

        #[test]
        fn a_local_time_comes_back(micros in -2_000_000_000_000_000_i64..4_000_000_000_000_000) {
            let zone = Zone::parse("America/New_York").unwrap();
            let local = zone.local(micros).unwrap();
            // The hour that comes twice is read as the first.
            let back = zone.utc(local).unwrap();
            proptest::prop_assert!(back == micros || micros - back == 3_600_000_000, "{}", back);
        }
    }
}
