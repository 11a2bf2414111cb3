import type { DataConnection, DataConnectionKind } from "@vizroom/client";

/** The kinds of databases, as people call them. */
export const KINDS: [DataConnectionKind, string][] = [["postgres", "PostgreSQL"], ["mysql", "MySQL or MariaDB"], ["sqlite", "SQLite file"]];

export function kindOf(kind: DataConnectionKind): string {
  return KINDS.find(([one]) => one === kind)?.[1] ?? kind;
}

/** `reader@db.example.com:5432/shop`, or the file. */
export function placeOf({ kind, path, host, port, database, username }: DataConnection): string {
  return kind === "sqlite" ? (path ?? "") : `${username}@${host}:${port}/${database}`;
}
