// What the walk stands on: the built server, a network that can be cut, a browser whose pages write down what arrives.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const ARGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];
/** No wait is longer than this, in milliseconds; a machine that is busy with other things may be given longer. */
export const PATIENCE_MS = Number(process.env.PATIENCE_MS ?? 30_000);

/** Waits until `ask` gives something that is not false; says what it waited for if that never comes. */
export async function until(what, ask, patience = PATIENCE_MS) {
  const end = Date.now() + patience;
  let last;
  do {
    try {
      const given = await ask();
      if (given !== false && given !== undefined && given !== null) return given;
    } catch (error) {
      last = error;
    }
    await pause(20);
  } while (Date.now() < end);
  throw new Error(`never came: ${what}${last ? ` (${last.message})` : ""}`);
}

/** A small table to ask about. */
export const ORDERS = `date,region,product,revenue
2024-01-15,West,Desk,100\n2024-01-20,East,Chair,40\n2024-02-03,West,Lamp,60\n2024-02-11,South,Desk,30
2024-03-05,East,Desk,20\n2024-03-18,West,Chair,50\n2024-04-02,South,Lamp,10\n2024-04-22,West,Desk,90
`;

/** The built server. Killed and started again, it keeps its port and its data. */
export class Server {
  /** `more`: environment variables, beside those of whoever calls. */
  constructor(program, data, demo, more = {}) {
    try {
      accessSync(program, constants.X_OK);
    } catch {
      throw new Error(`there is no server at ${program}: run \`cargo build\` first`);
    }
    Object.assign(this, { program, data, demo, more, listen: "127.0.0.1:0", log: [] });
  }

  async start() {
    const options = ["serve", "--listen", this.listen, "--data-dir", this.data, "--demo", this.demo];
    // A test is quicker than the people that limits are made for.
    const env = { ...process.env, VIZROOM_DEFAULT_TIER: "unlimited", ...this.more };
    this.process = spawn(this.program, options, { stdio: ["ignore", "pipe", "pipe"], cwd: this.data, env });
    this.ended = once(this.process, "exit");
    this.process.stderr.on("data", (text) => this.log.push(String(text)));
    const first = createInterface(this.process.stdout);
    const line = await Promise.race([once(first, "line").then(([text]) => text), this.ended.then(() => "")]);
    const [, host] = /^vizroom listening on http:\/\/(\S+)/.exec(line) ?? [];
    if (!host) throw new Error(`the server did not start: ${line}\n${this.log.join("")}`);
    this.listen = host;
    this.port = Number(host.split(":").pop());
    this.base = `http://${host}`;
  }

  /** Calls an operation over HTTP, and answers its data. */
  async call(token, name, input) {
    const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
    const answer = await fetch(`${this.base}/api/v1/call/${name}`, { method: "POST", headers, body: JSON.stringify(input) });
    const body = await answer.json();
    if (!body.success) throw new Error(`${name} ${JSON.stringify(input)}: ${JSON.stringify(body.errors)}`);
    return body.data;
  }

  /** Ends it with a signal; `SIGKILL` leaves it no time for anything. */
  async stop(signal) {
    if (this.process?.exitCode === null && this.process.signalCode === null) this.process.kill(signal);
    const [code] = await this.ended;
    return code;
  }
}

/** A way to the server that can be cut: open connections break, new ones are refused. */
export class Gate {
  #sockets = new Set();
  #server = createServer((near) => this.#pass(near));

  constructor(server) {
    this.target = server;
  }

  async open() {
    this.#server.listen(this.port ?? 0, "127.0.0.1");
    await once(this.#server, "listening");
    this.port = this.#server.address().port;
    this.base = `http://127.0.0.1:${this.port}`;
  }

  async cut() {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, "close");
  }

  #pass(near) {
    const far = connect(this.target.port, "127.0.0.1");
    for (const [one, other] of [[near, far], [far, near]]) {
      this.#sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => (this.#sockets.delete(one), other.destroy()));
      one.pipe(other);
    }
  }
}

