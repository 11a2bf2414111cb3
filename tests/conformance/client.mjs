// The client of npm's `ws`: does what stdin says, and prints what it heard. See clients.py.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const WebSocket = createRequire(new URL("../../protocol/typescript/package.json", import.meta.url))("ws");
const { port, token, room, compression, said } = JSON.parse(readFileSync(0, "utf8"));

const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/events`, {
  headers: { authorization: token },
  perMessageDeflate: compression ? { threshold: 64 } : false,
});
const heard = [];
const waiting = new Map();
let calls = 0;

function call(type, data) {
  const id = ++calls;
  socket.send(JSON.stringify({ type, data, metadata: { id } }));
  return new Promise((done, failed) => waiting.set(id, { done, failed }));
}

socket.on("message", (bytes) => {
  const frame = JSON.parse(bytes.toString());
  if (frame.type === "chat.message") heard.push(frame.data.content);
  if (heard.length === said.length) socket.close(1000);
  const answered = waiting.get(frame.metadata.reply_to);
  if (answered) frame.type === "error" ? answered.failed(new Error(JSON.stringify(frame.data))) : answered.done(frame.data);
});
socket.on("close", (code) => {
  console.log(JSON.stringify(heard));
  process.exit(code === 1000 ? 0 : 1);
});
socket.on("open", async () => {
  await call("room.join", { room_id: room });
  for (const content of said) await call("chat.send", { room_id: room, content });
});
