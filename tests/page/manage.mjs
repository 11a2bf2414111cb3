// Everything a person manages by the page, in real browsers against the built server, with two others in the room: members and
// invitations, messages, links, keys, uploads that are paused, the end of it all. `node tests/page/manage.mjs`; pictures of every
// part, light, dark and narrow, go to $PICTURES.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { browser, Gate, reachable, Server, until, Visitor } from "./stage.mjs";
import * as account from "./manage/account.mjs";
import * as databases from "./manage/databases.mjs";
import * as room from "./manage/room.mjs";
import * as share from "./manage/share.mjs";
import * as uploads from "./manage/uploads.mjs";

const ORDERS = `date,region,product,revenue
2024-01-15,West,Desk,100\n2024-01-20,East,Chair,40\n2024-02-03,West,Lamp,60\n2024-02-11,South,Desk,30
2024-03-05,East,Desk,20\n2024-03-18,West,Chair,50\n2024-04-02,South,Lamp,10\n2024-04-22,West,Desk,90
`;
const PASSWORD = "correct horse battery";
const PICTURES = process.env.PICTURES;
if (PICTURES) mkdirSync(PICTURES, { recursive: true });
const program = process.env.VIZROOM ?? fileURLToPath(new URL("../../target/debug/vizroom", import.meta.url));
const data = mkdtempSync(join(tmpdir(), "vizroom-manage-"));
const server = new Server(program, data, data, { VIZROOM_CONNECTIONS__SQLITE_FOLDERS: JSON.stringify([data]) });
const gate = new Gate(server);
const chrome = await browser();

/** What the steps share: the server, the people, and what they have made. */
const stage = { server, gate, chrome, people: [], enter, register, call, picture, until, password: PASSWORD, data, base: () => gate.base };

const steps = [
  ["Ada registers, makes a room, brings data", begin],
  ["invitations are made, seen, taken back; two others come", room.invite],
  ["everybody has a colour of their own", room.colours],
  ["a role is given and taken, and the page follows", room.roles],
  ["what was said is changed and taken back", room.words],
  ["a dialog keeps the focus, Escape gives it back, a lost connection shows", room.dialogs],
  ["the room gets another name", room.rename],
  ["links have rows, passwords and names of their own", share.links],
  ["a dashboard is shared with somebody who is not in its room", share.people],
  ["it is kept fresh, and says when that fails", share.fresh],
  ["an upload is paused, goes on, and survives the page", uploads.paused],
  ["the browser no longer has the file: it is chosen again", uploads.cut],
  ["an API key is shown once, does what it may, and ends", account.keys],
  ["the secret of the team's callbacks is shown once, and its owner's to change", account.callbacks],
  ["a database is added, tested, looked into, changed; who may not, sees why", databases.settings],
  ["a dashboard is made from it, and stays when it is deleted", databases.asking],
  ["preferences go along to another browser", account.preferences],
  ["a password is changed by who knows it", account.password],
  ["the owner of the team reads what was done; others do not", account.activity],
  ["who is removed is out; who leaves, too; the last owner stays", room.leave],
  ["the room is deleted with everything in it", room.remove],
];

async function enter(name, viewport) {
  const one = await Visitor.enter(chrome, name, viewport);
  stage.people.push(one);
  return one;
}

/** At the door, with or without an invitation. */
async function register(one, email, address = gate.base) {
  await one.page.goto(address);
  if (address === gate.base) await one.at("to-register").click();
  await one.at("name").fill(one.name);
  await one.at("email").fill(email);
  await one.at("password").fill(PASSWORD);
  await one.at("register").click();
  await one.page.getByRole("heading", { name: "Rooms" }).waitFor();
}

async function call(token, name, input) {
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  const answer = await fetch(`${server.base}/api/v1/call/${name}`, { method: "POST", headers, body: JSON.stringify(input) });
  return { status: answer.status, ...(await answer.json()) };
}

/** Holds what is in view to WCAG 2.2 AA. Then takes it light, dark, and on a phone, where a panel of the room lies over the rest. */
async function picture(one, name, panel) {
  const { page } = one;
  await reachable(page, name);
  if (!PICTURES) return;
  const usual = page.viewportSize();
  const settled = () => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const take = async (kind) => {
    await settled();
    await page.screenshot({ path: join(PICTURES, `${name}-${kind}.png`), animations: "disabled" });
  };
  await take("light");
  await page.emulateMedia({ colorScheme: "dark" });
  await page.locator('html[data-look="dark"]').waitFor();
  await reachable(page, `${name}, dark`);
  await take("dark");
  await page.setViewportSize({ width: 390, height: 844 });
  if (panel) await one.at(`toggle-${panel}`).click();
  await take("narrow-dark");
  await page.emulateMedia({ colorScheme: "light" });
  await take("narrow");
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  await page.setViewportSize(usual);
  await settled();
  assert.ok(wider <= 0, `${name}: ${wider} pixels wider than a phone`);
}

async function begin() {
  await gate.open();
  const ada = (stage.ada = await enter("Ada Lovelace"));
  await register(ada, "ada@example.com");
  await picture(ada, "rooms-empty");
  await ada.at("new-room-name").fill("Numbers of the week");
  await ada.at("new-room").click();
  await ada.at("file-input").setInputFiles({ name: "orders.csv", mimeType: "text/csv", buffer: Buffer.from(ORDERS) });
  await ada.at("file-item", '[data-name="orders.csv"]').waitFor();
  stage.room = ada.place().room;
  await ada.at("upload").waitFor({ state: "detached" });
}

let passed = 0;
const started = Date.now();
try {
  await server.start();
  for (const [name, step] of steps) {
    const began = Date.now();
    await step(stage).catch((error) => {
      error.message = `${name}: ${error.message}`;
      throw error;
    });
    passed += 1;
    console.log(`ok    ${name} (${Date.now() - began} ms)`);
  }
  for (const one of stage.people) assert.deepEqual(one.problems, [], one.name);
} catch (error) {
  console.log(`FAIL  ${error.stack}`);
  for (const one of stage.people) console.log(one.name, one.problems);
  for (const one of stage.people) await one.page.screenshot({ path: join(PICTURES ?? tmpdir(), `failed-${one.name}.png`) }).catch(() => {});
  console.log(server.log.join("").split("\n").filter((text) => / ERROR | WARN |panicked/.test(text)).join("\n"));
  process.exitCode = 1;
} finally {
  await chrome.close().catch(() => {});
  await server.stop("SIGKILL");
  rmSync(data, { recursive: true, force: true });
}
console.log(`${passed} of ${steps.length} passed; ${((Date.now() - started) / 1000).toFixed(0)} s`);
process.exit();
