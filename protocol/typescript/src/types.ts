// Generated from protocol/generated/schema.json by `npm run generate`. Do not edit.

export type Uuid = string;

export interface Empty {}

export type Code =
  | "INVALID_REQUEST" | "UNAUTHORIZED" | "FORBIDDEN" | "PASSWORD_REQUIRED" | "NOT_FOUND" | "METHOD_NOT_ALLOWED"
  | "CONFLICT" | "TOO_LARGE" | "RATE_LIMITED" | "INTERNAL_ERROR" | "LLM_UNAVAILABLE" | "UNAVAILABLE";

export interface Error { code: Code; message: string; field?: string; retry_after_ms?: number; details?: unknown }

export interface User { id: Uuid; tenant_id: Uuid; email: string; name: string; created_at: string }
export interface Tokens { user: User; access_token: string; refresh_token: string; token_type: string; expires_in: number }
export interface Invited { id: Uuid; invitation: string; expires_at: string }

export type Role = "owner" | "editor" | "agent" | "viewer";
export interface Room { id: Uuid; name: string; role: Role; members: number; created_at: string }
export interface Member { user_id: Uuid; name: string; email: string; role: Role }
export interface Position { epoch: string; seq: number }
export interface Run { run_id: Uuid; dashboard_id: Uuid; user_prompt: string; progress: number; message: string }
export interface Snapshot {
  room: Room; members: Member[]; files: File[]; dashboards: Summary[]; runs: Run[]; messages: unknown[];
}
export interface RoomJoined {
  room_id: Uuid; mode: "replay" | "snapshot" | "live"; epoch: string; head: number; presence: Presence[]; snapshot?: Snapshot;
}
export interface Page { events: unknown[]; more: boolean }
export interface Added { member?: Member; invitation?: Invited }
export interface RoomStatus { room: Room; members: Member[]; epoch: string; head: number; connected: number }
export interface Lag { room_id: Uuid; replayed: number; merged: number; dropped: number }

export type PresenceStatus = "active" | "away" | "busy";
export interface Presence { user_id: Uuid; name: string; status: PresenceStatus }
export interface Cursor { card?: string; x: number; y: number }
export interface PresenceUpdate { room_id: Uuid; status?: PresenceStatus; typing?: boolean; cursor?: Cursor; signal?: unknown }

export type Format = "csv" | "tsv" | "json" | "ndjson" | "parquet" | "arrow" | "sqlite";
export type ColumnType = "boolean" | "integer" | "number" | "text" | "date" | "timestamp";
export interface Column {
  name: string; type: ColumnType; nulls: number; distinct: number; min?: unknown; max?: unknown; mean?: number; top?: unknown[];
}
export interface Dataset { name: string; rows: number; columns: Column[] }
export interface File {
  id: Uuid; name: string; size: number; format: Format; version: number; datasets: Dataset[]; warnings?: string[]; created_at: string;
}
export interface Field { name: string; type: ColumnType }
export interface Table { columns: Field[]; rows: unknown[][]; truncated?: boolean }

export type Status = "processing" | "completed" | "failed";
export type Theme = "slate" | "ocean" | "forest" | "sunset" | "mono";
export type FilterState = { [column: string]: unknown };
export type CardKind =
  | "bar" | "line" | "area" | "pie" | "donut" | "table" | "kpi" | "insight" | "heatmap" | "scatter" | "bubble"
  | "histogram" | "boxplot" | "radar" | "funnel" | "gauge" | "geomap" | "choropleth";
export type Grain =
  | "hour" | "day" | "week" | "month" | "quarter" | "year" | "hour_of_day" | "day_of_week" | "month_of_year";
export interface Channel { field: string; label: string; filter?: string; grain?: Grain; format?: string; unit?: string }
export interface Encoding { x?: Channel; y?: Channel[]; series?: Channel }
export interface Kpi {
  value: number | null; unit?: string; format?: string; trend?: string; value_from_column?: string; operation: string;
}
export interface Card {
  id: Uuid; key: string; type: CardKind; title: string; description: string; sql: string; data: Table;
  spec?: unknown; kpi?: Kpi; encoding: Encoding; error?: Error; filters_skipped?: string[];
}
export interface LayoutItem { key: string; x: number; y: number; w: number; h: number }
export interface Layout { columns: number; items: LayoutItem[] }
export interface Dashboard {
  id: Uuid; room_id?: Uuid; title: string; description: string; prompt: string; theme: Theme; status: Status;
  revision: number; cards: Card[]; layout: Layout; filter_state: FilterState; created_by: Uuid; created_at: string; updated_at: string;
}
export interface Summary {
  id: Uuid; room_id?: Uuid; title: string; status: Status; revision: number; cards: number; created_at: string; updated_at: string;
}
export type Stage = "strategy" | "data" | "viz" | "layout";
export interface Generate {
  room_id?: Uuid; user_prompt: string; connection_name?: string; file_ids?: Uuid[]; max_charts?: number; theme?: Theme;
}
export interface Generating { run_id: Uuid; session_id: Uuid }
export interface Refine { session_id: Uuid; new_feedback: string; target_chart_id?: string; base_revision?: number }
export interface Clarification { message: string; missing: string[]; suggestions: string[] }
export interface Refined { dashboard: Dashboard; changes: string[]; clarification?: Clarification }
export interface Progress { run_id: Uuid; dashboard_id: Uuid; stage: Stage; progress: number; message: string; details: unknown }
export interface Completed {
  run_id: Uuid; dashboard_id: Uuid; title: string; description: string; theme: Theme; revision: number; layout: Layout; duration_ms: number;
}
export interface Ended { run_id: Uuid; dashboard_id: Uuid; error?: Error }
export interface DashboardUpdated {
  dashboard_id: Uuid; base_revision: number; revision: number; changes: string[]; title: string; theme: Theme;
  cards: Card[]; removed: string[]; layout: Layout;
}
export interface DashboardFiltered { dashboard_id: Uuid; revision: number; filter_state: FilterState; cards: Card[] }

