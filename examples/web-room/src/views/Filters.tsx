import { useEffect } from "preact/hooks";
import type { Card } from "@vizroom/client";
import type { Board } from "../room/board";
import { chips, isFilterable, same, skips, without, withoutValue, type FilterState } from "../room/filter";
import { clearFilter, filterNow, followRoom, lookAlone, setFilter } from "../room/filtering";
import type { RoomState } from "../room/state";
import { Icon } from "./Icon";

interface Props {
  room: RoomState;
  board: Board;
  cards: Card[];
  /** Lets a person say how the tables hang together. */
  relate: (() => void) | undefined;
}

/** What the cards are filtered by, whose filter it is, and which cards it leaves as they are. */
export function Filters({ room, board, cards, relate }: Props) {
  const state = filterNow(board);
  const { own, dashboard } = board;
  const behind = own !== undefined && dashboard !== undefined && own.dashboard.revision < dashboard.revision;
  // What the room did to the dashboard, but for its filter, is to be seen here as well.
  useEffect(() => void (behind && setFilter(room, board.id, own.state)), [behind, dashboard?.revision]);
  const filtered = Object.keys(state).length > 0;
  if (board.filling || (!filtered && !own && !cards.some(isFilterable))) return null;
  return (
    <section class="filter-bar" aria-label="Filters">
      <div class="chips filters">
        <Icon name="filter" />
        {filtered
          ? <Chips state={state} change={(next) => void setFilter(room, board.id, next)} clear={() => clearFilter(room, board.id)} />
          : <span class="hint">Click a mark to filter by it, Ctrl-click to add more, or drag for a range.</span>}
        {board.wanted && <span class="spinner" aria-label="Filtering" />}
        <span class="grow" />
        <Whose room={room} board={board} />
      </div>
      {own && dashboard && !same(dashboard.filter_state, state) && <RoomsOwn state={dashboard.filter_state} />}
      <NotFiltered cards={cards} relate={relate} />
    </section>
  );
}

/** One chip a column; each value of several has a ✕ of its own. */
export function Chips({ state, change, clear }: { state: FilterState; change: (state: FilterState) => void; clear: () => void }) {
  return (
    <>
      {chips(state).map(({ key, label, text, values }) => (
        <span key={key} class="chip on" data-testid="filter-chip" data-key={key}>
          <span class="chip-label">{label}</span>
          {values.length === 0 ? text : values.map((one) => (
            <span key={one.text} class="chip-value" data-testid="filter-value">
              {one.text}
              <button aria-label={`Without ${one.text}`} onClick={() => change(withoutValue(state, key, one.value))}><Icon name="close" size={10} /></button>
            </span>
          ))}
          <button aria-label={`Remove the filter ${label} ${text}`} onClick={() => change(without(state, [key]))}>
            <Icon name="close" size={12} />
          </button>
        </span>
      ))}
      <button class="link" data-testid="clear-filters" onClick={clear}>Clear all</button>
    </>
  );
}

/** Following the room, or looking on alone. */
function Whose({ room, board }: { room: RoomState; board: Board }) {
  const alone = board.own !== undefined;
  const choices = [
    { label: "Everyone", testid: "follow-room", on: !alone, about: "Filters are the room’s: what one sets, all see", choose: () => followRoom(room, board.id) },
    { label: "Only me", testid: "look-alone", on: alone, about: "Filters are your own: nobody else sees them, and what others set does not change what you see", choose: () => lookAlone(room, board.id) },
  ];
  return (
    <div class="segments" role="group" aria-label="Whose filters">
      {choices.map(({ label, testid, on, about, choose }) => (
        <button key={testid} class="segment" aria-pressed={on} title={about} data-testid={testid} onClick={() => on || choose()}>{label}</button>
      ))}
    </div>
  );
}

function RoomsOwn({ state }: { state: FilterState }) {
  const all = chips(state).map(({ label, text }) => `${label} ${text}`).join(", ");
  return <p class="hint" data-testid="rooms-filter">{all ? `The others see: ${all}.` : "The others see everything."}</p>;
}

/** The cards a key does not reach, each with the reason. */
function NotFiltered({ cards, relate }: Pick<Props, "cards" | "relate">) {
  return (
    <>
      {skips(cards).map(({ key, label, cards: left, mayRelate }) => (
        <details key={key} class="not-filtered" data-testid="not-filtered" data-key={key}>
          <summary>{left.length === 1 ? "1 card is" : `${left.length} cards are`} not filtered by {label}</summary>
          <ul>
            {left.map(({ title, why }) => <li key={title}><b>{title}</b>: {why.replaceAll("`", "")}</li>)}
          </ul>
          {relate && mayRelate && <button class="link" onClick={relate}>Say how the tables hang together…</button>}
        </details>
      ))}
    </>
  );
}
