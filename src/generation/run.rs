//! A run: the four stages one after the other, told as they happen.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::{FutureExt, StreamExt};
use serde_json::{Value, json};
use vizroom_protocol::dashboard::{
    Card, Chart, Clarify, Completed, Ended, FilterState, Progress, Stage, Started, Status, Warning,
};
use vizroom_protocol::event::{
    GenerationCancelled, GenerationChart, GenerationClarification, GenerationCompleted, GenerationFailed,
    GenerationProgress, GenerationStarted, GenerationWarning,
};
use vizroom_protocol::id::CardId;
use vizroom_protocol::{Code, Error};

use super::feed::{Live, Tale};
use super::{Counters, Generations, Planned, Work, card, layout, strategy};
use crate::clock::rfc3339;
use crate::room::count::Counter;
use crate::room::tell::With;
use crate::store::DashboardRow;

/// Why a run goes no further.
enum Halt {
    /// Somebody cancelled it, or the server stops.
    Stopped,
    Failed(Error),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Halt::Failed(error)
    }
}

impl From<crate::store::Error> for Halt {
    fn from(error: crate::store::Error) -> Self {
        Halt::Failed(error.into())
    }
}

impl Counters {
    fn of(&self, outcome: &Result<(), Halt>, draining: bool) -> &Counter {
        match outcome {
            Ok(()) => &self.completed,
            Err(Halt::Stopped) if draining => &self.left_off,
            Err(Halt::Stopped) => &self.cancelled,
            Err(Halt::Failed(_)) => &self.failed,
        }
    }
}

impl Generations {
    /// Makes a dashboard, or what is missing of it. Always ends by telling so, but for when the server stops.
    pub(super) async fn run(&self, live: Arc<Live>, row: DashboardRow, started: Started) {
        let work = AssertUnwindSafe(self.stages(&live, row, started)).catch_unwind();
        let outcome = work.await.unwrap_or_else(|_| {
            Err(Halt::Failed(Error::new(Code::InternalError, "the generation broke off; the server's log says why")))
        });
        self.counters.of(&outcome, self.parts.draining.is_cancelled()).add(1);
        let ended = match outcome {
            Ok(()) => Ok(()),
            // Taken up again at the next start.
            Err(Halt::Stopped) if self.parts.draining.is_cancelled() => Ok(()),
            Err(Halt::Stopped) => self.break_off(&live, None).await,
            Err(Halt::Failed(error)) => self.break_off(&live, Some(error)).await,
        };
        if let Err(error) = ended {
            tracing::warn!(run = %live.run.id, %error, "a generation could not tell its end; the next start does");
        }
        live.close();
    }

    async fn stages(&self, live: &Live, row: DashboardRow, started: Started) -> Result<(), Halt> {
        self.tell(live, "started", Tale::Started(started)).await?;
        let _turn = self.wait_for_turn(live).await?;
        let mut work = Work::new(row)?;
        let desk = self.desk(&work.row).await?;
        if work.recipe.keys.is_none() {
            let tables = desk.datasets();
            let mut made = strategy::strategy(&work.row.dashboard.prompt, &tables, live.run.request.max_charts);
            made.goals.iter_mut().for_each(|goal| desk.date(goal));
            self.adopt(live, &mut work, made).await?;
        }
        if work.row.dashboard.cards.is_empty() {
            self.parts.store.show_versions(work.row.dashboard.id, desk.versions()).await?;
        }
        let planned = work.recipe.goals.len();
        if planned == 0 {
            // It asked back: there is nothing to query or draw.
            return self.complete(live, work).await;
        }
        let message = if planned == 1 { "Planned 1 chart".to_owned() } else { format!("Planned {planned} charts") };
        self.progress(live, Stage::Strategy, &message, json!({"charts_planned": planned})).await?;
        self.charts(live, &desk, &mut work).await?;
        let done = work.row.dashboard.cards.len();
        let details = json!({"charts_planned": planned, "charts_done": done});
        self.progress(live, Stage::Data, "Queried the data", details.clone()).await?;
        self.progress(live, Stage::Viz, "Drew the charts", details).await?;
        self.complete(live, work).await
    }

