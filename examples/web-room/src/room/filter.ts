import type { Card, Channel, ColumnType, Dashboard, Grain } from "@vizroom/client";
import type { Pick } from "../chart/pick";
import { endOf, formatValue } from "../format";

/** Column → what rows must have there. */
export type FilterState = Dashboard["filter_state"];

/** One condition of a filter: ✕-able as a whole, and by its values if there are several. */
export interface Chip {
  key: string;
  label: string;
  text: string;
  values: { value: unknown; text: string }[];
}

/** A key of the filter that leaves some cards as they are. */
export interface Skipped {
  key: string;
  label: string;
  cards: { title: string; why: string }[];
  /** Whether a word on how the tables hang together might change that. */
  mayRelate: boolean;
}

/** The key a channel's values are filtered under: the source column, with the grain if the values were cut. */
export function filterKey(channel: Channel | null | undefined): string | undefined {
  if (!channel?.filter) return undefined;
  return channel.grain ? `${channel.filter}:${channel.grain}` : channel.filter;
}

export function isFilterable(card: Card): boolean {
  return filterKey(card.encoding.x) !== undefined || filterKey(card.encoding.series) !== undefined;
}

/** The filter after something was picked on a card. */
export function picked(state: FilterState, card: Card, pick: Pick): FilterState {
  if ("rows" in pick) return { ...state, ...stretch(card, pick.rows) };
  const wanted = conditions(card, pick.row);
  return pick.add ? added(state, wanted) : toggled(state, wanted);
}

/** What clicking on a row of a card would filter by; empty if nothing there can be filtered by. */
export function conditions(card: Card, row: readonly unknown[]): FilterState {
  const found: FilterState = {};
  for (const channel of [card.encoding.x, card.encoding.series]) {
    const key = filterKey(channel);
    const index = card.data.columns.findIndex((column) => column.name === channel?.field);
    // What stands for all other groups is no value.
    const others = card.data.others?.row != null && row[index] === card.data.others.row;
    if (key !== undefined && index >= 0 && !others) found[key] = condition(row[index] ?? null, channel as Channel);
  }
  return found;
}

/** What rows must have that a value of a channel stands for. */
function condition(value: unknown, { bin }: Channel): unknown {
  return bin != null && typeof value === "number" ? { gte: value, lt: endOf(value, bin) } : value;
}

/** Names are listed; what has an order is a range, of which both ends are part. */
function stretch(card: Card, rows: (readonly unknown[])[]): FilterState {
  const { x } = card.encoding;
  const key = filterKey(x);
  const index = card.data.columns.findIndex((column) => column.name === x?.field);
  const column = card.data.columns[index];
  if (key === undefined || !column) return {};
  const values = [...new Set(rows.map((row) => row[index] ?? null))];
  const known = values.filter((value) => value !== null) as (string | number)[];
  if (column.type === "text" || column.type === "boolean" || known.length < values.length) return { [key]: single(values) };
  known.sort((a, b) => (a < b ? -1 : 1));
  const [low, high] = [known[0], known.at(-1)];
  if (x?.bin != null) return { [key]: { gte: low, lt: endOf(high as number, x.bin) } };
  return { [key]: low === high ? (low ?? null) : { gte: low, lte: high } };
}

/** Puts the conditions on; takes them off if they all hold already. */
export function toggled(state: FilterState, wanted: FilterState): FilterState {
  const keys = Object.keys(wanted);
  const holds = keys.every((key) => key in state && same(state[key], wanted[key]));
  return holds ? without(state, keys) : { ...state, ...wanted };
}

/** Adds each value to those that its column may have; one that is among them is taken out. */
export function added(state: FilterState, wanted: FilterState): FilterState {
  const keys = Object.keys(wanted);
  const holds = keys.every((key) => key in state && valuesOf(state[key]).some((value) => same(value, wanted[key])));
  return keys.reduce((next, key) => {
    if (isRange(next[key]) && isRange(wanted[key])) return { ...next, [key]: both(next[key], wanted[key]) };
    const have = key in next ? valuesOf(next[key]) : [];
    const others = have.filter((value) => !same(value, wanted[key]));
    return holds ? withValues(next, key, others) : withValues(next, key, [...others, wanted[key]]);
  }, state);
}

