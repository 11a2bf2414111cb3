//! Dates and times as people write them.

use chrono::{DateTime, NaiveDate};

/// Microseconds of a day.
pub(super) const DAY_US: i64 = 86_400_000_000;

/// Whether `3/4/2000` is March or April.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    MonthFirst,
    DayFirst,
}

/// A calendar day, or a point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// Days since 1970-01-01.
    pub(super) day: i32,
    /// Microseconds since midnight UTC, less or more than a day after an offset; none for a calendar day.
    pub(super) time: Option<i64>,
}

impl Moment {
    /// Microseconds since 1970-01-01T00:00:00.
    pub(super) fn micros(self) -> i64 {
        i64::from(self.day) * DAY_US + self.time.unwrap_or(0)
    }
}

/// How a time was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spelling {
    /// Microseconds that it covers: a minute's, a second's, or 1 where it has a fraction.
    pub(super) width_us: i64,
    /// Microseconds east of UTC, if it said so.
    pub(super) offset_us: Option<i64>,
}

/// Reads ISO 8601, RFC 3339, `2000/1/31`, `1/31/2000`, `31.1.2000`, `Jan 1 2000`, `1 January 2000`, `1-Jan-00`, each
/// with or without a time.
pub(super) fn parse(text: &str, order: Order) -> Option<Moment> {
    read(text, order).map(|(moment, _)| moment)
}

/// The same, with the spelling of the time if there is one.
pub(super) fn read(text: &str, order: Order) -> Option<(Moment, Option<Spelling>)> {
    let bytes = text.as_bytes();
    // The shortest is `1/1/00`; the longest has a long month's name and a zone.
    if bytes.len() < 6 || bytes.len() > 48 || !bytes.is_ascii() {
        return None;
    }
    let (day, used) = if bytes[0].is_ascii_digit() { numeric(bytes, order)? } else { month_named(bytes)? };
    let rest = &bytes[used..];
    if rest.is_empty() {
        return Some((Moment { day, time: None }, None));
    }
    let start = match rest {
        [b'T' | b't' | b' ', next, ..] if next.is_ascii_digit() => 1,
        [b',', b' ', next, ..] if next.is_ascii_digit() => 2,
        _ => return None,
    };
    let (time, spelling) = time(&rest[start..])?;
    Some((Moment { day, time: Some(time) }, Some(spelling)))
}

/// `YYYY-MM-DD`
pub(super) fn day_text(day: i32) -> Option<String> {
    NaiveDate::from_epoch_days(day).map(|date| date.format("%Y-%m-%d").to_string())
}

/// `YYYY-MM-DDTHH:MM:SS`
pub(super) fn micros_text(micros: i64) -> Option<String> {
    DateTime::from_timestamp_micros(micros).map(|at| at.naive_utc().format("%Y-%m-%dT%H:%M:%S").to_string())
}

/// The number of a month's name or its first three letters, 1 to 12.
pub(super) fn month(name: &str) -> Option<u32> {
    position(&MONTHS, name)
}

