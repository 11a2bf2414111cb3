//! Segments that belong to one card are joined; each of the rest is a card of its own.

use vizroom_protocol::dashboard::{CardKind, Grain};

use super::fields::Data;
use super::intent::{Group, Intent};
use super::lexicon::Rank;
use super::merging;
use super::query::{Agg, Having, Measure, Predicate};
use super::restating::continued;
use super::segments::{Joint, Segment};

/// Joins segments that belong to one card.
pub fn join(data: &Data<'_>, segments: Vec<Segment>) -> Vec<Intent> {
    let mut out: Vec<Intent> = Vec::new();
    let mut prefix: Vec<Predicate> = Vec::new();
    let mut periods: Vec<Vec<Predicate>> = Vec::new();
    // How many bare figures before the last one belong to its list: `gold, silver and bronze`.
    let mut lists = 0;
    for Segment { joint, intent, starts_with_value, splits, .. } in segments {
        let first = out.len() == 1;
        let Some(previous) = out.last_mut() else {
            if intent.only_filters() {
                prefix.extend(intent.filters);
                periods = intent.periods;
            } else {
                out.push(intent);
            }
            continue;
        };
        if joint == Joint::Card {
            let next = super::parted::alone(previous, intent);
            out.push(next);
            lists = 0;
            continue;
        }
        let same_sentence = joint != Joint::Sentence;
        let Some(intent) = continued(previous, intent, joint, first) else { continue };
        // `lowest and highest salary`, `min, avg and max income per year`: one figure in several ways.
        if same_sentence && let Some(both) = several_ways(data, previous, &intent) {
            out.pop();
            out.extend(both);
            continue;
        }
        // `top 3 and bottom 3 states by profit`: what is said once is meant for both; `a bar chart of, …` for what follows.
        if previous.only_manner() && same_sentence && !intent.only_manner() && !intent.only_filters() {
            let second = in_manner_of(previous, intent);
            out.extend(second);
            continue;
        }
        let same_values = starts_with_value
            && intent.filters.first().is_some_and(|f| previous.filters.iter().any(|p| p.source == f.source));
        if is_part(previous, &intent, splits) || (same_sentence && same_values) {
            previous.absorb(intent);
            continue;
        }
        let intent = if same_sentence { goes_along(previous, intent) } else { Some(intent) };
        let Some(intent) = intent.and_then(|i| taken_in(previous, &prefix, i, same_sentence)) else { continue };
        let Some(mut intent) = merged(data, &mut out, intent, lists, same_sentence) else { continue };
        let Some(previous) = out.last_mut() else { continue };
        if intent.only_groups() {
            groups(&mut out, intent, same_sentence, joint, lists);
            lists = 0;
        } else if same_sentence && previous.only_asks() && !intent.asks.is_empty() && joins(previous, &intent) {
            let agg = previous.asks.last().and_then(|a| a.agg);
            if let Some(first) = intent.asks.first_mut().filter(|a| a.agg.is_none() && a.field.is_some()) {
                first.agg = agg.filter(|a| !matches!(a, Agg::Count | Agg::Distinct));
            }
            previous.absorb(intent);
            gather(&mut out, lists);
            lists = 0;
        } else {
            lists = list(&mut out, intent, same_sentence, lists);
        }
    }
    of_all(out, &prefix, &periods)
}

/// The cards with the conditions that are said before all of them.
fn of_all(mut out: Vec<Intent>, prefix: &[Predicate], periods: &[Vec<Predicate>]) -> Vec<Intent> {
    if out.is_empty() && !(prefix.is_empty() && periods.is_empty()) {
        let mut only = Intent { periods: periods.to_vec(), ..Intent::default() };
        only.add_filters(prefix.to_vec());
        return vec![only];
    }
    for intent in &mut out {
        intent.add_filters(prefix.to_vec());
        if intent.periods.is_empty() {
            intent.periods = periods.to_vec();
        }
    }
    out.into_iter().flat_map(split_lists).collect()
}

/// Nothing but conditions, a manner or a split: `monthly sales, 2016 and 2017 as separate lines`.
fn is_part(previous: &Intent, intent: &Intent, splits: bool) -> bool {
    let split = splits && intent.only_groups() && previous.groups.len() == 1;
    let drawn = !intent.periods.is_empty() && Intent { chart: None, ..intent.clone() }.only_filters();
    split || drawn || intent.only_filters() || intent.only_manner()
}

