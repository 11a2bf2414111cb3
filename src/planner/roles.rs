//! What a column is good for, by its name and by its profile.

use serde_json::Value;
use vizroom_protocol::file::{Column, ColumnType, Dataset};

use super::fields::{Part, Role, Word};
use super::lists;
use super::words::{has_stem, stem};

/// Most answers to a question that is answered by yes or no.
const ANSWERS_MAX: u64 = 4;
/// Fewest letters of a word that the end of a name may be.
const OWN_MIN: usize = 4;

/// No more numbers than this may say something else than which one it is: the key that a song is in.
const FEW_KEYS: u64 = 24;

/// Whether one of the words of a name is in the list.
pub fn has(words: &[Word], list: &str) -> bool {
    let meant =
        |w: &Word| lists::has(list, &w.lower) || lists::words(list).any(|l| l.len() > 3 && has_stem(l, &w.stem));
    words.iter().any(meant)
}

pub fn role(column: &Column, words: &[Word], dataset: &Dataset) -> Role {
    match column.kind {
        ColumnType::Date | ColumnType::Timestamp => Role::Time,
        ColumnType::Boolean => Role::Flag,
        ColumnType::Text => text_role(column, words, dataset),
        ColumnType::Integer | ColumnType::Number => number_role(column, words, dataset),
    }
}

fn text_role(column: &Column, words: &[Word], dataset: &Dataset) -> Role {
    if truths(column).is_some() {
        return Role::Flag;
    }
    let filled = dataset.rows.saturating_sub(column.nulls);
    if column.distinct > 50 && column.distinct * 10 > filled * 7 {
        return if has(words, "id uuid key") { Role::Id } else { Role::Label };
    }
    if column.distinct > 50 && has(words, "id uuid key tailnumber") { Role::Id } else { Role::Category }
}

/// The values that say yes and no, where a column says nothing else: `true` and `false`, 1 and 0, `Yes` and `No`.
pub fn truths(column: &Column) -> Option<(Value, Value)> {
    match column.kind {
        ColumnType::Boolean => Some((Value::Bool(true), Value::Bool(false))),
        ColumnType::Integer if column.distinct == 2 => {
            let bound = |v: &Option<Value>| v.as_ref().and_then(Value::as_i64);
            (bound(&column.min) == Some(0) && bound(&column.max) == Some(1)).then(|| (1.into(), 0.into()))
        }
        ColumnType::Text
            if (2..=ANSWERS_MAX).contains(&column.distinct) && column.top.len() as u64 == column.distinct =>
        {
            let is = |v: &Value, list: &str| {
                v.as_str().is_some_and(|t| list.split(',').any(|w| w == t.trim().to_lowercase()))
            };
            let of = |list: &str| column.top.iter().find(|v| is(v, list)).cloned();
            let Some(answers) = of("yes,y,true,t").zip(of("no,n,false,f")) else {
                return denied(column).or_else(|| own(column));
            };
            // `No internet service` is no answer of its own, nor is `unknown`.
            let moot = |v: &&Value| {
                let text = v.as_str().unwrap_or_default().trim().to_lowercase();
                text.starts_with("no ")
                    || is(v, "unknown,n/a,na,not applicable,not sure,missing,unsure,don't know,refused")
            };
            let others = column.top.iter().filter(|v| **v != answers.0 && **v != answers.1);
            others.clone().all(|v| moot(&v)).then_some(answers)
        }
        _ => None,
    }
}

/// A value and that it is not so: `Remote` and `Not remote`.
fn denied(column: &Column) -> Option<(Value, Value)> {
    let [a, b] = column.top.as_slice() else { return None };
    let denies = |no: &Value, yes: &Value| {
        let (no, yes) =
            (no.as_str().unwrap_or_default().to_lowercase(), yes.as_str().unwrap_or_default().to_lowercase());
        let rest = ["not ", "non-", "non ", "no "].into_iter().find_map(|p| no.strip_prefix(p));
        !yes.is_empty() && rest == Some(yes.as_str())
    };
    match () {
        () if denies(b, a) => Some((a.clone(), b.clone())),
        () if denies(a, b) => Some((b.clone(), a.clone())),
        () => None,
    }
}

/// One of two values that is called as the column is: `dead` and `alive`, `airbag` and `none`, `belted` in `seatbelt`.
fn own(column: &Column) -> Option<(Value, Value)> {
    let [a, b] = column.top.as_slice() else { return None };
    let name = column.name.to_lowercase();
    let named = |v: &Value| {
        let text = v.as_str().unwrap_or_default().to_lowercase();
        let said = super::words::name_words(&name).iter().any(|w| stem(w) == stem(&text));
        said || stem(&text).len() >= OWN_MIN && name.ends_with(&stem(&text))
    };
    match (named(a), named(b)) {
        (true, false) => Some((a.clone(), b.clone())),
        (false, true) => Some((b.clone(), a.clone())),
        _ => None,
    }
}

