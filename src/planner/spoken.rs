//! What words mean by themselves, whatever the data.

use super::lexicon::{self, Keyword};
use super::matching::{Meaning, Sure};
use super::phrases::PHRASES;
use super::vocabulary;
use super::words::{Kind, Token, is};

/// What a word or a phrase of the language of charts means.
pub(super) fn keyword_meaning(span: &[Token]) -> Option<(Sure, Meaning)> {
    let phrase: Vec<&str> = span.iter().map(|t| t.lower.as_str()).collect();
    let phrase = phrase.join(" ");
    if let [which, quarter] = span
        && quarter.lower == "quarter"
        && let Some(n) = vocabulary::ordinal(&which.lower).filter(|n| *n <= 4)
    {
        return Some((Sure::Phrase, Meaning::Quarter(n)));
    }
    if span.len() > 1 {
        return PHRASES.iter().find(|(said, _)| *said == phrase).map(|(_, k)| (Sure::Phrase, Meaning::Keyword(*k)));
    }
    let token = span.first()?;
    if token.kind != Kind::Word {
        return None;
    }
    if let Some(keyword) = lexicon::keyword(&token.lower, &token.stem) {
        return Some((Sure::Keyword, Meaning::Keyword(keyword)));
    }
    if let Some(month) = vocabulary::month_number(&token.lower) {
        let capital = token.text.chars().next().is_some_and(char::is_uppercase);
        if capital || token.lower != "may" && token.lower != "mar" && token.lower != "march" {
            return Some((Sure::Keyword, Meaning::Month(month)));
        }
    }
    if matches!(token.lower.as_str(), "weekend" | "weekends") {
        return Some((Sure::Keyword, Meaning::Weekend));
    }
    if let Some(day) = vocabulary::weekday_number(&token.lower) {
        return Some((Sure::Keyword, Meaning::Weekday(day)));
    }
    if let [b'q', digit @ b'1'..=b'4'] = token.lower.as_bytes() {
        return Some((Sure::Keyword, Meaning::Quarter(u32::from(digit - b'0'))));
    }
    if let Some(value) = vocabulary::number_word(&token.lower) {
        return Some((Sure::Filler, Meaning::Number { value, percent: false }));
    }
    lexicon::is_filler(&token.lower).then_some((Sure::Filler, Meaning::Filler))
}

pub(super) fn single(token: &Token) -> Meaning {
    match &token.kind {
        Kind::Number { value, percent } => Meaning::Number { value: *value, percent: *percent },
        Kind::Day => Meaning::Day(token.text.clone()),
        Kind::Quoted => Meaning::Quoted(token.text.clone()),
        Kind::Punctuation('>') => Meaning::Keyword(Keyword::Compared(super::query::Op::Gt)),
        Kind::Punctuation('<') => Meaning::Keyword(Keyword::Compared(super::query::Op::Lt)),
        Kind::Punctuation('&' | '+') => Meaning::Keyword(Keyword::And),
        Kind::Punctuation(mark @ (',' | '.' | ';' | '?' | '!' | '\n' | '=' | super::parted::CUT)) => {
            Meaning::Mark(*mark)
        }
        Kind::Punctuation(_) => Meaning::Filler,
        Kind::Word if vocabulary::is_unit(&token.lower) => Meaning::Filler,
        Kind::Word => match lexicon::misspelled(&token.lower) {
            Some(keyword) => Meaning::Keyword(keyword),
            None if lexicon::is_misspelled_filler(&token.lower) => Meaning::Filler,
            None => Meaning::Unknown(token.text.clone()),
        },
    }
}

/// Words that only say what the column before them is: `engine type`.
pub(super) fn is_tag(token: &Token) -> bool {
    matches!(
        token.lower.as_str(),
        "type"
            | "types"
            | "kind"
            | "name"
            | "names"
            | "code"
            | "codes"
            | "number"
            | "id"
            | "column"
            | "status"
            | "group"
            | "groups"
    )
}

/// Words that only say that the column before them is measured: `highway mileage`.
pub(super) fn is_reading(token: &Token) -> bool {
    matches!(
        token.lower.as_str(),
        "mileage"
            | "level"
            | "levels"
            | "reading"
            | "readings"
            | "measurement"
            | "measurements"
            | "score"
            | "scores"
            | "speed"
            | "size"
            | "sizes"
            | "length"
            | "width"
            | "depth"
            | "amount"
            | "amounts"
            | "value"
            | "values"
    )
}

/// The last word of what compares a number: `more than`, `at least`, `over`.
pub(super) fn is_comparison(token: &Token) -> bool {
    super::words::is(Some(token), "than least most over under above below exceeding")
}

/// `us` in `sends us the most`, which is no country.
pub(super) fn is_pronoun(tokens: &[Token], at: usize) -> bool {
    let verb = at.checked_sub(1).is_some_and(|i| !is(tokens.get(i), "the in of from for vs and"));
    tokens[at].text == "us" && verb && is(tokens.get(at + 1), "the a an most more")
}
