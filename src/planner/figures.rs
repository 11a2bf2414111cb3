//! What a card says, computed from its rows.

use serde_json::Value;
use vizroom_protocol::dashboard::{CardKind, Channel, Grain, Kpi};
use vizroom_protocol::file::Table;

use super::Goal;
use super::fields::Data;
use super::period::{Date, range, within};
use super::query::{Agg, Measure, Query};
use super::text;

/// The figures of the newest whole period and the one before it, as further measures of a kpi card.
pub fn compared(data: &Data<'_>, query: &Query, measures: &[Measure]) -> Vec<Measure> {
    let Some(measure) = measures.first().filter(|m| m.when.is_empty() && !m.share && m.course.is_none()) else {
        return Vec::new();
    };
    let Some(source) = data.date() else { return Vec::new() };
    let limited = query
        .filters
        .iter()
        .any(|p| p.source == source || data.part_grain(&p.source).is_some() || is_year(data, p.source.column()));
    let Some((first, last)) = range(data, &source).filter(|_| !limited) else { return Vec::new() };
    let years = last.year - first.year;
    let spelled = matches!(source, super::query::Source::Spelled { .. });
    let grain = match years {
        _ if spelled => data.natural_grain(&source),
        _ if data.natural_grain(&source) == Grain::Year => Grain::Year,
        _ if last.number() - first.number() >= 90 => Grain::Month,
        _ => return Vec::new(),
    };
    // The newest period counts only if its last day is in the data.
    let after = if spelled { last.step(grain, 1) } else { last.plus_days(1).floor(grain) };
    let current = after.step(grain, -1);
    let previous = after.step(grain, -2);
    if previous < first.floor(grain) {
        return Vec::new();
    }
    let of = |start: Date, end: Date, alias: String| Measure {
        when: within(&source, Some(start), Some(end)),
        alias,
        ..measure.clone()
    };
    let name = |d: Date| match grain {
        Grain::Year => format!("year_{}", d.year),
        Grain::Quarter => format!("quarter_{}_{}", d.year, d.month.div_ceil(3)),
        _ => format!("month_{}_{:02}", d.year, d.month),
    };
    vec![of(current, after, name(current)), of(previous, current, name(previous))]
}

fn is_year(data: &Data<'_>, column: Option<&str>) -> bool {
    use super::fields::{Part, Role};
    column.and_then(|c| data.index(c)).is_some_and(|i| matches!(data.fields[i].role, Role::Part(Part::Year)))
}

/// The figure of a kpi card: the first measure of the first row, and its change from the period before.
pub fn kpi(goal: &Goal, table: &Table) -> Kpi {
    let channel = goal.encoding.y.first();
    let measure = goal.query.measures.first();
    let at = |n: usize| {
        let name = &goal.encoding.y.get(n)?.field;
        let column = table.columns.iter().position(|c| &c.name == name)?;
        number(table.rows.first()?.get(column)?)
    };
    // Two periods that were asked for, or the newest two beside the figure of all times.
    let (newer, older) = if goal.query.measures.len() == 2 { (0, 1) } else { (1, 2) };
    let named = |n: usize| goal.encoding.y.get(n).map(period_name);
    let trend = match (at(newer), at(older), named(newer), named(older)) {
        (Some(now), Some(before), Some(newer), Some(older)) if before != 0.0 && before.is_finite() => {
            let change = (now - before) / before.abs() * 100.0;
            Some(format!("{change:+.0}% {newer} vs {older}").replace("-0%", "+0%"))
        }
        _ => None,
    };
    Kpi {
        value: at(0).or_else(|| table.rows.first()?.last().and_then(number).filter(|_| channel.is_none())),
        unit: channel.and_then(|c| c.unit.clone()),
        format: channel.and_then(|c| c.format.clone()),
        trend,
        target: goal.encoding.target,
        value_from_column: measure.and_then(|m| m.column.clone()),
        operation: measure.map_or("count", |m| operation(m.agg)).to_owned(),
    }
}

