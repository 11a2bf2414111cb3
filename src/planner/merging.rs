//! Parts of a sentence that are about one thing: further figures of its groups, and of kinds that stand side by side.

use vizroom_protocol::dashboard::CardKind;

use super::fields::Data;
use super::intent::{Ask, Intent};
use super::query::{Agg, Op, Predicate};

/// `arabica vs robusta: average flavor, aroma and acidity`: further figures of kinds that stand side by side.
pub fn compares(previous: &Intent, prefix: &[Predicate], next: &Intent) -> bool {
    let mut all = previous.clone();
    all.add_filters(prefix.to_vec());
    let several = all.filters.iter().any(|p| p.op == Op::In && p.part.is_none() && p.values.len() > 1);
    let counts = |i: &Intent| i.asks.iter().any(|a| a.agg == Some(Agg::Count));
    let rows = previous.rows && counts(previous);
    let figures = Intent { filters: Vec::new(), together: Vec::new(), rows, ..previous.clone() }.only_asks();
    let bare = next.only_asks() && next.asks.iter().all(|a| a.field.is_some() || a.agg == Some(Agg::Count));
    several && previous.together.is_empty() && figures && bare
}

/// `yearly price of arabica and robusta`, `number of models each maker has and their average mileage`: a further figure
/// goes by the groups of the one before it. Alone it would say nothing of them.
pub fn shares_groups(previous: &Intent, next: &Intent) -> bool {
    // `beef, pork and veal per year since 1990`: the condition at the end is of them all.
    // `the best squat and the best bench of each class`: the ends of both.
    let ends = previous.asks.iter().any(|a| matches!(a.agg, Some(Agg::Max | Agg::Min))) || next.rank == previous.rank;
    let rank = next.rank.filter(|_| !ends || next.top.is_some());
    let whose = Intent { filters: Vec::new(), together: Vec::new(), rows: false, rank, ..next.clone() };
    let open = |a: &Ask| a.agg.is_none() && a.field.is_some() && a.over.is_none();
    let bare = whose.asks.iter().all(open) || next.filters.is_empty();
    let drawn =
        matches!(previous.chart, None | Some(CardKind::Bar | CardKind::Line | CardKind::Area | CardKind::Table));
    let spread =
        previous.distribution || previous.correlation || previous.outliers || previous.why || previous.overview;
    let shared = previous.share || previous.course.is_some() || previous.first_of_each.is_some();
    let told = !previous.asks.is_empty() || previous.rows || !previous.having.is_empty() || previous.rank.is_some();
    let grouped = !previous.groups.is_empty() && told && !previous.kpi;
    grouped && drawn && !spread && !shared && bare && whose.only_asks() && next.chart.is_none()
}

/// `ten best countries, all medals counted`: how a figure is computed that is there already.
pub fn says_how(previous: &mut Intent, next: &Intent) {
    let said = |a: &Ask| next.asks.iter().find(|b| b.field == a.field && b.over == a.over).and_then(|b| b.agg);
    previous.asks.iter_mut().filter(|a| a.agg.is_none()).for_each(|a| a.agg = said(a));
}

/// Adds a further figure of the same groups, computed as the one before where it does not say how.
pub fn add_figures(data: &Data<'_>, previous: &mut Intent, mut next: Intent) {
    says_how(previous, &next);
    if previous.asks.is_empty() && previous.rows {
        previous.asks.push(super::building::counted(data));
    }
    let agg = previous.asks.last().filter(|a| a.field.is_some()).and_then(|a| a.agg).filter(|a| *a != Agg::Distinct);
    next.asks.iter_mut().filter(|a| a.field.is_some()).for_each(|a| a.agg = a.agg.or(agg));
    next.rank = next.rank.filter(|r| previous.rank == Some(*r));
    previous.absorb(next);
}

/// `height, width and depth, mean by region`: how a list of figures is computed, and by what.
pub fn groups_list(previous: &Intent, next: &Intent) -> bool {
    let bare = |a: &Ask| a.agg.is_none() && a.field.is_some() && a.over.is_none();
    let silent = next.asks.is_empty() && !next.rows && next.chart.is_none() && !next.share;
    let figures = previous.groups.is_empty() && previous.only_asks() && previous.asks.iter().all(bare);
    next.agg != Some(Agg::Distinct) && silent && !next.groups.is_empty() && figures
}

