//! `fiscal year 2016`, `FY16 Q1`, `since FY 2015`, `last fiscal quarter`: stretches whose first month only the one who runs
//! the query knows. They are said by name, or by a day that lies in them.

use serde_json::{Value, json};
use vizroom_protocol::dashboard::Grain;

use super::conditions::{keyword, number, skip_small};
use super::fields::Data;
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::period::{Date, range};
use super::query::{Op, Predicate, Source};
use super::time::grain_name;

/// Fiscal years that are counted back at most.
const BACK_MAX: i64 = 100;

/// The fiscal years or quarters that the newest date and those before it are in: so many, after so many are left out.
pub fn newest(data: &Data<'_>, grain: Grain, (skipped, count): (i64, i64)) -> Option<Vec<Predicate>> {
    let source = data.date()?;
    let (_, newest) = range(data, &source)?;
    let months = if grain == Grain::FiscalYear { 12 } else { 3 };
    let days = (skipped..skipped + count.clamp(1, BACK_MAX)).map(|back| newest.plus_months(-back * months).iso());
    let values = days.map(|day| json!(day)).collect();
    Some(vec![Predicate { source, part: Some(grain), op: Op::In, values }])
}

/// What a value of such a condition is called: its name; or, told by a day, which one of the data's.
pub fn called(data: &Data<'_>, source: &Source, grain: Grain, value: &str) -> String {
    let Some(day) = Date::parse(value) else { return value.to_owned() };
    let steps = range(data, source).map(|(_, newest)| {
        let months = (newest.year - day.year) * 12 + i64::from(newest.month) - i64::from(day.month);
        months / if grain == Grain::FiscalYear { 12 } else { 3 }
    });
    let name = grain_name(grain);
    match steps {
        Some(0) => format!("the newest {name}"),
        Some(1) => format!("the {name} before"),
        Some(more) => format!("{more} {name}s before"),
        None => format!("the {name} of {value}"),
    }
}

/// A fiscal year, and perhaps a quarter of it.
type Named = (i64, Option<u32>);

/// A condition on the fiscal year or quarter of the data's date, and the items it is said by.
pub fn period(data: &Data<'_>, items: &[Item]) -> Option<(Vec<Predicate>, usize)> {
    let (op, start) = match keyword(items.first()) {
        Some(Keyword::Last) => {
            let (count, _) = number(items.get(1))?;
            let Some(Keyword::Grain(grain @ (Grain::FiscalYear | Grain::FiscalQuarter))) = keyword(items.get(2)) else {
                return None;
            };
            return Some((newest(data, grain, (0, count as i64))?, 3));
        }
        Some(Keyword::Dated(op)) => (Some(op), 1),
        Some(Keyword::Between) => (None, 1),
        _ => (None, 0),
    };
    let between = keyword(items.first()) == Some(Keyword::Between);
    let (first, used) = named(items, start, false)?;
    let one = |op, values: &[Named]| condition(data, op, values);
    if let Some(op) = op {
        return Some((vec![one(op, &[first])?], used));
    }
    // `FY 2015 to 2017`, `FY 2015 and FY 2016`; the word need not be said again.
    let (mut values, mut end) = (vec![first], used);
    while let Some((next, after)) = named(items, end + 1, true).filter(|((_, q), _)| q.is_some() == first.1.is_some()) {
        let to = matches!(keyword(items.get(end)), Some(Keyword::Only | Keyword::Dated(Op::Lte)));
        match keyword(items.get(end)) {
            Some(Keyword::And) if !between => values.push(next),
            Some(_) if to || between => {
                return Some((vec![one(Op::Gte, &[first])?, one(Op::Lte, &[next])?], after));
            }
            _ => break,
        }
        end = after;
    }
    Some((vec![one(Op::In, &values)?], end))
}

fn condition(data: &Data<'_>, op: Op, values: &[Named]) -> Option<Predicate> {
    let part = if values.first()?.1.is_some() { Grain::FiscalQuarter } else { Grain::FiscalYear };
    let value = |(year, quarter): &Named| match quarter {
        Some(quarter) => json!(format!("FY {year} Q{quarter}")),
        None => json!(format!("FY {year}")),
    };
    Some(Predicate { source: data.date()?, part: Some(part), op, values: values.iter().map(value).collect() })
}

/// `fiscal year 2016`, `FY 2016 Q1`, `Q1 of fiscal 2016`, `fiscal Q1 2016`, from `at` on, and where it ends. What follows
/// another one needs no more than its number.
fn named(items: &[Item], at: usize, follows: bool) -> Option<(Named, usize)> {
    let quarter = |at: usize| match items.get(at).map(|item| &item.meaning) {
        Some(Meaning::Quarter(quarter)) => Some(*quarter),
        _ => None,
    };
    let marked = |at: usize| match items.get(at).map(|item| &item.meaning) {
        Some(Meaning::Unknown(word)) => matches!(word.to_lowercase().as_str(), "fiscal" | "financial"),
        Some(Meaning::Keyword(keyword)) => *keyword == Keyword::Grain(Grain::FiscalYear),
        _ => false,
    };
    let (mut said, mut at) = (quarter(at), at);
    if said.is_some() {
        at = skip_small(items, at + 1);
    }
    let mark = marked(at);
    if !mark && !follows {
        return None;
    }
    at = skip_small(items, at + usize::from(mark));
    if said.is_none() && mark && quarter(at).is_some() {
        said = quarter(at);
        at = skip_small(items, at + 1);
    }
    let (n, _) = number(items.get(at)).filter(|(n, percent)| !percent && n.fract() == 0.0)?;
    let year = match n as i64 {
        short @ 0..=99 if mark => 2000 + short,
        year @ 1000..=2200 => year,
        _ => return None,
    };
    let after = if said.is_none() { quarter(at + 1) } else { None };
    Some(((year, said.or(after)), at + 1 + usize::from(after.is_some())))
}
/// The month that fiscal years begin with. They are named for the calendar year that they end in, as texts that stand in
/// the order of time; nothing is what has no date.
#[derive(Clone, Copy)]
pub struct Fiscal(pub u8);

impl Fiscal {
    pub fn year(self, from: &str) -> String {
        let later = match self.0 {
            2..=12 => format!(" + CASE WHEN date_part('month', {from}) >= {} THEN 1 ELSE 0 END", self.0),
            _ => String::new(),
        };
        format!("'FY ' || (CAST(date_part('year', {from}) AS BIGINT){later})")
    }

    pub fn quarter(self, from: &str) -> String {
        let months = |quarter: u8| {
            let month = |nth: u8| ((self.0.max(1) - 1 + quarter * 3 + nth) % 12 + 1).to_string();
            [month(0), month(1), month(2)].join(", ")
        };
        let case =
            |quarter: u8| format!("WHEN date_part('month', {from}) IN ({}) THEN ' Q{}' ", months(quarter), quarter + 1);
        format!("CASE {}ELSE ' Q4' END", (0..3).map(case).collect::<String>())
    }

    /// What is compared with one of these: its name, or the one that a day lies in.
    pub fn named(self, grain: Grain, value: &Value) -> Value {
        let Some(day) = value.as_str().and_then(Date::parse) else { return value.clone() };
        let begins = u32::from(self.0.clamp(1, 12));
        let year = day.year + i64::from(begins > 1 && day.month >= begins);
        match grain {
            Grain::FiscalQuarter => format!("FY {year} Q{}", (day.month + 12 - begins) % 12 / 3 + 1).into(),
            _ => format!("FY {year}").into(),
        }
    }
}
