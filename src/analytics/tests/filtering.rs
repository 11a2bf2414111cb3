//! A drill-down leaves the rows it should, wherever in the query its table stands.

use vizroom_protocol::dashboard::SkipReason;
use vizroom_protocol::error::{Code, Error};

use super::{Bounds, Desk, json as rows_json};
use crate::{Answer, Conditions};

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
        (r#"{"sales.origin":"Japan"}"#, "[[2]]"),
        // A date stands for all it covers, at both ends of a range.
        (r#"{"at":"2013-02-28"}"#, "[[2]]"),
        (r#"{"at":{"gt":"2013-01-15","lte":"2013-02-28"}}"#, "[[2]]"),
        (r#"{"at":{"gte":"2013-01-15","lt":"2013-02-28"}}"#, "[[1]]"),
        (r#"{"at":["2013-01-15","2014-03"]}"#, "[[1],[4]]"),
        (r#"{"at":"2013-02-28T23:59"}"#, "[[2]]"),
        (r#"{"day":"2013"}"#, "[[1],[2],[3]]"),
        (r#"{"day":2014}"#, "[[4]]"),
        (r#"{"day":"2013-Q1"}"#, "[[1],[2],[3]]"),
        (r#"{"day":{"gte":"2013-02","lte":"2013-03"}}"#, "[[2],[3]]"),
        (r#"{"day":"2013-W09"}"#, "[[2],[3]]"),
        (r#"{"day:month":"2013"}"#, "[[1],[2],[3]]"),
        // A part of a date, or the one that is named.
        (r#"{"day:month":"March"}"#, "[[3],[4]]"),
        (r#"{"day:quarter":"Q1"}"#, "[[1],[2],[3],[4]]"),
        (r#"{"day:fiscal_quarter":"2014-Q1"}"#, "[[4]]"),
        (r#"{"day:month_of_year":["2013-01","March"]}"#, "[[1],[3],[4]]"),
        (r#"{"day:day_of_month":{"gte":28}}"#, "[[2],[4]]"),
        (r#"{"at:week_of_year":9}"#, "[[2],[3]]"),
        (r#"{"at:weekday":{"gte":"Thu"}}"#, "[[2],[3]]"),
        // In a zone: 23:59:59 in London is the next day in Berlin, and midnight there is still yesterday in New York.
        (r#"{"at":"2013-03-01[Europe/Berlin]"}"#, "[[2],[3]]"),
        (r#"{"at":"2013-03-01+01:00"}"#, "[[2],[3]]"),
        (r#"{"at@Europe/Berlin":"2013-03-01"}"#, "[[2],[3]]"),
        (r#"{"at":{"gte":"2013-03-01T00:59:59+01:00"}}"#, "[[2],[3],[4]]"),
        (r#"{"at:day@America/New_York":"2013-02-28"}"#, "[[2],[3]]"),
        (r#"{"at:hour_of_day@Europe/Berlin":[8,9]}"#, "[[1],[4]]"),
        (r#"{"at:hour_of_day@+05:30":5}"#, "[[2],[3]]"),
        (r#"{"at:month_of_year@America/New_York":"Feb"}"#, "[[2],[3]]"),
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
        (r#"{"Fiscal Quarter":"2013-Q2"}"#, "[[2]]"),
        (r#"{"t.month":[1,2]}"#, "[[1],[3]]"),
        (r#"{"date":{"lt":"2013-05"}}"#, "[[1]]"),
    ] {
        let answer = desk.filtered("SELECT id FROM t ORDER BY id", filter).await.unwrap();
        assert_eq!((rows_json(&answer.table), answer.filters_skipped.len()), (left.to_owned(), 0), "{filter}");
    }
}

/// Fiscal years that begin in October, over the 15th of each month of 2015 and 2016; the rows that are left by hand.
#[tokio::test]
async fn fiscal_years_begin_when_they_are_said_to() {
    let mut desk = Desk::new();
    let month = |n: u32| format!("{n},{}-{:02}-15\n", 2015 + (n - 1) / 12, (n - 1) % 12 + 1);
    desk.ingest("t.csv", format!("n,day\n{}", (1..=24).map(month).collect::<String>())).await.unwrap();
    let left = async |filter: &str, begins: Option<u8>| {
        let filters = vec![serde_json::from_str(filter).unwrap()];
        let conditions = Conditions { filters, fiscal_year_begins: begins, ..Conditions::default() };
        let asked =
            desk.analytics.query_under("SELECT n FROM t ORDER BY n", &desk.datasets, conditions, Bounds::default());
        let rows = asked.await.unwrap_or_else(|error| panic!("{filter}: {error:?}")).table.rows;
        rows.iter().map(|row| row[0].as_u64().unwrap()).collect::<Vec<_>>()
    };
    let all = |ranges: &[std::ops::RangeInclusive<u64>]| ranges.iter().cloned().flatten().collect::<Vec<_>>();
    for (filter, rows) in [
        (r#"{"fiscal_year":"FY 2016"}"#, all(&[10..=21])),
        (r#"{"fiscal_year":2016}"#, all(&[10..=21])),
        (r#"{"day:fiscal_year":"2015-11-30"}"#, all(&[10..=21])),
        (r#"{"day:fiscal_year":{"lt":"FY2016"}}"#, all(&[1..=9])),
        (r#"{"day:fiscal_year":["FY 2015","FY 2017"]}"#, all(&[1..=9, 22..=24])),
        (r#"{"fiscal_quarter":"FY 2016 Q2"}"#, all(&[13..=15])),
        (r#"{"fiscal_quarter":"2016-Q2"}"#, all(&[13..=15])),
        (r#"{"fiscal_quarter":"Q1"}"#, all(&[10..=12, 22..=24])),
        (r#"{"fiscal_quarter":["Q1",4]}"#, all(&[7..=12, 19..=24])),
        (r#"{"fiscal_quarter":{"gte":"Q2","lt":4}}"#, all(&[1..=6, 13..=18])),
        (r#"{"day:fiscal_quarter":{"gt":"Q4"}}"#, Vec::new()),
        (r#"{"day:fiscal_quarter":{"gte":"FY 2016 Q1","lte":"FY 2016 Q2"}}"#, all(&[10..=15])),
        (r#"{"day:fiscal_quarter":["FY 2015 Q2","FY 2016 Q4"]}"#, all(&[1..=3, 19..=21])),
        // Those of the calendar stay what they are.
        (r#"{"quarter":"Q1"}"#, all(&[1..=3, 13..=15])),
        (r#"{"year":2016}"#, all(&[13..=24])),
    ] {
        assert_eq!(left(filter, Some(10)).await, rows, "{filter}");
    }
    // With another month the same words are another question.
    assert_eq!(left(r#"{"fiscal_year":"FY 2016"}"#, Some(2)).await, all(&[2..=13]));
    assert_eq!(left(r#"{"fiscal_quarter":"Q1"}"#, Some(2)).await, all(&[2..=4, 14..=16]));
    assert_eq!(left(r#"{"fiscal_quarter":"Q4"}"#, Some(12)).await, all(&[9..=11, 21..=23]));
    assert_eq!(left(r#"{"fiscal_year":"FY 2016"}"#, None).await, all(&[13..=24]));
    assert_eq!(left(r#"{"fiscal_quarter":{"lte":"Q1"}}"#, None).await, all(&[1..=3, 13..=15]));
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
async fn a_filter_that_narrows_nothing_is_skipped_and_said() {
    let mut desk = desk().await;
    desk.ingest("regions.csv", "region,size\nUSA,1\nJapan,2\n").await.unwrap();
    let filter = r#"{"Origin":"USA","nowhere":1,"month":1}"#;
    let skipped = |answer: &Answer| {
        let all = answer.filters_skipped.iter().map(|skipped| (skipped.key.clone(), skipped.reason));
        all.collect::<Vec<_>>()
    };
    let both = desk.filtered("SELECT count(*) FROM sales, regions", filter).await.unwrap();
    let (month, nowhere) = (("month".to_owned(), SkipReason::Ambiguous), ("nowhere".to_owned(), SkipReason::NoColumn));
    assert_eq!((rows_json(&both.table), skipped(&both)), ("[[4]]".to_owned(), vec![month, nowhere.clone()]));
    assert_eq!(
        both.filters_skipped[0].message,
        "`sales` has several dates: say which, as in `day:month` or `at:month`"
    );
    let other = desk.filtered("SELECT count(*) FROM regions", filter).await.unwrap();
    let origin = ("Origin".to_owned(), SkipReason::NoRelation);
    let month = ("month".to_owned(), SkipReason::NoColumn);
    assert_eq!((rows_json(&other.table), skipped(&other)), ("[[2]]".to_owned(), vec![origin, month, nowhere]));
    assert_eq!(
        other.filters_skipped[0].message,
        "`regions` has no column `Origin`, and no relation leads from it to `sales`, which has"
    );
}

/// A query under a filter, where relations hold: `a.b > c.d`.
async fn related(desk: &Desk, sql: &str, filter: &str, relations: &[&str]) -> Result<Answer, Error> {
    let conditions = conditions(filter, relations);
    desk.analytics.query_under(sql, &desk.datasets, conditions, Bounds::default()).await
}

fn conditions(filter: &str, relations: &[&str]) -> Conditions {
    let relations = relations.iter().map(|text| {
        let mut words = text.split([' ', '.', '>']).filter(|word| !word.is_empty()).map(str::to_owned);
        let mut next = || words.next().unwrap();
        vizroom_protocol::file::Relation { table: next(), column: next(), to_table: next(), to_column: next() }
    });
    let relations = relations.collect();
    Conditions { filters: vec![serde_json::from_str(filter).unwrap()], relations, ..Conditions::default() }
}

async fn airline() -> Desk {
    let mut desk = Desk::new();
    for (name, text) in [
        ("flights.csv", "id,origin,dest,tail,delay\n1,A,B,n1,10\n2,A,C,n2,20\n3,B,A,n1,30\n4,C,A,,40\n5,X,B,n3,50\n"),
        ("airports.csv", "code,city,country\nA,Aachen,de\nB,Bergen,no\nC,Celle,de\n"),
        ("countries.csv", "iso,continent,joined\nde,Europe,1958-01-01\nno,Europe,1990-05-05\n"),
        ("planes.csv", "tailnum,maker,city\nn1,Airbus,Toulouse\nn2,Boeing,Seattle\n"),
    ] {
        desk.ingest(name, text).await.unwrap();
    }
    desk
}

#[tokio::test]
async fn a_filter_on_one_table_narrows_those_that_refer_to_it() {
    let desk = airline().await;
    let all = [
        "flights.origin > airports.code",
        "flights.dest > airports.code",
        "flights.tail > planes.tailnum",
        "airports.country > countries.iso",
    ];
    for (filter, left) in [
        (r#"{"maker":"Airbus"}"#, "[[1],[3]]"),
        (r#"{"maker":["Airbus","Boeing"]}"#, "[[1],[2],[3]]"),
        (r#"{"maker":[]}"#, "[]"),
        // Who has none there is not of those whose value is empty.
        (r#"{"maker":null}"#, "[]"),
        (r#"{"origin.country":"de"}"#, "[[1],[2],[4]]"),
        (r#"{"origin.country":"de","dest.country":"de"}"#, "[[2],[4]]"),
        (r#"{"planes.city":"Toulouse"}"#, "[[1],[3]]"),
        (r#"{"maker":"Airbus","delay":{"gt":10}}"#, "[[3]]"),
    ] {
        let answer = related(&desk, "SELECT id FROM flights ORDER BY id", filter, &all).await;
        let answer = answer.unwrap_or_else(|error| panic!("{filter}: {error}"));
        assert_eq!((rows_json(&answer.table), answer.filters_skipped), (left.to_owned(), vec![]), "{filter}");
    }
    // Two steps, as long as there is one way.
    let one = ["flights.origin > airports.code", "airports.country > countries.iso"];
    for (filter, left) in [
        (r#"{"joined":{"gt":"1970"}}"#, "[[3]]"),
        (r#"{"year":1958}"#, "[[1],[2],[4]]"),
        (r#"{"year":1958,"city":"Aachen"}"#, "[[1],[2]]"),
    ] {
        let answer = related(&desk, "SELECT id FROM flights ORDER BY id", filter, &one).await.unwrap();
        assert_eq!((rows_json(&answer.table), answer.filters_skipped), (left.to_owned(), vec![]), "{filter}");
    }
    // Aggregates, the strongest and outer joins see what is left, and nothing else.
    for (sql, rows) in [
        ("SELECT dest, sum(delay) FROM flights GROUP BY 1 ORDER BY 2 DESC LIMIT 1", r#"[["A",30]]"#),
        ("SELECT count(*) FROM flights f LEFT JOIN planes p ON f.tail = p.tailnum WHERE p.maker IS NULL", "[[0]]"),
        (
            "SELECT p.tailnum, count(f.id) FROM planes p LEFT JOIN flights f ON f.tail = p.tailnum GROUP BY 1",
            r#"[["n1",2]]"#,
        ),
        ("SELECT id FROM flights WHERE delay > (SELECT avg(delay) FROM flights)", "[[3]]"),
    ] {
        let answer = related(&desk, sql, r#"{"maker":"Airbus"}"#, &all).await.unwrap();
        assert_eq!(rows_json(&answer.table), rows, "{sql}");
    }
}

#[tokio::test]
async fn what_relations_do_not_say_is_skipped() {
    let desk = airline().await;
    let both = ["flights.origin > airports.code", "flights.dest > airports.code"];
    for (sql, filter, relations, reason, message) in [
        (
            "SELECT id FROM flights",
            r#"{"country":"de"}"#,
            &both[..],
            SkipReason::Ambiguous,
            "several relations lead there from `flights`: say which, as in `origin.country` or `dest.country`",
        ),
        (
            "SELECT id FROM flights",
            r#"{"maker":"Airbus"}"#,
            &both[..],
            SkipReason::NoRelation,
            "`flights` has no column `maker`, and no relation leads from it to `planes`, which has",
        ),
        // Not the other way round.
        (
            "SELECT code FROM airports",
            r#"{"delay":10}"#,
            &both[..],
            SkipReason::NoRelation,
            "`airports` has no column `delay`, and no relation leads from it to `flights`, which has",
        ),
        // Nor by columns that are not there.
        (
            "SELECT id FROM flights",
            r#"{"maker":"Airbus"}"#,
            &["flights.plane > planes.tailnum"][..],
            SkipReason::NoRelation,
            "`flights` has no column `maker`, and no relation leads from it to `planes`, which has",
        ),
    ] {
        let answer = related(&desk, sql, filter, relations).await.unwrap();
        let skipped = &answer.filters_skipped[0];
        assert_eq!((skipped.reason, skipped.message.as_str()), (reason, message));
        assert_eq!(answer.table, desk.query(sql).await.unwrap().table, "{filter}");
    }
}

#[tokio::test]
async fn a_lock_holds_along_relations_or_nothing_is_shown() {
    let desk = airline().await;
    let ask = async |relations: &[&str]| {
        let locked = serde_json::from_str(r#"{"maker":"Boeing"}"#).unwrap();
        let conditions = Conditions { locked, ..conditions("{}", relations) };
        desk.analytics.query_under("SELECT id FROM flights", &desk.datasets, conditions, Bounds::default()).await
    };
    let shown = ask(&["flights.tail > planes.tailnum"]).await.unwrap();
    assert_eq!(rows_json(&shown.table), "[[2]]");
    let error = ask(&[]).await.unwrap_err();
    assert_eq!((error.code, error.field.as_deref()), (Code::Forbidden, Some("filter_state.maker")));
}

#[tokio::test]
async fn equal_filters_are_one_question() {
    let desk = desk().await;
    let sql = "SELECT count(*) FROM sales";
    for filter in [
        r#"{"Origin":["USA","Japan"]}"#,
        r#"{"Origin":["Japan","USA","USA"]}"#,
        // Keys that narrow nothing make no other question.
        r#"{"Origin":["USA","Japan"],"nowhere":3}"#,
    ] {
        assert_eq!(rows_json(&desk.filtered(sql, filter).await.unwrap().table), "[[3]]");
    }
    let counts = desk.analytics.counts();
    assert_eq!((counts.run, counts.remembered), (1, 2));
    // What looks alike is not the same.
    assert_eq!(rows_json(&desk.filtered(sql, r#"{"Origin":"USA\",\"Japan"}"#).await.unwrap().table), "[[0]]");
    assert_eq!(desk.analytics.counts().run, 2);
    // Asked at once, it is run once.
    let filter = r#"{"Origin":"Japan"}"#;
    let many = futures_util::future::join_all((0..50).map(|_| desk.filtered(sql, filter))).await;
    assert!(many.iter().all(|answer| rows_json(&answer.as_ref().unwrap().table) == "[[1]]"));
    let counts = desk.analytics.counts();
    assert_eq!((counts.run, counts.shared + counts.remembered), (3, 51));
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
        (r#"{"at":"2013-13"}"#, "filter_state.at"),
        (r#"{"at@Mars/Olympus":"2013-01-01"}"#, "filter_state.at@Mars/Olympus"),
        (r#"{"at":"2013-01-01[Mars/Olympus]"}"#, "filter_state.at"),
        (r#"{"day@Europe/Berlin":"2013-01-01"}"#, "filter_state.day@Europe/Berlin"),
        (r#"{"Origin@Europe/Berlin":"USA"}"#, "filter_state.Origin@Europe/Berlin"),
    ] {
        let error = desk.filtered("SELECT id FROM sales", filter).await.unwrap_err();
        assert_eq!(error.field.as_deref(), Some(field), "{filter}: {error}");
    }
}
