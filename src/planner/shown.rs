//! What the conditions of a refinement mean on the card that they are said of.

use serde_json::Value;
use vizroom_protocol::file::ColumnType;

use super::Goal;
use super::fields::Data;
use super::intent::{Ask, Intent};
use super::lexicon::Rank;
use super::query::{Agg, Having, Op, Predicate};
use super::restoring::is_time;
use super::words::Token;

/// What is said, as it is meant of the card.
pub fn meant_here(data: &Data<'_>, goal: &Goal, (said, base): (&[Token], &Intent), patch: &mut Intent) {
    of_what_is_shown(data, goal, patch);
    of_only(said, base, patch);
    only_figure(data, said, base, patch);
    best_of_each(data, said, base, patch);
}

/// `only registered riders` of what shows all riders: that figure takes the place of the other, computed as it was.
fn only_figure(data: &Data<'_>, said: &[Token], base: &Intent, patch: &mut Intent) {
    let has = |list: &str| said.iter().any(|t| super::words::is(Some(t), list));
    let bare = Intent { asks: Vec::new(), matched: 0, rows: false, ..patch.clone() }.is_empty();
    let [own] = base.asks.as_slice() else { return };
    if !bare || !has("only just") || has("add also too plus include") {
        return;
    }
    let named = |a: &Ask| a.agg.is_none() && a.field.is_some() && a.field != own.field;
    let new: Vec<Ask> = patch.asks.iter().filter(|a| named(a)).cloned().collect();
    if let [one] = new.as_slice() {
        let averaged = one.field.is_some_and(|f| super::roles::is_averaged(&data.fields[f].words));
        let agg = own.agg.filter(|a| matches!(a, Agg::Sum | Agg::Avg | Agg::Median) && !averaged);
        patch.asks = vec![Ask { agg, ..one.clone() }];
        patch.rows = false;
    }
}

/// `the best rank instead of the average`: another way to compute the same figure, no ranking.
fn best_of_each(data: &Data<'_>, said: &[Token], base: &Intent, patch: &mut Intent) {
    const WAYS: &str = "average averages mean means median total totals sum sums";
    const LOW: &str = "rank ranks ranking position positions place places time times price prices cost costs";
    let pair = |i: usize| (said[i].lower.as_str(), said.get(i + 1).map_or("", |t| t.lower.as_str()));
    let instead = (0..said.len()).find(|&i| matches!(pair(i), ("instead", "of") | ("rather", "than")));
    let way = instead.is_some_and(|at| said[at + 2..].iter().take(2).any(|t| super::words::is(Some(t), WAYS)));
    let Some(rank) = patch.rank.filter(|_| way && patch.top.is_none()) else { return };
    let low = said.iter().any(|t| super::words::is(Some(t), LOW))
        || base.asks.iter().filter_map(|a| a.field).any(|f| super::roles::has(&data.fields[f].words, LOW));
    let most = match rank {
        Rank::Most | Rank::Top => true,
        Rank::Least | Rank::Bottom => false,
        Rank::Best => !low,
        Rank::Worst => low,
    };
    patch.agg = Some(if most { Agg::Max } else { Agg::Min });
    (patch.rank, patch.rows) = (None, false);
    patch.asks.clear();
}

/// `average per site instead of the total`, where nothing of the data is called so: of each row.
pub fn per_row(data: &Data<'_>, said: &[Token]) -> Option<Vec<Token>> {
    let is = |i: usize, list: &str| super::words::is(said.get(i), list);
    let at = (0..said.len()).find(|&i| is(i, "average mean median") && is(i + 1, "per each a for"))?;
    let noun = (at + 1..said.len()).find(|&i| !is(i, "per each a for every one"))?;
    let alone = &said[noun..=noun];
    let known = super::commands::read(data, alone);
    let each = known.groups.len() == 1 && known.groups.iter().all(|g| g.field.is_some_and(|f| data.names_each(f)));
    let of_rows = !known.unknown.is_empty() || known.rows || each;
    of_rows.then(|| said[..=at].iter().chain(&said[noun + 1..]).cloned().collect())
}

