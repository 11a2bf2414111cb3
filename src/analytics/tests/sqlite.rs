//! SQLite files: good ones become datasets, bad ones are refused with a reason, and none does harm.

use serde_json::json;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use vizroom_protocol::error::Code;
use vizroom_protocol::file::{ColumnType, Format};

use super::{Bounds, Desk};
use crate::{AnalyticsLimits, Conditions};

/// A database file made by these statements.
async fn database(statements: &str) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("made.db");
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true).pragma("page_size", "4096");
    let mut connection = options.connect().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    std::fs::read(&path).unwrap()
}

const SHOP: &str = "CREATE TABLE \"Order Lines\" (id INTEGER PRIMARY KEY, day DATE, price REAL, zip TEXT, paid BOOLEAN, note);
    INSERT INTO \"Order Lines\" VALUES (1, '2024-01-31', 1.5, '00501', 1, NULL), (2, '2024-02-01', 2, '10001', 0, 'x''y');
    CREATE TABLE empty (a TEXT, b INTEGER);
    CREATE TABLE \"order-lines\" (n INTEGER) STRICT;
    INSERT INTO \"order-lines\" VALUES (7);";

#[tokio::test]
async fn each_table_becomes_a_dataset() {
    let mut desk = Desk::new();
    let ingested = desk.ingest("shop.db", database(SHOP).await).await.unwrap();
    assert_eq!((ingested.format, ingested.warnings.len()), (Format::Sqlite, 0), "{:?}", ingested.warnings);
    let names: Vec<_> = ingested.datasets.iter().map(|d| (d.dataset.name.as_str(), d.dataset.rows)).collect();
    assert_eq!(names, [("order_lines", 2), ("empty", 0), ("order_lines_2", 1)]);
    let kinds: Vec<_> = ingested.datasets[0].dataset.columns.iter().map(|c| c.kind).collect();
    use ColumnType::{Boolean, Date, Integer, Number, Text};
    assert_eq!(kinds, [Integer, Date, Number, Text, Boolean, Text]);
    let rows = desk.query("SELECT * FROM order_lines ORDER BY id").await.unwrap().table.rows;
    let expected = json!([[1, "2024-01-31", 1.5, "00501", true, null], [2, "2024-02-01", 2.0, "10001", false, "x'y"]]);
    assert_eq!(json!(rows), expected);
    assert_eq!(desk.rows("SELECT n FROM order_lines_2").await, "[[7]]");
}

