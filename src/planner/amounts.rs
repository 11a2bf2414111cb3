//! Amounts of what a row has: `3 bedroom homes`, `with 1 to 6 bedrooms`, `no accidents`.

use serde_json::{Value, json};

use super::conditions::{Piece, Test, keyword, limited, number, tests_of};
use super::fields::{Data, Role};
use super::lexicon::Keyword;
use super::likeness::synonymous;
use super::matching::{Item, Meaning};
use super::query::{Op, Predicate};
use super::words::Token;

/// Most different numbers of a column of which one is named by its number.
const LISTED_MAX: u64 = 50;

/// The condition that begins at `at`, and how many items tell it.
pub fn amount(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<(Piece, usize)> {
    signed(data, tokens, items, at)
        .or_else(|| signed_later(data, tokens, items, at))
        .or_else(|| told(data, tokens, items, at))
        .or_else(|| range(data, tokens, items, at))
        .or_else(|| none(data, tokens, items, at))
        .or_else(|| exact(data, tokens, items, at))
}

/// The measure that an item names.
fn measure(data: &Data<'_>, item: Option<&Item>) -> Option<usize> {
    let Meaning::Column(columns) = &item?.meaning else { return None };
    columns.iter().copied().find(|&i| data.fields[i].is_number() && data.fields[i].is_measure())
}

fn said<'t>(tokens: &'t [Token], items: &[Item], at: usize) -> &'t str {
    items.get(at).map_or("", |i| tokens[i.from].lower.as_str())
}

