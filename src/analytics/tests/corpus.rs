//! Statements that must not run, each with a part of the reason given, and statements that must.

use std::collections::BTreeSet;

use super::Desk;
use crate::allowed::EMBEDDED;
use crate::guard;

#[rustfmt::skip]
const HOSTILE: &[(&str, &str)] = &[
    ("", "no query"),
    (";", "no query"),
    ("-- nothing", "no query"),
    ("SELECT", "Expected"),
    ("this is no SQL", "Expected"),
    ("SELECT 1; SELECT 2", "2 statements"),
    ("SELECT 1; DROP TABLE cars", "2 statements"),
    ("INSERT INTO cars VALUES (1)", "not INSERT"),
    ("UPDATE cars SET mpg = 1", "not UPDATE"),
    ("DELETE FROM cars", "not DELETE"),
    ("DROP TABLE cars", "not DROP"),
    ("TRUNCATE cars", "not TRUNCATE"),
    ("ALTER TABLE cars ADD COLUMN x INT", "not ALTER"),
    ("CREATE TABLE x AS SELECT * FROM cars", "not CREATE"),
    ("CREATE VIEW x AS SELECT * FROM cars", "not CREATE"),
    ("CREATE FUNCTION f() RETURNS INT RETURN 1", ""),
    ("CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '/etc/passwd'", ""),
    ("COPY cars TO '/tmp/out.csv'", "not COPY"),
    ("COPY (SELECT * FROM cars) TO '/tmp/out.csv'", "not COPY"),
    ("SET datafusion.execution.target_partitions = 1000", "not SET"),
    ("SHOW TABLES", "not SHOW"),
    ("SHOW ALL", "not SHOW"),
    ("EXPLAIN SELECT * FROM cars", "not EXPLAIN"),
    ("EXPLAIN ANALYZE SELECT * FROM cars", "not EXPLAIN"),
    ("DESCRIBE cars", "only a query"),
    ("PREPARE p AS SELECT 1", "not PREPARE"),
    ("EXECUTE p", "not EXECUTE"),
    ("DECLARE x CURSOR FOR SELECT 1", ""),
    ("BEGIN", ""),
    ("COMMIT", "not COMMIT"),
    ("GRANT ALL ON cars TO public", "not GRANT"),
    ("CALL f()", "not CALL"),
    ("ATTACH DATABASE 'x.db' AS x", ""),
    ("MERGE INTO cars USING sales ON true WHEN MATCHED THEN DELETE", "not MERGE"),
    ("WITH x AS (DELETE FROM cars RETURNING *) SELECT * FROM x", ""),
    ("WITH x AS (INSERT INTO cars VALUES (1)) SELECT * FROM x", ""),
    ("SELECT * INTO copy FROM cars", "INTO"),
    ("SELECT * FROM cars FOR UPDATE", "FOR UPDATE"),
    ("SELECT * FROM passwords", "no table passwords"),
    ("SELECT * FROM information_schema.tables", "no table information_schema.tables"),
    ("SELECT * FROM INFORMATION_SCHEMA.COLUMNS", "no table"),
    ("SELECT * FROM pg_catalog.pg_tables", "no table"),
    ("SELECT * FROM datafusion.public.cars", "no table"),
    ("SELECT * FROM public.cars", "no table"),
    ("SELECT * FROM \"CARS\"", "no table"),
    ("SELECT * FROM 'data.parquet'", "no table"),
    ("SELECT * FROM \"/etc/passwd\"", "no table"),
    ("SELECT * FROM \"https://example.org/x.csv\"", "no table"),
    ("SELECT * FROM cars, (SELECT * FROM secrets) s", "no table secrets"),
    ("SELECT (SELECT max(x) FROM secrets) FROM cars", "no table secrets"),
    ("SELECT * FROM cars WHERE mpg IN (SELECT mpg FROM secrets)", "no table secrets"),
    ("SELECT * FROM cars UNION SELECT * FROM secrets", "no table secrets"),
    ("SELECT * FROM cars ORDER BY (SELECT 1 FROM secrets)", "no table secrets"),
    ("SELECT * FROM cars LIMIT (SELECT count(*) FROM secrets)", "no table secrets"),
    ("WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a", "no table b"),
    ("SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a) x, a", "no table a"),
    ("TABLE secrets", ""),
    ("TABLE cars", ""),
    ("(TABLE cars)", ""),
    ("FROM cars", "FROM without SELECT"),
    ("SELECT * FROM generate_series(1, 1000000000)", "function as a table"),
    ("SELECT * FROM range(1, 1000000000)", "function as a table"),
    ("SELECT * FROM read_parquet('x')", "function as a table"),
    ("SELECT * FROM TABLE(read_csv('x'))", "anything but a dataset"),
    ("SELECT * FROM UNNEST([1, 2])", "anything but a dataset"),
    ("SELECT * FROM LATERAL (SELECT 1) x", "LATERAL"),
    ("SELECT * FROM cars TABLESAMPLE BERNOULLI (10)", "TABLESAMPLE"),
    ("SELECT * FROM cars PIVOT (sum(mpg) FOR origin IN ('USA'))", "anything but a dataset"),
    ("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT * FROM r", "WITH RECURSIVE"),
    ("SELECT read_file('/etc/passwd')", "function read_file"),
    ("SELECT pg_sleep(100)", "function pg_sleep"),
    ("SELECT pg_catalog.pg_sleep(100)", "function"),
    ("SELECT load_extension('x')", "function"),
    ("SELECT repeat('x', 1000000000)", "function repeat"),
    ("SELECT lpad('x', 1000000000)", "function lpad"),
    ("SELECT version()", "function version"),
    ("SELECT random()", "function random"),
    ("SELECT uuid()", "function uuid"),
    ("SELECT arrow_cast(1, 'Utf8')", "function arrow_cast"),
    ("SELECT input_file_name() FROM cars", "function input_file_name"),
    ("SELECT array_agg(mpg) FROM cars", "function array_agg"),
    ("SELECT \"ReAd_FiLe\"('x')", "function"),
    ("SELECT @@version", ""),
    ("SELECT $1", "literal"),
    ("SELECT ?", "literal"),
    ("SELECT [1, 2, 3]", "not allowed"),
    ("SELECT {'a': 1}", "not allowed"),
    ("SELECT mpg::JSON FROM cars", "cast to JSON"),
    ("SELECT mpg -> 'x' FROM cars", "operator"),
    ("SELECT X'00'", "literal"),
    ("SELECT mpg FROM cars CONNECT BY mpg = 1", ""),
    ("SELECT TOP 5 * FROM cars", "TOP"),
    ("SELECT * FROM cars SETTINGS max_threads = 1000", "SETTINGS"),
    ("SELECT concat(x, x, x, x, x, x, x, x, x) FROM (SELECT concat(x, x, x, x, x, x, x, x, x) AS x FROM (SELECT \
      concat(x, x, x, x, x, x, x, x, x) AS x FROM (SELECT concat(mpg, mpg, mpg, mpg, mpg, mpg, mpg) AS x FROM cars)))",
      "joins too many texts"),
];

