//! Which nouns may stand for the rows of a dataset though nothing in it is called so: `winners` of awards, `borrowers` of
//! loans, `collisions` in a table of strikes. People stand for people, and for what they take part in; things for things;
//! nothing stands for what is only measured, a row a step of time.

use super::fields::{Data, Field, Part, Role, Word};
use super::lexicon::Keyword;
use super::matching::{Item, Meaning};
use super::nouns::{self, ANYTHING};
use super::supposed::{is_noun, is_of_name, is_participle, names_several};
use super::synonyms::SYNONYMS;
use super::words::{Token, is, stem};
use super::{lexicon, likeness, roles};

/// What happens or is given, and who takes part in it: once in each.
const PARTS: &[(&str, &str)] = &[
    (
        "award prize medal oscar trophy title contest competition",
        "winner winners recipient recipients laureate laureates honoree honorees awardee awardees",
    ),
    ("loan credit mortgage lending", "borrower borrowers applicant applicants debtor debtors"),
    ("application admission grant", "applicant applicants candidate candidates"),
    ("murder homicide killing shooting assault crime death", "victim victims"),
    ("stop arrest citation", "driver drivers motorist motorists suspect suspects"),
    (
        "sale order purchase transaction invoice receipt redemption",
        "buyer buyers customer customers client clients shopper shoppers purchaser purchasers",
    ),
    ("poll survey questionnaire", "respondent respondents participant participants"),
    ("call", "caller callers"),
    ("trip ride rental", "rider riders traveller travellers traveler travelers"),
    ("visit session stay booking reservation", "visitor visitors guest guests"),
    ("subscription contract churn", "subscriber subscribers customer customers client clients user users"),
    ("election race", "winner winners candidate candidates"),
    ("auction listing", "seller sellers"),
];

/// What it costs to take the item `at`, which nothing in the data has, for the rows; `understood` says that something of
/// the sentence is in the data.
pub fn price_of_rows(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize, understood: bool) -> Option<u32> {
    let token = &tokens[items[at].from];
    let before = at.checked_sub(1).map(|i| &items[i]);
    let after = items.get(at + 1);
    let own = is_of_name(data, token);
    let number = asked_for(tokens, items, at).is_some_and(|b| b.meaning == Meaning::Keyword(Keyword::Count));
    let counted = asked_for(tokens, items, at).is_some_and(|b| {
        matches!(b.meaning, Meaning::Keyword(Keyword::Count | Keyword::Compared(_) | Keyword::Share | Keyword::Rank(_)))
    }) || goes_on_with(tokens, items, at);
    // `copies sold`, where nothing says how many: what is done with them is no row.
    let done = |a: &Item| {
        let verb = &tokens[a.from];
        is_participle(verb) && super::thesaurus::asks_for_figure(&verb.lower) && !nouns::is_person(token)
    };
    let stands =
        || is_headed(tokens, before, after) || !after.is_some_and(done) && stands_for_rows(data, token, number);
    // `how heavy is an animal`, `longest ride of each company`
    let single = is(items[at].from.checked_sub(1).and_then(|i| tokens.get(i)), "a an one single")
        || before.is_some_and(|b| matches!(b.meaning, Meaning::Keyword(Keyword::Rank(_))));
    let single = single && nouns::is_noun(&token.lower) && nouns::is_told_of(data, &token.lower);
    let several = (names_several(token) || single || own) && (understood || own || counted);
    // A noun that rows of such data are known by is one before it is a name of a column: guests are no type of customer.
    let known = nouns::is_person(token) || nouns::is_noun(&token.lower) && nouns::is_told_of(data, &token.lower);
    let price = match () {
        () if known => 4,
        () if counted || own => 8,
        () => 10,
    };
    (several && !is_part_of_phrase(data, tokens, items, at) && (own || stands())).then_some(price)
}

/// What is asked of the item: `how many of the`, `most`.
fn asked_for<'i>(tokens: &[Token], items: &'i [Item], at: usize) -> Option<&'i Item> {
    items[..at].iter().rev().find(|i| !(i.meaning == Meaning::Filler && is(tokens.get(i.from), "of the all our my")))
}

/// `samples graded per year`, `homes in Rome`: what follows tells by what they go, or which.
fn goes_on_with(tokens: &[Token], items: &[Item], at: usize) -> bool {
    let told = |i: &&Item| matches!(i.meaning, Meaning::Unknown(_) | Meaning::Filler) && is_participle(&tokens[i.from]);
    let rest = items[at + 1..].iter().find(|i| !told(i));
    rest.is_some_and(|i| {
        let Meaning::Keyword(keyword) = i.meaning else { return false };
        let along = matches!(keyword, Keyword::By | Keyword::Trend | Keyword::Grain(_));
        along || matches!(keyword, Keyword::Only | Keyword::Compared(_) | Keyword::Between)
    })
}

