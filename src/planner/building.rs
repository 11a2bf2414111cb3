//! From an intent to a goal: which figures, which groups, which kind of card.

use vizroom_protocol::dashboard::{CardKind, Channel, Encoding, Grain};

use super::Goal;
use super::fields::{Data, Field, Part, Role};
use super::intent::{Ask, Group, Intent};
use super::lexicon::{Rank, is_bad};
use super::query::{Agg, Cut, Dimension, Keep, Measure, Op, Predicate, Query, Rows, Sort, Source};
use super::text::{self, capital};

/// Most series of one chart, parts of a pie, bars, points of a scatter, rows of a table.
const SERIES_MAX: u64 = 12;
const PARTS_MAX: u64 = 24;
const BARS_MAX: u64 = 50;
const BARS_KEPT: u64 = 30;
const POINTS_MAX: u64 = 2_000;
const ROWS_MAX: u64 = 100;

/// A group worked out: the dimension, with what is known of its values.
#[derive(Clone, Debug)]
pub struct Axis {
    pub dimension: Dimension,
    /// For a person: `carrier`, `month`.
    pub label: String,
    /// Steps of time, or parts of them.
    pub grain: Option<Grain>,
    /// Has an order of its own.
    pub ordered: bool,
    /// Number of different values, as far as known.
    pub distinct: u64,
    pub nulls: u64,
}

/// Builds the card, or names the words that stand in the way.
pub fn build(data: &Data<'_>, intent: &Intent) -> Result<Goal, Vec<String>> {
    if !intent.unknown.is_empty() {
        return Err(intent.unknown.clone());
    }
    if let Some(grain) = intent.noun_grain {
        return Err(vec![super::time::grain_name(grain).to_owned()]);
    }
    let mut intent = intent.clone();
    complete(data, &mut intent);
    if let Some(goal) = by_rows(data, &intent) {
        return Ok(goal);
    }
    let mut names = Names::new(data);
    let mut axes = axes(data, &intent, &mut names)?;
    order_axes(data, &intent, &mut axes);
    if let Some(goal) = spread(data, &intent, &axes, &mut names) {
        return Ok(goal);
    }
    let measures = measures(data, &mut intent, &axes, &mut names)?;
    Ok(assemble(data, &intent, axes, measures))
}

/// Fills in what goes without saying.
fn complete(data: &Data<'_>, intent: &mut Intent) {
    if intent.asks.is_empty() && !(intent.distribution && !intent.groups.is_empty()) {
        intent.asks.push(Ask { agg: Some(Agg::Count), field: None, over: None });
    }
    // `Drama and Comedy` compares the two, unless the condition is what is asked about.
    let compared: Vec<usize> = intent
        .filters
        .iter()
        .filter(|p| p.op == Op::In && p.values.len() > 1 && p.part.is_none())
        .filter_map(|p| data.index(p.source.column()?))
        .filter(|&i| data.fields[i].role == Role::Category)
        .collect();
    for field in compared {
        if intent.groups.len() < 2 && !intent.kpi && intent.chart != Some(CardKind::Kpi) && !(intent.correlation && intent.asks.len() > 1) {
            intent.add_group(Group { field: Some(field), grain: None });
        }
    }
    if intent.rank.is_some() && intent.top.is_none() && matches!(intent.rank, Some(Rank::Top | Rank::Bottom)) {
        intent.top = Some(10);
    }
}

/// Names of result columns: plain, unique, and never a column's own name for something computed.
pub struct Names {
    used: Vec<String>,
    columns: Vec<String>,
}

impl Names {
    pub fn new(data: &Data<'_>) -> Self {
        Self { used: Vec::new(), columns: data.fields.iter().map(|f| f.column.name.to_lowercase()).collect() }
    }

    /// For a column's own values.
    pub fn plain(&mut self, name: &str) -> String {
        let wanted = text::identifier(name);
        self.unique(wanted, &[])
    }

