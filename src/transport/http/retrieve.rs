//! Dashboards for a page of one's own: `POST /api/dashboard/generate/`, `GET /api/dashboard/{id}/`.

use http::header::CONTENT_TYPE;
use multer::{Field, Multipart};
use schemars::JsonSchema;
use serde_json::{Map, Value, json};
use vizroom_protocol::Error;
use vizroom_protocol::dashboard::{ProcessStatus, Processed, Status, Theme};
use vizroom_protocol::id::{FileId, RoomId};
use vizroom_protocol::operation::DashboardProcess;
use vizroom_protocol::operation::Key;
use warp::reply::Response;

use super::ask::{Ask, Body, object};
use super::blocks::present;
use super::dashboard::{read, stored};
use super::documents::shapes;
use super::routes::Errors;
use super::upload::{self, unreadable};
use super::{Route, presented, route};
use crate::files::Spooled;

pub(super) const ROUTES: &[Route] = &[
    route!(POST "/api/dashboard/generate", generate)
        .calls::<DashboardProcess>()
        .about(
            "Draws a dashboard from a file, or from a data set that is there, as the instructions say. Waits some seconds \
             for the end; after that, retrieving says how far it is.",
        )
        .takes_form::<Instructions>()
        .gives::<shapes::Instructed>()
        .errors(Errors::Stated),
    route!(GET "/api/dashboard/{id}", retrieve)
        .about("A dashboard as blocks for a page of one's own.")
        .takes::<shapes::Which>()
        .gives::<shapes::Retrieved>()
        .errors(Errors::Stated),
];

/// The largest file that may come with the instructions.
const FILE_BYTES_MAX: u64 = 10 * 1024 * 1024;
/// A form's other fields: as long as instructions may be, in UTF-8.
const FIELD_BYTES_MAX: usize = 16 * 1024;
const FIELDS_MAX: usize = 8;

/// What to draw, and of what: either a `file` or a `dataset_id`. Without a file it may be sent as JSON.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "said; it is read piece by piece")]
struct Instructions {
    /// 1–4,000 characters.
    instructions: String,
    /// CSV, JSON, and all else that can be uploaded; at most 10 MB.
    #[schemars(extend("format" = "binary"))]
    file: Option<String>,
    /// The id of a file that is there already.
    dataset_id: Option<FileId>,
    /// Whose members watch.
    room_id: Option<RoomId>,
    /// 1–12.
    max_charts: Option<u8>,
    theme: Option<Theme>,
    /// Told when the dashboard is ready, as of `dashboard.generate`.
    callback_url: Option<String>,
    callback_secret: Option<String>,
}

async fn retrieve(ask: Ask) -> Result<Response, Error> {
    let dashboard = match ask.param(0).parse() {
        Ok(id) => stored(&ask, id).await,
        // What is no id names no dashboard; who may not know gets no other answer.
        Err(_) => ask.signed_in().and(Err(Error::not_found("dashboard"))),
    };
    let (status, message) = ("success".to_owned(), "Dashboard retrieved successfully".to_owned());
    Ok(presented(&shapes::Retrieved { status, success: true, message, data: present(&dashboard?) }))
}

/// What a request to generate says.
#[derive(Default)]
struct Order {
    /// Under the names of `dashboard.process`.
    fields: Map<String, Value>,
    file: Option<(String, Spooled)>,
}

async fn generate(mut ask: Ask) -> Result<Response, Error> {
    let done = ordered(&mut ask).await.map_err(documented)?;
    let (status, message) = match done.status {
        ProcessStatus::Processing => (Status::Processing, "Dashboard generation started".to_owned()),
        ProcessStatus::Complete => (Status::Completed, "Dashboard generated successfully".to_owned()),
        ProcessStatus::AwaitingClarification => (Status::Failed, done.question.unwrap_or_default()),
        ProcessStatus::Failed => (Status::Failed, done.error.map(|error| error.message).unwrap_or_default()),
    };
    let data = shapes::Generated {
        dashboard_id: done.session_id,
        status,
        title: done.dashboard.map(|dashboard| dashboard.title),
        suggestions: done.suggestions,
    };
    Ok(presented(&shapes::Instructed { status: "success".into(), success: true, message, data }))
}

