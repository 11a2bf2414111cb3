// Keys, preferences, and what was done in the team.
import assert from "node:assert/strict";

async function settings(one, part) {
  await one.at("account").click();
  await one.at("settings").click();
  await one.at(`settings-${part}`).click();
  await one.at("settings-part", `[data-part="${part === "you" ? "" : part}"]`).waitFor();
}

export async function keys({ ada, call, picture, until }) {
  await settings(ada, "keys");
  await ada.page.getByText("No keys yet.").waitFor();
  await picture(ada, "keys-empty");
  await ada.at("key-name").fill("Nightly report");
  await ada.at("scope-ai").check();
  await ada.at("key-days").selectOption("30");
  await ada.at("key-create").click();
  const secret = await ada.at("new-key").inputValue();
  assert.match(secret, /^vizroom_\w+/);
  await picture(ada, "keys-new");
  assert.equal((await call(secret, "room.list", {})).status, 200);
  assert.equal((await call(secret, "room.create", { name: "No" })).status, 403, "it may not what was not ticked");
  await ada.page.reload();
  await ada.at("key").waitFor();
  assert.ok(!(await ada.page.content()).includes(secret), "it is not shown again");
  assert.match(await ada.at("key").textContent(), /Nightly report.*last used \d\d:\d\d.*ends.*read.*ai/);
  await picture(ada, "keys");
  await ada.at("key-revoke").click();
  await picture(ada, "key-revoke");
  await ada.at("confirm-yes").click();
  await ada.at("key").waitFor({ state: "detached" });
  await until("it is refused", async () => (await call(secret, "room.list", {})).status === 401);
}

export async function callbacks({ ada, cleo, base, room, picture, until }) {
  await settings(ada, "keys");
  await ada.page.getByText("Your team has none.").waitFor();
  await ada.at("callback-make").click();
  const secret = await ada.at("callback-secret").inputValue();
  assert.match(secret, /^[0-9a-f]{64}$/);
  await picture(ada, "callbacks");
  await ada.page.reload();
  await ada.at("callback-state").filter({ hasText: "has a secret since" }).waitFor();
  assert.ok(!(await ada.page.content()).includes(secret), "it is not shown again");
  await cleo.page.goto(`${base()}/#/settings/keys`);
  await cleo.at("callback-remove").click();
  await cleo.page.getByText("Only who registered").waitFor();
  await cleo.page.goto(`${base()}/#/room/${room}`);
  await ada.at("callback-remove").click();
  await until("it is gone", async () => !(await ada.call("callback.settings", {})).has_secret);
}

export async function preferences({ ada, enter, base, password, picture }) {
  await settings(ada, "you");
  await ada.at("preferences").waitFor();
  await picture(ada, "preferences");
  await ada.page.getByLabel("Dark", { exact: true }).check();
  await ada.page.getByLabel("ocean").check();
  await ada.at("prefer-charts").selectOption("2");
  const look = (one) => one.page.locator('html[data-look="dark"]').waitFor();
  await look(ada);
  const again = await enter("Ada elsewhere");
  await again.page.goto(base());
  await again.at("email").fill("ada@example.com");
  await again.at("password").fill(password);
  await again.at("sign-in").click();
  await look(again);
  await again.page.goto(`${base()}/#/settings/`);
  assert.ok(await again.page.getByLabel("ocean").isChecked());
  assert.equal(await again.at("prefer-charts").inputValue(), "2");
  await again.page.close();
  await ada.page.getByLabel("As the system").check();
  await ada.page.locator('html[data-look="light"]').waitFor();
}

export async function activity({ ada, ben, cleo, room, picture, until, base }) {
  const { members } = await ada.call("room.status", { room_id: room });
  const { user_id } = members.find(({ email }) => email === "ben@example.com");
  for (let n = 0; n < 30; n += 1) {
    for (const role of ["viewer", "editor"]) await ada.call("room.set_role", { room_id: room, user_id, role });
  }
  await settings(ada, "activity");
  await until("a page of it", async () => (await ada.at("audit-line").count()) === 50);
  await picture(ada, "activity");
  for (;;) {
    const before = await ada.at("audit-line").count();
    await ada.at("audit-more").click();
    await until("an earlier page", async () => (await ada.at("audit-line").count()) > before);
    if ((await ada.at("audit-more").count()) === 0) break;
  }
  for (const operation of ["room.create", "room.add_member", "account.invite", "key.create", "key.revoke", "dashboard.publish", "dashboard.share"]) {
    assert.ok((await ada.at("audit-line", `[data-operation="${operation}"]`).count()) > 0, operation);
  }
  // Cleo is of the same team, and does not own it.
  await cleo.page.goto(`${base()}/#/settings/activity`);
  await cleo.at("not-allowed").waitFor();
  await picture(cleo, "activity-not-allowed");
  await ben.page.goto(`${base()}/#/settings/activity`);
  // Ben came by an invitation to a room alone: his team is his own.
  await ben.at("audit-line").first().waitFor();
  assert.equal(await ben.at("audit-line", '[data-operation="room.set_role"]').count(), 0);
  await ben.page.goto(`${base()}/#/room/${room}`);
  await ada.page.goto(`${base()}/#/room/${room}`);
}

export async function password({ ben, password: old, picture, server }) {
  await settings(ben, "you");
  await ben.at("change-password").click();
  await ben.at("old-password").fill("not this one");
  await ben.at("new-password").fill("another correct horse");
  await picture(ben, "password");
  await ben.at("save-password").click();
  await ben.page.getByText("This is not your password").waitFor();
  await ben.at("old-password").fill(old);
  await ben.at("save-password").click();
  await ben.at("password-form").waitFor({ state: "detached" });
  await ben.page.getByText("Your password is changed").waitFor();
  const login = async (password) => {
    const body = JSON.stringify({ email: "ben@example.com", password });
    return (await fetch(`${server.base}/server/auth/login`, { method: "POST", headers: { "content-type": "application/json" }, body })).status;
  };
  assert.deepEqual([await login(old), await login("another correct horse")], [401, 200]);
  await ben.page.reload();
  await ben.at("change-password").waitFor();
}
