import { effect, signal } from "@preact/signals";
import { type File as Made, VizroomError } from "@vizroom/client";
import { me } from "../account";
import { message } from "../http";
import { say } from "../toast";
import { forget, keep, type Kept, keptOf, take } from "./kept";
import type { RoomState } from "./state";
import { begin, fill, giveUp, idOf, until, type Watch } from "./tus";

/** A file on its way, as it is shown. */
export interface Upload {
  id: number;
  room: string;
  name: string;
  size: number;
  /** 0–1, as far as it is known. */
  done: number;
  state:
    /** Others go first. */
    | "waiting"
    | "sending"
    /** The connection is lost; it goes on by itself. */
    | "lost"
    /** Somebody paused it. */
    | "paused"
    /** The page was loaded anew, and the file is needed again. */
    | "cut"
    /** It is all there; the server reads and profiles it. */
    | "reading"
    | "failed";
  /** Why it failed. */
  error?: string | undefined;
  /** Whether trying again may help. */
  again?: boolean;
}

/** What is done about one. */
interface Task {
  id: number;
  room: RoomState;
  name: string;
  size: number;
  modified: number;
  begun: number;
  file?: File | undefined;
  place?: string;
  /** It has arrived. */
  whole?: boolean;
  stop?: AbortController;
  release?: () => void;
}

export const uploads = signal<Upload[]>([]);
const tasks = new Map<number, Task>();
let next = 1;

/** How many go at one time; the others wait. */
const AT_ONCE = 2;
/** Between two questions whether a file has been read, in milliseconds. */
const READING_MS = 1_000;

/** An upload that takes longer has its file kept by the browser, which costs a copy. */
const COPY_AFTER_MS = 1_000;
/** Errors that may be over by and by. */
const PASSING: ReadonlySet<string> = new Set(["UNAVAILABLE", "UNAUTHORIZED", "RATE_LIMITED", "CONFLICT", "DISCONNECTED", "INTERNAL_ERROR"]);

// What somebody has begun goes on when the same person is back, and is nobody else's.
let whose = me.peek()?.id;
effect(() => {
  const now = me.value?.id;
  if (now === whose) return;
  whose = now;
  for (const { stop, release } of tasks.values()) {
    stop?.abort();
    release?.();
  }
  tasks.clear();
  uploads.value = [];
});

/** Sends files into a room, and shows each one's progress. A file whose upload was cut goes on where it was. */
export function upload(room: RoomState, files: File[]): void {
  for (const file of files) {
    const cut = uploads.peek().find(({ id, state }) => state === "cut" && tasks.get(id)?.room.id === room.id && isOf(tasks.get(id)!, file));
    if (cut) resume(cut.id, file);
    else list({ id: next++, room, name: file.name, size: file.size, modified: file.lastModified, begun: Date.now(), file }, "waiting");
  }
  pump();
}

/** Takes up what was under way in this room when the page was left. */
export async function recover(room: RoomState, user: string): Promise<void> {
  for (const kept of await keptOf(user, room.id)) {
    const release = await take(kept.place);
    // Another page of this browser is at it, or this one.
    if (!release) continue;
    if ([...tasks.values()].some(({ place }) => place === kept.place) || !(await revive(room, kept, release))) release();
  }
  pump();
}

async function revive(room: RoomState, kept: Kept, release: () => void): Promise<boolean> {
  const { place, name, size, modified, begun, file, paused } = kept;
  const known = await room.client.call("file.upload", { upload_id: idOf(place) }).catch((error: unknown) => {
    if (error instanceof VizroomError && error.code === "NOT_FOUND") return undefined;
    throw error;
  });
  if (!known || known.stage === "done" || known.stage === "failed") {
    await forget(place);
    return false;
  }
  const task: Task = { id: next++, room, name, size, modified, begun, file, place, whole: known.stage === "reading", release };
  list(task, task.whole || (file && !paused) ? "waiting" : file ? "paused" : "cut");
  change(task.id, { done: known.offset / size });
  return true;
}

/** Keeps what has arrived, and sends no more for now. */
export function pause(id: number): void {
  const task = tasks.get(id);
  if (!task) return;
  change(id, { state: "paused" });
  task.stop?.abort();
  void remember(task, true);
}

