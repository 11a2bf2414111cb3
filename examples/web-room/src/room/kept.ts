/**
 * Uploads under way, kept by the browser so that they go on after the page was loaded anew; with the file itself where it is
 * not too large. Where the browser keeps nothing (a private window, a full disk), an upload ends with its page.
 */
export interface Kept {
  /** The upload's address. */
  place: string;
  user: string;
  room: string;
  name: string;
  /** Bytes. */
  size: number;
  /** Milliseconds since 1970: with name and size, what tells the file from others. */
  modified: number;
  /** When it began; as `modified`. */
  begun: number;
  /** Somebody paused it. */
  paused: boolean;
  file?: File;
}

/** Smaller ones are over before they are kept. */
const KEPT_BYTES_MIN = 1_000_000;
/** Of larger ones only that they are under way: the browser copies what it keeps. */
const FILE_BYTES_MAX = 256_000_000;
/** The server has forgotten older ones. */
const KEPT_MS_MAX = 7 * 86_400_000;
const DATABASE = "vizroom";
const STORE = "uploads";

export async function keep(one: Kept): Promise<void> {
  if (one.size < KEPT_BYTES_MIN) return;
  const { file, ...about } = one;
  await run("readwrite", (store) => store.put(file && one.size <= FILE_BYTES_MAX ? one : about));
}

export async function forget(place: string): Promise<void> {
  await run("readwrite", (store) => store.delete(place));
}

export async function keptOf(user: string, room: string): Promise<Kept[]> {
  const all = (await run<Kept[]>("readonly", (store) => store.getAll())) ?? [];
  const old = all.filter(({ begun }) => Date.now() - begun > KEPT_MS_MAX);
  for (const { place } of old) await forget(place);
  return all.filter((one) => one.user === user && one.room === room && !old.includes(one));
}

/** Whoever signs out leaves nothing for the next at this browser. */
export async function forgetAll(): Promise<void> {
  await run("readwrite", (store) => store.clear());
}

/** Nothing, if the browser does not do it. */
async function run<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest): Promise<T | undefined> {
  try {
    const database = await opened();
    try {
      return await result<T>(work(database.transaction(STORE, mode).objectStore(STORE)));
    } finally {
      database.close();
    }
  } catch {
    return undefined;
  }
}

function opened(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => void request.result.createObjectStore(STORE, { keyPath: "place" });
  return result(request);
}

function result<T>(request: IDBRequest): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result as T);
    request.onerror = () => reject(request.error);
  });
}

/** Takes an upload for this page until `release`; nothing if another page has it. */
export function take(place: string): Promise<(() => void) | undefined> {
  // Without TLS there are no locks, and seldom a second page.
  if (!navigator.locks) return Promise.resolve(() => {});
  return new Promise((resolve) => {
    void navigator.locks.request(`vizroom.upload ${place}`, { ifAvailable: true }, (lock) => {
      if (!lock) return resolve(undefined);
      return new Promise<void>((release) => resolve(release));
    });
  });
}
