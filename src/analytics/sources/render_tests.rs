//! What is handed to a database, and what is not.

use datafusion::logical_expr::{col, lit};

use super::super::survey::Seen;
use super::*;
use crate::allowed::EMBEDDED;
use crate::syntax;

fn sales() -> Relation {
    let seen = |name: &str, kind| Seen { name: name.into(), kind, from: (0, 0) };
    Relation {
        name: "sales".into(),
        columns: vec![
            seen("region", ColumnType::Text),
            seen("amount", ColumnType::Number),
            seen("pieces", ColumnType::Integer),
            seen("at", ColumnType::Timestamp),
        ],
        select: r#"SELECT "t0"."region" AS "region" FROM "sales" AS "t0""#.into(),
    }
}

/// The query behind its table expressions.
fn said(kind: Kind, sql: &str) -> Result<String, String> {
    let (statement, relation) = (syntax::parse(sql, EMBEDDED.syntax).unwrap(), sales());
    let whole = query(kind, &statement, &[(&relation, None)], 100)?;
    let (_, rest) = whole.split_once(r#") AS "r")"#).unwrap();
    Ok(rest.trim().to_owned())
}

#[test]
fn words_that_mean_the_same_are_handed_on() {
    for (sql, postgres, mysql) in [
        (
            "SELECT region, SUM(amount) AS s FROM sales GROUP BY 1 ORDER BY s DESC, 1",
            "SELECT region, sum(amount) AS s FROM sales GROUP BY 1 ORDER BY s DESC NULLS LAST, 1 NULLS LAST LIMIT 101",
            "SELECT region, sum(amount) AS s FROM sales GROUP BY 1 ORDER BY s DESC, (region) IS NULL, 1 LIMIT 101",
        ),
        (
            "SELECT CAST(date_trunc('month', at) AS DATE) AS m FROM sales LIMIT 5",
            "SELECT CAST(date_trunc('month', at) AS DATE) AS m FROM sales LIMIT 5",
            "SELECT CAST(CAST(DATE_FORMAT(at, '%Y-%m-01') AS DATETIME) AS DATE) AS m FROM sales LIMIT 5",
        ),
        (
            "SELECT amount / 2 AS h, AVG(pieces) AS a FROM sales LIMIT 5",
            "SELECT amount / 2 AS h, avg(pieces) AS a FROM sales LIMIT 5",
            "SELECT CAST(amount AS DOUBLE) / 2 AS h, avg(CAST(pieces AS DOUBLE)) AS a FROM sales LIMIT 5",
        ),
        (
            "SELECT EXTRACT(hour FROM at) AS h FROM sales WHERE region IN (SELECT region FROM sales LIMIT 3) LIMIT 5",
            "SELECT CAST(date_part('hour', at) AS INTEGER) AS h FROM sales WHERE region IN (SELECT region FROM sales LIMIT 3) LIMIT 5",
            "SELECT HOUR(at) AS h FROM sales WHERE region IN (SELECT * FROM (SELECT region FROM sales LIMIT 3) AS \"k\") LIMIT 5",
        ),
    ] {
        assert_eq!(said(Kind::Postgres, sql).as_deref(), Ok(postgres));
        assert_eq!(said(Kind::Mysql, sql).as_deref(), Ok(mysql));
    }
}

#[test]
fn what_may_mean_something_else_is_not() {
    for sql in [
        "SELECT pieces / 2 FROM sales",
        "SELECT COUNT(*) / 7 FROM sales",
        "SELECT amount % 2 FROM sales",
        "SELECT CAST(amount AS TEXT) FROM sales",
        "SELECT region FROM sales WHERE region ~ 'a'",
        "SELECT regexp_replace(region, 'a', 'b') FROM sales",
        "SELECT approx_median(amount) FROM sales",
        "SELECT to_char(at, 'YYYY') FROM sales",
        "SELECT region FROM sales WHERE region = '\\'' OR 1=1 --'",
        "SELECT region FROM sales WHERE region = ''''''",
        "SELECT TRY_CAST(region AS BIGINT) FROM sales",
        "WITH sales AS (SELECT * FROM sales) SELECT * FROM sales",
        "SELECT 1",
    ] {
        let Ok(statement) = syntax::parse(sql, EMBEDDED.syntax) else { continue };
        let relation = sales();
        let tables = [(&relation, None)];
        let tables = if sql == "SELECT 1" { &tables[..0] } else { &tables[..] };
        for kind in [Kind::Postgres, Kind::Mysql, Kind::Sqlite] {
            assert!(query(kind, &statement, tables, 100).is_err(), "{kind:?}: {sql}");
        }
    }
    for sql in ["SELECT median(amount) FROM sales", "SELECT region FROM sales WHERE region ILIKE 'a'"] {
        assert!(said(Kind::Postgres, sql).is_ok() && said(Kind::Mysql, sql).is_err(), "{sql}");
    }
}

#[test]
fn a_filter_stands_behind_the_tables_name() {
    let (statement, relation) =
        (syntax::parse("SELECT a.region FROM sales a, sales b", EMBEDDED.syntax).unwrap(), sales());
    let condition = col("region").eq(lit("Côte d'Ivoire"));
    let whole = query(Kind::Postgres, &statement, &[(&relation, Some(&condition))], 9).unwrap();
    assert_eq!(
        whole,
        r#"WITH "sales" AS NOT MATERIALIZED (SELECT * FROM (SELECT "t0"."region" AS "region" FROM "sales" AS "t0") AS "r" WHERE (region = 'Côte d''Ivoire')) SELECT a.region FROM sales AS a, sales AS b LIMIT 10"#
    );
    let odd = col("region").eq(lit("\\' OR 1=1 --"));
    assert!(self::condition(Kind::Mysql, &odd).is_err());
}
