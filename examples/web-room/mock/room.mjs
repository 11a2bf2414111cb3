// One room of the mock: its log, who is in it, and what a scripted planner makes of requests.
import { randomUUID } from "node:crypto";
import { card, FILE, KEYS, LAYOUT } from "./flights.mjs";

export const ANA = { id: "00000000-0000-7000-8000-00000000a0a0", name: "Ana Ruiz" };
const THEMES = /\b(slate|ocean|forest|sunset|mono)\b/;
const KINDS = /\b(bar|line|area|pie|table)\b/;

export class MockRoom {
  constructor(id, name, { withData = false } = {}) {
    Object.assign(this, { id, name, epoch: randomUUID().slice(0, 8), log: [], connections: new Set(), files: withData ? [FILE] : [], dashboards: new Map(), runs: new Map() });
    this.created_at = new Date().toISOString();
    if (withData) this.say("The 2013 flights are in. Ask away!", ANA);
  }

  get summaries() {
    return [...this.dashboards.values()].reverse().map(({ cards, ...rest }) => ({ ...rest, cards: cards.length }));
  }

  members(user) {
    const member = ({ id, name, email }, role) => ({ user_id: id, name, email: email ?? "ana@example.org", role });
    return [member(user, "owner"), member(ANA, "editor")];
  }

  presence() {
    const here = new Map([...this.connections].map(({ user }) => [user.id, user]));
    return [...here.values(), ANA].map(({ id, name }) => ({ user_id: id, name, status: "active" }));
  }

  publish(type, data, actor, more = {}) {
    const durable = !more.passing;
    const metadata = {
      room_id: this.id, epoch: this.epoch, event_id: randomUUID(), ts: new Date().toISOString(),
      actor: { kind: actor ? "user" : "system", id: actor?.id ?? "system", name: actor?.name ?? "vizroom" },
      ...(durable && { seq: this.log.length + 1 }),
    };
    const event = { type, data, metadata };
    if (durable) this.log.push(event);
    for (const connection of this.connections) connection.send(event);
    return event;
  }

  say(content, actor) {
    return this.publish("chat.message", { content }, actor).metadata;
  }

  snapshot(user) {
    return {
      room: { id: this.id, name: this.name, role: "owner", members: 2, created_at: this.created_at },
      members: this.members(user), files: this.files, dashboards: this.summaries, runs: [...this.runs.values()],
      messages: this.log.filter(({ type }) => type === "chat.message").slice(-50),
    };
  }

  generate({ user_prompt, theme = "slate" }, user, paceMs) {
    const id = randomUUID();
    const run_id = randomUUID();
    const now = new Date().toISOString();
    const about = { run_id, dashboard_id: id };
    this.dashboards.set(id, {
      id, room_id: this.id, title: user_prompt, description: "", prompt: user_prompt, theme, status: "processing", revision: 0, cards: [],
      layout: { columns: 12, items: [] }, filter_state: {}, created_by: user.id, created_at: now, updated_at: now,
    });
    this.runs.set(id, { ...about, user_prompt, progress: 0, message: "Planning" });
    this.publish("generation.started", { ...about, user_prompt }, user);
    void this.run(this.dashboards.get(id), about, paceMs);
    return { run_id, session_id: id };
  }