/// Gives what is said to the manner said before it. What ranks as well, as `bottom 3 states` after `top 3`, is a second.
fn in_manner_of(previous: &mut Intent, intent: Intent) -> Option<Intent> {
    let (rank, top, chart) = (previous.rank, previous.top, previous.chart);
    *previous =
        Intent { rank: rank.or(intent.rank), top: top.or(intent.top), chart: chart.or(intent.chart), ..intent.clone() };
    (rank.is_some() && intent.rank.is_some()).then_some(intent)
}

/// Adds to the last card a figure or a ranking that goes by its groups, and gives back all else.
fn merged(data: &Data<'_>, out: &mut Vec<Intent>, intent: Intent, lists: usize, same_sentence: bool) -> Option<Intent> {
    let Some(previous) = out.last_mut().filter(|_| same_sentence) else { return Some(intent) };
    if let Some(way) = intent.agg.filter(|_| merging::groups_list(previous, &intent)) {
        previous.absorb(Intent { agg: None, ..intent });
        gather(out, lists);
        out.iter_mut().rev().take(1).flat_map(|i| &mut i.asks).for_each(|a| a.agg = Some(way));
    } else if merging::shares_groups(previous, &intent) {
        merging::add_figures(data, previous, intent);
    } else if super::ranking::ranks_groups(previous, &intent) {
        previous.absorb(Intent { groups: Vec::new(), by: false, ..intent });
    } else if super::ranking::ranks_figures(previous, &intent) {
        previous.absorb(intent);
    } else {
        return Some(intent);
    }
    None
}

/// `sales per month, one line per region` splits the course; `spread of prices, a box for each year` the spread; `how did
/// sales and profit develop over the years` goes along one time.
fn goes_along(previous: &mut Intent, next: Intent) -> Option<Intent> {
    if let Some(both) = super::topics::together(previous, &next) {
        *previous = both;
        return None;
    }
    let timed = |i: &Intent| !i.groups.is_empty() && i.groups.iter().all(|g| g.field.is_none());
    let lines = matches!(next.chart, Some(CardKind::Line | CardKind::Area));
    let boxes = next.chart == Some(CardKind::Boxplot) && previous.distribution;
    let figures = |i: &Intent| !i.asks.is_empty() && i.asks.iter().all(|a| a.field.is_some()) && i.rank.is_none();
    let open = previous.groups == [Group { field: None, grain: None }] && !previous.by;
    let step =
        |i: &Intent, grain: Grain| matches!(i.groups.as_slice(), [g] if g.field.is_none() && g.grain == Some(grain));
    let spread = next.only_groups() && boxes && !previous.asks.is_empty();
    let course = open && timed(&next) && figures(previous) && figures(&next) && next.chart.is_none();
    if next.only_groups() && lines && step(previous, Grain::Month) && step(&next, Grain::Year) {
        // `monthly revenue, a line for each year`: the same months of each.
        previous.groups[0].grain = Some(Grain::MonthOfYear);
        previous.absorb(next);
    } else if next.only_groups() && lines && timed(previous) && previous.groups.len() == 1 && !timed(&next) {
        previous.absorb(next);
    } else if spread || course {
        previous.groups.clear();
        previous.absorb(next);
    } else {
        return Some(next);
    }
    None
}

