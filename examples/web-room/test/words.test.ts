import assert from "node:assert/strict";
import { test } from "node:test";
import type { Card, Column, File } from "@vizroom/client";
import { nearestRow, rowsOf } from "../src/chart/rows";
import { formatBytes, formatNumber, formatValue } from "../src/format";
import { csv } from "../src/room/csv";
import { chips, conditions, toggled, without } from "../src/room/filter";
import { suggestions } from "../src/room/suggest";

const flights: Card = {
  id: "c", key: "chart_1", type: "line", title: "Flights", description: "", sql: "",
  data: {
    columns: [{ name: "m", type: "date" }, { name: "origin", type: "text" }, { name: "n", type: "integer" }],
    rows: [["2013-01-01", "JFK", 3], ["2013-02-01", "JFK", 4], ["2013-01-01", "LGA", 5]], truncated: false,
  },
  encoding: {
    x: { field: "m", label: "Month", filter: "time_hour", grain: "month" }, series: { field: "origin", label: "Origin", filter: "origin" },
    y: [{ field: "n", label: "Flights" }],
  },
  spec: { mark: "line", encoding: { x: { field: "m", type: "temporal" }, y: { field: "n", type: "quantitative" } } },
};

test("a click filters by the source columns, with the grain where values were cut", () => {
  assert.deepEqual(conditions(flights, flights.data.rows[1] as unknown[]), { "time_hour:month": "2013-02-01", origin: "JFK" });
  assert.deepEqual(conditions({ ...flights, encoding: { y: [{ field: "n", label: "Flights" }] } }, [1]), {});
});

test("the second click takes off what the first put on, and nothing else", () => {
  const on = toggled({ carrier: "UA" }, { origin: "JFK" });
  assert.deepEqual(on, { carrier: "UA", origin: "JFK" });
  assert.deepEqual(toggled(on, { origin: "LGA" }), { carrier: "UA", origin: "LGA" });
  assert.deepEqual(toggled(on, { origin: "JFK" }), { carrier: "UA" });
  assert.deepEqual(toggled({ origin: null }, { origin: null }), {});
  assert.deepEqual(without(on, ["carrier", "origin"]), {});
});

test("chips say what is filtered in words", () => {
  const state = { "time_hour:month": "2013-02-01", dep_delay: { gte: 10, lt: 20 }, origin: ["JFK", "LGA"], tail: null, none: [], "time_hour:day_of_week": 7 };
  assert.deepEqual(chips(state).map(({ label, text }) => `${label} ${text}`), [
    "time hour Feb 2013", "dep delay ≥ 10 and < 20", "origin JFK, LGA", "tail is empty", "none nothing", "time hour Sunday",
  ]);
});

test("numbers, times and sizes are written for people", () => {
  assert.equal(formatNumber(1234.4, ",.0f", "$"), "$1,234");
  assert.equal(formatNumber(-3.25, undefined, "$"), "−$3.25");
  assert.equal(formatNumber(0.123, ".1%"), "12.3%");
  assert.equal(formatNumber(5, "not a pattern"), "5");
  assert.equal(formatValue("2013-05-01", "date", "quarter"), "Q2 2013");
  assert.equal(formatValue("2013-05-01T17:30:00", "timestamp"), "1 May 2013, 17:30");
  assert.equal(formatValue(null, "number"), "–");
  assert.equal(formatBytes(33_412_889), "33.4 MB");
  assert.equal(formatBytes(0), "0 B");
});

test("rows become data: times where the spec reads times, text elsewhere, each with its number", () => {
  const [first] = rowsOf(flights);
  assert.deepEqual(first, { __row: 0, m: new Date(2013, 0, 1).getTime(), origin: "JFK", n: 3 });
  const utc = { ...flights, spec: { encoding: { x: { field: "m", timeUnit: "utcyearmonth" } } } };
  assert.equal(rowsOf(utc)[0]?.["m"], Date.UTC(2013, 0, 1));
  assert.equal(rowsOf({ ...flights, spec: { encoding: { x: { field: "m", type: "ordinal" } } } })[0]?.["m"], "2013-01-01");
});

test("a click on a line means its nearest point, of the same series", () => {
  const at = new Map([[new Date(2013, 0, 1).getTime(), 0], [new Date(2013, 1, 1).getTime(), 100]]);
  const view = {
    scale: () => (value: number) => at.get(value), origin: () => [10, 0], container: () => ({ getBoundingClientRect: () => ({ left: 5 }) }),
  };
  const row = (x: number, origin: string) => nearestRow(view as never, flights, { origin }, { clientX: x } as MouseEvent);
  assert.deepEqual(row(100, "JFK"), flights.data.rows[1]);
  assert.deepEqual(row(20, "JFK"), flights.data.rows[0]);
  assert.deepEqual(row(100, "LGA"), flights.data.rows[2]);
});

test("CSV quotes what must be quoted and runs nothing", () => {
  const rows = [["2013-01-01", 'a "b", c', -1], [null, "=SUM(A1)", 2], ["", "+1\n", 0.5], [null, "@x", null], [null, "-2+3", true]];
  const expected = ["m,origin,n", '2013-01-01,"a ""b"", c",-1', ",'=SUM(A1),2", ',"\'+1\n",0.5', ",'@x,", ",'-2+3,true", ""];
  assert.equal(csv({ ...flights.data, rows }), expected.join("\r\n"));
  assert.equal(csv({ columns: [{ name: "=cmd", type: "text" }], rows: [], truncated: false }), "'=cmd\r\n");
});

test("suggestions name columns that are there, and no identifiers", () => {
  const column = (name: string, type: Column["type"], distinct: number): Column => ({ name, type, distinct, nulls: 0 });
  const columns = [column("flight_id", "integer", 100), column("day", "date", 30), column("origin", "text", 3), column("dep_delay", "number", 90)];
  const file: File = {
    id: "f", name: "flights.csv", size: 1, format: "csv", version: 1, created_at: "", datasets: [{ name: "flights", rows: 100, columns }],
  };
  const found = suggestions([file]);
  assert.deepEqual(found, ["Flights per month by origin", "Average dep delay by origin", "How did dep delay change over time?"]);
  assert.deepEqual(suggestions([]), []);
});
