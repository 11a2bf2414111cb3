//! Figures worked out: which aggregation, of what, under which name.

use vizroom_protocol::dashboard::CardKind;

use super::axes::{Axis, Names};
use super::fields::{Data, Role};
use super::intent::{Ask, Intent};
use super::query::{Agg, Course, Measure, Op, Predicate, Source};
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
        // `men vs women` are groups, not what the rate is of.
        let grouped = p.values.len() > 1 && axes.iter().any(|a| a.dimension.source == p.source);
        let value = value && !grouped;
        let asked = axes.is_empty() || intent.rate || field.is_some_and(|f| f.role == Role::Flag);
        numeric || matches!(p.source, Source::Less { .. }) || (value && asked)
    };
    let mut when = std::mem::take(&mut intent.when);
    if intent.share && when.is_empty() {
        (when, intent.filters) = intent.filters.iter().cloned().partition(tests);
    }
    let mut out = Vec::new();
    // `how much veal was produced in 1950`
    let exact = intent.exact && intent.filters.iter().any(|p| super::period::is_timed(data, p));
    for ask in intent.asks.iter().take(6) {
        let mut measure = match ask.field {
            None => super::occasions::counted(data, intent, ask).unwrap_or_else(|| Measure::new(Agg::Count, None, "")),
            Some(index) => measure_of(data, ask, index, exact)?,
        };
        let each = intent.each.filter(|_| measure.agg == Agg::Count && measure.column.is_none());
        measure.each = each.map(|f| data.fields[f].column.name.clone());
        super::stepwise::divided(data, intent, &mut measure);
        measure.times = match measure.over {
            Some(_) => intent.scale,
            None => told_in(data, intent, ask, &measure),
        };
        if let Some(less) = intent.less.filter(|l| ask.field.is_some_and(|f| f != *l)) {
            measure.less = Some(data.fields[less].column.name.clone());
            measure.apart = intent.apart;
        }
        if let Some(course) = intent.course {
            if course == Course::Running && measure.agg == Agg::Avg && ask.agg.is_none() {
                measure.agg = Agg::Sum;
            }
            measure.course = Some(course);
        }
        if !when.is_empty() {
            if !measure.adds_up() {
                return Err(vec![data.fields[ask.field.unwrap_or(0)].label.clone()]);
            }
            measure.agg = Agg::Rate;
            measure.when = when.clone();
        } else if intent.share && ask.agg.is_none() && measure.agg == Agg::Avg && adds_to_whole(data, ask) {
            measure.agg = Agg::Sum;
            measure.share = !axes.is_empty() && !parts_chart(intent, axes);
        } else if intent.share && ask.agg.is_none() && measure.agg == Agg::Avg && !is_part(data, ask) {
            return Err(vec![format!("a share of {}", data.fields[ask.field.unwrap_or(0)].label)]);
        } else if intent.share && measure.adds_up() && !axes.is_empty() {
            measure.share = !parts_chart(intent, axes);
        }
        for mut measure in in_periods(intent, measure) {
            measure.alias = names.computed(&text::figure(data, &measure));
            out.push(measure);
        }
    }
    Ok(out)
}

/// What a figure is multiplied by to be told in the unit that is asked for.
fn told_in(data: &Data<'_>, intent: &Intent, ask: &Ask, measure: &Measure) -> Option<f64> {
    let counted = matches!(measure.agg, Agg::Count | Agg::Distinct | Agg::Rate);
    intent.unit.filter(|_| !counted)?.factor(&data.fields[ask.field?])
}

/// The figure in each of two periods, or its change from one to the other.
fn in_periods(intent: &Intent, measure: Measure) -> Vec<Measure> {
    let [now, before] = intent.periods.as_slice() else { return vec![measure] };
    if !measure.when.is_empty() || measure.share || measure.course.is_some() && !intent.contrast {
        return vec![measure];
    }
    if intent.contrast {
        return vec![Measure { when: now.clone(), minus: before.clone(), ..measure }];
    }
    [now, before].into_iter().map(|period| Measure { when: period.clone(), ..measure.clone() }).collect()
}

/// One figure by itself, where it can be computed.
pub fn single(data: &Data<'_>, ask: &Ask) -> Option<Measure> {
    match ask.field {
        None => Some(Measure::new(Agg::Count, None, "")),
        Some(index) => measure_of(data, ask, index, false).ok(),
    }
}

/// Whether a column holds parts of one already.
fn is_part(data: &Data<'_>, ask: &Ask) -> bool {
    ask.field.is_some_and(|f| data.fields[f].is_fraction() || data.fields[f].role == Role::Ordinal)
}

/// Whether who asks for shares of it takes it for an amount: nothing in its name says that it is averaged.
fn adds_to_whole(data: &Data<'_>, ask: &Ask) -> bool {
    ask.field.is_some_and(|f| {
        let field = &data.fields[f];
        let amount = field.role == Role::Mean && field.min().is_some_and(|m| m >= 0.0) && !field.repeated;
        amount && !super::roles::is_averaged(&field.words) && !is_part(data, ask) && field.unit.is_none()
    })
}

fn measure_of(data: &Data<'_>, ask: &Ask, index: usize, exact: bool) -> Result<Measure, Vec<String>> {
    let field = &data.fields[index];
    let default = if field.role == Role::Sum { Agg::Sum } else { Agg::Avg };
    let amount = exact && field.role == Role::Mean && !super::roles::is_averaged(&field.words) && !field.repeated;
    let default = if amount { Agg::Sum } else { default };
    let agg = match ask.agg {
        None | Some(Agg::Value | Agg::Rate) => default,
        Some(agg) => agg,
    };
    let counts = matches!(agg, Agg::Count | Agg::Distinct);
    let present = field.present().filter(|_| agg == Agg::Distinct);
    let ends = field.role == Role::Time && matches!(agg, Agg::Min | Agg::Max);
    if !counts && !ends && !field.is_number() {
        return Err(vec![format!("{} (it is not a number)", field.label)]);
    }
    if agg == Agg::Sum && field.repeated {
        return Err(vec![format!("the sum of {} (it is looked up, once for each of many rows)", field.label)]);
    }
    // Nor is anything divided by what is looked up once for each of many rows.
    if let Some(over) = ask.over.map(|o| &data.fields[o]).filter(|o| o.repeated && !field.repeated) {
        return Err(vec![format!("the sum of {} (it is looked up, once for each of many rows)", over.label)]);
    }
    let mut measure = Measure::new(agg, Some(&field.column.name), "");
    measure.when.extend(present);
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
