// The flights by hand: what the charts must show, computed from the file without any engine.
import { readFileSync } from "node:fs";

/** Rows as objects of texts; the file has no quotes. */
export function read(path) {
  const [header, ...lines] = readFileSync(path, "utf8").trimEnd().split("\n");
  const names = header.split(",");
  const column = Object.fromEntries(names.map((name, index) => [name, index]));
  const rows = lines.map((line) => line.split(","));
  return { rows, of: (row, name) => row[column[name]] };
}

/** `[key…, value]` of each group, by key. */
function grouped({ rows, of }, keys, make) {
  const groups = new Map();
  for (const row of rows) {
    const key = keys.map((name) => of(row, name)).join("\t");
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(row);
  }
  return [...groups].map(([key, members]) => [...key.split("\t"), make(members)]);
}

export function perMonthAndOrigin(flights) {
  return grouped(flights, ["month", "origin"], (members) => members.length);
}

export function averageDelayBy(flights, by, column) {
  return grouped(flights, [by], (members) => {
    const delays = members.map((row) => flights.of(row, column)).filter((text) => text !== "NA" && text !== "").map(Number);
    return delays.length === 0 ? null : delays.reduce((sum, delay) => sum + delay, 0) / delays.length;
  });
}

export function only(flights, column, value) {
  return { ...flights, rows: flights.rows.filter((row) => flights.of(row, column) === value) };
}

/** Whether a card's rows are the expected ones, in any order: numbers to a millionth, months by number or date. */
export function difference(rows, expected) {
  const key = (row) => row.slice(0, -1).map((part) => (/^\d{4}-\d\d/.test(String(part)) ? Number(String(part).slice(5, 7)) : part)).join(" ");
  const wanted = new Map(expected.map((row) => [key(row), row.at(-1)]));
  if (rows.length !== expected.length) return `${rows.length} rows instead of ${expected.length}`;
  const off = rows.find((row) => {
    const value = wanted.get(key(row));
    if (value === null || row.at(-1) === null) return value !== row.at(-1);
    return value === undefined || Math.abs(row.at(-1) - value) > 1e-6 * Math.max(1, Math.abs(value));
  });
  return off && `${JSON.stringify(off)} instead of ${wanted.get(key(off))}`;
}
