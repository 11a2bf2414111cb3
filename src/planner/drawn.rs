//! Words that are a way of drawing or a figure of the data, as what stands around them says: `area`, `size`.

use super::fields::{Field, Word};
use super::likeness::score;
use super::matching::{Item, Matcher, Meaning};
use super::words::Token;

impl Matcher<'_, '_> {
    /// `by area`, `the size of`: a word for a way of drawing, where the data has a figure of that name.
    pub(super) fn drawn_or_named(&self, tokens: &[Token], at: usize) -> Option<Item> {
        let token = tokens.get(at).filter(|t| matches!(t.lower.as_str(), "area" | "size"))?;
        let word = |i: Option<usize>| i.and_then(|i| tokens.get(i)).map_or("", |t| t.lower.as_str());
        let before = word(at.checked_sub(1));
        let drawn = matches!(word(Some(at + 1)), "chart" | "charts" | "graph" | "plot")
            || matches!(before, "stacked" | "as" | "an" | "into" | "to" | "bubble");
        let named = matches!(
            before,
            "by" | "of"
                | "average"
                | "total"
                | "mean"
                | "largest"
                | "biggest"
                | "smallest"
                | "in"
                | "the"
                | "their"
                | "and"
        );
        let spoken = [Word::of(token)];
        let of = |f: &Field<'_>| f.is_number() && score(&spoken, f).is_some();
        let found = (0..self.data.fields.len()).filter(|&i| of(&self.data.fields[i])).max_by(|&a, &b| {
            let fit = |i: usize| score(&spoken, &self.data.fields[i]).unwrap_or(0.0);
            fit(a).total_cmp(&fit(b)).then(b.cmp(&a))
        })?;
        (named && !drawn).then(|| Item { meaning: Meaning::Column(vec![found]), from: at, to: at + 1 })
    }
}
