//! Every operation, once: name, input, output, who may call it, what it costs. The whole API on a page.
//!
//! Each serves the socket (`{"type": name, "data": input}`), HTTP (`POST /api/v1/call/{name}`, and the
//! documented routes that present it in their own shape) and SSE alike.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::account::Empty;
use crate::id::{DashboardId, FileId, RoomId};
use crate::room::Role;
use crate::{account, chat, connection, dashboard, file, presence, room};

/// A request type with its reply.
pub trait Operation: 'static {
    /// As callers name it: `room.join`.
    const NAME: &'static str;
    const ACCESS: Access;
    /// What an API key must be allowed, to call it in its user's name.
    const KEY: Key;
    /// Units of the caller's rate budget.
    const COST: u32;
    type Input: DeserializeOwned + Serialize + JsonSchema + Send + 'static;
    type Output: Serialize + DeserializeOwned + JsonSchema + Send + 'static;

    /// What the call is about: the bus checks the caller's rights on it.
    fn scope(input: &Self::Input) -> Scope;
}

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Also somebody without a credential.
    Anyone,
    /// Whoever is signed in; the operation looks only at what is the caller's own.
    SignedIn,
    /// Whoever has at least this role in the room that the scope leads to.
    Member(Role),
    /// Only over a WebSocket, because it is about that connection; within a room, as a member.
    Connected,
}

/// What an API key may be allowed to do. A person signed in may do all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "KeyScope")]
pub enum Key {
    /// See what its user sees, events included.
    Read,
    /// Speak, and bring, change and delete data.
    Write,
    /// Make and delete rooms, and say who is in them.
    Rooms,
    /// Make, change, publish and delete dashboards.
    Dashboards,
    /// Have something generated.
    Ai,
    /// Accounts, keys, settings, invitations.
    Admin,
}

/// What a call is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The caller, or the caller's tenant.
    Own,
    Room(RoomId),
    /// Its room, or its owner if it is in none.
    Dashboard(DashboardId),
    /// Its tenant.
    File(FileId),
}

impl From<RoomId> for Scope {
    fn from(id: RoomId) -> Self {
        Scope::Room(id)
    }
}

impl From<Option<RoomId>> for Scope {
    fn from(id: Option<RoomId>) -> Self {
        id.map_or(Scope::Own, Scope::Room)
    }
}

/// An operation's row in [`ALL`].
pub struct Info {
    pub name: &'static str,
    /// First line of its documentation.
    pub about: &'static str,
    pub access: Access,
    pub key: Key,
    pub cost: u32,
    pub input: fn(&mut SchemaGenerator) -> Schema,
    pub output: fn(&mut SchemaGenerator) -> Schema,
}

