import type { Column, Dataset, File } from "@vizroom/client";
import { words } from "./filter";

const SHOWN_MAX = 4;

/** Questions the files at hand can answer, in turn of each file: enough to begin with, and always true to the columns. */
export function suggestions(files: File[]): string[] {
  const datasets = files.flatMap((file) => file.datasets).sort((a, b) => b.rows - a.rows);
  const each = datasets.map(ofDataset);
  const found = Array.from({ length: SHOWN_MAX }, (_, turn) => each.flatMap((questions) => questions[turn] ?? [])).flat();
  return [...new Set(found)].slice(0, SHOWN_MAX);
}

function ofDataset({ name, columns, rows }: Dataset): string[] {
  const times = columns.filter((column) => column.type === "date" || column.type === "timestamp");
  const groups = columns.filter((column) => column.type === "text" && column.distinct > 1 && column.distinct <= 200);
  const measures = columns.filter((column) => isMeasure(column, rows));
  const [group, other] = [...groups].sort((a, b) => fit(a) - fit(b));
  const [measure, second] = measures;
  const found: string[] = [];
  if (times[0] && group) found.push(`${title(words(name))} per month by ${words(group.name)}`);
  else if (times[0]) found.push(`${title(words(name))} per month`);
  if (measure && group) found.push(`Average ${words(measure.name)} by ${words(group.name)}`);
  if (other) found.push(`Which ${words(other.name)} has the most ${words(name)}?`);
  if (measure && times[0]) found.push(`How did ${words(measure.name)} change over time?`);
  if (measure && second) found.push(`${title(words(measure.name))} against ${words(second.name)}`);
  if (found.length === 0 && group) found.push(`Number of ${words(name)} by ${words(group.name)}`);
  return found;
}

/** Small groups make the clearest charts, but two are hardly a group. */
function fit(column: Column): number {
  return Math.abs(column.distinct - 8);
}

function isMeasure({ type, name, distinct }: Column, rows: number): boolean {
  if (type !== "number" && type !== "integer") return false;
  const looksLikeKey = /(^|[_\s])(id|key|code|year|month|day|hour|minute|zip|postcode|lat|lon|latitude|longitude)$/i.test(name);
  return !looksLikeKey && distinct > 5 && !(type === "integer" && distinct === rows);
}

function title(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
