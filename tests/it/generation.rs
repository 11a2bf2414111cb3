//! Generations as such: what they tell, in what order, with which values; and that they survive what may happen.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use serde_json::{Value, json};
use uuid::Uuid;
use vizroom::app::App;
use vizroom::auth::{Caller, Grant};
use vizroom::clock::Clock;
use vizroom::config::Config;
use vizroom::generation::feed::{Follow, Tale};
use vizroom::store::NewUser;
use vizroom::upload;
use vizroom_protocol::dashboard::{CardKind, Dashboard, Filter, Generate, Generating, Refine, Status};
use vizroom_protocol::frame::{Actor, ActorKind};
use vizroom_protocol::id::{DashboardId, FileId, RoomId, TenantId, UserId};
use vizroom_protocol::{Code, Error};

use crate::store::new_room;

pub const ORDERS: &str = "date,region,product,revenue\n\
    2024-01-15,West,Desk,100\n2024-01-20,East,Chair,40\n2024-02-03,West,Lamp,60\n2024-02-11,South,Desk,30\n\
    2024-03-05,East,Desk,20\n2024-03-18,West,Chair,50\n2024-04-02,South,Lamp,10\n2024-04-22,West,Desk,90\n";

/// Four charts, and one card in words.
pub const PROMPT: &str = "overview of revenue";

/// The program without its doors, on a data folder.
struct Desk {
    app: Arc<App>,
    caller: Caller,
    room: RoomId,
}

impl Desk {
    async fn open(dir: &Path) -> Self {
        let config = Config { data_dir: dir.to_owned(), ..Config::default() };
        let app = App::open(config, ([127, 0, 0, 1], 0).into(), Clock::default()).await.unwrap();
        let (user, tenant) = (UserId(Uuid::from_u128(1)), TenantId(Uuid::from_u128(2)));
        let room = RoomId(Uuid::from_u128(3));
        if !app.store.has_users().await.unwrap() {
            let (email, name, password_hash) = ("ada@example.com".into(), "ada".into(), "hash".into());
            let new = NewUser { id: user, tenant_id: tenant, email, name, password_hash };
            app.store.register(&new, None, 1).await.unwrap();
            app.store.create_room(new_room(room, tenant, user), 2).await.unwrap();
        }
        let caller = Caller {
            user_id: user,
            tenant_id: tenant,
            name: "ada".into(),
            email: "ada@example.com".into(),
            family: "f".into(),
            expires_at_ms: i64::MAX,
            grant: Grant::Session,
        };
        Self { app, caller, room }
    }

    async fn with_orders(dir: &Path) -> Self {
        let desk = Self::open(dir).await;
        desk.upload().await;
        desk
    }

    async fn upload(&self) -> FileId {
        let bytes = stream::iter([Ok::<_, Error>(Bytes::from_static(ORDERS.as_bytes()))]);
        let spooled = self.app.files.spool(bytes, 1 << 20).await.unwrap();
        upload::add(&self.app, &self.caller, Some(self.room), "orders.csv", &spooled).await.unwrap().id
    }

    fn actor(&self) -> Actor {
        Actor { kind: ActorKind::User, id: self.caller.user_id.to_string(), name: self.caller.name.clone() }
    }

    async fn start(&self, prompt: &str, room: bool) -> Generating {
        self.try_start(json!({"user_prompt": prompt, "room_id": room.then_some(self.room)})).await.unwrap()
    }

    async fn try_start(&self, request: Value) -> Result<Generating, Error> {
        let request: Generate = serde_json::from_value(request).unwrap();
        self.app.generations.start(&self.caller, request).await
    }

    fn follow(&self, run: &Generating) -> Follow {
        self.app.generations.follow(run.session_id, 0).unwrap()
    }

    /// Everything the run tells, to its end.
    async fn told(&self, run: &Generating) -> Vec<String> {
        let mut follow = self.follow(run);
        let mut told = Vec::new();
        while let Some((n, tale)) = follow.next().await {
            assert_eq!(n, told.len() + 1);
            told.push(name(&tale));
        }
        told
    }

    async fn dashboard(&self, id: DashboardId) -> Dashboard {
        self.app.store.dashboard(id).await.unwrap().unwrap().dashboard
    }

    /// A dashboard that is ready.
    async fn made(&self, prompt: &str) -> Dashboard {
        let run = self.start(prompt, true).await;
        assert_eq!(self.told(&run).await.last().unwrap(), "completed");
        self.dashboard(run.session_id).await
    }

