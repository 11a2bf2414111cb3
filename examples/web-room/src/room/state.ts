import { batch, computed, signal } from "@preact/signals";
import {
  type Client, type DataConnection, type File, type Member, type Presence, type Room, type RoomJoined, type Summary, VizroomError, type wire,
} from "@vizroom/client";
import { complain } from "../toast";
import * as boards from "./board";
import { hueOf, huesOf } from "./hues";
import { type Line, line, lineOf, said, together } from "./talk";

/** Dashboards kept with all their rows; the one looked at longest ago goes first. */
const BOARDS_MAX = 8;
/** Messages to a page of history. */
const PAGE = 50;
/** A typing sign fades after this, should its end not arrive. */
const TYPING_MS = 6_000;

/** What this page knows of one room, kept current by the room's own log. */
export class RoomState {
  readonly id: string;
  readonly client: Client;
  readonly info = signal<wire.Room | undefined>(undefined);
  readonly members = signal<Member[]>([]);
  readonly presence = signal<Presence[]>([]);
  readonly #hues = computed(() => huesOf(this.members.value.map((one) => one.user_id)));
  /** User ids. */
  readonly typing = signal<ReadonlySet<string>>(new Set());
  readonly files = signal<File[]>([]);
  /** Those of the team, which may be asked instead of the room's files. */
  readonly databases = signal<DataConnection[]>([]);
  /** What somebody chose to ask: a database's name, or nothing for the files. */
  readonly asked = signal<string | undefined>(undefined);
  /** What is asked: where there are no files, a database is what one means. */
  readonly database = computed(() => this.asked.value ?? (this.files.value.length === 0 ? this.databases.value[0]?.name : undefined) ?? "");
  readonly dashboards = signal<Summary[]>([]);
  readonly lines = signal<Line[]>([]);
  /** Whether the conversation goes back further than what is here. */
  readonly earlier = signal(false);
  /** Counts refreshes, also those that failed. */
  readonly refreshes = signal(0);
  /** Why the room cannot be shown. */
  readonly error = signal<VizroomError | undefined>(undefined);
  readonly boards = signal<ReadonlyMap<string, boards.Board>>(new Map());
  readonly selected = signal<string | undefined>(undefined);
  readonly board = computed(() => (this.selected.value ? this.boards.value.get(this.selected.value) : undefined));
  readonly mayEdit = computed(() => this.info.value !== undefined && this.info.value.role !== "viewer");
  /** Whose page it is. */
  readonly me: string;
  readonly #room: Room;
  #left = false;
  readonly #typingTimers = new Map<string, ReturnType<typeof setTimeout>>();
  /** Dashboards asked for; true if they have changed since. */
  readonly #fetching = new Map<string, boolean>();

