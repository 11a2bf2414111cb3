//! The thesaurus: what columns hold, the words by which people ask for it, and which columns of some data these name.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::fields::{Data, Field, Role};
use super::naming::is_weak_head;
use super::words::{Token, name_words, stem};

/// The files of the thesaurus; the first tells their format.
const FILES: [&str; 3] =
    [include_str!("thesaurus/people.txt"), include_str!("thesaurus/world.txt"), include_str!("thesaurus/trades.txt")];

/// What a name that means the same costs, what a word costs more that only may mean it, a short form, a name that says
/// more than that, one of which it is no head, and the only column of a kind.
const SAME: u32 = 4;
const WEAK: u32 = 5;
const SHORT: u32 = 1;
const LONGER: u32 = 1;
const QUALIFIER: u32 = 7;
const KIND: u32 = 12;

/// Most words of a name that belong together.
const RUN_MAX: usize = 4;

/// A word of a concept.
#[derive(Clone, Copy, Debug)]
struct Entry {
    concept: usize,
    price: u32,
    /// Of an adjective, whether it is said of a high figure.
    high: Option<bool>,
}

/// The columns that words ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The likeliest first.
    pub fields: Vec<usize>,
    /// How far-fetched it is.
    pub price: u32,
    /// Of an adjective, whether it is said of a high figure: `fast` of a speed, not of a time that is taken.
    pub high: Option<bool>,
    /// Whether it counts something, whatever the column's name says.
    pub counts: bool,
}

#[derive(Default)]
struct Thesaurus {
    /// What each concept is a kind of; of a kind itself, nothing.
    kinds: Vec<Option<usize>>,
    /// The kind of what counts, and of people.
    count: usize,
    person: usize,
    /// By the stems of what is said, without spaces between them; what only asks, by itself as it is written.
    said: HashMap<String, Vec<Entry>>,
    /// By the stems of names and, as they are written, of codes.
    names: HashMap<String, Vec<Entry>>,
    codes: HashMap<String, Vec<Entry>>,
    /// Adjectives in all their degrees, and whether it is the superlative.
    adjectives: HashMap<String, bool>,
}

static THESAURUS: LazyLock<Thesaurus> = LazyLock::new(|| {
    let mut all = Thesaurus::default();
    let mut called: HashMap<&str, usize> = HashMap::new();
    for line in FILES.iter().flat_map(|f| f.lines()).filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let mut parts = line.split('|').map(str::trim);
        let kind = parts.next().unwrap_or_default();
        let concept = all.kinds.len();
        if let Some(name) = kind.strip_prefix('@') {
            called.insert(name, concept);
            match name {
                "count" => all.count = concept,
                "person" => all.person = concept,
                _ => {}
            }
        }
        // One of no kind is its own.
        let of_kind = || called.get(kind).copied().unwrap_or(concept);
        all.kinds.push((!kind.starts_with('@')).then(of_kind));
        let mut words = || parts.next().unwrap_or_default().split_ascii_whitespace().filter(|w| *w != "-");
        for word in words() {
            let (word, entry) = entry(word, concept);
            all.said.entry(joined(word, compared)).or_default().push(entry);
            all.names.entry(joined(word, named)).or_default().push(entry);
        }
        for word in words() {
            let (word, entry) = entry(word, concept);
            all.codes.entry(word.replace('_', "")).or_default().push(Entry { price: entry.price + SHORT, ..entry });
        }
        for word in words() {
            let (word, entry) = entry(word, concept);
            let Some(adjective) = word.strip_prefix(['+', '-']) else {
                all.said.entry(asking(word)).or_default().push(entry);
                continue;
            };
            for (form, most) in grades(adjective) {
                let entry = Entry { high: Some(word.starts_with('+')), ..entry };
                all.said.entry(asking(&form)).or_default().push(entry);
                all.adjectives.insert(form, most);
            }
        }
    }
    all
});

