// Generated from protocol/generated/schema.json by `npm run generate`. Do not edit.

/**
 * A room.
 */
export type RoomId = string;
/**
 * An invitation to a tenant or a room.
 */
export type InvitationId = string;
/**
 * A registered person.
 */
export type UserId = string;
/**
 * What a member may do; each may do what those below it may.
 */
export type Role = "owner" | "editor" | "agent" | "viewer";
/**
 * A tenant: the boundary that nothing crosses.
 */
export type TenantId = string;
/**
 * A line of the audit log.
 */
export type AuditId = string;
/**
 * One event of a room.
 */
export type EventId = string;
/**
 * A dashboard. Documented APIs call the same id `session_id` while it is being generated and refined.
 */
export type DashboardId = string;
/**
 * A public link to a dashboard.
 */
export type LinkId = string;
/**
 * A result column: its name, or all that is known of it.
 */
export type ColumnUse = string | Channel;
/**
 * Steps of time.
 */
export type Grain =
  | ("hour" | "day" | "week" | "month" | "quarter" | "year")
  | "hour_of_day"
  | "day_of_week"
  | "month_of_year"
  | "fiscal_quarter"
  | "fiscal_year";
export type SortBy = "x" | "y";
/**
 * How values become one.
 */
export type Aggregation = "count" | "count_distinct" | "sum" | "avg" | "min" | "max" | "median";
/**
 * The kinds of card.
 */
export type CardKind =
  | "bar"
  | "line"
  | "area"
  | "pie"
  | "donut"
  | "table"
  | "kpi"
  | "insight"
  | "heatmap"
  | "scatter"
  | "bubble"
  | "histogram"
  | "boxplot"
  | "radar"
  | "funnel"
  | "gauge"
  | "geomap"
  | "choropleth";
/**
 * The types a column can have for a query, whatever the file's own format says.
 */
export type ColumnType = ("boolean" | "integer" | "number" | "text") | "date" | "timestamp";
/**
 * What went wrong: a closed set. Its HTTP status is [`Code::status`].
 */
export type Code =
  | "INVALID_REQUEST"
  | "UNAUTHORIZED"
  | "FORBIDDEN"
  | "PASSWORD_REQUIRED"
  | "NOT_FOUND"
  | "METHOD_NOT_ALLOWED"
  | "CONFLICT"
  | "TOO_LARGE"
  | "RATE_LIMITED"
  | "INTERNAL_ERROR"
  | "LLM_UNAVAILABLE"
  | "UNAVAILABLE";
/**
 * Why a key of the filter leaves a card as it is.
 */
export type SkipReason = "no_column" | "no_relation" | "ambiguous" | "no_query" | "no_data";
/**
 * One card of a dashboard (its `key`, such as `chart_1`, is unique only within the dashboard).
 */
export type CardId = string;
export type ActorKind = "user" | "agent" | "system";
/**
 * A database that dashboards may be made from.
 */
export type DataConnectionId = string;
/**
 * An uploaded file.
 */
export type FileId = string;
/**
 * How far a dashboard is.
 */
export type DashboardStatus = "completed" | "processing" | "failed";
/**
 * Colours of the charts. Unknown names are refused.
 */
export type Theme = ("slate" | "ocean" | "forest" | "sunset" | "mono") | "dark";
/**
 * One generation.
 */
export type RunId = string;
/**
 * How far a call of `dashboard.process` came.
 */
export type ProcessStatus = "awaiting_clarification" | "processing" | "complete" | "failed";
/**
 * What kind of database it is.
 */
export type DataConnectionKind = "postgres" | "mysql" | "sqlite";
/**
 * How far the way to the database is secured.
 */
export type DataConnectionTls = "disable" | "prefer" | "require" | "verify-ca" | "verify-full";
/**
 * What a file turned out to be, by content rather than by name.
 */
export type Format = "csv" | "tsv" | "json" | "ndjson" | "parquet" | "arrow" | "sqlite";
/**
 * An upload that arrives in pieces.
 */
export type UploadId = string;
/**
 * What is being done with an upload.
 */
export type UploadStage = ("done" | "failed") | "arriving" | "reading";
/**
 * What an API key may be allowed to do. A person signed in may do all of it.
 */
export type KeyScope = "read" | "write" | "rooms" | "dashboards" | "ai" | "admin";
/**
 * An API key.
 */
export type KeyId = string;
/**
 * A notification.
 */
export type NotificationId = string;
/**
 * What it is about.
 */
export type NotificationKind = "mention" | "room_added" | "refresh_failed";
export type PresenceStatus = "active" | "away" | "busy";
/**
 * Where to begin reading.
 */
export type Since = Position | Head;
/**
 * The word `head`.
 */
export type Head = "head";
/**
 * How a reader continues after joining.
 */
export type Mode = "replay" | "snapshot" | "live";
/**
 * How a reader keeps up.
 */
export type ReaderState = "live" | "blocked" | "behind" | "opening";
/**
 * The stages of a generation, in order.
 */
export type Stage = "strategy" | "data" | "viz" | "layout";
/**
 * The client's own name for a call.
 */
export type CallId = number | string;

