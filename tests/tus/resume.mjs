// Uploads in pieces with tus-js-client: cut in the middle, the server killed and started again, resumed; what arrived is
// what was sent. `node tests/tus/resume.mjs [PROGRAM]`, after `cargo build`.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Upload } from "tus-js-client";

const PROGRAM = process.argv[2] ?? new URL("../../target/debug/vizroom", import.meta.url).pathname;
const PATIENCE_MS = 60_000;
const ROWS = 150_000;

const data = mkdtempSync(join(tmpdir(), "vizroom-tus-"));
let server;
let listen = "127.0.0.1:0";

async function start() {
  server = spawn(PROGRAM, ["serve", "--listen", listen, "--data-dir", data], { stdio: ["ignore", "pipe", "inherit"], cwd: data });
  const [line] = await once(createInterface(server.stdout), "line");
  listen = /^vizroom listening on http:\/\/(\S+)/.exec(line)[1];
}

async function kill(signal) {
  const ended = once(server, "exit");
  server.kill(signal);
  await ended;
}

/** A way to the server that breaks once so many bytes have gone through, with whatever is open; then it is whole. */
async function gate() {
  const sockets = new Set();
  const way = { left: Infinity, cuts: 0 };
  const listener = createServer((near) => {
    const far = connect(Number(listen.split(":").pop()), "127.0.0.1");
    const ends = [near, far];
    const cut = () => ends.forEach((end) => end.writableEnded || end.destroy());
    for (const end of ends) {
      sockets.add(end);
      end.on("error", cut).on("close", () => {
        sockets.delete(end);
        cut();
      });
    }
    far.pipe(near);
    near.on("data", (bytes) => {
      way.left -= bytes.length;
      if (way.left < 0) {
        way.left = Infinity;
        way.cuts += 1;
        way.onCut?.();
        // What came through so far arrives; on a busy machine most of it is still under way.
        far.end();
        sockets.forEach((socket) => socket !== far && socket.destroy());
      } else if (!far.write(bytes)) {
        near.pause();
        far.once("drain", () => near.resume());
      }
    });
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  way.base = `http://127.0.0.1:${listener.address().port}`;
  way.close = () => {
    listener.close();
    sockets.forEach((socket) => socket.destroy());
  };
  return way;
}

async function call(token, name, input = {}) {
  const response = await fetch(`http://${listen}/api/v1/call/${name}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) },
    body: JSON.stringify(input),
  });
  const envelope = await response.json();
  assert.ok(envelope.success, JSON.stringify(envelope.errors));
  return envelope.data;
}

/** Resolves with the upload when it is done, rejects with tus-js-client's error. */
function upload(bytes, options) {
  return new Promise((resolve, reject) => {
    const one = new Upload(bytes, {
      retryDelays: [0, 100, 200, 400, 800, 1600, 3200, 3200, 3200],
      onSuccess: () => resolve(one),
      onError: reject,
      ...options,
    });
    options.begun?.(one);
    one.start();
  });
}

/** Bytes that no compression and no luck make equal: numbers of a small generator. */
function table() {
  let state = 1;
  const lines = ["id,value,word"];
  for (let id = 0; id < ROWS; id++) {
    state = (state * 48271) % 2147483647;
    lines.push(`${id},${state},w${state % 977}`);
  }
  return Buffer.from(lines.join("\n") + "\n");
}

const left = () => readdirSync(join(data, "uploads")).length;

async function main() {
  await start();
  const { access_token: token } = await call(null, "account.register", { email: "ada@example.com", password: "correct horse" });
  const room = await call(token, "room.create", { name: "Room" });
  const bytes = table();
  const whole = { metadata: { filename: "whole.csv" }, headers: { Authorization: `Bearer ${token}` } };

  // In one go, in chunks, and with the first of them in the creation.
  const way = await gate();
  const plain = await upload(bytes, { ...whole, endpoint: `${way.base}/server/data/tus`, chunkSize: 1_000_000, uploadDataDuringCreation: true });
  const { file: reference } = await call(token, "file.upload", { upload_id: plain.url.split("/").pop() });
  assert.equal(reference.datasets[0].rows, ROWS);
  assert.equal(left(), 0, "the pieces are gone");

  // Cut in the middle, then cut again with the server killed and started anew.
  way.left = bytes.length / 3;
  let restarted;
  way.onCut = () => {
    if (way.cuts === 1) way.left = bytes.length / 3;
    if (way.cuts === 2) restarted = kill("SIGKILL").then(start);
  };
  const offsets = [];
  const cut = await upload(bytes, {
    metadata: { filename: "cut.csv", room_id: room.id },
    headers: whole.headers,
    endpoint: `${way.base}/server/data/tus`,
    onAfterResponse: (request, response) => {
      if (request.getMethod() === "HEAD") offsets.push(Number(response.getHeader("Upload-Offset")));
    },
  });
  await restarted;
  assert.equal(way.cuts, 2);
  assert.ok(offsets.length >= 2 && offsets.every((at) => at > 0 && at < bytes.length), `resumed, not begun again: ${offsets}`);
  const status = await call(token, "file.upload", { upload_id: cut.url.split("/").pop() });
  assert.deepEqual([status.stage, status.offset], ["done", bytes.length]);
  const same = ({ name, rows, columns }) => [name === "cut" ? "whole" : name, rows, columns];
  assert.deepEqual(same(status.file.datasets[0]), same(reference.datasets[0]), "every row and value is the same");
  assert.equal(status.file.size, bytes.length);
  const { files } = await call(token, "file.list", { room_id: room.id });
  assert.deepEqual(files.map((file) => file.name), ["cut.csv"], "it is linked to the room");
  console.log(`resumed at ${offsets.join(", ")} of ${bytes.length} bytes`);

  // Bytes that are no data: the client is told, and does not try for ever.
  const refused = await upload(Buffer.from("PAR1 but not really PAR1"), {
    ...whole, endpoint: `${way.base}/server/data/tus`,
  }).then(() => assert.fail("refused"), (error) => error);
  assert.equal(refused.originalResponse.getStatus(), 400);
  assert.equal(JSON.parse(refused.originalResponse.getBody()).errors[0].field, "file");

  // Given up: nothing stays.
  let one;
  const given = upload(bytes, {
    ...whole,
    endpoint: `${way.base}/server/data/tus`,
    chunkSize: 500_000,
    begun: (begun) => (one = begun),
    onChunkComplete: () => resolveGiven(one.abort(true)),
  });
  given.catch(() => {});
  await new Promise((resolve) => (resolveGiven = resolve)).then((ended) => ended);
  assert.equal(left(), 0);
  assert.equal((await call(token, "file.usage")).files, 2);
  way.close();
  await kill("SIGTERM");
  console.log("uploads in pieces: all as they should be");
}

let resolveGiven;
const late = setTimeout(() => {
  console.error("this took too long");
  server?.kill("SIGKILL");
  process.exit(1);
}, PATIENCE_MS);
try {
  await main();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
  server?.kill("SIGKILL");
} finally {
  clearTimeout(late);
  rmSync(data, { recursive: true, force: true });
}
// A gate left open by a failure would keep the process.
process.exit();
