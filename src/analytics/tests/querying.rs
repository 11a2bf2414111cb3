//! Answers, and what happens at every bound.

use std::time::Duration;

use serde_json::json;
use vizroom_protocol::error::Code;
use vizroom_protocol::file::ColumnType;

use super::{Bounds, Desk, json as rows_json};
use crate::AnalyticsLimits;

const TEXT: &str = "id,Name,ratio,ok,day,at\n1,x,0.5,true,2013-01-15,2013-01-15T07:30:00\n2,y,,,,\n";

async fn desk() -> Desk {
    let mut desk = Desk::new();
    desk.ingest("t.csv", TEXT).await.unwrap();
    desk
}

#[tokio::test]
async fn values_come_as_the_protocol_says() {
    let desk = desk().await;
    let table = desk.query("SELECT *, CAST(id AS DECIMAL(10,2)) AS d FROM t ORDER BY id").await.unwrap().table;
    assert_eq!(
        json!(table.rows),
        json!([[1, "x", 0.5, true, "2013-01-15", "2013-01-15T07:30:00", 1.0], [2, "y", null, null, null, null, 2.0]])
    );
    use ColumnType as T;
    let kinds: Vec<T> = table.columns.iter().map(|column| column.kind).collect();
    assert_eq!(kinds, [T::Integer, T::Text, T::Number, T::Boolean, T::Date, T::Timestamp, T::Number]);
    for (sql, rows) in [
        ("SELECT 9223372036854775807", "[[9223372036854775807]]"),
        ("SELECT 1.0 / 0.0, -1.0 / 0.0, CAST('NaN' AS DOUBLE)", "[[null,null,null]]"),
        ("SELECT count(*), row_number() OVER () FROM t", "[[2,1]]"),
        (
            "SELECT date_trunc('month', day), date_part('year', day) FROM t WHERE id = 1",
            r#"[["2013-01-01T00:00:00",2013]]"#,
        ),
        ("SELECT at - at FROM t WHERE id = 1", r#"[["P0D"]]"#),
        ("SELECT ratio FROM t ORDER BY ratio DESC", "[[0.5],[null]]"),
    ] {
        assert_eq!(desk.rows(sql).await, rows, "{sql}");
    }
}

#[tokio::test]
async fn names_are_found_quoted_exactly_and_unquoted_in_any_case() {
    let desk = desk().await;
    for sql in [
        "SELECT \"Name\" FROM t WHERE id = 1",
        "SELECT name FROM t WHERE ID = 1",
        "SELECT t.NAME FROM t WHERE id = 1",
        "SELECT Name AS name FROM T WHERE id = 1",
        "SELECT name FROM (SELECT upper(\"Name\") AS shout, \"Name\" FROM t WHERE id = 1)",
        "WITH c AS (SELECT Name AS name, id FROM t) SELECT name FROM c WHERE id = 1",
    ] {
        assert_eq!(desk.rows(sql).await, r#"[["x"]]"#, "{sql}");
    }
    let error = desk.query("SELECT \"name\" FROM t").await.unwrap_err();
    assert_eq!((error.code, error.field.as_deref()), (Code::InvalidRequest, Some("sql")));
    assert!(error.message.contains("name"), "{error}");
}

#[tokio::test]
async fn a_query_that_fails_says_why() {
    let desk = desk().await;
    for (sql, reason) in [
        ("SELECT nothing FROM t", "nothing"),
        ("SELECT sum(Name) FROM t", "sum"),
        ("SELECT 1 / (id - 1) FROM t", "zero"),
        ("SELECT CAST(Name AS INT) FROM t", "x"),
        ("SELECT id, count(*) FROM t", "id"),
    ] {
        let error = desk.query(sql).await.unwrap_err();
        assert_eq!((error.code, error.field.as_deref()), (Code::InvalidRequest, Some("sql")), "{sql}: {error}");
        assert!(error.message.to_lowercase().contains(reason), "{sql}: {error}");
    }
}

#[tokio::test]
async fn every_bound_has_its_answer() {
    let mut desk =
        Desk::with(AnalyticsLimits { memory_bytes: 2 << 20, spill_bytes: 1 << 20, ..AnalyticsLimits::default() });
    let numbers: String = (0..3_000).map(|n| format!("{n},{}\n", "x".repeat(50))).collect();
    desk.ingest("t.csv", format!("n,pad\n{numbers}")).await.unwrap();
    let run = async |sql: &str, bounds| desk.analytics.query(sql, &desk.datasets, &Default::default(), bounds).await;
    let bounds = Bounds::default();

    let cut = run("SELECT n FROM t ORDER BY n", Bounds { rows: 2, ..bounds }).await.unwrap().table;
    assert_eq!((rows_json(&cut).as_str(), cut.truncated), ("[[0],[1]]", true));
    let whole = run("SELECT n FROM t ORDER BY n LIMIT 2", Bounds { rows: 2, ..bounds }).await.unwrap().table;
    assert!(!whole.truncated);

    let limit = |error: vizroom_protocol::error::Error| {
        let details = error.details.clone().unwrap_or_else(|| panic!("{error:?}"));
        (error.code, details["limit"].clone())
    };
    let bytes = run("SELECT * FROM t", Bounds { bytes: 1_000, ..bounds }).await.unwrap_err();
    assert_eq!(limit(bytes), (Code::TooLarge, json!("bytes")));
    let slow = "SELECT count(*) FROM t a, t b, t c WHERE a.n + b.n + c.n < 0";
    let time = run(slow, Bounds { timeout: Duration::from_millis(50), ..bounds }).await.unwrap_err();
    assert_eq!(limit(time), (Code::TooLarge, json!("time")));
    let big = "SELECT a.n, b.n, string_agg(a.pad, ',') FROM t a, t b GROUP BY a.n, b.n ORDER BY 3";
    let memory = run(big, bounds).await.unwrap_err();
    assert_eq!(limit(memory), (Code::TooLarge, json!("memory")));
    // None of that hurts the next.
    assert_eq!(desk.rows("SELECT count(*) FROM t").await, "[[3000]]");
}

#[tokio::test]
async fn the_same_question_is_answered_from_memory_until_the_data_changes() {
    let mut desk = desk().await;
    let sql = "SELECT count(*) FROM t";
    assert_eq!(desk.rows(sql).await, "[[2]]");
    // The file changes under the same path; only its version tells.
    let old = desk.datasets.clone();
    desk.datasets.clear();
    desk.ingest("t.csv", "id,Name\n1,x\n").await.unwrap();
    desk.datasets[0].version = "2".to_owned();
    assert_eq!(desk.rows(sql).await, "[[1]]");
    let remembered =
        desk.analytics.query("select  count( * )\nfrom  t", &old, &Default::default(), Bounds::default()).await;
    assert_eq!(rows_json(&remembered.unwrap().table), "[[2]]");
}

#[tokio::test]
async fn identical_questions_at_once_are_one() {
    let desk = desk().await;
    let ask = || desk.query("SELECT count(*) FROM t a, t b");
    let answers = futures_util::future::join_all((0..50).map(|_| ask())).await;
    assert!(answers.into_iter().all(|answer| rows_json(&answer.unwrap().table) == "[[4]]"));
}

#[tokio::test]
async fn a_dataset_whose_file_is_gone_is_not_found() {
    let mut desk = desk().await;
    desk.datasets[0].path = "files/1/gone.parquet".into();
    desk.datasets[0].version = "gone".to_owned();
    assert_eq!(desk.query("SELECT * FROM t").await.unwrap_err().code, Code::NotFound);
}

/// Grouping by a period is rewritten ([`crate::floor`]); it gives what the calendar says, also where nanoseconds end.
#[tokio::test]
async fn periods_begin_with_their_first_day() {
    let mut desk = Desk::new();
    desk.ingest("t.csv", "day,at\n1969-12-31,1969-12-31 23:59:59.5\n2024-02-29,2024-02-29 12:00\n0900-05-17,\n")
        .await
        .unwrap();
    for (period, days, moments) in [
        ("day", ["1969-12-31", "2024-02-29", "0900-05-17"], ["1969-12-31", "2024-02-29"]),
        ("week", ["1969-12-29", "2024-02-26", "0900-05-17"], ["1969-12-29", "2024-02-26"]),
        ("month", ["1969-12-01", "2024-02-01", "0900-05-01"], ["1969-12-01", "2024-02-01"]),
        ("quarter", ["1969-10-01", "2024-01-01", "0900-04-01"], ["1969-10-01", "2024-01-01"]),
        ("YEAR", ["1969-01-01", "2024-01-01", "0900-01-01"], ["1969-01-01", "2024-01-01"]),
    ] {
        let sql = |column: &str| {
            format!(
                "SELECT CAST(date_trunc('{period}', {column}) AS DATE) AS p, count(*) FROM t GROUP BY 1 ORDER BY 1 DESC"
            )
        };
        let count = |day: &&str| json!([day, 1]);
        let sorted = [days[1], days[0], days[2]];
        assert_eq!(desk.rows(&sql("day")).await, json!(sorted.iter().map(count).collect::<Vec<_>>()).to_string());
        let mut expected: Vec<_> = moments.iter().rev().map(count).collect();
        expected.push(json!([null, 1]));
        assert_eq!(desk.rows(&sql("at")).await, json!(expected).to_string(), "{period}");
        let filtered =
            format!("SELECT day FROM t WHERE CAST(date_trunc('{period}', day) AS DATE) = DATE '{}'", days[1]);
        assert_eq!(desk.rows(&filtered).await, r#"[["2024-02-29"]]"#);
    }
}
