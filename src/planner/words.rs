//! Text as tokens: words with their stems, numbers, quoted strings, punctuation.

use std::cell::RefCell;
use std::collections::HashMap;

use rust_stemmers::{Algorithm, Stemmer};

/// Longest prompt that is read, in characters; the rest is ignored. The operation refuses longer ones.
pub const LENGTH_MAX: usize = 4_000;

/// Most tokens that are read: more than 4,000 characters of prose have.
pub const TOKENS_MAX: usize = 800;

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// As written.
    pub text: String,
    /// Lower case.
    pub lower: String,
    /// What is left of the word without its ending; equal words in different forms have equal stems.
    pub stem: String,
    pub kind: Kind,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    Word,
    /// With `%`, `k`, `m` … taken into account; `percent` tells 30% from 30.
    Number {
        value: f64,
        percent: bool,
    },
    /// `2013-05-01`
    Day,
    /// Between quotation marks.
    Quoted,
    Punctuation(char),
}

impl Token {
    fn new(text: &str, kind: Kind) -> Self {
        let lower = text.to_lowercase();
        let stem = stem(&lower);
        Self { text: text.to_owned(), lower, stem, kind }
    }

    /// The number, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self.kind {
            Kind::Number { value, .. } => Some(value),
            _ => None,
        }
    }

    /// Whether this is that punctuation mark.
    pub fn is(&self, mark: char) -> bool {
        self.kind == Kind::Punctuation(mark)
    }
}

/// Whether there is a token, and it is one of the words of `list`.
pub fn is(token: Option<&Token>, list: &str) -> bool {
    token.is_some_and(|t| super::lists::has(list, &t.lower))
}

/// The stem of a lower-case word.
pub fn stem(lower: &str) -> String {
    let lower = match lower {
        "children" => "child",
        "women" => "woman",
        "men" => "man",
        "indices" => "index",
        "gases" => "gas",
        "buses" => "bus",
        other => super::nouns::irregular(other),
    };
    let folded: Option<String> = (!lower.is_ascii()).then(|| lower.chars().map(unaccented).collect());
    let lower = folded.as_deref().unwrap_or(lower);
    if !lower.is_ascii() || lower.len() < 3 {
        return lower.to_owned();
    }
    // A plan looks at the same words thousands of times.
    STEMS.with_borrow_mut(|stems| {
        if let Some(stem) = stems.get(lower) {
            return stem.clone();
        }
        let stem = Stemmer::create(Algorithm::English).stem(lower).into_owned();
        if stems.len() == STEMS_MAX {
            stems.clear();
        }
        stems.insert(lower.to_owned(), stem.clone());
        stem
    })
}

/// Whether the word has this stem. Stems begin as their words do, so that most are told apart by a letter.
pub fn has_stem(lower: &str, stem_of_it: &str) -> bool {
    match (lower.as_bytes().first(), stem_of_it.as_bytes().first()) {
        (Some(a), Some(b)) if a.is_ascii() && b.is_ascii() && a != b => false,
        _ => stem(lower) == stem_of_it,
    }
}

const STEMS_MAX: usize = 10_000;

thread_local! {
    /// Stems of the words that this thread has met, until they are too many.
    static STEMS: RefCell<HashMap<String, String, foldhash::fast::RandomState>> = RefCell::default();
}

/// The letter without its accent: who types `Chatelet` means `Châtelet`.
fn unaccented(letter: char) -> char {
    const LETTERS: [(&str, char); 9] = [
        ("áàâäãåā", 'a'),
        ("éèêëēě", 'e'),
        ("íìîïī", 'i'),
        ("óòôöõøō", 'o'),
        ("úùûüūů", 'u'),
        ("çčć", 'c'),
        ("ñń", 'n'),
        ("šś", 's'),
        ("žźż", 'z'),
    ];
    LETTERS.iter().find(|(accented, _)| accented.contains(letter)).map_or(letter, |(_, plain)| *plain)
}

/// Splits a text into tokens.
pub fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().take(LENGTH_MAX).collect();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at).filter(|_| out.len() < TOKENS_MAX) {
        if c.is_whitespace() {
            at += 1;
        } else if let Some((token, next)) = quoted(&chars, at) {
            out.push(token);
            at = next;
        } else if c.is_ascii_digit() {
            let (mut token, next) = number(&chars, at);
            // What an amount is of is known by its sign.
            if let Some(sign) = at.checked_sub(1).map(|i| chars[i]).filter(|c| matches!(c, '$' | '€' | '£')) {
                token.text.insert(0, sign);
            }
            out.push(token);
            at = next;
        } else if let Some((letters, next)) = initials(&chars, at) {
            out.push(Token::new(&letters, Kind::Word));
            at = next;
        } else if c.is_alphanumeric() {
            let end = word_end(&chars, at);
            let word: String = chars[at..end].iter().filter(|c| !is_apostrophe(**c)).collect();
            // The full stop of `vs.` ends no sentence.
            let short = is_shortened(&word) && chars.get(end) == Some(&'.');
            out.push(Token::new(&word, Kind::Word));
            let owner =
                chars.get(end).is_some_and(|c| is_apostrophe(*c)) && matches!(chars.get(end + 1), Some('s' | 'S'));
            let owner = owner && !chars.get(end + 2).is_some_and(|n| n.is_alphanumeric());
            at = end + usize::from(short) + 2 * usize::from(owner);
        } else {
            // The full stop inside of `yrs.service` ends no sentence.
            let inside = c == '.'
                && at > 0
                && chars[at - 1].is_alphanumeric()
                && chars.get(at + 1).is_some_and(|n| n.is_lowercase());
            if c == '%' {
                out.push(Token::new("percent", Kind::Word));
            } else if c == '–' {
                out.push(Token::new("-", Kind::Punctuation('-')));
            } else if !inside && ",.;:?!&<>=()\n-/+".contains(c) {
                out.push(Token::new(&c.to_string(), Kind::Punctuation(c)));
            }
            at += 1;
        }
    }
    fiscal(decades(scaled(out)))
}

