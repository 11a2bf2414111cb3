//! What follows a question and is none only says how the same is to be computed or drawn: `do males weigh more? averages`.

use vizroom_protocol::dashboard::CardKind;

use super::fields::{Data, Role};
use super::intent::{Ask, Group, Intent};
use super::joining;
use super::query::{Agg, Op, Predicate};
use super::segments::Segment;

/// Most groups that a figure is averaged by which a question relates to another.
const STEPS_MAX: u64 = 40;

/// Joins segments that belong to one card; a fragment after a question belongs to it.
pub fn joined(data: &Data<'_>, mut segments: Vec<Segment>) -> Vec<Intent> {
    let Some(at) = segments.iter().position(|s| s.restates) else { return joining::join(data, segments) };
    let whole = segments.clone();
    let fragment = joining::join(data, segments.split_off(at));
    let question = joining::join(data, segments);
    let both = one(question).and_then(|question| {
        // `how do lamps and mugs differ? mean price and weight`
        let several = |p: &Predicate| p.op == Op::In && p.part.is_none() && p.values.len() > 1;
        let compares = !question.groups.is_empty() || question.filters.iter().any(several);
        let fragment = if compares || fragment.len() == 1 { one(fragment) } else { None };
        together(data, &question, &fragment?)
    });
    both.map_or_else(|| joining::join(data, whole), |both| vec![both])
}

/// The question as one: two figures that are asked for in one breath are related to each other.
fn one(question: Vec<Intent>) -> Option<Intent> {
    let mut all = super::merging::in_one(question);
    all.pop().filter(|_| all.is_empty())
}

fn has_figure(intent: &Intent) -> bool {
    !intent.asks.is_empty() || intent.rows
}

/// Whether both are requests that have nothing to do with each other.
fn are_apart(question: &Intent, fragment: &Intent) -> bool {
    let open = |i: &Intent| i.why || i.overview;
    let figure = |b: &Ask| question.asks.iter().any(|a| a.field == b.field && b.field.is_some());
    let group = |b: &Group| question.groups.iter().any(|a| a.field == b.field);
    let shared = fragment.asks.iter().any(figure) || fragment.groups.iter().any(group);
    let whole = has_figure(fragment) && !fragment.groups.is_empty();
    let counted = question.asks.iter().all(|a| a.field.is_none());
    let alone = question.groups.is_empty() && question.filters.is_empty() && question.unknown.is_empty();
    let total = alone && counted && has_figure(question) && fragment.only_asks() && !question.share;
    open(question) || open(fragment) || total || whole && !shared && !counted
}

/// The question with what the fragment says of it.
fn together(data: &Data<'_>, question: &Intent, fragment: &Intent) -> Option<Intent> {
    if are_apart(question, fragment) {
        return None;
    }
    // `what happened in 2008? weekly average of the close`
    if question.only_filters() {
        let mut both = fragment.clone();
        both.absorb(question.clone());
        return Some(both);
    }
    if says_again(question, fragment) {
        return Some(restated(data, question, fragment.clone()));
    }
    let fragment = &untold(data, question, fragment);
    let mut both = question.clone();
    if fragment.share {
        both.filters.retain(|p| !fragment.when.iter().any(|w| w.source == p.source));
        both.asks.clear();
    }
    let related = matches!(fragment.chart, Some(CardKind::Scatter | CardKind::Bubble)) || fragment.correlation;
    if fragment.agg.is_some_and(|a| a != Agg::Distinct) && both.correlation {
        stepwise(data, &mut both);
    }
    if !fragment.asks.is_empty() {
        let way = |a: &Ask| both.asks.iter().find(|b| b.field == a.field).and_then(|b| b.agg).or(fragment.agg);
        both.asks = fragment.asks.iter().map(|a| Ask { agg: a.agg.or_else(|| way(a)), ..a.clone() }).collect();
        both.rows = fragment.rows;
        both.unknown.clear();
    } else if let Some(way) = fragment.agg.filter(|a| *a != Agg::Distinct) {
        let figure = |a: &&mut Ask| a.field.is_some() && a.over.is_none() && a.agg != Some(Agg::Distinct);
        both.asks.iter_mut().filter(figure).for_each(|a| a.agg = Some(way));
    }
    if related {
        both.correlation = true;
        both.asks.iter_mut().for_each(|a| a.agg = None);
    }
    if !fragment.groups.is_empty() {
        both.groups.retain(|g| !is_step(g) && (question.by || is_compared(data, question, g)));
    }
    let figured = !both.asks.is_empty();
    let rest = Intent {
        asks: Vec::new(),
        rows: fragment.rows && !figured,
        agg: fragment.agg.filter(|_| !figured),
        ..fragment.clone()
    };
    // `which homes are dear? average price by city`: what seemed a list of rows is none.
    let listed = both.chart == Some(CardKind::Table) && rest.chart.is_none() && (figured || !rest.groups.is_empty());
    both.chart = both.chart.filter(|_| !listed);
    both.absorb(rest);
    Some(both)
}

/// The fragment without what the question says already of what its share is of: `did more women survive? survival rate`.
fn untold(data: &Data<'_>, question: &Intent, fragment: &Intent) -> Intent {
    let told = |p: &Predicate| question.when.iter().any(|w| w.source == p.source);
    let group = |g: &Group| g.field.is_some_and(|f| question.when.iter().any(|w| w.source == data.fields[f].source()));
    let mut rest = fragment.clone();
    rest.filters.retain(|p| !told(p));
    rest.groups.retain(|g| !group(g));
    if rest.filters.len() + rest.groups.len() < fragment.filters.len() + fragment.groups.len() {
        (rest.breakdown, rest.rate) = (question.breakdown, question.rate);
    }
    rest
}

