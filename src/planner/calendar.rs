//! Days, halves of years and times of day, in the words that the rest of the planner reads: `5 March 2016` is 2016-03-05,
//! `H1 2016` is January to June 2016, `after 6pm` is an hour after 18.

use vizroom_protocol::dashboard::Grain;

use super::fields::Data;
use super::query::{Op, Predicate};
use super::vocabulary::month_number;
use super::words::{Kind, Token, is, tokens};

const MORNING: &str = "morning mornings";
const EVENING: &str = "evening evenings afternoon afternoons night";

/// The sentence with such times as the planner reads them.
pub fn rewritten(mut said: Vec<Token>) -> Vec<Token> {
    let mut at = 0;
    while at < said.len() {
        match replacement(&said, at) {
            Some((used, text)) if used > 0 => {
                let new = tokens(&text);
                let next = at + new.len();
                said.splice(at..at + used, new);
                at = next;
            }
            _ => at += 1,
        }
    }
    said
}

/// How many tokens say something that is said otherwise, and how.
fn replacement(said: &[Token], at: usize) -> Option<(usize, String)> {
    super::subperiods::years(said, at)
        .or_else(|| short(said, at))
        .or_else(|| half(said, at))
        .or_else(|| day(said, at))
        .or_else(|| hours(said, at))
        .or_else(|| since_begin(said, at))
}

fn year(token: Option<&Token>) -> Option<i64> {
    let n = token.and_then(Token::number).filter(|n| n.fract() == 0.0 && (1000.0..=2200.0).contains(n))?;
    token.filter(|t| t.text.len() == 4).map(|_| n as i64)
}

/// `w/o`, `2018 v 2017`, `a record month`
fn short(said: &[Token], at: usize) -> Option<(usize, String)> {
    let token = |i: usize| said.get(i);
    if is(token(at), "w") && token(at + 1).is_some_and(|t| t.is('/')) {
        let without = is(token(at + 2), "o");
        return Some(if without { (3, "without".into()) } else { (2, "with".into()) });
    }
    // `I'd like …`, where the data may have an id.
    if token(at).is_some_and(|t| matches!(t.text.as_str(), "Id" | "id"))
        && is(token(at + 1), "like love prefer rather want need")
    {
        return Some((2, "please".into()));
    }
    let name = |t: &Token| t.number().is_some() || t.text.chars().next().is_some_and(char::is_uppercase);
    if token(at).is_some_and(|t| t.text == "v") && at > 0 && name(&said[at - 1]) && token(at + 1).is_some_and(name) {
        return Some((1, "vs".into()));
    }
    let step = |t: &Token| is(Some(t), "day week month quarter year hour season");
    // `7-day average` moves.
    let number = at > 0
        && (said[at - 1].number().is_some() || said[at - 1].is('-') && at > 1 && said[at - 2].number().is_some());
    if number && step(&said[at]) && is(token(at + 1), "average mean avg") {
        return Some((2, format!("{} moving average", said[at].lower)));
    }
    if is(token(at), "add adding sum summing") && is(token(at + 1), "up") {
        return Some((2, "total".into()));
    }
    // `the record number of visitors`
    if is(token(at), "record") && is(token(at + 1), "number amount") && is(token(at + 2), "of") {
        return Some((3, "most".into()));
    }
    (is(token(at), "record") && token(at + 1).is_some_and(step)).then(|| (1, "best".into()))
}

/// `ytd`, `year to date`, `so far this year`
fn since_begin(said: &[Token], at: usize) -> Option<(usize, String)> {
    let step = |i: usize| said.get(i).filter(|t| is(Some(t), "year month quarter week")).map(|t| t.lower.clone());
    match said[at].lower.as_str() {
        "ytd" => return Some((1, "this year".into())),
        "mtd" => return Some((1, "this month".into())),
        "qtd" => return Some((1, "this quarter".into())),
        _ => {}
    }
    if is(said.get(at), "so") && is(said.get(at + 1), "far") && is(said.get(at + 2), "this") {
        return Some((2, String::new()));
    }
    let to_date = is(said.get(at + 1), "to") && is(said.get(at + 2), "date");
    step(at).filter(|_| to_date).map(|step| (3, format!("this {step}")))
}