/// `without Toronto` where the card shows towns: a value of several columns is one of what is to be seen.
fn of_what_is_shown(data: &Data<'_>, goal: &Goal, patch: &mut Intent) {
    let shown: Vec<usize> = goal.query.dimensions.iter().filter_map(|d| data.index(d.source.column()?)).collect();
    for filter in patch.filters.iter_mut().filter(|p| matches!(p.op, Op::In | Op::NotIn) && p.part.is_none()) {
        let field = filter.source.column().and_then(|c| data.index(c));
        if field.is_none_or(|f| shown.contains(&f) || data.fields[f].column.kind != ColumnType::Text) {
            continue;
        }
        let there = |f: &usize, value: &Value| {
            let said = value.as_str().unwrap_or_default();
            let same = |v: &&Value| v.as_str().is_some_and(|v| v.trim().eq_ignore_ascii_case(said.trim()));
            data.fields[*f].column.top.iter().find(same).cloned()
        };
        for f in &shown {
            let values: Vec<Value> = filter.values.iter().filter_map(|v| there(f, v)).collect();
            if values.len() == filter.values.len() {
                *filter = Predicate { source: data.fields[*f].source(), values, ..filter.clone() };
                break;
            }
        }
    }
}

/// `more than 20`, `over 1,000 only`: a limit of nothing else than the figure that is shown.
pub fn bare_limit(data: &Data<'_>, said: &[Token], base: &mut Intent) -> bool {
    let is = |i: usize, list: &str| said.get(i).is_some_and(|t| super::lists::has(list, &t.lower));
    let than = |list: &str| (0..said.len()).any(|i| is(i, list) && is(i + 1, "than"));
    let equal = said.iter().any(|t| t.is('='));
    let no = (0..said.len()).any(|i| is(i, "no not"));
    let op = if than("more greater larger higher bigger") && no
        || (0..said.len()).any(|i| is(i, "at") && is(i + 1, "most"))
    {
        Op::Lte
    } else if than("less fewer lower smaller") && no || (0..said.len()).any(|i| is(i, "at") && is(i + 1, "least")) {
        Op::Gte
    } else if than("more greater larger higher bigger") || (0..said.len()).any(|i| is(i, "over above exceeding >")) {
        if equal { Op::Gte } else { Op::Gt }
    } else if than("less fewer lower smaller") || (0..said.len()).any(|i| is(i, "under below <")) {
        if equal { Op::Lte } else { Op::Lt }
    } else {
        return false;
    };
    let leaves_out = (0..said.len()).any(|i| {
        is(i, "exclude without drop remove omit ignore skip hide delete") || is(i, "leave") && is(i + 1, "out")
    });
    let op = match op {
        Op::Gt if leaves_out => Op::Lte,
        Op::Gte if leaves_out => Op::Lt,
        Op::Lt if leaves_out => Op::Gte,
        Op::Lte if leaves_out => Op::Gt,
        op => op,
    };
    const WORDS: &str = "hide delete leave out exclude without drop remove omit ignore skip everything anything all values more greater larger higher bigger than no not at least most less fewer lower smaller over above exceeding under below only just those ones with where";
    let small = |t: &Token| {
        super::lists::has(WORDS, &t.lower)
            || super::lexicon::is_filler(&t.lower)
            || super::vocabulary::is_unit(&t.lower)
            || t.number().is_some()
            || !t.lower.chars().any(char::is_alphanumeric)
    };
    let numbers: Vec<&Token> = said.iter().filter(|t| t.number().is_some()).collect();
    let ([number], true) = (numbers.as_slice(), said.iter().all(small)) else { return false };
    // `with series at least 5` of a chart by series
    let group = |t: &Token| {
        base.groups.iter().filter_map(|g| g.field).any(|f| data.fields[f].words.iter().any(|w| w.stem == t.stem))
    };
    if said.iter().any(group) {
        return false;
    }
    let Some(value) = number.number().map(super::amounts::plain) else { return false };
    let own = base.asks.first().cloned();
    match own.as_ref().and_then(|a| a.field).filter(|_| base.rows || base.distribution && base.groups.is_empty()) {
        Some(field) => {
            let source = data.fields[field].source();
            base.filters.push(Predicate { source, part: None, op, values: vec![value] });
        }
        None if own.is_some() && !base.groups.is_empty() => base.having = vec![Having { op, value, of: None }],
        None => return false,
    }
    true
}

