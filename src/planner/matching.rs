//! Which words of a prompt mean which column, value or keyword.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use vizroom_protocol::file::ColumnType;

use super::fields::{Data, Field, Role, Word};
use super::known::Speech;
use super::lexicon::Keyword;
use super::likeness::synonymous;
use super::spoken::{is_comparison, is_pronoun, is_reading, is_tag, keyword_meaning, single};
use super::wholes::names_whole;
use super::words::{Kind, Token, stem};

/// Most tokens one thing can span.
const SPAN_MAX: usize = 6;
/// Most words of a list that share the last one's noun.
const LISTED_MAX: usize = 4;

/// What a run of tokens means for a dataset.
#[derive(Clone, Debug, PartialEq)]
pub enum Meaning {
    /// Fields, likeliest first.
    Column(Vec<usize>),
    /// One value, with the fields that hold it.
    Value(Vec<(usize, Value)>),
    /// All values of one field that have the words in them: `Hawaiian` in the names of several sizes.
    Values(usize, Vec<Value>),
    /// The rows of the dataset: `flights` in `flights.csv`.
    Rows,
    Keyword(Keyword),
    Number {
        value: f64,
        percent: bool,
    },
    Day(String),
    Month(u32),
    Weekday(u32),
    Weekend,
    Quarter(u32),
    Quoted(String),
    Mark(char),
    Filler,
    /// Carries meaning that nothing in the data has.
    Unknown(String),
}

/// A meaning and the tokens it was found in.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub meaning: Meaning,
    pub from: usize,
    pub to: usize,
}

/// More values of a column than these are only looked at where words of the prompt are in them.
const VALUES_MANY: usize = 300;
/// Most values of a column of which one may be called as the dataset is.
const NAMES_MANY: usize = 60;

/// How surely; orders the candidates of equal length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sure {
    PartOfValue,
    Filler,
    PartOfColumn,
    Thing,
    Value,
    Keyword,
    Spelled,
    Noun,
    Phrase,
    Column,
    Rows,
}

/// Everything in the data that words can be compared with.
pub struct Matcher<'d, 'a> {
    pub(super) data: &'d Data<'a>,
    /// Stems of a value's words, joined → the fields and values.
    pub(super) values: HashMap<String, Vec<(usize, Value)>>,
    /// Text columns that the prompt speaks of: parts of their values may be short or common words.
    pub(super) touched: HashSet<usize>,
    /// Stem of one word of longer values → values that contain it.
    pub(super) value_words: HashMap<String, Vec<(usize, Value)>>,
    /// The words of the dataset's name, and all of it without spaces.
    pub(super) rows: Vec<Word>,
    name: String,
}

impl<'d, 'a> Matcher<'d, 'a> {
    pub fn new(data: &'d Data<'a>, tokens: &[Token]) -> Self {
        let mut values: HashMap<String, Vec<(usize, Value)>> = HashMap::new();
        let mut value_words: HashMap<String, Vec<(usize, Value)>> = HashMap::new();
        let speech = Speech::of(tokens);
        let rows: Vec<Word> = super::text::name_of_rows(&data.dataset.name).iter().map(|w| Word::new(w)).collect();
        // `use of force` in a table of that name, where one offense of hundreds is called so.
        let own = |stems: &[String]| matches!(stems, [one] if rows.iter().any(|w| w.stem == *one));
        for known in data.values() {
            let field = &data.fields[known.field];
            let many = field.column.top.len() > VALUES_MANY;
            if many && !speech.tells(&known.lower) {
                continue;
            }
            let (value, text) = known.value(data);
            let stems = known.stems(text);
            let digits = || text.chars().all(|c| c.is_ascii_digit());
            let numbered = || super::valued::numbered(field, text, tokens);
            if stems.is_empty() || stems.len() > SPAN_MAX + 2 || digits() && !numbered() {
                continue;
            }
            if field.column.top.len() > NAMES_MANY && own(stems) {
                continue;
            }
            let one = || (known.field, value.clone());
            values.entry(stems.join(" ")).or_default().push(one());
            if stems.len() > 1 && field.role != Role::Label && !many {
                for word in stems.iter().filter(|w| w.len() >= 3) {
                    value_words.entry(word.clone()).or_default().push(one());
                }
            }
        }
        let name = rows.iter().map(|w| w.lower.as_str()).collect();
        let touched = super::valued::touched(data, tokens);
        Self { data, values, touched, value_words, rows, name }
    }