/// The number of a weekday's name or its first three letters, 1 (Monday) to 7.
pub(super) fn weekday(name: &str) -> Option<u32> {
    position(&WEEKDAYS, name)
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

fn position(names: &[&str], name: &str) -> Option<u32> {
    let name = name.trim_end_matches('.');
    let starts = |full: &&str| full.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    (name.len() >= 3).then(|| names.iter().position(starts)).flatten().map(|at| at as u32 + 1)
}

/// A number of at most `digits` digits: its value and its length.
fn number(bytes: &[u8], digits: usize) -> Option<(u32, usize)> {
    let length = bytes.iter().take(digits + 1).take_while(|byte| byte.is_ascii_digit()).count();
    if length == 0 || length > digits {
        return None;
    }
    Some((bytes[..length].iter().fold(0, |value, byte| value * 10 + u32::from(byte - b'0')), length))
}

fn day(year: u32, digits: usize, month: u32, day: u32) -> Option<i32> {
    let year = match digits {
        4 => year,
        // As POSIX reads two digits.
        2 if year >= 69 => 1900 + year,
        2 => 2000 + year,
        _ => return None,
    };
    NaiveDate::from_ymd_opt(year as i32, month, day).map(|date| date.to_epoch_days())
}

/// A date that starts with a digit: the day, and how many bytes it took.
fn numeric(bytes: &[u8], order: Order) -> Option<(i32, usize)> {
    let (first, length) = number(bytes, 4)?;
    let separator = *bytes.get(length)?;
    if !matches!(separator, b'-' | b'/' | b'.' | b' ') {
        return None;
    }
    let second_at = length + 1;
    if bytes.get(second_at)?.is_ascii_alphabetic() {
        let letters = bytes[second_at..].iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let month = month(str::from_utf8(&bytes[second_at..second_at + letters]).ok()?)?;
        let gap =
            bytes[second_at + letters..].iter().take_while(|byte| matches!(byte, b'-' | b' ' | b',' | b'.')).count();
        let year_at = second_at + letters + gap;
        let (year, digits) = number(bytes.get(year_at..)?, 4)?;
        return (length <= 2 && gap > 0)
            .then_some(())
            .and_then(|()| day(year, digits, month, first))
            .map(|day| (day, year_at + digits));
    }
    let (second, second_length) = number(&bytes[second_at..], 2)?;
    let third_at = second_at + second_length + 1;
    if *bytes.get(third_at - 1)? != separator || separator == b' ' {
        return None;
    }
    let (third, third_length) = number(bytes.get(third_at..)?, 4)?;
    let end = third_at + third_length;
    if length == 4 {
        return (third_length <= 2).then(|| day(first, 4, second, third)).flatten().map(|day| (day, end));
    }
    let day_first = match separator {
        // `31.1.2000` is written where the day comes first.
        b'.' => true,
        b'/' | b'-' => order == Order::DayFirst,
        _ => return None,
    };
    let (day_of, month_of) = if day_first { (first, second) } else { (second, first) };
    (length <= 2).then(|| day(third, third_length, month_of, day_of)).flatten().map(|day| (day, end))
}

/// `Jan 1 2000`, `January 1, 2000`, with or without a weekday before it.
fn month_named(bytes: &[u8]) -> Option<(i32, usize)> {
    let letters = bytes.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let name = str::from_utf8(&bytes[..letters]).ok()?;
    let gap = bytes[letters..].iter().take_while(|byte| matches!(byte, b' ' | b'.' | b',' | b'-')).count();
    if gap == 0 || gap > 2 {
        return None;
    }
    let at = letters + gap;
    let Some(month) = month(name) else {
        weekday(name)?;
        let rest = &bytes[at..];
        let (day, used) = match rest.first()?.is_ascii_digit() {
            true => numeric(rest, Order::MonthFirst)?,
            // Only one weekday: the next name must be a month's.
            false if weekday_at(rest) => return None,
            false => month_named(rest)?,
        };
        return Some((day, at + used));
    };
    let (day_of, length) = number(&bytes[at..], 2)?;
    let rest = &bytes[at + length..];
    let gap = rest.iter().take_while(|byte| matches!(byte, b' ' | b',' | b'-')).count();
    if gap == 0 || gap > 2 {
        return None;
    }
    let year_at = at + length + gap;
    let (year, digits) = number(bytes.get(year_at..)?, 4)?;
    Some((day(year, digits, month, day_of)?, year_at + digits))
}

fn weekday_at(bytes: &[u8]) -> bool {
    let letters = bytes.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    str::from_utf8(&bytes[..letters]).is_ok_and(|name| weekday(name).is_some())
}

/// `H:MM`, `HH:MM:SS.ffffff`, AM or PM, and a zone: microseconds after midnight UTC.
fn time(bytes: &[u8]) -> Option<(i64, Spelling)> {
    let (mut hour, length) = number(bytes, 2)?;
    let rest = bytes[length..].strip_prefix(b":")?;
    let (minute, 2) = number(rest, 2)? else { return None };
    let mut rest = &rest[2..];
    let (mut second, mut micros, mut width_us) = (0, 0_i64, 60_000_000);
    if let Some(after) = rest.strip_prefix(b":") {
        let (value, 2) = number(after, 2)? else { return None };
        (second, rest, width_us) = (value, &after[2..], 1_000_000);
        if let [b'.' | b',', digit, ..] = rest
            && digit.is_ascii_digit()
        {
            let digits = rest[1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            for place in 0..6 {
                micros = micros * 10 + rest[1..=digits].get(place).map_or(0, |byte| i64::from(byte - b'0'));
            }
            (rest, width_us) = (&rest[1 + digits..], 1);
        }
    }
    rest = rest.trim_ascii_start();
    for (name, afternoon) in [("am", false), ("pm", true)] {
        if rest.get(..2).is_some_and(|word| word.eq_ignore_ascii_case(name.as_bytes())) {
            if hour == 0 || hour > 12 {
                return None;
            }
            hour = hour % 12 + if afternoon { 12 } else { 0 };
            rest = rest[2..].trim_ascii_start();
        }
    }
    // A leap second counts as the second before it ends.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let of_day = i64::from(hour * 3600 + minute * 60 + second.min(59)) * 1_000_000 + micros;
    let offset_us = if rest.is_empty() { None } else { Some(offset(rest)? * 60_000_000) };
    Some((of_day - offset_us.unwrap_or(0), Spelling { width_us, offset_us }))
}

/// Minutes east of UTC.
pub(super) fn offset(bytes: &[u8]) -> Option<i64> {
    let (sign, rest) = match bytes {
        b"Z" | b"z" | b"UTC" | b"GMT" => return Some(0),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let digits: Vec<u8> = rest.iter().copied().filter(|byte| *byte != b':').collect();
    let (value, length) = number(&digits, 4)?;
    let (hours, minutes) = match length {
        2 => (value, 0),
        4 => (value / 100, value % 100),
        _ => return None,
    };
    (length == digits.len() && hours <= 15 && minutes <= 59).then(|| sign * i64::from(hours * 60 + minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iso(text: &str, order: Order) -> Option<String> {
        let moment = parse(text, order)?;
        if moment.time.is_some() { micros_text(moment.micros()) } else { day_text(moment.day) }
    }

    #[test]
    fn reads_what_people_write() {
        let us = |text| iso(text, Order::MonthFirst);
        for (text, day) in [
            ("2000-01-31", "2000-01-31"),
            ("2000/1/31", "2000-01-31"),
            ("1/31/2000", "2000-01-31"),
            ("1/31/00", "2000-01-31"),
            ("31.1.2000", "2000-01-31"),
            ("Jan 31 2000", "2000-01-31"),
            ("January 31, 2000", "2000-01-31"),
            ("31 Jan 2000", "2000-01-31"),
            ("7-Aug-98", "1998-08-07"),
            ("Mon, 31 Jan 2000", "2000-01-31"),
            ("Mon Jan 31 2000", "2000-01-31"),
            ("2000-01-31T10:20:30Z", "2000-01-31T10:20:30"),
            ("2000-01-31 10:20", "2000-01-31T10:20:00"),
            ("2000-01-31T10:20:30.123456789+02:00", "2000-01-31T08:20:30"),
            ("2000-01-31T00:20:30+0200", "2000-01-30T22:20:30"),
            ("1/31/2000 1:05 PM", "2000-01-31T13:05:00"),
            ("1/31/2000, 12:05:00 AM", "2000-01-31T00:05:00"),
        ] {
            assert_eq!(us(text).as_deref(), Some(day), "{text}");
        }
        assert_eq!(iso("31/1/2000", Order::DayFirst).as_deref(), Some("2000-01-31"));
        assert_eq!(iso("3/4/2000", Order::DayFirst).as_deref(), Some("2000-04-03"));
    }

    #[test]
    fn leaves_alone_what_is_no_date() {
        for text in [
            "",
            "2000",
            "2000-13-01",
            "2000-02-30",
            "31/1/2000",
            "1-2-3",
            "10.0.0.1",
            "12:30",
            "555-1234",
            "May",
            "Jan 2000",
            "2000-01-01x",
            "2000-01-01T",
            "2000-01-01 25:00",
            "1/2",
            "Mon Mon Mon Jan 1 2000",
            "２０００-01-01",
            "-------",
            "1 2 2000",
        ] {
            assert_eq!(parse(text, Order::MonthFirst), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in ".{0,30}", numeric in "[0-9A-Za-z:/. +-]{0,30}") {
            for order in [Order::MonthFirst, Order::DayFirst] {
                parse(&text, order);
                parse(&numeric, order);
            }
        }

        #[test]
        fn reads_back_every_second(micros in -60_000_000_000_i64..250_000_000_000) {
            let micros = micros * 1_000_000;
            let text = micros_text(micros).unwrap();
            proptest::prop_assert_eq!(parse(&text, Order::DayFirst).map(Moment::micros), Some(micros));
        }
    }
}
