//! Widths of ranges that a prompt says: `in steps of 10`, `5 year age bands`.

use super::words::{Token, is};

const RANGES: &str =
    "step steps bin bins bucket buckets interval intervals increment increments band bands bracket brackets";
const GROUPS: &str = "group groups class classes range ranges";
const UNITS: &str = "year years month months day days hour hours minute minutes point points percent dollar dollars unit units k kg cm m km";

/// The prompt without the words that say a width, and the width.
pub fn width(mut said: Vec<Token>) -> (Vec<Token>, Option<f64>) {
    for at in 0..said.len() {
        // `in steps of 10 years`
        let of = is(said.get(at), RANGES) && is(said.get(at + 1), "of");
        if let Some(width) = said.get(at + 2).and_then(Token::number).filter(|n| of && *n > 0.0) {
            let unit = usize::from(is(said.get(at + 3), UNITS));
            let joint = usize::from(at > 0 && is(said.get(at - 1), "in into with by"));
            said.drain(at - joint..at + 3 + unit);
            return (said, Some(width));
        }
        // `5 year age bands`, `10-year groups`
        let Some(width) = said[at].number().filter(|n| *n > 0.0) else { continue };
        let hyphen = usize::from(said.get(at + 1).is_some_and(|t| t.is('-')));
        if !is(said.get(at + 1 + hyphen), UNITS) {
            continue;
        }
        let after = at + 2 + hyphen;
        let end = (after..said.len().min(after + 3)).find(|&i| is(said.get(i), RANGES) || is(said.get(i), GROUPS));
        if let Some(end) = end {
            said.remove(end);
            said.drain(at..after);
            return (said, Some(width));
        }
    }
    (said, None)
}
