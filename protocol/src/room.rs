//! Rooms, their members, and joining their logs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::dashboard;
use crate::file;
use crate::id::{DashboardId, RoomId, RunId, UserId};
use crate::presence::{Everybody, Presence};

/// A room as one of its members sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Room {
    pub id: RoomId,
    pub name: String,
    /// What it is for, in its owners' words; absent if they said nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The caller's own role.
    pub role: Role,
    pub members: u64,
    /// RFC 3339.
    pub created_at: String,
}

/// What a member may do; each may do what those below it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Also: members, deletion.
    Owner,
    /// Also: dashboards, files.
    Editor,
    /// An AI agent: what an editor may.
    Agent,
    /// Reads, chats, is present.
    Viewer,
}

impl Role {
    /// Whether this role may do what `needed` may.
    pub fn covers(self, needed: Role) -> bool {
        let rank = |r| match r {
            Role::Viewer => 0,
            Role::Agent | Role::Editor => 1,
            Role::Owner => 2,
        };
        rank(self) >= rank(needed)
    }
}

/// A member of a room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Member {
    pub user_id: UserId,
    pub name: String,
    pub email: String,
    pub role: Role,
}

/// `room.create`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// 1–200 characters.
    #[schemars(length(min = 1, max = 200), regex(pattern = r"^[^\x00-\x1f\x7f-\x9f]*\S[^\x00-\x1f\x7f-\x9f]*$"))]
    pub name: String,
    /// At most 2,000 characters.
    #[serde(default)]
    #[schemars(length(max = 2000))]
    pub description: Option<String>,
}

/// `room.list`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RoomListed")]
pub struct Listed {
    /// Newest first.
    pub rooms: Vec<Room>,
}

/// `room.update`: name, description. What is absent stays.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RoomUpdate")]
pub struct Update {
    pub room_id: RoomId,
    /// 1–200 characters.
    #[serde(default)]
    #[schemars(length(min = 1, max = 200), regex(pattern = r"^[^\x00-\x1f\x7f-\x9f]*\S[^\x00-\x1f\x7f-\x9f]*$"))]
    pub name: Option<String>,
    /// At most 2,000 characters; empty: none.
    #[serde(default)]
    #[schemars(length(max = 2000))]
    pub description: Option<String>,
}

/// `room.delete`, `room.leave`, `room.resign`, `room.status`, `room.readers`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RoomById")]
pub struct ById {
    pub room_id: RoomId,
}

/// A place in a room's log: everything up to and including `seq` is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Position {
    pub epoch: String,
    pub seq: u64,
}

/// `room.join`: puts the connection's cursor on the room's log.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Join {
    pub room_id: RoomId,
    /// Where the caller left off. Absent: the reply carries a snapshot.
    #[serde(default)]
    pub since: Option<Since>,
}

/// Where to begin reading.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Since {
    /// Exactly the events after this.
    Position(Position),
    /// Only what comes from now on, without a snapshot.
    Head(Head),
}

/// The word `head`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Head {
    Head,
}

/// How a reader continues after joining.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The events after `since` follow, then live ones.
    Replay,
    /// The log does not reach back that far (or nothing was asked): `snapshot` is the state at `head`; live ones follow.
    Snapshot,
    /// Nothing was missed.
    Live,
}

/// Reply to `room.join`. The subscription is in place.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RoomJoined")]
pub struct Joined {
    pub room_id: RoomId,
    pub mode: Mode,
    pub epoch: String,
    /// Newest `seq` at the moment of joining.
    pub head: u64,
    /// Who is here; empty in rooms with more members present than the server lists.
    #[schemars(with = "Vec<Presence>")]
    pub presence: Everybody,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<Snapshot>,
}

/// A room's state at `head`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Snapshot {
    pub room: Room,
    pub members: Vec<Member>,
    pub files: Vec<file::File>,
    pub dashboards: Vec<dashboard::Summary>,
    /// Generations under way.
    pub runs: Vec<Run>,
    /// The newest chat messages, oldest first, as event frames.
    #[schemars(with = "Vec<serde_json::Value>")]
    pub messages: Vec<Box<RawValue>>,
}

/// A generation under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    pub run_id: RunId,
    pub dashboard_id: DashboardId,
    pub user_prompt: String,
    pub progress: u8,
    pub message: String,
}