export interface Operations {
  /**
   * Sets a new password for who knows the old one; their other sign-ins end. Not by an API key.
   */
  "account.change_password": {
    input: ChangePassword;
    output: Empty;
  };
  /**
   * Mails a link to set a new password, if somebody has this e-mail; answers the same if not.
   */
  "account.forgot_password": {
    input: ForgotPassword;
    output: Empty;
  };
  /**
   * Pending invitations: to a room, or all that the caller may revoke.
   */
  "account.invitations": {
    input: ListInvitations;
    output: Invitations;
  };
  /**
   * Invites somebody to the caller's tenant, and to a room if one is named.
   */
  "account.invite": {
    input: Invite;
    output: Invited;
  };
  /**
   * Gives an access and a refresh token for an e-mail and its password.
   */
  "account.login": {
    input: Login;
    output: Tokens;
  };
  /**
   * Revokes a refresh token, all that came of it, and the live sockets it opened.
   */
  "account.logout": {
    input: Refresh;
    output: Empty;
  };
  /**
   * Who the caller is.
   */
  "account.me": {
    input: Empty;
    output: User;
  };
  /**
   * Begins to sign in by a provider: where the browser is to go.
   */
  "account.oauth_begin": {
    input: OauthBegin;
    output: OauthBegun;
  };
  /**
   * Gives tokens for a code of `account.oauth_finish`, once.
   */
  "account.oauth_exchange": {
    input: OauthExchange;
    output: Tokens;
  };
  /**
   * Takes what the provider sent the browser back with; gives a code for `account.oauth_exchange`.
   */
  "account.oauth_finish": {
    input: OauthFinish;
    output: OauthFinished;
  };
  /**
   * Exchanges a refresh token for new tokens; the old one is used up.
   */
  "account.refresh": {
    input: Refresh;
    output: Tokens;
  };
  /**
   * Makes a user, and a tenant of their own unless an invitation says which.
   */
  "account.register": {
    input: Register;
    output: Tokens;
  };
  /**
   * Sets a new password with the token of such a mail, and ends all sign-ins of the user.
   */
  "account.reset_password": {
    input: ResetPassword;
    output: Empty;
  };
  /**
   * Takes an invitation back.
   */
  "account.revoke_invitation": {
    input: RevokeInvitation;
    output: Empty;
  };
  /**
   * What was done in the caller's tenant; for its owner.
   */
  "audit.list": {
    input: List;
    output: Listed;
  };
  /**
   * Authenticates a connection that brought no credential in its headers.
   */
  auth: {
    input: Auth;
    output: Authenticated;
  };
  /**
   * Renews the token of a live connection.
   */
  "auth.refresh": {
    input: Auth;
    output: Authenticated;
  };
  /**
   * Sets the secret that the tenant's callbacks are signed with; for its owner.
   */
  "callback.set_secret": {
    input: CallbackSetSecret;
    output: CallbackSettings;
  };
  /**
   * Whether the caller's tenant has a secret that its callbacks are signed with.
   */
  "callback.settings": {
    input: Empty;
    output: CallbackSettings;
  };
  /**
   * Takes back what the caller has said; an owner may take back anything.
   */
  "chat.delete": {
    input: ChatDelete;
    output: Sent;
  };
  /**
   * Changes what the caller has said.
   */
  "chat.edit": {
    input: ChatEdit;
    output: Sent;
  };
  /**
   * Says something in a room.
   */
  "chat.send": {
    input: Send;
    output: Sent;
  };
  /**
   * The connection's own lag, dropped and merged counts.
   */
  "connection.stats": {
    input: Empty;
    output: Stats;
  };
  /**
   * Makes another public link, which may show only some of the rows.
   */
  "dashboard.add_link": {
    input: AddLink;
    output: PublicLink;
  };
  /**
   * Adds a panel to a dashboard: a sentence, a query, SQL, or a text.
   */
  "dashboard.add_panel": {
    input: AddPanel;
    output: Paneled;
  };
  /**
   * Ends a generation; the cards it finished stay.
   */
  "dashboard.cancel": {
    input: Cancel;
    output: Empty;
  };
  /**
   * Changes a link's name, password, expiry, or whether its viewers may filter.
   */
  "dashboard.change_link": {
    input: ChangeLink;
    output: PublicLink;
  };
  /**
   * What was changed in a dashboard, and by whom.
   */
  "dashboard.changes": {
    input: Since2;
    output: Changes;
  };
  /**
   * Copies a dashboard; the copy is the caller's.
   */
  "dashboard.clone": {
    input: DashboardClone;
    output: Dashboard;
  };
  /**
   * Makes an empty dashboard, to be filled by hand.
   */
  "dashboard.create": {
    input: DashboardCreate;
    output: Dashboard;
  };
  /**
   * Deletes a dashboard.
   */
  "dashboard.delete": {
    input: DashboardById;
    output: Empty;
  };
  /**
   * Re-runs every card of a dashboard with a filter pushed into its source tables.
   */
  "dashboard.filter": {
    input: Filter;
    output: Dashboard;
  };
  /**
   * Has this connection told of a dashboard, also of who is not in its room: as it is, and whenever it changes.
   */
  "dashboard.follow": {
    input: DashboardById;
    output: Empty;
  };
  /**
   * Plans, queries and draws a dashboard from a sentence; answers at once, the rest are events.
   */
  "dashboard.generate": {
    input: Generate;
    output: Generating;
  };
  /**
   * A dashboard with its cards and their rows.
   */
  "dashboard.get": {
    input: DashboardById;
    output: Dashboard;
  };
  /**
   * Says where a dashboard's panels stand.
   */
  "dashboard.layout": {
    input: Arrange;
    output: Dashboard;
  };
  /**
   * The public links of a dashboard.
   */
  "dashboard.links": {
    input: DashboardById;
    output: PublicLinks;
  };
  /**
   * Dashboards the caller may see, newest first.
   */
  "dashboard.list": {
    input: DashboardList;
    output: DashboardListed;
  };
  /**
   * Generation as one call that is repeated until it has come to its end: fresh, an answer, or a refinement.
   */
  "dashboard.process": {
    input: Process;
    output: Processed;
  };
  /**
   * Opens a dashboard to whoever knows its link, or changes the link's password and expiry.
   */
  "dashboard.publish": {
    input: DashboardPublish;
    output: PublicLink;
  };
  /**
   * Changes a dashboard by a sentence.
   */
  "dashboard.refine": {
    input: Refine;
    output: Refined;
  };
  /**
   * Queries every card of a dashboard again; joins a refresh that is under way.
   */
  "dashboard.refresh": {
    input: DashboardById;
    output: DashboardRefresh;
  };
  /**
   * How often a dashboard refreshes itself, and how the last time went.
   */
  "dashboard.refresh_settings": {
    input: DashboardById;
    output: DashboardRefresh;
  };
  /**
   * Ends a link, for those who are looking as well.
   */
  "dashboard.remove_link": {
    input: RemoveLink;
    output: Empty;
  };
  /**
   * Removes a panel from a dashboard.
   */
  "dashboard.remove_panel": {
    input: RemovePanel;
    output: Dashboard;
  };
  /**
   * All rows of a card, as the filter in force leaves them: at most `export_rows_max`.
   */
  "dashboard.rows": {
    input: DashboardRows;
    output: Table;
  };
  /**
   * Makes a dashboard of the charts that a room's conversation brought.
   */
  "dashboard.save": {
    input: Save;
    output: Dashboard;
  };
  /**
   * Has a dashboard refresh itself, or not.
   */
  "dashboard.set_refresh": {
    input: DashboardSetRefresh;
    output: DashboardRefresh;
  };
  /**
   * Lets one more person see or change a dashboard.
   */
  "dashboard.share": {
    input: Share;
    output: DashboardShared;
  };
  /**
   * With whom a dashboard is shared.
   */
  "dashboard.shares": {
    input: DashboardById;
    output: DashboardShared;
  };
  /**
   * Runs every card of a dashboard again, on the data as it is now.
   */
  "dashboard.start": {
    input: DashboardStart;
    output: Dashboard;
  };
  /**
   * Has this connection told no more of a dashboard.
   */
  "dashboard.unfollow": {
    input: DashboardById;
    output: Empty;
  };
  /**
   * Ends all public access to a dashboard, for those who are looking as well.
   */
  "dashboard.unpublish": {
    input: DashboardById;
    output: Empty;
  };
  /**
   * Takes back what `dashboard.share` gave.
   */
  "dashboard.unshare": {
    input: Unshare;
    output: DashboardShared;
  };
  /**
   * Changes a dashboard's title, description or theme.
   */
  "dashboard.update": {
    input: DashboardUpdate;
    output: Dashboard;
  };
  /**
   * Changes what a panel shows, or how.
   */
  "dashboard.update_panel": {
    input: UpdatePanel;
    output: Paneled;
  };
  /**
   * Makes a database known under a name, to be said as `connection_name`; for the tenant's owner.
   */
  "data_connection.create": {
    input: DataConnectionCreate;
    output: DataConnection;
  };
  /**
   * Forgets a data connection: dashboards made from it keep what they show; for the tenant's owner.
   */
  "data_connection.delete": {
    input: DataConnectionById;
    output: Empty;
  };
  /**
   * A data connection of the caller's tenant, without its password.
   */
  "data_connection.get": {
    input: DataConnectionById;
    output: DataConnection;
  };
  /**
   * The data connections of the caller's tenant.
   */
  "data_connection.list": {
    input: Empty;
    output: DataConnectionListed;
  };
  /**
   * A database's tables, columns, keys and row estimates.
   */
  "data_connection.schema": {
    input: DataConnectionById;
    output: DataConnectionSchema;
  };
  /**
   * Tries whether a database answers and may be read; for the tenant's owner.
   */
  "data_connection.test": {
    input: DataConnectionById;
    output: DataConnectionTested;
  };
  /**
   * Changes a data connection; for the tenant's owner.
   */
  "data_connection.update": {
    input: DataConnectionUpdate;
    output: DataConnection;
  };
  /**
   * Deletes a file and the datasets made of it.
   */
  "file.delete": {
    input: FileById;
    output: Empty;
  };
  /**
   * A file with the profile of its data: of the caller's tenant, or linked to a room of theirs.
   */
  "file.get": {
    input: FileById;
    output: File;
  };
  /**
   * Makes files queryable for everyone in a room.
   */
  "file.link": {
    input: Link;
    output: FileListed;
  };
  /**
   * Files of the caller's tenant, or those linked to a room.
   */
  "file.list": {
    input: FileList;
    output: FileListed;
  };
  /**
   * Takes files out of a room: nobody there may query them any more.
   */
  "file.unlink": {
    input: Link;
    output: Empty;
  };
  /**
   * How far an upload of the caller is that arrives in pieces, and what became of it.
   */
  "file.upload": {
    input: UploadById;
    output: FileUpload;
  };
  /**
   * What the caller's tenant has stored, and how much it may.
   */
  "file.usage": {
    input: Empty;
    output: FileUsage;
  };
  /**
   * Makes an API key; its secret is in this reply and nowhere else.
   */
  "key.create": {
    input: KeyCreate;
    output: KeyCreated;
  };
  /**
   * The caller's API keys, newest first.
   */
  "key.list": {
    input: Empty;
    output: KeyListed;
  };
  /**
   * Ends an API key of the caller, and the live sockets it opened.
   */
  "key.revoke": {
    input: KeyRevoke;
    output: Empty;
  };
  /**
   * What concerns the caller, whichever rooms they have open.
   */
  "notification.list": {
    input: NotificationList;
    output: NotificationListed;
  };
  /**
   * Marks notifications as read.
   */
  "notification.read": {
    input: NotificationRead;
    output: NotificationUnread;
  };
  /**
   * Answers with the server's clock.
   */
  ping: {
    input: Empty;
    output: Pong;
  };
  /**
   * Tells a room what the caller is doing right now.
   */
  "presence.update": {
    input: Update2;
    output: Empty;
  };
  /**
   * Adds a member to a room, or invites a stranger to it.
   */
  "room.add_member": {
    input: AddMember;
    output: Added;
  };
  /**
   * Makes a room; the caller owns it.
   */
  "room.create": {
    input: Create;
    output: Room;
  };
  /**
   * Deletes a room with everything in it.
   */
  "room.delete": {
    input: RoomById;
    output: Empty;
  };
  /**
   * A page of a room's stored events.
   */
  "room.history": {
    input: History;
    output: Page;
  };
  /**
   * Puts the connection's cursor on a room's log: what was missed, then everything live.
   */
  "room.join": {
    input: Join;
    output: RoomJoined;
  };
  /**
   * Stops the flow of a room's events to this connection.
   */
  "room.leave": {
    input: RoomById;
    output: Empty;
  };
  /**
   * The rooms the caller is a member of.
   */
  "room.list": {
    input: Empty;
    output: RoomListed;
  };
  /**
   * Who reads a room on this node, and how far behind each is.
   */
  "room.readers": {
    input: RoomById;
    output: RoomReaders;
  };
  /**
   * Removes a member from a room; their connections leave it at once.
   */
  "room.remove_member": {
    input: RemoveMember;
    output: Empty;
  };
  /**
   * Ends the caller's own membership of a room; the last owner stays.
   */
  "room.resign": {
    input: RoomById;
    output: Empty;
  };
  /**
   * Gives a member another role: the last owner keeps theirs, and who is made an owner may take over.
   */
  "room.set_role": {
    input: SetRole;
    output: Member;
  };
  /**
   * A room, its members and the head of its log.
   */
  "room.status": {
    input: RoomById;
    output: RoomStatus;
  };
  /**
   * Gives a room another name or description.
   */
  "room.update": {
    input: RoomUpdate;
    output: Room;
  };
  /**
   * The caller's settings.
   */
  "settings.get": {
    input: Empty;
    output: Settings;
  };
  /**
   * Merges into the caller's settings, and answers them.
   */
  "settings.update": {
    input: Update;
    output: Settings;
  };
  /**
   * The dashboard under a filter of the viewer's own.
   */
  "view.filter": {
    input: ViewFilter;
    output: Shown;
  };
  /**
   * Has this connection told of the dashboard: as it is, and whenever it changes.
   */
  "view.follow": {
    input: Empty;
    output: Empty;
  };
  /**
   * Follows a public link: the dashboard, and a token that may follow it live.
   */
  "view.open": {
    input: ViewOpen;
    output: ViewOpened;
  };
}
/**
 * `account.change_password`
 */
export interface ChangePassword {
  old_password: string;
  /**
   * The new one: 8–256 characters.
   */
  password: string;
}
/**
 * Nothing: the input or output of operations that need none.
 */
export interface Empty {}
/**
 * `account.forgot_password`
 */
export interface ForgotPassword {
  email: string;
}
/**
 * `account.invitations`: with `room_id` those to a room that the caller owns; without, those the caller has made, and all of
 * the tenant for its owner.
 */
export interface ListInvitations {
  room_id?: RoomId | null;
}
/**
 * Reply to `account.invitations`, newest first: those that somebody may still use.
 */
export interface Invitations {
  invitations: Invitation[];
}
/**
 * An invitation that nobody has used yet.
 */
