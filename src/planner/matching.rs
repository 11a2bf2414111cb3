//! Which words of a prompt mean which column, value or keyword.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use vizroom_protocol::file::ColumnType;

use super::fields::{Data, Field, Role, Word};
use super::lexicon::{self, Keyword};
use super::likeness::{score, synonymous};
use super::spoken::{keyword_meaning, single};
use super::vocabulary::PARAPHRASES;
use super::wholes::names_whole;
use super::words::{Kind, Token, stem};

/// Most tokens one thing can span.
const SPAN_MAX: usize = 6;

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
        for (index, field) in data.fields.iter().enumerate().filter(|(_, f)| f.column.kind == ColumnType::Text) {
            let named = field.role != Role::Label;
            for value in &field.column.top {
                let Some(text) = value.as_str() else { continue };
                let stems: Vec<String> = super::words::name_words(text).iter().map(|w| stem(w)).collect();
                if stems.is_empty() || stems.len() > SPAN_MAX + 2 {
                    continue;
                }
                if text.chars().all(|c| c.is_ascii_digit()) && !super::valued::numbered(field, text, tokens) {
                    continue;
                }
                values.entry(stems.join(" ")).or_default().push((index, value.clone()));
                if stems.len() > 1 && named {
                    for word in stems.iter().filter(|w| w.len() >= 3) {
                        value_words.entry(word.clone()).or_default().push((index, value.clone()));
                    }
                }
            }
        }
        let rows: Vec<Word> = super::text::name_of_rows(&data.dataset.name).iter().map(|w| Word::new(w)).collect();
        let name = rows.iter().map(|w| w.lower.as_str()).collect();
        let touched = super::valued::touched(data, tokens);
        Self { data, values, touched, value_words, rows, name }
    }

    /// Reads the tokens from left to right, taking the longest and then the surest meaning at each.
    pub fn items(&self, tokens: &[Token]) -> Vec<Item> {
        let mut items: Vec<Item> = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            let found = self.coordinated(tokens, at).or_else(|| self.longest(tokens, at));
            let short = found.as_ref().is_none_or(|i| i.to - i.from == 1 && !is_column(i));
            let found = self.drawn_or_named(tokens, at).filter(|_| short).or(found);
            let item = found.unwrap_or_else(|| Item { meaning: single(&tokens[at]), from: at, to: at + 1 });
            at = item.to;
            let token = &tokens[item.from];
            let named = items.last().filter(|p| p.to == item.from).is_some_and(|p| {
                is_tag(token) && is_column(p)
                    || self.is_figure(p) && names_whole(self.data, &token.stem).is_some()
                    || token.lower == "time" && self.is_figure(p)
                    || is_reading(token) && self.is_figure(p) && !is_column(&item)
            });
            let tagged = item.to - item.from == 1 && (named || self.owns(&items, token));
            if let Some(previous) = items.last_mut().filter(|p| p.to == item.from)
                && self.is_owner(previous, &item, tokens)
            {
                previous.meaning = Meaning::Filler;
            }
            items.push(if tagged { Item { meaning: Meaning::Filler, ..item } } else { item });
        }
        super::years::resolved(self.data, tokens, items)
    }

    fn is_figure(&self, item: &Item) -> bool {
        matches!(&item.meaning, Meaning::Column(c) if c.iter().any(|&i| self.data.fields[i].is_measure()))
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
        for to in (at + 1..=tokens.len().min(at + SPAN_MAX)).rev() {
            let span = &tokens[at..to];
            // `number of inspections`, each of which has an `inspection_score`.
            let counted = at > 1 && tokens[at - 1].lower == "of" && tokens[at - 2].lower == "number"
                || at > 0 && tokens[at - 1].lower == "many";
            if counted && let Some((Sure::PartOfColumn, Meaning::Rows)) = self.rows_meaning(span) {
                let named = self.column_meaning(span).is_some_and(|(sure, _)| sure > Sure::PartOfColumn);
                if !named {
                    return Some(Item { meaning: Meaning::Rows, from: at, to });
                }
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
        if tokens[at].kind != Kind::Word || !matches!(joint.lower.as_str(), "and" | "or" | "vs" | "versus" | "&" | ",")
        {
            return None;
        }
        for to in (at + 4..=tokens.len().min(at + 2 + SPAN_MAX)).rev() {
            let full = words(&tokens[at + 2..to]);
            if full.len() < 2 || self.whole_columns(&full).is_empty() {
                continue;
            }
            let mut shared = words(&tokens[at..at + 1]);
            shared.extend(full.into_iter().skip(1));
            let columns = self.whole_columns(&shared);
            if !columns.is_empty() {
                return Some(Item { meaning: Meaning::Column(columns), from: at, to: at + 1 });
            }
        }
        None
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
        found.into_iter().max_by_key(|(sure, _)| *sure).map(|(_, meaning)| meaning)
    }

    fn rows_meaning(&self, span: &[Token]) -> Option<(Sure, Meaning)> {
        let spoken = words(span);
        let joined: String = span.iter().map(|t| t.lower.as_str()).collect();
        // A measure called as the dataset is, `sales` in `sales`, is what is meant, not how many rows there are.
        let measured = |f: &Field<'_>| {
            let called = matches!(f.words.as_slice(), [one] if one.stem == stem(&joined));
            matches!(f.role, Role::Sum | Role::Mean) && (called || f.column.name.eq_ignore_ascii_case(&joined))
        };
        if self.data.fields.iter().any(measured) {
            return None;
        }
        let alike = joined.len().abs_diff(self.name.len()) <= 3 && joined.chars().next() == self.name.chars().next();
        let whole = spoken.len() == self.rows.len() && spoken.iter().zip(&self.rows).all(|(a, b)| a.stem == b.stem);
        if whole || (alike && stem(&joined) == stem(&self.name)) {
            return Some((Sure::Rows, Meaning::Rows));
        }
        let [token] = span else { return None };
        if super::nouns::names_rows(self.data, token) {
            return Some((Sure::Noun, Meaning::Rows));
        }
        if super::nouns::names_kind(self.data, token) {
            return Some((Sure::Thing, super::supposed::entity(self.data, token).unwrap_or(Meaning::Rows)));
        }
        let last = self.rows.last()?;
        let singular = |w: &str| w.strip_suffix('s').unwrap_or(w).to_owned();
        let (name, said) = (singular(&last.lower), singular(&token.lower));
        let noun = last.stem == token.stem
            || synonymous(&token.lower, last)
            || (said.len() >= 4 && name.len() >= said.len() + 3 && name.ends_with(&said));
        if noun {
            return Some((Sure::PartOfColumn, Meaning::Rows));
        }
        let qualifies = self.rows.iter().any(|w| w.stem == token.stem);
        qualifies.then_some((Sure::Filler, Meaning::Filler))
    }

    fn column_meaning(&self, span: &[Token]) -> Option<(Sure, Meaning)> {
        let spoken = words(span);
        if spoken.is_empty() {
            return None;
        }
        let phrase: Vec<&str> = span.iter().map(|t| t.lower.as_str()).collect();
        let phrase = phrase.join(" ");
        for (_, name) in PARAPHRASES.iter().filter(|(said, _)| *said == phrase) {
            let meant: Vec<Word> = name.split(' ').filter(|w| *w != "per").map(Word::new).collect();
            let columns = self.whole_columns(&meant);
            if !columns.is_empty() {
                return Some((Sure::Column, Meaning::Column(columns)));
            }
            let near = |i: &usize| {
                (meant.len() > 1 || *name == "sqft") && score(&meant, &self.data.fields[*i]).is_some_and(|s| s > 0.4)
            };
            if let Some(near) = (0..self.data.fields.len()).find(near) {
                return Some((Sure::Column, Meaning::Column(vec![near])));
            }
        }
        if let Some(total) = self.sold(span) {
            return Some((Sure::PartOfColumn, Meaning::Column(vec![total])));
        }
        if let ([one], Some(whole)) = (span, span.first().and_then(|t| names_whole(self.data, &t.stem)))
            && one.kind == Kind::Word
        {
            return Some((Sure::Column, Meaning::Column(vec![whole])));
        }
        let mut whole = self.whole_columns(&spoken);
        // `number of volcanoes` counts them, though each has a `volcano_number`.
        if span.len() > 2 && span[0].lower == "number" && span[1].lower == "of" {
            whole.retain(|&i| self.data.fields[i].role != Role::Id);
        }
        if !whole.is_empty() {
            // `season` by itself is no month.
            let reserved = span.len() == 1
                && !span[0].lower.starts_with("season")
                && matches!(keyword_meaning(span), Some((_, Meaning::Keyword(k))) if is_reserved(k));
            return (!reserved).then_some((Sure::Column, Meaning::Column(whole)));
        }
        let weak = |t: &Token| lexicon::is_filler(&t.lower) || lexicon::keyword(&t.lower, &t.stem).is_some();
        // `volcano type`, `living area`: what is weak by itself may belong to a name.
        let part = |t: &Token| is_joint(t) || is_tag(t) || is_reading(t) || t.lower == "area";
        let several = span.len() > 1;
        let small = several && (span.iter().all(weak) || span.iter().any(|t| weak(t) && !part(t)));
        if !several && span.iter().all(weak) {
            return None;
        }
        // Words that are weak by themselves name a column only where they are its own.
        let own = |f: &Field<'_>| {
            let has = |t: &Token| f.words.iter().any(|w| w.stem == t.stem);
            let exact = span.iter().filter(|t| !is_joint(t) && has(t)).count();
            exact > 0 && span.iter().all(|t| !weak(t) || is_joint(t) || t.lower == "area" || has(t))
        };
        if span.len() > 2 && span[0].lower == "number" && span[1].lower == "of" {
            return None;
        }
        let mut scored: Vec<(usize, f64)> = self
            .data
            .fields
            .iter()
            .enumerate()
            .filter(|(_, f)| !small || own(f))
            .filter_map(|(i, f)| score(&spoken, f).map(|s| (i, s)))
            .filter(|(_, s)| *s > 0.35)
            .collect();
        scored.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| self.preference(a.0).cmp(&self.preference(b.0))));
        let best = scored.first()?.1;
        let columns: Vec<usize> = scored.iter().filter(|(_, s)| best - s < 0.12).map(|(i, _)| *i).collect();
        let mut columns = columns;
        columns.sort_by_key(|&i| (self.preference(i), i));
        Some((Sure::PartOfColumn, Meaning::Column(columns)))
    }
}

