//! Small data for the tests of what is understood.

use serde_json::{Value, json};
use vizroom_protocol::file::{Column, ColumnType, Dataset};

/// A column of texts.
pub(super) fn text(name: &str, distinct: u64, nulls: u64, top: &[&str]) -> Column {
    let top = top.iter().map(|t| json!(t)).collect();
    Column { name: name.into(), kind: ColumnType::Text, nulls, distinct, min: None, max: None, mean: None, top }
}

/// A column of whole numbers.
pub(super) fn figure(name: &str, distinct: u64, min: i64, max: i64) -> Column {
    let (min, max): (Option<Value>, Option<Value>) = (Some(json!(min)), Some(json!(max)));
    Column { name: name.into(), kind: ColumnType::Integer, nulls: 0, distinct, min, max, mean: None, top: Vec::new() }
}

/// The query of the one card that a prompt gives.
pub(super) fn sql(prompt: &str, name: &str, columns: Vec<Column>) -> String {
    let plan = crate::plan(prompt, &[Dataset { name: name.into(), rows: 2_000, columns }], None);
    assert_eq!(plan.goals.len(), 1, "{prompt}: {plan:#?}");
    plan.goals[0].query.sql()
}

/// What a sentence does to the only card of a prompt: what kind of change, and the query or the title.
pub(super) fn refined(prompt: &str, said: &str, name: &str, columns: Vec<Column>) -> (&'static str, String) {
    use crate::Change::{Add, Replace, Retitle};
    let data = [Dataset { name: name.into(), rows: 2_000, columns }];
    let goals = crate::plan(prompt, &data, None).goals;
    let cards = [crate::Placed { key: "chart_1", goal: &goals[0] }];
    let refinement = crate::refine(said, None, &cards, &data);
    match refinement.changes.as_slice() {
        [Replace { goal, .. }] => ("replace", goal.query.sql()),
        [Add { goal, .. }] => ("add", goal.query.sql()),
        [Retitle { title, .. }] => ("retitle", title.clone()),
        other => panic!("{said}: {other:#?} {:?}", refinement.clarification),
    }
}
