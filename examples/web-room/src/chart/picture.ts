import type { Card } from "@vizroom/client";
import { formatCell, formatNumber } from "../format";
import { words } from "../room/filter";
import type { Drawing } from "./draw";

/** Around everything, in pixels. */
const MARGIN = 24;
/** Of pictures that no chart gives a width. */
const WIDTH = 560;
const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
/** Rows of a table that a picture shows. */
const ROWS_MAX = 25;
/** A PNG has so many dots for each pixel. */
const SHARPNESS = 2;

interface Ink {
  text: string;
  faint: string;
  ground: string;
}

/** A piece of a picture: SVG, and the height it takes. */
interface Piece {
  svg: string;
  height: number;
}

/** A card as a picture that stands by itself: its title, what it shows, what is to be known of it. */
export async function svgOf(card: Card, drawing: Drawing | undefined): Promise<string> {
  const ink = inkOfBoard();
  const chart = drawing && (await drawing.svg());
  const [, width = 0, height = 0] = (/<svg[^>]*? width="([\d.]+)" height="([\d.]+)"/.exec(chart ?? "") ?? []).map(Number);
  const inner = Math.max(width, chart ? 320 : WIDTH);
  const about = card.type === "insight" ? "" : card.description;
  const pieces: Piece[] = [lines(card.title, inner, 16, 600, ink.text), lines(about ?? "", inner, 12, 400, ink.faint), { svg: "", height: 12 }];
  if (chart) pieces.push({ svg: chart.replace("<svg ", '<svg overflow="visible" '), height });
  else pieces.push(plain(card, inner, ink));
  for (const note of card.notes ?? []) pieces.push({ svg: "", height: 8 }, lines(note, inner, 11, 400, ink.faint));
  let y = MARGIN;
  const body = pieces.map((piece) => {
    const placed = piece.svg && `<g transform="translate(${MARGIN},${y})">${piece.svg}</g>`;
    y += piece.height;
    return placed;
  });
  const [w, h] = [Math.ceil(inner + 2 * MARGIN), Math.ceil(y + MARGIN)];
  return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" font-family="${FONT}">`
    + `<title>${escaped(card.title)}</title><rect width="${w}" height="${h}" fill="${ink.ground}"/>${body.join("")}</svg>`;
}

/** The same as pixels. */
export async function pngOf(svg: string): Promise<Blob> {
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth * SHARPNESS;
    canvas.height = image.naturalHeight * SHARPNESS;
    (canvas.getContext("2d") as CanvasRenderingContext2D).drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The picture is too big."))), "image/png");
    });
  } finally {
    URL.revokeObjectURL(address);
  }
}

function inkOfBoard(): Ink {
  const style = getComputedStyle(document.querySelector(".board") ?? document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  return { text: colour("--ink"), faint: colour("--ink-3"), ground: colour("--card") };
}

/** What a card without a chart shows. */
function plain(card: Card, width: number, ink: Ink): Piece {
  if (card.type === "kpi") {
    const { value, format, unit, trend } = card.kpi ?? {};
    const figure = lines(value == null ? "–" : formatNumber(value, format, unit), width, 40, 620, ink.text);
    return stacked([figure, lines(trend ?? "", width, 13, 400, ink.faint)]);
  }
  if (card.type === "insight") return lines(card.description || card.title, width, 15, 400, ink.text);
  return table(card, width, ink);
}

function table(card: Card, width: number, ink: Ink): Piece {
  const { columns, rows } = card.data;
  const channels = [card.encoding.x, card.encoding.series, ...(card.encoding.y ?? [])];
  const step = width / Math.max(1, columns.length);
  const line = (cells: string[], y: number, colour: string, weight: number) => cells.map((cell, i) => {
    const number = columns[i]?.type === "number" || columns[i]?.type === "integer";
    const x = number ? (i + 1) * step - 8 : i * step;
    return `<text x="${x}" y="${y}" font-size="12" font-weight="${weight}" fill="${colour}"${number ? ' text-anchor="end"' : ""}>${escaped(cut(cell, step - 12, 12))}</text>`;
  }).join("");
  const head = columns.map((column) => channels.find((channel) => channel?.field === column.name)?.label ?? words(column.name));
  const shown = rows.slice(0, ROWS_MAX).map((row) => columns.map((column, i) => {
    return formatCell(row[i], column.type, channels.find((one) => one?.field === column.name));
  }));
  const body = shown.map((cells, i) => line(cells, 40 + i * 20, ink.text, 400)).join("");
  const rule = `<line x1="0" x2="${width}" y1="22" y2="22" stroke="${ink.faint}" stroke-opacity="0.4"/>`;
  const more = rows.length > ROWS_MAX ? `<text x="0" y="${44 + shown.length * 20}" font-size="11" fill="${ink.faint}">and ${(rows.length - ROWS_MAX).toLocaleString("en")} more rows</text>` : "";
  return { svg: line(head, 14, ink.faint, 550) + rule + body + more, height: 30 + shown.length * 20 + (more ? 24 : 0) };
}

/** Text, broken where it is wider than there is room. */
function lines(text: string, width: number, size: number, weight: number, colour: string): Piece {
  if (!text) return { svg: "", height: 0 };
  const broken = [""];
  for (const word of text.split(/\s+/)) {
    const longer = `${broken.at(-1)} ${word}`.trim();
    if (widthOf(longer, size, weight) <= width || broken.at(-1) === "") broken[broken.length - 1] = longer;
    else broken.push(word);
  }
  const step = size * 1.4;
  const svg = broken.map((line, i) => `<text y="${i * step + size}" font-size="${size}" font-weight="${weight}" fill="${colour}">${escaped(cut(line, width, size, weight))}</text>`);
  return { svg: svg.join(""), height: broken.length * step };
}

function stacked(pieces: Piece[]): Piece {
  let height = 0;
  const svg = pieces.map((piece) => {
    const placed = `<g transform="translate(0,${height})">${piece.svg}</g>`;
    height += piece.height;
    return placed;
  });
  return { svg: svg.join(""), height };
}

let pen: CanvasRenderingContext2D | undefined;

function widthOf(text: string, size: number, weight: number): number {
  pen ??= document.createElement("canvas").getContext("2d") as CanvasRenderingContext2D;
  pen.font = `${weight} ${size}px ${FONT}`;
  return pen.measureText(text).width;
}

function cut(text: string, width: number, size: number, weight = 400): string {
  if (widthOf(text, size, weight) <= width) return text;
  let short = text;
  while (short && widthOf(`${short}…`, size, weight) > width) short = short.slice(0, -1);
  return `${short.trimEnd()}…`;
}

/** For XML, which has no way to write control characters at all. */
function escaped(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "")
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
