//! Fiscal years that do not begin in January: sentences, panels and filters, over files and databases, against what is
//! computed here by moving days.

use std::collections::BTreeMap;

use chrono::{Datelike, Months, NaiveDate};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor};

use crate::server::{Person, Server};
use crate::sources::{allowing, connected, mariadb_shop, postgres_shop, to_mariadb, to_postgres};

/// Three years, every fifth day.
fn sales() -> Vec<(NaiveDate, i64)> {
    let first = NaiveDate::from_ymd_opt(2014, 1, 31).unwrap();
    (0..220).map(|n| (first + chrono::Days::new(n * 5), (n * 37 % 101 + 1) as i64)).collect()
}

/// The fiscal year and quarter of a day: those of the calendar, were it so many months later.
fn fiscal(day: NaiveDate, begins: u32) -> (i32, u32) {
    let moved = day.with_day(1).unwrap() + Months::new((13 - begins) % 12);
    (moved.year(), moved.month0() / 3 + 1)
}

fn sums(name: impl Fn(NaiveDate) -> Option<String>) -> Value {
    let mut sums = BTreeMap::new();
    for (day, amount) in sales() {
        if let Some(name) = name(day) {
            *sums.entry(name).or_insert(0) += amount;
        }
    }
    sums.into_iter().map(|(name, sum)| json!([name, sum])).collect()
}

fn by_quarter(begins: u32) -> Value {
    sums(|day| {
        let (year, quarter) = fiscal(day, begins);
        Some(format!("FY {year} Q{quarter}"))
    })
}

fn by_year(begins: u32) -> Value {
    sums(|day| Some(format!("FY {}", fiscal(day, begins).0)))
}

/// What the first chart of a new dashboard shows for a sentence, with its title.
async fn asked(person: &Person, prompt: &str, connection: Option<&str>) -> (Value, String, Value) {
    let body = json!({"prompt": prompt, "connection_name": connection});
    let made = person.call("dashboard.process", body).await.data()["dashboard"].clone();
    let card = made["cards"].as_array().and_then(|cards| cards.first()).unwrap_or_else(|| panic!("{prompt}: {made}"));
    (card["data"]["rows"].clone(), card["title"].as_str().unwrap().to_owned(), made.clone())
}

async fn files(person: &Person) {
    let csv: String = sales().iter().map(|(day, amount)| format!("{day},{amount}\n")).collect();
    person.upload("/server/data/upload", "sales.csv", format!("day,amount\n{csv}"), None).await.data();
}

