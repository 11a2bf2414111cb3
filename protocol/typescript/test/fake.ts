import { WebSocketServer, WebSocket, type RawData } from "ws";
import { connect, type Client, type Connection, type Options, type State } from "../src/index.js";
import type { WebSocketConstructor } from "../src/socket.js";

export interface Received {
  type: string;
  data: Record<string, unknown>;
  metadata: { id?: number | string; idempotency_key?: string };
}

/** The server's side of one connection, driven by the test. */
export class Peer {
  token: string;
  #ws: WebSocket;
  #inbox: Received[] = [];
  #wanted: ((call: Received) => void)[] = [];

  constructor(ws: WebSocket, protocols: string, query: URLSearchParams) {
    this.#ws = ws;
    const room_id = query.get("room_id");
    if (room_id !== null) this.#inbox.push({ type: "room.join", data: { room_id, ...since(query) }, metadata: { id: "join" } });
    this.token = protocols.split(",")[1]?.trim().replace("bearer.", "") ?? "";
    ws.on("message", (raw: RawData) => {
      const call = JSON.parse(String(raw)) as Received;
      const wanted = this.#wanted.shift();
      if (wanted) wanted(call);
      else this.#inbox.push(call);
    });
  }

  /** The next call, whether it arrived already or not. */
  next(): Promise<Received> {
    const call = this.#inbox.shift();
    return call ? Promise.resolve(call) : new Promise((resolve) => this.#wanted.push(resolve));
  }

  get unread(): number {
    return this.#inbox.length;
  }

  send(...frames: object[]): void {
    for (const frame of frames) this.#ws.send(JSON.stringify(frame));
  }

  raw(text: string): void {
    this.#ws.send(text);
  }

  greet(limits: object = {}): void {
    this.send({
      type: "connection.ready",
      data: {
        user: { id: "u1", tenant_id: "t1", email: "ana@example.org", name: "Ana", created_at: "2026-01-01T00:00:00Z" },
        protocol: "vizroom.v1",
        limits: { frame_bytes_max: 65536, rooms_max: 128, calls_in_flight_max: 32, ...limits },
      },
      metadata: {},
    });
  }

  reply(call: Received, data: object): void {
    this.send({ type: "reply", data, metadata: { reply_to: call.metadata.id } });
  }

  fail(call: Received, error: object): void {
    this.send({ type: "error", data: error, metadata: { reply_to: call.metadata.id } });
  }

  /** As when a cable is pulled: no close frame. */
  cut(): void {
    this.#ws.terminate();
  }

  close(code: number): void {
    this.#ws.close(code, "scripted");
  }
}

/** A server that does what the test says, and the clients it made. */
export class Fake {
  #server: WebSocketServer;
  #peers: Peer[] = [];
  #wanted: ((peer: Peer) => void)[] = [];
  #clients: Client[] = [];
  connections = 0;
  /** Answers handshakes with 401. */
  refuses = false;

  private constructor(server: WebSocketServer) {
    this.#server = server;
    server.on("connection", (ws, request) => {
      this.connections++;
      const peer = new Peer(ws, request.headers["sec-websocket-protocol"] ?? "", new URL(request.url ?? "", "ws://x").searchParams);
      const wanted = this.#wanted.shift();
      if (wanted) wanted(peer);
      else this.#peers.push(peer);
    });
  }

  static async start(): Promise<Fake> {
    let fake: Fake | undefined;
    const server = new WebSocketServer({
      host: "127.0.0.1", port: 0, handleProtocols: () => "vizroom.v1",
      verifyClient: (_info: unknown, answer: (ok: boolean, status?: number) => void) => answer(!fake?.refuses, 401),
    });
    await new Promise((resolve) => server.once("listening", resolve));
    return (fake = new Fake(server));
  }

  /** The next connection. */
  peer(): Promise<Peer> {
    const peer = this.#peers.shift();
    return peer ? Promise.resolve(peer) : new Promise((resolve) => this.#wanted.push(resolve));
  }

  /** A client whose waits are short enough for a test. */
  client(options: Partial<Options> = {}): Client {
    const { port } = this.#server.address() as { port: number };
    const client = connect({
      url: `ws://127.0.0.1:${port}/ws/events`,
      token: () => "t0",
      WebSocket: WebSocket as unknown as WebSocketConstructor,
      random: () => 0,
      ...options,
      timing: { backoffMinMs: 2, backoffMaxMs: 8, ...options.timing },
    });
    this.#clients.push(client);
    return client;
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.close();
    for (const ws of this.#server.clients) ws.terminate();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Resolves when the client gets into that state. */
export function reaches(client: Client, state: State): Promise<Connection> {
  return new Promise((resolve) => {
    const stop: { now?: () => void } = {};
    stop.now = client.watch((connection) => {
      if (connection.state !== state) return;
      queueMicrotask(() => stop.now?.());
      resolve(connection);
    });
  });
}

/** Where the address of a connection says to go on. */
function since(query: URLSearchParams): { since?: unknown } {
  const place = query.get("since");
  const [epoch, seq] = place?.split(":") ?? [];
  return place === null ? {} : { since: seq === undefined ? place : { epoch, seq: Number(seq) } };
}

export const chat = (seq: number, content = `m${seq}`, epoch = "k1") => ({
  type: "chat.message",
  data: { content },
  metadata: { room_id: "r1", epoch, seq, event_id: `e${seq}`, ts: "2026-01-01T00:00:00.000Z" },
});

export const joined = (mode: string, head: number, more: object = {}) => ({
  room_id: "r1", mode, epoch: "k1", head, presence: [], ...more,
});

export const snapshot = {
  room: { id: "r1", name: "Flights", role: "owner", members: 1, created_at: "2026-01-01T00:00:00Z" },
  members: [], files: [], dashboards: [], runs: [], messages: [],
};
