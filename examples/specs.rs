//! Draws charts of every kind from a small table, without a server: one JSON line each, `{"kind", "title", "spec", "rows"}`.
//! `tests/page/specs.test.mjs` reads them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;

use object_store::memory::InMemory;
use object_store::path::Path;
use serde_json::{Map, Value, json};
use vizroom::analytics::{Analytics, AnalyticsLimits, Bounds, DatasetRef};
use vizroom::generation::viz;
use vizroom::planner::{Goal, plan};
use vizroom_protocol::dashboard::{CardKind, Theme};
use vizroom_protocol::file::Table;

const PROMPTS: [&str; 22] = [
    "total revenue",
    "revenue by region",
    "average revenue by region and product",
    "revenue by region and product",
    "revenue by customer",
    "revenue and units by region",
    "revenue per month",
    "revenue per month by region",
    "revenue and units per month",
    "average revenue by weekday",
    "revenue per week as bars",
    "revenue per quarter as an area chart by region",
    "revenue by product as a pie chart",
    "revenue by region as a donut chart",
    "distribution of revenue",
    "boxplot of revenue by region",
    "heatmap of revenue by region and month",
    "revenue against units, coloured by region",
    "revenue by country",
    "map of revenue by country",
    "radar chart of revenue by product",
    "funnel of units by product",
];

/// Kinds that no prompt leads to, drawn from another chart's rows.
const OTHERS: [(CardKind, &str); 10] = [
    (CardKind::Gauge, "total revenue"),
    (CardKind::Radar, "revenue by region"),
    (CardKind::Funnel, "revenue by region"),
    (CardKind::Gauge, "revenue by region"),
    (CardKind::Choropleth, "revenue by region"),
    (CardKind::Bubble, "revenue against units, coloured by region"),
    (CardKind::Geomap, "revenue against units, coloured by region"),
    (CardKind::Radar, "revenue by region and product"),
    (CardKind::Radar, "revenue and units by region"),
    (CardKind::Choropleth, "revenue by country"),
];

const THEMES: [Theme; 6] = [Theme::Slate, Theme::Ocean, Theme::Forest, Theme::Sunset, Theme::Mono, Theme::Dark];

/// Two years of orders, always the same.
fn orders() -> String {
    let (regions, products) = (["West", "East", "North & South", "Overseas"], ["Desk", "Chair", "Lamp"]);
    let countries = ["Switzerland", "Brazil", "India", "United States", "Atlantis"];
    let mut csv = "date,region,product,customer,country,units,revenue\n".to_owned();
    for n in 0..480_u64 {
        let (year, month, day) = (2023 + n / 240, n / 20 % 12 + 1, n * 7 % 28 + 1);
        let (units, price) = (n * 31 % 17 + 1, 20 + n * 13 % 37);
        let (region, product) = (regions[(n * 5 % 7 % 4) as usize], products[(n % 3) as usize]);
        let customer = format!("Customer number {:02}", n * 11 % 20);
        let revenue = units * price;
        let country = countries[(n % 5) as usize];
        let _ =
            writeln!(csv, "{year}-{month:02}-{day:02},{region},{product},{customer},{country},{units},{revenue}.50");
    }
    csv
}

fn rows(table: &Table) -> Value {
    let object = |row: &Vec<Value>| {
        table.columns.iter().zip(row).map(|(column, value)| (column.name.clone(), value.clone())).collect::<Map<_, _>>()
    };
    table.rows.iter().map(object).collect()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let analytics = Analytics::new(Arc::new(InMemory::new()), AnalyticsLimits::default())?;
    let file = std::env::temp_dir().join(format!("vizroom-specs-{}.csv", std::process::id()));
    std::fs::write(&file, orders())?;
    let ingested = analytics.ingest(&file, "orders.csv", &Path::from("orders")).await;
    std::fs::remove_file(&file)?;
    let tables: Vec<DatasetRef> = ingested?
        .datasets
        .into_iter()
        .map(|d| DatasetRef { dataset: d.dataset, path: d.path, version: "1".into() })
        .collect();
    let profiles: Vec<_> = tables.iter().map(|t| t.dataset.clone()).collect();
    let mut goals: BTreeMap<&str, Vec<Goal>> = BTreeMap::new();
    for prompt in PROMPTS {
        goals.insert(prompt, plan(prompt, &profiles, Some(1)).goals);
    }
    let planned = goals.values().flatten().cloned();
    let others =
        OTHERS.iter().filter_map(|(kind, prompt)| Some(Goal { kind: *kind, ..goals[prompt].first()?.clone() }));
    let mut out = std::io::stdout().lock();
    for (goal, theme) in planned.chain(others).zip(THEMES.into_iter().cycle()) {
        let answer = analytics.query(&goal.query.sql(), &tables, &Default::default(), Bounds::default()).await?;
        let spec = viz::spec(&goal, &answer.table, theme);
        writeln!(
            out,
            "{}",
            json!({"kind": goal.kind, "title": goal.title, "spec": spec, "rows": rows(&answer.table)})
        )?;
    }
    Ok(())
}