/// `only the category` of what goes by category and region.
pub fn one_group(patch: &mut Intent, base: &mut Intent) -> bool {
    let some = !patch.groups.is_empty() && patch.groups.len() < base.groups.len();
    if some {
        base.groups = std::mem::take(&mut patch.groups);
        base.chart = None;
    }
    some
}

/// `make that 4.5`: another number in the only limit that the card has.
pub fn other_limit(said: &[Token], base: &mut Intent) -> bool {
    const SMALL: &str = "that to limit threshold cutoff minimum maximum bar";
    let small = |t: &Token| {
        super::words::is(Some(t), SMALL)
            || super::lexicon::is_filler(&t.lower)
            || !t.lower.chars().any(char::is_alphanumeric)
    };
    let mut numbers = said.iter().filter(|t| t.number().is_some());
    let (Some(number), None) = (numbers.next().and_then(Token::number), numbers.next()) else { return false };
    let limits = |op: Op| matches!(op, Op::Gt | Op::Gte | Op::Lt | Op::Lte);
    // `leave out 2020` of what is shown since 2000
    const AWAY: &str = "out skip not no without exclude excluding ignore omit drop remove hide except minus";
    if said.iter().any(|t| super::words::is(Some(t), AWAY)) {
        return false;
    }
    let other = said.iter().all(|t| t.number().is_some() || small(t)) && base.top.is_none();
    let of_rows = base.filters.iter_mut().filter(|p| limits(p.op) && p.part.is_none()).map(|p| &mut p.values[0]);
    let mut all: Vec<&mut Value> = of_rows.chain(base.having.iter_mut().map(|h| &mut h.value)).collect();
    match all.as_mut_slice() {
        [one] if other && one.is_number() => {
            **one = super::amounts::plain(number);
            true
        }
        _ => false,
    }
}

/// `only weekend inspections`, `only metro counties`: the noun says whose the condition is, and asks for nothing else.
fn of_only(said: &[Token], base: &Intent, patch: &mut Intent) {
    let those = |w: &[Token]| {
        super::words::is(Some(&w[0]), "those ones people") && super::words::is(Some(&w[1]), "that who which with whose")
    };
    let only = said.iter().any(|t| matches!(t.lower.as_str(), "only" | "just")) || said.windows(2).any(those);
    let bare = patch.asks.iter().all(|a| a.agg.is_none() && a.over.is_none());
    if !only || patch.filters.is_empty() || patch.by || !bare {
        return;
    }
    if base.asks.iter().all(|a| a.field.is_none()) && patch.groups.is_empty() {
        patch.asks.clear();
    }
    if patch.asks.is_empty() && !base.groups.is_empty() && patch.groups.iter().all(|g| g.grain.is_none()) {
        patch.groups.clear();
    }
}

