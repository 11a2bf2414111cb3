import { signal } from "@preact/signals";
import { VizroomError } from "@vizroom/client";
import { message } from "../http";
import type { RoomState } from "./state";
import { send, until, type Watch } from "./tus";

/** A file on its way. */
export interface Upload {
  id: number;
  name: string;
  size: number;
  /** 0–1; 1 while the server reads and profiles it. */
  done: number;
  /** The connection is lost; it goes on by itself. */
  waiting: boolean;
  error: string | undefined;
  stop: () => void;
}

export const uploads = signal<Upload[]>([]);
let next = 1;

/** How many go at one time; the others wait. */
const AT_ONCE = 2;
/** Between two questions whether a file has been read, in milliseconds. */
const READING_MS = 1_000;

/** Sends files into a room, a few at a time, and shows each one's progress. */
export async function upload(room: RoomState, files: File[]): Promise<void> {
  const queue = files.map((file) => ({ file, id: next++, stop: new AbortController() }));
  uploads.value = [
    ...queue.map(({ file, id, stop }) => ({
      id, name: file.name, size: file.size, done: 0, waiting: false, error: undefined,
      stop: () => {
        stop.abort();
        drop(id);
      },
    })),
    ...uploads.value,
  ];
  const worker = async () => {
    for (let item = queue.shift(); item; item = queue.shift()) {
      if (!item.stop.signal.aborted) await one(room, item.file, item.id, item.stop.signal);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function one(room: RoomState, file: File, id: number, signal: AbortSignal): Promise<void> {
  const watch: Watch = {
    sent: (bytes) => change(id, { done: file.size > 0 ? bytes / file.size : 1 }),
    waiting: (waiting) => change(id, { waiting }),
    signal,
  };
  try {
    const uploaded = await read(room, await send(file, room.id, watch), watch);
    room.addFiles([uploaded]);
    drop(id);
  } catch (error) {
    if (error instanceof VizroomError && error.code === "ABORTED") return;
    change(id, { error: message(error), waiting: false, stop: () => drop(id) });
  }
}

/** What has become of an upload that has arrived; whoever was cut off at the end finds it still being read. */
async function read(room: RoomState, upload_id: string, watch: Watch) {
  for (;;) {
    const { stage, file, error } = await until(watch, () => room.client.call("file.upload", { upload_id }));
    if (error) throw VizroomError.from(error);
    if (stage === "done" && file) return file;
    if (stage === "done") throw new VizroomError("NOT_FOUND", "The file has been deleted meanwhile.");
    if (watch.signal.aborted) throw new VizroomError("ABORTED", "The upload was stopped.");
    await new Promise((resolve) => setTimeout(resolve, READING_MS));
  }
}

function change(id: number, told: Partial<Upload>): void {
  uploads.value = uploads.value.map((upload) => (upload.id === id ? { ...upload, ...told } : upload));
}

function drop(id: number): void {
  uploads.value = uploads.value.filter((upload) => upload.id !== id);
}
