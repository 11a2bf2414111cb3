import type { Channel, ColumnType, Grain } from "@vizroom/client";
import { format as d3Format } from "d3-format";

const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS = [
  "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
];

/** Units that stand before the number. */
const PREFIXES = new Set(["$", "€", "£", "¥"]);

/** A number by a d3 pattern, with its unit; a pattern nobody understands is as good as none. */
export function formatNumber(value: number, pattern?: string | null, unit?: string | null): string {
  let text: string;
  try {
    text = pattern ? d3Format(pattern)(value) : plain(value);
  } catch {
    text = plain(value);
  }
  if (!unit || text.includes(unit)) return text;
  if (PREFIXES.has(unit)) return text.startsWith("−") ? `−${unit}${text.slice(1)}` : unit + text;
  return unit === "%" ? `${text}%` : `${text}\u202f${unit}`;
}

/** With a true minus, as d3 writes it. */
function plain(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: 2 }).replace("-", "−");
}

export function formatValue(
  value: unknown,
  type: ColumnType,
  grain?: Grain | null,
  pattern?: string | null,
  unit?: string | null,
): string {
  if (value === null || value === undefined) return "–";
  if (grain === "day_of_week") return WEEKDAYS[Number(value) - 1] ?? String(value);
  if (grain === "month_of_year") return MONTHS[Number(value) - 1] ?? String(value);
  if (grain === "hour_of_day") return `${String(value).padStart(2, "0")}:00`;
  if (typeof value === "number" && (type === "number" || type === "integer")) return formatNumber(value, pattern, unit);
  if (type === "date" || type === "timestamp") return formatTime(String(value), grain);
  if (type === "boolean") return value ? "Yes" : "No";
  return String(value);
}

/** A value of a card as its channel has it: `Feb 2024`, `100 – 120 min`. */
export function formatCell(value: unknown, type: ColumnType, channel: Channel | null | undefined): string {
  const { grain, bin, format, unit } = channel ?? {};
  if (bin != null && typeof value === "number") return `${formatNumber(value, format)} – ${formatNumber(endOf(value, bin), format, unit)}`;
  return formatValue(value, type, grain, format, unit);
}

/** Where a range ends that begins with a value: `0.1 + 0.2` without what machines add. */
export function endOf(begin: number, width: number): number {
  return Number((begin + width).toPrecision(12));
}

function formatTime(value: string, grain: Grain | null | undefined): string {
  const [, year, month, day, hour, minute] = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d))?/.exec(value) ?? [];
  if (!year || !month || !day) return value;
  const name = MONTHS[Number(month) - 1]?.slice(0, 3);
  if (grain === "year") return year;
  if (grain === "quarter") return `Q${Math.ceil(Number(month) / 3)} ${year}`;
  if (grain === "month") return `${name} ${year}`;
  const date = `${Number(day)} ${name} ${year}`;
  if (grain === "week") return `Week of ${date}`;
  return hour && grain !== "day" ? `${date}, ${hour}:${minute}` : date;
}

export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const step = Math.min(units.length - 1, bytes > 0 ? Math.floor(Math.log10(bytes) / 3) : 0);
  return `${(bytes / 1000 ** step).toLocaleString("en", { maximumFractionDigits: step > 1 ? 1 : 0 })} ${units[step]}`;
}

export function formatCount(count: number, what: string): string {
  return `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;
}

/** `3 Mar 2026` */
export function formatDay(iso: string): string {
  return new Date(iso).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
}

/** `14:05`, `Tue 14:05`, `3 Mar 14:05`: as much as is needed to know when. */
export function formatMoment(iso: string | undefined, now = new Date()): string {
  if (!iso) return "";
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  const time = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const days = (now.getTime() - at.getTime()) / 86_400_000;
  if (at.toDateString() === now.toDateString()) return time;
  if (Math.abs(days) < 6) return `${at.toLocaleDateString("en-GB", { weekday: "short" })} ${time}`;
  return `${at.toLocaleDateString("en-GB", { day: "numeric", month: "short" })} ${time}`;
}