export interface Limits { frame_bytes_max: number; rooms_max: number; calls_in_flight_max: number }
export interface Ready { user: User; protocol: string; limits: Limits }
export interface RoomStats { room_id: Uuid; lag_bytes: number; replayed: number; merged: number; dropped: number }

export type ActorKind = "user" | "agent" | "system";
export interface Actor { kind: ActorKind; id: string; name: string }
export interface Metadata {
  reply_to?: number | string; room_id?: Uuid; epoch?: string; seq?: number; key?: string; rev?: number;
  event_id?: Uuid; ts?: string; actor?: Actor; parent?: Uuid;
}

export interface Operations {
  "auth": { input: { token: string }; output: { user: User; expires_in: number } };
  "auth.refresh": { input: { token: string }; output: { user: User; expires_in: number } };
  "ping": { input: Empty; output: { ts: string } };
  "connection.stats": { input: Empty; output: { rooms: RoomStats[]; bytes_sent: number } };
  "account.me": { input: Empty; output: User };
  "account.invite": { input: { email?: string; room_id?: Uuid; role?: Role }; output: Invited };
  "room.create": { input: { name: string }; output: Room };
  "room.list": { input: Empty; output: { rooms: Room[] } };
  "room.delete": { input: { room_id: Uuid }; output: Empty };
  "room.join": { input: { room_id: Uuid; since?: Position | "head" }; output: RoomJoined };
  "room.leave": { input: { room_id: Uuid }; output: Empty };
  "room.add_member": { input: { room_id: Uuid; user_id?: Uuid; email?: string; role: Role }; output: Added };
  "room.remove_member": { input: { room_id: Uuid; user_id: Uuid }; output: Empty };
  "room.status": { input: { room_id: Uuid }; output: RoomStatus };
  "room.history": { input: { room_id: Uuid; before?: number; limit?: number; kind?: string }; output: Page };
  "presence.update": { input: PresenceUpdate; output: Empty };
  "chat.send": { input: { room_id: Uuid; content: string; parent?: Uuid }; output: { message_id: Uuid; seq: number } };
  "file.list": { input: { room_id?: Uuid }; output: { files: File[] } };
  "file.delete": { input: { file_id: Uuid }; output: Empty };
  "file.link": { input: { room_id: Uuid; file_ids: Uuid[] }; output: { files: File[] } };
  "dashboard.generate": { input: Generate; output: Generating };
  "dashboard.refine": { input: Refine; output: Refined };
  "dashboard.filter": { input: { session_id: Uuid; filter_state: FilterState }; output: Dashboard };
  "dashboard.cancel": { input: { session_id: Uuid }; output: Empty };
  "dashboard.list": { input: { room_id?: Uuid }; output: { dashboards: Summary[] } };
  "dashboard.get": { input: { dashboard_id: Uuid }; output: Dashboard };
  "dashboard.delete": { input: { dashboard_id: Uuid }; output: Empty };
}

export interface Events {
  "chat.message": { content: string };
  "generation.started": { run_id: Uuid; dashboard_id: Uuid; user_prompt: string };
  "generation.progress": Progress;
  "generation.chart": { run_id: Uuid; dashboard_id: Uuid; card: Card };
  "generation.clarification": Clarification & { run_id?: Uuid; dashboard_id: Uuid };
  "generation.warning": { run_id: Uuid; dashboard_id: Uuid; message: string };
  "generation.completed": Completed;
  "generation.failed": Ended;
  "generation.cancelled": Ended;
  "dashboard.updated": DashboardUpdated;
  "dashboard.filtered": DashboardFiltered;
  "dashboard.deleted": { dashboard_id: Uuid };
  "file.linked": { room_id: Uuid; files: File[] };
  "file.replaced": { file: File };
  "file.deleted": { file_id: Uuid };
  "presence.joined": { presence: Presence };
  "presence.left": { user_id: Uuid };
  "presence.updated": { user_id: Uuid; status: PresenceStatus };
  "presence.signal": { user_id: Uuid; typing?: boolean; cursor?: Cursor; signal?: unknown };
  "room.member_added": { member: Member };
  "room.member_removed": { user_id: Uuid };
  "room.deleted": { room_id: Uuid };
  "room.lag": Lag;
  "connection.ready": Ready;
  "server.drain": { reconnect_after_ms: number };
}
