//! Limits that a word says by itself: `children` are people under 18, `below freezing` is below 0 or 32 degrees, where the data tells
//! an age or a temperature. And limits that are said twice: `over 15 minutes (900 s)`.

use vizroom_protocol::file::{Column, ColumnType, Dataset};

use super::words::{Kind, Token, is, name_words, tokens};

/// Hottest that Celsius gets; beyond, degrees are Fahrenheit.
const CELSIUS_MAX: f64 = 62.0;

/// Largest value of temperatures that are scaled to a part of the largest.
const SHARES_MAX: f64 = 1.5;

/// Groups of people by their ages.
const AGES: [(&str, &str); 5] = [
    ("children kids minors underage", "under 18"),
    ("adults grownups", "at least 18"),
    ("teenagers teens adolescents", "between 13 and 19"),
    ("seniors elderly pensioners", "at least 65"),
    ("babies infants toddlers newborns", "under 2"),
];

/// The sentence with what such words mean.
pub fn rewritten(mut said: Vec<Token>, datasets: &[Dataset]) -> Vec<Token> {
    said_twice(&mut said);
    said = super::numbering::written(said, datasets);
    let columns = || datasets.iter().flat_map(|d| &d.columns);
    let known = |token: &Token| columns().any(|c| names(c, token)) || datasets.iter().any(|d| names_rows(d, token));
    if let Some(age) = columns().find(|c| is_age(c)) {
        let grown = |t: &Token| AGES.iter().find(|(words, _)| is(Some(t), words)).map(|(_, limit)| *limit);
        let at = said.iter().position(|t| grown(t).is_some() && !known(t));
        // `children (under 10)`, `adults over 40`: the limit is said.
        let told = |at: usize| said[at + 1..].iter().take(4).any(|t| t.number().is_some());
        if let Some((at, limit)) = at.filter(|&at| !told(at)).and_then(|at| Some((at, grown(&said[at])?))) {
            said.splice(at..=at, tokens(&format!("people with {} {limit}", age.name)));
        }
    }
    frozen(&mut said, columns().collect::<Vec<_>>().as_slice());
    said
}

/// `frost days`, `below freezing`
fn frozen(said: &mut Vec<Token>, columns: &[&Column]) {
    const FROST: &str = "frost frosts frosty freezing freeze";
    let Some(at) = said.iter().position(|t| is(Some(t), FROST)) else { return };
    if columns.iter().any(|c| names(c, &said[at])) {
        return;
    }
    // `frost days (min below 32)`
    if said[at..].iter().any(|t| t.number().is_some()) && is(said.get(at + 1), "day days night nights") {
        said.remove(at);
        return;
    }
    let Some((column, point)) = temperature(columns) else { return };
    let below = at > 0 && is(said.get(at - 1), "below under above over");
    let after = at + 1 + usize::from(below && is(said.get(at + 1), "point temperature temperatures"));
    if below {
        let mentioned =
            said[..at].iter().any(|t| names(column, t) || is(Some(t), "temperature temperatures low lows high highs"));
        let way = said[at - 1].lower.clone();
        let text = if mentioned { format!("{way} {point}") } else { format!("with {} {way} {point}", column.name) };
        said.splice(at - 1..after, tokens(&text));
        return;
    }
    let days =
        is(said.get(at + 1), "day days night nights hour hours month months").then(|| said[at + 1].lower.clone());
    let with = usize::from(at > 0 && is(said.get(at - 1), "with of"));
    let end = at + 1 + usize::from(days.is_some());
    let text = format!("{} with {} below {point}", days.unwrap_or_default(), column.name);
    said.splice(at - with..end, tokens(&text));
}

