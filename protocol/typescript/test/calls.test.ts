import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { VizroomError } from "../src/index.js";
import { Fake, reaches } from "./fake.js";

let fake: Fake;
beforeEach(async () => void (fake = await Fake.start()));
afterEach(() => fake.stop());

test("a call made before the connection is ready waits, and resolves with the reply", async () => {
  const client = fake.client();
  const rooms = client.call("room.list", {});
  const peer = await fake.peer();
  assert.equal(peer.token, "t0");
  peer.greet();
  const call = await peer.next();
  assert.equal(call.type, "room.list");
  assert.equal(call.metadata.idempotency_key, undefined, "reading needs no key");
  peer.reply(call, { rooms: [] });
  assert.deepEqual(await rooms, { rooms: [] });
});

test("an error frame rejects with everything it said", async () => {
  const client = fake.client();
  const peer = await fake.peer();
  peer.greet();
  const sent = client.call("chat.send", { room_id: "r1", content: "" });
  peer.fail(await peer.next(), { code: "INVALID_REQUEST", message: "empty", field: "data.content" });
  await assert.rejects(sent, (error: VizroomError) => {
    assert.ok(error instanceof VizroomError);
    assert.deepEqual([error.code, error.message, error.field], ["INVALID_REQUEST", "empty", "data.content"]);
    return true;
  });
});

test("an error that answers no call reaches the client's listeners", async () => {
  const client = fake.client();
  const told = new Promise<VizroomError>((resolve) => client.on("error", resolve));
  const peer = await fake.peer();
  peer.greet();
  peer.send({ type: "error", data: { code: "RATE_LIMITED", message: "slow down", retry_after_ms: 800 }, metadata: {} });
  assert.equal((await told).retryAfterMs, 800);
});

test("a mutating call cut by a lost connection is sent again under the same key", async () => {
  const client = fake.client();
  const first = await fake.peer();
  first.greet();
  const sent = client.call("chat.send", { room_id: "r1", content: "hello" });
  const before = await first.next();
  assert.match(before.metadata.idempotency_key ?? "", /^[0-9a-f]{32}$/);
  first.cut();

  const second = await fake.peer();
  second.greet();
  const after = await second.next();
  assert.deepEqual(after, before);
  second.reply(after, { message_id: "e1", seq: 1 });
  assert.deepEqual(await sent, { message_id: "e1", seq: 1 });
});

test("two calls have two keys; a caller's own key is kept", async () => {
  const client = fake.client();
  const peer = await fake.peer();
  peer.greet();
  void client.call("room.create", { name: "a" }).catch(() => {});
  void client.call("room.create", { name: "a" }).catch(() => {});
  void client.call("room.create", { name: "a" }, { idempotencyKey: "mine" }).catch(() => {});
  const keys = [await peer.next(), await peer.next(), await peer.next()].map((call) => call.metadata.idempotency_key);
  assert.notEqual(keys[0], keys[1]);
  assert.equal(keys[2], "mine");
});

test("what is about this moment is not repeated on the next connection", async () => {
  const client = fake.client();
  const first = await fake.peer();
  first.greet();
  await reaches(client, "live");
  const typing = client.call("presence.update", { room_id: "r1", typing: true });
  await first.next();
  first.cut();
  await assert.rejects(typing, { code: "DISCONNECTED" });
});

test("no more calls are in flight than the server said it takes", async () => {
  const client = fake.client();
  const peer = await fake.peer();
  peer.greet({ calls_in_flight_max: 2 });
  await reaches(client, "live");
  const lists = [1, 2, 3].map(() => client.call("room.list", {}));
  const [one, two] = [await peer.next(), await peer.next()];
  // A round trip later the third has still not been sent.
  peer.send({ type: "ping.test", data: {}, metadata: {} });
  await new Promise<void>((resolve) => client.on("ping.test" as never, () => resolve()));
  assert.equal(peer.unread, 0);
  peer.reply(one, { rooms: [] });
  peer.reply(await peer.next(), { rooms: [] });
  peer.reply(two, { rooms: [] });
  await Promise.all(lists);
});

test("what cannot be sent is refused here: too big, too many, given up, closed", async () => {
  const client = fake.client();
  const peer = await fake.peer();
  peer.greet({ frame_bytes_max: 200 });
  await reaches(client, "live");
  await assert.rejects(client.call("room.create", { name: "ü".repeat(100) }), { code: "TOO_LARGE" });

  const abort = new AbortController();
  const given = client.call("room.list", {}, { signal: abort.signal });
  abort.abort();
  await assert.rejects(given, { code: "ABORTED" });

  const waiting = Array.from({ length: 256 }, () => client.call("room.list", {}).catch((error: VizroomError) => error.code));
  await assert.rejects(client.call("room.list", {}), { code: "OVERLOADED" });
  client.close();
  assert.deepEqual(new Set(await Promise.all(waiting)), new Set(["DISCONNECTED"]));
  await assert.rejects(client.call("room.list", {}), { code: "DISCONNECTED" });
});