macro_rules! operations {
    ($(#[doc = $about:literal] $marker:ident $name:literal ($input:ty) -> $output:ty, $access:expr, $key:expr, $cost:literal, $scope:expr;)*) => {
        $(
            #[doc = $about]
            pub enum $marker {}

            impl Operation for $marker {
                const NAME: &'static str = $name;
                const ACCESS: Access = $access;
                const KEY: Key = $key;
                const COST: u32 = $cost;
                type Input = $input;
                type Output = $output;

                fn scope(input: &$input) -> Scope {
                    let scope: fn(&$input) -> Scope = $scope;
                    scope(input)
                }
            }
        )*

        /// The table.
        pub const ALL: &[Info] = &[$(Info {
            name: $name,
            about: $about,
            access: $access,
            key: $key,
            cost: $cost,
            input: |g| g.subschema_for::<$input>(),
            output: |g| g.subschema_for::<$output>(),
        }),*];
    };
}

use Access::{Anyone, Connected, Member, SignedIn};
use Role::{Editor, Owner, Viewer};

operations! {
    #[doc = "Authenticates a connection that brought no credential in its headers."]
    Auth "auth" (connection::Auth) -> connection::Authenticated, Anyone, Key::Read, 1, |_| Scope::Own;
    #[doc = "Renews the token of a live connection."]
    AuthRefresh "auth.refresh" (connection::Auth) -> connection::Authenticated, Connected, Key::Read, 1, |_| Scope::Own;
    #[doc = "Answers with the server's clock."]
    Ping "ping" (Empty) -> connection::Pong, SignedIn, Key::Read, 1, |_| Scope::Own;
    #[doc = "The connection's own lag, dropped and merged counts."]
    ConnectionStats "connection.stats" (Empty) -> connection::Stats, Connected, Key::Read, 1, |_| Scope::Own;

    #[doc = "Makes a user, and a tenant of their own unless an invitation says which."]
    AccountRegister "account.register" (account::Register) -> account::Tokens, Anyone, Key::Admin, 10, |_| Scope::Own;
    #[doc = "Gives an access and a refresh token for an e-mail and its password."]
    AccountLogin "account.login" (account::Login) -> account::Tokens, Anyone, Key::Admin, 5, |_| Scope::Own;
    #[doc = "Exchanges a refresh token for new tokens; the old one is used up."]
    AccountRefresh "account.refresh" (account::Refresh) -> account::Tokens, Anyone, Key::Admin, 2, |_| Scope::Own;
    #[doc = "Revokes a refresh token, all that came of it, and the live sockets it opened."]
    AccountLogout "account.logout" (account::Refresh) -> Empty, Anyone, Key::Admin, 1, |_| Scope::Own;
    #[doc = "Who the caller is."]
    AccountMe "account.me" (Empty) -> account::User, SignedIn, Key::Read, 1, |_| Scope::Own;
    #[doc = "Invites somebody to the caller's tenant, and to a room if one is named."]
    AccountInvite "account.invite" (account::Invite) -> account::Invited, SignedIn, Key::Admin, 2, |_| Scope::Own;

    #[doc = "Makes a room; the caller owns it."]
    RoomCreate "room.create" (room::Create) -> room::Room, SignedIn, Key::Rooms, 2, |_| Scope::Own;
    #[doc = "The rooms the caller is a member of."]
    RoomList "room.list" (Empty) -> room::Listed, SignedIn, Key::Read, 1, |_| Scope::Own;
    #[doc = "Gives a room another name."]
    RoomUpdate "room.update" (room::Update) -> room::Room, Member(Owner), Key::Rooms, 2, |i| i.room_id.into();
    #[doc = "Deletes a room with everything in it."]
    RoomDelete "room.delete" (room::ById) -> Empty, Member(Owner), Key::Rooms, 5, |i| i.room_id.into();
    #[doc = "Puts the connection's cursor on a room's log: what was missed, then everything live."]
    RoomJoin "room.join" (room::Join) -> room::Joined, Connected, Key::Read, 2, |i| i.room_id.into();
    #[doc = "Stops the flow of a room's events to this connection."]
    RoomLeave "room.leave" (room::ById) -> Empty, Connected, Key::Read, 1, |i| i.room_id.into();
    #[doc = "Adds a member to a room, or invites a stranger to it."]
    RoomAddMember "room.add_member" (room::AddMember) -> room::Added, Member(Owner), Key::Rooms, 2, |i| i.room_id.into();
    #[doc = "Removes a member from a room; their connections leave it at once."]
    RoomRemoveMember "room.remove_member" (room::RemoveMember) -> Empty, Member(Owner), Key::Rooms, 2, |i| i.room_id.into();
    #[doc = "Gives a member another role: the last owner keeps theirs, and who is made an owner may take over."]
    RoomSetRole "room.set_role" (room::SetRole) -> room::Member, Member(Owner), Key::Rooms, 2, |i| i.room_id.into();
    #[doc = "Ends the caller's own membership of a room; the last owner stays."]
    RoomResign "room.resign" (room::ById) -> Empty, Member(Viewer), Key::Rooms, 2, |i| i.room_id.into();
    #[doc = "A room, its members and the head of its log."]
    RoomStatus "room.status" (room::ById) -> room::Status, Member(Viewer), Key::Read, 1, |i| i.room_id.into();
    #[doc = "Who reads a room on this node, and how far behind each is."]
    RoomReaders "room.readers" (room::ById) -> room::Readers, Member(Owner), Key::Rooms, 5, |i| i.room_id.into();
    #[doc = "A page of a room's stored events."]
    RoomHistory "room.history" (room::History) -> room::Page, Member(Viewer), Key::Read, 2, |i| i.room_id.into();

    #[doc = "Tells a room what the caller is doing right now."]
    PresenceUpdate "presence.update" (presence::Update) -> Empty, Member(Viewer), Key::Write, 1, |i| i.room_id.into();

    #[doc = "Says something in a room."]
    ChatSend "chat.send" (chat::Send) -> chat::Sent, Member(Viewer), Key::Write, 1, |i| i.room_id.into();
    #[doc = "Changes what the caller has said."]
    ChatEdit "chat.edit" (chat::Edit) -> chat::Sent, Member(Viewer), Key::Write, 2, |i| i.room_id.into();
    #[doc = "Takes back what the caller has said; an owner may take back anything."]
    ChatDelete "chat.delete" (chat::Delete) -> chat::Sent, Member(Viewer), Key::Write, 2, |i| i.room_id.into();

    #[doc = "Files of the caller's tenant, or those linked to a room."]
    FileList "file.list" (file::List) -> file::Listed, SignedIn, Key::Read, 1, |_| Scope::Own;
    #[doc = "A file with the profile of its data: of the caller's tenant, or linked to a room of theirs."]
    FileGet "file.get" (file::ById) -> file::File, SignedIn, Key::Read, 1, |_| Scope::Own;
    #[doc = "How far an upload of the caller is that arrives in pieces, and what became of it."]
    FileUpload "file.upload" (file::UploadById) -> file::Upload, SignedIn, Key::Read, 1, |_| Scope::Own;
    #[doc = "What the caller's tenant has stored, and how much it may."]
    FileUsage "file.usage" (Empty) -> file::Usage, SignedIn, Key::Read, 1, |_| Scope::Own;
    #[doc = "Deletes a file and the datasets made of it."]
    FileDelete "file.delete" (file::ById) -> Empty, SignedIn, Key::Write, 2, |i| Scope::File(i.file_id);
    #[doc = "Makes files queryable for everyone in a room."]
    FileLink "file.link" (file::Link) -> file::Listed, Member(Editor), Key::Write, 2, |i| i.room_id.into();
    #[doc = "Takes files out of a room: nobody there may query them any more."]
    FileUnlink "file.unlink" (file::Link) -> Empty, Member(Editor), Key::Write, 2, |i| i.room_id.into();

    #[doc = "Plans, queries and draws a dashboard from a sentence; answers at once, the rest are events."]
    DashboardGenerate "dashboard.generate" (dashboard::Generate) -> dashboard::Generating, Member(Editor), Key::Ai, 20, |i| i.room_id.into();
    #[doc = "Changes a dashboard by a sentence."]
    DashboardRefine "dashboard.refine" (dashboard::Refine) -> dashboard::Refined, Member(Editor), Key::Ai, 10, |i| Scope::Dashboard(i.session_id);
    #[doc = "Re-runs every card of a dashboard with a filter pushed into its source tables."]
    DashboardFilter "dashboard.filter" (dashboard::Filter) -> dashboard::Dashboard, Member(Viewer), Key::Dashboards, 5, |i| Scope::Dashboard(i.session_id);
    #[doc = "Ends a generation; the cards it finished stay."]
    DashboardCancel "dashboard.cancel" (dashboard::Cancel) -> Empty, Member(Editor), Key::Ai, 1, |i| Scope::Dashboard(i.session_id);
    #[doc = "Dashboards the caller may see, newest first."]
    DashboardList "dashboard.list" (dashboard::List) -> dashboard::Listed, Member(Viewer), Key::Read, 1, |i| i.room_id.into();
    #[doc = "A dashboard with its cards and their rows."]
    DashboardGet "dashboard.get" (dashboard::ById) -> dashboard::Dashboard, Member(Viewer), Key::Read, 2, |i| Scope::Dashboard(i.dashboard_id);
    #[doc = "Deletes a dashboard."]
    DashboardDelete "dashboard.delete" (dashboard::ById) -> Empty, Member(Editor), Key::Dashboards, 2, |i| Scope::Dashboard(i.dashboard_id);
}
