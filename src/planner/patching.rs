//! Puts what a sentence says into what a card asked for.

use vizroom_protocol::dashboard::Grain;

use super::fields::{Data, Role};
use super::intent::{Ask, Group, Intent};
use super::lexicon::Rank;
use super::period;
use super::query::{Agg, Op, Predicate};
use super::restoring::{is_time, same_step};

/// How the words of a sentence are meant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Manner {
    /// `instead`: groups and figures are replaced.
    pub instead: bool,
    /// `split by`, `break it down`: groups are added.
    pub split: bool,
    /// `add`, `also`, `compare with`: what is named joins what is there.
    pub also: bool,
    /// What stands after `instead of`.
    pub replaced: Option<Intent>,
}

/// The card's intent with the patch in it.
pub fn apply(data: &Data<'_>, base: &Intent, patch: &Intent, manner: &Manner) -> Intent {
    let mut out = base.clone();
    let patch = &ranked_by(data, base, patch.clone());
    let patch = &other_rate(&mut out, patch.clone());
    let patch = &of_groups(data, base, patch.clone(), manner);
    let patch = &in_their_place(&mut out, patch.clone(), manner);
    let patch = &taken_out(&mut out, patch.clone());
    let patch = &in_place_of_group(data, base, patch.clone(), manner);
    without(data, &mut out, &patch.dropped);
    // `balance vs income` of bars: how the two go together.
    let course = base.groups.iter().any(|g| is_time(data, g));
    if patch.correlation
        && patch.asks.len() > 1
        && patch.groups.is_empty()
        && !(manner.also || manner.instead || course)
    {
        out.groups.clear();
        out.chart = None;
    }
    // `a histogram of the prices instead`: of that figure, over all rows.
    let histogram = patch.chart == Some(vizroom_protocol::dashboard::CardKind::Histogram);
    let spread = histogram && !patch.asks.is_empty() && patch.groups.is_empty();
    if spread {
        out.groups.clear();
        (out.top, out.rank, out.descending) = (None, None, None);
    }
    let new_question = !patch.asks.is_empty() && (!patch.groups.is_empty() || patch.noun_grain.is_some());
    figures(data, &mut out, patch, manner);
    if new_question && !manner.also {
        out.groups.clone_from(&patch.groups);
        out.chart = None;
        out.top = None;
        out.distribution = false;
        out.rows = false;
        out.rank = None;
    } else {
        groups(data, &mut out, patch, manner);
    }
    conditions(data, &mut out, patch, manner);
    out.together.extend(patch.together.iter().filter(|f| !out.groups.iter().any(|g| g.field == Some(**f))));
    along(data, &mut out, patch);
    order(&mut out, patch);
    if let Some(kind) = patch.chart {
        redraw(data, &mut out, kind);
    } else if patch.stacked {
        out.chart = Some(vizroom_protocol::dashboard::CardKind::Bar);
    }
    out.share |= patch.share;
    out.rate |= patch.rate;
    patch.when.iter().for_each(|p| out.add_when(p.clone()));
    if patch.distribution {
        out.distribution = true;
        out.chart = None;
    }
    if patch.correlation || patch.colour {
        out.correlation |= patch.correlation;
        out.colour |= patch.colour;
    }
    if spread {
        out.asks.clone_from(&patch.asks);
    }
    if patch.kpi {
        out.groups.clear();
        out.chart = None;
        out.top = None;
    }
    period::along(data, &mut out);
    super::limiting::groupless(data, out)
}

/// `without India` of three countries leaves the other two.
fn taken_out(out: &mut Intent, mut patch: Intent) -> Intent {
    patch.filters.retain(|p| {
        let listed = |old: &&mut Predicate| {
            let same = old.op == Op::In && p.op == Op::NotIn && old.source == p.source && old.part == p.part;
            let leaves = old.values.iter().any(|v| !p.values.contains(v));
            same && leaves && p.values.iter().all(|v| old.values.contains(v))
        };
        match out.filters.iter_mut().find(listed) {
            Some(old) => {
                old.values.retain(|v| !p.values.contains(v));
                false
            }
            None => true,
        }
    });
    patch
}

/// `Kenya instead of China` of several countries: one takes the place of the other.
fn in_their_place(out: &mut Intent, mut patch: Intent, manner: &Manner) -> Intent {
    for gone in manner.replaced.iter().flat_map(|r| &r.filters).filter(|p| p.op == Op::In) {
        let list = |p: &&mut Predicate| p.op == Op::In && p.source == gone.source && p.part == gone.part;
        let Some(old) = out.filters.iter_mut().find(list) else { continue };
        let Some(at) = patch.filters.iter().position(|p| p.op == Op::In && p.source == gone.source) else { continue };
        let stays = old.values.iter().any(|v| !gone.values.contains(v));
        if !stays || !gone.values.iter().all(|v| old.values.contains(v)) {
            continue;
        }
        let new = patch.filters.remove(at);
        let place = old.values.iter().position(|v| gone.values.contains(v)).unwrap_or(0);
        old.values.retain(|v| !gone.values.contains(v) && !new.values.contains(v));
        let place = place.min(old.values.len());
        old.values.splice(place..place, new.values);
    }
    patch
}

