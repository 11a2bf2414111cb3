//! Turns of phrase that are said otherwise before anything is matched: `compare 2015 with 2016`, `over 2006`, `highest, not
//! lowest`, and the title that a prompt gives its card.

use super::lexicon::{self, Keyword};
use super::words::{Kind, Token, is, tokens};

/// Steps and courses of time: beside these `over 2006` is no limit.
const COURSES: &str = "cumulative cumulatively cumulated running rolling moving daily weekly monthly quarterly yearly trend course develop evolve";

/// The sentence as other prompts would say it.
pub fn rewritten(mut said: Vec<Token>) -> Vec<Token> {
    first_ones(&mut said);
    paid(&mut said);
    side_by_side(&mut said);
    in_year(&mut said);
    ends_of_years(&mut said);
    left_out(&mut said);
    negated(&mut said);
    steps(&mut said);
    courses(&mut said);
    sorted_again(&mut said);
    super::winners::led(said)
}

/// `do tenants pay higher interest`: what they pay is said.
fn paid(said: &mut Vec<Token>) {
    const VERBS: &str = "pay pays paid get gets got have has had";
    let more = |t: Option<&Token>| is(t, "higher lower bigger larger smaller greater");
    let asks = is(said.first(), "do does did");
    let verb = (1..said.len()).find(|&i| asks && is(said.get(i), VERBS) && more(said.get(i + 1)));
    if let Some(at) = verb.filter(|&i| said.get(i + 2).is_some_and(|t| t.kind == Kind::Word && !is(Some(t), "than"))) {
        said.remove(at);
    }
}

/// `teams with total pay, sorted by pay`: by what is shown already, which is said by the direction alone.
fn sorted_again(said: &mut Vec<Token>) {
    let sorts = |s: &[Token], i: usize| is(s.get(i), "sorted ordered ranked sort order rank") && is(s.get(i + 1), "by");
    let Some(at) = (1..said.len()).find(|&i| sorts(said, i)) else { return };
    let end = (at + 2..said.len()).find(|&i| said[i].kind != Kind::Word).unwrap_or(said.len());
    let small = |t: &Token| lexicon::is_filler(&t.lower);
    // Not by a group: `sales by region, sorted by region`.
    let before = |t: &Token| (0..at).any(|i| said[i].stem == t.stem && (i == 0 || !is(said.get(i - 1), "by per each")));
    let words: Vec<&Token> = said[at + 2..end].iter().filter(|t| !small(t)).collect();
    if (1..=3).contains(&words.len()) && words.iter().all(|t| before(t)) {
        said.splice(at..end, tokens("descending"));
    }
}

/// `rolling 3 month average`, `percentage change from 2015 to 2016`, `difference between 2015 and 2016`, `side by side`.
fn courses(said: &mut Vec<Token>) {
    let moving = |s: &[Token], i: usize| (i + 1..i + 5).any(|n| is(s.get(n), "moving"));
    let twice = |s: &[Token], i: usize| is(s.get(i), "rolling trailing running") && moving(s, i);
    while let Some(at) = (0..said.len()).find(|&i| twice(said, i)) {
        said.remove(at);
    }
    // `before and after 2000`
    let either = |s: &[Token], i: usize| {
        is(s.get(i), "before")
            && is(s.get(i + 1), "and or vs versus")
            && is(s.get(i + 2), "after since")
            && is_year(s.get(i + 3))
    };
    if let Some(at) = (1..said.len()).find(|&i| either(said, i)) {
        let year = said[at + 3].text.clone();
        said.splice(at..at + 4, tokens(&format!("since {year} vs before {year}")));
    }
    let aside = |i: usize| is(said.get(i), "side") && is(said.get(i + 1), "by") && is(said.get(i + 2), "side");
    if let Some(at) = (1..said.len()).find(|&i| aside(i)) {
        said.drain(at..at + 3);
    }
    // `from 2015 to 2016`, `between 2015 and 2016`
    let span = |s: &[Token], i: usize| {
        is(s.get(i), "from between") && is_year(s.get(i + 1)) && is(s.get(i + 2), "to and") && is_year(s.get(i + 3))
    };
    let Some(at) = (1..said.len()).find(|&i| span(said, i)) else { return };
    let (from, to) = (said[at + 1].text.clone(), said[at + 3].text.clone());
    let parts = |t: &Token| is(Some(t), "percentage percent relative");
    let change = (1..said.len()).find(|&i| is(said.get(i), "change") && parts(&said[i - 1]));
    if let Some(change) = change {
        let growth =
            |n: usize| said[..n - 1].iter().cloned().chain(tokens("growth")).chain(said[n + 1..].iter().cloned());
        let mut out: Vec<Token> = growth(change).collect();
        if let Some(at) = (0..out.len()).find(|&i| span(&out, i)) {
            out.splice(at..at + 4, tokens(&format!("{to} vs {from}")));
        }
        *said = out;
    } else if is(said.get(at - 1), "difference differences") {
        let end = at + 4 + usize::from(is(said.get(at + 4), "in of for"));
        let figure: Vec<Token> = said.drain(end.min(said.len())..).collect();
        let by = figure.iter().position(|t| is(Some(t), "by per for")).unwrap_or(figure.len());
        if by == 0 {
            return said.extend(figure);
        }
        said.truncate(at - 1);
        let whole = by == figure.len();
        said.extend(tokens(if whole { "" } else { "change in" }));
        said.extend(figure[..by].iter().cloned());
        said.extend(tokens(&if whole { format!("{to} vs {from}") } else { format!("from {from} to {to}") }));
        said.extend(figure[by..].iter().cloned());
    }
}

