//! The planner by example, on a small table of flights and one of weather. Real data is in `tests/prompts`.

use serde_json::{Value, json};
use vizroom_protocol::dashboard::{CardKind, Grain, Theme};
use vizroom_protocol::file::{Column, ColumnType, Dataset, Field, Table};

use super::words::{Kind, name_words, tokens};
use super::*;

type Ends = Option<(Value, Value)>;

pub(super) fn column(name: &str, kind: ColumnType, distinct: u64, ends: Ends, top: &[&str]) -> Column {
    let (min, max) = ends.map_or((None, None), |(a, b)| (Some(a), Some(b)));
    let top = top.iter().map(|t| json!(t)).collect();
    Column { name: name.into(), kind, nulls: 0, distinct, min, max, mean: None, top }
}

pub(super) fn flights() -> Dataset {
    let number =
        |name, distinct, max: f64| column(name, ColumnType::Number, distinct, Some((json!(0.0), json!(max))), &[]);
    let whole = |name, distinct, min: i64, max: i64| {
        column(name, ColumnType::Integer, distinct, Some((json!(min), json!(max))), &[])
    };
    Dataset {
        name: "flights".into(),
        rows: 10_000,
        columns: vec![
            whole("year", 1, 2013, 2013),
            whole("month", 12, 1, 12),
            whole("day", 31, 1, 31),
            number("dep_delay", 500, 1_300.0),
            number("arr_delay", 500, 1_270.0),
            column("carrier", ColumnType::Text, 3, None, &["UA", "B6", "AA"]),
            column("origin", ColumnType::Text, 3, None, &["EWR", "JFK", "LGA"]),
            number("distance", 200, 4_900.0),
            whole("hour", 19, 5, 23),
        ],
    }
}

pub(super) fn weather() -> Dataset {
    let days = Some((json!("2012-01-01"), json!("2015-12-31")));
    Dataset {
        name: "weather".into(),
        rows: 1_461,
        columns: vec![
            column("date", ColumnType::Date, 1_461, days, &[]),
            column("temp_max", ColumnType::Number, 60, Some((json!(-2.0), json!(36.0))), &[]),
            column("precipitation", ColumnType::Number, 60, Some((json!(0.0), json!(56.0))), &[]),
            column("sky", ColumnType::Text, 2, None, &["rain", "sun"]),
        ],
    }
}

fn one(prompt: &str) -> Goal {
    let plan = plan(prompt, &[flights(), weather()], None);
    assert_eq!(plan.goals.len(), 1, "{prompt}: {plan:#?}");
    plan.goals.into_iter().next().unwrap_or_else(|| unreachable!())
}

fn sql(prompt: &str) -> String {
    one(prompt).query.sql()
}

#[test]
fn tokens_keep_numbers_dates_and_quotes_whole() {
    let kinds: Vec<Kind> =
        tokens("top 1,000 over 30% since 2013-05-01 \"New York\" 5k").into_iter().map(|t| t.kind).collect();
    assert_eq!(kinds[1], Kind::Number { value: 1_000.0, percent: false });
    assert_eq!(kinds[3], Kind::Number { value: 30.0, percent: true });
    assert_eq!(kinds[5], Kind::Day);
    assert_eq!(kinds[6], Kind::Quoted);
    assert_eq!(kinds[7], Kind::Number { value: 5_000.0, percent: false });
}

#[test]
fn names_split_at_case_digits_and_marks() {
    assert_eq!(name_words("depDelay_2 (min)"), ["dep", "delay", "2", "min"]);
    assert_eq!(name_words("Sub-Category"), ["sub", "category"]);
}

#[test]
fn words_find_columns_by_abbreviation_synonym_and_typo() {
    for prompt in
        ["average departure delay by carrier", "avg dep delay per airline", "avarage departure delay by carier"]
    {
        let sql = sql(prompt);
        assert!(sql.contains("AVG(\"dep_delay\")"), "{sql}");
        assert!(sql.contains("\"carrier\" AS \"carrier\""), "{sql}");
    }
}

