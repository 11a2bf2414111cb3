//! Queries that nobody wrote: a grammar of what people ask and of what they should not, and choices that proptest
//! makes and shrinks. Whatever comes out, the engine answers or says why not, within its bounds, and tells no secret.

use std::cell::RefCell;
use std::time::Duration;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use tokio::runtime::Runtime;

use super::hostile::{self, ask, at_rest};

/// As many as the ordinary tests have time for, the same ones each time; `VIZROOM_QUERIES=n` makes `n` new ones.
const QUERIES: u32 = 400;
const TIME: Duration = Duration::from_secs(1);
/// How deep a query is made; what is deeper is for the corpus.
const DEPTH: u32 = 5;

/// Makes a query out of choices; when they are used up, the first of everything, which is the simplest.
struct Maker<'a> {
    choices: std::slice::Iter<'a, u16>,
    depth: u32,
    /// Uses the first third of every list of words, which fit one another, and one table: most of it runs.
    tame: bool,
}

impl Maker<'_> {
    fn pick(&mut self, of: usize) -> usize {
        usize::from(self.choices.next().copied().unwrap_or(0)) % of
    }

    fn word(&mut self, list: &[&str]) -> String {
        let list = if self.tame { &list[..list.len().div_ceil(3)] } else { list };
        list[self.pick(list.len())].to_owned()
    }

    /// One of the ways, going one level deeper; the first when deep enough.
    fn way(&mut self, of: usize, make: impl FnOnce(&mut Self, usize) -> String) -> String {
        let way = if self.depth >= DEPTH { 0 } else { self.pick(of) };
        self.depth += 1;
        let made = make(self, way);
        self.depth -= 1;
        made
    }

    fn list(&mut self, most: usize, separator: &str, make: impl Fn(&mut Self) -> String) -> String {
        let count = if self.tame { 1 } else { self.pick(most) + 1 };
        (0..count).map(|_| make(self)).collect::<Vec<_>>().join(separator)
    }

    /// Nothing, more often than not.
    fn maybe(&mut self, make: impl FnOnce(&mut Self) -> String) -> String {
        if self.pick(if self.tame { 9 } else { 3 }) == 2 { make(self) } else { String::new() }
    }

    fn statement(&mut self) -> String {
        self.tame = self.pick(3) != 0;
        let query = self.query();
        if self.tame {
            return query;
        }
        match self.pick(20) {
            17 => format!("{query}; {}", self.word(HOSTILE)),
            18 => format!("{} {query}", self.word(&["EXPLAIN", "CREATE TABLE x AS", "COPY", "WITH x AS", "--", "/*"])),
            19 => self.word(HOSTILE),
            _ => query,
        }
    }

    fn query(&mut self) -> String {
        let with = self.maybe(|m| {
            let parts =
                m.list(2, ", ", |m| format!("{} AS ({})", m.word(&["a", "b", "cars", "secrets", "big"]), m.query()));
            format!("WITH {}{parts} ", m.word(&["", "", "", "", "", "", "RECURSIVE "]))
        });
        let body = self.way(7, |m, way| match way {
            0..=3 => m.select(),
            4 => format!("{} {} {}", m.select(), m.word(SETS), m.query()),
            5 => format!("({})", m.query()),
            _ => format!("VALUES {}", m.list(3, ", ", |m| format!("({}, {})", m.literal(), m.expr()))),
        });
        let order = self.maybe(|m| format!(" ORDER BY {}{}", m.expr(), m.word(&["", " DESC", " NULLS FIRST"])));
        let limit = self.maybe(|m| format!(" LIMIT {}", m.word(&["3", "0", "1 + 1", "(SELECT 1)", "-1", "NULL"])));
        format!("{with}{body}{order}{limit}")
    }

    fn select(&mut self) -> String {
        let distinct = self.word(&["", "", "", "", "DISTINCT ", "DISTINCT ON (1) ", "TOP 1 "]);
        let what = match self.pick(6) {
            0 => "*".to_owned(),
            1 => "count(*)".to_owned(),
            _ => self.list(3, ", ", |m| format!("{}{}", m.expr(), m.word(&["", " AS n", " AS name", " AS \"N n\""]))),
        };
        let into = self.word(&["", "", "", "", "", "", "", "", "", " INTO x"]);
        let from = self.list(2, ", ", Self::table);
        let condition = self.maybe(|m| format!(" WHERE {}", m.expr()));
        let group = self.maybe(|m| {
            let by = m.list(2, ", ", Self::expr);
            let how = m.word(&["", "", "ROLLUP", "CUBE", "GROUPING SETS"]);
            let by = if how.is_empty() { by } else { format!("{how} ({by})") };
            format!(" GROUP BY {by}{}", m.maybe(|m| format!(" HAVING {}", m.expr())))
        });
        let qualify = self.word(&["", "", "", "", "", "", "", " QUALIFY row_number() OVER (ORDER BY 1) = 1"]);
        format!("SELECT {distinct}{what}{into} FROM {from}{condition}{group}{qualify}")
    }

    fn table(&mut self) -> String {
        let table = self.way(8, |m, way| match way {
            0..=3 => m.word(TABLES),
            4 => format!("({}) s", m.query()),
            5 => format!("({} CROSS JOIN {})", m.table(), m.table()),
            6 => format!("{} {} {} ON {}", m.table(), m.word(JOINS), m.table(), m.expr()),
            _ => m.word(SOURCES),
        });
        let alias = self.word(&["", "", " a", " AS b", " t (n, name)", " TABLESAMPLE (1)"]);
        format!("{table}{alias}")
    }

    fn expr(&mut self) -> String {
        self.way(20, |m, way| match way {
            0..=3 => m.word(COLUMNS),
            4 | 5 => m.literal(),
            6 | 7 => format!("{} {} {}", m.expr(), m.word(OPERATORS), m.expr()),
            8 => format!("({})", m.expr()),
            9 => format!("{} {}", m.word(&["-", "NOT", "+", "~"]), m.expr()),
            10 => format!("CASE WHEN {} THEN {} ELSE {} END", m.expr(), m.expr(), m.expr()),
            11 => format!("CAST({} AS {})", m.expr(), m.word(TYPES)),
            12 => format!("({})", m.query()),
            13 => format!("{} IN ({})", m.expr(), m.list(3, ", ", Self::expr)),
            14 => format!("{} IN ({})", m.expr(), m.query()),
            15 => format!("EXISTS ({})", m.query()),
            16 => format!("{} BETWEEN {} AND {}", m.expr(), m.expr(), m.expr()),
            17 => format!("{} {}", m.expr(), m.word(&["IS NULL", "IS NOT TRUE", "LIKE '%a_'", "~ 'a+'", "::TEXT"])),
            _ => m.call(),
        })
    }

    fn call(&mut self) -> String {
        let aggregate = self.pick(3) == 0;
        let name = self.word(if aggregate { AGGREGATES } else { FUNCTIONS });
        let args = self.list(3, ", ", Self::expr);
        let args = format!("{}{args}", self.word(&["", "", "", "", "DISTINCT "]));
        let filter = self.word(&["", "", "", "", "", " FILTER (WHERE n > 1)", " WITHIN GROUP (ORDER BY n)"]);
        let over = self.maybe(|m| {
            let by = m.maybe(|m| format!("PARTITION BY {} ", m.expr()));
            let order = m.maybe(|m| format!("ORDER BY {} ", m.expr()));
            format!(" OVER ({by}{order}{})", m.word(FRAMES))
        });
        format!("{name}({args}){filter}{over}")
    }

    fn literal(&mut self) -> String {
        self.word(LITERALS)
    }
}