#[tokio::test]
async fn a_fiscal_year_begins_as_it_is_configured() {
    let server = Server::start_with(|config| config.fiscal_year_begins = 10).await;
    let ada = server.person("ada").await;
    files(&ada).await;
    let (rows, title, made) = asked(&ada, "total amount by fiscal quarter", None).await;
    assert_eq!((rows, title.as_str()), (by_quarter(10), "Total amount per fiscal quarter"));
    assert_eq!((&made["fiscal_year_begins"], &made["cards"][0]["type"]), (&json!(10), &json!("line")));
    let x = &made["cards"][0]["encoding"]["x"];
    assert_eq!((&x["grain"], &x["filter"]), (&json!("fiscal_quarter"), &json!("day")));
    let (rows, title, _) = asked(&ada, "amount per fiscal year", None).await;
    assert_eq!((rows, title.as_str()), (by_year(10), "Total amount per fiscal year"));

    // What is clicked is what is shown; the quarter that a day lies in; a year of the calendar stays one.
    let id = made["id"].as_str().unwrap();
    let filtered = async |state: Value| {
        let answer = ada.call("dashboard.filter", json!({"session_id": id, "filter_state": state})).await.data();
        answer["cards"][0]["data"]["rows"].clone()
    };
    let one = json!([by_quarter(10).as_array().unwrap().iter().find(|row| row[0] == "FY 2015 Q2").unwrap()]);
    for value in [json!("FY 2015 Q2"), json!(["2015-Q2"]), json!("2015-02-14")] {
        assert_eq!(filtered(json!({"day:fiscal_quarter": value})).await, one, "{value}");
    }
    let first = |row: &&Value| row[0].as_str().unwrap().ends_with("Q1");
    let firsts: Value = by_quarter(10).as_array().unwrap().iter().filter(first).cloned().collect();
    assert_eq!(filtered(json!({"fiscal_quarter": "Q1"})).await, firsts);
    assert_eq!(filtered(json!({"year": 2015})).await.as_array().unwrap().len(), 4);
    filtered(json!({})).await;

    // Another month: every card is another, titles and filters are as they were.
    let change = json!({"dashboard_id": id, "fiscal_year_begins": 4});
    let changed = ada.call("dashboard.update", change).await.data();
    assert_eq!((&changed["fiscal_year_begins"], &changed["cards"][0]["data"]["rows"]), (&json!(4), &by_quarter(4)));
    let firsts: Value = by_quarter(4).as_array().unwrap().iter().filter(first).cloned().collect();
    assert_eq!(filtered(json!({"fiscal_quarter": "Q1"})).await, firsts);
    filtered(json!({})).await;
    let refined =
        ada.call("dashboard.refine", json!({"session_id": id, "new_feedback": "by fiscal year"})).await.data();
    assert_eq!(refined["dashboard"]["cards"][0]["data"]["rows"], by_year(4), "{refined}");
    let wrong = ada.call("dashboard.update", json!({"dashboard_id": id, "fiscal_year_begins": 13})).await.error();
    assert_eq!(wrong, (400, "INVALID_REQUEST".into(), "fiscal_year_begins".into()));

    // A panel, for each month that there is; in January they are those of the calendar.
    let made = ada.post("/dashboards/create", json!({"title": "Years"})).await.data();
    let query = json!({
        "table": "sales", "x": {"column": "day", "grain": "fiscal_quarter"},
        "y": [{"column": "amount", "aggregation": "sum"}],
    });
    ada.post(&format!("/dashboards/{}/add-panel", made["id"].as_str().unwrap()), json!({"panel": {"query": query}}))
        .await
        .data();
    for begins in 1..=12 {
        let change = json!({"dashboard_id": made["id"], "fiscal_year_begins": begins});
        let changed = ada.call("dashboard.update", change).await.data();
        assert_eq!(changed["cards"][0]["data"]["rows"], by_quarter(begins), "{begins}");
    }
    server.stop().await;
}

