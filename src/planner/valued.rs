//! Which value of the data words mean: as it is written, by its people, or in short.

use std::collections::HashSet;

use serde_json::Value;
use vizroom_protocol::file::ColumnType;

use super::fields::{Data, Field, Word};
use super::lexicon;
use super::matching::{Matcher, Meaning, Sure, is_wordy, split_stems, stems};
use super::sayings;
use super::spoken::keyword_meaning;
use super::words::{Kind, Token, stem};

/// Letters that a value must have to stand for a longer word.
const SHORT_MIN: usize = 4;
/// Most values of a column whose values may be shortened.
const VALUES_FEW: u64 = 60;
/// Most values of a column that holds kinds rather than names.
const KINDS_FEW: u64 = 20;

/// Most words of a part of a value, and most values that one part may mean.
const PART_MAX: usize = 4;
const SEVERAL_MAX: usize = 12;
/// Small words that mean something where the column is spoken of: `drive on the left`.
const COMMON: &str = "left right high low large small upper lower big open closed up down good bad used new";

/// The text columns that words of the prompt speak of.
pub(super) fn touched(data: &Data<'_>, tokens: &[Token]) -> HashSet<usize> {
    const VAGUE: &str = "name type code id category group status kind class level title side";
    let spoken = |w: &Word| {
        !super::lists::has(VAGUE, &w.lower) && tokens.iter().any(|t| t.stem == w.stem && t.kind == Kind::Word)
    };
    let text = |i: &usize| data.fields[*i].column.kind == ColumnType::Text;
    (0..data.fields.len()).filter(text).filter(|&i| data.fields[i].words.iter().any(spoken)).collect()
}

/// Whether a number of the prompt is this value of a column of texts: the column is named beside it (`line 14`), or the
/// column holds years. Else it is a number like others: `top 5`.
pub(super) fn numbered(field: &Field<'_>, text: &str, tokens: &[Token]) -> bool {
    let year = |t: &str| t.len() == 4 && (t.starts_with("19") || t.starts_with("20"));
    if year(text) && field.column.top.iter().all(|v| v.as_str().is_some_and(year)) {
        return true;
    }
    let named = |t: Option<&Token>| t.is_some_and(|t| field.words.iter().any(|w| w.stem == t.stem));
    let at = |i: usize, back: usize| i.checked_sub(back).and_then(|i| tokens.get(i));
    let joint = |t: Option<&Token>| t.is_some_and(|t| matches!(t.lower.as_str(), "is" | "of" | "=" | "number" | "no"));
    tokens.iter().enumerate().filter(|(_, t)| t.text == text).any(|(i, _)| {
        let ranked = at(i, 1).is_some_and(|t| matches!(t.lower.as_str(), "top" | "bottom" | "first" | "last"));
        named(at(i, 1)) || joint(at(i, 1)) && named(at(i, 2)) || !ranked && named(tokens.get(i + 1))
    })
}

/// One noun, in the singular or the plural.
fn same_noun(a: &str, b: &str) -> bool {
    let one = |w: &str| super::text::singular(w).trim_end_matches('s').to_owned();
    one(a) == one(b)
}

