//! Files of every kind and condition become datasets, or are refused with a reason.

use std::io::Write;
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, Decimal128Array, DictionaryArray, Int32Array, RecordBatch, StringArray, TimestampSecondArray,
};
use datafusion::arrow::datatypes::Int8Type;
use datafusion::arrow::ipc::writer::{FileWriter, StreamWriter};
use datafusion::parquet::arrow::ArrowWriter;
use serde_json::{Value, json};
use vizroom_protocol::error::Code;
use vizroom_protocol::file::{ColumnType, Format};

use super::{Desk, columns};
use crate::AnalyticsLimits;

fn kinds(columns: &[vizroom_protocol::file::Column]) -> Vec<(&str, ColumnType)> {
    columns.iter().map(|column| (column.name.as_str(), column.kind)).collect()
}

#[tokio::test]
async fn a_column_has_the_type_of_all_its_values() {
    let mut text = "id,mixed,when\n".to_owned();
    for row in 0..20_000 {
        let mixed = if row == 19_000 { "NA".to_owned() } else { row.to_string() };
        text.push_str(&format!("{row},{mixed},2000-01-01\n"));
    }
    text.push_str("x1,7,Jan 2 2000\n");
    let mut desk = Desk::new();
    desk.ingest("big.csv", &text).await.unwrap();
    let columns = &desk.datasets[0].dataset.columns;
    assert_eq!(kinds(columns), [("id", ColumnType::Text), ("mixed", ColumnType::Integer), ("when", ColumnType::Date)]);
    assert_eq!(columns[1].nulls, 1);
    assert!(columns[1].distinct.abs_diff(19_999) < 600, "an estimate: {}", columns[1].distinct);
    assert_eq!(
        desk.rows("SELECT id, mixed, \"when\" FROM big ORDER BY id DESC LIMIT 1").await,
        r#"[["x1",7,"2000-01-02"]]"#
    );
    assert_eq!(desk.rows("SELECT count(*), sum(mixed) FROM big").await, "[[20001,199971007]]");
}

#[tokio::test]
async fn csv_is_read_as_it_comes() {
    for (text, rows) in [
        ("a,b\n1,x\n", json!([[1, "x"]])),
        ("\u{feff}a,b\r\n1,x\r\n", json!([[1, "x"]])),
        ("a;b\n1,5;x\n2;y\n", json!([[1.5, "x"], [2.0, "y"]])),
        ("a\tb\n1\tx\n", json!([[1, "x"]])),
        ("a|b\n1|x\n", json!([[1, "x"]])),
        ("a,b\n1,\"x\ny\"\n2,\"say \"\"hi\"\"\"\n", json!([[1, "x\ny"], [2, "say \"hi\""]])),
        ("a,b\n1\n2,y,z\n", json!([[1, null], [2, "y"]])),
        ("zip,b\n00501,true\n10001,FALSE\n", json!([["00501", true], ["10001", false]])),
        (
            "a,b\n3/4/2000,1/2/2000 13:45\n31/1/2000,\n",
            json!([["2000-04-03", "2000-01-02T13:45:00"], ["2000-01-31", null]]),
        ),
        ("sep=;\na;b\n1;2\n", json!([[1, 2]])),
        ("1,x\n2,y\n", json!([[1, "x"], [2, "y"]])),
        ("name\nx\ny\n", json!([["x"], ["y"]])),
        ("a,b\nNA,NA\n1,x\n", json!([[null, "NA"], [1, "x"]])),
        ("a,b", json!([])),
        ("value,label\n\"r1\",1,x\n\"r2\",2,y\n", json!([["r1", 1, "x"], ["r2", 2, "y"]])),
    ] {
        let mut desk = Desk::new();
        desk.ingest("t.csv", text).await.unwrap_or_else(|error| panic!("{text:?}: {error}"));
        let table = desk.query("SELECT * FROM t").await.unwrap().table;
        assert_eq!(json!(table.rows), rows, "{text:?}");
    }
}