#[test]
fn values_become_filters_and_lists_become_series() {
    assert!(sql("flights from JFK by carrier").contains("WHERE \"origin\" = 'JFK'"));
    assert!(sql("flights by carrier excluding UA").contains("WHERE \"carrier\" <> 'UA'"));
    let compared = one("compare average arrival delay of JFK and LGA by month");
    assert_eq!(compared.encoding.series.as_ref().map(|c| c.field.as_str()), Some("origin"));
    assert!(compared.query.sql().contains("IN ('JFK', 'LGA')"));
    assert!(sql("flights over 1000 miles by carrier").contains("\"distance\" > 1000"));
}

#[test]
fn grains_use_the_calendar_of_the_data() {
    assert!(sql("flights per month").starts_with("SELECT \"month\" AS \"month\", COUNT(*)"));
    assert!(sql("daily flights").contains("make_date(\"year\", \"month\", \"day\")"));
    assert!(sql("average delay by hour of the day").contains("\"hour\" AS \"hour\""));
    assert!(sql("precipitation per quarter").contains("date_trunc('quarter', \"date\")"));
    let monthly = one("average temperature by month");
    assert_eq!(monthly.encoding.x.as_ref().and_then(|x| x.grain), Some(Grain::Month));
    assert_eq!(monthly.kind, CardKind::Line);
}

#[test]
fn periods_count_back_from_the_newest_date() {
    assert!(sql("precipitation per day in the last 3 months").contains("\"date\" >= DATE '2015-10-01'"));
    let year = sql("precipitation by month in 2013");
    assert!(year.contains("\"date\" >= DATE '2013-01-01'") && year.contains("\"date\" < DATE '2014-01-01'"), "{year}");
    assert!(sql("precipitation by month since 2014").contains("\"date\" >= DATE '2014-01-01'"));
}

#[test]
fn rankings_sort_and_limit() {
    let top = one("top 2 carriers by average arrival delay");
    assert_eq!(top.title, "Top 2 carriers by average arrival delay");
    assert!(
        top.query
            .sql()
            .ends_with("ORDER BY \"average_arrival_delay\" DESC NULLS LAST, \"carrier\" ASC NULLS LAST LIMIT 2")
    );
    assert!(sql("bottom 2 carriers by distance").contains("ASC NULLS LAST, \"carrier\" ASC NULLS LAST LIMIT 2"));
    assert!(sql("best carriers by arrival delay").contains("\"average_arrival_delay\" ASC"), "less delay is better");
}

#[test]
fn every_part_of_a_prompt_is_a_card_in_order() {
    let plan =
        plan("flights by carrier, average distance by origin and a histogram of arrival delay", &[flights()], None);
    let kinds: Vec<CardKind> = plan.goals.iter().map(|g| g.kind).collect();
    assert_eq!(kinds, [CardKind::Bar, CardKind::Bar, CardKind::Histogram]);
    assert_eq!(plan.goals[1].title, "Average distance by origin");
}

#[test]
fn what_the_data_lacks_is_asked_back_or_warned_about() {
    let asked = plan("revenue by customer", &[weather()], None).clarification;
    let asked = asked.unwrap_or_else(|| panic!("answered"));
    assert_eq!(asked.missing, ["revenue", "customer"]);
    assert!(!asked.suggestions.is_empty());
    for suggestion in &asked.suggestions {
        assert!(!plan(suggestion, &[weather()], None).goals.is_empty(), "{suggestion} does not work");
    }
    let half = plan("flights by carrier, revenue by customer", &[flights()], None);
    assert_eq!((half.goals.len(), half.warnings.len()), (1, 1));
    assert!(plan("on time performance by carrier", &[flights()], None).clarification.is_some());
}

#[test]
fn open_prompts_are_filled_to_the_limit_with_different_cards() {
    for (limit, prompt) in [(1, ""), (4, "give me an overview"), (12, "overview of delays")] {
        let plan = plan(prompt, &[flights()], Some(limit));
        assert!(plan.goals.len() <= usize::from(limit) && !plan.goals.is_empty(), "{prompt}");
        assert!(limit > 4 || plan.goals.len() == usize::from(limit), "{prompt}");
        for (i, goal) in plan.goals.iter().enumerate() {
            assert!(plan.goals[..i].iter().all(|g| g.query != goal.query), "{} twice", goal.title);
        }
    }
    assert_eq!(plan("flights by carrier, flights by origin", &[flights()], Some(1)).goals.len(), 1);
}

