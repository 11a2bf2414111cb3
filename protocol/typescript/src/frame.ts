import type { EventId, Operations, RoomId } from "./types.js";

/** Who did it. */
export interface Actor {
  kind: "user" | "agent" | "system";
  id: string;
  name: string;
}

/** What a server's frame says about itself; mirrors `protocol/src/frame.rs`. */
export interface Metadata {
  reply_to?: number | string;
  room_id?: RoomId;
  epoch?: string;
  /** Place in the room's log; durable events only. */
  seq?: number;
  /** What a newer event of the same key replaces. */
  key?: string;
  rev?: number;
  event_id?: EventId;
  /** RFC 3339, milliseconds. */
  ts?: string;
  actor?: Actor;
  /** The event this one answers. */
  parent?: EventId;
}

/** Anything on the wire, both ways. */
export interface Frame {
  type: string;
  data: unknown;
  metadata: Metadata;
}

/** The reply to `room.join`. */
export type Joined = Operations["room.join"]["output"];
