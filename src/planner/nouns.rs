//! What the rows of a dataset may be called, besides by its name.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::fields::{Data, Field, Role};
use vizroom_protocol::file::ColumnType;

use super::likeness::synonymous;
use super::words::{Token, has_stem, is, name_words, stem};

/// People, whatever they do: in a table with a row a person any of these is a row.
const PEOPLE: &str = "people person persons individual individuals passenger passengers patient patients student students \
    employee employees worker workers customer customers client clients user users member members player players athlete \
    athletes participant participants respondent respondents resident residents citizen citizens guest guests visitor \
    visitors subscriber subscribers applicant applicants candidate candidates victim victims \
    staff staffers colleague colleagues driver drivers diner diners subject subjects human \
    humans soldier soldiers voter voters buyer buyers shopper shoppers faculty \
    academics mother mothers holder holders boys girls pupil pupils adult adults kid kids child children friend friends lady ladies attendee attendees \
    moms dads mums parents couples \
    defendant defendants inmate inmates someone anyone everybody everyone folks \
    character characters hero heroes villain villains runner runners swimmer swimmers cyclist cyclists racer racers finisher \
    finishers contestant contestants competitor competitors entrant entrants skier skiers skater skaters golfer golfers boxer \
    boxers wrestler wrestlers lifter lifters jockey jockeys pilot pilots astronaut astronauts monarch monarchs president \
    presidents politician politicians senator senators governor governors minister ministers legislator legislators delegate \
    delegates nominee nominees laureate laureates singer singers musician musicians dancer dancers actor actors actress \
    actresses celebrity celebrities graduate graduates donor donors tenant tenants";

/// What anything that happened may be called.
pub const ANYTHING: &str = "cases incidents events occurrences observations records entries rows instances reports readings measurements \
    items things ones";

/// Words of dates that tell of no event.
const CLOCK: &str =
    "date time day month year at on timestamp datetime created updated modified start end from to local utc when";

/// Whether the word means the rows by the event that their date tells (`death_date`), or by their key (`order_id`).
pub fn names_rows(data: &Data<'_>, token: &Token) -> bool {
    let is = |w: &super::fields::Word| w.stem == token.stem || synonymous(&token.lower, w);
    if is_event(data, token) {
        return true;
    }
    if is_figure(data, token) {
        return false;
    }
    let own = || data.fields.iter().filter(|f| !f.joined);
    let many = token.lower.ends_with('s') || is_person(token);
    let clock = |lower: &str| super::lists::has(CLOCK, lower);
    // `discoveries`, where each row has a `discovery_year`.
    let years = |f: &Field<'_>| f.role == Role::Part(super::fields::Part::Year) && f.words.len() > 1;
    let dated = own().any(|f| f.role == Role::Time);
    let happens = |f: &Field<'_>| f.role == Role::Time || !dated && years(f);
    let event = |f: &Field<'_>| happens(f) && f.words.iter().any(|w| !clock(&w.lower) && is(w));
    let only_date = own().filter(|f| happens(f)).count() == 1;
    (many && only_date && own().any(event)) || own().any(|f| is_key(data, f) && f.words.iter().any(is))
}

/// `captures` where each has a `capture_time`, `licences` with a `license_number` each, `tests` of `covid_testing` with
/// a `test_id`: what columns tell the time or the key of is a row, and no figure or group of its own.
fn is_event(data: &Data<'_>, token: &Token) -> bool {
    const KEYS: &str = "id key no nr number uuid code";
    const WHEN: &str = "date time datetime timestamp day";
    let is = |w: &super::fields::Word| w.stem == token.stem || synonymous(&token.lower, w);
    let last = |f: &Field<'_>, list: &str| {
        let names = name_words(&f.column.name);
        f.words.len() > 1 && names.last().is_some_and(|w| super::lists::has(list, w))
    };
    let rows = data.dataset.rows;
    let named = super::text::name_of_rows(&data.dataset.name).iter().any(|w| {
        let base = |w: &str| stem(w.strip_suffix("ing").unwrap_or(w));
        base(w) == base(&token.lower)
    });
    let tells = |f: &Field<'_>| {
        let first = f.words.first().is_some_and(is);
        let mostly = f.column.nulls * 2 < rows && f.column.distinct * 4 > rows;
        let keyed = last(f, KEYS) && (f.column.distinct * 2 >= rows || named);
        !f.joined && first && (keyed || last(f, WHEN) && mostly && f.column.kind != ColumnType::Date)
    };
    let apart = |f: &Field<'_>| f.joined || f.words.last().is_none_or(|w| !is(w)) || !f.words.iter().any(is);
    rows > 1 && super::supposed::names_several(token) && data.fields.iter().any(tells) && data.fields.iter().all(apart)
}