#[test]
fn identifiers_and_literals_cannot_break_out() {
    let nasty = "a\"b; drop";
    let data = Dataset {
        name: "t\"x".into(),
        rows: 10,
        columns: vec![
            column(nasty, ColumnType::Text, 2, None, &["it's", "x"]),
            column("sales", ColumnType::Number, 9, Some((json!(0), json!(9))), &[]),
        ],
    };
    let goals = plan("overview", &[data], Some(12)).goals;
    assert!(goals.iter().any(|g| g.query.sql().contains("\"a\"\"b; drop\"")));
    assert!(goals.iter().all(|g| g.query.sql().contains("FROM \"t\"\"x\"") && !g.query.sql().contains("\"a\"b")));
    let source = Source::Column { name: nasty.into(), kind: ColumnType::Text };
    let filter = Predicate { source, part: None, op: Op::In, values: vec![json!("it's")] };
    let query = Query {
        dataset: "t".into(),
        filters: vec![filter],
        measures: vec![Measure::new(Agg::Count, None, "n")],
        ..Query::default()
    };
    assert_eq!(query.sql(), "SELECT COUNT(*) AS \"n\" FROM \"t\" WHERE \"a\"\"b; drop\" = 'it''s'");
}

#[test]
fn nothing_to_plan_from_asks_back() {
    let empty = Dataset { name: "e".into(), rows: 0, columns: vec![] };
    assert!(plan("sales by region", &[], None).clarification.is_some());
    assert!(plan("sales by region", &[empty], None).clarification.is_some());
    let hollow = Dataset { rows: 0, columns: vec![column("x", ColumnType::Text, 0, None, &[])], name: "h".into() };
    let planned = plan("overview", &[hollow], None);
    assert!(planned.clarification.is_some() || !planned.goals.is_empty());
}

#[test]
fn a_kpi_states_its_change() {
    let goal = one("total precipitation as a single number");
    assert_eq!(goal.kind, CardKind::Kpi);
    let columns = goal.encoding.y.iter().map(|c| Field { name: c.field.clone(), kind: ColumnType::Number }).collect();
    let table = Table {
        columns,
        rows: vec![vec![json!(400.0), json!(110.0), json!(100.0)]],
        truncated: false,
        ..Table::default()
    };
    let kpi = kpi(&goal, &table);
    assert_eq!((kpi.value, kpi.operation.as_str()), (Some(400.0), "sum"));
    assert_eq!(kpi.trend.as_deref(), Some("+10% December 2015 vs November 2015"));
}

#[test]
fn insights_are_computed_from_the_rows() {
    let goal = one("flights by carrier");
    let field = |name: &str, kind| Field { name: name.into(), kind };
    let columns = vec![field("carrier", ColumnType::Text), field("flights", ColumnType::Integer)];
    let rows = vec![vec![json!("UA"), json!(75)], vec![json!("AA"), json!(25)]];
    let table = Table { columns, rows, truncated: false, ..Table::default() };
    assert_eq!(insight(&goal, &table), "UA has the most flights with 75, 75.0% of 100; AA the fewest with 25.");
    assert_eq!(insight(&goal, &Table::default()), "");
}

pub(super) fn refined(prompt: &str, feedback: &str) -> Refinement {
    let data = [flights()];
    let goals = plan(prompt, &data, None).goals;
    let keys: Vec<String> = (1..=goals.len()).map(|n| format!("chart_{n}")).collect();
    let cards: Vec<Placed<'_>> = keys.iter().zip(&goals).map(|(key, goal)| Placed { key, goal }).collect();
    refine(feedback, None, &cards, &data)
}

