//! Figures worked out: which aggregation, of what, under which name.

use vizroom_protocol::dashboard::CardKind;

use super::axes::{Axis, Names};
use super::fields::{Data, Role};
use super::intent::{Ask, Intent};
use super::query::{Agg, Measure, Op, Predicate};
use super::text;

/// The figures, with names and defaults.
pub fn measures(
    data: &Data<'_>,
    intent: &mut Intent,
    axes: &[Axis],
    names: &mut Names,
) -> Result<Vec<Measure>, Vec<String>> {
    let tests = |p: &Predicate| {
        let numeric = !matches!(p.op, Op::In | Op::NotIn | Op::NotNull)
            && p.source.column().and_then(|c| data.index(c)).is_some_and(|i| data.fields[i].is_measure());
        let field = p.source.column().and_then(|c| data.index(c)).map(|i| &data.fields[i]);
        let timeless = field.is_some_and(|f| !matches!(f.role, Role::Time | Role::Part(_)));
        let value = p.part.is_none() && matches!(p.op, Op::In | Op::NotIn) && timeless;
        let asked = axes.is_empty() || intent.rate || field.is_some_and(|f| f.role == Role::Flag);
        numeric || (value && asked)
    };
    let (mut when, mut rest) = (Vec::new(), intent.filters.clone());
    if intent.share {
        (when, rest) = intent.filters.iter().cloned().partition(tests);
    }
    intent.filters = std::mem::take(&mut rest);
    let mut out = Vec::new();
    for ask in intent.asks.iter().take(6) {
        let mut measure = match ask.field {
            None => Measure::new(Agg::Count, None, ""),
            Some(index) => measure_of(data, ask, index)?,
        };
        if !when.is_empty() {
            if !measure.adds_up() {
                return Err(vec![data.fields[ask.field.unwrap_or(0)].label.clone()]);
            }
            measure.agg = Agg::Rate;
            measure.when = when.clone();
        } else if intent.share && measure.adds_up() && !axes.is_empty() {
            measure.share = !parts_chart(intent, axes);
        }
        measure.alias = names.computed(&text::figure(data, &measure));
        out.push(measure);
    }
    Ok(out)
}

fn measure_of(data: &Data<'_>, ask: &Ask, index: usize) -> Result<Measure, Vec<String>> {
    let field = &data.fields[index];
    let default = if field.role == Role::Sum { Agg::Sum } else { Agg::Avg };
    let agg = match ask.agg {
        None | Some(Agg::Value | Agg::Rate) => default,
        Some(agg) => agg,
    };
    let counts = matches!(agg, Agg::Count | Agg::Distinct);
    if !counts && !field.is_number() {
        return Err(vec![format!("{} (it is not a number)", field.label)]);
    }
    let mut measure = Measure::new(agg, Some(&field.column.name), "");
    measure.over = ask.over.map(|o| data.fields[o].column.name.clone());
    Ok(measure)
}

/// Whether parts of a whole are drawn as such: the figure itself is then enough.
fn parts_chart(intent: &Intent, axes: &[Axis]) -> bool {
    let round = matches!(intent.chart, Some(CardKind::Pie | CardKind::Donut));
    axes.len() == 1
        && !axes[0].ordered
        && (round || (intent.chart.is_none() && axes[0].distinct <= 8 && intent.rank.is_none()))
}
