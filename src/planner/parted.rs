//! Parts of a prompt that are cards of their own because it says so: `sales by region in one chart and profit by category
//! in another`, `a histogram of age and a pie of the fields`, `three things: …, … and …`.

use super::intent::Intent;
use super::lexicon::{self, Keyword};
use super::words::{Kind, Token, is};

/// Stands before each such part.
pub const CUT: char = '¶';

/// What a card is called, whatever is drawn on it.
const CARD: &str = "chart charts graph graphs plot plots card cards panel panels diagram diagrams figure figures";

/// What a card is of, and how many words may stand before the first one.
const OF: &str = "of with for showing that counting";
const LEAD_MAX: usize = 4;

/// Where a card is put beside another one.
const BESIDE: &str = "it that them this these";

/// The prompt with a mark before each such part, and whether each figure is to have a card of its own.
pub fn parted(said: Vec<Token>) -> (Vec<Token>, bool) {
    let (mut said, each) = own_charts(said);
    placed(&mut said);
    let first = (0..said.len()).find(|&at| is(said.get(at), "one a") && is(said.get(at + 1), CARD));
    let first = first.filter(|&at| at < LEAD_MAX && is(said.get(at + 2), OF));
    let begins = |next: usize| begins_card(&said[next..], first.is_some()).map(|skipped| next + skipped);
    let cuts: Vec<(usize, usize)> =
        joints(&said).into_iter().filter_map(|(at, next)| Some((at, begins(next)?))).collect();
    let mut out = cut(&said, &cuts);
    if let Some(at) = first.filter(|_| !cuts.is_empty()) {
        out.drain(..at + 3);
    }
    (out, each)
}

/// The prompt with such a mark wherever its list goes on, where it has as many parts as cards are wanted.
pub fn counted(said: Vec<Token>, wanted: Option<usize>) -> Vec<Token> {
    let joints = joints(&said);
    match wanted.is_some_and(|w| w > 1 && w == joints.len() + 1) {
        true => cut(&said, &joints),
        false => said,
    }
}

fn cut(said: &[Token], cuts: &[(usize, usize)]) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(said.len());
    let mut from = 0;
    for &(at, next) in cuts {
        out.extend_from_slice(&said[from..at]);
        out.push(mark());
        from = next;
    }
    out.extend_from_slice(&said[from..]);
    out
}

/// A part that is a card of its own: `another by weather` has its figure from the part before it, and counts what that
/// counts.
pub fn alone(previous: &Intent, mut intent: Intent) -> Intent {
    let silent = intent.asks.is_empty() && !intent.rows && !intent.overview && !intent.distribution;
    if !silent || intent.groups.is_empty() {
        return intent;
    }
    intent.rows = previous.rows;
    if !previous.rows && (intent.by || intent.agg.is_some()) {
        intent.asks.clone_from(&previous.asks);
    }
    if let Some(agg) = intent.agg.filter(|_| !intent.asks.is_empty()) {
        intent.asks.iter_mut().for_each(|a| a.agg = Some(agg));
        intent.agg = None;
    }
    intent
}

/// The figures of each card, or its groups, one by one.
pub fn each_alone(intents: Vec<Intent>) -> Vec<Intent> {
    let apart = |intent: Intent| -> Vec<Intent> {
        match (intent.asks.len(), intent.groups.len()) {
            (2.., _) => intent.asks.iter().map(|a| Intent { asks: vec![a.clone()], ..intent.clone() }).collect(),
            (_, 2..) => intent.groups.iter().map(|g| Intent { groups: vec![*g], ..intent.clone() }).collect(),
            _ => vec![intent],
        }
    };
    intents.into_iter().flat_map(apart).collect()
}

fn mark() -> Token {
    let text = CUT.to_string();
    Token { lower: text.clone(), stem: text.clone(), text, kind: Kind::Punctuation(CUT) }
}

/// Where a list goes on, and where its next part begins.
fn joints(said: &[Token]) -> Vec<(usize, usize)> {
    let joins = |t: &Token| t.is(',') || t.is(';') || t.is('+') || t.is('&') || is(Some(t), "and plus also");
    let mut out = Vec::new();
    let mut at = 1;
    while at < said.len() {
        let mut next = at;
        while said.get(next).is_some_and(joins) || next > at && is(said.get(next), "then") {
            next += 1;
        }
        if is(said.get(at), "as") && is(said.get(at + 1), "well") && is(said.get(at + 2), "as") {
            next = at + 3;
        }
        if next > at && next < said.len() {
            out.push((at, next));
        }
        at = next.max(at + 1);
    }
    out
}

/// Whether what follows begins a card of its own, and how many words only say so.
fn begins_card(said: &[Token], first: bool) -> Option<usize> {
    let colon = |at: usize| if said.get(at).is_some_and(|t| t.is(',') || t.is(':')) { at + 1 } else { at };
    // `next to it …`, `below that …`, `separately, …`
    let beside = match () {
        () if is(said.first(), "next") && is(said.get(1), "to") && is(said.get(2), BESIDE) => Some(3),
        () if is(said.first(), "beside besides alongside below underneath under") && is(said.get(1), BESIDE) => Some(2),
        () if is(said.first(), "separately") => Some(1),
        () => None,
    };
    if let Some(at) = beside {
        return Some(colon(at));
    }
    // `another by weather`, `one with churn by contract`, `a second chart of …`
    let other = is(said.first(), "another") || first && is(said.first(), "one");
    let second = is(said.first(), "a the") && is(said.get(1), "second third fourth");
    if other || second {
        let at = 1 + usize::from(second);
        let at = at + usize::from(is(said.get(at), CARD));
        let of = is(said.get(at), OF);
        return (of || is(said.get(at), "by per")).then_some(at + usize::from(of));
    }
    draws(said).then_some(0)
}