impl Matcher<'_, '_> {
    pub(super) fn value_meaning(&self, span: &[Token], at: usize) -> Option<(Sure, Meaning)> {
        let key = span.iter().filter(|t| is_wordy(t)).map(|t| t.stem.as_str()).collect::<Vec<_>>().join(" ");
        if let Some(state) = self.state(span) {
            return Some((Sure::Value, Meaning::Value(state)));
        }
        if let Some(found) = self.values.get(&key).or_else(|| self.values.get(&split_stems(span))) {
            let text = span.iter().map(|t| t.text.as_str()).collect::<Vec<_>>().join(" ");
            let short = text.chars().count() <= 2;
            // `as a table` says nothing of the code `a`, nor `in 2022` of India's `in`.
            let said = lexicon::is_filler(&text) || keyword_meaning(span).is_some();
            let small_word = short && said && text.chars().all(char::is_lowercase);
            let exact = |v: &Value| v.as_str() == Some(&text) && !small_word;
            // `its` is not the code IT.
            let code = |v: &Value| v.as_str().is_some_and(|s| s.chars().count() <= 2);
            // `athletes` are not all in athletics, nor `products` produce, whose stem they have.
            let many = super::supposed::is_plain(&span[0]) && super::supposed::names_several(&span[0]);
            let noun = span.len() == 1 && (super::nouns::is_noun(&span[0].lower) || many);
            let alike = |v: &Value| v.as_str().is_some_and(|s| same_noun(&s.to_lowercase(), &span[0].lower));
            // `can I have that` is not about Canada.
            let shouted = |v: &Value| v.as_str().is_some_and(|s| !s.chars().any(char::is_lowercase));
            let small = |v: &Value| span.len() == 1 && lexicon::is_filler(&span[0].lower) && shouted(v);
            let fits = |v: &Value| exact(v) || !(short || code(v) || small(v) || noun && !alike(v));
            let kept: Vec<(usize, Value)> = found.iter().filter(|(_, v)| fits(v)).cloned().collect();
            if let Some(usual) = self.usual(span, &kept).filter(|_| noun || many) {
                return Some((Sure::Value, Meaning::Value(usual)));
            }
            if !kept.is_empty() {
                // `excluding other`, where one is called so.
                if text == "other" && kept.iter().any(|(_, v)| exact(v) || v.as_str() == Some("Other")) {
                    return Some((Sure::Spelled, Meaning::Value(kept)));
                }
                let capital = text.chars().next().is_some_and(char::is_uppercase) && at > 0;
                let spelled = kept.iter().any(|(_, v)| exact(v)) && (capital || short);
                return Some((if spelled { Sure::Spelled } else { Sure::Value }, Meaning::Value(kept)));
            }
        }
        let [token] = span else {
            if let Some(named) = super::guessed::league(self.data, span) {
                return Some((Sure::Value, Meaning::Value(vec![named])));
            }
            let found = self.said_otherwise(span).or_else(|| self.short_values(span));
            return found.map(|found| (Sure::Value, Meaning::Value(found))).or_else(|| self.part(span));
        };
        if let Some(sex) = super::guessed::of_sex(self.data, token) {
            return Some((Sure::Spelled, Meaning::Value(vec![sex])));
        }
        let outcome = super::guessed::outcome(self.data, token);
        if let Some(coded) = outcome.or_else(|| super::guessed::coded(self.data, token)) {
            return Some((Sure::Value, Meaning::Value(vec![coded])));
        }
        if let Some(found) = self.codes(token) {
            return Some((Sure::Value, Meaning::Value(found)));
        }
        // `rainy` is of rain, `sunny` of sun.
        let noun = token.lower.strip_suffix('y').filter(|w| w.len() >= 3).map(|w| {
            let mut back = w.chars().rev();
            let last = back.next();
            last.filter(|c| back.next() == Some(*c)).and_then(|c| w.strip_suffix(c)).unwrap_or(w)
        });
        let rainy = || noun.and_then(|w| self.values.get(&stem(w)).cloned());
        if let Some(found) = self.said_otherwise(span).or_else(rainy) {
            return Some((Sure::Value, Meaning::Value(found)));
        }
        if let Some(found) = self.short_value(token) {
            return Some((Sure::PartOfValue, Meaning::Value(found)));
        }
        let rainy = || noun.filter(|w| w.len() >= SHORT_MIN).and_then(|w| self.kinds_of(&stem(w)));
        // `automatic` of `auto(l4)` and `auto(l5)`.
        let other = || sayings::otherwise(&key).filter(|w| !w.code).find_map(|w| self.kinds_of(&w.stems));
        let of = || rainy().or_else(other);
        self.part(span).or_else(|| of().map(|(field, values)| (Sure::PartOfValue, Meaning::Values(field, values))))
    }

    /// `owners` of homes, not those whose title is `owner`: what is said otherwise in a column of few values, where a word
    /// is only written so in one of many.
    fn usual(&self, span: &[Token], found: &[(usize, Value)]) -> Option<Vec<(usize, Value)>> {
        let rare = |(f, _): &(usize, Value)| self.data.fields[*f].column.distinct > VALUES_FEW;
        found.iter().all(rare).then(|| self.said_otherwise(span))?
    }

