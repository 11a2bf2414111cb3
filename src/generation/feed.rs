//! A run's own log: what it tells, in order, for those who follow it without a room.
//!
//! It lives in memory while the run is under way and some time after; whoever comes later reads the dashboard.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use vizroom_protocol::dashboard::{Chart, Clarify, Completed, Ended, Progress, Started, Warning};
use vizroom_protocol::frame::Actor;
use vizroom_protocol::room;

use crate::room::Room;
use crate::store::RunRow;

/// What a run tells.
#[derive(Debug, Clone)]
pub enum Tale {
    Started(Started),
    Progress(Progress),
    Chart(Box<Chart>),
    Warning(Warning),
    Clarification(Clarify),
    Completed(Completed),
    Failed(Ended),
    Cancelled(Ended),
}

impl Tale {
    /// Whether nothing comes after it.
    fn ends(&self) -> bool {
        matches!(self, Tale::Completed(_) | Tale::Failed(_) | Tale::Cancelled(_))
    }
}

/// A run of this process. It tells a bounded number of things: a few for each card and warning of its plan.
pub(super) struct Live {
    pub(super) run: RunRow,
    /// Who asked.
    pub(super) actor: Actor,
    pub(super) room: Option<Arc<Room>>,
    pub(super) stop: CancellationToken,
    log: Mutex<Log>,
    news: watch::Sender<()>,
}

#[derive(Default)]
struct Log {
    tales: Vec<Arc<Tale>>,
    /// Nothing more comes.
    closed: bool,
}

impl Live {
    pub(super) fn new(run: RunRow, actor: Actor, room: Option<Arc<Room>>, stop: CancellationToken) -> Self {
        Self { run, actor, room, stop, log: Mutex::default(), news: watch::Sender::new(()) }
    }

    /// Short sections without await; nothing in them panics half-way.
    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn push(&self, tale: Tale) {
        let mut log = self.log();
        log.closed |= tale.ends();
        log.tales.push(Arc::new(tale));
        drop(log);
        self.news.send_replace(());
    }

    /// Ends the log of a run that leaves off without telling an end: the server stops, or the dashboard is gone.
    pub(super) fn close(&self) {
        self.log().closed = true;
        self.news.send_replace(());
    }

    /// How far it is; None once it has ended.
    pub(super) fn standing(&self) -> Option<room::Run> {
        let log = self.log();
        let newest = log.tales.iter().rev().find_map(|tale| match &**tale {
            Tale::Progress(progress) => Some((progress.progress, progress.message.clone())),
            _ => None,
        });
        let (progress, message) = newest.unwrap_or_default();
        (!log.closed).then(|| room::Run {
            run_id: self.run.id,
            dashboard_id: self.run.dashboard_id,
            user_prompt: self.run.request.user_prompt.clone(),
            progress,
            message,
        })
    }
}

/// A reader of a run's log.
pub struct Follow {
    live: Arc<Live>,
    news: watch::Receiver<()>,
    at: usize,
}

impl Follow {
    pub(super) fn new(live: Arc<Live>, after: usize) -> Self {
        let news = live.news.subscribe();
        Self { live, news, at: after }
    }

    /// The next thing told, with its number (1, 2, 3 …); waits for it. None after the last.
    pub async fn next(&mut self) -> Option<(usize, Arc<Tale>)> {
        loop {
            self.news.borrow_and_update();
            {
                let log = self.live.log();
                if let Some(tale) = log.tales.get(self.at) {
                    self.at += 1;
                    return Some((self.at, tale.clone()));
                }
                if log.closed {
                    return None;
                }
            }
            // The run's side keeps the sender, and this keeps the run's side.
            self.news.changed().await.ok()?;
        }
    }
}
