//! Slips of the pen: which word somebody meant who typed one that nobody knows.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use vizroom_protocol::file::Dataset;

use super::words::{Kind, Token, stem, tokens};
use super::{Placed, Refinement, lexicon, nouns, refining, thesaurus};

/// Fewest letters of a word whose slip is mended, of one where any letter may be missing, of one where a letter stands
/// for another, and of one with two slips.
const LETTERS_MIN: usize = 3;
const LONG_MIN: usize = 6;
const REPLACED_MIN: usize = 7;
const TWICE_MIN: usize = 9;

/// Words so frequent that whoever types something like them means them.
const FREQUENT: &str =
    "which what where when much many with from have than between average number week year total show each every";

/// A word that people use of any data, and whether it is one of the language of charts.
type Known = (&'static str, bool);

/// All such words, by their first letters.
static WORDS: LazyLock<HashMap<char, Vec<Known>>> = LazyLock::new(|| {
    let charts = lexicon::words().map(|w| (w, true));
    let things = thesaurus::words().chain(nouns::words()).map(|w| (w, false));
    let mut all: HashMap<char, Vec<Known>> = HashMap::new();
    for known in charts.chain(things) {
        if let Some(first) = known.0.chars().next() {
            all.entry(first).or_default().push(known);
        }
    }
    for words in all.values_mut() {
        words.sort_by_key(|(w, charts)| (*w, !charts));
        words.dedup_by_key(|(w, _)| *w);
    }
    all
});

/// Whether it is a form of one of these words: no slip of another one.
pub fn is_word(lower: &str) -> bool {
    static STEMS: LazyLock<HashSet<String>> =
        LazyLock::new(|| WORDS.values().flatten().map(|(w, _)| stem(w)).collect());
    STEMS.contains(&stem(lower))
}

/// How a word differs from the one that is meant, the likeliest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Slip {
    /// Two letters changed places.
    Swapped,
    /// A letter is missing or too many.
    Length,
    /// A letter stands for another.
    Replaced,
    Twice,
}

/// Changes cards by a sentence. `target` is the key of the card meant, if the caller knows; it wins over the sentence.
///
/// Nothing is guessed: if any part of the sentence cannot be followed, with its slips mended, the answer is a
/// clarification and no change.
pub fn refine(feedback: &str, target: Option<&str>, cards: &[Placed<'_>], datasets: &[Dataset]) -> Refinement {
    let first = refining::refine(feedback, target, cards, datasets);
    let missing = first.clarification.as_ref().map(|c| c.missing.as_slice()).unwrap_or_default();
    let mut text = feedback.to_owned();
    for word in missing {
        if let Some(new) = meant(&word.to_lowercase()) {
            text = text.replace(word.as_str(), new);
        }
    }
    if text == feedback {
        return first;
    }
    let second = refining::refine(&text, target, cards, datasets);
    if second.clarification.is_none() { second } else { first }
}

/// The sentence with the slips mended in the words at these places; nothing if none of them is one.
pub fn mended(said: &[Token], at: impl Iterator<Item = usize>) -> Option<Vec<Token>> {
    let mut out = said.to_vec();
    let mut changed = false;
    for at in at {
        let Some(token) = said.get(at).filter(|t| t.kind == Kind::Word) else { continue };
        if let Some(new) = meant(&token.lower).and_then(|w| tokens(w).into_iter().next()) {
            out[at] = new;
            changed = true;
        }
    }
    changed.then_some(out)
}

/// The word that a slip was made in, where only one comes nearest.
fn meant(lower: &str) -> Option<&'static str> {
    let words = WORDS.get(&lower.chars().next()?)?;
    if !lower.is_ascii() || lower.len() < LETTERS_MIN || is_word(lower) {
        return None;
    }
    let near = words
        .iter()
        .filter(|(w, _)| w.len() > LETTERS_MIN)
        .filter_map(|(w, charts)| Some(((slip(lower, w, *charts)?, !charts), *w)));
    let all: Vec<_> = near.collect();
    let (least, word) = all.iter().min()?;
    let alone = all.iter().filter(|(s, _)| s == least).all(|(_, w)| stem(w) == stem(word));
    // `caller` is no slip of `called`.
    (alone && stem(word) != stem(lower) && !alike(word, lower)).then_some(*word)
}

fn slip(lower: &str, word: &str, charts: bool) -> Option<Slip> {
    let (said, known) = (lower.len(), word.len());
    if said.abs_diff(known) > 1 {
        return None;
    }
    let same = || lower.bytes().zip(word.bytes()).filter(|(a, b)| a != b).count();
    match strsim::damerau_levenshtein(lower, word) {
        1 if said == known && same() == 2 => Some(Slip::Swapped),
        // What only ends otherwise is another form, or another word.
        1 if said != known => {
            let inside = !lower.starts_with(word) && !word.starts_with(lower);
            let near = said >= LONG_MIN || charts && is_vowel_short(lower, word) || super::lists::has(FREQUENT, word);
            (inside && near).then_some(Slip::Length)
        }
        1 => (said >= REPLACED_MIN - usize::from(charts)).then_some(Slip::Replaced),
        2 => (said >= TWICE_MIN).then_some(Slip::Twice),
        _ => None,
    }
}

/// Whether only a vowel is missing: `tme`; `sends` and `spends` are words both.
fn is_vowel_short(lower: &str, word: &str) -> bool {
    let at = lower.bytes().zip(word.bytes()).take_while(|(a, b)| a == b).count();
    lower.len() < word.len() && word.as_bytes().get(at).is_some_and(|c| b"aeiou".contains(c))
}

/// Whether two words are of one verb: `called` and `caller`.
fn alike(a: &str, b: &str) -> bool {
    let base = |w: &str| {
        ["ers", "ed", "er", "ing", "es", "s", "e"].iter().find_map(|e| w.strip_suffix(e)).unwrap_or(w).to_owned()
    };
    base(a) == base(b)
}

#[cfg(test)]
mod tests {
    use super::meant;

    #[test]
    fn slips_are_mended_where_one_word_is_nearest() {
        for (said, word) in [
            ("evrey", "every"),
            ("wich", "which"),
            ("mnay", "many"),
            ("leats", "least"),
            ("bigest", "biggest"),
            ("custmers", "customers"),
            ("tme", "time"),
            ("distribtion", "distribution"),
            ("maximun", "maximum"),
        ] {
            assert_eq!(meant(said), Some(word), "{said}");
        }
        for word in ["plane", "crude", "firms", "caller", "steal", "golfer"] {
            assert_eq!(meant(word), None, "{word}");
        }
    }
}