/// `orders that didn't come from the web`: they did not.
fn negated(said: &mut [Token]) {
    const VERBS: &str = "didnt doesnt isnt wasnt arent werent hasnt havent hadnt";
    let whose = |t: &Token| is(Some(t), "that who which whose where");
    let Some(from) = said.iter().position(whose) else { return };
    for token in &mut said[from + 1..] {
        if is(Some(token), VERBS)
            && let Some(not) = tokens("not").into_iter().next()
        {
            *token = not;
        }
    }
}

/// `all regions but West`, `neither lamps nor mugs`: what is left out.
fn left_out(said: &mut [Token]) {
    const ALL: &str = "all every everything everyone everybody any anything";
    let all = |at: usize| (at.saturating_sub(3)..at).any(|i| is(said.get(i), ALL));
    let but = (1..said.len()).find(|&i| is(said.get(i), "but") && all(i));
    let neither = said.iter().position(|t| t.lower == "neither");
    let nor = neither.and_then(|n| (n..said.len()).find(|&i| is(said.get(i), "nor")));
    let neither = neither.filter(|_| nor.is_some());
    for (at, word) in [(but, "except"), (neither, "without"), (nor, "or")] {
        if let (Some(at), Some(new)) = (at, tokens(word).into_iter().next()) {
            said[at] = new;
        }
    }
}

/// `Q1 of 2016`, `the last full month`, `by how much did sales grow`: without the words that change nothing.
fn steps(said: &mut Vec<Token>) {
    const QUARTERS: [&str; 4] = ["first 1st", "second 2nd", "third 3rd", "fourth 4th last final"];
    for at in 0..said.len().saturating_sub(3) {
        let nth = QUARTERS.iter().position(|q| is(said.get(at), q));
        let year = is(said.get(at + 2), "of in") && is_year(said.get(at + 3));
        if let Some(nth) = nth.filter(|_| year && is(said.get(at + 1), "quarter")) {
            said.splice(at..at + 3, tokens(&format!("Q{}", nth + 1)));
        }
    }
    let month = |t: &Token| super::vocabulary::month_number(&t.lower).is_some() || is(Some(t), "q1 q2 q3 q4");
    let of = |s: &[Token], i: usize| is(s.get(i), "of in") && i > 0 && month(&s[i - 1]) && is_year(s.get(i + 1));
    while let Some(at) = (1..said.len()).find(|&i| of(said, i)) {
        said.remove(at);
    }
    let full = |s: &[Token], i: usize| {
        is(s.get(i), "full complete whole entire finished")
            && is(s.get(i.wrapping_sub(1)), "last latest past recent newest previous")
            && is(s.get(i + 1), "day week month quarter year")
    };
    while let Some(at) = (1..said.len()).find(|&i| full(said, i)) {
        said.remove(at);
    }
    // `each month with the one before`
    let step = |i: usize| is(said.get(i + 1), "day week month quarter year");
    let each = (0..said.len()).find(|&i| is(said.get(i), "each every") && step(i));
    let one = |i: &usize| {
        let beside = is(said.get(i + 1), "before") || is(said.get(i - 1), "previous last");
        beside && is(said.get(*i), "one")
    };
    if let Some((each, one)) = each.and_then(|e| Some((e, (e + 2..said.len()).find(one)?))) {
        said[one] = said[each + 1].clone();
    }
    // `the final week`, `the final 3 months`
    for at in 0..said.len() {
        let number = usize::from(said.get(at + 1).is_some_and(|t| t.number().is_some()));
        let step = is(said.get(at + 1 + number), "day days week weeks month months quarter quarters year years");
        if step
            && is(said.get(at), "final")
            && let Some(last) = tokens("last").into_iter().next()
        {
            said[at] = last;
        }
    }
    // `revenue per order by channel` sorts nothing.
    let order =
        |i: usize| is(said.get(i), "order") && is(said.get(i - 1), "per each every") && is(said.get(i + 1), "by");
    if let Some(at) = (1..said.len()).find(|&i| order(i)) {
        said.splice(at..=at, tokens("orders"));
    }
    let by = usize::from(is(said.first(), "by"));
    if is(said.get(by), "how") && is(said.get(by + 1), "much") && is(said.get(by + 2), "did has have") {
        const MOVES: &str = "grow grown increase increased rise risen fall fallen drop dropped decline declined decrease decreased \
            change changed shrink shrunk";
        let moves = |t: &Token| MOVES.split_ascii_whitespace().any(|w| w == t.lower);
        // Between two times it is a change already.
        let span = said.iter().any(|t| is(Some(t), "between from since to vs until"));
        if said.iter().any(moves) {
            said.drain(..if span { by } else { by + 2 });
        }
    }
}

