import { signal } from "@preact/signals";
import { VizroomError, type File as Uploaded } from "@vizroom/client";
import { accessToken } from "../account";
import { message, open } from "../http";
import type { RoomState } from "./state";

/** A file on its way. */
export interface Upload {
  id: number;
  name: string;
  size: number;
  /** 0–1; 1 while the server reads and profiles it. */
  done: number;
  error: string | undefined;
  stop: () => void;
}

export const uploads = signal<Upload[]>([]);
let next = 1;

/** How many go at one time; the others wait. */
const AT_ONCE = 2;

/** Sends files into a room, a few at a time, and shows each one's progress. */
export async function upload(room: RoomState, files: File[]): Promise<void> {
  const queue = files.map((file) => ({ file, id: next++ }));
  const stopped = new Set<number>();
  uploads.value = [
    ...queue.map(({ file, id }) => ({
      id, name: file.name, size: file.size, done: 0, error: undefined,
      stop: () => {
        stopped.add(id);
        drop(id);
      },
    })),
    ...uploads.value,
  ];
  const worker = async () => {
    for (let item = queue.shift(); item; item = queue.shift()) {
      if (!stopped.has(item.id)) await one(room, item.file, item.id);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function one(room: RoomState, file: File, id: number): Promise<void> {
  try {
    let uploaded: Uploaded;
    try {
      uploaded = await send(room.id, file, id, await accessToken({ refresh: false }));
    } catch (error) {
      if (!(error instanceof VizroomError) || error.code !== "UNAUTHORIZED") throw error;
      uploaded = await send(room.id, file, id, await accessToken({ refresh: true }));
    }
    room.addFiles([uploaded]);
    drop(id);
  } catch (error) {
    if (error instanceof VizroomError && error.code === "ABORTED") return;
    change(id, { error: message(error), stop: () => drop(id) });
  }
}

/** `fetch` does not tell how far an upload is; XMLHttpRequest does. */
function send(room: string, file: File, id: number, token: string): Promise<Uploaded> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/server/data/upload");
    request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.upload.onprogress = ({ loaded, total }) => change(id, { done: total > 0 ? loaded / total : 0 });
    request.onload = () => {
      try {
        resolve(open<Uploaded>(request.status, request.responseText));
      } catch (error) {
        reject(error);
      }
    };
    request.onerror = () => reject(new VizroomError("UNAVAILABLE", "The connection was lost during the upload."));
    request.onabort = () => reject(new VizroomError("ABORTED", "The upload was stopped."));
    change(id, { stop: () => { request.abort(); drop(id); } });
    const form = new FormData();
    // Before the file: a server that streams knows the room when the bytes arrive.
    form.append("room_id", room);
    form.append("file", file, file.name);
    request.send(form);
  });
}

function change(id: number, told: Partial<Upload>): void {
  uploads.value = uploads.value.map((upload) => (upload.id === id ? { ...upload, ...told } : upload));
}

function drop(id: number): void {
  uploads.value = uploads.value.filter((upload) => upload.id !== id);
}
