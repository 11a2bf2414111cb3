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
    without_reason(&mut said);
    step_before(&mut said);
    since_alone(&mut said);
    taken_out(&mut said);
    said = super::unwanted::rewritten(said);
    one_each(&mut said);
    apart(&mut said);
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

/// `one line for men and one for women`, `a bar for with and one for without the law`: a split.
fn one_each(said: &mut Vec<Token>) {
    let one = |i: usize| is(said.get(i), "one a") && (is(said.get(i + 1), "for") || is(said.get(i + 2), "for"));
    let Some(first) = (0..said.len()).find(|&i| one(i) && is(said.get(i + 2), "for")) else { return };
    let Some(second) = (first + 4..said.len()).find(|&i| one(i) && is(said.get(i - 1), "and ,")) else { return };
    let after = |i: usize| i + 2 + usize::from(!is(said.get(i + 1), "for"));
    let (a, b) = (&said[after(first)..second - 1], &said[after(second)..]);
    // `one for with the law and one for without`: the two sides of one thing.
    let sides = b.len() <= 2 && b.iter().any(|t| is(Some(t), "without not others no"));
    let thing = a.iter().filter(|t| !is(Some(t), "with the a an")).cloned();
    let split = tokens("split by");
    let new: Vec<Token> = match sides {
        true => split.into_iter().chain(thing).collect(),
        false => {
            tokens("split").into_iter().chain(a.iter().cloned()).chain(tokens("vs")).chain(b.iter().cloned()).collect()
        }
    };
    said.splice(first.., new);
}