    /// Waits until fewer than `runs_max` others run.
    async fn wait_for_turn(&self, live: &Live) -> Result<tokio::sync::SemaphorePermit<'_>, Halt> {
        if let Ok(turn) = self.turns.try_acquire() {
            return Ok(turn);
        }
        let waiting = Progress {
            run_id: live.run.id,
            dashboard_id: live.run.dashboard_id,
            stage: Stage::Strategy,
            progress: 0,
            message: "Waiting for a turn: other generations are running".into(),
            details: json!({}),
        };
        self.tell(live, "", Tale::Progress(waiting)).await?;
        let turn = live.stop.run_until_cancelled(self.turns.acquire()).await.ok_or(Halt::Stopped)?;
        turn.map_err(|_| Halt::Stopped)
    }

    /// Makes a strategy the dashboard's, and tells what it cannot do.
    async fn adopt(&self, live: &Live, work: &mut Work, made: strategy::Strategy) -> Result<(), Halt> {
        let (run_id, dashboard_id) = (live.run.id, live.run.dashboard_id);
        for (n, message) in made.warnings.into_iter().enumerate() {
            let warning = Warning { run_id, dashboard_id, message };
            self.tell(live, &format!("warning {n}"), Tale::Warning(warning)).await?;
        }
        if let Some(clarification) = made.clarification {
            work.dashboard().clarification = Some(clarification.clone());
            let asked = Clarify { run_id: Some(run_id), dashboard_id, clarification };
            self.tell(live, "clarification", Tale::Clarification(asked)).await?;
        }
        if !made.title.is_empty() {
            work.dashboard().title = made.title;
        }
        work.dashboard().description = made.description;
        work.recipe.keys = Some(0);
        for goal in made.goals {
            work.recipe.add(goal);
        }
        Ok(self.save(work).await?)
    }

    /// Queries and draws every card that is not there yet; each is told as soon as it is ready.
    async fn charts(&self, live: &Live, desk: &super::desk::Desk, work: &mut Work) -> Result<(), Halt> {
        for there in work.row.dashboard.cards.clone() {
            self.tell_card(live, there).await?;
        }
        let goals = work.recipe.goals.clone();
        let missing: Vec<&Planned> =
            goals.iter().filter(|p| !work.row.dashboard.cards.iter().any(|c| c.key == p.key)).collect();
        let unfiltered = FilterState::new();
        let mut answers = std::pin::pin!(desk.all(missing, &unfiltered));
        loop {
            let next = live.stop.run_until_cancelled(answers.next()).await.ok_or(Halt::Stopped)?;
            let Some((planned, answer)) = next else { return Ok(()) };
            let (id, theme) = (CardId(uuid::Uuid::now_v7()), work.row.dashboard.theme);
            let card = match answer {
                Ok(answer) if card::is_empty(planned, &answer.table) => {
                    self.nothing(live, planned).await?;
                    continue;
                }
                Ok(answer) => card::drawn(id, planned, answer, theme),
                Err(error) => {
                    tracing::info!(run = %live.run.id, key = planned.key, %error, "a card failed");
                    card::failed(id, planned, error)
                }
            };
            let place = |key: &str| goals.iter().position(|p| p.key == key);
            let cards = &mut work.dashboard().cards;
            cards.push(card.clone());
            cards.sort_by_key(|c| place(&c.key));
            self.save(work).await?;
            self.tell_card(live, card).await?;
        }
    }

    /// Rows that give no chart are no reason for an empty one.
    async fn nothing(&self, live: &Live, planned: &Planned) -> Result<(), Halt> {
        if planned.goal.kind == vizroom_protocol::dashboard::CardKind::Insight {
            return Ok(());
        }
        let message = format!("No rows for “{}”, so there is no chart of it", planned.goal.title);
        let warning = Warning { run_id: live.run.id, dashboard_id: live.run.dashboard_id, message };
        Ok(self.tell(live, &format!("nothing {}", planned.key), Tale::Warning(warning)).await?)
    }

    async fn tell_card(&self, live: &Live, card: Card) -> Result<(), Error> {
        let key = card.key.clone();
        let chart = Chart { run_id: live.run.id, dashboard_id: live.run.dashboard_id, card };
        self.tell(live, &key, Tale::Chart(Box::new(chart))).await
    }

    async fn complete(&self, live: &Live, mut work: Work) -> Result<(), Halt> {
        let dashboard = work.dashboard();
        dashboard.layout = layout::layout(dashboard.cards.iter().map(|c| (c.key.as_str(), c.kind)));
        dashboard.status = Status::Completed;
        dashboard.generated_at = Some(rfc3339(self.parts.clock.now_ms()));
        self.save(&mut work).await?;
        let dashboard = work.row.dashboard;
        let message = match dashboard.cards.len() {
            0 => "Nothing to show yet".to_owned(),
            1 => "1 card is ready".to_owned(),
            n => format!("{n} cards are ready"),
        };
        self.progress(live, Stage::Layout, &message, json!({"charts_done": dashboard.cards.len()})).await?;
        let began_ms = chrono::DateTime::parse_from_rfc3339(&dashboard.created_at).map(|at| at.timestamp_millis());
        let now_ms = self.parts.clock.now_ms();
        let completed = Completed {
            run_id: live.run.id,
            dashboard_id: dashboard.id,
            title: dashboard.title,
            description: dashboard.description,
            theme: dashboard.theme,
            revision: dashboard.revision,
            layout: dashboard.layout,
            duration_ms: u64::try_from(now_ms - began_ms.unwrap_or(now_ms)).unwrap_or(0),
        };
        Ok(self.end(live, Tale::Completed(completed), Status::Completed).await?)
    }

    /// Ends a run early: with an error, or because somebody wanted it. What is there stays.
    async fn break_off(&self, live: &Live, error: Option<Error>) -> Result<(), Error> {
        let id = live.run.dashboard_id;
        // Deleted meanwhile: everybody has been told of that.
        let Some(row) = self.parts.store.dashboard(id).await? else {
            return self.arm(live, "", Status::Failed).await;
        };
        let mut work = Work::new(row)?;
        let dashboard = work.dashboard();
        dashboard.layout = layout::layout(dashboard.cards.iter().map(|c| (c.key.as_str(), c.kind)));
        dashboard.status = Status::Failed;
        self.save(&mut work).await?;
        let message = if error.is_some() { "Failed" } else { "Cancelled" };
        self.progress(live, Stage::Layout, message, json!({})).await?;
        let ended = |error| Ended { run_id: live.run.id, dashboard_id: id, error };
        let tale = match error {
            Some(error) => Tale::Failed(ended(Some(error))),
            None => Tale::Cancelled(ended(None)),
        };
        self.end(live, tale, Status::Failed).await
    }

    /// The room hears of the end before the store does: whoever dies in between tells it again, to no effect.
    async fn end(&self, live: &Live, tale: Tale, status: Status) -> Result<(), Error> {
        self.tell_room(live, "end", &tale).await?;
        let title = if let Tale::Completed(completed) = &tale { completed.title.as_str() } else { "" };
        self.arm(live, title, status).await?;
        let ended = self.parts.store.end_run(live.run.id, status, self.parts.clock.now_ms()).await;
        live.push(tale);
        ended?;
        Ok(())
    }

    async fn progress(&self, live: &Live, stage: Stage, message: &str, details: Value) -> Result<(), Error> {
        let progress = Progress {
            run_id: live.run.id,
            dashboard_id: live.run.dashboard_id,
            stage,
            progress: stage.progress(),
            message: message.into(),
            details,
        };
        self.tell(live, "", Tale::Progress(progress)).await
    }

    /// Tells the room, if there is one, and the run's own log.
    async fn tell(&self, live: &Live, what: &str, tale: Tale) -> Result<(), Error> {
        self.tell_room(live, what, &tale).await?;
        live.push(tale);
        Ok(())
    }

    /// `what` names a durable event within its run: the room hears each name once, however often the run is taken up.
    async fn tell_room(&self, live: &Live, what: &str, tale: &Tale) -> Result<(), Error> {
        let Some(room) = &live.room else { return Ok(()) };
        let (hub, actor) = (&self.parts.hub, &live.actor);
        let with = With { dedup: Some(format!("{} {what}", live.run.id)), ..With::default() };
        match tale {
            Tale::Progress(data) => {
                // Who joins later learns of a run only while it is under way.
                let (key, keep) = (live.run.id.to_string(), data.stage != Stage::Layout);
                hub.tell_latest::<GenerationProgress>(room, actor, &key, keep, data);
                return Ok(());
            }
            Tale::Started(data) => hub.tell::<GenerationStarted>(room, actor, data, with).await,
            Tale::Chart(data) => hub.tell::<GenerationChart>(room, actor, data, with).await,
            Tale::Warning(data) => hub.tell::<GenerationWarning>(room, actor, data, with).await,
            Tale::Clarification(data) => hub.tell::<GenerationClarification>(room, actor, data, with).await,
            Tale::Completed(data) => hub.tell::<GenerationCompleted>(room, actor, data, with).await,
            Tale::Failed(data) => hub.tell::<GenerationFailed>(room, actor, data, with).await,
            Tale::Cancelled(data) => hub.tell::<GenerationCancelled>(room, actor, data, with).await,
        }?;
        Ok(())
    }
}
