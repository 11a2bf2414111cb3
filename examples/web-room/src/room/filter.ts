import type { Card, Channel, ColumnType, Dashboard, Grain } from "@vizroom/client";
import { formatValue } from "../format";

/** Column → what rows must have there. */
export type FilterState = Dashboard["filter_state"];

/** One ✕-able condition of the filter in force. */
export interface Chip {
  key: string;
  label: string;
  text: string;
}

/** The key a channel's values are filtered under: the source column, with the grain if the values were cut. */
export function filterKey(channel: Channel | null | undefined): string | undefined {
  if (!channel?.filter) return undefined;
  return channel.grain ? `${channel.filter}:${channel.grain}` : channel.filter;
}

/** What clicking on a row of a card would filter by; empty if nothing there can be filtered by. */
export function conditions(card: Card, row: readonly unknown[]): FilterState {
  const found: FilterState = {};
  for (const channel of [card.encoding.x, card.encoding.series]) {
    const key = filterKey(channel);
    const index = card.data.columns.findIndex((column) => column.name === channel?.field);
    if (key !== undefined && index >= 0) found[key] = row[index] ?? null;
  }
  return found;
}

export function isFilterable(card: Card): boolean {
  return filterKey(card.encoding.x) !== undefined || filterKey(card.encoding.series) !== undefined;
}

/** Puts the conditions on; takes them off if they all hold already. */
export function toggled(state: FilterState, wanted: FilterState): FilterState {
  const keys = Object.keys(wanted);
  const holds = keys.every((key) => key in state && JSON.stringify(state[key]) === JSON.stringify(wanted[key]));
  return holds ? without(state, keys) : { ...state, ...wanted };
}

export function without(state: FilterState, keys: string[]): FilterState {
  return Object.fromEntries(Object.entries(state).filter(([key]) => !keys.includes(key)));
}

export function chips(state: FilterState): Chip[] {
  return Object.entries(state).map(([key, value]) => {
    const [column = key, grain] = key.split(":") as [string, Grain?];
    return { key, label: words(column), text: describe(value, grain) };
  });
}

/** `arr_delay` → `arr delay` */
export function words(column: string): string {
  return column.replaceAll("_", " ");
}

const SIGNS = { gt: ">", gte: "≥", lt: "<", lte: "≤" } as const;

function describe(value: unknown, grain: Grain | undefined): string {
  if (value === null) return "is empty";
  if (Array.isArray(value)) return value.length === 0 ? "nothing" : value.map((one) => describe(one, grain)).join(", ");
  if (typeof value === "object") {
    return Object.entries(value).map(([sign, bound]) => `${SIGNS[sign as keyof typeof SIGNS] ?? sign} ${bound}`).join(" and ");
  }
  return formatValue(value, typeOf(value), grain);
}

function typeOf(value: unknown): ColumnType {
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "boolean";
  if (/^\d{4}-\d\d-\d\dT/.test(String(value))) return "timestamp";
  return /^\d{4}-\d\d-\d\d$/.test(String(value)) ? "date" : "text";
}