    /// The durable events of the room's log after the upload, in order: type, and what tells them apart.
    async fn log(&self) -> Vec<(String, Value)> {
        let (events, more) = self.app.store.history(self.room, None, 500, 1 << 24, None).await.unwrap();
        assert!(!more);
        let events = events.iter().map(|(_, text)| serde_json::from_str::<Value>(text).unwrap());
        let mut events: Vec<(String, Value)> =
            events.map(|e| (e["type"].as_str().unwrap().to_owned(), e["data"].clone())).collect();
        events.retain(|(kind, _)| kind != "file.linked");
        events
    }

    async fn refine(
        &self,
        id: DashboardId,
        feedback: &str,
        base: Option<u64>,
    ) -> Result<(Dashboard, Vec<String>), Error> {
        let request =
            json!({"session_id": id, "new_feedback": feedback, "target_chart_id": null, "base_revision": base});
        let request: Refine = serde_json::from_value(request).unwrap();
        let refined = self.app.generations.refine(&self.actor(), request).await?;
        assert_eq!(refined.changes.is_empty(), refined.clarification.is_some());
        Ok((refined.dashboard, refined.changes))
    }

    async fn filter(&self, id: DashboardId, filter: Value) -> Result<Dashboard, Error> {
        let request: Filter = serde_json::from_value(json!({"session_id": id, "filter_state": filter})).unwrap();
        self.app.generations.filter(&self.actor(), request).await
    }
}

fn name(tale: &Tale) -> String {
    match tale {
        Tale::Started(_) => "started".into(),
        Tale::Progress(p) => format!("{:?} {}", p.stage, p.progress),
        Tale::Chart(chart) => chart.card.key.clone(),
        Tale::Warning(_) => "warning".into(),
        Tale::Clarification(_) => "clarification".into(),
        Tale::Completed(_) => "completed".into(),
        Tale::Failed(_) => "failed".into(),
        Tale::Cancelled(_) => "cancelled".into(),
    }
}

fn kinds(dashboard: &Dashboard) -> Vec<CardKind> {
    dashboard.cards.iter().map(|card| card.kind).collect()
}

fn rows(dashboard: &Dashboard, key: &str) -> Value {
    json!(dashboard.cards.iter().find(|card| card.key == key).unwrap().data.rows)
}

