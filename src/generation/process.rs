//! A generation as one call that is repeated until it has come to its end.

use std::sync::Arc;
use std::time::Duration;

use vizroom_protocol::dashboard::{
    Clarification, Dashboard, Generate, Process, ProcessStatus, Processed, Refine, Status,
};
use vizroom_protocol::id::{DashboardId, RunId};
use vizroom_protocol::{Code, Error};

use super::feed::Tale;
use super::{Generations, Recipe, actor, encoded, request, strategy};
use crate::auth::Caller;

/// How long a call waits for the end of a run.
const WAIT_MS: u64 = 10_000;
const WAIT_MS_MAX: u64 = 30_000;

impl Generations {
    /// `dashboard.process`
    ///
    /// # Errors
    /// Those of the generation, or of the refinement, that it stands for.
    pub async fn process(self: &Arc<Self>, caller: &Caller, wanted: Process) -> Result<Processed, Error> {
        let wait = Duration::from_millis(wanted.wait_ms.unwrap_or(WAIT_MS));
        if wait > Duration::from_millis(WAIT_MS_MAX) {
            return Err(Error::invalid("wait_ms", format!("at most {WAIT_MS_MAX}")));
        }
        let prompt = wanted.prompt.clone();
        let Some(id) = wanted.session_id else {
            let prompt = prompt.ok_or_else(|| Error::invalid("prompt", "is needed for a fresh run"))?;
            request::sentence("prompt", &prompt)?;
            let begun = self.start(caller, fresh(prompt, wanted)).await?;
            return self.reached(begun.session_id, Some(begun.run_id), wait).await;
        };
        resumes(&wanted)?;
        let Some(prompt) = prompt else { return self.reached(id, None, wait).await };
        request::sentence("prompt", &prompt)?;
        // Whoever resumes without having waited for the end.
        self.ended(id, wait).await;
        let asked = self.dashboard(id).await?;
        if asked.clarification.is_some() && asked.cards.is_empty() {
            let run_id = self.restart(caller, id, &prompt, wanted.max_charts).await?;
            return self.reached(id, Some(run_id), wait).await;
        }
        let refine = Refine { session_id: id, new_feedback: prompt, target_chart_id: None, base_revision: None };
        let refined = self.refine(&actor(caller), refine).await?;
        let processed = state(refined.dashboard, None, None);
        Ok(match refined.clarification {
            Some(asked) => Processed { dashboard: processed.dashboard, ..awaiting(id, None, asked) },
            None => Processed { changes: refined.changes, ..processed },
        })
    }

    async fn dashboard(&self, id: DashboardId) -> Result<Dashboard, Error> {
        let row = self.parts.store.dashboard(id).await?;
        row.map(|row| row.dashboard).ok_or_else(|| Error::not_found("dashboard"))
    }

    /// How far a run is, at its end or once the wait is over.
    async fn reached(&self, id: DashboardId, run_id: Option<RunId>, wait: Duration) -> Result<Processed, Error> {
        let error = self.ended(id, wait).await;
        Ok(state(self.dashboard(id).await?, run_id, error))
    }

    /// Waits for the end of the run that fills a dashboard; why it failed, if it did.
    async fn ended(&self, id: DashboardId, wait: Duration) -> Option<Error> {
        let mut follow = self.follow(id, 0)?;
        let mut error = None;
        let end = async {
            while let Some((_, tale)) = follow.next().await {
                match &*tale {
                    Tale::Failed(ended) => error = ended.error.clone(),
                    Tale::Cancelled(_) => error = Some(Error::new(Code::Conflict, "the generation was cancelled")),
                    _ => {}
                }
            }
        };
        // Not in time: what is stored says how far it is.
        let _ = tokio::time::timeout(wait, end).await;
        error
    }