/// `l_suppkey`, `CustomerKey`: a whole number that is called as keys are.
fn is_key(column: &Column) -> bool {
    const NO_KEYS: &str = "monkey turkey whiskey hockey jockey donkey";
    let names = super::words::name_words(&column.name);
    let called = names.last().is_some_and(|last| match last.as_str() {
        "key" => names.len() > 1,
        grown => grown.len() > 5 && grown.ends_with("key") && NO_KEYS.split(' ').all(|w| w != grown),
    });
    called && column.kind == ColumnType::Integer && column.distinct > FEW_KEYS
}

fn number_role(column: &Column, words: &[Word], dataset: &Dataset) -> Role {
    let bounds = (column.min.as_ref().and_then(Value::as_f64), column.max.as_ref().and_then(Value::as_f64));
    let whole = column.kind == ColumnType::Integer || column.mean.is_some_and(|m| m.fract() == 0.0);
    if let (Some(min), Some(max)) = bounds {
        if let Some(part) = part(words, min, max).or_else(|| part_of_event(column, dataset, min, max)) {
            return Role::Part(part);
        }
        let clock = has(words, "time") && min >= 0.0 && (2_300.0..=2_400.0).contains(&max);
        // `long` beside a `lat`
        let beside = || dataset.columns.iter().any(|c| matches!(c.name.to_lowercase().as_str(), "lat" | "latitude"));
        if matches!(words, [one] if one.lower == "long") && min >= -180.0 && max <= 180.0 && beside() {
            return Role::Other;
        }
        let minute = has(words, "minute second") && words.len() == 1 && min >= 0.0 && max <= 59.0;
        // A date written as one number: of an event, or as days from some start.
        let dated = has(words, "date") && (words.len() == 1 || has(words, "number serial epoch key"));
        if clock || minute || dated || has(words, "latitude longitude") || is_longitude(column, dataset) {
            return Role::Other;
        }
    }
    if has(words, "id uuid upc ean isbn sku code zip zipcode postal postcode fips ssn phone")
        || is_key(column)
        || is_entity(column, words)
        || is_numbered(column, words)
        || is_row_number(column, dataset)
    {
        return Role::Id;
    }
    if truths(column).is_some() {
        return Role::Flag;
    }
    let per = super::words::name_words(&column.name).iter().any(|w| w == "per");
    let each = has(words, "unit list") && has(words, "price cost value");
    let per = per || (has(words, "income earnings") && !has(words, "net operating"));
    // Discounts of amounts, not in per cent.
    let amounts = column.kind == ColumnType::Number && column.distinct > 50 && bounds.1.is_some_and(|max| max > 1.0);
    if amounts && has(words, "discount rebate") && !has(words, "rate percent share average") {
        return Role::Sum;
    }
    if per || each || column.name.contains('%') || has(words, MEAN_WORDS) {
        return Role::Mean;
    }
    // Years of death do not add up, whatever deaths do.
    let years = bounds.0.is_some_and(|m| m >= 1000.0) && bounds.1.is_some_and(|m| m <= 2200.0);
    if whole && years && has(words, "year") {
        return Role::Mean;
    }
    // What is counted has no fractions: votes between 0 and 100 with some are per cent.
    let broken = |v: &Value| v.as_f64().is_some_and(|n| n.fract() != 0.0);
    let fractions = column.kind == ColumnType::Number && column.top.iter().any(broken);
    if fractions && bounds.0.is_some_and(|m| m >= 0.0) && bounds.1.is_some_and(|m| m <= 100.0) && has(words, COUNTED) {
        return Role::Mean;
    }
    if has(words, SUM_WORDS) {
        return Role::Sum;
    }
    // Medals.
    if column.kind == ColumnType::Integer
        && matches!(words, [one] if matches!(one.lower.as_str(), "gold" | "silver" | "bronze"))
    {
        return Role::Sum;
    }
    // Numbers in their order: no figure, however many there are.
    const NUMBERED: &str =
        "episode round lap stage chapter inning wave trial attempt session match game race heat semester volume issue";
    let numbered = matches!(words, [one] if super::lists::has(NUMBERED, &one.lower));
    if whole && column.kind == ColumnType::Integer && (column.distinct <= 12 || numbered && column.distinct <= 100) {
        return Role::Ordinal;
    }
    if column.kind == ColumnType::Integer && bounds.0.is_some_and(|min| min >= 0.0) && names_many(words) {
        return Role::Sum;
    }
    Role::Mean
}

