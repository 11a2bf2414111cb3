//! Ratios in words: `the ratio of hits to runs`, `brain to body ratio` are one figure divided by another.

use super::words::{Token, is, tokens};

/// Words between the two figures, at most.
const BETWEEN_MAX: usize = 4;

/// The sentence with such ratios written as divisions.
pub fn rewritten(mut said: Vec<Token>) -> Vec<Token> {
    let Some(at) = said.iter().position(|t| is(Some(t), "ratio ratios")) else { return said };
    let of = is(said.get(at + 1), "of between");
    let range = if of { at + 3..(at + 3 + BETWEEN_MAX).min(said.len()) } else { at.saturating_sub(BETWEEN_MAX)..at };
    let joint = |i: &usize| is(said.get(*i), if of { "to and over" } else { "to" });
    let Some(joint) = range.clone().find(joint).filter(|&j| j > 0 && j + 1 < said.len() && j + 1 != at) else {
        return said;
    };
    let divided = tokens("divided by");
    if of {
        said.splice(joint..=joint, divided);
        said.drain(at..at + 2);
    } else {
        said.remove(at);
        said.splice(joint..=joint, divided);
    }
    said
}

#[cfg(test)]
mod tests {
    use super::super::words::tokens;

    #[test]
    fn ratios_are_divisions() {
        let said =
            |text: &str| super::rewritten(tokens(text)).iter().map(|t| t.lower.clone()).collect::<Vec<_>>().join(" ");
        assert_eq!(said("ratio of hits to runs by team"), "hits divided by runs by team");
        assert_eq!(said("brain to body ratio per order"), "brain divided by body per order");
        assert_eq!(said("ratio by region"), "ratio by region");
    }
}
