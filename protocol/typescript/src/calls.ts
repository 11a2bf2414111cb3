import { VizroomError } from "./error.js";
import type { Frame } from "./frame.js";
import type { Error as WireError, Limits, Operations } from "./types.js";

export interface CallOptions {
  /** The same key does nothing twice. Mutating calls get one by themselves. */
  idempotencyKey?: string;
  /** Stops waiting. What was sent already may still happen. */
  signal?: AbortSignal;
}

/** They change nothing that lasts: repeating them is harmless, so that they need no key. */
const READS = new Set([
  "ping", "connection.stats", "account.me", "account.invitations", "settings.get", "audit.list", "key.list", "notification.list",
  "room.list", "room.status", "room.readers", "room.history", "file.list", "file.get", "file.upload", "file.usage",
  "dashboard.list", "dashboard.get", "dashboard.changes", "dashboard.shares", "dashboard.links", "dashboard.refresh_settings",
  "view.open", "view.filter",
]);

/** They are about this moment or this connection: on the next one they would be wrong. */
const MOMENTARY = new Set([
  "auth", "auth.refresh", "room.join", "room.leave", "presence.update", "view.follow", "dashboard.follow", "dashboard.unfollow",
]);

/** Calls that may wait for a connection or a reply at one time; more are refused with `OVERLOADED`. */
const WAITING_MAX = 256;

interface Waiting {
  id: number | string;
  name: string;
  text: string;
  sent: boolean;
  resolve: (data: never) => void;
  reject: (error: VizroomError) => void;
}

/** Every call that has no answer yet, in the order they were made. Calls cut by a lost connection are sent again. */
export class Calls {
  #next = 1;
  #waiting = new Map<number | string, Waiting>();
  #send: ((text: string) => boolean) | undefined;
  #limits: Limits = { frame_bytes_max: 65_536, rooms_max: 128, calls_in_flight_max: 32 };

  add<N extends keyof Operations>(
    name: N,
    data: Operations[N]["input"],
    options: CallOptions = {},
  ): Promise<Operations[N]["output"]> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.size >= WAITING_MAX) {
        return reject(new VizroomError("OVERLOADED", `${WAITING_MAX} calls wait already`));
      }
      if (MOMENTARY.has(name) && !this.#send) {
        return reject(new VizroomError("DISCONNECTED", `no connection for ${name}`));
      }
      if (options.signal?.aborted) return reject(new VizroomError("ABORTED", `${name} was given up`));
      const id = this.#next++;
      const text = encode(id, name, data, options.idempotencyKey);
      const bytes = new TextEncoder().encode(text).length;
      if (bytes > this.#limits.frame_bytes_max) {
        const message = `${name} would be ${bytes} bytes; the server takes ${this.#limits.frame_bytes_max}`;
        return reject(new VizroomError("TOO_LARGE", message));
      }
      this.#waiting.set(id, { id, name, text, sent: false, resolve: resolve as (data: never) => void, reject });
      options.signal?.addEventListener("abort", () => {
        if (this.#waiting.delete(id)) reject(new VizroomError("ABORTED", `${name} was given up`));
        this.#flush();
      }, { once: true });
      this.#flush();
    });
  }

  /** The answer to a call that the connection's address has made. */
  expect<N extends keyof Operations>(id: string, name: N): Promise<Operations[N]["output"]> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { id, name, text: "", sent: true, resolve: resolve as (data: never) => void, reject });
    });
  }

  /** The connection is ready: everything that waits goes out, first come first served. */
  resume(send: (text: string) => boolean, limits: Limits): void {
    this.#send = send;
    this.#limits = limits;
    this.#flush();
  }

  /** The connection is gone: what may be repeated waits for the next. */
  pause(): void {
    this.#send = undefined;
    for (const call of [...this.#waiting.values()]) {
      call.sent = false;
      if (!MOMENTARY.has(call.name)) continue;
      this.#waiting.delete(call.id);
      call.reject(new VizroomError("DISCONNECTED", `the connection was lost during ${call.name}`));
    }
  }

  /** True if the frame answers a call that still waits. */
  settle(frame: Frame): boolean {
    const call = this.#waiting.get(frame.metadata.reply_to as number | string);
    if (!call) return false;
    this.#waiting.delete(call.id);
    if (frame.type === "reply") call.resolve(frame.data as never);
    else call.reject(VizroomError.from(frame.data as WireError));
    this.#flush();
    return true;
  }

  /** Nothing will ever be answered. */
  fail(error: VizroomError): void {
    this.#send = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const call of waiting) call.reject(error);
  }

  #flush(): void {
    let inFlight = 0;
    for (const call of this.#waiting.values()) {
      if (!this.#send || inFlight >= this.#limits.calls_in_flight_max) return;
      if (!call.sent) call.sent = this.#send(call.text);
      inFlight++;
    }
  }
}

function encode(id: number, name: string, data: unknown, key: string | undefined): string {
  const metadata: { id: number; idempotency_key?: string } = { id };
  if (key) metadata.idempotency_key = key;
  else if (!READS.has(name) && !MOMENTARY.has(name)) metadata.idempotency_key = randomKey();
  return JSON.stringify({ type: name, data, metadata });
}

/** 128 random bits. `crypto.randomUUID` exists only on pages served over TLS or from this machine. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