  async run(dashboard, about, paceMs) {
    const pace = (share = 1) => new Promise((resolve) => setTimeout(resolve, paceMs * share));
    const gone = () => !this.runs.has(about.dashboard_id);
    const progress = (stage, progress, message, details = {}) => {
      Object.assign(this.runs.get(about.dashboard_id), { progress, message });
      this.publish("generation.progress", { ...about, stage, progress, message, details }, undefined, { passing: true });
    };
    await pace();
    if (/fuel|weather|revenue/i.test(dashboard.prompt)) return this.askBack(dashboard, about);
    progress("strategy", 25, "Planning the charts", { charts_planned: KEYS.length });
    await pace();
    progress("data", 50, "Querying flights");
    for (const [index, key] of KEYS.entries()) {
      await pace(0.5);
      if (gone()) return;
      if (index === 4) progress("viz", 75, "Drawing");
      const made = card(key);
      dashboard.cards.push(made);
      this.publish("generation.chart", { ...about, card: made });
    }
    this.publish("generation.warning", { ...about, message: "8,255 flights without a departure time are left out of the delays." });
    progress("layout", 100, "Arranging");
    await pace();
    if (gone()) return;
    this.runs.delete(dashboard.id);
    const title = "Departures from New York, 2013";
    const description = "How many flights left each month, who flew them, and how late they were. Based on flights.csv, 336,776 rows.";
    Object.assign(dashboard, { title, description, status: "completed", revision: 1, layout: LAYOUT });
    this.publish("generation.completed", { ...about, title, description, theme: dashboard.theme, revision: 1, layout: LAYOUT, duration_ms: 2140 });
  }

  askBack(dashboard, about) {
    this.runs.delete(dashboard.id);
    const [missing] = /fuel|weather|revenue/i.exec(dashboard.prompt);
    const suggestions = ["Average delay by carrier", "Flights per month by origin"];
    this.publish("generation.clarification", { ...about, message: `Nothing in flights.csv tells about ${missing}. Would one of these help?`, missing: [missing], suggestions });
    Object.assign(dashboard, { status: "failed" });
    this.publish("generation.failed", { ...about, error: { code: "INVALID_REQUEST", message: "There was nothing to draw." } });
  }

  cancel(id) {
    const run = this.runs.get(id);
    if (!run) return;
    this.runs.delete(id);
    this.dashboards.get(id).status = "failed";
    this.publish("generation.cancelled", { run_id: run.run_id, dashboard_id: id });
  }

  refine(dashboard, { new_feedback, target_chart_id }, user) {
    const key = target_chart_id ?? /chart[ _](\d+)/.exec(new_feedback)?.[0].replace(" ", "_");
    const kind = KINDS.exec(new_feedback)?.[0];
    const theme = THEMES.exec(new_feedback)?.[0];
    const removing = /\bremove\b/.test(new_feedback) && key;
    if (!theme && !(key && (kind || removing))) {
      const clarification = { message: "Which chart do you mean, and what should it become?", missing: [], suggestions: ["make chart 5 a pie", "use the ocean theme"] };
      return { dashboard, changes: [], clarification };
    }
    const base_revision = dashboard.revision++;
    const changes = [removing ? `${key} is gone` : theme ? `The colours are ${theme} now` : `${key} is a ${kind} chart now`];
    if (theme) dashboard.theme = theme;
    if (removing) {
      dashboard.cards = dashboard.cards.filter((one) => one.key !== key);
      dashboard.layout = { ...dashboard.layout, items: dashboard.layout.items.filter((one) => one.key !== key) };
    } else if (kind) {
      dashboard.kinds = { ...dashboard.kinds, [key]: kind };
      dashboard.cards = dashboard.cards.map((one) => (one.key === key ? card(key, dashboard.filter_state, dashboard.kinds) : one));
    }
    this.publish("dashboard.updated", {
      dashboard_id: dashboard.id, base_revision, revision: dashboard.revision, changes, title: dashboard.title, theme: dashboard.theme,
      cards: dashboard.cards.filter((one) => one.key === key), removed: removing ? [key] : [], layout: dashboard.layout,
    }, user);
    return { dashboard, changes };
  }

  filter(dashboard, filter_state) {
    dashboard.filter_state = filter_state;
    dashboard.revision++;
    dashboard.cards = dashboard.cards.map(({ key }) => card(key, filter_state, dashboard.kinds));
    const { id, revision, cards } = dashboard;
    this.publish("dashboard.filtered", { dashboard_id: id, revision, filter_state, cards }, undefined, { passing: true });
    return dashboard;
  }
}
