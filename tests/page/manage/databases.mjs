// Databases beside uploaded files: a music shop in an SQLite file, and a server that is not there.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";

const SHOP = `
import sqlite3, sys
shop = sqlite3.connect(sys.argv[1])
shop.executescript("""
CREATE TABLE Genre (GenreId INTEGER PRIMARY KEY, Name TEXT NOT NULL);
CREATE TABLE Track (TrackId INTEGER PRIMARY KEY, Name TEXT NOT NULL, GenreId INTEGER REFERENCES Genre (GenreId), Milliseconds INTEGER, Cover BLOB);
INSERT INTO Genre VALUES (1, 'Rock'), (2, 'Jazz'), (3, 'Metal');
""")
shop.executemany("INSERT INTO Track VALUES (?, ?, ?, ?, NULL)", [(n, f"Song {n}", 1 + n * n % 7 % 3, 100_000 + n * 7_001) for n in range(1, 61)])
shop.commit()
`;
const SECRET = "s3cr3t-of-the-shop";
const database = (one, name) => one.at("database", `[data-name="${name}"]`);

export async function settings({ ada, cleo, data, base, gate, picture }) {
  execFileSync("python3", ["-c", SHOP, join(data, "shop.sqlite")]);
  await ada.page.goto(`${base()}/#/settings/databases`);
  await ada.page.getByText("None yet. PostgreSQL").waitFor();
  await picture(ada, "databases-empty");

  // What is wrong is said at its field.
  await ada.at("database-add").click();
  await ada.at("kind-sqlite").check();
  await ada.at("field-name").fill("Shop");
  await ada.at("field-path").fill("/etc/passwd");
  await ada.at("database-save").click();
  await ada.page.getByText("File is no file in a folder that the operator of this server allows").waitFor();
  assert.equal(await ada.at("field-path").getAttribute("aria-invalid"), "true");
  assert.ok(await ada.at("field-path").evaluate((field) => field === document.activeElement), "it has the focus");
  await picture(ada, "database-form-wrong");
  await ada.at("field-path").fill(join(data, "shop.sqlite"));
  await ada.at("database-save").click();
  await database(ada, "Shop").getByTestId("database-tested").filter({ hasText: /SQLite [\d.]+ answered after/ }).waitFor();

  // A server that may not be reached: it is kept, and the test says why. Its password is never on the page again.
  await ada.at("database-add").click();
  for (const [field, value] of [["name", "Shop"], ["host", "localhost"], ["database", "shop"], ["username", "reader"], ["password", SECRET]]) await ada.at(`field-${field}`).fill(value);
  await picture(ada, "database-form");
  await ada.at("database-save").click();
  await ada.page.getByText("This name is taken").waitFor();
  await ada.at("field-name").fill("Warehouse");
  await ada.at("database-save").click();
  const warehouse = database(ada, "Warehouse");
  await warehouse.getByTestId("database-tested").filter({ hasText: "It cannot be read" }).waitFor();
  await picture(ada, "databases");
  await warehouse.getByTestId("database-tables").click();
  await ada.at("tables-dialog").getByRole("button", { name: "Try again" }).waitFor();
  await picture(ada, "database-tables-failed");
  await ada.page.keyboard.press("Escape");

  // Without a connection nothing is lost: what was asked is answered when it is back.
  await gate.cut();
  await ada.at("connection", '[data-state="reconnecting"]').waitFor();
  await database(ada, "Shop").getByTestId("database-test").click();
  await database(ada, "Shop").locator('[data-testid="database-test"]:disabled').waitFor();
  await gate.open();
  await database(ada, "Shop").getByTestId("database-tested").filter({ hasText: "answered after" }).waitFor();
  await ada.page.reload();
  await warehouse.waitFor();
  await warehouse.getByTestId("database-menu").click();
  await ada.at("database-change").click();
  assert.equal(await ada.at("field-password").inputValue(), "");
  assert.equal(await ada.at("field-host").inputValue(), "localhost");
  assert.ok(!(await ada.page.content()).includes(SECRET));
  // It goes nowhere else without its password.
  await ada.at("field-username").fill("somebody");
  await ada.at("database-save").click();
  await ada.page.getByText("Password must be given again where the connection leads elsewhere").waitFor();
  await picture(ada, "database-change");
  await ada.at("field-password").fill("another one");
  await ada.at("database-save").click();
  await warehouse.getByText("somebody@localhost:5432/shop").waitFor();
  await warehouse.getByTestId("database-tested").waitFor();
  await warehouse.getByTestId("database-menu").click();
  await ada.at("database-delete").click();
  await picture(ada, "database-delete");
  await ada.at("confirm-yes").click();
  await warehouse.waitFor({ state: "detached" });

  // Cleo is of the same team, and does not own it.
  await cleo.page.goto(`${base()}/#/settings/databases`);
  await cleo.at("databases-not-yours").waitFor();
  assert.equal(await cleo.at("database-add").or(cleo.at("database-test")).or(cleo.at("database-menu")).count(), 0);
  await picture(cleo, "databases-not-yours");
  await cleo.at("database-tables").click();
  const track = cleo.at("table", '[data-name="track"]');
  await track.locator("summary").click();
  assert.match(await track.innerText(), /track\s*about 60 rows · 5 columns[^]*GenreId[^]*→ genre\.GenreId[^]*Cover[^]*not read/);
  await picture(cleo, "database-tables");
  await cleo.page.keyboard.press("Escape");
}

export async function asking({ ada, cleo, room, base, picture, until }) {
  for (const one of [ada, cleo]) await one.page.goto(`${base()}/#/room/${room}`);
  await ada.at("database-item", '[data-name="Shop"]').waitFor();
  await ada.at("prompt").focus();
  await ada.at("prompt-database").selectOption("Shop");
  await picture(ada, "prompt-database");
  await ada.ask("tracks by genre name");
  await ada.at("board-database").filter({ hasText: "Asks the database “Shop”" }).waitFor();
  await ada.at("dashboard", '[data-status="completed"]').waitFor();
  const { cards } = await ada.dashboard();
  const rows = cards.flatMap((card) => card.data.rows);
  assert.ok(["Rock", "Jazz", "Metal"].every((genre) => rows.some((row) => row.includes(genre))), JSON.stringify(rows));
  await until("it is drawn", () => ada.page.evaluate(() => [...document.querySelectorAll(".chart")].every((chart) => chart.dataset.drawn === "true")));
  await picture(ada, "board-database");

  const { connections } = await ada.call("data_connection.list", {});
  await ada.call("data_connection.delete", { connection_id: connections[0].id });
  await ada.page.reload();
  await ada.at("card").first().waitFor();
  assert.equal(await ada.at("database-item").count(), 0);
  await ada.call("dashboard.delete", { dashboard_id: ada.place().dashboard });
}
