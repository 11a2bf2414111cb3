import { VizroomError } from "@vizroom/client";
import { accessToken } from "../account";
import { open } from "../http";

/** Where uploads in pieces begin; each has an address of its own. */
const PLACE = "/server/data/tus";
/** Waits between tries while the server cannot be reached, in milliseconds; the last one again and again. */
const PAUSES_MS = [300, 1_000, 2_000, 5_000];
/** So long nothing may come of it: then it is given up. */
const LOST_MS_MAX = 10 * 60_000;

/** What an upload tells while it is under way. */
export interface Watch {
  /** Bytes that the server has. */
  sent(bytes: number): void;
  /** Whether the connection is lost; it goes on by itself once it is back. */
  waiting(lost: boolean): void;
  signal: AbortSignal;
}

interface Answer {
  status: number;
  text: string;
  header(name: string): string | null;
}

/** Begins an upload in pieces (tus 1.0); its address. */
export async function begin(file: File, room: string, watch: Watch): Promise<string> {
  const metadata = Object.entries({ filename: file.name, room_id: room });
  return until(watch, async () => {
    const begun = await request("POST", PLACE, watch, {
      "Upload-Length": String(file.size),
      "Upload-Metadata": metadata.map(([key, value]) => `${key} ${base64(value)}`).join(","),
    });
    return good(begun).header("Location")!;
  });
}

/**
 * Sends what is missing of the file. What has arrived is not sent again, whatever happens to the connection, the server or
 * this page; `fresh`: nothing has.
 */
export async function fill(place: string, file: File, watch: Watch, fresh: boolean): Promise<void> {
  let from = fresh ? 0 : undefined;
  do {
    from = await until(watch, async (again) => {
      // After a loss, only the server knows how much has arrived.
      const at = again || from === undefined ? offset(await request("HEAD", place, watch, {})) : from;
      watch.sent(at);
      if (at === file.size) return at;
      const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(at) };
      return offset(await request("PATCH", place, { ...watch, sent: (bytes) => watch.sent(at + bytes) }, headers, file.slice(at)));
    });
    watch.sent(from);
  } while (from < file.size);
}

/** Tells the server that nothing more will come. */
export async function giveUp(place: string): Promise<void> {
  await request("DELETE", place, {}, {}).catch(() => {});
}

/** As `file.upload` names it. */
export function idOf(place: string): string {
  return place.slice(place.lastIndexOf("/") + 1);
}

/** Does it again as long as only the connection fails. `again` is true from the second time on. */
export async function until<T>(watch: Watch, work: (again: boolean) => Promise<T>): Promise<T> {
  let refresh = false;
  for (let tries = 0, since = Date.now(); ; tries++) {
    try {
      const done = await work(tries > 0);
      watch.waiting(false);
      return done;
    } catch (error) {
      if (!(error instanceof VizroomError)) throw error;
      if (error.code === "UNAUTHORIZED" && !refresh) {
        refresh = true;
        await accessToken({ refresh });
        continue;
      }
      // A conflict: the server still holds the connection that was lost, or knows of more than this side.
      if (!["UNAVAILABLE", "CONFLICT"].includes(error.code) || Date.now() - since > LOST_MS_MAX) throw error;
      watch.waiting(true);
      await pause(PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)]!, watch.signal);
    }
  }
}

/** Ends early when the browser says that it is connected again. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (how: () => void) => () => {
      clearTimeout(timer);
      removeEventListener("online", back);
      signal.removeEventListener("abort", stop);
      how();
    };
    const back = end(resolve);
    const stop = end(() => reject(stopped()));
    const timer = setTimeout(back, ms);
    addEventListener("online", back);
    signal.addEventListener("abort", stop);
  });
}

const stopped = () => new VizroomError("ABORTED", "The upload was stopped.");

function good(answer: Answer): Answer {
  if (answer.status >= 300) open(answer.status, answer.text);
  return answer;
}

function offset(answer: Answer): number {
  return Number(good(answer).header("Upload-Offset"));
}

/** `fetch` does not tell how far an upload is; XMLHttpRequest does. */
async function request(
  method: string, place: string, watch: Partial<Watch>, headers: Record<string, string>, body?: Blob,
): Promise<Answer> {
  const token = await accessToken({ refresh: false });
  return new Promise((resolve, reject) => {
    if (watch.signal?.aborted) return reject(stopped());
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    request.open(method, place);
    const all = { Authorization: `Bearer ${token}`, "Tus-Resumable": "1.0.0", ...headers };
    for (const [name, value] of Object.entries(all)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => watch.sent?.(loaded);
    request.onload = () => resolve({
      status: request.status, text: request.responseText, header: (name) => request.getResponseHeader(name),
    });
    request.onerror = () => reject(new VizroomError("UNAVAILABLE", "The connection was lost during the upload."));
    request.onabort = () => reject(stopped());
    request.onloadend = () => watch.signal?.removeEventListener("abort", abort);
    watch.signal?.addEventListener("abort", abort);
    request.send(body ?? null);
  });
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