/// `up to the end of 2015`, `since the beginning of 2014`: that year is the last or the first.
fn ends_of_years(said: &mut Vec<Token>) {
    for at in 1..said.len() {
        let article = usize::from(is(said.get(at), "the"));
        let noun = |list: &str| is(said.get(at + article), list) && is(said.get(at + article + 1), "of");
        if !is_year(said.get(at + article + 2)) {
            continue;
        }
        let last = noun("end close") && is(said.get(at - 1), "to until till through");
        let first = noun("start beginning begin") && is(said.get(at - 1), "since from");
        if let Some(word) = tokens(if last { "until" } else { "since" }).into_iter().next().filter(|_| last || first) {
            let up = usize::from(last && at > 1 && is(said.get(at - 2), "up"));
            said.splice(at - 1 - up..at + article + 2, [word]);
            return;
        }
    }
}

fn is_year(token: Option<&Token>) -> bool {
    token.is_some_and(|t| t.text.len() == 4 && t.number().is_some_and(|n| (1500.0..=2200.0).contains(&n)))
}

/// `compare 2015 with 2016`, `march compared to april`: two of a kind side by side, and not from the one to the other.
fn side_by_side(said: &mut [Token]) {
    let timed = |t: Option<&Token>| {
        is_year(t) || t.is_some_and(|t| t.kind == Kind::Day || super::vocabulary::month_number(&t.lower).is_some())
    };
    let Some(verb) = said.iter().position(|t| is(Some(t), "compare compares comparing contrast")) else { return };
    let joint = (verb + 2..said.len().min(verb + 8)).find(|&i| is(said.get(i), "with to and against"));
    let Some(joint) = joint.filter(|&i| timed(said.get(i - 1))) else { return };
    let small = |i: &usize| is(said.get(*i), "the year month in that of");
    let next = (joint + 1..said.len()).find(|i| !small(i));
    if next.is_some_and(|i| timed(said.get(i)))
        && let Some(versus) = tokens("vs").into_iter().next()
    {
        said[joint] = versus;
    }
}

/// `most expensive first`, `lowest first`: the order; `mean a higher price`: an article says nothing.
fn first_ones(said: &mut Vec<Token>) {
    let end = |t: Option<&Token>| t.is_none_or(|t| t.kind != Kind::Word);
    let rank = |t: &Token| lexicon::keyword(&t.lower, &t.stem);
    for at in 1..said.len() {
        let order = match rank(&said[at]) {
            Some(Keyword::Rank(lexicon::Rank::Most)) => "descending",
            Some(Keyword::Rank(lexicon::Rank::Least)) => "ascending",
            _ => continue,
        };
        let word = usize::from(is(Some(&said[at]), "most least") && !is(said.get(at + 1), "first"));
        let first = at + 1 + word;
        if is(said.get(first), "first") && end(said.get(first + 1)) {
            said.splice(at..=first, tokens(order));
            break;
        }
    }
    let article = |s: &[Token], i: usize| {
        is(s.get(i), "mean means")
            && is(s.get(i + 1), "a an")
            && is(s.get(i + 2), "higher lower better bigger larger longer")
    };
    if let Some(at) = (1..said.len()).find(|&i| article(said, i)) {
        said.remove(at + 1);
    }
}

