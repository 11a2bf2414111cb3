//! The journal of the rooms' logs. Appending is the hottest write there is: everything that waits, of however many
//! rooms, becomes one transaction of a few multi-row statements. A row is a run: events of one kind that follow each
//! other in their room and came in one batch, so the busier a room, the fewer rows an event costs.

use std::collections::HashMap;
use std::fmt::Write;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use futures_util::TryStreamExt;
use tokio::sync::Mutex;
use vizroom_protocol::id::{EventId, RoomId};

use super::{Error, Pool, Store, decoded, signed, together, unsigned};
use vizroom_room::journal::Later;
use vizroom_room::{Draft, Journal, Stored};

/// The newest `seq` of each room in use. Whoever holds the lock is the one appender.
pub(super) type Heads = Mutex<HashMap<RoomId, u64>>;

/// Rooms whose head is remembered; beyond, all are forgotten and read again when needed.
const HEADS_MAX: usize = 100_000;
/// A run gets no further event that would make it longer: whoever wants one of its events reads all.
const RUN_BYTES_MAX: usize = 32 * 1024;
/// Between the frames of a run. In JSON it stands only where a space may stand as well.
const BETWEEN: char = '\n';

/// The statements of one kind of database.
struct Statements {
    runs: together::Texts,
    keys: together::Texts,
    lookups: together::Texts,
}

/// SQLite's parameters have no names here: it finds a name by walking over those before it.
static SQLITE: LazyLock<Statements> = LazyLock::new(|| Statements::new(|_| "?".to_owned()));
static POSTGRES: LazyLock<Statements> = LazyLock::new(|| Statements::new(|n| format!("${n}")));

impl Statements {
    /// `mark` writes the n-th parameter, from 1.
    fn new(mark: impl Fn(usize) -> String) -> Self {
        let marks = |from: usize, count: usize| (from..from + count).map(&mark).collect::<Vec<_>>().join(", ");
        let rows = |count: usize, columns: usize| {
            (0..count).map(|row| format!("({})", marks(row * columns + 1, columns))).collect::<Vec<_>>().join(", ")
        };
        let insert = |table: &str, columns: &str| {
            let wide = columns.split(',').count();
            together::SIZES.map(|size| format!("INSERT INTO {table} ({columns}) VALUES {}", rows(size, wide)).into())
        };
        let lookups = together::SIZES.map(|size| {
            let values: Vec<_> = (0..size).map(|row| format!("({row}, {})", marks(row * 2 + 1, 2))).collect();
            format!(
                "WITH wanted (place, room_id, dedup) AS (VALUES {})
                 SELECT CAST(w.place AS BIGINT), k.seq, k.event_id
                 FROM wanted w JOIN event_keys k ON k.room_id = w.room_id AND k.dedup = w.dedup",
                values.join(", ")
            )
            .into()
        });
        Self {
            runs: insert("events", "room_id, first_seq, last_seq, kind, frames"),
            keys: insert("event_keys", "room_id, dedup, seq, event_id"),
            lookups,
        }
    }
}

const HEAD: &str = "SELECT r.epoch, COALESCE((
        SELECT e.last_seq FROM events e WHERE e.room_id = r.id ORDER BY e.first_seq DESC LIMIT 1), 0)
    FROM rooms r WHERE r.id = $1";

/// The run that holds an event; where there is no such event, the last one before it. One row is looked at, whatever is
/// asked for.
const RUN: &str = "SELECT kind, first_seq, frames FROM events WHERE room_id = $1 AND first_seq <= $2
    ORDER BY first_seq DESC LIMIT 1";

/// The same for several rooms.
static HEADS: LazyLock<together::Texts> = LazyLock::new(|| {
    together::texts(1, |values| {
        format!(
            "WITH wanted (room_id) AS (VALUES {values})
             SELECT r.id, r.epoch, COALESCE((
                SELECT e.last_seq FROM events e WHERE e.room_id = r.id ORDER BY e.first_seq DESC LIMIT 1), 0)
             FROM wanted w JOIN rooms r ON r.id = w.room_id"
        )
    })
});

/// Events of one room and kind with the numbers from `first` to `last`.
struct Run {
    room: RoomId,
    first: u64,
    last: u64,
    kind: &'static str,
    /// Shared with the log, once it is whole.
    frames: Arc<String>,
}

impl Run {
    fn of(draft: &Draft, seq: u64) -> Self {
        Self { room: draft.room, first: seq, last: seq, kind: draft.kind, frames: Arc::default() }
    }

