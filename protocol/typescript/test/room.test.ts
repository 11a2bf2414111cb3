import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import type { Client, Room, VizroomError } from "../src/index.js";
import { chat, Fake, joined, type Peer, reaches, snapshot } from "./fake.js";

let fake: Fake;
beforeEach(async () => {
  fake = await Fake.start();
  for (const method of ["error", "assert"] as const) mock.method(console, method, () => {});
});
afterEach(() => {
  mock.restoreAll();
  return fake.stop();
});

interface Followed {
  client: Client;
  room: Room;
  peer: Peer;
  heard: string[];
  /** Resolves when that many messages were heard. */
  until(count: number): Promise<void>;
}

/** A client that follows `r1` from a snapshot at seq 2. */
async function follow(): Promise<Followed> {
  const client = fake.client();
  const room = client.join("r1");
  const heard: string[] = [];
  let wanted: { count: number; resolve: () => void } | undefined;
  room.on("chat.message", ({ content }) => {
    heard.push(content);
    if (wanted && heard.length >= wanted.count) wanted.resolve();
  });
  const peer = await fake.peer();
  peer.greet();
  const call = await peer.next();
  assert.deepEqual([call.type, call.data], ["room.join", { room_id: "r1" }]);
  peer.reply(call, joined("snapshot", 2, { snapshot }));
  assert.equal((await room.ready).snapshot?.room.name, "Flights");
  const until = (count: number) => new Promise<void>((resolve) => {
    if (heard.length >= count) resolve();
    else wanted = { count, resolve };
  });
  return { client, room, peer, heard, until };
}

test("events right behind the reply are not missed", async () => {
  const { room, peer, heard, until } = await follow();
  peer.send(chat(3), chat(4));
  await until(2);
  assert.deepEqual(heard, ["m3", "m4"]);
  assert.deepEqual(room.position, { epoch: "k1", seq: 4 });
});

test("events that come in one read with the reply wait for it", async () => {
  const client = fake.client();
  const room = client.join("r1");
  const heard: string[] = [];
  const both = new Promise<void>((resolve) => {
    room.on("joined", () => heard.push("joined"));
    room.on("chat.message", ({ content }) => void (heard.push(content) === 2 && resolve()));
  });
  const peer = await fake.peer();
  peer.greet();
  const call = await peer.next();
  peer.reply(call, joined("snapshot", 0, { snapshot }));
  peer.send(chat(1));
  await both;
  assert.deepEqual(heard, ["joined", "m1"]);
});

test("cut in mid-stream: rejoins after its position, no gap, no duplicate", async () => {
  const { client, room, peer, heard, until } = await follow();
  peer.send(chat(3));
  await until(1);
  peer.cut();

  const second = await fake.peer();
  second.greet();
  const call = await second.next();
  assert.deepEqual(call.data, { room_id: "r1", since: { epoch: "k1", seq: 3 } });
  second.reply(call, joined("replay", 5));
  second.send(chat(4), chat(5), chat(6));
  await until(4);
  assert.deepEqual(heard, ["m3", "m4", "m5", "m6"]);
  assert.equal(room.duplicates, 0);
  assert.equal(client.connection.state, "live");
});

test("an event that comes twice is heard once, and counted", async () => {
  const { room, peer, heard, until } = await follow();
  peer.send(chat(3), chat(3), chat(2), chat(4));
  await until(2);
  assert.deepEqual(heard, ["m3", "m4"]);
  assert.equal(room.duplicates, 2);
});

test("a hole is not stepped over: the log is read again from before it", async () => {
  const { peer, heard, until } = await follow();
  peer.send(chat(3), chat(5));
  const second = await fake.peer();
  second.greet();
  const call = await second.next();
  assert.deepEqual(call.data["since"], { epoch: "k1", seq: 3 });
  second.reply(call, joined("replay", 5));
  second.send(chat(4), chat(5));
  await until(3);
  assert.deepEqual(heard, ["m3", "m4", "m5"]);
});

test("a log that no longer reaches back: the snapshot replaces what was known", async () => {
  const { room, peer } = await follow();
  const again = new Promise<string | undefined>((resolve) => room.on("joined", (reply) => resolve(reply.snapshot?.room.name)));
  peer.cut();
  const second = await fake.peer();
  second.greet();
  const renamed = { ...snapshot, room: { ...snapshot.room, name: "Renamed" } };
  second.reply(await second.next(), joined("snapshot", 900, { epoch: "k2", snapshot: renamed }));
  assert.equal(await again, "Renamed");
  assert.deepEqual(room.position, { epoch: "k2", seq: 900 });
});

