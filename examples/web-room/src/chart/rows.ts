import type { View } from "vega";
import type { Card, ColumnType } from "@vizroom/client";

/** Where a datum keeps the number of the row it was made of. */
export const ROW = "__row";

export type Datum = Record<string, unknown>;

/** A card's rows as objects, times as dates: data that is put into a view is not parsed any more. */
export function rowsOf(card: Card): Datum[] {
  const utc = usesUtc(card);
  const times = timeFields(card.spec);
  return card.data.rows.map((row, index) => {
    const datum: Datum = { [ROW]: index };
    card.data.columns.forEach(({ name, type }, i) => (datum[name] = times.has(name) ? read(row[i], type, utc) : row[i]));
    return datum;
  });
}

function read(value: unknown, type: ColumnType, utc: boolean): unknown {
  if ((type !== "date" && type !== "timestamp") || typeof value !== "string") return value;
  const [, year, month, day, hour = "0", minute = "0", second = "0"] =
    /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?/.exec(value) ?? [];
  if (!year) return value;
  const parts = [year, month, day, hour, minute, second].map(Number) as [number, number, number, number, number, number];
  parts[1] -= 1;
  return utc ? Date.UTC(...parts) : new Date(...parts).getTime();
}

/** A spec in UTC must get times in UTC; any other shows what the data says, wherever the reader lives. */
function usesUtc(card: Card): boolean {
  return /"utc/.test(JSON.stringify(card.spec ?? null));
}

/** Fields the spec reads as times. The others, such as months as labels, stay the text they are. */
function timeFields(node: unknown, found = new Set<string>()): Set<string> {
  if (node === null || typeof node !== "object") return found;
  const { field, type, timeUnit } = node as { field?: unknown; type?: unknown; timeUnit?: unknown };
  if (typeof field === "string" && (type === "temporal" || timeUnit !== undefined)) found.add(field);
  for (const value of Object.values(node)) timeFields(value, found);
  return found;
}

/** The row that a mark of the spec's own data stands for: the one with the same groups. */
export function rowLike(card: Card, datum: Datum): readonly unknown[] | undefined {
  const fields = [card.encoding.x, card.encoding.series].flatMap((channel) => (channel ? [channel.field] : []));
  if (fields.length === 0 || !fields.every((field) => field in datum)) return undefined;
  const places = fields.map((field) => card.data.columns.findIndex(({ name }) => name === field));
  return card.data.rows.find((row) => fields.every((field, i) => row[places[i] as number] === datum[field]));
}

interface Scale {
  (value: unknown): number;
  domain(): unknown[];
}

/** The row of a clicked line or area that is nearest to the pointer. */
export function nearestRow(view: View, card: Card, datum: Datum, event: MouseEvent): readonly unknown[] | undefined {
  const { x, series } = card.encoding;
  if (!x) return undefined;
  const scale = view.scale("x") as unknown as Scale | undefined;
  if (!scale) return undefined;
  const box = (view.container() as HTMLElement).getBoundingClientRect();
  const at = event.clientX - box.left - (view.origin()[0] ?? 0);
  let best: { index: number; distance: number } | undefined;
  for (const row of rowsOf(card)) {
    if (series && row[series.field] !== datum[series.field]) continue;
    const distance = Math.abs(scale(row[x.field]) - at);
    if (!best || distance < best.distance) best = { index: row[ROW] as number, distance };
  }
  return best && card.data.rows[best.index];
}
