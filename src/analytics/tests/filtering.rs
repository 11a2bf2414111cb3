//! A drill-down leaves the rows it should, wherever in the query its table stands.

use proptest::prelude::*;
use serde_json::{Value, json};
use vizroom_protocol::dashboard::FilterState;

use super::{Bounds, Desk, json as rows_json};

const TEXT: &str = "id,Origin,amount,price,paid,day,at\n\
    1,USA,10,1.5,true,2013-01-15,2013-01-15T07:30:00\n\
    2,Japan,20,2.5,false,2013-02-28,2013-02-28T23:59:59\n\
    3,USA,,3.5,true,2013-03-01,2013-03-01T00:00:00\n\
    4,,40,,,2014-03-31,2014-03-31T07:00:00\n\
    5,O'Brien,50,5.5,false,,\n";

async fn desk() -> Desk {
    let mut desk = Desk::new();
    desk.ingest("sales.csv", TEXT).await.unwrap();
    desk
}

async fn ids(desk: &Desk, filter: &str) -> String {
    let answer = desk.filtered("SELECT id FROM sales ORDER BY id", filter).await;
    rows_json(&answer.unwrap_or_else(|error| panic!("{filter}: {error:?}")).table)
}

#[tokio::test]
async fn every_form_leaves_the_rows_it_says() {
    let desk = desk().await;
    for (filter, left) in [
        (r#"{}"#, "[[1],[2],[3],[4],[5]]"),
        (r#"{"Origin":"USA"}"#, "[[1],[3]]"),
        (r#"{"origin":"USA"}"#, "[[1],[3]]"),
        (r#"{"Origin":["USA","Japan"]}"#, "[[1],[2],[3]]"),
        (r#"{"Origin":["USA",null]}"#, "[[1],[3],[4]]"),
        (r#"{"Origin":null}"#, "[[4]]"),
        (r#"{"Origin":[]}"#, "[]"),
        (r#"{"Origin":[null]}"#, "[[4]]"),
        (r#"{"Origin":"O'Brien"}"#, "[[5]]"),
        (r#"{"Origin":"' OR 1=1 --"}"#, "[]"),
        (r#"{"amount":20}"#, "[[2]]"),
        (r#"{"amount":"20"}"#, "[[2]]"),
        (r#"{"amount":{"gte":20,"lt":50}}"#, "[[2],[4]]"),
        (r#"{"amount":{"gt":20.5}}"#, "[[4],[5]]"),
        (r#"{"price":{"lte":2.5}}"#, "[[1],[2]]"),
        (r#"{"paid":true}"#, "[[1],[3]]"),
        (r#"{"paid":["true",null]}"#, "[[1],[3],[4]]"),
        (r#"{"day":"2013-03-01"}"#, "[[3]]"),
        (r#"{"day":{"gte":"2013-02-01","lt":"2014-01-01"}}"#, "[[2],[3]]"),
        (r#"{"at":{"gte":"2013-02-28T12:00:00"}}"#, "[[2],[3],[4]]"),
        (r#"{"at":1362096000000}"#, "[[3]]"),
        (r#"{"Origin":"USA","amount":{"gte":1}}"#, "[[1]]"),
        (r#"{"at:month":"2013-02-01"}"#, "[[2]]"),
        (r#"{"at:month":"2013-02-14"}"#, "[[2]]"),
        (r#"{"AT:year":2013}"#, "[[1],[2],[3]]"),
        (r#"{"day:quarter":["2013-01-01","2014-01-01"]}"#, "[[1],[2],[3],[4]]"),
        (r#"{"day:month":{"gt":"2013-01-01","lte":"2013-03-01"}}"#, "[[2],[3]]"),
        (r#"{"at:hour_of_day":7}"#, "[[1],[4]]"),
        (r#"{"at:month_of_year":"March"}"#, "[[3],[4]]"),
        (r#"{"day:day_of_week":["Monday",5]}"#, "[[3],[4]]"),
        (r#"{"day:year":null}"#, "[[5]]"),
    ] {
        assert_eq!(ids(&desk, filter).await, left, "{filter}");
    }
}

#[tokio::test]
async fn plain_words_for_time_mean_the_only_date() {
    let mut desk = Desk::new();
    desk.ingest("t.csv", "id,day\n1,2013-01-15\n2,2013-05-01\n3,2014-02-01\n").await.unwrap();
    for (filter, left) in [
        (r#"{"year":2013}"#, "[[1],[2]]"),
        (r#"{"year":["2014"]}"#, "[[3]]"),
        (r#"{"fiscal_quarter":"Q1"}"#, "[[1],[3]]"),
        (r#"{"quarter":2}"#, "[[2]]"),
        (r#"{"month":"jan"}"#, "[[1]]"),
        (r#"{"weekday":"Wednesday"}"#, "[[2]]"),
    ] {
        let answer = desk.filtered("SELECT id FROM t ORDER BY id", filter).await.unwrap();
        assert_eq!((rows_json(&answer.table), answer.filters_skipped.len()), (left.to_owned(), 0), "{filter}");
    }
}

#[tokio::test]
async fn the_filter_reaches_the_table_wherever_it_stands() {
    let desk = desk().await;
    for (sql, rows) in [
        ("WITH s AS (SELECT * FROM sales) SELECT count(*) FROM s", "[[2]]"),
        ("SELECT count(*) FROM sales a JOIN sales b ON a.id = b.id", "[[2]]"),
        ("SELECT count(*) FROM sales a, sales b", "[[4]]"),
        ("SELECT (SELECT count(*) FROM sales)", "[[2]]"),
        ("SELECT count(*) FROM (SELECT id FROM sales UNION ALL SELECT id FROM sales)", "[[4]]"),
        ("SELECT id FROM sales WHERE id IN (SELECT max(id) FROM sales)", "[[3]]"),
        ("SELECT max(n) FROM (SELECT row_number() OVER (ORDER BY id) AS n FROM sales)", "[[2]]"),
        // The filtered column need not be selected, nor may an alias hide it.
        ("SELECT DISTINCT 'Japan' AS \"Origin\" FROM sales", r#"[["Japan"]]"#),
    ] {
        let answer = desk.filtered(sql, r#"{"Origin":"USA"}"#).await.unwrap();
        assert_eq!(rows_json(&answer.table), rows, "{sql}");
    }
}

#[tokio::test]
async fn a_filter_without_a_column_is_skipped_and_said() {
    let mut desk = desk().await;
    desk.ingest("regions.csv", "region,size\nUSA,1\nJapan,2\n").await.unwrap();
    let filter = r#"{"Origin":"USA","nowhere":1}"#;
    let both = desk.filtered("SELECT count(*) FROM sales, regions", filter).await.unwrap();
    assert_eq!((rows_json(&both.table), both.filters_skipped), ("[[4]]".to_owned(), vec!["nowhere".to_owned()]));
    let other = desk.filtered("SELECT count(*) FROM regions", filter).await.unwrap();
    assert_eq!((rows_json(&other.table), other.filters_skipped.len()), ("[[2]]".to_owned(), 2));
}

#[tokio::test]
async fn a_value_that_does_not_suit_its_column_is_an_error_that_names_it() {
    let desk = desk().await;
    for (filter, field) in [
        (r#"{"amount":"many"}"#, "filter_state.amount"),
        (r#"{"amount":true}"#, "filter_state.amount"),
        (r#"{"paid":7}"#, "filter_state.paid"),
        (r#"{"day":"soon"}"#, "filter_state.day"),
        (r#"{"Origin":{"near":"USA"}}"#, "filter_state.Origin"),
        (r#"{"Origin":{}}"#, "filter_state.Origin"),
        (r#"{"Origin":[["USA"]]}"#, "filter_state.Origin"),
        (r#"{"amount":{"gte":null}}"#, "filter_state.amount"),
        (r#"{"Origin:month":"2013-01-01"}"#, "filter_state.Origin:month"),
        (r#"{"at:century":"2013-01-01"}"#, "filter_state.at:century"),
        (r#"{"at:hour_of_day":24}"#, "filter_state.at:hour_of_day"),
        (r#"{"at:year":"x"}"#, "filter_state.at:year"),
    ] {
        let error = desk.filtered("SELECT id FROM sales", filter).await.unwrap_err();
        assert_eq!(error.field.as_deref(), Some(field), "{filter}: {error}");
    }
}

/// A small table's rows: a text, a whole number and a day, each perhaps missing.
fn arbitrary_rows() -> impl Strategy<Value = Vec<(Option<char>, Option<i64>, Option<u32>)>> {
    let text = proptest::option::of(prop::char::range('a', 'd'));
    let whole = proptest::option::of(-3_i64..4);
    let day = proptest::option::of(1_u32..29);
    proptest::collection::vec((text, whole, day), 1..12)
}

fn arbitrary_filter() -> impl Strategy<Value = FilterState> {
    let text = prop_oneof![Just(Value::Null), prop::char::range('a', 'e').prop_map(|letter| json!(letter.to_string()))];
    let text = prop_oneof![text.clone(), proptest::collection::vec(text, 0..3).prop_map(Value::from)];
    let whole = prop_oneof![Just(Value::Null), (-4_i64..5).prop_map(Value::from)];
    let range = (proptest::option::of(-4_i64..5), -4_i64..5).prop_map(|(low, high)| match low {
        Some(low) => json!({"gt": low, "lte": high}),
        None => json!({"lt": high}),
    });
    let whole = prop_oneof![whole.clone(), proptest::collection::vec(whole, 0..3).prop_map(Value::from), range];
    let day = (1_u32..29).prop_map(|day| json!({"gte": format!("2020-02-{day:02}")}));
    (proptest::option::of(text), proptest::option::of(whole), proptest::option::of(day)).prop_map(
        |(text, whole, day)| {
            let named = [("Letter", text), ("n", whole), ("day", day)];
            named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
        },
    )
}

/// What the documentation of `FilterState` says, spelled out for one cell.
fn passes(cell: &Value, wanted: &Value) -> bool {
    match wanted {
        Value::Array(values) => values.iter().any(|value| passes(cell, value)),
        Value::Object(range) => {
            !cell.is_null()
                && range.iter().all(|(operator, bound)| {
                    let order = match (cell, bound) {
                        (Value::Number(cell), Value::Number(bound)) => cell.as_i64().cmp(&bound.as_i64()),
                        _ => cell.as_str().cmp(&bound.as_str()),
                    };
                    match operator.as_str() {
                        "gt" => order.is_gt(),
                        "gte" => order.is_ge(),
                        "lt" => order.is_lt(),
                        _ => order.is_le(),
                    }
                })
        }
        scalar => cell == scalar,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Filtering by substitution gives the rows that filtering by hand does.
    #[test]
    fn substitution_is_filtering(rows in arbitrary_rows(), filters in proptest::collection::vec(arbitrary_filter(), 6)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            // A first row pins the types of the columns.
            let mut text = "id,Letter,n,day\n0,z,100,2019-01-01\n".to_owned();
            let mut table = vec![(json!("z"), json!(100), json!("2019-01-01"))];
            for (index, (letter, whole, day)) in rows.iter().enumerate() {
                let letter = letter.map(|letter| letter.to_string());
                let day = day.map(|day| format!("2020-02-{day:02}"));
                let whole_text = whole.map(|whole| whole.to_string());
                let cells = [&letter, &whole_text, &day].map(|cell| cell.as_deref().unwrap_or_default());
                text.push_str(&format!("{},{}\n", index + 1, cells.join(",")));
                table.push((json!(letter), json!(whole), json!(day)));
            }
            let mut desk = Desk::new();
            desk.ingest("t.csv", text).await.unwrap();
            for filter in &filters {
                let by_hand: Vec<Value> = table.iter().enumerate().filter(|(_, (letter, whole, day))| {
                    filter.iter().all(|(name, wanted)| match name.as_str() {
                        "Letter" => passes(letter, wanted),
                        "n" => passes(whole, wanted),
                        _ => passes(day, wanted),
                    })
                }).map(|(id, _)| json!([id])).collect();
                for sql in ["SELECT id FROM t ORDER BY id", "WITH x AS (SELECT * FROM t) SELECT a.id FROM x a JOIN t b ON a.id = b.id ORDER BY 1"] {
                    let answer = desk.analytics.query(sql, &desk.datasets, filter, Bounds::default()).await.unwrap();
                    assert_eq!(json!(answer.table.rows), json!(by_hand), "{filter:?}");
                }
            }
        });
    }
}