#[rustfmt::skip]
const LEGITIMATE: &[&str] = &[
    "SELECT * FROM cars",
    "SELECT * FROM cars;",
    "SELECT 1",
    "SELECT mpg, origin FROM cars WHERE mpg > 20 AND origin <> 'USA' ORDER BY mpg DESC LIMIT 10 OFFSET 1",
    "SELECT \"Weight in lbs\" FROM cars",
    "SELECT NAME, Horsepower FROM cars",
    "SELECT count(*), count(DISTINCT origin) FROM cars",
    "SELECT origin, avg(mpg) AS mean_mpg FROM cars GROUP BY origin HAVING avg(mpg) > 1 ORDER BY 2 DESC",
    "SELECT origin, sum(mpg) FILTER (WHERE mpg > 20) FROM cars GROUP BY origin",
    "SELECT origin, count(*) FROM cars GROUP BY ALL",
    "SELECT origin, year, count(*) FROM cars GROUP BY ROLLUP (origin, year)",
    "SELECT DISTINCT origin FROM cars",
    "WITH a AS (SELECT origin, mpg FROM cars), b AS (SELECT origin, max(mpg) AS m FROM a GROUP BY origin) SELECT * FROM b",
    "WITH cars AS (SELECT * FROM cars WHERE mpg > 1) SELECT * FROM cars",
    "SELECT * FROM (SELECT origin, row_number() OVER (PARTITION BY origin ORDER BY mpg DESC) AS n FROM cars) WHERE n = 1",
    "SELECT mpg, lag(mpg) OVER (ORDER BY year), sum(mpg) OVER (ORDER BY year ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM cars",
    "SELECT mpg, rank() OVER w FROM cars WINDOW w AS (PARTITION BY origin ORDER BY mpg)",
    "SELECT origin, mpg FROM cars QUALIFY row_number() OVER (PARTITION BY origin ORDER BY mpg) = 1",
    "SELECT origin, mpg * 100.0 / sum(mpg) OVER () AS share FROM cars",
    "SELECT CASE WHEN mpg > 20 THEN 'high' WHEN mpg > 10 THEN 'mid' ELSE 'low' END AS band, count(*) FROM cars GROUP BY band",
    "SELECT CASE origin WHEN 'USA' THEN 1 ELSE 0 END FROM cars",
    "SELECT date_trunc('month', year), count(*) FROM cars GROUP BY 1 ORDER BY 1",
    "SELECT date_part('year', year), EXTRACT(MONTH FROM year), EXTRACT(DOW FROM year) FROM cars",
    "SELECT to_char(year, '%Y-%m') FROM cars",
    "SELECT year + INTERVAL '1 month', year - INTERVAL '7' DAY FROM cars",
    "SELECT * FROM cars WHERE year >= DATE '1970-01-01' AND year < TIMESTAMP '2000-01-01 00:00:00'",
    "SELECT * FROM cars WHERE year BETWEEN '1970-01-01' AND '1980-01-01'",
    "SELECT CAST(mpg AS INTEGER) AS a, mpg::VARCHAR AS b, TRY_CAST(origin AS DOUBLE) FROM cars",
    "SELECT c.origin, s.amount FROM cars c JOIN sales s ON c.origin = s.region",
    "SELECT c.origin FROM cars c LEFT JOIN sales s ON c.origin = s.region WHERE s.region IS NULL",
    "SELECT a.mpg FROM cars a, cars b WHERE a.origin = b.origin",
    "SELECT * FROM cars CROSS JOIN sales",
    "SELECT * FROM cars FULL OUTER JOIN sales ON cars.origin = sales.region",
    "SELECT origin FROM cars UNION SELECT region FROM sales",
    "SELECT origin FROM cars UNION ALL SELECT region FROM sales ORDER BY 1",
    "SELECT origin FROM cars EXCEPT SELECT region FROM sales",
    "SELECT origin FROM cars INTERSECT SELECT region FROM sales",
    "SELECT * FROM cars WHERE mpg > (SELECT avg(mpg) FROM cars)",
    "SELECT * FROM cars WHERE origin IN (SELECT region FROM sales)",
    "SELECT * FROM cars WHERE EXISTS (SELECT 1 FROM sales WHERE sales.region = cars.origin)",
    "SELECT * FROM cars WHERE name LIKE 'f%' OR name ILIKE '%x' OR name NOT LIKE '_'",
    "SELECT * FROM cars WHERE name ~ '^f' AND origin IN ('USA', 'Japan') AND mpg IS NOT NULL",
    "SELECT coalesce(mpg, 0), nullif(mpg, 0), round(mpg, 1), floor(mpg), ceil(mpg), abs(-mpg) FROM cars",
    "SELECT upper(name), lower(name), trim(name), substring(name FROM 1 FOR 3), length(name), origin || '-' || name FROM cars",
    "SELECT median(mpg), stddev(mpg), corr(mpg, \"Weight in lbs\"), approx_percentile_cont(mpg, 0.9) FROM cars",
    "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY mpg) FROM cars",
    "SELECT string_agg(name, ', ') FROM cars",
    "SELECT first_value(mpg) OVER (ORDER BY year), ntile(4) OVER (ORDER BY mpg), percent_rank() OVER (ORDER BY mpg) FROM cars",
    "SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS t(n, label)",
    "SELECT floor(mpg / 5) * 5 AS bucket, count(*) FROM cars GROUP BY 1 ORDER BY 1",
    "SELECT now() > year FROM cars",
    "/* a remark */ SELECT mpg -- another\nFROM cars",
];

