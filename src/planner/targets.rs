//! Which card a sentence speaks of.

use vizroom_protocol::dashboard::CardKind;

use super::Placed;
use super::lexicon::{Keyword, keyword};
use super::words::{Token, is, tokens};

/// What a sentence says about the card it means.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// By its place in the list.
    Card(usize),
    /// All of several.
    Several(Vec<usize>),
    /// It names one that is not there.
    Absent,
    /// It names none.
    Unsaid,
}

/// Finds the card and takes the words that name it out of the sentence.
pub fn find(said: &[Token], cards: &[Placed<'_>], given: Option<&str>) -> (Target, Vec<Token>) {
    let (named, rest) = by_number(said, cards)
        .or_else(|| all(said, cards))
        .or_else(|| by_kind(said, cards))
        .or_else(|| by_title(said, cards))
        .unwrap_or_else(|| (Target::Unsaid, said.to_vec()));
    match given {
        Some(key) => (cards.iter().position(|c| c.key == key).map_or(Target::Absent, Target::Card), rest),
        None => (named, rest),
    }
}

/// Where the cards are that show something, in order; those that speak of others, if there are no such.
pub fn charts(cards: &[Placed<'_>]) -> Vec<usize> {
    let shows = |i: &usize| cards[*i].goal.kind != CardKind::Insight;
    let those: Vec<usize> = (0..cards.len()).filter(shows).collect();
    if those.is_empty() { (0..cards.len()).collect() } else { those }
}

pub fn is_card_word(token: &Token) -> bool {
    is_chart_word(token) || ["one", "figure"].iter().any(|w| super::words::stem(w) == token.stem)
}

fn is_chart_word(token: &Token) -> bool {
    ["chart", "card", "graph", "plot", "visual", "panel", "widget", "visualization", "tile"]
        .iter()
        .any(|w| super::words::stem(w) == token.stem)
}

fn without(said: &[Token], from: usize, to: usize) -> Vec<Token> {
    said[..from].iter().chain(&said[to..]).cloned().collect()
}

/// `chart 2`, `chart_2`, `the second chart`, `the last one`
fn by_number(said: &[Token], cards: &[Placed<'_>]) -> Option<(Target, Vec<Token>)> {
    let charts = charts(cards);
    let nth = |n: usize| charts.get(n).map_or(Target::Absent, |&i| Target::Card(i));
    for at in 0..said.len() {
        let next = said.get(at + 1);
        if is_card_word(&said[at])
            && let Some(n) = next.and_then(Token::number)
        {
            let key = format!("chart_{n}");
            let called = charts.iter().find(|&&i| cards[i].key == key);
            let target = called.map_or_else(|| nth((n as usize).wrapping_sub(1)), |&i| Target::Card(i));
            return Some((target, without(said, at, at + 2)));
        }
        let ordinal = super::vocabulary::ordinal(&said[at].lower).map(|n| n as usize - 1).or_else(|| {
            let digits =
                said[at].text.len() > 2 && said[at].number().is_some() && said[at].lower.ends_with(char::is_alphabetic);
            said[at].number().filter(|n| digits && *n >= 1.0).map(|n| n as usize - 1)
        });
        let last = (said[at].lower == "last").then(|| charts.len().saturating_sub(1));
        let middle = (said[at].lower == "middle" && charts.len() % 2 == 1).then_some(charts.len() / 2);
        let Some(place) = ordinal.or(last).or(middle) else { continue };
        // `as a second chart` is one that is not there yet.
        if at > 0 && is(said.get(at - 1), "a an another") {
            continue;
        }
        let article = at > 0 && said[at - 1].lower == "the";
        // `delete the second`
        if next.is_none() && article {
            return Some((nth(place), said[..at - 1].to_vec()));
        }
        if next.is_some_and(is_card_word) {
            return Some((nth(place), without(said, at - usize::from(article), at + 2)));
        }
    }
    None
}

/// `all charts`, `both of them`, `every chart`, `all three graphs`, `everywhere`
fn all(said: &[Token], cards: &[Placed<'_>]) -> Option<(Target, Vec<Token>)> {
    let charts = charts(cards);
    if charts.len() < 2 {
        return None;
    }
    for at in 0..said.len() {
        let everything = is(said.get(at), "everything") && (0..at).any(|i| is(said.get(i), "filter limit restrict"));
        if everything || is(said.get(at), "everywhere") {
            return Some((Target::Several(charts), without(said, at, at + 1)));
        }
        if !is(said.get(at), "all every each both") {
            continue;
        }
        let small = |i: &usize| is(said.get(*i), "of the these those two three four my our");
        let end = (at + 1..at + 4).find(|i| !small(i)).unwrap_or(at + 4);
        let them = end > at + 1 && is(said.get(end), "them");
        let named = said.get(end).is_some_and(is_chart_word) || them;
        let ends = end == said.len() || is(said.get(end), "as to into in with should by be");
        let both = is(said.get(at), "both") && charts.len() == 2 && ends;
        let end = if named { end + 1 } else { end };
        if !named && !both {
            continue;
        }
        let from = at - usize::from(at > 0 && is(said.get(at - 1), "in on from for of to"));
        return Some((Target::Several(charts), without(said, from, end)));
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

fn of_kind(card: &Placed<'_>, kind: CardKind) -> bool {
    let round = |k| matches!(k, CardKind::Pie | CardKind::Donut);
    card.goal.kind == kind || (round(kind) && round(card.goal.kind))
}

/// `the pie`, `this bar chart`, `both lines`; not `into a pie`.
fn by_kind(said: &[Token], cards: &[Placed<'_>]) -> Option<(Target, Vec<Token>)> {
    for at in 1..said.len() {
        let Some((kind, end)) = kind_at(said, at) else { continue };
        let definite = is(said.get(at - 1), "the this that my our these those both all");
        // `make that bars`: one thing is not several.
        let one = is(said.get(at - 1), "this that") && said[at].lower.ends_with('s');
        let goal_of_change = one || at >= 2 && is(said.get(at - 2), "to into as than");
        if !definite || goal_of_change {
            continue;
        }
        let those: Vec<usize> = (0..cards.len()).filter(|&i| of_kind(&cards[i], kind)).collect();
        let several = is(said.get(at - 1), "these those both all") || (at >= 2 && is(said.get(at - 2), "both all"));
        let target = match those.as_slice() {
            [one] => Target::Card(*one),
            [_, _, ..] if several => Target::Several(those),
            _ => return None,
        };
        return Some((target, without(said, at - 1, end)));
    }
    None
}

/// Words of one card's title: `the sales by region chart`, `the sales pie`.
fn by_title(said: &[Token], cards: &[Placed<'_>]) -> Option<(Target, Vec<Token>)> {
    let charts = charts(cards);
    let article = |i: usize| is(said.get(i), "the this that");
    for end in 1..said.len() {
        let kind = kind_at(said, end).map(|(kind, _)| kind);
        let vague = !is_chart_word(&said[end]) && charts.len() < 2;
        if vague || !is_card_word(&said[end]) && kind.is_none() {
            continue;
        }
        let start = (0..end).rev().find(|&s| article(s));
        // `sales chart as a line`
        let bare = is_chart_word(&said[end]).then_some(0);
        let Some(from) = start.map(|s| s + 1).or(bare).filter(|from| *from < end) else { continue };
        let wanted: Vec<&str> = said[from..end].iter().map(|t| t.stem.as_str()).filter(|s| s.len() > 2).collect();
        let fits = |i: &&usize| {
            let title = tokens(&cards[**i].goal.title);
            let kind = kind.is_none_or(|kind| of_kind(&cards[**i], kind));
            kind && !wanted.is_empty() && wanted.iter().all(|w| title.iter().any(|t| t.stem == *w))
        };
        let mut those = charts.iter().filter(fits);
        if let (Some(&index), None) = (those.next(), those.next()) {
            let from = start.unwrap_or(from);
            return Some((Target::Card(index), without(said, from, end + 1)));
        }
    }
    None
}