#[rustfmt::skip]
const TABLES: &[&str] = &["big", "big", "big", "big", "cars", "sales", "long", "wide", "a", "b", "secrets", "\"cars\"", "CARS"];
#[rustfmt::skip]
const SOURCES: &[&str] = &["read_csv('/etc/passwd')", "generate_series(1, 1000000000) g", "information_schema.tables",
    "'/etc/passwd'", "\"/etc/passwd\"", "UNNEST(name) u", "LATERAL (SELECT 1) l", "TABLE(f())", "x.y.cars"];
#[rustfmt::skip]
const COLUMNS: &[&str] = &["n", "one", "n", "one", "1", "n", "name", "mpg", "origin", "year", "a.n", "b.n", "one", "text", "amount", "cars.mpg",
    "\"Weight in lbs\"", "horsepower", "s.n", "c7", "code", "nothing", "*"];
#[rustfmt::skip]
const LITERALS: &[&str] = &["1", "0", "-1", "2.5", "9223372036854775807", "1e308", "0.1e-300", "NULL", "'a'", "''", "true",
    "'2020-02-30'", "DATE '2020-02-29'", "TIMESTAMP '1969-12-31 23:59:59.999'", "INTERVAL '1 month'",
    "INTERVAL '-178956970 years'", "'é𝕏'", "'%'", "'('", "'NaN'", "'9999-12-31'", "$1", "X'00'", "now()", "current_date"];
#[rustfmt::skip]
const OPERATORS: &[&str] = &["+", "-", "*", "/", "%", "=", "<>", "<", ">=", "AND", "OR", "||", "~", "LIKE", "->", "&", "<<",
    "IS DISTINCT FROM", "NOT IN", "SIMILAR TO", "AT TIME ZONE"];
