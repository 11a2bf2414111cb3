import type { View } from "vega";
import type { Card } from "@vizroom/client";
import { filterKey } from "../room/filter";
import { axisOfGroups, type Row } from "./pick";
import { ROW, rowsOf } from "./rows";

/** A pointer that moves less than this has clicked, in pixels. */
const DRAG_MIN = 6;

interface Scale {
  (value: unknown): number | undefined;
  bandwidth?: () => number;
}

/**
 * Dragging over a chart picks all rows between, along the axis of its groups. Done here rather than by a selection of
 * the spec: it works on whatever has such an axis, and the spec stays as it came.
 */
export function brush(view: View, host: HTMLElement, card: () => Card, pick: (rows: Row[]) => void): () => void {
  let start: PointerEvent | undefined;
  let box: HTMLElement | undefined;
  let dragged = false;

  const along = (event: { clientX: number; clientY: number }, axis: "x" | "y") => (axis === "x" ? event.clientX : event.clientY);
  const down = (event: PointerEvent) => {
    dragged = false;
    const may = event.button === 0 && event.pointerType !== "touch" && filterKey(card().encoding.x) !== undefined;
    start = may && axisOfGroups(card()) && scaleOf(view, card()) ? event : undefined;
  };
  const move = (event: PointerEvent) => {
    const axis = axisOfGroups(card());
    if (!start || !axis) return;
    const [from, to] = ordered(along(start, axis), along(event, axis));
    if (!box && to - from < DRAG_MIN) return;
    if (!box) {
      host.setPointerCapture(event.pointerId);
      box = host.appendChild(document.createElement("div"));
      box.className = `brush ${axis}`;
    }
    const edge = host.getBoundingClientRect();
    const [side, size] = axis === "x" ? ["left", "width"] as const : ["top", "height"] as const;
    box.style[side] = `${from - edge[side]}px`;
    box.style[size] = `${to - from}px`;
  };
  const up = (event: PointerEvent) => {
    const [begun, axis] = [start, axisOfGroups(card())];
    const drawn = box !== undefined;
    cancel();
    if (!begun || !axis || !drawn) return;
    // The click that ends a drag is none.
    dragged = true;
    const rows = between(view, host, card(), axis, ordered(along(begun, axis), along(event, axis)));
    if (rows.length > 0) pick(rows);
  };
  const cancel = () => {
    start = undefined;
    box?.remove();
    box = undefined;
  };
  const click = (event: Event) => {
    if (dragged) event.stopPropagation();
    dragged = false;
  };
  const escape = (event: KeyboardEvent) => event.key === "Escape" && cancel();

  host.addEventListener("pointerdown", down);
  host.addEventListener("pointermove", move);
  host.addEventListener("pointerup", up);
  host.addEventListener("pointercancel", cancel);
  host.addEventListener("click", click, true);
  window.addEventListener("keydown", escape);
  return () => {
    cancel();
    host.removeEventListener("pointerdown", down);
    host.removeEventListener("pointermove", move);
    host.removeEventListener("pointerup", up);
    host.removeEventListener("pointercancel", cancel);
    host.removeEventListener("click", click, true);
    window.removeEventListener("keydown", escape);
  };
}

/** The rows whose groups stand between two places of the window. */
function between(view: View, host: HTMLElement, card: Card, axis: "x" | "y", [from, to]: [number, number]): Row[] {
  const scale = scaleOf(view, card);
  const field = card.encoding.x?.field;
  if (!scale || field === undefined) return [];
  const edge = host.getBoundingClientRect();
  const origin = (axis === "x" ? edge.left : edge.top) + (view.origin()[axis === "x" ? 0 : 1] ?? 0);
  const { bin } = card.encoding.x ?? {};
  const half = (scale.bandwidth?.() ?? 0) / 2;
  return rowsOf(card).flatMap((datum) => {
    // A range stands where its middle is.
    const place = scale(bin == null ? datum[field] : Number(datum[field]) + bin / 2);
    const at = place === undefined ? NaN : origin + place + half;
    return at >= from && at <= to ? [card.data.rows[datum[ROW] as number] as Row] : [];
  });
}

function scaleOf(view: View, card: Card): Scale | undefined {
  const axis = axisOfGroups(card);
  try {
    return axis && (view.scale(axis) as unknown as Scale | undefined);
  } catch {
    // Charts in facets have no scale of their own.
    return undefined;
  }
}

function ordered(a: number, b: number): [number, number] {
  return a < b ? [a, b] : [b, a];
}