interface Range {
  gte: number;
  lt: number;
}

/** What ranges of numbers are filtered by. */
function isRange(condition: unknown): condition is Range {
  return typeof condition === "object" && condition !== null && "gte" in condition && "lt" in condition && typeof condition.lt === "number";
}

/** From where the first begins to where the last ends: there are no gaps in a range. */
function both(one: Range, other: Range): Range {
  return { gte: Math.min(one.gte, other.gte), lt: Math.max(one.lt, other.lt) };
}

/** Without one value of a list. */
export function withoutValue(state: FilterState, key: string, value: unknown): FilterState {
  return withValues(state, key, valuesOf(state[key]).filter((other) => !same(other, value)));
}

export function without(state: FilterState, keys: string[]): FilterState {
  return Object.fromEntries(Object.entries(state).filter(([key]) => !keys.includes(key)));
}

/** Values that a condition lists. A range lists none: a value beside it replaces it. */
function valuesOf(condition: unknown): unknown[] {
  if (Array.isArray(condition)) return condition;
  return condition !== null && typeof condition === "object" ? [] : [condition];
}

function withValues(state: FilterState, key: string, values: unknown[]): FilterState {
  return values.length === 0 ? without(state, [key]) : { ...state, [key]: single(values) };
}

function single(values: unknown[]): unknown {
  return values.length === 1 ? values[0] : values;
}

export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

export function chips(state: FilterState): Chip[] {
  return Object.entries(state).map(([key, value]) => {
    const grain = grainOf(key);
    const values = Array.isArray(value) && value.length > 1 ? value : [];
    return {
      key, label: labelOf(key), text: describe(value, grain),
      values: values.map((one) => ({ value: one, text: describe(one, grain) })),
    };
  });
}

/** What the filter leaves as it is, by key. */
export function skips(cards: Card[]): Skipped[] {
  const found = new Map<string, Skipped>();
  for (const card of cards) {
    for (const { key, message, reason } of card.filters_skipped ?? []) {
      const one = found.get(key) ?? { key, label: labelOf(key), cards: [], mayRelate: false };
      one.mayRelate ||= reason === "no_relation";
      one.cards.push({ title: card.title, why: message });
      found.set(key, one);
    }
  }
  return [...found.values()];
}

export function labelOf(key: string): string {
  return words(key.split(/[:@]/)[0] ?? key);
}

function grainOf(key: string): Grain | undefined {
  return key.split("@")[0]?.split(":")[1] as Grain | undefined;
}

/** `arr_delay` → `arr delay` */
export function words(column: string): string {
  return column.replaceAll("_", " ");
}

const SIGNS = { gt: ">", gte: "≥", lt: "<", lte: "≤" } as const;

function describe(value: unknown, grain: Grain | undefined): string {
  const one = (plain: unknown) => formatValue(plain, typeOf(plain), grain);
  if (value === null) return "is empty";
  if (Array.isArray(value)) return value.length === 0 ? "nothing" : value.map((one) => describe(one, grain)).join(", ");
  if (typeof value !== "object") return one(value);
  const range = value as Record<string, unknown>;
  if (Object.keys(range).length === 2 && "gte" in range && "lte" in range) return `${one(range["gte"])} – ${one(range["lte"])}`;
  return Object.entries(range).map(([sign, bound]) => `${SIGNS[sign as keyof typeof SIGNS] ?? sign} ${one(bound)}`).join(" and ");
}

function typeOf(value: unknown): ColumnType {
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "boolean";
  if (/^\d{4}-\d\d-\d\dT/.test(String(value))) return "timestamp";
  return /^\d{4}-\d\d-\d\d$/.test(String(value)) ? "date" : "text";
}
