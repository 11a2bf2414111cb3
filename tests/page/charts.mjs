// A dashboard with a card of each kind: drawn in both looks, filtered, changed by a sentence, taken away as PNG, SVG, CSV
// and PDF. `node tests/page/charts.mjs`; pictures of everything go to $PICTURES.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CITIES, orders, PANELS, STEPS } from "./cards.mjs";
import { browser, Server, until, Visitor } from "./stage.mjs";

const ORDERS = 12_000;
const PICTURES = process.env.PICTURES;
if (PICTURES) mkdirSync(PICTURES, { recursive: true });
const data = mkdtempSync(join(tmpdir(), "vizroom-charts-"));
const server = new Server(process.env.VIZROOM ?? fileURLToPath(new URL("../../target/debug/vizroom", import.meta.url)), data, data);
const keys = Object.fromEntries(PANELS.map(({ type }, n) => [type, `chart_${n + 1}`]));
let chrome;
let token;
let room;
let id;

const call = (name, input) => server.call(token, name, input);

async function upload(name, text) {
  const form = new FormData();
  form.set("room_id", room);
  form.set("file", new Blob([text]), name);
  const answer = await fetch(`${server.base}/server/data/upload`, { method: "POST", headers: { authorization: `Bearer ${token}` }, body: form });
  assert.ok(answer.ok, await answer.text());
}

async function prepare() {
  const account = { email: "ada@example.com", password: "correct horse battery", name: "Ada" };
  ({ access_token: token } = await call("account.register", account));
  ({ id: room } = await call("room.create", { name: "Charts" }));
  await upload("orders.csv", orders(ORDERS));
  await upload("cities.csv", CITIES);
  await upload("steps.csv", STEPS);
  ({ id } = await call("dashboard.create", { room_id: room, title: "A card of each kind" }));
  for (const panel of PANELS) await call("dashboard.add_panel", { dashboard_id: id, panel });
  const ada = await Visitor.enter(chrome, "Ada", { width: 1360, height: 900 });
  await ada.page.goto(server.base);
  await ada.at("email").fill(account.email);
  await ada.at("password").fill(account.password);
  await ada.at("sign-in").click();
  await ada.page.waitForFunction(() => localStorage.getItem("vizroom.tokens"));
  await ada.page.goto(`${server.base}/#/room/${room}/dashboard/${id}`);
  return ada;
}

async function pictures(ada, look) {
  if (!PICTURES) return;
  for (const [type, key] of Object.entries(keys)) await ada.card(key).screenshot({ path: join(PICTURES, `${look}-${type}.png`) });
}

/** How many marks of a kind a card shows. */
const marks = (ada, type, selector) => ada.card(keys[type]).locator(selector).count();

async function everyKindIsDrawn(ada) {
  await ada.complete(PANELS.length);
  assert.equal(await ada.page.getByText("cannot be drawn").count(), 0);
  assert.equal(await marks(ada, "bar", ".mark-rect path"), 20);
  assert.equal(await marks(ada, "radar", ".mark-line path"), 12, "four rings, four lines, four planes");
  assert.equal(await marks(ada, "funnel", ".mark-rect path"), 4);
  assert.equal(await marks(ada, "boxplot", ".mark-rule.role-mark line"), 5);
  assert.equal(await marks(ada, "gauge", ".mark-arc path"), 2);
  assert.equal(await marks(ada, "geomap", ".mark-symbol.role-mark path"), 8);
  const coloured = await ada.card(keys.choropleth).locator(".mark-shape").nth(1).locator("path").count();
  assert.equal(coloured, 12, "every country is on the map");
  assert.match(await ada.card(keys.radar).locator("svg.marks").textContent(), /Cabinet/);
  assert.equal(await ada.card(keys.kpi).locator(".figure-value").count(), 1);
}