    /// `DQs`: several of a code.
    fn codes(&self, token: &Token) -> Option<Vec<(usize, Value)>> {
        let upper = |c: &&str| c.len() > 1 && c.chars().all(|c| c.is_ascii_uppercase());
        let code = token.text.strip_suffix('s').filter(upper)?;
        let is = |v: &Value| v.as_str() == Some(code);
        let all = self.values.get(&stems(code)).into_iter().flatten();
        let found: Vec<(usize, Value)> = all.filter(|(_, v)| is(v)).cloned().collect();
        (!found.is_empty()).then_some(found)
    }

    /// `rainy` of kinds that are called `light rain` and `heavy rain`: all that the noun is in.
    fn kinds_of(&self, noun: &str) -> Option<(usize, Vec<Value>)> {
        let found = self.value_words.get(noun)?;
        let field = found.first()?.0;
        let few = self.data.fields[field].column.distinct <= KINDS_FEW && found.iter().all(|(f, _)| *f == field);
        few.then(|| (field, found.iter().map(|(_, v)| v.clone()).collect()))
    }

    /// `Italians`, `northern`, `ladies`, `tenants`: values that are said in other words.
    fn said_otherwise(&self, span: &[Token]) -> Option<Vec<(usize, Value)>> {
        if span.len() > sayings::WORDS_MAX {
            return None;
        }
        let key = span.iter().filter(|t| is_wordy(t)).map(|t| t.stem.as_str()).collect::<Vec<_>>().join(" ");
        let placed = span.iter().any(|t| sayings::is_of_place(&t.stem)) || sayings::is_of_place(&key);
        let fits = |(field, _): &&(usize, Value), code: bool| {
            let field = &self.data.fields[*field];
            (!code || sayings::are_codes(field)) && (placed || field.column.distinct <= VALUES_FEW)
        };
        let written = |w: &sayings::Written| -> Option<Vec<(usize, Value)>> {
            let found = self.values.get(&w.stems)?.iter().filter(|v| fits(v, w.code)).cloned().collect::<Vec<_>>();
            (!found.is_empty()).then_some(found)
        };
        let mut known: Vec<(bool, Vec<(usize, Value)>)> =
            sayings::otherwise(&key).filter_map(|w| written(w).map(|v| (w.code, v))).collect();
        // Of several ways to write it the usual one.
        let rare =
            |(field, value): &(usize, Value)| self.data.fields[*field].column.top.iter().position(|v| v == value);
        known.sort_by_key(|(code, found)| (*code, found.iter().filter_map(rare).min()));
        let known = known.into_iter().map(|(_, found)| found).next();
        let [one] = span else { return known };
        known.or_else(|| super::countries::names(&one.lower).find_map(|name| self.values.get(&stems(&name)).cloned()))
    }

    /// `Texas` is the state of schools coded `TX`, though one of them has the key `texas`.
    fn state(&self, span: &[Token]) -> Option<Vec<(usize, Value)>> {
        let said: Vec<&str> = span.iter().map(|t| t.lower.as_str()).collect();
        let capital = span[0].text.chars().next().is_some_and(char::is_uppercase);
        let code = super::places::state_code(&said.join(" ")).filter(|_| capital)?;
        let key = |f: &Field<'_>| f.words.last().is_some_and(|w| matches!(w.lower.as_str(), "id" | "key" | "code"));
        let written = self.values.get(&stems(&said.join(" ")))?;
        let state =
            |f: &Field<'_>| f.words.iter().any(|w| w.lower == "state") && f.column.top.iter().any(|v| v == code);
        let found: Vec<(usize, Value)> = (0..self.data.fields.len())
            .filter(|&i| state(&self.data.fields[i]))
            .map(|i| (i, Value::from(code)))
            .collect();
        (!found.is_empty() && written.iter().all(|(f, _)| key(&self.data.fields[*f]))).then_some(found)
    }

