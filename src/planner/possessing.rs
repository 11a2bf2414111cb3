//! What rows have or have not, where a figure counts it or a column says yes and no: `bookings with children`, `customers
//! who left`, `needed a parking space`.

use super::conditions::{Piece, keyword, limited, number};
use super::fields::{Data, Field, Role};
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::query::{Op, Predicate};
use super::words::{Token, is};

const HAVE: &str = "with have has had having got";
/// What is done to what one has then.
const GET: &str = "need needs needed want wants wanted make makes made use uses used take takes took get gets request \
    requested book booked require requires required involve involves involved receive received include includes included \
    cause caused causing";
const ARTICLE: &str = "a an any some at single";

/// The condition that begins at `at`, and how many items tell it.
pub fn condition(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<(Piece, usize)> {
    several(data, tokens, items, at)
        .or_else(|| none_of_kind(data, tokens, items, at))
        .or_else(|| answered(data, tokens, items, at))
        .or_else(|| counted(data, tokens, items, at))
        .or_else(|| gone(data, tokens, items, at))
}

/// `without a partner or dependents`, `no pool and no garage`: none of several; `with a pool and a garage`: all of them.
fn several(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<(Piece, usize)> {
    let said = |i: usize, list: &str| items.get(i).is_some_and(|i| is(tokens.get(i.from), list));
    let without = said(at, "without no");
    let having = || said(at, HAVE) && rows_before(data, tokens, items, at);
    if !(without || having()) {
        return None;
    }
    let one = |i: usize| match &items.get(i)?.meaning {
        Meaning::Column(c) => c.iter().find_map(|&f| has(&data.fields[f], !without)),
        _ => None,
    };
    let past = |i: usize| i + usize::from(said(i, ARTICLE));
    let first = past(at + 1);
    let mut found = vec![one(first)?];
    let mut end = first + 1;
    while said(end, "or nor and") {
        let no = end + 1 + usize::from(without && said(end + 1, "no without"));
        let goes_on = said(end, "or nor") && without || no > end + 1 || !without && said(end, "and");
        let Some(next) = one(past(no)).filter(|_| goes_on) else { break };
        found.push(next);
        end = past(no) + 1;
    }
    (found.len() > 1).then_some((Piece::Condition(found), end - at))
}

/// `without a meal`, of meals of which one kind is `no_meal_package`; `without verified income` of `Not verified`.
fn none_of_kind(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<(Piece, usize)> {
    let said = |i: usize, list: &str| items.get(i).is_some_and(|i| is(tokens.get(i.from), list));
    let has = said(at, "not never dont doesnt didnt") && said(at + 1, HAVE);
    let next = at + 1 + usize::from(has);
    let next = next + usize::from(said(next, ARTICLE));
    let item = items.get(next).filter(|_| said(at, "without no") || has)?;
    let Meaning::Column(columns) = &item.meaning else { return None };
    let field = &data.fields[*columns.first()?];
    let named = |w: &String| field.words.iter().any(|f| f.stem == super::words::stem(w));
    let none = |v: &&serde_json::Value| {
        let words = super::words::name_words(v.as_str().unwrap_or_default());
        match words.split_first() {
            Some((no, rest)) if matches!(no.as_str(), "no" | "not" | "none" | "non" | "never" | "without") => {
                rest.is_empty() || rest.iter().any(named)
            }
            _ => false,
        }
    };
    let kinds = field.role == Role::Category && field.column.nulls == 0;
    let mut found = field.column.top.iter().filter(none);
    let value = found.next().filter(|_| kinds && found.next().is_none())?;
    let test = Predicate { source: field.source(), part: None, op: Op::In, values: vec![value.clone()] };
    Some((Piece::Condition(vec![test]), next + 1 - at))
}

/// `who vote yes`, `vote: no` of votes that are coded `Y` and `N` among others.
fn answered(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<(Piece, usize)> {
    let Meaning::Column(columns) = &items.get(at)?.meaning else { return None };
    let field = &data.fields[*columns.first()?];
    let answer = tokens.get(items.get(at + 1)?.from)?;
    let words = [("yes", "yes y"), ("no", "no n")].into_iter().find(|(word, _)| *word == answer.lower)?.1;
    let ends =
        items.get(at + 2).is_none_or(|i| !matches!(i.meaning, Meaning::Rows | Meaning::Column(_) | Meaning::Value(_)));
    let is_it =
        |v: &&serde_json::Value| v.as_str().is_some_and(|t| words.split(' ').any(|w| t.eq_ignore_ascii_case(w)));
    let value = field.column.top.iter().find(is_it).filter(|_| ends && field.role == Role::Category)?;
    let test = Predicate { source: field.source(), part: None, op: Op::In, values: vec![value.clone()] };
    Some((Piece::Condition(vec![test]), 2))
}

/// What says that a row has some of what a column counts or none of it, that it holds or does not.
fn has(field: &Field<'_>, some: bool) -> Option<Predicate> {
    let (op, value) = match field.role {
        Role::Flag => (Op::In, field.truth(some)?),
        _ if mostly_none(field) => (if some { Op::Gt } else { Op::In }, 0.into()),
        _ => return None,
    };
    Some(Predicate { source: field.source(), part: None, op, values: vec![value] })
}

/// `with children`, `without any incidents`, of a figure that is mostly zero: more than none, or none.
fn counted(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<(Piece, usize)> {
    let said = |i: usize, list: &str| items.get(i).is_some_and(|i| is(tokens.get(i.from), list));
    let article = |i: usize| said(i, ARTICLE) && !said(i + 1, "least most");
    let next = at + 1 + usize::from(article(at + 1));
    let without = said(at, "without no") || said(at, "not never") && said(at + 1, HAVE) || said(at, "never");
    let has = said(at, HAVE) && rows_before(data, tokens, items, at);
    let gets = said(at, GET) && (article(at + 1) || rows_before(data, tokens, items, at));
    if !(without || has || gets) {
        return None;
    }
    let field = match &items.get(next)?.meaning {
        Meaning::Column(c) => c.iter().copied().find(|&f| mostly_none(&data.fields[f]))?,
        _ => return None,
    };
    let bound = |i: usize| {
        number(items.get(i)).is_some()
            || matches!(keyword(items.get(i)), Some(Keyword::Compared(_) | Keyword::Between | Keyword::Than))
            || said(i, "of is are was were")
    };
    if bound(next + 1) || has && next == at + 1 && said(next + 1, "and") && measured(data, items.get(next + 2)) {
        return None;
    }
    let op = if without { Op::In } else { Op::Gt };
    Some((limited(data, field, vec![(op, 0.0, false)]), next + 1 - at))
}

fn measured(data: &Data<'_>, item: Option<&Item>) -> bool {
    matches!(item.map(|i| &i.meaning), Some(Meaning::Column(c)) if c.iter().any(|&f| data.fields[f].is_measure()))
}

/// Whether the words before tell rows, of which what follows says more; `sales with profit` shows two figures.
fn rows_before(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> bool {
    let before = items[..at].iter().rev().find(|i| !matches!(i.meaning, Meaning::Filler) || is_pronoun(tokens, i));
    let Some(item) = before else { return false };
    let thing = || match &item.meaning {
        Meaning::Rows | Meaning::Keyword(Keyword::Row | Keyword::Order) => true,
        Meaning::Unknown(_) => super::supposed::names_several(&tokens[item.from]),
        Meaning::Column(c) => data.names_each(c[0]),
        _ => super::nouns::is_person(&tokens[item.to - 1]),
    };
    is_pronoun(tokens, item) || thing()
}

fn is_pronoun(tokens: &[Token], item: &Item) -> bool {
    is(tokens.get(item.from), "who that which whose those")
}

/// A figure of which most rows have none: it counts what only some have.
fn mostly_none(field: &Field<'_>) -> bool {
    let none = field.column.top.first().is_some_and(|v| v.as_f64() == Some(0.0));
    field.is_measure() && none && field.min() == Some(0.0) && field.column.distinct > 2
}

/// `who left`, `people who have quit`, `those who stayed`, of a column that tells who did.
fn gone(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<(Piece, usize)> {
    let item = items.get(at).filter(|i| matches!(i.meaning, Meaning::Filler | Meaning::Unknown(_) | Meaning::Rows))?;
    let stays = is(tokens.get(item.from), "stayed stay remained remain");
    let leaves = is(tokens.get(item.from), "left leave leaves quit quitting leaving resigned");
    let told = items[..at].iter().rev().take(2).any(|i| is(tokens.get(i.from), "who that which have has had not"));
    let rows = at.checked_sub(1).is_some_and(|i| items[i].meaning == Meaning::Rows);
    let told =
        told || rows && items.get(at + 1).is_none_or(|i| !matches!(i.meaning, Meaning::Column(_) | Meaning::Rows));
    let next = items.get(at + 1);
    let limit = matches!(keyword(next), Some(Keyword::Compared(_) | Keyword::Between | Keyword::Dated(_)));
    if limit || number(next).is_some() || !(told && (stays || leaves)) {
        return None;
    }
    let tells = |f: &Field<'_>| {
        f.role == Role::Flag && super::roles::has(&f.words, "churn churned attrition left exited resigned quit")
    };
    let field = data.fields.iter().find(|f| tells(f))?;
    let source = field.source();
    let values = vec![field.truth(leaves)?];
    // `who left the company`: of whom else.
    let rest = 1 + 2 * usize::from(
        is(tokens.get(item.to), "the our us") && is(tokens.get(item.to + 1), "company firm bank service"),
    );
    Some((Piece::Condition(vec![Predicate { source, part: None, op: Op::In, values }]), rest.min(items.len() - at)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vizroom_protocol::file::Column;

    use crate::samples::{figure, sql, text};

    fn guests() -> Vec<Column> {
        let none_first = |name: &str| Column { top: vec![json!(0), json!(1), json!(2)], ..figure(name, 5, 0, 9) };
        vec![
            none_first("special_requests"),
            none_first("children"),
            text("breakfast", 3, 0, &["No", "Yes", "No meals served"]),
            text("garden_view", 2, 0, &["Yes", "No"]),
            text("churn", 2, 0, &["Yes", "No"]),
            text("mode", 2, 0, &["Not remote", "Remote"]),
            text("segment", 5, 0, &["direct", "agency"]),
            figure("nights", 30, 1, 60),
        ]
    }

    #[test]
    fn what_only_some_rows_have_is_a_condition() {
        for (prompt, wanted) in [
            ("guests with children by segment", "\"children\" > 0"),
            ("average nights of guests who had a special request", "\"special_requests\" > 0"),
            ("guests without special requests by segment", "\"special_requests\" = 0"),
            ("average nights of guests who left", "\"churn\" = 'Yes'"),
            ("guests who stayed by segment", "\"churn\" = 'No'"),
            ("average nights of guests without breakfast", "\"breakfast\" = 'No'"),
            ("average nights of remote guests", "\"mode\" = 'Remote'"),
            ("guests with children and a garden view by segment", "\"children\" > 0 AND \"garden_view\" = 'Yes'"),
            ("guests not brought by agency", "\"segment\" <> 'agency'"),
            ("cheap guests (segment agency)", "\"segment\" = 'agency'"),
            ("churn rate of guests with breakfast by segment", "WHERE \"breakfast\" = 'Yes'"),
        ] {
            let sql = sql(prompt, "guests", guests());
            assert!(sql.contains(wanted), "{prompt}: {sql}");
        }
        let neither = sql("guests with neither breakfast nor a garden view", "guests", guests());
        assert!(neither.contains("\"breakfast\" = 'No'") && neither.contains("\"garden_view\" = 'No'"), "{neither}");
    }
}
