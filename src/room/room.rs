//! One room of this process.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::watch;
use vizroom_protocol::id::RoomId;

use crate::hub::Hub;
use crate::lock;
use crate::log::{Lane, Log};
use crate::members::Members;
use crate::presence::Present;

/// Its log and its members.
pub struct Room {
    pub id: RoomId,
    pub epoch: String,
    pub(super) log: Mutex<Log>,
    /// One list for each reactor.
    pub(super) members: Box<[Mutex<Members>]>,
    /// How many members each reactor has.
    pub(super) crowd: Box<[AtomicUsize]>,
    /// Whether a reactor has been told of news already.
    pub(super) dirty: Box<[AtomicBool]>,
    /// How often its reactors were told of news.
    pub(super) marked: AtomicU64,
    /// Whether a reactor has been told of news that may wait a moment.
    pub(super) soon: Box<[AtomicBool]>,
    /// Position in the plain lane at which each reactor's members all were last, unless one has come since.
    pub(super) rested: Box<[AtomicU64]>,
    pub(super) present: Mutex<Present>,
    /// The log's end, for readers that pull.
    pub(super) news: watch::Sender<u64>,
    /// Asked for since the last time somebody looked.
    pub(super) used: AtomicBool,
}

impl Room {
    /// A room as the store has it. One that was forgotten and opened again goes on with larger revisions: they count up
    /// from the microsecond.
    pub(super) fn open(hub: &Hub, id: RoomId, epoch: String, head: u64) -> Arc<Self> {
        let (n, limits) = (hub.inboxes.len(), &hub.limits);
        let revision = hub.clock.now_ms().unsigned_abs() * 1_000;
        Arc::new(Self {
            id,
            epoch,
            log: Mutex::new(Log::new(head, revision, limits.room_ring_bytes_max, limits.room_latest_keys_max)),
            members: (0..n).map(|_| Mutex::default()).collect(),
            crowd: (0..n).map(|_| AtomicUsize::new(0)).collect(),
            dirty: (0..n).map(|_| AtomicBool::new(false)).collect(),
            marked: AtomicU64::new(0),
            soon: (0..n).map(|_| AtomicBool::new(false)).collect(),
            rested: (0..n).map(|_| AtomicU64::new(0)).collect(),
            present: Mutex::new(Present::default()),
            news: watch::Sender::new(0),
            used: AtomicBool::new(true),
        })
    }

    /// Notes that all of a reactor's members, whose list the caller has locked, are at `end`. If those of the others are
    /// as well, and nobody else reads, the log forgets what only readers that lag would ask for.
    pub(super) fn rest(&self, reactor: usize, end: u64) {
        self.rested[reactor].store(end, Ordering::SeqCst);
        let rested =
            |i: usize| self.rested[i].load(Ordering::SeqCst) == end || self.crowd[i].load(Ordering::SeqCst) == 0;
        if (0..self.rested.len()).all(rested) && self.news.receiver_count() == 0 {
            let mut log = lock(&self.log);
            if log.end(Lane::Plain) == end {
                log.rest();
            }
        }
    }

    /// Whether a reactor has readers here. The first one also sees to those that pull.
    pub(super) fn is_read_by(&self, reactor: usize) -> bool {
        self.crowd[reactor].load(Ordering::Acquire) > 0 || (reactor == 0 && self.news.receiver_count() > 0)
    }

    /// Connections that have joined.
    pub fn connected(&self) -> usize {
        self.members.iter().map(|m| lock(m).iter().count()).sum()
    }

    /// Newest durable sequence number.
    pub fn head(&self) -> u64 {
        lock(&self.log).head()
    }
}
