//! What people ask runs: TPC-H, reports over its tables, and the language piece by piece.
//!
//! With `VIZROOM_ANSWERS=FOLDER` tables and answers are left there, for another engine to be asked the same
//! (`tests/guard/check.py`).

use std::fs;
use std::path::PathBuf;

use serde_json::json;

use super::hostile;
use super::written::{Expected, statements};
use super::{Desk, tpch};

const LANGUAGE: (&str, &str) = ("language", include_str!("legitimate/language.sql"));
/// Said in a way that other engines understand, too.
const SHARED: &[(&str, &str)] =
    &[("tpch", include_str!("legitimate/tpch.sql")), ("reports", include_str!("legitimate/reports.sql"))];

#[tokio::test]
async fn the_language_of_queries_runs() {
    let desk = hostile::desk(hostile::MEMORY_BYTES).await;
    let (mut complaints, mut count) = (Vec::new(), 0);
    for written in statements(LANGUAGE.0, LANGUAGE.1) {
        count += 1;
        assert!(matches!(written.expected, Expected::Answered));
        if let Err(error) = desk.query(&written.sql).await {
            complaints.push(format!("{}\n  {error}", written.sql));
        }
    }
    assert!(complaints.is_empty(), "{} of {count}:\n{}", complaints.len(), complaints.join("\n"));
    assert!(count >= 90, "{count}");
}

#[tokio::test]
async fn tpch_and_reports_run() {
    let mut desk = Desk::new();
    let tables = tpch::tables();
    let answers = std::env::var_os("VIZROOM_ANSWERS").map(PathBuf::from);
    for (name, text) in &tables {
        desk.ingest(&format!("{name}.csv"), text).await.unwrap();
        if let Some(folder) = &answers {
            fs::write(folder.join(format!("{name}.csv")), text).unwrap();
        }
    }
    let (mut complaints, mut given) = (Vec::new(), Vec::new());
    for written in SHARED.iter().flat_map(|(file, text)| statements(file, text)) {
        match desk.query(&written.sql).await {
            Ok(answer) if answer.table.rows.is_empty() => complaints.push(format!("{}\n  no rows", written.sql)),
            Ok(answer) => given.push(json!({ "sql": written.sql, "rows": answer.table.rows })),
            Err(error) => complaints.push(format!("{}\n  {error}", written.sql)),
        }
    }
    assert!(complaints.is_empty(), "{}:\n{}", complaints.len(), complaints.join("\n"));
    assert!(given.len() >= 80, "{}", given.len());
    if let Some(folder) = &answers {
        fs::write(folder.join("answers.json"), json!(given).to_string()).unwrap();
    }
}
