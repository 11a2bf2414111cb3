//! How people ask for what the planner does, whatever the data: `six beds or more` is a limit, a `slice` a share. The ways
//! are in a file, each under the words that the planner knows for it; nothing in it belongs to one data set, and a word
//! that names a column is the column, but for words of the language of charts.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;

use vizroom_protocol::file::{Column, ColumnType, Dataset};

use super::lexicon;
use super::vocabulary::number_word;
use super::words::{Kind, Token, is, name_words, stem, tokens};

/// What is said, indented, under how the planner says it; of charts that are there, too.
const REQUESTS: &str = include_str!("thesaurus/requests.txt");
const REFINEMENTS: &str = include_str!("thesaurus/refinements.txt");

/// Steps of time.
const STEPS: &str = "hour hours day days week weeks month months quarter quarters year years decade decades";
/// What is no word of its own, and speaks of the charts.
const SMALL: &str =
    "the a an of by per for each every they it we you i there most least chart charts card cards graph graphs";
/// What speaks of a chart or of what is on it.
const CHARTS: &str = "from it this that them one ones everything all chart charts card cards graph graphs plot table map title \
    legend axis axes number numbers labels label bars lines colours colors theme style type kind";
/// Most tokens of an open part.
const OPEN_MAX: usize = 9;
/// Most words of a column's name, and most values of a column of numbers by which one groups.
const NAME_MAX: usize = 4;
const GROUPS_MAX: u64 = 40;

/// A part of a way: a word, one of several, or what is kept of the sentence.
#[derive(Debug)]
struct Part {
    form: Form,
    /// Whether it may be left out.
    optional: bool,
    /// Whether it is meant even where a column is called so.
    even: bool,
    /// What it is called in the planner's own words.
    name: &'static str,
}

#[derive(Debug, PartialEq, Eq)]
enum Form {
    Words,
    /// `#`: a number, in digits or as a word.
    Number,
    /// `~`: a year.
    Year,
    /// `@`: a step of time.
    Step,
    /// `*`: any one word.
    One,
    /// `+`: some words and numbers.
    Open,
    /// `T`: the same that speaks of no chart.
    Thing,
    /// `C`: the name of a column by which one groups, or a part of it.
    Group,
    /// `M`: that of a figure.
    Figure,
    /// `R`: the rows, by the dataset's name.
    Rows,
    /// `=`: the word before the last one again.
    Again,
    /// `^`, `$`, `,` and `-`
    Start,
    End,
    Comma,
    Hyphen,
}

#[derive(Debug)]
struct Way {
    parts: Vec<Part>,
    meant: &'static str,
}

/// Ways by the words they begin with; those that begin with anything else are under no word.
type Ways = HashMap<&'static str, Vec<Way>>;

static OF_DATA: LazyLock<Ways> = LazyLock::new(|| ways(REQUESTS));
static OF_CHARTS: LazyLock<Ways> = LazyLock::new(|| ways(REFINEMENTS));

fn ways(text: &'static str) -> Ways {
    let mut all = Ways::new();
    let mut meant = "";
    for line in text.lines().filter(|l| !l.trim().is_empty() && !l.starts_with("//")) {
        let Some(way) = line.strip_prefix(' ') else {
            meant = line;
            continue;
        };
        let parts = || way.split_ascii_whitespace().map(part).collect::<Vec<_>>();
        let first = parts().into_iter().find(|p| p.form != Form::Start);
        let words = first.filter(|p| p.form == Form::Words && !p.optional).map_or("", |p| p.name);
        for word in words.split('/') {
            all.entry(word).or_default().push(Way { parts: parts(), meant });
        }
    }
    // What says more goes first.
    all.values_mut().for_each(|ways| ways.sort_by_key(|w| std::cmp::Reverse(w.parts.len())));
    all
}

fn part(text: &'static str) -> Part {
    let (name, optional) = text.strip_suffix('?').map_or((text, false), |name| (name, true));
    let (name, even) = name.strip_prefix('!').map_or((name, false), |name| (name, true));
    let form = match name.trim_end_matches(|c: char| c.is_ascii_digit()) {
        "#" => Form::Number,
        "~" => Form::Year,
        "@" => Form::Step,
        "*" => Form::One,
        "+" => Form::Open,
        "T" => Form::Thing,
        "C" => Form::Group,
        "M" => Form::Figure,
        "R" => Form::Rows,
        "=" => Form::Again,
        "^" => Form::Start,
        "$" => Form::End,
        "," => Form::Comma,
        "-" => Form::Hyphen,
        _ => Form::Words,
    };
    Part { form, optional, even, name }
}

