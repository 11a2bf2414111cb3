//! From an intent to a goal: which figures, which groups, which kind of card.

use vizroom_protocol::dashboard::{CardKind, Grain};
use vizroom_protocol::file::ColumnType;

use super::Goal;
use super::axes::{Axis, Names, axes, order_axes};
use super::channels::encoding;
use super::fields::{Data, Role};
use super::intent::{Ask, Group, Intent};
use super::lexicon::Rank;
use super::measures::measures;
use super::query::{Agg, Keep, Measure, Op, Predicate, Query, Sort};
use super::rowwise::by_rows;
use super::spread::spread;
use super::text::{self};
use super::vocabulary::is_bad;
use super::{period, places};

/// Most series of one chart; bars before they are cut, and those kept then; rows of a table without a limit.
const SERIES_MAX: u64 = 12;
pub const BARS_MAX: u64 = 80;
pub const BARS_KEPT: u64 = 30;
const ROWS_MAX: u64 = 100;

/// Most different numbers of a column that may make the fields of a heatmap one by one.
const CROSSED_MAX: u64 = 30;

/// Builds the card, or names the words that stand in the way.
pub fn build(data: &Data<'_>, intent: &Intent) -> Result<Goal, Vec<String>> {
    if !intent.unknown.is_empty() {
        return Err(intent.unknown.clone());
    }
    if let Some(grain) = intent.noun_grain {
        return Err(vec![super::time::grain_name(grain).to_owned()]);
    }
    let mut intent = intent.clone();
    let note = implied(data, &mut intent);
    super::turned::told_apart(data, &mut intent);
    let mut goal = goal(data, &intent)?;
    goal.description.extend(note);
    super::scales::in_rows(data, intent.unit, &mut goal);
    data.extend(&mut goal.query)?;
    Ok(goal)
}

/// The figure that is meant where none is named: `the least used stations`, `Puerto Rico by income group`, where there is
/// one row of each. Says so, unless it is the only one.
fn implied(data: &Data<'_>, intent: &mut Intent) -> Option<String> {
    if !intent.asks.is_empty() || !intent.having.is_empty() {
        return None;
    }
    let each = intent.groups.iter().any(|g| g.field.is_some_and(|f| data.names_each(f)));
    let whole = intent.groups.is_empty() && intent.chart.is_none() && intent.noun_grain.is_none();
    let ranked = intent.rank.is_some() && (each || whole);
    let drawn = !matches!(intent.chart, Some(CardKind::Table | CardKind::Histogram | CardKind::Boxplot));
    let single = !intent.rows && !intent.distribution && !intent.share && drawn;
    let field = match () {
        () if ranked => data.main_measure(),
        () if single => super::wholes::varying(data, intent),
        () => None,
    }?;
    intent.asks.push(Ask { agg: None, field: Some(field), over: None });
    intent.rows |= ranked && whole;
    let label = &data.fields[field].label;
    (data.only_measure() != Some(field)).then(|| format!(" Nothing said which figure: {label} is shown."))
}

fn goal(data: &Data<'_>, intent: &Intent) -> Result<Goal, Vec<String>> {
    let mut intent = intent.clone();
    let ranked = intent.rank.is_some() || intent.descending.is_some();
    if ranked && intent.asks.is_empty() && intent.groups.is_empty() && intent.chart.is_none() {
        return Err(vec!["what they are ranked by".into()]);
    }
    super::outdone::beside(data, &mut intent);
    if let Some(goal) = super::listing::rows(data, &intent) {
        return Ok(goal);
    }
    let silent = intent.asks.is_empty() && intent.having.is_empty();
    complete(data, &mut intent);
    super::ranking::by_computed(data, &mut intent);
    // `top 5 countries` of a table with one row each: all have as many rows.
    let each = |g: &Group| g.field.is_some_and(|f| data.names_each(f));
    if silent
        && intent.rank.is_some()
        && intent.asks.iter().all(|a| a.field.is_none())
        && intent.groups.iter().all(each)
    {
        return Err(vec!["what they are ranked by".into()]);
    }
    if intent.outliers && !intent.asks.iter().any(|a| a.field.is_some()) {
        return Err(vec!["a figure that may stand out".into()]);
    }
    if let Some(goal) = places::points(data, &intent).or_else(|| by_rows(data, &intent)) {
        return Ok(goal);
    }
    let mut names = Names::new(data);
    let mut axes = axes(data, &intent, &mut names)?;
    order_axes(&intent, &mut axes);
    if let Some(goal) = spread(data, &intent, &axes, &mut names) {
        return Ok(goal);
    }
    if intent.course.is_some() && !intent.contrast && axes.first().is_none_or(|a| a.grain.is_none()) {
        return Err(vec!["a date".into()]);
    }
    if intent.asks.is_empty() {
        intent.asks.push(counted(data));
    }
    let measures = measures(data, &mut intent, &axes, &mut names)?;
    let goal = assemble(data, &intent, axes, measures);
    Ok(match intent.first_of_each {
        _ if intent.counts_groups => super::tallies::how_many(goal),
        Some(count) => super::winners::first_of_each(data, goal, count),
        None => goal,
    })
}

