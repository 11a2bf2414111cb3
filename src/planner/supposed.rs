//! What words that nothing in the data has are supposed to mean, where all others are understood; each time it is said.

use super::fields::{Data, Field, Role};
use super::lexicon;
use super::likeness::{self, family};
use super::matching::{Item, Meaning};
use super::synonyms::SYNONYMS;
use super::vocabulary::DEMONYMS;
use super::words::{Kind, Token, stem, tokens};

/// Fewest letters of a word whose slip is mended, and most unknown words of a prompt that are supposed to mean something.
const MENDED_MIN: usize = 5;
const UNKNOWN_MAX: usize = 3;

/// Words that say of a figure only that it is one: `beef production`, `ticket volume`.
const FIGURES: &str = "production output amount amounts figure figures result results volume volumes level quantity quantities medal medals \
    dollars units counts";

/// What several rows may tell of, each by its name: `countries` of a table of countries and years.
const ENTITIES: &str = "country countries nation nations state states province provinces city cities town towns company companies firm \
    firms brand brands player players athlete athletes team teams school schools store stores station stations airport airports";

/// The column of names, where the word is one for what they name and several rows tell of each.
pub fn entity(data: &Data<'_>, token: &Token) -> Option<Meaning> {
    let entity = ENTITIES.split_ascii_whitespace().any(|w| w == token.lower);
    // What a table of people names is no country.
    let fits = super::nouns::called(data) != Some("people") || super::nouns::is_person(token);
    let field = data.named_kinds().filter(|_| entity && fits)?;
    Some(Meaning::Column(vec![field]))
}

/// The tokens with their slips mended: `reveneu`, `quater`.
pub fn mended(said: &[Token], items: &[Item]) -> Option<Vec<Token>> {
    let mut out = said.to_vec();
    let mut changed = false;
    for item in items.iter().filter(|i| matches!(i.meaning, Meaning::Unknown(_))) {
        let token = &said[item.from];
        if let Some(meant) = spelled(&token.lower)
            && let Some(new) = tokens(meant).into_iter().next()
        {
            out[item.from] = new;
            changed = true;
        }
    }
    changed.then_some(out)
}

/// The word that a slip was made in, where only one comes near.
fn spelled(lower: &str) -> Option<&'static str> {
    const OTHERS: &str = "quarter quarterly month monthly weekday average customers countries number percentage \
        distribution compare between category categories state region product products employees population";
    let words = SYNONYMS.iter().flat_map(|g| g.split(' ')).chain(OTHERS.split_ascii_whitespace());
    let letters = lower.chars().count();
    let allowed = if letters >= 9 { 2 } else { 1 };
    let near = |w: &&str| {
        w.len() >= MENDED_MIN
            && w.chars().next() == lower.chars().next()
            && strsim::damerau_levenshtein(w, lower) <= allowed
            && w.len().abs_diff(letters) <= 1
    };
    let mut found = words.filter(near).collect::<Vec<_>>();
    found.sort_unstable();
    found.dedup();
    let [one] = found.as_slice() else { return None };
    (letters >= MENDED_MIN && stem(one) != stem(lower)).then_some(*one)
}

/// The items with a meaning for those that have none, and what was supposed: `“lifters” are taken to be the rows`.
pub fn supposed(data: &Data<'_>, tokens: &[Token], mut items: Vec<Item>) -> (Vec<Item>, Vec<String>) {
    let unknown: Vec<usize> = (0..items.len()).filter(|&i| matches!(items[i].meaning, Meaning::Unknown(_))).collect();
    let understood =
        items.iter().any(|i| matches!(i.meaning, Meaning::Column(_) | Meaning::Value(_) | Meaning::Values(..)));
    let mut notes = Vec::new();
    if unknown.is_empty() || unknown.len() > UNKNOWN_MAX {
        return (items, notes);
    }
    for at in unknown {
        let token = &tokens[items[at].from];
        let Some((meaning, note)) = meaning(data, tokens, &items, at, understood) else { continue };
        items[at].meaning = meaning;
        if let Some(note) = note {
            notes.push(format!("“{}” is taken to mean {note}.", token.text));
        }
    }
    (items, notes)
}