/// `long` beside a latitude.
fn is_longitude(column: &Column, dataset: &Dataset) -> bool {
    let called = |c: &Column, names: &[&str]| names.iter().any(|n| c.name.eq_ignore_ascii_case(n));
    called(column, &["long"]) && dataset.columns.iter().any(|c| called(c, &["lat", "latitude"]))
}

/// `wounds`, `assists`, `individuals affected`: whole numbers called by a plural count something; units and spans of time do
/// not add up.
pub fn names_many(words: &[Word]) -> bool {
    // What was done with them.
    let done = |w: &&Word| w.lower.len() >= 5 && w.lower.ends_with("ed") || w.lower == "sold";
    let Some(last) = words.iter().rev().find(|w| !done(w)) else { return false };
    let plural =
        last.lower.len() > 3 && last.lower.ends_with('s') && !last.lower.ends_with("ss") && !last.lower.ends_with("us");
    plural
        && !has(
            words,
            "year month week day days hour minute second millisecond byte pound inch mile foot degree point status series gas basis savings earnings",
        )
}

/// `state`, `store`: whole numbers by which things are told, called by one of them.
fn is_entity(column: &Column, words: &[Word]) -> bool {
    const THINGS: &str = "state country county region district province store shop department branch warehouse \
        customer product item user employee team player station site route household supplier vendor patient hospital school";
    let named =
        matches!(words, [one] if column.name.eq_ignore_ascii_case(&one.lower) && super::lists::has(THINGS, &one.lower));
    named && column.kind == ColumnType::Integer && column.distinct > 12
}

/// `volcano_number` numbers volcanoes; `number_of_rooms` and `room_count` count.
fn is_numbered(column: &Column, words: &[Word]) -> bool {
    let names = super::words::name_words(&column.name);
    let last = names.last().is_some_and(|w| matches!(w.as_str(), "number" | "no" | "nr"));
    let singular = names.first().is_some_and(|w| !w.ends_with('s') || w.ends_with("ss"));
    last && singular && words.len() > 1 && column.kind == ColumnType::Integer && column.distinct > 50
}

/// `flight` in `flights`, or a counter of the rows.
fn is_row_number(column: &Column, dataset: &Dataset) -> bool {
    if column.kind != ColumnType::Integer {
        return false;
    }
    // `sales` in `sales` is no counter: who means the rows' own number names one of them.
    let name = column.name.to_lowercase();
    let figure = super::words::name_words(&name)
        .iter()
        .map(|w| Word::new(w))
        .any(|w| [MEAN_WORDS, SUM_WORDS].iter().any(|words| has(std::slice::from_ref(&w), words)));
    // `check_time` of `check_times` says what is measured of each, where a lone `flight` numbers the flights.
    let lone = super::words::name_words(&name).len() == 1;
    let singular = !figure && lone && name != dataset.name && stem(&name) == stem(&dataset.name);
    let (Some(min), Some(max)) =
        (column.min.as_ref().and_then(Value::as_i64), column.max.as_ref().and_then(Value::as_i64))
    else {
        return singular;
    };
    singular
        || (dataset.rows > 20
            && column.distinct == dataset.rows
            && max.checked_sub(min).and_then(|d| u64::try_from(d).ok()) == Some(dataset.rows - 1))
}

/// `Year_Sold` beside a `Mo_Sold`: parts of the date of one event, where the data has no other dates.
fn part_of_event(column: &Column, dataset: &Dataset, min: f64, max: f64) -> Option<Part> {
    let parted = |c: &Column| {
        let words: Vec<Word> = super::words::name_words(&c.name).iter().map(|w| Word::new(w)).collect();
        let unit = words.iter().position(|w| matches!(w.lower.as_str(), "year" | "month" | "quarter" | "day"))?;
        let event: Vec<String> =
            words.iter().enumerate().filter(|(i, _)| *i != unit).map(|(_, w)| w.stem.clone()).collect();
        (!event.is_empty() && c.kind == ColumnType::Integer).then(|| (words[unit].clone(), event))
    };
    let (unit, event) = parted(column)?;
    let dated = |c: &Column| {
        let plain = || matches!(c.name.to_lowercase().as_str(), "year" | "month" | "date");
        matches!(c.kind, ColumnType::Date | ColumnType::Timestamp) || plain()
    };
    if dataset.columns.iter().any(dated) {
        return None;
    }
    let of = |name: &str| {
        let is = |c: &&Column| parted(c).is_some_and(|(u, e)| u.lower == name && e == event);
        dataset.columns.iter().any(|c| is(&c))
    };
    let first = dataset.columns.iter().filter_map(parted).find(|(u, e)| {
        let month = |c: &Column| parted(c).is_some_and(|(other, of)| other.lower == "month" && of == *e);
        u.lower == "year" && dataset.columns.iter().any(month)
    });
    let ours = first.is_some_and(|(_, e)| e == event) && of("year") && of("month");
    ours.then(|| part(&[unit], min, max))?
}

