//! How much is too much: what is just enough runs.

use std::collections::BTreeSet;

use super::Desk;
use crate::allowed::EMBEDDED;
use crate::guard;

const SALES: &str = "region,amount\nUSA,10\nJapan,20\n";

#[tokio::test]
async fn what_is_too_much_is_refused_and_just_enough_runs() {
    let mut desk = Desk::new();
    desk.ingest("sales.csv", SALES).await.unwrap();
    let chain = |terms: usize| format!("SELECT 1{} AS n", "+1".repeat(terms));
    let nested = |depth: usize| format!("SELECT {}1{} AS n", "(".repeat(depth), ")".repeat(depth));
    let subqueries = |depth: usize| format!("{}SELECT 1 AS n{}", "SELECT n FROM (".repeat(depth), ")".repeat(depth));
    let unions = |count: usize| format!("SELECT 1 AS n{}", " UNION ALL SELECT 1".repeat(count));
    let either =
        |count: usize| format!("SELECT count(*) AS n FROM sales WHERE amount = 1{}", " OR amount = 2".repeat(count));
    let nots = |count: usize| format!("SELECT {}true AS n", "NOT ".repeat(count));
    let cases = |depth: usize| format!("SELECT {}1{} AS n", "CASE WHEN true THEN ".repeat(depth), " END".repeat(depth));
    for sql in [chain(400), nested(40), subqueries(40), unions(100), either(190), nots(200), cases(40)] {
        let answer = desk.query(&sql).await;
        assert!(answer.is_ok(), "{answer:?} for {}", &sql[..80]);
    }
    for sql in [
        chain(2_000),
        chain(20_000),
        nested(41),
        nested(5_000),
        subqueries(41),
        unions(2_000),
        either(5_000),
        nots(900),
        cases(41),
        format!("SELECT '{}'", "x".repeat(2_001)),
        "-".repeat(1_000),
        "((((".repeat(4_000),
    ] {
        let error = desk.query(&sql).await.unwrap_err();
        assert_eq!(error.field.as_deref(), Some("sql"), "{error:?}");
    }
}

#[test]
fn table_expressions_that_double_are_counted_as_the_planner_copies_them() {
    let doubling = |steps: usize| {
        let step = |n: usize| format!("t{n} AS (SELECT a.n FROM t{} a JOIN t{} b ON a.n = b.n)", n - 1, n - 1);
        let steps: Vec<String> = (1..=steps).map(step).collect();
        format!("WITH t0 AS (SELECT 1 AS n), {} SELECT * FROM t{}", steps.join(", "), steps.len())
    };
    assert!(guard::check(&doubling(4), &BTreeSet::new(), &EMBEDDED).is_ok());
    assert!(guard::check(&doubling(40), &BTreeSet::new(), &EMBEDDED).unwrap_err().contains("more than 32 tables"));
}

proptest::proptest! {
    /// Whatever the text, the guard answers.
    #[test]
    fn the_guard_never_panics(sql in "(SELECT|FROM|WHERE|\\(|\\)|,|cars|'|\"|;|CASE|END|WITH|AS|\\*|1|=| |--|\\$|\\[|\\{|é){0,40}") {
        let _ = guard::check(&sql, &BTreeSet::from(["cars"]), &EMBEDDED);
    }
}