    /// For computed values.
    pub fn computed(&mut self, name: &str) -> String {
        let wanted = text::identifier(name);
        let columns = self.columns.clone();
        self.unique(wanted, &columns)
    }

    fn unique(&mut self, wanted: String, taken: &[String]) -> String {
        let free = |name: &String, used: &[String]| !used.contains(name) && !taken.contains(name);
        let mut name = wanted.clone();
        let mut n = 1;
        while !free(&name, &self.used) {
            n += 1;
            name = format!("{wanted}_{n}");
        }
        self.used.push(name.clone());
        name
    }
}

fn axes(data: &Data<'_>, intent: &Intent, names: &mut Names) -> Result<Vec<Axis>, Vec<String>> {
    let mut out: Vec<Axis> = Vec::new();
    let dated = intent.groups.iter().any(|g| g.field.is_none() && g.grain.is_some());
    // `trend by quarter`: the step said is the step of the trend.
    let groups = intent.groups.iter().filter(|g| !(dated && g.field.is_none() && g.grain.is_none()));
    for group in groups.take(4) {
        let mut axis = axis(data, group, names)?;
        let listed = intent.filters.iter().find(|p| p.op == Op::In && p.source == axis.dimension.source && p.part.is_none());
        axis.distinct = listed.map_or(axis.distinct, |p| axis.distinct.min(p.values.len() as u64));
        if !out.iter().any(|a| a.dimension.source == axis.dimension.source && a.dimension.cut == axis.dimension.cut) {
            out.push(axis);
        }
    }
    Ok(out)
}

fn axis(data: &Data<'_>, group: &Group, names: &mut Names) -> Result<Axis, Vec<String>> {
    let missing = || vec![group.grain.map_or("date", super::time::grain_name).to_owned()];
    let field = group.field.map(|i| &data.fields[i]);
    if let Some(field) = field.filter(|f| f.role != Role::Time) {
        return Ok(plain_axis(data, field, names));
    }
    let time = match (field, group.grain) {
        (Some(time), grain) => {
            let grain = grain.unwrap_or_else(|| data.natural_grain(&time.source()));
            data.dated(time.source(), grain)
        }
        (None, Some(grain)) => data.time_group(grain),
        (None, None) => data.course(),
    }
    .ok_or_else(missing)?;
    let own = time.source.column().and_then(|c| data.index(c)).map(|i| &data.fields[i]);
    if time.cut == Cut::Whole
        && let Some(field) = own
    {
        return Ok(Axis { grain: Some(time.grain), ordered: true, ..plain_axis(data, field, names) });
    }
    let nulls = own.map_or(0, |f| f.column.nulls);
    let label = super::time::grain_name(time.grain).to_owned();
    let alias = names.computed(&label);
    let dimension = Dimension { source: time.source, cut: time.cut, alias, skip_null: nulls > 0 };
    Ok(Axis { dimension, label, grain: Some(time.grain), ordered: true, distinct: u64::MAX, nulls })
}

fn plain_axis(data: &Data<'_>, field: &Field<'_>, names: &mut Names) -> Axis {
    let part = match field.role {
        Role::Part(Part::Year) => Some(Grain::Year),
        Role::Part(_) => data.part_grain(&field.source()),
        _ => None,
    };
    let cut = match field.role {
        Role::Sum | Role::Mean => bin_width(field).map_or(Cut::Whole, Cut::Bin),
        _ => Cut::Whole,
    };
    let dimension = Dimension {
        source: field.source(),
        cut,
        alias: names.plain(&field.column.name),
        skip_null: field.column.nulls > 0,
    };
    let ordered = matches!(field.role, Role::Part(_) | Role::Ordinal | Role::Sum | Role::Mean);
    let distinct = if cut == Cut::Whole { field.column.distinct } else { 25 };
    Axis { dimension, label: field.label.clone(), grain: part, ordered, distinct, nulls: field.column.nulls }
}

