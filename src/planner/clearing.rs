//! What a refinement takes back from a card: its split, its conditions, rows without values.

use super::commands::read;
use super::fields::Data;
use super::intent::{Group, Intent};
use super::period;
use super::query::{Op, Predicate};
use super::restoring::is_time;
use super::words::{Token, is};

const NO: &str =
    "no without dont not never stop remove drop undo clear reset delete lose cancel ignore skip hide exclude off omit";

fn has(said: &[Token], list: &str) -> bool {
    said.iter().any(|t| is(Some(t), list))
}

fn kept(said: &[Token], drops: impl Fn(usize) -> bool) -> Vec<Token> {
    said.iter().enumerate().filter(|(i, _)| !drops(*i)).map(|(_, t)| t.clone()).collect()
}

/// Takes back what the sentence says, and answers the rest of it and whether anything was said so.
pub fn cleared(data: &Data<'_>, said: &[Token], base: &mut Intent) -> (Vec<Token>, bool) {
    for clear in [absent, conditions, limit, whole, unsplit] {
        if let Some(rest) = clear(data, said, base) {
            return (rest, true);
        }
    }
    (said.to_vec(), false)
}

/// `exclude nulls`: groups without a value are never shown, and no figure counts them.
fn absent(data: &Data<'_>, said: &[Token], _: &mut Intent) -> Option<Vec<Token>> {
    const NOTHING: &str = "null nulls blank blanks missing empty nan nans nas none";
    let at = (0..said.len()).find(|&i| is(said.get(i), NOTHING))?;
    let value = |f: &super::fields::Field<'_>| {
        f.column.top.iter().filter_map(|v| v.as_str()).any(|v| v.trim().eq_ignore_ascii_case(&said[at].lower))
    };
    let no = has(said, NO) || has(said, "filter leave leaving out excluding");
    if !no || data.fields.iter().any(value) {
        return None;
    }
    let words = "value values row rows entry entries record records data ones filter leave out excluding with";
    Some(kept(said, |i| i == at || is(said.get(i), NO) || is(said.get(i), words)))
}

/// `remove the filter`, `no filters`, `clear the region filter`
fn conditions(data: &Data<'_>, said: &[Token], base: &mut Intent) -> Option<Vec<Token>> {
    const WORDS: &str = "filter filters condition conditions restriction restrictions";
    if !has(said, WORDS) || !has(said, NO) && !has(said, "get rid") {
        return None;
    }
    let rest = kept(said, |i| is(said.get(i), WORDS) || is(said.get(i), NO) || is(said.get(i), "get rid any all"));
    let named = read(data, &rest);
    let fields: Vec<usize> = named
        .groups
        .iter()
        .filter_map(|g| g.field)
        .chain(named.asks.iter().filter_map(|a| a.field))
        .chain(named.filters.iter().filter_map(|p| data.index(p.source.column()?)))
        .collect();
    let timed = named.noun_grain.is_some() || named.groups.iter().any(|g| is_time(data, g));
    let meant = |p: &Predicate| {
        let field = p.source.column().and_then(|c| data.index(c));
        fields.is_empty() && !timed || field.is_some_and(|f| fields.contains(&f)) || timed && period::is_timed(data, p)
    };
    base.filters.retain(|p| !meant(p));
    if fields.is_empty() || timed {
        base.periods.clear();
    }
    if fields.is_empty() && !timed {
        base.having.clear();
    }
    Some(Vec::new())
}

/// `remove the limit`: all groups, or as many rows as there is room for.
fn limit(data: &Data<'_>, said: &[Token], base: &mut Intent) -> Option<Vec<Token>> {
    const WORDS: &str = "limit limits cutoff cap";
    if base.top.is_none() || !has(said, WORDS) || !has(said, NO) || said.iter().any(|t| t.number().is_some()) {
        return None;
    }
    super::commands::unlimited(data, base);
    Some(kept(said, |i| is(said.get(i), WORDS) || is(said.get(i), NO)))
}

