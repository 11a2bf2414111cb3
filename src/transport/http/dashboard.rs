//! Generation as a stream, refinement, drill-down: the routes under `/dashboard`.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use vizroom_protocol::dashboard::{Card, Dashboard, Generating, LayoutItem, Refined, Stage};
use vizroom_protocol::id::DashboardId;
use vizroom_protocol::operation::{DashboardFilter, DashboardGenerate, DashboardRefine};
use vizroom_protocol::{Code, Error};
use warp::reply::Response;

use super::ask::{Ask, object};
use super::documents::shapes;
use super::follow::streamed;
use super::routes::{Errors, Header};
use super::{Route, presented, respond, route};
use crate::generation::feed::Tale;

pub(super) const ROUTES: &[Route] = &[
    route!(POST "/dashboard/generate/stream", generate)
        .calls::<DashboardGenerate>()
        .about("Plans, queries and draws a dashboard from a sentence, telling each step and card as it is done.")
        .streams::<Line>()
        .headers(LAST_EVENT),
    route!(GET "/dashboard/generate/stream", resume)
        .about("Goes on with a generation after `Last-Event-ID`, or tells it from its beginning.")
        .takes::<shapes::SessionId>()
        .streams::<Line>()
        .headers(LAST_EVENT),
    route!(POST "/dashboard/refine", refine)
        .calls::<DashboardRefine>()
        .gives::<shapes::Session>()
        .errors(Errors::Session),
    route!(POST "/dashboard/filter", filter)
        .calls::<DashboardFilter>()
        .gives::<shapes::Session>()
        .errors(Errors::Session),
    route!(POST "/api/v1/sdk/process" => DashboardProcess),
];

const LAST_EVENT: &[Header] = &[Header {
    name: "Last-Event-ID",
    pattern: "^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:[0-9]{1,9})?$",
    example: "0190163d-8694-739b-aea5-966c26f8ad91:3",
    about: "The id of an event of this stream: goes on after it, whatever else the request says.",
}];

/// A comment this often keeps proxies from closing a quiet stream.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// One `data:` line of a generation.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "GenerationLine")]
#[serde(tag = "type", rename_all = "lowercase")]
enum Line {
    Progress { stage: Stage, progress: u8, message: String, details: Value },
    Chart { chart_id: String, chart: Value },
    Warning { message: String },
    Clarification { message: String, missing: Vec<String>, suggestions: Vec<String> },
    Complete { result: Box<shapes::Made> },
    Error(Error),
}

/// Starts a generation, or with `Last-Event-ID` goes on with one. Who hangs up does not end it.
async fn generate(mut ask: Ask) -> Result<Response, Error> {
    if ask.last_event().is_some() {
        return resume(ask).await;
    }
    let request = ask.json().await?;
    let begun: Generating = read(&ask.call("dashboard.generate", Some(&request)).await?)?;
    Ok(streamed(lines(ask, begun.session_id, 0)))
}

/// Goes on with a generation after `Last-Event-ID`, or tells the one of `?session_id=` from its beginning.
async fn resume(ask: Ask) -> Result<Response, Error> {
    let (id, after) = match ask.last_event() {
        Some(last) => {
            let place = last.to_str().ok().and_then(|last| {
                let (id, n) = last.rsplit_once(':')?;
                Some((id.parse().ok()?, n.parse().ok()?))
            });
            place.ok_or_else(|| Error::invalid("Last-Event-ID", "the id of an event of this stream is expected"))?
        }
        None => {
            #[derive(serde::Deserialize)]
            struct Which {
                session_id: DashboardId,
            }
            let query = ask.query_fields(&["session_id"], &[])?;
            let which: Which =
                serde_json::from_str(query.get()).map_err(|_| Error::invalid("session_id", "an id is expected"))?;
            (which.session_id, 0)
        }
    };
    // The right to read is asked of the bus, as everywhere.
    stored(&ask, id).await?;
    Ok(streamed(lines(ask, id, after)))
}

/// What a run tells, beginning after its `after`-th event; of one no longer in memory, what came of it.
fn lines(ask: Ask, id: DashboardId, after: usize) -> impl Stream<Item = Bytes> + Send + 'static {
    async_stream::stream! {
        let app = ask.bus.app.clone();
        let Some(mut follow) = app.generations.follow(id, after) else {
            match stored(&ask, id).await {
                Ok(dashboard) => {
                    for line in whole(&dashboard) {
                        yield text(None, &line);
                    }
                }
                Err(error) => yield text(None, &Line::Error(error)),
            }
            return;
        };
        loop {
            match tokio::time::timeout(KEEP_ALIVE, follow.next()).await {
                Err(_) => yield Bytes::from_static(b": keep-alive\n\n"),
                Ok(Some((n, tale))) => {
                    if let Some(line) = line(&ask, &tale).await {
                        yield text(Some((id, n)), &line);
                    }
                }
                Ok(None) => return,
            }
        }
    }
}

