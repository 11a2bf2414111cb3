//! What a card of groups is called and how it explains itself.

use vizroom_protocol::dashboard::Grain;

use super::axes::{Axis, left_out};
use super::building::with_conditions;
use super::fields::Data;
use super::intent::Intent;
use super::query::{Agg, Cut, Measure, Query};
use super::text::{self, capital};

/// `Top 5 carriers by average arrival delay`, `Flights per month by origin (JFK)`.
pub fn title(data: &Data<'_>, intent: &Intent, query: &Query, axes: &[Axis], descending: bool) -> String {
    let shown = if axes.is_empty() { &query.measures[..query.measures.len().min(1)] } else { &query.measures[..] };
    let names: Vec<String> = shown.iter().map(|m| text::figure(data, m)).collect();
    let figures = text::list(&names);
    let rate = query.measures.iter().find(|m| m.agg == Agg::Rate);
    let figures = match rate {
        Some(m) => format!("{figures} {}", qualified(data, m)),
        None => figures,
    };
    let ranked = intent.top.filter(|_| axes.len() == 1);
    let title = match (ranked, axes) {
        (Some(top), [one]) => {
            let end = if descending { "Top" } else { "Bottom" };
            format!("{end} {top} {} by {figures}", text::plural(&one.label))
        }
        (_, []) => capital(&figures),
        (_, axes) => format!("{}{}", capital(&figures), by(axes)),
    };
    with_conditions(data, title, &query.filters)
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
    for axis in axes {
        out.push_str(&left_out(axis));
    }
    out
}

/// `with distance over 500`, `that are returned`.
fn qualified(data: &Data<'_>, measure: &Measure) -> String {
    let truths = measure.when.iter().all(|p| matches!(p.values.as_slice(), [serde_json::Value::Bool(_)]));
    let conditions = text::conditions(data, &measure.when);
    if truths { format!("that are {conditions}") } else { format!("with {conditions}") }
}

fn axis_words(axis: &Axis) -> String {
    match axis.dimension.cut {
        Cut::Bin(width) => format!("{} in steps of {}", axis.label, text::number(width, None)),
        _ => axis.label.clone(),
    }
}

/// `average of arr_delay`, `number of flights`: names the columns as the file does.
fn formula(data: &Data<'_>, measure: &Measure) -> String {
    let column = measure.column.clone().unwrap_or_default();
    let rows = text::rows_noun(data);
    let text = match measure.agg {
        Agg::Rate => {
            let what = if column.is_empty() { rows } else { column };
            return format!("share of {what} {}", qualified(data, measure));
        }
        _ if measure.over.is_some() => {
            return format!("sum of {column} divided by sum of {}", measure.over.clone().unwrap_or_default());
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
        Agg::Value => column,
    };
    if measure.share { format!("{text} as a share of the whole") } else { text }
}
