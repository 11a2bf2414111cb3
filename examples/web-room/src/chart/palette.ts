import type { Theme } from "@vizroom/client";
import type { Look } from "../theme";

/** Colours of series, in order; the first is that of a single series. Neighbours differ in hue. */
const LIGHT: { [theme in Theme]: string[] } = {
  slate: ["#4a5fa5", "#c98f4f", "#6f9a86", "#a56a7d", "#7fa3c7", "#b8a35c", "#5b6675", "#8f7fb5"],
  ocean: ["#0f6e9e", "#dda25a", "#2aa5b5", "#c4604a", "#324f8c", "#7cc7bd", "#8a94d0", "#8ba0ad"],
  forest: ["#2f6d50", "#c5853f", "#7d9f4b", "#5d7f94", "#bdb356", "#9a6262", "#4b8d8c", "#8d7048"],
  sunset: ["#c25a3e", "#5f508a", "#e3924f", "#52978f", "#974c69", "#ecba63", "#7b8a97", "#d58e8c"],
  mono: ["#343a43", "#979ea8", "#69717c", "#bfc5cc", "#4d555f", "#abb1b9", "#808893", "#d2d6db"],
  // On paper only.
  dark: ["#4a5fa5", "#c98f4f", "#6f9a86", "#a56a7d", "#7fa3c7", "#b8a35c", "#5b6675", "#8f7fb5"],
};

const DARK: { [theme in Theme]: string[] } = {
  slate: ["#8c9fe6", "#e0ab6c", "#8fbfa8", "#cf93a6", "#8fbadf", "#d6c27a", "#98a4b5", "#b5a6da"],
  ocean: ["#4fb0dd", "#ecb873", "#97dbd1", "#e3826c", "#7b97d8", "#4fc7d2", "#a9b2e8", "#a5b7c2"],
  forest: ["#69b08d", "#dfa561", "#a4c46f", "#86a8bd", "#d6cd74", "#c48b8b", "#74b8b5", "#b6966a"],
  sunset: ["#ea8061", "#9a89c9", "#f2ab6c", "#7cc0b7", "#c87a97", "#f4cd80", "#a2b0bb", "#eaaeab"],
  mono: ["#dfe2e6", "#7d858f", "#a3aab3", "#5a626c", "#c4c9cf", "#6b737d", "#8f97a1", "#4b525b"],
  dark: ["#8c9fe6", "#f0c987", "#3f9f92", "#f7b7b2", "#6f8fc9", "#e3da8f", "#a873c2", "#c9d1dc"],
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
