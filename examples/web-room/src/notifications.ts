import { effect, signal } from "@preact/signals";
import type { wire } from "@vizroom/client";
import { client } from "./live";
import { complain } from "./toast";

const SHOWN_MAX = 20;

/** The newest notifications of whoever is signed in, and how many of all are unread. */
export const notifications = signal<wire.Notification[]>([]);
export const unread = signal(0);

effect(() => {
  const now = client.value;
  notifications.value = [];
  unread.value = 0;
  if (!now) return;
  // What came while the connection was lost is read again when it is back.
  const unwatch = now.watch(({ state }) => state === "live" && void read());
  const off = now.on("notification", (told) => {
    notifications.value = [told, ...notifications.value.filter(({ id }) => id !== told.id)].slice(0, SHOWN_MAX);
    unread.value++;
  });
  async function read(): Promise<void> {
    try {
      const listed = await now!.call("notification.list", { limit: SHOWN_MAX });
      notifications.value = listed.notifications;
      unread.value = listed.unread;
    } catch (error) {
      complain(error);
    }
  }
  return () => {
    unwatch();
    off();
  };
});

/** Whoever has opened the list has read it. */
export function markRead(): void {
  const now = client.peek();
  if (!now || unread.peek() === 0) return;
  now.call("notification.read", {}).then((reply) => (unread.value = reply.unread), complain);
}
