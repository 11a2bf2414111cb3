//! Words that are a way of drawing or a figure of the data, as what stands around them says: `area`, `size`.

use super::fields::{Field, Word};
use super::likeness::score;
use super::matching::{Item, Matcher, Meaning};
use super::words::{Kind, Token, is};

/// What tells how large or how long something is, the likeliest first.
const MAGNITUDES: [(&str, &str); 2] = [
    ("size sizes", "size area sqft footage acres volume amount population people capacity weight length depth"),
    ("length lengths duration durations", "length duration runtime tenure hours minutes time"),
];

/// Words before a way of drawing.
const DRAWING: &str = "stacked as a an into to bubble bubbles dot dots point points marker markers circle circles make use draw show \
    chart it please with";

impl Matcher<'_, '_> {
    /// `by area`, `the size of`, `lot size`: a word for a way of drawing, where the data has a figure of that name.
    pub(super) fn drawn_or_named(&self, tokens: &[Token], at: usize) -> Option<Item> {
        if let Some(size) = self.size_of(tokens, at) {
            return Some(size);
        }
        let token = tokens.get(at).filter(|t| t.lower == "area" || told_by(t).is_some())?;
        if is_drawn(tokens, at) {
            return None;
        }
        let spoken = [Word::of(token)];
        let of = |f: &Field<'_>| f.is_number() && score(&spoken, f).is_some();
        let found = (0..self.data.fields.len()).filter(|&i| of(&self.data.fields[i])).max_by(|&a, &b| {
            let fit = |i: usize| score(&spoken, &self.data.fields[i]).unwrap_or(0.0);
            fit(a).total_cmp(&fit(b)).then(b.cmp(&a))
        });
        let found = found.or_else(|| self.magnitude(token, None))?;
        Some(Item { meaning: Meaning::Column(vec![found]), from: at, to: at + 1 })
    }

    /// `loan size` of a `loan_amount`, `lot size` of a `lot_area`: how large it is, of what has no size.
    fn size_of(&self, tokens: &[Token], at: usize) -> Option<Item> {
        let owner = tokens.get(at).filter(|t| t.kind == Kind::Word)?;
        let size = tokens.get(at + 1).filter(|t| told_by(t).is_some() && !is_drawn(tokens, at + 1))?;
        let has = |f: &Field<'_>, word: &Token| f.words.iter().any(|w| w.stem == word.stem);
        let own = self.data.fields.iter().any(|f| has(f, owner) && has(f, size));
        let found = self.magnitude(size, Some(owner)).filter(|_| !own)?;
        Some(Item { meaning: Meaning::Column(vec![found]), from: at, to: at + 2 })
    }

    /// The figure that tells how large that is, or the rows are.
    fn magnitude(&self, size: &Token, of: Option<&Token>) -> Option<usize> {
        let fields = &self.data.fields;
        let owned = |f: &Field<'_>| of.is_none_or(|o| f.words.len() > 1 && f.words.iter().any(|w| w.stem == o.stem));
        let tells = |f: &Field<'_>, word: &str| {
            f.is_measure() && f.is_number() && owned(f) && f.words.iter().any(|w| w.lower == word)
        };
        told_by(size)?.split(' ').find_map(|word| {
            let found = (0..fields.len()).filter(|&i| tells(&fields[i], word));
            found.min_by_key(|&i| (fields[i].joined, fields[i].words.len()))
        })
    }
}

/// What tells how large or how long that is.
fn told_by(token: &Token) -> Option<&'static str> {
    MAGNITUDES.iter().find(|(said, _)| is(Some(token), said)).map(|(_, tells)| *tells)
}

/// Whether the word says how to draw: `area chart`, `as an area`, `size by population`.
fn is_drawn(tokens: &[Token], at: usize) -> bool {
    let points = tokens.iter().any(|t| is(Some(t), "bubble bubbles scatter map points dots circles"));
    let before = at.checked_sub(1).and_then(|i| tokens.get(i));
    let size = is(tokens.get(at), "size sizes");
    let begins = before.is_none_or(|t| t.kind != Kind::Word) && (!size || is(tokens.get(at + 1), "by the"));
    begins
        || before.is_some_and(|t| is(Some(t), DRAWING))
        || is(tokens.get(at + 1), "chart charts graph plot")
        || points && size && is(tokens.get(at + 1), "by is shows")
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql, text};

    #[test]
    fn how_large_something_is_is_told_by_its_amount() {
        let columns = || {
            let figures = ["loan_amount", "lot_area", "price"].map(|n| figure(n, 900, 10, 90_000));
            figures.into_iter().chain([text("grade", 7, 0, &["A", "B"])]).collect::<Vec<_>>()
        };
        for (prompt, column) in [
            ("average loan size by grade", "AVG(\"loan_amount\")"),
            ("lot size vs price", "\"lot_area\""),
            ("price against lot area", "\"lot_area\""),
        ] {
            let query = sql(prompt, "deals", columns());
            assert!(query.contains(column), "{prompt}: {query}");
        }
        let query = sql("price by grade as an area", "deals", columns());
        assert!(!query.contains("lot_area"), "{query}");
    }
}