/// Whether the word is what such rows are called: people, or what is told of by such columns.
pub fn names_kind(data: &Data<'_>, token: &Token) -> bool {
    let things = || THINGS.iter().filter(|(nouns, _)| super::lists::has(nouns, &token.lower));
    let told = || things().any(|(_, traits)| traits_of(data, traits) >= 2);
    !is_figure(data, token) && !is_money(data, token) && (is_person(token) && are_people(data) || told())
}

/// `sales` of invoices, each of which comes to an amount: what they add up to.
fn is_money(data: &Data<'_>, token: &Token) -> bool {
    let amount =
        |f: &Field<'_>| matches!(f.words.as_slice(), [one] if matches!(one.lower.as_str(), "total" | "amount"));
    token.lower == "sales" && data.fields.iter().any(|f| f.role == Role::Sum && !f.joined && amount(f))
}

/// A figure of that name is what is meant.
fn is_figure(data: &Data<'_>, token: &Token) -> bool {
    let head = |f: &Field<'_>| f.heads.iter().any(|&h| f.words.get(h).is_some_and(|w| w.stem == token.stem));
    data.fields.iter().any(|f| f.is_measure() && head(f))
}

/// Whether a figure is called as the words say, `sales` in `sales`, `average temperature` in a table of that name: it is
/// what is meant, not how many rows there are.
pub fn is_figure_called(data: &Data<'_>, spoken: &[super::fields::Word], joined: &str) -> bool {
    let computed = |w: &super::fields::Word| matches!(w.lower.as_str(), "average" | "mean" | "median" | "total");
    let told = &spoken[usize::from(spoken.len() > 1 && spoken.first().is_some_and(computed))..];
    let called = |f: &Field<'_>| {
        let same = |said: &[super::fields::Word]| {
            f.words.len() == said.len() && f.words.iter().zip(said).all(|(w, s)| w.stem == s.stem)
        };
        let grown = matches!(f.words.as_slice(), [one] if one.stem == stem(joined));
        // `population density`, in a table of that name: the figure is called by what is last.
        let last = spoken.len() > 1 && f.words.len() == 1 && !f.joined && same(&spoken[spoken.len() - 1..]);
        same(spoken) || same(told) || last || grown || f.column.name.eq_ignore_ascii_case(joined)
    };
    data.fields.iter().any(|f| matches!(f.role, Role::Sum | Role::Mean | Role::Flag) && called(f))
}

/// Whether the word is one for rows of some kind of table.
pub fn is_noun(lower: &str) -> bool {
    static NOUNS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| words().collect());
    NOUNS.contains(lower)
}

/// All words for people and for what tables tell of.
pub fn words() -> impl Iterator<Item = &'static str> {
    THINGS.iter().flat_map(|(nouns, _)| nouns.split(' ')).chain(PEOPLE.split_ascii_whitespace())
}

/// The singular of a plural that is formed in no usual way, else the word itself.
pub fn irregular(lower: &str) -> &str {
    match lower {
        "genera" => "genus",
        "mice" => "mouse",
        "feet" => "foot",
        "teeth" => "tooth",
        "criteria" => "criterion",
        "matrices" => "matrix",
        "wives" => "wife",
        "wolves" => "wolf",
        "shelves" => "shelf",
        "halves" => "half",
        "cacti" => "cactus",
        "fungi" => "fungus",
        "larvae" => "larva",
        "radii" => "radius",
        "alumni" => "alumnus",
        "bacteria" => "bacterium",
        other => other,
    }
}