export interface Invitation {
  /**
   * RFC 3339.
   */
  created_at: string;
  /**
   * Only who has this address may use it; anyone if absent.
   */
  email?: string | null;
  /**
   * RFC 3339.
   */
  expires_at: string;
  /**
   * Whether it leads only to the room, not to the tenant.
   */
  guest: boolean;
  id: InvitationId;
  invited_by?: UserId | null;
  role?: Role | null;
  room_id?: RoomId | null;
}
/**
 * `account.invite`: an invitation to the caller's tenant and, with `room_id`, to that room.
 */
export interface Invite {
  email?: string | null;
  role?: Role | null;
  room_id?: RoomId | null;
}
/**
 * Reply to `account.invite`. The token is shown once.
 */
export interface Invited {
  /**
   * RFC 3339.
   */
  expires_at: string;
  id: InvitationId;
  /**
   * To be given to whoever registers.
   */
  invitation: string;
}
/**
 * `account.login`
 */
export interface Login {
  email: string;
  /**
   * A token from `room.add_member` or `account.invite`: lets somebody who has an account already into its room.
   */
  invitation?: string | null;
  password: string;
}
/**
 * Reply to registering, logging in and refreshing.
 */
export interface Tokens {
  /**
   * A JWT carrying `user_id` and `tenant_id`.
   */
  access_token: string;
  /**
   * Life of the access token, in seconds.
   */
  expires_in: number;
  /**
   * Opaque; works once.
   */
  refresh_token: string;
  /**
   * Always `Bearer`.
   */
  token_type: string;
  user: User;
}
/**
 * A user, as members of the same tenant see them.
 */
export interface User {
  /**
   * RFC 3339.
   */
  created_at: string;
  email: string;
  id: UserId;
  name: string;
  tenant_id: TenantId;
}
/**
 * `account.refresh`: the old refresh token is used up; using it again revokes everything it led to.
 * Also the input of `account.logout`.
 */
export interface Refresh {
  refresh_token: string;
}
/**
 * `account.oauth_begin`
 */
export interface OauthBegin {
  /**
   * As of `account.register`.
   */
  invitation?: string | null;
  /**
   * Its name in the server's configuration.
   */
  provider: string;
}
/**
 * Reply to `account.oauth_begin`.
 */
export interface OauthBegun {
  /**
   * A secret that the browser keeps: only with it the sign-in can be finished.
   */
  browser: string;
  /**
   * The provider's page where the user signs in.
   */
  url: string;
}
/**
 * `account.oauth_exchange`
 */
export interface OauthExchange {
  /**
   * From the reply to `account.oauth_begin`.
   */
  browser: string;
  code: string;
}
/**
 * `account.oauth_finish`
 */
export interface OauthFinish {
  /**
   * From the reply to `account.oauth_begin`.
   */
  browser: string;
  /**
   * The provider's code.
   */
  code?: string | null;
  /**
   * What the provider says instead, such as `access_denied`.
   */
  error?: string | null;
  provider: string;
  state: string;
}
/**
 * Reply to `account.oauth_finish`.
 */
export interface OauthFinished {
  /**
   * For `account.oauth_exchange`; works once, for a minute.
   */
  code: string;
}
/**
 * `account.register`: makes a user, and a tenant of their own.
 */
export interface Register {
  email: string;
  /**
   * A token from `account.invite`: joins its tenant instead of making one.
   */
  invitation?: string | null;
  /**
   * Absent: the part of the e-mail before the `@`.
   */
  name?: string | null;
  /**
   * 8–256 characters.
   */
  password: string;
}
/**
 * `account.reset_password`
 */
export interface ResetPassword {
  /**
   * 8–256 characters.
   */
  password: string;
  /**
   * From the mail; works once, for 30 minutes.
   */
  token: string;
}
/**
 * `account.revoke_invitation`
 */
export interface RevokeInvitation {
  invitation_id: InvitationId;
}
/**
 * `audit.list`: newest first; only for the tenant's owner.
 */
export interface List {
  /**
   * Lines older than this one.
   */
  before?: AuditId | null;
  /**
   * 1–500, 100 if absent.
   */
  limit?: number | null;
}
/**
 * Reply to `audit.list`.
 */
export interface Listed {
  lines: Line[];
  /**
   * Whether there are older ones.
   */
  more: boolean;
}
/**
 * One thing that somebody did, or tried to.
 */
export interface Line {
  id: AuditId;
  /**
   * Such as `room.remove_member`.
   */
  operation: string;
  /**
   * `ok`, or the code of the error.
   */
  outcome: string;
  /**
   * The address that the call came from, where it is known.
   */
  remote?: string | null;
  /**
   * What it was about, by the fields of its input: `{"room_id": "…", "user_id": "…"}`.
   */
  target: {
    [k: string]: string;
  };
  /**
   * RFC 3339.
   */
  ts: string;
  /**
   * Absent where nobody was signed in.
   */
  user_id?: UserId | null;
}
/**
 * `auth`: the first frame of a connection that brought no credential in its headers, within 5 s.
 * Also the input of `auth.refresh`, which renews the token of a live connection.
 */
export interface Auth {
  /**
   * An access token.
   */
  token: string;
}
/**
 * Reply to `auth` and `auth.refresh`.
 */
export interface Authenticated {
  /**
   * Until the token expires, in seconds.
   */
  expires_in: number;
  user: Identity;
}
/**
 * Whose connection it is.
 */
export interface Identity {
  email: string;
  id: UserId;
  name: string;
  tenant_id: TenantId;
}
/**
 * `callback.set_secret`: for who registered the tenant.
 */
export interface CallbackSetSecret {
  /**
   * 16–200 characters, which no answer ever shows; null: none any more. Callbacks that wait already keep theirs. Not to
   * be left out.
   */
  secret?: string | null;
}
/**
 * Reply to `callback.settings` and `callback.set_secret`.
 */
export interface CallbackSettings {
  /**
   * Whether a `callback_url` may come without a `callback_secret`.
   */
  has_secret: boolean;
  /**
   * Since when; RFC 3339.
   */
  set_at?: string | null;
}
/**
 * `chat.delete`
 */
export interface ChatDelete {
  room_id: RoomId;
  /**
   * The message's own, as `chat.send` answered it.
   */
  seq: number;
}
/**
 * Reply to `chat.send`: the message is stored.
 */
export interface Sent {
  message_id: EventId;
  seq: number;
}
/**
 * `chat.edit`: a message is named by its place in the room's log.
 */
export interface ChatEdit {
  /**
   * 1–16,000 characters.
   */
  content: string;
  room_id: RoomId;
  /**
   * The message's own, as `chat.send` answered it.
   */
  seq: number;
}
/**
 * `chat.send`
 */
export interface Send {
  /**
   * 1–16,000 characters.
   */
  content: string;
  /**
   * The message this one answers.
   */
  parent?: EventId | null;
  room_id: RoomId;
}
/**
 * Reply to `connection.stats`.
 */
export interface Stats {
  /**
   * Bytes written to this connection so far.
   */
  bytes_sent: number;
  rooms: RoomStats[];
}
/**
 * A connection's standing in one room.
 */
export interface RoomStats {
  dropped: number;
  /**
   * Bytes of the log not written to this connection yet.
   */
  lag_bytes: number;
  merged: number;
  replayed: number;
  room_id: RoomId;
}
/**
 * `dashboard.add_link`: another link, with a slug, a password and a filter of its own.
 */
export interface AddLink {
  dashboard_id: DashboardId;
  /**
   * RFC 3339, in the future.
   */
  expires_at?: string | null;
  /**
   * See [`Link::filter_state`]. It stays as long as the link does.
   */
  filter_state?: {
    [k: string]: unknown;
  };
  /**
   * At most 100 characters.
   */
  name?: string;
  /**
   * 1–256 characters.
   */
  password?: string | null;
  /**
   * True if absent.
   */
  viewers_filter?: boolean | null;
}
/**
 * A way to a dashboard for whoever knows it, as editors of the dashboard see it.
 */
export interface PublicLink {
  /**
   * RFC 3339.
   */
  created_at: string;
  dashboard_id: DashboardId;
  /**
   * RFC 3339. From then on it leads nowhere.
   */
  expires_at?: string | null;
  /**
   * What rows must have to be seen through this link. Viewers can neither change it nor see beyond it: a card
   * that cannot be limited so is withheld.
   */
  filter_state: {
    [k: string]: unknown;
  };
  has_password: boolean;
  id: LinkId;
  /**
   * The dashboard's own link, which `dashboard.publish` makes: it comes back under the same slug.
   */
  main: boolean;
  /**
   * What it is for, in the owner's words; viewers do not see it.
   */
  name: string;
  public_url: string;
  slug: string;
  /**
   * Whether viewers may filter for themselves, by the columns that the cards show.
   */
  viewers_filter: boolean;
}
/**
 * `dashboard.add_panel`
 */
export interface AddPanel {
  base_revision?: number | null;
  dashboard_id: DashboardId;
  panel: Panel;
}
/**
 * What a panel shows: exactly one of `prompt`, `query`, `sql` and `text`.
 */
export interface Panel {
  /**
   * At most 2,000 characters.
   */
  description?: string | null;
  /**
   * How the columns of `sql` are used. Absent: the first column that holds no figures is `x`, the next one the series,
   * every figure a `y`.
   */
  encoding?: PanelEncoding | null;
  /**
   * A sentence for the planner: `revenue per month`.
   */
  prompt?: string | null;
  query?: PanelQuery | null;
  /**
   * One `SELECT` over the dashboard's tables, at most 20,000 characters. It passes the same guard as any query.
   */
  sql?: string | null;
  /**
   * For kpi and gauge: the value to reach.
   */
  target?: number | null;
  /**
   * A sentence of one's own, at most 4,000 characters: the panel is an insight.
   */
  text?: string | null;
  /**
   * 1–200 characters. Absent: made from what it shows.
   */
  title?: string | null;
  /**
   * Absent: told from the prompt, a bar chart for a query, a table for SQL, an insight for a text.
   */
  type?: CardKind | null;
}
/**
 * Result columns of a panel's SQL by role.
 */
export interface PanelEncoding {
  series?: ColumnUse | null;
  x?: ColumnUse | null;
  y?: ColumnUse[];
}
/**
 * One result column in a role.
 */