    /// `A+`, `C-`: a value that is written with its sign.
    pub(super) fn signed(&self, tokens: &[Token], at: usize) -> Option<super::matching::Item> {
        let (word, sign) = (tokens.get(at)?, tokens.get(at + 1).filter(|t| t.is('+') || t.is('-'))?);
        let text = format!("{}{}", word.text, sign.text);
        let is = |(_, v): &&(usize, Value)| v.as_str() == Some(&text);
        let found: Vec<(usize, Value)> = self.values.get(&word.stem)?.iter().filter(is).cloned().collect();
        let item = super::matching::Item { meaning: Meaning::Value(found.clone()), from: at, to: at + 2 };
        (!found.is_empty()).then_some(item)
    }

    /// Whether a word is only a part of names: `telescope`, where each is called so.
    pub(super) fn is_in_names(&self, tokens: &[Token], item: &super::matching::Item) -> bool {
        let part = |v: &Value| {
            v.as_str().is_some_and(|t| stems(t).contains(' ') && !stems(t).starts_with(&tokens[item.from].stem))
        };
        match &item.meaning {
            Meaning::Values(..) => true,
            Meaning::Value(choices) if item.to == item.from + 1 => choices.iter().all(|(_, v)| part(v)),
            _ => false,
        }
    }

    /// A value of its own before a column of another table: `black drivers`.
    pub(super) fn before_looked_up(&self, found: &mut Vec<(Sure, Meaning)>) {
        let own = |m: &Meaning| matches!(m, Meaning::Value(v) if v.iter().any(|(f, _)| !self.data.fields[*f].joined));
        if found.iter().any(|(_, m)| own(m)) {
            let looked_up =
                |m: &Meaning| matches!(m, Meaning::Column(c) if c.iter().all(|&f| self.data.fields[f].joined));
            found.retain(|(_, m)| !looked_up(m));
        }
    }

    /// Words that are a part of one value, or of several of a column: `Hawaiian`, `Bay Area`.
    fn part(&self, span: &[Token]) -> Option<(Sure, Meaning)> {
        let (first, last) = (span.first()?, span.last()?);
        if span.len() > PART_MAX || span.iter().any(|t| t.kind != Kind::Word) {
            return None;
        }
        let small = |t: &Token| lexicon::is_filler(&t.lower);
        let common = |t: &Token| super::lists::has(COMMON, &t.lower);
        // `entire homes` of `Entire home/apt`
        let begins = small(first) && !small(last) && first.lower.len() >= 4;
        let weak = span.len() > 1 && (small(first) && !begins || small(last));
        // `companies` are no `Trading companies` in particular.
        let noun = span.len() == 1 && super::nouns::is_noun(&first.lower);
        if weak || noun {
            return None;
        }
        let said: Vec<&str> = span.iter().map(|t| t.stem.as_str()).collect();
        let fits = |(field, value): &&(usize, Value)| {
            let text = value.as_str().unwrap_or_default();
            let words: Vec<String> = super::words::name_words(text).iter().map(|w| stem(w)).collect();
            let long = span.len() > 1 || first.stem.len() >= 5 && !small(first);
            // One common word of a long list of names says none of them.
            // Nor are `queens` those from `Queens, New York`: kinds are said in the plural, names are not.
            let most = if super::supposed::names_several(first) { KINDS_FEW } else { VALUES_FEW };
            let few = self.data.fields[*field].column.distinct <= most;
            let capital = first.text.chars().next().is_some_and(char::is_uppercase);
            let long = long && (few || capital || span.len() > 1);
            let spoken = self.touched.contains(field) && (!small(first) || common(first));
            let begins = !begins
                || span.len() == 1
                || words.starts_with(&said.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>());
            begins && (long || spoken) && words.windows(said.len()).any(|w| w.iter().zip(&said).all(|(a, b)| a == b))
        };
        // `bench press` in the names of meets, where the bench is a figure of its own.
        let figure = |f: &Field<'_>| f.is_measure() && f.words.iter().any(|w| w.stem == first.stem);
        if span.len() > 1 && self.data.fields.iter().any(figure) {
            let of = (0..self.data.fields.len()).filter(|&i| figure(&self.data.fields[i])).collect();
            let written = self.value_words.get(&first.stem).is_some_and(|all| all.iter().any(|one| fits(&one)));
            return written.then_some((Sure::PartOfColumn, Meaning::Column(of)));
        }
        let mut found: Vec<(usize, Value)> = Vec::new();
        for one in self.value_words.get(&first.stem)?.iter().filter(fits) {
            if !found.contains(one) {
                found.push(one.clone());
            }
        }
        let field = found.first()?.0;
        if found.len() == 1 {
            let sure = if small(first) { Sure::Value } else { Sure::PartOfValue };
            return Some((sure, Meaning::Value(found)));
        }
        let column = self.data.fields[field].column;
        // A word of most values tells none of them apart.
        let few = found.len() <= SEVERAL_MAX && found.len() as u64 * 2 < column.distinct;
        let one_field = found.iter().all(|(f, _)| *f == field);
        let values = || found.iter().map(|(_, v)| v.clone()).collect();
        (few && one_field).then(|| (Sure::PartOfValue, Meaning::Values(field, values())))
    }