/// Whether the word is one for people.
pub fn is_person(token: &Token) -> bool {
    let men = token.lower.len() > 4 && token.lower.ends_with("men") && !is(Some(token), "specimen regimen acumen");
    men || names_person(&token.lower)
}

/// Whether the word, of a name or a prompt, is one for people.
pub fn names_person(lower: &str) -> bool {
    static WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| PEOPLE.split(' ').collect());
    WORDS.contains(lower)
}

/// Whether the word is made of what somebody does: `goalie`, `striker`, `economists`.
pub fn is_doer(lower: &str) -> bool {
    let one = lower.strip_suffix('s').unwrap_or(lower);
    one.len() >= 5 && ["er", "or", "ist", "ian", "man", "ie"].iter().any(|e| one.ends_with(e))
}

/// What things are called, and what is told of them: a table that tells two of these is one of such things. The first
/// name is the one that titles use.
const THINGS: &[(&str, &str)] = &[
    (
        "animals animal mammals mammal species creature creatures bird birds fish pets pet dogs dog cats cat",
        "genus vore species family order conservation body brain wing bill beak flipper habitat diet island lifespan breed",
    ),
    ("plants plant flowers flower trees tree", "species sepal petal leaf stem genus bark girth"),
    (
        "computers computer machines machine laptops laptop phones phone devices device",
        "ram speed screen hd cd storage processor price battery",
    ),
    (
        "cars car vehicles vehicle automobiles automobile models model",
        "horsepower hp mpg cylinders cyl displacement disp transmission engine mileage wheelbase drivetrain gear origin highway weight wt acceleration odometer",
    ),
    (
        "houses house homes home property properties apartment apartments flat flats listing listings dwelling dwellings sale sales",
        "bedrooms bedroom bathrooms baths beds lotsize rooms sqft living stories garage price area garagepl bathrms rent neighbourhood neighborhood zipcode waterfront floors built",
    ),
    ("meals meal party parties", "tip total_bill bill size smoker"),
    ("films film movies movie pictures picture", "director genre budget gross runtime rating studio imdb votes"),
    ("songs song tracks track", "artist album tempo duration danceability genre"),
    ("albums album records", "artist tracks label released chart"),
    ("books book novels novel titles", "author pages publisher isbn rating"),
    ("games game matches match fixtures fixture", "home away score team goals opponent winner"),
    ("trips trip rides ride journeys journey", "pickup dropoff fare distance start duration station"),
    (
        "companies company firms firm corporations corporation businesses business enterprises enterprise",
        "revenue industry employees profit profits sales assets marketvalue market sector founded headquarters ceo ticker",
    ),
    ("products product items item articles article goods", "price stock sku unit category list brand"),
    (
        "orders order sales sale transactions transaction purchases purchase",
        "amount quantity customer product discount channel store sku total",
    ),
    ("cities city towns town", "population latitude country mayor"),
    ("countries country nations nation", "population gdp capital continent income"),
    ("accidents accident crashes crash collisions collision", "injuries severity casualties vehicles killed injured"),
    ("diamonds diamond gems gem stones stone", "carat cut clarity color depth"),
    ("wines wine bottles bottle", "alcohol acidity ph sulphates quality vintage grape winery"),
    ("visits visit sessions session", "device browser pages bounce bounced referrer source converted"),
    (
        "cases case calls call tickets ticket requests request",
        "priority agent status resolution severity assignee csat opened",
    ),
    ("loans loan credits credit", "amount interest term grade default purpose"),
    ("stores store shops shop branches branch", "sales region manager sqft opened city"),
    (
        "schools school colleges college universities university",
        "students teachers district score enrollment tuition enroll apps",
    ),
    ("elements element", "atomic symbol mass electronegativity density"),
    ("births birth babies baby newborn newborns infants", "bwt birth gestation smoke race lwt mother"),
    ("quakes quake earthquakes earthquake tremors tremor", "magnitude mag depth latitude longitude stations"),
    ("storms storm hurricanes hurricane cyclones", "category status landfall storm hurricane eye"),
    ("volcanoes volcano volcanos", "elevation eruption volcanic tectonic"),
    ("athletes athlete players player", "team position height weight points goals assists sport jersey rebounds"),
    (
        "hotels hotel bookings booking reservations reservation stays stay",
        "guests adults nights adr rooms stars checkin",
    ),
    ("restaurants restaurant", "cuisine rating food decor service votes"),
    ("days day", "precipitation temperature humidity wind rain tmax tmin"),
    ("airlines airline carriers carrier", "seats fleet incidents fatalities alliance"),
    ("flights flight", "carrier airline origin destination departure arrival dep_delay arr_delay tailnum"),
    ("stations station", "latitude longitude capacity docks"),
];

