//! Parts of a period and what lies on one side of it, in the words that the rest of the planner reads: `late September 2017`
//! is 2017-09-21 to 2017-09-30, `the early 2000s` are 2000 to 2003, `since the 90s` is since 1990.

use vizroom_protocol::file::{ColumnType, Dataset};

use super::period::Date;
use super::vocabulary::{month_number, number_word, ordinal};
use super::words::{Token, is, tokens};

const JOINTS: &str = "and or to until till vs versus than with through";

/// A part of a period, in twelfths of it, or in days from its beginning or its end.
#[derive(Clone, Copy)]
enum Part {
    Twelfths(i64, i64),
    FirstDays(i64),
    LastDays(i64),
}

/// Which part is said at `at`, and where the period begins that it is of.
fn part(said: &[Token], at: usize) -> Option<(Part, usize)> {
    let next = at + 1 + usize::from(said.get(at + 1).is_some_and(|t| t.is('-')));
    let of = |i: usize| is(said.get(i), "of in").then(|| i + 1 + usize::from(is(said.get(i + 1), "the")));
    let bare = |i: usize| i + usize::from(is(said.get(i), "the"));
    let word = said.get(at)?.lower.as_str();
    match word {
        "early" => return Some((Part::Twelfths(0, 4), bare(next))),
        "mid" | "middle" => return Some((Part::Twelfths(4, 8), of(next).unwrap_or(bare(next)))),
        "late" => return Some((Part::Twelfths(8, 12), bare(next))),
        "beginning" | "start" => return Some((Part::Twelfths(0, 4), of(at + 1)?)),
        "end" => return Some((Part::Twelfths(8, 12), of(at + 1)?)),
        _ => {}
    }
    let last = is(said.get(at), "last final latter");
    let first = word == "first" || word == "1st";
    if is(said.get(at + 1), "half") && (first || last || ordinal(word) == Some(2) || word == "2nd") {
        let half = if first { Part::Twelfths(0, 6) } else { Part::Twelfths(6, 12) };
        return Some((half, of(at + 2)?));
    }
    let (count, unit) = match said.get(at + 1).and_then(|t| t.number().or_else(|| number_word(&t.lower))) {
        Some(n) => (n as i64, at + 2),
        None => (1, at + 1),
    };
    let days = count
        * match said.get(unit)?.lower.as_str() {
            "day" | "days" => 1,
            "week" | "weeks" => 7,
            _ => return None,
        };
    let part = if first { Part::FirstDays(days) } else { Part::LastDays(days) };
    (first || last).then_some((part, of(unit + 1)?))
}

fn year(token: Option<&Token>) -> Option<i64> {
    let n = token.and_then(Token::number).filter(|n| n.fract() == 0.0 && (1000.0..=2200.0).contains(n))?;
    token.filter(|t| t.text.len() == 4).map(|_| n as i64)
}

/// `1990 to 1999`, which `the 90s` are.
fn decade(said: &[Token], at: usize) -> Option<i64> {
    let first = year(said.get(at)).filter(|y| y % 10 == 0)?;
    (is(said.get(at + 1), "to") && year(said.get(at + 2)) == Some(first + 9)).then_some(first)
}

/// `in the years 1990-1995`, `for 1990 to 1995`: from the one to the other.
fn range(said: &[Token], at: usize) -> Option<(usize, String)> {
    let lead = usize::from(is(said.get(at), "in for of during within over between across"));
    let article = at + lead + usize::from(is(said.get(at + lead), "the"));
    let noun = article + usize::from(is(said.get(article), "years"));
    let (first, last) = (year(said.get(noun))?, year(said.get(noun + 2))?);
    let joint = is(said.get(noun + 1), "to until till through") || said.get(noun + 1).is_some_and(|t| t.is('-'));
    let joint = joint || noun > article && is(said.get(at), "between") && is(said.get(noun + 1), "and");
    let led = lead > 0 || noun > article || said[noun + 1].is('-');
    (led && joint && first < last).then(|| (noun + 3 - at, format!("from {first} to {last}")))
}

