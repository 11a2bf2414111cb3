//! How many rows or things a group has: `only those with at least 3`, `more than twice`, `with fewer than 5 branches`.

use vizroom_protocol::dashboard::{CardKind, Channel, Encoding};

use super::Goal;
use super::amounts::plain;
use super::conditions::{Piece, comparison, keyword};
use super::fields::{Data, Field, Role};
use super::intent::Intent;
use super::lexicon::Keyword;
use super::matching::{Item, Matcher, Meaning};
use super::query::{Agg, Measure, Op};
use super::words::{Token, is, tokens};

const HAS: &str = "with have has had having got";

/// `more than twice`, `only once`, `at least once`: with the number that they say; `most active users`: with the most rows.
pub fn rewritten(mut said: Vec<Token>) -> Vec<Token> {
    // `with and without the law`: both, side by side.
    let either = |s: &[Token], i: usize| {
        is(s.get(i), "with") && is(s.get(i + 1), "and or vs versus") && is(s.get(i + 2), "without")
    };
    if let Some(at) = (1..said.len()).find(|&i| either(&said, i)) {
        let article = usize::from(is(said.get(at + 3), "the a an any"));
        said.splice(at..at + 3 + article, tokens("by"));
    }
    for at in 1..said.len() {
        if is(said.get(at), "active") && is(said.get(at - 1), "most least") {
            said.splice(at..=at, tokens("records"));
        }
    }
    const TIMES: [(&str, &str); 3] = [("once", "1"), ("twice", "2"), ("thrice", "3")];
    for at in (1..said.len()).rev() {
        let Some((_, number)) = TIMES.iter().find(|(word, _)| said[at].lower == *word) else { continue };
        let limited = is(said.get(at - 1), "than least most");
        let exactly = is(said.get(at - 1), "only exactly just") && said.get(at + 1).is_none_or(|t| !is_word(t));
        if limited {
            said.splice(at..=at, tokens(&format!("{number} times")));
        } else if exactly {
            said.splice(at - 1..=at, tokens(&format!("at most {number} times")));
        }
    }
    said
}

impl Matcher<'_, '_> {
    /// `how many ratings`, `at least 100 ratings`, `ratings by weekday`, where each row has a `rating`: the rows, unless
    /// it is said how the figure is computed.
    pub(super) fn tallied(&self, said: &[Token], at: usize) -> bool {
        let token = &said[at];
        let plural = token.lower.len() > 3 && token.lower.ends_with('s');
        let own = |f: &&Field<'_>| {
            let called = matches!(f.words.as_slice(), [one] if one.stem == token.stem);
            called && f.is_number() && !f.column.name.to_lowercase().ends_with('s') && !f.joined
        };
        let rows = self.rows.last().is_some_and(|w| w.stem == token.stem);
        let Some(field) = self.data.fields.iter().find(own).filter(|_| plural && rows) else { return false };
        let before = |back: usize| at.checked_sub(back).and_then(|i| said.get(i));
        let number = before(1).is_some_and(|t| t.number().is_some()) && is(before(2), "least most than over under");
        let counted = is(before(1), "many most fewest more fewer") || number;
        let counted = counted || is(before(1), "of") && is(before(2), "number count no nr amount .");
        const FIGURES: &str = "average avg mean median distribution histogram spread vs versus against sum total max min \
            highest lowest best worst correlation boxplot maximum minimum outliers range quartile standard above below";
        let figure = || said.iter().any(|t| is(Some(t), FIGURES));
        let grouped = is(said.get(at + 1), "by per each every in since over for");
        // `how many tips were over 5` limits the figure.
        let verb = usize::from(is(said.get(at + 1), "were was are is"));
        let limited = is(said.get(at + 1 + verb), "above over below under of more less higher lower at");
        counted && !limited || field.role == Role::Mean && grouped && !figure()
    }
}