#[tokio::test]
async fn what_was_mended_is_said() {
    let mut desk = Desk::new();
    let ragged = desk.ingest("a.csv", "a,b\n1\n2,3,4\n5,6\n").await.unwrap();
    assert_eq!(ragged.warnings.len(), 2, "{:?}", ragged.warnings);
    assert!(ragged.warnings[0].contains("1 row with too few"), "{:?}", ragged.warnings);
    let latin = desk.ingest("b.csv", b"name,n\nZ\xFCrich,1\n").await.unwrap();
    assert!(latin.warnings[0].contains("not UTF-8"), "{:?}", latin.warnings);
    assert_eq!(desk.rows("SELECT name FROM b").await, r#"[["Zürich"]]"#);
    let lies = desk.ingest("c.json", "a,b\n1,2\n").await.unwrap();
    assert_eq!(lies.format, Format::Csv);
    assert!(lies.warnings[0].contains("named like Json"), "{:?}", lies.warnings);
    let headless = desk.ingest("d.csv", "1,2\n3,4\n").await.unwrap();
    assert!(headless.warnings[0].contains("no header"), "{:?}", headless.warnings);
}

#[tokio::test]
async fn names_are_kept_and_made_unique() {
    let columns = columns("t.csv", "Name,Name,,IMDB Rating,name\nx,1,2,3,4\n").await;
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["Name", "Name_2", "column_3", "IMDB Rating", "name"]);
}