/// A width that cuts a column's range into about 30 bins with round limits.
pub fn bin_width(field: &Field<'_>) -> Option<f64> {
    let (min, max) = (field.min()?, field.max()?);
    let span = max - min;
    if !span.is_finite() || span <= 0.0 {
        return None;
    }
    let rough = span / 30.0;
    let power = 10f64.powf(rough.log10().floor());
    let nice = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|m| m * power >= rough * 0.999).unwrap_or(10.0) * power;
    let whole = field.column.kind == vizroom_protocol::file::ColumnType::Integer;
    Some(if whole { nice.ceil().max(1.0) } else { nice })
}

/// Time leads; then the order asked.
fn order_axes(data: &Data<'_>, intent: &Intent, axes: &mut [Axis]) {
    if intent.chart == Some(CardKind::Heatmap) {
        return;
    }
    let few = |a: &Axis| a.dimension.cut == Cut::Whole && a.distinct <= 3;
    axes.sort_by_key(|a| !(a.grain.is_some() && !few(a)));
    let _ = data;
}

/// Scatters, rankings of single rows, and lists of rows.
fn by_rows(data: &Data<'_>, intent: &Intent) -> Option<Goal> {
    let plain = |a: &Ask| a.field.filter(|_| matches!(a.agg, None | Some(Agg::Value)) && a.over.is_none());
    let figures: Vec<usize> = intent.asks.iter().filter_map(plain).collect();
    let all = figures.len() == intent.asks.len();
    let scatter = matches!(intent.chart, Some(CardKind::Scatter | CardKind::Bubble));
    // Figures that add up are compared side by side; others point by point.
    let untimed = intent.groups.len() == 1 && intent.groups.iter().all(|g| g.grain.is_none() && g.field.is_some());
    let means = untimed && figures.iter().all(|&f| data.fields[f].role == Role::Mean);
    let pair = figures.len() >= 2
        && (scatter || intent.colour || (intent.correlation && intent.chart.is_none() && (intent.groups.is_empty() || means)));
    if all && pair {
        return Some(scatter_goal(data, intent, &figures));
    }
    let ranked = intent.rank.is_some() && intent.groups.is_empty() && intent.rows && all && figures.len() == 1;
    if ranked {
        return ranking_of_rows(data, intent, figures[0]);
    }
    None
}

fn scatter_goal(data: &Data<'_>, intent: &Intent, figures: &[usize]) -> Goal {
    let mut names = Names::new(data);
    let mut query = Query { dataset: data.dataset.name.clone(), filters: intent.filters.clone(), ..Query::default() };
    let colour = intent.groups.iter().find_map(|g| g.field.filter(|&f| data.fields[f].role != Role::Time));
    let mut channels = Vec::new();
    for &index in figures[..2].iter().chain(colour.iter()) {
        let field = &data.fields[index];
        let alias = names.plain(&field.column.name);
        channels.push(Channel {
            filter: Some(field.column.name.clone()),
            ..channel(&alias, &field.label, field, Agg::Value)
        });
        query.measures.push(Measure::new(Agg::Value, Some(&field.column.name), alias));
    }
    for &index in &figures[..2] {
        let source = data.fields[index].source();
        query.filters.push(Predicate { source, part: None, op: Op::NotNull, values: Vec::new() });
    }
    let stride = data.dataset.rows.div_ceil(POINTS_MAX).max(1);
    query.rows = Some(Rows { stride });
    query.limit = Some(POINTS_MAX);
    let labels: Vec<&str> = figures[..2].iter().map(|&i| data.fields[i].label.as_str()).collect();
    let by = colour.map(|c| format!(" by {}", data.fields[c].label)).unwrap_or_default();
    let title = with_conditions(data, format!("{} and {}{by}", capital(labels[0]), labels[1]), &intent.filters);
    let sampled = if stride > 1 { format!(", an even sample of about 1 in {stride}") } else { String::new() };
    let description = format!("Each point is one row{sampled}.");
    let series = channels.get(2).cloned();
    let encoding = Encoding { x: Some(channels[0].clone()), y: vec![channels[1].clone()], series };
    Goal { kind: CardKind::Scatter, title, description, query, encoding }
}

