// Who sees a dashboard without being in its room, and how fresh it is.
import assert from "node:assert/strict";

/** What whoever has a link sees. */
async function opened(stage, slug, password) {
  const body = JSON.stringify({ slug, ...(password && { password }) });
  const answer = await fetch(`${stage.server.base}/api/v1/call/view.open`, { method: "POST", headers: { "content-type": "application/json" }, body });
  return answer.json();
}

const slugOf = (url) => url.split("/").pop();

export async function links(stage) {
  const { ada, picture, until } = stage;
  await ada.ask("revenue by region");
  await ada.at("dashboard", '[data-status="completed"]').waitFor();
  stage.dashboard = ada.place().dashboard;
  await ada.at("share").click();
  await ada.at("publish").click();
  await ada.at("public-url").waitFor();

  // Another one: two regions, a password, a name.
  await ada.page.getByText("Another link").click();
  await ada.at("link-name").fill("West and South");
  await ada.at("new-link-password").fill("open sesame");
  await ada.at("condition-column").selectOption("region");
  for (const region of ["West", "South"]) await ada.page.locator(".few").getByText(region, { exact: true }).click();
  await ada.at("condition-add").click();
  await ada.at("condition-column").selectOption("date");
  await ada.page.getByLabel("From", { exact: true }).fill("2024-02-01");
  await picture(ada, "share-new-link");
  await ada.at("condition-add").click();
  assert.match(await ada.at("new-link-limits").textContent(), /region West, South.*date/);
  await ada.at("add-link").click();
  await until("two links", async () => (await ada.at("link").count()) === 2);
  const url = await ada.at("public-url").nth(1).inputValue();
  assert.equal((await opened(stage, slugOf(url))).success, false, "it asks for the password");
  const { data } = await opened(stage, slugOf(url), "open sesame");
  const rows = data.dashboard.cards.filter((card) => !card.error).flatMap((card) => card.data.rows);
  assert.deepEqual(new Set(rows.flat().filter((value) => ["West", "South", "East"].includes(value))), new Set(["West", "South"]));
  assert.ok(rows.some((row) => row.includes(200)), `West since February: ${JSON.stringify(rows)}`);

  const second = ada.at("link").nth(1);
  await second.getByTestId("link-rename").fill("Sales people");
  await second.getByTestId("link-rename").press("Enter");
  await second.getByTestId("viewers-filter").click();
  await until("they may not filter", async () => (await opened(stage, slugOf(url), "open sesame")).data.dashboard.filter_columns.length === 0);
  await second.getByTestId("remove-password").click();
  await until("no password is asked for", async () => (await opened(stage, slugOf(url))).success);
  await second.getByTestId("link-ends").fill("2999-01-01T12:00");
  await second.getByTestId("link-ends").blur();
  await until("it ends", async () => (await ada.call("dashboard.links", { dashboard_id: stage.dashboard })).links[1].expires_at?.startsWith("2999"));
  await picture(ada, "share-links");
  await second.getByTestId("end-link").click();
  await until("one link", async () => (await ada.at("link").count()) === 1);
  assert.equal((await opened(stage, slugOf(url))).success, false);
}

/** Cleo is out of the room for a while. */
export async function people({ ada, cleo, picture, room, dashboard, base, until }) {
  const { members } = await ada.call("room.status", { room_id: room });
  const { user_id } = members.find(({ email }) => email === "cleo@example.com");
  await ada.call("room.remove_member", { room_id: room, user_id });
  await cleo.page.goto(`${base()}/#/`);
  await ada.at("share-email").fill("nobody@example.com");
  await ada.at("share-add").click();
  await ada.page.getByText("Nobody of your team has this address").waitFor();
  await ada.at("share-email").fill("cleo@example.com");
  await ada.at("share-add").click();
  await ada.at("sharer").waitFor();
  await picture(ada, "share-people");
  await cleo.page.reload();
  await cleo.at("shared-item").click();
  await cleo.at("card").first().waitFor();
  assert.ok((await cleo.page.url()).endsWith(`#/shared/${dashboard}`));
  await until("drawn", () => cleo.page.evaluate(() => [...document.querySelectorAll(".chart")].every((chart) => chart.dataset.drawn === "true")));
  await picture(cleo, "shared");
  // What becomes of it, she sees as it happens.
  const { title } = await ada.call("dashboard.get", { dashboard_id: dashboard });
  for (const now of ["Seen from outside", title]) {
    await ada.call("dashboard.update", { dashboard_id: dashboard, title: now });
    await cleo.page.getByRole("heading", { name: now, exact: true, level: 1 }).waitFor();
  }
  await ada.at("unshare").click();
  await ada.page.getByText("Shared with nobody").waitFor();
  await cleo.page.getByText("This dashboard is not shared with you").waitFor();
  await picture(cleo, "shared-ended");
  await ada.call("room.add_member", { room_id: room, user_id, role: "viewer" });
}

export async function fresh({ ada, ben, dashboard, base, room, picture, until }) {
  await ada.at("refresh-interval").selectOption("3600");
  await ada.at("refresh-now").click();
  await until("it says when", async () => /Refreshed \d\d:\d\d\. Next/.test(await ada.at("refresh-state").textContent()));
  await picture(ada, "share-fresh");
  await ada.page.keyboard.press("Escape");
  await ada.at("freshness").waitFor();
  await ben.page.goto(`${base()}/#/room/${room}/dashboard/${dashboard}`);
  await ben.at("freshness").waitFor();
  await picture(ben, "freshness");

  const { files } = await ada.call("file.list", { room_id: room });
  await ada.call("file.delete", { file_id: files.find(({ name }) => name === "orders.csv").id });
  await ada.at("share").click();
  await ada.at("refresh-now").click();
  await ada.at("refresh-failed").waitFor();
  assert.match(await ada.at("refresh-failed").textContent(), /deleted/);
  await picture(ada, "share-refresh-failed");
  await ada.page.keyboard.press("Escape");
  for (const one of [ada, ben]) await one.at("freshness").filter({ hasText: "Refresh failed" }).waitFor();
  await picture(ada, "freshness-failed");
}