/// What belongs to the card before becomes a part of it; all else is given back.
fn taken_in(previous: &mut Intent, prefix: &[Predicate], mut intent: Intent, same_sentence: bool) -> Option<Intent> {
    // `single people who were denied, how many`
    let counts = intent.asks.iter().all(|a| a.field.is_none() && a.agg == Some(Agg::Count)) && !intent.asks.is_empty();
    let plain = Intent { asks: Vec::new(), rows: false, matched: 0, ..intent.clone() };
    let asked = counts && plain.is_empty() && previous.asks.is_empty() && !previous.filters.is_empty();
    // `table of counties: number of sites, total volume`
    let table = previous.chart == Some(CardKind::Table) && !previous.groups.is_empty() && intent.only_asks();
    // `heatmap of education and region`; `by region, any outliers?`
    let fields = previous.chart == Some(CardKind::Heatmap) && intent.only_groups() && previous.groups.len() == 1;
    let apart = intent.outliers && Intent { outliers: false, matched: 0, ..intent.clone() }.is_empty();
    // `SMB and HML by year, average`
    let way =
        intent.agg.filter(|a| *a != Agg::Distinct && Intent { agg: None, matched: 0, ..intent.clone() }.is_empty());
    let open = |a: &super::intent::Ask| a.agg.is_none() && a.field.is_some() && a.over.is_none();
    let in_way = way.filter(|_| same_sentence && !previous.asks.is_empty() && previous.asks.iter().all(open));
    // `Germany's population, change on the year before`; `difference of high and low, average per year`
    let course = intent.course.filter(|_| previous.course.is_none() && !previous.asks.is_empty());
    let timed = !intent.groups.is_empty() && intent.groups.iter().all(|g| g.field.is_none());
    let agg = intent.agg.filter(|a| *a != Agg::Distinct && timed && previous.asks.iter().all(open));
    let rest = Intent { course: None, agg: None, groups: Vec::new(), by: false, matched: 0, ..intent.clone() };
    let goes_on = (course.is_some() || agg.is_some()) && previous.groups.is_empty() && rest.is_empty();
    if goes_on && same_sentence && previous.rank.is_none() && !previous.asks.is_empty() {
        previous.asks.iter_mut().for_each(|a| a.agg = agg.or(a.agg));
        previous.absorb(Intent { agg: None, ..intent });
    } else if in_way.is_some() {
        previous.asks.iter_mut().for_each(|a| a.agg = in_way);
    } else if asked {
        // `any below zero? count them` asks for one figure.
        previous.chart = previous.chart.filter(|c| *c != CardKind::Table);
        previous.absorb(intent);
    } else if apart || same_sentence && (table || merging::says_figure(previous, &intent)) {
        previous.rank = previous.rank.filter(|_| table || apart || previous.top.is_some());
        previous.absorb(Intent { rows: false, ..intent });
        previous.rows &= table;
    } else if same_sentence && super::tallies::limits_groups(previous, &intent) {
        let rows = || Some(Measure::new(Agg::Count, None, ""));
        previous.having.extend(intent.having.into_iter().map(|h| Having { of: h.of.or_else(rows), ..h }));
    } else if same_sentence && merging::compares(previous, prefix, &intent) {
        let agg = previous.asks.last().and_then(|a| a.agg);
        intent.asks.iter_mut().for_each(|a| a.agg = a.agg.or(agg));
        previous.absorb(intent);
    } else if fields && same_sentence {
        previous.absorb(grouped(intent));
    } else {
        return Some(intent);
    }
    None
}

/// Adds a card of its own, which may go on with a list of figures that has `lists` of them before the last; tells how
/// many it has then.
fn list(out: &mut Vec<Intent>, intent: Intent, same_sentence: bool, lists: usize) -> usize {
    let Some(previous) = out.last() else { return 0 };
    let counts = |a: &super::intent::Ask| a.field.is_none() && a.agg == Some(Agg::Count);
    let figures =
        |i: &Intent| i.only_asks() && i.chart.is_none() && i.asks.iter().all(|a| a.field.is_some() || counts(a));
    let bare = |i: &Intent| figures(i) && i.asks.iter().all(|a| a.agg.is_none());
    // `budget and gross of his films`, `of the banks in total`: whose they are closes the list.
    let whose = Intent { filters: Vec::new(), together: Vec::new(), rows: false, ..intent.clone() };
    let closes = !intent.filters.is_empty() && figures(&whose);
    // `mean squat, mean bench, mean deadlift by sex`
    let ways = |i: &Intent| figures(i) && i.asks.iter().all(|a| a.agg.is_some());
    let goes_on = same_sentence && figures(previous) && (closes || bare(&whose) || ways(previous) && ways(&whose));
    // `average squat, bench and deadlift`: what is said of the first holds for those that follow it barely.
    let agg = previous.asks.last().and_then(|a| a.agg).filter(|_| goes_on);
    let filters = intent.filters.clone();
    let mut next = inherit(previous, intent);
    if let (Some(agg), Some(first)) = (agg, next.asks.first_mut()) {
        first.agg.get_or_insert(agg);
    }
    if goes_on && !filters.is_empty() {
        // `average balance and rating of students`: the condition is for both.
        let from = out.len().saturating_sub(lists + 1);
        out[from..].iter_mut().for_each(|i| i.add_filters(filters.clone()));
    }
    out.push(next);
    if goes_on { lists + 1 } else { 0 }
}

