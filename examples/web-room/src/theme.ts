import { computed, effect, signal } from "@preact/signals";

export type Look = "light" | "dark";

const KEY = "vizroom.look";
const system = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(system.matches);
system.addEventListener("change", (event) => (systemDark.value = event.matches));

/** What the person chose, if anything: otherwise it is as the system has it. */
export const chosenLook = signal<Look | undefined>((localStorage.getItem(KEY) as Look | null) ?? undefined);

export const look = computed<Look>(() => chosenLook.value ?? (systemDark.value ? "dark" : "light"));

effect(() => void (document.documentElement.dataset["look"] = look.value));

export function chooseLook(wanted: Look | undefined): void {
  chosenLook.value = wanted;
  if (wanted) localStorage.setItem(KEY, wanted);
  else localStorage.removeItem(KEY);
}

export function toggleLook(): void {
  const next = look.value === "dark" ? "light" : "dark";
  // Choosing what the system has anyway means following the system again.
  chooseLook((next === "dark") === systemDark.value ? undefined : next);
}