/// `only California and Texas` where the card shows categories: rows of both, as `only` says, rather than a comparison; `only those
/// with a loss`: of the groups that stand there.
pub fn left_in(data: &Data<'_>, said: &[Token], base: &Intent, patch: &mut Intent) {
    let has = |list: &str| said.iter().any(|t| super::lists::has(list, &t.lower));
    let grouped = base.groups.iter().any(|g| !is_time(data, g)) || has("only just");
    if grouped && !patch.compare && has("only just for in where") && !has("compare compared vs versus against split") {
        let several = |p: &&Predicate| p.op == Op::In && p.values.len() > 1 && p.part.is_none();
        let fields = patch.filters.iter().filter(several).filter_map(|p| data.index(p.source.column()?));
        let there = |f: &usize| base.groups.iter().chain(&patch.groups).any(|g| g.field == Some(*f));
        let together: Vec<usize> = fields.filter(|f| !there(f)).collect();
        patch.together.extend(together);
    }
    let own = base.asks.first().and_then(|a| a.field);
    let bars = has("ones those bars") && !base.rows && !base.groups.is_empty() && base.having.is_empty();
    if let Some(field) = own.filter(|_| bars) {
        let limits = |p: &Predicate| {
            let figure = p.source.column().and_then(|c| data.index(c)) == Some(field);
            figure && p.part.is_none() && matches!(p.op, Op::Gt | Op::Gte | Op::Lt | Op::Lte)
        };
        let (of_groups, rest): (Vec<Predicate>, Vec<Predicate>) = patch.filters.drain(..).partition(limits);
        patch.filters = rest;
        let limit = |p: Predicate| Some(Having { op: p.op, value: p.values.into_iter().next()?, of: None });
        patch.having.extend(of_groups.into_iter().filter_map(limit));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vizroom_protocol::file::{Column, ColumnType};

    use crate::samples::{figure, refined, text};

    fn after(prompt: &str, said: &str) -> (&'static str, String) {
        let days = (Some(json!("2010-01-01")), Some(json!("2018-12-31")));
        let date = |name: &str| {
            let (min, max) = days.clone();
            Column { kind: ColumnType::Date, min, max, ..text(name, 900, 0, &[]) }
        };
        let columns = vec![
            date("order_date"),
            date("ship_date"),
            text("store", 40, 0, &["Bern", "Basel"]),
            text("urban_rural", 2, 0, &["U", "R"]),
            text("payer", 3, 0, &["cc", "pp", "bt"]),
            figure("sales", 900, 0, 9_000),
            figure("median", 90, 0, 900),
            figure("online", 400, 0, 9_000),
        ];
        refined(prompt, said, "orders", columns)
    }

    #[test]
    fn what_is_said_of_a_card_is_of_what_it_shows() {
        for (prompt, said, wanted) in [
            ("average sales by store", "only those with more than 50 orders", "HAVING COUNT(*) > 50"),
            ("average sales by store", "show the highest instead of the average", "MAX(\"sales\")"),
            ("total sales by store", "only online", "SUM(\"online\")"),
            ("total sales by store", "average per shop instead", "AVG(\"sales\")"),
            ("total sales by store", "only urban", "\"urban_rural\" = 'U'"),
            ("total sales by store", "just customers with credit cards", "\"payer\" = 'cc'"),
            ("total sales by store", "median sales instead", "percentile_cont(0.5)"),
            (
                "top 15 stores by sales",
                "the 5 with the lowest instead",
                "ASC NULLS LAST, \"store\" ASC NULLS LAST LIMIT 5",
            ),
            ("top 15 stores by sales", "20 instead of 15", "LIMIT 20"),
            ("sales by store", "cheapest store first", "\"total_sales\" ASC"),
            ("sales per month", "too spiky, quarterly please", "'quarter'"),
            ("sales per month", "one line for cc and one for bt", "\"payer\" AS \"payer\""),
            ("sales per month", "just the nineties", "< DATE '2000-01-01'"),
            ("sales per month", "go back to 2012", "\"order_date\" >= DATE '2012-01-01'"),
            ("sales per month", "one point per year is enough", "'year'"),
            ("average sales by store", "hide those with fewer than 50", "HAVING AVG(\"sales\") >= 50"),
            ("average sales by store", "ditch Bern", "\"store\" <> 'Bern'"),
            ("average sales by store", "drill down by payer", "\"payer\" AS \"payer\""),
            ("average sales by store", "by payer within each store", "GROUP BY 1, 2"),
            ("sales by ship date", "from june 2016", "\"ship_date\" >= DATE '2016-06-01'"),
        ] {
            let (change, sql) = after(prompt, said);
            assert!(change == "replace" && sql.contains(wanted), "{said}: {sql}");
        }
    }

    #[test]
    fn the_same_of_something_else_is_a_card_of_its_own() {
        let (change, sql) = after("sales by store", "and the same by payer, as a second chart");
        assert!(change == "add" && sql.contains("\"payer\""), "{sql}");
        assert_eq!(after("total sales", "also show how many orders there are").0, "add");
        assert_eq!(after("sales by store", "put the title \"Our shops\" on it"), ("retitle", "Our shops".to_owned()));
        assert!(!after("sales by store", "flip it into a table").1.contains("ASC NULLS LAST LIMIT"));
    }
}