fn meaning(
    data: &Data<'_>,
    tokens: &[Token],
    items: &[Item],
    at: usize,
    understood: bool,
) -> Option<(Meaning, Option<String>)> {
    let token = &tokens[items[at].from];
    if let Some(named) = entity(data, token) {
        return Some((named, Some("what the rows name".to_owned())));
    }
    let before = at.checked_sub(1).map(|i| &items[i]);
    let after = items.get(at + 1);
    let measure =
        |i: Option<&Item>| matches!(i.map(|i| &i.meaning), Some(Meaning::Column(c)) if data.fields[c[0]].is_measure());
    if FIGURES.split(' ').any(|w| w == token.lower) && measure(before) {
        return Some((Meaning::Filler, None));
    }
    // `job title`: whose title it is goes without saying.
    let group = |i: &Item| match &i.meaning {
        Meaning::Column(c) => c.iter().copied().find(|&f| matches!(data.fields[f].role, Role::Category | Role::Flag)),
        _ => None,
    };
    if let Some(field) = after.and_then(group)
        && is_plain(token)
        && !names_several(token)
        && !before.is_some_and(|b| matches!(b.meaning, Meaning::Unknown(_)))
    {
        return Some((Meaning::Filler, Some(format!("the {} that there is", data.fields[field].label))));
    }
    let singular_after =
        after.is_some_and(|a| matches!(a.meaning, Meaning::Rows | Meaning::Column(_) | Meaning::Unknown(_)));
    let qualified = before.is_some_and(|b| matches!(b.meaning, Meaning::Unknown(_)));
    let own = is_of_name(data, token);
    if (names_several(token) || own)
        && !singular_after
        && !qualified
        && (understood || own)
        && (own || !is_of_another_kind(data, token))
    {
        return Some((Meaning::Rows, Some("the rows of the data".to_owned())));
    }
    None
}

/// Whether the word comes from the dataset's name: `lifters` of `ipf_lifts`, `polls` of `electionpolling`.
fn is_of_name(data: &Data<'_>, token: &Token) -> bool {
    let name = data.dataset.name.to_lowercase();
    let base =
        ["ers", "er", "ings", "ing", "s"].iter().find_map(|e| token.lower.strip_suffix(e)).unwrap_or(&token.lower);
    let of = |w: &String| w.len() >= 4 && family(w, &token.lower);
    super::text::name_of_rows(&name).iter().any(of) || base.len() >= 4 && base.is_ascii() && name.contains(base)
}

/// A word that is no name of a place or of people, and no number.
fn is_plain(token: &Token) -> bool {
    token.kind == Kind::Word
        && token.text.chars().all(|c| c.is_ascii_lowercase())
        && !DEMONYMS.iter().any(|(said, _)| *said == token.lower)
}

/// A noun in the plural, or one for people.
fn names_several(token: &Token) -> bool {
    let lower = token.lower.as_str();
    let plural = lower.len() > 3
        && lower.ends_with('s')
        && !["ss", "us", "is", "ics", "ness", "ous"].iter().any(|e| lower.ends_with(e));
    let named =
        token.text.chars().next().is_some_and(char::is_uppercase) && token.text.chars().skip(1).any(char::is_lowercase);
    token.kind == Kind::Word && !named && (plural || super::nouns::is_person(token) || lower.ends_with("men"))
}

