// A scripted server for working on the page without the real one: `npm run build && npm run mock`, then http://127.0.0.1:8787.
// It keeps everything in memory and checks nothing. With MOCK_DROP_MS it drops every connection after that time.
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";
import { FILE } from "./flights.mjs";
import { ANA, MockRoom } from "./room.mjs";

const PORT = Number(process.env.PORT ?? 8787);
const PACE_MS = Number(process.env.MOCK_PACE_MS ?? 500);
const DROP_MS = Number(process.env.MOCK_DROP_MS ?? 0);
const DIST = fileURLToPath(new URL("../dist/", import.meta.url));
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
// As strict as the page can live with: it says here what the page needs.
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const rooms = new Map();
const demo = new MockRoom("00000000-0000-7000-8000-00000000d310", "Flights demo", { withData: true });
rooms.set(demo.id, demo);

const userOf = (name, email) => ({ id: "00000000-0000-7000-8000-00000000beef", tenant_id: "00000000-0000-7000-8000-00000000cafe", email, name, created_at: "2026-01-01T08:00:00Z" });
const ME = userOf("Kim Berg", "kim@example.org");
const tokens = () => ({ user: ME, access_token: `mock-${randomUUID()}`, refresh_token: randomUUID(), token_type: "Bearer", expires_in: 900 });

const POSTS = {
  "/server/auth/login": (body) => (body.password === "wrong" ? { code: "UNAUTHORIZED", message: "E-mail or password is wrong." } : tokens()),
  "/server/auth/register": tokens,
  "/server/auth/refresh": tokens,
  "/server/auth/logout": () => ({}),
  "/api/v1/demo": () => ({ ...tokens(), room_id: demo.id }),
};

function answer(response, status, data) {
  const failed = data?.code !== undefined && data?.message !== undefined;
  response.writeHead(failed ? 400 : status, { "Content-Type": "application/json" });
  response.end(JSON.stringify({ success: !failed, data: failed ? null : data, errors: failed ? [data] : [], warnings: [], execution_time_ms: 1.5 }));
}

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

function uploaded(bytes) {
  const text = bytes.toString("latin1");
  const name = /filename="([^"]+)"/.exec(text)?.[1] ?? "data.csv";
  const room = rooms.get(/name="room_id"\r\n\r\n([^\r]+)/.exec(text)?.[1]);
  const file = { ...FILE, id: randomUUID(), name, size: bytes.length };
  room?.files.unshift(file);
  room?.publish("file.linked", { room_id: room.id, files: [file] }, ME);
  return file;
}

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, "http://mock");
  if (request.method === "POST" && pathname === "/server/data/upload") return answer(response, 201, uploaded(await body(request)));
  if (request.method === "POST" && POSTS[pathname]) return answer(response, 200, POSTS[pathname](JSON.parse((await body(request)).toString() || "{}")));
  if (pathname === "/api/v1/demo") return answer(response, 200, { available: true });
  const path = join(DIST, normalize(pathname === "/" ? "/index.html" : pathname));
  try {
    const bytes = await readFile(path);
    response.writeHead(200, { "Content-Type": TYPES[extname(path)] ?? "application/octet-stream", "Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff" });
    response.end(bytes);
  } catch {
    answer(response, 404, { code: "NOT_FOUND", message: "not found" });
  }
});

const findBoard = (id) => [...rooms.values()].map((room) => ({ room, dashboard: room.dashboards.get(id) })).find(({ dashboard }) => dashboard);
const missing = (what) => ({ code: "NOT_FOUND", message: `${what} not found` });