/// `hotel rooms`, `home runs` of home games: two nouns are a thing of their own; `hits vs strikeouts` are two figures, and
/// what is listed with values is one of them.
fn is_part_of_phrase(data: &Data<'_>, tokens: &[Token], items: &[Item], at: usize) -> bool {
    let (before, after) = (at.checked_sub(1).map(|i| &items[i]), items.get(at + 1));
    let head = after.is_some_and(|a| {
        let named = matches!(&a.meaning, Meaning::Rows | Meaning::Column(_)) && !is_participle(&tokens[a.from]);
        named || is_noun(tokens, a)
    });
    // `taxi rides`, of a table of taxis that tells distances
    let own = nouns::is_noun(&tokens[items[at].from].lower) && nouns::is_told_of(data, &tokens[items[at].from].lower);
    let named = |b: &Item| b.meaning == Meaning::Rows && b.to == items[at].from && !own;
    let qualified = before.is_some_and(|b| is_noun(tokens, b) || named(b));
    let versus = |i: Option<&Item>| i.is_some_and(|i| i.meaning == Meaning::Keyword(Keyword::Versus));
    let joint = before.is_some_and(|b| matches!(b.meaning, Meaning::Mark(',') | Meaning::Keyword(Keyword::And)));
    let value = |i: &Item| matches!(i.meaning, Meaning::Value(_) | Meaning::Values(..));
    // `which team grabs the most`: what it does.
    let acts = before.is_some_and(|b| {
        let which = b.from.checked_sub(1).and_then(|i| tokens.get(i));
        let done_to = after.is_some_and(|a| matches!(a.meaning, Meaning::Keyword(Keyword::Rank(_)) | Meaning::Filler));
        let noun = matches!(b.meaning, Meaning::Column(_) | Meaning::Rows | Meaning::Keyword(Keyword::Grain(_)));
        noun && is(which, "which what") && done_to && !names_several(&tokens[b.to - 1])
    });
    let listed = joint && at.checked_sub(2).is_some_and(|i| value(&items[i]));
    head || qualified || acts || listed || versus(before) || versus(after)
}

/// `only places with …`: whatever the rows are called.
fn is_headed(tokens: &[Token], before: Option<&Item>, after: Option<&Item>) -> bool {
    let only = |b: &Item| is(Some(&tokens[b.from]), "only just all those");
    let whose = |a: &Item| is(Some(&tokens[a.from]), "with where that who whose having in");
    before.is_some_and(only) && after.is_some_and(whose)
}

/// Whether the word may be one for the rows; `counted` says that the sentence asks for their number.
fn stands_for_rows(data: &Data<'_>, token: &Token, counted: bool) -> bool {
    if is(Some(token), ANYTHING) || takes_part(data, token) {
        return true;
    }
    let called = nouns::called(data);
    let people = called == Some("people");
    if nouns::is_person(token) {
        let (alone, traits) = (called.is_none() && !is_measured(data), nouns::traits_of_people(data) > 0);
        return people || alone && traits || (alone || traits) && !is_figure(token);
    }
    // `smokers` are some of the people, `viewers` no episodes.
    let agent = ["ers", "ors"].iter().any(|e| token.lower.ends_with(e));
    !(people || agent && counted || is_measured(data) || is_of_another_kind(data, token))
}

/// `winners`, where rows are awards or tell which award it was.
fn takes_part(data: &Data<'_>, token: &Token) -> bool {
    let name = super::text::name_of_rows(&data.dataset.name);
    let happens = |word: &str| {
        let stem = stem(word);
        let told = |f: &Field<'_>| !f.joined && f.heads.iter().any(|&h| f.words[h].stem == stem) && !f.is_measure();
        name.last().is_some_and(|w| super::words::stem(w) == stem) || data.fields.iter().any(told)
    };
    PARTS.iter().filter(|(_, who)| is(Some(token), who)).any(|(what, _)| what.split_ascii_whitespace().any(happens))
}

/// Whether rows are steps of time, of one thing or several, at which figures were measured.
fn is_measured(data: &Data<'_>) -> bool {
    let own = || data.fields.iter().filter(|f| !f.joined);
    let rows = data.dataset.rows as f64;
    let step = |f: &&Field<'_>| matches!(f.role, Role::Time | Role::Part(Part::Year));
    let kind = |f: &&Field<'_>| matches!(f.role, Role::Category | Role::Part(_));
    let each = |a: u64, b: u64| (0.85..=1.01).contains(&(rows / (a as f64 * b as f64).max(1.0)));
    let stepped = own().filter(step).any(|t| {
        let steps = t.column.distinct;
        let apart = |f: &Field<'_>| f.column.name != t.column.name && f.column.distinct > 1;
        steps > 1 && (each(steps, 1) || own().filter(kind).any(|k| apart(k) && each(steps, k.column.distinct)))
    });
    let figures = own().filter(|f| f.is_measure()).count();
    stepped && figures * 2 >= own().filter(|f| !step(f)).count()
}

