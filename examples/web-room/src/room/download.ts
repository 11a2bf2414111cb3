import type { Card, Table } from "@vizroom/client";
import { accessToken } from "../account";
import { open } from "../http";

/** All rows of a card: those it has, or where these are only some, what the server gives. */
export async function allRows(dashboard: string, card: Card): Promise<Table> {
  if (!card.data.truncated) return card.data;
  // Over HTTP, so that nothing live waits behind it.
  const answer = await fetch("/api/v1/call/dashboard.rows", {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${await accessToken({ refresh: false })}` },
    body: JSON.stringify({ dashboard_id: dashboard, panel_id: card.key }),
  });
  return open<Table>(answer.status, await answer.text());
}

export function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export function fileName(title: string, ending: string): string {
  return `${title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "chart"}.${ending}`;
}