/// `separate lines for males and females`, `one bar each for men and women`, `separately per region`: a split.
fn apart(said: &mut Vec<Token>) {
    const MARKS: &str = "line lines bar bars series curve curves color colors colour colours";
    const APART: &str = "separate individual different distinct own one a an";
    for at in 0..said.len() {
        let marked = is(said.get(at), APART) && is(said.get(at + 1), MARKS);
        let mut end = match () {
            () if marked => at + 2,
            () if is(said.get(at), "separately apart") => at + 1,
            () => continue,
        };
        end += usize::from(is(said.get(end), "each"));
        if !is(said.get(end), "for per by") {
            continue;
        }
        end += 1 + usize::from(is(said.get(end + 1), "each every the"));
        // `one line for Kenya` adds one.
        let several = said[end..].iter().any(|t| is(Some(t), "and vs")) || is(said.get(end - 1), "per by each every");
        if several && end < said.len() {
            said.splice(at..end, tokens("split by"));
            return;
        }
    }
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
    // `ditch Friday`, but `ditch ram, use screen`
    let goes = is(token(0), "ditch lose scrap discard eliminate erase omit skip toss");
    if at == 0 && goes && !said.iter().any(|t| is(Some(t), "use show take try give plot")) {
        return Some((1, "drop"));
    }
    // `drill down by category`
    if is(token(at), "drill") {
        let by = (at + 1..at + 4).find(|&i| is(token(i), "by"));
        return by.map(|by| (by - at, "split"));
    }
    // `go back to 2000`
    if is(token(at), "back") && is(token(at + 1), "to until till") && year(token(at + 2)).is_some() {
        return Some((2, "since"));
    }
    // `one point per year`
    let mark = is(token(at + 1), "point points dot dots value values number numbers figure");
    if is(token(at), "a one single") && mark && is(token(at + 2), "per for each a every") {
        return Some((3, "per"));
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
    // `aggregate by year`
    if is(token(at), "aggregate aggregated group grouped") && is(token(at + 1), "by per to on") {
        return Some((1, ""));
    }
    // `make it horizontal`: how bars lie is chosen by the chart.
    let bars = is(token(at + 1), "bar bars column columns") || before("bar bars column columns chart");
    if is(token(at), "horizontal vertical horizontally vertically sideways") && !is(token(at + 1), "or") {
        return Some((1, if bars { "" } else { "bars" }));
    }
    turned(said, at).or_else(|| is(token(at), SHAPE).then_some((1, "")))
}

/// How a chart lies, in which order, and what it is limited to.
fn turned(said: &[Token], at: usize) -> Option<(usize, &'static str)> {
    let token = |i: usize| said.get(i);
    let before = |list: &str| at > 0 && is(token(at - 1), list);
    // `flip the bars sideways`: as they lie, not in which order.
    if is(token(at), "flip turn rotate lay")
        && (at + 1..at + 5).any(|i| is(token(i), "sideways horizontal horizontally"))
    {
        return Some((1, "show"));
    }
    // `turn it round: the least`
    if is(token(at), "turn") && is(token(at + 1), "it this that them") && is(token(at + 2), "round around") {
        let said_then = token(at + 3).is_some_and(|t| t.is(':') || t.is(','));
        return Some(if said_then { (4, "") } else { (3, "reverse") });
    }
    // `limit it to the years 2000-2010`
    if is(token(at), "limit restrict narrow reduce") && !before("no the a") {
        // `limit the first one to 5` says how many.
        let many = |i: usize| token(i).is_some_and(|t| t.number().is_some()) && year(token(i)).is_none();
        let to = (at + 1..at + 5).find(|&i| is(token(i), "to") && !many(i + 1) && !many(i + 2))?;
        return Some((to + 1 - at, "only"));
    }
    None
}

/// `drop 2017, it's not complete`: why it is wanted changes nothing.
fn without_reason(said: &mut Vec<Token>) {
    const STATES: &str =
        "is are was were isnt arent wasnt has have had hasnt havent looks look seems seem does doesnt dont do";
    let token = |i: usize| said.get(i);
    let states = |i: usize| is(token(i), STATES);
    let reason = |i: &usize| {
        let pause = token(i - 1).is_some_and(|t| t.is(',') || t.is('-') || t.is(';') || t.is('('));
        let told =
            is(token(*i), "its thats theyre") || is(token(*i), "it they that this those these which") && states(i + 1);
        let since = is(token(*i), "as since") && is(token(i + 1), "it its they theyre that thats this");
        is(token(*i), "because") || pause && told || since
    };
    if let Some(at) = (2..said.len()).find(reason) {
        said.truncate(at);
        while said.last().is_some_and(|t| !t.lower.chars().any(char::is_alphanumeric)) {
            said.pop();
        }
    }
}

/// `difference to the month before`, `change from the previous year`: from each step to the next.
fn step_before(said: &mut Vec<Token>) {
    const CHANGE: &str = "change changes difference differences growth increase delta";
    const STEPS: [(&str, &str); 6] = [
        ("day", "day over day"),
        ("week", "week over week"),
        ("month", "month over month"),
        ("quarter", "quarter over quarter"),
        ("year", "year over year"),
        ("period", "growth"),
    ];
    let Some(at) = said.iter().position(|t| is(Some(t), CHANGE)) else { return };
    let small =
        |i: &usize| is(said.get(*i), "to from over with against on than versus vs compared relative the a each its");
    let from = (at + 1..said.len()).find(|i| !small(i)).unwrap_or(said.len());
    if from == at + 1 {
        return;
    }
    let step = |i: usize| STEPS.iter().find(|(step, _)| is(said.get(i), step)).map(|(_, phrase)| *phrase);
    let found = match is(said.get(from), "previous prior preceding last") {
        true => step(from + 1).map(|phrase| (phrase, from + 2)),
        false => step(from).filter(|_| is(said.get(from + 1), "before earlier prior")).map(|phrase| (phrase, from + 2)),
    };
    let Some((phrase, end)) = found else { return };
    let manner =
        (0..at).rev().take_while(|&i| is(said.get(i), "in as the percent percentage relative absolute")).last();
    said.splice(manner.unwrap_or(at)..end, tokens(phrase));
}

/// `take Spain out`
fn taken_out(said: &mut Vec<Token>) {
    let Some(verb) = said.iter().position(|t| is(Some(t), "take leave kick throw cut filter")) else { return };
    let out = (verb + 2..said.len().min(verb + 6)).find(|&i| is(said.get(i), "out off"));
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
    // `from june 2016`
    let month = said.get(at + 1).is_some_and(|t| super::vocabulary::month_number(&t.lower).is_some());
    let dated = year(said.get(at + 1)).is_some() || said.get(at + 1).is_some_and(|t| t.kind == super::words::Kind::Day);
    let end = at + 2 + usize::from(month && year(said.get(at + 2)).is_some());
    let rest = said.get(end..).unwrap_or_default();
    if (dated || month)
        && said[..at].iter().all(small)
        && rest.iter().all(|t| !t.lower.chars().any(char::is_alphanumeric))
        && let Some(since) = tokens("since").into_iter().next()
    {
        said[at] = since;
    }
}