/// `only carriers with more than 1,000 flights` leaves the figure, and shows fewer carriers.
fn of_groups(data: &Data<'_>, base: &Intent, mut patch: Intent, manner: &Manner) -> Intent {
    let there = |g: &Group| base.groups.iter().any(|b| b.field == g.field && g.field.is_some());
    let [ask] = patch.asks.as_slice() else { return patch };
    let other = !base.asks.is_empty() && base.asks.first().is_some_and(|b| b.field != ask.field || b.field.is_none());
    if patch.having.is_empty() || manner.instead || !other || !patch.groups.iter().all(there) || base.groups.is_empty()
    {
        return patch;
    }
    let counted = base.asks.first().is_some_and(|b| b.field.is_none() && ask.field.is_none());
    if !counted {
        let Some(of) = super::measures::single(data, ask) else { return patch };
        patch.having.iter_mut().for_each(|h| h.of = Some(of.clone()));
    }
    patch.asks.clear();
    patch.groups.clear();
    patch
}

/// `screen instead of ram` where ram is a group: so is screen.
fn in_place_of_group(data: &Data<'_>, base: &Intent, mut patch: Intent, manner: &Manner) -> Intent {
    let Some(replaced) = &manner.replaced else { return patch };
    let named = |f: Option<usize>| f.is_some() && base.groups.iter().any(|g| g.field == f);
    let of_group = replaced.groups.iter().any(|g| named(g.field)) || replaced.asks.iter().any(|a| named(a.field));
    let groups = |a: &Ask| a.agg.is_none() && a.field.is_some_and(|f| data.fields[f].is_dimension());
    if of_group && patch.groups.is_empty() && patch.asks.len() == 1 && patch.asks.iter().all(groups) {
        let field = patch.asks.pop().and_then(|a| a.field);
        patch.groups.push(Group { field, grain: None });
    }
    patch
}

/// `what about the conversion rate?` of another rate: it takes its place.
fn other_rate(out: &mut Intent, mut patch: Intent) -> Intent {
    if patch.rate && out.rate && patch.when.is_empty() && !patch.filters.is_empty() {
        out.when = std::mem::take(&mut patch.filters);
    }
    patch
}

/// `and by amount?` of a ranking: what it is ranked by, not a group.
fn ranked_by(data: &Data<'_>, base: &Intent, mut patch: Intent) -> Intent {
    let figure = |g: &Group| g.field.is_some_and(|f| matches!(data.fields[f].role, Role::Sum | Role::Mean));
    let sum = |g: &Group| g.field.is_some_and(|f| data.fields[f].role == Role::Sum);
    let ranked =
        base.top.is_some() || base.rank.is_some() || (base.descending.is_some() && patch.groups.iter().all(sum));
    if ranked && patch.asks.is_empty() && patch.groups.len() == 1 && patch.groups.iter().all(figure) {
        let field = patch.groups.pop().and_then(|g| g.field);
        patch.asks.push(Ask { agg: patch.agg.take(), field, over: None });
    }
    patch
}

/// How a figure is computed that joins others, or takes their place, where nobody says: as theirs are, where that was said
/// or both are of a kind.
fn like_others(data: &Data<'_>, out: &Intent, ask: &mut Ask) {
    let [first, ..] = out.asks.as_slice() else { return };
    let (Some(field), Some(known)) = (ask.field.map(|f| &data.fields[f]), first.field.map(|f| &data.fields[f])) else {
        return;
    };
    let usual = if known.role == Role::Sum { Agg::Sum } else { Agg::Avg };
    let spoken = first.agg.is_some_and(|agg| agg != usual);
    let figures = matches!(field.role, Role::Sum | Role::Mean) && first.over.is_none();
    let usable = matches!(first.agg, Some(Agg::Sum | Agg::Avg | Agg::Median | Agg::Min | Agg::Max | Agg::Deviation));
    // Prices and rates do not add up, whatever stands beside them.
    let adds = first.agg != Some(Agg::Sum) || !super::roles::is_averaged(&field.words);
    if ask.agg.is_none() && ask.over.is_none() && figures && usable && spoken && adds {
        ask.agg = first.agg;
    }
}