/// `1 to 6 bedrooms`, `3-5 bedrooms`
fn range(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<(Piece, usize)> {
    let ((low, p), (high, q)) = (number(items.get(at))?, number(items.get(at + 2))?);
    let joint = matches!(said(tokens, items, at + 1), "to" | "-" | "through" | "or");
    let field = measure(data, items.get(at + 3)).filter(|_| joint && low < high)?;
    let tests: Vec<Test> = vec![(Op::Gte, low, p), (Op::Lte, high, q)];
    Some((limited(data, field, tests), 4))
}

/// `no fatal accidents`, `zero goals`, `without any incidents`: none of what adds up.
fn none(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<(Piece, usize)> {
    let without =
        keyword(items.get(at)) == Some(Keyword::Not) && matches!(said(tokens, items, at + 1), "any" | "a" | "single");
    let no = matches!(said(tokens, items, at), "no" | "zero");
    let next = match (no, without) {
        (true, _) => at + 1,
        (_, true) => at + 2,
        _ => return None,
    };
    let used = next + 1 - at;
    if let Meaning::Value(choices) = &items.get(next)?.meaning {
        // `days with no rain`: none of what falls, else none of the kind.
        let word = tokens[items[next].from].lower.as_str();
        let amount = |f: &super::fields::Field<'_>| {
            f.role == Role::Sum && f.min() == Some(0.0) && f.words.iter().any(|w| synonymous(word, w))
        };
        if let Some(field) = data.fields.iter().position(amount) {
            return Some((limited(data, field, vec![(Op::In, 0.0, false)]), used));
        }
        let (field, value) = choices.iter().min_by_key(|(f, _)| data.fields[*f].column.distinct)?;
        let source = data.fields[*field].source();
        let without = Predicate { source, part: None, op: Op::NotIn, values: vec![value.clone()] };
        return Some((Piece::Condition(vec![without]), used));
    }
    // `no returns`, of a flag
    if let Meaning::Column(columns) = &items.get(next)?.meaning
        && let Some(&flag) = columns.first().filter(|&&f| data.fields[f].role == Role::Flag)
    {
        let values = vec![data.fields[flag].truth(false)?];
        let source = data.fields[flag].source();
        return Some((Piece::Condition(vec![Predicate { source, part: None, op: Op::In, values }]), used));
    }
    let field = measure(data, items.get(next))?;
    let zero = data.fields[field].min() == Some(0.0);
    if !zero && data.fields[field].column.nulls > 0 {
        let source = data.fields[field].source();
        let lacking = Predicate { source, part: None, op: Op::IsNull, values: Vec::new() };
        return Some((Piece::Condition(vec![lacking]), used));
    }
    zero.then(|| (limited(data, field, vec![(Op::In, 0.0, false)]), used))
}

/// `a negative balance`
fn signed(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<(Piece, usize)> {
    let op = match said(tokens, items, at) {
        "negative" => Op::Lt,
        "positive" => Op::Gt,
        _ => return None,
    };
    let field = measure(data, items.get(at + 1)).filter(|&f| data.fields[f].min().is_some_and(|m| m < 0.0))?;
    Some((limited(data, field, vec![(op, 0.0, false)]), 2))
}

/// `where profit is negative`
fn signed_later(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<(Piece, usize)> {
    let field = measure(data, items.get(at)).filter(|&f| data.fields[f].min().is_some_and(|m| m < 0.0))?;
    let verb = matches!(said(tokens, items, at + 1), "is" | "was" | "are" | "were" | "turned" | "went" | "stays");
    let op = match said(tokens, items, at + 2) {
        "negative" => Op::Lt,
        "positive" => Op::Gt,
        _ => return None,
    };
    verb.then(|| (limited(data, field, vec![(op, 0.0, false)]), 3))
}

/// `mlda is 21`, `with a balance of 0`: a figure and what it is.
fn told(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<(Piece, usize)> {
    let field = measure(data, items.get(at))?;
    let joint = said(tokens, items, at + 1);
    let has =
        |i: usize| matches!(said(tokens, items, i), "with" | "have" | "has" | "had" | "having" | "where" | "whose");
    let of = joint == "of" && (at.saturating_sub(2)..at).any(has);
    let (n, percent) = number(items.get(at + 2))?;
    let more = matches!(items.get(at + 3).map(|i| &i.meaning), Some(Meaning::Number { .. }))
        || matches!(said(tokens, items, at + 3), "to" | "or");
    let is = matches!(joint, "is" | "was" | "were" | "are" | "equals" | "=") && at > 0;
    (of || is).then_some(())?;
    (!percent && !more).then(|| (Piece::Condition(tests_of(data, field, &[(Op::In, plain(n))])), 3))
}

/// `3 bedroom homes`, `homes with 3 bedrooms`; `top 3 bedrooms` is another thing.
fn exact(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<(Piece, usize)> {
    let (n, percent) = number(items.get(at))?;
    let gap = usize::from(said(tokens, items, at + 1) == "-");
    let item = items.get(at + 1 + gap)?;
    let field = measure(data, Some(item))?;
    let known = &data.fields[field];
    let listed = known.column.distinct <= LISTED_MAX && known.column.top.iter().any(|v| v.as_f64() == Some(n));
    let adjective = !tokens[item.to - 1].lower.ends_with('s')
        && matches!(items.get(at + 2 + gap).map(|i| &i.meaning), Some(Meaning::Rows | Meaning::Unknown(_)));
    let before = at.checked_sub(1).map_or("", |i| said(tokens, items, i));
    let has = matches!(before, "with" | "have" | "has" | "having" | "had" | "exactly");
    let ok = listed && !percent && n.fract() == 0.0 && (adjective || has);
    ok.then(|| (Piece::Condition(tests_of(data, field, &[(Op::In, plain(n))])), 2 + gap))
}

/// 30% is 0.3 in a column of parts of one.
pub fn share_of_one(data: &Data<'_>, field: usize, n: f64, percent: bool) -> Value {
    let parts = data.fields[field].max().is_some_and(|m| m <= 1.0);
    plain(if percent && parts { n / 100.0 } else { n })
}

/// A whole number without its decimal point.
pub fn plain(n: f64) -> Value {
    if n.fract() == 0.0 && n.abs() < 9e15 { json!(n as i64) } else { json!(n) }
}
