//! A sentence as tokens in the planner's words, before it is known what they mean for the data.

use vizroom_protocol::file::Dataset;

use super::words::{Token, is, tokens};
use super::{calendar, contrasts, ellipses, purposes, ratios, requests, sides, standing, text, typed, vocabulary};

/// Splits a sentence into tokens, in the planner's words for what is asked, and says what is said with `non` in other words.
pub fn sentence(text: &str, datasets: &[Dataset]) -> Vec<Token> {
    turned(requests::rewritten(spelled(text), datasets))
}

/// The same of what is asked of a chart that is there.
pub fn command(text: &str, datasets: &[Dataset]) -> Vec<Token> {
    turned(requests::refined(spelled(text), datasets))
}

fn spelled(text: &str) -> Vec<Token> {
    standing::begun(typed::rewritten(purposes::rewritten(tokens(text))))
}

fn turned(said: Vec<Token>) -> Vec<Token> {
    let said = sides::rewritten(ellipses::rewritten(months(calendar::rewritten(said))));
    ratios::rewritten(contrasts::weekends(contrasts::rewritten(said)))
}

/// `in may`, `between march and june`: months that are other words as well, where what is around them says so.
fn months(mut said: Vec<Token>) -> Vec<Token> {
    let month = |t: Option<&Token>| t.is_some_and(|t| vocabulary::month_number(&t.lower).is_some());
    for at in 0..said.len() {
        let before = at.checked_sub(1).and_then(|i| said.get(i));
        let joined = is(before, "and to or -") && at > 1 && month(said.get(at - 2));
        let year = said.get(at + 1).and_then(Token::number).is_some_and(|n| (1500.0..=2200.0).contains(&n));
        let dated = year || is(before, "in since before until till after between from during through");
        if is(said.get(at), "may march mar") && (dated || joined) {
            said[at].text = text::capital(&said[at].lower);
        }
    }
    said
}
