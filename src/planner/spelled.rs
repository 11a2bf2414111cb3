//! Periods that a text spells: `1998 Q1`, `2004-05`, `Mar 1990`. Each stands for its first day.

use vizroom_protocol::dashboard::Grain;
use vizroom_protocol::file::{Column, ColumnType};

use super::period::Date;
use super::query::Spelling;
use super::sql::quote;

const MONTHS: &str = "janfebmaraprmayjunjulaugsepoctnovdec";

/// How all of a column's texts spell a period, if they do.
pub fn spelling(column: &Column) -> Option<Spelling> {
    const ALL: [Spelling; 6] = [
        Spelling::YearQuarter,
        Spelling::QuarterYear,
        Spelling::YearMonth,
        Spelling::MonthYear,
        Spelling::YearName,
        Spelling::NameYear,
    ];
    let several = column.kind == ColumnType::Text && column.distinct > 2 && column.top.len() > 2;
    let all = |form: &Spelling| column.top.iter().all(|v| v.as_str().is_some_and(|t| day(*form, t).is_some()));
    ALL.into_iter().find(|form| several && all(form))
}

/// The first day of the period that a text spells.
pub fn day(form: Spelling, text: &str) -> Option<Date> {
    // Bytes are places in it from here on.
    if !text.is_ascii() {
        return None;
    }
    let number = |part: Option<&str>| -> Option<u32> {
        let digits = part.filter(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))?;
        digits.parse().ok()
    };
    let end = |letters: usize| text.len().checked_sub(letters).and_then(|at| text.get(at..));
    let named = |part: Option<&str>| -> Option<u32> {
        let at = MONTHS.find(&part?.to_lowercase())?;
        (at % 3 == 0).then_some(at as u32 / 3 + 1)
    };
    let first = matches!(form, Spelling::YearQuarter | Spelling::YearMonth | Spelling::YearName);
    let year = i64::from(number(if first { text.get(..4) } else { end(4) })?);
    // What is between the year and the rest: `1998 Q1`, `1998-Q1`, `1998Q1`.
    let rest = if first { text.get(4..)? } else { text.get(..text.len().checked_sub(4)?)? };
    let rest = rest.trim_matches([' ', '-', '/', '.']);
    let quarter = || rest.strip_prefix(['Q', 'q']).filter(|q| q.len() == 1);
    let full = |letters: usize| text.len() == letters;
    let month = match form {
        Spelling::YearQuarter => number(quarter()).map(|q| q * 3 - 2.min(q * 3)),
        Spelling::QuarterYear => {
            number(quarter().filter(|_| text.starts_with(['Q', 'q']))).map(|q| q * 3 - 2.min(q * 3))
        }
        Spelling::YearMonth => number(end(2)).filter(|_| full(7)),
        Spelling::MonthYear => number(text.get(..2)).filter(|_| full(7)),
        Spelling::YearName => named(text.get(5..8)).filter(|_| rest.bytes().all(|b| b.is_ascii_alphabetic())),
        Spelling::NameYear => named(text.get(..3)).filter(|_| rest.bytes().all(|b| b.is_ascii_alphabetic())),
    }?;
    ((1..=12).contains(&month) && (1000..=2200).contains(&year)).then_some(Date { year, month, day: 1 })
}

/// The finest step of time that it tells.
pub fn grain(form: Spelling) -> Grain {
    match form {
        Spelling::YearQuarter | Spelling::QuarterYear => Grain::Quarter,
        _ => Grain::Month,
    }
}

/// Whether the periods can be put together by such steps.
pub fn tells(form: Spelling, wanted: Grain) -> bool {
    match wanted {
        Grain::Hour | Grain::HourOfDay | Grain::Day | Grain::DayOfWeek | Grain::Week => false,
        Grain::Month | Grain::MonthOfYear => grain(form) == Grain::Month,
        _ => true,
    }
}

/// The first and the last of a column's periods.
pub fn range(form: Spelling, column: &Column) -> Option<(Date, Date)> {
    let ends = [&column.min, &column.max].into_iter().flatten();
    let days = || column.top.iter().chain(ends.clone()).filter_map(|v| day(form, v.as_str()?));
    Some((days().min()?, days().max()?))
}

/// The day as the engine works it out of the text.
pub fn sql(name: &str, form: Spelling) -> String {
    let name = quote(name);
    let whole = |text: String| format!("CAST({text} AS BIGINT)");
    let (year, rest) = match form {
        Spelling::YearQuarter => {
            (format!("left({name}, 4)"), format!("{} * 3 - 2", whole(format!("right({name}, 1)"))))
        }
        Spelling::QuarterYear => {
            (format!("right({name}, 4)"), format!("{} * 3 - 2", whole(format!("substr({name}, 2, 1)"))))
        }
        Spelling::YearMonth => (format!("left({name}, 4)"), whole(format!("right({name}, 2)"))),
        Spelling::MonthYear => (format!("right({name}, 4)"), whole(format!("left({name}, 2)"))),
        Spelling::YearName => (format!("left({name}, 4)"), named(&format!("substr({name}, 6, 3)"))),
        Spelling::NameYear => (format!("right({name}, 4)"), named(&format!("left({name}, 3)"))),
    };
    format!("make_date({}, {rest}, 1)", whole(year))
}

/// The number of a month by the letters that its name begins with.
fn named(letters: &str) -> String {
    format!("CAST((strpos('{MONTHS}', lower({letters})) + 2) / 3 AS BIGINT)")
}

#[cfg(test)]
mod tests {
    use vizroom_protocol::file::Column;

    use crate::samples::{figure, sql, text};

    fn columns(periods: &[&str]) -> Vec<Column> {
        vec![text("period", 40, 0, periods), text("state", 2, 0, &["Ohio", "Iowa"]), figure("takings", 900, 1, 5_000)]
    }

    #[test]
    fn periods_in_texts_are_times() {
        for (periods, first) in [
            (["1998 Q1", "1998 Q2", "2005 Q4"], "make_date(CAST(left(\"period\", 4) AS BIGINT)"),
            (["Q1-1998", "Q2-1998", "Q4-2005"], "substr(\"period\", 2, 1)"),
            (["1998-01", "1998-02", "2005-12"], "right(\"period\", 2)"),
            (["Jan 1998", "Feb 1998", "Dec 2005"], "left(\"period\", 3)"),
            (["1998 Jan", "1998 Feb", "2005 Dec"], "substr(\"period\", 6, 3)"),
        ] {
            let all = sql("takings per year", "hotels", columns(&periods));
            assert!(all.contains(first) && all.contains("'year'"), "{all}");
            let recent = sql("total takings since 2004 by state", "hotels", columns(&periods));
            assert!(recent.contains(">= DATE '2004-01-01'"), "{recent}");
        }
        let quarters = sql("takings per quarter in Ohio", "hotels", columns(&["1998 Q1", "1998 Q2", "2005 Q4"]));
        assert!(quarters.contains("'quarter'"), "{quarters}");
        let months = sql("takings by state", "hotels", columns(&["A-01", "A-02", "B-03"]));
        assert!(!months.contains("make_date"), "{months}");
    }
}
