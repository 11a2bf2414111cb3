import { effect, signal } from "@preact/signals";
import { connect, type Client } from "@vizroom/client";
import { accessToken, me, signOut } from "./account";
import { connection } from "./connection";

/** The one connection of this page, while somebody is signed in. */
export const client = signal<Client | undefined>(undefined);

let of: string | undefined;

effect(() => {
  const user = me.value?.id;
  if (user === of) return;
  of = user;
  client.peek()?.close();
  client.value = user ? begin() : undefined;
});

function begin(): Client {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const begun = connect({ url: `${scheme}://${location.host}/ws/events`, token: accessToken });
  begun.watch((now) => {
    if (begun !== client.peek() && client.peek()) return;
    connection.value = now;
    if (now.error?.code === "UNAUTHORIZED") signOut();
  });
  return begun;
}