export interface Channel {
  /**
   * How a figure came from many values: `sum`, `avg`, `count` …; absent for groups.
   */
  aggregation?: string | null;
  /**
   * How wide the ranges are that the values begin: a clicked one covers from itself to less than itself plus this.
   */
  bin?: number | null;
  /**
   * Name of the column in the card's `data`.
   */
  field: string;
  /**
   * The data set's own column, if a value here can be filtered by; absent for computed ones.
   */
  filter?: string | null;
  /**
   * A d3-format pattern for the numbers, such as `,.0f` or `.1%`.
   */
  format?: string | null;
  /**
   * How the values were cut from that column: a clicked value covers this range.
   */
  grain?: Grain | null;
  /**
   * For a person: `Average arrival delay`.
   */
  label: string;
  /**
   * `$`, `%`, `min` …
   */
  unit?: string | null;
}
/**
 * A question to one table.
 */
export interface PanelQuery {
  /**
   * Only these rows, in the words of `dashboard.filter`: by whole columns, and by days and times in full.
   */
  filters?: {
    [k: string]: unknown;
  };
  /**
   * 1–5,000 rows.
   */
  limit?: number | null;
  /**
   * Splits the marks; the second axis of a heatmap.
   */
  series?: Group | null;
  sort?: PanelSort | null;
  /**
   * A data set's name: `orders`.
   */
  table: string;
  /**
   * Groups along the axis; the longitude of a geomap.
   */
  x?: Group | null;
  /**
   * Figures. bubble: the second sizes the points. geomap: latitude, then size. boxplot: one column, without aggregation.
   * histogram: may be left out.
   */
  y?: Figure[];
}
/**
 * A column to group by.
 */
export interface Group {
  /**
   * Width of ranges of a number.
   */
  bin?: number | null;
  column: string;
  /**
   * Steps of a date or timestamp.
   */
  grain?: Grain | null;
}
/**
 * In which order.
 */
export interface PanelSort {
  by: SortBy;
  descending?: boolean;
}
/**
 * A column as a figure.
 */
export interface Figure {
  /**
   * Absent: each row's own value, and then of all figures alike.
   */
  aggregation?: Aggregation | null;
  /**
   * Absent: the rows themselves, to be counted.
   */
  column?: string | null;
}
/**
 * Reply to `dashboard.add_panel` and `dashboard.update_panel`.
 */
export interface Paneled {
  layout: Layout;
  panel: Card;
  /**
   * Of the dashboard, with this panel.
   */
  revision: number;
}
/**
 * Where the cards stand: a grid of 12 columns.
 */
export interface Layout {
  /**
   * Always 12.
   */
  columns: number;
  items: LayoutItem[];
}
/**
 * A card's place, in grid units.
 */
export interface LayoutItem {
  h: number;
  /**
   * The card's key; its id is taken as well.
   */
  key: string;
  w: number;
  x: number;
  y: number;
}
/**
 * One chart, figure or sentence of a dashboard.
 */
export interface Card {
  /**
   * Its rows. Column names are those the `spec` encodes.
   */
  data: Table;
  description: string;
  /**
   * How the columns are used; what a click on a mark filters by.
   */
  encoding: Encoding;
  /**
   * Why the card shows nothing, if it failed.
   */
  error?: Error | null;
  /**
   * Keys of the filter in force that leave this card as it is, each with the reason.
   */
  filters_skipped?: FilterSkipped[];
  id: CardId;
  /**
   * `chart_1`, `chart_2` …: what `target_chart_id` names. Never reused within a dashboard.
   */
  key: string;
  /**
   * The figure of a kpi card.
   */
  kpi?: Kpi | null;
  /**
   * What a reader must know of what is shown: `5,000 of 1,234,567 points, sampled`, or why it is drawn otherwise than asked for.
   */
  notes?: string[];
  /**
   * A complete Vega-Lite 6 spec whose data is `{"name": "rows"}`: put `data` there, as objects. Absent for kpi, table and insight.
   * Maps name the outlines they need in `usermeta.shapes`, to be put as GeoJSON features at `{"name": "shapes"}`: `world` (npm
   * `world-atlas`, `countries-110m`) or `us` (npm `us-atlas`, `states-10m`).
   */
  spec?: {
    [k: string]: unknown;
  };
  /**
   * The query that gave `data`, without the filter in force.
   */
  sql: string;
  /**
   * Why it shows older rows than the other cards do: its last refresh failed.
   */
  stale?: Error | null;
  title: string;
  type: CardKind;
}
/**
 * The rows a query gave.
 */
export interface Table {
  columns: Field[];
  /**
   * What all others come to, where these rows are those of the largest groups.
   */
  others?: Others | null;
  /**
   * Row-major; numbers as JSON numbers, dates as `YYYY-MM-DD`, timestamps as `YYYY-MM-DDTHH:MM:SS`, null as null.
   */
  rows: unknown[][];
  /**
   * How many there are in all, where these are only some of them and somebody has counted.
   */
  total?: number | null;
  /**
   * True if these are not all rows of the result.
   */
  truncated: boolean;
}
/**
 * Name and type of a result column.
 */
export interface Field {
  name: string;
  type: ColumnType;
}
/**
 * The groups that are not among a table's rows, together.
 */
export interface Others {
  /**
   * How many they are.
   */
  groups: number;
  /**
   * How many groups there are in all.
   */
  of: number;
  /**
   * What they are called where they are the last of the rows, as a part of a pie. No value of the data.
   */
  row?: string | null;
  /**
   * What their figures add up to, by column; of those only that add up.
   */
  sums?: {
    [k: string]: number;
  };
}
/**
 * Result columns by role.
 */
export interface Encoding {
  /**
   * The column that splits the marks into series.
   */
  series?: Channel | null;
  /**
   * For kpi and gauge: the value to reach.
   */
  target?: number | null;
  x?: Channel | null;
  /**
   * More than one where several measures share an axis.
   */
  y?: Channel[];
}
/**
 * An error as it leaves the server: on a socket as the `data` of an `error` frame, over HTTP inside `errors`.
 */
export interface Error {
  code: Code;
  /**
   * What a program needs to act on the error, such as the current revision of a conflict.
   */
  details?: {
    [k: string]: unknown;
  };
  /**
   * Path of the offending field, such as `data.room_id`.
   */
  field?: string | null;
  /**
   * For a person; never a stack, a path, or SQL of ours.
   */
  message: string;
  /**
   * When a retry makes sense, in milliseconds.
   */
  retry_after_ms?: number | null;
}
/**
 * A key of the filter that leaves a card as it is.
 */
export interface FilterSkipped {
  key: string;
  /**
   * The reason, for a person.
   */
  message: string;
  reason: SkipReason;
}
/**
 * The figure of a kpi card.
 */
export interface Kpi {
  /**
   * A d3-format pattern.
   */
  format?: string | null;
  /**
   * `sum`, `avg`, `count` …
   */
  operation: string;
  /**
   * The value to reach.
   */
  target?: number | null;
  /**
   * `+12% vs last month`, computed.
   */
  trend?: string | null;
  unit?: string | null;
  /**
   * Null if the data gives none.
   */
  value?: number | null;
  /**
   * The source column, if it is of one.
   */
  value_from_column?: string | null;
}
/**
 * `dashboard.cancel`: ends a run; the cards it finished stay.
 */
export interface Cancel {
  session_id: DashboardId;
}
/**
 * `dashboard.change_link`
 */
export interface ChangeLink {
  dashboard_id: DashboardId;
  /**
   * Absent: as it is; null: never.
   */
  expires_at?: string | null;
  link_id: LinkId;
  name?: string | null;
  /**
   * Absent: as it is; null: none. A new one ends what viewers have open.
   */
  password?: string | null;
  viewers_filter?: boolean | null;
}
/**
 * `dashboard.changes`: what became of a dashboard, by whom.
 */
export interface Since2 {
  dashboard_id: DashboardId;
  /**
   * Only what came after this revision.
   */
  since?: number | null;
}
/**
 * Reply to `dashboard.changes`.
 */
export interface Changes {
  /**
   * Oldest first.
   */
  changes: DashboardChange[];
}
/**
 * One change of a dashboard. The newest 100 of each are remembered; a conflict (409) carries, as `details`, the
 * `revision` the dashboard has now, the `changes` since the caller's base revision, and whether they are `complete`.
 */
export interface DashboardChange {
  /**
   * RFC 3339.
   */
  at: string;
  by: Actor;
  /**
   * Keys of new and changed cards.
   */
  cards: string[];
  /**
   * For a person.
   */
  changes: string[];
  /**
   * Keys of removed ones.
   */
  removed: string[];
  /**
   * What the dashboard was at from then on.
   */
  revision: number;
}
/**
 * Who did it.
 */
export interface Actor {
  id: string;
  kind: ActorKind;
  name: string;
}
/**
 * `dashboard.clone`: a copy with rows and filter, the caller's own, at revision 1. Nothing that happens to one of them
 * happens to the other.
 */
export interface DashboardClone {
  dashboard_id: DashboardId;
  /**
   * Absent: `… (Copy)`.
   */
  title?: string | null;
}
/**
 * A dashboard as members of a room see it.
 */
export interface Dashboard {
  /**
   * In reading order.
   */
  cards: Card[];
  /**
   * What the planner asked back and nobody has answered yet.
   */
  clarification?: Clarification | null;
  /**
   * The database that its cards read; absent: uploaded files.
   */
  connection?: DashboardDatabase | null;
  /**
   * RFC 3339.
   */
  created_at: string;
  created_by: UserId;
  /**
   * One sentence for a reader: what it shows, of which data.
   */
  description: string;
  /**
   * The drill-down in force; every card's data already reflects it.
   */
  filter_state: {
    [k: string]: unknown;
  };
  /**
   * The month, 2–12, that its fiscal years begin with; absent: January.
   */
  fiscal_year_begins?: number | null;
  /**
   * When a run or a refresh last filled it; RFC 3339. Absent for one that was made by hand.
   */
  generated_at?: string | null;
  /**
   * The documented APIs call it `session_id` as well.
   */
  id: DashboardId;
  layout: Layout;
  /**
   * Those of its tables whose file has been deleted: their cards keep the rows they had.
   */
  missing_tables?: string[];
  /**
   * The tables its cards may read: a `file.replaced` of one of their files means that the cards are stale.
   */
  origins?: Origin[];
  /**
   * The sentence it was generated from.
   */
  prompt: string;
  /**
   * How its tables hang together, as far as its editors said so: what the files themselves declare is known besides.
   */
  relations?: Relation[];
  /**
   * Counts up with every change, from 1; a change names the revision it is based on.
   */
  revision: number;
  room_id?: RoomId | null;
  /**
   * A file was replaced or deleted since its cards were made, or some could not be refreshed: they show the old rows
   * until they are run again.
   */
  stale: boolean;
  status: DashboardStatus;
  theme: Theme;
  title: string;
  /**
   * RFC 3339.
   */
  updated_at: string;
}
/**
 * What the data cannot answer, and what could be shown instead.
 */
