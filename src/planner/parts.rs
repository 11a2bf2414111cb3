//! Conditions on a part of a date: a year, a month, an hour of the day, or days and weeks that are numbered.

use serde_json::{Value, json};
use vizroom_protocol::dashboard::Grain;

use super::amounts::plain;
use super::conditions::{comparison, number, skip_small, tests_of};
use super::fields::{Data, Part};
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::period;
use super::query::{Op, Predicate};

/// `year > 1990`, `month = 7`, `hour is 8`: a part of a date against a number.
pub fn part_test(data: &Data<'_>, grain: Grain, items: &[Item]) -> Option<(Vec<Predicate>, usize)> {
    let at = skip_small(items, 1);
    if let Some(found) = numbered_steps(data, grain, items, at) {
        return Some(found);
    }
    let (op, n, used) = match comparison(data, items, at) {
        Some((tests, used)) => match tests.as_slice() {
            [(Op::Gte, low, false), (Op::Lte, high, false)] if matches!(grain, Grain::Hour | Grain::HourOfDay) => {
                return Some((hours(data, *low, *high)?, used));
            }
            [(op, n, false)] => (*op, *n, used),
            _ => return None,
        },
        None => (Op::In, number(items.get(at)).filter(|(_, percent)| !percent)?.0, at + 1),
    };
    let value = n as i64;
    let plausible = match grain {
        Grain::Year => (1000..=2200).contains(&value),
        Grain::Month | Grain::MonthOfYear => (1..=12).contains(&value),
        Grain::Hour | Grain::HourOfDay => (0..=23).contains(&value),
        _ => false,
    };
    if n.fract() != 0.0 || !plausible {
        return None;
    }
    let (part, step) = match grain {
        Grain::Year => (Part::Year, None),
        Grain::Month | Grain::MonthOfYear => (Part::Month, Some(Grain::MonthOfYear)),
        _ => (Part::Hour, Some(Grain::HourOfDay)),
    };
    if let Some(field) = data.part(part) {
        let source = data.fields[field].source();
        return Some((vec![Predicate { source, part: None, op, values: vec![json!(value)] }], used));
    }
    if let Some(step) = step {
        let group = data.time_group(step)?;
        return Some((
            vec![Predicate { source: group.source, part: Some(step), op, values: vec![json!(value)] }],
            used,
        ));
    }
    let (first, last) = match op {
        Op::Gt => (Some(value + 1), None),
        Op::Gte => (Some(value), None),
        Op::Lt => (None, Some(value - 1)),
        Op::Lte => (None, Some(value)),
        _ => (Some(value), Some(value)),
    };
    Some((period::years(data, first, last)?, used))
}

/// `days 30 to 60`, `before week 10`, where days or weeks are numbered and there is no date.
fn numbered_steps(data: &Data<'_>, grain: Grain, items: &[Item], at: usize) -> Option<(Vec<Predicate>, usize)> {
    let part = match grain {
        Grain::Day => Part::Day,
        Grain::Week => Part::Week,
        _ => return None,
    };
    let field = data.part(part).filter(|_| data.date().is_none())?;
    let to =
        |i: usize| matches!(items.get(i)?.meaning, Meaning::Filler | Meaning::Keyword(Keyword::Only)).then_some(());
    let range = || Some((number(items.get(at))?.0, to(at + 1)?, number(items.get(at + 2))?.0));
    let (tests, used) = match range().filter(|(low, (), high)| low < high) {
        Some((low, (), high)) => (vec![(Op::Gte, low, false), (Op::Lte, high, false)], at + 3),
        None => {
            comparison(data, items, at).or_else(|| Some((vec![(Op::In, number(items.get(at))?.0, false)], at + 1)))?
        }
    };
    let limits: Vec<(Op, Value)> = tests.into_iter().map(|(op, n, _)| (op, plain(n))).collect();
    Some((tests_of(data, field, &limits), used))
}

/// Hours of the day from the first to the last, both included.
fn hours(data: &Data<'_>, low: f64, high: f64) -> Option<Vec<Predicate>> {
    let (source, part) = match data.part(Part::Hour) {
        Some(field) => (data.fields[field].source(), None),
        None => (data.time_group(Grain::HourOfDay)?.source, Some(Grain::HourOfDay)),
    };
    // `between 10pm and 4am`: past midnight.
    if low > high {
        let values = (low as i64..24).chain(0..=high as i64).map(|h| json!(h)).collect();
        return Some(vec![Predicate { source, part, op: Op::In, values }]);
    }
    let test = |op, n: f64| Predicate { source: source.clone(), part, op, values: vec![json!(n as i64)] };
    Some(vec![test(Op::Gte, low), test(Op::Lte, high)])
}