/// Whether a column, here or looked up, tells what such things have: `animals` of surveys with a species each.
pub fn is_told_of(data: &Data<'_>, lower: &str) -> bool {
    let things = THINGS.iter().filter(|(nouns, _)| super::lists::has(nouns, lower));
    let mut traits = things.flat_map(|(_, traits)| traits.split(' '));
    traits.any(|t| data.fields.iter().any(|f| f.words.iter().any(|w| w.lower == t)))
}

/// The key that several rows have of what they are called by: `player_id` of players, a person's `subject_id`.
pub fn key_of(data: &Data<'_>, token: &Token) -> Option<usize> {
    let key = |w: &super::fields::Word| matches!(w.lower.as_str(), "id" | "key" | "number" | "code");
    let called = |is: &dyn Fn(&super::fields::Word) -> bool| {
        data.fields.iter().position(|f| matches!(f.words.as_slice(), [thing, last] if is(thing) && key(last)))
    };
    let person =
        || is_person(token).then(|| called(&|w| matches!(w.lower.as_str(), "subject" | "person" | "patient")))?;
    called(&|w| w.stem == token.stem).or_else(person)
}

/// The same of columns alone: births, told by two of what tells of them.
pub fn are_told(columns: &[vizroom_protocol::file::Column], lower: &str) -> bool {
    let has = |t: &&str| columns.iter().any(|c| name_words(&c.name).iter().any(|w| w == t || has_stem(t, &stem(w))));
    let mut things = THINGS.iter().filter(|(nouns, _)| super::lists::has(nouns, lower));
    things.any(|(_, traits)| traits.split(' ').filter(has).count() >= 2)
}

