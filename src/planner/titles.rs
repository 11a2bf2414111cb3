//! What a card of groups is called and how it explains itself.

use vizroom_protocol::dashboard::Grain;

use super::axes::{Axis, left_out};
use super::building::with_conditions;
use super::fields::{Data, is_absent};
use super::intent::Intent;
use super::period;
use super::query::{Agg, Course, Cut, Having, Measure, Op, Predicate, Query};
use super::text::{self, capital};

/// `Top 5 carriers by average arrival delay`, `Flights per month by origin (JFK)`.
pub fn title(data: &Data<'_>, intent: &Intent, query: &Query, axes: &[Axis], descending: bool) -> String {
    let shown = if axes.is_empty() { &query.measures[..query.measures.len().min(1)] } else { &query.measures[..] };
    let mut names: Vec<String> = shown.iter().map(|m| text::figure_at_all_times(data, m)).collect();
    names.dedup();
    let figures = text::list(&names);
    let rate = query.measures.iter().find(|m| m.agg == Agg::Rate);
    let figures = match rate {
        Some(m) => format!("{figures} {}", qualified(data, m)),
        None => figures,
    };
    let cut = query.limit.filter(|_| intent.rank.is_some());
    let ranked = intent.top.or(cut).filter(|_| axes.len() == 1);
    let (others, own): (Vec<&Having>, Vec<&Having>) = query.having.iter().partition(|h| h.of.is_some());
    let limits: Vec<String> = own.into_iter().map(|h| limit(&query.measures, h)).collect();
    let title = match (ranked, axes) {
        (_, [one]) if !limits.is_empty() => {
            let limits = limits.join(" and ");
            let whole = query.measures.first().is_some_and(|m| matches!(m.agg, Agg::Count | Agg::Distinct));
            let with = if whole { format!("{limits} {figures}") } else { format!("{figures} {limits}") };
            capital(&format!("{} with {with}", text::plural(&one.label)))
        }
        (Some(1), [one]) if one.grain.is_some() => {
            let counts = query.measures.first().is_some_and(|m| matches!(m.agg, Agg::Count | Agg::Distinct));
            let end = match (descending, counts) {
                (true, true) => "most",
                (false, true) => "fewest",
                (true, false) => "highest",
                (false, false) => "lowest",
            };
            format!("{} with the {end} {figures}", capital(&one.label))
        }
        (Some(top), [one]) => {
            let end = if descending { "Top" } else { "Bottom" };
            format!("{end} {top} {} by {figures}", text::plural(&one.label))
        }
        (_, []) => capital(&figures),
        (_, axes) => format!("{}{}", capital(&figures), by(axes)),
    };
    let of_periods = |p: &&Predicate| intent.periods.is_empty() || !intent.contrast || !period::is_timed(data, p);
    let filters: Vec<Predicate> = query.filters.iter().filter(of_periods).cloned().collect();
    let title = match intent.periods.as_slice() {
        [now, before] => format!("{title}: {} against {}", text::conditions(data, now), text::conditions(data, before)),
        _ => title,
    };
    let others: Vec<String> = others.into_iter().filter_map(|h| limit_of_another(data, h)).collect();
    let title = with_conditions(data, title, &filters);
    if others.is_empty() { title } else { format!("{title}, of those with {}", others.join(" and ")) }
}

/// `more than 50 movies`, `average price over 20`
fn limit_of_another(data: &Data<'_>, having: &Having) -> Option<String> {
    let of = having.of.as_ref()?;
    let said = limit(std::slice::from_ref(of), having);
    let figure = text::figure_at_all_times(data, of);
    let whole = matches!(of.agg, Agg::Count | Agg::Distinct);
    Some(if whole { format!("{said} {figure}") } else { format!("{figure} {said}") })
}

/// `over 600,000`
fn limit(measures: &[Measure], having: &Having) -> String {
    let value = having.value.as_f64().map_or_else(|| text::value(&having.value), |n| text::number(n, None));
    let whole = measures.first().is_some_and(|m| matches!(m.agg, Agg::Count | Agg::Distinct));
    match having.op {
        Op::Gt if whole => format!("more than {value}"),
        Op::Lt if whole => format!("fewer than {value}"),
        Op::Gt => format!("over {value}"),
        Op::Lt => format!("under {value}"),
        Op::Gte => format!("at least {value}"),
        Op::Lte => format!("at most {value}"),
        Op::NotIn => format!("other than {value}"),
        _ => format!("exactly {value}"),
    }
}