/// The temperature that frost is told by, and where it begins.
fn temperature<'c>(columns: &[&'c Column]) -> Option<(&'c Column, u32)> {
    let of = |c: &&&Column, list: &[&str]| name_words(&c.name).iter().any(|w| list.iter().any(|l| w.starts_with(l)));
    let number = |c: &&&Column| matches!(c.kind, ColumnType::Integer | ColumnType::Number);
    let warm: Vec<&&Column> = columns.iter().filter(|c| number(c) && of(c, &["temp", "tmin", "tmax"])).collect();
    let low = warm.iter().find(|c| of(c, &["min", "low", "tmin"]));
    let column = match (low, warm.as_slice()) {
        (Some(low), _) => **low,
        (None, [only]) => **only,
        _ => return None,
    };
    let hottest = warm.iter().filter_map(|c| c.max.as_ref()?.as_f64()).fold(f64::MIN, f64::max);
    // A share of something is no temperature.
    (hottest > SHARES_MAX).then_some((column, if hottest > CELSIUS_MAX { 32 } else { 0 }))
}

/// `over 15 minutes (900 s)`: what stands in brackets says the number once more.
fn said_twice(said: &mut Vec<Token>) {
    let Some(open) = (1..said.len()).find(|&i| said[i].is('(')) else { return };
    let Some(close) = (open + 2..said.len().min(open + 6)).find(|&i| said[i].is(')')) else { return };
    let inside = &said[open + 1..close];
    let short = |t: &Token| {
        t.number().is_some() || t.kind == Kind::Word && t.lower.len() <= 8 && !is(Some(t), "to or and than")
    };
    let again = inside.iter().filter(|t| t.number().is_some()).count() == 1 && inside.len() <= 2;
    let before = said[open.saturating_sub(3)..open].iter().any(|t| t.number().is_some());
    if again && before && inside.iter().all(short) {
        said.drain(open..=close);
    }
}

fn is_age(column: &Column) -> bool {
    let end = |v: &Option<serde_json::Value>| v.as_ref().and_then(serde_json::Value::as_f64);
    let people =
        end(&column.min).is_some_and(|n| n < 18.0) && end(&column.max).is_some_and(|n| (18.0..=125.0).contains(&n));
    people && column.name.eq_ignore_ascii_case("age")
}

/// Whether a column, or a value of it, is called by the word.
fn names(column: &Column, token: &Token) -> bool {
    let called = |name: &str| name_words(name).iter().any(|w| super::words::stem(w) == token.stem);
    called(&column.name) || column.top.iter().filter_map(|v| v.as_str()).take(200).any(called)
}

fn names_rows(dataset: &Dataset, token: &Token) -> bool {
    super::nouns::are_told(&dataset.columns, &token.lower)
        || name_words(&dataset.name).iter().any(|w| super::words::stem(w) == token.stem)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vizroom_protocol::file::{Column, ColumnType};

    use crate::samples::{figure, sql, text};

    #[test]
    fn some_words_are_limits() {
        let days = (Some(json!("1990-01-01")), Some(json!("2017-02-20")));
        let date = Column { kind: ColumnType::Date, min: days.0, max: days.1, ..text("date", 2_000, 0, &[]) };
        let celsius = || vec![date.clone(), figure("temp_max", 60, -9, 38), figure("temp_min", 60, -22, 24)];
        for (prompt, wanted) in [
            ("how many days were below freezing", "\"temp_min\" < 0"),
            ("frost days per year", "\"temp_min\" < 0"),
            ("number of days with frost by month", "\"temp_min\" < 0"),
            ("days with a temp_max below freezing per year", "\"temp_max\" < 0"),
        ] {
            let sql = sql(prompt, "weather", celsius());
            assert!(sql.contains(wanted), "{prompt}: {sql}");
        }
        let people = || vec![text("ward", 9, 0, &["A", "B"]), figure("age", 90, 0, 97), figure("stay", 60, 0, 90)];
        for (prompt, wanted) in [
            ("average stay of children by ward", "\"age\" < 18"),
            ("how many seniors are there in each ward", "\"age\" >= 65"),
            ("patients by ward with a stay over 20 days (480 h)", "\"stay\" > 20"),
        ] {
            let sql = sql(prompt, "patients", people());
            assert!(sql.contains(wanted), "{prompt}: {sql}");
        }
    }
}