/// A figure computed in the way that `previous` says without naming one, and as `next` has it; grouped, in one card.
fn several_ways(data: &Data<'_>, previous: &Intent, next: &Intent) -> Option<Vec<Intent>> {
    if let Some(both) = merging::shares_of_kinds(data, previous, next) {
        return Some(vec![both]);
    }
    if let Some(ends) = both_ends(previous, next) {
        return Some(vec![ends]);
    }
    // `for every year the minimum and maximum score`: the groups are of both.
    if previous.by && !previous.groups.is_empty() && previous.asks.is_empty() && next.groups.is_empty() {
        let bare = Intent { groups: Vec::new(), by: false, ..previous.clone() };
        return several_ways(data, &bare, &Intent { groups: previous.groups.clone(), by: true, ..next.clone() });
    }
    let ways =
        || Intent { agg: None, rank: None, matched: 0, chart: None, also: Vec::new(), ..previous.clone() }.is_empty();
    if !ways() || previous.top.is_some() {
        return None;
    }
    let extreme = previous.rank.and_then(|rank| match rank {
        Rank::Least => Some(Agg::Min),
        Rank::Most => Some(Agg::Max),
        _ => None,
    });
    let agg = previous.agg.or(extreme).filter(|a| *a != Agg::Distinct)?;
    let named = next.asks.first().filter(|a| a.field.is_some() && a.over.is_none());
    let mut also = previous.also.clone();
    also.push(agg);
    let Some(figure) = named else {
        // Another way without a figure: it comes later.
        let bare = Intent { agg: None, rank: None, matched: 0, ..next.clone() }.is_empty();
        return (bare && (next.agg.is_some() || next.rank.is_some()))
            .then(|| vec![Intent { also, chart: previous.chart, ..next.clone() }]);
    };
    let own = match (figure.agg, next.rank) {
        (None, Some(Rank::Least)) => Some(Agg::Min),
        (None, Some(Rank::Most)) => Some(Agg::Max),
        (own, _) => own,
    };
    // A ranking is another thing; an average and a total of two figures as well.
    if own.is_none() || own == Some(agg) || next.top.is_some() {
        return None;
    }
    let of = |agg: Agg| super::intent::Ask { agg: Some(agg), ..figure.clone() };
    also.extend(own);
    let plain = Intent { rank: None, rows: false, chart: next.chart.or(previous.chart), ..next.clone() };
    if plain.groups.is_empty() && plain.chart != Some(CardKind::Table) {
        return Some(also.into_iter().map(|agg| Intent { asks: vec![of(agg)], ..plain.clone() }).collect());
    }
    let asks = also.into_iter().map(of).chain(next.asks.iter().skip(1).cloned()).collect();
    Some(vec![Intent { asks, ..plain }])
}

/// `youngest and oldest mother by race`: both ends of one figure in each group.
fn both_ends(previous: &Intent, next: &Intent) -> Option<Intent> {
    let bare = Intent { rank: None, asks: Vec::new(), rows: false, matched: 0, ..previous.clone() }.is_empty();
    let end = |i: &Intent| match (i.rank, i.top) {
        (Some(Rank::Least), None) => Some(Agg::Min),
        (Some(Rank::Most), None) => Some(Agg::Max),
        _ => None,
    };
    let (first, second) = (end(previous)?, end(next)?);
    let same = matches!((previous.asks.as_slice(), next.asks.as_slice()), ([a], [b]) if a == b && a.field.is_some());
    let figure = next.asks.first().filter(|_| bare && same && first != second && next.by)?;
    let of = |agg| super::intent::Ask { agg: Some(agg), ..figure.clone() };
    Some(Intent { asks: vec![of(first), of(second)], rank: None, rows: false, ..next.clone() })
}

/// Puts the figures of a list before the one that says how they are grouped.
fn gather(out: &mut Vec<Intent>, count: usize) {
    for _ in 0..count {
        let (Some(last), Some(mut first)) = (out.pop(), out.pop()) else { return };
        first.absorb(last);
        out.push(first);
    }
}

/// Whether a list of figures goes on: `sales and profit by region`, `table of sales, profit`.
fn joins(previous: &Intent, next: &Intent) -> bool {
    if (previous.correlation || next.correlation) && previous.asks.len() == 1 {
        return true;
    }
    let kpis = previous.asks.iter().all(|a| a.agg.is_some()) && previous.chart.is_none() && !previous.compare;
    let groups = !next.groups.is_empty() || previous.chart.is_some() || previous.compare || next.compare;
    let open = !next.rows || next.asks.iter().all(|a| a.agg == Some(Agg::Count));
    groups
        && open
        && next.chart.is_none_or(|c| previous.chart.is_none() && c == CardKind::Table)
        && next.rank.is_none()
        && !next.share
        && !next.distribution
        && !(kpis && next.groups.is_empty())
}

