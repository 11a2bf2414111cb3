import { effect, signal } from "@preact/signals";
import { type Client, type Theme, VizroomError } from "@vizroom/client";
import { client } from "./live";
import { chooseLook, type Look } from "./theme";

/** What somebody prefers, wherever they sign in. Absent: as it comes. */
export interface Preferences {
  look?: Look;
  /** Colours of new dashboards. */
  theme?: Theme;
  /** Charts of a new dashboard, at most. */
  max_charts?: number;
}

/** The field of a user's settings that is this page's; the others belong to other programs. */
const FIELD = "page";

export const preferences = signal<Preferences>({});
/** Whether they are known; an error if they could not be read. */
export const preferencesState = signal<"loading" | "known" | VizroomError>("loading");

effect(() => {
  const now = client.value;
  preferences.value = {};
  preferencesState.value = "loading";
  if (now) void readPreferences(now);
});

export async function readPreferences(from: Client): Promise<void> {
  try {
    const settings = await from.call("settings.get", {});
    if (from !== client.peek()) return;
    preferences.value = (settings[FIELD] as Preferences | undefined) ?? {};
    preferencesState.value = "known";
    if (preferences.value.look) chooseLook(preferences.value.look);
  } catch (error) {
    if (from !== client.peek()) return;
    preferencesState.value = error instanceof VizroomError ? error : new VizroomError("INTERNAL_ERROR", String(error));
  }
}

/** Changes some of them, here at once; throws, and takes it back here, if the server does not take it. */
export async function prefer(patch: { [Name in keyof Preferences]: Preferences[Name] | undefined }): Promise<void> {
  const before = preferences.peek();
  const entries = Object.entries({ ...before, ...patch }).filter(([, value]) => value !== undefined);
  preferences.value = Object.fromEntries(entries);
  if ("look" in patch) chooseLook(patch.look);
  try {
    const nulls = Object.fromEntries(Object.entries(patch).map(([name, value]) => [name, value ?? null]));
    await client.peek()?.call("settings.update", { settings: { [FIELD]: nulls } });
  } catch (error) {
    preferences.value = before;
    if ("look" in patch) chooseLook(before.look);
    throw error;
  }
}

/** The look, also where nobody can be told. */
export function preferLook(look: Look): void {
  prefer({ look }).catch(() => chooseLook(look));
}