/// What the rows are called by what is told of them, where nothing else has as many traits: `companies`, `people`.
pub fn called(data: &Data<'_>) -> Option<&'static str> {
    *data.worked.called.get_or_init(|| most_told(data))
}

fn most_told(data: &Data<'_>) -> Option<&'static str> {
    if are_people(data) {
        return Some("people");
    }
    let told = |(nouns, traits): &(&'static str, &'static str)| (traits_of(data, traits), nouns.split(' ').next());
    let mut best: Vec<(usize, Option<&'static str>)> = THINGS.iter().map(told).filter(|(n, _)| *n >= 3).collect();
    best.sort_by_key(|(n, _)| std::cmp::Reverse(*n));
    match best.as_slice() {
        [(n, _), (second, _), ..] if n == second => None,
        [(_, noun), ..] => *noun,
        [] => None,
    }
}

/// How many of the words are in names of columns.
fn traits_of(data: &Data<'_>, traits: &str) -> usize {
    let has = |t: &&str| {
        let of = |f: &Field<'_>| {
            f.column.name.eq_ignore_ascii_case(t) || f.words.iter().any(|w| w.lower == *t || has_stem(t, &w.stem))
        };
        data.fields.iter().any(|f| !f.joined && of(f))
    };
    traits.split(' ').filter(has).count()
}

/// `order_id` in a table that has each once, or nearly.
fn is_key(data: &Data<'_>, field: &Field<'_>) -> bool {
    let names = name_words(&field.column.name);
    let key =
        names.last().is_some_and(|w| matches!(w.as_str(), "id" | "key" | "no" | "nr" | "number" | "uuid" | "code"));
    key && names.len() > 1 && data.dataset.rows > 1 && field.column.distinct * 20 >= data.dataset.rows * 19
}

/// Whether a row is a person: it has two of what people have.
fn are_people(data: &Data<'_>) -> bool {
    // `telco_customers` are people, whatever is told of them.
    let named = super::text::name_of_rows(&data.dataset.name);
    let customers = named.last().is_some_and(|w| PEOPLE.split(' ').any(|p| p == w && w.ends_with('s')));
    customers || traits_of_people(data) >= 2
}

/// How many things are told that people have.
pub fn traits_of_people(data: &Data<'_>) -> usize {
    const NAMES: &str = "surname lastname firstname forename name";
    const TRAITS: [&str; 9] = [
        "age",
        "sex gender",
        "smoker smoke",
        "salary wage",
        NAMES,
        "hire birthdate birth",
        "marital married",
        "income",
        "occupation employer emp",
    ];
    let of = |w: &super::fields::Word| {
        let part = matches!(w.lower.as_str(), "first" | "last" | "full" | "given" | "fake" | "middle");
        part || super::lists::has(PEOPLE, &w.lower)
    };
    let has = |list: &&str| {
        // The age of a star, and the name of its host, are no person's.
        let own = |f: &Field<'_>| {
            !matches!(*list, "age" | NAMES) || f.words.len() == 1 || f.words.len() == 2 && of(&f.words[0])
        };
        let words = |f: &Field<'_>| {
            own(f) && f.words.iter().any(|w| list.split(' ').any(|l| l == w.lower || has_stem(l, &w.stem)))
        };
        data.fields.iter().any(|f| !f.joined && words(f))
    };
    TRAITS.iter().filter(|t| has(t)).count()
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql, text};

    #[test]
    fn what_columns_tell_the_time_or_the_key_of_is_a_row() {
        let columns = || {
            let kinds = text("species", 3, 0, &["hawk", "kite"]);
            vec![text("CaptureTime", 800, 0, &["9:10"]), text("permit_number", 1_950, 0, &["A1"]), kinds]
        };
        for prompt in ["captures by species", "number of permits per species"] {
            let query = sql(prompt, "rings", columns());
            assert!(query.contains("COUNT(*)") && query.contains("GROUP BY 1 "), "{prompt}: {query}");
        }
    }

    #[test]
    fn cases_are_what_a_table_counts() {
        let columns = || {
            let state = text("state", 2_000, 0, &["Ohio", "Iowa"]);
            vec![state, text("region", 4, 0, &["West"]), figure("total", 900, 0, 9_000)]
        };
        assert!(sql("murders by region", "murders", columns()).contains("SUM(\"total\")"));
        assert!(sql("how many incidents in the West", "murders", columns()).contains("SUM(\"total\")"));
        let age =
            || vec![text("forename", 1_500, 0, &["Ann"]), figure("age", 90, 1, 99), text("town", 30, 0, &["Bath"])];
        assert!(sql("victims by town", "murders", age()).contains("COUNT(*)"));
        assert!(sql("the 4 most common towns", "murders", age()).contains("COUNT(*)"));
    }

    #[test]
    fn reposts_in_the_plural_are_how_many_there_were() {
        let flag = text("is_repost", 2, 0, &["yes", "no"]);
        let columns = || vec![flag.clone(), figure("repost_count", 900, 0, 9_000), text("source", 5, 0, &["web"])];
        let query = sql("average reposts by source", "posts", columns());
        assert!(query.contains("AVG(\"repost_count\")"), "{query}");
    }

    #[test]
    fn a_flag_called_as_the_table_has_a_rate() {
        let columns =
            vec![text("churn", 2, 0, &["Yes", "No"]), text("plan", 4, 0, &["A"]), figure("daily_rate", 90, 1, 99)];
        let query = sql("churn rate by plan", "churn", columns);
        assert!(query.contains("\"churn\" = 'Yes'") && query.contains("AVG(CASE"), "{query}");
    }
}