fn figures(data: &Data<'_>, out: &mut Intent, patch: &Intent, manner: &Manner) {
    let mut patch = patch.clone();
    patch.asks.iter_mut().for_each(|ask| like_others(data, out, ask));
    let patch = &patch;
    if !patch.asks.is_empty() {
        let replaced = manner.replaced.as_ref().map(|r| &r.asks);
        let at = replaced.and_then(|r| out.asks.iter().position(|a| r.iter().any(|x| x.field == a.field)));
        match at {
            Some(at) if out.asks.len() > 1 => {
                out.asks.splice(at..=at, patch.asks.iter().cloned());
            }
            _ if manner.also => patch.asks.iter().for_each(|ask| out.add_ask(ask.clone())),
            _ => out.asks.clone_from(&patch.asks),
        }
        out.share &= patch.share;
        out.descending = None;
        if patch.groups.is_empty() && out.rank == Some(Rank::Most) {
            out.rank = Some(Rank::Top);
        }
    }
    // `add the median`
    if let Some(agg) = patch.agg.filter(|_| manner.also && patch.asks.is_empty()) {
        let more: Vec<Ask> =
            out.asks.iter().filter(|a| a.field.is_some()).map(|a| Ask { agg: Some(agg), ..a.clone() }).collect();
        more.into_iter().for_each(|ask| out.add_ask(ask));
    } else if let Some(agg) = patch.agg {
        for ask in out.asks.iter_mut().filter(|a| a.field.is_some()) {
            ask.agg = Some(agg);
        }
    }
}

fn groups(data: &Data<'_>, out: &mut Intent, patch: &Intent, manner: &Manner) {
    let mut wanted = patch.groups.clone();
    if let Some(grain) = patch.noun_grain {
        wanted.push(Group { field: None, grain: Some(grain) });
    }
    // `by category within each region`: these two, whatever was there.
    let kinds = wanted.len() == 2 && wanted.iter().all(|g| g.field.is_some() && !is_time(data, g));
    if kinds && out.groups.len() == 1 && wanted.iter().any(|g| out.groups.contains(g)) {
        out.groups = wanted;
        out.rows = false;
        return;
    }
    for group in wanted {
        let days = group.grain == Some(Grain::DayOfWeek);
        let regrouped = days && out.weekends != patch.weekends;
        if days {
            out.weekends = patch.weekends;
        }
        // Days of the week in a column of their own are a step of time, too, unless they split what is there.
        let weekdays = group.field.is_some() && group.field == data.named_step(Grain::DayOfWeek);
        let time = is_time(data, &group) || weekdays && !manner.split && !patch.colour;
        let replaced = manner.replaced.iter().flat_map(|r| &r.groups);
        let named = replaced
            .filter_map(|r| out.groups.iter().position(|g| g == r || (is_time(data, g) && same_step(g.grain, r.grain))))
            .next();
        let alike = out.groups.iter().rposition(|g| is_time(data, g) == time);
        let adds = (manner.split || patch.colour) && !manner.instead && out.groups.len() < 2;
        let at = match (named, alike) {
            (Some(at), _) => Some(at),
            (None, _) if adds && !time => None,
            (None, Some(at)) => Some(at),
            (None, None) if manner.instead => out.groups.len().checked_sub(1),
            (None, None) if out.groups.len() >= 2 => Some(out.groups.len() - 1),
            (None, None) => None,
        };
        out.decades = if time { patch.decades } else { out.decades };
        if out.groups.contains(&group) {
            continue;
        }
        let timeless = !out.groups.iter().any(|g| is_time(data, g));
        match at {
            Some(at) => out.groups[at] = group,
            None => out.groups.push(group),
        }
        out.rows = false;
        if time && timeless {
            one_year_no_more(out, patch, group);
            // What goes along time now is no ranking, unless it was cut to some.
            out.descending = out.descending.filter(|_| out.top.is_some());
        }
        use vizroom_protocol::dashboard::CardKind::{Area, Bar, Donut, Histogram, Kpi, Line, Pie};
        let course = out.groups.iter().any(|g| is_time(data, g));
        let unfit = match out.chart {
            Some(Kpi | Histogram) => true,
            // What goes along time now is drawn as that suggests.
            Some(Bar) => time && timeless,
            Some(Line | Area) if regrouped && out.weekends => true,
            Some(Pie | Donut) => out.groups.len() > 1 || course,
            Some(Line | Area) => !course,
            _ => false,
        };
        if unfit {
            out.chart = None;
        }
    }
}

/// `over time` of what is shown for one year: that year alone has no course.
fn one_year_no_more(out: &mut Intent, patch: &Intent, group: Group) {
    let by_year = matches!(group.grain, None | Some(Grain::Year)) && patch.filters.is_empty();
    let years = |p: &Predicate| {
        p.op == Op::In
            && matches!(p.values.as_slice(), [one] if one.as_i64().is_some_and(|y| (1000..=2200).contains(&y)))
            && p.part.is_none_or(|part| part == Grain::Year)
    };
    out.filters.retain(|p| !(by_year && years(p)));
}