/// A word of a concept without its mark, and what it costs.
fn entry(word: &str, concept: usize) -> (&str, Entry) {
    match word.strip_prefix('~') {
        Some(word) => (word, Entry { concept, price: WEAK, high: None }),
        None => (word, Entry { concept, price: 0, high: None }),
    }
}

fn joined(phrase: &str, by: fn(&str) -> String) -> String {
    phrase.split('_').filter(|w| !matches!(*w, "of" | "the" | "a" | "an")).map(by).collect()
}

/// What words are compared by: `shopped` is no shop.
fn compared(word: &str) -> String {
    let told = word.len() > 4 && (word.ends_with("ed") || word.ends_with("ing"));
    if told { word.to_owned() } else { named(word) }
}

/// What words of names are compared by: `capital` is no capitalization.
fn named(word: &str) -> String {
    let made = word.ends_with("ization") || word.ends_with("isation");
    if made { word.to_owned() } else { stem(word) }
}

/// What words that only ask are found by: verbs mean no nouns that are like them.
fn asking(phrase: &str) -> String {
    format!("{}?", phrase.replace('_', ""))
}

/// What a form of a regular verb may come from: `weighing`, `owes`.
fn bases(form: &str) -> impl Iterator<Item = String> {
    let bare = ["ing", "ed", "es", "s"].into_iter().filter_map(|end| form.strip_suffix(end));
    bare.filter(|b| b.len() >= 3).flat_map(|b| [b.to_owned(), format!("{b}e")])
}

/// An adjective with its comparative and its superlative, and whether it is that.
fn grades(adjective: &str) -> Vec<(String, bool)> {
    if adjective.contains('_') {
        return vec![(adjective.replace('_', ""), false)];
    }
    let vowel = |c: Option<char>| c.is_some_and(|c| "aeiou".contains(c));
    let mut back = adjective.chars().rev();
    let (last, before, third) = (back.next(), back.next(), back.next());
    let base = match last {
        Some('e') => adjective[..adjective.len() - 1].to_owned(),
        // `pricey`, `pricier`
        Some('y') if before == Some('e') => format!("{}i", &adjective[..adjective.len() - 2]),
        Some('y') if !vowel(before) => format!("{}i", &adjective[..adjective.len() - 1]),
        Some(c) if vowel(before) && !vowel(third) && !vowel(last) && !"wxy".contains(c) && adjective.len() <= 4 => {
            format!("{adjective}{c}")
        }
        _ => adjective.to_owned(),
    };
    vec![(adjective.to_owned(), false), (format!("{base}er"), false), (format!("{base}est"), true)]
}

/// Whether an adjective of figures is a superlative: `hottest` rather than `hot` or `hotter`; nothing for another word.
pub fn is_superlative(lower: &str) -> Option<bool> {
    THESAURUS.adjectives.get(lower).copied()
}

/// Whether an adjective is said of what is low: `poorest`, `cheap`; nothing where it is said of both ends, or no adjective.
pub fn is_low(lower: &str) -> Option<bool> {
    let ends = |want: bool| {
        let found = THESAURUS.said.get(&asking(lower));
        found.is_some_and(|all| all.iter().any(|e| e.high == Some(want)))
    };
    match (ends(true), ends(false)) {
        (true, false) => Some(false),
        (false, true) => Some(true),
        _ => None,
    }
}

/// Whether it is the comparative of an adjective of figures: `pricier`.
pub fn is_comparative(lower: &str) -> bool {
    lower.ends_with("er")
        && THESAURUS.adjectives.get(lower) == Some(&false)
        && !THESAURUS.names.contains_key(&stem(lower))
}

/// Whether the word is one for somebody.
pub fn is_person(lower: &str) -> bool {
    let found = THESAURUS.said.get(&compared(lower));
    found.is_some_and(|all| all.iter().any(|e| THESAURUS.kinds[e.concept] == Some(THESAURUS.person)))
}

