//! The journal of the rooms' logs. Appending is the hottest write there is: everything that waits, of however many
//! rooms, becomes one transaction of a few multi-row statements.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use futures_util::TryStreamExt;
use sqlx::AssertSqlSafe;
use tokio::sync::Mutex;
use vizroom_protocol::id::{EventId, RoomId};

use super::{Error, Pool, Store, decoded, signed, together, unsigned};
use vizroom_room::journal::Later;
use vizroom_room::{Draft, Journal, Stored};

/// The newest `seq` of each room in use. Whoever holds the lock is the one appender.
pub(super) type Heads = Mutex<HashMap<RoomId, u64>>;

/// Rooms whose head is remembered; beyond, all are forgotten and read again when needed.
const HEADS_MAX: usize = 100_000;

/// Rows a statement writes or looks for. Only these sizes occur, so that each is prepared once.
const SIZES: [usize; 5] = [256, 64, 16, 4, 1];

/// One text for each of the sizes.
type Texts = [Arc<str>; SIZES.len()];

/// The statements of one kind of database.
struct Statements {
    inserts: Texts,
    lookups: Texts,
}

/// SQLite's parameters have no names here: it finds a name by walking over those before it.
static SQLITE: LazyLock<Statements> = LazyLock::new(|| Statements::new(|_| "?".to_owned()));
static POSTGRES: LazyLock<Statements> = LazyLock::new(|| Statements::new(|n| format!("${n}")));

impl Statements {
    /// `mark` writes the n-th parameter, from 1.
    fn new(mark: impl Fn(usize) -> String) -> Self {
        let marks = |from: usize, count: usize| (from..from + count).map(&mark).collect::<Vec<_>>().join(", ");
        let inserts = SIZES.map(|rows| {
            let values: Vec<_> = (0..rows).map(|row| format!("({})", marks(row * 8 + 1, 8))).collect();
            let columns = "room_id, seq, event_id, kind, actor_id, ts, dedup, frame";
            format!("INSERT INTO events ({columns}) VALUES {}", values.join(", ")).into()
        });
        let lookups = SIZES.map(|rows| {
            let values: Vec<_> = (0..rows).map(|row| format!("({row}, {})", marks(row * 2 + 1, 2))).collect();
            format!(
                "WITH wanted (place, room_id, dedup) AS (VALUES {})
                 SELECT CAST(w.place AS BIGINT), e.seq, e.event_id
                 FROM wanted w JOIN events e ON e.room_id = w.room_id AND e.dedup = w.dedup",
                values.join(", ")
            )
            .into()
        });
        Self { inserts, lookups }
    }
}

const HEAD: &str = "SELECT r.epoch, COALESCE((SELECT MAX(e.seq) FROM events e WHERE e.room_id = r.id), 0)
    FROM rooms r WHERE r.id = $1";

/// The same for several rooms.
static HEADS: LazyLock<together::Texts> = LazyLock::new(|| {
    together::texts(1, |values| {
        format!(
            "WITH wanted (room_id) AS (VALUES {values})
             SELECT r.id, r.epoch, COALESCE((SELECT MAX(e.seq) FROM events e WHERE e.room_id = r.id), 0)
             FROM wanted w JOIN rooms r ON r.id = w.room_id"
        )
    })
});

/// Cuts `items` into pieces of the known sizes, each with its statement.
fn sized<'a, T>(mut items: &'a [T], texts: &'a Texts) -> impl Iterator<Item = (&'a [T], Arc<str>)> {
    std::iter::from_fn(move || {
        let which = SIZES.iter().position(|size| *size <= items.len())?;
        let (piece, rest) = items.split_at(SIZES[which]);
        items = rest;
        Some((piece, Arc::clone(&texts[which])))
    })
}

/// A draft that got its number.
struct Numbered<'a> {
    draft: &'a Draft,
    seq: u64,
    frame: Arc<str>,
}

/// A frame's text that the database and the log share.
struct Shared(Arc<str>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Keys of events that exist: room and key → what they are.
type Known<'a> = HashMap<(RoomId, &'a str), (u64, EventId)>;