/// `all years`, `every country`, `the whole period`: no condition on it any more.
fn whole(data: &Data<'_>, said: &[Token], base: &mut Intent) -> Option<Vec<Token>> {
    const ALL: &str = "all every any whole entire full complete";
    const TIME: &str =
        "year years month months quarter quarters week weeks day days period periods time range dates history timeline";
    let at = (0..said.len()).find(|&i| is(said.get(i), ALL))?;
    let next = (at + 1..said.len()).find(|&i| !is(said.get(i), "of the other available"));
    let timed = |p: &Predicate| period::is_timed(data, p);
    if next.is_some_and(|n| is(said.get(n), TIME)) {
        let n = next?;
        if !base.filters.iter().any(timed) && base.periods.is_empty() {
            return None;
        }
        base.filters.retain(|p| !timed(p));
        base.periods.clear();
        return Some(kept(said, |i| (at..=n).contains(&i)));
    }
    let n = next?;
    let named = read(data, &said[n..=n]);
    let field = named.groups.first().and_then(|g| g.field).or(named.asks.first().and_then(|a| a.field))?;
    let on = |p: &Predicate| {
        matches!(p.op, Op::In | Op::NotIn) && p.source.column().and_then(|c| data.index(c)) == Some(field)
    };
    if !base.filters.iter().any(on) {
        return None;
    }
    base.filters.retain(|p| !on(p));
    base.together.retain(|f| *f != field);
    Some(kept(said, |i| (at..=n).contains(&i)))
}

/// `don't split`, `no breakdown`, `combine them`, `one line`, `just the totals`: one figure for each step or group.
fn unsplit(data: &Data<'_>, said: &[Token], base: &mut Intent) -> Option<Vec<Token>> {
    const SPLIT: &str =
        "split splitting splits breakdown breakdowns break breaking grouping subgroups series subdivision";
    const JOIN: &str =
        "unsplit ungroup ungrouped combine combined merge merged collapse collapsed aggregate aggregated lump";
    if base.groups.len() < 2 {
        return None;
    }
    let split = has(said, SPLIT) && (has(said, NO) || has(said, "get rid"));
    let joined = has(said, JOIN);
    let alone = |i: &usize| is(said.get(*i), "one single") && is(said.get(i + 1), "line bar area series curve");
    let each = has(said, "per by each for");
    let one = (0..said.len()).find(alone).filter(|_| !each);
    let total = has(said, "total totals overall altogether") && (has(said, "only just") || said.len() <= 3) && !each;
    // `total per month only`: of the groups, those that are named.
    let some = each && has(said, "only just");
    if let Some(groups) =
        some.then(|| of_base(data, said, base)).filter(|g| !g.is_empty() && g.len() < base.groups.len())
    {
        let gone = base.groups.iter().filter(|g| !groups.contains(g)).filter_map(|g| g.field);
        base.together.extend(gone);
        base.groups = groups;
        return Some(Vec::new());
    }
    // `the average of all three`
    let all = |i: &usize| is(said.get(*i), "three two four five six all them both everything");
    let of_all = (0..said.len())
        .find(|&i| is(said.get(i), "of") && (i + 1..i + 3).any(|j| all(&j)))
        .filter(|_| has(said, "average mean total sum median"));
    if !(split || joined || one.is_some() || total || of_all.is_some()) {
        return None;
    }
    let words = |i: usize| {
        let t = said.get(i);
        is(t, SPLIT) || is(t, JOIN) || is(t, NO) || is(t, "do get rid it them down up by into together all")
    };
    let totals = |i: usize| total && is(said.get(i), "total totals overall altogether only just");
    let of_one = |i: usize| one.is_some_and(|o| i == o || i == o + 1);
    let rest =
        kept(said, |i| words(i) || totals(i) || of_one(i) || of_all.is_some_and(|o| i > o && i < o + 3 && all(&i)));
    // `don't split by region`: that group, where it is named.
    let named = read(data, &rest);
    let at = base.groups.iter().position(|g| named.groups.contains(g));
    let at = at.unwrap_or_else(|| {
        let split = base.groups.iter().rposition(|g| !is_time(data, g));
        split.filter(|&at| at > 0 || is_time(data, &base.groups[1])).unwrap_or(base.groups.len() - 1)
    });
    let gone = base.groups.remove(at);
    // The values that are left in are one whole then.
    base.together.extend(gone.field);
    let rest = if named.groups.contains(&gone) { Vec::new() } else { rest };
    Some(rest)
}

/// The groups of the card that the words name.
fn of_base(data: &Data<'_>, said: &[Token], base: &Intent) -> Vec<Group> {
    let named = read(data, said);
    let step = |grain: Option<vizroom_protocol::dashboard::Grain>| grain.is_some() && grain == named.noun_grain;
    let same = |n: &Group, g: &Group| {
        n.field == g.field && g.field.is_some() || n.grain == g.grain && is_time(data, n) && is_time(data, g)
    };
    // Something else is named as well: that is no choice of what is there.
    if named.groups.iter().any(|n| !base.groups.iter().any(|g| same(n, g))) {
        return Vec::new();
    }
    let meant = |g: &&Group| named.groups.iter().any(|n| same(n, g)) || step(g.grain);
    base.groups.iter().filter(meant).copied().collect()
}