/// Fills in what goes without saying.
fn complete(data: &Data<'_>, intent: &mut Intent) {
    along_time(data, intent);
    super::kinds::course(data, intent);
    sides(data, intent);
    single_rows(data, intent);
    places::placed(data, intent);
    crossed(data, intent);
    cycles(data, intent);
    if intent.asks.is_empty() && (!intent.distribution || intent.groups.is_empty()) {
        // `reasons for leaving`: how often each was one.
        let bare = !intent.by && intent.filters.is_empty() && intent.rank.is_none() && intent.groups.len() == 1;
        let bare = bare && intent.groups.iter().all(|g| g.field.is_some_and(|f| data.fields[f].role == Role::Category));
        let only = data
            .only_measure()
            .filter(|_| !bare)
            // Nor is an average shared out.
            .filter(|&f| !intent.share || data.fields[f].role == Role::Sum)
            // How old the victims were is not what `by month` asks of a table of crimes.
            .filter(|&f| !super::roles::has(&data.fields[f].words, "age"))
            .filter(|_| !intent.rows && !intent.groups.is_empty() | !intent.filters.is_empty());
        intent.asks.push(match only {
            Some(field) => Ask { agg: None, field: Some(field), over: None },
            None => counted(data),
        });
    }
    timing(data, intent);
    intent.groups.retain(|g| !g.field.is_some_and(|f| intent.dropped.contains(&f)));
    // `Drama and Comedy` compares the two, unless the condition is what is asked about.
    let compared: Vec<usize> = intent
        .filters
        .iter()
        .filter(|p| p.op == Op::In && p.values.len() > 1 && p.part.is_none())
        .filter_map(|p| data.index(p.source.column()?))
        .filter(|&i| matches!(data.fields[i].role, Role::Category | Role::Label | Role::Flag))
        .filter(|i| !intent.together.contains(i))
        .collect();
    for field in compared {
        if intent.groups.len() < 2
            && !intent.kpi
            && intent.chart != Some(CardKind::Kpi)
            && !(intent.correlation && intent.asks.len() > 1)
        {
            intent.add_group(Group { field: Some(field), grain: None });
        }
    }
    if intent.rank.is_some() && intent.top.is_none() && matches!(intent.rank, Some(Rank::Top | Rank::Bottom)) {
        intent.top = Some(10);
    }
}

/// `share of men and women`: the parts side by side.
fn sides(data: &Data<'_>, intent: &mut Intent) {
    let [one] = intent.when.as_slice() else { return };
    let other = intent.filters.iter().position(|p| p.source == one.source && p.op == Op::In && one.op == Op::In);
    let (Some(at), true) = (other, intent.share && intent.groups.is_empty()) else { return };
    let Some(field) = one.source.column().and_then(|c| data.index(c)) else { return };
    intent.filters[at].values.extend(one.values.iter().cloned());
    if intent.filters[at].values.len() as u64 >= data.fields[field].column.distinct {
        intent.filters.remove(at);
    }
    intent.when.clear();
    intent.rate = false;
    intent.add_group(Group { field: Some(field), grain: None });
}

/// `10 most populous counties`, where two may have one name: the rows rather than the names.
fn single_rows(data: &Data<'_>, intent: &mut Intent) {
    let [Group { field: Some(field), grain: None }] = intent.groups.as_slice() else { return };
    let plain = matches!(intent.asks.as_slice(), [Ask { agg: None, field: Some(_), over: None }]);
    let twice = data.names_each(*field) && data.fields[*field].column.distinct < data.dataset.rows;
    if intent.rank.is_some() && plain && twice && intent.chart.is_none() && !intent.by {
        intent.groups.clear();
        intent.rows = true;
    }
}

