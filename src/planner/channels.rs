//! Result columns as a reader sees them: labels, formats, units, what a click filters by.

use vizroom_protocol::dashboard::{Channel, Encoding, Grain};

use super::axes::Axis;
use super::fields::{Data, Field};
use super::query::{Agg, Course, Cut, Measure, Query, Source};
use super::text::{self, capital};

pub fn encoding(data: &Data<'_>, query: &Query, axes: &[Axis]) -> Encoding {
    let mut y: Vec<Channel> = query.measures.iter().map(|m| measure_channel(data, m)).collect();
    // Figures on one axis are written alike: by the longest of their formats, but for shares, which stay shares.
    let share = |c: &Channel| c.format.as_ref().is_some_and(|f| f.ends_with('%'));
    if !y.iter().any(share)
        && let Some(finest) = y.iter().filter_map(|c| c.format.clone()).max()
    {
        y.iter_mut().for_each(|c| c.format = Some(finest.clone()));
    }
    let axis = |at: usize| axes.get(at).map(|a| axis_channel(data, a));
    Encoding { x: axis(0), y, series: axis(1), target: None }
}

/// A figure's column in the result.
pub fn measure_channel(data: &Data<'_>, measure: &Measure) -> Channel {
    let bare = measure.agg == Agg::Count && measure.column.is_none() && !measure.share;
    let label = if bare && measure.when.is_empty() && measure.course.is_none() {
        count_label(data)
    } else {
        text::figure(data, measure)
    };
    let field = measure.column.as_ref().and_then(|c| data.index(c)).map(|i| &data.fields[i]);
    let change = measure.course == Some(Course::Change);
    let part = measure.over.is_some() && text::is_part(data, measure);
    let share = measure.share || change || measure.agg == Agg::Rate || part;
    let mut out = match field {
        Some(field) => channel(&measure.alias, &label, field, measure.agg),
        None => Channel {
            field: measure.alias.clone(),
            label: capital(&label),
            format: Some(",.0f".into()),
            ..Channel::default()
        },
    };
    let unit = |f: &Field<'_>| super::scales::Unit::told(f, measure.times.filter(|_| measure.over.is_none())?);
    if let Some(unit) = field.and_then(unit) {
        out.unit = Some(unit.name().to_owned());
        out.format = Some(",.2f".into());
    }
    if share {
        out.format = Some(if change { "+.1%" } else { ".1%" }.into());
        out.unit = None;
    }
    out
}

pub fn count_label(data: &Data<'_>) -> String {
    let noun = text::rows_noun(data);
    if noun == "rows" { "number of rows".into() } else { noun }
}

pub fn channel(alias: &str, label: &str, field: &Field<'_>, agg: Agg) -> Channel {
    let format = field.is_number().then(|| match agg {
        Agg::Count | Agg::Distinct => ",.0f",
        _ if field.is_fraction() => ".1%",
        Agg::Value if field.column.kind == vizroom_protocol::file::ColumnType::Integer => ",.0f",
        Agg::Sum => {
            if field.max().is_some_and(|m| m.abs() >= 10.0) {
                ",.0f"
            } else {
                ",.2f"
            }
        }
        _ => match field.max().map(f64::abs) {
            Some(m) if m >= 10_000.0 => ",.0f",
            Some(m) if m >= 100.0 => ",.1f",
            _ => ",.2f",
        },
    });
    let unit = field.unit.clone().filter(|_| !matches!(agg, Agg::Count | Agg::Distinct));
    Channel {
        field: alias.to_owned(),
        label: capital(label),
        format: format.map(str::to_owned),
        unit,
        ..Channel::default()
    }
}

pub fn axis_channel(data: &Data<'_>, axis: &Axis) -> Channel {
    let whole = axis.dimension.cut == Cut::Whole;
    let decade = matches!(axis.dimension.cut, Cut::Decade | Cut::Weekend);
    let calendar = axis.grain.filter(|g| !decade && (!whole || *g != Grain::Year));
    let filter = match &axis.dimension.source {
        // `Germany` against `others`: no value is called so.
        _ if decade || axis.dimension.sides.is_some() => None,
        Source::Column { name, .. } => data.filter_name(name),
        Source::Parts { .. } | Source::Spelled { .. } | Source::Less { .. } => None,
    };
    let bin = match axis.dimension.cut {
        Cut::Bin(width) => Some(width),
        _ => None,
    };
    Channel {
        field: axis.dimension.alias.clone(),
        label: capital(&axis.label),
        filter,
        grain: calendar,
        bin,
        ..Channel::default()
    }
}
