import type { Card, Clarification, Dashboard, Events, Stage } from "@vizroom/client";
import type { FilterState } from "./filter";

/** A generation under way, as the stage indicator shows it. */
export interface Filling {
  run_id: string;
  stage: Stage;
  /** Per cent. */
  progress: number;
  message: string;
  /** How many cards will come; as soon as that is known. */
  planned: number | undefined;
}

/** Everything the page knows of one dashboard. Changed only by the functions below, which return a new one. */
export interface Board {
  id: string;
  dashboard: Dashboard | undefined;
  filling: Filling | undefined;
  warnings: string[];
  clarification: Clarification | undefined;
  /** Why the last generation ended early. */
  failure: string | undefined;
  /** Asked for, not answered yet: the chips show it already. */
  wanted: FilterState | undefined;
  /** This member looks on alone: a filter of their own, and what it leaves. */
  own: { state: FilterState; dashboard: Dashboard } | undefined;
  /** Keys of cards taken away on this screen, as long as that can be taken back. */
  hidden: ReadonlySet<string>;
  /** Keys of cards a refinement is working on; `*` is all. */
  working: ReadonlySet<string>;
}

export function emptyBoard(id: string): Board {
  return {
    id, dashboard: undefined, filling: undefined, warnings: [], clarification: undefined, failure: undefined,
    wanted: undefined, own: undefined, hidden: new Set(), working: new Set(),
  };
}

/** A change that cannot be applied to what is here: the dashboard has to be fetched. */
export const STALE = Symbol("stale");

export function started(board: Board, run_id: string, prompt: string, by: string): Board {
  const now = new Date().toISOString();
  const dashboard: Dashboard = {
    id: board.id, title: prompt, description: "", prompt, theme: "slate", status: "processing", revision: 0, cards: [],
    layout: { columns: 12, items: [] }, filter_state: {}, stale: false, created_by: by, created_at: now, updated_at: now,
  };
  const filling: Filling = { run_id, stage: "strategy", progress: 0, message: "Reading the question", planned: undefined };
  const have = board.dashboard;
  // One that was asked back about begins anew; one with cards is taken up again.
  const begun: Dashboard | undefined = have && have.cards.length === 0 ? { ...have, prompt, status: "processing" } : have;
  return { ...emptyBoard(board.id), dashboard: begun ?? dashboard, filling };
}

export function progressed(board: Board, { run_id, stage, progress, message, details }: Events["generation.progress"]): Board {
  // A late one of a run that is over.
  if (board.dashboard && board.dashboard.status !== "processing") return board;
  const told = (details as { charts_planned?: unknown } | null)?.charts_planned;
  const planned = typeof told === "number" ? told : board.filling?.planned;
  return { ...board, filling: { run_id, stage, progress, message, planned } };
}

export function drawn(board: Board, card: Card): Board | typeof STALE {
  if (!board.dashboard) return STALE;
  return change(board, (dashboard) => ({ ...dashboard, cards: merged(dashboard.cards, [card]) }));
}

export function completed(board: Board, done: Events["generation.completed"]): Board | typeof STALE {
  const { title, description, theme, revision, layout } = done;
  const have = new Set(board.dashboard?.cards.map((card) => card.key));
  if (!board.dashboard || !layout.items.every((item) => have.has(item.key))) return STALE;
  return change({ ...board, filling: undefined }, (dashboard) => ({
    ...dashboard, title, description, theme, revision, layout, status: "completed", cards: arranged(dashboard.cards, layout),
  }));
}

export function ended(board: Board, failure: string | undefined): Board {
  return change({ ...board, filling: undefined, failure }, (dashboard) => ({ ...dashboard, status: "failed" }));
}

export function updated(board: Board, event: Events["dashboard.updated"]): Board | typeof STALE {
  const have = board.dashboard;
  if (!have) return board;
  if (event.revision <= have.revision) return board;
  if (event.base_revision !== have.revision) return STALE;
  const { title, description, theme, revision, layout } = event;
  const removed = new Set(event.removed);
  const cards = arranged(merged(have.cards, event.cards).filter((card) => !removed.has(card.key)), layout);
  return change({ ...board, clarification: undefined }, (dashboard) => ({
    ...dashboard, title, description, theme, revision, layout, cards,
  }));
}

export function filtered(board: Board, event: Events["dashboard.filtered"]): Board | typeof STALE {
  const have = board.dashboard;
  if (!have || event.revision < have.revision) return board;
  if (event.revision > have.revision + 1) return STALE;
  const { revision, filter_state, cards } = event;
  // Whoever looks on alone waits for something else.
  return change({ ...board, wanted: board.own && board.wanted }, (dashboard) => ({
    ...dashboard, revision, filter_state, cards: merged(dashboard.cards, cards),
  }));
}

/** Every card was queried again; one that comes after a change that is not here yet has the dashboard fetched. */
export function refreshed(board: Board, event: Events["dashboard.refreshed"]): Board | typeof STALE {
  const have = board.dashboard;
  if (!have || event.revision <= have.revision) return board;
  if (event.revision > have.revision + 1) return STALE;
  return change(board, (dashboard) => ({ ...dashboard, revision: event.revision, cards: merged(dashboard.cards, event.cards) }));
}

/**
 * The whole dashboard, as the server gave it. One that is older than what is here changes nothing; while cards are
 * being drawn, those that came as events meanwhile stay.
 */
export function fetched(board: Board, dashboard: Dashboard): Board {
  const have = board.dashboard;
  if (have && dashboard.revision < have.revision) return board;
  if (dashboard.status !== "processing") {
    const clarification = dashboard.clarification ?? board.clarification;
    return { ...board, dashboard, clarification, filling: undefined };
  }
  if (!have) return { ...board, dashboard };
  if (have.status !== "processing") return board;
  return { ...board, dashboard: { ...dashboard, cards: merged(dashboard.cards, have.cards) } };
}

/** `changed` over `cards` by key, new ones behind; a card that is equal keeps its identity, so that it is not redrawn. */
function merged(cards: Card[], changed: Card[]): Card[] {
  const byKey = new Map(changed.map((card) => [card.key, card]));
  const kept = cards.map((card) => byKey.get(card.key) ?? card);
  const known = new Set(cards.map((card) => card.key));
  return [...kept, ...changed.filter((card) => !known.has(card.key))];
}

/** In reading order, as the layout has them, whatever order they arrived in. */
function arranged(cards: Card[], layout: Dashboard["layout"]): Card[] {
  const place = new Map(layout.items.map((item, index) => [item.key, index]));
  const of = ({ key }: Card) => place.get(key) ?? cards.length;
  return [...cards].sort((a, b) => of(a) - of(b));
}

function change(board: Board, how: (dashboard: Dashboard) => Dashboard): Board {
  return board.dashboard ? { ...board, dashboard: how(board.dashboard) } : board;
}
