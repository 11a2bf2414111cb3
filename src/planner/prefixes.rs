//! Names of columns made of codes: `pf_rol` is the rule of law in a family of columns that all begin with `pf`.

use super::fields::{Field, Word};
use super::matching::Matcher;
use super::words::stem;

/// Fewest columns that make a family of those which begin alike, and most letters of a code.
const FAMILY_MIN: usize = 3;
const CODE_MAX: usize = 4;
/// Fewest letters of a word that may be a part of a longer one of a name.
const INSIDE_MIN: usize = 5;

/// What kind of figure it is may go without saying; the likeliest first.
const WEAK: &str = "score index value total rate rating level points rank";

impl Matcher<'_, '_> {
    /// The column of which each word is said, or stands for the initials of what is: `economic freedom` for `ef_score`.
    pub(super) fn initialed(&self, said: &[&str]) -> Option<usize> {
        let fields = &self.data.fields;
        // `press freedom` of columns that tell of the press is no `pf`.
        let named = |w: &&str| {
            fields
                .iter()
                .any(|f| f.words.iter().any(|o| o.stem == stem(w) || w.len() >= INSIDE_MIN && o.lower.contains(*w)))
        };
        if said.first().is_some_and(named) {
            return None;
        }
        let family = |f: &Field<'_>| {
            let begins = |o: &&Field<'_>| o.words.first().is_some_and(|w| Some(w) == f.words.first());
            fields.iter().filter(begins).count() >= FAMILY_MIN
        };
        let fits = |(at, f): (usize, &Field<'_>)| {
            let plain = f.words.len() > 1 && f.is_number() && !f.joined && f.words.iter().any(is_code);
            let cost = plain.then(|| spelled(said, &f.words, family(f), false))??;
            Some((cost, f.words.len(), at))
        };
        fields.iter().enumerate().filter_map(fits).min().map(|(.., at)| at)
    }
}

fn is_code(word: &Word) -> bool {
    let length = word.lower.len();
    (2..=CODE_MAX).contains(&length) && word.lower.is_ascii() && !super::grown::is_known(&word.lower)
}

/// What is left unsaid of a name, where all that is said belongs to it and one of its words is a code; `coded` tells
/// whether one was. The first word of a family may go unsaid.
fn spelled(said: &[&str], words: &[Word], family: bool, coded: bool) -> Option<usize> {
    let small = |w: &str| matches!(w, "of" | "the" | "and" | "to" | "in" | "for");
    let Some((word, rest)) = words.split_first() else {
        return (said.is_empty() && coded).then_some(0);
    };
    let mut best: Option<usize> = None;
    let mut consider = |cost: Option<usize>, more: usize| {
        best = [best, cost.map(|c| c + more)].into_iter().flatten().min();
    };
    if is_code(word) {
        // Initials, of small words or without them.
        for length in 2..=said.len().min(word.lower.len() + 2) {
            let run = &said[..length];
            let all: String = run.iter().filter_map(|w| w.chars().next()).collect();
            let large: String = run.iter().filter(|w| !small(w)).filter_map(|w| w.chars().next()).collect();
            let ends = run.last().is_some_and(|w| small(w)) || run.first().is_some_and(|w| small(w));
            if !ends && (all == word.lower || large == word.lower) {
                consider(spelled(&said[length..], rest, false, true), 0);
            }
        }
    }
    if let Some((first, others)) = said.split_first() {
        if stem(first) == word.stem {
            consider(spelled(others, rest, false, coded), 0);
        }
        if small(first) && coded {
            consider(spelled(others, words, family, coded), 0);
        }
    }
    if family && is_code(word) {
        consider(spelled(said, rest, false, coded), 1);
    }
    if let Some(order) = WEAK.split(' ').position(|w| w == word.lower).filter(|_| said.is_empty() && rest.is_empty()) {
        consider(spelled(said, rest, false, coded), order);
    }
    best
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql, text};

    #[test]
    fn codes_of_a_family_of_columns_are_said_in_full() {
        let columns = || {
            let names = ["rw_score", "rw_rank", "rw_noc", "rw_speed", "mm_score", "mm_rank", "mm_noc"];
            let figures = names.into_iter().map(|n| figure(n, 300, 0, 100));
            figures.chain([text("region", 8, 0, &["North", "South"])]).collect::<Vec<_>>()
        };
        let sql = |prompt: &str| sql(prompt, "networks", columns());
        assert!(sql("average rail width by region").contains("\"rw_score\""));
        assert!(sql("rail width rank by region").contains("\"rw_rank\""));
        let both = sql("rail width and main metal by region");
        assert!(both.contains("\"rw_score\"") && both.contains("\"mm_score\""), "{both}");
    }
}
