import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { VizroomError, type Connection } from "../src/index.js";
import { Fake, reaches } from "./fake.js";

let fake: Fake;
beforeEach(async () => void (fake = await Fake.start()));
afterEach(() => fake.stop());

/** A token that looks like a JWT expiring then. */
const jwt = (expiresInMs: number, name: string) =>
  `h.${Buffer.from(JSON.stringify({ exp: (Date.now() + expiresInMs) / 1000, name })).toString("base64url")}.s`;

test("the state is told from connecting to closed", async () => {
  const client = fake.client();
  const seen: Connection[] = [];
  client.watch((connection) => seen.push(connection));
  const first = await fake.peer();
  first.greet();
  await reaches(client, "live");
  first.cut();
  const waiting = await reaches(client, "reconnecting");
  assert.ok(waiting.retryAt !== undefined && waiting.retryAt - Date.now() <= 8);
  (await fake.peer()).greet();
  await reaches(client, "live");
  client.close();
  assert.deepEqual(seen.map((c) => c.state), ["connecting", "live", "reconnecting", "reconnecting", "live", "closed"]);
});

test("a notification reaches who listens on the connection, whichever room it is about", async () => {
  const client = fake.client();
  const heard: string[] = [];
  client.on("notification", (notification) => heard.push(notification.text));
  const peer = await fake.peer();
  peer.greet();
  await reaches(client, "live");
  const data = { id: "1", kind: "mention", text: "ann: @bob", room_id: "r", read: false, created_at: "" };
  peer.send({ type: "notification", data, metadata: {} });
  const done = client.call("ping", {});
  peer.reply(await peer.next(), { ts: "" });
  await done;
  assert.deepEqual(heard, ["ann: @bob"]);
});

test("waits grow up to the bound, with jitter, until the connection was stable", async (t) => {
  t.mock.method(Date, "now", () => 0);
  const waits: number[] = [];
  const client = fake.client({ random: () => 1 });
  client.watch(({ retryAt }) => retryAt !== undefined && waits.push(retryAt));
  for (let i = 0; i < 4; i++) {
    const peer = await fake.peer();
    peer.greet();
    await reaches(client, "live");
    peer.cut();
    await reaches(client, "reconnecting");
  }
  assert.deepEqual(waits, [2, 4, 8, 8]);
});

for (const code of [4001, 4008, 4012, 4029, 1011]) {
  test(`close code ${code} means: come back`, async () => {
    const client = fake.client();
    const peer = await fake.peer();
    peer.greet();
    peer.close(code);
    (await fake.peer()).greet();
    await reaches(client, "live");
    assert.equal(fake.connections, 2);
  });
}

for (const [code, error] of [[4502, "INVALID_REQUEST"], [4503, "UNAUTHORIZED"], [4504, "RATE_LIMITED"], [4509, "TOO_LARGE"]] as const) {
  test(`close code ${code} means: do not`, async () => {
    const client = fake.client();
    const lost = client.call("room.list", {});
    const peer = await fake.peer();
    peer.close(code);
    assert.equal((await reaches(client, "closed")).error?.code, error);
    await assert.rejects(lost, { code: error });
  });
}

test("a refused token is renewed once, a second refusal is final", async () => {
  const asked: boolean[] = [];
  const client = fake.client({
    token: ({ refresh }) => {
      asked.push(refresh);
      return refresh ? "fresh" : "stale";
    },
  });
  (await fake.peer()).close(4501);
  const second = await fake.peer();
  assert.equal(second.token, "fresh");
  second.greet();
  await reaches(client, "live");
  second.close(4501);
  assert.equal((await reaches(client, "closed")).error?.code, "UNAUTHORIZED");
  assert.deepEqual(asked, [false, true]);
});

test("a handshake refused without a word may mean the token: it is renewed once", async () => {
  fake.refuses = true;
  const asked: boolean[] = [];
  const client = fake.client({
    token: ({ refresh }) => {
      asked.push(refresh);
      if (!refresh) return "stale";
      if (asked.length === 2) throw new TypeError("network");
      fake.refuses = false;
      return "fresh";
    },
  });
  const peer = await fake.peer();
  assert.equal(peer.token, "fresh");
  peer.greet();
  await reaches(client, "live");
  assert.deepEqual(asked, [false, true, true], "what could not be renewed is asked for again");
});

test("the token is renewed on the live connection before it expires", async () => {
  const client = fake.client({
    token: ({ refresh }) => jwt(refresh ? 900_000 : 30, refresh ? "new" : "old"),
    timing: { renewMs: 20 },
  });
  const peer = await fake.peer();
  peer.greet();
  await reaches(client, "live");
  const call = await peer.next();
  assert.equal(call.type, "auth.refresh");
  assert.match(Buffer.from(String(call.data["token"]).split(".")[1] ?? "", "base64url").toString(), /new/);
  assert.equal(fake.connections, 1);
});

test("a token that cannot be had is asked for again; one that will never be had closes", async () => {
  let asked = 0;
  const client = fake.client({
    token: () => {
      if (++asked < 3) throw new TypeError("network");
      throw new VizroomError("UNAUTHORIZED", "signed out");
    },
  });
  assert.equal((await reaches(client, "closed")).error?.message, "signed out");
  assert.equal(asked, 3);
});

test("silence is answered with a ping, and silence after that with a new connection", async () => {
  const client = fake.client({ timing: { quietMs: 15, deadMs: 15 } });
  const first = await fake.peer();
  first.greet();
  const ping = await first.next();
  assert.equal(ping.type, "ping");
  first.reply(ping, { ts: "2026-01-01T00:00:00Z" });
  assert.equal((await first.next()).type, "ping", "an answered ping keeps the connection");
  assert.equal(fake.connections, 1);
  (await fake.peer()).greet();
  await reaches(client, "live");
});

test("a server that never greets is given up", async () => {
  const client = fake.client({ timing: { deadMs: 15 } });
  await fake.peer();
  (await fake.peer()).greet();
  await reaches(client, "live");
});

test("an unreadable frame ends the connection, not the client", async () => {
  const client = fake.client();
  const first = await fake.peer();
  first.greet();
  first.raw("{nonsense");
  (await fake.peer()).greet();
  await reaches(client, "live");
});

test("a draining server is left when it says so", async () => {
  const client = fake.client();
  const first = await fake.peer();
  first.greet();
  const started = Date.now();
  first.send({ type: "server.drain", data: { reconnect_after_ms: 40 }, metadata: {} });
  await reaches(client, "live");
  first.close(4001);
  (await fake.peer()).greet();
  assert.ok(Date.now() - started >= 39, "not before the time it was told");
});
