//! How well words name a column.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::fields::{Field, Role, Word};
use super::synonyms::SYNONYMS;
use super::words::stem;

/// How well spoken words name a field, 0–1; `None` if one of them does not belong to it.
pub fn score(spoken: &[Word], field: &Field<'_>) -> Option<f64> {
    if let [name] = field.words.as_slice()
        && contracts(spoken, &name.lower)
    {
        return Some(0.9);
    }
    if let ([said], [first, last]) = (spoken, field.words.as_slice())
        && compounds(said, first, last)
    {
        return Some(0.9);
    }
    let mut used: Vec<usize> = Vec::new();
    let mut sum = 0.0;
    for said in spoken {
        let (at, likeness) = field
            .words
            .iter()
            .enumerate()
            .filter(|(i, _)| !used.contains(i))
            .map(|(i, w)| (i, likeness(said, w)))
            .max_by(|a, b| a.1.total_cmp(&b.1))?;
        if likeness == 0.0 {
            return None;
        }
        used.push(at);
        sum += likeness;
    }
    let coverage = used.len() as f64 / field.words.len().max(1) as f64;
    let head = if used.iter().any(|i| field.heads.contains(i)) { 1.0 } else { 0.7 };
    let fitting = if matches!(field.role, Role::Other) { 0.7 } else { 1.0 };
    Some(sum / spoken.len() as f64 * (0.6 + 0.4 * coverage) * head * fitting)
}

/// Whether one spoken word is made of both words of a name: `birthplaces` of `birth_pl`, `filesize` of `file_size`.
fn compounds(said: &Word, first: &Word, last: &Word) -> bool {
    let of = |whole: &str| {
        let rest = whole.strip_prefix(first.lower.as_str()).filter(|r| r.len() >= 3 && first.lower.len() >= 3);
        rest.is_some_and(|r| r == last.lower || stem(r) == last.stem || abbreviates(&last.lower, r))
    };
    of(&said.lower) || said.lower.strip_suffix('s').is_some_and(of)
}

/// How alike two words are, 0–1: a spoken one, and one of a name.
fn likeness(a: &Word, b: &Word) -> f64 {
    if a.lower == b.lower {
        return 1.0;
    }
    if a.stem == b.stem {
        return 0.98;
    }
    if synonyms(a, b) {
        return 0.8;
    }
    // `career` of `CHits`, which stands beside `Hits`
    if let Some(letter) = b.lower.strip_suffix('…') {
        return if a.lower.len() >= 4 && a.lower.starts_with(letter) { 0.7 } else { 0.0 };
    }
    let (short, long) = if a.lower.len() < b.lower.len() { (a, b) } else { (b, a) };
    if short.lower.len() >= 4 && long.lower.starts_with(&short.lower) && short.lower.len() * 2 > long.lower.len() {
        return 0.75;
    }
    if family(&a.lower, &b.lower) || of_verb(&a.lower, b) || is_short_for(&b.lower, &a.lower) {
        return 0.72;
    }
    let plural = a.lower.ends_with('s') && !b.lower.ends_with('s');
    if misspelled(&a.lower, &b.lower) || plural && a.stem.len() >= 5 && misspelled(&a.stem, &b.lower) {
        return 0.7;
    }
    if shortened(&a.lower, &b.lower) { 0.68 } else { 0.0 }
}

/// Whether one is the other with as many slips as its length allows: one in words of four letters and more, if it is a
/// letter too many, too few, or two that changed places.
fn misspelled(a: &str, b: &str) -> bool {
    let able = |w: &str| {
        ["ability", "able"].iter().find_map(|e| w.strip_suffix(e).filter(|s| s.len() >= 5).map(str::to_owned))
    };
    let base = able(a);
    let said = base.as_deref().unwrap_or(a);
    let length = said.chars().count();
    let allowed = if length >= 8 { 2 } else { usize::from(length >= 4) };
    let near = || strsim::damerau_levenshtein(said, b) <= allowed;
    // One letter for another makes `rate` of `race`.
    let replaced = || length == b.chars().count() && strsim::hamming(said, b).is_ok_and(|n| n == 1);
    let same_start = a.chars().next() == b.chars().next();
    allowed > 0
        && same_start
        && near()
        && !(length < 5 && replaced())
        && !(super::slips::is_word(a) && super::slips::is_word(b))
}

/// `denial` of `deny`, `arrivals` of `arrive`: the noun of what is done.
fn of_verb(noun: &str, verb: &Word) -> bool {
    let base = noun.trim_end_matches('s').strip_suffix("al").filter(|b| b.len() >= 4);
    base.is_some_and(|b| verb.stem == b || stem(b) == verb.stem)
}

