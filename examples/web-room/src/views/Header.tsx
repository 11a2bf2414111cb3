import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { me, signOut } from "../account";
import { connection } from "../connection";
import { client } from "../live";
import { forgetAll } from "../room/kept";
import { go } from "../route";
import { preferLook } from "../preferences";
import { look } from "../theme";
import { initials } from "./Avatar";
import { Bell } from "./Bell";
import { Icon } from "./Icon";
import { Menu } from "./Menu";

/** What stands right on every page: the connection, the look, who one is. */
export function Corner({ children }: { children?: ComponentChildren }) {
  const dark = look.value === "dark";
  return (
    <div class="corner">
      {children}
      <ConnectionPill />
      <Bell />
      <button class="icon-button look" aria-label={dark ? "Light theme" : "Dark theme"} title={dark ? "Light theme" : "Dark theme"}
        data-testid="look" onClick={() => preferLook(dark ? "light" : "dark")}><Icon name={dark ? "sun" : "moon"} /></button>
      <Menu label={`Your account, ${initials(me.value?.name ?? "")}`} button={<span class="avatar mine" aria-hidden="true">{initials(me.value?.name ?? "")}</span>} plain testid="account" items={[
        { label: me.value?.email ?? "", note: true },
        { label: "All rooms", icon: "board", run: () => go({ page: "rooms" }) },
        { label: dark ? "Light theme" : "Dark theme", icon: dark ? "sun" : "moon", run: () => preferLook(dark ? "light" : "dark") },
        { label: "Settings", icon: "gear", testid: "settings", run: () => go({ page: "settings", part: "" }) },
        { label: "API keys", icon: "key", testid: "api-keys", run: () => go({ page: "settings", part: "keys" }) },
        { label: "Sign out", icon: "leave", testid: "sign-out", run: () => { void forgetAll(); signOut(); go({ page: "rooms" }, true); } },
      ]} />
    </div>
  );
}

export function ConnectionPill() {
  const { state, retryAt, error } = connection.value;
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (retryAt === undefined) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [retryAt]);
  const seconds = retryAt === undefined ? 0 : Math.max(0, Math.ceil((retryAt - now) / 1000));
  const text = {
    connecting: "Connecting…",
    live: "Live",
    reconnecting: seconds > 0 ? `Reconnecting in ${seconds} s` : "Reconnecting…",
    offline: "Offline",
    closed: error?.message ?? "Disconnected",
  }[state];
  return (
    <span class="pill" data-testid="connection" data-state={state} role="status">
      <span class="dot" /><span class="pill-text">{text}</span>
      {(state === "reconnecting" || state === "offline") && seconds > 1 && (
        <button class="link" onClick={() => client.value?.retryNow()}>Now</button>
      )}
      {state === "closed" && <button class="link" onClick={() => location.reload()}>Reload</button>}
    </span>
  );
}
