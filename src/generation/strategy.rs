//! The first stage: a sentence and the profiles of tables become goals.

use vizroom_protocol::dashboard::{CardKind, Clarification};
use vizroom_protocol::file::Dataset;

use super::{CARDS_MAX, CARDS_USUAL};
use crate::planner::{self, Goal};

/// Warnings of one plan; what else there is to say is not heard anyway.
const WARNINGS_MAX: usize = 20;

/// What a run is going to do.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Strategy {
    pub(super) title: String,
    pub(super) description: String,
    /// In reading order; none with a clarification.
    pub(super) goals: Vec<Goal>,
    pub(super) warnings: Vec<String>,
    pub(super) clarification: Option<Clarification>,
}

/// Plans the charts, and a sentence about the first of them where there is room for one more card.
pub(super) fn strategy(prompt: &str, tables: &[Dataset], max_charts: Option<u8>) -> Strategy {
    let plan = planner::plan(prompt, tables, max_charts);
    let (mut goals, mut warnings) = (plan.goals, plan.warnings);
    let most = max_charts.map_or(CARDS_USUAL + 1, usize::from).min(CARDS_MAX);
    goals.truncate(CARDS_MAX);
    if goals.len() < most
        && let Some(insight) = goals.iter().find_map(insight)
    {
        goals.push(insight);
    }
    warnings.truncate(WARNINGS_MAX);
    Strategy { title: plan.title, description: plan.description, goals, warnings, clarification: plan.clarification }
}

/// A card that says in words what a chart shows.
pub(super) fn insight(chart: &Goal) -> Option<Goal> {
    let told = matches!(
        chart.kind,
        CardKind::Bar
            | CardKind::Line
            | CardKind::Area
            | CardKind::Pie
            | CardKind::Donut
            | CardKind::Heatmap
            | CardKind::Boxplot
    );
    told.then(|| Goal { kind: CardKind::Insight, title: format!("Insight: {}", chart.title), ..chart.clone() })
}
