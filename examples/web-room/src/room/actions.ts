import { VizroomError, type CardKind, type Theme } from "@vizroom/client";
import { complain, say, undoable } from "../toast";
import { fetched } from "./board";
import type { RoomState } from "./state";

/** Asks for a new dashboard; it shows as soon as the server has begun. */
export async function generate(room: RoomState, prompt: string, more: { theme?: Theme; max_charts?: number; connection_name?: string }): Promise<boolean> {
  try {
    const { session_id } = await room.client.call("dashboard.generate", { room_id: room.id, user_prompt: prompt, ...more });
    room.select(session_id);
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}

export function cancel(room: RoomState, id: string): void {
  room.client.call("dashboard.cancel", { session_id: id }).catch(complain);
}

/** Changes a dashboard by a sentence; `key` names the card meant. */
export async function refine(room: RoomState, id: string, sentence: string, key?: string): Promise<boolean> {
  const mark = key ?? "*";
  const work = (on: boolean) => room.change(id, (board) => {
    const working = new Set(board.working);
    if (on) working.add(mark);
    else working.delete(mark);
    return { ...board, working };
  });
  work(true);
  try {
    const base = room.boards.peek().get(id)?.dashboard?.revision;
    const { dashboard, changes, clarification } = await room.client.call("dashboard.refine", {
      session_id: id, new_feedback: sentence, ...(key && { target_chart_id: key }), ...(base !== undefined && { base_revision: base }),
    });
    room.change(id, (board) => ({ ...fetched(board, dashboard), clarification: clarification ?? undefined }));
    if (changes.length > 0) say(`${changes.join(". ")}.`);
    return !clarification;
  } catch (error) {
    if (error instanceof VizroomError && error.code === "CONFLICT") {
      await room.fetch(id);
      say("Somebody changed this dashboard at the same moment. Here is the newest; please try again.", { tone: "bad" });
    } else complain(error);
    return false;
  } finally {
    work(false);
  }
}

export function changeType(room: RoomState, id: string, key: string, kind: CardKind): void {
  void refine(room, id, kind === "table" ? "make this a table" : `make this a ${kind} chart`, key);
}

export function removeCard(room: RoomState, id: string, key: string, title: string): void {
  const hide = (on: boolean) => room.change(id, (board) => {
    const hidden = new Set(board.hidden);
    if (on) hidden.add(key);
    else hidden.delete(key);
    return { ...board, hidden };
  });
  hide(true);
  undoable(`Removed “${title}”`, () => void refine(room, id, "remove this chart", key).finally(() => hide(false)), () => hide(false));
}

export function deleteDashboard(room: RoomState, id: string, title: string): void {
  const before = room.dashboards.peek();
  room.dashboards.value = before.filter((one) => one.id !== id);
  if (room.selected.peek() === id) room.select(room.dashboards.peek()[0]?.id);
  const back = () => {
    const gone = before.find((one) => one.id === id);
    if (gone) room.dashboards.value = [gone, ...room.dashboards.peek().filter((one) => one.id !== id)];
  };
  const work = () => room.client.call("dashboard.delete", { dashboard_id: id }).catch((error) => {
    back();
    complain(error);
  });
  undoable(`Deleted “${title}”`, () => void work(), back);
}