/// Gives each draft the next number of its room; `heads` holds only rooms that exist.
fn number<'a>(
    drafts: &'a [Draft],
    heads: &mut HashMap<RoomId, u64>,
    mut known: Known<'a>,
) -> (Vec<Result<Stored, vizroom_protocol::Error>>, Vec<Numbered<'a>>) {
    let mut numbered = Vec::with_capacity(drafts.len());
    let stored = drafts.iter().map(|draft| {
        let Some(head) = heads.get_mut(&draft.room) else { return Err(vizroom_protocol::Error::not_found("room")) };
        let key = draft.dedup.as_deref().map(|key| (draft.room, key));
        if let Some(&(seq, event_id)) = key.and_then(|key| known.get(&key)) {
            return Ok(Stored::Duplicate { seq, event: event_id });
        }
        *head += 1;
        let seq = *head;
        if let Some(key) = key {
            known.insert(key, (seq, draft.event));
        }
        let frame: Arc<str> = format!("{}{seq}{}", draft.before, draft.after).into();
        numbered.push(Numbered { draft, seq, frame: Arc::clone(&frame) });
        Ok(Stored::New { seq, text: Bytes::from_owner(Shared(frame)) })
    });
    (stored.collect(), numbered)
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
            for (piece, statement) in sized(&keyed, &statements.lookups) {
                let mut query = sqlx::query_as(AssertSqlSafe(statement));
                for (room_id, key) in piece {
                    query = query.bind(room_id.to_string()).bind(*key);
                }
                let found: Vec<(i64, i64, String)> = query.fetch_all(&mut *tx).await?;
                for (place, seq, event_id) in found {
                    let key = usize::try_from(place).ok().and_then(|place| piece.get(place));
                    let key = *key.ok_or(Error::Missing("key"))?;
                    known.insert(key, (unsigned(seq), decoded("events.event_id", &event_id)?));
                }
            }
            let (stored, numbered) = number(drafts, &mut heads, known);
            for (piece, statement) in sized(&numbered, &statements.inserts) {
                let mut query = sqlx::query(AssertSqlSafe(statement));
                for Numbered { draft, seq, frame } in piece {
                    query = query
                        .bind(draft.room.to_string())
                        .bind(signed(*seq))
                        .bind(draft.event.to_string())
                        .bind(draft.kind)
                        .bind(&draft.actor)
                        .bind(draft.ts_ms)
                        .bind(&draft.dedup)
                        .bind(Arc::clone(frame));
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

    /// A stored event of one type: who told it, and its frame.
    ///
    /// # Errors
    /// Only ours.
    pub async fn event(&self, room_id: RoomId, seq: u64, kind: &str) -> Result<Option<(String, String)>, Error> {
        let select = "SELECT actor_id, frame FROM events WHERE room_id = $1 AND seq = $2 AND kind = $3";
        Ok(reading!(self, |db| row!(db, select, room_id.to_string(), signed(seq), kind)))
    }

    /// Puts another frame in the place of a stored event's: whoever reads it from now on reads that.
    ///
    /// # Errors
    /// Only ours.
    pub async fn rewrite_event(&self, room_id: RoomId, seq: u64, frame: &str) -> Result<(), Error> {
        let update = "UPDATE events SET frame = $3 WHERE room_id = $1 AND seq = $2";
        writing!(self, |tx| run!(&mut *tx, update, room_id.to_string(), signed(seq), frame));
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
        let select = "SELECT seq, frame FROM events WHERE room_id = $1 AND seq > $2 ORDER BY seq LIMIT $3";
        let (mut frames, mut bytes) = (Vec::new(), 0);
        reading!(self, |db| {
            let query = sqlx::query_as(select).bind(room_id.to_string()).bind(signed(after)).bind(signed(limit as u64));
            let mut rows = query.fetch(db);
            while bytes < bytes_max {
                let Some((seq, frame)): Option<(i64, String)> = rows.try_next().await? else { break };
                bytes += frame.len();
                frames.push((unsigned(seq), frame));
            }
        });
        Ok(frames)
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
        let of_all = "SELECT seq, frame FROM events WHERE room_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3";
        let of_kind = "SELECT seq, frame FROM events WHERE room_id = $1 AND seq < $2 AND kind = $4
            ORDER BY seq DESC LIMIT $3";
        let (mut frames, mut bytes, mut more) = (Vec::new(), 0, false);
        reading!(self, |db| {
            let query = sqlx::query_as(if kind.is_some() { of_kind } else { of_all })
                .bind(room_id.to_string())
                .bind(before.map_or(i64::MAX, signed))
                .bind(signed(limit as u64).saturating_add(1));
            let query = if let Some(kind) = kind { query.bind(kind) } else { query };
            let mut rows = query.fetch(db);
            while let Some((seq, frame)) = rows.try_next().await? {
                let frame: (i64, String) = (seq, frame);
                if frames.len() == limit || bytes >= bytes_max {
                    more = true;
                    break;
                }
                bytes += frame.1.len();
                frames.push((unsigned(frame.0), frame.1));
            }
        });
        frames.reverse();
        Ok((frames, more))
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