export interface Clarification {
  /**
   * The question, for a person.
   */
  message: string;
  /**
   * Words of the prompt that nothing in the data matches.
   */
  missing: string[];
  /**
   * Prompts that would work.
   */
  suggestions: string[];
}
/**
 * A data connection that a dashboard is made from.
 */
export interface DashboardDatabase {
  connection_id: DataConnectionId;
  /**
   * What it was called then.
   */
  connection_name: string;
}
/**
 * A table as the queries of one dashboard name it, and where it is from.
 */
export interface Origin {
  /**
   * The data set's name within the file: other than `table` only where two files have one of the same name.
   */
  dataset: string;
  file_id: FileId;
  table: string;
}
/**
 * That a column of one table names rows of another: `orders.customer_id` → `customers.id`.
 */
export interface Relation {
  column: string;
  table: string;
  to_column: string;
  to_table: string;
}
/**
 * `dashboard.create`: an empty dashboard, to be filled panel by panel.
 */
export interface DashboardCreate {
  /**
   * The name of a data connection that its panels read instead; `files`, or absent: uploaded files.
   */
  connection_name?: string | null;
  /**
   * At most 2,000 characters.
   */
  description?: string | null;
  /**
   * Which files its panels read; absent: all linked to the room, or all of the caller's where there is no room.
   */
  file_ids?: FileId[] | null;
  /**
   * Whose members see it. Absent: only the caller, and who it is shared with.
   */
  room_id?: RoomId | null;
  theme?: Theme | null;
  /**
   * 1–200 characters.
   */
  title: string;
}
/**
 * `dashboard.get`, `dashboard.delete`
 */
export interface DashboardById {
  dashboard_id: DashboardId;
}
/**
 * `dashboard.filter`: re-runs every card with a filter pushed into its source tables.
 */
export interface Filter {
  /**
   * The revision the caller saw; if it is no longer the newest, the answer is a conflict.
   */
  base_revision?: number | null;
  /**
   * The whole new filter; `{}` removes it.
   */
  filter_state: {
    [k: string]: unknown;
  };
  /**
   * Only for the caller: the answer is the dashboard under this filter instead of the room's, which stays as it is.
   * Nothing is stored, and nobody is told.
   */
  private?: boolean;
  session_id: DashboardId;
}
/**
 * `dashboard.generate`: plans, queries and draws a dashboard from a sentence. Answers at once; the rest are events.
 */
export interface Generate {
  /**
   * 16–200 characters; needed with `callback_url`, unless the tenant has one (`callback.set_secret`). Never shown again.
   */
  callback_secret?: string | null;
  /**
   * Where to POST a `dashboard.ready` when the run has ended: http or https, at a public address. It is signed:
   * `X-Vizroom-Signature: v1=<hex of HMAC-SHA256(secret, "{X-Vizroom-Timestamp}.{X-Vizroom-Id}.{body}")>`. Anything but
   * a 2xx is tried again, ever later, at most 8 times; the id stays the same.
   */
  callback_url?: string | null;
  /**
   * The name of a data connection; `files`, or absent: uploaded files.
   */
  connection_name?: string | null;
  /**
   * Which files; absent: all linked to the room, or all of the caller's where there is no room.
   */
  file_ids?: FileId[] | null;
  /**
   * 1–12; 4 if absent, more only if the prompt names more.
   */
  max_charts?: number | null;
  /**
   * Who watches. Absent: only the caller, over SSE or by asking.
   */
  room_id?: RoomId | null;
  theme?: Theme | null;
  /**
   * At most 4,000 characters.
   */
  user_prompt: string;
}
/**
 * Reply to `dashboard.generate`.
 */
export interface Generating {
  run_id: RunId;
  /**
   * The dashboard's id, under the name the documented APIs use.
   */
  session_id: DashboardId;
}
/**
 * `dashboard.layout`: where the panels stand. From then on new ones are put below, and nothing else moves.
 */
export interface Arrange {
  base_revision?: number | null;
  dashboard_id: DashboardId;
  /**
   * Every panel once; none overlaps another.
   */
  layout: Layout;
}
/**
 * Reply to `dashboard.links`.
 */
export interface PublicLinks {
  /**
   * Those that lead somewhere, the dashboard's own first, then oldest first.
   */
  links: PublicLink[];
}
/**
 * `dashboard.list`
 */
export interface DashboardList {
  /**
   * Absent: all the caller may see.
   */
  room_id?: RoomId | null;
}
export interface DashboardListed {
  /**
   * Newest first.
   */
  dashboards: Summary[];
}
/**
 * What lists show of a dashboard.
 */
export interface Summary {
  cards: number;
  created_at: string;
  created_by: UserId;
  id: DashboardId;
  /**
   * Whether a link shows it to people without an account.
   */
  is_public: boolean;
  revision: number;
  room_id?: RoomId | null;
  /**
   * As [`Dashboard::stale`].
   */
  stale: boolean;
  status: DashboardStatus;
  title: string;
  updated_at: string;
}
/**
 * `dashboard.process`, and `POST /api/v1/sdk/process`.
 *
 * Without `session_id` a fresh run: `prompt` says what to show, the other fields are those of `dashboard.generate`. With
 * it, the call resumes: `prompt` answers the question of `awaiting_clarification`, or refines what is there; without a
 * `prompt` it only waits and tells how far the run is. Every answer carries the `session_id` to go on with.
 */
export interface Process {
  callback_secret?: string | null;
  /**
   * See [`super::Generate`].
   */
  callback_url?: string | null;
  connection_name?: string | null;
  file_ids?: FileId[] | null;
  max_charts?: number | null;
  /**
   * At most 4,000 characters. Needed for a fresh run.
   */
  prompt?: string | null;
  /**
   * Who watches a fresh run; where it is absent, only the caller.
   */
  room_id?: RoomId | null;
  session_id?: DashboardId | null;
  theme?: Theme | null;
  /**
   * How long to wait for the end before the answer is `processing`: at most 30,000; 10,000 if absent.
   */
  wait_ms?: number | null;
}
/**
 * Reply to `dashboard.process`.
 */
export interface Processed {
  /**
   * What a refinement did, for a person.
   */
  changes?: string[];
  dashboard?: Dashboard | null;
  error?: Error | null;
  /**
   * Words that nothing in the data matches.
   */
  missing?: string[];
  /**
   * What is asked back, for a person.
   */
  question?: string | null;
  /**
   * Of the run that this call began.
   */
  run_id?: RunId | null;
  session_id: DashboardId;
  status: ProcessStatus;
  /**
   * Answers that would work.
   */
  suggestions?: string[];
}
/**
 * `dashboard.publish`: opens the dashboard's own link, or changes it.
 */
export interface DashboardPublish {
  dashboard_id: DashboardId;
  /**
   * RFC 3339, in the future. Absent: as it is; null: never.
   */
  expires_at?: string | null;
  /**
   * 1–256 characters. Absent: as it is; null: none. A new one ends what viewers have open.
   */
  password?: string | null;
}
/**
 * `dashboard.refine`: changes a dashboard by a sentence.
 */
export interface Refine {
  /**
   * The revision the caller saw; if it is no longer the newest, the answer is a conflict.
   */
  base_revision?: number | null;
  /**
   * At most 4,000 characters.
   */
  new_feedback: string;
  session_id: DashboardId;
  /**
   * The card meant; absent: told from the sentence.
   */
  target_chart_id?: string | null;
}
/**
 * Reply to `dashboard.refine`.
 */
export interface Refined {
  /**
   * What was done, for a person: `chart_1 is a line chart now`. Empty with a clarification.
   */
  changes: string[];
  /**
   * Asked back instead of guessed; nothing was changed.
   */
  clarification?: Clarification | null;
  dashboard: Dashboard;
}
/**
 * Reply to `dashboard.refresh`, `dashboard.refresh_settings` and `dashboard.set_refresh`.
 */
export interface DashboardRefresh {
  dashboard_id: DashboardId;
  enabled: boolean;
  /**
   * Refreshes that failed since the last that did not; each doubles the wait for the next.
   */
  failures: number;
  /**
   * Seconds.
   */
  interval: number;
  /**
   * Why the last one failed.
   */
  last_error?: string | null;
  /**
   * RFC 3339; absent if never.
   */
  last_refreshed_at?: string | null;
  /**
   * When it is due next; RFC 3339. Absent while it is not enabled.
   */
  next_refresh_at?: string | null;
}
/**
 * `dashboard.remove_link`
 */
export interface RemoveLink {
  dashboard_id: DashboardId;
  link_id: LinkId;
}
/**
 * `dashboard.remove_panel`
 */
export interface RemovePanel {
  base_revision?: number | null;
  dashboard_id: DashboardId;
  /**
   * The card's key (`chart_1`) or id.
   */
  panel_id: string;
}
/**
 * `dashboard.rows`: all rows of one card, as the filter in force leaves them, where the card itself may hold only some.
 */
export interface DashboardRows {
  dashboard_id: DashboardId;
  /**
   * The card's key (`chart_1`) or id.
   */
  panel_id: string;
}
/**
 * `dashboard.save`: the charts that were generated in a room's conversation, those of the newest prompt first, as a
 * dashboard of its own.
 */
export interface Save {
  /**
   * The conversation's id: that of the room.
   */
  room_id: RoomId;
  /**
   * 1–200 characters.
   */
  title: string;
}
/**
 * `dashboard.set_refresh`; what is absent stays as it is.
 */
