//! Segments that are one question: what it is about said before what is asked, and the same count of two kinds.

use super::intent::{Ask, Intent};
use super::query::{Agg, Op, Predicate};

/// Both in one, where they are one question.
pub fn together(previous: &Intent, next: &Intent) -> Option<Intent> {
    counted_apart(previous, next).or_else(|| topic(previous, next))
}

/// `how many schools are public and how many catholic`: the same count of two values of one column, side by side.
fn counted_apart(previous: &Intent, next: &Intent) -> Option<Intent> {
    let counts = |i: &Intent| {
        let silent = i.asks.is_empty() && i.rows;
        let told = |a: &Ask| a.agg == Some(Agg::Count) && a.field.is_none() || a.agg == Some(Agg::Distinct);
        silent || !i.asks.is_empty() && i.asks.iter().all(told)
    };
    let one = |p: &Predicate| p.op == Op::In && p.part.is_none() && p.values.len() == 1;
    let plain =
        |i: &Intent| i.rank.is_none() && i.top.is_none() && !i.share && i.periods.is_empty() && i.having.is_empty();
    let apart = |i: &Intent| counts(i) && plain(i) && i.unknown.is_empty();
    let ([first], [second]) = (previous.filters.as_slice(), next.filters.as_slice()) else { return None };
    let sides = one(first) && one(second) && first.source == second.source && first.values != second.values;
    if !(apart(previous) && apart(next) && sides && previous.groups.len() < 2 && next.groups.is_empty()) {
        return None;
    }
    let mut both = previous.clone();
    both.add_filters(next.filters.clone());
    both.compare = true;
    both.matched += next.matched;
    Some(both)
}

/// `with and without sales tax, average price`, `per region, how many earn more than 1000`: what the figure goes by, said
/// before it.
fn topic(previous: &Intent, next: &Intent) -> Option<Intent> {
    let figure = next.rows || next.agg.is_some() || !next.asks.is_empty();
    let asked = figure && next.rank.is_none() && next.unknown.is_empty() && !next.only_groups();
    if !(previous.only_groups() && previous.by && asked && previous.noun_grain.is_none()) {
        return None;
    }
    let mut both = next.clone();
    previous.groups.iter().for_each(|g| both.add_group(*g));
    both.add_filters(previous.filters.clone());
    both.by = true;
    both.chart = both.chart.or(previous.chart);
    both.matched += previous.matched;
    Some(both)
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql, text};

    #[test]
    fn sides_of_a_question_are_groups_of_one_card() {
        let columns = || {
            let flags = [text("churn", 2, 0, &["Yes", "No"]), text("male", 2, 0, &["Yes", "No"])];
            let plan = text("plan", 4, 0, &["Basic", "Gold"]);
            flags.into_iter().chain([plan, figure("charge", 900, 1, 9_000)]).collect::<Vec<_>>()
        };
        let sql = |prompt: &str| sql(prompt, "subscribers", columns());
        for prompt in
            ["median charge of people who churned vs people who stayed", "average charge with churn vs without"]
        {
            let query = sql(prompt);
            assert!(query.contains("\"churn\" AS") && !query.contains("WHERE"), "{prompt}: {query}");
        }
        let counts = sql("how many subscribers are basic and how many gold?");
        assert!(counts.contains("\"plan\" IN ('Basic', 'Gold')") && counts.contains("GROUP BY 1"), "{counts}");
        let ends = sql("for every plan the minimum and maximum charge");
        assert!(ends.contains("MIN(\"charge\")") && ends.contains("MAX(\"charge\")"), "{ends}");
        let limited = sql("by plan, number of subscribers with a charge over 100");
        assert!(limited.contains("\"charge\" > 100") && limited.contains("\"plan\" AS"), "{limited}");
        let sexes = sql("average charge by sex");
        assert!(sexes.contains("\"male\" AS"), "{sexes}");
        let women = sql("number of women by plan");
        assert!(women.contains("\"male\" = 'No'"), "{women}");
        let likelier = sql("are women more likely to churn?");
        assert!(likelier.contains("AVG(CASE WHEN \"churn\" = 'Yes'") && likelier.contains("\"male\" AS"), "{likelier}");
    }

    #[test]
    fn rows_that_a_figure_and_a_key_stand_beside_are_counted() {
        let columns = || {
            let (winery, title) = (text("winery", 200, 0, &["Rhea"]), text("title", 1_990, 0, &["A 1"]));
            vec![
                title,
                winery,
                text("province", 9, 0, &["Douro"]),
                figure("points", 20, 80, 100),
                figure("price", 90, 4, 400),
            ]
        };
        let sql = |prompt: &str| sql(prompt, "wine_reviews", columns());
        let limited = sql("top 10 wineries by average points with at least 12 reviews");
        assert!(limited.contains("HAVING COUNT(*) >= 12"), "{limited}");
        let scored = sql("how many wines scored above 95");
        assert!(scored.contains("\"points\" > 95"), "{scored}");
        let beside = sql("which province makes the most expensive wine");
        assert!(!beside.contains("winery"), "{beside}");
    }
}