/// `a histogram of …`, `bars with …`: what is drawn, and of what.
fn draws(said: &[Token]) -> bool {
    let at = usize::from(is(said.first(), "a an the one"));
    let at = at + usize::from(is(said.get(at), "simple horizontal stacked grouped single big plain second"));
    let Some(word) = said.get(at).filter(|t| t.kind == Kind::Word) else { return false };
    let drawn = matches!(
        lexicon::keyword(&word.lower, &word.stem),
        Some(Keyword::Chart(_) | Keyword::Kpi | Keyword::Distribution)
    );
    let card = at > 0 && is(Some(word), "chart graph plot");
    let next = at + 1 + usize::from(is(said.get(at + 1), CARD));
    (drawn || card) && is(said.get(next), "of with showing")
}

/// `… in one chart and … in another`: takes out where each is put, and parts the two.
fn placed(said: &mut Vec<Token>) {
    // How many words say it, from `in` on.
    let place = |s: &[Token], at: usize, which: &str| -> Option<usize> {
        let at_in = is(s.get(at), "in on");
        let the = usize::from(is(s.get(at + 1), "a the"));
        let named = at_in && is(s.get(at + 1 + the), which);
        let card = usize::from(is(s.get(at + 2 + the), CARD) || is(s.get(at + 2 + the), "one"));
        (named && (card > 0 || which != "one first")).then_some(2 + the + card)
    };
    let found = |s: &[Token], which: &str| (1..s.len()).find_map(|at| Some((at, place(s, at, which)?)));
    let Some((second, long)) = found(said, "another other second") else { return };
    let Some((first, short)) = found(said, "one first").filter(|(first, _)| *first < second) else { return };
    said.drain(second..second + long);
    said.drain(first..first + short);
    while said.get(first).is_some_and(|t| t.is(',') || is(Some(t), "and plus")) {
        said.remove(first);
    }
    said.insert(first, mark());
}

/// `spending and savings over time, each in its own chart`.
fn own_charts(mut said: Vec<Token>) -> (Vec<Token>, bool) {
    let card = |at: usize| usize::from(is(said.get(at), CARD));
    let own = |at: usize| {
        let its = usize::from(is(said.get(at), "in on as"));
        let alone = is(said.get(at + its), "its their an a") && is(said.get(at + its + 1), "own");
        let separate = its > 0 && is(said.get(at + its), "separate different") && card(at + its + 1) > 0;
        match () {
            () if alone => Some(at + its + 2 + card(at + its + 2)),
            () if separate => Some(at + its + 2),
            () => None,
        }
    };
    let found = (1..said.len()).find_map(|at| Some((at, own(at)?)));
    let Some((mut from, to)) = found else { return (said, false) };
    while from > 1 && (said[from - 1].is(',') || is(said.get(from - 1), "each both all")) {
        from -= 1;
    }
    said.drain(from..to);
    (said, true)
}

#[cfg(test)]
mod tests {
    use vizroom_protocol::file::Dataset;

    use crate::samples::{figure, text};

    fn cards(prompt: &str) -> Vec<String> {
        let columns = vec![
            text("region", 4, 0, &["North", "South"]),
            text("segment", 3, 0, &["Home", "Office"]),
            figure("price", 900, 1, 9_000),
            figure("weight", 900, 1, 9_000),
            figure("year", 20, 2000, 2019),
        ];
        let data = Dataset { name: "orders".into(), rows: 2_000, columns };
        let plan = crate::plan(prompt, &[data], None);
        plan.goals
            .iter()
            .map(|g| format!("{} {}", serde_json::to_value(g.kind).unwrap_or_default(), g.query.sql()))
            .collect()
    }

    #[test]
    fn parts_that_are_said_to_be_charts_are_cards() {
        for (prompt, first, second) in [
            ("average price by region in one chart and average weight by segment in another", "region", "segment"),
            ("a histogram of price and next to it the number of orders by segment", "histogram", "segment"),
            ("distribution of price, plus a pie of the segments", "histogram", "pie"),
            ("two charts: orders per year, average price by region", "year", "region"),
            ("one chart of orders by region, another by segment", "region", "segment"),
            ("make me one chart of orders per region and another that counts orders per segment", "region", "segment"),
            ("I'd like price by region in one chart and price by segment in another", "region", "segment"),
            ("price and weight by region, each in its own chart", "price", "weight"),
        ] {
            let cards = cards(prompt);
            let [a, b] = cards.as_slice() else { panic!("{prompt}: {cards:#?}") };
            assert!(a.contains(first) && b.contains(second) && !a.contains(second), "{prompt}: {cards:#?}");
        }
    }

    #[test]
    fn figures_that_go_by_the_same_groups_are_one_card() {
        for prompt in [
            "number of orders of each region and their average weight",
            "for each region, average price and average weight",
            "compare the four regions on price, weight",
            "regions with more than 50 orders, and their average price",
        ] {
            let cards = cards(prompt);
            assert!(cards.len() == 1 && cards[0].contains("GROUP BY 1"), "{prompt}: {cards:#?}");
        }
    }
}