/// Whether both come from one word: `survival` and `survived`, `conversion` and `converted`.
pub fn family(a: &str, b: &str) -> bool {
    const ENDINGS: &str = " s e es er ers ee ees ed ing or ors al als ion ions ation ations sion sions ted ting ive ance ence \
        able y ies t ts ption ptions ssion ssions tted tting d ment ments ity ness ition";
    // `redeemed` and `redemption`
    const ROOTS: [(&str, &str); 8] = [
        ("redempt", "redeem"),
        ("consumpt", "consum"),
        ("recept", "receiv"),
        ("subscript", "subscrib"),
        ("decis", "decid"),
        ("collis", "collid"),
        ("explos", "explod"),
        ("resolut", "resolv"),
    ];
    let rooted = |w: &str| {
        ROOTS
            .iter()
            .find_map(|(noun, verb)| w.strip_prefix(noun).map(|end| format!("{verb}{end}")))
            .unwrap_or_else(|| w.to_owned())
    };
    let (a, b) = (rooted(a), rooted(b));
    let shared = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    let ending = |w: &str| w.get(shared..).is_some_and(|end| ENDINGS.split(' ').any(|e| e.trim() == end));
    shared >= 5 && ending(&a) && ending(&b)
}

/// Whether a word of a name is short for a spoken one: its beginning (`cyl`, `temp`), or it without its vowels (`hwy`,
/// `amt`), perhaps with its ending.
pub fn abbreviates(short: &str, long: &str) -> bool {
    let length = short.len();
    if !(2..=6).contains(&length) || long.len() < length + 2 || !short.is_ascii() || !long.is_ascii() {
        return false;
    }
    // `work` is no short form of `workforce`: a word of its own is short for nothing.
    if length >= 3 && long.starts_with(short) {
        return length == 3 || !super::grown::is_whole(short) || family(short, long);
    }
    // `prs` for prices
    let plural = short.ends_with('s') && !long.ends_with('s');
    if let Some(short) = short.strip_suffix('s').filter(|s| plural && s.len() == 2)
        && short.starts_with(long.chars().next().unwrap_or(' '))
        && short.chars().skip(1).all(|c| !"aeiou".contains(c) && long.contains(c))
    {
        return long.len() <= 6;
    }
    // `chems` for `chemicals`
    if short.strip_suffix('s').is_some_and(|s| s.len() >= 3 && long.starts_with(s)) {
        return true;
    }
    let vowel = |c: char| "aeiou".contains(c);
    // `telcm` for `telecom`: most of its letters, in their order.
    let most = length >= 4 && length * 3 >= long.len() * 2 && !super::grown::is_known(short);
    let bare = short.chars().skip(1).all(|c| !vowel(c)) && short.chars().any(|c| !vowel(c));
    let mut rest = long.chars();
    let within = short.chars().all(|c| rest.any(|l| l == c));
    let near = length * 4 >= long.len();
    // A unit is short for nothing else: `ms` is no music.
    let unit = matches!(short, "ms" | "km" | "kg" | "cm" | "mm" | "ft" | "lb" | "oz");
    (bare && near || most) && !unit && within && short.chars().next() == long.chars().next()
}

/// The same of a word by itself: of two letters the second is the next, or the last that is heard: `wt`, `dt`, but no
/// `cs` of clubs.
fn is_short_for(short: &str, long: &str) -> bool {
    let heard = || long.trim_end_matches('s').trim_end_matches('e').chars().last();
    let second = short.chars().nth(1).filter(|_| short.len() == 2);
    abbreviates(short, long) && second.is_none_or(|c| long.chars().nth(1) == Some(c) || heard() == Some(c))
}

/// Whether a spoken word is short for one of a name, by its vowels: `qty` for `quantity`.
fn shortened(short: &str, long: &str) -> bool {
    short.len() >= 3 && !long.starts_with(short) && abbreviates(short, long)
}

/// Whether one word of a name is made of the beginnings, or the consonants, of all that was spoken: `bwt` of `birth
/// weight`, `lotsize` of `lot size`.
pub fn contracts(spoken: &[Word], name: &str) -> bool {
    fn from(spoken: &[Word], rest: &str) -> bool {
        let Some((first, others)) = spoken.split_first() else { return rest.is_empty() };
        (1..=rest.len()).any(|cut| {
            let Some((part, rest)) = rest.split_at_checked(cut) else { return false };
            let initial = cut == 1 && first.lower.starts_with(part);
            let whole = first.lower == part || first.stem == part;
            (initial || whole || abbreviates(part, &first.lower) || family(part, &first.lower)) && from(others, rest)
        })
    }
    // `profit in Texas` is no contraction: the first word is the name already.
    let whole = spoken.iter().any(|w| w.lower == name || w.stem == stem(name));
    // Initials alone are anything.
    !whole
        && (2..=3).contains(&spoken.len())
        && name.len() > spoken.len()
        && name.is_ascii()
        && name.len() <= 20
        && from(spoken, name)
}

/// Whether a spoken word means a word of a name, or is it.
pub fn synonymous(spoken: &str, word: &Word) -> bool {
    let spoken = Word::new(spoken);
    spoken.stem == word.stem || synonyms(&spoken, word)
}

fn synonyms(a: &Word, b: &Word) -> bool {
    static GROUPS: LazyLock<HashMap<String, Vec<usize>>> = LazyLock::new(|| {
        let mut map: HashMap<String, Vec<usize>> = HashMap::new();
        for (number, group) in SYNONYMS.iter().enumerate() {
            for word in group.split(' ') {
                map.entry(stem(word)).or_default().push(number);
            }
        }
        map
    });
    let groups = |w: &Word| GROUPS.get(&w.stem).map_or(&[][..], Vec::as_slice);
    groups(a).iter().any(|g| groups(b).contains(g))
}
