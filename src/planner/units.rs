//! Figures that a number's unit tells: `above 5000 m`, `over 90 degrees`, `more than $100 a month`.

use super::conditions::number;
use super::fields::{Data, Field, Role};
use super::hinted::{spanning, taken};
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::query::Op;
use super::supposed::Candidate;
use super::words::{Token, is, stem};

/// Units, and words of the names of what is measured in them.
const UNITS: [(&str, &str); 12] = [
    (
        "people inhabitants residents persons guests passengers members",
        "population size people persons guests passengers members",
    ),
    ("m meters metres meter metre ft feet foot", "elevation altitude height depth"),
    ("cm inches", "height length width"),
    ("kg lbs pounds g grams tons tonnes", "weight mass"),
    ("km kilometers miles mile", "distance length"),
    ("minutes minute min mins hours seconds", "duration runtime length time"),
    ("mph kmh knots", "speed wind velocity"),
    ("bpm", "tempo bpm"),
    ("degree degrees celsius fahrenheit", "temperature temp"),
    (
        "dollar dollars usd bucks euro euros eur",
        "price charge charges fare fee amount salary wage pay payment spend cost bill value revenue sales income",
    ),
    ("calories calorie kcal", "calories energy"),
    ("percent", "percent percentage pct share rate"),
];

/// `how many hours do they sleep`, `by length in days`: the unit of a figure that is named besides.
pub fn only_unit(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    // How many of a unit is no count of rows.
    let many = items[at].meaning == Meaning::Keyword(Keyword::Count) && is(tokens.get(items[at].to - 1), "many");
    let unit = items.get(at + usize::from(many))?;
    let open = matches!(unit.meaning, Meaning::Unknown(_) | Meaning::Keyword(Keyword::Grain(_)));
    let token = tokens.get(unit.from).filter(|_| open && unit.to == unit.from + 1)?;
    let before = items[at].from.checked_sub(1).and_then(|i| tokens.get(i));
    if !many && !is(before, "in") {
        return None;
    }
    let measured = super::thesaurus::measured_in(data, &token.lower);
    let named = |i: &Item| matches!(&i.meaning, Meaning::Column(c) if c.iter().any(|f| measured.contains(f)));
    let to = at + 1 + usize::from(many);
    let silent = spanning(items, at, to, Meaning::Filler);
    items[to..].iter().chain(&items[..at]).any(named).then(|| Candidate {
        from: at,
        to,
        items: vec![silent],
        price: 5,
        note: None,
    })
}

/// A figure that a unit is of, where only one can be meant.
pub fn by_unit(data: &Data<'_>, unit: &str) -> Option<usize> {
    let total = |&i: &usize| data.fields[i].words.iter().any(|w| w.lower == "total");
    match of_unit(data, unit).as_slice() {
        [one] => Some(*one),
        several => several.iter().copied().find(total),
    }
}

/// The figure that a limit is of by the words behind its number, and the first token after them. Of several, the one of
/// that step of time, else the one that a limit of this kind is of: highs are above it, lows below.
pub fn of_number(data: &Data<'_>, tokens: &[Token], number: &Item, op: Op) -> Option<(usize, usize)> {
    const STEPS: &str = "hour day week month quarter year";
    let money = tokens[number.from].text.starts_with(['$', '€', '£']);
    let unit = if money { "dollars" } else { tokens.get(number.to)?.lower.as_str() };
    let each = |i: &usize| is(tokens.get(*i), "a an per each every /") && is(tokens.get(i + 1), STEPS);
    let of = |f: &Field<'_>, at: usize| f.words.iter().any(|w| w.lower.trim_end_matches("ly") == tokens[at + 1].lower);
    // `over 100 degrees each year` goes by years, unless a column is of one.
    let step = (number.to..number.to + 2)
        .find(each)
        .filter(|&at| is(tokens.get(at), "a an /") || data.fields.iter().any(|f| f.is_measure() && of(f, at)));
    let of_step = |f: &Field<'_>| step.is_some_and(|at| of(f, at));
    let mut found = of_unit(data, unit);
    if found.is_empty() {
        found = (0..data.fields.len()).filter(|&i| data.fields[i].is_measure() && of_step(&data.fields[i])).collect();
    }
    let end = step.map_or(number.to + usize::from(!money), |at| at + 2);
    let edge = match op {
        Op::Gt | Op::Gte => "high highest max maximum peak",
        _ => "low lowest min minimum",
    };
    let called = |list: &str, i: usize| data.fields[i].words.iter().any(|w| super::lists::has(list, &w.lower));
    let wanted: [&dyn Fn(usize) -> bool; 3] =
        [&|i| of_step(&data.fields[i]), &|i| called("total", i), &|i| called(edge, i)];
    let chosen = match found.as_slice() {
        [one] => Some(*one),
        several => wanted.iter().find_map(|fits| several.iter().copied().find(|&i| fits(i))),
    };
    chosen.map(|field| (field, end))
}