const CARS: &str = "name,mpg,origin,year,Weight in lbs,Horsepower\n\
    ford,18.5,USA,1970-01-01,3504,130\nfiat,30,Europe,1971-01-01,2000,90\ntoyota,NA,Japan,1972-01-01,2100,95\n";
const SALES: &str = "region,amount\nUSA,10\nJapan,20\n";

#[test]
fn hostile_statements_are_refused_with_the_reason() {
    let names = BTreeSet::from(["cars", "sales"]);
    for (sql, reason) in HOSTILE {
        match guard::check(sql, &names, &EMBEDDED) {
            Ok(_) => panic!("passes: {sql}"),
            Err(why) => assert!(why.contains(reason), "{sql}\n  gives: {why}\n  not: {reason}"),
        }
    }
    assert!(HOSTILE.len() >= 60);
}

#[tokio::test]
async fn legitimate_queries_run() {
    let mut desk = Desk::new();
    desk.ingest("cars.csv", CARS).await.unwrap();
    desk.ingest("sales.csv", SALES).await.unwrap();
    let mut failures = Vec::new();
    for sql in LEGITIMATE {
        if let Err(error) = desk.query(sql).await {
            failures.push(format!("{sql}\n  {error}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(LEGITIMATE.len() >= 30);
}

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
