//! Conditions on time: `in 2013`, `July`, `Q2 2014`, `the last 3 months`, `since 2012`.

use serde_json::{Value, json};
use vizroom_protocol::dashboard::Grain;
use vizroom_protocol::file::ColumnType;

use super::fields::{Data, Part, Role};
use super::query::{Op, Predicate, Source};

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    pub year: i64,
    pub month: u32,
    pub day: u32,
}

impl Date {
    /// From ISO 8601 text; what follows the day is ignored.
    pub fn parse(text: &str) -> Option<Self> {
        let year = text.get(0..4)?.parse().ok()?;
        let month = text.get(5..7)?.parse().ok()?;
        let day = text.get(8..10)?.parse().ok()?;
        ((1..=12).contains(&month) && (1..=31).contains(&day)).then_some(Self { year, month, day })
    }

    /// `2013-05-01`
    pub fn iso(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// Months later or earlier, on the same day or the month's last.
    pub fn plus_months(self, months: i64) -> Self {
        let index = self.year * 12 + i64::from(self.month) - 1 + months;
        let (year, month) = (index.div_euclid(12), index.rem_euclid(12) as u32 + 1);
        Self { year, month, day: self.day.min(days_in(year, month)) }
    }

    /// Days later or earlier.
    pub fn plus_days(self, days: i64) -> Self {
        Self::from_number(self.number() + days)
    }

    /// Days since 1970-01-01.
    pub fn number(self) -> i64 {
        let shifted = if self.month <= 2 { self.year - 1 } else { self.year };
        let era = shifted.div_euclid(400);
        let year_of_era = shifted.rem_euclid(400);
        let month = (i64::from(self.month) + 9) % 12;
        let day_of_year = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
    }

    fn from_number(number: i64) -> Self {
        let shifted = number + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = (day_of_year - (153 * month + 2) / 5 + 1) as u32;
        let calendar = if month < 10 { month + 3 } else { month - 9 } as u32;
        let year = year_of_era + era * 400 + i64::from(calendar <= 2);
        Self { year, month: calendar, day }
    }

    /// The first day of the step of time that the day is in.
    pub fn floor(self, grain: Grain) -> Self {
        match grain {
            Grain::Year => Self { month: 1, day: 1, ..self },
            Grain::Quarter => Self { month: (self.month - 1) / 3 * 3 + 1, day: 1, ..self },
            Grain::Month => Self { day: 1, ..self },
            Grain::Week => self.plus_days(-(self.number() + 3).rem_euclid(7)),
            _ => self,
        }
    }

    /// The first day of a later or earlier step.
    pub fn step(self, grain: Grain, steps: i64) -> Self {
        match grain {
            Grain::Year => self.plus_months(12 * steps),
            Grain::Quarter => self.plus_months(3 * steps),
            Grain::Month => self.plus_months(steps),
            Grain::Week => self.plus_days(7 * steps),
            _ => self.plus_days(steps),
        }
    }
}

fn days_in(year: i64, month: u32) -> u32 {
    match month {
        2 if (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// First and last day of a dataset's dates.
pub fn range(data: &Data<'_>, source: &Source) -> Option<(Date, Date)> {
    match source {
        Source::Less { .. } => None,
        Source::Column { name, .. } => {
            let column = data.fields.get(data.index(name)?)?.column;
            let end = |v: &Option<Value>| v.as_ref().and_then(Value::as_str).and_then(Date::parse);
            Some((end(&column.min)?, end(&column.max)?))
        }
        Source::Spelled { name, form } => super::spelled::range(*form, data.fields.get(data.index(name)?)?.column),
        Source::Parts { year, .. } => {
            let column = data.fields.get(data.index(year)?)?.column;
            let end = |v: &Option<Value>| v.as_ref().and_then(Value::as_f64).map(|y| y as i64);
            Some((
                Date { year: end(&column.min)?, month: 1, day: 1 },
                Date { year: end(&column.max)?, month: 12, day: 31 },
            ))
        }
    }
}

/// From `start` on and before `end`.
pub fn within(source: &Source, start: Option<Date>, end: Option<Date>) -> Vec<Predicate> {
    let bound = |op, date: Date| compare(source, op, date);
    start.map(|d| bound(Op::Gte, d)).into_iter().chain(end.map(|d| bound(Op::Lt, d))).collect()
}

fn compare(source: &Source, op: Op, date: Date) -> Predicate {
    let timestamp = matches!(source, Source::Column { kind: ColumnType::Timestamp, .. });
    let text = if timestamp { format!("{}T00:00:00", date.iso()) } else { date.iso() };
    Predicate { source: source.clone(), part: None, op, values: vec![json!(text)] }
}

/// What lies outside of a span: of whole years, else it cannot be said. Nothing, where the conditions are no span.
pub fn outside(predicates: &[Predicate]) -> Option<Result<Predicate, String>> {
    const YEARS_MAX: i64 = 100;
    let [from, to] = predicates else { return None };
    if from.op != Op::Gte || !matches!(to.op, Op::Lt | Op::Lte) || from.source != to.source {
        return None;
    }
    let not = |part: Option<Grain>, first: i64, last: i64| {
        let value = |y: i64| part.map_or_else(|| json!(y), |_| json!(format!("{y:04}-01-01")));
        let values = (first..=last.min(first + YEARS_MAX)).map(value).collect();
        Ok(Predicate { source: from.source.clone(), part, op: Op::NotIn, values })
    };
    let (a, b) = (from.values.first()?, to.values.first()?);
    if let (Some(a), Some(b)) = (a.as_i64(), b.as_i64()) {
        return Some(not(from.part, a, if to.op == Op::Lt { b - 1 } else { b }));
    }
    let day = |v: &Value| v.as_str().and_then(Date::parse);
    let (start, end) = (day(a)?, day(b)?);
    let whole = |d: Date| d.month == 1 && d.day == 1;
    Some(match whole(start) && whole(end) {
        true => not(Some(Grain::Year), start.year, end.year - 1),
        false => Err(format!("all but {} to {}", start.iso(), end.plus_days(-1).iso())),
    })
}

/// What is left without a span at the beginning or the end of the data: `without the last month`.
pub fn but_an_end(data: &Data<'_>, predicates: &[Predicate]) -> Option<Predicate> {
    let [from, to] = predicates else { return None };
    let day = |p: &Predicate| p.values.first().and_then(Value::as_str).and_then(Date::parse);
    let (start, end) = (day(from)?, day(to)?);
    let (oldest, newest) = range(data, &from.source)?;
    match () {
        () if end > newest => Some(Predicate { op: Op::Lt, ..from.clone() }),
        () if start <= oldest => Some(Predicate { op: Op::Gte, ..to.clone() }),
        () => None,
    }
}

/// One calendar year, by the year's own column if there is one.
pub fn year(data: &Data<'_>, year: i64) -> Option<Vec<Predicate>> {
    years(data, Some(year), Some(year))
}

/// Years from the first to the last, both included.
pub fn years(data: &Data<'_>, first: Option<i64>, last: Option<i64>) -> Option<Vec<Predicate>> {
    if let Some(field) = data.part(Part::Year) {
        let source = data.fields[field].source();
        let one = |op, y: i64| Predicate { source: source.clone(), part: None, op, values: vec![json!(y)] };
        return Some(match (first, last) {
            (Some(a), Some(b)) if a == b => vec![one(Op::In, a)],
            _ => first.map(|y| one(Op::Gte, y)).into_iter().chain(last.map(|y| one(Op::Lte, y))).collect(),
        });
    }
    let source = data.date()?;
    let start = first.map(|year| Date { year, month: 1, day: 1 });
    let end = last.map(|year| Date { year: year + 1, month: 1, day: 1 });
    Some(within(&source, start, end))
}

/// A month of every year, or of one.
pub fn month(data: &Data<'_>, month: u32, of: Option<i64>) -> Option<Vec<Predicate>> {
    if let Some(field) = data.part(Part::Month) {
        let one = Predicate { source: data.fields[field].source(), part: None, op: Op::In, values: vec![json!(month)] };
        let mut all = vec![one];
        if let Some(y) = of {
            all.extend(year(data, y)?);
        }
        return Some(all);
    }
    let Some(source) = data.date() else { return months(data, vec![month]).filter(|_| of.is_none()) };
    Some(match of {
        Some(year) => {
            let start = Date { year, month, day: 1 };
            within(&source, Some(start), Some(start.plus_months(1)))
        }
        None => vec![Predicate { source, part: Some(Grain::MonthOfYear), op: Op::In, values: vec![json!(month)] }],
    })
}

/// Some months of every year.
pub fn months(data: &Data<'_>, months: Vec<u32>) -> Option<Vec<Predicate>> {
    let (source, part) = match (data.part(Part::Month), data.date()) {
        (Some(field), _) => (data.fields[field].source(), None),
        (None, Some(date)) => (date, Some(Grain::MonthOfYear)),
        (None, None) => {
            return super::calendar::written(data, Grain::MonthOfYear, |text| {
                super::vocabulary::month_number(text).is_some_and(|m| months.contains(&m))
            });
        }
    };
    let values = months.into_iter().map(|m| json!(m)).collect();
    Some(vec![Predicate { source, part, op: Op::In, values }])
}

/// A quarter of every year, or of one.
pub fn quarter(data: &Data<'_>, quarter: u32, of: Option<i64>) -> Option<Vec<Predicate>> {
    let first = quarter * 3 - 2;
    Some(match of {
        Some(year) => {
            let start = Date { year, month: first, day: 1 };
            within(&data.date()?, Some(start), Some(start.plus_months(3)))
        }
        None => months(data, (first..first + 3).collect())?,
    })
}

/// Days of the week.
pub fn weekdays(data: &Data<'_>, days: &[u32]) -> Option<Vec<Predicate>> {
    let Some(source) = data.date() else {
        return super::calendar::written(data, Grain::DayOfWeek, |text| {
            super::vocabulary::weekday_written(text).is_some_and(|d| days.contains(&d))
        });
    };
    Some(vec![Predicate {
        source,
        part: Some(Grain::DayOfWeek),
        op: Op::In,
        values: days.iter().map(|d| json!(d)).collect(),
    }])
}

/// The newest `count` steps of time, counted back from the newest date in the data.
pub fn last(data: &Data<'_>, count: i64, grain: Grain) -> Option<Vec<Predicate>> {
    if grain == Grain::Year
        && let Some(newest) = newest_year(data)
    {
        return years(data, Some(newest - count.clamp(1, 10_000) + 1), Some(newest));
    }
    let source = data.date()?;
    let (_, newest) = range(data, &source)?;
    let end = newest.plus_days(1);
    let start = end.step(grain, -count.clamp(1, 10_000));
    Some(within(&source, Some(start), None))
}

/// The newest year of a dataset whose years are numbers in a column of their own.
pub fn newest_year(data: &Data<'_>) -> Option<i64> {
    let year = data.part(Part::Year)?;
    data.fields[year].max().map(|y| y as i64)
}

/// The step of time that the newest date is in.
pub fn newest(data: &Data<'_>, grain: Grain) -> Option<Vec<Predicate>> {
    if grain == Grain::Year
        && let Some(newest) = newest_year(data)
    {
        return year(data, newest);
    }
    let source = data.date()?;
    let start = range(data, &source)?.1.floor(grain);
    Some(within(&source, Some(start), Some(start.step(grain, 1))))
}

/// The step of time that the oldest date is in.
pub fn oldest(data: &Data<'_>, grain: Grain) -> Option<Vec<Predicate>> {
    if grain == Grain::Year
        && let Some(field) = data.part(Part::Year)
    {
        return year(data, data.fields[field].min()? as i64);
    }
    let source = data.date()?;
    let start = range(data, &source)?.0.floor(grain);
    Some(within(&source, Some(start), Some(start.step(grain, 1))))
}

/// The same stretch of time, one step or its own length earlier.
pub fn before(data: &Data<'_>, period: &[Predicate], grain: Option<Grain>) -> Option<Vec<Predicate>> {
    // `the last 14 days` end where the data does.
    if let [from] = period
        && from.op == Op::Gte
        && from.part.is_none()
        && let Some(start) = from.values.first()?.as_str().and_then(Date::parse)
    {
        let end = range(data, &from.source)?.1.plus_days(1);
        let closed = within(&from.source, Some(start), Some(end));
        return (start < end).then(|| before(data, &closed, grain))?;
    }
    if let [from, to] = period
        && (from.op, to.op) == (Op::Gte, Op::Lt)
        && let Some(start) = from.values.first()?.as_str().and_then(Date::parse)
        && let Some(end) = to.values.first()?.as_str().and_then(Date::parse)
    {
        let grain = grain.or_else(|| length(start, end));
        let back = |day: Date| match grain {
            Some(grain) => day.step(grain, -1),
            None => day.plus_days(start.number() - end.number()),
        };
        return Some(within(&from.source, Some(back(start)), Some(back(end))));
    }
    let part = |p: &Predicate| {
        let column = p.source.column().and_then(|c| data.index(c)).map(|i| data.fields[i].role);
        match (p.part, column) {
            (Some(Grain::MonthOfYear), _) | (None, Some(Role::Part(Part::Month))) => Some(Part::Month),
            (None, Some(Role::Part(Part::Year))) => Some(Part::Year),
            _ => None,
        }
    };
    let one = |wanted: Part| {
        let at = period.iter().position(|p| part(p) == Some(wanted) && p.op == Op::In && p.values.len() == 1)?;
        Some((at, period[at].values[0].as_i64()?))
    };
    let mut out = period.to_vec();
    let mut set = |at: usize, value: i64| out[at].values = vec![json!(value)];
    match (one(Part::Month), one(Part::Year)) {
        (Some((at, 1)), Some((year, y))) if grain != Some(Grain::Year) => {
            set(at, 12);
            set(year, y - 1);
        }
        (Some((at, m)), _) if grain != Some(Grain::Year) && m > 1 => set(at, m - 1),
        (None, Some((at, y))) | (Some(_), Some((at, y))) if grain.is_none_or(|g| g == Grain::Year) => set(at, y - 1),
        _ => return None,
    }
    Some(out)
}

/// The step of time that lasts from `start` to `end`.
fn length(start: Date, end: Date) -> Option<Grain> {
    let steps = [Grain::Year, Grain::Quarter, Grain::Month, Grain::Week, Grain::Day];
    steps.into_iter().find(|&grain| start.floor(grain) == start && start.step(grain, 1) == end)
}

/// What holds in either of two periods.
pub fn either(a: &[Predicate], b: &[Predicate]) -> Vec<Predicate> {
    if let ([from_a, to_a], [from_b, to_b]) = (a, b)
        && from_a.op == Op::Gte
        && from_b.op == Op::Gte
        && from_a.source == from_b.source
    {
        let day = |p: &Predicate| p.values.first().and_then(Value::as_str).unwrap_or("").to_owned();
        let first = if day(from_a) < day(from_b) { from_a } else { from_b };
        let last = if day(to_a) > day(to_b) { to_a } else { to_b };
        let apart = day(to_a) < day(from_b) || day(to_b) < day(from_a);
        return if apart { Vec::new() } else { vec![first.clone(), last.clone()] };
    }
    let joined = a.iter().map(|p| {
        let other = b.iter().find(|q| q.source == p.source && q.part == p.part && q.op == p.op && p.op == Op::In)?;
        let mut values = p.values.clone();
        values.extend(other.values.iter().filter(|v| !p.values.contains(v)).cloned());
        Some(Predicate { values, ..p.clone() })
    });
    joined.collect::<Option<Vec<_>>>().unwrap_or_default()
}

/// `by entry date, monthly`: the step of the date that is named.
pub fn one_step(data: &Data<'_>, intent: &mut super::intent::Intent) {
    let groups = &mut intent.groups;
    let time =
        |g: &super::intent::Group| g.grain.is_none() && g.field.is_some_and(|f| data.fields[f].role == Role::Time);
    let step = groups.iter().position(|g| g.field.is_none() && g.grain.is_some());
    if let (Some(named), Some(step)) = (groups.iter().position(time), step) {
        groups[step].field = groups[named].field;
        groups.remove(named);
    }
}

/// Conditions on the dataset's date are on the date that a card goes along, where that is another one: `orders by ship date
/// since 2016`.
pub fn along(data: &Data<'_>, intent: &mut super::intent::Intent) {
    let time = |g: &super::intent::Group| g.field.filter(|&f| data.fields[f].role == Role::Time);
    let mut times = intent.groups.iter().filter_map(time);
    let (Some(field), None, Some(date)) = (times.next(), times.next(), data.date()) else { return };
    let source = data.fields[field].source();
    if source == date {
        return;
    }
    let timestamp = data.fields[field].column.kind == ColumnType::Timestamp;
    let day = |v: &Value| v.as_str().and_then(Date::parse);
    let written = |d: Date| json!(if timestamp { format!("{}T00:00:00", d.iso()) } else { d.iso() });
    let conditions = intent.filters.iter_mut().chain(intent.periods.iter_mut().flatten());
    for condition in conditions.filter(|p| p.source == date) {
        if condition.part.is_none() {
            condition.values.iter_mut().for_each(|v| *v = day(v).map_or_else(|| v.clone(), written));
        }
        condition.source = source.clone();
    }
}

/// Whether a condition is one on time.
pub fn is_timed(data: &Data<'_>, predicate: &Predicate) -> bool {
    match &predicate.source {
        Source::Parts { .. } | Source::Spelled { .. } => true,
        Source::Less { .. } => false,
        Source::Column { kind: ColumnType::Date | ColumnType::Timestamp, .. } => true,
        Source::Column { name, .. } => data.index(name).is_some_and(|i| matches!(data.fields[i].role, Role::Part(_))),
    }
}

/// `op` against a day.
pub fn against(data: &Data<'_>, op: Op, day: Date) -> Option<Vec<Predicate>> {
    let source = data.date()?;
    Some(match op {
        Op::Gt => within(&source, Some(day.plus_days(1)), None),
        Op::Gte => within(&source, Some(day), None),
        Op::Lt => within(&source, None, Some(day)),
        Op::Lte => within(&source, None, Some(day.plus_days(1))),
        _ => within(&source, Some(day), Some(day.plus_days(1))),
    })
}
