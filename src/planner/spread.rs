//! Histograms and boxplots: how single values are spread.

use vizroom_protocol::dashboard::{CardKind, Channel, Encoding};

use super::Goal;
use super::axes::{Axis, Names, bin_width, left_out, plain_axis};
use super::building::{BARS_KEPT, BARS_MAX, with_conditions};
use super::channels::{axis_channel, channel, count_label};
use super::fields::{Data, Role};
use super::intent::Intent;
use super::query::{Agg, Cut, Measure, Query, Sort};
use super::text::{self, capital};

/// Histograms and boxplots: how single values are spread.
pub fn spread(data: &Data<'_>, intent: &Intent, axes: &[Axis], names: &mut Names) -> Option<Goal> {
    let asked = intent.asks.iter().find_map(|a| a.field.filter(|&f| data.fields[f].is_measure()));
    let binned = axes.iter().find(|a| matches!(a.dimension.cut, Cut::Bin(_)));
    let counts = intent.asks.iter().all(|a| a.agg == Some(Agg::Count));
    let by_group = axes.iter().any(|a| !matches!(a.dimension.cut, Cut::Bin(_)));
    let wanted = intent.distribution || intent.chart == Some(CardKind::Histogram);
    let outliers = intent.outliers && intent.chart.is_none();
    let boxes = outliers
        || intent.chart == Some(CardKind::Boxplot)
        || (intent.distribution && by_group && intent.chart.is_none());
    if boxes && let Some(field) = asked {
        return Some(boxplot(data, intent, axes.first(), field, names));
    }
    let field = match (asked, binned) {
        (Some(field), _) if wanted && !by_group => Some(field),
        (_, Some(axis)) if counts && axes.len() == 1 => data.index(axis.dimension.source.column()?),
        _ => None,
    }?;
    Some(histogram(data, intent, field))
}

fn histogram(data: &Data<'_>, intent: &Intent, field: usize) -> Goal {
    let mut names = Names::new(data);
    let field = &data.fields[field];
    let mut axis = plain_axis(data, field, &mut names);
    axis.dimension.cut = match field.role {
        _ if intent.width.is_some() => intent.width.map_or(Cut::Whole, Cut::Bin),
        Role::Ordinal => Cut::Whole,
        _ => bin_width(field).map_or(Cut::Whole, Cut::Bin),
    };
    axis.dimension.skip_null = true;
    let noun = text::rows_noun(data);
    let count = Measure::new(Agg::Count, None, names.computed(&noun));
    let width = match axis.dimension.cut {
        Cut::Bin(width) => format!(" in steps of {}", text::number(width, None)),
        _ => String::new(),
    };
    let title = with_conditions(data, format!("Distribution of {}", field.label), &intent.filters);
    let description = format!("Number of {noun} by {}{width}.{}", field.label, left_out(data, &axis));
    let mut x = axis_channel(data, &axis);
    x.label = capital(&field.label);
    x.unit = field.unit.clone();
    let y = Channel {
        field: count.alias.clone(),
        label: capital(&count_label(data)),
        format: Some(",.0f".into()),
        ..Channel::default()
    };
    let query = Query {
        dataset: data.dataset.name.clone(),
        sort: vec![Sort { alias: axis.dimension.alias.clone(), descending: false }],
        dimensions: vec![axis.dimension],
        measures: vec![count],
        filters: intent.filters.clone(),
        ..Query::default()
    };
    Goal {
        kind: CardKind::Histogram,
        title,
        description,
        query,
        encoding: Encoding { x: Some(x), y: vec![y], series: None, target: None },
    }
}

fn boxplot(data: &Data<'_>, intent: &Intent, axis: Option<&Axis>, field: usize, names: &mut Names) -> Goal {
    let field = &data.fields[field];
    let parts = [Agg::Min, Agg::LowerQuartile, Agg::Median, Agg::UpperQuartile, Agg::Max];
    let labels = ["minimum", "lower quartile", "median", "upper quartile", "maximum"];
    let measures: Vec<Measure> = parts
        .iter()
        .zip(labels)
        .map(|(agg, l)| Measure::new(*agg, Some(&field.column.name), names.computed(l)))
        .collect();
    let label = |l: &str| format!("{l} of {}", field.label);
    let y = measures.iter().zip(labels).map(|(m, l)| channel(&m.alias, &label(l), field, Agg::Avg)).collect();
    let mut query =
        Query { dataset: data.dataset.name.clone(), measures, filters: intent.filters.clone(), ..Query::default() };
    let mut by = String::new();
    let mut out = String::new();
    if let Some(axis) = axis {
        by = format!(" by {}", axis.label);
        out = left_out(data, axis);
        query.sort = vec![Sort { alias: axis.dimension.alias.clone(), descending: false }];
        query.dimensions = vec![axis.dimension.clone()];
        query.limit = (axis.distinct > BARS_MAX && !axis.ordered).then_some(BARS_KEPT);
    }
    let title = with_conditions(data, format!("Spread of {}{by}", field.label), &intent.filters);
    let description = format!("Minimum, quartiles, median and maximum of {}{by}.{out}", field.label);
    let encoding = Encoding { x: axis.map(|a| axis_channel(data, a)), y, series: None, target: None };
    Goal { kind: CardKind::Boxplot, title, description, query, encoding }
}