/// Grain words and small words keep their meaning even where a column has their name.
fn is_reserved(keyword: Keyword) -> bool {
    matches!(keyword, Keyword::Grain(_) | Keyword::By | Keyword::Only | Keyword::Not | Keyword::And | Keyword::Versus)
}

fn is_column(item: &Item) -> bool {
    matches!(item.meaning, Meaning::Column(_))
}

/// Words that only say what the column before them is: `engine type`.
fn is_tag(token: &Token) -> bool {
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
fn is_reading(token: &Token) -> bool {
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
    )
}

fn is_joint(token: &Token) -> bool {
    matches!(token.lower.as_str(), "of" | "in" | "the" | "per" | "a") || token.is('-') || token.is('/')
}

pub(super) fn is_wordy(token: &Token) -> bool {
    matches!(token.kind, Kind::Word | Kind::Number { .. })
}

/// The words of a span that carry meaning, as columns have them.
fn words(span: &[Token]) -> Vec<Word> {
    span.iter().filter(|t| is_wordy(t) && !is_joint(t)).map(Word::of).collect()
}

pub(super) fn stems(text: &str) -> String {
    super::words::name_words(text).iter().map(|w| stem(w)).collect::<Vec<_>>().join(" ")
}

/// Stems after splitting words as column names are split: `PG13` and `PG-13` are the same.
pub(super) fn split_stems(span: &[Token]) -> String {
    stems(&span.iter().map(|t| t.text.as_str()).collect::<Vec<_>>().join(" "))
}
