// Uploads: paused, resumed, taken up after the page was left.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROWS = 80_000;
/** Bytes a second: so slow that there is time to press a button. */
const SLOW = 250_000;

/** Numbers of a small generator: the same each time, and no luck makes pieces equal. */
function table() {
  let state = 1;
  const lines = ["id,value"];
  for (let id = 0; id < ROWS; id += 1) {
    state = (state * 48271) % 2147483647;
    lines.push(`${id},${state}`);
  }
  return lines.join("\n") + "\n";
}

/** Bytes a second for what the page sends; -1 is as fast as it can. */
async function slow(one, speed = SLOW) {
  const session = await one.page.context().newCDPSession(one.page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: speed });
}

const shown = (one, name, state) => one.at("upload", `[data-name="${name}"]${state ? `[data-state="${state}"]` : ""}`);
const share = async (one, name) => Number(await shown(one, name).getByTestId("upload-state").getAttribute("data-share"));

/** What the browser keeps of it. */
const kept = (one) => one.page.evaluate(() => new Promise((resolve, reject) => {
  const opening = indexedDB.open("vizroom", 1);
  opening.onerror = () => reject(opening.error);
  opening.onupgradeneeded = () => opening.transaction.abort();
  opening.onsuccess = () => {
    const asked = opening.result.transaction("uploads").objectStore("uploads").getAll();
    asked.onsuccess = () => (opening.result.close(), resolve(asked.result.map(({ place, name, paused, file }) => ({ place, name, paused, bytes: file?.size }))));
  };
}));

/** Bytes that the server has. */
async function arrived(one, place) {
  return (await one.call("file.upload", { upload_id: place.split("/").pop() })).offset;
}

export async function paused(stage) {
  const { ben, picture, until } = stage;
  const folder = (stage.folder = mkdtempSync(join(tmpdir(), "vizroom-upload-")));
  const file = join(folder, "measurements.csv");
  writeFileSync(file, table());
  await slow(ben);
  await ben.at("file-input").setInputFiles(file);
  await until("a tenth is sent", async () => (await share(ben, "measurements.csv")) >= 10);
  await picture(ben, "upload", "data");
  await shown(ben, "measurements.csv").getByTestId("upload-pause").click();
  await shown(ben, "measurements.csv", "paused").waitFor();
  const [one] = await until("the browser keeps it", async () => (await kept(ben)).filter(({ paused, bytes }) => paused && bytes));
  await picture(ben, "upload-paused", "data");

  // Left and come back: it is still paused, and goes on from where it was.
  await ben.page.reload();
  await shown(ben, "measurements.csv", "paused").waitFor();
  const before = await arrived(ben, one.place);
  assert.ok(before > 0);
  await slow(ben);
  assert.equal(await arrived(ben, one.place), before, "nothing comes while it is paused");
  await shown(ben, "measurements.csv").getByTestId("upload-resume").click();
  await until("more is sent", async () => (await arrived(ben, one.place)) > before);
  await until("it is no longer kept as paused", async () => (await kept(ben)).every(({ paused, bytes }) => !paused && bytes));

  // Left while it was going: it goes on by itself.
  await slow(ben, -1);
  await ben.page.reload();
  const item = ben.at("file-item", '[data-name="measurements.csv"]');
  await item.waitFor();
  assert.match(await item.textContent(), /80,000 rows/);
  await until("nothing is kept any more", async () => (await kept(ben)).length === 0);
  assert.equal(await ben.at("upload").count(), 0);
}

export async function cut({ ben, folder, password, picture, until }) {
  const file = join(folder, "more.csv");
  writeFileSync(file, table());
  await slow(ben);
  await ben.at("file-input").setInputFiles(file);
  await until("it is kept", async () => (await kept(ben)).some(({ bytes }) => bytes));
  await until("a tenth is sent", async () => (await share(ben, "more.csv")) >= 10);
  // As with a file that is too large for the browser to keep.
  await ben.page.evaluate(() => new Promise((resolve) => {
    const opening = indexedDB.open("vizroom", 1);
    opening.onsuccess = () => {
      const store = opening.result.transaction("uploads", "readwrite").objectStore("uploads");
      const asked = store.getAll();
      asked.onsuccess = () => asked.result.forEach(({ file, ...rest }) => store.put(rest));
      store.transaction.oncomplete = () => (opening.result.close(), resolve());
    };
  }));
  await ben.page.reload();
  await shown(ben, "more.csv", "cut").waitFor();
  const [{ place }] = await kept(ben);
  const before = await arrived(ben, place);
  assert.ok(before > 0);
  await picture(ben, "upload-cut", "data");
  await ben.at("upload-again").setInputFiles({ name: "more.csv", mimeType: "text/csv", buffer: Buffer.from("a\n1\n") });
  await ben.page.getByText("not the same file").waitFor();
  await slow(ben, -1);
  await ben.at("upload-again").setInputFiles(file);
  const item = ben.at("file-item", '[data-name="more.csv"]');
  await item.waitFor();
  assert.match(await item.textContent(), /80,000 rows/);

  // Stopped for good: nothing is left of it, here or there.
  await slow(ben);
  await ben.at("file-input").setInputFiles({ name: "third.csv", mimeType: "text/csv", buffer: Buffer.from(table()) });
  await until("it is on its way", async () => (await share(ben, "third.csv")) >= 5);
  await shown(ben, "third.csv").getByTestId("upload-stop").click();
  await until("nothing is kept", async () => (await kept(ben)).length === 0);
  assert.equal(await ben.at("upload").count(), 0);

  // Whoever signs out leaves nothing for the next at this browser.
  await ben.at("file-input").setInputFiles({ name: "fourth.csv", mimeType: "text/csv", buffer: Buffer.from(table()) });
  await until("it is kept", async () => (await kept(ben)).some(({ bytes }) => bytes));
  await ben.at("account").click();
  await ben.at("sign-out").click();
  await ben.at("sign-in").waitFor();
  await until("nothing is kept", async () => (await kept(ben)).length === 0);
  await slow(ben, -1);
  await ben.at("email").fill("ben@example.com");
  await ben.at("password").fill(password);
  await ben.at("sign-in").click();
  await ben.at("room-item").click();
  await ben.live();
  assert.equal(await ben.at("upload").count(), 0);
  rmSync(folder, { recursive: true, force: true });
}