/// `cumulative sales over 2006`: within it.
fn in_year(said: &mut [Token]) {
    if !said.iter().any(|t| is(Some(t), COURSES)) {
        return;
    }
    for at in 1..said.len().saturating_sub(1) {
        let ends =
            said.get(at + 2).is_none_or(|t| t.kind != Kind::Word || is(Some(t), "by per for in and as for with"));
        if is(said.get(at), "over throughout across") && is_year(said.get(at + 1)) && ends {
            said[at].text = "in".into();
            said[at].lower = "in".into();
            said[at].stem = "in".into();
        }
    }
}

/// `highest, not lowest`, `bars, not lines`: the one instead of the other, where both are words of charts.
pub fn not_the_other(mut said: Vec<Token>) -> Vec<Token> {
    let manner = |t: &Token| {
        use Keyword::{Agg, Ascending, Chart, Count, Course, Descending, Grain, Rank, Share};
        let keyword = lexicon::keyword(&t.lower, &t.stem);
        matches!(
            keyword,
            Some(Agg(_) | Ascending | Chart(_) | Count | Course(..) | Descending | Grain(_) | Rank(_) | Share)
        )
    };
    let Some(not) = said.iter().position(|t| t.lower == "not").filter(|&at| at > 0) else { return said };
    let rest = &said[not + 1..];
    let small = |t: &Token| lexicon::is_filler(&t.lower) || is(Some(t), "the a an by per in as of");
    let bare = rest.iter().any(manner) && rest.iter().all(|t| manner(t) || small(t));
    // `the longest, not the average` is the longest of each.
    let average = |t: &Token| matches!(lexicon::keyword(&t.lower, &t.stem), Some(Keyword::Agg(_)));
    let ranks = |t: &Token| matches!(lexicon::keyword(&t.lower, &t.stem), Some(Keyword::Rank(_)));
    if bare && rest.iter().any(average) && said[..not].iter().any(ranks) {
        let comma = usize::from(said[not - 1].is(','));
        said.splice(not - comma..=not, super::words::tokens("instead of"));
        return said;
    }
    if bare && said[..not].iter().any(manner) {
        said.truncate(not);
        while said.last().is_some_and(|t| t.kind != Kind::Word && t.number().is_none()) {
            said.pop();
        }
    }
    said
}

/// `remove this chart and show arrivals per month instead`: what comes in its place says it all.
pub fn in_its_place(mut said: Vec<Token>) -> Vec<Token> {
    let goes = is(said.first(), "remove delete drop scrap ditch discard");
    let instead = said.last().is_some_and(|t| t.lower == "instead");
    let chart = |t: &Token| is(Some(t), "it this that chart card graph plot one");
    let verb = said.iter().position(|t| is(Some(t), "show give use draw plot put make add display"));
    if let Some(verb) = verb.filter(|&at| goes && instead && said[1..at].iter().any(chart)) {
        said.drain(..verb);
    }
    said
}

