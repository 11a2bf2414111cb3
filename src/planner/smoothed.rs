//! Moving averages, and changes from one step of time to the next, in the words that the rest of the planner reads:
//! `rolling one-year mean`, `smoothed over a week`, `how much did it grow each year`, `how many more than the year before`.

use super::words::{Token, is, tokens};

const STEPS: &str = "day days week weeks month months quarter quarters year years hour hours";
const ROLLING: &str = "rolling moving trailing running";
const MEAN: &str = "average averages mean means avg";

/// The sentence with such turns said as others are.
pub fn rewritten(mut said: Vec<Token>) -> Vec<Token> {
    for at in 0..said.len() {
        if let Some((from, to, text)) = moving(&said, at) {
            // `per month, smoothed over a year`
            let comma = usize::from(from > 0 && said[from - 1].is(','));
            let from = from - comma;
            // `per month with a 3 month average` speaks of no third month.
            let small = (0..from).rev().take_while(|&i| is(said.get(i), "with a an the and as")).last().unwrap_or(from);
            let step = small > 0 && (comma > 0 || is(said.get(small - 1), STEPS));
            if step && !is(said.get(to - 1), "of") {
                let of = usize::from(is(said.first(), "the"));
                said.drain(small..to);
                said.splice(0..of, tokens(&format!("{text} of")));
            } else {
                said.splice(from..to, tokens(&text));
            }
            break;
        }
    }
    for at in 0..said.len() {
        if let Some((from, to, text)) = grown(&said, at).or_else(|| against_before(&said, at)) {
            let comma = usize::from(from > 0 && said[from - 1].is(','));
            said.splice(from - comma..to, tokens(&text));
            break;
        }
    }
    said
}

/// A stretch that is averaged over: `12 months`, `one-year`, `a week`, `weekly`, and where it ends.
fn stretch(said: &[Token], at: usize) -> Option<(String, usize)> {
    let word = |i: usize, list: &str| is(said.get(i), list);
    let (n, unit) = match super::stretches::count(said, at) {
        Some(n) => (n, at + 1 + usize::from(said.get(at + 1).is_some_and(|t| t.is('-')))),
        None if word(at, "a an one each every") => (1, at + 1),
        None => (1, at),
    };
    let step = match said.get(unit)?.lower.as_str() {
        "day" | "days" => "day",
        "daily" if unit == at => "day",
        "hour" | "hours" => "hour",
        "week" | "weeks" => "week",
        "weekly" if unit == at => "week",
        "month" | "months" => "month",
        "monthly" if unit == at => "month",
        "quarter" | "quarters" => "quarter",
        "quarterly" if unit == at => "quarter",
        "year" | "years" => "year",
        "yearly" | "annual" if unit == at => "year",
        _ => return None,
    };
    // One step has nothing to be averaged with: what it is made of has.
    let (n, step) = match (n, step) {
        (1, "week") => (7, "day"),
        (1, "month") => (30, "day"),
        (1, "quarter") => (3, "month"),
        (1, "year") => (12, "month"),
        (1, _) => return None,
        other => other,
    };
    Some((format!("{n} {step} moving average"), unit + 1))
}

/// `rolling 12 months`, `rolling one-year mean`, `smoothed over 7 days`, `weekly rolling average`
fn moving(said: &[Token], at: usize) -> Option<(usize, usize, String)> {
    let word = |i: usize, list: &str| is(said.get(i), list);
    // `averaged over a rolling 12 months`, `as a rolling 12 month average`
    let lead = |from: usize| {
        let small = (0..from).rev().take_while(|&i| word(i, "a an the with as on in over averaged its and using"));
        let averaged = (0..from).rev().take(3).find(|&i| word(i, "averaged"));
        averaged.filter(|a| small.last().is_some_and(|s| s <= *a)).unwrap_or(from)
    };
    let of = |end: usize, text: String| {
        let of = if word(end, "of") { " of" } else { "" };
        (end + of.len() / 3, format!("{text}{of}"))
    };
    if word(at, "smoothed smoothened smoothing") {
        let from = at + 1 + usize::from(word(at + 1, "over with by across out using"));
        let from = from + usize::from(word(from, "out over with"));
        if let Some((text, end)) = stretch(said, from) {
            let end = end + usize::from(word(end, "window windows"));
            return Some((at, end, text));
        }
        // `smoothed with a moving average of 30 days`
        let (_, end, text) = (at + 1..at + 8).find_map(|i| moving(said, i))?;
        return Some((at, end, text));
    }
    if !word(at, ROLLING) || word(at + 1, "total sum totals time") {
        return None;
    }
    if let Some((text, end)) = stretch(said, at + 1) {
        let noun = end + usize::from(word(end, MEAN));
        let noun = noun + usize::from(noun == end && word(end, "window"));
        let (end, text) = of(noun, text);
        return Some((lead(at), end, text));
    }
    // `3 month moving average`
    let hyphen = usize::from(at > 2 && said[at - 2].is('-'));
    let counted = at.checked_sub(2 + hyphen);
    let counted = counted.filter(|&i| word(at + 1, MEAN) && super::stretches::count(said, i).is_some());
    if let Some((from, (text, end))) = counted.and_then(|i| Some((i, stretch(said, i)?))).filter(|(_, (_, e))| *e == at)
    {
        return Some((from, end + 2, text));
    }
    // `rolling average over 12 months`
    if word(at + 1, MEAN) {
        let counted = |i: usize| word(i, "of") && super::stretches::count(said, i + 1).is_some();
        let over = |i: &usize| (word(*i, "over") || counted(*i)) && stretch(said, i + 1).is_some();
        let over = (at + 2..said.len().min(at + 8)).find(over);
        if let Some((over, (text, end))) = over.and_then(|o| Some((o, stretch(said, o + 1)?))) {
            let what: Vec<&str> = said[at + 2..over].iter().map(|t| t.text.as_str()).collect();
            return Some((at, end, format!("{text} {}", what.join(" "))));
        }
        // `weekly rolling average`
        let adverb = at.checked_sub(1).filter(|&i| word(i, "weekly monthly quarterly yearly annual"));
        let (text, _) = stretch(said, adverb?)?;
        return Some((at - 1, at + 2, text));
    }
    None
}

