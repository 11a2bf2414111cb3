import type { Theme } from "@vizroom/client";
import { computed, effect, signal } from "@preact/signals";

export type Look = "light" | "dark";

const KEY = "vizroom.look";
const system = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(system.matches);
system.addEventListener("change", (event) => (systemDark.value = event.matches));

/** What the person chose, if anything. */
const chosen = signal<Look | null>(localStorage.getItem(KEY) as Look | null);

/** While the page is laid out for paper, its look is light. */
export const printing = signal(false);

export const look = computed<Look>(() => (printing.value ? "light" : chosen.value ?? (systemDark.value ? "dark" : "light")));

/** How a dashboard looks on it: one that is dark is so on every page, but not on paper. */
export function lookOf(theme: Theme): Look {
  return theme === "dark" && !printing.value ? "dark" : look.value;
}

effect(() => void (document.documentElement.dataset["look"] = look.value));

/** `undefined` follows the system. */
export function chooseLook(wanted: Look | undefined): void {
  chosen.value = wanted ?? null;
  if (wanted) localStorage.setItem(KEY, wanted);
  else localStorage.removeItem(KEY);
}

export function toggleLook(): void {
  const next = look.value === "dark" ? "light" : "dark";
  // Choosing what the system has anyway means following the system again.
  chooseLook((next === "dark") === systemDark.value ? undefined : next);
}
