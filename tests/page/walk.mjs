// A newcomer's walk, in two pages at once, against the built server: `node walk.mjs [--screenshots FOLDER]`.
// Every wait is for something to happen; every value shown is held against the file itself.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { averageDelayBy, difference, only, perMonthAndOrigin, read } from "./flights.mjs";
import { browser, Gate, PATIENCE_MS, Server, until, Visitor } from "./stage.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const demo = join(root, "examples/demo-data/files");
const file = join(demo, "more/flights.csv");
const program = process.env.VIZROOM ?? join(root, "target/debug/vizroom");
const data = mkdtempSync(join(tmpdir(), "vizroom-walk-"));
const wanted = process.argv.indexOf("--screenshots");
const pictures = wanted > 0 ? process.argv[wanted + 1] : mkdtempSync(join(tmpdir(), "vizroom-pictures-"));
mkdirSync(pictures, { recursive: true });

const PROMPT = "flights per month by origin, top 5 carriers by average delay, delays by hour of the day";
const LONG_PROMPT = "flights per day by origin, average arrival delay by carrier, flights by dest, average air time by dest, "
  + "heatmap of average arrival delay by month and hour, distribution of distance, flights by hour, average dep delay per week";
/** Messages said at once when the server is killed, at most. */
const BURST_MAX = 400;

const server = new Server(program, data, demo);
const gate = new Gate(server);
const flights = read(file);
const chrome = await browser();
let ana;
let ben;

const steps = [
  ["a stranger tries the demo", tryTheDemo],
  ["another one comes to the same room", joinBen],
  ["a file of 336,776 rows is dropped on the room", dropFile],
  ["a sentence becomes a dashboard, stage by stage, in both pages", generate],
  ["its values are those of the file", values],
  ["what is said is heard", chat],
  ["a click on a bar filters every card, for both", filter],
  ["a sentence changes a chart, for both", refine],
  ["who was cut off has missed nothing", cutOff],
  ["reloading leads back to the same place", reload],
  ["the look can be dark, the window narrow", looks],
  ["a killed server loses nothing it acknowledged", kill],
  ["both go on as if nothing had been", goOn],
  ["no page had a problem, and the server ends in order", end],
];

async function tryTheDemo() {
  ana = await Visitor.enter(chrome, "Ana");
  await ana.page.goto(server.base);
  await ana.at("demo-button").waitFor();
  await picture(ana, "sign-in");
  await ana.at("demo-button").click();
  await ana.at("file-item").first().waitFor();
  await ana.live();
  assert.ok((await ana.at("file-item").count()) >= 4, "the demo has data");
}

async function joinBen() {
  await gate.open();
  ben = await Visitor.enter(chrome, "Ben");
  await ben.page.goto(gate.base);
  await ben.at("demo-button").click();
  await ben.live();
  await until("each sees the other", async () =>
    (await ana.at("presence-user").count()) === 2 && (await ben.at("presence-user").count()) === 2);
  assert.equal(ben.place().room, ana.place().room);
}

async function dropFile() {
  await ana.at("file-input").setInputFiles(file);
  for (const one of [ana, ben]) {
    const item = one.at("file-item", '[data-name="flights.csv"]');
    await item.waitFor();
    assert.match(await item.textContent(), /336,776 rows/);
  }
}

async function generate() {
  await ana.ask(PROMPT);
  await Promise.all([ana.complete(4), ben.complete(4)]);
  for (const one of [ana, ben]) {
    const happened = one.frames.map((frame) => frame.type).filter((type) => type.startsWith("generation."));
    assert.equal(happened[0], "generation.started", one.name);
    assert.equal(happened.at(-1), "generation.completed", one.name);
    assert.deepEqual(new Set(one.told("generation.chart").map(({ data }) => data.card.key)).size, 4, one.name);
    const stages = one.told("generation.progress").map(({ data }) => data.progress);
    assert.ok(stages.length >= 2 && stages.every((progress, n) => n === 0 || progress >= stages[n - 1]), `stages: ${stages}`);
  }
}

