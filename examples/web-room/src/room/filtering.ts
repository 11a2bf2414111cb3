import type { Card, Dashboard } from "@vizroom/client";
import type { Pick } from "../chart/pick";
import { complain, say } from "../toast";
import { fetched, type Board } from "./board";
import { picked, same, type FilterState } from "./filter";
import type { RoomState } from "./state";

/** What is on the screen: the room's dashboard, or what a filter of one's own leaves of it. */
export function shown(board: Board): Dashboard | undefined {
  return board.own?.dashboard ?? board.dashboard;
}

/** The filter in force here, or just asked for. */
export function filterNow(board: Board | undefined): FilterState {
  return board?.wanted ?? board?.own?.state ?? board?.dashboard?.filter_state ?? {};
}

/** Puts a new filter on every card: for everybody in the room, unless this member looks on alone. */
export async function setFilter(room: RoomState, id: string, state: FilterState): Promise<void> {
  const alone = room.boards.peek().get(id)?.own !== undefined;
  room.change(id, (board) => ({ ...board, wanted: state, ...(board.own && { own: { ...board.own, state } }) }));
  try {
    const wanted = { session_id: id, filter_state: state, ...(alone && { private: true }) };
    const dashboard = await room.client.call("dashboard.filter", wanted);
    room.change(id, (board) => (alone ? narrowed(board, state, dashboard) : fetched(board, dashboard)));
  } catch (error) {
    complain(error);
    // What is shown says what is in force.
    if (alone) room.change(id, (board) => restored(board, state));
  } finally {
    // A later click may want something else by now.
    room.change(id, (board) => (board.wanted === state ? { ...board, wanted: undefined } : board));
  }
}

/** From now on this member's filter is their own; it begins as the room's. */
export function lookAlone(room: RoomState, id: string): void {
  room.change(id, (board) => {
    const { dashboard } = board;
    return dashboard ? { ...board, own: { state: filterNow(board), dashboard } } : board;
  });
}

/** Back to what the room sees. */
export function followRoom(room: RoomState, id: string): void {
  room.change(id, (board) => ({ ...board, own: undefined, wanted: undefined }));
}

export function pickOn(room: RoomState, id: string, card: Card, pick: Pick): void {
  const before = filterNow(room.boards.peek().get(id));
  const state = picked(before, card, pick);
  if (!same(state, before)) void setFilter(room, id, state);
}

export function clearFilter(room: RoomState, id: string): void {
  const before = filterNow(room.boards.peek().get(id));
  void setFilter(room, id, {});
  if (Object.keys(before).length > 1) say("Filters cleared", { action: { label: "Undo", run: () => void setFilter(room, id, before) } });
}

/** What was asked for alone has come; meanwhile one may want something else, or look with the others again. */
function narrowed(board: Board, state: FilterState, dashboard: Dashboard): Board {
  return board.own?.state === state ? { ...board, own: { state, dashboard } } : board;
}

function restored(board: Board, state: FilterState): Board {
  if (board.own?.state !== state) return board;
  return { ...board, own: { ...board.own, state: board.own.dashboard.filter_state } };
}