/// `Total sales, December 2015` → `December 2015`
fn period_name(channel: &Channel) -> String {
    if let Some((_, period)) = channel.label.rsplit_once(", ") {
        return period.to_owned();
    }
    // Cards of earlier versions say it in the name: `month_2015_12`.
    let alias = &channel.field;
    let parts: Vec<&str> = alias.split('_').collect();
    match parts.as_slice() {
        ["month", year, month, ..] => {
            let month = month.parse().unwrap_or(0);
            format!("{} {year}", text::part_value(Grain::MonthOfYear, month))
        }
        ["year", year, ..] => (*year).to_owned(),
        _ => alias.replace('_', " "),
    }
}

fn operation(agg: Agg) -> &'static str {
    match agg {
        Agg::Count => "count",
        Agg::Distinct => "count_distinct",
        Agg::Sum => "sum",
        Agg::Avg => "avg",
        Agg::Min => "min",
        Agg::Max => "max",
        Agg::Median => "median",
        Agg::LowerQuartile | Agg::UpperQuartile => "quantile",
        Agg::Deviation => "stddev",
        Agg::Rate => "rate",
        Agg::Value => "value",
    }
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

/// One or two true sentences about a card's rows; empty if they say nothing.
pub fn insight(goal: &Goal, table: &Table) -> String {
    let Some(y) = goal.encoding.y.first() else { return String::new() };
    let format = y.format.as_deref();
    let figure = lower_first(&y.label);
    if goal.kind == CardKind::Kpi || (goal.encoding.x.is_none() && goal.kind != CardKind::Boxplot) {
        let kpi = kpi(goal, table);
        let Some(value) = kpi.value else { return String::new() };
        let trend = kpi.trend.map(|t| format!(" ({t})")).unwrap_or_default();
        return format!("{} is {}{}{trend}.", y.label, text::number(value, format), unit(kpi.unit.as_deref()));
    }
    if goal.kind == CardKind::Boxplot {
        return spread(goal, table);
    }
    let Some(points) = points(goal, table) else { return String::new() };
    if goal.kind == CardKind::Scatter {
        return correlation(goal, &points);
    }
    let values: Vec<f64> = points.iter().map(|p| p.value).collect();
    let Some(top) = points.iter().max_by(|a, b| a.value.total_cmp(&b.value)) else { return String::new() };
    let Some(low) = points.iter().min_by(|a, b| a.value.total_cmp(&b.value)) else { return String::new() };
    let u = unit(y.unit.as_deref());
    let show = |n: f64| format!("{}{u}", text::number(n, format));
    if points.len() == 1 {
        return format!("{} for {} is {}.", y.label, top.name, show(top.value));
    }
    if goal.query.measures.first().is_some_and(|m| !m.minus.is_empty()) {
        return changes(goal, &points, format);
    }
    let counts = goal.query.measures.first().is_some_and(|m| m.agg == Agg::Count && m.column.is_none() && !m.share);
    let (most, least) = if counts { ("most", "fewest") } else { ("highest", "lowest") };
    let mut out = format!("{} has the {most} {figure} with {}", top.name, show(top.value));
    let total: f64 = values.iter().sum();
    let measure = goal.query.measures.first();
    let whole = measure.is_some_and(Measure::adds_up)
        && goal.query.limit.is_none()
        && goal.query.keep.is_none()
        && !table.truncated;
    if whole && total > 0.0 && values.iter().all(|v| *v >= 0.0) {
        out.push_str(&format!(", {:.1}% of {}", top.value / total * 100.0, show(total)));
    }
    out.push_str(&format!("; {} the {least} with {}.", low.name, show(low.value)));
    out.push_str(&course(goal, &points, format));
    out
}