#[tokio::test]
async fn foreign_keys_are_relations() {
    let statements = "PRAGMA foreign_keys = OFF; CREATE TABLE \"Customers\" (id INTEGER PRIMARY KEY, country TEXT);
        CREATE TABLE \"Order Lines\" (n INTEGER, \"Customer\" INTEGER REFERENCES customers, item TEXT, kind TEXT,
            other INTEGER REFERENCES nowhere(id), day TEXT REFERENCES days(day),
            FOREIGN KEY (item, kind) REFERENCES items(item, kind));
        CREATE TABLE items (item TEXT, kind TEXT, PRIMARY KEY (item, kind));
        CREATE TABLE days (day TEXT PRIMARY KEY, holiday BOOLEAN);
        INSERT INTO customers VALUES (1, 'de'), (2, 'no');
        INSERT INTO \"Order Lines\" (n, customer) VALUES (1, 1), (2, 2), (3, 1), (4, NULL);";
    let mut desk = Desk::new();
    let relations = desk.ingest("shop.db", database(statements).await).await.unwrap().relations;
    let texts: Vec<_> =
        relations.iter().map(|r| format!("{}.{} > {}.{}", r.table, r.column, r.to_table, r.to_column)).collect();
    assert_eq!(texts, ["order_lines.day > days.day", "order_lines.Customer > customers.id"]);
    let filters = vec![serde_json::from_str(r#"{"country":"de"}"#).unwrap()];
    let conditions = Conditions { filters, relations, ..Conditions::default() };
    let sql = "SELECT n FROM order_lines ORDER BY 1";
    let answer = desk.analytics.query_under(sql, &desk.datasets, conditions, Bounds::default()).await.unwrap();
    assert_eq!(json!(answer.table.rows), json!([[1], [3]]));
}

#[tokio::test]
async fn what_a_file_is_says_its_content() {
    let mut desk = Desk::new();
    let ingested = desk.ingest("shop.csv", database(SHOP).await).await.unwrap();
    assert_eq!(ingested.format, Format::Sqlite);
    assert!(ingested.warnings[0].contains("named like Csv"), "{:?}", ingested.warnings);
    let text = desk.ingest("sales.sqlite", "a,b\n1,2\n").await.unwrap();
    assert_eq!(text.format, Format::Csv);
    assert!(text.warnings[0].contains("named like Sqlite"), "{:?}", text.warnings);
}

#[tokio::test]
async fn values_of_many_kinds_and_other_encodings() {
    let mixed = "PRAGMA encoding = 'UTF-16le'; CREATE TABLE t (v, w, x);
        INSERT INTO t VALUES (1, 1, 'Zürich'), (2.5, 'two', x'00ff'), (9e999, NULL, '');";
    let mut desk = Desk::new();
    let ingested = desk.ingest("t.db", database(mixed).await).await.unwrap();
    let rows = desk.query("SELECT * FROM t").await.unwrap().table.rows;
    assert_eq!(json!(rows), json!([[1.0, "1", "Zürich"], [2.5, "two", null], [null, null, null]]));
    assert!(ingested.warnings[0].contains("`t`.`x`"), "{:?}", ingested.warnings);
}

#[tokio::test]
async fn nothing_of_the_file_is_run() {
    let hostile =
        "CREATE TABLE t (a INTEGER, b INTEGER GENERATED ALWAYS AS (length(hex(zeroblob(a * 1000000)))) VIRTUAL);
        INSERT INTO t (a) VALUES (1), (2);
        CREATE VIEW endless AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n;
        CREATE TRIGGER noisy AFTER INSERT ON t BEGIN SELECT RAISE(FAIL, 'run'); END;
        CREATE VIRTUAL TABLE words USING fts5(body);
        INSERT INTO words VALUES ('x');";
    let mut desk = Desk::new();
    let ingested = desk.ingest("h.db", database(hostile).await).await.unwrap();
    let names: Vec<_> = ingested.datasets.iter().map(|d| d.dataset.name.as_str()).collect();
    assert_eq!(names, ["t"]);
    assert_eq!(desk.rows("SELECT * FROM t").await, "[[1],[2]]");
    let said = ingested.warnings.join("; ");
    assert!(["`endless`", "`words`", "computed columns of `t`"].iter().all(|w| said.contains(w)), "{said}");
}

#[tokio::test]
async fn huge_values_rows_without_end_and_too_many_tables() {
    let large =
        "CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(3000000)), (printf('%.*c', 2000000, 'x')), ('small');";
    let mut desk = Desk::new();
    let ingested = desk.ingest("t.db", database(large).await).await.unwrap();
    assert!(ingested.warnings[0].contains("very large"), "{:?}", ingested.warnings);
    assert_eq!(desk.rows("SELECT count(*), count(a) FROM t").await, "[[3,1]]");

    let refused = async |limits: AnalyticsLimits, statements: &str| {
        let error = Desk::with(limits).ingest("t.db", database(statements).await).await.unwrap_err();
        (error.code, error.field)
    };
    let many = "CREATE TABLE t (a); INSERT INTO t SELECT value FROM (WITH RECURSIVE n(value) AS
        (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 10000) SELECT value FROM n);";
    let file = Some("file".to_owned());
    let small = AnalyticsLimits { inflated_bytes: 100_000, ..AnalyticsLimits::default() };
    assert_eq!(refused(small, many).await, (Code::TooLarge, file.clone()));
    let narrow = AnalyticsLimits { columns: 2, ..AnalyticsLimits::default() };
    assert_eq!(refused(narrow, "CREATE TABLE t (a, b, c)").await, (Code::TooLarge, file.clone()));
    let tables: String = (0..101).map(|n| format!("CREATE TABLE t{n} (a);")).collect();
    assert_eq!(refused(AnalyticsLimits::default(), &tables).await, (Code::TooLarge, file.clone()));
    let views = "CREATE VIEW v AS SELECT 1";
    assert_eq!(refused(AnalyticsLimits::default(), views).await, (Code::InvalidRequest, file));
}

/// Bytes anywhere in the file changed, and the file cut: rows or a reason, never a crash, and never "our fault".
#[tokio::test]
async fn broken_files_give_rows_or_a_reason() {
    let many = "CREATE TABLE t (a INTEGER, b TEXT); INSERT INTO t SELECT value, 'text ' || value FROM
        (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 2000) SELECT value FROM n);";
    let good = database(many).await;
    let mut state = 7_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut refused = 0;
    for round in 0..60 {
        let mut bytes = good.clone();
        // Most of what decides lies at the beginning of a page.
        for _ in 0..=random(8) {
            let page = random(bytes.len() / 4096) * 4096;
            let at = if random(2) == 0 { page + random(120) } else { random(bytes.len()) };
            bytes[at.max(16)] = random(256) as u8;
        }
        if round % 4 == 0 {
            bytes.truncate(16 + random(bytes.len() - 16));
        }
        let limits = AnalyticsLimits { inflated_bytes: 1 << 20, ..AnalyticsLimits::default() };
        if let Err(error) = Desk::with(limits).ingest("t.db", &bytes).await {
            assert!(matches!(error.code, Code::InvalidRequest | Code::TooLarge), "round {round}: {error:?}");
            assert_eq!(error.field.as_deref(), Some("file"), "round {round}: {error:?}");
            refused += 1;
        }
    }
    assert!(refused > 10, "{refused}");
}
