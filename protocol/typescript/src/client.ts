import { Calls, type CallOptions } from "./calls.js";
import { VizroomError, type ErrorCode } from "./error.js";
import type { Frame } from "./frame.js";
import { Room } from "./room.js";
import { Socket, UNREADABLE, type WebSocketConstructor } from "./socket.js";
import type { Events, Error as WireError, Operations, Position, Ready } from "./types.js";

export type State = "connecting" | "live" | "reconnecting" | "offline" | "closed";

/** How the connection is, for a person to see. */
export interface Connection {
  state: State;
  /** When the next attempt is made, in milliseconds since 1970; while waiting for it only. */
  retryAt?: number;
  /** Why it is closed, unless this side did. */
  error?: VizroomError;
}

export interface Options {
  /** `wss://example.org/ws/events` */
  url: string;
  /**
   * The access token or API key to show. Asked before every attempt, and with `refresh` shortly before the one in
   * use expires or after it was refused. Throwing `UNAUTHORIZED` closes the client; anything else is tried again.
   */
  token: (ask: { refresh: boolean }) => string | Promise<string>;
  /** For Node before 22: `WebSocket` of npm `ws`. */
  WebSocket?: WebSocketConstructor;
  /** Milliseconds; for tests. */
  timing?: Partial<Timing>;
  /** 0 ≤ n < 1; for tests. */
  random?: () => number;
}

interface Timing {
  backoffMinMs: number;
  backoffMaxMs: number;
  /** How long a connection must live before a loss counts as the first again. */
  stableMs: number;
  quietMs: number;
  deadMs: number;
  /** How long before its expiry a token is renewed. */
  renewMs: number;
}

const TIMING: Timing = {
  backoffMinMs: 500, backoffMaxMs: 30_000, stableMs: 5_000, quietMs: 25_000, deadMs: 10_000, renewMs: 60_000,
};

type Timer = "retry" | "stable" | "renew" | "drain";

const TIMEOUT_MS_MAX = 2 ** 31 - 1;

/** Close codes that mean "do not come back", and the error they amount to. */
const REFUSALS: { [code: number]: ErrorCode } = {
  4501: "UNAUTHORIZED", 4502: "INVALID_REQUEST", 4503: "UNAUTHORIZED", 4504: "RATE_LIMITED", 4509: "TOO_LARGE",
};
const BAD_TOKEN = 4501;
const NO_CLOSE_FRAME = 1006;

/** Opens a connection that mends itself until `close`. */
export function connect(options: Options): Client {
  return new Client(options);
}

export class Client {
  #options: Options;
  #timing: Timing;
  #calls = new Calls();
  #rooms = new Map<string, Room>();
  #connection: Connection = { state: "connecting" };
  #watchers = new Set<(connection: Connection) => void>();
  #handlers = new Map<string, Set<(data: never) => void>>();
  #socket: Socket | undefined;
  #ready: Ready | undefined;
  /** Attempts since the connection was last stable. */
  #attempts = 0;
  #everLive = false;
  #refreshNext = false;
  /** A refused token is renewed once, until the connection is stable again. */
  #renewed = false;
  #drainUntil = 0;
  #timers: { [what in Timer]?: ReturnType<typeof setTimeout> } = {};
  /** Told apart from earlier attempts, which may still be waiting for their token. */
  #attempt = 0;
  #unlisten: () => void;

