//! Parts of a prompt that go on with the card before, because one of the two is no request of its own, or because the
//! second says again what the first asked: `how did sales develop? average sales by month`, `a share of all, top 10`.

use vizroom_protocol::dashboard::CardKind;

use super::intent::{Ask, Intent};
use super::lexicon::Rank;
use super::merging;
use super::query::Agg;
use super::segments::Joint;

/// Adds `next` to the card before where it goes on with it; gives it back where it is a card of its own.
pub fn continued(previous: &mut Intent, next: Intent, joint: Joint, first: bool) -> Option<Intent> {
    if next.overview || previous.overview {
        return Some(next);
    }
    let next = match other_end(previous, &next) {
        Some(whole) => return Some(whole),
        None => next,
    };
    let goes_on = match joint {
        Joint::And => ranks_subject(previous, &next) || tells_of_list(previous, &next),
        Joint::Comma if tells_of_list(previous, &next) => true,
        _ => is_manner(&next) || names_again(previous, &next) || first && cuts(previous, &next),
    };
    if !goes_on {
        return Some(next);
    }
    merging::says_how(previous, &next);
    previous.absorb(next);
    None
}

/// `top 5 sleepers, and the bottom 5`, `cheapest and most expensive book`: both ends of one order, each a card; what one of
/// them does not say it has from the other.
fn other_end(previous: &mut Intent, next: &Intent) -> Option<Intent> {
    let low = |r: Rank| matches!(r, Rank::Bottom | Rank::Least | Rank::Worst);
    let opposite = previous.rank.zip(next.rank).is_some_and(|(a, b)| low(a) != low(b));
    let bare = |i: &Intent| {
        Intent { rank: None, top: None, asks: Vec::new(), matched: 0, ..i.clone() }.is_empty()
            && i.asks.iter().all(|a| a.agg.is_none() && a.over.is_none())
    };
    if !opposite {
        return None;
    }
    if bare(next) && next.asks.is_empty() && next.top.is_some() && previous.top.is_some() {
        return Some(Intent { rank: next.rank, top: next.top, ..previous.clone() });
    }
    if bare(previous) && !previous.asks.is_empty() && next.rows && next.groups.is_empty() && !next.asks.is_empty() {
        (previous.rows, previous.top) = (true, previous.top.or(next.top));
        previous.add_filters(next.filters.clone());
        return Some(next.clone());
    }
    None
}

fn has_figure(intent: &Intent) -> bool {
    !intent.asks.is_empty() || intent.rows
}

fn same_figure(a: &Ask, b: &Ask) -> bool {
    a.field == b.field && a.over == b.over && (a.agg == b.agg || a.agg.is_none() || b.agg.is_none())
}

/// `which species lives on Dream and weighs the most`: the figure that the groups before are ranked by.
fn ranks_subject(previous: &Intent, next: &Intent) -> bool {
    let subject = !has_figure(previous) && !previous.groups.is_empty() && !previous.by && previous.rank.is_none();
    subject && !next.asks.is_empty() && next.groups.is_empty() && next.rank.is_some() && previous.chart.is_none()
}

/// `a table of the penguins with their weight and flipper length`: a further column of a list of rows.
fn tells_of_list(previous: &Intent, next: &Intent) -> bool {
    let bare = |i: &Intent| i.asks.iter().all(|a| a.agg.is_none() && a.over.is_none() && a.field.is_some()) && !i.by;
    let rest = Intent { asks: Vec::new(), groups: Vec::new(), filters: Vec::new(), matched: 0, ..next.clone() };
    let things = previous.rows || !previous.groups.is_empty();
    let list = previous.chart == Some(CardKind::Table) && things;
    list && bare(previous) && bare(next) && rest.is_empty() && has_columns(next)
}

fn has_columns(intent: &Intent) -> bool {
    !intent.asks.is_empty() || intent.groups.iter().any(|g| g.field.is_some())
}