/// Whether what follows a question is a whole request for what the question is about.
fn says_again(question: &Intent, fragment: &Intent) -> bool {
    let related = fragment.asks.len() > 1 && fragment.correlation || fragment.chart.is_some();
    let whole = has_figure(fragment)
        && (!fragment.groups.is_empty() || fragment.rank.is_some() || fragment.top.is_some() || related);
    let about = |a: &Ask| fragment.asks.iter().any(|b| a.field == b.field);
    let shared = question.asks.iter().any(about) || question.asks.is_empty() || !question.unknown.is_empty();
    let plain = !fragment.why && !question.why && !question.breakdown;
    whole && shared && plain && fragment.unknown.is_empty()
}

/// What is said the second time, of the rows that the question was about.
fn restated(data: &Data<'_>, question: &Intent, mut fragment: Intent) -> Intent {
    let grouped =
        |p: &Predicate| fragment.groups.iter().any(|g| g.field.is_some_and(|f| data.fields[f].source() == p.source));
    let told = |p: &Predicate| fragment.when.iter().any(|w| w.source == p.source);
    let of_kind = |p: &&Predicate| p.op == Op::In && p.part.is_none() && !grouped(p) && !told(p);
    let carried = question.filters.iter().filter(of_kind).cloned().collect();
    fragment.add_filters(carried);
    question.groups.iter().filter(|g| is_compared(data, question, g)).for_each(|g| fragment.add_group(*g));
    fragment.matched += question.matched;
    fragment.chart = fragment.chart.or(question.chart);
    fragment
}

fn is_step(group: &Group) -> bool {
    group.field.is_none()
}

/// Whether a group of the question is what it compares: two values, or the sides of a column of yes and no.
fn is_compared(data: &Data<'_>, question: &Intent, group: &Group) -> bool {
    let Some(field) = group.field else { return false };
    let source = data.fields[field].source();
    let several = |p: &Predicate| p.source == source && p.op == Op::In && p.values.len() > 1;
    data.fields[field].role == Role::Flag || question.filters.iter().any(several)
}

/// `how does the bill depend on the party size? means`: the one goes along the other.
fn stepwise(data: &Data<'_>, intent: &mut Intent) {
    let [_, Ask { field: Some(field), over: None, .. }] = intent.asks[..] else { return };
    if intent.groups.is_empty() && data.fields[field].column.distinct <= STEPS_MAX {
        intent.asks.truncate(1);
        intent.groups.push(Group { field: Some(field), grain: None });
        intent.correlation = false;
    }
}

#[cfg(test)]
mod tests {
    use vizroom_protocol::file::Dataset;

    use crate::samples::{figure, text};

    fn goals(prompt: &str) -> Vec<String> {
        let sex = text("sex", 2, 0, &["male", "female"]);
        let city = text("city", 40, 0, &["Lyon", "Metz"]);
        let figures = [figure("year", 20, 2000, 2019), figure("price", 900, 1, 9_000), figure("rooms", 9, 1, 9)];
        let data =
            Dataset { name: "homes".into(), rows: 2_000, columns: [sex, city].into_iter().chain(figures).collect() };
        crate::plan(prompt, &[data], None).goals.iter().map(|g| g.query.sql()).collect()
    }

    #[test]
    fn a_fragment_after_a_question_is_of_the_same_card() {
        for (prompt, wanted) in [
            ("in which cities do people live? number of homes", ["COUNT(*)", "\"city\""]),
            ("which city is the dearest? mean price", ["AVG(\"price\")", "\"city\""]),
            ("are male owners' homes dearer than female owners' homes? average price", ["AVG(\"price\")", "\"sex\""]),
            ("how does the price depend on the rooms? means", ["AVG(\"price\")", "GROUP BY 1"]),
            ("is the price related to the rooms? scatter", ["\"price\" IS NOT NULL", "\"rooms\" IS NOT NULL"]),
            ("how do male and female owners differ? mean price and rooms", ["AVG(\"price\")", "AVG(\"rooms\")"]),
            ("how does the price develop? average price by year", ["AVG(\"price\")", "\"year\""]),
            ("which cities have the lowest average price? show 10", ["ASC NULLS LAST", "LIMIT 10"]),
        ] {
            let all = goals(prompt);
            assert!(all.len() == 1 && wanted.iter().all(|w| all[0].contains(w)), "{prompt}: {all:?}");
        }
        let two = goals("how many homes are there? average price");
        assert_eq!(two.len(), 2, "{two:?}");
    }

    #[test]
    fn what_stands_before_a_colon_is_meant_for_all() {
        let all = goals("in Lyon: average price and average rooms");
        assert!(all.len() == 2 && all.iter().all(|s| s.contains("'Lyon'")), "{all:?}");
    }

    #[test]
    fn shares_of_several_kinds_stand_side_by_side() {
        let all = goals("what share of the male and what share of the female owners has over 5 rooms");
        assert!(all.len() == 1 && all[0].contains("\"rooms\" > 5") && all[0].contains("GROUP BY 1"), "{all:?}");
    }
}
