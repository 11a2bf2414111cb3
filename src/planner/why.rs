//! Why a figure changed: its course, and how much of the change each group made.

use super::Goal;
use super::building::{build, counted};
use super::fields::Data;
use super::intent::{Group, Intent};
use super::overview::dimensions;
use super::period;
use super::query::Predicate;

/// Most ways in which a change is taken apart.
const APART_MAX: usize = 3;

/// The cards for one question, or the words that stand in the way.
pub fn goals(data: &Data<'_>, asked: &Intent) -> Result<Vec<Goal>, Vec<String>> {
    if !asked.unknown.is_empty() {
        return Err(asked.unknown.clone());
    }
    let (timed, rest): (Vec<Predicate>, Vec<Predicate>) =
        asked.filters.iter().cloned().partition(|p| period::is_timed(data, p));
    let course = data.course().ok_or_else(|| vec!["a date".to_owned()])?;
    // `why did it fall between 1982 and 1983?`
    let span = super::changes::ends(data, asked, false);
    let (now, before) = match (asked.periods.as_slice(), span) {
        ([now, before], _) => (now.clone(), before.clone()),
        (_, Some((before, now))) => (now, before),
        _ => {
            let now = if timed.is_empty() { period::newest(data, course.grain) } else { Some(timed) };
            let now = now.ok_or_else(|| vec!["a period".to_owned()])?;
            let before = period::before(data, &now, None).ok_or_else(|| vec!["the period before".to_owned()])?;
            (now, before)
        }
    };
    let ask = asked.asks.first().cloned().unwrap_or_else(|| counted(data));
    let base = Intent { asks: vec![ask], filters: rest, by: true, ..Intent::default() };
    let over_time = Intent { groups: vec![Group { field: None, grain: None }], ..base.clone() };
    let mut goals = vec![build(data, &over_time)?];
    let compared = Intent { periods: vec![now, before], ..base };
    goals.extend(build(data, &compared).ok());
    let named = asked.groups.iter().filter(|g| g.field.is_some()).copied();
    let apart = named.chain(dimensions(data, &compared)).take(APART_MAX + 2);
    for group in apart {
        let apart = Intent { groups: vec![group], contrast: true, ..compared.clone() };
        if let Ok(goal) = build(data, &apart)
            && goals.len() < APART_MAX + 2
            && !goals.iter().any(|g| g.query == goal.query)
        {
            goals.push(goal);
        }
    }
    Ok(goals)
}