async function values() {
  const { cards } = await ana.dashboard();
  const byKey = Object.fromEntries(cards.map((card) => [card.key, card]));
  assert.match(byKey.chart_1.type, /line|area|bar/);
  assert.equal(difference(byKey.chart_1.data.rows, perMonthAndOrigin(flights)), undefined);
  const carriers = averageDelayBy(flights, "carrier", "arr_delay").sort((a, b) => b[1] - a[1]).slice(0, 5);
  assert.equal(difference(byKey.chart_2.data.rows, carriers), undefined);
  assert.deepEqual(byKey.chart_2.data.rows.map(([carrier]) => carrier), carriers.map(([carrier]) => carrier));
  assert.equal(difference(byKey.chart_3.data.rows, averageDelayBy(flights, "hour", "arr_delay")), undefined);
  assert.ok(cards.every((card) => !card.error));
  // What is drawn says the same: the marks of the bars in Ben's page, and a figure in the table of the first chart.
  const { cards: seen } = await ben.seen();
  for (const [carrier] of carriers) assert.ok(marks(seen).some((mark) => mark.includes(carrier)), `${carrier} in ${marks(seen)}`);
  const [, , newark] = perMonthAndOrigin(flights).find(([month, origin]) => month === "1" && origin === "EWR");
  await ben.card("chart_1").locator('[data-testid="card-menu"]').click();
  await ben.at("card-rows").click();
  await ben.page.locator("dialog").getByText(newark.toLocaleString("en"), { exact: true }).first().waitFor();
  await ben.page.keyboard.press("Escape");
}

/** What the second chart's marks say. */
function marks(cards) {
  return cards.find((card) => card.key === "chart_2").marks;
}

async function chat() {
  await ana.say("Do you see the summer?");
  await ben.hears("Do you see the summer?");
  await ben.say("Yes, July is bad.");
  await ana.hears("Yes, July is bad.");
  await picture(ana, "room-light", 1180);
}

async function filter() {
  const before = await ana.seen();
  const { cards } = await ana.dashboard();
  await ana.card("chart_2").locator(".mark-rect path").nth(1).click();
  for (const one of [ana, ben]) await one.at("filter-chip").waitFor();
  const carrier = cards[1].data.rows[1][0];
  assert.match(await ben.at("filter-chip").textContent(), new RegExp(`carrier.*${carrier}`));
  const filtered = await until("the filter is in force", async () => {
    const now = await ben.dashboard();
    return Object.keys(now.filter_state).length === 1 && now;
  });
  assert.deepEqual(filtered.filter_state, { carrier });
  assert.equal(difference(filtered.cards[0].data.rows, perMonthAndOrigin(only(flights, "carrier", carrier))), undefined);
  assert.equal(difference(filtered.cards[1].data.rows, averageDelayBy(only(flights, "carrier", carrier), "carrier", "arr_delay")), undefined);
  await alike("with the filter", (seen) => marks(seen.cards).length < marks(before.cards).length);
  await ben.at("clear-filters").click();
  for (const one of [ana, ben]) await one.at("filter-chip").waitFor({ state: "detached" });
  const after = await alike("without the filter", (seen) => marks(seen.cards).length === marks(before.cards).length);
  assert.deepEqual(after.cards, before.cards);
}

async function refine() {
  const before = await ana.dashboard();
  await ana.refine("make chart 2 a pie");
  await ana.at("clarification").filter({ hasText: "do not add up to a whole" }).waitFor();
  assert.equal((await ana.dashboard()).revision, before.revision);
  await ana.refine("make chart 3 a bar chart");
  for (const one of [ana, ben]) await one.page.locator('[data-key="chart_3"][data-type="bar"]').waitFor();
  await ben.refine("show the top 3 in chart 2");
  await alike("after the changes", ({ cards }) => cards.some(({ title }) => title.startsWith("Top 3")));
  assert.equal((await ana.dashboard()).cards[1].data.rows.length, 3);
}