fn by(axes: &[Axis]) -> String {
    let mut out = String::new();
    let mut words = Vec::new();
    for axis in axes {
        let step = matches!(
            axis.grain,
            Some(
                Grain::Hour
                    | Grain::Day
                    | Grain::Week
                    | Grain::Month
                    | Grain::Quarter
                    | Grain::Year
                    | Grain::MonthOfYear
                    | Grain::FiscalQuarter
                    | Grain::FiscalYear
            )
        );
        if step && out.is_empty() && words.is_empty() {
            out = format!(" per {}", axis.label);
        } else {
            words.push(axis.label.clone());
        }
    }
    if !words.is_empty() {
        out.push_str(&format!(" by {}", text::list(&words)));
    }
    out
}

/// What is computed over which rows, and what is left out.
pub fn description(data: &Data<'_>, query: &Query, axes: &[Axis], note: &str) -> String {
    let shown = if axes.is_empty() { &query.measures[..query.measures.len().min(1)] } else { &query.measures[..] };
    let computed: Vec<String> = shown.iter().map(|m| formula(data, m)).collect();
    let mut out = capital(&text::list(&computed));
    let each: Vec<String> = axes.iter().map(axis_words).collect();
    if !each.is_empty() {
        out.push_str(&format!(" for each {}", text::list(&each)));
    }
    let conditions = text::conditions(data, &query.filters);
    if !conditions.is_empty() {
        out.push_str(&format!(", only rows with {conditions}"));
    }
    out.push('.');
    out.push_str(note);
    for product in data.products_of(query) {
        let factors: Vec<String> = product.factors.iter().map(|f| label(data, f)).collect();
        out.push_str(&format!(" {} is {}.", capital(&product.name), factors.join(" times ")));
    }
    for axis in axes {
        out.push_str(&left_out(data, axis));
    }
    if query.filters.iter().any(|p| p.op == Op::NotIn && p.values.iter().all(is_absent)) {
        out.push_str(" Rows that say “NA” or the like instead of a value are left out.");
    }
    out
}

/// `with distance over 500`, `that are returned`.
fn qualified(data: &Data<'_>, measure: &Measure) -> String {
    let truths = measure.when.iter().all(|p| text::truth(data, p).is_some());
    let conditions = text::conditions(data, &measure.when);
    if truths { format!("that are {conditions}") } else { format!("with {conditions}") }
}

fn axis_words(axis: &Axis) -> String {
    match axis.dimension.cut {
        Cut::Bin(width) => format!("{} in steps of {}", axis.label, text::number(width, None)),
        _ => axis.label.clone(),
    }
}

/// What a column is called for a person.
fn label(data: &Data<'_>, column: &str) -> String {
    data.index(column).map_or_else(|| column.to_owned(), |i| data.fields[i].label.clone())
}

/// `average of arrival delay`, `number of flights`.
fn formula(data: &Data<'_>, measure: &Measure) -> String {
    let column = measure.column.as_ref().map(|name| label(data, name)).unwrap_or_default();
    let column = match measure.less.as_ref().map(|name| label(data, name)) {
        Some(less) => format!("the difference between {column} and {less}"),
        None => column,
    };
    let rows = text::rows_noun(data);
    let text = match measure.agg {
        Agg::Rate => {
            let what = if column.is_empty() { rows } else { column };
            return format!("share of {what} {}", qualified(data, measure));
        }
        _ if measure.over.is_some() => {
            return format!(
                "sum of {column} divided by sum of {}",
                measure.over.as_ref().map(|name| label(data, name)).unwrap_or_default()
            );
        }
        Agg::Count if column.is_empty() => format!("number of {rows}"),
        Agg::Count => format!("number of rows with {column}"),
        Agg::Distinct => format!("number of different values of {column}"),
        Agg::Sum => format!("sum of {column}"),
        Agg::Avg => format!("average of {column}"),
        Agg::Min => format!("smallest {column}"),
        Agg::Max => format!("largest {column}"),
        Agg::Median => format!("median of {column}"),
        Agg::LowerQuartile => format!("lower quartile of {column}"),
        Agg::UpperQuartile => format!("upper quartile of {column}"),
        Agg::Deviation => format!("standard deviation of {column}"),
        Agg::Value => column,
    };
    let text = match measure.course.filter(|_| measure.minus.is_empty()) {
        None => text,
        Some(Course::Change) => format!("change in the {text} from the step before, as a part of it"),
        Some(Course::Running) => format!("{text}, with that of all steps before"),
        Some(Course::Moving { steps, grain }) => {
            format!("average of the {text} over {steps} {}", text::plural(super::time::grain_name(grain)))
        }
    };
    let period = text::conditions(data, &measure.when);
    let before = text::conditions(data, &measure.minus);
    let text = match (period.is_empty(), before.is_empty()) {
        (true, _) => text,
        (false, true) => format!("{text} in {period}"),
        (false, false) if measure.course.is_some() => {
            format!("change in the {text} in {period} from that in {before}, as a part of it")
        }
        (false, false) => format!("{text} in {period} less that in {before}"),
    };
    if measure.share { format!("{text} as a share of the whole") } else { text }
}
