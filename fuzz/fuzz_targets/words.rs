//! As `guard`, but a byte is a word of SQL: so it finds what keeps the parser busy, not what a word looks like.

#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;

#[path = "../../src/analytics/allowed.rs"]
mod allowed;
#[path = "../../src/analytics/calls.rs"]
mod calls;
#[path = "../../src/analytics/guard.rs"]
mod guard;
#[path = "../../src/analytics/syntax.rs"]
mod syntax;

use allowed::{EMBEDDED, Rules};
use datafusion::sql::sqlparser::dialect::{MySqlDialect, PostgreSqlDialect, SQLiteDialect};

static DIALECTS: [&Rules; 4] = [
    &EMBEDDED,
    &Rules { syntax: &PostgreSqlDialect {}, ..EMBEDDED },
    &Rules { syntax: &MySqlDialect {}, ..EMBEDDED },
    &Rules { syntax: &SQLiteDialect {}, ..EMBEDDED },
];

#[rustfmt::skip]
const WORDS: &[&str] = &[
    "SELECT", "FROM", "WHERE", "GROUP", "BY", "ORDER", "HAVING", "LIMIT", "OFFSET", "WITH", "AS", "UNION", "ALL", "EXCEPT",
    "INTERSECT", "JOIN", "LEFT", "OUTER", "CROSS", "ON", "USING", "NATURAL", "LATERAL", "VALUES", "DISTINCT", "CASE", "WHEN",
    "THEN", "ELSE", "END", "CAST", "TRY_CAST", "EXTRACT", "POSITION", "SUBSTRING", "TRIM", "CEIL", "FLOOR", "INTERVAL", "DATE",
    "TIMESTAMP", "ARRAY", "EXISTS", "IN", "BETWEEN", "AND", "OR", "NOT", "IS", "NULL", "LIKE", "ILIKE", "SIMILAR", "TO", "ANY",
    "ESCAPE", "OVER", "PARTITION", "ROWS", "RANGE", "PRECEDING", "FOLLOWING", "UNBOUNDED", "CURRENT", "ROW", "FILTER",
    "WITHIN", "ROLLUP", "CUBE", "GROUPING", "SETS", "WINDOW", "QUALIFY", "RECURSIVE", "INTO", "FOR", "UPDATE", "TABLE",
    "INSERT", "DELETE", "STRUCT", "MAP", "CONVERT", "OVERLAY", "PLACING", "COLLATE", "AT", "TIME", "ZONE", "MATCH", "AGAINST",
    "LAMBDA", "PRIOR", "CONNECT", "UNNEST", "PIVOT", "TOP", "FETCH", "FIRST", "SETTINGS", "FORMAT", "BINARY", "XMLTABLE",
    "JSON_TABLE", "OPENJSON", "MATCH_RECOGNIZE", "CURRENT_DATE", "LOCALTIME", "POINT", "BOX", "TEXT", "INT", "VARCHAR",
    "cars", "sales", "mpg", "a", "count", "sum", "upper", "f", "(", ")", "((", "))", "(((", ",", ".", ";", "*", "+", "-", "/",
    "=", "<>", "||", "::", "->", "=>", ":=", "{", "}", "[", "]", "<", ">", "~", "@", "?", "$1", "1", "2.5", "'x'", "\"mpg\"",
    "`a`", "E'x'", "X'00'", "a.b.", ".f(", "(SELECT", "FROM ((", "/*+ x */", "|>", "!", "&&", "#", "\\", "N'x'", "$$x$$",
];

fuzz_target!(|bytes: &[u8]| {
    let datasets = BTreeSet::from(["cars", "sales"]);
    let words: Vec<&str> = bytes.iter().map(|byte| WORDS[usize::from(*byte) % WORDS.len()]).collect();
    let sql = format!("SELECT {}", words.join(" "));
    for rules in DIALECTS {
        if let Ok(checked) = guard::check(&sql, &datasets, rules) {
            assert!(checked.tables.iter().all(|table| datasets.contains(table.as_str())));
        }
    }
});