/** Of 12,000 points and rows a browser gets 5,000, and says so; series are sampled evenly. */
async function largeResultsAreCut(ada) {
  const note = (type) => ada.card(keys[type]).getByTestId("card-notes").textContent();
  assert.match(await note("scatter"), /^[45],\d{3} of 12,000 points, sampled$/);
  assert.equal(await note("table"), "The first 5,000 of 12,000 rows");
  const { cards } = await ada.dashboard();
  const scatter = cards.find(({ type }) => type === "scatter").data;
  assert.ok(scatter.truncated && scatter.total === ORDERS && scatter.rows.length > 3_900 && scatter.rows.length <= 5_000, `${scatter.rows.length}`);
  assert.equal(new Set(scatter.rows.map((row) => row[1])).size, 4, "every region is in the sample");
}

async function take(ada, type, what) {
  await ada.card(keys[type]).getByTestId("card-menu").click();
  const [file] = await Promise.all([ada.page.waitForEvent("download"), ada.at(`card-${what}`).click()]);
  const path = join(PICTURES ?? data, `taken-${type}.${what}`);
  await file.saveAs(path);
  assert.match(file.suggestedFilename(), new RegExp(`\\.${what}$`));
  return readFileSync(path);
}

async function cardsCanBeTakenAway(ada) {
  const csv = String(await take(ada, "table", "csv")).split("\r\n");
  assert.equal(csv.length, ORDERS + 2, "all rows, not those on the page");
  assert.equal(csv[0], "day,region,product,revenue,note");
  assert.ok(csv.some((line) => line.endsWith(",'=1+1")) && !csv.some((line) => /(^|,)=/.test(line)), "no formula");
  for (const type of ["choropleth", "radar", "scatter", "kpi", "table", "insight"]) {
    const svg = String(await take(ada, type, "svg"));
    assert.match(svg, /^<svg xmlns=.*<\/svg>$/s);
    const wrong = await ada.page.evaluate((text) => new DOMParser().parseFromString(text, "image/svg+xml").querySelector("parsererror")?.textContent, svg);
    assert.equal(wrong, undefined, `${type}: ${wrong}`);
  }
  const png = await take(ada, "choropleth", "png");
  assert.deepEqual([...png.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
  assert.ok(png.readUInt32BE(16) > 600 && png.length > 20_000, `${png.readUInt32BE(16)} px, ${png.length} bytes`);
}

/** A card with SQL of its own is another kind by a sentence; a click on a radar filters every card. */
async function handMadeCardsFollow(ada) {
  await ada.card(keys.table).getByTestId("card-menu").click();
  await ada.at("card-refine").click();
  await ada.refine("make it a scatter plot");
  await ada.at("clarification").or(ada.card(keys.table).locator('[data-drawn="true"]')).first().waitFor();
  await call("dashboard.refine", { session_id: id, new_feedback: "make it a bar chart", target_chart_id: keys.bubble });
  await ada.page.locator(`[data-key="${keys.bubble}"][data-type="bar"]`).waitFor();
  await call("dashboard.refine", { session_id: id, new_feedback: "call it “By country”", target_chart_id: keys.bubble });
  await ada.card(keys.bubble).getByText("By country").waitFor();

  const lines = () => ada.card(keys.radar).locator('.mark-symbol.role-mark path[aria-label*="Region"]');
  assert.equal(await lines().count(), 20);
  await lines().first().click({ force: true });
  await ada.at("filter-chip").first().waitFor();
  await until("one corner of the radar", async () => (await lines().count()) === 1);
  assert.equal(await ada.card(keys.radar).getByText("Cabinet").count(), 1, "directions keep their places");
  await ada.at("clear-filters").click();
  await until("all of it", async () => (await lines().count()) === 20);
}

/** A stretch of a histogram filters every card, and so does a click on one of its ranges. */
async function histogramsAreBrushed(ada) {
  const { columns, rows } = (await ada.dashboard()).cards.find(({ key }) => key === keys.histogram).data;
  const [begins, counts] = [columns.findIndex(({ name }) => name === "price"), columns.findIndex(({ type }) => type === "integer")];
  const width = rows[1][begins] - rows[0][begins];
  const all = rows.length;
  const box = async (at) => ada.card(keys.histogram).locator(".mark-rect path").nth(at).boundingBox();
  const [first, last] = [await box(4), await box(9)];
  await ada.card(keys.histogram).scrollIntoViewIfNeeded();
  const middle = first.y + first.height - 4;
  await ada.page.mouse.move(first.x + 1, middle);
  await ada.page.mouse.down();
  await ada.page.mouse.move(first.x + 30, middle, { steps: 3 });
  await ada.page.mouse.move(last.x + last.width - 1, middle, { steps: 3 });
  await ada.page.mouse.up();
  await ada.at("filter-chip").waitFor();
  await until("six ranges are left", async () => (await marks(ada, "histogram", ".mark-rect path")) === 6);
  const { filter_state, cards } = await ada.dashboard();
  assert.deepEqual(filter_state, { price: { gte: rows[4][begins], lt: rows[9][begins] + width } });
  const left = rows.slice(4, 10).reduce((sum, row) => sum + row[counts], 0);
  assert.equal(cards.find(({ key }) => key === keys.table).data.total ?? cards.find(({ key }) => key === keys.table).data.rows.length, left);
  if (PICTURES) await ada.card(keys.histogram).screenshot({ path: join(PICTURES, "histogram-brushed.png") });
  await ada.card(keys.histogram).locator(".mark-rect path").nth(2).click({ force: true });
  await until("one range", async () => (await marks(ada, "histogram", ".mark-rect path")) === 1);
  assert.deepEqual((await ada.dashboard()).filter_state, { price: { gte: rows[6][begins], lt: rows[6][begins] + width } });
  await ada.at("clear-filters").click();
  await until("all ranges", async () => (await marks(ada, "histogram", ".mark-rect path")) === all);
}

/** The dashboard on paper: every card is whole on one page, title to last label. */
async function pdf(ada) {
  await ada.at("look").click();
  await ada.page.evaluate(() => (window.print = () => (window.printed = true)));
  await ada.at("print").click();
  await ada.page.waitForFunction(() => window.printed);
  const cards = await ada.page.evaluate(() => [...document.querySelectorAll('[data-testid="card"]')].map((card) => ({
    title: card.querySelector("h3").textContent, labels: [...card.querySelectorAll("svg text")].filter((text) => text.getAttribute("opacity") !== "0").map((text) => text.textContent),
  })));
  const path = join(PICTURES ?? data, "dashboard.pdf");
  await ada.page.pdf({ path, preferCSSPageSize: true, printBackground: true });
  const squeezed = (text) => text.normalize("NFKC").replace(/[\s…]/g, "");
  // One form feed ends each page.
  const pages = execFileSync("pdftotext", ["-raw", path, "-"], { encoding: "utf8" }).split("\f").slice(0, -1).map(squeezed);
  assert.ok(pages.length >= 5 && pages.length <= 12, `${pages.length} pages`);
  assert.ok(pages.every((page) => page.length > 0), "no page is empty");
  for (const { title, labels } of cards) {
    const on = pages.filter((page) => page.includes(squeezed(title)) && labels.every((label) => page.includes(squeezed(label))));
    assert.ok(on.length >= 1, `“${title}” is not whole on any page`);
  }
  assert.ok(!pages.join("").includes("Askaquestion"), "only the dashboard is printed");
  await ada.page.evaluate(() => dispatchEvent(new Event("afterprint")));
  await ada.at("prompt").waitFor();
}

try {
  await server.start();
  chrome = await browser();
  const ada = await prepare();
  await everyKindIsDrawn(ada);
  await pictures(ada, "light");
  await largeResultsAreCut(ada);
  await cardsCanBeTakenAway(ada);
  await ada.at("look").click();
  await everyKindIsDrawn(ada);
  await pictures(ada, "dark");
  await ada.at("look").click();
  await handMadeCardsFollow(ada);
  await histogramsAreBrushed(ada);
  await pdf(ada);
  assert.deepEqual(ada.problems, []);
  console.log(`ok: ${PANELS.length} kinds of card, in both looks, filtered, and taken away as PNG, SVG, CSV and PDF`);
} finally {
  await chrome?.close();
  await server.stop("SIGTERM");
  rmSync(data, { recursive: true, force: true });
}