/// A step of time that is named in a list of groups is one of them.
fn grouped(mut intent: Intent) -> Intent {
    if let Some(grain) = intent.noun_grain.take() {
        intent.groups.push(Group { field: None, grain: Some(grain) });
    }
    intent
}

/// Adds groups to the last card and the `lists` figures before it, or as a card of their own.
fn groups(out: &mut Vec<Intent>, intent: Intent, same_sentence: bool, joint: Joint, lists: usize) {
    let Some(previous) = out.last_mut() else { return };
    let intent = grouped(intent);
    let timed = previous.groups.iter().any(|g| g.field.is_none());
    let grain_only = intent.groups.iter().all(|g| g.field.is_none());
    // `over time, monthly`; `running total through 2018, by month`: the step of the course.
    let finer = |g: &Group| g.grain == Some(Grain::Day) && !intent.by && previous.course.is_some();
    let step = |g: &Group| g.field.is_none() && (g.grain.is_none() || finer(g));
    let open = timed && previous.groups.iter().filter(|g| g.field.is_none()).all(step);
    let course = previous.course.is_some() && !timed;
    if grain_only && same_sentence && (open || course) {
        previous.groups.retain(|g| g.field.is_some());
        previous.absorb(intent);
        return;
    }
    // `price over the months, per condition` goes by both; `and by condition` is another card.
    let split = joint == Joint::Comma && intent.by && previous.groups.len() == 1 && intent.groups.len() == 1;
    let bare = !intent.by && previous.by || split && previous.rank.is_none() && previous.top.is_none();
    if previous.groups.is_empty() || intent.colour || (same_sentence && bare) {
        previous.absorb(intent);
        return gather(out, if same_sentence { lists } else { 0 });
    }
    if grain_only && !timed && !intent.by {
        previous.absorb(intent);
        return;
    }
    let next = inherit(previous, intent);
    out.push(next);
}

/// A later part that names no figure means the one named before.
fn inherit(previous: &Intent, mut intent: Intent) -> Intent {
    let silent = intent.asks.is_empty() && !intent.rows && !intent.overview && !intent.distribution;
    if silent && !intent.groups.is_empty() {
        intent.asks = previous.asks.clone();
        intent.rows = previous.rows;
    }
    // `5 biggest countries by area, and the 5 smallest by population`
    let figures = !intent.asks.is_empty() && intent.asks.iter().all(|a| a.field.is_some());
    if figures && intent.rank.is_some() && previous.rank.is_some() && intent.groups.is_empty() {
        intent.groups.clone_from(&previous.groups);
        intent.rows &= previous.rows || intent.groups.is_empty();
    }
    intent
}

/// `by region, category and segment`: three groups are three cards.
fn split_lists(intent: Intent) -> Vec<Intent> {
    let whole = matches!(intent.chart, Some(CardKind::Table)) || intent.groups.len() < 3;
    if whole {
        return vec![intent];
    }
    intent.groups.iter().map(|group| Intent { groups: vec![*group], ..intent.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql, text};

    #[test]
    fn figures_of_a_list_go_by_the_same_groups() {
        let columns = || {
            let figures = ["height", "width", "depth"].map(|n| figure(n, 300, 1, 400));
            figures.into_iter().chain([text("region", 40, 0, &["North", "South"])]).collect::<Vec<_>>()
        };
        let sql = |prompt: &str| sql(prompt, "boxes", columns());
        for prompt in ["average height by region and width", "height and width, mean by region"] {
            let query = sql(prompt);
            assert!(query.contains("AVG(\"height\")") && query.contains("AVG(\"width\")"), "{prompt}: {query}");
        }
        let listed = sql("height, width, depth, per region");
        assert!(listed.contains("\"height\"") && listed.contains("GROUP BY 1"), "{listed}");
        let narrowed = sql("average height by region, only boxes with a width over 50");
        assert!(narrowed.contains("\"width\" > 50") && narrowed.contains("GROUP BY 1"), "{narrowed}");
        let ranked = sql("average height by region, ten biggest regions");
        assert!(ranked.contains("LIMIT 10"), "{ranked}");
    }
}
