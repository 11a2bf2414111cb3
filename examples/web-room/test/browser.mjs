// The built page in a real browser against the scripted server: `npm run build && npm run test:browser`.
// Every wait is for something to appear; any error on the console, such as a refused inline style, fails it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const ARGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];
const PORT = Number(process.env.PORT ?? 8788);
const BASE = `http://127.0.0.1:${PORT}`;
let browser;
let server;

before(async () => {
  await serve();
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGS });
});

after(async () => {
  await browser?.close();
  server?.kill();
});

async function serve() {
  const path = fileURLToPath(new URL("../mock/server.mjs", import.meta.url));
  server = spawn(process.execPath, [path], { env: { ...process.env, PORT, MOCK_PACE_MS: "100" }, stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve) => server.stdout.once("data", resolve));
}

/** A person in the demo's room. */
async function visitor(viewport = { width: 1280, height: 800 }) {
  const page = await (await browser.newContext({ viewport })).newPage();
  page.setDefaultTimeout(15_000);
  const problems = [];
  page.on("console", (message) => {
    // A server that is not there is what one of the tests is about.
    const away = /net::ERR_CONNECTION|before receiving a handshake/.test(message.text());
    if (message.type() === "error" && !away) problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  await page.goto(BASE);
  await page.getByTestId("demo-button").click();
  await page.getByTestId("file-item").first().waitFor();
  return { page, problems };
}

const completed = (page) => page.locator('[data-testid="dashboard"][data-status="completed"]').waitFor();
const bars = (page) => page.locator('[data-key="chart_5"] .mark-rect path');

async function generate(page) {
  await page.getByTestId("prompt").fill("flights per month by origin");
  await page.getByTestId("generate").click();
}

test("two people see the same dashboard fill, be filtered and be refined; reloading leads back", async () => {
  const [ana, ben] = [await visitor(), await visitor()];
  await generate(ana.page);
  await ben.page.getByTestId("progress").waitFor();
  await ben.page.reload();
  await Promise.all([completed(ana.page), completed(ben.page)]);
  assert.equal(await ana.page.getByTestId("card").count(), 10);
  assert.equal(await ben.page.getByTestId("card").count(), 10);
  assert.equal(await ben.page.locator('[data-testid="card"][data-state="error"]').count(), 1);

  const drawing = await ben.page.locator('[data-key="chart_5"] svg.marks').elementHandle();
  await bars(ana.page).nth(1).click();
  const chip = ben.page.getByTestId("filter-chip");
  await chip.waitFor();
  assert.match(await chip.textContent(), /carrier.*B6/);
  await bars(ben.page).nth(1).waitFor({ state: "detached" });
  await bars(ben.page).first().click();
  await ana.page.getByTestId("filter-chip").waitFor({ state: "detached" });
  assert.ok(await drawing.evaluate((svg) => svg.isConnected), "the chart was not drawn anew");

  await ben.page.getByTestId("refine").fill("make chart 5 a pie");
  await ben.page.getByTestId("refine").press("Enter");
  await ana.page.locator('[data-key="chart_5"][data-type="pie"]').waitFor();
  assert.deepEqual([...ana.problems, ...ben.problems], []);
});

test("a file is uploaded, a question back is answered by a click", async () => {
  const { page, problems } = await visitor();
  await page.getByTestId("file-input").setInputFiles({ name: "more.csv", mimeType: "text/csv", buffer: Buffer.from("a,b\n1,2\n") });
  await page.locator('[data-testid="file-item"][data-name="more.csv"]').waitFor();
  await page.getByTestId("prompt").fill("weather by origin");
  await page.getByTestId("prompt").press("Enter");
  await page.getByTestId("suggestion").first().click();
  await completed(page);
  assert.deepEqual(problems, []);
});

test("what is said while the server is away is delivered once when it is back", async () => {
  const { page, problems } = await visitor({ width: 1200, height: 800 });
  server.kill();
  await page.locator('[data-testid="connection"][data-state="reconnecting"]').waitFor();
  await page.getByTestId("chat-input").fill("are you there?");
  await page.getByTestId("chat-send").click();
  await serve();
  // As when the network comes back: without waiting for the next attempt.
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await page.locator('[data-testid="connection"][data-state="live"]').waitFor();
  const said = page.getByTestId("chat-message").filter({ hasText: /^(?!.*Good point).*are you there\?$/ });
  await said.waitFor();
  assert.equal(await said.count(), 1);
  assert.deepEqual(problems, []);
});

test("on a phone the panels lie over the dashboard and nothing is wider than the screen", async () => {
  const page = await (await browser.newContext({ viewport: { width: 400, height: 800 } })).newPage();
  await page.goto(BASE);
  await page.getByTestId("demo-button").click();
  await page.getByTestId("toggle-chat").click();
  await page.getByTestId("chat-input").fill("from a phone");
  await page.getByTestId("chat-send").click();
  await page.getByTestId("chat-message").filter({ hasText: "from a phone" }).first().waitFor();
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
});