/// `…, correlated?`: nothing but how it is looked at.
fn is_manner(next: &Intent) -> bool {
    let histogram = next.chart == Some(CardKind::Histogram);
    let rest = Intent {
        correlation: false,
        exact: false,
        compare: false,
        outliers: false,
        distribution: false,
        chart: next.chart.filter(|_| !histogram),
        matched: 0,
        ..next.clone()
    };
    rest.is_empty() && (next.correlation || next.exact || next.outliers || next.distribution || histogram)
}

/// `what does a home cost in each city? (price)`: a figure that is there already, and nothing more.
fn names_again(previous: &Intent, next: &Intent) -> bool {
    let counts = |b: &Ask| b.field.is_none() && b.agg == Some(Agg::Count);
    let rows = previous.asks.is_empty() && !previous.distribution;
    let there = |b: &Ask| {
        (b.field.is_some() || counts(b)) && previous.asks.iter().any(|a| same_figure(a, b)) || rows && counts(b)
    };
    next.only_asks() && next.chart.is_none() && next.asks.iter().all(there) && !previous.groups.is_empty()
}

/// `people per vote, the ten highest states`: how many groups there are to be, of a figure that has none yet.
fn cuts(previous: &Intent, next: &Intent) -> bool {
    let bare = |i: &Intent| i.asks.is_empty() && i.having.is_empty() && i.chart.is_none() && !i.distribution;
    let ranks = (next.rank.is_some() || next.top.is_some()) && !next.groups.is_empty() && !next.by;
    let open = previous.groups.is_empty() && previous.rank.is_none() && previous.chart.is_none();
    let figure = has_figure(previous) && !previous.distribution && !previous.correlation && !previous.kpi;
    bare(next) && ranks && open && figure && next.unknown.is_empty()
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql, text};

    fn one(prompt: &str) -> String {
        let sex = text("sex", 2, 0, &["f", "m"]);
        let city = text("city", 40, 0, &["Lyon", "Metz"]);
        let when = figure("year", 20, 2000, 2019);
        sql(prompt, "homes", vec![sex, city, when, figure("price", 900, 1, 9_000), figure("rooms", 9, 1, 9)])
    }

    #[test]
    fn what_is_said_again_is_one_card() {
        let again = one("how did prices develop? average price by year");
        assert!(again.contains("AVG(\"price\")") && again.contains("\"year\""), "{again}");
        let named = one("What does a home cost in each city, on average? (price)");
        assert!(named.contains("AVG(\"price\")") && named.contains("\"city\""), "{named}");
        let both = |prompt: &str| {
            let columns = vec![text("name", 1_900, 0, &["Ann"]), figure("age", 80, 0, 99)];
            let data = vizroom_protocol::file::Dataset { name: "players".into(), rows: 2_000, columns };
            let goals = crate::plan(prompt, &[data], None).goals;
            goals.iter().map(|g| g.query.sql()).collect::<Vec<_>>()
        };
        for prompt in ["youngest and oldest player", "top 5 players by age, and the bottom 5"] {
            let ends = both(prompt);
            assert!(ends.len() == 2 && ends[0] != ends[1] && !ends[0].contains("AVG"), "{prompt}: {ends:?}");
        }
        for (prompt, figure, group) in [
            ("in which cities do people buy? number of homes", "COUNT(*)", "\"city\""),
            ("which city is the dearest? average price for each", "AVG(\"price\")", "\"city\""),
            ("do women pay more? mean price per sex", "AVG(\"price\")", "\"sex\""),
            ("how are the rooms spread? histogram of rooms", "COUNT(*)", "\"rooms\""),
        ] {
            let told = one(prompt);
            assert!(told.contains(figure) && told.contains(group), "{prompt}: {told}");
        }
        let cut = one("share of all homes, top 5 cities");
        assert!(cut.contains("LIMIT 5") && cut.contains("OVER ()"), "{cut}");
    }
}