/// Words that are written with a full stop because the rest of them is left out: `no. of orders`, `avg. price`.
fn is_shortened(word: &str) -> bool {
    const SHORT: &str = "vs no nr nos avg approx incl excl min max est dept ca resp";
    SHORT.split(' ').any(|s| word.eq_ignore_ascii_case(s))
}

/// `i.e.`, `U.S.`: letters, each with a full stop, are one word.
fn initials(chars: &[char], start: usize) -> Option<(String, usize)> {
    let mut letters = String::new();
    let mut at = start;
    while let (Some(c), Some('.')) = (chars.get(at).filter(|c| c.is_alphabetic()), chars.get(at + 1)) {
        letters.push(*c);
        at += 2;
    }
    let apart = !chars.get(at).is_some_and(|c| c.is_alphanumeric());
    let begins = !start.checked_sub(1).is_some_and(|i| chars[i].is_alphanumeric() || chars[i] == '.');
    (letters.chars().count() > 1 && apart && begins).then_some((letters, at))
}

/// `FY2016` and `FY16` are two words.
fn fiscal(tokens: Vec<Token>) -> Vec<Token> {
    let split = |t: Token| {
        let digits = t.lower.strip_prefix("fy").filter(|digits| matches!(digits.len(), 2 | 4));
        match digits.and_then(|digits| digits.parse::<u32>().ok()).filter(|_| t.kind == Kind::Word) {
            Some(n) => vec![
                Token::new("FY", Kind::Word),
                Token::new(&n.to_string(), Kind::Number { value: f64::from(n), percent: false }),
            ],
            None => vec![t],
        }
    };
    tokens.into_iter().flat_map(split).collect()
}

/// `1980s`, `80s` and `eighties` are the years from the first to the last of them.
fn decades(tokens: Vec<Token>) -> Vec<Token> {
    const NAMED: [(&str, i64); 7] = [
        ("fifties", 1950),
        ("sixties", 1960),
        ("seventies", 1970),
        ("eighties", 1980),
        ("nineties", 1990),
        ("noughties", 2000),
        ("aughts", 2000),
    ];
    let year = |t: &Token| {
        if let Some((_, first)) = NAMED.iter().find(|(name, _)| *name == t.lower) {
            return Some(*first);
        }
        let digits = t.lower.strip_suffix('s').filter(|d| d.ends_with('0') && matches!(d.len(), 2 | 4))?;
        let n: i64 = digits.parse().ok()?;
        match digits.len() {
            4 => (1000..2200).contains(&n).then_some(n),
            _ => Some(if n > 20 { 1900 + n } else { 2000 + n }),
        }
    };
    let split = |t: Token| match year(&t).filter(|_| t.kind == Kind::Word) {
        Some(first) => {
            let number = |n: i64| Token::new(&n.to_string(), Kind::Number { value: n as f64, percent: false });
            vec![number(first), Token::new("to", Kind::Word), number(first + 9)]
        }
        None => vec![t],
    };
    tokens.into_iter().flat_map(split).collect()
}

/// `200 million` is one number, and so is `15 percent`.
fn scaled(tokens: Vec<Token>) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::new();
    for token in tokens {
        let factor = match token.lower.as_str() {
            "thousand" => 1e3,
            "million" | "mio" => 1e6,
            "billion" => 1e9,
            _ => 0.0,
        };
        let hundredths = matches!(token.lower.as_str(), "percent" | "pct");
        match out.last_mut().map(|t| (t.text.clone(), &mut t.kind)) {
            // A year before it ends a name: `change_2016_2021_pct`.
            Some((_, Kind::Number { percent: percent @ false, value })) if hundredths && *value < 1_000.0 => {
                *percent = true
            }
            Some((text, Kind::Number { value, percent: false })) if factor > 0.0 => {
                let value = *value * factor;
                let text = format!("{text} {}", token.text);
                out.pop();
                out.push(Token::new(&text, Kind::Number { value, percent: false }));
            }
            _ => out.push(token),
        }
    }
    out
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’')
}

/// Words that `'s` after them makes no owner of.
const CONTRACTED: &str = "what who where when how why let here there it that he she";