/// A question of the data in the planner's words.
pub fn rewritten(said: Vec<Token>, datasets: &[Dataset]) -> Vec<Token> {
    said_by(&OF_DATA, said, datasets)
}

/// What is asked of a chart that is there.
pub fn refined(said: Vec<Token>, datasets: &[Dataset]) -> Vec<Token> {
    rewritten(said_by(&OF_CHARTS, said, datasets), datasets)
}

fn said_by(all: &Ways, mut said: Vec<Token>, datasets: &[Dataset]) -> Vec<Token> {
    let names = Names { datasets, words: OnceCell::new() };
    let mut at = 0;
    while at < said.len() {
        let lower = said[at].lower.as_str();
        let ways = [lower, ""].into_iter().filter_map(|w| all.get(w)).flatten();
        let found = ways.into_iter().find_map(|way| {
            let mut kept = Vec::new();
            let end = matches(&way.parts, &said, at, &names, &mut kept)?;
            (end > at && !names.has_value(&said[at..end])).then(|| (end, meant(way, &said, &kept)))
        });
        let Some((end, new)) = found else {
            at += 1;
            continue;
        };
        let length = new.len();
        said.splice(at..end, new);
        // What was kept may be asked for in other words, too.
        at += length.clamp(1, 2);
    }
    said
}

