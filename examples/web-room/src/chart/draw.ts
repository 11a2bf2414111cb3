import { changeset, parse, View, Warn, type Runtime, type Spec } from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile, type TopLevelSpec } from "vega-lite";
import type { Card, Theme } from "@vizroom/client";
import { isFilterable } from "../room/filter";
import type { Look } from "../theme";
import { brush } from "./brush";
import { config } from "./config";
import { adds, type Pick } from "./pick";
import { nearestRow, ROW, rowLike, rowsOf } from "./rows";
import { hide, tooltip } from "./tooltip";

/** What a drawing is made of. */
export interface Style {
  theme: Theme;
  look: Look;
}

interface Size {
  width: number;
  height: number;
}

/** Above this many rows, canvas is quicker than SVG. */
const SVG_ROWS_MAX = 1500;

type Json = Record<string, unknown>;

/** A card's chart in an element. It lives as long as its spec and style do; new rows move the marks. */
export class Drawing {
  #card: Card;
  #view: View;
  #sized: boolean;
  #brushless: () => void;
  /** Not where all that is drawn stands in the spec's own `datasets`. */
  #readsRows: boolean;
  readonly ready: Promise<unknown>;

  /** `shapes`: the outlines of a map, see `shapesOf`. */
  constructor(
    element: HTMLElement, card: Card, style: Style, size: Size, shapes: object[] | undefined, click: (pick: Pick) => void,
  ) {
    this.#card = card;
    const { spec, sized } = fit(card.spec as Json, size);
    this.#sized = sized;
    // The page's style wins over what the spec brings: dark and light are known here only.
    const { spec: compiled } = compile({ ...spec, config: undefined } as unknown as TopLevelSpec, {
      config: config(style.theme, style.look, { width: size.width, clickable: isFilterable(card) }), logger: silent,
    });
    this.#readsRows = (compiled as Spec).data?.some(({ name }) => name === "rows") ?? false;
    // An interpreted syntax tree instead of compiled code: the page's policy allows no `eval`.
    const runtime: Runtime = parse(compiled as Spec, undefined, { ast: true } as never);
    this.#view = new View(runtime, {
      expr: expressionInterpreter, renderer: card.data.rows.length > SVG_ROWS_MAX ? "canvas" : "svg", container: element,
      hover: true, logLevel: Warn, logger: silent as never, loader: noLoader as never, tooltip: tooltip(() => this.#card),
    } as never);
    this.#put(card);
    if (shapes) this.#view.data("shapes", shapes);
    this.#view.addEventListener("click", (event, item) => {
      const row = this.#rowAt(item as unknown as Item | undefined, event as unknown as MouseEvent);
      if (row) click({ row, add: adds(event as unknown as MouseEvent) });
    });
    this.#brushless = brush(this.#view, element, () => this.#card, (rows) => click({ rows }));
    this.ready = this.#view.runAsync();
  }

  /** New rows for the same spec. */
  update(card: Card): void {
    this.#card = card;
    if (!this.#readsRows) return;
    // What it says of the mark under the pointer is no longer so.
    hide();
    // First none at all: values that stay would keep their place before those that come back.
    this.#view.change("rows", changeset().remove(() => true)).run();
    this.#view.change("rows", changeset().insert(rowsOf(card))).run();
  }

  resize({ width, height }: Size): void {
    if (this.#sized) this.#view.width(width).height(height).runAsync();
  }

  /** The chart as it is now, on nothing. */
  svg(): Promise<string> {
    return this.#view.toSVG();
  }

  /** Puts the rows in, unless the spec holds all it draws. */
  #put(card: Card): void {
    if (this.#readsRows) this.#view.data("rows", rowsOf(card));
  }

  destroy(): void {
    this.#brushless();
    this.#view.finalize();
  }

  #rowAt(item: Item | undefined, event: MouseEvent): readonly unknown[] | undefined {
    if (!item?.datum) return undefined;
    const { marktype } = item.mark ?? {};
    // A web's lines stand for all of a series; its corners are what is clicked.
    if (marktype === "line" && !this.#readsRows) return undefined;
    if (marktype === "line" || marktype === "area") return nearestRow(this.#view, this.#card, item.datum, event);
    const index = item.datum[ROW];
    return typeof index === "number" ? this.#card.data.rows[index] : rowLike(this.#card, item.datum);
  }
}

interface Item {
  datum?: Record<string, unknown>;
  mark?: { marktype?: string };
}

/** Single charts take the size of their card; facets and concatenations have sizes of their own. */
function fit(spec: Json, { width, height }: Size): { spec: Json; sized: boolean } {
  const composed = ["facet", "repeat", "concat", "hconcat", "vconcat"].some((key) => key in spec);
  const encoding = (spec["encoding"] ?? {}) as Json;
  if (composed || "row" in encoding || "column" in encoding || "facet" in encoding) return { spec, sized: false };
  const { title: _, ...rest } = spec;
  return { spec: { ...slim(rest, encoding), width, height, autosize: { type: "fit", contains: "padding" } }, sized: true };
}

/** A single bar, such as a filter leaves, need not fill its card: bars are at most so thick, in pixels. */
const BAR_MAX = 64;

function slim(spec: Json, encoding: Json): Json {
  const mark = typeof spec["mark"] === "string" ? { type: spec["mark"] } : (spec["mark"] as Json | undefined);
  if (mark?.["type"] !== "bar" || "xOffset" in encoding || "yOffset" in encoding) return spec;
  const discrete = (channel: string) => {
    const definition = encoding[channel] as Json | undefined;
    return (definition?.["type"] === "nominal" || definition?.["type"] === "ordinal") && !definition["bin"];
  };
  const [channel, side] = discrete("x") ? ["x", "width"] : ["y", "height"];
  if (!discrete(channel as string) || (side as string) in mark || "size" in mark) return spec;
  return { ...spec, mark: { [side as string]: { expr: `min(${BAR_MAX}, bandwidth('${channel}'))` }, ...mark } };
}

const quiet = () => silent;
const silent = { level: () => silent, error: quiet, warn: quiet, info: quiet, debug: quiet };

/** A spec may not make the page fetch anything. */
const noLoader = {
  load: () => Promise.reject(new Error("charts load nothing")),
  sanitize: () => Promise.reject(new Error("charts link nowhere")),
};
