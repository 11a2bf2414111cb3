//! Three ways to filter give the same answers, over generated data, filters and queries: substituting the catalogue, as
//! the engine does; rewriting the query's tree, as is done here; and leaving the rows out of the files by hand.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::sql::sqlparser::ast::{Query, Statement, TableFactor, VisitMut, VisitorMut};
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::parser::Parser;
use proptest::prelude::*;
use serde_json::{Value, json};
use vizroom_protocol::dashboard::FilterState;
use vizroom_protocol::file::Relation;

use super::{Bounds, Desk};
use crate::Conditions;
use crate::moment::day_text;

/// 2020-01-01, a Wednesday: cells of days count from here.
const FIRST_DAY: i64 = 18_262;

/// A cell: a letter, a number or a day, each by its number; or nothing.
type Cell = Option<i64>;

#[derive(Debug, Clone)]
struct Data {
    /// `grp`, `n`, `day`, `dim_id`
    facts: Vec<[Cell; 4]>,
    /// `key`, `label`, `size`
    dims: Vec<[Cell; 3]>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Letter,
    Number,
    Day,
}

/// What a column must have, in one of the forms of the protocol.
#[derive(Debug, Clone)]
enum Test {
    Is(Cell),
    In(Vec<Cell>),
    /// Each bound with whether it is allowed itself.
    Range(Option<(i64, bool)>, Option<(i64, bool)>),
    /// The days of a month of 2020.
    Month(u32),
    /// 1 (Monday) – 7
    Weekday(i64),
}

/// A condition on one column.
#[derive(Debug, Clone)]
struct Wish {
    column: &'static str,
    kind: Kind,
    test: Test,
}

/// The columns that filters speak of: where they are, and what they hold. No name is in both tables.
const COLUMNS: [(&str, Kind); 5] =
    [("grp", Kind::Letter), ("n", Kind::Number), ("day", Kind::Day), ("label", Kind::Letter), ("size", Kind::Number)];

impl Kind {
    fn text(self, number: i64) -> String {
        match self {
            Kind::Letter => char::from(b'a' + u8::try_from(number.rem_euclid(26)).unwrap()).to_string(),
            Kind::Number => number.to_string(),
            Kind::Day => day_text(i32::try_from(FIRST_DAY + number).unwrap()).unwrap(),
        }
    }

    fn json(self, cell: Cell) -> Value {
        match (self, cell) {
            (_, None) => Value::Null,
            (Kind::Number, Some(number)) => number.into(),
            (_, Some(number)) => self.text(number).into(),
        }
    }

    fn sql(self, number: i64) -> String {
        match self {
            Kind::Letter => format!("'{}'", self.text(number)),
            Kind::Number => self.text(number),
            Kind::Day => format!("DATE '{}'", self.text(number)),
        }
    }
}

/// First day of a month of 2020, and of the next.
fn month(month: u32) -> (i64, i64) {
    const STARTS: [i64; 5] = [0, 31, 60, 91, 121];
    (STARTS[month as usize - 1], STARTS[month as usize])
}

impl Wish {
    /// As the protocol has it.
    fn filter(&self) -> (String, Value) {
        let name = self.column.to_owned();
        match &self.test {
            Test::Is(cell) => (name, self.kind.json(*cell)),
            Test::In(cells) => (name, cells.iter().map(|cell| self.kind.json(*cell)).collect()),
            Test::Range(low, high) => {
                let bound = |name: [&str; 2], bound: &Option<(i64, bool)>| {
                    bound.map(|(at, itself)| (name[usize::from(itself)].to_owned(), self.kind.json(Some(at))))
                };
                let bounds = [bound(["gt", "gte"], low), bound(["lt", "lte"], high)];
                (name, Value::Object(bounds.into_iter().flatten().collect()))
            }
            Test::Month(month) => (name, json!(format!("2020-{month:02}"))),
            Test::Weekday(day) => (format!("{name}:day_of_week"), json!(day)),
        }
    }

