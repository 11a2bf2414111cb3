// Drill-down in real browsers: several values, a range by dragging, a filter of one's own and the way back, and what no
// filter reaches. `node tests/page/filters.mjs`; pictures go to $PICTURES.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { browser, ORDERS, Server, until, Visitor } from "./stage.mjs";

const REGIONS = "name,manager\nWest,Kim\nEast,Kim\nSouth,Lee\n";
const PICTURES = process.env.PICTURES;
const data = mkdtempSync(join(tmpdir(), "vizroom-filters-"));
const server = new Server(process.env.VIZROOM ?? fileURLToPath(new URL("../../target/debug/vizroom", import.meta.url)), data, data);
let chrome;

const call = (token, name, input) => server.call(token, name, input);

async function upload(token, room, name, text) {
  const form = new FormData();
  form.set("room_id", room);
  form.set("file", new Blob([text]), name);
  await fetch(`${server.base}/server/data/upload`, { method: "POST", headers: { authorization: `Bearer ${token}` }, body: form });
}

const account = (name) => ({ email: `${name}@example.com`, password: "correct horse battery", name });

async function visit(name, path) {
  const one = await Visitor.enter(chrome, name);
  await one.page.goto(server.base);
  await one.at("email").fill(account(name).email);
  await one.at("password").fill(account(name).password);
  await one.at("sign-in").click();
  await one.at("room-item").or(one.at("connection")).first().waitFor();
  await one.page.goto(`${server.base}/#${path}`);
  await one.live();
  return one;
}

const picture = (one, name) => PICTURES && one.page.screenshot({ path: join(PICTURES, `${name}.png`) });
/** What the chips of a page say. */
const chips = (one) => one.at("filter-chip").allInnerTexts().then((texts) => texts.map((text) => text.replace(/\s+/g, " ").trim()));
const mark = (one, key, label) => one.card(key).locator(`svg path[aria-label*="${label}"]`).first();
const has = (one, wanted) => until(`${one.name} sees ${JSON.stringify(wanted)}`, async () =>
  JSON.stringify(await chips(one)) === JSON.stringify(wanted));

/** Once it is said how the tables hang together, a click on one narrows the other. */
async function hangTogether(ada, bob, token, id) {
  await mark(ada, "chart_1", "South").click();
  await has(bob, ["region South"]);
  await bob.at("not-filtered").locator("summary").click();
  await bob.page.getByText("Say how the tables hang together…").click();
  await bob.at("no-relations").waitFor();
  await bob.at("relation-from").selectOption({ label: "regions.name" });
  assert.deepEqual(await bob.at("relation-to").locator("option").allTextContents(), ["Choose a column…", "orders.region", "orders.product"], "what has the same type");
  await bob.at("relation-to").selectOption({ label: "orders.region" });
  await picture(bob, "relations");
  await bob.at("relation-add").click();
  await bob.at("relation").filter({ hasText: "regions.name names rows of orders.region" }).waitFor();
  await bob.page.keyboard.press("Escape");
  for (const one of [ada, bob]) await one.at("not-filtered").waitFor({ state: "detached" });
  await until("Lee alone", async () => /^ManagerRegionsLee1$/i.test((await ada.card("chart_3").locator("table").innerText()).replace(/\s/g, "")));

  // Somebody else sees it, says the other way as well, and takes that back.
  await ada.at("relate").click();
  await ada.at("relation").waitFor();
  await ada.at("relation-from").selectOption({ label: "orders.region" });
  await ada.at("relation-to").selectOption({ label: "regions.name" });
  await ada.at("relation-add").click();
  const there = ada.at("relation").filter({ hasText: "orders.region names rows of regions.name" });
  await there.waitFor();
  await call(token, "dashboard.filter", { session_id: id, filter_state: { manager: "Lee" } });
  await has(bob, ["manager Lee"]);
  await until("the South alone", async () => (await bob.card("chart_1").locator("svg path[aria-roledescription='bar']").count()) === 1);
  assert.equal(await bob.at("not-filtered").count(), 0);
  await there.getByTestId("relation-remove").click();
  await bob.at("not-filtered").filter({ hasText: "2 cards are not filtered by manager" }).waitFor();
  await there.waitFor({ state: "detached" });
}

