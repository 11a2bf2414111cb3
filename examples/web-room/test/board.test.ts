import assert from "node:assert/strict";
import { test } from "node:test";
import type { Card, Dashboard } from "@vizroom/client";
import { completed, drawn, emptyBoard, fetched, filtered, progressed, refreshed, STALE, started, updated, type Board } from "../src/room/board";

const card = (key: string, title = key): Card => ({
  id: key, key, type: "bar", title, description: "", sql: "", data: { columns: [], rows: [], truncated: false }, encoding: {},
});
const layout = (...keys: string[]) => ({ columns: 12, items: keys.map((key, y) => ({ key, x: 0, y, w: 12, h: 4 })) });

const begun = () => started(emptyBoard("d"), "run", "flights by month", "me");
const fine = (board: Board | typeof STALE): Board => {
  assert.notEqual(board, STALE);
  return board as Board;
};
const done = (keys: string[], revision = 1) => ({
  run_id: "run", dashboard_id: "d", title: "Flights", description: "", theme: "slate" as const, revision, layout: layout(...keys), duration_ms: 1,
});
const finished = (...keys: string[]) =>
  fine(completed(keys.reduce((board, key) => fine(drawn(board, card(key))), begun()), done(keys)));
const change = (base: number, cards: Card[], removed: string[] = [], keys: string[] = []) => ({
  dashboard_id: "d", base_revision: base, revision: base + 1, changes: [], title: "New", description: "", theme: "ocean" as const, cards, removed, layout: layout(...keys),
});
const keys = (board: Board) => board.dashboard?.cards.map(({ key, title }) => `${key}:${title}`);

test("cards fill in one by one; a later one of the same key replaces the first", () => {
  const board = fine(drawn(fine(drawn(fine(drawn(begun(), card("chart_1"))), card("chart_2"))), card("chart_1", "better")));
  assert.deepEqual(keys(board), ["chart_1:better", "chart_2:chart_2"]);
});

test("completing needs every card of the layout, else the dashboard is fetched", () => {
  const board = fine(drawn(begun(), card("chart_1")));
  assert.equal(fine(completed(board, done(["chart_1"]))).dashboard?.status, "completed");
  assert.equal(completed(board, done(["chart_1", "chart_2"])), STALE);
  assert.equal(completed(emptyBoard("d"), done([])), STALE);
});

test("progress that arrives after the end changes nothing", () => {
  const board = finished("chart_1");
  const late = { run_id: "run", dashboard_id: "d", stage: "viz" as const, progress: 75, message: "late", details: {} };
  assert.equal(progressed(board, late), board);
});

test("an update applies only to the revision it is based on", () => {
  const board = finished("chart_1", "chart_2");
  const next = fine(updated(board, change(1, [card("chart_1", "line")], ["chart_2"], ["chart_1"])));
  assert.deepEqual(keys(next), ["chart_1:line"]);
  assert.deepEqual([next.dashboard?.revision, next.dashboard?.theme], [2, "ocean"]);
  assert.equal(updated(next, change(1, [])), next, "the reply was here before the event");
  assert.equal(updated(board, change(4, [])), STALE);
});

test("cards that did not change keep their identity, so that they are not redrawn", () => {
  const board = finished("chart_1", "chart_2");
  const next = fine(updated(board, change(1, [card("chart_1", "line")], [], ["chart_1", "chart_2"])));
  assert.equal(next.dashboard?.cards[1], board.dashboard?.cards[1]);
});

test("a filter applies whether or not it counts as a revision, and never backwards", () => {
  const board = finished("chart_1");
  const event = (revision: number) => ({ dashboard_id: "d", revision, filter_state: { origin: "JFK" }, cards: [card("chart_1", "JFK")] });
  for (const revision of [1, 2]) assert.deepEqual(keys(fine(filtered(board, event(revision)))), ["chart_1:JFK"]);
  assert.equal(filtered(board, event(0)), board);
  assert.equal(filtered(board, event(3)), STALE);
});

test("a refresh replaces every card, in order", () => {
  const board = finished("chart_1");
  const event = (revision: number) => ({ dashboard_id: "d", revision, cards: [card("chart_1", "fresh")] });
  assert.deepEqual(keys(fine(refreshed(board, event(2)))), ["chart_1:fresh"]);
  assert.equal(refreshed(board, event(1)), board, "it is here already");
  assert.equal(refreshed(board, event(3)), STALE);
});

test("what was fetched does not undo what came as events meanwhile", () => {
  const whole = (more: Partial<Dashboard>): Dashboard => ({ ...(begun().dashboard as Dashboard), ...more });
  const drawing = fine(drawn(fine(drawn(begun(), card("chart_1"))), card("chart_2")));
  assert.deepEqual(keys(fetched(drawing, whole({ cards: [card("chart_1")] }))), ["chart_1:chart_1", "chart_2:chart_2"]);
  const board = finished("chart_1");
  assert.equal(fetched(board, whole({ revision: 1 })), board, "a processing one is older than a completed one");
  assert.equal(fetched(board, whole({ status: "completed", revision: 0 })), board);
  assert.equal(fetched(board, whole({ status: "completed", revision: 7 })).dashboard?.revision, 7);
});
