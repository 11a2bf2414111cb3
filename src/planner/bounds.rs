//! Limits whose figure goes without saying: `older than 60`, `earn more than 150k`, `orders over 500`.

use super::conditions::{Piece, Test, comparison, keyword, limited, number, skip_unit};
use super::fields::{Data, Role};
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::query::Op;
use super::thesaurus;
use super::words::{Token, stem};

/// Items looked back over for the verb or the noun that a limit is of.
const BACK_MAX: usize = 4;

/// A comparison with no column beside it, of the figure that its words imply, and how many items tell it.
pub fn unnamed(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<(Piece, usize)> {
    let (tests, used) = quality(data, tokens, items, at).or_else(|| comparison(data, &items[at..], 0))?;
    let beside = match items.get(at + used).map(|i| &i.meaning) {
        Some(Meaning::Column(c)) => c.iter().copied().find(|&i| data.fields[i].is_measure()),
        _ => None,
    };
    if let Some(field) = beside {
        return Some((limited(data, field, tests), used + 1));
    }
    // `above 90 degrees`, `more than $100 a month`
    let op = tests.first().map_or(Op::In, |t| t.0);
    let number = items[at..at + used].iter().rfind(|i| matches!(i.meaning, Meaning::Number { .. }));
    if let Some((field, end)) = number.and_then(|n| super::units::of_number(data, tokens, n, op)) {
        let told = items[at..].iter().take_while(|i| i.from < end).count();
        return Some((limited(data, field, tests), told.max(used)));
    }
    let words = |item: &Item| tokens[item.from..item.to].iter().map(|t| t.lower.as_str());
    let named = || measure_of(data, &items[at]);
    let own = words(&items[at]).find_map(|w| implied(data, w)).or_else(named);
    let before = items[at.saturating_sub(BACK_MAX)..at].iter().rev();
    // `leaders who stayed for more than 30 years`
    let lasting =
        |w: &str| matches!(w, "stay" | "stays" | "stayed" | "serve" | "served" | "ran" | "runs" | "go" | "went");
    let lasts = |w: &str| if lasting(w) { implied(data, "lasted") } else { None };
    let done = || {
        let verb = before.clone().filter(|i| keyword(Some(i)) == Some(Keyword::Doing));
        let small = || before.clone().filter(|i| i.meaning == Meaning::Filler).find_map(|i| words(i).find_map(lasts));
        verb.clone().find_map(|i| words(i).find_map(|w| implied(data, w))).or_else(small)
    };
    // `wines scored above 95`, `rated over 4`: the verb is of the figure.
    let told = || {
        let verb = before.clone().take(2).filter(|i| matches!(i.meaning, Meaning::Filler | Meaning::Unknown(_)));
        verb.clone().find_map(|i| (i.to == i.from + 1).then(|| of_verb(data, &tokens[i.from]))?)
    };
    let of_rows = before.clone().find(|i| !matches!(i.meaning, Meaning::Filler | Meaning::Keyword(Keyword::Only)));
    // `parties of at least 4`
    let group = || of_rows.and_then(|i| words(i).find_map(|w| sized(data, w)));
    let rows = || {
        of_rows.is_some_and(|i| matches!(i.meaning, Meaning::Rows | Meaning::Keyword(Keyword::Order | Keyword::Row)))
    };
    let aged = || of_rows.and_then(|i| of_people(data, tokens, i));
    let unit = || words(items.get(at + used - 1)?).next_back().and_then(|w| super::units::by_unit(data, w));
    let field = own
        .or_else(done)
        .or_else(told)
        .or_else(unit)
        .or_else(aged)
        .or_else(group)
        .or_else(|| worth(data).filter(|_| rows()))?;
    Some((limited(data, field, tests), used))
}

/// The one figure that a participle is of: `scored`, `priced`.
fn of_verb(data: &Data<'_>, token: &Token) -> Option<usize> {
    let of = |i: &usize| {
        let field = &data.fields[*i];
        let named = |w: &super::fields::Word| super::likeness::synonymous(&token.stem, w);
        field.is_measure() && !field.joined && field.words.iter().any(named)
    };
    let mut found = (0..data.fields.len()).filter(of);
    let one = found.next().filter(|_| found.next().is_none());
    one.filter(|_| super::supposed::is_participle(token))
}

/// `heavier than 2`, `louder than 60`, `older at least 25`: the adjective says which way, where nothing else does.
fn quality(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> Option<(Vec<Test>, usize)> {
    let item = items.get(at)?;
    let adjective = &tokens[item.from].lower;
    let named = measure_of(data, item).is_some();
    let unheard = matches!(item.meaning, Meaning::Unknown(_)) && implied(data, adjective).is_some();
    if keyword(Some(item)) != Some(Keyword::Quality) && !named && !unheard {
        return None;
    }
    if let Some(Keyword::Compared(op)) = keyword(items.get(at + 1)).filter(|_| !named) {
        let (n, percent) = number(items.get(at + 2))?;
        return Some((vec![(op, n, percent)], skip_unit(data, &items[at..], 3)));
    }
    if keyword(items.get(at + 1)) != Some(Keyword::Than) {
        return None;
    }
    let (n, percent) = number(items.get(at + 2))?;
    let fewer = item.from > 0 && tokens[item.from - 1].lower == "less";
    let low = thesaurus::figures(data, adjective).and_then(|asked| asked.high) == Some(false) || adjective == "smaller";
    let op = if fewer || low { Op::Lt } else { Op::Gt };
    Some((vec![(op, n, percent)], skip_unit(data, &items[at..], 3)))
}

/// The figure that an item names: `popular` of a `popularity`.
fn measure_of(data: &Data<'_>, item: &Item) -> Option<usize> {
    let Meaning::Column(columns) = &item.meaning else { return None };
    columns.iter().copied().find(|&i| data.fields[i].is_measure())
}

fn implied(data: &Data<'_>, word: &str) -> Option<usize> {
    let own = || (0..data.fields.len()).filter(|&i| data.fields[i].is_measure()).find(|&i| graded(data, word, i));
    thesaurus::figures(data, word).and_then(|asked| asked.fields.first().copied()).or_else(own)
}

/// `louder` and `loudest` of `loudness`, `hotter` of `hotness`: the adjective that the figure's name is made of.
pub fn graded(data: &Data<'_>, word: &str, field: usize) -> bool {
    let Some(base) = word.strip_suffix("est").or_else(|| word.strip_suffix("er")) else { return false };
    let mut back = base.bytes().rev();
    let doubled = back.next().is_some_and(|last| back.next() == Some(last));
    let whole = |b: &str| {
        let made = |w: &super::fields::Word| {
            let ending = w.lower.strip_prefix(b);
            b.len() >= 3 && ending.is_some_and(|e| matches!(e, "" | "ness" | "ity" | "y" | "iness"))
        };
        data.fields[field].words.iter().any(made)
    };
    let shorter = if doubled { base.get(..base.len().saturating_sub(1)) } else { base.strip_suffix('i') };
    whole(base) || shorter.is_some_and(whole)
}

/// How many belong together: the size of parties, households, classes.
fn sized(data: &Data<'_>, word: &str) -> Option<usize> {
    const GROUPS: &str = "party parties group groups household households family families table tables class classes \
        crew crews team teams bookings booking";
    let of = |f: &super::fields::Field<'_>| {
        f.is_number()
            && f.words.iter().any(|w| matches!(w.lower.as_str(), "size" | "people" | "persons" | "members" | "guests"))
    };
    data.fields.iter().position(of).filter(|_| GROUPS.split_ascii_whitespace().any(|g| g == word))
}

/// The age of people, where an item names people: `people under 20`.
pub fn of_people(data: &Data<'_>, tokens: &[Token], item: &Item) -> Option<usize> {
    let named = matches!(item.meaning, Meaning::Column(_) | Meaning::Rows | Meaning::Value(_));
    let person = named && super::nouns::is_person(&tokens[item.to - 1]);
    let age = |f: &super::fields::Field<'_>| f.is_number() && matches!(f.words.as_slice(), [w] if w.lower == "age");
    data.fields.iter().position(age).filter(|_| person)
}

/// What a row is worth, where exactly one figure says it: `order_amount`, `price`.
pub fn worth(data: &Data<'_>) -> Option<usize> {
    const WORTH: [&str; 3] = ["amount revenue sales total", "price value cost", "salary wage fare income"];
    let of = |list: &str| {
        let named = |i: &usize| {
            let field = &data.fields[*i];
            let is = field.words.iter().any(|w| list.split(' ').any(|l| stem(l) == w.stem));
            is && matches!(field.role, Role::Sum | Role::Mean) && !field.joined && !field.is_fraction()
        };
        let mut found = (0..data.fields.len()).filter(named);
        found.next().filter(|_| found.next().is_none())
    };
    WORTH.into_iter().find_map(of)
}