/// `the 10 highest grossing movies`: rows by name, not groups.
fn ranking_of_rows(data: &Data<'_>, intent: &Intent, figure: usize) -> Option<Goal> {
    let name = data
        .fields
        .iter()
        .filter(|f| f.role == Role::Label)
        .min_by_key(|f| !f.words.iter().any(|w| matches!(w.lower.as_str(), "name" | "title")))
        .or_else(|| data.fields.iter().filter(|f| f.role == Role::Category).max_by_key(|f| f.column.distinct))
        .filter(|f| f.role == Role::Label || f.column.distinct * 2 > data.dataset.rows)?;
    let field = &data.fields[figure];
    let descending = descends(intent, &field.words.iter().map(|w| w.stem.clone()).collect::<Vec<_>>());
    let top = intent.top.unwrap_or(10);
    let mut names = Names::new(data);
    let alias = names.plain(&name.column.name);
    let dimension =
        Dimension { source: name.source(), cut: Cut::Whole, alias: alias.clone(), skip_null: name.column.nulls > 0 };
    let value = names.plain(&field.column.name);
    let mut filters = intent.filters.clone();
    filters.push(Predicate { source: field.source(), part: None, op: Op::NotNull, values: Vec::new() });
    let query = Query {
        dataset: data.dataset.name.clone(),
        dimensions: vec![dimension],
        measures: vec![Measure::new(Agg::Value, Some(&field.column.name), value.clone())],
        filters,
        sort: vec![Sort { alias: value.clone(), descending }, Sort { alias: alias.clone(), descending: false }],
        limit: Some(top),
        rows: Some(Rows { stride: 1 }),
        keep: None,
    };
    let noun = text::rows_noun(data);
    let which = if descending { "Top" } else { "Bottom" };
    let title = with_conditions(data, format!("{which} {top} {noun} by {}", field.label), &intent.filters);
    let end = if descending { "highest" } else { "lowest" };
    let description = format!("The {top} rows with the {end} {}; ties in the order of {}.", field.label, name.label);
    let x = Channel { filter: Some(name.column.name.clone()), ..channel(&alias, &name.label, name, Agg::Value) };
    let y = vec![channel(&value, &field.label, field, Agg::Value)];
    let kind = match intent.chart {
        Some(CardKind::Table) => CardKind::Table,
        _ => CardKind::Bar,
    };
    Some(Goal { kind, title, description, query, encoding: Encoding { x: Some(x), y, series: None } })
}

/// Histograms and boxplots: how single values are spread.
fn spread(data: &Data<'_>, intent: &Intent, axes: &[Axis], names: &mut Names) -> Option<Goal> {
    let asked = intent.asks.iter().find_map(|a| a.field.filter(|&f| data.fields[f].is_measure()));
    let binned = axes.iter().find(|a| matches!(a.dimension.cut, Cut::Bin(_)));
    let counts = intent.asks.iter().all(|a| a.agg == Some(Agg::Count));
    let by_group = axes.iter().any(|a| !matches!(a.dimension.cut, Cut::Bin(_)));
    let wanted = intent.distribution || intent.chart == Some(CardKind::Histogram);
    let boxes = intent.chart == Some(CardKind::Boxplot) || (intent.distribution && by_group && intent.chart.is_none());
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
    let description = format!("Number of {noun} by {}{width}.{}", field.label, left_out(&axis));
    let mut x = axis_channel(&axis);
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
        encoding: Encoding { x: Some(x), y: vec![y], series: None },
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
    let y = measures.iter().zip(labels).map(|(m, l)| channel(&m.alias, l, field, Agg::Avg)).collect();
    let mut query =
        Query { dataset: data.dataset.name.clone(), measures, filters: intent.filters.clone(), ..Query::default() };
    let mut by = String::new();
    let mut out = String::new();
    if let Some(axis) = axis {
        by = format!(" by {}", axis.label);
        out = left_out(axis);
        query.sort = vec![Sort { alias: axis.dimension.alias.clone(), descending: false }];
        query.dimensions = vec![axis.dimension.clone()];
        query.limit = (axis.distinct > BARS_MAX && !axis.ordered).then_some(BARS_KEPT);
    }
    let title = with_conditions(data, format!("Spread of {}{by}", field.label), &intent.filters);
    let description = format!("Minimum, quartiles, median and maximum of {}{by}.{out}", field.label);
    let encoding = Encoding { x: axis.map(axis_channel), y, series: None };
    Goal { kind: CardKind::Boxplot, title, description, query, encoding }
}