/// The figures that a unit may be of.
pub fn of_unit(data: &Data<'_>, unit: &str) -> Vec<usize> {
    // `at least 10 years` of a column `Years`
    let own = |i: &usize| {
        let field = &data.fields[*i];
        field.is_measure() && matches!(field.words.as_slice(), [one] if one.stem == stem(unit))
    };
    if let Some(named) = (0..data.fields.len()).find(own) {
        return vec![named];
    }
    let words = UNITS.iter().find(|(units, _)| super::lists::has(units, unit)).map_or("", |(_, words)| words);
    let named = |word: &str| {
        let is = |&i: &usize| {
            let field = &data.fields[i];
            field.is_number() && field.is_measure() && field.words.iter().any(|w| w.lower == word)
        };
        (0..data.fields.len()).filter(is).collect::<Vec<usize>>()
    };
    let found = words.split(' ').map(named).find(|found| !found.is_empty());
    found.unwrap_or_else(|| super::thesaurus::measured_in(data, unit))
}

/// `more than 2000 people asked`: the one figure that a number of that size can be of.
pub fn bound(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<Candidate> {
    let Meaning::Keyword(Keyword::Compared(_) | Keyword::Between) = items[at].meaning else { return None };
    let number_of =
        |i: usize| matches!(&items[i].meaning, Meaning::Column(c) if c.iter().any(|&f| data.fields[f].is_number()));
    let beside = at.checked_sub(1).is_some_and(number_of);
    let (n, percent) = number(items.get(at + 1))?;
    if beside {
        return None;
    }
    if percent {
        // `above 50%` of the one figure that there is.
        let field = data.only_measure().filter(|&f| data.fields[f].max().is_some_and(|m| m <= 100.0))?;
        let column = Item { meaning: Meaning::Column(vec![field]), ..items[at].clone() };
        return Some(Candidate { from: at, to: at + 1, items: vec![column, items[at].clone()], price: 6, note: None });
    }
    let unit = items.get(at + 2).and_then(|i| one_of_unit(data, &tokens[i.from]));
    let age = || {
        let aged = |f: &Field<'_>| f.is_number() && matches!(f.words.as_slice(), [one] if one.lower == "age");
        data.fields.iter().position(aged).filter(|_| (1.0..=110.0).contains(&n))
    };
    let field = unit.or_else(|| plausible(data, n)).or_else(age).or_else(|| super::limiting::added_up(data, n))?;
    let column = Item { meaning: Meaning::Column(vec![field]), ..items[at].clone() };
    let said = spanning(items, at, at + 2, Meaning::Filler);
    let note = taken(tokens, &said, &data.fields[field].label);
    Some(Candidate { from: at, to: at + 1, items: vec![column, items[at].clone()], price: 9, note })
}

/// What a unit is of, where a figure of that kind is there in several years at most.
fn one_of_unit(data: &Data<'_>, token: &Token) -> Option<usize> {
    let mut found = of_unit(data, &token.lower);
    let alone = |f: &usize| data.fields[*f].words.len() == 1;
    if found.iter().any(alone) {
        found.retain(alone);
    }
    let first = *found.first()?;
    found.iter().all(|&f| data.fields[f].words == data.fields[first].words).then_some(first)
}

/// The one figure within whose range a number lies.
fn plausible(data: &Data<'_>, n: f64) -> Option<usize> {
    let within = |i: &usize| {
        let field = &data.fields[*i];
        let range = field.min().zip(field.max()).is_some_and(|(min, max)| min < n && n < max);
        range && !field.joined && matches!(field.role, Role::Sum | Role::Mean)
    };
    let mut found = (0..data.fields.len()).filter(within);
    let first = found.next()?;
    found.next().is_none().then_some(first).or_else(|| data.main_measure().filter(within))
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql, text};

    #[test]
    fn units_and_signs_tell_what_is_limited() {
        let columns = || {
            vec![
                text("town", 8, 0, &["Ulm", "Bonn"]),
                figure("high_temp", 80, -5, 110),
                figure("low_temp", 80, -30, 90),
                figure("monthly_rent", 400, 100, 3_000),
                figure("total_rent", 400, 1_000, 90_000),
            ]
        };
        for (prompt, wanted) in [
            ("readings above 90 degrees per town", "\"high_temp\" > 90"),
            ("readings below 10 degrees per town", "\"low_temp\" < 10"),
            ("readings by town with a monthly rent over $900", "\"monthly_rent\" > 900"),
        ] {
            let sql = sql(prompt, "readings", columns());
            assert!(sql.contains(wanted), "{prompt}: {sql}");
        }
    }

    #[test]
    fn groups_are_limited_by_how_many_they_have() {
        let columns = || {
            vec![text("maker", 40, 0, &["Aro", "Bel"]), text("fuel", 5, 0, &["gas"]), text("plant", 90, 0, &["Ulm"])]
        };
        for (prompt, wanted) in [
            ("cars by maker, only those with at least 3", "HAVING COUNT(*) >= 3"),
            ("makers with cars of more than 3 fuels", "HAVING COUNT(DISTINCT \"fuel\") > 3"),
        ] {
            let sql = sql(prompt, "cars", columns());
            assert!(sql.contains(wanted), "{prompt}: {sql}");
        }
    }
}