/** Set into the page by the debugger, past its Content-Security-Policy. */
const axe = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** Holds what is in view to WCAG 2.2 AA: by keyboard, for screen readers, for weak eyes, as far as a program can tell. */
export async function reachable(page, name) {
  // A colour on its way to another says nothing: none sets out from here on, and what is on its way arrives.
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.evaluate(() => {
    for (const one of document.getAnimations()) if (Number.isFinite(one.effect.getComputedTiming().endTime)) one.finish();
  });
  await page.evaluate(axe);
  const { violations } = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags, resultTypes: ["violations"] }), WCAG);
  assert.deepEqual(violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`)), [], name);
}

export function browser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGS });
}

/** A browser profile. $PAGE is a page that was built after the program was, for whoever works on it. */
export async function profile(chrome, { permissions = [], ...options }) {
  const { PAGE } = process.env;
  // Chromium does not take such a page for a local one.
  const context = await chrome.newContext({ ...options, permissions: [...permissions, ...(PAGE ? ["local-network-access"] : [])] });
  const pages = { "/": "index.html" };
  const fileOf = (pathname) => pages[pathname] ?? (pathname.startsWith("/public/dashboards/") ? "public.html" : pathname);
  const ofPage = ({ pathname }) => fileOf(pathname) !== pathname || pathname.startsWith("/assets/");
  if (PAGE) await context.route(ofPage, (route) => route.fulfill({ path: join(PAGE, fileOf(new URL(route.request().url()).pathname)) }));
  return context;
}

/** Somebody at a page of their own browser profile. */
export class Visitor {
  /** Frames that arrived, in order. */
  frames = [];
  /** What went wrong on the page, but for a server that was away. */
  problems = [];

  constructor(name, page) {
    Object.assign(this, { name, page });
    page.setDefaultTimeout(PATIENCE_MS);
    page.on("pageerror", (error) => this.problems.push(String(error)));
    page.on("console", (message) => {
      const away = /ERR_CONNECTION_|WebSocket connection to|ERR_EMPTY_RESPONSE|ERR_SOCKET/.test(message.text());
      if (message.type() === "error" && !away) this.problems.push(message.text());
    });
    page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => this.frames.push(JSON.parse(payload))));
  }

  static async enter(chrome, name, viewport = { width: 1440, height: 900 }) {
    return new Visitor(name, await (await profile(chrome, { viewport })).newPage());
  }

  at(testid, more = "") {
    return this.page.locator(`[data-testid="${testid}"]${more}`);
  }

  /** Events of a type, since a place in `frames`. */
  told(type, since = 0) {
    return this.frames.slice(since).filter((frame) => frame.type === type);
  }

  live() {
    return this.at("connection", '[data-state="live"]').waitFor();
  }

  async say(text) {
    await this.at("chat-input").fill(text);
    await this.at("chat-send").click();
  }

  async hears(text) {
    await this.at("chat-message").locator(".bubble").getByText(text, { exact: true }).waitFor();
  }

  async ask(prompt) {
    await this.at("prompt").fill(prompt);
    await this.at("generate").click();
  }

  async refine(sentence) {
    await this.at("refine").fill(sentence);
    await this.at("refine").press("Enter");
  }

  card(key) {
    return this.page.locator(`[data-testid="card"][data-key="${key}"]`);
  }

  /** The dashboard in view, as soon as it is as `status` says and every chart is drawn. */
  async complete(cards) {
    await this.at("dashboard", '[data-status="completed"]').waitFor();
    await until(`${this.name} sees ${cards} cards, drawn`, () => this.page.evaluate((wanted) => {
      const charts = [...document.querySelectorAll('[data-testid="card"] .chart')];
      const seen = document.querySelectorAll('[data-testid="card"]').length;
      return seen === wanted && charts.every((chart) => chart.dataset.drawn === "true");
    }, cards));
  }

  /** An operation with this person's own rights. */
  call(operation, data) {
    return this.page.evaluate(async ([name, input]) => {
      const { access_token } = JSON.parse(localStorage.getItem("vizroom.tokens"));
      const headers = { Authorization: `Bearer ${access_token}`, "Content-Type": "application/json" };
      const answer = await fetch(`/api/v1/call/${name}`, { method: "POST", headers, body: JSON.stringify(input) });
      const { success, data, errors } = await answer.json();
      if (!success) throw new Error(`${name}: ${errors[0].message}`);
      return data;
    }, [operation, data]);
  }

  /** The room and the dashboard in view, by the page's address. */
  place() {
    const [, , room, , dashboard] = new URL(this.page.url()).hash.split("/");
    return { room, dashboard };
  }

  dashboard() {
    return this.call("dashboard.get", { dashboard_id: this.place().dashboard });
  }

  /** What a person sees: charts by what each mark says of itself, messages, conditions. */
  seen() {
    return this.page.evaluate(() => {
      const all = (selector, root = document) => [...root.querySelectorAll(selector)];
      const text = (element) => element.textContent.trim();
      return {
        title: text(document.querySelector('[data-testid="dashboard"] h2')),
        cards: all('[data-testid="card"]').map((card) => ({
          key: card.dataset.key, type: card.dataset.type, state: card.dataset.state, title: text(card.querySelector("h3")),
          // Axes and legends are read below: what Vega says of them stays as it was first drawn.
          marks: all("svg [aria-label]", card).filter((mark) => !/axis|legend/.test(mark.getAttribute("aria-roledescription"))).map((mark) => mark.getAttribute("aria-label")),
          words: all(".figure-value, .insight-text, td", card).map(text),
          // Ticks stay where they are while the scale moves on: their order says nothing.
          labels: all("svg text", card).map(text).sort(),
        })),
        conditions: all('[data-testid="filter-chip"]').map(text),
        messages: all('[data-testid="chat-message"] .bubble').map(text),
        files: all('[data-testid="file-item"]').map((file) => file.dataset.name).sort(),
        dashboards: all('[data-testid="dashboard-item"]').map(text),
      };
    });
  }
}
