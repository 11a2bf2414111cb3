//! What somebody wants a chart for: `…, I want to know whether weekends are worse`, `… to spot the extreme ones`. It asks
//! for nothing of its own where the sentence before it does.

use super::lexicon::{self, Keyword};
use super::words::{Kind, Token, is, tokens};

/// Fewest words of a request before its purpose, and of a purpose.
const REQUEST_MIN: usize = 4;
const PURPOSE_MIN: usize = 3;

/// How a purpose begins, behind a comma or anywhere.
const BEHIND_COMMA: [&str; 6] =
    ["i want to know", "i wonder", "i would like to know", "im curious", "so i can", "im wondering"];
const ANYWHERE: [&str; 12] = [
    "to see if",
    "to see whether",
    "to see how",
    "to check if",
    "to check whether",
    "to spot",
    "to find out",
    "so that i can",
    "so that we can",
    "so i can",
    "so we can",
    "in order to",
];

/// The sentence without what it is asked for, and with its reasons asked for in one way.
pub fn rewritten(mut said: Vec<Token>) -> Vec<Token> {
    reasons(&mut said);
    if let Some(at) = (1..said.len()).find(|&at| begins(&said, at)) {
        said.truncate(at);
        while said.last().is_some_and(|t| t.is(',') || t.is('-') || t.is(';')) {
            said.pop();
        }
    }
    said
}

/// `what's behind the rise`, `what is the reason that it fell`: why.
fn reasons(said: &mut Vec<Token>) {
    const ASKED: [&str; 4] = ["what", "whats", "what is", "what was"];
    const BEHIND: [&str; 6] =
        ["behind", "lies behind", "lay behind", "the reason for", "the reason that", "the reason why"];
    let phrase = |at: usize, text: &str| {
        text.split(' ').enumerate().all(|(i, w)| said.get(at + i).is_some_and(|t| t.lower == w))
    };
    let words = |text: &str| text.split(' ').count();
    let found = (0..said.len()).find_map(|at| {
        let asked = ASKED.iter().rev().find(|a| phrase(at, a))?;
        let next = at + words(asked);
        BEHIND.iter().find(|b| phrase(next, b)).map(|b| (at, next + words(b)))
    });
    if let Some((at, to)) = found.filter(|(_, to)| *to < said.len()) {
        said.splice(at..to, tokens("why"));
    }
}

/// Whether a purpose begins at this word that says nothing of how to answer.
fn begins(said: &[Token], at: usize) -> bool {
    let phrase = |text: &&str| text.split(' ').enumerate().all(|(i, w)| said.get(at + i).is_some_and(|t| t.lower == w));
    let comma = || said[at - 1].kind != Kind::Word && said[at - 1].number().is_none();
    let found = ANYWHERE.iter().any(&phrase) || comma() && BEHIND_COMMA.iter().any(phrase);
    // `I want to see if …` is the request.
    let asked =
        is(Some(&said[at - 1]), "want like love need try trying is was be interested curious wish prefer going have");
    let words = |part: &[Token]| part.iter().filter(|t| t.kind == Kind::Word && !lexicon::is_filler(&t.lower)).count();
    let told = said[at..].iter().any(is_manner);
    found && !asked && !told && at >= REQUEST_MIN && words(&said[..at]) > 1 && said.len() - at >= PURPOSE_MIN
}

/// Words that say how to answer, wherever they stand.
fn is_manner(token: &Token) -> bool {
    let keyword = lexicon::keyword(&token.lower, &token.stem);
    matches!(keyword, Some(Keyword::Correlation | Keyword::Chart(_) | Keyword::Outliers | Keyword::Trend | Keyword::By))
}

#[cfg(test)]
mod tests {
    use super::super::sentences::sentence;

    #[test]
    fn what_a_chart_is_for_is_left_out() {
        for (said, wanted) in [
            ("box plots of income per region to spot the extreme ones", "box plots of income per region"),
            ("average price by weekday, I want to know if Sunday is worse", "average price by weekday"),
            ("what's behind the price rise of 2017?", "why the price rise of 2017 ?"),
            ("I want to see if price depends on size", "I want to see if price depends on size"),
            ("plot price and size to see if they are related", "plot price and size to see if they are related"),
        ] {
            let read: Vec<String> = sentence(said, &[]).into_iter().map(|t| t.text).collect();
            assert_eq!(read.join(" "), wanted, "{said}");
        }
    }
}