/// The figures, with names and defaults.
fn measures(
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

fn assemble(data: &Data<'_>, intent: &Intent, mut axes: Vec<Axis>, mut measures: Vec<Measure>) -> Goal {
    let (kind, mut note) = super::kinds::choose(intent, &axes, &measures);
    axes.truncate(if kind == CardKind::Table { 4 } else { 2 });
    let mut query = Query { dataset: data.dataset.name.clone(), filters: intent.filters.clone(), ..Query::default() };
    let stems: Vec<String> = measures
        .first()
        .and_then(|m| m.column.as_ref())
        .and_then(|c| data.index(c))
        .map(|i| data.fields[i].words.iter().map(|w| w.stem.clone()).collect())
        .unwrap_or_default();
    let descending = descends(intent, &stems);
    let ranked = intent.rank.is_some() || intent.top.is_some();
    limit(intent, &axes, kind, &mut query, &mut note);
    let alias = measures.first().map(|m| m.alias.clone()).unwrap_or_default();
    let unordered = axes.first().is_some_and(|a| !a.ordered);
    let by_value = !intent.by_name && (unordered || ranked || intent.descending.is_some());
    if by_value && kind != CardKind::Heatmap && !axes.is_empty() && kind != CardKind::Line && kind != CardKind::Area {
        query.sort.push(Sort { alias, descending });
    }
    query.sort.extend(axes.iter().map(|a| Sort { alias: a.dimension.alias.clone(), descending: false }));
    if kind == CardKind::Kpi {
        measures.truncate(1);
        measures.extend(super::figures::compared(data, &query, &measures));
    }
    query.dimensions = axes.iter().map(|a| a.dimension.clone()).collect();
    query.measures = measures;
    let title = super::titles::title(data, intent, &query, &axes, descending);
    let description = super::titles::description(data, &query, &axes, &note);
    let encoding = encoding(data, &query, &axes);
    Goal { kind, title, description, query, encoding }
}

/// How many groups are shown.
fn limit(intent: &Intent, axes: &[Axis], kind: CardKind, query: &mut Query, note: &mut String) {
    let Some(first) = axes.first() else { return };
    let series = axes.get(1);
    if let (Some(top), None) = (intent.top, series) {
        query.limit = Some(top);
        return;
    }
    if intent.rank.is_some() && intent.top.is_none() && series.is_none() && first.distinct > BARS_KEPT {
        query.limit = Some(10);
        note.push_str(" Only the first 10 are shown.");
        return;
    }
    if let Some(top) = intent.top {
        let ranked = if first.ordered { series.unwrap_or(first) } else { first };
        query.keep = Some(Keep { alias: ranked.dimension.alias.clone(), count: top });
        note.push_str(&format!(" Only the {top} largest {} are shown.", text::plural(&ranked.label)));
        return;
    }
    match series {
        Some(series)
            if series.distinct > SERIES_MAX
                && kind != CardKind::Table
                && kind != CardKind::Heatmap
                && !series.ordered =>
        {
            query.keep = Some(Keep { alias: series.dimension.alias.clone(), count: SERIES_MAX });
            note.push_str(&format!(
                " Only the {SERIES_MAX} largest of {} {} are shown.",
                series.distinct,
                text::plural(&series.label)
            ));
        }
        None if !first.ordered && first.distinct > BARS_MAX && kind != CardKind::Table => {
            query.limit = Some(BARS_KEPT);
            note.push_str(&format!(
                " Only {BARS_KEPT} of {} {} are shown.",
                first.distinct,
                text::plural(&first.label)
            ));
        }
        _ if kind == CardKind::Table && first.distinct > ROWS_MAX => query.limit = Some(1_000),
        _ => {}
    }
}

/// The direction that puts what is asked for first.
pub fn descends(intent: &Intent, stems: &[String]) -> bool {
    let bad = stems.iter().any(|s| is_bad(s));
    if let Some(descending) = intent.descending {
        return descending;
    }
    match intent.rank {
        Some(Rank::Bottom | Rank::Least) => false,
        Some(Rank::Best) => !bad,
        Some(Rank::Worst) => bad,
        _ => true,
    }
}

fn encoding(data: &Data<'_>, query: &Query, axes: &[Axis]) -> Encoding {
    let y = query.measures.iter().map(|m| measure_channel(data, m)).collect();
    Encoding { x: axes.first().map(axis_channel), y, series: axes.get(1).map(axis_channel) }
}

/// A figure's column in the result.
pub fn measure_channel(data: &Data<'_>, measure: &Measure) -> Channel {
    let label = if measure.agg == Agg::Count && measure.column.is_none() && !measure.share {
        count_label(data)
    } else {
        text::figure(data, measure)
    };
    let field = measure.column.as_ref().and_then(|c| data.index(c)).map(|i| &data.fields[i]);
    let share = measure.share || measure.agg == Agg::Rate || measure.over.is_some();
    let mut out = match field {
        Some(field) => channel(&measure.alias, &label, field, measure.agg),
        None => Channel {
            field: measure.alias.clone(),
            label: capital(&label),
            format: Some(",.0f".into()),
            ..Channel::default()
        },
    };
    if share {
        out.format = Some(".1%".into());
        out.unit = None;
    }
    out
}

fn count_label(data: &Data<'_>) -> String {
    let noun = text::rows_noun(data);
    if noun == "rows" { "number of rows".into() } else { noun }
}

fn channel(alias: &str, label: &str, field: &Field<'_>, agg: Agg) -> Channel {
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
        filter: None,
        grain: None,
        format: format.map(str::to_owned),
        unit,
    }
}

fn axis_channel(axis: &Axis) -> Channel {
    let whole = axis.dimension.cut == Cut::Whole;
    let calendar = axis.grain.filter(|g| !whole || *g != Grain::Year);
    let filter = match &axis.dimension.source {
        Source::Column { name, .. } => Some(name.clone()).filter(|_| whole || axis.grain.is_some()),
        Source::Parts { .. } => None,
    };
    Channel {
        field: axis.dimension.alias.clone(),
        label: capital(&axis.label),
        filter,
        grain: calendar,
        ..Channel::default()
    }
}

/// ` 12 rows without a genre are left out.`
pub fn left_out(axis: &Axis) -> String {
    if !axis.dimension.skip_null || axis.nulls == 0 {
        return String::new();
    }
    let rows = if axis.nulls == 1 { "row" } else { "rows" };
    let are = if axis.nulls == 1 { "is" } else { "are" };
    format!(" {} {rows} without {} {are} left out.", text::number(axis.nulls as f64, None), axis.label)
}

/// The title with the conditions in parentheses.
pub fn with_conditions(data: &Data<'_>, title: String, filters: &[Predicate]) -> String {
    let conditions = text::conditions(data, filters);
    if conditions.is_empty() { title } else { format!("{title} ({conditions})") }
}
