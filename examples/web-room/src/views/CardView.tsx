import { useRef, useState } from "preact/hooks";
import type { Card, CardKind, LayoutItem, Theme } from "@vizroom/client";
import type { Drawing } from "../chart/draw";
import type { Pick } from "../chart/pick";
import { changeType, removeCard } from "../room/actions";
import type { Board } from "../room/board";
import { labelOf } from "../room/filter";
import { pickOn } from "../room/filtering";
import { allRows } from "../room/rows";
import type { RoomState } from "../room/state";
import { say } from "../toast";
import { CardBody } from "./CardBody";
import { Dialog } from "./Dialog";
import { type IconName } from "./Icon";
import { Menu, type Item } from "./Menu";
import { Rows } from "./Rows";
import { takings } from "./taking";

const OTHER_TYPES: [CardKind, string, IconName][] = [
  ["bar", "Bars", "bar"], ["line", "Line", "line"], ["area", "Area", "area"], ["pie", "Pie", "pie"], ["table", "Table", "table"],
];

interface Props {
  room: RoomState;
  board: Board;
  card: Card;
  place: LayoutItem | undefined;
  theme: Theme;
  refine: () => void;
}

export function CardView({ room, board, card, place, theme, refine }: Props) {
  const drawing = useRef<Drawing | undefined>(undefined);
  const [shown, setShown] = useState<"sql" | "rows">();
  const busy = board.working.has(card.key) || board.working.has("*");
  const click = (pick: Pick) => pickOn(room, board.id, card, pick);

  const state = card.error ? "error" : busy ? "busy" : "ready";
  const position = place && {
    "--x": place.x + 1, "--y": place.y + 1, "--w": place.w, "--h": place.h,
  };
  return (
    <section class={`card ${card.type}`} style={position as never} aria-label={card.title} aria-busy={busy}
      data-testid="card" data-key={card.key} data-type={card.type} data-state={state}>
      <header>
        <div class="grow">
          <h3 title={card.title}>{card.title}</h3>
          {card.description && card.type !== "insight" && <p class="card-about" title={card.description}>{card.description}</p>}
        </div>
        <span class="badge" title={`To change it by a sentence, call it ${card.key.replace("_", " ")}`}>{numberOf(card.key)}<span class="kind"> · {card.type === "kpi" ? "KPI" : card.type}</span></span>
        <Menu label={`More about ${card.title}`} testid="card-menu" items={choices()} />
      </header>
      <CardBody card={card} theme={theme} click={click} drawn={(made) => (drawing.current = made)} />
      {card.filters_skipped && card.filters_skipped.length > 0 && (
        <p class="skipped" data-testid="skipped" title={card.filters_skipped.map(({ message }) => message).join("\n")}>
          Not filtered by {card.filters_skipped.map(({ key }) => labelOf(key)).join(", ")}
        </p>
      )}
      {card.stale && <p class="skipped" role="status" data-testid="card-stale" title={card.stale.message}>Older rows: it could not be refreshed ({card.stale.message})</p>}
      {shown === "sql" && <SqlDialog card={card} close={() => setShown(undefined)} />}
      {shown === "rows" && <Dialog title={card.title} wide close={() => setShown(undefined)}><Rows card={card} click={click} /></Dialog>}
    </section>
  );

  function choices(): (Item | "line")[] {
    const edit: (Item | "line")[] = [
      { label: "Refine…", icon: "edit", run: refine, testid: "card-refine" },
      ...OTHER_TYPES.filter(([kind]) => kind !== card.type && card.spec !== undefined || (card.type === "table" && kind !== "table"))
        .map(([kind, label, icon]): Item => ({
          label: `Show as ${label.toLowerCase()}`, icon, testid: `card-as-${kind}`, run: () => changeType(room, board.id, card.key, kind),
        })),
      "line",
    ];
    return [
      ...(room.mayEdit.value ? edit : []),
      ...(card.sql ? [{ label: "Show the SQL", icon: "code", run: () => setShown("sql"), testid: "card-sql" } as Item] : []),
      ...takings({ card, drawing: () => drawing.current, rows: () => allRows(board.id, card), show: () => setShown("rows") }),
      ...(room.mayEdit.value ? ["line" as const, { label: "Remove", icon: "trash", bad: true, testid: "card-remove", run: () => removeCard(room, board.id, card.key, card.title) } as Item] : []),
    ];
  }
}

function SqlDialog({ card, close }: { card: Card; close: () => void }) {
  return (
    <Dialog title="SQL" wide close={close}>
      <pre class="sql" tabIndex={0}><code>{card.sql}</code></pre>
      <p class="hint">The query as it is without the filters in force.</p>
      <button onClick={() => void navigator.clipboard?.writeText(card.sql).then(() => say("Copied"))}>Copy</button>
    </Dialog>
  );
}

/** `chart_2` → `2` */
function numberOf(key: string): string {
  return /_(\d+)$/.exec(key)?.[1] ?? key;
}