/// What a stream says of one thing told. Nothing of the beginning: it has begun.
async fn line(ask: &Ask, tale: &Arc<Tale>) -> Option<Line> {
    Some(match &**tale {
        Tale::Started(_) => return None,
        Tale::Progress(p) => Line::Progress {
            stage: p.stage,
            progress: p.progress,
            message: p.message.clone(),
            details: p.details.clone(),
        },
        Tale::Chart(chart) => {
            Line::Chart { chart_id: chart.card.key.clone(), chart: individual_spec(&chart.card).into() }
        }
        Tale::Warning(warning) => Line::Warning { message: warning.message.clone() },
        Tale::Clarification(asked) => {
            let asked = asked.clarification.clone();
            Line::Clarification { message: asked.message, missing: asked.missing, suggestions: asked.suggestions }
        }
        Tale::Completed(done) => match stored(ask, done.dashboard_id).await {
            Ok(dashboard) => Line::Complete { result: result(&dashboard) },
            Err(error) => Line::Error(error),
        },
        Tale::Failed(ended) => {
            let broken = || Error::new(Code::InternalError, "the generation failed");
            Line::Error(ended.error.clone().unwrap_or_else(broken))
        }
        Tale::Cancelled(_) => Line::Error(cancelled()),
    })
}

/// The same of a dashboard whose run is over.
fn whole(dashboard: &Dashboard) -> Vec<Line> {
    use vizroom_protocol::dashboard::Status;
    let chart = |card: &Card| Line::Chart { chart_id: card.key.clone(), chart: individual_spec(card).into() };
    let mut lines: Vec<Line> = dashboard.cards.iter().map(chart).collect();
    lines.push(match dashboard.status {
        Status::Completed => Line::Complete { result: result(dashboard) },
        Status::Failed => Line::Error(cancelled()),
        Status::Processing => Line::Error(Error::new(Code::Unavailable, "the generation goes on elsewhere")),
    });
    lines
}

fn cancelled() -> Error {
    Error::new(Code::Conflict, "the generation ended early; the cards it finished are in the dashboard")
}

fn text(id: Option<(DashboardId, usize)>, line: &Line) -> Bytes {
    let json = serde_json::to_string(line).unwrap_or_else(|error| unreachable!("a line is plain data: {error}"));
    match id {
        Some((id, n)) => format!("id: {id}:{n}\ndata: {json}\n\n").into(),
        None => format!("data: {json}\n\n").into(),
    }
}

/// `POST /dashboard/refine`
async fn refine(mut ask: Ask) -> Result<Response, Error> {
    let body = ask.json().await;
    let refined = match &body {
        Ok(body) => ask.call("dashboard.refine", Some(body)).await,
        Err(error) => Err(error.clone()),
    };
    Ok(match refined.and_then(|reply| read::<Refined>(&reply)) {
        Ok(Refined { dashboard, changes, clarification }) => {
            changed(shapes::Spec { changes: Some(changes), clarification, ..dashboard_spec(&dashboard) })
        }
        Err(error) => refused(body.as_deref().ok(), &error),
    })
}

/// `POST /dashboard/filter`
async fn filter(mut ask: Ask) -> Result<Response, Error> {
    let body = ask.json().await;
    let filtered = match &body {
        Ok(body) => ask.call("dashboard.filter", Some(body)).await,
        Err(error) => Err(error.clone()),
    };
    Ok(match filtered.and_then(|reply| read::<Dashboard>(&reply)) {
        Ok(dashboard) => changed(dashboard_spec(&dashboard)),
        Err(error) => refused(body.as_deref().ok(), &error),
    })
}

fn changed(dashboard: shapes::Spec) -> Response {
    presented(&shapes::Session { success: true, session_id: dashboard.id, dashboard, error: None })
}

/// This family's failure: the sentence where it documents one, and beside it what a program needs.
fn refused(body: Option<&RawValue>, error: &Error) -> Response {
    let asked: Value = body.and_then(|body| serde_json::from_str(body.get()).ok()).unwrap_or_default();
    let session_id = asked.get("session_id").or_else(|| asked.get("dashboard_id")).cloned().unwrap_or_default();
    let body = json!({
        "success": false, "session_id": session_id, "dashboard": null, "error": error.message,
        "code": error.code, "field": error.field, "details": error.details,
    });
    let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = respond(status, "application/json", body.to_string().into());
    if let Some(ms) = error.retry_after_ms {
        super::set(&mut response, http::header::RETRY_AFTER, &ms.div_ceil(1000).to_string());
    }
    response
}