/** One function per operation; an answer with a `code` is an error. */
const OPERATIONS = {
  "ping": () => ({ ts: new Date().toISOString() }),
  "auth.refresh": () => ({ user: ME, expires_in: 900 }),
  "account.me": () => ME,
  "room.list": () => ({ rooms: [...rooms.values()].map((room) => room.snapshot(ME).room).reverse() }),
  "room.create": ({ name }) => {
    const room = new MockRoom(randomUUID(), name);
    rooms.set(room.id, room);
    return room.snapshot(ME).room;
  },
  "room.join": ({ room_id, since }, connection) => {
    const room = rooms.get(room_id);
    if (!room) return missing("room");
    const head = room.log.length;
    const replay = since?.epoch === room.epoch;
    // After the reply, as a server would: what was missed, then everything live.
    queueMicrotask(() => {
      if (replay) for (const event of room.log.slice(since.seq)) connection.send(event);
      room.connections.add(connection);
    });
    const presence = room.presence();
    if (!presence.some((one) => one.user_id === ME.id)) presence.unshift({ user_id: ME.id, name: ME.name, status: "active" });
    return { room_id, mode: replay ? "replay" : "snapshot", epoch: room.epoch, head, presence, ...(!replay && { snapshot: room.snapshot(ME) }) };
  },
  "room.leave": ({ room_id }, connection) => (rooms.get(room_id)?.connections.delete(connection), {}),
  "room.history": () => ({ events: [], more: false }),
  "room.add_member": ({ email }) => ({ invitation: { id: randomUUID(), invitation: `inv-${email.length}-${randomUUID()}`, expires_at: new Date(Date.now() + 6e8).toISOString() } }),
  "presence.update": ({ room_id, typing }) => {
    rooms.get(room_id)?.publish("presence.signal", { user_id: ME.id, typing }, ME, { passing: true });
    return {};
  },
  "chat.send": ({ room_id, content }) => {
    const room = rooms.get(room_id);
    const { event_id, seq } = room.say(content, ME);
    room.publish("presence.signal", { user_id: ANA.id, typing: true }, ANA, { passing: true });
    setTimeout(() => room.say(`Good point: “${content.slice(0, 60)}”`, ANA), PACE_MS * 4);
    return { message_id: event_id, seq };
  },
  "file.list": () => ({ files: [FILE] }),
  "file.link": ({ room_id }) => {
    const room = rooms.get(room_id);
    room.files.push(FILE);
    room.publish("file.linked", { room_id, files: [FILE] }, ME);
    return { files: room.files };
  },
  "dashboard.generate": (input) => rooms.get(input.room_id)?.generate(input, ME, PACE_MS) ?? missing("room"),
  "dashboard.list": ({ room_id }) => ({ dashboards: rooms.get(room_id)?.summaries ?? [] }),
  "dashboard.get": ({ dashboard_id }) => findBoard(dashboard_id)?.dashboard ?? missing("dashboard"),
  "dashboard.cancel": ({ session_id }) => (findBoard(session_id)?.room.cancel(session_id), {}),
  "dashboard.delete": ({ dashboard_id }) => {
    const found = findBoard(dashboard_id);
    found?.room.dashboards.delete(dashboard_id);
    found?.room.publish("dashboard.deleted", { dashboard_id }, ME);
    return {};
  },
  "dashboard.refine": (input) => {
    const found = findBoard(input.session_id);
    return found ? found.room.refine(found.dashboard, input, ME) : missing("dashboard");
  },
  "dashboard.filter": ({ session_id, filter_state }) => {
    const found = findBoard(session_id);
    return found ? found.room.filter(found.dashboard, filter_state) : missing("dashboard");
  },
};

const sockets = new WebSocketServer({ server, path: "/ws/events", handleProtocols: () => "vizroom.v1" });
sockets.on("connection", (socket) => {
  const connection = { user: ME, send: (frame) => socket.send(JSON.stringify(frame)) };
  connection.send({ type: "connection.ready", data: { user: ME, protocol: "vizroom.v1", limits: { frame_bytes_max: 65536, rooms_max: 128, calls_in_flight_max: 32 } }, metadata: {} });
  socket.on("message", (raw) => {
    const { type, data, metadata } = JSON.parse(String(raw));
    const result = OPERATIONS[type]?.(data ?? {}, connection) ?? { code: "NOT_FOUND", message: `no operation ${type}` };
    const failed = result.code !== undefined && result.message !== undefined;
    connection.send({ type: failed ? "error" : "reply", data: result, metadata: { reply_to: metadata?.id } });
  });
  socket.on("close", () => rooms.forEach((room) => room.connections.delete(connection)));
  if (DROP_MS > 0) setTimeout(() => socket.close(4001, "scripted"), DROP_MS);
});

server.listen(PORT, "127.0.0.1", () => console.log(`http://127.0.0.1:${PORT}`));
