//! Whatever is asked of whatever data, the planner answers: by a chart or by a question, and in time.

use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use vizroom_protocol::file::{Column, ColumnType, Dataset};

use super::tests::{flights, refined, weather};
use super::*;

/// Words that steer the planner, in no order that makes sense.
const STEERING: &str = "(by|top|5|and|,|delay|JFK|per|month|not|last|between|vs|share|of|carrier|over|in|2013|chart|as|pie|take|out|first|second|sort|split|all|none|remove|keep|only|to|-|instead|other|way|one|more|the|filter|no|limit|its)";

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn any_text_is_answered(prompt in "\\PC{0,300}", words in vec(STEERING, 0..60)) {
        for text in [prompt.clone(), words.join(" "), format!("{prompt} {}", words.join(" "))] {
            let plan = plan(&text, &[flights(), weather()], None);
            prop_assert_ne!(plan.goals.is_empty(), plan.clarification.is_none());
            prop_assert!(plan.goals.len() <= 12);
            let again = refined("flights by carrier, average delay by month", &text);
            prop_assert_ne!(again.changes.is_empty(), again.clarification.is_none());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases()) })]

    #[test]
    fn any_data_is_answered(tables in vec(table(), 1..4), said in vec(said(), 1..14), feedback in vec(said(), 1..8)) {
        let tables: Vec<Dataset> =
            tables.into_iter().enumerate().map(|(i, t)| Dataset { name: format!("{}{i}", t.name), ..t }).collect();
        let names: Vec<&str> = tables.iter().flat_map(|t| &t.columns).map(|c| c.name.as_str()).collect();
        let text = |said: &[Said]| {
            let one = |s: &Said| match s {
                Said::Word(word) => word.clone(),
                Said::Column(at) => names.get(at % names.len().max(1)).map_or_else(String::new, ToString::to_string),
            };
            said.iter().map(one).collect::<Vec<_>>().join(" ")
        };
        let begun = Instant::now();
        for prompt in [text(&said), String::new()] {
            let made = plan(&prompt, &tables, None);
            prop_assert_ne!(made.goals.is_empty(), made.clarification.is_none(), "{}", prompt);
            let keys: Vec<String> = (1..=made.goals.len()).map(|n| format!("chart_{n}")).collect();
            let cards: Vec<Placed<'_>> = keys.iter().zip(&made.goals).map(|(key, goal)| Placed { key, goal }).collect();
            let feedback = text(&feedback);
            let changed = refine(&feedback, None, &cards, &tables);
            prop_assert_ne!(changed.changes.is_empty(), changed.clarification.is_none(), "{} / {}", prompt, feedback);
        }
        prop_assert!(begun.elapsed() < Duration::from_secs(30), "took {:?}", begun.elapsed());
    }
}

/// `VIZROOM_PLANNER_CASES` for more.
fn cases() -> u32 {
    std::env::var("VIZROOM_PLANNER_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(100)
}

#[derive(Debug, Clone)]
enum Said {
    Word(String),
    Column(usize),
}

fn said() -> impl Strategy<Value = Said> {
    const MORE: &str = "(average|total|number|count|how|many|rate|percent|highest|worst|trend|compare|correlation|distribution|outliers|why|did|drop|year|weekday|since|before|than|above|table|map|gauge|scatter|overview|dashboard|these|without|change|from|each|most|for|difference|ratio|color|red|dark|title|undo|swap)";
    prop_oneof![
        3 => STEERING.prop_map(Said::Word),
        3 => MORE.prop_map(Said::Word),
        3 => any::<usize>().prop_map(Said::Column),
        1 => "\\PC{1,12}".prop_map(Said::Word),
        1 => "[0-9]{1,6}(\\.[0-9]{1,2})?%?".prop_map(Said::Word),
    ]
}

/// Names as headers have them: meaningful, meaningless, without a letter, and empty.
fn name() -> impl Strategy<Value = String> {
    const PART: &str = "(year|month|day|date|week|hour|quarter|id|name|sales|price|total|count|rate|percent|of|at|the|num|n|pct|share|is|has|country|state|lat|lon|start|end|created|updated|age|score|1998|2024|Q1|usd|km|per|avg|min|max|code|a|e)";
    prop_oneof![
        6 => (vec(PART, 1..4), "( |_|-|\\.|)").prop_map(|(parts, between)| parts.join(&between)),
        1 => "[^a-zA-Z0-9]{0,4}",
        1 => "\\PC{0,20}",
        1 => "[A-Z]{1,3}[0-9]{0,4}",
        1 => PART.prop_map(|unit| format!("({unit})")),
    ]
}

fn table() -> impl Strategy<Value = Dataset> {
    (
        "[a-z][a-z_]{0,8}",
        0..2_000_000_u64,
        vec((name(), any::<u8>(), any::<u64>(), -3_000_i64..3_000, 0..5_000_i64), 0..14),
    )
        .prop_map(|(name, rows, columns)| {
            let column = |(name, kind, distinct, low, spread)| column(name, kind, distinct, low, spread, rows);
            Dataset { name, rows, columns: columns.into_iter().map(column).collect() }
        })
}

fn column(name: String, kind: u8, distinct: u64, low: i64, spread: i64, rows: u64) -> Column {
    let day = |n: i64| {
        json!(format!("{:04}-{:02}-{:02}", 1_970 + n.rem_euclid(60), 1 + n.rem_euclid(12), 1 + n.rem_euclid(28)))
    };
    let (kind, value): (ColumnType, Box<dyn Fn(i64) -> Value>) = match kind % 8 {
        0 => (ColumnType::Boolean, Box::new(|n| json!(n % 2 == 0))),
        1 | 2 => (ColumnType::Integer, Box::new(|n| json!(n))),
        3 | 4 => (ColumnType::Number, Box::new(|n| json!(n as f64 / 7.0))),
        5 => (ColumnType::Date, Box::new(day)),
        6 => (
            ColumnType::Timestamp,
            Box::new(move |n| json!(format!("{}T00:00:00", day(n).as_str().unwrap_or_default()))),
        ),
        _ => (
            ColumnType::Text,
            Box::new(|n| json!(["", "New York", "1998 Q1", "<5", "yes", "日本", "a,b"][n.rem_euclid(7) as usize])),
        ),
    };
    // Profiles of nothing but nulls have no ends, and small ones hold all their values.
    let distinct = if distinct.is_multiple_of(5) { distinct % (rows + 1) } else { distinct % 60.min(rows + 1) };
    let ends = distinct > 0;
    Column {
        name,
        kind,
        nulls: if ends { rows / 9 } else { rows },
        distinct,
        min: ends.then(|| value(low)),
        max: ends.then(|| value(low + spread)),
        mean: ends.then_some(low as f64 + spread as f64 / 2.0),
        top: (0..distinct.min(50) as i64).map(|n| value(low + n)).collect(),
    }
}

#[test]
fn long_and_odd_prompts_are_answered() {
    let long = "sales ".repeat(700);
    for prompt in [
        long.as_str(),
        &"by ".repeat(1_300),
        &"flights by carrier, ".repeat(200),
        "🙂🙂🙂",
        "the of and",
        "日本語のグラフ",
        "'\"'\"",
        ")))(((",
    ] {
        let plan = plan(prompt, &[flights()], Some(12));
        assert!(plan.goals.len() <= 12 && plan.goals.is_empty() == plan.clarification.is_some(), "{prompt:.40}");
    }
}