/// An error with this family's name of a field.
fn documented(error: Error) -> Error {
    let field = match error.field.as_deref() {
        Some("prompt" | "user_prompt") => "instructions",
        Some("file_ids" | "file_ids[0]") => "dataset_id",
        _ => return error,
    };
    Error { field: Some(field.into()), ..error }
}

async fn ordered(ask: &mut Ask) -> Result<Processed, Error> {
    let caller = ask.allowed(Key::Ai)?;
    let kind = ask.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let mut order = match multer::parse_boundary(kind) {
        Ok(boundary) => form(ask, boundary).await?,
        Err(_) => written(ask).await?,
    };
    let instructions = order.fields.get("prompt").and_then(Value::as_str).unwrap_or_default().trim();
    if instructions.is_empty() || instructions.chars().count() > 4_000 {
        return Err(Error::invalid("instructions", "1 to 4000 characters"));
    }
    match (order.file, order.fields.contains_key("file_ids")) {
        (Some((name, spooled)), false) => {
            let room_id = order.fields.get("room_id").and_then(Value::as_str).map(str::parse::<RoomId>).transpose();
            let room_id = room_id.map_err(|_| Error::invalid("room_id", "not an id"))?;
            let app = ask.bus.app.clone();
            let work = async move { crate::upload::add(&app, &caller, room_id, &name, &spooled).await };
            let file = upload::finish(ask, work).await?;
            order.fields.insert("file_ids".into(), json!([file.id]));
        }
        (None, true) => {}
        _ => return Err(Error::invalid("file", "give either a file or a dataset_id")),
    }
    read(&ask.call("dashboard.process", Some(&object(order.fields))).await?)
}

/// The same as JSON, for what is uploaded already.
async fn written(ask: &mut Ask) -> Result<Order, Error> {
    let body = ask.json().await?;
    let given: Map<String, Value> =
        serde_json::from_str(body.get()).map_err(|_| Error::invalid("body", "must be an object"))?;
    let mut order = Order::default();
    for (name, value) in given {
        order.put(&name, value)?;
    }
    Ok(order)
}

async fn form(ask: &mut Ask, boundary: String) -> Result<Order, Error> {
    let mut chunks = std::mem::replace(&mut ask.body, Body::empty()).chunks();
    let order = parts(ask, Multipart::new(&mut chunks, boundary)).await;
    if order.is_err() {
        upload::read_rest(&mut chunks).await;
    }
    order
}

async fn parts(ask: &Ask, mut parts: Multipart<'_>) -> Result<Order, Error> {
    let mut order = Order::default();
    for _ in 0..FIELDS_MAX {
        let Some(part) = parts.next_field().await.map_err(unreadable)? else { break };
        let name = part.name().unwrap_or_default().to_owned();
        match name.as_str() {
            "file" if order.file.is_none() => {
                order.file = Some(upload::spool(&ask.bus.app.files, part, FILE_BYTES_MAX).await?);
            }
            "max_charts" => {
                let number = text(part).await?.parse::<u8>();
                order.put(&name, json!(number.map_err(|_| Error::invalid("max_charts", "not a number"))?))?;
            }
            _ => order.put(&name, text(part).await?.into())?,
        }
    }
    Ok(order)
}

async fn text(mut part: Field<'_>) -> Result<String, Error> {
    let name = part.name().unwrap_or_default().to_owned();
    let mut text = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(unreadable)? {
        text.extend_from_slice(&chunk);
        if text.len() > FIELD_BYTES_MAX {
            return Err(Error::invalid(name, format!("at most {FIELD_BYTES_MAX} bytes")));
        }
    }
    String::from_utf8(text).map(|text| text.trim().to_owned()).map_err(|_| Error::invalid(name, "not UTF-8"))
}

impl Order {
    fn put(&mut self, name: &str, value: Value) -> Result<(), Error> {
        let (name, value) = match name {
            "instructions" => ("prompt", value),
            "dataset_id" => {
                let id = value.as_str().and_then(|id| id.parse::<FileId>().ok());
                let id = id.ok_or_else(|| Error::invalid("dataset_id", "not an id"))?;
                ("file_ids", json!([id]))
            }
            "room_id" | "max_charts" | "theme" | "callback_url" | "callback_secret" => (name, value),
            other => {
                let name: String = other.chars().take(64).collect();
                return Err(Error::invalid(name, "there is no such field"));
            }
        };
        self.fields.insert(name.into(), value);
        Ok(())
    }
}
