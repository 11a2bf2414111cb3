// A published dashboard in real browsers: shared from the room, opened by strangers, narrow and dark, live, filtered,
// ended. `node tests/page/public.mjs`; pictures go to $PICTURES.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { browser, ORDERS, PATIENCE_MS, profile, reachable, Server, until } from "./stage.mjs";

const PICTURES = process.env.PICTURES;
const data = mkdtempSync(join(tmpdir(), "vizroom-public-"));
const server = new Server(process.env.VIZROOM ?? fileURLToPath(new URL("../../target/debug/vizroom", import.meta.url)), data, data);
let chrome;

const call = (token, name, input) => server.call(token, name, input);

/** A page whose console is not allowed an error, but for answers that are no success. */
async function visitor(viewport, colorScheme = "light") {
  const page = await (await profile(chrome, { viewport, colorScheme, permissions: ["clipboard-write"] })).newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  page.problems = [];
  page.asked = [];
  page.on("request", (request) => request.url().startsWith("http") && page.asked.push(request.url()));
  page.on("console", (message) => {
    if (message.type() === "error" && !/status of (403|404|429)/.test(message.text())) page.problems.push(message.text());
  });
  page.on("pageerror", (error) => page.problems.push(String(error)));
  return page;
}

const picture = (page, name) => PICTURES && page.screenshot({ path: join(PICTURES, `${name}.png`) });
const card = (page, key) => page.locator(`[data-testid="card"][data-key="${key}"]`);
const drawn = (page) => until("drawn charts", async () =>
  (await page.locator('.chart').count()) > 0 && (await page.locator('.chart:not([data-drawn="true"])').count()) === 0);