#[test]
fn what_speaks_of_a_chart_is_not_meant_in_its_place() {
    let data = [flights()];
    let chart = plan("flights by carrier", &data, None).goals.remove(0);
    let told = Goal { kind: CardKind::Insight, ..chart.clone() };
    let cards = [Placed { key: "chart_1", goal: &chart }, Placed { key: "chart_2", goal: &told }];
    let changed = refine("make it a table", None, &cards, &data);
    assert!(matches!(&changed.changes[..], [Change::Replace { key, .. }] if key == "chart_1"));
    let changed = refine("remove it", None, &cards, &data);
    assert!(matches!(&changed.changes[..], [Change::Remove { key, .. }] if key == "chart_1"));
}

#[test]
fn a_kind_that_cannot_be_says_why() {
    let asked = refined("average distance by carrier", "make it a pie").clarification;
    assert!(asked.is_some_and(|asked| asked.message.contains("do not add up to a whole")));
}

#[test]
fn refinements_change_the_card_they_mean() {
    let two = "flights by carrier, average distance by origin";
    let changed = refined(two, "make the second chart a table");
    assert!(matches!(&changed.changes[..], [Change::Replace { key, goal, said }]
        if key == "chart_2" && goal.kind == CardKind::Table && said == "chart_2 is a table now"));
    let changed = refined(two, "remove chart 1");
    assert!(matches!(&changed.changes[..], [Change::Remove { key, .. }] if key == "chart_1"));
    let changed = refined(two, "use a dark blue theme");
    assert!(matches!(&changed.changes[..], [Change::Theme { theme: Theme::Ocean, .. }]));
    let changed = refined(two, "call the dashboard Up in the Air");
    assert!(matches!(&changed.changes[..], [Change::DashboardTitle { title, .. }] if title == "Up in the Air"));
    let changed = refined("flights by carrier", "top 2, only JFK");
    assert!(matches!(&changed.changes[..], [Change::Replace { goal, .. }]
        if goal.query.limit == Some(2) && goal.query.sql().contains("\"origin\" = 'JFK'")));
}

#[test]
fn a_sentence_may_mean_several_cards() {
    let three = "flights by carrier, average distance by origin, flights by origin as a pie";
    let changed = refined(three, "make all of them tables").changes;
    assert!(
        changed.len() == 3
            && changed.iter().all(|c| matches!(c, Change::Replace { goal, .. } if goal.kind == CardKind::Table))
    );
    let changed = refined(three, "only JFK everywhere").changes;
    let of_jfk = |c: &Change| matches!(c, Change::Replace { goal, .. } if goal.query.sql().contains("= 'JFK'"));
    assert!(changed.len() == 3 && changed.iter().all(of_jfk));
    let removed = |c: &Change| if let Change::Remove { key, .. } = c { key.clone() } else { String::new() };
    let gone: Vec<String> = refined(three, "keep only the pie").changes.iter().map(removed).collect();
    assert_eq!(gone, ["chart_1", "chart_2"]);
    let both = refined(three, "make the first one a table and the second one a line").changes;
    assert!(matches!(&both[..], [Change::Replace { goal: a, .. }, Change::Replace { goal: b, .. }]
        if a.kind == CardKind::Table && b.kind == CardKind::Line));
    let same = refined("flights by carrier", "duplicate this chart").changes;
    assert!(matches!(&same[..], [Change::Add { goal, .. }] if goal.title == "Flights by carrier"));
}

#[test]
fn refinements_that_make_no_sense_change_nothing() {
    for feedback in ["", "make it sing", "show revenue instead", "chart 9 as a pie", "🙂"] {
        let answer = refined("flights by carrier", feedback);
        assert!(answer.changes.is_empty() && answer.clarification.is_some(), "{feedback}: {answer:?}");
    }
}

#[test]
fn goals_survive_storage() {
    let goal = one("top 2 carriers by average arrival delay in January");
    let stored = serde_json::to_string(&goal).unwrap_or_default();
    assert_eq!(serde_json::from_str::<Goal>(&stored).ok(), Some(goal));
}