/// `how much did sales grow each year`, `by how many percent did it change from month to month`: its change.
fn grown(said: &[Token], at: usize) -> Option<(usize, usize, String)> {
    const MOVED: &str = "grow grew grown change changed rise rose risen increase increased fall fell fallen drop dropped decrease \
        decreased decline declined shrink shrank move moved differ differed";
    let word = |i: usize, list: &str| is(said.get(i), list);
    let by = usize::from(word(at, "by"));
    let asked = at + by;
    let verb = match () {
        () if word(asked, "how") && word(asked + 1, "much") => asked + 2,
        () if word(asked, "how") && word(asked + 1, "many") && word(asked + 2, "percent percentage points") => {
            asked + 3 + usize::from(word(asked + 3, "points"))
        }
        () if word(asked, "what") && word(asked + 1, "percent percentage share") && by > 0 => asked + 2,
        () if by == 0 && at == 0 && word(at, "did do does has have") => at,
        () => return None,
    };
    if !word(verb, "did does do has have") {
        return None;
    }
    let moved = (verb + 2..said.len()).find(|&i| word(i, MOVED))?;
    let one = |i: usize| i + usize::from(word(i, "from") && word(i + 1, "one"));
    let each = |i: usize| word(i, "each every per from") && is(said.get(one(i) + 1), STEPS);
    let end = (moved + 1..said.len().min(moved + 5)).find(|&i| each(i))?;
    let step = said[one(end) + 1].lower.clone();
    // `from year to year`, `from one year to the next`
    let to = one(end) + 2;
    let end = match () {
        () if word(end, "from") && word(to, "to") && word(to + 1, "the another") => to + 3,
        () if word(end, "from") && word(to, "to") => to + 2,
        () => end + 2,
    };
    let what: Vec<&str> = said[verb + 1..moved].iter().map(|t| t.text.as_str()).collect();
    Some((at, end, format!("change in {} per {step}", what.join(" "))))
}

