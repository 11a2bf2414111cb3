//! What was done to a card, told to a person.

use vizroom_protocol::dashboard::CardKind;

use super::Goal;

/// In what the new goal of a card differs from the old one.
pub(super) fn said(key: &str, old: &Goal, new: &Goal) -> String {
    let mut parts = Vec::new();
    if old.kind != new.kind {
        let name = kind_name(new.kind);
        let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        parts.push(format!("is {article} {name} now"));
    }
    if old.title != new.title {
        parts.push(format!("shows “{}” now", new.title));
    }
    if parts.is_empty() && old.query.sort != new.query.sort {
        let down = new.query.sort.first().is_some_and(|s| s.descending);
        parts.push(format!("is sorted {} now", if down { "descending" } else { "ascending" }));
    }
    if parts.is_empty() {
        parts.push(format!("is changed: {}", new.description));
    }
    format!("{key} {}", parts.join(" and "))
}

fn kind_name(kind: CardKind) -> &'static str {
    match kind {
        CardKind::Bar => "bar chart",
        CardKind::Line => "line chart",
        CardKind::Area => "area chart",
        CardKind::Pie => "pie chart",
        CardKind::Donut => "donut",
        CardKind::Table => "table",
        CardKind::Kpi => "single figure",
        CardKind::Insight => "insight",
        CardKind::Heatmap => "heatmap",
        CardKind::Scatter => "scatter plot",
        CardKind::Histogram => "histogram",
        CardKind::Boxplot => "boxplot",
        CardKind::Radar => "radar",
        CardKind::Funnel => "funnel",
        CardKind::Gauge => "gauge",
        CardKind::Choropleth => "map",
        _ => "chart",
    }
}
