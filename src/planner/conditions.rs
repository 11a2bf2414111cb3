//! Conditions in a sentence: runs of items that restrict the rows become one condition.

use serde_json::{Value, json};
use vizroom_protocol::dashboard::Grain;
use vizroom_protocol::file::ColumnType;

use super::amounts::{self, plain, share_of_one};
use super::fields::{Data, Role};
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::numbered::{equal_to, numbered};
use super::parts::part_test;
use super::period::{self, Date};
use super::query::{Op, Predicate};
use super::words::Token;
use super::{bounds, opposing, relative, scales, thresholds};

/// An item, or a condition made of several.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    Item(Item),
    Condition(Vec<Predicate>),
    /// A condition on time.
    Period(Vec<Predicate>),
    /// Two periods named together, the earlier first: `2012 and 2015`.
    Pair(Vec<Predicate>, Vec<Predicate>),
    /// The period before another one, by steps of this length: `the month before`.
    Before(Option<Grain>),
    /// Limits of a figure, of the rows or of the groups: `sales over 600,000`. Without a field: how many rows.
    Limits {
        field: Option<usize>,
        limits: Vec<(Op, Value)>,
    },
}

/// Replaces the conditions on numbers and time in `items`.
pub fn pieces(data: &Data<'_>, tokens: &[Token], items: &[Item]) -> Vec<Piece> {
    let items = &thresholds::open_ended(tokens, items)[..];
    let mut out = Vec::new();
    let mut at = 0;
    while at < items.len() {
        if let Some((groups, used)) = opposing::grouped(data, tokens, items, at) {
            out.extend(groups);
            at += used;
            continue;
        }
        let told = is_told_apart(data, tokens, items, at);
        let person = bounds::of_people(data, tokens, &items[at]).is_some();
        let found = relative::relative(data, tokens, items, at)
            .or_else(|| super::outdone::outdone(data, tokens, items, at))
            .or_else(|| super::absent::lacking(data, tokens, items, at))
            .or_else(|| super::mentioning::mentioned(data, tokens, items, at))
            .or_else(|| super::possessing::condition(data, tokens, items, at))
            .or_else(|| amounts::amount(data, tokens, items, at))
            .or_else(|| condition(data, &items[at..]).filter(|_| !person && !told && !is_limit(data, items, at)))
            .or_else(|| equal_to(data, tokens, &items[at..]))
            .or_else(|| super::tallies::of_groups(data, tokens, items, at))
            .or_else(|| bounds::unnamed(data, tokens, items, at));
        match found {
            Some((piece, used)) => {
                out.push(scales::scaled(data, tokens, &items[at..items.len().min(at + used)], piece));
                at += used;
            }
            None => {
                out.push(Piece::Item(items[at].clone()));
                at += 1;
            }
        }
    }
    out
}