async function cutOff() {
  await ben.page.evaluate(() => (window.sameAsBefore = true));
  await gate.cut();
  await ben.at("connection", '[data-state="reconnecting"]').waitFor();
  await ben.say("Written while nobody could hear me");
  for (const n of [1, 2, 3, 4, 5]) await ana.say(`missed ${n}`);
  await ana.hears("missed 5");
  await ana.refine("make chart 3 a line chart");
  await ana.page.locator('[data-key="chart_3"][data-type="line"]').waitFor();
  await ana.card("chart_2").locator(".mark-rect path").first().click();
  await ana.at("filter-chip").waitFor();
  assert.equal(await ben.at("filter-chip").count(), 0);
  await gate.open();
  await ben.live();
  await ana.hears("Written while nobody could hear me");
  const seen = await alike("after the cut", (one) => one.conditions.length === 1 && one.cards.some(({ key, type }) => key === "chart_3" && type === "line"));
  const said = [1, 2, 3, 4, 5].map((n) => `missed ${n}`);
  assert.deepEqual(seen.messages.filter((text) => text.startsWith("missed")), said);
  assert.ok(await ben.page.evaluate(() => window.sameAsBefore), "the page was not loaded anew");
}

async function reload() {
  const before = { ...(await ana.seen()), place: ana.place() };
  await ana.page.reload();
  await ana.complete(4);
  await alike("after reloading");
  assert.deepEqual({ ...(await ana.seen()), place: ana.place() }, before);
}

async function looks() {
  await ana.at("look").click();
  await ana.complete(4);
  await picture(ana, "room-dark", 1180);
  await ana.at("look").click();
  await ana.at("clear-filters").click();
  await ana.page.setViewportSize({ width: 400, height: 850 });
  await ana.complete(4);
  const wider = await ana.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  await picture(ana, "room-narrow");
  await ana.page.setViewportSize({ width: 1440, height: 900 });
  assert.ok(wider <= 0, `the page is ${wider} pixels wider than the screen`);
}

const acknowledged = [];

async function kill() {
  const since = ana.frames.length;
  await ana.ask(LONG_PROMPT);
  const { room } = ana.place();
  const burst = burstOf(room);
  await until("a first card of the long answer", () => ana.told("generation.chart", since).length > 0 && acknowledged.length > 0);
  await server.stop("SIGKILL");
  await burst;
  assert.equal(ana.told("generation.completed", since).length, 0, "the generation was still under way");
  await server.start();
  await Promise.all([ana.live(), ben.live()]);
  const stored = await history(room);
  const lost = acknowledged.filter((text) => stored.filter((one) => one === text).length !== 1);
  assert.deepEqual(lost, [], `${acknowledged.length} acknowledged`);
  for (const one of [ana, ben]) {
    await until(`${one.name} has every message once`, async () => {
      const { messages } = await one.seen();
      return acknowledged.every((text) => messages.filter((seen) => seen === text).length === 1);
    });
  }
}

/** Says one thing after the other until the server is gone. */
async function burstOf(room) {
  const { access_token } = await ana.page.evaluate(() => JSON.parse(localStorage.getItem("vizroom.tokens")));
  const headers = { Authorization: `Bearer ${access_token}`, "Content-Type": "application/json" };
  for (let n = 1; n <= BURST_MAX; n += 1) {
    const body = JSON.stringify({ room_id: room, content: `burst ${n}` });
    const answer = await fetch(`${server.base}/api/v1/call/chat.send`, { method: "POST", headers, body }).catch(() => undefined);
    if (!answer) return;
    if ((await answer.json().catch(() => ({}))).success) acknowledged.push(`burst ${n}`);
  }
}

