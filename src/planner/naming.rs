//! Names of columns as files write them: their words, their units, and what people call them.

use vizroom_protocol::file::Dataset;

use super::fields::Word;
use super::grown::words_of;

/// `bodywt` → `body`, `wt`: what is short for something common at a name's end is a word of its own.
pub fn parted(word: String) -> Vec<String> {
    const TAILS: [&str; 6] = ["wt", "amt", "qty", "pct", "cnt", "size"];
    let tail = TAILS.iter().find_map(|t| word.strip_suffix(t).filter(|rest| rest.len() >= 3).map(|rest| (rest, t)));
    // `avgprs`, an average; `packpc`, per capita
    if let Some(rest) = word.strip_prefix("avg").filter(|rest| rest.len() >= 2 && rest.chars().all(char::is_alphabetic))
    {
        return vec!["avg".to_owned(), rest.to_owned()];
    }
    if let Some(rest) = word.strip_suffix("pc").filter(|rest| rest.len() >= 4) {
        return vec![rest.to_owned(), "capita".to_owned()];
    }
    match tail {
        Some((rest, tail)) => vec![rest.to_owned(), (*tail).to_owned()],
        None => vec![word],
    }
}

pub fn is_connector(word: &str) -> bool {
    matches!(word, "of" | "in" | "the" | "a" | "and" | "per" | "at")
}

pub fn is_weak_head(word: &str) -> bool {
    matches!(word, "name" | "id" | "type" | "code" | "number" | "key" | "total" | "value" | "amount" | "label")
}

/// Splits a name such as `Weight_in_lbs`, `Beak Length (mm)`, `Running Time min`, `Cost $` into core and unit.
pub fn split_unit(name: &str) -> (String, Option<String>) {
    if let Some((core, rest)) = name.split_once('(')
        && let Some(unit) = rest.strip_suffix(')')
        && !core.trim().is_empty()
        && unit.chars().count() <= 8
    {
        return (core.trim().to_owned(), Some(unit.to_owned()));
    }
    for sign in ["$", "€", "£", "%"] {
        if name.contains(sign) && name.chars().any(char::is_alphanumeric) {
            return (name.replace(sign, " ").trim().to_owned(), Some(sign.to_owned()));
        }
    }
    let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    if let [core @ .., last] = words.as_slice()
        && !core.is_empty()
    {
        let lower = last.to_lowercase();
        if let [inner @ .., "in"] = core
            && !inner.is_empty()
        {
            return (inner.join(" "), Some(lower));
        }
        if "mins minutes min lbs kg km mm cm knots mph kmh usd eur gbp".split(' ').any(|u| u == lower)
            && (lower != "min" || core.last().is_some_and(|w| w.eq_ignore_ascii_case("time")))
        {
            let sign = match lower.as_str() {
                "usd" => "$",
                "eur" => "€",
                "gbp" => "£",
                other => other,
            };
            return (core.join(" "), Some(sign.to_owned()));
        }
    }
    (name.to_owned(), None)
}

/// `dep_delay` → `departure delay`, `IMDB Rating` → `IMDB rating`.
pub fn label(core: &str, dataset: &Dataset) -> String {
    let spaced = core.contains(' ');
    let words = core.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    let mut out: Vec<String> = Vec::new();
    for word in words {
        let shouted = word.chars().count() > 1 && !word.chars().any(char::is_lowercase);
        if shouted && (spaced || word.chars().count() <= 4) {
            out.push(word.to_owned());
        } else {
            out.extend(words_of(word, dataset).iter().map(|w| Word::new(w).lower));
        }
    }
    if out.is_empty() { core.to_owned() } else { out.join(" ") }
}
