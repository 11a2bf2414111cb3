// The pages that show the interface, in a browser without a way out, also behind a proxy's path: `node docs.mjs [--screenshots FOLDER]`.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { browser, Server } from "./stage.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const program = process.env.VIZROOM ?? join(root, "target/debug/vizroom");
const data = mkdtempSync(join(tmpdir(), "vizroom-docs-"));
const wanted = process.argv.indexOf("--screenshots");
const pictures = wanted > 0 ? process.argv[wanted + 1] : undefined;
if (pictures) mkdirSync(pictures, { recursive: true });

/** What each page shows once it has read its document. */
const pages = [
  ["docs", ".opblock-tag", "Accounts"],
  ["redoc", "[data-section-id]", "Rooms"],
  ["asyncapi", "article", "chat.message"],
];

const server = new Server(program, data, data);
await server.start();
const proxy = createServer((incoming, outgoing) => {
  const url = new URL(incoming.url.replace(/^\/some\/path/, ""), server.base);
  const passed = request(url, { method: incoming.method, headers: incoming.headers }, (answer) => {
    outgoing.writeHead(answer.statusCode, answer.headers);
    answer.pipe(outgoing);
  });
  incoming.pipe(passed);
});
await new Promise((done) => proxy.listen(0, "127.0.0.1", done));
const chrome = await browser();
try {
  for (const base of [server.base, `http://127.0.0.1:${proxy.address().port}/some/path`]) {
    for (const [name, selector, text] of pages) {
      const page = await chrome.newPage({ viewport: { width: 1360, height: 900 } });
      const problems = [];
      page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
      page.on("pageerror", (error) => problems.push(String(error)));
      page.on("request", (asked) => {
        if (!asked.url().startsWith(base) && !/^(data|blob):/.test(asked.url())) problems.push(`asked for ${asked.url()}`);
      });
      // With a slash at the end it leads to the same page.
      await page.goto(`${base}/${name}/`);
      await page.locator(selector).first().waitFor();
      await page.getByText(text, { exact: true }).first().waitFor({ state: "attached" });
      assert.equal(new URL(page.url()).pathname, new URL(`${base}/${name}`).pathname);
      if (pictures && base === server.base) {
        await page.screenshot({ path: join(pictures, `${name}.png`) });
        if (name === "asyncapi") await more(page);
      }
      assert.deepEqual(problems, [], `${base}/${name}`);
      await page.close();
    }
  }
  console.log("docs, redoc and asyncapi show what they should, with nothing from elsewhere");
} finally {
  await chrome.close();
  proxy.close();
  await server.stop("SIGTERM");
  rmSync(data, { recursive: true, force: true });
}

/** The same further down, dark, and narrow. */
async function more(page) {
  await page.locator("#dashboard\\.generate").scrollIntoViewIfNeeded();
  await page.locator("#dashboard\\.generate summary").first().click();
  await page.screenshot({ path: join(pictures, "asyncapi-call.png") });
  await page.evaluate(() => (document.documentElement.dataset.look = "dark"));
  await page.screenshot({ path: join(pictures, "asyncapi-dark.png") });
  await page.setViewportSize({ width: 400, height: 800 });
  await page.screenshot({ path: join(pictures, "asyncapi-narrow.png") });
}
