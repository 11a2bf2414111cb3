//! Numbers that a column has rather than exceeds: `group 2`, `campaigns 8, 13 and 18`, `age is 21`.

use vizroom_protocol::file::ColumnType;

use super::amounts::plain;
use super::conditions::{Piece, keyword, limited, number};
use super::fields::{Data, Role, Word};
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

/// `season 10 and later` of seasons called `S01` to `S15`: texts that number what they name, each as long as the others.
pub fn coded(data: &Data<'_>, items: &[Item]) -> Option<(Piece, usize)> {
    let Meaning::Column(columns) = &items.first()?.meaning else { return None };
    let field = &data.fields[*columns.first()?];
    let texts: Vec<&str> = field.column.top.iter().map(|v| v.as_str()).collect::<Option<_>>()?;
    let first = *texts.first().filter(|_| texts.len() > 2 && !field.is_free_text())?;
    let prefix = first.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = first.len() - prefix.len();
    let alike = |t: &&str| {
        let rest = t.strip_prefix(prefix).filter(|r| r.len() == digits);
        rest.is_some_and(|r| r.bytes().all(|b| b.is_ascii_digit()))
    };
    if prefix.is_empty() || digits == 0 || !texts.iter().all(alike) {
        return None;
    }
    let at = super::conditions::skip_small(items, 1);
    let (tests, used) = match super::conditions::comparison(data, items, at) {
        Some(found) => found,
        None => (vec![(Op::In, number(items.get(at))?.0, false)], at + 1),
    };
    let source = field.source();
    let whole = tests.iter().all(|(_, n, percent)| n.fract() == 0.0 && *n >= 0.0 && !percent);
    let test = |(op, n, _): (Op, f64, bool)| {
        let value = format!("{prefix}{:0digits$}", n as u64);
        Predicate { source: source.clone(), part: None, op, values: vec![value.into()] }
    };
    whole.then(|| (Piece::Condition(tests.into_iter().map(test).collect()), used))
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

/// `episodes per season`, of rows that are episodes and numbered in a column of theirs: nobody adds up such numbers.
pub fn rows(data: &Data<'_>, noun: &[Word], said: &[Token], at: usize) -> bool {
    let own = noun.last().is_some_and(|w| w.stem == said[at].stem);
    let computed = "average avg mean median total sum max min maximum minimum by per than";
    let alone = at == 0 || !super::words::is(said.get(at - 1), computed);
    let numbers = (0..data.fields.len()).any(|f| is_number(data, f, &said[at]));
    own && alone && super::supposed::names_several(&said[at]) && numbers
}

/// Whether a column numbers what a word names several of: `episode` has the numbers of `episodes`.
pub fn is_number(data: &Data<'_>, field: usize, token: &Token) -> bool {
    let field = &data.fields[field];
    let steps = field.max().zip(field.min()).map(|(max, min)| max - min + 1.0);
    let each = steps.is_some_and(|s| field.column.distinct as f64 >= s * 0.9) && field.min() <= Some(1.0);
    let single = |w: &Word| w.stem == token.stem && w.lower != token.lower;
    let graded = super::roles::is_averaged(&field.words);
    let numbers = field.column.kind == ColumnType::Integer && field.role != Role::Sum;
    numbers && each && field.words.iter().any(single) && !graded && !field.joined
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql, text};

    #[test]
    fn what_is_numbered_is_counted() {
        let columns = || {
            let numbers =
                [figure("episode_in_season", 16, 1, 16), figure("season", 13, 1, 13), figure("rating", 90, 1, 99)];
            numbers.into_iter().chain([text("title", 2_000, 0, &["Rome"])]).collect::<Vec<_>>()
        };
        let query = sql("episodes per season", "all_episodes", columns());
        assert!(query.contains("COUNT(*)") && query.contains("\"season\""), "{query}");
        let query = sql("episodes per season", "contestants", columns());
        assert!(query.contains("COUNT(DISTINCT \"episode_in_season\")"), "{query}");
        let query = sql("top 10 episodes by rating", "all_episodes", columns());
        assert!(query.contains("\"rating\" DESC") && query.ends_with("LIMIT 10"), "{query}");
    }

    #[test]
    fn numbers_are_in_names_of_one_length() {
        let columns = || {
            let since = figure("years_since_last_promotion", 16, 0, 15);
            let seasons = text("season", 14, 0, &["S01", "S02", "S10", "S14"]);
            vec![seasons, text("dept", 3, 0, &["Sales", "HR"]), figure("score", 90, 1, 100), since]
        };
        for (prompt, wanted) in [
            ("average score by dept, only season 10 and later", "\"season\" >= 'S10'"),
            ("average score by dept in season 2", "\"season\" = 'S02'"),
            ("average score of those who havent had a last promotion for 10 years or more", "_promotion\" >= 10"),
        ] {
            let sql = sql(prompt, "episodes", columns());
            assert!(sql.contains(wanted), "{prompt}: {sql}");
        }
    }
}
