//! What the rows of a dataset may be called, besides by its name.

use super::fields::{Data, Field, Role};
use super::likeness::synonymous;
use super::words::{Token, name_words, stem};

/// People, whatever they do: in a table with a row a person any of these is a row.
const PEOPLE: &str = "people person persons individual individuals passenger passengers patient patients student students \
    employee employees worker workers customer customers client clients user users member members player players athlete \
    athletes participant participants respondent respondents resident residents citizen citizens guest guests visitor \
    visitors subscriber subscribers applicant applicants candidate candidates victim victims mother mothers parent parents \
    child children adult adults staff staffers colleague colleagues driver drivers diner diners subject subjects human \
    humans soldier soldiers voter voters buyer buyers shopper shoppers professor professors teacher teachers faculty \
    academics pupil pupils survivor survivors someone anyone everybody everyone folks";

/// Words of dates that tell of no event.
const CLOCK: &str = "date time day month year at on timestamp datetime created updated modified start end from to local utc when";

/// Whether the word means the rows: by the event that their date tells (`death_date`), by their key (`order_id`), or
/// because each of them is a person.
pub fn names_rows(data: &Data<'_>, token: &Token) -> bool {
    let is = |w: &super::fields::Word| w.stem == token.stem || synonymous(&token.lower, w);
    // A figure of that name is what is meant.
    if data.fields.iter().any(|f| f.is_measure() && f.words.iter().any(|w| w.stem == token.stem)) {
        return false;
    }
    let own = || data.fields.iter().filter(|f| !f.joined);
    let many = token.lower.ends_with('s') || PEOPLE.split(' ').any(|p| p == token.lower);
    let clock = |lower: &str| CLOCK.split(' ').any(|w| w == lower);
    let event = |f: &Field<'_>| f.role == Role::Time && f.words.iter().any(|w| !clock(&w.lower) && is(w));
    let only_date = own().filter(|f| f.role == Role::Time).count() == 1;
    (many && ((only_date && own().any(event)) || own().any(|f| is_key(data, f) && f.words.iter().any(is))))
        || (are_people(data) && PEOPLE.split(' ').any(|p| p == token.lower))
}

/// `order_id` in a table that has each once.
fn is_key(data: &Data<'_>, field: &Field<'_>) -> bool {
    let names = name_words(&field.column.name);
    let key = names.last().is_some_and(|w| matches!(w.as_str(), "id" | "key" | "no" | "nr" | "number" | "uuid" | "code"));
    key && names.len() > 1 && data.dataset.rows > 1 && field.column.distinct == data.dataset.rows
}

/// Whether a row is a person: it has two of what people have.
fn are_people(data: &Data<'_>) -> bool {
    const TRAITS: [&str; 7] = ["age", "sex gender", "smoker smoke", "salary wage", "surname lastname firstname name", "hire birthdate birth", "marital married"];
    let has = |list: &&str| {
        let words = |f: &Field<'_>| f.words.iter().any(|w| list.split(' ').any(|l| l == w.lower || stem(l) == w.stem));
        data.fields.iter().any(|f| !f.joined && words(f))
    };
    TRAITS.iter().filter(|t| has(t)).count() >= 2
}
