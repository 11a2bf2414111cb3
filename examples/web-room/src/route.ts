import { signal } from "@preact/signals";

export type Route =
  | { page: "rooms" }
  | { page: "room"; room: string; dashboard?: string }
  | { page: "invitation"; token: string };

/** Where the page is; reloading returns there. */
export const route = signal<Route>(parse(location.hash));

addEventListener("hashchange", () => (route.value = parse(location.hash)));

function parse(hash: string): Route {
  const [, page, id, , dashboard] = hash.replace(/^#/, "").split("/").map(decodeURIComponent);
  if (page === "room" && id) return { page: "room", room: id, ...(dashboard && { dashboard }) };
  if (page === "invitation" && id) return { page: "invitation", token: id };
  return { page: "rooms" };
}

export function path(to: Route): string {
  if (to.page === "room") return `#/room/${to.room}${to.dashboard ? `/dashboard/${to.dashboard}` : ""}`;
  return to.page === "invitation" ? `#/invitation/${to.token}` : "#/";
}

/** `replace` leaves no step for the back button. */
export function go(to: Route, replace = false): void {
  if (replace) history.replaceState(null, "", path(to));
  else location.hash = path(to);
  route.value = to;
}