async function history(room) {
  const found = [];
  for (let before, more = true; more;) {
    const page = await ana.call("room.history", { room_id: room, limit: 100, kind: "chat.message", ...(before && { before }) });
    found.push(...page.events.map((event) => event.data.content));
    before = Math.min(...page.events.map((event) => event.metadata.seq));
    more = page.more;
  }
  return found;
}

async function goOn() {
  const { dashboard } = ana.place();
  const ended = await until("the broken-off generation ends", async () => {
    const { status } = await ana.dashboard();
    return status !== "processing" && status;
  });
  await ana.at("dashboard", `[data-status="${ended}"]`).waitFor();
  if (ended === "completed") assert.equal((await ana.dashboard()).cards.filter((card) => card.type !== "insight").length, 8);
  else await ana.page.getByRole("alert").first().waitFor();
  await ben.at("dashboard-item").first().click();
  await ben.at("dashboard", `[data-status="${ended}"]`).waitFor();
  assert.equal(ben.place().dashboard, dashboard);
  await alike("after the server was killed");
  await ben.at("dashboard-item").last().click();
  await ben.complete(4);
  await ben.say("Still here");
  await ana.hears("Still here");
}

async function end() {
  for (const one of [ana, ben]) {
    assert.deepEqual(one.problems, [], one.name);
    inOrder(one);
  }
  await chrome.close();
  assert.equal(await server.stop("SIGTERM"), 0, "SIGTERM ends it with 0");
  assert.deepEqual(server.log.join("").split("\n").filter((line) => / ERROR |panicked/.test(line)), []);
}

/** Each numbered event came once and none is missing, within and over connections; a snapshot begins anew. */
function inOrder({ name, frames }) {
  let at;
  for (const { type, data, metadata } of frames) {
    if (type === "reply" && data?.mode && data.mode !== "replay") at = data.head;
    if (metadata?.seq === undefined || metadata.seq === null) continue;
    if (at !== undefined) assert.equal(metadata.seq, at + 1, `${name}: ${type}`);
    at = metadata.seq;
  }
}

/** Waits until both pages show the same, and it is as `as` says. */
async function alike(when, as = () => true) {
  let both;
  const same = async () => {
    both = await Promise.all([ana.seen(), ben.seen()]);
    return as(both[0]) && JSON.stringify(both[0]) === JSON.stringify(both[1]);
  };
  await until(`both pages alike ${when}`, same, PATIENCE_MS / 2).catch((error) => {
    assert.deepEqual(both[1], both[0], error.message);
    throw error;
  });
  return both[0];
}

/** A picture of what is in the window, or of a window so high. */
async function picture({ page }, name, height) {
  const usual = page.viewportSize();
  if (height) {
    await page.setViewportSize({ ...usual, height });
    // The charts take their new size.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  }
  await page.screenshot({ path: join(pictures, `${name}.png`), animations: "disabled" });
  if (height) await page.setViewportSize(usual);
}

let passed = 0;
let failed = 0;
const started = Date.now();
try {
  await server.start();
  for (const [name, step] of steps) {
    const began = Date.now();
    try {
      await step();
      passed += 1;
      console.log(`ok    ${name} (${Date.now() - began} ms)`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL  ${name}\n${error.stack ?? error}`);
      for (const one of [ana, ben]) if (one) await picture(one, `failed-${one.name}`).catch(() => {});
      const left = steps.slice(passed + failed).map(([after]) => after);
      if (left.length > 0) console.log(`not tried after that: ${left.join("; ")}`);
      console.log(server.log.slice(-20).join(""));
      failed += left.length;
      break;
    }
  }
} finally {
  await chrome.close().catch(() => {});
  await server.stop("SIGKILL");
  rmSync(data, { recursive: true, force: true });
}
console.log(`pictures in ${pictures}; ${((Date.now() - started) / 1000).toFixed(0)} s`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
