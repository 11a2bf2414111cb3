import type { Frame } from "./frame.js";

/** The part of the standard WebSocket that is used here; Node 20 has none of its own, but npm `ws` fits. */
export interface WebSocketLike {
  readonly readyState: number;
  send(text: string): void;
  close(code?: number, reason?: string): void;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: ((event: unknown) => void) | null;
}

export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

interface Heartbeat {
  /** Silence after which a ping is sent, in milliseconds. */
  quietMs: number;
  /** Silence after the ping, or before the first frame, after which the connection counts as dead. */
  deadMs: number;
}

/** Closed by this side because nothing came any more. */
export const SILENT = 4012;
/** Closed by this side because a frame was not one. */
export const UNREADABLE = 1007;

const OPEN = 1;

/** One WebSocket from opening to its end, which is told exactly once. */
export class Socket {
  #ws: WebSocketLike;
  #heartbeat: Heartbeat;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lost: (code: number, reason: string) => void;
  #over = false;

  constructor(
    ws: WebSocketLike,
    heartbeat: Heartbeat,
    on: { frame: (frame: Frame) => void; lost: (code: number, reason: string) => void },
  ) {
    this.#ws = ws;
    this.#heartbeat = heartbeat;
    this.#lost = on.lost;
    ws.onmessage = ({ data }) => {
      if (this.#over) return;
      this.#listen();
      const frame = read(data);
      if (frame) on.frame(frame);
      else this.end(UNREADABLE, "a frame was not one");
    };
    ws.onclose = ({ code, reason }) => this.#finish(code, reason);
    // An error is always followed by a close, which says more.
    ws.onerror = () => {};
    this.#timer = setTimeout(() => this.end(SILENT, "the server did not answer"), heartbeat.deadMs);
  }

  /** False if there is nothing to send on any more. */
  send(text: string): boolean {
    if (this.#over || this.#ws.readyState !== OPEN) return false;
    this.#ws.send(text);
    return true;
  }

  /** Asks at once whether somebody is there, for example after the computer slept. */
  probe(): void {
    if (this.#over) return;
    clearTimeout(this.#timer);
    this.send('{"type":"ping","metadata":{"id":"heartbeat"}}');
    this.#timer = setTimeout(() => this.end(SILENT, "no answer to a ping"), this.#heartbeat.deadMs);
  }

  /** Does not wait for the other side: a dead connection would keep us waiting for minutes. */
  end(code: number, reason: string): void {
    if (this.#over) return;
    try {
      this.#ws.close(code === UNREADABLE || code < 3000 ? 1000 : code, reason);
    } catch {
      // Closing a socket that never opened may throw; it is gone all the same.
    }
    this.#finish(code, reason);
  }

  #listen(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.probe(), this.#heartbeat.quietMs);
  }

  #finish(code: number, reason: string): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#lost(code, reason);
  }
}

function read(data: unknown): Frame | undefined {
  if (typeof data !== "string") return undefined;
  try {
    const frame = JSON.parse(data);
    return typeof frame?.type === "string" ? { type: frame.type, data: frame.data, metadata: frame.metadata ?? {} } : undefined;
  } catch {
    return undefined;
  }
}