    /// As a condition that a person would write.
    fn sql(&self) -> String {
        let name = self.column;
        let is = |cell: &Cell| match cell {
            None => format!("{name} IS NULL"),
            Some(number) => format!("{name} = {}", self.kind.sql(*number)),
        };
        match &self.test {
            Test::Is(cell) => is(cell),
            Test::In(cells) if cells.is_empty() => "FALSE".to_owned(),
            Test::In(cells) => format!("({})", cells.iter().map(is).collect::<Vec<_>>().join(" OR ")),
            Test::Range(low, high) => {
                let bound = |sign: &str, bound: &Option<(i64, bool)>| {
                    bound.map(|(at, itself)| {
                        format!("{name} {sign}{} {}", if itself { "=" } else { "" }, self.kind.sql(at))
                    })
                };
                [bound(">", low), bound("<", high)].into_iter().flatten().collect::<Vec<_>>().join(" AND ")
            }
            Test::Month(number) => {
                let (start, end) = month(*number);
                format!("{name} >= {} AND {name} < {}", Kind::Day.sql(start), Kind::Day.sql(end))
            }
            Test::Weekday(day) => format!("date_part('isodow', {name}) = {day}"),
        }
    }

    /// By looking at the cell.
    fn holds(&self, cell: Cell) -> bool {
        match &self.test {
            Test::Is(wanted) => cell == *wanted,
            Test::In(wanted) => wanted.contains(&cell),
            Test::Range(low, high) => cell.is_some_and(|at| {
                low.is_none_or(|(low, itself)| at > low || itself && at == low)
                    && high.is_none_or(|(high, itself)| at < high || itself && at == high)
            }),
            Test::Month(number) => cell.is_some_and(|at| month(*number).0 <= at && at < month(*number).1),
            Test::Weekday(day) => cell.is_some_and(|at| (at + 2).rem_euclid(7) + 1 == *day),
        }
    }
}

impl Data {
    /// The rows that meet the wishes: a fact only if some row that it refers to does as well.
    fn kept(&self, wishes: &[Wish]) -> Self {
        let wish = |column: &str| wishes.iter().find(move |wish| wish.column == column);
        let holds = |column: &str, cell: Cell| wish(column).is_none_or(|wish| wish.holds(cell));
        let dims: Vec<[Cell; 3]> = self
            .dims
            .iter()
            .filter(|[_, label, size]| holds("label", *label) && holds("size", *size))
            .copied()
            .collect();
        let refers = wish("label").is_some() || wish("size").is_some();
        let facts = self.facts.iter().filter(|[grp, n, day, dim]| {
            let related = dim.is_some() && dims.iter().any(|[key, ..]| key == dim);
            holds("grp", *grp) && holds("n", *n) && holds("day", *day) && (related || !refers)
        });
        Self { facts: facts.copied().collect(), dims }
    }

    async fn desk(&self) -> Desk {
        let mut desk = Desk::new();
        let numbers = |cells: Vec<Cell>| Arc::new(Int64Array::from(cells)) as ArrayRef;
        let letters = |cells: Vec<Cell>| {
            let texts = cells.into_iter().map(|cell| cell.map(|number| Kind::Letter.text(number)));
            Arc::new(texts.collect::<StringArray>()) as ArrayRef
        };
        let days = |cells: Vec<Cell>| {
            let days = cells.into_iter().map(|cell| cell.map(|day| i32::try_from(FIRST_DAY + day).unwrap()));
            Arc::new(days.collect::<Date32Array>()) as ArrayRef
        };
        let fact = |at: usize| self.facts.iter().map(|row| row[at]).collect::<Vec<_>>();
        let dim = |at: usize| self.dims.iter().map(|row| row[at]).collect::<Vec<_>>();
        let facts =
            [("grp", letters(fact(0))), ("n", numbers(fact(1))), ("day", days(fact(2))), ("dim_id", numbers(fact(3)))];
        let dims = [("key", numbers(dim(0))), ("label", letters(dim(1))), ("size", numbers(dim(2)))];
        desk.ingest("facts.parquet", parquet(facts)).await.unwrap();
        desk.ingest("dims.parquet", parquet(dims)).await.unwrap();
        desk
    }
}

fn parquet<const N: usize>(columns: [(&str, ArrayRef); N]) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, cells)| (name, cells, true))).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

/// Puts `(SELECT * FROM t WHERE …) AS t` where a query reads the table `t` rather than an expression of that name.
struct Rewriter {
    facts: String,
    dims: String,
    /// Of the queries around, outermost first: names that are yet to be defined, then those that are.
    scopes: Vec<(Vec<String>, HashSet<String>)>,
}

