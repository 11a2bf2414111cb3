//! Plans charts for a prompt without a server: reads one JSON request a line, writes one JSON answer a line.
//!
//! `{"datasets": [profile…], "prompt": "…", "max_charts": 4, "feedback": "…", "target": "chart_1"}` →
//! `{"plan": …, "sql": […], "refinement": …, "refined_sql": […]}`; the last two only with `feedback`.

use std::io::{BufRead, Write};

use serde::Deserialize;
use serde_json::json;
use vizroom::planner::{Change, Goal, Placed, plan, refine};
use vizroom_protocol::file::Dataset;

#[derive(Deserialize)]
struct Request {
    datasets: Vec<Dataset>,
    prompt: String,
    max_charts: Option<u8>,
    feedback: Option<String>,
    target: Option<String>,
}

fn sql<'a>(goals: impl Iterator<Item = &'a Goal>) -> Vec<String> {
    goals.map(|g| g.query.sql()).collect()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let request: Request = serde_json::from_str(&line?)?;
        let planned = plan(&request.prompt, &request.datasets, request.max_charts);
        let mut answer = json!({"plan": planned, "sql": sql(planned.goals.iter())});
        if let Some(feedback) = &request.feedback {
            let keys: Vec<String> = (1..=planned.goals.len()).map(|n| format!("chart_{n}")).collect();
            let cards: Vec<Placed<'_>> =
                keys.iter().zip(&planned.goals).map(|(key, goal)| Placed { key, goal }).collect();
            let refinement = refine(feedback, request.target.as_deref(), &cards, &request.datasets);
            let goals = refinement.changes.iter().filter_map(|c| match c {
                Change::Replace { goal, .. } | Change::Add { goal, .. } => Some(goal),
                _ => None,
            });
            answer["refined_sql"] = json!(sql(goals));
            answer["refinement"] = json!(refinement);
        }
        writeln!(out, "{answer}")?;
    }
    Ok(())
}
