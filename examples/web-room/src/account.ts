import { signal } from "@preact/signals";
import { VizroomError, type Tokens, type User } from "@vizroom/client";
import { http } from "./http";

interface Kept {
  user: User;
  access_token: string;
  refresh_token: string;
  /** Milliseconds since 1970. */
  expires_at: number;
}

const KEY = "vizroom.tokens";
/** A token is renewed this long before it ends. */
const MARGIN_MS = 30_000;

/** Who is signed in on this browser. */
export const me = signal<User | undefined>(read()?.user);

// Signing in or out in one tab does so in all.
addEventListener("storage", (event) => {
  if (event.key === KEY || event.key === null) me.value = read()?.user;
});

function read(): Kept | undefined {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

function keep(tokens: Tokens): Kept {
  const { user, access_token, refresh_token, expires_in } = tokens;
  const kept = { user, access_token, refresh_token, expires_at: Date.now() + expires_in * 1000 };
  localStorage.setItem(KEY, JSON.stringify(kept));
  if (me.value?.id !== user.id) me.value = user;
  return kept;
}

/** An `invitation` also lets the account into the room it is for. */
export async function signIn(email: string, password: string, invitation?: string): Promise<void> {
  keep(await http<Tokens>("POST", "/server/auth/login", { email, password, ...(invitation && { invitation }) }));
}

export async function register(email: string, password: string, name: string, invitation?: string): Promise<void> {
  const more = { ...(name && { name }), ...(invitation && { invitation }) };
  keep(await http<Tokens>("POST", "/server/auth/register", { email, password, ...more }));
}

/** Mails a link to set a new password, if somebody has this address; nobody learns whether. */
export async function forgotPassword(email: string): Promise<void> {
  await http("POST", "/server/auth/forgot-password", { email });
}

/** Sets a new password by the token of such a link; nobody is signed in any more then, here neither. */
export async function resetPassword(token: string, password: string): Promise<void> {
  await http("POST", "/server/auth/reset-password", { token, password });
  signOut();
}

/** Somebody else's accounts that can be used here. */
export interface Provider {
  name: string;
  label: string;
}

export async function providers(): Promise<Provider[]> {
  return http<{ providers: Provider[] }>("GET", "/server/auth/providers").then((answer) => answer.providers, () => []);
}

/** Where a sign-in by a provider begins. */
export function providerAddress(name: string, invitation?: string): string {
  const query = invitation ? `?${new URLSearchParams({ invitation })}` : "";
  return `/server/auth/oauth/${encodeURIComponent(name)}${query}`;
}

/** Where it ends: the code of the page's address becomes a sign-in. */
export async function exchange(code: string): Promise<void> {
  keep(await http<Tokens>("POST", "/server/auth/oauth/exchange", { code }));
}

/** Whether this server has a demo to try. */
export async function demoAvailable(): Promise<boolean> {
  return http<{ available: boolean }>("GET", "/api/v1/demo").then((demo) => demo.available, () => false);
}

/** Signs in as a guest of the demo; answers its room. */
export async function tryDemo(): Promise<string> {
  const demo = await http<Tokens & { room_id: string }>("POST", "/api/v1/demo");
  keep(demo);
  return demo.room_id;
}

export function signOut(): void {
  const kept = read();
  localStorage.removeItem(KEY);
  me.value = undefined;
  // Signed out here even if the server cannot be told; the token then ends by itself.
  if (kept) http("POST", "/server/auth/logout", { refresh_token: kept.refresh_token }).catch(() => {});
}

/** The last token handed out, to tell whether another tab has renewed it meanwhile. */
let handedOut: string | undefined;

/** A token that is good for a while yet; renewed if it is about to end, or was refused (`refresh`). */
export async function accessToken({ refresh }: { refresh: boolean }): Promise<string> {
  const token = await alone(async () => {
    const kept = read();
    if (!kept) throw new VizroomError("UNAUTHORIZED", "Please sign in.");
    const good = kept.expires_at - MARGIN_MS > Date.now();
    if (good && (!refresh || kept.access_token !== handedOut)) return kept.access_token;
    try {
      const body = { refresh_token: kept.refresh_token };
      return keep(await http<Tokens>("POST", "/server/auth/refresh", body)).access_token;
    } catch (error) {
      if (error instanceof VizroomError && error.code === "UNAUTHORIZED") {
        localStorage.removeItem(KEY);
        me.value = undefined;
      }
      throw error;
    }
  });
  handedOut = token;
  return token;
}

/** A refresh token works once, and using it twice revokes all: tabs must not renew at the same time. */
function alone<T>(work: () => Promise<T>): Promise<T> {
  return navigator.locks ? (navigator.locks.request(KEY, work) as Promise<T>) : work();
}
