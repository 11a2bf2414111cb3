import type { Theme } from "@vizroom/client";
import type { Look } from "../theme";

/** Colours of series, in order; the first is that of a single series. */
const LIGHT: { [theme in Theme]: string[] } = {
  slate: ["#4a5fa5", "#7fa3c7", "#c98f4f", "#6f9a86", "#a56a7d", "#5b6675", "#b8a35c", "#8f7fb5"],
  ocean: ["#0f6e9e", "#2aa5b5", "#7cc7bd", "#324f8c", "#8a94d0", "#dda25a", "#c4604a", "#8ba0ad"],
  forest: ["#2f6d50", "#7d9f4b", "#bdb356", "#4b8d8c", "#8d7048", "#c5853f", "#5d7f94", "#9a6262"],
  sunset: ["#c25a3e", "#e3924f", "#ecba63", "#974c69", "#5f508a", "#d58e8c", "#7b8a97", "#52978f"],
  mono: ["#343a43", "#69717c", "#979ea8", "#bfc5cc", "#4d555f", "#808893", "#abb1b9", "#d2d6db"],
};

const DARK: { [theme in Theme]: string[] } = {
  slate: ["#8c9fe6", "#8fbadf", "#e0ab6c", "#8fbfa8", "#cf93a6", "#98a4b5", "#d6c27a", "#b5a6da"],
  ocean: ["#4fb0dd", "#4fc7d2", "#97dbd1", "#7b97d8", "#a9b2e8", "#ecb873", "#e3826c", "#a5b7c2"],
  forest: ["#69b08d", "#a4c46f", "#d6cd74", "#74b8b5", "#b6966a", "#dfa561", "#86a8bd", "#c48b8b"],
  sunset: ["#ea8061", "#f2ab6c", "#f4cd80", "#c87a97", "#9a89c9", "#eaaeab", "#a2b0bb", "#7cc0b7"],
  mono: ["#dfe2e6", "#a3aab3", "#7d858f", "#5a626c", "#c4c9cf", "#8f97a1", "#6b737d", "#4b525b"],
};

/** From least to most. */
const RAMPS: { [look in Look]: (main: string) => string[] } = {
  light: (main) => ["#eef0f4", main],
  dark: (main) => ["#262b35", main],
};

export function palette(theme: Theme, look: Look): string[] {
  return (look === "dark" ? DARK : LIGHT)[theme];
}

export function ramp(theme: Theme, look: Look): string[] {
  return RAMPS[look](palette(theme, look)[0] as string);
}