/// The words of all concepts that are words of their own, and no codes.
pub fn words() -> impl Iterator<Item = &'static str> {
    let kept = |l: &&str| !l.is_empty() && !l.starts_with('#');
    let names = |l: &'static str| l.split('|').nth(1).unwrap_or_default().split_ascii_whitespace();
    let all = FILES.iter().flat_map(|f| f.lines()).filter(kept).flat_map(names);
    all.flat_map(|n| n.trim_start_matches('~').split('_'))
}

/// Whether a verb asks for a figure of some data: `copies sold`.
pub fn asks_for_figure(verb: &str) -> bool {
    let figure = |e: &Entry| THESAURUS.kinds[e.concept].is_none_or(|k| k != e.concept);
    THESAURUS.said.get(&asking(verb)).is_some_and(|all| all.iter().any(figure))
}

/// The columns that words ask for, the cheapest only.
pub fn columns(data: &Data<'_>, said: &[&str], fits: impl Fn(&Field<'_>) -> bool) -> Option<Asked> {
    let asked = asked_by(said);
    let fields = data.fields.iter().enumerate().filter(|(_, f)| fits(f));
    let told: Vec<(usize, Vec<Entry>)> = fields.map(|(i, f)| (i, concepts(f))).collect();
    // What has the word in its own name comes before what only may be called so: a `drive_sys` by `drive`.
    let own = |i: usize| matches!(said, [one] if data.fields[i].words.iter().any(|w| w.lower == *one));
    let nearest = |(i, held): &(usize, Vec<Entry>)| {
        let same = |a: &Entry| {
            let price = held.iter().filter(|h| h.concept == a.concept).map(|h| SAME + a.price + h.price).min();
            price.map(|p| (if own(*i) { p.min(SAME) } else { p }, *a))
        };
        asked.iter().filter_map(same).min_by_key(|(p, _)| *p).map(|n| (*i, n))
    };
    let mut found: Vec<(usize, (u32, Entry))> = told.iter().filter_map(nearest).collect();
    let Some((price, entry)) = found.iter().map(|(_, n)| *n).min_by_key(|(p, _)| *p) else {
        return kindred(data, &asked, &told);
    };
    found.retain(|(_, (p, _))| *p == price);
    // What is called by a name is told by it, not by its number.
    let place = |f: &Field<'_>| (f.joined, f.role == Role::Id, !is_whole(f), f.words.len());
    found.sort_by_key(|(i, _)| (place(&data.fields[*i]), *i));
    let fields = found.into_iter().map(|(i, _)| i).collect();
    let counts = THESAURUS.kinds[entry.concept].is_some_and(|k| k == THESAURUS.count);
    Some(Asked { fields, price, high: entry.high, counts })
}

/// The concepts that words are of.
fn asked_by(said: &[&str]) -> Vec<Entry> {
    let of = |said: &[&str]| {
        let key: String = said.iter().map(|w| compared(w)).collect();
        let whole = said.concat();
        // `drives`, `selling`: verbs in all their forms.
        let verb = || bases(&whole).find_map(|base| THESAURUS.said.get(&asking(&base)));
        let found = [THESAURUS.said.get(&key), THESAURUS.said.get(&asking(&whole)).or_else(verb)];
        found.into_iter().flatten().flatten().copied().collect::<Vec<Entry>>()
    };
    let found = of(said);
    // `pregnancy duration`, `lot size`: what kind of quantity it is goes without saying.
    let Some((last, rest)) = said.split_last().filter(|(_, rest)| found.is_empty() && !rest.is_empty()) else {
        return found;
    };
    let kinds = of(&[last]);
    let fits = |e: &Entry| kinds.iter().any(|k| THESAURUS.kinds[e.concept] == Some(k.concept));
    of(rest).into_iter().filter(fits).collect()
}