/// How many tokens at `at` say years or parts of them that are said otherwise, and how.
pub fn years(said: &[Token], at: usize) -> Option<(usize, String)> {
    let article = |i: usize| i + usize::from(is(said.get(i), "the"));
    if decade(said, article(at + 1)).is_none()
        && let Some(found) = range(said, at)
    {
        return Some(found);
    }
    // `in 2001 and in 2017`
    let again = at > 1 && is(said.get(at - 1), JOINTS) && is(said.get(at), "in");
    if again && year(said.get(at + 1)).is_some() && (0..at - 1).any(|i| is(said.get(i), "in")) {
        return Some((1, String::new()));
    }
    // `before the year 2000`
    let led = at > 0 && is(said.get(at - 1), "in of before after since until till from to for during between and by");
    let noun = article(at);
    if led && is(said.get(noun), "year") && year(said.get(noun + 1)).is_some() {
        return Some((noun + 1 - at, String::new()));
    }
    if let Some((part, next)) = part(said, at) {
        let (first, last, end) = match (decade(said, next), year(said.get(next)), part) {
            (Some(decade), _, Part::Twelfths(0, 4)) => (decade, decade + 3, next + 3),
            (Some(decade), _, Part::Twelfths(4, 8)) => (decade + 4, decade + 6, next + 3),
            (Some(decade), _, Part::Twelfths(8, 12)) => (decade + 7, decade + 9, next + 3),
            (Some(decade), _, Part::Twelfths(0, 6)) => (decade, decade + 4, next + 3),
            (Some(decade), _, Part::Twelfths(..)) => (decade + 5, decade + 9, next + 3),
            (None, Some(year), Part::Twelfths(from, to)) if to - from == 4 && is(said.get(at), "early mid late") => {
                let months = [["January", "April"], ["May", "August"], ["September", "December"]];
                let [first, last] = months[(from / 4) as usize];
                let texts = [format!("{first} {year}"), format!("{last} {year}"), format!("{first} to {last} {year}")];
                return Some((next + 1 - at, one_side(said, at, texts)));
            }
            _ => return None,
        };
        let texts = [first.to_string(), last.to_string(), format!("{first} to {last}")];
        return Some((end - at, one_side(said, at, texts)));
    }
    // `from the 60s to the 80s`
    let first = article(at);
    let from = decade(said, first)?;
    let second = article(first + 4);
    let joint = is(said.get(first + 3), "to and until till through") || said.get(first + 3).is_some_and(|t| t.is('-'));
    let spans = at > 0 && is(said.get(at - 1), "from between") && joint;
    if let Some(to) = decade(said, second).filter(|to| spans && *to > from) {
        return Some((second + 3 - at, format!("{from} to {}", to + 9)));
    }
    let onward = is(said.get(first + 3), "on onward onwards and") && is(said.get(first + 4), "later after onward");
    let onward = usize::from(onward) * 2;
    let onward = onward.max(usize::from(is(said.get(first + 3), "on onward onwards")));
    let text = match said.get(at.checked_sub(1)?)?.lower.as_str() {
        "since" | "before" | "starting" => from.to_string(),
        "from" if onward > 0 => from.to_string(),
        "after" | "until" | "till" | "through" => (from + 9).to_string(),
        _ => return None,
    };
    Some((first + 3 - at, text))
}

/// The whole of a part, or the end of it that `since` and `until` speak of.
fn one_side(said: &[Token], at: usize, [first, last, whole]: [String; 3]) -> String {
    match (0..at).rev().find(|&i| !is(said.get(i), "the")) {
        Some(i) if is(said.get(i), "since before starting") => first,
        Some(i) if is(said.get(i), "after until till through") => last,
        _ => whole,
    }
}

