import type { Table } from "@vizroom/client";

/** RFC 4180; text that a spreadsheet would run as a formula is made harmless. */
export function csv({ columns, rows }: Table): string {
  const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  // Of text only: a figure below zero is no formula.
  const harmless = (text: string) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
  const cell = (value: unknown) => {
    if (value === null || value === undefined) return "";
    return quoted(typeof value === "string" ? harmless(value) : String(value));
  };
  const lines = [columns.map(({ name }) => name), ...rows];
  return lines.map((line) => line.map(cell).join(",")).join("\r\n") + "\r\n";
}
