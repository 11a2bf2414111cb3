//! What comes before what is said: `august a year earlier`, `from one day to the next`, `was 2017 warmer than 2016`.

use super::vocabulary::month_number;
use super::words::{Token, is, tokens};

/// Steps of time that follow each other.
const STEPS: &str = "hour day week month quarter year";

/// The sentence with what stands for such turns elsewhere.
pub fn rewritten(mut said: Vec<Token>) -> Vec<Token> {
    a_year_earlier(&mut said);
    one_after_the_other(&mut said);
    this_or_that(&mut said);
    // `was 2017 warmer than 2016`
    for at in 2..said.len() {
        let next = at + 1 + usize::from(is(said.get(at + 1), "in"));
        let graded = said[at - 1].lower.ends_with("er");
        let earlier = said[..at].iter().any(|t| year(Some(t)).is_some());
        if said[at].lower == "than" && graded && earlier && year(said.get(next)).is_some() {
            said.splice(at..=at, tokens("vs"));
            break;
        }
    }
    said
}

/// `were there more in May or in June?`: the two side by side.
fn this_or_that(said: &mut Vec<Token>) {
    let more = |t: &Token| {
        let graded = t.lower.len() > 4 && t.lower.ends_with("er") && super::thesaurus::is_comparative(&t.lower);
        graded || is(Some(t), "more less fewer most fewest better worse higher lower bigger larger")
    };
    let timed = |t: Option<&Token>| {
        year(t).is_some()
            || t.is_some_and(|t| {
                month_number(&t.lower).is_some() || super::vocabulary::weekday_number(&t.lower).is_some()
            })
    };
    for at in 1..said.len() {
        let small = |i: &usize| is(said.get(*i), "in on the during");
        let next = (at + 1..said.len()).find(|i| !small(i)).unwrap_or(said.len());
        if is(said.get(at), "or") && timed(said.get(at - 1)) && timed(said.get(next)) && said[..at].iter().any(more) {
            said.splice(at..next, tokens("vs"));
            return;
        }
    }
}

fn year(token: Option<&Token>) -> Option<i64> {
    let number = token?.number()?;
    (number.fract() == 0.0 && (1500.0..2200.0).contains(&number)).then_some(number as i64)
}

/// `august 2017 compared with august a year earlier`, `july 2017 vs the same month of the previous year`
fn a_year_earlier(said: &mut Vec<Token>) {
    let Some(at) = (1..said.len()).find(|&i| year(said.get(i)).is_some() && month_number(&said[i - 1].lower).is_some())
    else {
        return;
    };
    let Some(before) = year(said.get(at)).map(|y| y - 1) else { return };
    for from in at + 1..said.len() {
        let month =
            is(said.get(from), "same") && is(said.get(from + 1), "month") || said[from].lower == said[at - 1].lower;
        if !month {
            continue;
        }
        let end = from + 1 + usize::from(is(said.get(from), "same"));
        let small = (end..said.len()).take_while(|&i| is(said.get(i), "of in the a one")).last().map_or(end, |i| i + 1);
        let told = match () {
            () if is(said.get(small), "year") && is(said.get(small + 1), "earlier before ago prior") => Some(small + 2),
            () if is(said.get(small), "previous prior last preceding") && is(said.get(small + 1), "year") => {
                Some(small + 2)
            }
            () => None,
        };
        if let Some(to) = told {
            let from = from - usize::from(is(said.get(from - 1), "the"));
            let name = said[at - 1].lower.clone();
            said.splice(from..to, tokens(&format!("{name} {before}")));
            return;
        }
    }
}

/// `change from one day to the next`, `the change from the month before`: day over day.
fn one_after_the_other(said: &mut Vec<Token>) {
    let next = |i: usize| {
        is(said.get(i), "from")
            && is(said.get(i + 1), "one")
            && is(said.get(i + 2), STEPS)
            && is(said.get(i + 3), "to")
            && is(said.get(i + 4), "the another next")
    };
    if let Some(at) = (0..said.len()).find(|&i| next(i)) {
        let end = at + 5 + usize::from(is(said.get(at + 5), "next other following"));
        let step = said[at + 2].lower.clone();
        said.splice(at..end, tokens(&format!("{step} over {step}")));
        return;
    }
    let before = |i: usize| {
        is(said.get(i), "change changes difference growth")
            && is(said.get(i + 1), "from to on over against")
            && is(said.get(i + 2), "the")
            && (is(said.get(i + 3), STEPS) && is(said.get(i + 4), "before earlier prior")
                || is(said.get(i + 3), "previous prior preceding") && is(said.get(i + 4), STEPS))
    };
    if let Some(at) = (0..said.len()).find(|&i| before(i)) {
        let step = if is(said.get(at + 3), STEPS) { &said[at + 3] } else { &said[at + 4] }.lower.clone();
        said.splice(at + 1..at + 5, tokens(&format!("{step} over {step}")));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vizroom_protocol::file::{Column, ColumnType};

    use crate::samples::{figure, sql, text};

    #[test]
    fn what_comes_before_is_compared_with() {
        let days = (Some(json!("2010-01-01")), Some(json!("2017-12-31")));
        let date = Column { kind: ColumnType::Date, min: days.0, max: days.1, ..text("date", 2_900, 0, &[]) };
        let columns = || vec![date.clone(), figure("avg_temp", 60, -9, 38), figure("sales", 900, 0, 4_000)];
        for (prompt, wanted) in [
            ("was 2017 warmer than 2016", "DATE '2016-01-01'"),
            ("sales in august 2017 compared with august a year earlier", "DATE '2016-08-01'"),
            ("sales in july 2017 vs the same month of the previous year", "DATE '2016-07-01'"),
            ("how did the sales change from one month to the next", "LAG"),
        ] {
            let sql = sql(prompt, "days", columns());
            assert!(sql.contains(wanted), "{prompt}: {sql}");
        }
    }
}