/// The sentence with parts of months, and days without a year, as dates, where the data leaves no doubt of the year.
pub fn rewritten(said: Vec<Token>, datasets: &[Dataset]) -> Vec<Token> {
    let mut said = super::stretches::rewritten(said, datasets);
    let mut at = 0;
    while at < said.len() {
        match of_month(&said, at, datasets).or_else(|| day(&said, at, datasets)) {
            Some((used, text)) => {
                let new = tokens(&text);
                let next = at + new.len();
                said.splice(at..at + used, new);
                at = next;
            }
            None => at += 1,
        }
    }
    said
}

/// A month that is said at `at`, its year, and where it ends.
fn month(said: &[Token], at: usize, datasets: &[Dataset]) -> Option<(Date, usize)> {
    let month = month_number(&said.get(at)?.lower)?;
    let next = at + 1 + usize::from(is(said.get(at + 1), "of") || said.get(at + 1).is_some_and(|t| t.is(',')));
    let (year, end) = match year(said.get(next)) {
        Some(year) => (year, next + 1),
        None => (only_year(datasets, month)?, at + 1),
    };
    Some((Date { year, month, day: 1 }, end))
}

fn of_month(said: &[Token], at: usize, datasets: &[Dataset]) -> Option<(usize, String)> {
    let (part, next) = part(said, at)?;
    let (start, end) = month(said, next, datasets)?;
    let last = start.plus_months(1).plus_days(-1);
    let on = |day: u32| Date { day: day.min(last.day), ..start };
    let (from, to) = match part {
        Part::Twelfths(0, 4) => (on(1), on(10)),
        Part::Twelfths(4, 8) => (on(11), on(20)),
        Part::Twelfths(8, 12) => (on(21), last),
        Part::Twelfths(0, _) => (on(1), on(15)),
        Part::Twelfths(..) => (on(16), last),
        Part::FirstDays(days) if (1..=28).contains(&days) => (on(1), on(days as u32)),
        Part::LastDays(days) if (1..=28).contains(&days) => (last.plus_days(1 - days), last),
        _ => return None,
    };
    Some((end - at, one_side(said, at, [from.iso(), to.iso(), format!("{} to {}", from.iso(), to.iso())])))
}

/// `on the 5th of May`, `May 5` of data of one year.
fn day(said: &[Token], at: usize, datasets: &[Dataset]) -> Option<(usize, String)> {
    let number = |i: usize| {
        let token = said.get(i)?;
        let n = token.number().filter(|n| n.fract() == 0.0 && (1.0..=31.0).contains(n))?;
        let ordinal = ["st", "nd", "rd", "th"].iter().any(|e| token.lower.ends_with(e));
        Some((n as u32, ordinal))
    };
    let name = |i: usize| said.get(i).and_then(|t| month_number(&t.lower));
    let (day, month, end) = match (number(at), name(at)) {
        (Some((day, ordinal)), _) => {
            let next = at + 1 + usize::from(is(said.get(at + 1), "of"));
            // `sales on 5 May`, but not `the top 5 May sales`
            let dated = ordinal || at > 0 && is(said.get(at - 1), "on since until before after from to and between");
            (day, name(next).filter(|_| dated)?, next + 1)
        }
        (_, Some(month)) => {
            let next = at + 1 + usize::from(is(said.get(at + 1), "the"));
            (number(next)?.0, month, next + 1)
        }
        _ => return None,
    };
    if year(said.get(end)).is_some() || is(said.get(end), "to until till") || said.get(end).is_some_and(|t| t.is('-')) {
        return None;
    }
    let date = Date { year: only_year(datasets, month)?, month, day };
    (Date::parse(&date.iso())? == date.plus_days(0)).then(|| (end - at, date.iso()))
}