export interface DashboardSetRefresh {
  dashboard_id: DashboardId;
  enabled?: boolean | null;
  /**
   * Seconds: 300, 900, 3600 or 86400.
   */
  interval?: number | null;
}
/**
 * `dashboard.share`: lets somebody of the tenant, or a member of the dashboard's room, see a dashboard, or change it.
 * Whoever has a role in the room keeps the greater of the two.
 */
export interface Share {
  dashboard_id: DashboardId;
  email?: string | null;
  /**
   * `viewer` or `editor`.
   */
  role: Role;
  /**
   * Either this or `email`.
   */
  user_id?: UserId | null;
}
/**
 * Reply to `dashboard.share`, `dashboard.unshare` and `dashboard.shares`: with whom it is shared now.
 */
export interface DashboardShared {
  /**
   * By name.
   */
  shared_with: Sharer[];
}
/**
 * Somebody a dashboard is shared with.
 */
export interface Sharer {
  email: string;
  name: string;
  role: Role;
  user_id: UserId;
}
/**
 * `dashboard.start`: runs every card again, on the data as it is now. (A container of one's own for a dashboard comes
 * with the viz runtime; this starts none.)
 */
export interface DashboardStart {
  base_revision?: number | null;
  dashboard_id: DashboardId;
}
/**
 * `dashboard.unshare`
 */
export interface Unshare {
  dashboard_id: DashboardId;
  user_id: UserId;
}
/**
 * `dashboard.update`: title, description, theme, relations, fiscal years. What is absent stays.
 */
export interface DashboardUpdate {
  /**
   * The revision the caller saw; if it is no longer the newest, the answer is a conflict. See [`Change`].
   */
  base_revision?: number | null;
  dashboard_id: DashboardId;
  description?: string | null;
  /**
   * The month, 1–12, that fiscal years begin with; its cards are run again.
   */
  fiscal_year_begins?: number | null;
  /**
   * How its tables hang together, at most 50: a filter on `customers` then narrows `orders`, too. They replace those
   * that were said before.
   */
  relations?: Relation[] | null;
  theme?: Theme | null;
  title?: string | null;
}
/**
 * `dashboard.update_panel`: what is absent stays; a new `prompt`, `query`, `sql` or `text` replaces what it showed.
 */
export interface UpdatePanel {
  base_revision?: number | null;
  dashboard_id: DashboardId;
  panel: Panel;
  /**
   * The card's key (`chart_1`) or id.
   */
  panel_id: string;
}
/**
 * `data_connection.create`
 */
export interface DataConnectionCreate {
  /**
   * PEM, of the authority that signed the database's certificate.
   */
  ca_certificate?: string | null;
  /**
   * The database's name on its server; not for `sqlite`.
   */
  database?: string | null;
  /**
   * A name or an address; not for `sqlite`.
   */
  host?: string | null;
  kind: DataConnectionKind;
  /**
   * 1–100 characters; what `connection_name` says. Not `files`, and no other connection's.
   */
  name: string;
  /**
   * Kept encrypted, and never given back.
   */
  password?: string | null;
  /**
   * The file, for `sqlite` only.
   */
  path?: string | null;
  /**
   * 5432 or 3306 if absent.
   */
  port?: number | null;
  tls?: DataConnectionTls | null;
  /**
   * Somebody who may do nothing but read, if you can.
   */
  username?: string | null;
}
/**
 * A data connection, without its password.
 */
export interface DataConnection {
  ca_certificate?: string | null;
  /**
   * RFC 3339.
   */
  created_at: string;
  created_by: UserId;
  database?: string | null;
  /**
   * Whether a password is kept.
   */
  has_password: boolean;
  host?: string | null;
  id: DataConnectionId;
  kind: DataConnectionKind;
  name: string;
  path?: string | null;
  port?: number | null;
  tls: DataConnectionTls;
  /**
   * RFC 3339.
   */
  updated_at: string;
  username?: string | null;
}
/**
 * `data_connection.get`, `.delete`, `.test`, `.schema`
 */
export interface DataConnectionById {
  connection_id: DataConnectionId;
}
/**
 * Reply to `data_connection.list`: those of the caller's tenant, by name.
 */
export interface DataConnectionListed {
  connections: DataConnection[];
  /**
   * Whether the caller registered the tenant, and so adds, changes, tests and deletes them.
   */
  may_change: boolean;
}
/**
 * Reply to `data_connection.schema`.
 */
export interface DataConnectionSchema {
  tables: SchemaTable[];
  /**
   * There are more tables or columns than are read: 200 tables, 500 columns of each.
   */
  truncated: boolean;
}
/**
 * A table or view of a database.
 */
export interface SchemaTable {
  columns: SchemaColumn[];
  /**
   * The name that queries use here: lower-case letters, digits and `_`.
   */
  dataset: string;
  foreign_keys?: ForeignKey[];
  /**
   * As the database has it.
   */
  name: string;
  primary_key?: string[];
  /**
   * About how many rows, as far as the database knows without counting.
   */
  rows?: number | null;
  /**
   * Where the database keeps schemas within one another.
   */
  schema?: string | null;
  view: boolean;
}
/**
 * A column of a database.
 */
export interface SchemaColumn {
  /**
   * As the database calls it: `numeric(10,2)`.
   */
  declared: string;
  name: string;
  nullable: boolean;
  /**
   * What it is for a query here; absent: it cannot be read (bytes, arrays, shapes).
   */
  type?: ColumnType | null;
}
/**
 * Columns that name a row of another table.
 */
export interface ForeignKey {
  columns: string[];
  references: string[];
  /**
   * The other table's `dataset`.
   */
  table: string;
}
/**
 * Reply to `data_connection.test`.
 */
export interface DataConnectionTested {
  /**
   * How long it took.
   */
  duration_ms: number;
  /**
   * Why not, or what answered: `PostgreSQL 15.14`.
   */
  message: string;
  /**
   * Whether it can be read.
   */
  ok: boolean;
}
/**
 * `data_connection.update`: what is absent stays. Where it leads, and as whom, changes only together with the password.
 */
export interface DataConnectionUpdate {
  ca_certificate?: string | null;
  connection_id: DataConnectionId;
  database?: string | null;
  host?: string | null;
  name?: string | null;
  password?: string | null;
  path?: string | null;
  port?: number | null;
  tls?: DataConnectionTls | null;
  username?: string | null;
}
/**
 * `file.get`, `file.delete`
 */
export interface FileById {
  file_id: FileId;
}
/**
 * An uploaded file. Its bytes arrive by `POST /server/data/upload`.
 */
export interface File {
  /**
   * RFC 3339.
   */
  created_at: string;
  /**
   * The tables in it: one, but for SQLite files.
   */
  datasets: Dataset[];
  format: Format;
  id: FileId;
  /**
   * As the uploader named it: `flights.csv`.
   */
  name: string;
  /**
   * How its tables hang together: the foreign keys of a SQLite file.
   */
  relations?: Relation[];
  /**
   * Bytes as uploaded.
   */
  size: number;
  /**
   * Counts up with every re-upload, from 1.
   */
  version: number;
  /**
   * What the reader noticed and mended, for a person: `3 rows had too few fields`.
   */
  warnings?: string[];
}
/**
 * A queryable table with its profile.
 */
export interface Dataset {
  columns: Column[];
  /**
   * The name queries use: lower-case letters, digits and `_`, made from the file's name (`flights`).
   */
  name: string;
  rows: number;
}
/**
 * What is known about one column.
 */
export interface Column {
  /**
   * Number of distinct values: exact up to 10,000, and where each row has another one up to 250,000; else estimated.
   */
  distinct: number;
  max?: unknown;
  /**
   * Arithmetic mean of a numeric column.
   */
  mean?: number | null;
  /**
   * Smallest value; absent when all are null. Dates and timestamps as ISO 8601 text.
   */
  min?: {
    [k: string]: unknown;
  };
  /**
   * As in the file's header, unchanged.
   */
  name: string;
  /**
   * Number of null or empty values.
   */
  nulls: number;
  /**
   * The most frequent values, most frequent first: at most 50, and all of them where `distinct` ≤ 50, of texts ≤ 2,000.
   */
  top?: unknown[];
  type: ColumnType;
}
/**
 * `file.link`: makes files queryable for everyone in the room. `file.unlink`: takes them out again.
 */
export interface Link {
  /**
   * At most 100.
   *
   * @minItems 1
   * @maxItems 100
   */
  file_ids: FileId[];
  room_id: RoomId;
}
export interface FileListed {
  files: File[];
  /**
   * Whether there are older ones.
   */
  more: boolean;
}
/**
 * `file.list`: the caller's tenant's files, newest first; with `room_id`, those linked to that room.
 */
export interface FileList {
  /**
   * Only files older than this one: the last of the page before.
   */
  before?: FileId | null;
  /**
   * 1–1,000; 100 if absent.
   */
  limit?: number | null;
  room_id?: RoomId | null;
}
/**
 * `file.upload`
 */
export interface UploadById {
  upload_id: UploadId;
}
/**
 * How far an upload is that arrives in pieces (`/server/data/tus`), as its owner may ask.
 */
export interface FileUpload {
  /**
   * Why it became nothing.
   */
  error?: Error | null;
  /**
   * When it is forgotten; RFC 3339.
   */
  expires_at: string;
  /**
   * What became of it.
   */
  file?: File | null;
  id: UploadId;
  /**
   * Bytes in all.
   */
  length: number;
  name: string;
  /**
   * Bytes that have arrived.
   */
  offset: number;
  stage: UploadStage;
}
/**
 * Reply to `file.usage`. Uploads that have begun count with their whole size.
 */
export interface FileUsage {
  bytes: number;
  bytes_max: number;
  files: number;
  files_max: number;
}
/**
 * `key.create`
 */
export interface KeyCreate {
  /**
   * RFC 3339, in the future. Absent: good until it is revoked.
   */
  expires_at?: string | null;
  /**
   * 1–100 characters: what it is for.
   */
  name: string;
  /**
   * At least one. A key makes no key that may do what it may not itself.
   */
  scopes: KeyScope[];
}
/**
 * Reply to `key.create`.
 */