    fn takes(&self, draft: &Draft) -> bool {
        self.kind == draft.kind && self.frames.len() + draft.before.len() < RUN_BYTES_MAX
    }

    /// Adds the event as number `seq`; gives the place of its text.
    fn push(&mut self, draft: &Draft, seq: u64) -> Range<usize> {
        let frames = Arc::make_mut(&mut self.frames);
        if !frames.is_empty() {
            frames.push(BETWEEN);
        }
        let start = frames.len();
        match memchr::memchr(BETWEEN as u8, draft.before.as_bytes()).is_some() {
            true => frames.push_str(&draft.before.replace(BETWEEN, " ")),
            false => frames.push_str(&draft.before),
        }
        // Writing to a text cannot fail.
        let _ = write!(frames, "{seq}{}", draft.after);
        self.last = seq;
        start..frames.len()
    }
}

/// The events of a row, in order, each with its number.
fn unpacked((first, frames): (i64, String)) -> Vec<(u64, String)> {
    (unsigned(first)..).zip(frames.split(BETWEEN).map(str::to_owned)).collect()
}

/// The frames of a run as the log takes them.
struct Shared(Arc<String>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Keys of events that exist: room and key → what they are.
type Known<'a> = HashMap<(RoomId, &'a str), (u64, EventId)>;

/// What is to be written of a batch, and what its drafts get for it.
struct Numbered<'a> {
    runs: Vec<Run>,
    /// Those that have a key, with their numbers.
    keyed: Vec<(&'a Draft, u64)>,
    stored: Vec<Result<Stored, vizroom_protocol::Error>>,
}

/// Where a draft has gone.
enum Place {
    NoRoom,
    Known(u64, EventId),
    In { run: usize, seq: u64, text: Range<usize> },
}

/// Gives each draft the next number of its room; `heads` holds only rooms that exist.
fn number<'a>(drafts: &'a [Draft], heads: &mut HashMap<RoomId, u64>, mut known: Known<'a>) -> Numbered<'a> {
    let (mut runs, mut keyed) = (Vec::<Run>::new(), Vec::new());
    // Which run of a room may go on.
    let mut newest = HashMap::<RoomId, usize>::new();
    let mut place = |draft: &'a Draft| {
        let Some(head) = heads.get_mut(&draft.room) else { return Place::NoRoom };
        let key = draft.dedup.as_deref().map(|key| (draft.room, key));
        if let Some(&(seq, event)) = key.and_then(|key| known.get(&key)) {
            return Place::Known(seq, event);
        }
        *head += 1;
        let seq = *head;
        if let Some(key) = key {
            known.insert(key, (seq, draft.event));
            keyed.push((draft, seq));
        }
        let run = newest.get(&draft.room).copied().filter(|run| runs[*run].takes(draft)).unwrap_or_else(|| {
            runs.push(Run::of(draft, seq));
            newest.insert(draft.room, runs.len() - 1);
            runs.len() - 1
        });
        Place::In { run, seq, text: runs[run].push(draft, seq) }
    };
    let places: Vec<Place> = drafts.iter().map(&mut place).collect();
    let texts: Vec<Bytes> = runs.iter().map(|run| Bytes::from_owner(Shared(Arc::clone(&run.frames)))).collect();
    let stored = places.into_iter().map(|place| match place {
        Place::NoRoom => Err(vizroom_protocol::Error::not_found("room")),
        Place::Known(seq, event) => Ok(Stored::Duplicate { seq, event }),
        Place::In { run, seq, text } => Ok(Stored::New { seq, text: texts[run].slice(text) }),
    });
    let stored = stored.collect();
    Numbered { runs, keyed, stored }
}

