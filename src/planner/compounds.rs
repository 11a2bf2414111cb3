//! Words of columns' names that are made of letters and digits, as people write them apart: `under-5 mortality` and `under
//! five mortality` for `under5_mortality`. As one word they are no limit of anything.

use std::collections::BTreeSet;

use vizroom_protocol::file::Dataset;

use super::vocabulary::number_word;
use super::words::{Token, spoken_words, tokens};

/// The sentence with such words in one.
pub fn joined(mut said: Vec<Token>, datasets: &[Dataset]) -> Vec<Token> {
    let names = datasets.iter().flat_map(|d| &d.columns).flat_map(|c| c.name.split(|c: char| !c.is_alphanumeric()));
    let mixed = names.map(str::to_lowercase).filter(|w| parts(w).len() > 1);
    let mut compounds: Vec<String> = mixed.collect::<BTreeSet<_>>().into_iter().collect();
    // Of `age5` and `age5to14` the longer.
    compounds.sort_by_key(|c| std::cmp::Reverse(c.len()));
    for compound in &compounds {
        let parts = parts(compound);
        let mut at = 0;
        while at < said.len() {
            if let Some(length) = spans(&said[at..], &parts) {
                said.splice(at..at + length, tokens(&spoken_words(compound).join(" ")));
            }
            at += 1;
        }
    }
    said
}

/// The runs of letters and of digits of a word that has both, and begins with a word of its own.
fn parts(word: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for c in word.chars() {
        match out.last_mut().filter(|l| l.ends_with(|p: char| p.is_ascii_digit()) == c.is_ascii_digit()) {
            Some(last) => last.push(c),
            None => out.push(c.to_string()),
        }
    }
    let wordy = out.len() > 1 && out[0].len() >= 3 && out[0].chars().all(char::is_alphabetic);
    if wordy { out } else { Vec::new() }
}

/// How many tokens say all parts one after the other, perhaps with hyphens between them.
fn spans(said: &[Token], parts: &[String]) -> Option<usize> {
    let mut at = 0;
    for (n, part) in parts.iter().enumerate() {
        if n > 0 && said.get(at).is_some_and(|t| t.is('-')) {
            at += 1;
        }
        let token = said.get(at)?;
        let number = || number_word(&token.lower).map(|n| n.to_string());
        let same = token.lower == *part || token.text == *part || number().is_some_and(|n| n == *part);
        if !same {
            return None;
        }
        at += 1;
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql, text};

    #[test]
    fn numbers_in_names_of_columns_limit_nothing() {
        let columns = || {
            let figures = ["under5_deaths", "over65_share", "age5to14_deaths"].map(|n| figure(n, 90, 0, 900));
            figures.into_iter().chain([text("country", 190, 0, &["Peru", "Kenya"])]).collect::<Vec<_>>()
        };
        for (prompt, column) in [
            ("10 countries with the most under-5 deaths", "under5_deaths"),
            ("under five deaths by country", "under5_deaths"),
            ("average over 65 share", "over65_share"),
            ("total age 5 to 14 deaths", "age5to14_deaths"),
        ] {
            let query = sql(prompt, "mortality", columns());
            assert!(
                query.contains(&format!("(\"{column}\")")) || query.contains(&format!("\"{column}\" AS")),
                "{query}"
            );
            assert!(!query.contains(" < 5") && !query.contains(" > 65"), "{query}");
        }
    }
}