export interface KeyCreated {
  /**
   * RFC 3339, like the others.
   */
  created_at: string;
  expires_at?: string | null;
  id: KeyId;
  /**
   * `vizroom_…`: goes where an access token goes. Shown this once.
   */
  key: string;
  /**
   * To the minute.
   */
  last_used_at?: string | null;
  name: string;
  /**
   * How it begins, to tell it from others.
   */
  prefix: string;
  scopes: KeyScope[];
}
/**
 * Reply to `key.list`: the caller's own, newest first.
 */
export interface KeyListed {
  keys: ApiKey[];
}
/**
 * An API key, without its secret.
 */
export interface ApiKey {
  /**
   * RFC 3339, like the others.
   */
  created_at: string;
  expires_at?: string | null;
  id: KeyId;
  /**
   * To the minute.
   */
  last_used_at?: string | null;
  name: string;
  /**
   * How it begins, to tell it from others.
   */
  prefix: string;
  scopes: KeyScope[];
}
/**
 * `key.revoke`
 */
export interface KeyRevoke {
  key_id: KeyId;
}
/**
 * `notification.list`
 */
export interface NotificationList {
  /**
   * Those older than this one.
   */
  before?: NotificationId | null;
  /**
   * 1–200; 50 if absent.
   */
  limit?: number | null;
}
/**
 * Reply to `notification.list`: newest first. The newest 500 of a user are kept.
 */
export interface NotificationListed {
  notifications: Notification[];
  /**
   * Of all that are kept.
   */
  unread: number;
}
/**
 * Event `notification`, told to all connections of its user; and an entry of their list.
 */
export interface Notification {
  /**
   * RFC 3339.
   */
  created_at: string;
  dashboard_id?: DashboardId | null;
  /**
   * The message that mentions the user.
   */
  event_id?: EventId | null;
  id: NotificationId;
  kind: NotificationKind;
  read: boolean;
  room_id?: RoomId | null;
  /**
   * One sentence for a person.
   */
  text: string;
}
/**
 * `notification.read`
 */
export interface NotificationRead {
  /**
   * At most 500; absent: all.
   */
  ids?: NotificationId[] | null;
}
/**
 * Reply to `notification.read`.
 */
export interface NotificationUnread {
  unread: number;
}
/**
 * Reply to `ping`.
 */
export interface Pong {
  /**
   * The server's clock, RFC 3339.
   */
  ts: string;
}
/**
 * `presence.update`: tells the room. A `status` is kept and shown to who joins later (event `presence.updated`);
 * `typing`, `cursor` and `signal` are passing (event `presence.signal`).
 */
export interface Update2 {
  cursor?: Cursor | null;
  room_id: RoomId;
  /**
   * Anything the clients of a room agreed on; at most 4 KiB.
   */
  signal?: {
    [k: string]: unknown;
  };
  status?: PresenceStatus | null;
  typing?: boolean | null;
}
/**
 * Where a pointer is: over a card, in fractions of its size.
 */
export interface Cursor {
  /**
   * The card's key, or absent for the whole board.
   */
  card?: string | null;
  x: number;
  y: number;
}
/**
 * `room.add_member`: by id or e-mail; somebody of another tenant becomes a guest of this room only by invitation.
 */
export interface AddMember {
  email?: string | null;
  role: Role;
  room_id: RoomId;
  user_id?: UserId | null;
}
/**
 * Reply to `room.add_member`: the member, or the invitation for a stranger's e-mail.
 */
export interface Added {
  invitation?: Invited | null;
  member?: Member | null;
}
/**
 * A member of a room.
 */
export interface Member {
  email: string;
  name: string;
  role: Role;
  user_id: UserId;
}
/**
 * `room.create`
 */
export interface Create {
  /**
   * At most 2,000 characters.
   */
  description?: string | null;
  /**
   * 1–200 characters.
   */
  name: string;
}
/**
 * A room as one of its members sees it.
 */
export interface Room {
  /**
   * RFC 3339.
   */
  created_at: string;
  /**
   * What it is for, in its owners' words; absent if they said nothing.
   */
  description?: string;
  id: RoomId;
  members: number;
  name: string;
  /**
   * The caller's own role.
   */
  role: Role;
}
/**
 * `room.delete`, `room.leave`, `room.resign`, `room.status`, `room.readers`
 */
export interface RoomById {
  room_id: RoomId;
}
/**
 * `room.history`: stored events, oldest first.
 */
export interface History {
  /**
   * Only events with a smaller `seq`; absent: the newest.
   */
  before?: number | null;
  /**
   * Only events of this type, such as `chat.message`.
   */
  kind?: string | null;
  /**
   * 1–500; 50 if absent.
   */
  limit?: number | null;
  room_id: RoomId;
}
/**
 * Reply to `room.history`.
 */
export interface Page {
  /**
   * Event frames as they were sent.
   */
  events: unknown[];
  /**
   * Whether there are older ones.
   */
  more: boolean;
}
/**
 * `room.join`: puts the connection's cursor on the room's log.
 */
export interface Join {
  room_id: RoomId;
  /**
   * Where the caller left off. Absent: the reply carries a snapshot.
   */
  since?: Since | null;
}
/**
 * A place in a room's log: everything up to and including `seq` is known.
 */
export interface Position {
  epoch: string;
  seq: number;
}
/**
 * Reply to `room.join`. The subscription is in place.
 */
export interface RoomJoined {
  epoch: string;
  /**
   * Newest `seq` at the moment of joining.
   */
  head: number;
  mode: Mode;
  /**
   * Who is here; empty in rooms with more members present than the server lists.
   */
  presence: Presence[];
  room_id: RoomId;
  snapshot?: Snapshot | null;
}
/**
 * A user present in a room, over however many connections.
 */
export interface Presence {
  name: string;
  status: PresenceStatus;
  user_id: UserId;
}
/**
 * A room's state at `head`.
 */
export interface Snapshot {
  dashboards: Summary[];
  files: File[];
  members: Member[];
  /**
   * The newest chat messages, oldest first, as event frames.
   */
  messages: unknown[];
  room: Room;
  /**
   * Generations under way.
   */
  runs: Run[];
}
/**
 * A generation under way.
 */
export interface Run {
  dashboard_id: DashboardId;
  message: string;
  progress: number;
  run_id: RunId;
  user_prompt: string;
}
/**
 * `room.list`
 */
export interface RoomListed {
  /**
   * Newest first.
   */
  rooms: Room[];
}
/**
 * Reply to `room.readers`: who reads the room on this node, and how far behind each is.
 */
export interface RoomReaders {
  /**
   * Connections that have the room joined.
   */
  connected: number;
  epoch: string;
  /**
   * Readers over Server-Sent Events. They pull, so that they are counted only.
   */
  followers: number;
  /**
   * Newest `seq`.
   */
  head: number;
  /**
   * Members of the room, here or not.
   */
  members: number;
  /**
   * Connections, those furthest behind first, at most 1,000.
   */
  readers: Reader[];
  /**
   * Bytes of the room's newest events that are kept in memory; who lags further reads the store.
   */
  ring_bytes: number;
  room_id: RoomId;
}
/**
 * A connection that has joined a room.
 */
export interface Reader {
  /**
   * Bytes written to this connection, of all its rooms.
   */
  bytes_sent: number;
  /**
   * Its calls under way.
   */
  calls: number;
  connection_id: number;
  /**
   * Ephemeral events that will not come.
   */
  dropped: number;
  /**
   * When anything came in from it last (a pong is enough), to about a second; RFC 3339.
   */
  idle_since: string;
  /**
   * Bytes of these, as far as the log's memory knows.
   */
  lag_bytes: number;
  /**
   * Events told and not written to it yet, of all classes.
   */
  lag_events: number;
  /**
   * Events of class `latest` that newer ones of the same key replaced.
   */
  merged: number;
  name: string;
  /**
   * Durable events sent again out of the store.
   */
  replayed: number;
  /**
   * When it joined; RFC 3339.
   */
  since: string;
  state: ReaderState;
  user_id: UserId;
}
/**
 * `room.remove_member`
 */
export interface RemoveMember {
  room_id: RoomId;
  user_id: UserId;
}
/**
 * `room.set_role`
 */
export interface SetRole {
  role: Role;
  room_id: RoomId;
  user_id: UserId;
}
/**
 * Reply to `room.status`.
 */
export interface RoomStatus {
  /**
   * Connections that have the room joined, on this node.
   */
  connected: number;
  epoch: string;
  head: number;
  members: Member[];
  room: Room;
}
/**
 * `room.update`: name, description. What is absent stays.
 */
export interface RoomUpdate {
  /**
   * At most 2,000 characters; empty: none.
   */
  description?: string | null;
  /**
   * 1–200 characters.
   */
  name?: string | null;
  room_id: RoomId;
}
/**
 * A user's settings.
 */
export interface Settings {
  [k: string]: unknown;
}
/**
 * `settings.update`: merged into what is there (RFC 7396): objects field by field, `null` removes, anything else replaces.
 */
export interface Update {
  settings: Settings;
}
/**
 * `view.filter`: the dashboard under a filter of the viewer's own, which nobody else sees.
 */
export interface ViewFilter {
  /**
   * Combined with what is in force already: rows must meet both.
   */
  filter_state: {
    [k: string]: unknown;
  };
}
/**
 * A dashboard as viewers of one link see it: no query, no file, no person. To who follows it by `dashboard.follow`: as its
 * room has it.
 */
export interface Shown {
  /**
   * In reading order.
   */
  cards: Card[];
  description: string;
  /**
   * Columns that a viewer may filter by; empty if the link does not let viewers filter.
   */
  filter_columns: string[];
  /**
   * The viewer's own filter: what the dashboard's room has drilled down to is the room's own. After `dashboard.follow` it
   * is the room's.
   */
  filter_state: {
    [k: string]: unknown;
  };
  id: DashboardId;
  layout: Layout;
  /**
   * When its data was last queried again; RFC 3339.
   */
  refreshed_at?: string | null;
  revision: number;
  status: DashboardStatus;
  theme: Theme;
  title: string;
  /**
   * RFC 3339.
   */
  updated_at: string;
}
/**
 * `view.open`: follows a link. Needs no account.
 */
export interface ViewOpen {
  password?: string | null;
  slug: string;
}
/**
 * Reply to `view.open`.
 */