/// `room.history`: stored events, oldest first.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct History {
    pub room_id: RoomId,
    /// Only events with a smaller `seq`; absent: the newest.
    #[serde(default)]
    pub before: Option<u64>,
    /// 1–500; 50 if absent.
    #[serde(default)]
    #[schemars(range(min = 1, max = 500))]
    pub limit: Option<u32>,
    /// Only events of this type, such as `chat.message`.
    #[serde(default)]
    pub kind: Option<String>,
}

/// Reply to `room.history`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Page {
    /// Event frames as they were sent.
    #[schemars(with = "Vec<serde_json::Value>")]
    pub events: Vec<Box<RawValue>>,
    /// Whether there are older ones.
    pub more: bool,
}

/// `room.add_member`: by id or e-mail; somebody of another tenant becomes a guest of this room only by invitation.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddMember {
    pub room_id: RoomId,
    #[serde(default)]
    pub user_id: Option<UserId>,
    #[serde(default)]
    #[schemars(email)]
    pub email: Option<String>,
    pub role: Role,
}

/// Reply to `room.add_member`: the member, or the invitation for a stranger's e-mail.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Added {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<Member>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation: Option<crate::account::Invited>,
}

/// `room.remove_member`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveMember {
    pub room_id: RoomId,
    pub user_id: UserId,
}

/// `room.set_role`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetRole {
    pub room_id: RoomId,
    pub user_id: UserId,
    pub role: Role,
}

/// Reply to `room.status`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RoomStatus")]
pub struct Status {
    pub room: Room,
    pub members: Vec<Member>,
    pub epoch: String,
    pub head: u64,
    /// Connections that have the room joined, on this node.
    pub connected: u64,
}

/// Reply to `room.readers`: who reads the room on this node, and how far behind each is.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RoomReaders")]
pub struct Readers {
    pub room_id: RoomId,
    pub epoch: String,
    /// Newest `seq`.
    pub head: u64,
    /// Bytes of the room's newest events that are kept in memory; who lags further reads the store.
    pub ring_bytes: u64,
    /// Members of the room, here or not.
    pub members: u64,
    /// Connections that have the room joined.
    pub connected: u64,
    /// Readers over Server-Sent Events. They pull, so that they are counted only.
    pub followers: u64,
    /// Connections, those furthest behind first, at most 1,000.
    pub readers: Vec<Reader>,
}

/// A connection that has joined a room.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reader {
    pub connection_id: u64,
    pub user_id: UserId,
    pub name: String,
    /// When it joined; RFC 3339.
    pub since: String,
    /// When anything came in from it last (a pong is enough), to about a second; RFC 3339.
    pub idle_since: String,
    pub state: ReaderState,
    /// Events told and not written to it yet, of all classes.
    pub lag_events: u64,
    /// Bytes of these, as far as the log's memory knows.
    pub lag_bytes: u64,
    /// Durable events sent again out of the store.
    pub replayed: u64,
    /// Events of class `latest` that newer ones of the same key replaced.
    pub merged: u64,
    /// Ephemeral events that will not come.
    pub dropped: u64,
    /// Bytes written to this connection, of all its rooms.
    pub bytes_sent: u64,
    /// Its calls under way.
    pub calls: u64,
}

/// How a reader keeps up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ReaderState {
    /// It gets what is told as it is told.
    Live,
    /// Its socket takes nothing more for now; its place in the log is kept.
    Blocked,
    /// It reads the store, because memory no longer reaches back to its place.
    Behind,
    /// It is joining.
    Opening,
}

/// Event `room.member_added`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct MemberAdded {
    pub member: Member,
}

/// Event `room.member_updated`: somebody has another role.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct MemberUpdated {
    pub member: Member,
}

/// Event `room.updated`: its name and its description, as they are now.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RoomUpdated")]
pub struct Updated {
    pub room_id: RoomId,
    pub name: String,
    /// As [`Room::description`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
}

/// Event `room.member_removed`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct MemberRemoved {
    pub user_id: UserId,
}

/// Event `room.deleted`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "RoomDeleted")]
pub struct Deleted {
    pub room_id: RoomId,
}

/// Event `room.lag`, to one connection: it fell out of the log's memory and was caught up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Lag {
    pub room_id: RoomId,
    /// Durable events read back from the store.
    pub replayed: u64,
    /// Events of class `latest` that newer ones of the same key replaced.
    pub merged: u64,
    /// Ephemeral events that will not come.
    pub dropped: u64,
}