/// Whether the word is known for something that such a table does not tell of: revenues in a table of volcanoes.
fn is_of_another_kind(data: &Data<'_>, token: &Token) -> bool {
    let near = |f: &Field<'_>| f.words.iter().any(|w| likeness::synonymous(&token.lower, w));
    if data.fields.iter().any(near) {
        return false;
    }
    // Any thing may be a row of what is not known to be something else.
    let thing = nouns::is_noun(&token.lower) && !nouns::is_told_of(data, &token.lower) && nouns::called(data).is_some();
    thing || is_figure(token) && !(nouns::is_noun(&token.lower) && nouns::is_told_of(data, &token.lower))
}

/// Whether the word is one for a figure, or for what goes by one.
pub fn is_figure(token: &Token) -> bool {
    const FIGURES: &str = "rents tips premiums deposits royalties dividends bonuses commissions likes followers comments \
        calories earnings savings debts taxes wages salaries fees expenses emissions temperatures crimes grades marks";
    let figure = |w: &[Word]| roles::has(w, roles::SUM_WORDS) || roles::has(w, roles::MEAN_WORDS);
    figure(&[Word::of(token)]) || is(Some(token), FIGURES)
}

/// Whether it is a word for a figure or a thing that other tables tell of.
pub fn is_elsewhere(data: &Data<'_>, token: &Token) -> bool {
    let known = SYNONYMS.iter().any(|g| g.split(' ').any(|w| stem(w) == token.stem));
    let keyword = lexicon::keyword(&token.lower, &token.stem).is_some();
    let person = nouns::is_person(token);
    let near = |f: &Field<'_>| f.words.iter().any(|w| likeness::synonymous(&token.lower, w));
    let thing = nouns::is_noun(&token.lower) && !person && !nouns::is_told_of(data, &token.lower);
    (is_figure(token) || known || keyword || thing) && !data.fields.iter().any(near)
}

/// `Commits per month`: a plural that a sentence begins with is written large for that, and is no name; with another
/// large one behind it (`Rolls Royce`) it may be.
pub fn begun(mut said: Vec<Token>) -> Vec<Token> {
    let large = |t: Option<&Token>| t.is_some_and(|t| t.text.chars().next().is_some_and(char::is_uppercase));
    let plural = |t: &Token| t.lower.len() > 4 && t.lower.ends_with('s') && !t.lower.ends_with("ss");
    let alone = large(said.first()) && said.len() > 1 && !large(said.get(1));
    if let Some(first) = said.first_mut().filter(|t| alone && t.kind == super::words::Kind::Word && plural(t)) {
        let rest = first.text.chars().skip(1).all(char::is_lowercase);
        if rest && !super::sayings::is_of_place(&first.stem) {
            first.text.clone_from(&first.lower);
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use vizroom_protocol::file::{Column, ColumnType, Dataset};

    use crate::plan;
    use crate::samples::{figure, sql, text};

    fn asks(prompt: &str, name: &str, columns: &[Column]) -> bool {
        let data = Dataset { name: name.into(), rows: 2_000, columns: columns.to_vec() };
        plan(prompt, &[data], None).clarification.is_some()
    }

    #[test]
    fn who_takes_part_is_a_row_of_what_happens() {
        let loans = || {
            let kind = text("application_type", 2, 0, &["joint", "individual"]);
            vec![kind, text("state", 50, 0, &["Ohio"]), figure("loan_amount", 900, 100, 40_000)]
        };
        for prompt in ["number of applicants by state", "how many of the borrowers are there in each state?"] {
            assert!(sql(prompt, "loans", loans()).contains("COUNT(*)"), "{prompt}");
        }
    }

    #[test]
    fn a_sentence_begins_large() {
        let day = |day: &str| Some(serde_json::json!(day));
        let (min, max) = (day("2024-01-01"), day("2024-12-31"));
        let time = Column { kind: ColumnType::Date, min, max, ..text("day", 300, 0, &[]) };
        let counts = vec![time, figure("count", 30, 0, 40)];
        for prompt in ["Pushes per month", "pushes per month"] {
            let sql = sql(prompt, "repository", counts.clone());
            assert!(sql.contains("SUM(\"count\")"), "{prompt}: {sql}");
        }
        assert!(asks("Rolls Royce per month", "repository", &counts));
    }

    #[test]
    fn things_stand_for_things_and_for_nothing_measured() {
        let peaks = vec![text("country", 40, 0, &["Peru"]), figure("elevation", 900, 100, 8_000)];
        assert!(sql("number of sites by country", "volcanoes", peaks.clone()).contains("COUNT(*)"));
        assert!(asks("number of hotel rooms by country", "volcanoes", &peaks));
        assert!(asks("copies sold by country", "volcanoes", &peaks));
        let measured = vec![text("state", 50, 0, &["Ohio"]), figure("year", 40, 1980, 2019), figure("cost", 900, 1, 9)];
        assert!(asks("number of clinics by state", "spending", &measured));
    }
}
