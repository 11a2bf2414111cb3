//! What is known of a dataset besides its columns, and which of its values a prompt speaks of.

use std::sync::{Arc, OnceLock};

use serde_json::Value;
use vizroom_protocol::file::ColumnType;

use super::fields::{Data, Field};
use super::words::{Kind, Token, stem};

/// What is worked out of a dataset when first asked for, and then kept.
#[derive(Clone, Debug, Default)]
pub struct Worked {
    /// See [`super::nouns::called`].
    pub called: OnceLock<Option<&'static str>>,
    /// The values of columns of texts that can be named.
    pub values: OnceLock<Arc<[Known]>>,
}

/// A value of a column of texts: the field, and its place among the field's values.
#[derive(Clone, Debug)]
pub struct Known {
    pub field: usize,
    pub at: usize,
    pub lower: String,
    stems: OnceLock<Vec<String>>,
}

impl Known {
    /// The value, as it is and as text.
    pub fn value<'a>(&self, data: &Data<'a>) -> (&'a Value, &'a str) {
        let value = &data.fields[self.field].column.top[self.at];
        (value, value.as_str().unwrap_or_default())
    }

    /// The stems of the words of the text.
    pub fn stems(&self, text: &str) -> &[String] {
        self.stems.get_or_init(|| super::words::name_words(text).iter().map(|w| stem(w)).collect())
    }
}

impl<'a> Data<'a> {
    /// The values of columns of texts, but for what was written freely.
    pub fn values(&self) -> &[Known] {
        self.worked.values.get_or_init(|| {
            let named = |(_, f): &(usize, &Field<'a>)| f.column.kind == ColumnType::Text && !f.is_free_text();
            let texts = self.fields.iter().enumerate().filter(named);
            let of = |(field, f): (usize, &Field<'a>)| {
                let lower = |v: &Value| v.as_str().map(str::to_lowercase);
                let top = f.column.top.iter().enumerate();
                top.filter_map(move |(at, v)| Some(Known { field, at, lower: lower(v)?, stems: OnceLock::new() }))
            };
            texts.flat_map(of).collect()
        })
    }
}

/// What a prompt says, for telling values it speaks of from those it does not.
pub struct Speech {
    /// How its words begin, and whether each is written as a name.
    begins: Vec<(String, bool)>,
    /// Whether it has words that begin as any value may (numbers, quotes, other scripts), and names among these.
    open: (bool, bool),
    /// Whether it has any words, and names.
    all: (bool, bool),
}

impl Speech {
    pub fn of(tokens: &[Token]) -> Self {
        let name = |t: &Token| t.kind == Kind::Quoted || t.text.chars().next().is_some_and(char::is_uppercase);
        let open = |t: &&Token| t.kind != Kind::Word || !t.lower.is_ascii();
        let begin = |t: &Token| (t.lower.chars().take(3).collect(), name(t));
        Self {
            begins: tokens.iter().filter(|t| !open(t) && t.lower.len() > 2).map(begin).collect(),
            open: (tokens.iter().any(|t| open(&t)), tokens.iter().filter(open).any(name)),
            all: (!tokens.is_empty(), tokens.iter().any(name)),
        }
    }

    /// Whether the words of a value begin as words of the prompt do; a lone word must be a name there, too.
    pub fn tells(&self, lower: &str) -> bool {
        let several = lower.contains(' ');
        let (any, name) = if lower.is_ascii() { self.open } else { self.all };
        (if several { any } else { name })
            || self.begins.iter().any(|(begin, name)| (several || *name) && lower.contains(begin.as_str()))
    }
}