/// A dashboard, if the caller may see it.
pub(super) async fn stored(ask: &Ask, id: DashboardId) -> Result<Dashboard, Error> {
    let input = object(Map::from_iter([("dashboard_id".to_owned(), json!(id))]));
    read(&ask.call("dashboard.get", Some(&input)).await?)
}

pub(super) fn read<T: serde::de::DeserializeOwned>(reply: &RawValue) -> Result<T, Error> {
    serde_json::from_str(reply.get()).map_err(|error| {
        tracing::error!(%error, "a reply of ours cannot be read");
        Error::new(Code::InternalError, "a reply cannot be read")
    })
}

fn result(dashboard: &Dashboard) -> Box<shapes::Made> {
    Box::new(shapes::Made { session_id: dashboard.id, dashboard_spec: dashboard_spec(dashboard) })
}

/// A dashboard as this family shows it.
pub(super) fn dashboard_spec(dashboard: &Dashboard) -> shapes::Spec {
    let layout = &dashboard.layout;
    shapes::Spec {
        id: dashboard.id,
        title: dashboard.title.clone(),
        description: dashboard.description.clone(),
        theme: dashboard.theme,
        status: dashboard.status,
        revision: dashboard.revision,
        individual_specs: dashboard.cards.iter().map(individual_spec).collect(),
        layout_config: shapes::Grid { columns: layout.columns, items: layout.items.iter().map(placed).collect() },
        filter_state: dashboard.filter_state.clone(),
        created_at: dashboard.created_at.clone(),
        updated_at: dashboard.updated_at.clone(),
        changes: None,
        clarification: None,
    }
}

fn placed(item: &LayoutItem) -> shapes::Place {
    shapes::Place { chart_id: item.key.clone(), x: item.x, y: item.y, w: item.w, h: item.h }
}

/// A card as Vega-Lite with its rows inside. `usermeta` says what Vega-Lite has no words for: which card it is, and
/// all of a figure, a sentence or a table.
fn individual_spec(card: &Card) -> Map<String, Value> {
    let mut spec = match &card.spec {
        Some(Value::Object(spec)) => spec.clone(),
        _ => Map::new(),
    };
    let mut meta = json!({
        "chart_id": card.key,
        "id": card.id,
        "type": card.kind,
        "title": card.title,
        "description": card.description,
        "sql": card.sql,
    });
    let more = [
        ("kpi", card.kpi.as_ref().map(|kpi| json!(kpi))),
        ("error", card.error.as_ref().map(|error| json!(error))),
        ("stale", card.stale.as_ref().map(|error| json!(error))),
        ("filters_skipped", (!card.filters_skipped.is_empty()).then(|| json!(card.filters_skipped))),
        ("notes", (!card.notes.is_empty()).then(|| json!(card.notes))),
        ("shapes", spec.get("usermeta").and_then(|meta| meta.get("shapes")).cloned()),
    ];
    for (name, value) in more.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        meta[name] = value;
    }
    spec.insert("title".into(), card.title.clone().into());
    spec.insert("data".into(), json!({"values": rows(card)}));
    spec.insert("usermeta".into(), meta);
    spec
}

/// A card's rows as objects.
fn rows(card: &Card) -> Vec<Value> {
    let names: Vec<&String> = card.data.columns.iter().map(|c| &c.name).collect();
    let object = |row: &Vec<Value>| {
        names.iter().zip(row).map(|(name, value)| ((*name).clone(), value.clone())).collect::<Map<_, _>>().into()
    };
    card.data.rows.iter().map(object).collect()
}

#[cfg(test)]
pub(super) use tests::sample;

#[cfg(test)]
mod tests {
    use super::*;