/** What is seen can be kept: rows, pictures, paper. Nobody is asked who they are. */
async function takenAway(bob) {
  const take = async (what) => {
    await card(bob, "chart_3").getByTestId("card-menu").click();
    const [file] = await Promise.all([bob.waitForEvent("download"), bob.getByTestId(`card-${what}`).click()]);
    const path = join(data, file.suggestedFilename());
    await file.saveAs(path);
    return readFileSync(path);
  };
  const csv = String(await take("csv")).trimEnd().split("\r\n");
  assert.equal(csv[0].split(",")[0], "region");
  assert.deepEqual(csv.slice(1).sort(), ["East,60", "South,40", "West,300"]);
  assert.match(String(await take("svg")), /^<svg xmlns=.*West.*<\/svg>$/s);
  assert.deepEqual([...(await take("png")).subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
  await card(bob, "chart_3").getByTestId("card-menu").click();
  await reachable(bob, "a menu of the public page");
  await bob.getByTestId("card-rows").click();
  await bob.locator("dialog").getByText("300", { exact: true }).waitFor();
  await reachable(bob, "rows of the public page");
  await bob.keyboard.press("Escape");

  await bob.evaluate(() => (window.print = () => (window.printed = true)));
  await bob.getByTestId("print").click();
  await bob.waitForFunction(() => window.printed);
  const path = join(PICTURES ?? data, "public.pdf");
  await bob.pdf({ path, preferCSSPageSize: true, printBackground: true });
  const text = execFileSync("pdftotext", ["-raw", path, "-"], { encoding: "utf8" });
  for (const title of await bob.locator(".card h3").allTextContents()) assert.ok(text.replace(/\s/g, "").includes(title.replace(/\s/g, "")), `${title}: ${text}`);
  assert.ok(!/Click a mark/.test(text), "what can be done with a mouse is not printed");
  await bob.evaluate(() => dispatchEvent(new Event("afterprint")));
  await drawn(bob);
  const asked = new Set(bob.asked.map((url) => new URL(url).pathname).filter((path) => !/^\/(assets|public)\//.test(path)));
  assert.deepEqual(asked, new Set(["/api/v1/call/view.open"]), "and nothing that needs an account");
}

async function main() {
  await server.start();
  chrome = await browser();
  const account = { email: "ada@example.com", password: "correct horse battery", name: "Ada" };
  const { access_token: token } = await call(undefined, "account.register", account);
  const { id: room } = await call(token, "room.create", { name: "Sales" });
  const form = new FormData();
  form.set("room_id", room);
  form.set("file", new Blob([ORDERS]), "orders.csv");
  await fetch(`${server.base}/server/data/upload`, { method: "POST", headers: { authorization: `Bearer ${token}` }, body: form });
  const { session_id: id } = await call(token, "dashboard.generate", { room_id: room, user_prompt: "overview of revenue", max_charts: 4 });

  const ada = await visitor({ width: 1280, height: 900 });
  await ada.goto(server.base);
  await ada.getByTestId("email").fill(account.email);
  await ada.getByTestId("password").fill(account.password);
  await ada.getByTestId("sign-in").click();
  await ada.goto(`${server.base}/#/room/${room}/dashboard/${id}`);
  await ada.locator('[data-testid="dashboard"][data-status="completed"]').waitFor();
  await ada.getByTestId("share").click();
  await ada.getByTestId("publish").click();
  const address = await ada.getByTestId("public-url").inputValue();
  await ada.getByTestId("refresh-interval").selectOption("900");
  await picture(ada, "share");

  const bob = await visitor({ width: 1280, height: 900 });
  await bob.goto(address);
  await drawn(bob);
  await until("the stream", async () => (await bob.getByTestId("connection").getAttribute("data-state")) === "live");
  assert.equal(await bob.getByTestId("card").count(), 4);
  await picture(bob, "public");
  const eve = await visitor({ width: 390, height: 844 }, "dark");
  await eve.goto(address);
  await drawn(eve);
  await picture(eve, "public-narrow-dark");
  assert.ok(await eve.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing sticks out");
  for (const page of [bob, eve]) await reachable(page, "the public page");
  await takenAway(bob);

  // Bob's own filter is nobody else's; an edit reaches both.
  await card(bob, "chart_3").locator(".mark-rect path").first().click();
  await bob.getByTestId("filter-chip").waitFor();
  await until("one bar", async () => (await card(bob, "chart_3").locator(".mark-rect path").count()) === 1);
  await picture(bob, "public-filtered");
  assert.equal(await card(eve, "chart_3").locator(".mark-rect path").count(), 3);
  await call(token, "dashboard.refine", { session_id: id, new_feedback: "make it a pie chart", target_chart_id: "chart_3" });
  for (const page of [bob, eve]) await page.locator('[data-key="chart_3"][data-type="pie"]').waitFor();
  await until("a slice", async () => (await card(bob, "chart_3").locator(".mark-arc path").count()) === 1);
  await bob.getByTestId("clear-filters").click();
  await until("three slices", async () => (await card(bob, "chart_3").locator(".mark-arc path").count()) === 3);

  // A password puts everybody before the door.
  await ada.getByTestId("link-password").fill("open sesame");
  await ada.getByTestId("set-password").click();
  await bob.getByTestId("password").fill("wrong");
  await bob.getByTestId("enter").click();
  await bob.getByText("not the password").waitFor();
  await picture(bob, "public-password");
  await bob.getByTestId("password").fill("open sesame");
  await bob.getByTestId("enter").click();
  await drawn(bob);
  await eve.getByTestId("password").waitFor();
  await picture(eve, "public-password-narrow-dark");

  // Another link, limited to what the room has filtered to.
  await call(token, "dashboard.filter", { session_id: id, filter_state: { region: "West" } });
  await ada.getByText("Another link").click();
  await ada.getByTestId("link-name").fill("West team");
  await ada.getByTestId("add-link").click();
  await until("two links", async () => (await ada.getByTestId("link").count()) === 2);
  await picture(ada, "share-links");
  const west = await visitor({ width: 900, height: 700 });
  await west.goto(await ada.getByTestId("public-url").nth(1).inputValue());
  await drawn(west);
  assert.equal(await card(west, "chart_3").locator(".mark-arc path").count(), 1);

  await ada.getByTestId("unpublish").click();
  await bob.getByText("This link has ended").waitFor();
  await west.getByText("This link has ended").waitFor();
  await picture(bob, "public-ended");
  for (const page of [ada, bob, eve, west]) assert.deepEqual(page.problems, []);
  console.log("a published dashboard: shared, opened, filtered, followed, closed");
}

try {
  await main();
} finally {
  await chrome?.close();
  await server.stop("SIGTERM");
  rmSync(data, { recursive: true, force: true });
}