const SETS: &[&str] = &["UNION", "UNION ALL", "EXCEPT", "INTERSECT", "UNION ALL BY NAME", "MINUS"];
#[rustfmt::skip]
const JOINS: &[&str] = &["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "LEFT SEMI JOIN", "LEFT ANTI JOIN", "NATURAL JOIN",
    "CROSS APPLY", "JOIN LATERAL"];
#[rustfmt::skip]
const TYPES: &[&str] = &["INT", "DOUBLE", "SMALLINT", "DECIMAL(10, 2)", "BIGINT", "TEXT", "DATE", "TIMESTAMP", "BOOLEAN", "DECIMAL(38, 38)",
    "TIME", "INTERVAL", "BYTEA", "JSON", "INT[]"];
#[rustfmt::skip]
const AGGREGATES: &[&str] = &["sum", "count", "avg", "min", "max", "median", "stddev", "corr", "string_agg", "first_value",
    "bool_and", "approx_distinct", "approx_percentile_cont", "percentile_cont", "rank", "row_number", "ntile", "lag", "lead",
    "nth_value", "cume_dist", "any_value", "array_agg", "grouping", "var_pop"];
#[rustfmt::skip]
const FUNCTIONS: &[&str] = &["abs", "round", "trunc", "ceil", "floor", "sqrt", "ln", "log", "exp", "coalesce", "greatest", "least",
    "upper", "lower", "initcap", "reverse", "length", "concat", "ascii", "radians", "power", "mod", "atan2", "nullif", "substr", "left", "right",
    "trim", "replace", "translate", "concat_ws", "split_part", "strpos", "starts_with", "contains",
    "regexp_replace", "regexp_like", "regexp_count", "date_trunc", "date_part", "date_bin", "to_char", "to_date",
    "to_timestamp", "to_timestamp_seconds", "from_unixtime", "to_unixtime", "make_date", "position", "nvl2", "ifnull",
    "isnan", "nanvl", "signum", "pi", "now", "read_file", "pg_sleep", "repeat", "version", "x.upper", "random"];
#[rustfmt::skip]
const FRAMES: &[&str] = &["", "", "ROWS UNBOUNDED PRECEDING", "ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
    "RANGE BETWEEN 1 PRECEDING AND CURRENT ROW", "GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
    "ROWS BETWEEN 9223372036854775807 PRECEDING AND CURRENT ROW", "ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING"];
#[rustfmt::skip]
const HOSTILE: &[&str] = &["DROP TABLE cars", "DELETE FROM cars", "INSERT INTO cars SELECT * FROM secrets", "SHOW TABLES",
    "COPY cars TO '/tmp/x'", "SET x = 1", "CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '/etc/passwd'", "TABLE secrets",
    "ATTACH 'x'", "EXPLAIN SELECT * FROM cars", "/* unfinished", "'", "FROM secrets", "BEGIN"];

#[test]
fn whatever_is_asked_is_answered_or_refused_within_bounds() {
    let runtime = Runtime::new().unwrap();
    let desk = runtime.block_on(hostile::desk(hostile::MEMORY_BYTES));
    let asked = std::env::var("VIZROOM_QUERIES").ok().and_then(|n| n.parse().ok());
    let cases = asked.unwrap_or(QUERIES);
    let rng_seed = if asked.is_some() { RngSeed::Random } else { RngSeed::Fixed(1) };
    let config = Config { cases, rng_seed, max_shrink_iters: 2_000, failure_persistence: None, ..Config::default() };
    let choices = proptest::collection::vec(proptest::num::u16::ANY, 0..160);
    let queries = choices.prop_map(|choices| Maker { choices: choices.iter(), depth: 0, tame: false }.statement());
    let (answered, refused) = (RefCell::new(0), RefCell::new(0));
    let outcome = TestRunner::new(config).run(&queries, |sql| {
        runtime.block_on(async {
            if let Ok(answer) = ask(&desk, &sql, TIME).await {
                *answered.borrow_mut() += 1;
                let told = answer.table.rows.iter().flatten().any(|cell| {
                    cell.as_str().is_some_and(|text| text.contains(hostile::SECRET) || text.contains("root:"))
                });
                assert!(!told, "{sql}");
            } else {
                *refused.borrow_mut() += 1;
            }
            let rested = at_rest(&desk).await;
            assert!(rested < hostile::GRACE, "ended {rested:?} late: {sql}");
        });
        Ok(())
    });
    println!("{} answered, {} refused", answered.borrow(), refused.borrow());
    outcome.unwrap_or_else(|error| panic!("{error}"));
    // The grammar makes something of both.
    assert!(*answered.borrow() > cases / 40 && *refused.borrow() > cases / 40);
}