/// `in each series was under 30`: what the rows are told apart by is not what is limited.
fn is_told_apart(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> bool {
    let Meaning::Column(columns) = &items[at].meaning else { return false };
    let each = at.checked_sub(1).is_some_and(|i| super::words::is(tokens.get(items[i].to - 1), "each every"));
    each && !matches!(data.fields[columns[0]].role, Role::Sum | Role::Mean)
}

/// `more than 2000`, of which nothing says what: no year.
fn is_limit(data: &Data<'_>, items: &[Item], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|i| keyword(items.get(i)));
    let years = data.fields.iter().any(|f| f.holds_years());
    matches!(before, Some(Keyword::Compared(_))) && calendar_year(items.get(at)).is_some() && !years
}

fn condition(data: &Data<'_>, items: &[Item]) -> Option<(Piece, usize)> {
    let plain = |(predicates, used): (Vec<Predicate>, usize)| (Piece::Condition(predicates), used);
    let timed = |(predicates, used): (Vec<Predicate>, usize)| (Piece::Period(predicates), used);
    numeric(data, items)
        .or_else(|| super::numbered::coded(data, items))
        .or_else(|| pair(data, items))
        .or_else(|| spelled(data, items).map(plain))
        .or_else(|| numbered(data, items).map(plain))
        .or_else(|| period(data, items).map(timed))
}

pub fn keyword(item: Option<&Item>) -> Option<Keyword> {
    match item?.meaning {
        Meaning::Keyword(k) => Some(k),
        _ => None,
    }
}

pub fn number(item: Option<&Item>) -> Option<(f64, bool)> {
    match item?.meaning {
        Meaning::Number { value, percent } => Some((value, percent)),
        _ => None,
    }
}

/// Small words between a column and its condition: `is`, `of`, `was`.
pub fn skip_small(items: &[Item], mut at: usize) -> usize {
    while matches!(items.get(at).map(|i| &i.meaning), Some(Meaning::Filler | Meaning::Keyword(Keyword::Only))) {
        at += 1;
    }
    at
}

/// After a number: its unit, if one is said.
pub fn skip_unit(data: &Data<'_>, items: &[Item], at: usize) -> usize {
    match items.get(at).map(|i| &i.meaning) {
        Some(Meaning::Filler) => at + 1,
        Some(Meaning::Keyword(Keyword::Grain(_))) => at + 1,
        Some(Meaning::Keyword(Keyword::Share)) => at + 1,
        Some(Meaning::Column(c)) if c.iter().all(|&i| data.fields[i].role == Role::Other) => at + 1,
        _ => at,
    }
}

/// `delay over 30 minutes`, `between 10 and 20`, `discount = 0.2`, `more than 30 minutes late`.
fn numeric(data: &Data<'_>, items: &[Item]) -> Option<(Piece, usize)> {
    if let Meaning::Column(columns) = &items.first()?.meaning {
        // `countries with more than 100 airports`: a key is no amount.
        let amount =
            |i: &usize| data.fields[*i].is_number() && (data.fields[*i].role != Role::Id || all_said(data, items, *i));
        let field = columns.iter().copied().find(amount)?;
        let at = skip_small(items, 1);
        let (tests, used) = comparison(data, items, at)?;
        // `by average points with at least 10 reviews` limits how many there are.
        let counts =
            matches!(items.get(used).map(|i| &i.meaning), Some(Meaning::Rows | Meaning::Keyword(Keyword::Row)));
        return (!counts).then(|| (limited(data, field, tests), used));
    }
    // `above magnitude 5`
    if let (Some(Keyword::Compared(_)), Some(Meaning::Column(columns)), Some(_)) =
        (keyword(items.first()), items.get(1).map(|i| &i.meaning), number(items.get(2)))
        && let Some(field) = columns.iter().copied().find(|&i| data.fields[i].is_number())
    {
        let (tests, _) = comparison(data, &[items[0].clone(), items[2].clone()], 0)?;
        return Some((limited(data, field, tests), skip_unit(data, items, 3)));
    }
    let (tests, used) = comparison(data, items, 0)?;
    // `since 2005 with a rating over 8` speaks of the year.
    let dated = matches!(keyword(items.first()), Some(Keyword::Dated(_)));
    if dated && calendar_year(items.get(1)).is_some() && data.course().is_some() {
        return None;
    }
    let at = skip_small(items, used);
    match &items.get(at)?.meaning {
        Meaning::Column(columns) if columns.iter().any(|&i| data.fields[i].is_measure()) => {
            let field = columns.iter().copied().find(|&i| data.fields[i].is_measure())?;
            // `most between 2008 and 2016 in freedom`: years, where the figure is of another size.
            let within = |n: f64| data.fields[field].min() <= Some(n) && data.fields[field].max() >= Some(n);
            let years = tests.len() == 2 && tests.iter().all(|(_, n, _)| (1000.0..=2200.0).contains(n) && !within(*n));
            (!years || data.course().is_none()).then(|| (limited(data, field, tests), at + 1))
        }
        // `countries that hosted more than 3 games`, where each row is one.
        Meaning::Column(_) | Meaning::Rows | Meaning::Keyword(Keyword::Row | Keyword::Order)
            if matches!(keyword(items.first()), Some(Keyword::Compared(_) | Keyword::Between)) =>
        {
            if matches!(&items[at].meaning, Meaning::Column(c) if !data.names_each(c[0])) {
                return None;
            }
            let limits = tests.into_iter().map(|(op, n, _)| (op, plain(n))).collect();
            Some((Piece::Limits { field: None, limits }, at + 1))
        }
        _ => None,
    }
}

/// `customer id over 500` of `customer_id`: each word of the key's name, and it is the data's own.
fn all_said(data: &Data<'_>, items: &[Item], key: usize) -> bool {
    let field = &data.fields[key];
    !field.joined && items.first().is_some_and(|i| i.to - i.from >= field.words.len())
}

pub fn limited(data: &Data<'_>, field: usize, tests: Vec<Test>) -> Piece {
    let limits = |(op, n, percent)| (op, share_of_one(data, field, n, percent));
    let limits: Vec<(Op, Value)> = tests.into_iter().map(limits).collect();
    match data.fields[field].is_measure() {
        true => Piece::Limits { field: Some(field), limits },
        false => Piece::Condition(tests_of(data, field, &limits)),
    }
}

/// Limits as conditions on the rows.
pub fn tests_of(data: &Data<'_>, field: usize, limits: &[(Op, Value)]) -> Vec<Predicate> {
    let source = data.fields[field].source();
    let test = |(op, value): &(Op, Value)| Predicate {
        source: source.clone(),
        part: None,
        op: *op,
        values: vec![value.clone()],
    };
    limits.iter().map(test).collect()
}

/// How a number compares, the number, and whether it was per cent.
pub type Test = (Op, f64, bool);

pub fn comparison(data: &Data<'_>, items: &[Item], at: usize) -> Option<(Vec<Test>, usize)> {
    // `deaths since 1990` speaks of the year where the data has years.
    let dated = matches!(keyword(items.get(at)), Some(Keyword::Dated(_) | Keyword::Between));
    // `built before 1950` speaks of the column's own years.
    let own = matches!(&items[0].meaning, Meaning::Column(c) if c.iter().any(|&i| data.fields[i].holds_years()));
    let by_year = at > 0 && !own && !matches!(items[0].meaning, Meaning::Keyword(Keyword::Grain(_)));
    if dated && by_year && calendar_year(items.get(at + 1)).is_some() && data.course().is_some() {
        return None;
    }
    if keyword(items.get(at)) == Some(Keyword::Between) {
        let (low, p) = number(items.get(at + 1))?;
        let (high, q) = number(items.get(at + 3))?;
        return Some((vec![(Op::Gte, low, p), (Op::Lte, high, q)], skip_unit(data, items, at + 4)));
    }
    // `aged 30 to 40`
    if at > 0
        && let (Some((low, p)), Some((high, q))) = (number(items.get(at)), number(items.get(at + 2)))
        && matches!(items[at + 1].meaning, Meaning::Filler | Meaning::Keyword(Keyword::Only))
        && low < high
        && matches!(items[0].meaning, Meaning::Column(_))
        && !(calendar_year(items.get(at)).is_some()
            && calendar_year(items.get(at + 2)).is_some()
            && data.course().is_some())
    {
        return Some((vec![(Op::Gte, low, p), (Op::Lte, high, q)], skip_unit(data, items, at + 3)));
    }
    if matches!(items.get(at)?.meaning, Meaning::Mark('=')) {
        let (n, p) = number(items.get(at + 1))?;
        return Some((vec![(Op::In, n, p)], at + 2));
    }
    let op = match keyword(items.get(at)) {
        Some(Keyword::Compared(op) | Keyword::Dated(op)) => op,
        _ => return None,
    };
    let equal = matches!(items.get(at + 1)?.meaning, Meaning::Mark('='));
    let op = match (op, equal) {
        (Op::Gt, true) => Op::Gte,
        (Op::Lt, true) => Op::Lte,
        (op, _) => op,
    };
    let next = at + 1 + usize::from(equal);
    let next = if matches!(items.get(next)?.meaning, Meaning::Filler) { next + 1 } else { next };
    let (n, p) = number(items.get(next))?;
    // Whether the column counts hours is known by its range, where its name says no other unit.
    let hours = keyword(items.get(next + 1)) == Some(Keyword::Grain(Grain::Hour));
    let counts = |i: &usize| {
        let f = &data.fields[*i];
        let within = f.min().zip(f.max()).is_some_and(|(min, max)| min <= n && n <= max);
        within
            && f.max().is_some_and(|m| m <= 1_000.0)
            && !super::roles::has(&f.words, "minute second ms day week month year")
    };
    let fits = matches!(&items[0].meaning, Meaning::Column(c) if c.iter().any(counts));
    (!hours || fits).then(|| (vec![(op, n, p)], skip_unit(data, items, next + 1)))
}

/// `director = "Jane Doe"`: a value that the profile does not list, spelled out by the caller.
fn spelled(data: &Data<'_>, items: &[Item]) -> Option<(Vec<Predicate>, usize)> {
    let Meaning::Column(columns) = &items.first()?.meaning else { return None };
    let field = columns.iter().copied().find(|&i| data.fields[i].column.kind == ColumnType::Text)?;
    let mut at = skip_small(items, 1);
    if matches!(items.get(at)?.meaning, Meaning::Mark('=')) {
        at += 1;
    }
    let not = keyword(items.get(at)) == Some(Keyword::Not);
    let Meaning::Quoted(text) = &items.get(at + usize::from(not))?.meaning else { return None };
    let op = if not { Op::NotIn } else { Op::In };
    let one = Predicate { source: data.fields[field].source(), part: None, op, values: vec![json!(text)] };
    Some((vec![one], at + 1 + usize::from(not)))
}

/// `2012 and 2015`, but for `between 2012 and 2015`, which begins with that word.
fn pair(data: &Data<'_>, items: &[Item]) -> Option<(Piece, usize)> {
    let (a, b) = (calendar_year(items.first())?, calendar_year(items.get(2))?);
    let more = keyword(items.get(3)) == Some(Keyword::And) && calendar_year(items.get(4)).is_some();
    let joined = keyword(items.get(1)) == Some(Keyword::And) && !more && a != b;
    let of = |year| joined.then(|| period::year(data, year)).flatten();
    Some((Piece::Pair(of(a.min(b))?, of(a.max(b))?), 3))
}

pub fn calendar_year(item: Option<&Item>) -> Option<i64> {
    let (n, percent) = number(item)?;
    (!percent && n.fract() == 0.0 && (1000.0..=2200.0).contains(&n)).then_some(n as i64)
}

fn period(data: &Data<'_>, items: &[Item]) -> Option<(Vec<Predicate>, usize)> {
    if let Some(found) = super::fiscal::period(data, items) {
        return Some(found);
    }
    match &items.first()?.meaning {
        Meaning::Keyword(Keyword::Last) => last(data, items),
        Meaning::Keyword(Keyword::Between) => span(data, &items[1..], true).map(|(p, used)| (p, used + 1)),
        Meaning::Keyword(Keyword::Dated(op)) => compared(data, *op, items),
        // `up to 1999`
        Meaning::Keyword(Keyword::Compared(Op::Lte)) if calendar_year(items.get(1)).is_some() => {
            compared(data, Op::Lte, items)
        }
        Meaning::Keyword(Keyword::Grain(grain)) => part_test(data, *grain, items),
        _ if span(data, items, false).is_some() => span(data, items, false),
        Meaning::Month(month) => {
            let of = calendar_year(items.get(1));
            Some((period::month(data, *month, of)?, 1 + usize::from(of.is_some())))
        }
        Meaning::Quarter(quarter) => {
            let of = calendar_year(items.get(1));
            Some((period::quarter(data, *quarter, of)?, 1 + usize::from(of.is_some())))
        }
        Meaning::Weekday(day) => Some((period::weekdays(data, &[*day])?, 1)),
        Meaning::Weekend => Some((period::weekdays(data, &[6, 7])?, 1)),
        Meaning::Day(day) => Some((period::against(data, Op::In, Date::parse(day)?)?, 1)),
        Meaning::Number { .. } => {
            let year = calendar_year(items.first())?;
            Some((period::year(data, year)?, 1))
        }
        _ => None,
    }
}

/// A point or stretch of time: its start, its end (not included), whether its year was said, and the items used.
fn stretch(items: &[Item]) -> Option<(Date, Date, bool, usize)> {
    let of = calendar_year(items.get(1));
    let used = 1 + usize::from(of.is_some());
    let months = |month: u32, count: i64| {
        let start = Date { year: of.unwrap_or(2000), month, day: 1 };
        (start, start.plus_months(count), of.is_some(), used)
    };
    match &items.first()?.meaning {
        Meaning::Month(month) => Some(months(*month, 1)),
        Meaning::Quarter(quarter) => Some(months(quarter * 3 - 2, 3)),
        Meaning::Day(day) => {
            let day = Date::parse(day)?;
            Some((day, day.plus_days(1), true, 1))
        }
        _ => {
            let start = Date { year: calendar_year(items.first())?, month: 1, day: 1 };
            Some((start, start.plus_months(12), true, 1))
        }
    }
}

/// `2012 to 2014`, `January to March 2013`, `2013-05-01 and 2013-06-30` after `between`.
fn span(data: &Data<'_>, items: &[Item], between: bool) -> Option<(Vec<Predicate>, usize)> {
    let (from, _, from_year, used) = stretch(items)?;
    let joint = match &items.get(used)?.meaning {
        Meaning::Keyword(Keyword::Only | Keyword::Dated(Op::Lte)) => true,
        Meaning::Keyword(Keyword::And) => {
            between || matches!(items[0].meaning, Meaning::Day(_) | Meaning::Number { .. })
        }
        _ => false,
    };
    let rest = items.get(used + 1..).filter(|_| joint)?;
    let (to, end, to_year, more) = stretch(rest)?;
    let used = used + 1 + more;
    let whole_years = matches!((&items[0].meaning, &rest[0].meaning), (Meaning::Number { .. }, Meaning::Number { .. }));
    if whole_years {
        return (to > from).then(|| period::years(data, Some(from.year), Some(to.year)).map(|p| (p, used)))?;
    }
    let last = end.plus_days(-1).month;
    if !to_year && !from_year {
        // `December to February`
        let wraps = from.month > last;
        let months = if wraps { (from.month..=12).chain(1..=last).collect() } else { (from.month..=last).collect() };
        return Some((period::months(data, months)?, used));
    }
    let from = if from_year { from } else { Date { year: to.year - i64::from(from.month > last), ..from } };
    let end = if to_year { end } else { Date { year: from.year + i64::from(end.month == 1), ..end } };
    (from < end).then(|| data.date().map(|source| (period::within(&source, Some(from), Some(end)), used)))?
}

/// `last 3 months`; without a number see [`relative`].
fn last(data: &Data<'_>, items: &[Item]) -> Option<(Vec<Predicate>, usize)> {
    let (count, at) = (number(items.get(1))?.0 as i64, 2);
    let grain = match &items.get(at)?.meaning {
        Meaning::Keyword(Keyword::Grain(grain)) => *grain,
        // `the last 4 quarters` of a column `quarter`
        Meaning::Column(columns) => super::spelled::grain(columns.iter().find_map(|&f| data.fields[f].spelled)?),
        _ => return None,
    };
    let counts = matches!(grain, Grain::Day | Grain::Week | Grain::Month | Grain::Quarter | Grain::Year);
    counts.then(|| Some((period::last(data, count, grain)?, at + 1)))?
}

/// `since 2012`, `before 2014-05-01`, `after March 2013`
pub fn compared(data: &Data<'_>, op: Op, items: &[Item]) -> Option<(Vec<Predicate>, usize)> {
    if let Some(year) = calendar_year(items.get(1)) {
        let (first, last) = match op {
            Op::Gt => (Some(year + 1), None),
            Op::Gte => (Some(year), None),
            Op::Lt => (None, Some(year - 1)),
            _ => (None, Some(year)),
        };
        return Some((period::years(data, first, last)?, 2));
    }
    match &items.get(1)?.meaning {
        Meaning::Day(day) => Some((period::against(data, op, Date::parse(day)?)?, 2)),
        Meaning::Month(month) => {
            let said = calendar_year(items.get(2));
            let newest = || period::range(data, &data.date()?).map(|(_, last)| last.year);
            let year = said.or_else(newest)?;
            let start = Date { year, month: *month, day: 1 };
            let end = start.plus_months(1);
            let source = data.date()?;
            let predicates = match op {
                Op::Gt => period::within(&source, Some(end), None),
                Op::Gte => period::within(&source, Some(start), None),
                Op::Lt => period::within(&source, None, Some(start)),
                _ => period::within(&source, None, Some(end)),
            };
            Some((predicates, 2 + usize::from(said.is_some())))
        }
        _ => None,
    }
}
