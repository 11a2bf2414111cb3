import type { Card, Channel } from "@vizroom/client";
import { formatCell } from "../format";
import { words } from "../room/filter";
import { ROW } from "./rows";

/** One for the page: there is one pointer. */
let box: HTMLElement | undefined;

interface Item {
  datum?: Record<string, unknown>;
}

/** Shows the row under the pointer by the card's own labels and formats, whatever the spec says of tooltips. */
export function tooltip(current: () => Card) {
  return (_handler: unknown, event: MouseEvent, item: Item | null, value: unknown): void => {
    const card = current();
    const index = item?.datum?.[ROW];
    const row = typeof index === "number" ? card.data.rows[index] : undefined;
    if (value === null || value === undefined || value === "") return hide();
    if (row) show(lines(card, row), event);
    else if (typeof value === "object") show(Object.entries(value).filter(([key]) => key !== ROW).map(([k, v]) => [k, String(v)]), event);
    else show([["", String(value)]], event);
  };
}

export function hide(): void {
  box?.setAttribute("hidden", "");
}

function lines(card: Card, row: readonly unknown[]): [string, string][] {
  const channels = [card.encoding.x, card.encoding.series, ...(card.encoding.y ?? [])].filter((one) => one != null);
  const named = channels.length > 0 ? channels : card.data.columns.map(({ name }): Channel => ({ field: name, label: words(name) }));
  return named.map((channel) => {
    const at = card.data.columns.findIndex((column) => column.name === channel.field);
    return [channel.label, formatCell(row[at], card.data.columns[at]?.type ?? "text", channel)];
  });
}

function show(entries: [string, string][], event: MouseEvent): void {
  box ??= document.body.appendChild(Object.assign(document.createElement("div"), { className: "tooltip", ariaHidden: "true" }));
  box.replaceChildren(...entries.flatMap(([label, value]) => {
    const name = document.createElement("span");
    const figure = document.createElement("b");
    name.textContent = label;
    figure.textContent = value;
    return [name, figure];
  }));
  box.removeAttribute("hidden");
  const { width, height } = box.getBoundingClientRect();
  const left = event.clientX + 14 + width > innerWidth ? event.clientX - 14 - width : event.clientX + 14;
  const top = event.clientY + 14 + height > innerHeight ? event.clientY - 14 - height : event.clientY + 14;
  box.style.transform = `translate(${Math.max(4, left)}px, ${Math.max(4, top)}px)`;
}