/// The prompt without the title that it gives its card, and the title: `… titled "Sales of the year"`.
pub fn titled(mut said: Vec<Token>) -> (Vec<Token>, Option<String>) {
    let named = |i: usize| is(said.get(i), "titled entitled called named captioned title caption heading headline");
    let Some(at) = (0..said.len()).find(|&i| named(i)) else { return (said, None) };
    let small = |i: &usize| is(said.get(*i), "it as to is be") || said.get(*i).is_some_and(|t| t.is(':'));
    let Some(quoted) = (at + 1..at + 4).find(|i| !small(i)).filter(|&i| i < said.len()) else { return (said, None) };
    if said[quoted].kind != Kind::Quoted {
        return (said, None);
    }
    let title = said[quoted].text.trim().to_owned();
    let lead = (0..at).rev().take_while(|&i| is(said.get(i), "with the a an and under and give it")).last();
    said.drain(lead.unwrap_or(at)..=quoted);
    while said.last().is_some_and(|t| t.is(',') || t.is('.') || t.is(':')) {
        said.pop();
    }
    let empty = title.is_empty() || said.is_empty();
    (said, (!empty).then_some(title))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vizroom_protocol::dashboard::CardKind;
    use vizroom_protocol::file::{Column, ColumnType, Dataset};

    use crate::samples::{figure, sql, text};
    use crate::{Change, Goal, Placed};

    fn columns() -> Vec<Column> {
        let (min, max) = (Some(json!("2013-01-01")), Some(json!("2016-12-28")));
        let date = Column { kind: ColumnType::Date, min, max, ..text("order_date", 1_200, 0, &[]) };
        let regions = text("region", 2, 0, &["West", "East"]);
        let revenue = Column { mean: Some(400.0), ..figure("revenue", 900, 1, 5_000) };
        vec![date, regions, revenue, figure("cost", 800, -40, 2_000)]
    }

    fn goal(prompt: &str) -> Goal {
        let data = [Dataset { name: "shop".into(), rows: 4_000, columns: columns() }];
        let plan = crate::plan(prompt, &data, None);
        assert_eq!(plan.goals.len(), 1, "{prompt}: {plan:#?}");
        plan.goals.into_iter().next().unwrap_or_else(|| unreachable!())
    }

    #[test]
    fn turns_of_phrase_are_understood() {
        for (prompt, wanted) in [
            ("compare 2015 with 2016, revenue per region", "CASE WHEN \"order_date\" >= DATE '2016-01-01'"),
            ("cumulative revenue over 2015", "\"order_date\" < DATE '2016-01-01'"),
            ("revenue until the end of 2014 by region", "\"order_date\" < DATE '2015-01-01'"),
            ("revenue outside West by month", "\"region\" <> 'West'"),
            ("in which year did revenue peak", "ORDER BY \"total_revenue\" DESC"),
            ("regions where the average revenue is over 200", "HAVING AVG(\"revenue\") > 200"),
            ("how did revenue and cost develop over the years", "AS \"total_cost\""),
            ("revenue per month, one line per region", "\"region\" AS \"region\""),
            ("median revenue and median cost per region in one table", "AS \"median_cost\""),
            ("a box for each region: spread of revenue", "\"region\" AS \"region\", MIN(\"revenue\")"),
            ("orders where the cost is negative by region", "\"cost\" < 0"),
            ("revenue of all regions but West by month", "\"region\" <> 'West'"),
            ("orders that didn't come from the West by month", "\"region\" <> 'West'"),
            ("revenue by month, a line for each year", "date_part('month'"),
            ("rolling 3 month average of revenue by region", "ROWS BETWEEN 2 PRECEDING"),
            ("percentage change in revenue from 2015 to 2016", "- 1"),
            ("difference between 2015 and 2016 revenue per region", "COALESCE(SUM("),
            ("difference between 2015 and 2016 in revenue", "\"order_date\" >= DATE '2016-01-01'"),
            ("revenue by region sorted alphabetically", "ORDER BY \"region\""),
            ("which regions made more than 300000 in 2015", "HAVING SUM(\"revenue\") > 300000"),
            ("years with more than 900 orders", "HAVING COUNT(*) > 900"),
            ("number of orders in revenue ranges of 500", "/ 500.0) * 500.0"),
            ("the 10 most recent orders", "ORDER BY \"order_date\" DESC"),
            ("revenue in the first quarter of 2016 by region", "< DATE '2016-04-01'"),
            ("each region's share of the revenue in 2015", "SUM(\"revenue\")"),
            ("by how much did revenue grow in 2015", "\"order_date\" >= DATE '2014-01-01'"),
        ] {
            let sql = sql(prompt, "shop", columns());
            assert!(sql.contains(wanted), "{prompt}: {sql}");
        }
        let named = goal("revenue by region as a donut titled \"What we sell\"");
        assert_eq!((named.kind, named.title.as_str()), (CardKind::Donut, "What we sell"));
    }

    #[test]
    fn open_words_ask_for_an_overview() {
        let data = [Dataset { name: "shop".into(), rows: 4_000, columns: columns() }];
        for prompt in ["the most interesting things about this data", "what should I know?", "overview of the regions"]
        {
            let plan = crate::plan(prompt, &data, None);
            assert!(plan.goals.len() > 1, "{prompt}: {plan:#?}");
        }
    }

    #[test]
    fn what_takes_the_place_of_something_is_all_that_counts() {
        let data = [Dataset { name: "shop".into(), rows: 4_000, columns: columns() }];
        for (prompt, said, wanted) in [
            ("top 5 regions by revenue", "lowest, not highest", "\"total_revenue\" ASC"),
            ("orders by region", "remove this chart and show revenue per month instead", "SUM(\"revenue\")"),
            ("revenue by region", "show the cost next to it", "SUM(\"revenue\")"),
            ("revenue per month", "up to the end of 2015", "WHERE \"order_date\" < DATE '2016-01-01'"),
            ("revenue per month", "aggregate by year", "'year'"),
        ] {
            let card = goal(prompt);
            let refined = crate::refine(said, None, &[Placed { key: "chart_1", goal: &card }], &data);
            let [Change::Replace { goal, .. }] = refined.changes.as_slice() else { panic!("{said}: {refined:#?}") };
            assert!(goal.query.sql().contains(wanted), "{said}: {}", goal.query.sql());
        }
    }
}
