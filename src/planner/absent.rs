//! Rows that have no value in a column: `no vote recorded`, `missing ages`, `the cause is unknown`.

use vizroom_protocol::file::ColumnType;

use super::conditions::{Piece, keyword};
use super::fields::{Data, Field};
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::query::{Op, Predicate};
use super::words::{Token, is};

/// Whether a word only says that a value of the column beside it is there or not, which [`lacking`] reads.
pub fn tells(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> bool {
    let word = Some(&tokens[items[at].from]);
    let beside = |i: Option<usize>| match i.and_then(|i| items.get(i)).map(|i| &i.meaning) {
        Some(Meaning::Column(c)) => c.iter().any(|&c| data.fields[c].column.nulls > 0),
        _ => false,
    };
    let before = at.checked_sub(1);
    let be = before.filter(|&i| is(tokens.get(items[i].from), "is are was were not")).and_then(|i| i.checked_sub(1));
    (is(word, RECORDED) || is(word, LACKING)) && (beside(Some(at + 1)) || beside(before) || beside(be))
}

const RECORDED: &str =
    "recorded known given listed entered registered specified available reported stated noted filled";
const LACKING: &str = "missing unknown unrecorded unspecified unreported blank empty null absent";

/// `pets that don't have a name`: without one.
pub fn rewritten(mut said: Vec<Token>) -> Vec<Token> {
    let word = |s: &[Token], i: usize, list: &str| is(s.get(i), list);
    let not = |s: &[Token], i: usize| match () {
        () if word(s, i, "dont doesnt didnt") => Some(i + 1),
        () if word(s, i, "do does did") && word(s, i + 1, "not") => Some(i + 2),
        () => None,
    };
    let lacks = |s: &[Token], i: usize| not(s, i).filter(|&h| word(s, h, "have") && word(s, h + 1, "a an any"));
    let Some((at, have)) = (1..said.len()).find_map(|i| Some((i, lacks(&said, i)?))) else { return said };
    let from = at - usize::from(word(&said, at - 1, "that who which"));
    said.splice(from..=have, super::words::tokens("without"));
    said
}

/// The condition that begins at `at`, and how many items tell it.
pub fn lacking(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<(Piece, usize)> {
    let said = |i: usize, list: &str| items.get(i).is_some_and(|i| is(tokens.get(i.from), list));
    let column = |i: usize| match &items.get(i)?.meaning {
        Meaning::Column(c) => c.iter().copied().find(|&c| data.fields[c].column.nulls > 0),
        _ => None,
    };
    let none = |field: usize, op: Op, used: usize| {
        let source = data.fields[field].source();
        Some((Piece::Condition(vec![Predicate { source, part: None, op, values: Vec::new() }]), used))
    };
    let by = at.checked_sub(1).is_some_and(|i| keyword(items.get(i)) == Some(Keyword::By));
    if let Some(field) = column(at).filter(|_| !by)
        && (is_mark(&data.fields[field])
            || said(at.wrapping_sub(2), "in of") && said(at.wrapping_sub(1), "the") && is_since(data, field))
    {
        return none(field, Op::NotNull, 1);
    }
    if said(at, LACKING)
        && let Some(field) = column(at + 1)
    {
        return none(field, Op::IsNull, 2);
    }
    if said(at, "known")
        && let Some(field) = column(at + 1)
    {
        return none(field, Op::NotNull, 2);
    }
    let without = said(at, "no") || keyword(items.get(at)) == Some(Keyword::Not);
    let article = 1 + usize::from(said(at + 1, "a an any"));
    // `without a known salary`
    let known = said(at + article, RECORDED);
    let gap = article + usize::from(known);
    if without && let Some((field, value)) = named_lack(data, tokens, items, at + article) {
        let predicate = Predicate { source: data.fields[field].source(), part: None, op: Op::In, values: vec![value] };
        return Some((Piece::Condition(vec![predicate]), article + 1));
    }
    if without && let Some(field) = column(at + gap) {
        let behind = said(at + gap + 1, RECORDED);
        let recorded = known || behind;
        // `without sex` may only leave out the column.
        let flag = data.fields[field].role == super::fields::Role::Flag;
        let text = !data.fields[field].is_number() && !flag && (said(at, "no") || gap > 1);
        return (recorded || text).then(|| none(field, Op::IsNull, gap + 1 + usize::from(behind)))?;
    }
    let field = column(at)?;
    if at > 0 && said(at - 1, "no") {
        return None;
    }
    let be = usize::from(said(at + 1, "is are was were"));
    if said(at + 1 + be, LACKING) {
        return none(field, Op::IsNull, 2 + be);
    }
    let not = keyword(items.get(at + 1 + be)) == Some(Keyword::Not);
    // `is not` is one word of the language.
    let not = not || keyword(items.get(at + 1)) == Some(Keyword::Not);
    let next = if keyword(items.get(at + 1)) == Some(Keyword::Not) { at + 2 } else { at + 2 + be };
    (not && said(next, RECORDED)).then(|| none(field, Op::IsNull, next + 1 - at))?
}

/// `without a garage`, of garages of a kind that is called `No_Garage`.
fn named_lack(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<(usize, serde_json::Value)> {
    let item = items.get(at).filter(|i| i.to == i.from + 1)?;
    let said = &tokens[item.from].stem;
    let is_it = |v: &&serde_json::Value| {
        let words = super::words::name_words(v.as_str().unwrap_or_default());
        matches!(words.as_slice(), [no, what] if no == "no" && super::words::stem(what) == *said)
    };
    let kinds = |f: &&super::fields::Field<'_>| f.role == super::fields::Role::Category;
    let fields = data.fields.iter().enumerate().filter(|(_, f)| kinds(f));
    let mut found = fields.filter_map(|(i, f)| Some((i, f.column.top.iter().find(is_it)?.clone())));
    found.next()
}

/// `EU` that is either `EU` or nothing: a mark of those that are in it.
fn is_mark(field: &Field<'_>) -> bool {
    field.column.kind == ColumnType::Text && field.column.distinct == 1 && field.column.nulls > 0
}

/// `OECD` with the years since which a few are in it.
fn is_since(data: &Data<'_>, field: usize) -> bool {
    let field = &data.fields[field];
    let years = field.min().is_some_and(|m| m >= 1_000.0) && field.max().is_some_and(|m| m <= 2_200.0);
    let few = field.column.nulls * 2 > data.dataset.rows || field.joined;
    years && few && field.column.kind == ColumnType::Integer && !field.words.iter().any(|w| w.lower == "year")
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql, text};

    #[test]
    fn a_mark_of_some_rows_is_a_condition() {
        let columns = || {
            vec![text("land", 90, 0, &["Peru"]), text("Union", 1, 1_800, &["Union"]), figure("people", 900, 1, 9_000)]
        };
        let sql = sql("total people of Union lands", "lands", columns());
        assert!(sql.contains("\"Union\" IS NOT NULL") && !sql.contains("GROUP BY"), "{sql}");
    }

    #[test]
    fn what_is_not_recorded_has_no_value() {
        let columns =
            || vec![text("vote", 4, 168, &["Y", "N"]), text("region", 5, 0, &["North"]), figure("age", 60, 18, 70)];
        for prompt in [
            "how many have no vote recorded?",
            "voters whose vote is unknown by region",
            "people with a missing vote by region",
        ] {
            let sql = sql(prompt, "poll", columns());
            assert!(sql.contains("\"vote\" IS NULL"), "{prompt}: {sql}");
        }
    }
}
