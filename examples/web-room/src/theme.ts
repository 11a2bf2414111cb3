import { computed, effect, signal } from "@preact/signals";

export type Look = "light" | "dark";

const KEY = "vizroom.look";
const system = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(system.matches);
system.addEventListener("change", (event) => (systemDark.value = event.matches));

/** What the person chose, if anything. */
const chosen = signal<Look | null>(localStorage.getItem(KEY) as Look | null);

export const look = computed<Look>(() => chosen.value ?? (systemDark.value ? "dark" : "light"));

effect(() => void (document.documentElement.dataset["look"] = look.value));

export function toggleLook(): void {
  const next = look.value === "dark" ? "light" : "dark";
  // Choosing what the system has anyway means following the system again.
  chosen.value = (next === "dark") === systemDark.value ? null : next;
  if (chosen.value) localStorage.setItem(KEY, chosen.value);
  else localStorage.removeItem(KEY);
}
