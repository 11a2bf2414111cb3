//! What the rows of a dataset may be called, besides by its name.

use super::fields::{Data, Field, Role};
use super::likeness::synonymous;
use super::words::{Token, name_words, stem};

/// People, whatever they do: in a table with a row a person any of these is a row.
const PEOPLE: &str = "people person persons individual individuals passenger passengers patient patients student students \
    employee employees worker workers customer customers client clients user users member members player players athlete \
    athletes participant participants respondent respondents resident residents citizen citizens guest guests visitor \
    visitors subscriber subscribers applicant applicants candidate candidates victim victims \
    staff staffers colleague colleagues driver drivers diner diners subject subjects human \
    humans soldier soldiers voter voters buyer buyers shopper shoppers faculty \
    academics pupil pupils someone anyone everybody everyone folks";

/// Words of dates that tell of no event.
const CLOCK: &str =
    "date time day month year at on timestamp datetime created updated modified start end from to local utc when";

/// Whether the word means the rows by the event that their date tells (`death_date`), or by their key (`order_id`).
pub fn names_rows(data: &Data<'_>, token: &Token) -> bool {
    let is = |w: &super::fields::Word| w.stem == token.stem || synonymous(&token.lower, w);
    if is_figure(data, token) {
        return false;
    }
    let own = || data.fields.iter().filter(|f| !f.joined);
    let many = token.lower.ends_with('s') || is_person(token);
    let clock = |lower: &str| CLOCK.split(' ').any(|w| w == lower);
    let event = |f: &Field<'_>| f.role == Role::Time && f.words.iter().any(|w| !clock(&w.lower) && is(w));
    let only_date = own().filter(|f| f.role == Role::Time).count() == 1;
    (many && only_date && own().any(event)) || own().any(|f| is_key(data, f) && f.words.iter().any(is))
}

/// Whether the word is what such rows are called: people, or what is told of by such columns.
pub fn names_kind(data: &Data<'_>, token: &Token) -> bool {
    let things = || THINGS.iter().filter(|(nouns, _)| nouns.split(' ').any(|n| n == token.lower));
    let told = || things().any(|(_, traits)| traits_of(data, traits) >= 2);
    !is_figure(data, token) && (is_person(token) && are_people(data) || told())
}

/// A figure of that name is what is meant.
fn is_figure(data: &Data<'_>, token: &Token) -> bool {
    data.fields.iter().any(|f| f.is_measure() && f.words.iter().any(|w| w.stem == token.stem))
}

/// Whether the word is one for people.
pub fn is_person(token: &Token) -> bool {
    PEOPLE.split(' ').any(|p| p == token.lower)
}

/// What things are called, and what is told of them: a table that tells two of these is one of such things.
const THINGS: &[(&str, &str)] = &[
    (
        "animal animals mammal mammals species creature creatures bird birds fish",
        "genus vore species family order conservation body brain wing bill beak flipper habitat diet island lifespan",
    ),
    ("plant plants flower flowers", "species sepal petal leaf stem genus"),
    (
        "computer computers machine machines laptop laptops phone phones device devices",
        "ram speed screen hd cd storage processor price battery",
    ),
    (
        "car cars vehicle vehicles automobile automobiles model models",
        "horsepower mpg cylinders displacement transmission engine mileage wheelbase drivetrain origin highway",
    ),
    (
        "house houses home homes property properties apartment apartments flat flats listing listings",
        "bedrooms bathrooms lotsize rooms sqft stories garage price area garagepl bathrms rent neighbourhood neighborhood",
    ),
    ("meal meals party parties", "tip total_bill bill size smoker"),
    ("film films movie movies picture pictures", "director genre budget gross runtime rating studio"),
    ("song songs track tracks", "artist album tempo duration danceability genre"),
    ("book books", "author pages publisher isbn rating"),
    ("game games match matches fixture fixtures", "home away score team goals opponent winner"),
    ("trip trips ride rides journey journeys", "pickup dropoff fare distance start duration station"),
    ("company companies firm firms", "revenue industry employees profit sector founded headquarters"),
    ("product products item items article articles", "price stock sku unit category list brand"),
    (
        "order orders sale sales transaction transactions purchase purchases",
        "amount quantity customer product discount channel store sku total",
    ),
    ("city cities town towns", "population latitude country mayor"),
    ("country countries nation nations", "population gdp capital continent income"),
    ("accident accidents crash crashes collision collisions", "injuries severity casualties vehicles killed injured"),
    ("diamond diamonds gem gems stone stones", "carat cut clarity color depth"),
    ("wine wines", "alcohol acidity ph sulphates quality vintage grape winery"),
    ("visit visits session sessions", "device browser pages bounce bounced referrer source converted"),
    (
        "call calls ticket tickets case cases request requests",
        "priority agent status resolution severity assignee csat opened",
    ),
    ("loan loans credit credits", "amount interest term grade default purpose"),
    ("store stores shop shops branch branches", "sales region manager sqft opened city"),
    ("school schools", "students teachers district score enrollment"),
    ("element elements", "atomic symbol mass electronegativity density"),
    ("birth births baby babies newborn newborns", "bwt birth gestation smoke race lwt mother"),
    ("quake quakes earthquake earthquakes", "magnitude depth latitude longitude stations"),
];

/// How many of the words are in names of columns.
fn traits_of(data: &Data<'_>, traits: &str) -> usize {
    let has = |t: &&str| {
        let of = |f: &Field<'_>| {
            f.column.name.eq_ignore_ascii_case(t) || f.words.iter().any(|w| w.lower == *t || w.stem == stem(t))
        };
        data.fields.iter().any(|f| !f.joined && of(f))
    };
    traits.split(' ').filter(has).count()
}

/// `order_id` in a table that has each once.
fn is_key(data: &Data<'_>, field: &Field<'_>) -> bool {
    let names = name_words(&field.column.name);
    let key =
        names.last().is_some_and(|w| matches!(w.as_str(), "id" | "key" | "no" | "nr" | "number" | "uuid" | "code"));
    key && names.len() > 1 && data.dataset.rows > 1 && field.column.distinct == data.dataset.rows
}

/// Whether a row is a person: it has two of what people have.
fn are_people(data: &Data<'_>) -> bool {
    const TRAITS: [&str; 7] = [
        "age",
        "sex gender",
        "smoker smoke",
        "salary wage",
        "surname lastname firstname name",
        "hire birthdate birth",
        "marital married",
    ];
    let has = |list: &&str| {
        let words = |f: &Field<'_>| f.words.iter().any(|w| list.split(' ').any(|l| l == w.lower || stem(l) == w.stem));
        data.fields.iter().any(|f| !f.joined && words(f))
    };
    TRAITS.iter().filter(|t| has(t)).count() >= 2
}
