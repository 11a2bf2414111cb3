//! What is said about a chart, in the words of a prompt: `start in 1980`, `one line a league`, `the table version`.

use super::lexicon;
use super::words::{Token, is, tokens};

/// Words for what a chart is made of, which say nothing where the rest does.
const SHAPE: &str =
    "dimension dimensions version view format style layout breakout variant unstacked unstack clustered dodged";

fn year(token: Option<&Token>) -> Option<f64> {
    token.and_then(Token::number).filter(|n| n.fract() == 0.0 && (1000.0..=2200.0).contains(n))
}

/// The sentence as a prompt would say it.
pub fn rewritten(mut said: Vec<Token>) -> Vec<Token> {
    since_alone(&mut said);
    taken_out(&mut said);
    let mut at = 0;
    while at < said.len() {
        match replacement(&said, at) {
            Some((used, text)) => {
                let new = tokens(text);
                at += new.len();
                said.splice(at - new.len()..at - new.len() + used, new);
            }
            None => at += 1,
        }
    }
    said
}

/// How many tokens say something that is said otherwise in a prompt, and how.
fn replacement(said: &[Token], at: usize) -> Option<(usize, &'static str)> {
    let token = |i: usize| said.get(i);
    let before = |list: &str| at > 0 && is(token(at - 1), list);
    if is(token(at + 1), "in at from with on") && year(token(at + 2)).is_some() {
        if is(token(at), "start starts starting begin begins beginning") {
            return Some((2, "since"));
        }
        if is(token(at), "end ends ending stop stops stopping finish") {
            return Some((2, "until"));
        }
    }
    // `1990-2000`
    let range = token(at).is_some_and(|t| t.is('-')) && at > 0;
    let years = || year(token(at - 1)).zip(year(token(at + 1))).is_some_and(|(a, b)| a < b);
    if range && years() {
        return Some((1, "to"));
    }
    // `show the numbers as a table`
    if is(token(at), "numbers figures") && before("the") && !is(token(at + 1), "of") {
        return Some((1, ""));
    }
    if is(token(at), "a an") && before("line lines bar bars series curve colour color") {
        return Some((1, "per"));
    }
    // `rank them by profit`, where the data may have ranks of its own
    if is(token(at), "rank") && super::ordering::sorts(said, at) {
        return Some((1, "sort"));
    }
    // `everything, not just 10`
    if is(token(at), "not") && is(token(at + 1), "just only") && token(at + 2).is_some_and(|t| t.number().is_some()) {
        return Some((3, ""));
    }
    let only = before("only just") || is(token(at + 1), "only");
    if is(token(at), "weekdays workdays") && only {
        return Some((1, "without weekends"));
    }
    is(token(at), SHAPE).then_some((1, ""))
}

/// `take Spain out`
fn taken_out(said: &mut Vec<Token>) {
    let Some(verb) = said.iter().position(|t| is(Some(t), "take leave kick throw cut filter")) else { return };
    let out = (verb + 2..said.len().min(verb + 6)).find(|&i| said[i].lower == "out");
    if let (Some(out), Some(without)) = (out, tokens("without").into_iter().next()) {
        said[verb] = without;
        said.remove(out);
    }
}

/// `from 2000`, and nothing else: from then on.
fn since_alone(said: &mut [Token]) {
    let small = |t: &Token| {
        lexicon::is_filler(&t.lower) || is(Some(t), "only just") || !t.lower.chars().any(char::is_alphanumeric)
    };
    let Some(at) = said.iter().position(|t| t.lower == "from") else { return };
    let rest = said.get(at + 2..).unwrap_or_default();
    if year(said.get(at + 1)).is_some()
        && said[..at].iter().all(small)
        && rest.iter().all(|t| !t.lower.chars().any(char::is_alphanumeric))
        && let Some(since) = tokens("since").into_iter().next()
    {
        said[at] = since;
    }
}