async function main() {
  await server.start();
  chrome = await browser();
  const { access_token: token } = await call(undefined, "account.register", account("ada"));
  const { id: room } = await call(token, "room.create", { name: "Sales" });
  await upload(token, room, "orders.csv", ORDERS);
  await upload(token, room, "regions.csv", REGIONS);
  const { id } = await call(token, "dashboard.create", { room_id: room, title: "Sales" });
  const panels = [
    { title: "Revenue by region", query: { table: "orders", x: { column: "region" }, y: [{ column: "revenue", aggregation: "sum" }] }, type: "bar" },
    { title: "Revenue per month", query: { table: "orders", x: { column: "date", grain: "month" }, y: [{ column: "revenue", aggregation: "sum" }] }, type: "area" },
    { title: "Managers", sql: "SELECT manager, count(*) AS regions FROM regions GROUP BY 1 ORDER BY 1", type: "table" },
  ];
  for (const panel of panels) await call(token, "dashboard.add_panel", { dashboard_id: id, panel });
  const invited = await call(token, "room.add_member", { room_id: room, email: account("bob").email, role: "editor" });
  await call(undefined, "account.register", { ...account("bob"), invitation: invited.invitation.invitation });

  const place = `/room/${room}/dashboard/${id}`;
  const [ada, bob] = await Promise.all([visit("ada", place), visit("bob", place)]);
  await Promise.all([ada.complete(3), bob.complete(3)]);
  await picture(ada, "filters-none");

  // Several values, one after the other; both see them, and what they do not reach.
  await mark(ada, "chart_1", "West").click();
  await has(bob, ["region West"]);
  await mark(ada, "chart_1", "West").click();
  await has(bob, []);
  await mark(ada, "chart_1", "West").click();
  await has(ada, ["region West"]);
  // What is filtered away is no longer there to be clicked: it is added in the rows of an earlier look, or here by hand.
  await call(token, "dashboard.filter", { session_id: id, filter_state: { region: ["West", "East"] } });
  await has(bob, ["region West East"]);
  await mark(ada, "chart_1", "East").click({ modifiers: ["Control"] });
  await has(bob, ["region West"]);
  await call(token, "dashboard.filter", { session_id: id, filter_state: { region: ["West", "East"] } });
  await has(ada, ["region West East"]);
  await bob.at("filter-value").filter({ hasText: "West" }).getByRole("button").click();
  await has(ada, ["region East"]);
  const left = bob.at("not-filtered");
  assert.match(await left.textContent(), /1 card is not filtered by region/);
  await left.locator("summary").click();
  assert.match(await left.innerText(), /Managers: regions has no column region, and no relation leads from it to orders/);
  await picture(bob, "filters-skipped");

  // A range, by dragging over two of the months.
  await ada.at("clear-filters").click();
  await has(bob, []);
  await ada.complete(3);
  const chart = await ada.card("chart_2").locator(".chart svg").boundingBox();
  const across = (share) => [chart.x + chart.width * share, chart.y + chart.height * 0.5];
  await ada.page.mouse.move(...across(0.25));
  await ada.page.mouse.down();
  await ada.page.mouse.move(...across(0.5), { steps: 4 });
  await ada.page.mouse.move(...across(0.8), { steps: 4 });
  await ada.card("chart_2").locator(".brush").waitFor();
  await picture(ada, "filters-brush");
  await ada.page.mouse.up();
  await has(bob, ["date Feb 2024 – Mar 2024"]);

  // Bob looks on alone: neither sees the other's, and the dashboard itself stays one.
  await bob.at("look-alone").click();
  await mark(bob, "chart_1", "West").click();
  await has(bob, ["date Feb 2024 – Mar 2024", "region West"]);
  assert.deepEqual(await chips(ada), ["date Feb 2024 – Mar 2024"]);
  await ada.at("clear-filters").click();
  await bob.at("rooms-filter").getByText("The others see everything.").waitFor();
  assert.deepEqual(await chips(bob), ["date Feb 2024 – Mar 2024", "region West"]);
  await call(token, "dashboard.update", { dashboard_id: id, title: "Sales of 2024" });
  await bob.page.getByRole("heading", { name: "Sales of 2024" }).waitFor();
  assert.deepEqual(await chips(bob), ["date Feb 2024 – Mar 2024", "region West"]);
  assert.equal(await bob.card("chart_1").locator("svg path[aria-label*='East']").count(), 0);
  await picture(bob, "filters-alone");
  // And back.
  await bob.at("follow-room").click();
  await has(bob, []);
  await until("all regions", async () => (await bob.card("chart_1").locator("svg path[aria-label*='East']").count()) === 1);

  await hangTogether(ada, bob, token, id);
  for (const one of [ada, bob]) assert.deepEqual(one.problems, [], one.name);
  console.log("filters: several values, a range, one's own and back, what they reach");
}

try {
  await main();
} finally {
  await chrome?.close();
  await server.stop("SIGTERM").catch(() => {});
  rmSync(data, { recursive: true, force: true });
}