/// An apostrophe inside a word belongs to it (`what's`); the possessive ending does not.
fn word_end(chars: &[char], start: usize) -> usize {
    let mut end = start;
    while let Some(&c) = chars.get(end) {
        let inside = is_apostrophe(c) && chars.get(end + 1).is_some_and(|n| n.is_alphabetic());
        let possessive = inside
            && chars.get(end + 1).is_some_and(|n| matches!(n, 's' | 'S'))
            && !chars.get(end + 2).is_some_and(|n| n.is_alphanumeric());
        let word = || chars[start..end].iter().collect::<String>().to_lowercase();
        if possessive && end > start && !CONTRACTED.split(' ').any(|w| w == word()) {
            break;
        }
        if !c.is_alphanumeric() && !inside {
            break;
        }
        end += 1;
    }
    end
}

fn quoted(chars: &[char], start: usize) -> Option<(Token, usize)> {
    let close = match chars[start] {
        '"' => '"',
        '“' => '”',
        '«' => '»',
        '`' => '`',
        '\'' | '‘' if start == 0 || !chars[start - 1].is_alphanumeric() => {
            if chars[start] == '‘' {
                '’'
            } else {
                '\''
            }
        }
        _ => return None,
    };
    let end = (start + 1..chars.len().min(start + 200)).find(|&i| {
        chars[i] == close && (!is_apostrophe(close) || !chars.get(i + 1).is_some_and(|n| n.is_alphanumeric()))
    })?;
    let text: String = chars[start + 1..end].iter().collect();
    (!text.trim().is_empty()).then(|| (Token::new(text.trim(), Kind::Quoted), end + 1))
}

fn number(chars: &[char], start: usize) -> (Token, usize) {
    if let Some(day) = day(chars, start) {
        return (Token::new(&day, Kind::Day), start + 10);
    }
    let mut end = start;
    let mut digits = String::new();
    while let Some(&c) = chars.get(end) {
        let digit_follows = chars.get(end + 1).is_some_and(char::is_ascii_digit);
        match c {
            '0'..='9' => digits.push(c),
            '.' if digit_follows && !digits.contains('.') => digits.push(c),
            ',' if thousands(chars, end) => {}
            _ => break,
        }
        end += 1;
    }
    let letters: String = chars[end..].iter().take_while(|c| c.is_alphanumeric()).take(20).collect();
    let (factor, percent, used) = match letters.to_lowercase().as_str() {
        "" if chars.get(end) == Some(&'%') => (0.01, true, 1),
        "" => (1.0, false, 0),
        "k" => (1e3, false, 1),
        "m" => (1e6, false, 1),
        "bn" => (1e9, false, 2),
        "st" | "nd" | "rd" | "th" => (1.0, false, 2),
        // A name that begins with a digit, such as `9E` or `20th`.
        other => {
            let end = end + other.chars().count();
            let text: String = chars[start..end].iter().collect();
            return (Token::new(&text, Kind::Word), end);
        }
    };
    let value = digits.parse::<f64>().unwrap_or(0.0);
    // `65+` is one word.
    let plus = usize::from(
        used == 0 && chars.get(end) == Some(&'+') && !chars.get(end + 1).is_some_and(|c| c.is_alphanumeric()),
    );
    let text: String = chars[start..end + used + plus].iter().collect();
    let value = if percent { value } else { value * factor };
    (Token::new(&text, Kind::Number { value, percent }), end + used + plus)
}

/// Whether the comma at `at` separates thousands: exactly three digits follow.
fn thousands(chars: &[char], at: usize) -> bool {
    (1..=3).all(|i| chars.get(at + i).is_some_and(char::is_ascii_digit))
        && !chars.get(at + 4).is_some_and(char::is_ascii_digit)
}

fn day(chars: &[char], start: usize) -> Option<String> {
    let text: String = chars.get(start..start + 10)?.iter().collect();
    let shape = text.char_indices().all(|(i, c)| if i == 4 || i == 7 { c == '-' } else { c.is_ascii_digit() });
    let month: u32 = text.get(5..7)?.parse().ok()?;
    let day: u32 = text.get(8..10)?.parse().ok()?;
    (shape && (1..=12).contains(&month) && (1..=31).contains(&day)).then_some(text)
}

/// The words of a name: split at anything that is not a letter or digit, between `aB`, and between letters and digits.
pub fn name_words(name: &str) -> Vec<String> {
    parted(name, true)
}

/// The same with digits kept at the letters before them, as a person says them: `CO2`.
pub fn spoken_words(name: &str) -> Vec<String> {
    parted(name, false)
}

fn parted(name: &str, digits: bool) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut previous = ' ';
    for c in name.chars().take(200) {
        let boundary = (previous.is_lowercase() && c.is_uppercase())
            || (digits && previous.is_alphabetic() && c.is_ascii_digit())
            || (previous.is_ascii_digit() && c.is_alphabetic());
        if boundary || !c.is_alphanumeric() {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            if c.is_ascii() { word.push(c.to_ascii_lowercase()) } else { word.extend(c.to_lowercase()) }
        }
        previous = c;
    }
    words.retain(|w| !w.is_empty());
    words
}
