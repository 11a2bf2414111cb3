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
use crate::{
    account, audit, callback, chat, connection, dashboard, data_connection, file, key, notification, presence, publish,
    room, settings,
};

/// A request type with its reply.
pub trait Operation: 'static {
    /// As callers name it: `room.join`.
    const NAME: &'static str;
    const ACCESS: Access;
    /// What an API key must be allowed, to call it in its user's name.
    const KEY: Key;
    /// What it weighs: 0 is not counted as a request, up to 2 is begun at once where it arrives, more is done aside.
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
    /// Whoever came by a public link, and nobody else; it is all that they may call.
    Viewing,
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

use Access::{Anyone, Connected, Member, SignedIn, Viewing};
use Role::{Editor, Owner, Viewer};

operations! {
    #[doc = "Authenticates a connection that brought no credential in its headers."]
    Auth "auth" (connection::Auth) -> connection::Authenticated, Anyone, Key::Read, 0, |_| Scope::Own;
    #[doc = "Renews the token of a live connection."]
    AuthRefresh "auth.refresh" (connection::Auth) -> connection::Authenticated, Connected, Key::Read, 0, |_| Scope::Own;
    #[doc = "Answers with the server's clock."]
    Ping "ping" (Empty) -> connection::Pong, SignedIn, Key::Read, 0, |_| Scope::Own;
    #[doc = "The connection's own lag, dropped and merged counts."]
    ConnectionStats "connection.stats" (Empty) -> connection::Stats, Connected, Key::Read, 0, |_| Scope::Own;

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

    #[doc = "Pending invitations: to a room, or all that the caller may revoke."]
    AccountInvitations "account.invitations" (account::ListInvitations) -> account::Invitations, SignedIn, Key::Admin, 2, |_| Scope::Own;
    #[doc = "Takes an invitation back."]
    AccountRevokeInvitation "account.revoke_invitation" (account::RevokeInvitation) -> Empty, SignedIn, Key::Admin, 2, |_| Scope::Own;
    #[doc = "Mails a link to set a new password, if somebody has this e-mail; answers the same if not."]
    AccountForgotPassword "account.forgot_password" (account::ForgotPassword) -> Empty, Anyone, Key::Admin, 3, |_| Scope::Own;
    #[doc = "Sets a new password with the token of such a mail, and ends all sign-ins of the user."]
    AccountResetPassword "account.reset_password" (account::ResetPassword) -> Empty, Anyone, Key::Admin, 10, |_| Scope::Own;
    #[doc = "Sets a new password for who knows the old one; their other sign-ins end. Not by an API key."]
    AccountChangePassword "account.change_password" (account::ChangePassword) -> Empty, SignedIn, Key::Admin, 10, |_| Scope::Own;
    #[doc = "Begins to sign in by a provider: where the browser is to go."]
    AccountOauthBegin "account.oauth_begin" (account::OauthBegin) -> account::OauthBegun, Anyone, Key::Admin, 5, |_| Scope::Own;
    #[doc = "Takes what the provider sent the browser back with; gives a code for `account.oauth_exchange`."]
    AccountOauthFinish "account.oauth_finish" (account::OauthFinish) -> account::OauthFinished, Anyone, Key::Admin, 10, |_| Scope::Own;
    #[doc = "Gives tokens for a code of `account.oauth_finish`, once."]
    AccountOauthExchange "account.oauth_exchange" (account::OauthExchange) -> account::Tokens, Anyone, Key::Admin, 5, |_| Scope::Own;

    #[doc = "The caller's settings."]
    SettingsGet "settings.get" (Empty) -> settings::Settings, SignedIn, Key::Admin, 1, |_| Scope::Own;
    #[doc = "Merges into the caller's settings, and answers them."]
    SettingsUpdate "settings.update" (settings::Update) -> settings::Settings, SignedIn, Key::Admin, 2, |_| Scope::Own;
    #[doc = "Whether the caller's tenant has a secret that its callbacks are signed with."]
    CallbackSettings "callback.settings" (Empty) -> callback::Settings, SignedIn, Key::Admin, 1, |_| Scope::Own;
    #[doc = "Sets the secret that the tenant's callbacks are signed with; for its owner."]
    CallbackSetSecret "callback.set_secret" (callback::SetSecret) -> callback::Settings, SignedIn, Key::Admin, 2, |_| Scope::Own;
    #[doc = "What was done in the caller's tenant; for its owner."]
    AuditList "audit.list" (audit::List) -> audit::Listed, SignedIn, Key::Admin, 3, |_| Scope::Own;
    #[doc = "Makes an API key; its secret is in this reply and nowhere else."]
    KeyCreate "key.create" (key::Create) -> key::Created, SignedIn, Key::Admin, 2, |_| Scope::Own;
    #[doc = "The caller's API keys, newest first."]
    KeyList "key.list" (Empty) -> key::Listed, SignedIn, Key::Admin, 1, |_| Scope::Own;
    #[doc = "Ends an API key of the caller, and the live sockets it opened."]
    KeyRevoke "key.revoke" (key::Revoke) -> Empty, SignedIn, Key::Admin, 2, |_| Scope::Own;

    #[doc = "What concerns the caller, whichever rooms they have open."]
    NotificationList "notification.list" (notification::List) -> notification::Listed, SignedIn, Key::Read, 1, |_| Scope::Own;
    #[doc = "Marks notifications as read."]
    NotificationRead "notification.read" (notification::Read) -> notification::Unread, SignedIn, Key::Write, 1, |_| Scope::Own;

    #[doc = "Makes a room; the caller owns it."]
    RoomCreate "room.create" (room::Create) -> room::Room, SignedIn, Key::Rooms, 2, |_| Scope::Own;
    #[doc = "The rooms the caller is a member of."]
    RoomList "room.list" (Empty) -> room::Listed, SignedIn, Key::Read, 1, |_| Scope::Own;
    #[doc = "Gives a room another name or description."]
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
    PresenceUpdate "presence.update" (presence::Update) -> Empty, Member(Viewer), Key::Write, 0, |i| i.room_id.into();

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

    #[doc = "Makes a database known under a name, to be said as `connection_name`; for the tenant's owner."]
    DataConnectionCreate "data_connection.create" (data_connection::Create) -> data_connection::DataConnection, SignedIn, Key::Admin, 5, |_| Scope::Own;
    #[doc = "The data connections of the caller's tenant."]
    DataConnectionList "data_connection.list" (Empty) -> data_connection::Listed, SignedIn, Key::Read, 1, |_| Scope::Own;
    #[doc = "A data connection of the caller's tenant, without its password."]
    DataConnectionGet "data_connection.get" (data_connection::ById) -> data_connection::DataConnection, SignedIn, Key::Read, 1, |_| Scope::Own;
    #[doc = "Changes a data connection; for the tenant's owner."]
    DataConnectionUpdate "data_connection.update" (data_connection::Update) -> data_connection::DataConnection, SignedIn, Key::Admin, 5, |_| Scope::Own;
    #[doc = "Forgets a data connection: dashboards made from it keep what they show; for the tenant's owner."]
    DataConnectionDelete "data_connection.delete" (data_connection::ById) -> Empty, SignedIn, Key::Admin, 2, |_| Scope::Own;
    #[doc = "Tries whether a database answers and may be read; for the tenant's owner."]
    DataConnectionTest "data_connection.test" (data_connection::ById) -> data_connection::Tested, SignedIn, Key::Admin, 10, |_| Scope::Own;
    #[doc = "A database's tables, columns, keys and row estimates."]
    DataConnectionSchema "data_connection.schema" (data_connection::ById) -> data_connection::DatabaseSchema, SignedIn, Key::Read, 10, |_| Scope::Own;

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
    #[doc = "Generation as one call that is repeated until it has come to its end: fresh, an answer, or a refinement."]
    DashboardProcess "dashboard.process" (dashboard::Process) -> dashboard::Processed, Member(Editor), Key::Ai, 20, |i| i.session_id.map_or_else(|| i.room_id.into(), Scope::Dashboard);
    #[doc = "Makes an empty dashboard, to be filled by hand."]
    DashboardCreate "dashboard.create" (dashboard::Create) -> dashboard::Dashboard, Member(Editor), Key::Dashboards, 2, |i| i.room_id.into();
    #[doc = "Changes a dashboard's title, description or theme."]
    DashboardUpdate "dashboard.update" (dashboard::Update) -> dashboard::Dashboard, Member(Editor), Key::Dashboards, 2, |i| Scope::Dashboard(i.dashboard_id);
    #[doc = "Says where a dashboard's panels stand."]
    DashboardLayout "dashboard.layout" (dashboard::Arrange) -> dashboard::Dashboard, Member(Editor), Key::Dashboards, 2, |i| Scope::Dashboard(i.dashboard_id);
    #[doc = "Adds a panel to a dashboard: a sentence, a query, SQL, or a text."]
    DashboardAddPanel "dashboard.add_panel" (dashboard::AddPanel) -> dashboard::Paneled, Member(Editor), Key::Dashboards, 5, |i| Scope::Dashboard(i.dashboard_id);
    #[doc = "Changes what a panel shows, or how."]
    DashboardUpdatePanel "dashboard.update_panel" (dashboard::UpdatePanel) -> dashboard::Paneled, Member(Editor), Key::Dashboards, 5, |i| Scope::Dashboard(i.dashboard_id);
    #[doc = "Removes a panel from a dashboard."]
    DashboardRemovePanel "dashboard.remove_panel" (dashboard::RemovePanel) -> dashboard::Dashboard, Member(Editor), Key::Dashboards, 2, |i| Scope::Dashboard(i.dashboard_id);
    #[doc = "Runs every card of a dashboard again, on the data as it is now."]
    DashboardStart "dashboard.start" (dashboard::Start) -> dashboard::Dashboard, Member(Editor), Key::Dashboards, 5, |i| Scope::Dashboard(i.dashboard_id);
    #[doc = "Copies a dashboard; the copy is the caller's."]
    DashboardClone "dashboard.clone" (dashboard::Copy) -> dashboard::Dashboard, Member(Viewer), Key::Dashboards, 5, |i| Scope::Dashboard(i.dashboard_id);
    #[doc = "Makes a dashboard of the charts that a room's conversation brought."]
    DashboardSave "dashboard.save" (dashboard::Save) -> dashboard::Dashboard, Member(Editor), Key::Dashboards, 5, |i| i.room_id.into();
    #[doc = "What was changed in a dashboard, and by whom."]
    DashboardChanges "dashboard.changes" (dashboard::Since) -> dashboard::Changes, Member(Viewer), Key::Read, 1, |i| Scope::Dashboard(i.dashboard_id);
    #[doc = "All rows of a card, as the filter in force leaves them: at most `export_rows_max`."]
    DashboardRows "dashboard.rows" (dashboard::RowsOf) -> file::Table, Member(Viewer), Key::Read, 5, |i| Scope::Dashboard(i.dashboard_id);
    #[doc = "Lets one more person see or change a dashboard."]
    DashboardShare "dashboard.share" (dashboard::Share) -> dashboard::Shared, Member(Editor), Key::Dashboards, 2, |i| Scope::Dashboard(i.dashboard_id);
    #[doc = "Takes back what `dashboard.share` gave."]
    DashboardUnshare "dashboard.unshare" (dashboard::Unshare) -> dashboard::Shared, Member(Editor), Key::Dashboards, 2, |i| Scope::Dashboard(i.dashboard_id);
    #[doc = "With whom a dashboard is shared."]
    DashboardShares "dashboard.shares" (dashboard::ById) -> dashboard::Shared, Member(Viewer), Key::Read, 1, |i| Scope::Dashboard(i.dashboard_id);
    #[doc = "Has this connection told of a dashboard, also of who is not in its room: as it is, and whenever it changes."]
    DashboardFollow "dashboard.follow" (dashboard::ById) -> Empty, Connected, Key::Read, 2, |i| Scope::Dashboard(i.dashboard_id);
    #[doc = "Has this connection told no more of a dashboard."]
    DashboardUnfollow "dashboard.unfollow" (dashboard::ById) -> Empty, Connected, Key::Read, 1, |i| Scope::Dashboard(i.dashboard_id);
    #[doc = "Deletes a dashboard."]
    DashboardDelete "dashboard.delete" (dashboard::ById) -> Empty, Member(Editor), Key::Dashboards, 2, |i| Scope::Dashboard(i.dashboard_id);

    #[doc = "Opens a dashboard to whoever knows its link, or changes the link's password and expiry."]
    DashboardPublish "dashboard.publish" (publish::Publish) -> publish::Link, Member(Editor), Key::Dashboards, 5, |i| Scope::Dashboard(i.dashboard_id);
    #[doc = "Ends all public access to a dashboard, for those who are looking as well."]
    DashboardUnpublish "dashboard.unpublish" (dashboard::ById) -> Empty, Member(Editor), Key::Dashboards, 2, |i| Scope::Dashboard(i.dashboard_id);
    #[doc = "The public links of a dashboard."]
    DashboardLinks "dashboard.links" (dashboard::ById) -> publish::Links, Member(Editor), Key::Dashboards, 1, |i| Scope::Dashboard(i.dashboard_id);
    #[doc = "Makes another public link, which may show only some of the rows."]
    DashboardAddLink "dashboard.add_link" (publish::AddLink) -> publish::Link, Member(Editor), Key::Dashboards, 5, |i| Scope::Dashboard(i.dashboard_id);
    #[doc = "Changes a link's name, password, expiry, or whether its viewers may filter."]
    DashboardChangeLink "dashboard.change_link" (publish::ChangeLink) -> publish::Link, Member(Editor), Key::Dashboards, 5, |i| Scope::Dashboard(i.dashboard_id);
    #[doc = "Ends a link, for those who are looking as well."]
    DashboardRemoveLink "dashboard.remove_link" (publish::RemoveLink) -> Empty, Member(Editor), Key::Dashboards, 2, |i| Scope::Dashboard(i.dashboard_id);

    #[doc = "Queries every card of a dashboard again; joins a refresh that is under way."]
    DashboardRefresh "dashboard.refresh" (dashboard::ById) -> publish::Refresh, Member(Editor), Key::Dashboards, 10, |i| Scope::Dashboard(i.dashboard_id);
    #[doc = "How often a dashboard refreshes itself, and how the last time went."]
    DashboardRefreshSettings "dashboard.refresh_settings" (dashboard::ById) -> publish::Refresh, Member(Viewer), Key::Read, 1, |i| Scope::Dashboard(i.dashboard_id);
    #[doc = "Has a dashboard refresh itself, or not."]
    DashboardSetRefresh "dashboard.set_refresh" (publish::SetRefresh) -> publish::Refresh, Member(Editor), Key::Dashboards, 1, |i| Scope::Dashboard(i.dashboard_id);

    #[doc = "Follows a public link: the dashboard, and a token that may follow it live."]
    ViewOpen "view.open" (publish::Open) -> publish::Opened, Anyone, Key::Read, 2, |_| Scope::Own;
    #[doc = "Has this connection told of the dashboard: as it is, and whenever it changes."]
    ViewFollow "view.follow" (Empty) -> Empty, Viewing, Key::Read, 2, |_| Scope::Own;
    #[doc = "The dashboard under a filter of the viewer's own."]
    ViewFilter "view.filter" (publish::ViewFilter) -> publish::Shown, Viewing, Key::Read, 5, |_| Scope::Own;
}

/// Operations that change rights or delete: each call of somebody signed in leaves a line in the audit log, whatever
/// comes of it. (Signing in and out does so by itself, as nobody is signed in yet.)
pub const AUDITED: &[&str] = &[
    AccountInvite::NAME,
    AccountRevokeInvitation::NAME,
    AccountChangePassword::NAME,
    CallbackSetSecret::NAME,
    RoomCreate::NAME,
    RoomDelete::NAME,
    RoomAddMember::NAME,
    RoomRemoveMember::NAME,
    RoomSetRole::NAME,
    RoomResign::NAME,
    FileDelete::NAME,
    FileLink::NAME,
    FileUnlink::NAME,
    KeyCreate::NAME,
    KeyRevoke::NAME,
    DataConnectionCreate::NAME,
    DataConnectionUpdate::NAME,
    DataConnectionDelete::NAME,
    DashboardShare::NAME,
    DashboardUnshare::NAME,
    DashboardDelete::NAME,
    DashboardPublish::NAME,
    DashboardUnpublish::NAME,
    DashboardAddLink::NAME,
    DashboardChangeLink::NAME,
    DashboardRemoveLink::NAME,
];
