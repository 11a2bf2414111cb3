import { signal } from "@preact/signals";
import type { Connection } from "@vizroom/client";

/** How the one connection of this page is. */
export const connection = signal<Connection>({ state: "connecting" });
