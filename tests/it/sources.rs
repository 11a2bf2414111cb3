//! Dashboards from databases: real servers, a music shop in each, and numbers computed here from what was put there.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};

use crate::server::{Person, Server};
use crate::{mariadb, postgres};

pub const PASSWORD: &str = "s3cr3t-of-the-shop";
const GENRES: [&str; 4] = ["Rock", "Jazz", "Metal", "Alternative & Punk"];
const COUNTRIES: [&str; 5] = ["Brazil", "Germany", "USA", "Côte d'Ivoire", "Norway"];
const TRACKS: usize = 24;
const CUSTOMERS: usize = 15;
const INVOICES: usize = 300;

/// What was sold: one line of an invoice.
struct Sold {
    invoice: usize,
    track: usize,
    cents: i64,
    quantity: i64,
}

fn genre(track: usize) -> &'static str {
    GENRES[track * track % 7 % GENRES.len()]
}

fn country(invoice: usize) -> &'static str {
    COUNTRIES[invoice % CUSTOMERS % COUNTRIES.len()]
}

/// `2023-01-05 10:30:00` and so on, through two years.
fn sold_at(invoice: usize) -> String {
    let day = chrono::NaiveDate::from_ymd_opt(2023, 1, 5).unwrap() + chrono::Days::new(invoice as u64 * 2);
    format!("{day} {:02}:30:00", invoice % 24)
}

fn lines() -> Vec<Sold> {
    let line = |invoice: usize, n: usize| {
        let track = (invoice * 5 + n * 11) % TRACKS;
        Sold {
            invoice,
            track,
            cents: if track.is_multiple_of(3) { 199 } else { 99 },
            quantity: 1 + (invoice as i64 + n as i64) % 3,
        }
    };
    (0..INVOICES).flat_map(|invoice| (0..1 + invoice % 4).map(move |n| line(invoice, n))).collect()
}

/// The statements that open the shop; `quote` is what stands around a name, `moment` the type of a time.
pub fn shop(quote: char, moment: &str) -> Vec<String> {
    let q = |text: &str| text.replace('~', &quote.to_string());
    let text = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let mut all = vec![
        q("CREATE TABLE ~Genre~ (~GenreId~ INTEGER PRIMARY KEY, ~Name~ VARCHAR(120))"),
        q("CREATE TABLE ~Track~ (~TrackId~ INTEGER PRIMARY KEY, ~Name~ VARCHAR(200) NOT NULL, ~GenreId~ INTEGER, \
           ~Milliseconds~ INTEGER, FOREIGN KEY (~GenreId~) REFERENCES ~Genre~ (~GenreId~))"),
        q("CREATE TABLE ~Customer~ (~CustomerId~ INTEGER PRIMARY KEY, ~LastName~ VARCHAR(80), ~Country~ VARCHAR(80))"),
        q(&format!(
            "CREATE TABLE ~Invoice~ (~InvoiceId~ INTEGER PRIMARY KEY, ~CustomerId~ INTEGER NOT NULL, \
             ~InvoiceDate~ {moment} NOT NULL, ~Total~ NUMERIC(10, 2), \
             FOREIGN KEY (~CustomerId~) REFERENCES ~Customer~ (~CustomerId~))"
        )),
        q("CREATE TABLE ~InvoiceLine~ (~InvoiceLineId~ INTEGER PRIMARY KEY, ~InvoiceId~ INTEGER NOT NULL, \
           ~TrackId~ INTEGER NOT NULL, ~UnitPrice~ NUMERIC(10, 2) NOT NULL, ~Quantity~ INTEGER NOT NULL, \
           FOREIGN KEY (~InvoiceId~) REFERENCES ~Invoice~ (~InvoiceId~), \
           FOREIGN KEY (~TrackId~) REFERENCES ~Track~ (~TrackId~))"),
    ];
    let mut insert = |table: &str, rows: Vec<String>| {
        all.push(q(&format!("INSERT INTO ~{table}~ VALUES {}", rows.join(", "))));
    };
    insert("Genre", GENRES.iter().enumerate().map(|(at, name)| format!("({at}, {})", text(name))).collect());
    let track = |at: usize| {
        let genre = GENRES.iter().position(|name| *name == genre(at)).unwrap();
        format!("({at}, 'Song {at}', {genre}, {})", 100_000 + at * 7_001)
    };
    insert("Track", (0..TRACKS).map(track).collect());
    let customer = |at: usize| format!("({at}, 'Customer {at}', {})", text(COUNTRIES[at % COUNTRIES.len()]));
    insert("Customer", (0..CUSTOMERS).map(customer).collect());
    let sold = lines();
    let total = |at: usize| sold.iter().filter(|s| s.invoice == at).map(|s| s.cents * s.quantity).sum::<i64>();
    let invoice = |at: usize| {
        format!("({at}, {}, '{}', {}.{:02})", at % CUSTOMERS, sold_at(at), total(at) / 100, total(at) % 100)
    };
    insert("Invoice", (0..INVOICES).map(invoice).collect());
    let line = |(at, s): (usize, &Sold)| {
        format!("({at}, {}, {}, {}.{:02}, {})", s.invoice, s.track, s.cents / 100, s.cents % 100, s.quantity)
    };
    insert("InvoiceLine", sold.iter().enumerate().map(line).collect());
    all
}

