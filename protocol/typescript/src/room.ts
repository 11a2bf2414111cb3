import { VizroomError } from "./error.js";
import type { Frame } from "./frame.js";
import type { Events, Metadata, Operations, Position, RoomJoined } from "./types.js";

/** What a room tells: the wire's events, and what happens to the subscription itself. */
export interface RoomEvents extends Events {
  /** Joined, or joined again after a lost connection. With `snapshot` it replaces all that was known of the room. */
  joined: RoomJoined;
  /** The room cannot be joined (any more); nothing follows. */
  error: VizroomError;
}

/** Any event, for those who want them all. */
export type Happened = { [N in keyof Events]: { type: N; data: Events[N]; metadata: Metadata } }[keyof Events];

type Handler = (data: never, metadata: Metadata) => void;

/** What a room needs of its client. */
export interface Host {
  join(input: Operations["room.join"]["input"]): Promise<RoomJoined>;
  /** Forgets the room; `tell` the server too, unless it knows. */
  leave(room: Room, tell: boolean): void;
  /** The log was not what it should be: begin again on a fresh connection. */
  distrust(reason: string): void;
}

/** Events that may wait for the reply to `room.join`. */
const EARLY_MAX = 4096;
const RETRY_MS = 1000;

/** A cursor on a room's log: every event after its position, once, in order, over however many connections. */
export class Room {
  readonly id: string;
  /** Resolves when the room is joined for the first time. */
  readonly ready: Promise<RoomJoined>;
  #host: Host;
  #since: Position | "head" | undefined;
  #handlers = new Map<string, Set<Handler>>();
  #settle!: { resolve: (joined: RoomJoined) => void; reject: (error: VizroomError) => void };
  #joining = false;
  #early: Frame[] = [];
  #retry: ReturnType<typeof setTimeout> | undefined;
  #duplicates = 0;

  constructor(id: string, host: Host, since?: Position | "head") {
    this.id = id;
    this.#host = host;
    this.#since = since;
    this.ready = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    // Whoever listens to `error` need not await `ready` as well.
    this.ready.catch(() => {});
  }

  /** Everything up to here is known. */
  get position(): Position | undefined {
    return this.#since === "head" ? undefined : this.#since;
  }

  /** Events that came twice and were dropped. Always 0, unless a server is broken. */
  get duplicates(): number {
    return this.#duplicates;
  }

  /** Calls `handler` for each such event, or for every event of the wire with `*`; the answer stops it. */
  on<N extends keyof RoomEvents>(name: N, handler: (data: RoomEvents[N], metadata: Metadata) => void): () => void;
  on(name: "*", handler: (happened: Happened) => void): () => void;
  on(name: string, handler: (data: never, metadata: Metadata) => void): () => void {
    const handlers = this.#handlers.get(name) ?? new Set();
    this.#handlers.set(name, handlers.add(handler));
    return () => handlers.delete(handler);
  }

  /** Stops following. */
  leave(): void {
    this.#leave(true);
  }

  /** @internal What the address of a connection says to join it at once. */
  get query(): Record<string, string> {
    const since = this.#since;
    const place = typeof since === "object" ? `${since.epoch}:${since.seq}` : since;
    return { room_id: this.id, ...(place && { since: place }) };
  }

  /** @internal The connection is ready. `begun`: it has asked to join already. */
  async enter(begun?: Promise<RoomJoined>): Promise<void> {
    clearTimeout(this.#retry);
    this.#joining = true;
    this.#early = [];
    try {
      const since = this.#since;
      this.#joined(await (begun ?? this.#host.join({ room_id: this.id, ...(since && { since }) })));
    } catch (error) {
      this.#refused(error as VizroomError);
    }
  }

  /** @internal The connection is gone. */
  interrupt(): void {
    clearTimeout(this.#retry);
    this.#joining = false;
  }

  /** @internal */
  receive(frame: Frame): void {
    if (this.#joining) {
      this.#early.push(frame);
      if (this.#early.length > EARLY_MAX) this.#host.distrust("too many events before the reply to room.join");
      return;
    }
    const { seq, epoch } = frame.metadata;
    if (seq != null && !this.#advance(seq, epoch ?? undefined)) return;
    this.#emit(frame.type, frame.data, frame.metadata);
    this.#emit("*", { type: frame.type, data: frame.data, metadata: frame.metadata }, frame.metadata);
    if (frame.type === "room.deleted") this.fail(new VizroomError("NOT_FOUND", "the room was deleted"));
  }

  /** @internal */
  fail(error: VizroomError): void {
    this.#settle.reject(error);
    this.#emit("error", error, {});
    this.#leave(false);
  }

  #leave(tell: boolean): void {
    clearTimeout(this.#retry);
    this.#host.leave(this, tell);
    this.#handlers.clear();
  }

  #joined(joined: RoomJoined): void {
    const known = this.position;
    const another = known && (known.epoch !== joined.epoch || known.seq > joined.head);
    if (joined.mode !== "snapshot" && another) {
      this.#since = undefined;
      return this.#host.distrust("a replay of another log");
    }
    if (joined.mode !== "replay") this.#since = { epoch: joined.epoch, seq: joined.head };
    this.#joining = false;
    this.#settle.resolve(joined);
    this.#emit("joined", joined, { room_id: this.id });
    const early = this.#early;
    this.#early = [];
    for (const frame of early) this.receive(frame);
  }

  #refused(error: VizroomError): void {
    if (error.code === "DISCONNECTED") return;
    const passing = error.code === "RATE_LIMITED" || error.code === "UNAVAILABLE" || error.code === "INTERNAL_ERROR";
    if (!passing) return this.fail(error);
    this.#retry = setTimeout(() => void this.enter(), error.retryAfterMs ?? RETRY_MS);
  }

  /** Moves on to `seq`; false if it was known already, or is not the next. */
  #advance(seq: number, epoch: string | undefined): boolean {
    const known = this.position;
    if (!known || (epoch !== undefined && epoch !== known.epoch) || seq > known.seq + 1) {
      this.#host.distrust(`event ${epoch}/${seq} after ${known?.epoch}/${known?.seq}`);
      return false;
    }
    if (seq <= known.seq) {
      this.#duplicates++;
      console.assert(false, `vizroom: event ${seq} of room ${this.id} came twice`);
      return false;
    }
    this.#since = { epoch: known.epoch, seq };
    return true;
  }

  #emit(name: string, data: unknown, metadata: Metadata): void {
    for (const handler of [...(this.#handlers.get(name) ?? [])]) {
      try {
        handler(data as never, metadata);
      } catch (error) {
        // One listener's mistake must not cost the others their events.
        console.error(`vizroom: a listener of ${name} threw`, error);
      }
    }
  }
}
