//! What the conditions of a refinement mean on the card that they are said of.

use serde_json::Value;
use vizroom_protocol::file::ColumnType;

use super::Goal;
use super::fields::Data;
use super::intent::Intent;
use super::query::{Having, Op, Predicate};
use super::restoring::is_time;
use super::words::Token;

/// What is said, as it is meant of the card.
pub fn meant_here(data: &Data<'_>, goal: &Goal, (said, base): (&[Token], &Intent), patch: &mut Intent) {
    of_what_is_shown(data, goal, patch);
    of_only(said, base, patch);
}

/// `without Toronto` where the card shows towns: a value of several columns is one of what is to be seen.
fn of_what_is_shown(data: &Data<'_>, goal: &Goal, patch: &mut Intent) {
    let shown: Vec<usize> = goal.query.dimensions.iter().filter_map(|d| data.index(d.source.column()?)).collect();
    for filter in patch.filters.iter_mut().filter(|p| matches!(p.op, Op::In | Op::NotIn) && p.part.is_none()) {
        let field = filter.source.column().and_then(|c| data.index(c));
        if field.is_none_or(|f| shown.contains(&f) || data.fields[f].column.kind != ColumnType::Text) {
            continue;
        }
        let there = |f: &usize, value: &Value| {
            let said = value.as_str().unwrap_or_default();
            let same = |v: &&Value| v.as_str().is_some_and(|v| v.trim().eq_ignore_ascii_case(said.trim()));
            data.fields[*f].column.top.iter().find(same).cloned()
        };
        for f in &shown {
            let values: Vec<Value> = filter.values.iter().filter_map(|v| there(f, v)).collect();
            if values.len() == filter.values.len() {
                *filter = Predicate { source: data.fields[*f].source(), values, ..filter.clone() };
                break;
            }
        }
    }
}

/// `more than 20`, `over 1,000 only`: a limit of nothing else than the figure that is shown.
pub fn bare_limit(data: &Data<'_>, said: &[Token], base: &mut Intent) -> bool {
    let is = |i: usize, list: &str| said.get(i).is_some_and(|t| list.split(' ').any(|w| w == t.lower));
    let than = |list: &str| (0..said.len()).any(|i| is(i, list) && is(i + 1, "than"));
    let equal = said.iter().any(|t| t.is('='));
    let no = (0..said.len()).any(|i| is(i, "no not"));
    let op = if than("more greater larger higher bigger") && no
        || (0..said.len()).any(|i| is(i, "at") && is(i + 1, "most"))
    {
        Op::Lte
    } else if than("less fewer lower smaller") && no || (0..said.len()).any(|i| is(i, "at") && is(i + 1, "least")) {
        Op::Gte
    } else if than("more greater larger higher bigger") || (0..said.len()).any(|i| is(i, "over above exceeding >")) {
        if equal { Op::Gte } else { Op::Gt }
    } else if than("less fewer lower smaller") || (0..said.len()).any(|i| is(i, "under below <")) {
        if equal { Op::Lte } else { Op::Lt }
    } else {
        return false;
    };
    let leaves_out = (0..said.len())
        .any(|i| is(i, "exclude without drop remove omit ignore skip") || is(i, "leave") && is(i + 1, "out"));
    let op = match op {
        Op::Gt if leaves_out => Op::Lte,
        Op::Gte if leaves_out => Op::Lt,
        Op::Lt if leaves_out => Op::Gte,
        Op::Lte if leaves_out => Op::Gt,
        op => op,
    };
    const WORDS: &str = "leave out exclude without drop remove omit ignore skip everything anything all values more greater larger higher bigger than no not at least most less fewer lower smaller over above exceeding under below only just those ones with where";
    let small = |t: &Token| {
        WORDS.split(' ').any(|w| w == t.lower)
            || super::lexicon::is_filler(&t.lower)
            || super::vocabulary::is_unit(&t.lower)
            || t.number().is_some()
            || !t.lower.chars().any(char::is_alphanumeric)
    };
    let numbers: Vec<&Token> = said.iter().filter(|t| t.number().is_some()).collect();
    let ([number], true) = (numbers.as_slice(), said.iter().all(small)) else { return false };
    let Some(value) = number.number().map(super::amounts::plain) else { return false };
    let own = base.asks.first().cloned();
    match own.as_ref().and_then(|a| a.field).filter(|_| base.rows || base.distribution && base.groups.is_empty()) {
        Some(field) => {
            let source = data.fields[field].source();
            base.filters.push(Predicate { source, part: None, op, values: vec![value] });
        }
        None if own.is_some() && !base.groups.is_empty() => base.having = vec![Having { op, value, of: None }],
        None => return false,
    }
    true
}