test("a log that is shorter than what is known is another log: it is read from the beginning", async () => {
  const { room, peer } = await follow();
  peer.cut();
  const second = await fake.peer();
  second.greet();
  second.reply(await second.next(), joined("live", 1));
  const third = await fake.peer();
  third.greet();
  const call = await third.next();
  assert.deepEqual(call.data, { room_id: "r1" });
  const again = new Promise<void>((resolve) => room.on("joined", () => resolve()));
  third.reply(call, joined("snapshot", 1, { snapshot }));
  await again;
  assert.deepEqual(room.position, { epoch: "k1", seq: 1 });
});

test("events without a seq pass, and `*` hears everything", async () => {
  const { room, peer } = await follow();
  const types: string[] = [];
  const signal = new Promise<void>((resolve) => room.on("presence.signal", () => resolve()));
  room.on("*", ({ type }) => types.push(type));
  peer.send(chat(3), { type: "presence.signal", data: { user_id: "u2", typing: true }, metadata: { room_id: "r1" } });
  await signal;
  await Promise.resolve();
  assert.deepEqual(types, ["chat.message", "presence.signal"]);
  assert.equal(room.position?.seq, 3);
});

test("a listener that throws costs the others nothing", async () => {
  const { room, peer, heard, until } = await follow();
  room.on("chat.message", () => {
    throw new Error("mistake");
  });
  peer.send(chat(3), chat(4));
  await until(2);
  assert.deepEqual(heard, ["m3", "m4"]);
});

test("a room that may not be joined says so once; the connection stays", async () => {
  const client = fake.client();
  const room = client.join("r1");
  const told = new Promise<VizroomError>((resolve) => room.on("error", resolve));
  const peer = await fake.peer();
  peer.greet();
  peer.fail(await peer.next(), { code: "NOT_FOUND", message: "room not found" });
  assert.equal((await told).code, "NOT_FOUND");
  await assert.rejects(room.ready, { code: "NOT_FOUND" });
  assert.equal(client.connection.state, "live");
  assert.notEqual(client.join("r1"), room, "joining again begins anew");
});

test("a join that was only refused for now is tried again", async () => {
  const client = fake.client();
  const room = client.join("r1");
  const peer = await fake.peer();
  peer.greet();
  peer.fail(await peer.next(), { code: "RATE_LIMITED", message: "slow down", retry_after_ms: 5 });
  peer.reply(await peer.next(), joined("live", 7));
  await room.ready;
  assert.deepEqual(room.position, { epoch: "k1", seq: 7 });
});

test("a deleted room ends; a left one is told to the server and forgotten", async () => {
  const { client, room, peer } = await follow();
  const ended = new Promise<VizroomError>((resolve) => room.on("error", resolve));
  peer.send({ type: "room.deleted", data: { room_id: "r1" }, metadata: { room_id: "r1" } });
  assert.equal((await ended).code, "NOT_FOUND");

  const other = client.join("r2");
  const call = await peer.next();
  assert.equal(call.type, "room.join");
  peer.reply(call, { ...joined("live", 0), room_id: "r2" });
  await other.ready;
  other.leave();
  assert.deepEqual((await peer.next()).type, "room.leave");
  peer.cut();
  const second = await fake.peer();
  second.greet();
  await reaches(client, "live");
  const list = client.call("room.list", {});
  const next = await second.next();
  assert.equal(next.type, "room.list", "nothing is rejoined");
  second.reply(next, { rooms: [] });
  await list;
});

test("one room is joined by the connection's address; left meanwhile, it is left there too", async () => {
  const client = fake.client();
  const rooms = ["r1", "r2"].map((id) => client.join(id, { since: { epoch: "k1", seq: 7 } }));
  const peer = await fake.peer();
  const call = await peer.next();
  assert.deepEqual([call.data, call.metadata.id], [{ room_id: "r1", since: { epoch: "k1", seq: 7 } }, "join"]);
  rooms[0]!.leave();
  peer.greet();
  assert.deepEqual((await peer.next()).data, { room_id: "r2", since: { epoch: "k1", seq: 7 } });
  const left = await peer.next();
  assert.deepEqual([left.type, left.data], ["room.leave", { room_id: "r1" }]);
});