impl Store {
    /// Writes all drafts in one transaction, giving each the next `seq` of its room, in their order. One result a
    /// draft: `NOT_FOUND` where the room is gone. A room is the only writer's: with several nodes, rooms must not be shared between them.
    ///
    /// # Errors
    /// Only ours; then nothing of the batch is there, and no number is used up.
    pub async fn append(&self, drafts: &[Draft]) -> Result<Vec<Result<Stored, vizroom_protocol::Error>>, Error> {
        let mut cached = self.heads.lock().await;
        if cached.len() > HEADS_MAX {
            cached.clear();
        }
        // The rooms' heads leave the cache until the commit is known to have worked: whatever happens in between,
        // being cancelled included, the next append reads them from the table.
        let mut heads: HashMap<RoomId, u64> =
            drafts.iter().filter_map(|draft| cached.remove_entry(&draft.room)).collect();
        let keyed: Vec<_> = drafts.iter().filter_map(|draft| Some((draft.room, draft.dedup.as_deref()?))).collect();
        let statements = match &self.pool {
            Pool::Sqlite { .. } => &*SQLITE,
            Pool::Postgres(_) => &*POSTGRES,
        };
        let stored = writing!(self, |tx| {
            for draft in drafts {
                if !heads.contains_key(&draft.room) {
                    let row: Option<(String, i64)> = row!(&mut *tx, HEAD, draft.room.to_string());
                    heads.extend(row.map(|(_, head)| (draft.room, unsigned(head))));
                }
            }
            let mut known = Known::new();
            for (piece, statement) in together::sized(&keyed, &statements.lookups) {
                let mut query = sqlx::query_as(statement);
                for (room_id, key) in piece {
                    query = query.bind(room_id.to_string()).bind(*key);
                }
                let found: Vec<(i64, i64, String)> = query.fetch_all(&mut *tx).await?;
                for (place, seq, event_id) in found {
                    let key = usize::try_from(place).ok().and_then(|place| piece.get(place));
                    let key = *key.ok_or(Error::Missing("key"))?;
                    known.insert(key, (unsigned(seq), decoded("event_keys.event_id", &event_id)?));
                }
            }
            let Numbered { runs, keyed, stored } = number(drafts, &mut heads, known);
            for (piece, statement) in together::sized(&runs, &statements.runs) {
                let mut query = sqlx::query(statement);
                for Run { room, first, last, kind, frames } in piece {
                    query = query.bind(room.to_string()).bind(signed(*first)).bind(signed(*last));
                    query = query.bind(*kind).bind(frames.as_str());
                }
                query.execute(&mut *tx).await?;
            }
            for (piece, statement) in together::sized(&keyed, &statements.keys) {
                let mut query = sqlx::query(statement);
                for (draft, seq) in piece {
                    query = query.bind(draft.room.to_string()).bind(&draft.dedup);
                    query = query.bind(signed(*seq)).bind(draft.event.to_string());
                }
                query.execute(&mut *tx).await?;
            }
            stored
        });
        cached.extend(heads);
        Ok(stored)
    }

    /// A room's epoch and the newest `seq` of its log (0 if it is empty).
    ///
    /// # Errors
    /// `NOT_FOUND` if there is no such room.
    pub async fn head(&self, room_id: RoomId) -> Result<(String, u64), vizroom_protocol::Error> {
        let found = self.positions.find(room_id, |rooms| self.heads_of(rooms)).await?;
        found.ok_or_else(|| vizroom_protocol::Error::not_found("room"))
    }

    async fn heads_of(&self, rooms: Vec<RoomId>) -> Result<HashMap<RoomId, (String, u64)>, Error> {
        let mut heads = HashMap::with_capacity(rooms.len());
        for (piece, statement) in together::sized(&rooms, &HEADS) {
            let rows: Vec<(String, String, i64)> = reading!(self, |db| {
                let mut query = sqlx::query_as(statement);
                for room in piece {
                    query = query.bind(room.to_string());
                }
                query.fetch_all(db).await?
            });
            for (room, epoch, head) in rows {
                heads.insert(decoded("rooms.id", &room)?, (epoch, unsigned(head)));
            }
        }
        Ok(heads)
    }

    /// The frame of a stored event of one type.
    ///
    /// # Errors
    /// Only ours.
    pub async fn event(&self, room_id: RoomId, seq: u64, kind: &str) -> Result<Option<String>, Error> {
        let run: Option<(String, i64, String)> = reading!(self, |db| row!(db, RUN, room_id.to_string(), signed(seq)));
        let run = run.filter(|(of, ..)| of == kind).map(|(_, first, frames)| (first, frames));
        Ok(run.and_then(|run| unpacked(run).into_iter().find(|(number, _)| *number == seq)).map(|(_, frame)| frame))
    }

    /// Puts another frame in the place of a stored event's: whoever reads it from now on reads that.
    ///
    /// # Errors
    /// Only ours.
    pub async fn rewrite_event(&self, room_id: RoomId, seq: u64, frame: &str) -> Result<(), Error> {
        let (id, update) = (room_id.to_string(), "UPDATE events SET frames = $3 WHERE room_id = $1 AND first_seq = $2");
        writing!(self, |tx| {
            // Another event of the same run may be rewritten at the same time.
            run!(&mut *tx, super::room::LOCK_ROOM, &id);
            let run: Option<(String, i64, String)> = row!(&mut *tx, RUN, &id, signed(seq));
            if let Some((_, first, frames)) = run {
                let frame = frame.replace(BETWEEN, " ");
                let put = |(number, old)| if number == seq { frame.clone() } else { old };
                let frames: Vec<String> = unpacked((first, frames)).into_iter().map(put).collect();
                run!(&mut *tx, update, &id, first, frames.join("\n"));
            }
        });
        Ok(())
    }

