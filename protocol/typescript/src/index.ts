/**
 * vizroom's client. `connect` opens a connection that mends itself; `client.call` asks, `client.join` follows a room.
 *
 * Reading order: `client.ts` (state, reconnecting), `calls.ts` (what waits for a reply), `room.ts` (a cursor on a
 * room's log), `socket.ts` (one WebSocket and its heartbeat).
 */
export { connect, Client, type Connection, type Options, type State } from "./client.js";
export { Room, type RoomEvents, type Happened } from "./room.js";
export { VizroomError, type ErrorCode } from "./error.js";
export type { CallOptions } from "./calls.js";
export type * from "./types.js";
/** The wire's own types, where a name here means something else: `wire.Room` is data, `Room` follows one. */
export type * as wire from "./types.js";