/// The only year of the data that has this month.
fn only_year(datasets: &[Dataset], month: u32) -> Option<i64> {
    let dated = |kind: ColumnType| matches!(kind, ColumnType::Date | ColumnType::Timestamp);
    let columns = datasets.iter().flat_map(|d| &d.columns);
    let ends = columns.filter_map(|c| {
        let (min, max) = (c.min.as_ref()?, c.max.as_ref()?);
        if dated(c.kind) {
            return Some((Date::parse(min.as_str()?)?, Date::parse(max.as_str()?)?));
        }
        let whole = c.kind == ColumnType::Integer && c.name.eq_ignore_ascii_case("year");
        let (first, last) = (min.as_i64().filter(|_| whole)?, max.as_i64()?);
        Some((Date { year: first, month: 1, day: 1 }, Date { year: last, month: 12, day: 31 }))
    });
    // A column of years that are all one tells it for sure.
    let whole =
        |(first, last): &(Date, Date)| first.year == last.year && first.iso().ends_with("01-01") && last.month == 12;
    let all = || ends.clone().reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
    let (first, last) = ends.clone().find(whole).or_else(all)?;
    let within = |year: &i64| {
        let start = Date { year: *year, month, day: 1 };
        start <= last && start.plus_months(1) > first
    };
    let mut years = (first.year..=last.year.min(first.year + 2)).filter(within);
    years.next().filter(|_| years.next().is_none())
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vizroom_protocol::file::{Column, ColumnType};

    use crate::samples::{figure, sql, text};

    fn rides(prompt: &str) -> String {
        let (min, max) = (Some(json!("2016-03-01T00:00:00")), Some(json!("2017-02-20T00:00:00")));
        let time = Column { kind: ColumnType::Timestamp, min, max, ..text("started", 1_200, 0, &[]) };
        sql(prompt, "rides", vec![time, figure("minutes", 900, 1, 90)])
    }

    fn films(prompt: &str) -> String {
        sql(prompt, "films", vec![figure("year", 90, 1930, 2019), figure("budget", 900, 1, 9_000)])
    }

    #[test]
    fn parts_of_months_are_dates() {
        for (prompt, wanted) in [
            ("number of rides in late September 2016", ">= TIMESTAMP '2016-09-21 00:00:00'"),
            ("number of rides in the first week of May", "< TIMESTAMP '2016-05-08 00:00:00'"),
            ("number of rides in the last 10 days of June 2016", ">= TIMESTAMP '2016-06-21 00:00:00'"),
            ("number of rides in the second half of August", ">= TIMESTAMP '2016-08-16 00:00:00'"),
            ("how many rides since mid-October", ">= TIMESTAMP '2016-10-11 00:00:00'"),
            ("number of rides on the 5th of May", "< TIMESTAMP '2016-05-06 00:00:00'"),
            ("number of rides between 10pm and 4am", "IN (22, 23, 0, 1, 2, 3, 4)"),
            ("number of rides at night", "IN (22, 23, 0, 1, 2, 3, 4, 5)"),
            ("number of rides in the morning and in the evening", "CASE WHEN"),
        ] {
            let sql = rides(prompt);
            assert!(sql.contains(wanted), "{prompt}: {sql}");
        }
    }

    #[test]
    fn parts_of_decades_are_years() {
        for (prompt, wanted) in [
            ("average budget in the early 2000s", "\"year\" >= 2000 AND \"year\" <= 2003"),
            ("average budget of the late 1980s", "\"year\" >= 1987 AND \"year\" <= 1989"),
            ("average budget in the first half of the 90s", "\"year\" >= 1990 AND \"year\" <= 1994"),
            ("average budget since the 80s", "WHERE \"year\" >= 1980"),
            ("average budget before the 70s", "WHERE \"year\" < 1970"),
            ("average budget before the year 2000", "WHERE \"year\" <"),
            ("average budget from the 60s to the 80s", "\"year\" >= 1960 AND \"year\" <= 1989"),
        ] {
            let sql = films(prompt);
            let sql = sql.replace("<= 1999", "< 2000").replace("<= 1969", "< 1970");
            assert!(sql.contains(wanted), "{prompt}: {sql}");
        }
    }
}