/// Where a way of saying something ends that begins at `at`, with what is kept of it.
fn matches(
    parts: &[Part],
    said: &[Token],
    at: usize,
    names: &Names<'_>,
    kept: &mut Vec<(&'static str, Range<usize>)>,
) -> Option<usize> {
    let Some((part, rest)) = parts.split_first() else { return Some(at) };
    // `half-year`
    let hyphen = usize::from(said.get(at).is_some_and(|t| t.is('-')) && !matches!(part.form, Form::End | Form::Hyphen));
    let from = at + hyphen;
    let before = kept.len();
    for length in lengths(part, said, from, names, kept) {
        let keeps =
            !matches!(part.form, Form::Words | Form::Start | Form::End | Form::Comma | Form::Hyphen | Form::Again);
        if keeps {
            kept.push((part.name, from..from + length));
        }
        let next = if length == 0 { at } else { from + length };
        if let Some(end) = matches(rest, said, next, names, kept) {
            return Some(end);
        }
        kept.truncate(before);
    }
    part.optional.then(|| matches(rest, said, at, names, kept))?
}

/// How many tokens may be that part.
fn lengths(
    part: &Part,
    said: &[Token],
    at: usize,
    names: &Names<'_>,
    kept: &[(&'static str, Range<usize>)],
) -> Range<usize> {
    let token = said.get(at);
    let one = |fits: bool| if fits { 1..2 } else { 0..0 };
    let none = |fits: bool| if fits { 0..1 } else { 0..0 };
    let word = |t: &Token| t.kind == Kind::Word;
    let small = |t: &Token| is(Some(t), SMALL);
    match part.form {
        Form::Words => one(token.is_some_and(|t| word(t) && part.says(&t.lower) && (part.even || names.spares(t)))),
        Form::Number => one(token.is_some_and(|t| t.number().is_some() || word(t) && number_word(&t.lower).is_some())),
        Form::Year => one(token.and_then(Token::number).is_some_and(|n| (1500.0..=2200.0).contains(&n))),
        Form::Step => one(is(token, STEPS)),
        Form::One => one(token.is_some_and(|t| word(t) && !small(t))),
        Form::Open => {
            let open = |t: &&Token| matches!(t.kind, Kind::Word | Kind::Number { .. } | Kind::Quoted) || t.is('-');
            1..said[at.min(said.len())..].iter().take_while(open).take(OPEN_MAX).count() + 1
        }
        Form::Thing => {
            let open = |t: &&Token| matches!(t.kind, Kind::Word | Kind::Number { .. } | Kind::Quoted);
            let thing = |t: &&Token| open(t) && !is(Some(t), CHARTS);
            1..said[at.min(said.len())..].iter().take_while(thing).take(OPEN_MAX).count() + 1
        }
        Form::Group => names.run(said, at, |w| &w.groups),
        Form::Figure => names.run(said, at, |w| &w.figures),
        Form::Rows => one(token.is_some_and(|t| word(t) && names.words().rows.contains(&t.stem))),
        Form::Again => {
            let last = kept.last().filter(|(_, r)| r.len() == 1).and_then(|(_, r)| said.get(r.start));
            one(last.zip(token).is_some_and(|(a, b)| a.lower == b.lower))
        }
        Form::Start => none(at == 0 || said[at - 1].is('.') || said[at - 1].is('?') || said[at - 1].is('!')),
        Form::End => none(token.is_none_or(|t| matches!(t.kind, Kind::Punctuation(c) if c != '-'))),
        Form::Hyphen => one(token.is_some_and(|t| t.is('-'))),
        Form::Comma => one(token.is_some_and(|t| matches!(t.kind, Kind::Punctuation(',' | ';' | ':')))),
    }
}

impl Part {
    /// Whether one of its words, with slashes between them, is this one.
    fn says(&self, lower: &str) -> bool {
        self.name == lower || self.name.len() > lower.len() && self.name.split('/').any(|w| w == lower)
    }
}

/// What is meant, with what was kept of the sentence.
fn meant(way: &Way, said: &[Token], kept: &[(&'static str, Range<usize>)]) -> Vec<Token> {
    let mut out = Vec::new();
    for word in way.meant.split_ascii_whitespace() {
        match kept.iter().find(|(name, _)| *name == word) {
            Some((_, range)) => out.extend(said[range.clone()].iter().map(|t| match number_word(&t.lower) {
                Some(number) if word.starts_with('#') => tokens(&number.to_string()).remove(0),
                _ => t.clone(),
            })),
            None => out.extend(tokens(word).into_iter().filter(|t| t.lower != "nothing")),
        }
    }
    out
}

/// The names of the data, worked out when first asked for.
struct Names<'a> {
    datasets: &'a [Dataset],
    words: OnceCell<Words>,
}

#[derive(Default)]
struct Words {
    all: HashSet<String>,
    groups: HashSet<String>,
    figures: HashSet<String>,
    rows: HashSet<String>,
}

impl Names<'_> {
    fn words(&self) -> &Words {
        self.words.get_or_init(|| {
            let mut words = Words::default();
            for dataset in self.datasets {
                words.rows.extend(name_words(&dataset.name).iter().map(|w| stem(w)));
                for column in &dataset.columns {
                    let stems = || name_words(&column.name).into_iter().map(|w| stem(&w));
                    words.all.extend(stems());
                    if is_group(column) { words.groups.extend(stems()) } else { words.figures.extend(stems()) }
                }
            }
            words
        })
    }

    /// Whether the word is no name of the data's own.
    fn spares(&self, token: &Token) -> bool {
        let common = || lexicon::is_filler(&token.lower) || lexicon::keyword(&token.lower, &token.stem).is_some();
        token.lower.len() < 4 || common() || !self.words().all.contains(&token.stem)
    }

    /// How many tokens may be the name of such a column.
    fn run(&self, said: &[Token], at: usize, of: impl Fn(&Words) -> &HashSet<String>) -> Range<usize> {
        let named = |t: &&Token| t.kind == Kind::Word && of(self.words()).contains(&t.stem);
        let count = said[at.min(said.len())..].iter().take_while(named).take(NAME_MAX).count();
        if count == 0 { 0..0 } else { 1..count + 1 }
    }

    /// Whether some value of the data is written so: `1998-1999`.
    fn has_value(&self, said: &[Token]) -> bool {
        let written = |joint: &str| said.iter().map(|t| t.lower.as_str()).collect::<Vec<_>>().join(joint);
        let ways = [written(" "), written("")];
        let columns = self.datasets.iter().flat_map(|d| &d.columns).filter(|c| c.kind == ColumnType::Text);
        let mut values = columns.flat_map(|c| &c.top).filter_map(|v| v.as_str());
        // `in 1998-1999`, of seasons
        let ended =
            |w: &String, v: &str| v.contains('-') && w.ends_with(v) && v.starts_with(|c: char| c.is_ascii_digit());
        values.any(|v| ways.iter().any(|w| v.eq_ignore_ascii_case(w) || ended(w, v)))
    }
}

/// Whether one groups by the column.
fn is_group(column: &Column) -> bool {
    match column.kind {
        ColumnType::Text | ColumnType::Boolean => true,
        ColumnType::Integer => column.distinct <= GROUPS_MAX,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::Index;
    use serde_json::json;
    use vizroom_protocol::file::{Column, ColumnType, Dataset};

    use super::{OF_CHARTS, OF_DATA, REFINEMENTS, REQUESTS, refined, rewritten, tokens};
    use crate::samples::{figure, text};
    use crate::words::Token;

    fn stores() -> [Dataset; 1] {
        let (min, max) = (Some(json!("2013-01-01")), Some(json!("2016-12-28")));
        let date = Column { kind: ColumnType::Date, min, max, ..text("opened", 900, 0, &[]) };
        let seasons = text("season", 3, 0, &["1998-1999", "1999-2000"]);
        let columns = vec![date, text("region", 2, 0, &["West"]), seasons, figure("whisker_length", 400, 1, 9_000)];
        [Dataset { name: "stores".into(), rows: 1_000, columns }]
    }

    fn written(said: &[Token]) -> String {
        said.iter().map(|t| t.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn requests_are_said_in_the_planners_words() {
        for (said, meant) in [
            ("amount of stores by region", "number of stores by region"),
            ("wind of the different regions", "wind of the different regions"),
            ("wind for the different regions", "wind by regions"),
            ("how does wind vary with region", "wind by region"),
            ("homes with six beds or more", "homes with at least 6 beds"),
            ("wind from 1980 to now", "wind since 1980"),
            ("wind 1950–1980", "wind from 1950 to 1980"),
            ("wind over the final half-year", "wind over the last 6 months"),
            ("rank regions by wind, first ten", "top 10 rank regions by wind"),
            ("wind by region, West left out", "wind by region excluding West"),
            ("plot wind and rain against each other", "scatter plot of wind and rain"),
            ("what's behind the drop", "what explains the drop"),
            ("where are the stores?", "map of the stores ?"),
        ] {
            assert_eq!(written(&rewritten(tokens(said), &stores())), meant);
        }
        // What the data calls so is meant as it is.
        for said in ["whisker plot of all", "wind in 1998-1999"] {
            let same = written(&tokens(said));
            assert_eq!(written(&rewritten(tokens(said), &stores())), same);
        }
    }

    #[test]
    fn refinements_are_said_in_the_planners_words() {
        for (said, meant) in [
            ("take West away", "without West"),
            ("West can go", "without West"),
            ("this one can go", "remove this chart"),
            ("change wind to rain", "rain instead of wind"),
            ("change the title to Rain", "change the title to Rain"),
            ("drop the years before 2014", "since 2014"),
            ("turn it round", "reverse the order"),
        ] {
            assert_eq!(written(&refined(tokens(said), &stores())), meant);
        }
    }

    #[test]
    fn every_way_says_something_and_keeps_what_is_used() {
        for way in OF_DATA.values().chain(OF_CHARTS.values()).flatten() {
            let kept = |word: &str| way.parts.iter().any(|p| p.name == word);
            let open = |w: &&str| w.chars().next().is_some_and(|c| "#~@*+CMRT".contains(c) && w.len() < 3);
            assert!(!way.meant.is_empty(), "{way:?}");
            assert!(way.meant.split(' ').filter(open).all(kept), "{way:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

        /// What one way is put into may be another way: it comes to an end all the same, and grows by little.
        #[test]
        fn ways_put_together_come_to_an_end(picked in vec(any::<Index>(), 1..120)) {
            let mut words: Vec<&str> = REQUESTS.split_whitespace().chain(REFINEMENTS.split_whitespace())
                .flat_map(|part| part.trim_matches(['?', '!']).split('/'))
                .filter(|word| word.len() > 2)
                .collect();
            words.extend(["region", "2010", "5", ",", "a", "of", "by"].repeat(40));
            let text: Vec<&str> = picked.iter().map(|at| *at.get(&words)).collect();
            let said = tokens(&text.join(" "));
            let long = said.len();
            for out in [rewritten(said.clone(), &stores()), refined(said, &stores())] {
                prop_assert!(out.len() <= 3 * long + 20, "{} of {}: {}", out.len(), long, text.join(" "));
            }
        }
    }
}