export interface ViewOpened {
  dashboard: Shown;
  /**
   * Until the token expires, in seconds; opening the link again gives another.
   */
  expires_in: number;
  /**
   * A viewer token: good for `view.follow` and `view.filter` on this one link, and nothing else.
   */
  token: string;
}
export interface Events {
  "chat.deleted": ChatDeleted;
  "chat.edited": ChatEdited;
  "chat.message": Message;
  "connection.ready": Ready;
  "dashboard.created": DashboardCreated;
  "dashboard.deleted": DashboardDeleted;
  "dashboard.filtered": Filtered;
  "dashboard.hidden": DashboardHidden;
  "dashboard.published": DashboardPublished;
  "dashboard.refresh_failed": DashboardRefreshFailed;
  "dashboard.refreshed": DashboardRefreshed;
  "dashboard.shown": Shown;
  "dashboard.unpublished": DashboardUnpublished;
  "dashboard.updated": DashboardUpdated;
  "file.deleted": FileDeleted;
  "file.linked": Linked;
  "file.replaced": Replaced;
  "file.unlinked": Unlinked;
  "generation.cancelled": Ended;
  "generation.chart": Chart;
  "generation.clarification": Clarify;
  "generation.completed": Completed;
  "generation.failed": Ended;
  "generation.progress": Progress;
  "generation.started": Started;
  "generation.warning": Warning;
  notification: Notification;
  "presence.joined": PresenceJoined;
  "presence.left": Left;
  "presence.signal": Signal;
  "presence.updated": PresenceUpdated;
  "room.deleted": RoomDeleted;
  "room.lag": Lag;
  "room.member_added": MemberAdded;
  "room.member_removed": MemberRemoved;
  "room.member_updated": MemberUpdated;
  "room.updated": RoomUpdated;
  "server.drain": Drain;
}
/**
 * Event `chat.deleted`.
 */
export interface ChatDeleted {
  /**
   * The `event_id` of the message.
   */
  message_id: EventId;
}
/**
 * Event `chat.edited`.
 */
export interface ChatEdited {
  content: string;
  /**
   * The `event_id` of the message.
   */
  message_id: EventId;
}
/**
 * Event `chat.message`. Who and when stand in its metadata; its `event_id` is the message's id.
 */
export interface Message {
  /**
   * Empty once it is deleted.
   */
  content: string;
  deleted?: boolean;
  /**
   * Its author changed it since: history and snapshots show the newest words.
   */
  edited?: boolean;
}
/**
 * Event `connection.ready`: the first frame to a connection that is authenticated.
 */
export interface Ready {
  /**
   * Limits a client should know, in the unit their name says.
   */
  limits: Limits;
  /**
   * The protocol's name and version: `vizroom.v1`.
   */
  protocol: string;
  user: Identity;
}
export interface Limits {
  calls_in_flight_max: number;
  frame_bytes_max: number;
  rooms_max: number;
}
/**
 * Event `dashboard.created`: made by hand, cloned or saved. (A generated one is told by `generation.started`.)
 */
export interface DashboardCreated {
  dashboard: Dashboard;
}
/**
 * Event `dashboard.deleted`.
 */
export interface DashboardDeleted {
  dashboard_id: DashboardId;
}
/**
 * Event `dashboard.filtered`: the shared drill-down changed; every card's new rows.
 */
export interface Filtered {
  /**
   * All cards, whole.
   */
  cards: Card[];
  dashboard_id: DashboardId;
  filter_state: {
    [k: string]: unknown;
  };
  revision: number;
}
/**
 * Event `dashboard.hidden`, to one connection: it follows that dashboard no more, because it was deleted, or may not be seen
 * any longer.
 */
export interface DashboardHidden {
  dashboard_id: DashboardId;
}
/**
 * Event `dashboard.published`.
 */
export interface DashboardPublished {
  dashboard_id: DashboardId;
  public_url: string;
  slug: string;
}
/**
 * Event `dashboard.refresh_failed`: the first failure in a row; the following ones are told no more.
 */
export interface DashboardRefreshFailed {
  dashboard_id: DashboardId;
  message: string;
  /**
   * RFC 3339; absent if it does not refresh by itself.
   */
  next_refresh_at?: string | null;
  title: string;
}
/**
 * Event `dashboard.refreshed`: every card was queried again.
 */
export interface DashboardRefreshed {
  /**
   * All cards, whole.
   */
  cards: Card[];
  dashboard_id: DashboardId;
  revision: number;
}
/**
 * Event `dashboard.unpublished`: none of its links leads anywhere any more.
 */
export interface DashboardUnpublished {
  dashboard_id: DashboardId;
}
/**
 * Event `dashboard.updated`: apply it if `base_revision` is what you have, else fetch the dashboard.
 */
export interface DashboardUpdated {
  base_revision: number;
  /**
   * New and changed cards, whole.
   */
  cards: Card[];
  /**
   * For a person.
   */
  changes: string[];
  dashboard_id: DashboardId;
  description: string;
  layout: Layout;
  /**
   * Keys of removed ones.
   */
  removed: string[];
  revision: number;
  theme: Theme;
  title: string;
}
/**
 * Event `file.deleted`.
 */
export interface FileDeleted {
  file_id: FileId;
}
/**
 * Event `file.linked`.
 */
export interface Linked {
  files: File[];
  room_id: RoomId;
}
/**
 * Event `file.replaced`: dashboards made from it are stale now.
 */
export interface Replaced {
  file: File;
}
/**
 * Event `file.unlinked`: nobody in the room may query them any more.
 */
export interface Unlinked {
  file_ids: FileId[];
  room_id: RoomId;
}
/**
 * Events `generation.failed` and `generation.cancelled`.
 */
export interface Ended {
  dashboard_id: DashboardId;
  error?: Error | null;
  run_id: RunId;
}
/**
 * Event `generation.chart`: a card, as soon as it is ready. A later one of the same key replaces it.
 */
export interface Chart {
  card: Card;
  dashboard_id: DashboardId;
  run_id: RunId;
}
/**
 * Event `generation.clarification`: a run or a refinement asks back.
 */
export interface Clarify {
  dashboard_id: DashboardId;
  /**
   * The question, for a person.
   */
  message: string;
  /**
   * Words of the prompt that nothing in the data matches.
   */
  missing: string[];
  run_id?: RunId | null;
  /**
   * Prompts that would work.
   */
  suggestions: string[];
}
/**
 * Event `generation.completed`: the dashboard as it stands, its cards left out (they came as `generation.chart`).
 */
export interface Completed {
  dashboard_id: DashboardId;
  description: string;
  /**
   * From start to end, in milliseconds.
   */
  duration_ms: number;
  layout: Layout;
  revision: number;
  run_id: RunId;
  theme: Theme;
  title: string;
}
/**
 * Event `generation.progress`.
 */
export interface Progress {
  dashboard_id: DashboardId;
  /**
   * Figures of the stage: `charts_planned`, `charts_done` …
   */
  details: {
    [k: string]: unknown;
  };
  message: string;
  /**
   * Per cent.
   */
  progress: number;
  run_id: RunId;
  stage: Stage;
}
/**
 * Event `generation.started`.
 */
export interface Started {
  dashboard_id: DashboardId;
  run_id: RunId;
  user_prompt: string;
}
/**
 * Event `generation.warning`.
 */
export interface Warning {
  dashboard_id: DashboardId;
  message: string;
  run_id: RunId;
}
/**
 * Event `presence.joined`: the first connection of a user.
 */
export interface PresenceJoined {
  presence: Presence;
}
/**
 * Event `presence.left`: the last connection of a user is gone.
 */
export interface Left {
  user_id: UserId;
}
/**
 * Event `presence.signal`: passing; a member who lags does not get it.
 */
export interface Signal {
  cursor?: Cursor | null;
  signal?: unknown;
  typing?: boolean | null;
  user_id: UserId;
}
/**
 * Event `presence.updated`: a status that holds until the next one.
 */
export interface PresenceUpdated {
  status: PresenceStatus;
  user_id: UserId;
}
/**
 * Event `room.deleted`.
 */
export interface RoomDeleted {
  room_id: RoomId;
}
/**
 * Event `room.lag`, to one connection: it fell out of the log's memory and was caught up.
 */
export interface Lag {
  /**
   * Ephemeral events that will not come.
   */
  dropped: number;
  /**
   * Events of class `latest` that newer ones of the same key replaced.
   */
  merged: number;
  /**
   * Durable events read back from the store.
   */
  replayed: number;
  room_id: RoomId;
}
/**
 * Event `room.member_added`.
 */
export interface MemberAdded {
  member: Member;
}
/**
 * Event `room.member_removed`.
 */
export interface MemberRemoved {
  user_id: UserId;
}
/**
 * Event `room.member_updated`: somebody has another role.
 */
export interface MemberUpdated {
  member: Member;
}
/**
 * Event `room.updated`: its name and its description, as they are now.
 */
export interface RoomUpdated {
  /**
   * As [`Room::description`].
   */
  description?: string;
  name: string;
  room_id: RoomId;
}
/**
 * Event `server.drain`: the server is going away; come back after the stated time.
 */
export interface Drain {
  reconnect_after_ms: number;
}
export interface CallMetadata {
  /**
   * Comes back as `reply_to`: a number or a string of at most 64 characters. Absent: no reply, errors still come.
   */
  id?: CallId | null;
  /**
   * The same key from the same caller gives the first result again and does nothing twice. At most 64 characters.
   */
  idempotency_key?: string | null;
}
/**
 * What a server's frame says about itself. Nothing in it depends on the connection, so that an event's
 * bytes are the same for every member; a reply has only `reply_to`.
 */
export interface Metadata {
  actor?: Actor | null;
  epoch?: string | null;
  event_id?: EventId | null;
  /**
   * Events of class `latest`: what a newer one of the same key replaces.
   */
  key?: string | null;
  /**
   * The event this one answers.
   */
  parent?: EventId | null;
  reply_to?: CallId | null;
  /**
   * Counts up per key.
   */
  rev?: number | null;
  room_id?: RoomId | null;
  /**
   * Place in the room's log; durable events only.
   */
  seq?: number | null;
  /**
   * RFC 3339, milliseconds.
   */
  ts?: string | null;
}
