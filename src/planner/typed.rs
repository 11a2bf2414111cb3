//! What people type otherwise than it is meant: `less then 80`, `below zero`, `the final half year`, `x on one axis, y on
//! the other`.

use super::words::{Token, is, tokens};

/// Degrees after which something is compared.
const DEGREES: &str = "less more fewer greater higher lower bigger larger smaller longer shorter older younger better \
    worse cheaper heavier lighter faster slower earlier later rather other";

/// The sentence as it is meant.
pub fn rewritten(mut said: Vec<Token>) -> Vec<Token> {
    for token in 1..said.len() {
        if is(said.get(token), "then") && is(said.get(token - 1), DEGREES) {
            replace(&mut said, token, 1, "than");
        }
        let limited = is(said.get(token - 1), "below above over under than to at is was were are = owe owes");
        if is(said.get(token), "zero") && limited {
            replace(&mut said, token, 1, "0");
        }
    }
    if let Some(at) = (0..said.len()).find(|&at| is(said.get(at), "prior") && is(said.get(at + 1), "to")) {
        replace(&mut said, at, 2, "before");
    }
    halves(&mut said);
    last_ones(&mut said);
    on_axes(&mut said);
    said
}

fn replace(said: &mut Vec<Token>, at: usize, count: usize, text: &str) {
    said.splice(at..at + count, tokens(text));
}

/// `half an hour`, `half a year`, `the last half year`, `a dozen`.
fn halves(said: &mut Vec<Token>) {
    const HALVES: [(&str, &str); 3] = [("year", "6 months"), ("day", "12 hours"), ("century", "50 years")];
    let mut at = 0;
    while at < said.len() {
        let article = usize::from(is(said.get(at + 1), "a an"));
        let unit = said.get(at + 1 + article).and_then(|t| HALVES.iter().find(|(unit, _)| *unit == t.lower));
        let before = usize::from(at > 0 && is(said.get(at - 1), "a an"));
        if let Some((_, text)) = unit.filter(|_| is(said.get(at), "half")) {
            replace(said, at - before, 2 + article + before, text);
        } else if is(said.get(at), "dozen") && !is(said.get(at + 1), "of") {
            replace(said, at - before, 1 + before, "12");
        }
        at += 1;
    }
}

/// `the final three months`
fn last_ones(said: &mut Vec<Token>) {
    const STEPS: &str = "hours days weeks months quarters years decades hour day week month quarter year decade";
    let number = |t: &Token| t.number().is_some() || super::vocabulary::number_word(&t.lower).is_some();
    for at in 0..said.len() {
        let counted = usize::from(said.get(at + 1).is_some_and(number));
        if is(said.get(at), "final") && is(said.get(at + 1 + counted), STEPS) {
            replace(said, at, 1, "last");
        }
    }
}

/// `depth on one axis and length on the other`, `plotted against each other`: how it is drawn goes without saying.
fn on_axes(said: &mut Vec<Token>) {
    let starts = |s: &[Token], i: usize| is(s.get(i), "on along") && is(s.get(i + 1), "one the other");
    let length = |s: &[Token], i: usize| match () {
        () if !starts(s, i) => 0,
        () if is(s.get(i + 2), "axis") => 3,
        () if is(s.get(i + 2), "other") && is(s.get(i + 3), "axis") => 4,
        () => 0,
    };
    let mut drawn = false;
    let mut at = 0;
    while at < said.len() {
        let count = length(said, at);
        if count > 0 {
            said.drain(at..at + count);
            drawn = true;
        } else if drawn && is(said.get(at), "on") && is(said.get(at + 1), "the") && is(said.get(at + 2), "other") {
            said.drain(at..at + 3);
        } else if is(said.get(at), "against") && is(said.get(at + 1), "each") && is(said.get(at + 2), "other") {
            said.drain(at..at + 3);
            said.splice(0..0, tokens("scatter of"));
        } else {
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sentences::sentence;

    #[test]
    fn sentences_are_read_as_they_are_meant() {
        for (said, wanted) in [
            ("the last half year", "the last 6 months"),
            ("days below zero", "days below 0"),
            ("inspections with less then 80 points", "inspections with less than 80 points"),
            ("scatter: depth on one axis, length on the other", "scatter : depth , length"),
            ("plot depth and length against each other", "scatter of plot depth and length"),
        ] {
            let read: Vec<String> = sentence(said, &[]).into_iter().map(|t| t.text).collect();
            assert_eq!(read.join(" "), wanted, "{said}");
        }
    }
}