    /// An answer to what the planner asked back: the run begins anew, with it.
    async fn restart(
        self: &Arc<Self>,
        caller: &Caller,
        id: DashboardId,
        answer: &str,
        max_charts: Option<u8>,
    ) -> Result<RunId, Error> {
        let _turn = self.turn(id).await;
        let mut work = self.take_up(id).await?;
        let tables = self.desk(&work.row).await?.datasets();
        // An answer may be the whole wish, or the word that was missing in it.
        let both = format!("{}, {answer}", work.row.dashboard.prompt);
        let plans = |prompt: &str| strategy::strategy(prompt, &tables, max_charts).clarification.is_none();
        let long = both.chars().count() > request::PROMPT_MAX;
        let prompt = if !plans(answer) && !long && plans(&both) { both } else { answer.to_owned() };
        work.recipe = Recipe::default();
        let dashboard = work.dashboard();
        (dashboard.prompt, dashboard.status, dashboard.clarification) = (prompt.clone(), Status::Processing, None);
        dashboard.title = request::working_title(&prompt);
        let request = Generate { max_charts, ..generate(prompt) };
        let said = format!("asked: {}", work.row.dashboard.prompt);
        self.revise(&actor(caller), &mut work, (vec![said], Vec::new(), Vec::new())).await?;
        let row = crate::store::DashboardRow { recipe: encoded(&work.recipe), ..work.row };
        let live = self.live(caller, &row, request).await?;
        let run_id = live.run.id;
        self.parts.store.start_run(&live.run, self.parts.clock.now_ms()).await?;
        self.begin(live, row);
        Ok(run_id)
    }
}

/// What only a fresh run can be told.
fn resumes(wanted: &Process) -> Result<(), Error> {
    let Process { room_id, connection_name, file_ids, theme, callback_url, callback_secret, .. } = wanted;
    let given = [
        ("room_id", room_id.is_some()),
        ("connection_name", connection_name.is_some()),
        ("file_ids", file_ids.is_some()),
        ("theme", theme.is_some()),
        ("callback_url", callback_url.is_some()),
        ("callback_secret", callback_secret.is_some()),
    ];
    match given.iter().find(|(_, given)| *given) {
        Some((field, _)) => Err(Error::invalid(*field, "is for a fresh run, without `session_id`")),
        None => Ok(()),
    }
}

fn generate(user_prompt: String) -> Generate {
    Generate {
        room_id: None,
        user_prompt,
        connection_name: None,
        file_ids: None,
        max_charts: None,
        theme: None,
        callback_url: None,
        callback_secret: None,
    }
}

fn fresh(prompt: String, wanted: Process) -> Generate {
    let Process { room_id, connection_name, file_ids, max_charts, theme, callback_url, callback_secret, .. } = wanted;
    Generate {
        room_id,
        connection_name,
        file_ids,
        max_charts,
        theme,
        callback_url,
        callback_secret,
        ..generate(prompt)
    }
}

fn awaiting(session_id: DashboardId, run_id: Option<RunId>, asked: Clarification) -> Processed {
    Processed {
        session_id,
        run_id,
        status: ProcessStatus::AwaitingClarification,
        question: Some(asked.message),
        suggestions: asked.suggestions,
        missing: asked.missing,
        dashboard: None,
        changes: Vec::new(),
        error: None,
    }
}

/// What a dashboard says of the run that filled it.
fn state(mut dashboard: Dashboard, run_id: Option<RunId>, error: Option<Error>) -> Processed {
    let id = dashboard.id;
    let (status, error) = match dashboard.status {
        Status::Processing => (ProcessStatus::Processing, None),
        Status::Completed => match dashboard.clarification.take() {
            Some(asked) if dashboard.cards.is_empty() => return awaiting(id, run_id, asked),
            _ => (ProcessStatus::Complete, None),
        },
        Status::Failed => {
            let ended = || Error::new(Code::Conflict, "the generation ended early");
            (ProcessStatus::Failed, Some(error.unwrap_or_else(ended)))
        }
    };
    let dashboard = (status != ProcessStatus::Processing).then_some(dashboard);
    Processed {
        session_id: id,
        run_id,
        status,
        question: None,
        suggestions: Vec::new(),
        missing: Vec::new(),
        dashboard,
        changes: Vec::new(),
        error,
    }
}
