import type { Theme } from "@vizroom/client";
import type { Config } from "vega-lite";
import type { Look } from "../theme";
import { palette, ramp } from "./palette";

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

const INK = {
  light: { text: "#4b5361", faint: "#7d8591", line: "#e6e8ec", card: "#ffffff" },
  dark: { text: "#b9c0cb", faint: "#8a93a1", line: "#2c323d", card: "#171b22" },
} as const;

/** A card at least this wide has room for a legend beside the chart, in pixels. */
const LEGEND_WIDTH_MIN = 480;
/** What a column of a legend takes: its mark, its words, and what is around them. */
const LEGEND_COLUMN = 100;

/** How every chart looks: the page's type and ink, the dashboard's colours. */
export function config(theme: Theme, look: Look, { width, clickable }: { width: number; clickable: boolean }): Config {
  const ink = INK[look];
  const colours = palette(theme, look);
  const main = colours[0] as string;
  const wide = width >= LEGEND_WIDTH_MIN;
  // Below the chart, as many beside each other as there is room for.
  const columns = wide ? 1 : Math.min(3, Math.max(1, Math.floor(width / LEGEND_COLUMN)));
  return {
    background: "transparent",
    font: FONT,
    padding: { top: 5, right: 5, bottom: 5, left: 0 },
    view: { stroke: "transparent" },
    range: { category: colours, ramp: ramp(theme, look), heatmap: ramp(theme, look), ordinal: { scheme: colours } as never },
    mark: { color: main, tooltip: true, ...(clickable && { cursor: "pointer" }) },
    bar: { color: main, cornerRadiusEnd: 3, binSpacing: 1 },
    line: { color: main, strokeWidth: 2.25, strokeCap: "round", strokeJoin: "round" },
    area: { color: main, fillOpacity: 0.85, line: true as never },
    point: { color: main, filled: true, size: 42, opacity: 0.85 },
    arc: { stroke: ink.card, strokeWidth: 2, cornerRadius: 2 },
    rect: { color: main },
    rule: { color: ink.faint },
    boxplot: { median: { color: ink.card } },
    text: { color: ink.text, font: FONT },
    title: { color: ink.text, font: FONT, fontSize: 12, fontWeight: 600 },
    axis: {
      labelColor: ink.faint, titleColor: ink.faint, labelFontSize: 11, titleFontSize: 11, titleFontWeight: 500,
      labelFont: FONT, titleFont: FONT, domain: false, ticks: false, gridColor: ink.line, gridWidth: 1, labelPadding: 6,
      titlePadding: 8, labelLimit: 120, labelOverlap: "parity",
    },
    axisX: { grid: false, labelSeparation: 6, labelAngle: undefined as never },
    axisY: { tickCount: 5, minExtent: 24 },
    axisQuantitative: { tickCount: 5 },
    axisTemporal: { labelSeparation: 6 } as never,
    legend: {
      labelColor: ink.text, titleColor: ink.faint, labelFontSize: 11, titleFontSize: 11, titleFontWeight: 500,
      labelFont: FONT, titleFont: FONT, symbolType: "circle", symbolSize: 70, orient: wide ? "right" : "bottom",
      columns, labelLimit: wide ? 110 : Math.max(60, width / columns - 28), ...(!wide && { symbolLimit: columns > 1 ? 9 : 4 }), rowPadding: 5, offset: 12, layout: { bottom: { direction: "vertical" } } as never,
    },
    header: { labelColor: ink.text, titleColor: ink.faint, labelFont: FONT, titleFont: FONT },
    scale: { bandPaddingInner: 0.28, bandPaddingOuter: 0.14, rectBandPaddingInner: 0.06 },
  };
}