/// `without sex`: neither a group nor a figure of the card any more, as long as one figure is left.
fn without(data: &Data<'_>, out: &mut Intent, dropped: &[usize]) {
    out.groups.retain(|g| !g.field.is_some_and(|f| dropped.contains(&f)));
    let stays = |a: &super::intent::Ask| !a.field.is_some_and(|f| dropped.contains(&f));
    if out.asks.iter().any(stays) {
        out.asks.retain(stays);
    }
    let column = |p: &Predicate| p.source.column().and_then(|c| data.index(c));
    out.filters.retain(|p| !column(p).is_some_and(|f| dropped.contains(&f)));
}

/// New conditions take the place of those on the same thing, and one period that of another; exclusions add up.
fn conditions(data: &Data<'_>, out: &mut Intent, patch: &Intent, manner: &Manner) {
    let timed = |p: &Predicate| period::is_timed(data, p);
    if manner.also && patch.periods.is_empty() && patch.filters.iter().all(timed) && !patch.filters.is_empty() {
        let (now, rest): (Vec<Predicate>, Vec<Predicate>) = out.filters.iter().cloned().partition(timed);
        if !now.is_empty() && now != patch.filters && out.periods.is_empty() {
            let later = super::comparing::is_later(&now, &patch.filters);
            out.periods = if later { vec![now, patch.filters.clone()] } else { vec![patch.filters.clone(), now] };
            out.filters = rest;
            return;
        }
    }
    let additive = |p: &Predicate| p.op == Op::NotIn || (manner.also && p.op == Op::In && !timed(p));
    let replaced: Vec<&Predicate> = patch.filters.iter().filter(|p| !additive(p)).collect();
    let newer = replaced.iter().any(|p| timed(p));
    let on = |old: &Predicate| -> Vec<&Predicate> {
        replaced.iter().copied().filter(|new| new.source == old.source && new.part == old.part).collect()
    };
    out.filters.retain(|old| on(old).iter().all(|new| old.leaves_open(new)));
    if newer || !patch.periods.is_empty() {
        out.periods.clear();
        out.contrast = false;
    }
    // What was kept in is no longer left out, and the other way round.
    for new in &patch.filters {
        let opposite = if new.op == Op::In { Op::NotIn } else { Op::In };
        for old in out.filters.iter_mut().filter(|p| p.source == new.source && p.part == new.part && p.op == opposite) {
            old.values.retain(|v| !new.values.contains(v));
        }
    }
    out.filters.retain(|p| !(matches!(p.op, Op::In | Op::NotIn) && p.values.is_empty()));
    out.add_filters(patch.filters.clone());
    if !patch.periods.is_empty() {
        out.filters.retain(|p| !timed(p));
        out.periods.clone_from(&patch.periods);
    }
    if !patch.having.is_empty() {
        out.having.clone_from(&patch.having);
    }
}

/// What is made of the figures along time, in place of what was.
fn along(data: &Data<'_>, out: &mut Intent, patch: &Intent) {
    if patch.course.is_some() {
        out.course = patch.course;
        out.distribution = false;
        out.top = None;
        out.rank = None;
        out.descending = None;
        if !out.groups.iter().any(|g| is_time(data, g)) {
            out.chart = None;
        }
    }
    if patch.outliers {
        out.outliers = true;
        out.chart = None;
    }
}

fn order(out: &mut Intent, patch: &Intent) {
    out.by_name |= patch.by_name;
    if patch.descending.is_some() || patch.rank.is_some() {
        out.by_name = false;
    }
    if let Some(top) = patch.top {
        out.top = Some(top);
    }
    if let Some(rank) = patch.rank {
        out.descending = None;
        out.rank = Some(rank);
        out.top = patch.top.or(out.top).or(Some(10));
    }
    if patch.descending.is_some() {
        out.descending = patch.descending;
        out.rank = out.rank.filter(|_| out.rows);
    }
}

/// Another kind: what only the old kind needed goes.
fn redraw(data: &Data<'_>, out: &mut Intent, kind: vizroom_protocol::dashboard::CardKind) {
    use vizroom_protocol::dashboard::CardKind::{Area, Boxplot, Histogram, Line, Scatter};
    out.distribution = matches!(kind, Histogram | Boxplot);
    if out.chart == Some(Scatter) && kind != Scatter {
        out.correlation = false;
        out.colour = false;
    }
    let course = out.groups.first().is_some_and(|g| is_time(data, g));
    if matches!(kind, Line | Area) && course {
        out.descending = None;
        out.rank = None;
    }
    out.chart = Some(kind);
}