/// The items of a sentence with `points per game`, `the most points in a game` of rows that are games, though each has a
/// `game_id`: the rows, and no groups.
pub fn units(data: &Data<'_>, said: &[Token], mut items: Vec<Item>) -> Vec<Item> {
    let rows = super::text::name_of_rows(&data.dataset.name);
    let Some(noun) = rows.last().map(|w| super::words::stem(w)) else { return items };
    let key = |f: &Field<'_>| {
        let [first, last] = f.words.as_slice() else { return false };
        !f.joined && first.stem == noun && is_key(&last.lower)
    };
    for at in 1..items.len() {
        let Meaning::Column(columns) = &items[at].meaning else { continue };
        let word = &said[items[at].from];
        let one = items[at].to == items[at].from + 1 && word.stem == noun && !word.lower.ends_with('s');
        if !one || !columns.first().is_some_and(|&f| key(&data.fields[f])) {
            continue;
        }
        let before = items[at].from.checked_sub(1).and_then(|i| said.get(i));
        let figure =
            items[..at].iter().any(|i| matches!(&i.meaning, Meaning::Column(c) if data.fields[c[0]].is_measure()));
        if is(before, "per a an one single any") && figure {
            items[at].meaning = Meaning::Rows;
        }
    }
    items
}

fn is_key(lower: &str) -> bool {
    matches!(lower, "id" | "key" | "code" | "number")
}

/// `how many polls did each pollster run`, `episodes aired per year`: that the rows took place is what they tell.
pub fn only_took_place(data: &Data<'_>, token: &Token, items: &[Item], at: usize) -> bool {
    const VERBS: &str = "run ran conduct conducted make made give given air aired hold held issue issued record recorded take \
        taken took happen happened occur occurred play played produce produced publish published release released perform \
        performed file filed register registered log logged list listed report reported submit submitted host hosted launch \
        launched field fielded get got see seen sees carry carried";
    let rows =
        |i: &Item| i.meaning == Meaning::Rows || matches!(&i.meaning, Meaning::Column(c) if data.names_each(c[0]));
    is(Some(token), VERBS) && items[..at].iter().any(rows)
}

fn is_word(token: &Token) -> bool {
    token.kind == super::words::Kind::Word
}

/// The limit that begins at `at`, of how many rows each group has, and how many items tell it.
pub fn of_groups(data: &Data<'_>, said: &[Token], items: &[Item], at: usize) -> Option<(Piece, usize)> {
    let Some(Keyword::Compared(op)) = keyword(items.get(at)) else { return None };
    let (tests, _) = comparison(data, &items[at..], 0)?;
    let number = (at..items.len()).find(|&i| matches!(items[i].meaning, Meaning::Number { .. }))?;
    let next = items.get(number + 1);
    let limits = || tests.iter().map(|(op, n, _)| (*op, plain(*n))).collect();
    if next.is_some_and(|i| is(said.get(i.from), "times time")) {
        return Some((Piece::Limits { field: None, limits: limits() }, number + 2 - at));
    }
    // `households that used at least one coupon`: each row is one.
    let one = matches!((op, tests.as_slice()), (Op::Gte, [(_, n, _)]) if *n == 1.0);
    let of = |f: &usize| !data.fields[*f].is_measure();
    let each = next
        .is_some_and(|i| i.meaning == Meaning::Rows || matches!(&i.meaning, Meaning::Column(c) if c.iter().all(of)));
    if one && each {
        return Some((Piece::Condition(Vec::new()), number + 2 - at));
    }
    // `only those with at least 3`, and nothing says of what
    let ends = next.is_none_or(|i| {
        let mark = matches!(i.meaning, Meaning::Mark(',' | ';' | '.' | '?' | '!'));
        mark || matches!(i.meaning, Meaning::Keyword(Keyword::By | Keyword::And))
    });
    let whose = |i: usize| match &items[i].meaning {
        Meaning::Column(c) => matches!(data.fields[c[0]].role, Role::Category | Role::Label | Role::Id),
        _ => is(said.get(items[i].from), "those ones these only"),
    };
    let has = at > 1 && is(said.get(items[at - 1].from), HAS) && whose(at - 2);
    if has && ends {
        return Some((Piece::Limits { field: None, limits: limits() }, number + 1 - at));
    }
    // `breeds with fewer than 5 animals`: of another thing that is told by its name, as many different ones.
    let Meaning::Column(columns) = &next?.meaning else { return None };
    let thing = |f: &usize| matches!(data.fields[*f].role, Role::Category | Role::Label | Role::Id);
    let field = columns.first().copied().filter(thing)?;
    let plural = is_word(&said[next?.to - 1]) && said[next?.to - 1].lower.ends_with('s');
    plural.then(|| (Piece::Limits { field: Some(field), limits: limits() }, number + 2 - at))
}

