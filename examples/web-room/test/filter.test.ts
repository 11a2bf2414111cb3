import assert from "node:assert/strict";
import { test } from "node:test";
import type { Card } from "@vizroom/client";
import { chips, picked, skips, withoutValue, type FilterState } from "../src/room/filter";

const card = (type: "text" | "date" | "integer", filter: string, values: unknown[], grain?: "month"): Card => ({
  id: "c", key: "chart_1", type: "bar", title: "Chart", description: "", sql: "",
  data: { columns: [{ name: "x", type }, { name: "n", type: "integer" }], rows: values.map((value) => [value, 1]), truncated: false },
  encoding: { x: { field: "x", label: "X", filter, ...(grain && { grain }) } },
});
const regions = card("text", "region", ["West", "East", "South", null]);
const months = card("date", "day", ["2024-01-01", "2024-02-01", "2024-03-01"], "month");

test("a click puts a value on, takes it off, or replaces another", () => {
  const click = (state: FilterState, at: number, add = false) => picked(state, regions, { row: regions.data.rows[at] ?? [], add });
  assert.deepEqual(click({}, 0), { region: "West" });
  assert.deepEqual(click({ region: "West", n: 1 }, 0), { n: 1 });
  assert.deepEqual(click({ region: ["West", "East"] }, 1), { region: "East" });
  assert.deepEqual(click({ region: "West" }, 3), { region: null });
});

test("what stands for all other groups is no value", () => {
  const pie = card("text", "region", ["West", "2,300 others"]);
  pie.data.others = { groups: 2300, of: 2301, row: "2,300 others" };
  assert.deepEqual(picked({ n: 1 }, pie, { row: pie.data.rows[1] ?? [] }), { n: 1 });
  assert.deepEqual(picked({}, pie, { row: pie.data.rows[0] ?? [] }), { region: "West" });
});

test("with a key held, values are added and taken out one by one", () => {
  const click = (state: FilterState, at: number) => picked(state, regions, { row: regions.data.rows[at] ?? [], add: true });
  assert.deepEqual(click({}, 0), { region: "West" });
  assert.deepEqual(click({ region: "West" }, 1), { region: ["West", "East"] });
  assert.deepEqual(click({ region: null }, 1), { region: [null, "East"] });
  assert.deepEqual(click({ region: ["West", "East"] }, 0), { region: "East" });
  assert.deepEqual(click({ region: "East" }, 1), {});
  assert.deepEqual(click({ region: { gte: "A" } }, 1), { region: "East" });
  assert.deepEqual(withoutValue({ region: ["West", null], n: 1 }, "region", null), { region: "West", n: 1 });
});

test("a stretch is a range of what has an order, and a list of names", () => {
  assert.deepEqual(picked({}, months, { rows: months.data.rows.slice(1) }), { "day:month": { gte: "2024-02-01", lte: "2024-03-01" } });
  assert.deepEqual(picked({}, months, { rows: months.data.rows.slice(1, 2) }), { "day:month": "2024-02-01" });
  assert.deepEqual(picked({ n: 1 }, regions, { rows: regions.data.rows.slice(0, 2) }), { n: 1, region: ["West", "East"] });
  const numbers = card("integer", "age", [10, 9, 100]);
  assert.deepEqual(picked({}, numbers, { rows: numbers.data.rows }), { age: { gte: 9, lte: 100 } });
});

test("a range of a histogram is clicked, added to, and dragged over", () => {
  const counts = card("integer", "price", [0.1, 0.2, 0.3]);
  counts.encoding.x!.bin = 0.1;
  const click = (state: FilterState, at: number, add = false) => picked(state, counts, { row: counts.data.rows[at] ?? [], add });
  assert.deepEqual(click({}, 1), { price: { gte: 0.2, lt: 0.3 } });
  assert.deepEqual(click({ price: { gte: 0.2, lt: 0.3 } }, 1), {});
  assert.deepEqual(click({ price: { gte: 0.1, lt: 0.2 } }, 2, true), { price: { gte: 0.1, lt: 0.4 } });
  assert.deepEqual(picked({ region: "West" }, counts, { rows: counts.data.rows }), { region: "West", price: { gte: 0.1, lt: 0.4 } });
  assert.deepEqual(chips({ price: { gte: 0.1, lt: 0.4 } }).map(({ text }) => text), ["≥ 0.1 and < 0.4"]);
});

test("chips say what a person would", () => {
  const text = (state: FilterState) => chips(state).map(({ label, text, values }) => `${label}: ${text} (${values.length})`);
  assert.deepEqual(text({ "day:month": { gte: "2024-02-01", lte: "2024-03-01" } }), ["day: Feb 2024 – Mar 2024 (0)"]);
  assert.deepEqual(text({ dep_delay: { gt: 5 } }), ["dep delay: > 5 (0)"]);
  assert.deepEqual(text({ region: ["West", null] }), ["region: West, is empty (2)"]);
  assert.deepEqual(text({ "at:hour_of_day@Europe/Berlin": 7 }), ["at: 07:00 (0)"]);
});

test("what is not filtered is told by key, each card with its reason", () => {
  const left = { ...regions, filters_skipped: [{ key: "day:month", reason: "no_column" as const, message: "`regions` has no column `day`" }] };
  assert.deepEqual(skips([months, left]), [
    { key: "day:month", label: "day", cards: [{ title: "Chart", why: "`regions` has no column `day`" }], mayRelate: false },
  ]);
});