impl VisitorMut for Rewriter {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        let with = query.with.iter().flat_map(|with| &with.cte_tables);
        let mut names: Vec<String> = with.map(|cte| cte.alias.name.value.clone()).collect();
        names.reverse();
        self.scopes.push((names, HashSet::new()));
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.scopes.pop();
        // The first queries to end in one with names are what these stand for.
        if let Some((names, defined)) = self.scopes.last_mut() {
            defined.extend(names.pop());
        }
        ControlFlow::Continue(())
    }

    fn post_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        let TableFactor::Table { name, alias, .. } = &*factor else { return ControlFlow::Continue(()) };
        let name = name.to_string();
        let condition = match name.as_str() {
            _ if self.scopes.iter().any(|(_, defined)| defined.contains(&name)) => return ControlFlow::Continue(()),
            "facts" => &self.facts,
            "dims" => &self.dims,
            _ => return ControlFlow::Continue(()),
        };
        let alias = alias.as_ref().map_or(name.clone(), |alias| alias.name.value.clone());
        let text = format!("SELECT * FROM (SELECT * FROM {name} WHERE {condition}) AS {alias}");
        let Statement::Query(query) = parsed(&text) else { unreachable!() };
        let select = query.body.as_select().unwrap().from[0].relation.clone();
        *factor = select;
        ControlFlow::Continue(())
    }
}

fn parsed(sql: &str) -> Statement {
    Parser::parse_sql(&PostgreSqlDialect {}, sql).unwrap().remove(0)
}

fn rewritten(sql: &str, wishes: &[Wish]) -> String {
    let all = |names: &[&str]| {
        let texts = wishes.iter().filter(|wish| names.contains(&wish.column)).map(Wish::sql);
        texts.map(|text| format!("({text})")).collect::<Vec<_>>()
    };
    let (mut facts, dims) = (all(&["grp", "n", "day"]), all(&["label", "size"]));
    if !dims.is_empty() {
        facts.push(format!("dim_id IN (SELECT key FROM dims WHERE {})", dims.join(" AND ")));
    }
    let text = |conditions: Vec<String>| if conditions.is_empty() { "TRUE".into() } else { conditions.join(" AND ") };
    let mut statement = parsed(sql);
    let _ = statement.visit(&mut Rewriter { facts: text(facts), dims: text(dims), scopes: Vec::new() });
    statement.to_string()
}

fn cells(most: std::ops::Range<i64>) -> impl Strategy<Value = Cell> {
    proptest::option::weighted(0.85, most)
}

fn data() -> impl Strategy<Value = Data> {
    let fact = (cells(0..4), cells(-3..4), cells(0..100), cells(0..5)).prop_map(|(a, b, c, d)| [a, b, c, d]);
    let dim = (cells(0..5), cells(0..3), cells(-2..3)).prop_map(|(a, b, c)| [a, b, c]);
    (proptest::collection::vec(fact, 0..14), proptest::collection::vec(dim, 0..6))
        .prop_map(|(facts, dims)| Data { facts, dims })
}

fn wishes() -> impl Strategy<Value = Vec<Wish>> {
    let wish = |(column, kind): (&'static str, Kind)| {
        let most = if kind == Kind::Day { 0..100 } else { -3..5 };
        let most = if kind == Kind::Letter { 0..5 } else { most };
        let bound = || proptest::option::of((most.clone(), any::<bool>()));
        let some = || cells(most.clone());
        let mut tests = vec![
            some().prop_map(Test::Is).boxed(),
            proptest::collection::vec(some(), 0..4).prop_map(Test::In).boxed(),
            (bound(), most.clone(), any::<bool>())
                .prop_map(|(low, at, itself)| Test::Range(low, Some((at, itself))))
                .boxed(),
            (most.clone(), any::<bool>()).prop_map(|low| Test::Range(Some(low), None)).boxed(),
        ];
        if kind == Kind::Day {
            tests.push((1_u32..5).prop_map(Test::Month).boxed());
            tests.push((1_i64..8).prop_map(Test::Weekday).boxed());
        }
        proptest::option::weighted(
            0.4,
            proptest::strategy::Union::new(tests).prop_map(move |test| Wish { column, kind, test }),
        )
    };
    COLUMNS.map(wish).prop_map(|wishes: [Option<Wish>; 5]| wishes.into_iter().flatten().collect())
}

/// Something that has the columns of `facts`, to stand behind `FROM`.
fn rows() -> impl Strategy<Value = String> {
    let plain = prop_oneof![
        4 => Just("facts".to_owned()),
        1 => Just("(SELECT * FROM facts)".to_owned()),
        1 => (-3_i64..4).prop_map(|n| format!("(SELECT * FROM facts WHERE n > {n})")),
        1 => (1_u32..6).prop_map(|n| format!("(SELECT * FROM facts ORDER BY n DESC, day, grp, dim_id LIMIT {n})")),
    ];
    prop_oneof![
        4 => plain.clone(),
        1 => (plain.clone(), plain).prop_map(|(a, b)| {
            let all = |of: String| if of == "facts" { "SELECT * FROM facts".to_owned() } else { format!("SELECT * FROM {of} AS u") };
            format!("({} UNION ALL {})", all(a), all(b))
        }),
    ]
}