    /// The frames after `after`, in order: at most `limit`, and no more once they reach `bytes_max`.
    ///
    /// # Errors
    /// Only ours.
    pub async fn read(
        &self,
        room_id: RoomId,
        after: u64,
        limit: usize,
        bytes_max: usize,
    ) -> Result<Vec<(u64, String)>, Error> {
        // The run that holds `after` may go on behind it.
        let select = "SELECT first_seq, frames FROM events WHERE room_id = $1 AND first_seq >= COALESCE((
                SELECT MAX(first_seq) FROM events WHERE room_id = $1 AND first_seq <= $2), 0)
            AND last_seq > $2 ORDER BY first_seq LIMIT $3";
        let (mut read, mut bytes) = (Vec::new(), 0);
        reading!(self, |db| {
            let query = sqlx::query_as(select).bind(room_id.to_string()).bind(signed(after)).bind(signed(limit as u64));
            let mut rows = query.fetch(db);
            while read.len() < limit
                && bytes < bytes_max
                && let Some(run) = rows.try_next().await?
            {
                for (seq, frame) in unpacked(run).into_iter().filter(|(seq, _)| *seq > after) {
                    if read.len() < limit && bytes < bytes_max {
                        bytes += frame.len();
                        read.push((seq, frame));
                    }
                }
            }
        });
        Ok(read)
    }

    /// The newest frames before `before` (or of all), in order, if asked only of one `kind`: at most `limit`, and
    /// no more once they reach `bytes_max`. Also whether there are older ones.
    ///
    /// # Errors
    /// Only ours.
    pub async fn history(
        &self,
        room_id: RoomId,
        before: Option<u64>,
        limit: usize,
        bytes_max: usize,
        kind: Option<&str>,
    ) -> Result<(Vec<(u64, String)>, bool), Error> {
        let of_all = "SELECT first_seq, frames FROM events WHERE room_id = $1 AND first_seq < $2
            ORDER BY first_seq DESC LIMIT $3";
        let of_kind = "SELECT first_seq, frames FROM events WHERE room_id = $1 AND first_seq < $2 AND kind = $4
            ORDER BY first_seq DESC LIMIT $3";
        let (mut read, mut bytes, mut more) = (Vec::new(), 0, false);
        reading!(self, |db| {
            let query = sqlx::query_as(if kind.is_some() { of_kind } else { of_all })
                .bind(room_id.to_string())
                .bind(before.map_or(i64::MAX, signed))
                .bind(signed(limit as u64).saturating_add(1));
            let query = if let Some(kind) = kind { query.bind(kind) } else { query };
            let mut rows = query.fetch(db);
            while !more && let Some(run) = rows.try_next().await? {
                for (seq, frame) in unpacked(run).into_iter().rev().filter(|(seq, _)| before.is_none_or(|b| *seq < b)) {
                    if read.len() == limit || bytes >= bytes_max {
                        more = true;
                        break;
                    }
                    bytes += frame.len();
                    read.push((seq, frame));
                }
            }
        });
        read.reverse();
        Ok((read, more))
    }
}

impl Journal for Store {
    fn append<'a>(
        &'a self,
        drafts: &'a [Draft],
    ) -> Later<'a, Result<Vec<Result<Stored, vizroom_protocol::Error>>, vizroom_protocol::Error>> {
        Box::pin(async move { Ok(Self::append(self, drafts).await?) })
    }

    fn read(
        &self,
        room: RoomId,
        seq: u64,
        limit: usize,
        bytes_max: usize,
    ) -> Later<'_, Result<Vec<(u64, Bytes)>, vizroom_protocol::Error>> {
        Box::pin(async move {
            let events = Self::read(self, room, seq, limit, bytes_max).await?;
            Ok(events.into_iter().map(|(seq, text)| (seq, Bytes::from(text))).collect())
        })
    }

    fn head(&self, room: RoomId) -> Later<'_, Result<(String, u64), vizroom_protocol::Error>> {
        Box::pin(Self::head(self, room))
    }
}