#[tokio::test]
async fn a_generation_tells_its_stages_and_its_cards() {
    let dir = tempfile::tempdir().unwrap();
    let desk = Desk::with_orders(dir.path()).await;
    let run = desk.start(PROMPT, true).await;
    assert_eq!(desk.app.runs_of(desk.room)[0].dashboard_id, run.session_id);
    let told = desk.told(&run).await;
    assert_eq!(told[..2], ["started", "Strategy 25"]);
    let mut cards = told[2..7].to_vec();
    cards.sort();
    assert_eq!(cards, ["chart_1", "chart_2", "chart_3", "chart_4", "chart_5"]);
    assert_eq!(told[7..], ["Data 50", "Viz 75", "Layout 100", "completed"]);

    let dashboard = desk.dashboard(run.session_id).await;
    let expected = [CardKind::Kpi, CardKind::Line, CardKind::Bar, CardKind::Histogram, CardKind::Insight];
    assert_eq!(kinds(&dashboard), expected);
    assert_eq!((dashboard.status, dashboard.revision, dashboard.layout.items.len()), (Status::Completed, 1, 5));
    assert_eq!(dashboard.cards[0].kpi.as_ref().unwrap().value, Some(400.0));
    assert_eq!(rows(&dashboard, "chart_3"), json!([["West", 300], ["East", 60], ["South", 40]]));
    assert_eq!(dashboard.cards[2].encoding.y[0].aggregation.as_deref(), Some("sum"));
    assert!(
        dashboard.cards[4].description.contains("January 2024 has the highest total revenue with 140"),
        "{}",
        dashboard.cards[4].description
    );
    assert_eq!(dashboard.origins[0].table, "orders");

    let log = desk.log().await;
    let kinds: Vec<&str> = log.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds[0], "generation.started");
    assert_eq!(kinds[1..6], ["generation.chart"; 5]);
    assert_eq!(kinds[6..], ["generation.completed"]);
    assert_eq!(log[6].1["layout"], json!(dashboard.layout));
    assert!(desk.app.runs_of(desk.room).is_empty());
    assert!(desk.app.store.runs_under_way(10).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_cannot_be_answered_is_asked_back() {
    let dir = tempfile::tempdir().unwrap();
    let desk = Desk::open(dir.path()).await;
    let run = desk.start("revenue by region", false).await;
    assert_eq!(desk.told(&run).await[1], "clarification", "there is no file yet");
    desk.upload().await;
    let run = desk.start("unicorns by planet", false).await;
    assert_eq!(desk.told(&run).await[1], "clarification");
    let dashboard = desk.dashboard(run.session_id).await;
    assert_eq!((dashboard.status, dashboard.cards.len()), (Status::Completed, 0));
    assert!(desk.log().await.is_empty(), "no room, no events there");
}

#[tokio::test]
async fn a_bad_request_begins_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let desk = Desk::with_orders(dir.path()).await;
    let refused = async |request| {
        let error = desk.try_start(request).await.unwrap_err();
        (error.code, error.field.unwrap())
    };
    let nobody = Uuid::now_v7();
    assert_eq!(refused(json!({"user_prompt": ""})).await, (Code::InvalidRequest, "user_prompt".into()));
    let elsewhere = json!({"user_prompt": "x", "connection_name": "primary_analytics_db"});
    assert_eq!(refused(elsewhere).await, (Code::NotFound, "connection_name".into()));
    for room in [None, Some(desk.room)] {
        let unknown = json!({"user_prompt": "x", "file_ids": [nobody], "room_id": room});
        assert_eq!(refused(unknown).await, (Code::NotFound, "file_ids[0]".into()));
    }
    assert!(desk.app.store.dashboards_of_room(desk.room, 10, 0).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_card_fails_alone() {
    let dir = tempfile::tempdir().unwrap();
    let desk = Desk::with_orders(dir.path()).await;
    let row = desk.app.store.files_of_room(desk.room, None, 1).await.unwrap().remove(0);
    desk.app.files.delete_objects(row.paths.values()).await;
    let dashboard = desk.made("revenue by region").await;
    assert_eq!(dashboard.cards[0].kind, CardKind::Bar);
    assert!(dashboard.cards[0].error.is_some() && dashboard.cards[0].data.rows.is_empty());
    assert_eq!(dashboard.status, Status::Completed);
}

#[tokio::test]
async fn a_cancelled_run_leaves_what_it_finished() {
    let dir = tempfile::tempdir().unwrap();
    let desk = Desk::with_orders(dir.path()).await;
    let run = desk.start(PROMPT, true).await;
    let mut follow = desk.follow(&run);
    let mut cards = 0;
    let mut last = String::new();
    while let Some((_, tale)) = follow.next().await {
        if matches!(&*tale, Tale::Chart(_)) {
            desk.app.generations.cancel(run.session_id);
            cards += 1;
        }
        last = name(&tale);
    }
    assert_eq!(last, "cancelled");
    assert!((1..5).contains(&cards), "{cards}");
    let dashboard = desk.dashboard(run.session_id).await;
    assert_eq!((dashboard.status, dashboard.cards.len()), (Status::Failed, cards));
    assert_eq!(dashboard.layout.items.len(), cards);
    assert_eq!(desk.log().await.last().unwrap().0, "generation.cancelled");
    assert!(desk.app.store.runs_under_way(10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_refinement_changes_what_it_names() {
    let dir = tempfile::tempdir().unwrap();
    let desk = Desk::with_orders(dir.path()).await;
    let made = desk.made(PROMPT).await;
    let (pie, changes) = desk.refine(made.id, "make chart 3 a pie chart", Some(1)).await.unwrap();
    assert_eq!((kinds(&pie)[2], pie.revision, changes.len()), (CardKind::Pie, 2, 1));
    assert_eq!(pie.cards[2].id, made.cards[2].id);
    assert_ne!(pie.cards[2].spec, made.cards[2].spec);
    assert_eq!(desk.dashboard(made.id).await, pie);
    let (kind, told) = desk.log().await.pop().unwrap();
    assert_eq!((kind.as_str(), &told["base_revision"], &told["revision"]), ("dashboard.updated", &json!(1), &json!(2)));
    assert_eq!(told["cards"].as_array().unwrap().len(), 1);

    let late = desk.refine(made.id, "make chart 3 a bar chart", Some(1)).await.unwrap_err();
    let details = late.details.unwrap();
    assert_eq!((late.code, &details["revision"], &details["complete"]), (Code::Conflict, &json!(2), &json!(true)));
    let change = &details["changes"][0];
    assert_eq!(
        (&change["revision"], &change["by"]["name"], &change["cards"]),
        (&json!(2), &json!("ada"), &json!(["chart_3"]))
    );
    assert_eq!((&change["changes"], &change["removed"]), (&json!(changes), &json!([])));
    let (same, changes) = desk.refine(made.id, "paint it in the mood of a walrus", None).await.unwrap();
    assert_eq!((same, changes.is_empty()), (pie, true));
    assert_eq!(desk.log().await.pop().unwrap().0, "generation.clarification");

    let (dark, _) = desk.refine(made.id, "use the ocean theme", None).await.unwrap();
    let colour = &dark.cards[1].spec.as_ref().unwrap()["config"]["mark"]["color"];
    assert_eq!((dark.theme, colour), (vizroom_protocol::dashboard::Theme::Ocean, &json!("#0b5c8a")));
    let (fewer, _) = desk.refine(made.id, "remove chart 4", None).await.unwrap();
    assert!(fewer.cards.iter().all(|card| card.key != "chart_4"));
    let (more, _) = desk.refine(made.id, "add a chart of average revenue by region", None).await.unwrap();
    assert_eq!(more.cards.last().unwrap().key, "chart_6", "a key is never used again");
    assert_eq!(more.layout.items.len(), 5);
}

#[tokio::test]
async fn a_filter_reaches_every_card_and_keeps_the_specs() {
    let dir = tempfile::tempdir().unwrap();
    let desk = Desk::with_orders(dir.path()).await;
    let made = desk.made(PROMPT).await;
    let west = desk.filter(made.id, json!({"region": "West"})).await.unwrap();
    assert_eq!(west.cards[0].kpi.as_ref().unwrap().value, Some(300.0));
    assert_eq!(rows(&west, "chart_3"), json!([["West", 300]]));
    assert_eq!((west.revision, &west.filter_state["region"]), (2, &json!("West")));
    let specs = |d: &Dashboard| d.cards.iter().map(|c| c.spec.clone()).collect::<Vec<_>>();
    assert_eq!(specs(&west), specs(&made));
    assert_ne!(west.cards[4].description, made.cards[4].description);

    let unknown = desk.filter(made.id, json!({"planet": "Mars"})).await.unwrap_err();
    assert_eq!((unknown.code, unknown.field.as_deref()), (Code::InvalidRequest, Some("filter_state.planet")));
    let unsuited = desk.filter(made.id, json!({"revenue": {"above": 3}})).await.unwrap_err();
    assert_eq!(unsuited.field.as_deref(), Some("filter_state.revenue"));
    assert_eq!(desk.dashboard(made.id).await, west, "a wrong filter changes nothing");

    let (pie, _) = desk.refine(made.id, "make chart 3 a pie chart", None).await.unwrap();
    assert_eq!(rows(&pie, "chart_3"), json!([["West", 300]]), "a changed card keeps to the filter");
    let all = desk.filter(made.id, json!({})).await.unwrap();
    assert_eq!((rows(&all, "chart_2"), all.revision), (rows(&made, "chart_2"), 4));
}

/// The process dies after the first card; the next one makes the rest, and the room hears everything once.
#[test]
fn a_run_survives_its_process() {
    let dir = tempfile::tempdir().unwrap();
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let first = runtime();
    let (run, kept) = first.block_on(async {
        let desk = Desk::with_orders(dir.path()).await;
        let run = desk.start(PROMPT, true).await;
        let mut follow = desk.follow(&run);
        loop {
            let (_, tale) = follow.next().await.unwrap();
            if let Tale::Chart(chart) = &*tale {
                break (run, chart.card.clone());
            }
        }
    });
    drop(first);
    runtime().block_on(async {
        let desk = Desk::open(dir.path()).await;
        assert_eq!(desk.dashboard(run.session_id).await.status, Status::Processing);
        desk.app.resume().await.unwrap();
        assert_eq!(desk.told(&run).await.last().unwrap(), "completed");
        let dashboard = desk.dashboard(run.session_id).await;
        assert_eq!((dashboard.status, dashboard.cards.len()), (Status::Completed, 5));
        assert!(dashboard.cards.contains(&kept), "what was there is kept");
        let log = desk.log().await;
        let count = |kind: &str| log.iter().filter(|(k, _)| k == kind).count();
        assert_eq!((count("generation.started"), count("generation.completed")), (1, 1));
        let mut keys: Vec<&str> = log.iter().filter_map(|(_, data)| data["card"]["key"].as_str()).collect();
        keys.sort_unstable();
        assert_eq!(keys, ["chart_1", "chart_2", "chart_3", "chart_4", "chart_5"]);
        assert!(desk.app.store.runs_under_way(10).await.unwrap().is_empty());
    });
}