/// A sum for each group, in cents or pieces.
fn by<K: Ord>(key: impl Fn(&Sold) -> Option<K>, value: impl Fn(&Sold) -> i64) -> BTreeMap<K, i64> {
    let mut sums = BTreeMap::new();
    for sold in lines() {
        if let Some(key) = key(&sold) {
            *sums.entry(key).or_default() += value(&sold);
        }
    }
    sums
}

pub fn allowing(config: &mut vizroom::config::Config) {
    config.connections.allow_private = true;
}

/// A PostgreSQL that is known to this whole test binary, with its shop in a database of its own.
pub async fn postgres_shop(name: &str) -> (u16, PgConnection) {
    static SERVER: std::sync::LazyLock<postgres::Server> =
        std::sync::LazyLock::new(postgres::Server::start_for_strangers);
    let server = tokio::task::spawn_blocking(|| &*SERVER).await.unwrap();
    let mut root = PgConnection::connect(&server.address()).await.unwrap();
    let role = format!(
        "DO $$ BEGIN CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'; \
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    );
    root.execute(AssertSqlSafe(role)).await.unwrap();
    root.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
    let address = server.address().replace("/postgres?", &format!("/{name}?"));
    let mut shop = PgConnection::connect(&address).await.unwrap();
    for statement in self::shop('"', "TIMESTAMP") {
        shop.execute(AssertSqlSafe(statement)).await.unwrap();
    }
    shop.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader").await.unwrap();
    (server.port.unwrap(), shop)
}

pub fn to_postgres(port: u16, database: &str) -> Value {
    json!({
        "name": "Shop", "kind": "postgres", "host": "127.0.0.1", "port": port, "database": database,
        "username": "reader", "password": PASSWORD,
    })
}

pub async fn mariadb_shop() -> (mariadb::Server, sqlx::MySqlConnection) {
    mariadb_shop_in(mariadb::Server::start).await
}

async fn mariadb_shop_in(start: fn() -> mariadb::Server) -> (mariadb::Server, sqlx::MySqlConnection) {
    let server = tokio::task::spawn_blocking(start).await.unwrap();
    let mut root = server.root("mysql").await;
    root.execute("CREATE DATABASE shop CHARACTER SET utf8mb4").await.unwrap();
    let user = format!("CREATE USER reader@'%' IDENTIFIED BY '{PASSWORD}'");
    root.execute(AssertSqlSafe(user)).await.unwrap();
    root.execute("GRANT ALL ON shop.* TO reader@'%'").await.unwrap();
    let mut shop = server.root("shop").await;
    for statement in self::shop('`', "DATETIME") {
        shop.execute(AssertSqlSafe(statement)).await.unwrap();
    }
    (server, shop)
}

pub fn to_mariadb(port: u16) -> Value {
    json!({
        "name": "Shop", "kind": "mysql", "host": "127.0.0.1", "port": port, "database": "shop",
        "username": "reader", "password": PASSWORD, "tls": "disable",
    })
}

pub async fn connected(person: &Person, target: &Value) -> String {
    let made = person.post("/api/v1/connections", target.clone()).await.data();
    made["id"].as_str().unwrap().to_owned()
}

/// An empty dashboard over the connection `Shop`.
async fn empty(person: &Person) -> String {
    let body = json!({"title": "Sold", "connection_name": "Shop"});
    person.post("/dashboards/create", body).await.data()["id"].as_str().unwrap().to_owned()
}

/// What a panel of somebody's SQL shows, or how it fails.
pub async fn panel(person: &Person, dashboard: &str, sql: &str) -> Result<Value, (u16, String, String)> {
    let body = json!({"panel": {"type": "table", "title": "T", "sql": sql}});
    let answer = person.post(&format!("/dashboards/{dashboard}/add-panel"), body).await;
    if answer.status == 200 {
        return Ok(answer.data()["panel"]["data"]["rows"].clone());
    }
    // Whoever did not expect it wants to know what the database said.
    eprintln!("{sql}: {}", answer.text);
    Err(answer.error())
}

/// A generated dashboard.
async fn generated(person: &Person, prompt: &str) -> Value {
    let body = json!({"prompt": prompt, "connection_name": "Shop"});
    let done = person.call("dashboard.process", body).await.data();
    assert_eq!(done["status"], "complete", "{done}");
    done["dashboard"].clone()
}

/// `[[key, figure], …]` of a card's first group and figure, as a map of cents or pieces.
fn map(rows: &Value, factor: f64) -> BTreeMap<String, i64> {
    let pair = |row: &Value| {
        let key = row[0].as_str().map_or_else(|| row[0].to_string(), str::to_owned);
        (key, (row[1].as_f64().unwrap() * factor).round() as i64)
    };
    rows.as_array().unwrap().iter().map(pair).collect()
}

fn owned(map: BTreeMap<&str, i64>) -> BTreeMap<String, i64> {
    map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// What every kind of database must answer alike.
async fn answers_right(ada: &Person, id: &str) {
    let tested = ada.post(&format!("/api/v1/connections/{id}/test"), json!({})).await.data();
    assert_eq!(tested["ok"], true, "{tested}");

    let schema = ada.get(&format!("/api/v1/connections/{id}/schema")).await.data();
    let tables = schema["tables"].as_array().unwrap();
    let line = tables.iter().find(|table| table["dataset"] == "invoice_line").unwrap();
    assert_eq!((&line["name"], &line["primary_key"]), (&json!("InvoiceLine"), &json!(["InvoiceLineId"])), "{line}");
    let mut keys: Vec<String> = line["foreign_keys"].as_array().unwrap().iter().map(|key| key.to_string()).collect();
    keys.sort();
    assert_eq!(
        keys,
        [
            r#"{"columns":["InvoiceId"],"references":["InvoiceId"],"table":"invoice"}"#,
            r#"{"columns":["TrackId"],"references":["TrackId"],"table":"track"}"#,
        ]
    );
    let price = line["columns"].as_array().unwrap().iter().find(|column| column["name"] == "UnitPrice").unwrap();
    assert_eq!((&price["type"], &price["nullable"]), (&json!("number"), &json!(false)), "{price}");
    let date = tables.iter().find(|table| table["dataset"] == "invoice").unwrap()["columns"][2].clone();
    assert_eq!((&date["name"], &date["type"]), (&json!("InvoiceDate"), &json!("timestamp")));

    // Somebody's own SQL, with a join, a quotient of decimals, names in any case.
    let dashboard = empty(ada).await;
    let sql = "SELECT g.Name AS genre, SUM(l.UnitPrice * l.Quantity) AS revenue, AVG(l.Quantity) AS pieces
        FROM invoice_line l JOIN track t ON t.TrackId = l.TrackId JOIN genre g ON g.GenreId = t.GenreId
        GROUP BY g.Name ORDER BY revenue DESC";
    let rows = panel(ada, &dashboard, sql).await.unwrap();
    assert_eq!(map(&rows, 100.0), owned(by(|s| Some(genre(s.track)), |s| s.cents * s.quantity)));
    for row in rows.as_array().unwrap() {
        let mine: Vec<i64> =
            lines().iter().filter(|s| genre(s.track) == row[0].as_str().unwrap()).map(|s| s.quantity).collect();
        let mean = mine.iter().sum::<i64>() as f64 / mine.len() as f64;
        assert!((row[2].as_f64().unwrap() - mean).abs() < 1e-9, "{row} {mean}");
    }
    // A median: PostgreSQL knows it, for the others it is computed here.
    let median = panel(ada, &dashboard, "SELECT median(Milliseconds) AS m FROM track").await.unwrap();
    let mut all: Vec<f64> = (0..TRACKS).map(|at| 100_000.0 + at as f64 * 7_001.0).collect();
    all.sort_by(f64::total_cmp);
    assert_eq!(median[0][0].as_f64(), Some((all[TRACKS / 2 - 1] + all[TRACKS / 2]) / 2.0), "{median}");
    // Quarters, months, nulls in order, whole quotients, texts with a quote.
    let quarters = "SELECT CAST(date_trunc('quarter', InvoiceDate) AS DATE) AS q, COUNT(*) AS n FROM invoice
        WHERE InvoiceDate >= TIMESTAMP '2024-01-01 00:00:00' GROUP BY 1 ORDER BY 1";
    let mut expected = BTreeMap::new();
    for at in (0..INVOICES).filter(|at| sold_at(*at).starts_with("2024")) {
        let month: u32 = sold_at(at)[5..7].parse().unwrap();
        *expected.entry(format!("2024-{:02}-01", (month - 1) / 3 * 3 + 1)).or_insert(0) += 1;
    }
    assert_eq!(map(&panel(ada, &dashboard, quarters).await.unwrap(), 1.0), expected);
    let whole = panel(ada, &dashboard, "SELECT COUNT(*) / 7 AS w, COUNT(*) % 7 AS r FROM invoice").await.unwrap();
    assert_eq!(whole, json!([[INVOICES / 7, INVOICES % 7]]));
    let quoted = "SELECT COUNT(*) AS n FROM customer WHERE Country = 'Côte d''Ivoire'";
    assert_eq!(panel(ada, &dashboard, quoted).await.unwrap(), json!([[CUSTOMERS / COUNTRIES.len()]]));
}

/// A sentence over joined tables, then a drill-down on a column of a table two keys away.
async fn plans_right(ada: &Person) {
    let made = generated(ada, "total quantity by genre").await;
    assert_eq!(made["connection"]["connection_name"], "Shop", "{made}");
    let cards = made["cards"].as_array().unwrap();
    let card = cards.iter().find(|card| card["type"] == "bar").unwrap_or_else(|| panic!("{made}"));
    assert_eq!(map(&card["data"]["rows"], 1.0), owned(by(|s| Some(genre(s.track)), |s| s.quantity)), "{card}");
    let filter = json!({"session_id": made["id"], "filter_state": {"customer_country": ["Norway", "Côte d'Ivoire"]}});
    let filtered = ada.call("dashboard.filter", filter).await.data();
    let card = filtered["cards"].as_array().unwrap().iter().find(|c| c["key"] == card["key"]).unwrap();
    let here = |s: &Sold| ["Norway", "Côte d'Ivoire"].contains(&country(s.invoice)).then(|| genre(s.track));
    assert_eq!(map(&card["data"]["rows"], 1.0), owned(by(here, |s| s.quantity)), "{card}");
    let filter = json!({"session_id": made["id"], "filter_state": {"invoice_date:month": "2023-05-01"}});
    let filtered = ada.call("dashboard.filter", filter).await.data();
    let card = filtered["cards"].as_array().unwrap().iter().find(|c| c["key"] == card["key"]).unwrap();
    let may = |s: &Sold| sold_at(s.invoice).starts_with("2023-05").then(|| genre(s.track));
    assert_eq!(map(&card["data"]["rows"], 1.0), owned(by(may, |s| s.quantity)), "{card}");

    let made = generated(ada, "total by customer country").await;
    let card = made["cards"].as_array().unwrap().iter().find(|card| card["type"] == "bar").unwrap();
    let revenue = by(|s| Some(country(s.invoice)), |s| s.cents * s.quantity);
    assert_eq!(map(&card["data"]["rows"], 100.0), owned(revenue), "{card}");
    let made = generated(ada, "total by month").await;
    let cards = made["cards"].as_array().unwrap();
    let card = cards.iter().find(|card| card["type"] == "line").unwrap_or_else(|| panic!("{made}"));
    let revenue = by(|s| Some(format!("{}-01", &sold_at(s.invoice)[..7])), |s| s.cents * s.quantity);
    assert_eq!(map(&card["data"]["rows"], 100.0), revenue, "{card}");
}

#[tokio::test]
async fn postgres_answers() {
    let (port, mut shop) = postgres_shop("answers").await;
    let server = Server::start_with(allowing).await;
    let ada = server.person("ada").await;
    let id = connected(&ada, &to_postgres(port, "answers")).await;
    answers_right(&ada, &id).await;
    plans_right(&ada).await;

    // What is new in the database is there after a refresh, and not before.
    let dashboard = empty(&ada).await;
    assert_eq!(panel(&ada, &dashboard, "SELECT COUNT(*) AS n FROM genre").await.unwrap(), json!([[GENRES.len()]]));
    shop.execute("INSERT INTO \"Genre\" VALUES (99, 'Polka')").await.unwrap();
    let shown = async |ada: &Person| {
        let read = ada.call("dashboard.get", json!({"dashboard_id": dashboard})).await.data();
        read["cards"][0]["data"]["rows"].clone()
    };
    assert_eq!(shown(&ada).await, json!([[GENRES.len()]]));
    ada.call("dashboard.refresh", json!({"dashboard_id": dashboard})).await.data();
    assert_eq!(shown(&ada).await, json!([[GENRES.len() + 1]]));
    server.stop().await;
}

#[tokio::test]
async fn mariadb_answers() {
    let (database, mut shop) = mariadb_shop().await;
    // A view that would write.
    for statement in [
        "CREATE TABLE seen (n INTEGER)",
        "CREATE FUNCTION touched() RETURNS INTEGER MODIFIES SQL DATA BEGIN INSERT INTO seen VALUES (1); RETURN 1; END",
        "CREATE VIEW writes AS SELECT touched() AS n",
    ] {
        shop.execute(statement).await.unwrap();
    }
    let server = Server::start_with(allowing).await;
    let ada = server.person("ada").await;
    let id = connected(&ada, &to_mariadb(database.port)).await;
    answers_right(&ada, &id).await;
    plans_right(&ada).await;

    let dashboard = empty(&ada).await;
    // Who may only read is not even told its columns.
    let (status, code, field) = panel(&ada, &dashboard, "SELECT n FROM writes").await.unwrap_err();
    assert_eq!((status, code.as_str(), field.as_str()), (400, "INVALID_REQUEST", "panel.sql"));
    let (seen,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM seen").fetch_one(&mut shop).await.unwrap();
    assert_eq!(seen, 0);
    server.stop().await;

    // More rows than are to be given, for what cannot be computed there; a slow query.
    let server = Server::start_with(|config| {
        allowing(config);
        config.limits.source_rows_max = TRACKS - 1;
        config.limits.query_ms_max = 3_000;
    })
    .await;
    let bob = server.person("bob").await;
    connected(&bob, &to_mariadb(database.port)).await;
    let dashboard = empty(&bob).await;
    assert_eq!(panel(&bob, &dashboard, "SELECT COUNT(*) AS n FROM track").await.unwrap(), json!([[TRACKS]]));
    let much = panel(&bob, &dashboard, "SELECT median(Milliseconds) AS m FROM track").await.unwrap_err();
    assert_eq!((much.0, much.1.as_str()), (413, "TOO_LARGE"));
    let narrowed = "SELECT median(Milliseconds) AS m FROM genre, track WHERE genre.GenreId = 1 AND track.TrackId < 3";
    assert_eq!(panel(&bob, &dashboard, narrowed).await.unwrap_err().0, 413, "also what several tables give together");
    server.stop().await;
}

#[tokio::test]
async fn an_sqlite_file_answers() {
    let dir = tempfile::tempdir().unwrap();
    let (path, outside) = (dir.path().join("allowed/shop.db"), dir.path().join("other.db"));
    std::fs::create_dir(dir.path().join("allowed")).unwrap();
    let mut shop = SqliteConnection::connect(&format!("sqlite:{}?mode=rwc", path.display())).await.unwrap();
    for statement in self::shop('"', "DATETIME") {
        shop.execute(AssertSqlSafe(statement)).await.unwrap();
    }
    shop.close().await.unwrap();
    std::fs::copy(&path, &outside).unwrap();
    std::os::unix::fs::symlink(&outside, dir.path().join("allowed/link.db")).unwrap();
    let folder = dir.path().join("allowed");
    let server = Server::start_with(|config| config.connections.sqlite_folders.push(folder)).await;
    let ada = server.person("ada").await;
    let at = |path: &std::path::Path| json!({"name": "Shop", "kind": "sqlite", "path": path});
    for refused in ["other.db", "allowed/link.db", "allowed/../other.db", "allowed", "allowed/none.db"] {
        let answer = ada.post("/api/v1/connections", at(&dir.path().join(refused))).await;
        assert_eq!(answer.error(), (400, "INVALID_REQUEST".into(), "path".into()), "{refused}");
    }
    let id = connected(&ada, &at(&path)).await;
    answers_right(&ada, &id).await;
    plans_right(&ada).await;
    server.stop().await;
}

#[tokio::test]
async fn what_goes_wrong_is_said_and_harms_nobody() {
    let (port, mut shop) = postgres_shop("trouble").await;
    for statement in [
        "CREATE TABLE seen (n INTEGER)",
        "CREATE FUNCTION touched() RETURNS INTEGER LANGUAGE sql AS 'INSERT INTO seen VALUES (1) RETURNING n'",
        "CREATE VIEW writes AS SELECT touched() AS n",
        "CREATE VIEW slow AS SELECT pg_sleep(20)::text AS n",
        "CREATE TABLE passing AS SELECT 1 AS n",
        "CREATE TABLE secret AS SELECT 1 AS n",
        "GRANT ALL ON seen, writes, slow, passing TO reader",
    ] {
        shop.execute(statement).await.unwrap();
    }
    let server = Server::start_with(|config| {
        allowing(config);
        config.limits.query_ms_max = 2_000;
    })
    .await;
    let ada = server.person("ada").await;
    let good = to_postgres(port, "trouble");
    let id = connected(&ada, &good).await;
    let dashboard = empty(&ada).await;
    let refused = async |sql: &str| panel(&ada, &dashboard, sql).await.unwrap_err();

    // Writing: by a statement, and by what only looks like reading.
    assert_eq!(refused("DELETE FROM genre").await.0, 400);
    assert_eq!(refused("SELECT * FROM genre; DROP TABLE seen").await.0, 400);
    assert_eq!(refused("SELECT nextval('x') FROM genre").await.0, 400);
    assert_eq!(refused("SELECT pg_read_file('/etc/passwd') FROM genre").await.0, 400);
    assert_eq!(refused("SELECT * FROM pg_shadow").await.0, 400);
    assert_eq!(refused("SELECT n FROM writes").await.0, 403);
    let (seen,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM seen").fetch_one(&mut shop).await.unwrap();
    assert_eq!(seen, 0);
    // Not allowed to the role, so not there at all.
    assert_eq!(refused("SELECT n FROM secret").await.0, 400);
    // Texts that would end early where a backslash escapes.
    for text in ["\\'' OR 1=1 --", "\\", "''''", "a''''b"] {
        let sql = format!("SELECT COUNT(*) AS n FROM genre WHERE Name = '{text}'");
        assert_eq!(panel(&ada, &dashboard, &sql).await.unwrap(), json!([[0]]), "{text}");
    }
    // Time, and that what was cut off ends over there, too.
    let late = refused("SELECT n FROM slow").await;
    assert_eq!((late.0, late.1.as_str()), (413, "TOO_LARGE"));
    let running = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = 'trouble' AND query LIKE '%slow%'
        AND state = 'active' AND pid <> pg_backend_pid()";
    let began = std::time::Instant::now();
    while sqlx::query_as::<_, (i64,)>(running).fetch_one(&mut shop).await.unwrap().0 > 0 {
        assert!(began.elapsed() < std::time::Duration::from_secs(10), "a cut-off statement runs on");
        tokio::task::yield_now().await;
    }
    // A table that goes.
    let kept = panel(&ada, &dashboard, "SELECT n FROM passing").await.unwrap();
    assert_eq!(kept, json!([[1]]));
    shop.execute("DROP TABLE passing").await.unwrap();
    assert_eq!(refused("SELECT n FROM passing").await.0, 404);

    // Deleted while used: the dashboard keeps what it shows.
    ada.delete(&format!("/api/v1/connections/{id}")).await.data();
    assert_eq!(refused("SELECT COUNT(*) AS n FROM genre").await.0, 404);
    let read = ada.call("dashboard.get", json!({"dashboard_id": dashboard})).await.data();
    assert_eq!(read["cards"].as_array().unwrap().last().unwrap()["data"]["rows"], json!([[1]]));
    server.stop().await;
}

#[tokio::test]
async fn a_database_that_cannot_be_reached_says_why() {
    let (port, _shop) = postgres_shop("unreached").await;
    let server = Server::start_with(allowing).await;
    let ada = server.person("ada").await;
    let good = to_postgres(port, "unreached");
    let tested = async |change: Value| {
        let mut target = good.clone();
        for (field, value) in change.as_object().unwrap() {
            target[field] = value.clone();
        }
        let id = connected(&ada, &target).await;
        let tested = ada.post(&format!("/api/v1/connections/{id}/test"), json!({})).await;
        assert!(!tested.text.contains(PASSWORD), "{tested:?}");
        tested.data()
    };
    let wrong = tested(json!({"name": "a", "password": "wrong"})).await;
    assert_eq!(wrong["ok"], false);
    assert!(wrong["message"].as_str().unwrap().contains("does not let the connection in"), "{wrong}");
    let nobody = tested(json!({"name": "b", "port": postgres::free_port()})).await;
    assert_eq!((&nobody["ok"], &nobody["message"]), (&json!(false), &json!("the database cannot be reached")));
    let body = json!({"prompt": "genres", "connection_name": "a"});
    let failed = ada.call("dashboard.process", body).await;
    assert!(failed.text.contains("does not let the connection in"), "{failed:?}");
    let nowhere = ada.call("dashboard.process", json!({"prompt": "genres", "connection_name": "none"})).await.error();
    assert_eq!(nowhere, (404, "NOT_FOUND".into(), "connection_name".into()));
    server.stop().await;

    // Unless the operator allows it, this machine is out of reach: by address, and by a name that leads there.
    let server = Server::start().await;
    let eve = server.person("eve").await;
    for host in ["127.0.0.1", "10.0.0.1", "[::1]", "169.254.169.254", "::ffff:127.0.0.1"] {
        let mut target = good.clone();
        target["host"] = json!(host);
        assert_eq!(eve.post("/api/v1/connections", target).await.error().2, "host", "{host}");
    }
    let mut target = good.clone();
    target["host"] = json!("localhost");
    let id = connected(&eve, &target).await;
    let tested = eve.post(&format!("/api/v1/connections/{id}/test"), json!({})).await.data();
    assert_eq!(tested["ok"], false);
    assert!(tested["message"].as_str().unwrap().contains("public addresses only"), "{tested}");
    server.stop().await;
}

#[tokio::test]
async fn certificates_are_looked_at() {
    let database = tokio::task::spawn_blocking(postgres::Server::start_for_strangers).await.unwrap();
    let mut root = PgConnection::connect(&database.address()).await.unwrap();
    let role = format!("CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'");
    root.execute(AssertSqlSafe(role)).await.unwrap();
    let server = Server::start_with(allowing).await;
    let ada = server.person("ada").await;
    let authority = database.authority();
    let target = to_postgres(database.port.unwrap(), "postgres");
    let cases = [
        ("localhost", "verify-full", Some(&authority), true),
        ("127.0.0.1", "verify-full", Some(&authority), false),
        ("127.0.0.1", "verify-ca", Some(&authority), true),
        ("localhost", "verify-full", None, false),
        ("localhost", "verify-ca", None, false),
        ("localhost", "require", None, true),
        ("localhost", "disable", None, true),
    ];
    for case in cases {
        tested(&ada, &target, case).await;
    }
    server.stop().await;
}

/// A connection to this host, over TLS as it is said, with this authority; and whether it is one.
async fn tested(ada: &Person, target: &Value, (host, tls, ca, ok): (&str, &str, Option<&String>, bool)) -> String {
    let mut target = target.clone();
    target["name"] = json!(format!("{host} {tls} {}", uuid::Uuid::now_v7()));
    target["host"] = json!(host);
    target["tls"] = json!(tls);
    target["ca_certificate"] = json!(ca);
    let id = connected(ada, &target).await;
    let tested = ada.post(&format!("/api/v1/connections/{id}/test"), json!({})).await.data();
    assert_eq!(tested["ok"], ok, "{host} {tls} {tested}");
    tested["message"].as_str().unwrap().to_owned()
}

/// A MariaDB that wants TLS: every mode against the right authority, another of the same name, and a name that is not the
/// certificate's; then all there is to answer, over it.
#[tokio::test]
async fn certificates_of_mariadb_are_looked_at() {
    let (database, _shop) = mariadb_shop_in(mariadb::Server::start_secured).await;
    let server = Server::start_with(allowing).await;
    let ada = server.person("ada").await;
    let [authority, other] = database.authorities();
    let target = to_mariadb(database.port);
    for (host, tls, ca, ok) in [
        ("localhost", "verify-full", Some(&authority), true),
        ("127.0.0.1", "verify-full", Some(&authority), false),
        ("127.0.0.1", "verify-ca", Some(&authority), true),
        ("localhost", "verify-full", Some(&other), false),
        ("localhost", "verify-ca", Some(&other), false),
        ("localhost", "verify-full", None, false),
        ("localhost", "verify-ca", None, false),
        ("localhost", "require", None, true),
        ("localhost", "prefer", None, true),
        ("localhost", "disable", None, false),
    ] {
        let said = tested(&ada, &target, (host, tls, ca, ok)).await;
        match (ok, tls) {
            (true, _) => assert!(said.starts_with("MariaDB "), "{said}"),
            (false, "disable") => assert!(said.contains("does not let the connection in"), "{said}"),
            (false, _) => assert!(said.contains("TLS"), "{said}"),
        }
    }
    let mut secured = target.clone();
    (secured["host"], secured["tls"], secured["ca_certificate"]) =
        (json!("localhost"), json!("verify-full"), json!(authority));
    let id = connected(&ada, &secured).await;
    answers_right(&ada, &id).await;
    server.stop().await;
}

#[tokio::test]
async fn a_connection_is_its_tenants_and_its_password_nobodys() {
    let (port, _shop) = postgres_shop("rights").await;
    let server = Server::start_with(allowing).await;
    let (ada, eve) = (server.person("ada").await, server.person("eve").await);
    let invited = ada.call("account.invite", json!({})).await.data();
    let bob = server.invited("bob", invited["invitation"].as_str()).await;

    let answer = ada.post("/api/v1/connections", to_postgres(port, "rights")).await;
    assert!(!answer.text.contains(PASSWORD));
    let mut made = answer.data();
    let id = made["id"].as_str().unwrap().to_owned();
    for field in ["id", "created_by", "created_at", "updated_at"] {
        assert!(made.as_object_mut().unwrap().remove(field).is_some(), "{field}");
    }
    let shown = json!({
        "name": "Shop", "kind": "postgres", "host": "127.0.0.1", "port": port, "database": "rights",
        "username": "reader", "tls": "prefer", "has_password": true,
    });
    assert_eq!(made, shown);
    let path = format!("/api/v1/connections/{id}");
    let seen = bob.get("/api/v1/connections").await.data();
    assert_eq!((&seen["connections"][0]["id"], &seen["may_change"]), (&json!(id), &json!(false)));
    assert_eq!(eve.get("/api/v1/connections").await.data(), json!({"connections": [], "may_change": true}));
    assert_eq!(eve.get(&path).await.error().0, 404);
    assert_eq!(bob.delete(&path).await.error().0, 403);
    assert_eq!(bob.post("/api/v1/connections", to_postgres(port, "rights")).await.error().0, 403);
    let taken = ada.post("/api/v1/connections", to_postgres(port, "rights")).await.error();
    assert_eq!(taken, (409, "CONFLICT".into(), "name".into()));
    let files = json!({"name": "Files", "kind": "sqlite", "path": "/x"});
    assert_eq!(ada.post("/api/v1/connections", files).await.error().2, "name");

    // Where it leads changes only with the password; its name alone does not need it.
    let put = async |body: Value| crate::server::send(ada.ask(reqwest::Method::PUT, &path).json(&body)).await;
    assert_eq!(put(json!({"host": "127.0.0.2"})).await.error(), (400, "INVALID_REQUEST".into(), "password".into()));
    assert_eq!(put(json!({"name": "Music"})).await.data()["name"], "Music");
    assert_eq!(put(json!({"database": "none", "password": PASSWORD})).await.data()["database"], "none");
    let tested = ada.post(&format!("{path}/test"), json!({})).await.data();
    assert_eq!(tested["ok"], false, "{tested}");
    put(json!({"name": "Shop", "database": "rights", "password": PASSWORD})).await.data();

    // All of the tenant use it; a guest sees what is shown, and asks nothing.
    let dashboard = empty(&bob).await;
    panel(&bob, &dashboard, "SELECT COUNT(*) AS n FROM genre").await.unwrap();
    let other = json!({"title": "T", "connection_name": "Shop"});
    assert_eq!(eve.post("/dashboards/create", other).await.error().2, "connection_name");
    let room = ada.room().await;
    let invited = ada.call("account.invite", json!({"room_id": room, "role": "editor"})).await.data();
    let login =
        json!({"email": "eve@example.com", "password": crate::server::PASSWORD, "invitation": invited["invitation"]});
    server.stranger().call("account.login", login).await.data();
    let body = json!({"title": "T", "connection_name": "Shop", "room_id": room});
    let shared = ada.post("/dashboards/create", body).await.data()["id"].as_str().unwrap().to_owned();
    panel(&ada, &shared, "SELECT Name, GenreId AS n FROM genre").await.unwrap();
    assert_eq!(eve.call("dashboard.get", json!({"dashboard_id": shared})).await.status, 200);
    assert_eq!(panel(&eve, &shared, "SELECT LastName FROM customer").await.unwrap_err().0, 403);
    let filter = json!({"session_id": shared, "filter_state": {"Name": "Rock"}});
    assert_eq!(eve.call("dashboard.filter", filter.clone()).await.error().0, 403);
    assert_eq!(ada.call("dashboard.filter", filter).await.status, 200);

    // Nowhere in the data folder does the password stand, and without the key nobody reads it.
    let audit = ada.call("audit.list", json!({})).await;
    assert!(audit.text.contains("data_connection.create") && !audit.text.contains(PASSWORD), "{audit:?}");
    let data = server.data_dir().join("data");
    let mut looked = 0;
    for entry in std::fs::read_dir(&data).unwrap().flatten().filter(|entry| entry.path().is_file()) {
        let bytes = std::fs::read(entry.path()).unwrap();
        assert!(!bytes.windows(PASSWORD.len()).any(|part| part == PASSWORD.as_bytes()), "{:?}", entry.path());
        looked += 1;
    }
    assert!(looked >= 3, "{data:?}");
    server.stop().await;
}