/// Whether the words only say of what the column tells something: `guests` of their type.
pub fn is_remote(asked: &Asked) -> bool {
    (SAME + QUALIFIER..KIND).contains(&asked.price)
}

/// The figures that an adjective or a verb is of: `hottest`, `earn`.
pub fn figures(data: &Data<'_>, word: &str) -> Option<Asked> {
    let asked = columns(data, &[word], |f| f.is_measure() && f.is_number())?;
    // Nothing says that it is a guess.
    let near = asked.price < KIND || asked.high.is_some();
    (near && !is_remote(&asked)).then_some(asked)
}

/// The figure among these of the thing that follows: `longer charge` of a `charge_time`, not of a `distance`.
pub fn figures_of(data: &Data<'_>, word: &str, thing: Option<&Token>) -> Option<Asked> {
    let of = |f: &Field<'_>| f.words.iter().any(|w| thing.is_some_and(|t| t.stem == w.stem));
    let near = columns(data, &[word], |f| f.is_measure() && f.is_number() && of(f));
    near.filter(|asked| asked.high.is_some() && asked.price < SAME + QUALIFIER).or_else(|| figures(data, word))
}

/// The figures that are measured in a unit: `over 20 minutes` of a runtime.
pub fn measured_in(data: &Data<'_>, unit: &str) -> Vec<usize> {
    let kinds: Vec<usize> = THESAURUS.codes.get(unit).into_iter().flatten().map(|e| e.concept).collect();
    let of = |e: &Entry| kinds.contains(&e.concept) || THESAURUS.kinds[e.concept].is_some_and(|k| kinds.contains(&k));
    let is = |f: &Field<'_>| {
        let quantity = f.is_measure() && f.is_number() && !f.joined;
        quantity && concepts(f).iter().any(|e| of(e) && e.price <= LONGER + SHORT)
    };
    (0..data.fields.len()).filter(|&i| is(&data.fields[i])).collect()
}

/// The only column of the kind that a word is of: `length` where nothing is measured but milliseconds.
fn kindred(data: &Data<'_>, asked: &[Entry], told: &[(usize, Vec<Entry>)]) -> Option<Asked> {
    let of_kind = |kind: usize, held: &[Entry]| {
        let is = |e: &&Entry| e.concept == kind || THESAURUS.kinds[e.concept] == Some(kind);
        held.iter().filter(is).map(|e| e.price).min().filter(|p| *p <= LONGER + SHORT)
    };
    let one = |asked: &Entry| {
        let own = THESAURUS.kinds[asked.concept].is_none();
        let mut found = told.iter().filter_map(|(i, held)| of_kind(asked.concept, held).map(|p| (*i, p)));
        let first = found.next().filter(|_| own)?;
        let quantity = data.fields[first.0].is_measure() && !data.fields[first.0].joined;
        let price = KIND + asked.price + first.1;
        (quantity && found.next().is_none()).then(|| Asked {
            fields: vec![first.0],
            price,
            high: asked.high,
            counts: false,
        })
    };
    asked.iter().filter_map(one).min_by_key(|a| a.price)
}

/// What a column holds by its name, each with what it costs to take it for that.
fn concepts(field: &Field<'_>) -> Vec<Entry> {
    let names = name_words(&field.column.name);
    let mut out = told_by(&names);
    // Short forms written out.
    let full: Vec<String> = field.words.iter().map(|w| w.lower.clone()).collect();
    if full != names {
        out.extend(told_by(&full));
    }
    out
}