    pub(in crate::transport::http) fn sample() -> Dashboard {
        let id = "d6ad65c0-1234-5678-9abc-def012345678";
        serde_json::from_value(json!({
            "id": id, "title": "Sales", "description": "Sales by region.", "prompt": "sales", "theme": "slate",
            "status": "completed", "revision": 3, "filter_state": {"region": "West"},
            "cards": [
                {
                    "id": "a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d", "key": "chart_1", "type": "kpi",
                    "title": "Total sales", "description": "Sum of all sales", "sql": "SELECT 1",
                    "data": {"columns": [{"name": "total", "type": "integer"}], "rows": [[1250]]},
                    "kpi": {"value": 1250.0, "unit": "$", "trend": "+12% vs May", "value_from_column": "sales",
                        "operation": "sum"},
                    "encoding": {"y": [{"field": "total", "label": "Total sales"}]},
                },
                {
                    "id": "b2c3d4e5-f6a7-4b8c-9d0e-1f2a3b4c5d6e", "key": "chart_2", "type": "bar",
                    "title": "Sales by region", "description": "Sum of sales by region", "sql": "SELECT 2",
                    "data": {
                        "columns": [{"name": "region", "type": "text"}, {"name": "total", "type": "integer"}],
                        "rows": [["West", 900], ["East", 350]],
                    },
                    "spec": {"data": {"name": "rows"}, "mark": "bar"},
                    "encoding": {
                        "x": {"field": "region", "label": "Region"},
                        "y": [{"field": "total", "label": "Total sales", "aggregation": "sum"}],
                    },
                    "filters_skipped": [{"key": "year", "reason": "no_column", "message": "`sales` has no column `year`"}],
                },
                {
                    "id": "c3d4e5f6-a7b8-4c9d-0e1f-2a3b4c5d6e7f", "key": "chart_3", "type": "insight",
                    "title": "Insight", "description": "West has the highest sales.", "sql": "SELECT 2",
                },
            ],
            "layout": {"columns": 12, "items": [{"key": "chart_2", "x": 0, "y": 2, "w": 12, "h": 4}]},
            "origins": [{"table": "sales", "file_id": "1b0b7d3e-1234-5678-9abc-def012345678", "dataset": "sales"}],
            "created_by": id, "created_at": "2025-01-08T10:15:00.000Z", "updated_at": "2025-01-08T10:16:12.000Z",
        }))
        .unwrap()
    }

    #[test]
    fn a_spec_holds_its_rows() {
        let spec = serde_json::to_value(dashboard_spec(&sample())).unwrap();
        assert_eq!(
            spec["individual_specs"][1],
            json!({
                "title": "Sales by region",
                "data": {"values": [{"region": "West", "total": 900}, {"region": "East", "total": 350}]},
                "mark": "bar",
                "usermeta": {
                    "chart_id": "chart_2", "id": "b2c3d4e5-f6a7-4b8c-9d0e-1f2a3b4c5d6e", "type": "bar",
                    "title": "Sales by region", "description": "Sum of sales by region", "sql": "SELECT 2",
                    "filters_skipped": [{"key": "year", "reason": "no_column", "message": "`sales` has no column `year`"}],
                },
            })
        );
        assert_eq!(spec["individual_specs"][0]["usermeta"]["kpi"]["value"], 1250.0);
        assert_eq!(
            spec["layout_config"],
            json!({"columns": 12, "items": [{"chart_id": "chart_2", "x": 0, "y": 2, "w": 12, "h": 4}]})
        );
    }

    #[test]
    fn lines_are_as_documented() {
        let progress = Line::Progress {
            stage: Stage::Strategy,
            progress: 25,
            message: "Planned 2 charts".into(),
            details: json!({"charts_planned": 2}),
        };
        assert_eq!(
            text(None, &progress),
            "data: {\"type\":\"progress\",\"stage\":\"strategy\",\"progress\":25,\"message\":\"Planned 2 charts\",\
             \"details\":{\"charts_planned\":2}}\n\n"
        );
        let complete = Line::Complete { result: result(&sample()) };
        let id = sample().id;
        let line = String::from_utf8(text(Some((id, 7)), &complete).to_vec()).unwrap();
        assert!(line.starts_with(&format!("id: {id}:7\ndata: {{\"type\":\"complete\",\"result\":{{")), "{line}");
        assert!(line.contains(&format!("\"result\":{{\"session_id\":\"{id}\",\"dashboard_spec\":{{")), "{line}");
        let failed = text(None, &Line::Error(Error::invalid("user_prompt", "too long")));
        assert_eq!(
            failed,
            "data: {\"type\":\"error\",\"code\":\"INVALID_REQUEST\",\"message\":\"too long\",\"field\":\"user_prompt\"}\n\n"
        );
    }

    #[test]
    fn a_finished_run_is_told_from_its_dashboard() {
        let lines = whole(&sample());
        assert_eq!(lines.len(), 4);
        assert!(matches!(&lines[1], Line::Chart { chart_id, .. } if chart_id == "chart_2"));
        assert!(matches!(lines[3], Line::Complete { .. }));
    }
}