/// `first half of 2016`, `H2 2016`, `2016 H1`
fn half(said: &[Token], at: usize) -> Option<(usize, String)> {
    let months = |second: bool| if second { "July to December" } else { "January to June" };
    let short = |i: usize| match said.get(i)?.lower.as_str() {
        "h1" | "1h" => Some(false),
        "h2" | "2h" => Some(true),
        _ => None,
    };
    if let (Some(year), Some(second)) = (year(said.get(at)), short(at + 1)) {
        return Some((2, format!("{} {year}", months(second))));
    }
    let (second, end) = match short(at) {
        Some(second) => (second, at + 1),
        None => {
            // `the last half year` is as long as one, and ends where the data does.
            if is(said.get(at), "last") && is(said.get(at + 1), "half") && is(said.get(at + 2), "year") {
                return None;
            }
            let second = is(said.get(at), "second last 2nd latter");
            let named = second || is(said.get(at), "first 1st");
            (named && is(said.get(at + 1), "half")).then_some((second, at + 2))?
        }
    };
    let small = |i: &usize| is(said.get(*i), "of in the");
    let next = (end..said.len()).find(|i| !small(i)).unwrap_or(said.len());
    if let Some(year) = year(said.get(next)) {
        return Some((next + 1 - at, format!("{} {year}", months(second))));
    }
    // `in the second half of each year`
    let any = is(said.get(next), "year years") || is(said.get(next), "each every a any");
    let end = if is(said.get(next + 1), "year") { next + 2 } else { next + 1 };
    any.then(|| (end - at, months(second).to_owned()))
}

/// `5 March 2016`, `5th of March, 2016`, `March 5th 2016`
fn day(said: &[Token], at: usize) -> Option<(usize, String)> {
    let number = |i: usize| {
        let t = said.get(i)?;
        let n = t.number().filter(|n| n.fract() == 0.0 && (1.0..=31.0).contains(n))?;
        (t.text.len() <= 4).then_some(n as u32)
    };
    let month = |i: usize| said.get(i).filter(|t| t.kind == Kind::Word).and_then(|t| month_number(&t.lower));
    let past = |i: usize, list: &str| i + usize::from(is(said.get(i), list) || said.get(i).is_some_and(|t| t.is(',')));
    let (day, month, end) = match (number(at), month(at)) {
        (Some(day), _) => {
            let next = past(at + 1, "of");
            (day, month(next)?, past(next + 1, "of"))
        }
        (_, Some(month)) => {
            let next = past(at + 1, "the");
            (number(next)?, month, past(next + 1, "of"))
        }
        _ => return None,
    };
    let year = year(said.get(end))?;
    Some((end + 1 - at, format!("{year:04}-{month:02}-{day:02}")))
}

/// An hour of the day, whether it is told apart from other numbers, and where it ends.
fn hour(said: &[Token], at: usize) -> Option<(u32, Option<bool>, usize)> {
    let token = said.get(at)?;
    match token.lower.as_str() {
        "noon" | "midday" => return Some((12, Some(false), at + 1)),
        "midnight" => return Some((0, Some(false), at + 1)),
        _ => {}
    }
    let half = |word: &str| match word {
        "am" => Some(false),
        "pm" => Some(true),
        _ => None,
    };
    if let Some(n) = token.number().filter(|n| n.fract() == 0.0 && (0.0..=24.0).contains(n)) {
        let next = said.get(at + 1).map_or("", |t| t.lower.as_str());
        let told = half(next);
        return Some((n as u32, told, at + 1 + usize::from(told.is_some() || next == "oclock")));
    }
    let told = half(token.lower.get(token.lower.len().saturating_sub(2)..)?)?;
    let n: u32 = token.lower[..token.lower.len() - 2].parse().ok().filter(|n| *n <= 12)?;
    Some((n, Some(told), at + 1))
}