  constructor(client: Client, id: string, me: string) {
    this.id = id;
    this.client = client;
    this.me = me;
    this.#room = client.join(id);
    this.#listen(this.#room);
    client.call("data_connection.list", {}).then(({ connections }) => (this.databases.value = connections), (error) => this.#left || complain(error));
  }

  leave(): void {
    this.#left = true;
    for (const timer of this.#typingTimers.values()) clearTimeout(timer);
    this.#room.leave();
  }

  /** Somebody's colour here. */
  hue(user: string): number {
    return this.#hues.value.get(user) ?? hueOf(user);
  }

  /** Shows a dashboard, fetching it if it is not here. */
  select(id: string | undefined): void {
    this.selected.value = id;
    if (!id) return;
    const board = this.boards.peek().get(id) ?? boards.emptyBoard(id);
    // Last in the map is the one looked at last.
    this.#put({ ...board }, true);
    if (!board.dashboard && !this.#fetching.has(id)) void this.fetch(id);
  }

  /** Asks the server for the whole dashboard; once at a time, and once more if it changed in between. */
  async fetch(id: string): Promise<void> {
    if (this.#fetching.has(id)) return void this.#fetching.set(id, true);
    do {
      this.#fetching.set(id, false);
      try {
        const dashboard = await this.client.call("dashboard.get", { dashboard_id: id });
        this.change(id, (board) => boards.fetched(board, dashboard));
      } catch (error) {
        this.#fetching.delete(id);
        if (error instanceof VizroomError && error.code === "NOT_FOUND") this.#forget(id);
        else if (!this.#left) complain(error);
      }
    } while (this.#fetching.get(id));
    this.#fetching.delete(id);
  }

  /** Changes a board that is here; where the change does not fit, fetches the dashboard instead. */
  change(id: string, how: (board: boards.Board) => boards.Board | typeof boards.STALE): void {
    const board = this.boards.peek().get(id);
    if (!board) return;
    const next = how(board);
    if (next === boards.STALE) void this.fetch(id);
    else this.#put(next);
  }

  /** One page further back. */
  async loadEarlier(): Promise<void> {
    const before = this.lines.peek().find((one) => one.seq !== undefined)?.seq;
    const page = await this.client.call("room.history", {
      room_id: this.id, limit: PAGE, kind: "chat.message", ...(before !== undefined && { before }),
    });
    batch(() => {
      this.lines.value = together(page.events.map(lineOf).filter((one) => one !== undefined), this.lines.peek());
      this.earlier.value = page.more;
    });
  }

  #listen(room: Room): void {
    room.on("joined", (joined) => batch(() => this.#joined(joined)));
    room.on("error", (error) => (this.error.value = error));
    room.on("chat.message", (message, metadata) => {
      this.#add(said(message, metadata));
      if (metadata.actor) this.#types(metadata.actor.id, false);
    });
    room.on("chat.edited", ({ message_id, content }) => this.#reword(message_id, { text: content, edited: true }));
    room.on("chat.deleted", ({ message_id }) => this.#reword(message_id, { text: "", deleted: true }));
    this.#listenToGenerations(room);
    this.#listenToDashboards(room);
    this.#listenToFiles(room);
    this.#listenToPeople(room);
  }

  #listenToGenerations(room: Room): void {
    room.on("generation.started", ({ run_id, dashboard_id, user_prompt }, metadata) => batch(() => {
      const by = metadata.actor?.id ?? "";
      const board = this.boards.peek().get(dashboard_id) ?? boards.emptyBoard(dashboard_id);
      this.#put(boards.started(board, run_id, user_prompt, by));
      this.#summarize(dashboard_id, { title: user_prompt, status: "processing" });
      this.#add(line("activity", `asked: ${user_prompt}`, metadata));
      if (by === this.me || !this.selected.peek()) this.select(dashboard_id);
    }));
    room.on("generation.progress", (event) => this.change(event.dashboard_id, (board) => boards.progressed(board, event)));
    room.on("generation.chart", ({ dashboard_id, card }) => this.change(dashboard_id, (board) => boards.drawn(board, card)));
    room.on("generation.warning", ({ dashboard_id, message }) => {
      this.change(dashboard_id, (board) => ({ ...board, warnings: [...new Set([...board.warnings, message])] }));
    });
    room.on("generation.clarification", ({ dashboard_id, message, missing, suggestions }) => {
      this.change(dashboard_id, (board) => ({ ...board, clarification: { message, missing, suggestions } }));
    });
    room.on("generation.completed", (event) => batch(() => {
      this.change(event.dashboard_id, (board) => boards.completed(board, event));
      const { title, revision, layout } = event;
      this.#summarize(event.dashboard_id, { title, revision, cards: layout.items.length, status: "completed" });
    }));
    for (const name of ["generation.failed", "generation.cancelled"] as const) {
      room.on(name, ({ dashboard_id, error }) => batch(() => {
        const why = name === "generation.cancelled" ? undefined : (error?.message ?? "The generation failed.");
        this.change(dashboard_id, (board) => boards.ended(board, why));
        this.#summarize(dashboard_id, { status: "failed" });
      }));
    }
  }

  #listenToDashboards(room: Room): void {
    room.on("dashboard.created", ({ dashboard }, metadata) => batch(() => {
      const { id, title, status, revision, cards, created_by } = dashboard;
      this.#put({ ...boards.emptyBoard(id), dashboard });
      this.#summarize(id, { title, status, revision, cards: cards.length, created_by });
      this.#add(line("activity", `made the dashboard “${title}”`, metadata));
      if (created_by === this.me || !this.selected.peek()) this.select(id);
    }));
    room.on("dashboard.updated", (event, metadata) => batch(() => {
      this.change(event.dashboard_id, (board) => boards.updated(board, event));
      const { title, revision, layout } = event;
      this.#summarize(event.dashboard_id, { title, revision, cards: layout.items.length });
      if (event.changes.length > 0) this.#add(line("activity", event.changes.join("; "), metadata));
    }));
    room.on("dashboard.filtered", (event) => batch(() => {
      this.change(event.dashboard_id, (board) => boards.filtered(board, event));
      this.#summarize(event.dashboard_id, { stale: false });
    }));
    room.on("dashboard.refreshed", (event) => batch(() => {
      this.change(event.dashboard_id, (board) => boards.refreshed(board, event));
      this.refreshes.value++;
      this.#summarize(event.dashboard_id, { stale: event.cards.some((card) => card.stale) });
    }));
    room.on("dashboard.refresh_failed", ({ title, message }, metadata) => {
      this.refreshes.value++;
      this.#add(line("activity", `could not refresh “${title}”: ${message}`, metadata));
    });
    room.on("dashboard.published", (_, metadata) => this.#add(line("activity", "published the dashboard", metadata)));
    room.on("dashboard.unpublished", (_, metadata) => this.#add(line("activity", "ended the dashboard’s public links", metadata)));
    room.on("dashboard.deleted", ({ dashboard_id }) => this.#forget(dashboard_id));
  }

  #listenToFiles(room: Room): void {
    room.on("file.linked", ({ files }, metadata) => batch(() => {
      this.addFiles(files);
      this.#add(line("activity", `added ${files.map((file) => file.name).join(", ")}`, metadata));
    }));
    room.on("file.replaced", ({ file }, metadata) => batch(() => {
      this.addFiles([file]);
      this.#add(line("activity", `replaced ${file.name} (version ${file.version})`, metadata));
      this.#lookForStale();
    }));
    const gone = (ids: string[]) => (this.files.value = this.files.peek().filter((file) => !ids.includes(file.id)));
    room.on("file.unlinked", ({ file_ids }) => gone(file_ids));
    room.on("file.deleted", ({ file_id }) => batch(() => {
      gone([file_id]);
      this.#lookForStale();
    }));
  }

  /** Which dashboards show old data, only the server knows. */
  #lookForStale(): void {
    this.client.call("dashboard.list", { room_id: this.id })
      .then(({ dashboards }) => (this.dashboards.value = dashboards), (error) => this.#left || complain(error));
  }

  #listenToPeople(room: Room): void {
    const others = (id: string) => this.presence.peek().filter((one) => one.user_id !== id);
    room.on("presence.joined", ({ presence }) => (this.presence.value = [...others(presence.user_id), presence]));
    room.on("presence.left", ({ user_id }) => batch(() => {
      this.presence.value = others(user_id);
      this.#types(user_id, false);
    }));
    room.on("presence.updated", ({ user_id, status }) => {
      this.presence.value = this.presence.peek().map((one) => (one.user_id === user_id ? { ...one, status } : one));
    });
    room.on("presence.signal", ({ user_id, typing }) => {
      if (typing != null && user_id !== this.me) this.#types(user_id, typing);
    });
    room.on("room.member_added", ({ member }, metadata) => batch(() => {
      const known = this.members.peek().some((one) => one.user_id === member.user_id);
      this.members.value = known ? this.#withMember(member) : [...this.members.peek(), member];
      const joined = metadata.actor?.id === member.user_id;
      this.#add(line("activity", joined ? "joined the room" : `added ${member.name} to the room`, metadata));
    }));
    room.on("room.member_updated", ({ member }) => batch(() => {
      this.members.value = this.#withMember(member);
      const info = this.info.peek();
      if (info && member.user_id === this.me) this.info.value = { ...info, role: member.role };
    }));
    room.on("room.updated", ({ name, description = "" }) => {
      const info = this.info.peek();
      if (info) this.info.value = { ...info, name, description };
    });
    room.on("room.member_removed", ({ user_id }) => {
      this.members.value = this.members.peek().filter((one) => one.user_id !== user_id);
      if (user_id === this.me) this.error.value = new VizroomError("FORBIDDEN", "You are no longer a member of this room.");
    });
  }

  #withMember(member: Member): Member[] {
    return this.members.peek().map((one) => (one.user_id === member.user_id ? member : one));
  }

  #joined({ presence, snapshot }: RoomJoined): void {
    this.presence.value = presence;
    if (!snapshot) return this.#catchUp();
    const messages = snapshot.messages.map(lineOf).filter((one) => one !== undefined);
    this.info.value = snapshot.room;
    this.members.value = snapshot.members;
    this.files.value = snapshot.files;
    this.dashboards.value = snapshot.dashboards;
    this.lines.value = messages;
    this.earlier.value = messages.length >= PAGE;
    const shown = this.selected.peek();
    this.boards.value = new Map(snapshot.runs.map(({ run_id, dashboard_id, progress, message }) => [
      dashboard_id,
      { ...boards.emptyBoard(dashboard_id), filling: { run_id, stage: stageAt(progress), progress, message, planned: undefined } },
    ]));
    // What others did meanwhile is in the newest dashboard: it is what one wants to see first.
    this.select(shown ?? snapshot.runs[0]?.dashboard_id ?? snapshot.dashboards[0]?.id);
  }

  /** What has no place in the log, such as a filter, may have changed while the connection was lost. */
  #catchUp(): void {
    const shown = this.selected.peek();
    this.boards.value = new Map([...this.boards.peek()].filter(([id]) => id === shown));
    if (shown) void this.fetch(shown);
  }

  addFiles(files: File[]): void {
    const ids = new Set(files.map((file) => file.id));
    this.files.value = [...files, ...this.files.peek().filter((file) => !ids.has(file.id))];
  }

  #summarize(id: string, told: Partial<Summary>): void {
    const known = this.dashboards.peek();
    const now = new Date().toISOString();
    const fresh: Summary = {
      id, title: "", status: "completed", revision: 0, cards: 0, is_public: false, stale: false, created_by: "", created_at: now,
      updated_at: now,
    };
    this.dashboards.value = known.some((one) => one.id === id)
      ? known.map((one) => (one.id === id ? { ...one, ...told, updated_at: now } : one))
      : [{ ...fresh, ...told }, ...known];
  }

  #forget(id: string): void {
    batch(() => {
      this.dashboards.value = this.dashboards.peek().filter((one) => one.id !== id);
      const rest = new Map(this.boards.peek());
      rest.delete(id);
      this.boards.value = rest;
      if (this.selected.peek() === id) this.select(this.dashboards.peek()[0]?.id);
    });
  }

  #put(board: boards.Board, last = false): void {
    const next = new Map(this.boards.peek());
    if (last) next.delete(board.id);
    next.set(board.id, board);
    for (const [id, { filling }] of next) {
      if (next.size <= BOARDS_MAX) break;
      if (id !== this.selected.peek() && !filling) next.delete(id);
    }
    this.boards.value = next;
  }

  #add(one: Line): void {
    this.lines.value = together(this.lines.peek(), [one]);
  }

  #reword(message: string, told: Partial<Line>): void {
    const id = `message:${message}`;
    this.lines.value = this.lines.peek().map((one) => (one.id === id ? { ...one, ...told } : one));
  }

  #types(id: string, typing: boolean): void {
    clearTimeout(this.#typingTimers.get(id));
    const next = new Set(this.typing.peek());
    if (typing) {
      next.add(id);
      this.#typingTimers.set(id, setTimeout(() => this.#types(id, false), TYPING_MS));
    } else if (!next.delete(id)) return;
    this.typing.value = next;
  }
}

function stageAt(progress: number): boards.Filling["stage"] {
  if (progress < 25) return "strategy";
  return progress < 50 ? "data" : progress < 75 ? "viz" : "layout";
}