    /// A value that is short for a word: `Prof` for professors, `herbi` for herbivores; only if it is the only one.
    fn short_value(&self, token: &Token) -> Option<Vec<(usize, Value)>> {
        let small = lexicon::is_filler(&token.lower) || keyword_meaning(std::slice::from_ref(token)).is_some();
        if small || token.kind != Kind::Word || token.lower.len() < SHORT_MIN + 1 {
            return None;
        }
        let begins = |key: &str| {
            key.len() >= SHORT_MIN && key.len() * 5 >= token.lower.len() * 2 && token.lower.starts_with(key)
        };
        let mut found = self.values.iter().filter(|(key, _)| begins(key));
        let one = found.next().filter(|_| found.next().is_none())?;
        // A code, such as `GOOG`, is short for nothing that can be told.
        let fits = |(f, v): &(usize, Value)| {
            self.data.fields[*f].column.distinct <= VALUES_FEW
                && v.as_str().is_some_and(|t| t.chars().any(char::is_lowercase))
                && v.as_str().is_some_and(|t| token.lower.starts_with(&t.to_lowercase()) || t.contains(' '))
        };
        one.1.iter().all(fits).then(|| one.1.clone())
    }

    /// `associate prof` for `AssocProf`: each word of the value is short for one that is said, or is it.
    fn short_values(&self, span: &[Token]) -> Option<Vec<(usize, Value)>> {
        let said: Vec<&Token> = span.iter().filter(|t| t.kind == Kind::Word).collect();
        if said.len() < 2 || said.len() < span.len() {
            return None;
        }
        let short = |(w, t): (&str, &&Token)| {
            w == t.stem || w.len() >= 3 && (t.lower.starts_with(w) || super::likeness::abbreviates(w, &t.lower))
        };
        // What is short for a word begins as it does: that tells most apart at once.
        let first = |s: &str| s.chars().next();
        let begins = |key: &str| first(key) == first(&said[0].stem) || first(key) == first(&said[0].lower);
        let fits =
            |key: &str| begins(key) && key.split(' ').count() == said.len() && key.split(' ').zip(&said).all(short);
        let mut found = self.values.iter().filter(|(key, _)| fits(key));
        let one = found.next().filter(|_| found.next().is_none())?;
        Some(one.1.clone())
    }
}

#[cfg(test)]
mod tests {
    use vizroom_protocol::file::{ColumnType, Dataset};

    use crate::plan;
    use crate::tests::{column, flights};

    #[test]
    fn an_article_is_no_code() {
        let polls = Dataset {
            name: "polls".into(),
            columns: vec![
                column("population", ColumnType::Text, 3, None, &["a", "lv", "rv"]),
                column("state", ColumnType::Text, 2, None, &["Ohio", "Texas"]),
            ],
            ..flights()
        };
        let sql = |prompt: &str| plan(prompt, std::slice::from_ref(&polls), None).goals[0].query.sql();
        assert!(!sql("polls by state as a table").contains("WHERE"), "{}", sql("polls by state as a table"));
        assert!(sql("polls by state where population is 'a'").contains("\"population\" = 'a'"));
    }
}