/// Whether the word is known for something that such a table does not tell of: revenues in a table of volcanoes.
fn is_of_another_kind(data: &Data<'_>, token: &Token) -> bool {
    let figure = super::roles::has(&[super::fields::Word::of(token)], super::roles::SUM_WORDS)
        || super::roles::has(&[super::fields::Word::of(token)], super::roles::MEAN_WORDS);
    let known = SYNONYMS.iter().any(|g| g.split(' ').any(|w| stem(w) == token.stem));
    const FIGURES: &str = "rents tips premiums deposits royalties dividends bonuses commissions likes followers comments \
        calories earnings savings debts taxes wages salaries fees expenses emissions temperatures crimes grades marks";
    let figure = figure || FIGURES.split_ascii_whitespace().any(|w| w == token.lower);
    let keyword = lexicon::keyword(&token.lower, &token.stem).is_some();
    let person = super::nouns::is_person(token);
    // `smokers` are some of the people.
    if super::nouns::called(data) == Some("people") && !person {
        return true;
    }
    let near = |f: &Field<'_>| f.words.iter().any(|w| likeness::synonymous(&token.lower, w));
    let thing = super::nouns::is_noun(&token.lower) && !person;
    (figure || known || keyword || thing) && !data.fields.iter().any(near)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use vizroom_protocol::dashboard::CardKind;
    use vizroom_protocol::file::{Column, ColumnType, Dataset};

    use crate::Goal;

    fn text(name: &str, distinct: u64, top: &[&str]) -> Column {
        let top = top.iter().map(|t| json!(t)).collect();
        Column { name: name.into(), kind: ColumnType::Text, nulls: 0, distinct, min: None, max: None, mean: None, top }
    }

    fn figure(name: &str, distinct: u64, min: i64, max: i64) -> Column {
        let (min, max): (Option<Value>, Option<Value>) = (Some(json!(min)), Some(json!(max)));
        Column {
            name: name.into(),
            kind: ColumnType::Integer,
            nulls: 0,
            distinct,
            min,
            max,
            mean: None,
            top: Vec::new(),
        }
    }

    fn one(prompt: &str, name: &str, columns: Vec<Column>) -> Goal {
        let dataset = Dataset { name: name.into(), rows: 1_000, columns };
        let plan = crate::plan(prompt, &[dataset], None);
        assert_eq!(plan.goals.len(), 1, "{prompt}: {plan:#?}");
        plan.goals.into_iter().next().unwrap_or_else(|| unreachable!())
    }

    fn economies(prompt: &str) -> String {
        let continents = text("continent", 2, &["Europe", "Asia"]);
        let codes = text("code", 3, &["IT", "DE", "CN"]);
        let (years, gdp) = (figure("year", 25, 1990, 2014), figure("gdp", 900, 1, 20_000));
        one(prompt, "economies", vec![text("name", 40, &["Italy", "China"]), years, continents, codes, gdp]).query.sql()
    }

    #[test]
    fn what_several_rows_tell_of_is_known_by_its_name() {
        let sql = economies("gdp by country in 2013");
        assert!(sql.contains("\"name\"") && sql.contains("GROUP BY 1"), "{sql}");
        let sql = economies("number of countries per continent");
        assert!(sql.contains("COUNT(DISTINCT \"name\")"), "{sql}");
        let sql = economies("gdp of Italy and its course by year");
        assert!(!sql.contains("'IT'"), "{sql}");
    }

    #[test]
    fn a_noun_for_the_rows_is_no_value_of_them() {
        let columns = || {
            let (height, weight) = (figure("height", 60, 130, 220), figure("weight", 100, 30, 170));
            vec![text("sport", 28, &["athletics", "aquatics"]), text("sex", 2, &["female", "male"]), height, weight]
        };
        let sql = one("Athletes per sport", "olympians", columns()).query.sql();
        assert!(!sql.contains("'athletics'"), "{sql}");
        let sql = one("average height in athletics", "olympians", columns()).query.sql();
        assert!(sql.contains("'athletics'"), "{sql}");
    }

    #[test]
    fn what_is_counted_is_no_figure_of_it() {
        let columns =
            vec![text("business", 300, &[]), figure("inspection_score", 60, 40, 100), figure("year", 15, 2000, 2014)];
        let sql = one("number of inspections by year", "restaurant_inspections", columns).query.sql();
        assert!(sql.contains("COUNT(*)"), "{sql}");
        let columns = vec![
            text("neighbourhood", 5, &["Brooklyn"]),
            figure("number_of_reviews", 200, 0, 300),
            figure("beds", 9, 1, 9),
            figure("price", 300, 10, 900),
        ];
        let goal = one("how many listings have more than 100 reviews?", "airbnb", columns);
        assert_eq!(goal.kind, CardKind::Kpi, "{goal:?}");
    }
}