/// `heatmap of weekday against hour, number of jobs`, `comedy vs drama films, average budget`: a figure of the groups or
/// kinds that are named beside it, where they have none.
pub fn says_figure(previous: &Intent, next: &Intent) -> bool {
    let silent = |i: &Intent| i.asks.is_empty() && !i.share && i.rank.is_none() && i.when.is_empty();
    let sides = |i: &Intent| {
        let kinds = Intent { rows: false, ..i.clone() };
        let several = |p: &Predicate| p.op == Op::In && p.part.is_none() && p.values.len() > 1;
        let opposed = || Intent { sides: Vec::new(), groups: Vec::new(), ..kinds.clone() };
        let against = !i.sides.is_empty() && (opposed().is_empty() || opposed().only_filters());
        // `who tips more, smokers or the others`: both sides of a column of yes and no.
        let against = against || i.compare && i.by && Intent { chart: None, ..kinds.clone() }.only_groups();
        let named = i.together.is_empty() && kinds.filters.iter().any(several) && kinds.only_filters();
        silent(i) && (named || against)
    };
    // `who tips more, smokers or the others`
    let more = Intent { rank: previous.rank.filter(|_| previous.top.is_some()), ..previous.clone() };
    let figures = |i: &Intent| i.only_asks() && i.chart.is_none() && i.filters.is_empty();
    let crossed = previous.chart == Some(CardKind::Heatmap) && previous.groups.len() == 2 && !previous.rows;
    (silent(previous) && crossed || sides(previous)) && figures(next) || figures(&more) && sides(next)
}

/// `what share of women and of men survived`, `what part is red and what part green`: the same share of several kinds.
pub fn shares_of_kinds(data: &Data<'_>, previous: &Intent, next: &Intent) -> Option<Intent> {
    let kind = |p: &&Predicate| p.op == Op::In && p.part.is_none();
    let [one] = previous.when.as_slice() else { return None };
    let bare = Intent { when: Vec::new(), share: false, rate: false, rows: false, matched: 0, ..previous.clone() };
    let told = || next.when.iter().chain(&next.filters);
    let other = told().filter(kind).find(|p| p.source == one.source && p.values != one.values)?;
    let silent = next.asks.iter().all(|a| a.field.is_none()) && next.groups.is_empty() && next.rank.is_none();
    let field = data.index(one.source.column()?).filter(|_| kind(&one) && bare.is_empty() && silent)?;
    let when: Vec<Predicate> = told().filter(|p| *p != other).cloned().collect();
    let mut both = Intent { share: true, rate: !when.is_empty(), rows: true, when, ..previous.clone() };
    both.matched += next.matched;
    both.add_group(super::intent::Group { field: Some(field), grain: None });
    if both.rate {
        both.add_filters(vec![one.clone(), other.clone()]);
    }
    Some(both)
}

/// `close and volume since 2016, on one chart`: the figures of all parts, where nothing else tells these apart.
pub fn in_one(intents: Vec<Intent>) -> Vec<Intent> {
    let bare = |i: &Intent| Intent { asks: Vec::new(), matched: 0, rows: false, ..i.clone() };
    let [first, rest @ ..] = intents.as_slice() else { return intents };
    let alike = rest.iter().all(|i| {
        let open = Intent { groups: Vec::new(), filters: Vec::new(), together: Vec::new(), by: false, ..bare(i) };
        let same = |a: &Intent, b: &Intent| a.groups == b.groups || a.groups.is_empty() || b.groups.is_empty();
        (bare(i) == bare(first) || open.is_empty() && same(i, first)) && !i.asks.is_empty()
    });
    if rest.is_empty() || !alike || first.asks.is_empty() {
        return intents;
    }
    let mut whole = first.clone();
    rest.iter().cloned().for_each(|i| whole.absorb(i));
    vec![whole]
}

#[cfg(test)]
mod tests {
    use crate::samples::{figure, sql, text};

    #[test]
    fn figures_of_the_same_groups_are_one_card() {
        let columns = || {
            let figures =
                ["year", "beef", "pork", "veal"].map(|n| figure(n, if n == "year" { 30 } else { 400 }, 1990, 2019));
            figures.into_iter().chain([text("farm", 40, 0, &["North", "South"])]).collect::<Vec<_>>()
        };
        for prompt in [
            "beef, pork and veal per year since 2000",
            "yearly beef, pork and veal since 2000",
            "beef, pork and veal since 2000 on one chart",
        ] {
            let query = sql(prompt, "meat", columns());
            let all = ["beef", "pork", "veal"]
                .iter()
                .all(|f| query.contains(&format!("AVG(\"{f}\")")) || query.contains(&format!("SUM(\"{f}\")")));
            assert!(all && query.matches("2000").count() == 1 && query.contains("GROUP BY 1"), "{prompt}: {query}");
        }
        for prompt in [
            "North vs South farms, average beef",
            "average beef, North vs South",
            "which average more beef, North or South farms?",
        ] {
            let query = sql(prompt, "meat", columns());
            assert!(query.contains("AVG(\"beef\")") && query.contains("GROUP BY 1"), "{prompt}: {query}");
        }
        let spread = sql("distribution of farm beef", "meat", columns());
        assert!(spread.contains("floor(") && !spread.contains("\"farm\""), "{spread}");
    }
}