fn part(words: &[Word], min: f64, max: f64) -> Option<Part> {
    let within = |low: f64, high: f64| min >= low && max <= high;
    if let [inner, outer] = words
        && matches!(inner.lower.as_str(), "date" | "day" | "hour" | "month" | "week")
    {
        return match (inner.lower.as_str(), outer.lower.as_str()) {
            ("date" | "day", "month") if within(1.0, 31.0) => Some(Part::Day),
            ("day", "week") if within(0.0, 7.0) => Some(Part::Weekday),
            ("hour", "day") if within(0.0, 24.0) => Some(Part::Hour),
            ("month", "year") if within(1.0, 12.0) => Some(Part::Month),
            ("week", "year") if within(0.0, 53.0) => Some(Part::Week),
            _ => None,
        };
    }
    // `yearkey` is the year.
    if let [year, tag] = words
        && year.lower == "year"
        && matches!(tag.lower.as_str(), "id" | "key" | "code" | "number")
        && within(1500.0, 2200.0)
    {
        return Some(Part::Year);
    }
    let [word] = words else { return None };
    match word.lower.as_str() {
        "year" | "season" if within(1000.0, 2200.0) => Some(Part::Year),
        "quarter" | "qtr" if within(1.0, 4.0) => Some(Part::Quarter),
        "month" if within(1.0, 12.0) => Some(Part::Month),
        "week" if within(0.0, 53.0) => Some(Part::Week),
        "weekday" | "dow" | "dayofweek" if within(0.0, 7.0) => Some(Part::Weekday),
        "day" if within(1.0, 31.0) => Some(Part::Day),
        "hour" if within(0.0, 24.0) => Some(Part::Hour),
        _ => None,
    }
}

/// Whether words of a name tell a figure that is averaged.
pub fn is_averaged(words: &[Word]) -> bool {
    has(words, MEAN_WORDS)
}

/// What comes one by one.
const COUNTED: &str = "vote death birth visit click view passenger people job worker employee goal win injury accident";

/// Whether the word is one for a figure.
pub fn tells_figure(word: &Word) -> bool {
    [MEAN_WORDS, SUM_WORDS].iter().any(|list| has(std::slice::from_ref(word), list))
}

pub const MEAN_WORDS: &str = "rate ratio capita price score rating temperature percent delay age speed wind average mean median mpg \
discount margin duration height length width depth humidity pressure yield index level grade gpa bmi acceleration horsepower displacement \
salary wage density share proportion fare weight mass latency score rank hardness concentration elevation altitude";
pub const SUM_WORDS: &str = "sales dollar euro revenue amount profit quantity cost gross budget vote death count total unit population \
number precipitation rain snow visit click view order expense spend spending volume download sold passenger case \
injury damage emission amt donation fee tax people job worker employee generation generated production produced output \
consumption shipment export import payment goal win medal disease illness infection wound birth admission vaccination attendance enrollment registration takings proceeds receipts impression conversion signup frequency asset liability incident turnover inventory";

#[cfg(test)]
mod tests {
    use vizroom_protocol::file::{Column, ColumnType};

    use crate::samples::{figure, sql, text};

    #[test]
    fn what_something_was_done_with_adds_up() {
        let shelters = || vec![figure("animals_rescued", 90, 0, 400), text("shelter", 5, 0, &["North", "South"])];
        let sql = sql("animals rescued by shelter", "shelters", shelters());
        assert!(sql.contains("SUM(\"animals_rescued\")"), "{sql}");
    }

    #[test]
    fn keys_are_told_by_their_names() {
        let lines =
            || vec![figure("l_suppkey", 900, 1, 1_000), figure("l_price", 800, 1, 9_000), text("mode", 7, 0, &["AIR"])];
        let top = sql("top 10 l_suppkey by total l_price", "lineitem", lines());
        assert!(top.starts_with("SELECT \"l_suppkey\""), "{top}");
        // As the file writes it, though its words are told apart: ship date.
        let day = || Column { kind: ColumnType::Date, ..text("l_shipdate", 900, 0, &[]) };
        let dated = || vec![day(), text("l_shipmode", 7, 0, &["AIR"]), figure("l_price", 800, 1, 9_000)];
        assert!(!sql("count by month of l_shipdate", "lineitem", dated()).contains("l_shipmode"));
        // No key, though it ends so.
        let birds = || vec![figure("turkey", 900, 1, 1_000), text("state", 50, 0, &["Ohio"])];
        assert!(sql("turkey by state", "farms", birds()).contains("(\"turkey\")"));
    }
}