fn told_by(names: &[String]) -> Vec<Entry> {
    let weak = |w: &String| is_weak_head(w) || is_name_part(w) || w.chars().all(|c| c.is_ascii_digit()) || is_small(w);
    // `distance_pc`: what is so short at the end is a unit.
    let unit = |i: usize| i > 0 && i + 1 == names.len() && names[i].len() <= 2;
    let core: Vec<usize> = (0..names.len()).filter(|&i| !weak(&names[i]) && !unit(i)).collect();
    let head = core.last().copied().unwrap_or(names.len().saturating_sub(1));
    let mut out = Vec::new();
    for from in 0..names.len() {
        let (mut stems, mut written) = (String::new(), String::new());
        for to in from..names.len().min(from + RUN_MAX) {
            stems.push_str(&named(&names[to]));
            written.push_str(&names[to]);
            let of_it = (from..=to).contains(&head);
            let whole = core.iter().all(|i| (from..=to).contains(i));
            let price = match () {
                () if !of_it => QUALIFIER,
                () if !whole => LONGER,
                () => 0,
            };
            let found = [THESAURUS.names.get(&stems), THESAURUS.codes.get(&written)];
            // A unit ends a name.
            let unit = |e: &&Entry| THESAURUS.kinds[e.concept].is_some() || to + 1 == names.len();
            // A `total` is what comes in only where nothing says of what.
            let small = from == to && names.len() > 1 && is_small(&names[to]);
            let found = if small { [None, None] } else { found };
            for entry in found.into_iter().flatten().flatten().filter(unit) {
                out.push(Entry { price: entry.price + price, ..*entry });
            }
        }
    }
    out
}

/// Words of what somebody is called by: `player_initial_last`.
fn is_name_part(word: &str) -> bool {
    super::lists::has("first last full given middle initial initials short display", word)
}

/// Words of names that say how a figure is made or counted, not what it is.
fn is_small(word: &str) -> bool {
    const SMALL: &str = "avg average mean median total tot num n nr no count cnt in per of the at by mm cm km kg lbs usd eur pct \
        percent tho thousand mio earth jupiter solar max min maximum minimum high low highest lowest";
    super::lists::has(SMALL, word)
}

fn is_whole(field: &Field<'_>) -> bool {
    field.words.iter().any(|w| matches!(w.lower.as_str(), "total" | "overall" | "worldwide" | "average" | "mean"))
}

/// Whether the column can be what is asked for by a group or a figure, not only told.
pub fn is_askable(field: &Field<'_>) -> bool {
    !matches!(field.role, Role::Other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_well_formed() {
        let mut kinds = vec!["-", "ratio"];
        let mut seen: Vec<Vec<&str>> = Vec::new();
        for line in FILES.iter().flat_map(|f| f.lines()).filter(|l| !l.is_empty() && !l.starts_with('#')) {
            let parts: Vec<&str> = line.split('|').map(str::trim).collect();
            let [kind, names, codes, asks] = parts.as_slice() else { unreachable!("{line}") };
            match kind.strip_prefix('@') {
                Some(kind) => kinds.push(kind),
                None => assert!(kinds.contains(kind), "{line}"),
            }
            let plain = |w: &str| w.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
            for part in [names, codes, asks] {
                let mut words: Vec<&str> = part.split(' ').filter(|w| *w != "-").collect();
                let bare = |w: &str| w.strip_prefix('~').unwrap_or(w).to_owned();
                let graded = |w: &str| part == asks && bare(w).strip_prefix(['+', '-']).is_some_and(plain);
                let marked = |w: &&str| plain(&bare(w)) || graded(w);
                assert!(words.iter().all(marked), "{line}");
                words.sort_unstable();
                assert!(words.windows(2).all(|w| w[0] != w[1]), "{line}");
            }
            let mut names: Vec<&str> = names.split(' ').collect();
            names.sort_unstable();
            assert!(names == ["-"] || !seen.contains(&names), "{line}");
            seen.push(names);
        }
    }

    #[test]
    fn adjectives_have_their_degrees() {
        for (form, most) in [("hottest", true), ("riskier", false), ("cheap", false), ("largest", true)] {
            assert_eq!(is_superlative(form), Some(most), "{form}");
        }
        assert_eq!(is_superlative("town"), None);
    }
}