    /// Reads the tokens from left to right, taking the longest and then the surest meaning at each.
    pub fn items(&self, tokens: &[Token]) -> Vec<Item> {
        let mut items: Vec<Item> = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            if is_pronoun(tokens, at) {
                items.push(Item { meaning: Meaning::Filler, from: at, to: at + 1 });
                at += 1;
                continue;
            }
            let found =
                self.signed(tokens, at).or_else(|| self.coordinated(tokens, at)).or_else(|| self.longest(tokens, at));
            // `per telescope` is no group of all that are called so.
            let by = items.last().is_some_and(|p| p.meaning == Meaning::Keyword(Keyword::By));
            let small = tokens[at].text.chars().all(|c| !c.is_uppercase());
            let which = at > 0 && super::words::is(tokens.get(at - 1), "which each every any");
            let found = found.filter(|i| !((by || which) && small && self.is_in_names(tokens, i)));
            let sized = |i: &Item| i.meaning == Meaning::Keyword(Keyword::Sized);
            let short = found.as_ref().is_none_or(|i| sized(i) || i.to - i.from == 1 && !is_column(i));
            // `hindfoot size`, of what is measured already
            let read = is_reading(&tokens[at]) && items.last().is_some_and(|p| p.to == at && self.is_figure(p));
            let found = found.filter(|i| !(read && sized(i)));
            let found = self.drawn_or_named(tokens, at).filter(|_| short && !read).or(found);
            let item = found.unwrap_or_else(|| Item { meaning: single(&tokens[at]), from: at, to: at + 1 });
            at = item.to;
            let token = &tokens[item.from];
            let named = items.last().filter(|p| p.to == item.from).is_some_and(|p| {
                is_tag(token) && is_column(p)
                    || self.is_figure(p) && names_whole(self.data, &token.stem).is_some()
                    || token.lower == "time" && self.is_figure(p)
                    || token.lower == "rate" && self.is_mean(p)
                    || is_reading(token) && self.is_figure(p) && !is_column(&item)
            });
            let named =
                named || told_last(&items).is_some_and(|p| p.meaning == Meaning::Rows && self.only_tells(token, &item));
            let tagged = item.to - item.from == 1 && (named || self.owns(&items, token));
            if let Some(previous) = items.last_mut().filter(|p| p.to == item.from)
                && self.is_owner(previous, &item, tokens)
            {
                previous.meaning = Meaning::Filler;
            }
            items.push(if tagged { Item { meaning: Meaning::Filler, ..item } } else { item });
        }
        let items = super::degrees::asked(self.data, tokens, items);
        let items = super::narrowing::narrowed(self.data, tokens, items);
        let items = super::ends::named(self.data, tokens, items);
        let items = super::ends::apart(self.data, tokens, super::ratios::subtracted(self.data, tokens, items));
        super::ratios::parts(self.data, tokens, super::defined::defined(self.data, tokens, items))
    }

    fn is_figure(&self, item: &Item) -> bool {
        matches!(&item.meaning, Meaning::Column(c) if c.iter().any(|&i| self.data.fields[i].is_measure()))
    }

    fn is_mean(&self, item: &Item) -> bool {
        matches!(&item.meaning, Meaning::Column(c) if self.data.fields[c[0]].role == Role::Mean)
    }

    /// `aircraft` in `aircraft manufacturer`, which is looked up in `planes`.
    fn is_owner(&self, previous: &Item, item: &Item, tokens: &[Token]) -> bool {
        let (Meaning::Column(columns), 1) = (&item.meaning, previous.to - previous.from) else { return false };
        let named = matches!(previous.meaning, Meaning::Column(_) | Meaning::Unknown(_));
        let takes = |j: &&super::query::Join| {
            columns.first().is_some_and(|&i| j.takes.iter().any(|t| t.name == self.data.fields[i].column.name))
        };
        let said = &tokens[previous.from].lower;
        let words = |j: &super::query::Join| super::words::name_words(&j.dataset);
        named
            && self
                .data
                .joins
                .iter()
                .find(takes)
                .is_some_and(|j| words(j).iter().any(|w| synonymous(said, &Word::new(w))))
    }

    /// `of the plane` after a column that is looked up in `planes` only says where it is from.
    fn owns(&self, items: &[Item], token: &Token) -> bool {
        let small = |p: &&Item| matches!(p.meaning, Meaning::Filler | Meaning::Keyword(Keyword::Only));
        let Some(Item { meaning: Meaning::Column(columns), .. }) = items.iter().rev().find(|p| !small(p)) else {
            return false;
        };
        let from = |name: &str| self.data.joins.iter().find(|j| j.takes.iter().any(|t| t.name == name));
        let join = columns.first().and_then(|&i| from(&self.data.fields[i].column.name));
        join.is_some_and(|j| super::words::name_words(&j.dataset).iter().any(|w| stem(w) == token.stem))
    }

    fn longest(&self, tokens: &[Token], at: usize) -> Option<Item> {
        if self.tallied(tokens, at) || super::numbered::rows(self.data, &self.rows, tokens, at) {
            return Some(Item { meaning: Meaning::Rows, from: at, to: at + 1 });
        }
        for to in (at + 1..=tokens.len().min(at + SPAN_MAX)).rev() {
            let span = &tokens[at..to];
            // `number of inspections`, each of which has an `inspection_score`.
            let limited = at > 1 && tokens[at - 1].number().is_some() && is_comparison(&tokens[at - 2]);
            let counted = at > 1 && tokens[at - 1].lower == "of" && tokens[at - 2].lower == "number"
                || at > 0 && tokens[at - 1].lower == "many"
                || limited;
            if counted && let Some((Sure::PartOfColumn, Meaning::Rows)) = self.rows_meaning(span) {
                let named = self.column_meaning(span).is_some_and(|(sure, _)| sure > Sure::PartOfColumn);
                if !named {
                    return Some(Item { meaning: Meaning::Rows, from: at, to });
                }
            }
            // `number of sales`, each of which has an amount.
            if counted && super::supposed::names_several(&span[0]) && self.sold(span).is_some() {
                return Some(Item { meaning: Meaning::Rows, from: at, to });
            }
            // `most inspected`, of inspections.
            let often = at > 0 && matches!(tokens[at - 1].lower.as_str(), "most" | "least" | "often");
            let done = |w: &Word| super::likeness::family(&w.lower, &span[0].lower) || w.stem == span[0].stem;
            let of_rows = || self.rows.last().is_some_and(done);
            if often && span.len() == 1 && span[0].lower.ends_with("ed") && of_rows() {
                return Some(Item { meaning: Meaning::Rows, from: at, to });
            }
            if let Some(meaning) = self.meaning(span, at) {
                return Some(Item { meaning, from: at, to });
            }
        }
        None
    }

    /// `departure and arrival delay`: the first word shares the rest of what follows the conjunction.
    fn coordinated(&self, tokens: &[Token], at: usize) -> Option<Item> {
        let joint = tokens.get(at + 1)?;
        // `calories vs total fat`, where one is called just so.
        let called = |f: &Field<'_>| f.role != Role::Time && f.column.name.eq_ignore_ascii_case(&tokens[at].lower);
        if self.data.fields.iter().any(called) {
            return None;
        }
        if tokens[at].kind != Kind::Word || !matches!(joint.lower.as_str(), "and" | "or" | "vs" | "versus" | "&" | ",")
        {
            return None;
        }
        let mut from = at + 2;
        // `small, large and x large bags`
        for _ in 0..LISTED_MAX {
            from += usize::from(tokens.get(from).is_some_and(|t| t.is('&') || t.lower == "and"));
            for to in (from + 2..=tokens.len().min(from + SPAN_MAX)).rev() {
                let full = words(&tokens[from..to]);
                // `large vs medium airports`, of kinds that are called so.
                if let Some(value) = self.shared_value(&tokens[at], &full) {
                    return Some(Item { meaning: value, from: at, to: at + 1 });
                }
                let lower: Vec<&str> = full.iter().map(|w| w.lower.as_str()).collect();
                let coded = self.initialed(&lower).is_some();
                if full.len() < 2 || self.whole_columns(&full).is_empty() && !coded {
                    continue;
                }
                for kept in 1..full.len() {
                    let mut shared = words(&tokens[at..at + 1]);
                    if full[kept..].iter().any(|w| shared.iter().any(|s| s.stem == w.stem)) {
                        continue;
                    }
                    shared.extend(full.iter().skip(kept).cloned());
                    let lower: Vec<&str> = shared.iter().map(|w| w.lower.as_str()).collect();
                    let mut columns = self.whole_columns(&shared);
                    columns.extend(self.initialed(&lower).filter(|_| coded));
                    if !columns.is_empty() {
                        return Some(Item { meaning: Meaning::Column(columns), from: at, to: at + 1 });
                    }
                }
            }
            let goes_on = tokens.get(from).is_some_and(|t| t.kind == Kind::Word)
                && tokens.get(from + 1).is_some_and(|t| t.is(',') || matches!(t.lower.as_str(), "and" | "or" | "&"));
            if !goes_on {
                return None;
            }
            from += 2;
        }
        None
    }

    /// The value that a word is with the noun of another value after it.
    fn shared_value(&self, token: &Token, full: &[Word]) -> Option<Meaning> {
        let [first, noun] = full else { return None };
        let of = |word: &str| self.values.get(&format!("{word} {}", noun.stem));
        let (own, other) = (of(&token.stem)?, of(&first.stem)?);
        (own.len() == 1 && other.len() == 1 && own[0].0 == other[0].0).then(|| Meaning::Value(own.clone()))
    }

    fn meaning(&self, span: &[Token], at: usize) -> Option<Meaning> {
        if span.iter().any(|t| matches!(t.kind, Kind::Punctuation(c) if !matches!(c, '-' | '/' | '&'))) {
            return None;
        }
        if let [one] = span
            && one.kind == Kind::Quoted
        {
            let exact = self.values.get(&stems(&one.text)).cloned();
            return Some(exact.map_or_else(|| Meaning::Quoted(one.text.clone()), Meaning::Value));
        }
        let whole = |t: &Token| is_wordy(t) && (span.len() == 1 || !is_joint(t));
        let whole = span.first().zip(span.last()).is_some_and(|(a, b)| whole(a) && whole(b));
        if !whole {
            return keyword_meaning(span).map(|(_, meaning)| meaning);
        }
        let mut found: Vec<(Sure, Meaning)> = Vec::new();
        found.extend(self.rows_meaning(span));
        found.extend(self.column_meaning(span));
        found.extend(self.value_meaning(span, at));
        found.extend(keyword_meaning(span));
        self.before_looked_up(&mut found);
        found.into_iter().max_by_key(|(sure, _)| *sure).map(|(_, meaning)| meaning)
    }

    fn rows_meaning(&self, span: &[Token]) -> Option<(Sure, Meaning)> {
        let spoken = words(span);
        let joined: String = span.iter().map(|t| t.lower.as_str()).collect();
        if super::nouns::is_figure_called(self.data, &spoken, &joined) {
            return None;
        }
        let alike = joined.len().abs_diff(self.name.len()) <= 3 && joined.chars().next() == self.name.chars().next();
        let whole = spoken.len() == self.rows.len() && spoken.iter().zip(&self.rows).all(|(a, b)| a.stem == b.stem);
        if whole || (alike && stem(&joined) == stem(&self.name)) {
            return Some((Sure::Rows, Meaning::Rows));
        }
        let [token] = span else { return None };
        if self.data.has_finer_rows(span) {
            return None;
        }
        if super::nouns::names_rows(self.data, token) {
            return Some((Sure::Noun, Meaning::Rows));
        }
        // `countries` of a table with many rows of each.
        let named = |f: &Field<'_>| {
            let several = f.role == Role::Category && !f.joined && f.column.distinct * 2 <= self.data.dataset.rows;
            several && f.column.distinct > 12 && f.words.iter().any(|w| w.stem == token.stem)
        };
        if super::nouns::names_kind(self.data, token) && !self.data.fields.iter().any(named) {
            return Some((Sure::Thing, super::supposed::entity(self.data, token).unwrap_or(Meaning::Rows)));
        }
        // `songs` where each row is a track.
        let own = |i: usize| {
            let words = &self.data.fields[i].words;
            let synonym = matches!(words.as_slice(), [one] if one.stem != token.stem && synonymous(&token.lower, one));
            synonym && self.data.fields[i].column.kind == ColumnType::Text && self.data.names_each(i)
        };
        if super::supposed::names_several(token) && (0..self.data.fields.len()).any(own) {
            return Some((Sure::Noun, Meaning::Rows));
        }
        let last = self.rows.last()?;
        let singular = |w: &str| w.strip_suffix('s').unwrap_or(w).to_owned();
        let (name, said) = (singular(&last.lower), singular(&token.lower));
        // `people` of `country_by_population` are its figure.
        let counted = |f: &Field<'_>| f.is_measure() && matches!(f.words.as_slice(), [one] if one.stem == last.stem);
        let figure = self.rows.len() > 1 && self.data.fields.iter().any(counted);
        let noun = last.stem == token.stem
            || !figure && synonymous(&token.lower, last)
            || (said.len() >= 4 && name.len() >= said.len() + 3 && name.ends_with(&said));
        // `polls` of `brexit_polls` are no `pollster`.
        if last.stem == token.stem && super::supposed::names_several(token) && !super::roles::tells_figure(last) {
            return Some((Sure::Thing, Meaning::Rows));
        }
        if noun {
            return Some((Sure::PartOfColumn, Meaning::Rows));
        }
        let qualifies = self.rows.iter().any(|w| w.stem == token.stem);
        let many = qualifies && super::supposed::names_several(token) && self.rows.len() > 1;
        if many {
            return Some((Sure::PartOfColumn, Meaning::Rows));
        }
        // `wine` of wine reviews is no winery.
        let own = self.data.fields.iter().any(|f| f.words.iter().any(|w| w.stem == token.stem));
        let sure = if own || self.rows.len() < 2 { Sure::Filler } else { Sure::Thing };
        let thing = sure == Sure::Thing && super::nouns::is_noun(&token.lower);
        qualifies.then_some((sure, if thing { Meaning::Rows } else { Meaning::Filler }))
    }
}

/// The last item that means something.
fn told_last(items: &[Item]) -> Option<&Item> {
    items.iter().rev().find(|i| i.meaning != Meaning::Filler)
}

fn is_column(item: &Item) -> bool {
    matches!(item.meaning, Meaning::Column(_))
}

pub(super) fn is_joint(token: &Token) -> bool {
    matches!(token.lower.as_str(), "of" | "in" | "the" | "per" | "a") || token.is('-') || token.is('/')
}

pub(super) fn is_wordy(token: &Token) -> bool {
    matches!(token.kind, Kind::Word | Kind::Number { .. })
}

/// The words of a span that carry meaning, as columns have them.
pub(super) fn words(span: &[Token]) -> Vec<Word> {
    span.iter().filter(|t| is_wordy(t) && !is_joint(t)).map(Word::of).collect()
}

pub(super) fn stems(text: &str) -> String {
    super::words::name_words(text).iter().map(|w| stem(w)).collect::<Vec<_>>().join(" ")
}

/// Stems after splitting words as column names are split: `PG13` and `PG-13` are the same.
pub(super) fn split_stems(span: &[Token]) -> String {
    stems(&span.iter().map(|t| t.text.as_str()).collect::<Vec<_>>().join(" "))
}
