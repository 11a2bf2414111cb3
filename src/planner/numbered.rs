//! Numbers that a column has rather than exceeds: `group 2`, `campaigns 8, 13 and 18`, `age is 21`.

use super::amounts::plain;
use super::conditions::{Piece, keyword, limited, number};
use super::fields::{Data, Role};
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::query::{Op, Predicate};
use super::words::Token;

/// `group 2`, `cluster 3`: a number right after a column of numbered things is one of them.
pub fn numbered(data: &Data<'_>, items: &[Item]) -> Option<(Vec<Predicate>, usize)> {
    if let (Some((n, false)), Some(Meaning::Column(columns))) =
        (number(items.first()), items.get(1).map(|i| &i.meaning))
    {
        // `8 cylinder cars`
        let field = &data.fields[*columns.first()?];
        let one = Predicate { source: field.source(), part: None, op: Op::In, values: vec![plain(n)] };
        let listed = field.role == Role::Ordinal && field.column.top.contains(&plain(n));
        return listed.then(|| (vec![one], 2));
    }
    let Meaning::Column(columns) = &items.first()?.meaning else { return None };
    let field = columns.iter().copied().find(|&i| matches!(data.fields[i].role, Role::Ordinal | Role::Id))?;
    let known = &data.fields[field];
    let within = |n: f64| known.min().is_some_and(|min| n >= min) && known.max().is_some_and(|max| n <= max);
    let at = |i: usize| number(items.get(i)).filter(|(n, percent)| !percent && n.fract() == 0.0 && within(*n));
    let (n, _) = at(1).filter(|_| known.is_number())?;
    let mut values = vec![plain(n)];
    let mut used = 2;
    // `campaigns 8, 13 and 18`
    let joint = |i: usize| match items.get(i).map(|i| &i.meaning) {
        Some(Meaning::Mark(',')) => 1 + usize::from(keyword(items.get(i + 1)) == Some(Keyword::And)),
        Some(Meaning::Keyword(Keyword::And)) => 1,
        _ => 0,
    };
    while let Some((n, _)) = Some(joint(used)).filter(|j| *j > 0).and_then(|j| at(used + j)) {
        used += joint(used) + 1;
        values.push(plain(n));
    }
    Some((vec![Predicate { source: known.source(), part: None, op: Op::In, values }], used))
}

/// `age is 21`, `cylinders equal to 4`: a number that a figure is said to be, and nothing else of it.
pub fn equal_to(data: &Data<'_>, tokens: &[Token], items: &[Item]) -> Option<(Piece, usize)> {
    let Meaning::Column(columns) = &items.first()?.meaning else { return None };
    let field = columns.iter().copied().find(|&i| data.fields[i].is_number())?;
    let is =
        |i: usize, list: &str| items.get(i).is_some_and(|item| list.split(' ').any(|w| w == tokens[item.from].lower));
    let says = is(1, "is was equals equal are were");
    let at = 2 + usize::from(is(2, "to exactly equal")) + usize::from(is(3, "to"));
    let (n, percent) = number(items.get(at)).filter(|_| says)?;
    Some((limited(data, field, vec![(Op::In, n, percent)]), at + 1))
}