#[tokio::test]
async fn json_is_read_in_every_shape() {
    for (name, text, rows, format) in [
        ("array", r#"[{"b":1,"a":"x"},{"a":"y","c":null}]"#, json!([[1, "x", null], [null, "y", null]]), Format::Json),
        ("under a key", r#"{"meta":{"n":2},"data":[{"a":1},{"a":2.5}]}"#, json!([[1.0], [2.5]]), Format::Json),
        ("beside numbers", r#"{"bbox":[1,2],"features":[{"a":1}]}"#, json!([[1]]), Format::Json),
        ("lines", "{\"a\":1}\n{\"a\":2}\n", json!([[1], [2]]), Format::Ndjson),
        ("one object", r#"{"a":1,"b":"x"}"#, json!([[1, "x"]]), Format::Json),
        ("arrays", "[[1,\"x\"],[2,\"y\"]]", json!([[1, "x"], [2, "y"]]), Format::Json),
        ("scalars", "[1,2,null]", json!([[1], [2], [null]]), Format::Json),
        ("nested", r#"[{"a":{"x":[1,2]},"b":[1]}]"#, json!([[r#"{"x":[1,2]}"#, "[1]"]]), Format::Json),
        (
            "numbers among texts",
            r#"[{"Title":"Up","n":1},{"Title":1776,"n":null}]"#,
            json!([["Up", 1], ["1776", null]]),
            Format::Json,
        ),
        (
            "dates",
            r#"[{"d":"Jun 12 1998"},{"d":"Aug 07 1998"}]"#,
            json!([["1998-06-12"], ["1998-08-07"]]),
            Format::Json,
        ),
        ("escapes", r#"[{"a\"b":"x\ny\u00e9"}]"#, json!([["x\nyé"]]), Format::Json),
        ("empty strings", r#"[{"a":"","b":1}]"#, json!([[null, 1]]), Format::Json),
    ] {
        let mut desk = Desk::new();
        let ingested = desk.ingest("t.json", text).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(ingested.format, format, "{name}");
        let table = desk.query("SELECT * FROM t").await.unwrap().table;
        assert_eq!(json!(table.rows), rows, "{name}");
    }
}

fn batch() -> RecordBatch {
    let kinds: DictionaryArray<Int8Type> = vec!["a", "b", "a"].into_iter().collect();
    let times = TimestampSecondArray::from(vec![Some(0), None, Some(86_400)]).with_timezone("+02:00");
    let money = Decimal128Array::from(vec![150, 250, 350]).with_precision_and_scale(10, 2).unwrap();
    RecordBatch::try_from_iter([
        ("n", Arc::new(Int32Array::from(vec![Some(1), None, Some(3)])) as ArrayRef),
        ("kind", Arc::new(kinds)),
        ("at", Arc::new(times)),
        ("money", Arc::new(money)),
        ("text", Arc::new(StringArray::from(vec!["x", "y", "z"]))),
    ])
    .unwrap()
}

#[tokio::test]
async fn parquet_and_arrow_keep_their_values() {
    let batch = batch();
    let mut parquet = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
    parquet.write(&batch).unwrap();
    let parquet = parquet.into_inner().unwrap();
    let mut file = FileWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    file.write(&batch).unwrap();
    let file = file.into_inner().unwrap();
    let mut stream = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    stream.write(&batch).unwrap();
    let stream = stream.into_inner().unwrap();
    let rows = json!([
        [1, "a", "1970-01-01T00:00:00", 1.5, "x"],
        [null, "b", null, 2.5, "y"],
        [3, "a", "1970-01-02T00:00:00", 3.5, "z"]
    ]);
    for (bytes, format) in [(parquet, Format::Parquet), (file, Format::Arrow), (stream, Format::Arrow)] {
        let mut desk = Desk::new();
        let ingested = desk.ingest("t.bin", bytes).await.unwrap();
        assert_eq!(ingested.format, format);
        assert_eq!(json!(desk.query("SELECT * FROM t").await.unwrap().table.rows), rows, "{format:?}");
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn gzip_is_inflated_within_bounds() {
    let mut desk = Desk::with(AnalyticsLimits { inflated_bytes: 1_000, ..AnalyticsLimits::default() });
    let ingested = desk.ingest("t.csv.gz", gzip(b"a,b\n1,2\n")).await.unwrap();
    assert_eq!((ingested.format, ingested.warnings.len()), (Format::Csv, 0));
    assert_eq!(desk.rows("SELECT * FROM t").await, "[[1,2]]");
    let bomb = gzip(&vec![b'x'; 1_000_000]);
    assert_eq!(desk.ingest("bomb.csv.gz", bomb).await.unwrap_err().code, Code::TooLarge);
    let twice = desk.ingest("t.csv.gz", gzip(&gzip(b"a\n1\n"))).await.unwrap_err();
    assert!(twice.message.contains("gzip within gzip"), "{twice}");
    let cut = &gzip(b"a,b\n1,2\n3,4\n5,6\n")[..20];
    assert_eq!(desk.ingest("cut.csv.gz", cut).await.unwrap_err().code, Code::InvalidRequest);
}

#[tokio::test]
async fn what_is_no_table_is_refused_with_the_reason() {
    let wide = (0..10_000).map(|n| format!("c{n}")).collect::<Vec<_>>().join(",");
    let wide_json = format!("[{{{}}}]", (0..3_000).map(|n| format!("\"c{n}\":1")).collect::<Vec<_>>().join(","));
    for (name, bytes, reason) in [
        ("empty", &b""[..], "empty"),
        ("blank", b" \n\n ", "empty"),
        ("broken SQLite", b"SQLite format 3\0and so on", "cannot be read"),
        ("excel", b"PK\x03\x04and so on", "Excel"),
        ("page", b"<!DOCTYPE html><html></html>", "web page"),
        ("binary", b"\x7fELF\x02\x01\x01\0\0\0", "neither text nor"),
        ("broken JSON", b"[{\"a\":1},{\"a\":", "broken JSON"),
        ("several tables", b"{\"a\":[1],\"b\":[2]}", "several tables (a, b)"),
        ("broken Parquet", b"PAR1 is all there is of it PAR1", "cannot be read"),
        ("broken Arrow", b"ARROW1\0\0 and nothing more", "cannot be read"),
        ("no rows", b"[]", "no columns"),
        ("wide", wide.as_bytes(), "more than 2000 columns"),
        ("wide JSON", wide_json.as_bytes(), "more than 2000 columns"),
    ] {
        let error = Desk::new().ingest("t.csv", bytes).await.expect_err(name);
        assert_eq!(error.field.as_deref(), Some("file"), "{name}: {error:?}");
        assert!(error.message.contains(reason), "{name}: {error}");
    }
}

#[tokio::test]
async fn a_quote_that_never_closes_does_not_fill_the_memory() {
    let mut desk = Desk::with(AnalyticsLimits { row_bytes: 100_000, ..AnalyticsLimits::default() });
    let text = format!("a,b\n1,\"{}", "x,y\n".repeat(100_000));
    let error = desk.ingest("t.csv", text).await.unwrap_err();
    assert!(error.message.contains("a row is longer than"), "{error}");
    let long = format!("[{{\"a\":\"{}\"}}]", "x".repeat(400_000));
    let error = desk.ingest("t.json", long).await.unwrap_err();
    assert!(error.message.contains("a row is longer than"), "{error}");
}

#[tokio::test]
async fn a_profile_says_what_is_in_a_column() {
    let mut text = "n,city,flag,empty,big\n".to_owned();
    for row in 0..12_000 {
        let city = ["Bern", "Bern", "Rome", ""][row % 4];
        text.push_str(&format!("{},{city},{},,{row}\n", row % 7, row % 2 == 0));
    }
    let columns = columns("t.csv", text).await;
    let [n, city, flag, empty, big] = columns.as_slice() else { panic!("{columns:?}") };
    assert_eq!((n.nulls, n.distinct, n.min.clone(), n.max.clone()), (0, 7, Some(json!(0)), Some(json!(6))));
    assert_eq!(n.top.len(), 7);
    assert!((n.mean.unwrap() - 3.0).abs() < 0.01);
    assert_eq!((city.nulls, city.distinct, city.top.clone()), (3_000, 2, vec![json!("Bern"), json!("Rome")]));
    assert_eq!((flag.kind, flag.distinct, flag.top.len()), (ColumnType::Boolean, 2, 2));
    assert_eq!((empty.nulls, empty.distinct, empty.min.clone()), (12_000, 0, None));
    assert!(big.distinct == 12_000 && big.top.is_empty(), "{big:?}");
    assert_eq!(big.max, Some(Value::from(11_999)));
}

/// A table is looked up by what is another one in each row: an estimate of how many there are would not do.
#[tokio::test]
async fn the_keys_of_a_large_table_are_known_as_such() {
    let mut text = "id,code,nearly,price\n".to_owned();
    for row in 0..60_000 {
        text.push_str(&format!("{},c{row},{},{row}.5\n", row * 7, row.max(1)));
    }
    let columns = columns("t.csv", text).await;
    let [id, code, nearly, price] = columns.as_slice() else { panic!("{columns:?}") };
    assert_eq!((id.distinct, code.distinct), (60_000, 60_000));
    for estimated in [nearly, price] {
        assert!(estimated.distinct.abs_diff(60_000) < 3_000, "{estimated:?}");
    }
}

#[tokio::test]
async fn wide_and_empty_tables_are_profiled() {
    let wide = (0..300).map(|n| format!("c{n}")).collect::<Vec<_>>().join(",");
    let columns = columns("t.csv", format!("{wide}\n{}\n", vec!["1"; 300].join(","))).await;
    assert_eq!(columns.len(), 300);
    assert!(columns.iter().all(|column| column.distinct == 1 && column.top == [json!(1)]));
    let none = super::columns("t.csv", "a,b\n").await;
    assert!(none.iter().all(|column| column.distinct == 0 && column.nulls == 0 && column.kind == ColumnType::Text));
}

/// A file of several parts, which first looks like something else than it is.
#[tokio::test]
async fn what_comes_late_counts_as_much() {
    for (first, late, kind) in [
        ("1", "2.5", ColumnType::Number),
        ("1.5", "12345678901234567", ColumnType::Text),
        ("", "7", ColumnType::Integer),
        ("NA", "x", ColumnType::Text),
        ("2000-01-31", "2000-02-01 12:00", ColumnType::Timestamp),
        ("3/4/2000", "31/1/2000", ColumnType::Date),
        ("true", "maybe", ColumnType::Text),
        ("x", "1", ColumnType::Text),
    ] {
        let rows = 3 * 100_000;
        let mut text = format!("wide,{first}\n").repeat(rows);
        text.insert_str(0, "name,value\n");
        text.push_str(&format!("wide,{late}\n"));
        let mut desk = Desk::new();
        desk.ingest("t.csv", &text).await.unwrap();
        assert_eq!(desk.datasets[0].dataset.columns[1].kind, kind, "{first} and {late}");
        let late = if kind == ColumnType::Text { format!("{late:?}") } else { late.to_owned() };
        let stored = desk.rows("SELECT count(*), count(DISTINCT value), max(length(name)) FROM t").await;
        let distinct = 1 + i32::from(!matches!(first, ""));
        assert_eq!(stored, format!("[[{},{distinct},4]]", rows + 1), "{first} and {late}");
    }
}

#[tokio::test]
async fn what_is_frequent_shows_among_many() {
    let mut text = "name,amount,day\n".to_owned();
    for row in 0..40_000 {
        let name = if row % 3 == 0 { format!("v{}", row % 2) } else { format!("n{row}") };
        text.push_str(&format!(
            "{name},{},{}\n",
            f64::from(row - 20_000) / 4.0,
            ["1969-12-31", "2024-02-29"][row as usize % 2]
        ));
    }
    let columns = columns("t.csv", text).await;
    let [name, amount, day] = columns.as_slice() else { panic!("{columns:?}") };
    assert!(name.distinct.abs_diff(26_668) < 1_000, "an estimate: {}", name.distinct);
    assert_eq!((&name.top[..2], name.top.len()), (&[json!("v0"), json!("v1")][..], 50));
    assert_eq!((name.min.clone(), name.max.clone()), (Some(json!("n1")), Some(json!("v1"))));
    assert_eq!((amount.min.clone(), amount.max.clone()), (Some(json!(-5_000.0)), Some(json!(4_999.75))));
    assert!((amount.mean.unwrap() + 0.125).abs() < 1e-9 && amount.distinct.abs_diff(40_000) < 1_500, "{amount:?}");
    assert_eq!((day.distinct, day.top.clone()), (2, vec![json!("1969-12-31"), json!("2024-02-29")]));
}