/// Which groups made a change, and which went against it.
fn changes(goal: &Goal, points: &[Point], format: Option<&str>) -> String {
    let adds_up =
        goal.query.measures.first().is_some_and(|m| matches!(m.agg, Agg::Count | Agg::Sum) && m.over.is_none());
    let whole = adds_up && goal.query.limit.is_none() && goal.query.keep.is_none();
    let show = |n: f64| text::number(n, format);
    let fell = points.iter().filter(|p| p.value < 0.0).min_by(|a, b| a.value.total_cmp(&b.value));
    let rose = points.iter().filter(|p| p.value > 0.0).max_by(|a, b| a.value.total_cmp(&b.value));
    let fell = fell.map(|p| format!("{} fell most, by {}", p.name, show(-p.value)));
    let rose = rose.map(|p| format!("{} rose most, by {}", p.name, show(p.value)));
    let told: Vec<String> = [fell, rose].into_iter().flatten().collect();
    if told.is_empty() {
        return "Nothing changed between the two.".into();
    }
    let total: f64 = points.iter().map(|p| p.value).sum();
    let together = if whole { format!(" All changes together are {}.", show(total)) } else { String::new() };
    format!("{}.{together}", told.join("; "))
}

/// Where the middle of the values lies, and what stands apart: more than one and a half quartile ranges beyond it.
fn spread(goal: &Goal, table: &Table) -> String {
    let index = |name: &str| table.columns.iter().position(|c| c.name == name);
    let Some(y) = goal.encoding.y.first() else { return String::new() };
    let at: Vec<usize> = goal.encoding.y.iter().filter_map(|c| index(&c.field)).collect();
    let x = goal.encoding.x.as_ref();
    let show = |n: f64| format!("{}{}", text::number(n, y.format.as_deref()), unit(y.unit.as_deref()));
    let mut apart = Vec::new();
    let mut middles: Vec<(String, f64)> = Vec::new();
    for row in &table.rows {
        let five: Vec<f64> = at.iter().filter_map(|&i| number(row.get(i)?)).collect();
        let &[least, lower, median, upper, most] = five.as_slice() else { continue };
        let of = x.and_then(|x| row.get(index(&x.field)?).map(|v| name(v, x.grain)));
        let reach = 1.5 * (upper - lower);
        let within = of.as_ref().map(|n| format!(" for {n}")).unwrap_or_default();
        if most > upper + reach {
            apart.push(format!("values over {}{within} stand out, up to {}", show(upper + reach), show(most)));
        }
        if least < lower - reach {
            apart.push(format!("values under {}{within} stand out, down to {}", show(lower - reach), show(least)));
        }
        middles.push((of.unwrap_or_default(), median));
    }
    let high = middles.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    let low = middles.iter().min_by(|a, b| a.1.total_cmp(&b.1));
    let (Some((high, top)), Some((low, bottom))) = (high, low) else { return String::new() };
    let mut out = match middles.len() {
        1 => format!("The median is {}.", show(*top)),
        _ => {
            format!("The median is highest for {high} with {} and lowest for {low} with {}.", show(*top), show(*bottom))
        }
    };
    apart.truncate(3);
    match apart.is_empty() {
        true => out.push_str(" No value stands far apart."),
        false => {
            let told = apart.join("; ");
            out.push_str(&format!(" {}.", text::capital(&told)));
        }
    }
    out
}

/// How a course of time ended against where it was before.
fn course(goal: &Goal, points: &[Point], format: Option<&str>) -> String {
    let grain = goal.encoding.x.as_ref().and_then(|x| x.grain);
    let timed =
        matches!(grain, Some(Grain::Hour | Grain::Day | Grain::Week | Grain::Month | Grain::Quarter | Grain::Year));
    let (Some([before, last]), true, None) = (points.last_chunk::<2>(), timed, &goal.encoding.series) else {
        return String::new();
    };
    if before.value == 0.0 {
        return String::new();
    }
    let change = (last.value - before.value) / before.value.abs() * 100.0;
    format!(
        " The newest, {}, is {} ({change:+.0}% against {}).",
        last.name,
        text::number(last.value, format),
        before.name
    )
}