/// `engineering vs computer science since 1990`: two figures of which each step of time has one, along that time.
fn along_time(data: &Data<'_>, intent: &mut Intent) {
    let timed = |p: &Predicate| matches!(p.op, Op::Gt | Op::Gte | Op::Lt | Op::Lte) && period::is_timed(data, p);
    let versus = intent.correlation && intent.asks.len() > 1 && intent.groups.is_empty() && intent.chart.is_none();
    let stepped = data.row_grain().is_some()
        || data.is_stepped(Grain::Year)
            && data
                .part(super::fields::Part::Year)
                .is_some_and(|y| data.fields[y].column.distinct == data.dataset.rows);
    if versus && stepped && intent.filters.iter().any(timed) {
        intent.correlation = false;
        intent.groups.push(Group { field: None, grain: None });
    }
}

/// A heatmap by weekday and month is one of what comes again, not of a calendar.
fn cycles(data: &Data<'_>, intent: &mut Intent) {
    let weekdays = data.named_step(Grain::DayOfWeek);
    let cyclic = |g: &Group| {
        let named = g.field.is_some() && g.field == weekdays;
        named || matches!(g.grain, Some(Grain::DayOfWeek | Grain::HourOfDay | Grain::MonthOfYear))
    };
    // A month by another group, of many years: the fields of a calendar would be too many.
    let years = data.date().and_then(|d| period::range(data, &d)).map_or(0, |(a, b)| b.year - a.year);
    let many = intent.groups.len() == 2 && years >= 4 && intent.filters.iter().all(|p| !period::is_timed(data, p));
    if intent.chart != Some(CardKind::Heatmap) || !(many || intent.groups.iter().any(cyclic)) {
        return;
    }
    for group in &mut intent.groups {
        group.grain = match group.grain {
            Some(Grain::Month) => Some(Grain::MonthOfYear),
            Some(Grain::Hour) => Some(Grain::HourOfDay),
            other => other,
        };
    }
}

/// `home score against away score as a heatmap`: both make the fields, which count.
fn crossed(data: &Data<'_>, intent: &mut Intent) {
    let whole = |f: usize| {
        let column = data.fields[f].column;
        column.kind == ColumnType::Integer && column.distinct <= CROSSED_MAX
    };
    let few = |a: &Ask| a.agg.is_none() && a.field.is_some_and(whole);
    let wanted = 2 - intent.groups.len().min(2);
    if intent.chart == Some(CardKind::Heatmap)
        && intent.asks.len() == wanted
        && wanted > 0
        && intent.asks.iter().all(few)
    {
        let groups = std::mem::take(&mut intent.asks).into_iter().map(|a| Group { field: a.field, grain: None });
        intent.groups.extend(groups);
        intent.correlation = false;
    }
}

/// How many there are: rows, or what a column says each row stands for.
pub fn counted(data: &Data<'_>) -> Ask {
    match data.counter() {
        Some(field) => Ask { agg: Some(Agg::Sum), field: Some(field), over: None },
        None => Ask { agg: Some(Agg::Count), field: None, over: None },
    }
}

