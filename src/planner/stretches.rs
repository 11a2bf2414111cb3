//! Stretches of time up to the end of the data, as the rest of the planner reads them: `starting in 1990`, `from 1990 to
//! now`, `the past year of data`, `the final two years`, `the last half year`, `March 97`.

use vizroom_protocol::file::Dataset;

use super::vocabulary::{month_number, number_word};
use super::words::{Token, is, name_words, stem, tokens};

const STEPS: &str = "day week month quarter year";
const SEVERAL: &str = "days weeks months quarters years";

/// The sentence with such stretches said as others are.
pub fn rewritten(said: Vec<Token>, datasets: &[Dataset]) -> Vec<Token> {
    let mut said = super::numerals::rewritten(said);
    let mut at = 0;
    while at < said.len() {
        let found = newest(&said, at)
            .or_else(|| until_now(&said, at))
            .or_else(|| beginning(&said, at, datasets))
            .or_else(|| short_year(&said, at))
            .or_else(|| quarter(&said, at))
            .or_else(|| one_by_one(&said, at));
        match found {
            Some((used, text)) => {
                let new = tokens(&text);
                let next = at + new.len();
                said.splice(at..at + used, new);
                at = next.max(at);
            }
            None => at += 1,
        }
    }
    super::smoothed::rewritten(said)
}

fn year(token: Option<&Token>) -> Option<&str> {
    let token = token?;
    let is =
        token.text.len() == 4 && token.number().is_some_and(|n| n.fract() == 0.0 && (1500.0..=2200.0).contains(&n));
    is.then_some(token.text.as_str())
}

/// How many tokens are spent on a number, and the number.
pub fn count(said: &[Token], at: usize) -> Option<i64> {
    let token = said.get(at)?;
    let n = token.number().or_else(|| number_word(&token.lower))?;
    (n.fract() == 0.0 && (1.0..=10_000.0).contains(&n)).then_some(n as i64)
}

/// `the past year`, `the final two years`, `most recent 12 months`, `the last half year of the data`: counted back from
/// the newest day.
fn newest(said: &[Token], at: usize) -> Option<(usize, String)> {
    let word = |i: usize, list: &str| is(said.get(i), list);
    let (lead, from) = match () {
        () if word(at, "most") && word(at + 1, "recent") => ("recent", at + 2),
        () if word(at, "last past final recent latest previous preceding") => (said[at].lower.as_str(), at + 1),
        () => return None,
    };
    let hyphen = |i: usize| i + usize::from(said.get(i).is_some_and(|t| t.is('-')));
    let half = word(from, "half");
    let (text, end) = match () {
        () if half => {
            let unit = hyphen(from + 1) + usize::from(word(hyphen(from + 1), "a"));
            (word(unit, "year").then(|| "last 6 months".to_owned())?, unit + 1)
        }
        () if count(said, from).is_some() && !matches!(lead, "previous" | "preceding") => {
            let unit = hyphen(from + 1);
            let step = said.get(unit).filter(|t| is(Some(t), SEVERAL) || is(Some(t), STEPS))?;
            (format!("last {} {}", count(said, from)?, step.lower), unit + 1)
        }
        // `last month` is the newest one, `the past month` as long as one.
        () if lead == "past" && word(from, STEPS) => (format!("last 1 {}", said[from].lower), from + 1),
        () if lead == "final" && word(from, STEPS) => (format!("last {}", said[from].lower), from + 1),
        () => return None,
    };
    // `of the data`, `on record`
    let of = end + usize::from(word(end, "of in"));
    let article = of + usize::from(word(of, "the this our"));
    let whole = of > end && word(article, "data dataset table records");
    let end = if whole { article + 1 } else { end };
    let same = end - at == 3 && lead == "last" && said[from].number().is_some();
    (!same).then_some((end - at, text))
}

/// `from 1990 to now`, `since 1990 until today`, `1990 to the present`: since then.
fn until_now(said: &[Token], at: usize) -> Option<(usize, String)> {
    let word = |i: usize, list: &str| is(said.get(i), list);
    let led = word(at, "from since between after starting");
    let from = at + usize::from(led);
    let first = year(said.get(from))?;
    let joint = word(from + 1, "to until till through up and") || said.get(from + 1).is_some_and(|t| t.is('-'));
    let small = (from + 2..said.len()).find(|&i| !word(i, "to the until till")).unwrap_or(said.len());
    let now = word(small, "now today present date nowadays");
    (joint && now).then(|| (small + 1 - at, format!("since {first}")))
}

/// `starting in 1990`, `beginning with 2000`: since then, where the data does not tell what began when.
fn beginning(said: &[Token], at: usize, datasets: &[Dataset]) -> Option<(usize, String)> {
    let word = |i: usize, list: &str| is(said.get(i), list);
    if !word(at, "starting beginning start begin") {
        return None;
    }
    let from = at + 1 + usize::from(word(at + 1, "in with from at on"));
    let first = year(said.get(from))?;
    let goes_on = word(from + 1, "to and until till through vs versus compared or")
        || said.get(from + 1).is_some_and(|t| t.is('-'));
    let own = |name: &str| name_words(name).iter().any(|w| matches!(stem(w).as_str(), "start" | "begin" | "began"));
    let told = datasets.iter().flat_map(|d| &d.columns).any(|c| own(&c.name));
    (!goes_on && !told).then(|| (from + 1 - at, format!("since {first}")))
}

/// `decade by decade`, `day by day`: for each of them.
fn one_by_one(said: &[Token], at: usize) -> Option<(usize, String)> {
    let step = |i: usize| is(said.get(i), STEPS) || is(said.get(i), "decade hour season");
    let again = step(at) && is(said.get(at + 1), "by") && said.get(at + 2).is_some_and(|t| t.lower == said[at].lower);
    again.then(|| (3, format!("per {}", said[at].lower)))
}

/// `which quarter of the year`: a quarter, for those of all years together are not known.
fn quarter(said: &[Token], at: usize) -> Option<(usize, String)> {
    let of = is(said.get(at + 1), "of") && is(said.get(at + 2), "the a each every") && is(said.get(at + 3), "year");
    let noun = is(said.get(at), "quarter quarters") && of;
    noun.then(|| (4, said[at].lower.clone()))
}

/// `March 97`: a year without its century.
fn short_year(said: &[Token], at: usize) -> Option<(usize, String)> {
    let token = said.get(at)?;
    let month = month_number(&token.lower)?;
    let n = said.get(at + 1)?;
    let year = n.number().filter(|y| n.text.len() == 2 && (32.0..100.0).contains(y))?;
    // No amount of something: `in March 40 people`.
    let ends = said.get(at + 2).is_none_or(|t| {
        t.kind != super::words::Kind::Word
            || super::lexicon::is_filler(&t.lower)
            || is(Some(t), "by per onwards onward to until and vs")
    });
    let name = super::text::MONTHS.get(month as usize - 1)?;
    ends.then(|| (2, format!("{name} {}", 1900 + year as i64)))
}
