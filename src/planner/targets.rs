//! Which card a sentence speaks of.

use vizroom_protocol::dashboard::CardKind;

use super::Placed;
use super::lexicon::{Keyword, keyword};
use super::words::{Token, tokens};

/// What a sentence says about the card it means.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// By its place in the list.
    Card(usize),
    /// It names one that is not there.
    Absent,
    /// It names none.
    Unsaid,
}

/// Finds the card and takes the words that name it out of the sentence.
pub fn find(said: &[Token], cards: &[Placed<'_>], given: Option<&str>) -> (Target, Vec<Token>) {
    let (named, rest) = by_number(said, cards)
        .or_else(|| by_kind(said, cards))
        .or_else(|| by_title(said, cards))
        .unwrap_or_else(|| (Target::Unsaid, said.to_vec()));
    match given {
        Some(key) => (cards.iter().position(|c| c.key == key).map_or(Target::Absent, Target::Card), rest),
        None => (named, rest),
    }
}

pub fn is_card_word(token: &Token) -> bool {
    ["chart", "card", "graph", "plot", "visual", "panel", "widget", "one", "figure", "visualization"]
        .iter()
        .any(|w| super::words::stem(w) == token.stem)
}

fn without(said: &[Token], from: usize, to: usize) -> Vec<Token> {
    said[..from].iter().chain(&said[to..]).cloned().collect()
}

/// `chart 2`, `chart_2`, `the second chart`, `the last one`
fn by_number(said: &[Token], cards: &[Placed<'_>]) -> Option<(Target, Vec<Token>)> {
    for at in 0..said.len() {
        let next = said.get(at + 1);
        if is_card_word(&said[at])
            && let Some(n) = next.and_then(Token::number)
        {
            let key = format!("chart_{n}");
            let index = cards.iter().position(|c| c.key == key);
            return Some((index.map_or(Target::Absent, Target::Card), without(said, at, at + 2)));
        }
        let ordinal = super::vocabulary::ordinal(&said[at].lower).map(|n| n as usize - 1).or_else(|| {
            let digits =
                said[at].text.len() > 2 && said[at].number().is_some() && said[at].lower.ends_with(char::is_alphabetic);
            said[at].number().filter(|n| digits && *n >= 1.0).map(|n| n as usize - 1)
        });
        let last = said[at].lower == "last";
        // `delete the second`
        let ends = next.is_none() && at > 0 && said[at - 1].lower == "the";
        if ends && (ordinal.is_some() || last) {
            let index = if last { cards.len().checked_sub(1) } else { ordinal.filter(|o| *o < cards.len()) };
            return Some((index.map_or(Target::Absent, Target::Card), said[..at - 1].to_vec()));
        }
        if next.is_some_and(is_card_word) && (ordinal.is_some() || last) {
            let index = if last { cards.len().checked_sub(1) } else { ordinal.filter(|o| *o < cards.len()) };
            return Some((index.map_or(Target::Absent, Target::Card), without(said, at, at + 2)));
        }
    }
    None
}

fn kind_at(said: &[Token], at: usize) -> Option<(CardKind, usize)> {
    let token = &said[at];
    match keyword(&token.lower, &token.stem) {
        Some(Keyword::Chart(kind)) => Some((kind, at + 1 + usize::from(said.get(at + 1).is_some_and(is_card_word)))),
        Some(Keyword::Kpi) => Some((CardKind::Kpi, at + 1)),
        _ => None,
    }
}

/// `the pie`, `this bar chart`; not `into a pie`.
fn by_kind(said: &[Token], cards: &[Placed<'_>]) -> Option<(Target, Vec<Token>)> {
    for at in 1..said.len() {
        let Some((kind, end)) = kind_at(said, at) else { continue };
        let definite = matches!(said[at - 1].lower.as_str(), "the" | "this" | "that" | "my" | "our");
        let goal_of_change = at >= 2 && matches!(said[at - 2].lower.as_str(), "to" | "into" | "as");
        let of_kind = |c: &Placed<'_>| {
            let round = |k| matches!(k, CardKind::Pie | CardKind::Donut);
            c.goal.kind == kind || (round(kind) && round(c.goal.kind))
        };
        let mut those = cards.iter().enumerate().filter(|(_, c)| of_kind(c));
        if definite && !goal_of_change {
            return match (those.next(), those.next()) {
                (Some((index, _)), None) => Some((Target::Card(index), without(said, at - 1, end))),
                (Some(_), Some(_)) => None,
                (None, _) => None,
            };
        }
    }
    None
}

/// Two or more words of one card's title: `the sales by region chart`.
fn by_title(said: &[Token], cards: &[Placed<'_>]) -> Option<(Target, Vec<Token>)> {
    if cards.len() < 2 {
        return None;
    }
    let (start, end) = (1..said.len()).find_map(|end| {
        if !is_card_word(&said[end]) {
            return None;
        }
        let start = (0..end).rev().find(|&s| matches!(said[s].lower.as_str(), "the" | "this" | "that"))?;
        (end - start > 1).then_some((start, end))
    })?;
    let wanted: Vec<&str> = said[start + 1..end].iter().map(|t| t.stem.as_str()).filter(|s| s.len() > 2).collect();
    let fits = |c: &Placed<'_>| {
        let title = tokens(&c.goal.title);
        !wanted.is_empty() && wanted.iter().all(|w| title.iter().any(|t| t.stem == *w))
    };
    let mut those = cards.iter().enumerate().filter(|(_, c)| fits(c));
    match (those.next(), those.next()) {
        (Some((index, _)), None) => Some((Target::Card(index), without(said, start, end + 1))),
        _ => None,
    }
}