/// What goes along time needs time, and is no share (`growth in percent`); two periods side by side have the same months.
fn timing(data: &Data<'_>, intent: &mut Intent) {
    let timed = |g: &Group| g.field.is_none_or(|f| matches!(data.fields[f].role, Role::Time | Role::Part(_)));
    // `growth 2017 vs 2016`: from the one to the other.
    let change = intent.course == Some(super::query::Course::Change);
    intent.contrast |= change && intent.periods.len() == 2 && !intent.groups.iter().any(timed);
    if intent.course.is_some() && !intent.contrast {
        intent.distribution = false;
        if !intent.groups.iter().any(timed) {
            intent.groups.insert(0, Group { field: None, grain: None });
        }
    }
    intent.share &= !(change || intent.contrast) || !intent.when.is_empty();
    let [now, before] = intent.periods.as_slice() else { return };
    // `Mondays vs Fridays`: a bar each.
    if let ([a], [b]) = (now.as_slice(), before.as_slice())
        && let (Some(part), true, true) = (a.part.filter(|_| a.part == b.part), a.source == b.source, !intent.contrast)
        && matches!(part, Grain::DayOfWeek | Grain::MonthOfYear)
        && (a.op, b.op, a.values.len(), b.values.len()) == (Op::In, Op::In, 1, 1)
        && intent.groups.len() < 2
    {
        let both = [a.clone(), b.clone()];
        intent.periods.clear();
        intent.add_filters(both.to_vec());
        return intent.add_group(Group { field: None, grain: Some(part) });
    }
    let along = matches!(intent.course, Some(super::query::Course::Moving { .. } | super::query::Course::Running));
    // There is no quarter of any year: those of both go one after the other.
    let year = |g: &Group| g.field.is_some_and(|f| data.fields[f].role == Role::Part(super::fields::Part::Year));
    let years = intent.groups.iter().any(|g| year(g) || matches!(g.grain, Some(Grain::Year | Grain::Quarter)));
    let both = period::either(now, before);
    if (years || along) && !both.is_empty() {
        intent.add_filters(both);
        intent.periods.clear();
        return;
    }
    intent.groups.retain(|g| g.field.is_some() || g.grain.is_some());
    for group in intent.groups.iter_mut().filter(|g| g.grain == Some(Grain::Month)) {
        group.grain = Some(Grain::MonthOfYear);
    }
    if intent.contrast {
        intent.add_filters(both);
    }
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
    // Sorted by names, they are still the largest ones.
    let of_figure = intent.descending.filter(|_| !intent.by_name);
    let descending = descends(&Intent { descending: of_figure, ..intent.clone() }, &stems);
    let ranked = intent.rank.is_some() || intent.top.is_some();
    limit(intent, &axes, kind, &mut query, &mut note);
    for present in axes.iter().filter_map(|a| data.fields[data.index(a.dimension.source.column()?)?].present()) {
        if !query.filters.contains(&present) {
            query.filters.push(present);
        }
    }
    query.having.clone_from(&intent.having);
    let alias = measures.first().map(|m| m.alias.clone()).unwrap_or_default();
    let unordered = axes.first().is_some_and(|a| !a.ordered);
    let by_value = !intent.by_name && (unordered || ranked || intent.descending.is_some());
    if by_value && kind != CardKind::Heatmap && !axes.is_empty() && kind != CardKind::Line && kind != CardKind::Area {
        query.sort.push(Sort { alias, descending });
    }
    let course = matches!(kind, CardKind::Line | CardKind::Area | CardKind::Heatmap);
    let backwards = intent.by_name && intent.descending == Some(true) && !course;
    let named = |(at, a): (usize, &Axis)| Sort { alias: a.dimension.alias.clone(), descending: backwards && at == 0 };
    query.sort.extend(axes.iter().enumerate().map(named));
    if kind == CardKind::Kpi && intent.periods.is_empty() {
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
    let Some(first) = axes.first().filter(|_| intent.first_of_each.is_none()) else { return };
    let series = axes.get(1);
    if let (Some(top), None) = (intent.top.filter(|_| !(intent.by_name && intent.rank.is_some())), series) {
        query.limit = Some(top);
        return;
    }
    if !intent.having.is_empty() {
        query.limit = Some(ROWS_MAX);
        return;
    }
    let cycle = matches!(first.grain, Some(Grain::MonthOfYear | Grain::DayOfWeek | Grain::HourOfDay));
    if intent.rank.is_some() && intent.top.is_none() && series.is_none() && first.distinct > BARS_KEPT && !cycle {
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
        // A map has room for every place.
        None if kind == CardKind::Choropleth => {}
        None if !first.ordered && first.distinct > BARS_MAX && kind != CardKind::Table => {
            // How many of them the conditions leave is not known.
            let most = if query.filters.is_empty() { BARS_KEPT } else { BARS_MAX };
            query.limit = Some(most);
            note.push_str(&format!(
                "{} of {} {} are shown.",
                only_some(most),
                first.distinct,
                text::plural(&first.label)
            ));
        }
        _ if kind == CardKind::Table && first.distinct > ROWS_MAX => query.limit = Some(1_000),
        _ => {}
    }
}

/// Says that a chart had no room for all.
pub fn only_some(shown: u64) -> String {
    format!(" Only {shown}")
}

/// The direction that puts what is asked for first.
pub fn descends(intent: &Intent, stems: &[String]) -> bool {
    let bad = stems.iter().any(|s| is_bad(s));
    if intent.contrast && intent.descending.is_none() && intent.rank.is_none() {
        return true;
    }
    if let Some(descending) = intent.descending {
        return descending;
    }
    match intent.rank {
        Some(Rank::Bottom | Rank::Least) => false,
        Some(Rank::Best) => !bad,
        // Where nothing is told but how many there were, most of them are the worst.
        Some(Rank::Worst) => bad || intent.asks.iter().all(|a| a.field.is_none() && a.agg != Some(Agg::Distinct)),
        _ => true,
    }
}

/// The title with the conditions in parentheses.
pub fn with_conditions(data: &Data<'_>, title: String, filters: &[Predicate]) -> String {
    let conditions = text::conditions(data, filters);
    if conditions.is_empty() { title } else { format!("{title} ({conditions})") }
}
