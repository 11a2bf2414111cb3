import type { Card } from "@vizroom/client";
import type { Drawing } from "../chart/draw";
import { pngOf, svgOf } from "../chart/picture";
import { say } from "../toast";
import { csv } from "./csv";
import { allRows, download, fileName } from "./download";

/** Takes a card away as a picture. */
export async function takePicture(card: Card, drawing: Drawing | undefined, kind: "png" | "svg"): Promise<void> {
  const svg = await svgOf(card, drawing);
  const blob = kind === "png" ? await pngOf(svg) : new Blob([svg], { type: "image/svg+xml" });
  download(blob, fileName(card.title, kind));
}

/** Takes a card's rows away, all of them. */
export async function takeRows(dashboard: string, card: Card): Promise<void> {
  const rows = await allRows(dashboard, card);
  download(new Blob([csv(rows)], { type: "text/csv" }), fileName(card.title, "csv"));
  if (!rows.truncated) return;
  const all = rows.total == null ? "more" : rows.total.toLocaleString("en");
  say(`The file has the first ${rows.rows.length.toLocaleString("en")} of ${all} rows: more are not given away at once.`);
}