struct Point {
    name: String,
    x: Option<f64>,
    value: f64,
}

fn points(goal: &Goal, table: &Table) -> Option<Vec<Point>> {
    let index = |name: &str| table.columns.iter().position(|c| c.name == name);
    let x = goal.encoding.x.as_ref()?;
    let (xi, yi) = (index(&x.field)?, index(&goal.encoding.y.first()?.field)?);
    let si = goal.encoding.series.as_ref().filter(|_| goal.kind != CardKind::Scatter).and_then(|s| index(&s.field));
    let series_grain = goal.encoding.series.as_ref().and_then(|s| s.grain);
    let points = table.rows.iter().filter_map(|row| {
        let value = number(row.get(yi)?)?;
        let mut name = name(row.get(xi)?, x.grain);
        if let Some(series) = si.and_then(|i| row.get(i)) {
            name = format!("{name}, {}", self::name(series, series_grain));
        }
        Some(Point { name, x: number(row.get(xi)?), value })
    });
    Some(points.collect())
}

/// A group as a person names it.
fn name(value: &Value, grain: Option<Grain>) -> String {
    if let (Some(grain @ (Grain::MonthOfYear | Grain::DayOfWeek | Grain::HourOfDay)), Some(n)) = (grain, value.as_f64())
    {
        return text::part_value(grain, n as i64);
    }
    let shown = text::value(value);
    let Some(day) = Date::parse(&shown) else {
        return value.as_f64().map_or(shown, |n| text::number(n, None).replace(',', ""));
    };
    match grain {
        Some(Grain::Year) => day.year.to_string(),
        Some(Grain::Month) => format!("{} {}", text::part_value(Grain::MonthOfYear, i64::from(day.month)), day.year),
        Some(Grain::Quarter) => format!("Q{} {}", (day.month - 1) / 3 + 1, day.year),
        Some(Grain::Week) => format!("the week of {}", day.iso()),
        _ => shown,
    }
}

fn correlation(goal: &Goal, points: &[Point]) -> String {
    let pairs: Vec<(f64, f64)> = points.iter().filter_map(|p| Some((p.x?, p.value))).collect();
    let n = pairs.len() as f64;
    let (Some(x), Some(y), true) = (&goal.encoding.x, goal.encoding.y.first(), n >= 3.0) else { return String::new() };
    let (mx, my) = (pairs.iter().map(|p| p.0).sum::<f64>() / n, pairs.iter().map(|p| p.1).sum::<f64>() / n);
    let (mut sxy, mut sxx, mut syy) = (0.0, 0.0, 0.0);
    for (a, b) in pairs {
        sxy += (a - mx) * (b - my);
        sxx += (a - mx) * (a - mx);
        syy += (b - my) * (b - my);
    }
    if sxx == 0.0 || syy == 0.0 {
        return String::new();
    }
    let r = sxy / (sxx * syy).sqrt();
    let strength = match r.abs() {
        s if s >= 0.7 => "strong",
        s if s >= 0.4 => "moderate",
        s if s >= 0.2 => "weak",
        _ => return format!("{} and {} hardly go together (correlation {r:.2}).", x.label, lower_first(&y.label)),
    };
    let sign = if r > 0.0 { "positive" } else { "negative" };
    format!("{} and {} show a {strength} {sign} correlation ({r:.2}).", x.label, lower_first(&y.label))
}

fn unit(unit: Option<&str>) -> String {
    unit.map(|u| format!(" {u}")).unwrap_or_default()
}

/// `Average delay` → `average delay`, but `IMDB rating` stays.
pub(super) fn lower_first(label: &str) -> String {
    let mut chars = label.chars();
    let (Some(first), rest) = (chars.next(), chars.as_str()) else { return String::new() };
    if rest.chars().next().is_some_and(char::is_uppercase) {
        return label.to_owned();
    }
    first.to_lowercase().chain(rest.chars()).collect()
}
