import { signal } from "@preact/signals";
import { connect, VizroomError, type Client, type Shown, type ViewOpened } from "@vizroom/client";
import { connection } from "./connection";
import { http } from "./http";
import type { FilterState } from "./room/filter";

/** How it stands between this page and the link it was opened by. */
export type Standing =
  | { state: "opening" }
  /** `problem`: what was wrong with the last one. */
  | { state: "password"; problem?: string }
  | { state: "open" }
  /** The link leads nowhere, or no longer. */
  | { state: "ended"; before: boolean }
  | { state: "refused"; problem: string };

const slug = decodeURIComponent(location.pathname.replace(/\/+$/, "").split("/").pop() ?? "");

export const standing = signal<Standing>({ state: "opening" });
/** As the link shows it to everybody. */
export const shown = signal<Shown | undefined>(undefined);
/** The same under this viewer's own filter. */
export const narrowed = signal<Shown | undefined>(undefined);
export const filter = signal<FilterState>({});

/** Kept as long as the page is: every further token is asked for with it. */
let password: string | undefined;
let token: string | undefined;
let client: Client | undefined;

/** Follows the link. Tried again by itself while the server cannot be reached. */
export async function enter(attempt?: string): Promise<void> {
  try {
    await open(attempt);
  } catch (error) {
    if (error instanceof VizroomError && error.code === "UNAVAILABLE") setTimeout(() => void enter(attempt), 3_000);
    return;
  }
  password = attempt;
  follow();
}

async function open(attempt: string | undefined): Promise<string> {
  try {
    const body = { slug, ...(attempt !== undefined && { password: attempt }) };
    const opened = await http<ViewOpened>("POST", "/api/v1/call/view.open", body);
    shown.value ??= opened.dashboard;
    standing.value = { state: "open" };
    return (token = opened.token);
  } catch (error) {
    tell(error, attempt);
    throw error;
  }
}

function tell(error: unknown, attempt: string | undefined): void {
  if (!(error instanceof VizroomError) || error.code === "UNAVAILABLE") return;
  if (error.code === "PASSWORD_REQUIRED") {
    forget();
    standing.value = { state: "password", ...(attempt !== undefined && { problem: "That is not the password." }) };
  } else if (error.code === "RATE_LIMITED" && standing.peek().state === "password") {
    standing.value = { state: "password", problem: "Too many attempts. Please try again later." };
  } else if (error.code === "NOT_FOUND") {
    standing.value = { state: "ended", before: shown.peek() !== undefined };
    forget();
  } else standing.value = { state: "refused", problem: error.message };
}

/** What was shown is not this viewer's any more. */
function forget(): void {
  client?.close();
  client = undefined;
  token = password = undefined;
  shown.value = narrowed.value = undefined;
  filter.value = {};
}

function follow(): void {
  client?.close();
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const begun = connect({
    url: `${scheme}://${location.host}/ws/events`,
    token: ({ refresh }) => (refresh || token === undefined ? open(password) : token),
  });
  client = begun;
  begun.on("dashboard.shown", (next) => {
    shown.value = next;
    if (Object.keys(filter.peek()).length > 0) void narrow(filter.peek());
  });
  begun.watch((now) => {
    if (begun !== client && client) return;
    connection.value = now;
    if (now.state === "live") begun.call("view.follow", {}).catch(() => {});
    // Ended, or it has another password now: asking again tells which.
    if (now.state === "closed" && now.error?.code === "UNAUTHORIZED" && begun === client) void enter();
  });
}

export function retryNow(): void {
  client?.retryNow();
}

/** Filters for this viewer only. */
export async function narrow(wanted: FilterState): Promise<void> {
  filter.value = wanted;
  if (Object.keys(wanted).length === 0) return void (narrowed.value = undefined);
  const answer = await client?.call("view.filter", { filter_state: wanted });
  // A later click may want something else by now.
  if (filter.peek() === wanted) narrowed.value = answer;
}
