//! Which columns words name whole, and which of several is meant.

use super::fields::{Field, Role, Word};
use super::matching::Matcher;
use super::words::{Token, stem};

impl Matcher<'_, '_> {
    /// What `revenue` means: the total of an invoice, an order or a receipt, where nothing else is called by what it is sold for.
    pub(super) fn sold(&self, span: &[Token]) -> Option<usize> {
        let [one] = span else { return None };
        if !matches!(one.lower.as_str(), "revenue" | "sales" | "turnover" | "spend" | "spending" | "amount") {
            return None;
        }
        const SALES: &str = "invoice order sale transaction receipt bill purchase payment";
        let of = |w: &Word| SALES.split(' ').any(|s| stem(s) == w.stem);
        let named = |f: &Field<'_>, lower: &str| f.is_measure() && f.words.iter().any(|w| w.lower == lower);
        let told = ["revenue", "sales", "turnover", "amount", "spend"];
        let fields = &self.data.fields;
        if fields.iter().any(|f| told.iter().any(|t| named(f, t))) {
            return None;
        }
        let total = |f: &&Field<'_>| named(f, "total") && f.words.len() <= 2;
        let at = fields.iter().position(|f| total(&f) && (self.rows.iter().any(of) || f.words.iter().any(of)))?;
        super::wholes::whole(self.data).is_none().then_some(at)
    }

    /// Fields all of whose words are spoken, all spoken words being theirs.
    pub(super) fn whole_columns(&self, spoken: &[Word]) -> Vec<usize> {
        let joined: String = spoken.iter().map(|w| w.lower.as_str()).collect();
        let same = |f: &Field<'_>| {
            let called = || {
                spoken.len() > 1
                    && matches!(f.words.as_slice(), [one] if one.lower == joined || one.stem == stem(&joined))
            };
            // As the file writes it: `poptotal`.
            let written = || {
                let [one] = spoken else { return false };
                f.words.len() > 1 && f.column.name.to_lowercase() == one.lower
            };
            f.words.len() == spoken.len() && spoken.iter().all(|s| f.words.iter().any(|w| w.stem == s.stem))
                || called()
                || written()
        };
        let mut found: Vec<usize> = (0..self.data.fields.len()).filter(|&i| same(&self.data.fields[i])).collect();
        found.sort_by_key(|&i| (self.preference(i), i));
        found
    }

    /// Of columns that fit equally, the most encompassing, then the fullest.
    pub(super) fn preference(&self, index: usize) -> (u8, u8, u64) {
        let field = &self.data.fields[index];
        let encompassing = ["total", "worldwide", "overall", "arrival", "global"];
        let wide = field.words.iter().any(|w| encompassing.contains(&w.lower.as_str()));
        // What is called by a name is told by it, not by its number.
        let key = field.role == Role::Id
            && field.words.len() > 1
            && field.words.last().is_some_and(|w| matches!(w.lower.as_str(), "number" | "id" | "code" | "key"));
        (u8::from(!wide), u8::from(key), field.column.nulls)
    }
}