/// What is counted of a group where the things of a column are.
pub fn counted(data: &Data<'_>, field: usize) -> Measure {
    let names = data.names_each(field) || data.fields[field].role == Role::Label;
    match names {
        true => Measure::new(Agg::Count, None, ""),
        false => Measure::new(Agg::Distinct, Some(&data.fields[field].column.name), ""),
    }
}

/// `how many customers ordered more than twice`: the number of such groups instead of the groups.
pub fn how_many(mut goal: Goal) -> Goal {
    let Some((group, label)) = goal.query.dimensions.first().zip(goal.encoding.x.as_ref().map(|x| x.label.clone()))
    else {
        return goal;
    };
    let alias = format!("number_of_{}", group.alias);
    // `Oscars by name, of those with more than 1 oscars` tells of names.
    let things = super::text::plural(&label.to_lowercase());
    goal.title = match goal.title.split_once(", of those with ") {
        Some((_, limit)) => format!("Number of {things} with {limit}"),
        None => {
            let mut letters = goal.title.chars();
            let first = letters.next().map(|c| c.to_lowercase().to_string()).unwrap_or_default();
            format!("Number of {first}{}", letters.as_str())
        }
    };
    goal.description = format!("{}. {}", goal.title, goal.description);
    let label = super::text::plural(&label);
    let y = vec![Channel { field: alias.clone(), label, format: Some(",.0f".into()), ..Channel::default() }];
    goal.encoding = Encoding { y, ..Encoding::default() };
    goal.kind = CardKind::Kpi;
    let query = &mut goal.query;
    (query.keep, query.limit, query.count_of_groups) = (None, None, Some(alias));
    query.sort.clear();
    goal
}

/// `…, only those with at least 5 books`: how many rows the groups before have.
pub fn limits_groups(previous: &Intent, next: &Intent) -> bool {
    let counts = next.asks.iter().all(|a| a.agg == Some(Agg::Count) && a.field.is_none());
    let there = next.groups.iter().all(|g| previous.groups.contains(g));
    let groups = if there { Vec::new() } else { next.groups.clone() };
    let bare = Intent { having: Vec::new(), asks: Vec::new(), groups, rows: false, matched: 0, ..next.clone() };
    let bare = Intent { by: false, ..bare }.is_empty();
    !next.having.is_empty()
        && next.having.iter().all(|h| h.of.is_some() || !next.asks.is_empty())
        && counts
        && bare
        && !previous.groups.is_empty()
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql, text};

    #[test]
    fn groups_with_a_limit_are_counted() {
        let columns = || vec![text("city", 90, 0, &["Bern"]), figure("sales", 900, 1, 9_000)];
        for (prompt, wanted) in [
            ("how many cities had more than 20 visits", "HAVING COUNT(*) > 20"),
            ("how many cities have sales over 10000", "HAVING SUM(\"sales\") > 10000"),
            ("number of cities with more than one visit", "HAVING COUNT(*) > 1"),
        ] {
            let query = sql(prompt, "visits", columns());
            assert!(query.starts_with("SELECT COUNT(*) AS") && query.contains(wanted), "{prompt}: {query}");
        }
    }

    #[test]
    fn rows_are_counted_by_their_word_though_each_has_such_a_figure() {
        let columns = || {
            let rating = vizroom_protocol::file::Column { mean: Some(3.5), ..figure("rating", 10, 1, 10) };
            vec![text("user_id", 300, 0, &["u1"]), text("weekday", 7, 0, &["Mon", "Tue"]), rating]
        };
        for prompt in ["how many ratings were given each weekday", "number of ratings by weekday", "ratings by weekday"]
        {
            let query = sql(prompt, "ratings", columns());
            assert!(query.contains("COUNT(*)") && query.contains("\"weekday\""), "{prompt}: {query}");
        }
        for prompt in ["average rating by weekday", "average ratings per weekday"] {
            let query = sql(prompt, "ratings", columns());
            assert!(query.contains("AVG(\"rating\")"), "{prompt}: {query}");
        }
        let query = sql("most active users, top 10", "ratings", columns());
        assert!(query.contains("COUNT(*)") && query.contains("\"user_id\"") && query.contains("LIMIT 10"), "{query}");
    }
}
