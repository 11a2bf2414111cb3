import type { Card } from "@vizroom/client";

export type Row = readonly unknown[];

/** What a reader picked: one row of a card, perhaps besides those picked before, or all rows of a stretch. */
export type Pick = { row: Row; add?: boolean } | { rows: Row[] };

/** Whether a click means "this one as well". */
export function adds(event: { ctrlKey: boolean; metaKey: boolean; shiftKey: boolean }): boolean {
  return event.ctrlKey || event.metaKey || event.shiftKey;
}

/** Along which axis the chart lays out the card's groups; neither for pies and maps. */
export function axisOfGroups(card: Card): "x" | "y" | undefined {
  const field = card.encoding.x?.field;
  return field === undefined ? undefined : find(card.spec, field);
}

function find(node: unknown, field: string): "x" | "y" | undefined {
  if (node === null || typeof node !== "object") return undefined;
  const { encoding } = node as { encoding?: { x?: { field?: string }; y?: { field?: string } } };
  if (encoding?.x?.field === field) return "x";
  if (encoding?.y?.field === field) return "y";
  for (const value of Object.values(node)) {
    const found = find(value, field);
    if (found) return found;
  }
  return undefined;
}