#[tokio::test]
async fn sentences_speak_of_fiscal_years() {
    let server = Server::start_with(|config| config.fiscal_year_begins = 10).await;
    let ada = server.person("ada").await;
    files(&ada).await;
    // A stretch of time, however it is said; its title says it, too.
    let of_2016 = |day| fiscal(day, 10).0 == 2016;
    let months = sums(|day| of_2016(day).then(|| format!("{}-01", day.format("%Y-%m"))));
    for prompt in ["total amount by month in fiscal year 2016", "total amount by month FY2016", "monthly amount, FY16"]
    {
        let (rows, title, _) = asked(&ada, prompt, None).await;
        assert_eq!((rows, title.contains("FY 2016")), (months.clone(), true), "{prompt}: {title}");
    }
    let quarter = sums(|day| (fiscal(day, 10) == (2016, 1)).then(|| format!("{}-01", day.format("%Y-%m"))));
    for prompt in [
        "total amount by month in FY 2016 Q1",
        "total amount by month in Q1 of fiscal year 2016",
        "total amount by month in fiscal Q1 2016",
        "total amount by month in Q1 of fiscal 2016",
    ] {
        let (rows, title, _) = asked(&ada, prompt, None).await;
        assert_eq!((rows, title.contains("FY 2016 Q1")), (quarter.clone(), true), "{prompt}: {title}");
    }
    let later = sums(|day| (fiscal(day, 10).0 >= 2016).then(|| format!("FY {}", fiscal(day, 10).0)));
    assert_eq!(asked(&ada, "total amount by fiscal year since FY 2016", None).await.0, later);
    // Several, from one to another, and two that are compared.
    let years = |years: std::ops::RangeInclusive<i32>| {
        sums(|day| years.contains(&fiscal(day, 10).0).then(|| format!("FY {}", fiscal(day, 10).0)))
    };
    for (words, expected) in [
        ("between fiscal year 2015 and 2016", years(2015..=2016)),
        ("in FY2015 and FY2016", years(2015..=2016)),
        ("from FY 2015 to FY 2017", years(2015..=2017)),
        ("excluding fiscal year 2014", years(2015..=2017)),
    ] {
        let prompt = format!("total amount per fiscal year {words}");
        assert_eq!(asked(&ada, &prompt, None).await.0, expected, "{words}");
    }
    let years_alone = years(2014..=2017);
    let totals: Vec<f64> = years_alone.as_array().unwrap().iter().map(|row| row[1].as_f64().unwrap()).collect();
    for prompt in ["year over year growth of amount by fiscal year", "year over year change in amount per fiscal year"]
    {
        let (rows, _, made) = asked(&ada, prompt, None).await;
        let rows = rows.as_array().unwrap();
        assert_eq!((rows.len(), &rows[0][0], &rows[0][1]), (4, &json!("FY 2014"), &Value::Null), "{prompt}: {made}");
        for (row, pair) in rows[1..].iter().zip(totals.windows(2)) {
            assert!((row[1].as_f64().unwrap() - (pair[1] / pair[0] - 1.0)).abs() < 1e-9, "{prompt}: {row}");
        }
    }
    let sum = |rows: Value| rows.as_array().unwrap().iter().map(|row| row[1].as_i64().unwrap()).sum::<i64>();
    let both = json!([[sum(years(2016..=2016)), sum(years(2015..=2015))]]);
    assert_eq!(asked(&ada, "amount in fiscal year 2016 compared to fiscal year 2015", None).await.0, both);

    // Counted back from the newest day, 30 January 2017.
    let of = |year, quarters: std::ops::RangeInclusive<u32>| {
        let within = |day| fiscal(day, 10).0 == year && quarters.contains(&fiscal(day, 10).1);
        sums(|day| within(day).then(|| format!("{}-01", day.format("%Y-%m"))))
    };
    for (words, title, expected) in [
        ("in the last fiscal year", "the newest fiscal year", of(2017, 1..=4)),
        ("this fiscal quarter", "the newest fiscal quarter", of(2017, 2..=2)),
        ("in the previous fiscal year", "the fiscal year before", of(2016, 1..=4)),
        ("in the previous fiscal quarter", "the fiscal quarter before", of(2017, 1..=1)),
    ] {
        let (rows, said, _) = asked(&ada, &format!("total amount by month {words}"), None).await;
        assert_eq!((rows, said.contains(title)), (expected, true), "{words}: {said}");
    }
    let two = sums(|day| (fiscal(day, 10).0 >= 2016).then(|| format!("FY {}", fiscal(day, 10).0)));
    assert_eq!(asked(&ada, "total amount per fiscal year in the last 2 fiscal years", None).await.0, two);

    server.stop().await;
}

#[tokio::test]
async fn databases_have_the_same_fiscal_years() {
    let (port, mut postgres) = postgres_shop("fiscal").await;
    let (mariadb, mut maria) = mariadb_shop().await;
    let rows: Vec<String> = sales().iter().map(|(day, amount)| format!("('{day}', {amount})")).collect();
    for statement in [
        "CREATE TABLE crates (day DATE NOT NULL, weight INTEGER NOT NULL)".to_owned(),
        format!("INSERT INTO crates VALUES {}", rows.join(", ")),
    ] {
        postgres.execute(AssertSqlSafe(statement.clone())).await.unwrap();
        maria.execute(AssertSqlSafe(statement)).await.unwrap();
    }
    postgres.execute("GRANT SELECT ON crates TO reader").await.unwrap();
    // What cannot be computed there would be too much here.
    let server = Server::start_with(|config| {
        allowing(config);
        config.fiscal_year_begins = 2;
        config.limits.source_rows_max = 100;
    })
    .await;
    for (name, target) in [("ada", to_postgres(port, "fiscal")), ("bob", to_mariadb(mariadb.port))] {
        let person = server.person(name).await;
        connected(&person, &target).await;
        let (rows, _, made) = asked(&person, "total weight by fiscal quarter", Some("Shop")).await;
        assert_eq!(rows, by_quarter(2), "{name}");
        let filter = json!({"session_id": made["id"], "filter_state": {"fiscal_year": "FY 2016", "fiscal_quarter": ["Q1", "Q4"]}});
        let filtered = person.call("dashboard.filter", filter).await.data();
        let left = |row: &&Value| {
            let name = row[0].as_str().unwrap();
            name.starts_with("FY 2016") && (name.ends_with("Q1") || name.ends_with("Q4"))
        };
        let expected: Value = by_quarter(2).as_array().unwrap().iter().filter(left).cloned().collect();
        assert_eq!(filtered["cards"][0]["data"]["rows"], expected, "{name}");
    }
    server.stop().await;
}