/** Goes on; `file` where the page does not have it any more. */
export function resume(id: number, file?: File): void {
  const task = tasks.get(id);
  if (!task) return;
  if (file && !isOf(task, file)) return say(`That is not the same file as the ${task.name} that was being uploaded`, { tone: "bad" });
  task.file ??= file;
  change(id, { state: "waiting", error: undefined, again: false });
  pump();
}

/** Takes it off the list, and what has arrived off the server. */
export function drop(id: number): void {
  const task = tasks.get(id);
  if (!task) return;
  task.stop?.abort();
  end(task);
  if (task.place && !task.whole) void giveUp(task.place);
}

/** Begins what waits, as long as few enough are under way. */
function pump(): void {
  const all = uploads.peek();
  const busy = all.filter(({ state }) => state === "sending" || state === "lost" || state === "reading").length;
  for (const { id } of all.filter(({ state }) => state === "waiting").slice(0, Math.max(0, AT_ONCE - busy))) {
    change(id, { state: "sending" });
    void run(tasks.get(id)!).finally(pump);
  }
}

async function run(task: Task): Promise<void> {
  const { id, room, file, size } = task;
  task.stop = new AbortController();
  const { signal } = task.stop;
  const tell = (told: Partial<Upload>) => signal.aborted || change(id, told);
  const watch: Watch = {
    sent: (bytes) => tell({ done: bytes / size }),
    waiting: (lost) => tell({ state: lost ? "lost" : "sending" }),
    signal,
  };
  try {
    if (!task.whole && file) await send(task, file, watch);
    task.whole = true;
    change(id, { state: "reading", done: 1 });
    room.addFiles([await read(room, idOf(task.place!))]);
    end(task);
  } catch (error) {
    // Whoever stopped it has said what becomes of it.
    if (signal.aborted) return;
    const code = error instanceof VizroomError ? error.code : undefined;
    const again = code !== undefined && PASSING.has(code);
    change(id, { state: "failed", error: message(error), again });
    if (!again && task.place) void forget(task.place);
  }
}

async function send(task: Task, file: File, watch: Watch): Promise<void> {
  const fresh = task.place === undefined;
  if (fresh) {
    task.place = await begin(file, task.room.id, watch);
    const release = await take(task.place);
    if (release) task.release = release;
    void remember({ ...task, file: undefined }, false);
  }
  const later = setTimeout(() => void remember(task, false), COPY_AFTER_MS);
  try {
    await fill(task.place!, file, watch, fresh);
  } finally {
    clearTimeout(later);
  }
}

/** What has become of an upload that has arrived; whoever was cut off at the end finds it still being read. */
async function read(room: RoomState, upload_id: string): Promise<Made> {
  // From here on it is the server's.
  const watch: Watch = { sent: () => {}, waiting: () => {}, signal: new AbortController().signal };
  for (;;) {
    const { stage, file, error } = await until(watch, () => room.client.call("file.upload", { upload_id }));
    if (error) throw VizroomError.from(error);
    if (stage === "done" && file) return file;
    if (stage === "done") throw new VizroomError("NOT_FOUND", "The file has been deleted meanwhile.");
    await new Promise((resolve) => setTimeout(resolve, READING_MS));
  }
}

async function remember(task: Task, paused: boolean): Promise<void> {
  const { place, room, name, size, modified, begun, file } = task;
  const user = room.me;
  if (!place) return;
  await keep({ place, user, room: room.id, name, size, modified, begun, paused, ...(file && { file }) });
  // It may have ended meanwhile.
  if (!tasks.has(task.id)) await forget(place);
}

function isOf({ name, size, modified }: Task, file: File): boolean {
  return file.name === name && file.size === size && file.lastModified === modified;
}

function list(task: Task, state: Upload["state"]): void {
  tasks.set(task.id, task);
  const { id, room, name, size } = task;
  uploads.value = [{ id, room: room.id, name, size, done: 0, state }, ...uploads.peek()];
}

function end(task: Task): void {
  tasks.delete(task.id);
  uploads.value = uploads.peek().filter(({ id }) => id !== task.id);
  task.release?.();
  if (task.place) void forget(task.place);
}

function change(id: number, told: Partial<Upload>): void {
  uploads.value = uploads.peek().map((one) => (one.id === id ? { ...one, ...told } : one));
}