/// `between 7 and 9 in the morning`, `from 8am to 10am`, `after 6pm`, `at 8 pm`
fn hours(said: &[Token], at: usize) -> Option<(usize, String)> {
    let small = |i: &usize| is(said.get(*i), "in at the early late");
    // What part of the day is named after the hours.
    let part = |end: usize| {
        let noun = (end..said.len()).find(|i| !small(i))?;
        let named = is(said.get(noun), MORNING).then_some(false).or(is(said.get(noun), EVENING).then_some(true))?;
        Some((named, noun + 1))
    };
    let of_day = |n: u32, later: bool| if later && n < 12 { n + 12 } else { n };
    let lead = said.get(at).map_or("", |t| t.lower.as_str());
    let from =
        at + usize::from(matches!(lead, "between" | "from" | "after" | "before" | "since" | "until" | "at" | "around"));
    let (first, own, end) = hour(said, from)?;
    if is(said.get(end), "and to until till") || said.get(end).is_some_and(|t| t.is('-')) {
        let (second, other, end) = hour(said, end + 1)?;
        let (later, end) = match (other, part(end)) {
            (Some(later), _) => (later, end),
            (None, Some(found)) => found,
            (None, None) => return None,
        };
        let first = of_day(first, own.unwrap_or(later && first < second));
        return Some((end - at, format!("hour between {first} and {}", of_day(second, later))));
    }
    let (later, end) = match (own, part(end).filter(|_| from > at)) {
        (Some(later), _) => (later, end),
        (None, Some(found)) => found,
        (None, None) => return None,
    };
    let n = of_day(first, later);
    let said = match lead {
        "after" if n == 0 => "hour between 0 and 5".to_owned(),
        // What is after six begins with that hour.
        "before" | "until" => format!("hour before {n}"),
        "from" | "after" | "since" => format!("hour since {n}"),
        _ => format!("hour {n}"),
    };
    Some((end - at, said))
}

/// The rows of steps that a column of texts writes out: `July`, `Mon`.
pub fn written(data: &Data<'_>, grain: Grain, is: impl Fn(&str) -> bool) -> Option<Vec<Predicate>> {
    let field = &data.fields[data.named_step(grain)?];
    let said = |v: &&serde_json::Value| v.as_str().is_some_and(|t| is(&t.to_lowercase()));
    let values: Vec<serde_json::Value> = field.column.top.iter().filter(said).cloned().collect();
    let one = |values| vec![Predicate { source: field.source(), part: None, op: Op::In, values }];
    (!values.is_empty()).then(|| one(values))
}

#[cfg(test)]
mod tests {
    use super::super::words::tokens;

    #[test]
    fn times_are_said_in_many_ways() {
        for (said, wanted) in [
            ("sales on 5 March 2016", "sales on 2016-03-05"),
            ("sales on March 5th, 2016", "sales on 2016-03-05"),
            ("the 5th of may 2016", "the 2016-05-05"),
            ("in March 2016", "in March 2016"),
            ("in the first half of 2016", "in the January to June 2016"),
            ("H2 2016 by region", "July to December 2016 by region"),
            ("rides between 7 and 9 in the morning", "rides hour between 7 and 9"),
            ("rides from 5pm to 7pm", "rides hour between 17 and 19"),
            ("rides after 6 pm", "rides hour since 18"),
            ("sales ytd", "sales this year"),
            ("2018 v 2017", "2018 vs 2017"),
            ("7-day average of rides", "7 - day moving average of rides"),
            ("by sex w/o unknown", "by sex without unknown"),
            ("between 7 and 9 items", "between 7 and 9 items"),
        ] {
            let got: Vec<String> = super::rewritten(tokens(said)).into_iter().map(|t| t.text).collect();
            assert_eq!(got.join(" "), wanted, "{said}");
        }
    }
}
