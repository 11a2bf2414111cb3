import type { Actor, Message, Metadata } from "@vizroom/client";

/** One line of the conversation: what somebody said, or what happened. */
export interface Line {
  id: string;
  kind: "message" | "activity";
  text: string;
  actor: Actor | null | undefined;
  ts: string | undefined;
  seq: number | null | undefined;
  /** Its author has changed it since. */
  edited?: boolean;
  /** It was taken back: only that something was said is left. */
  deleted?: boolean;
}

/** Said here, not confirmed yet. */
export interface Unsent {
  key: string;
  text: string;
  failed: string | undefined;
}

/** Lines kept on screen; older ones can be loaded again. */
const LINES_MAX = 1000;

interface Told {
  type: string;
  data: unknown;
  metadata: Metadata;
}

/** A stored `chat.message`, as snapshots and history carry it. */
export function lineOf(event: unknown): Line | undefined {
  const { type, data, metadata } = event as Told;
  if (type !== "chat.message") return undefined;
  return said(data as Message, metadata);
}

/** What somebody said, as it stands now. */
export function said({ content, edited, deleted }: Message, metadata: Metadata): Line {
  return { ...line("message", content, metadata), ...(edited && { edited }), ...(deleted && { deleted }) };
}

export function line(kind: Line["kind"], text: string, metadata: Metadata): Line {
  const { event_id, actor, ts, seq } = metadata;
  return { id: `${kind}:${event_id ?? `${seq}:${ts}`}`, kind, text, actor, ts: ts ?? undefined, seq };
}

/** Both in order, each line once. */
export function together(earlier: Line[], later: Line[]): Line[] {
  const known = new Set(later.map(({ id }) => id));
  return [...earlier.filter(({ id }) => !known.has(id)), ...later].slice(-LINES_MAX);
}