  constructor(options: Options) {
    this.#options = options;
    this.#timing = { ...TIMING, ...options.timing };
    this.#unlisten = listenToNetwork(this);
    void this.#open();
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** Who the server says we are, and its limits; once it was live. */
  get greeting(): Ready | undefined {
    return this.#ready;
  }

  /** Calls `watcher` now and whenever the connection changes; the answer stops it. */
  watch(watcher: (connection: Connection) => void): () => void {
    this.#watchers.add(watcher);
    watcher(this.#connection);
    return () => this.#watchers.delete(watcher);
  }

  /** Events of the connection itself, what `view.follow` and `dashboard.follow` bring, and errors that answer no call. */
  on<N extends keyof Events | "error">(
    name: N,
    handler: (data: N extends keyof Events ? Events[N] : VizroomError) => void,
  ): () => void {
    const handlers = this.#handlers.get(name) ?? new Set();
    this.#handlers.set(name, handlers.add(handler as (data: never) => void));
    return () => handlers.delete(handler as (data: never) => void);
  }

  /** The operation's reply, or a `VizroomError`. Waits through lost connections without doing anything twice. */
  call<N extends keyof Operations>(
    name: N,
    data: Operations[N]["input"],
    options?: CallOptions,
  ): Promise<Operations[N]["output"]> {
    if (this.#connection.state === "closed") return Promise.reject(this.#closedError());
    return this.#calls.add(name, data, options);
  }

  /** Follows a room. Listeners added right away miss nothing. The same room is followed once. */
  join(roomId: string, options: { since?: Position | "head" } = {}): Room {
    const known = this.#rooms.get(roomId);
    if (known) return known;
    const room: Room = new Room(roomId, {
      join: (input) => this.call("room.join", input),
      leave: (left, tell) => this.#leave(left, tell),
      distrust: (reason) => {
        console.error(`vizroom: ${reason}; reading room ${roomId} again`);
        this.#socket?.end(UNREADABLE, "out of order");
      },
    }, options.since);
    this.#rooms.set(roomId, room);
    if (this.#connection.state === "live") void room.enter();
    if (this.#connection.state === "closed") queueMicrotask(() => room.fail(this.#closedError()));
    return room;
  }

  /** Tries at once instead of waiting for the next attempt. */
  retryNow(): void {
    if (this.#timers.retry === undefined) return;
    this.#cancel("retry");
    void this.#open();
  }

  /** Asks the server for a sign of life, after a time in which this side may have slept. */
  probe(): void {
    this.#socket?.probe();
  }

  /** Ends the connection for good; calls that still wait reject with `DISCONNECTED`. */
  close(): void {
    this.#end();
  }

  async #open(): Promise<void> {
    const attempt = ++this.#attempt;
    const refresh = this.#refreshNext;
    this.#refreshNext = false;
    this.#become({ state: this.#everLive ? "reconnecting" : "connecting" });
    let token: string;
    try {
      token = await this.#options.token({ refresh });
    } catch (error) {
      if (attempt !== this.#attempt) return;
      if (error instanceof VizroomError && error.code === "UNAUTHORIZED") return this.#end(error);
      this.#refreshNext = refresh;
      return this.#retryLater();
    }
    if (attempt !== this.#attempt) return;
    const Constructor = this.#options.WebSocket ?? (globalThis.WebSocket as unknown as WebSocketConstructor);
    // One room can be joined with the connection, which saves it a way there and back.
    const first = this.#rooms.values().next().value;
    const url = first ? `${this.#options.url}?${new URLSearchParams(first.query)}` : this.#options.url;
    const socket = new Socket(new Constructor(url, ["vizroom.v1", `bearer.${token}`]), this.#timing, {
      frame: (frame) => {
        if (socket !== this.#socket) return;
        if (frame.type === "connection.ready") this.#welcome(frame.data as Ready, socket, token, first);
        this.#receive(frame, socket);
      },
      lost: (code, reason) => {
        if (socket === this.#socket) this.#lost(code, reason);
      },
    });
    this.#socket = socket;
  }

  #receive(frame: Frame, socket: Socket): void {
    if (frame.type === "server.drain") this.#drain((frame.data as Events["server.drain"]).reconnect_after_ms, socket);
    if (frame.type === "reply") return void this.#calls.settle(frame);
    if (frame.type === "error") {
      if (!this.#calls.settle(frame)) this.#emit("error", VizroomError.from(frame.data as WireError));
      return;
    }
    const { room_id } = frame.metadata;
    // `room.lag` and `room.deleted` may name their room in the data only. A notification is about one, but told to the
    // user, who need not have joined it.
    const named = (frame.data as { room_id?: string } | null)?.room_id;
    const id = room_id ?? (frame.type === "notification" ? undefined : named);
    const room = id === undefined ? undefined : this.#rooms.get(id);
    if (room) room.receive(frame);
    // What a viewer follows is no room that was joined.
    else if (id === undefined || frame.type === "dashboard.shown") this.#emit(frame.type, frame.data);
  }

  /** `first`: the room that the connection has joined already. */
  #welcome(ready: Ready, socket: Socket, token: string, first: Room | undefined): void {
    this.#ready = ready;
    this.#everLive = true;
    this.#timers.stable = setTimeout(() => {
      this.#attempts = 0;
      this.#renewed = false;
    }, this.#timing.stableMs);
    this.#renewBefore(expiry(token), socket);
    this.#calls.resume((text) => socket.send(text), ready.limits);
    // Who joins a room on hearing of this enters it at once.
    const rooms = [...this.#rooms.values()];
    this.#become({ state: "live" });
    const begun = first && this.#calls.expect("join", "room.join");
    for (const room of rooms) void room.enter(room === first ? begun : undefined);
    // Left meanwhile.
    if (first && this.#rooms.get(first.id) !== first) {
      begun?.catch(() => {});
      if (!this.#rooms.has(first.id)) this.#calls.add("room.leave", { room_id: first.id }).catch(() => {});
    }
  }

  #lost(code: number, reason: string): void {
    const greeted = this.#connection.state === "live";
    this.#socket = undefined;
    for (const what of ["stable", "renew", "drain"] as const) this.#cancel(what);
    for (const room of this.#rooms.values()) room.interrupt();
    this.#calls.pause();
    if (code === BAD_TOKEN && !this.#renewed) {
      this.#renewed = true;
      this.#refreshNext = true;
      return void this.#open();
    }
    if (code >= 4500 && code <= 4999) {
      return this.#end(new VizroomError(REFUSALS[code] ?? "FORBIDDEN", reason || `the server closed the connection (${code})`));
    }
    // A browser does not tell a handshake refused for its token from a server that is not there: renew it once.
    if (code === NO_CLOSE_FRAME && !greeted && !this.#renewed) {
      this.#renewed = true;
      this.#refreshNext = true;
    }
    this.#retryLater();
  }

  #retryLater(): void {
    const { backoffMinMs, backoffMaxMs } = this.#timing;
    const ceiling = Math.min(backoffMaxMs, backoffMinMs * 2 ** Math.min(this.#attempts++, 30));
    // Half fixed, half random: many clients of one server must not come back in one moment.
    const jittered = ceiling * (0.5 + 0.5 * (this.#options.random ?? Math.random)());
    const delay = Math.max(jittered, this.#drainUntil - Date.now());
    this.#timers.retry = setTimeout(() => {
      delete this.#timers.retry;
      void this.#open();
    }, delay);
    this.#become({ state: isOffline() ? "offline" : "reconnecting", retryAt: Date.now() + delay });
  }

  /** The server goes away: come back when it says, not all at once. */
  #drain(afterMs: number, socket: Socket): void {
    this.#drainUntil = Date.now() + afterMs;
    this.#cancel("drain");
    this.#timers.drain = setTimeout(() => socket.end(4001, "drained"), afterMs);
  }

  #renewBefore(expiresAt: number | undefined, socket: Socket): void {
    this.#cancel("renew");
    if (expiresAt === undefined) return;
    const left = expiresAt - Date.now();
    const delay = Math.max(left - this.#timing.renewMs, left / 2, this.#timing.backoffMinMs);
    this.#timers.renew = setTimeout(async () => {
      try {
        const token = await this.#options.token({ refresh: true });
        if (socket !== this.#socket) return;
        await this.#calls.add("auth.refresh", { token });
        if (socket === this.#socket) this.#renewBefore(expiry(token), socket);
      } catch {
        // The connection lives on until the server ends it with 4501, and then the token is asked for once more.
        if (socket === this.#socket && Date.now() < expiresAt) this.#renewBefore(expiresAt, socket);
      }
    }, Math.min(delay, TIMEOUT_MS_MAX));
  }

  #leave(room: Room, tell: boolean): void {
    if (this.#rooms.get(room.id) !== room) return;
    this.#rooms.delete(room.id);
    // Answered or not: nobody listens any more.
    if (tell && this.#connection.state === "live") this.#calls.add("room.leave", { room_id: room.id }).catch(() => {});
  }

  #end(error?: VizroomError): void {
    if (this.#connection.state === "closed") return;
    this.#attempt++;
    const socket = this.#socket;
    this.#socket = undefined;
    for (const what of ["retry", "stable", "renew", "drain"] as const) this.#cancel(what);
    this.#unlisten();
    this.#become({ state: "closed", ...(error && { error }) });
    socket?.end(1000, "closed");
    this.#calls.fail(this.#closedError());
    for (const room of [...this.#rooms.values()]) room.fail(this.#closedError());
  }

  #closedError(): VizroomError {
    return this.#connection.error ?? new VizroomError("DISCONNECTED", "the client is closed");
  }

  #cancel(what: Timer): void {
    clearTimeout(this.#timers[what]);
    delete this.#timers[what];
  }

  #become(connection: Connection): void {
    this.#connection = connection;
    for (const watcher of [...this.#watchers]) watcher(connection);
  }

  #emit(name: string, data: unknown): void {
    for (const handler of [...(this.#handlers.get(name) ?? [])]) handler(data as never);
  }
}

/** When a JWT expires, in milliseconds since 1970; undefined for API keys. */
function expiry(token: string): number | undefined {
  const payload = token.split(".")[1];
  if (payload === undefined) return undefined;
  try {
    const { exp } = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
    return typeof exp === "number" ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}

function isOffline(): boolean {
  return globalThis.navigator?.onLine === false;
}

/** In a browser: try at once when the network is back, and ask for a sign of life when it went or the page woke up. */
function listenToNetwork(client: Client): () => void {
  if (typeof document === "undefined") return () => {};
  const online = () => (client.connection.state === "live" ? client.probe() : client.retryNow());
  const offline = () => client.probe();
  const visible = () => {
    if (document.visibilityState === "visible") online();
  };
  addEventListener("online", online);
  addEventListener("offline", offline);
  document.addEventListener("visibilitychange", visible);
  return () => {
    removeEventListener("online", online);
    removeEventListener("offline", offline);
    document.removeEventListener("visibilitychange", visible);
  };
}