/// `only the category` of what goes by category and region.
pub fn one_group(patch: &mut Intent, base: &mut Intent) -> bool {
    let some = !patch.groups.is_empty() && patch.groups.len() < base.groups.len();
    if some {
        base.groups = std::mem::take(&mut patch.groups);
        base.chart = None;
    }
    some
}

/// `make that 4.5`: another number in the only limit that the card has.
pub fn other_limit(said: &[Token], base: &mut Intent) -> bool {
    const SMALL: &str = "that to limit threshold cutoff minimum maximum bar";
    let small = |t: &Token| {
        super::words::is(Some(t), SMALL)
            || super::lexicon::is_filler(&t.lower)
            || !t.lower.chars().any(char::is_alphanumeric)
    };
    let mut numbers = said.iter().filter(|t| t.number().is_some());
    let (Some(number), None) = (numbers.next().and_then(Token::number), numbers.next()) else { return false };
    let limits = |op: Op| matches!(op, Op::Gt | Op::Gte | Op::Lt | Op::Lte);
    let other = said.iter().all(|t| t.number().is_some() || small(t)) && base.top.is_none();
    let of_rows = base.filters.iter_mut().filter(|p| limits(p.op) && p.part.is_none()).map(|p| &mut p.values[0]);
    let mut all: Vec<&mut Value> = of_rows.chain(base.having.iter_mut().map(|h| &mut h.value)).collect();
    match all.as_mut_slice() {
        [one] if other && one.is_number() => {
            **one = super::amounts::plain(number);
            true
        }
        _ => false,
    }
}

/// `only weekend inspections`, `only metro counties`: the noun says whose the condition is, and asks for nothing else.
fn of_only(said: &[Token], base: &Intent, patch: &mut Intent) {
    let only = said.iter().any(|t| matches!(t.lower.as_str(), "only" | "just"));
    let bare = patch.asks.iter().all(|a| a.agg.is_none() && a.over.is_none());
    if !only || patch.filters.is_empty() || patch.by || !bare {
        return;
    }
    if base.asks.iter().all(|a| a.field.is_none()) && patch.groups.is_empty() {
        patch.asks.clear();
    }
    if patch.asks.is_empty() && !base.groups.is_empty() && patch.groups.iter().all(|g| g.grain.is_none()) {
        patch.groups.clear();
    }
}

/// `only California and Texas` where the card shows categories: rows of both, as `only` says, rather than a comparison; `only those
/// with a loss`: of the groups that stand there.
pub fn left_in(data: &Data<'_>, said: &[Token], base: &Intent, patch: &mut Intent) {
    let has = |list: &str| said.iter().any(|t| list.split(' ').any(|w| w == t.lower));
    let grouped = base.groups.iter().any(|g| !is_time(data, g)) || has("only just");
    if grouped && !patch.compare && has("only just for in where") && !has("compare compared vs versus against split") {
        let several = |p: &&Predicate| p.op == Op::In && p.values.len() > 1 && p.part.is_none();
        let fields = patch.filters.iter().filter(several).filter_map(|p| data.index(p.source.column()?));
        let there = |f: &usize| base.groups.iter().chain(&patch.groups).any(|g| g.field == Some(*f));
        let together: Vec<usize> = fields.filter(|f| !there(f)).collect();
        patch.together.extend(together);
    }
    let own = base.asks.first().and_then(|a| a.field);
    let bars = has("ones those bars") && !base.rows && !base.groups.is_empty() && base.having.is_empty();
    if let Some(field) = own.filter(|_| bars) {
        let limits = |p: &Predicate| {
            let figure = p.source.column().and_then(|c| data.index(c)) == Some(field);
            figure && p.part.is_none() && matches!(p.op, Op::Gt | Op::Gte | Op::Lt | Op::Lte)
        };
        let (of_groups, rest): (Vec<Predicate>, Vec<Predicate>) = patch.filters.drain(..).partition(limits);
        patch.filters = rest;
        let limit = |p: Predicate| Some(Having { op: p.op, value: p.values.into_iter().next()?, of: None });
        patch.having.extend(of_groups.into_iter().filter_map(limit));
    }
}