#[test]
fn a_measure_called_as_the_dataset_is_the_measure() {
    let days = Some((json!("2024-01-01"), json!("2024-12-31")));
    let sales = Dataset {
        name: "sales".into(),
        rows: 3,
        columns: vec![
            column("region", ColumnType::Text, 2, None, &["North", "South"]),
            column("sales", ColumnType::Integer, 3, Some((json!(5), json!(20))), &["5", "10", "20"]),
            column("day", ColumnType::Date, 3, days, &[]),
        ],
    };
    for prompt in ["sales by region", "total sales by region", "Sales per month"] {
        let plan = plan(prompt, std::slice::from_ref(&sales), None);
        let sql = plan.goals.first().map(|goal| goal.query.sql()).unwrap_or_default();
        assert!(sql.to_lowercase().contains("sum(\"sales\")"), "{prompt}: {sql}");
    }
}

#[test]
fn what_many_rows_look_up_is_not_added_up() {
    let flights = Dataset {
        columns: vec![
            column("plane", ColumnType::Text, 2, None, &["N1", "N2"]),
            column("carrier", ColumnType::Text, 2, None, &["AA", "UA"]),
        ],
        ..flights()
    };
    let planes = Dataset {
        name: "planes".into(),
        rows: 2,
        columns: vec![
            column("plane", ColumnType::Text, 2, None, &["N1", "N2"]),
            column("seats", ColumnType::Integer, 60, Some((json!(2), json!(450))), &["2", "450"]),
            column("maker", ColumnType::Text, 2, None, &["Airbus", "Boeing"]),
        ],
    };
    let data = [flights, planes];
    let asked = plan("total seats by carrier", &data, None).clarification;
    assert!(asked.is_some_and(|asked| asked.missing.iter().any(|m| m.contains("seats"))));
    let sql = |prompt: &str| plan(prompt, &data, None).goals.first().map(|g| g.query.sql()).unwrap_or_default();
    assert!(sql("average seats by carrier").contains("AVG(\"seats\")"));
    // Of its own table each counts once.
    assert!(sql("total seats by maker").contains("FROM \"planes\""), "{}", sql("total seats by maker"));
}

fn people() -> Dataset {
    let whole =
        |name: &str, distinct, max: i64| column(name, ColumnType::Integer, distinct, Some((json!(0), json!(max))), &[]);
    Dataset {
        name: "manifest".into(),
        rows: 1_000,
        columns: vec![
            column("sex", ColumnType::Text, 2, None, &["male", "female"]),
            column("age", ColumnType::Number, 80, Some((json!(0.5), json!(80.0))), &[]),
            whole("survived", 2, 1),
            column("smoker", ColumnType::Text, 2, None, &["Yes", "No"]),
            column("hwy", ColumnType::Number, 60, Some((json!(9.0), json!(44.0))), &[]),
            column("bodywt", ColumnType::Number, 90, Some((json!(9.0), json!(44.0))), &[]),
            column("CO2", ColumnType::Number, 90, Some((json!(300.0), json!(420.0))), &[]),
        ],
    }
}

#[test]
fn names_are_understood_in_general() {
    let sql = |prompt: &str| plan(prompt, &[people()], None).goals.first().map(|g| g.query.sql()).unwrap_or_default();
    for (prompt, part) in [
        ("survival rate by sex", "AVG(CASE WHEN \"survived\" = 1 THEN 1.0 ELSE 0.0 END)"),
        ("what share of the women smoke?", "AVG(CASE WHEN \"smoker\" = 'Yes' THEN 1.0 ELSE 0.0 END)"),
        ("what share of the women smoke?", "WHERE \"sex\" = 'female'"),
        ("how many passengers survived?", "COUNT(*)"),
        ("average age of smokers and non-smokers", "GROUP BY 1"),
        ("average highway mileage by sex", "AVG(\"hwy\")"),
        ("average body weight by sex", "AVG(\"bodywt\")"),
        ("co2 by sex", "AVG(\"CO2\")"),
        ("how many people are older than 60", "\"age\" > 60"),
        ("men without smokers by sex", "\"smoker\" = 'No'"),
    ] {
        assert!(sql(prompt).contains(part), "{prompt}: {}", sql(prompt));
    }
    assert!(plan("average price by sex", &[people()], None).clarification.is_some());
}