/// `how many more or fewer than the year before`, `and how much it rose against the previous month`: step over step.
fn against_before(said: &[Token], at: usize) -> Option<(usize, usize, String)> {
    let word = |i: usize, list: &str| is(said.get(i), list);
    // `the year before`, `the previous month`
    let before = |from: usize| {
        let from = from + usize::from(word(from, "in on of"));
        let from = from + usize::from(word(from, "the"));
        let (step, end) = match () {
            () if word(from, STEPS) && word(from + 1, "before earlier prior") => (from, from + 2),
            () if word(from, "previous prior preceding last") && word(from + 1, STEPS) => (from + 1, from + 2),
            () => return None,
        };
        Some((said[step].lower.clone(), end))
    };
    let more = word(at, "more fewer less") && word(at + 1, "or") && word(at + 2, "less fewer more");
    if more {
        let than = (at + 3..said.len()).find(|&i| word(i, "than") && before(i + 1).is_some())?;
        let (step, end) = before(than + 1)?;
        let from = if at >= 2 && word(at - 2, "how") { at - 2 } else { at };
        let what: Vec<&str> = said[at + 3..than].iter().map(|t| t.text.as_str()).collect();
        // `for every year`
        let rest = end + usize::from(said.get(end).is_some_and(|t| t.is(',')));
        let each = word(rest, "for in") && word(rest + 1, "each every") && word(rest + 2, STEPS);
        let end = if each { rest + 3 } else { end };
        return Some((from, end, format!("change in {} {step} over {step}", what.join(" "))));
    }
    // `and how much it rose or fell against the previous month`
    let clause =
        word(at, "and with") && word(at + 1, "how by the its") || word(at, "and") && word(at + 1, "change difference");
    let told = (at + 1..said.len().min(at + 7)).any(|i| {
        word(
            i,
            "rose fell rise fall changed change grew grow difference differed growth increase decrease increased moved",
        )
    });
    let joint = (at + 2..said.len().min(at + 10))
        .find(|&i| word(i, "against from to since on over than compared vs versus with") && before(i + 1).is_some());
    let joint = joint.filter(|_| clause && told)?;
    let (step, end) = before(joint + 1)?;
    let earlier = said[..at].iter().any(|t| is(Some(t), STEPS) || super::words::stem(&t.lower).starts_with(&step));
    earlier.then(|| (at, end, format!("{step} over {step}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vizroom_protocol::file::{Column, ColumnType};

    use crate::samples::{figure, sql, text};

    #[test]
    fn moving_averages_and_changes_are_said_in_many_ways() {
        let days = (Some(json!("2010-01-01")), Some(json!("2017-12-31")));
        let date = Column { kind: ColumnType::Date, min: days.0, max: days.1, ..text("date", 2_900, 0, &[]) };
        let columns = || vec![date.clone(), text("shop", 9, 0, &["Ulm"]), figure("sales", 900, 0, 4_000)];
        for (prompt, wanted) in [
            ("rolling one-month mean of the sales", "ROWS BETWEEN 29 PRECEDING"),
            ("sales averaged over a rolling 12 months", "ROWS BETWEEN 11 PRECEDING"),
            ("sales per day smoothed over a week", "ROWS BETWEEN 6 PRECEDING"),
            ("sales per month with a rolling 3 month average", "ROWS BETWEEN 2 PRECEDING"),
            ("rolling five-year average of sales per year", "ROWS BETWEEN 4 PRECEDING"),
            ("weekly rolling average of sales", "ROWS BETWEEN 6 PRECEDING"),
            ("sales per day, smoothed with a 7-day average", "ROWS BETWEEN 6 PRECEDING"),
            ("sales smoothed with a moving average of 30 days", "ROWS BETWEEN 29 PRECEDING"),
            ("sales per month, with the change against the month before", "LAG("),
            ("by what percentage did sales rise or fall from one year to the next", "LAG("),
            ("rolling average of the sales over 30 days", "ROWS BETWEEN 29 PRECEDING"),
            ("by how many percent did sales change each month", "LAG(SUM(\"sales\"))"),
            ("how much did the sales grow every year", "LAG(SUM(\"sales\"))"),
            ("yearly growth of sales in percent", "LAG(SUM(\"sales\"))"),
            ("sales each month and how much they rose or fell against the previous month", "LAG(SUM(\"sales\"))"),
            ("how many more or fewer sales than the year before, for every year", "LAG("),
        ] {
            let query = sql(prompt, "shops", columns());
            assert!(query.contains(wanted) && !query.contains("WHERE"), "{prompt}: {query}");
        }
    }

    #[test]
    fn stretches_end_where_the_data_does() {
        let days = (Some(json!("2010-01-01")), Some(json!("2017-12-31")));
        let date = Column { kind: ColumnType::Date, min: days.0, max: days.1, ..text("date", 2_900, 0, &[]) };
        let columns = || vec![date.clone(), text("shop", 9, 0, &["Ulm"]), figure("sales", 900, 0, 4_000)];
        for (prompt, wanted) in [
            ("sales per shop over the past year of data", ">= DATE '2017-01-01'"),
            ("sales per shop over the final two years", ">= DATE '2016-01-01'"),
            ("sales per shop in the last half year", ">= DATE '2017-07-01'"),
            ("sales per shop starting in 2014", ">= DATE '2014-01-01'"),
            ("sales per shop from 2015 to now", ">= DATE '2015-01-01'"),
            ("in which month were sales highest", "LIMIT 1"),
            ("year with the most sales", "LIMIT 1"),
            ("year with the record number of sales", "LIMIT 1"),
            ("sales in the years 2012-2015 by shop", "< DATE '2016-01-01'"),
            ("decade by decade, the sum of the sales", "\"decade\""),
            ("which shops' sales grew the most from 2013 to 2014, in percent", "- 1"),
            ("were there more sales in 2012 or in 2013", ">= DATE '2013-01-01'"),
        ] {
            let query = sql(prompt, "shops", columns());
            assert!(query.contains(wanted), "{prompt}: {query}");
        }
        assert!(!sql("the best months for sales", "shops", columns()).ends_with("LIMIT 1"));
    }
}
