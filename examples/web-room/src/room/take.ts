import type { Card, Table } from "@vizroom/client";
import type { Drawing } from "../chart/draw";
import { pngOf, svgOf } from "../chart/picture";
import { say } from "../toast";
import { csv } from "./csv";

/** Takes a card away as a picture. */
export async function takePicture(card: Card, drawing: Drawing | undefined, kind: "png" | "svg"): Promise<void> {
  const svg = await svgOf(card, drawing);
  const blob = kind === "png" ? await pngOf(svg) : new Blob([svg], { type: "image/svg+xml" });
  download(blob, fileName(card.title, kind));
}

/** Takes a card's rows away, as many as there are to be had. */
export function takeRows({ title }: Card, rows: Table): void {
  download(new Blob([csv(rows)], { type: "text/csv" }), fileName(title, "csv"));
  if (!rows.truncated) return;
  const all = rows.total == null ? "more" : rows.total.toLocaleString("en");
  say(`The file has the first ${rows.rows.length.toLocaleString("en")} of ${all} rows: more are not given away at once.`);
}

function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function fileName(title: string, ending: string): string {
  return `${title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "chart"}.${ending}`;
}
