import { useMemo, useState } from "preact/hooks";
import type { Card, Channel, Field } from "@vizroom/client";
import { adds, type Pick } from "../chart/pick";
import { formatCell } from "../format";
import { filterKey, words } from "../room/filter";
import { Icon } from "./Icon";

/** Rows drawn at first, and with each further wish. */
const STEP = 200;

interface Sorting {
  column: number;
  down: boolean;
}

/** A card's rows as a table to sort; values that can be filtered by are buttons. */
export function Rows({ card, click }: { card: Card; click: (pick: Pick) => void }) {
  const [sorting, setSorting] = useState<Sorting>();
  const [shown, setShown] = useState(STEP);
  const { columns, rows, truncated } = card.data;
  const channels = useMemo(() => columns.map((column) => channelOf(card, column)), [columns, card.encoding]);
  const sorted = useMemo(() => {
    if (!sorting) return rows;
    const { column, down } = sorting;
    return [...rows].sort((a, b) => compare(a[column], b[column]) * (down ? -1 : 1));
  }, [rows, sorting]);

  return (
    <div class="rows" tabIndex={0} role="region" aria-label={`Rows of ${card.title}`}>
      <table>
        <thead>
          <tr>
            {columns.map((column, index) => {
              const on = sorting?.column === index;
              return (
                <th key={column.name} class={isNumber(column) ? "number" : ""} aria-sort={on ? (sorting.down ? "descending" : "ascending") : "none"}>
                  <button onClick={() => setSorting(next(sorting, index, isNumber(column)))}>
                    {channels[index]?.label ?? words(column.name)}
                    <span class={on ? "" : "faint"}><Icon name={on && !sorting.down ? "up" : "fall"} size={11} /></span>
                  </button>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {sorted.slice(0, shown).map((row, at) => (
            <tr key={at}>
              {columns.map((column, index) => {
                const channel = channels[index];
                const text = formatCell(row[index], column.type, channel);
                return (
                  <td key={column.name} class={isNumber(column) ? "number" : ""}>
                    {filterKey(channel) ? <button class="cell" title="Filter by this" onClick={(event) => click({ row, add: adds(event) })}>{text}</button> : text}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {sorted.length > shown && <button class="link more-rows" onClick={() => setShown(shown + STEP)}>Show more of {sorted.length.toLocaleString("en")} rows</button>}
      {truncated && sorted.length <= shown && <p class="hint">The result is longer; these are {rows.length.toLocaleString("en")} of its rows. A downloaded CSV has more.</p>}
    </div>
  );
}

function channelOf({ encoding }: Card, column: Field): Channel | null | undefined {
  return [encoding.x, encoding.series, ...(encoding.y ?? [])].find((channel) => channel?.field === column.name);
}

function isNumber({ type }: Field): boolean {
  return type === "number" || type === "integer";
}

/** Numbers begin with the greatest, the rest with A; the second click turns, the third undoes. */
function next(sorting: Sorting | undefined, column: number, number: boolean): Sorting | undefined {
  if (sorting?.column !== column) return { column, down: number };
  return sorting.down === number ? { column, down: !number } : undefined;
}

/** Nulls last, whatever the direction would say of them. */
function compare(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return 1;
  if (b === null || b === undefined) return -1;
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });
}
