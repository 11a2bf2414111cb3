//! A text goes through the guard of every dialect. Whatever it is, there is an answer, soon; and what passes means
//! the same when it is written out and read again.

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
    &Rules { syntax: &PostgreSqlDialect {}, schemas: true, ..EMBEDDED },
    &Rules { syntax: &MySqlDialect {}, schemas: true, ..EMBEDDED },
    &Rules { syntax: &SQLiteDialect {}, ..EMBEDDED },
];

fuzz_target!(|sql: &str| {
    let datasets = BTreeSet::from(["cars", "sales", "public.cars"]);
    for rules in DIALECTS {
        let Ok(checked) = guard::check(sql, &datasets, rules) else { continue };
        assert!(checked.tables.iter().all(|table| datasets.contains(table.as_str())));
        if let Ok(again) = guard::check(&checked.statement.to_string(), &datasets, rules) {
            assert_eq!((again.tables, again.volatile), (checked.tables, checked.volatile));
        }
    }
});