fn query() -> impl Strategy<Value = String> {
    let join = prop_oneof![Just("JOIN"), Just("LEFT JOIN"), Just("RIGHT JOIN"), Just("FULL JOIN")];
    let body = (rows(), join, 1_u32..4, 0_usize..11).prop_map(|(from, join, most, shape)| match shape {
        0 => format!("SELECT * FROM {from} AS x WHERE n IS NOT NULL OR grp = 'a'"),
        1 => format!("SELECT grp, count(*), sum(n), min(day), max(day), count(DISTINCT n) FROM {from} AS x GROUP BY grp"),
        2 => format!("SELECT grp, sum(n) AS s FROM {from} AS x GROUP BY 1 ORDER BY s DESC NULLS LAST, 1 LIMIT {most}"),
        3 => format!("SELECT x.grp, x.n, x.day, d.label, d.size FROM {from} AS x {join} dims d ON x.dim_id = d.key"),
        4 => format!("SELECT d.label, count(x.n), sum(x.n) FROM dims AS d {join} {from} AS x ON x.dim_id = d.key GROUP BY d.label"),
        5 => format!("SELECT grp, n FROM {from} AS x WHERE grp IN (SELECT grp FROM facts GROUP BY 1 ORDER BY sum(n) DESC NULLS LAST, 1 LIMIT {most})"),
        6 => format!("SELECT day, n FROM {from} AS x WHERE n >= (SELECT avg(n) FROM facts)"),
        7 => format!("SELECT grp, n FROM {from} AS x WHERE NOT EXISTS (SELECT 1 FROM dims d WHERE d.key = x.dim_id)"),
        8 => format!("SELECT grp, rank() OVER (PARTITION BY grp ORDER BY n, day) FROM {from} AS x"),
        9 => format!("SELECT n FROM {from} AS x EXCEPT SELECT size FROM dims"),
        _ => format!("SELECT a.grp, b.n FROM {from} AS a JOIN facts b ON a.dim_id = b.dim_id WHERE a.n < b.n"),
    });
    // An expression may be called like the table it reads.
    let with = prop_oneof![
        3 => Just(""),
        1 => Just("WITH facts AS (SELECT * FROM facts WHERE n IS NOT NULL) "),
        1 => Just("WITH c AS (SELECT * FROM facts), facts AS (SELECT * FROM c UNION ALL SELECT * FROM facts) "),
        1 => Just("WITH dims AS (SELECT key, label, size + 1 AS size FROM dims) "),
    ];
    (with, body).prop_map(|(with, body)| format!("{with}{body}"))
}

async fn answer(desk: &Desk, sql: &str, conditions: Conditions) -> Vec<String> {
    let answer = desk.analytics.query_under(sql, &desk.datasets, conditions, Bounds::default()).await;
    let answer = answer.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    assert!(answer.filters_skipped.len() <= 5);
    let mut rows: Vec<String> = answer.table.rows.iter().map(|row| json!(row).to_string()).collect();
    rows.sort_unstable();
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if std::env::var_os("LONG_TESTS").is_some() { 300 } else { 8 }))]

    #[test]
    fn three_ways_to_filter_are_one(data in data(), wishes in wishes(), queries in proptest::collection::vec(query(), 8)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (whole, kept) = (data.desk().await, data.kept(&wishes).desk().await);
            let filter: FilterState = wishes.iter().map(Wish::filter).collect();
            let (table, column) = ("facts".to_owned(), "dim_id".to_owned());
            let relation = Relation { table, column, to_table: "dims".to_owned(), to_column: "key".to_owned() };
            let conditions = Conditions { relations: vec![relation], ..filter.into() };
            for sql in &queries {
                let substituted = answer(&whole, sql, conditions.clone()).await;
                let tree = rewritten(sql, &wishes);
                assert_eq!(substituted, answer(&whole, &tree, Conditions::default()).await, "{sql}\n{tree}\n{wishes:?}");
                assert_eq!(substituted, answer(&kept, sql, Conditions::default()).await, "{sql}\n{wishes:?}");
            }
        });
    }
}
