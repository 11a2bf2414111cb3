import assert from "node:assert/strict";
import { test } from "node:test";
import { HUES, hueOf, huesOf } from "../src/room/hues";
import { lineOf } from "../src/room/talk";

test("members differ in colour as long as there are colours, and keep theirs when others come", () => {
  const ids = Array.from({ length: 2 * HUES }, (_, n) => `member ${n * 7}`);
  const all = huesOf(ids);
  assert.equal(new Set(ids.slice(0, HUES).map((id) => all.get(id))).size, HUES);
  assert.ok(Math.max(...ids.slice(0, 6).map((id) => all.get(id)!)) < 6, "a small room has the clear ones");
  assert.equal(new Set(ids.slice(HUES).map((id) => all.get(id))).size, HUES);
  const few = huesOf(ids.slice(0, 5));
  for (const [id, hue] of few) assert.equal(all.get(id), hue);
  assert.equal(huesOf(["alone"]).get("alone"), hueOf("alone"));
});

test("what was changed says so, and what was taken back leaves its place", () => {
  const metadata = { event_id: "e", seq: 3, ts: "2026-01-01T00:00:00Z" };
  const of = (data: object) => lineOf({ type: "chat.message", data, metadata });
  assert.deepEqual([of({ content: "a" })?.edited, of({ content: "b", edited: true })?.edited], [undefined, true]);
  const gone = of({ content: "", deleted: true });
  assert.deepEqual([gone?.id, gone?.text, gone?.deleted], ["message:e", "", true]);
  assert.equal(lineOf({ type: "dashboard.created", data: {}, metadata }), undefined);
});
