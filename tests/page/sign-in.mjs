// Who forgot their password, and who signs in by a provider, in a real browser against the built server, a real mail server
// and a certified provider: `node sign-in.mjs [--screenshots FOLDER]`.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { browser, Server, until, Visitor } from "./stage.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const program = process.env.VIZROOM ?? join(root, "target/debug/vizroom");
const data = mkdtempSync(join(tmpdir(), "vizroom-sign-in-"));
const wanted = process.argv.indexOf("--screenshots");
const pictures = wanted > 0 ? process.argv[wanted + 1] : mkdtempSync(join(tmpdir(), "vizroom-pictures-"));
mkdirSync(pictures, { recursive: true });

/** A server in Node that says its port on its first line, and more on the next ones. */
async function outside(script, ...args) {
  const child = spawn("node", [join(root, "tests", script), ...args], { stdio: ["pipe", "pipe", "ignore"] });
  const said = [];
  createInterface(child.stdout).on("line", (line) => line.startsWith("{") && said.push(JSON.parse(line)));
  const { port } = await until(`${script} listens`, () => said[0]);
  return { child, port, said };
}

const [mail, provider] = await Promise.all([outside("mail/sink.mjs", "plain"), outside("oidc/provider.mjs")]);
writeFileSync(join(data, "vizroom.toml"), `
[mail]
url = "smtp://127.0.0.1:${mail.port}"
from = "vizroom <rooms@example.com>"
[oauth.work]
label = "Work account"
issuer = "http://127.0.0.1:${provider.port}"
client_id = "rooms"
client_secret = "a secret of the tests"
`);
const server = new Server(program, data, join(data, "no-demo"));
const chrome = await browser();
let ada;

const steps = [
  ["somebody registers, and forgets the password", forget],
  ["the link of the mail sets a new one, once", reset],
  ["a provider signs somebody in, and leads back to where they were", byProvider],
  ["who is not let in by the provider is told why", refused],
];

async function forget() {
  ada = await Visitor.enter(chrome, "Ada");
  await ada.page.goto(server.base);
  await ada.at("provider").waitFor();
  await picture("sign-in");
  await ada.at("to-register").click();
  await ada.at("email").fill("ada@example.com");
  await ada.at("password").fill("correct horse");
  await ada.at("register").click();
  await ada.page.getByRole("heading", { name: /rooms/i }).first().waitFor();
  await ada.page.evaluate(() => localStorage.clear());
  await ada.page.reload();
  await ada.at("email").fill("ada@example.com");
  await ada.at("forgot").click();
  assert.equal(await ada.at("forgot-email").inputValue(), "ada@example.com");
  await picture("forgot");
  await ada.at("send-link").click();
  await ada.at("link-sent").waitFor();
  await picture("link-sent");
}

async function reset() {
  const { raw } = await until("the mail", () => mail.said[1]);
  const [link] = /http:\S+\/#\/reset\/\S+/.exec(raw.replaceAll("=\r\n", "").replaceAll("=3D", "="));
  await ada.page.goto(link);
  await picture("reset");
  await ada.at("new-password").fill("battery horse");
  await ada.at("set-password").click();
  await ada.at("reset-done").waitFor();
  await picture("reset-done");
  await ada.page.goto("about:blank");
  await ada.page.goto(link);
  await ada.at("new-password").fill("another horse");
  await ada.at("set-password").click();
  await ada.page.getByRole("alert").waitFor();
  await picture("reset-used");
  assert.match(await ada.page.getByRole("alert").textContent(), /used already/);
  await ada.page.goto(server.base);
  await ada.at("email").fill("ada@example.com");
  await ada.at("password").fill("battery horse");
  await ada.at("sign-in").click();
  await ada.page.getByRole("heading", { name: /rooms/i }).first().waitFor();
}

async function byProvider() {
  const { id } = await ada.call("room.create", { name: "Sales" });
  const bob = await Visitor.enter(chrome, "Bob");
  await ada.call("room.add_member", { room_id: id, email: "bob@example.com", role: "viewer" });
  const { raw } = await until("the invitation", () => mail.said[2]);
  const [link] = /http:\S+\/#\/invitation\/\S+/.exec(raw.replaceAll("=\r\n", "").replaceAll("=3D", "="));
  await bob.page.goto(link);
  await picture("invitation", bob);
  await bob.at("provider").click();
  await walkProvider(bob.page, "bob@example.com");
  await bob.page.getByText("Sales").first().waitFor();
  // Those were the provider's page's.
  bob.problems.length = 0;
  await picture("by-provider", bob);
  assert.equal(new URL(bob.page.url()).hash, "#/", "the code is not kept");
  // Signed out, and back at once to the room that was open.
  await bob.page.goto(`${server.base}/#/room/${id}`);
  await bob.live();
  await bob.page.evaluate(() => localStorage.clear());
  await bob.page.reload();
  await bob.at("provider").click();
  await bob.live();
  assert.equal(bob.place().room, id);
  assert.deepEqual(bob.problems, []);
}

async function walkProvider(page, login) {
  await page.locator('input[name="login"]').fill(login);
  await page.locator('input[name="password"]').fill("any");
  await page.locator('button[type="submit"]').click();
  await page.locator('input[name="prompt"][value="consent"]').waitFor({ state: "attached" });
  await page.locator('button[type="submit"]').click();
}

async function refused() {
  const answer = await fetch(`${server.base}/server/auth/register`, {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email: "unverified@example.com", password: "correct horse" }),
  });
  assert.equal(answer.status, 200);
  const eve = await Visitor.enter(chrome, "Eve");
  await eve.page.goto(server.base);
  await eve.at("provider").click();
  await walkProvider(eve.page, "unverified@example.com");
  await eve.page.getByRole("heading", { name: "You are not signed in" }).waitFor();
  await picture("refused", eve);
  await eve.page.getByRole("link", { name: "Back to the start" }).click();
  await eve.at("sign-in").waitFor();
  await eve.page.goto(`${server.base}/#/signed-in/guess`);
  await eve.at("sign-in-problem").waitFor();
  await picture("bad-code", eve);
}

async function picture(name, who = ada) {
  await who.page.screenshot({ path: join(pictures, `${name}.png`) });
}

let failed;
try {
  await server.start();
  for (const [what, step] of steps) {
    const began = performance.now();
    await step();
    console.log(`ok  ${what} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
  }
} catch (error) {
  failed = error;
} finally {
  await chrome.close();
  await server.stop("SIGTERM");
  for (const { child } of [mail, provider]) {
    child.stdin.end();
    await once(child, "exit");
  }
  rmSync(data, { recursive: true, force: true });
}
if (failed) {
  console.error(failed, server.log.join(""));
  process.exit(1);
}
