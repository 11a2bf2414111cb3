import { signal } from "@preact/signals";

export type Route =
  | { page: "rooms" }
  | { page: "room"; room: string; dashboard?: string }
  /** A dashboard of a room that one is not in. */
  | { page: "shared"; dashboard: string }
  | { page: "settings"; part: string }
  | { page: "invitation"; token: string }
  | { page: "reset"; token: string }
  | { page: "signed-in"; code: string };

/** Where the page is; reloading returns there. */
export const route = signal<Route>(parse(location.hash));

addEventListener("hashchange", () => (route.value = parse(location.hash)));

/** What an address's fragment leads to. */
export function parse(hash: string): Route {
  const [, page, id, , dashboard] = hash.replace(/^#/, "").split("/").map(decodeURIComponent);
  if (page === "room" && id) return { page: "room", room: id, ...(dashboard && { dashboard }) };
  if (page === "shared" && id) return { page: "shared", dashboard: id };
  if (page === "settings") return { page: "settings", part: id ?? "" };
  if (page === "invitation" && id) return { page: "invitation", token: id };
  if (page === "reset" && id) return { page: "reset", token: id };
  if (page === "signed-in" && id) return { page: "signed-in", code: id };
  return { page: "rooms" };
}

export function path(to: Route): string {
  if (to.page === "room") return `#/room/${to.room}${to.dashboard ? `/dashboard/${to.dashboard}` : ""}`;
  if (to.page === "shared") return `#/shared/${to.dashboard}`;
  if (to.page === "settings") return `#/settings/${to.part}`;
  if (to.page === "signed-in") return `#/signed-in/${to.code}`;
  return to.page === "invitation" || to.page === "reset" ? `#/${to.page}/${to.token}` : "#/";
}

/** `replace` leaves no step for the back button. */
export function go(to: Route, replace = false): void {
  if (replace) history.replaceState(null, "", path(to));
  else location.hash = path(to);
  route.value = to;
}
