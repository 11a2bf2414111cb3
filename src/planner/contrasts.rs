//! `smokers and non-smokers`: both sides of a column of yes and no are a grouping by it; one side alone leaves it out.

use super::words::{Kind, Token, tokens};

/// Rewrites what is said with `non`, in the words that stand for it elsewhere.
pub fn rewritten(mut said: Vec<Token>) -> Vec<Token> {
    let mut from = 0;
    while let Some(mut at) = (from..said.len()).find(|&i| negated(&said, i).is_some()) {
        let Some((what, mut end)) = negated(&said, at) else { break };
        let before = (0..at).rev().find(|&i| alike(&said[i].stem, &what.stem));
        match before {
            Some(mut first) => {
                // `union members and non-members` differ by the union.
                let of = first > 0 && super::nouns::is_person(&said[first]) && said[first - 1].kind == Kind::Word;
                let small = of && super::lexicon::keyword(&said[first - 1].lower, &said[first - 1].stem).is_some();
                if of && !small && !super::lexicon::is_filler(&said[first - 1].lower) {
                    said.remove(first);
                    first -= 1;
                    at -= 1;
                    end -= 1;
                }
                let joint = (first + 1..at).rev().take_while(|&i| joins(&said[i])).last().unwrap_or(at);
                let kept: Vec<Token> = said[first..joint].to_vec();
                // `do smokers tip more than non-smokers`: the group goes last.
                let mut new: Vec<Token> = kept[1..].to_vec();
                new.extend(tokens("by"));
                new.push(kept[0].clone());
                from = first + new.len();
                said.splice(first..end, new);
            }
            None => {
                from = at + 2;
                said.splice(at..end, tokens("without").into_iter().chain([what]));
            }
        }
    }
    said
}

/// `sales on weekends vs weekdays`: both sides, as groups.
pub fn weekends(mut said: Vec<Token>) -> Vec<Token> {
    const SMALL: &str = "vs versus and or than to against compared with on at during the in is are worse better higher lower busier / -";
    let at = |i: usize, list: &str| super::words::is(said.get(i), list);
    let joined = |i: usize| at(i, "to and or till until through / & -") || said.get(i).is_some_and(|t| t.is('-'));
    let weekend = |i: usize| match () {
        () if at(i, "weekend weekends") => Some(i + 1),
        () if at(i, "saturday saturdays sat") && joined(i + 1) && at(i + 2, "sunday sundays sun") => Some(i + 3),
        () => None,
    };
    let other = |i: usize| match () {
        () if at(i, "monday mondays mon") && joined(i + 1) && at(i + 2, "friday fridays fri") => Some(i + 3),
        () if at(i, "weekday weekdays workday workdays week") => Some(i + 1),
        () if at(i, "week working work business") && at(i + 1, "day days") => Some(i + 2),
        () => None,
    };
    let pair = |from: usize| {
        let (first, second): (_, &dyn Fn(usize) -> Option<usize>) = match weekend(from) {
            Some(end) => (end, &other),
            None => (other(from)?, &weekend),
        };
        let next = (first..said.len()).find(|&i| !at(i, SMALL))?;
        // `weekend sales vs weekday sales`
        let again = |i: usize| {
            said.get(first).is_some_and(|t| t.kind == Kind::Word && said.get(i).is_some_and(|o| o.stem == t.stem))
        };
        let repeated = (first + 2..said.len().min(first + 4)).find(|&i| second(i).is_some_and(again));
        if let Some(other) = repeated.filter(|_| !at(first, SMALL)) {
            return Some((from, second(other)?));
        }
        Some((from, second(next).filter(|_| next > first)?))
    };
    let Some((from, to)) = (0..said.len()).find_map(pair) else { return said };
    // `for each day of the week, weekdays against weekends`
    let week = |i: usize| at(i, "day days") && at(i + 1, "of") && at(i + 2, "the") && at(i + 3, "week");
    let days = (0..from.saturating_sub(4)).find(|&i| week(i) && i > 1 && at(i - 1, "each every the by per"));
    let from = if from > 0 && super::words::is(said.get(from - 1), "on at during in by if") { from - 1 } else { from };
    said.drain(from..to);
    if let Some(days) = days {
        said.truncate(days - 1 - usize::from(super::words::is(said.get(days - 2), "for by on per in")));
    }
    let end = said.iter().rposition(|t| t.kind == Kind::Word || t.number().is_some()).map_or(0, |i| i + 1);
    said.splice(end..end, tokens("by weekend"));
    said
}

/// The word after `non`, and where what follows begins.
fn negated(said: &[Token], at: usize) -> Option<(Token, usize)> {
    let token = said.get(at)?;
    if token.lower == "non" {
        let next = at + 1 + usize::from(said.get(at + 1).is_some_and(|t| t.is('-')));
        return said.get(next).filter(|t| t.kind == Kind::Word).map(|t| (t.clone(), next + 1));
    }
    let rest = token.lower.strip_prefix("non").filter(|r| r.len() >= 4)?;
    let known = said[..at].iter().any(|t| alike(&t.lower, rest));
    known.then(|| tokens(rest).into_iter().next().map(|t| (t, at + 1)))?
}

fn alike(a: &str, b: &str) -> bool {
    a == b || super::likeness::family(a, b)
}

fn joins(token: &Token) -> bool {
    token.kind != Kind::Word
        || matches!(
            token.lower.as_str(),
            "and" | "or" | "vs" | "versus" | "than" | "more" | "less" | "against" | "with" | "compared" | "to"
        )
}
