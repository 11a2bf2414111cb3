// A room's members, messages, name and end.
import assert from "node:assert/strict";

const member = (one, email) => one.at("member", `[data-email="${email}"]`);
const hash = (url) => new URL(url).hash;

/** The link that is shown once; the dialog is left open. */
async function inviteByPage(one, email) {
  await one.at("invite-email").fill(email);
  await one.at("invite-send").click();
  return one.at("invitation-link").inputValue();
}

export async function invite(stage) {
  const { ada, enter, register, base, picture, until } = stage;
  await ada.at("members").click();
  const first = await inviteByPage(ada, "ben@example.com");
  assert.match(hash(first), /^#\/invitation\/\S+/);
  await ada.at("invitation").waitFor();
  await picture(ada, "members-pending");
  await ada.at("revoke").click();
  await ada.at("invitation").waitFor({ state: "detached" });
  await until("another link", async () => (await inviteByPage(ada, "ben@example.com")) !== first);
  const link = await ada.at("invitation-link").inputValue();
  await ada.page.keyboard.press("Escape");

  const ben = (stage.ben = await enter("Ben Okri"));
  await register(ben, "ben@example.com", base() + "/" + hash(link));
  await ben.at("room-item").click();
  await ben.live();

  // Cleo comes into the team first, by a link for nobody in particular; then she is known by her address.
  await ada.at("account").click();
  await ada.at("settings").click();
  await ada.at("settings-team").click();
  await ada.page.getByText("Nobody is invited right now").waitFor();
  await ada.at("team-invite").click();
  await ada.at("invitation").waitFor();
  await picture(ada, "team");
  const team = await ada.at("invitation-link").inputValue();
  const cleo = (stage.cleo = await enter("Cleo Marsh"));
  await register(cleo, "cleo@example.com", base() + "/" + hash(team));
  await ada.page.goto(`${base()}/#/room/${stage.room}`);
  await ada.at("members").click();
  await ada.at("invite-email").fill("cleo@example.com");
  await ada.at("invite-role").selectOption("viewer");
  await ada.at("invite-send").click();
  await member(ada, "cleo@example.com").waitFor();
  await ada.page.keyboard.press("Escape");
  await cleo.page.goto(`${base()}/#/room/${stage.room}`);
  await cleo.live();
  await until("all three see each other", async () => (await ada.at("presence-user").count()) === 3);
}

export async function colours({ ada, ben }) {
  for (const one of [ada, ben]) {
    const hues = await one.page.locator('[data-testid="presence-user"]').evaluateAll((all) => all.map((avatar) => getComputedStyle(avatar).backgroundColor));
    assert.equal(new Set(hues).size, 3, `${hues}`);
  }
}

export async function roles({ ada, ben, cleo, picture }) {
  await ben.at("prompt").waitFor();
  assert.equal(await cleo.at("prompt").count(), 0, "a viewer cannot ask");
  assert.equal(await cleo.at("drop-zone").count(), 0);
  await ada.at("room-menu").click();
  await ada.at("room-members").click();
  assert.ok(await member(ada, "ada@example.com").getByTestId("member-role").isDisabled(), "the last owner stays");
  await member(ada, "ben@example.com").getByTestId("member-role").selectOption("viewer");
  await ben.at("prompt").waitFor({ state: "detached" });
  await picture(ada, "members");
  await member(ada, "ben@example.com").getByTestId("member-role").selectOption("editor");
  await ben.at("prompt").waitFor();
  await ada.page.keyboard.press("Escape");
  await ben.at("members").click();
  await ben.page.getByText("Only the owners of this room").waitFor();
  assert.equal(await ben.at("member-role").count() + await ben.at("invite-email").count(), 0);
  await picture(ben, "members-not-owner");
  await ben.page.keyboard.press("Escape");
}

export async function words({ ada, ben, cleo, picture, until }) {
  const said = (one, text) => one.at("chat-message").filter({ hasText: text });
  await ada.say("First thougt");
  await ben.hears("First thougt");
  assert.equal(await said(ben, "First thougt").getByTestId("message-edit").count(), 0, "others' words are theirs");
  await said(ada, "First thougt").hover();
  await said(ada, "First thougt").getByTestId("message-edit").click();
  await ada.at("message-text").fill("Another");
  await ada.at("message-text").press("Escape");
  await ada.hears("First thougt");
  await said(ada, "First thougt").getByTestId("message-edit").focus();
  await ada.page.keyboard.press("Enter");
  await ada.at("message-text").fill("First thought");
  await picture(ada, "message-edit", "chat");
  await ada.at("message-text").press("Enter");
  await ben.hears("First thought");
  await said(ben, "First thought").getByTestId("message-edited").waitFor();
  await ben.say("Never mind this");
  await cleo.hears("Never mind this");
  await said(ada, "Never mind this").hover();
  assert.equal(await said(cleo, "Never mind this").getByTestId("message-delete").count(), 0);
  // An owner takes others' words back, without a hand in them.
  assert.equal(await said(ada, "Never mind this").getByTestId("message-edit").count(), 0);
  await said(ada, "Never mind this").getByTestId("message-delete").click();
  await ada.at("confirm").waitFor();
  await picture(ada, "message-delete");
  await ada.at("confirm-yes").click();
  for (const one of [ada, ben, cleo]) await one.at("message-gone").waitFor();
  await ben.page.reload();
  await ben.live();
  await ben.at("message-gone").waitFor();
  await said(ben, "First thought").getByTestId("message-edited").waitFor();
  await until("its words are nowhere", async () => !(await ben.page.content()).includes("Never mind this"));
  await picture(ben, "messages", "chat");
}

export async function dialogs({ ada, gate, picture, until }) {
  const { page } = ada;
  const inside = () => page.evaluate(() => document.activeElement?.closest("dialog") !== null && document.activeElement !== document.body);
  await ada.at("members").focus();
  await page.keyboard.press("Enter");
  await ada.at("members-dialog").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.dataset.testid), "invite-email");
  for (let n = 0; n < 30; n += 1) {
    await page.keyboard.press("Tab");
    // The browser's own bar is between the last and the first.
    assert.ok(await inside() || await page.evaluate(() => document.activeElement === document.body), "the focus stays in the dialog");
  }
  const nameless = await page.evaluate(() => [...document.querySelectorAll("dialog button, dialog input, dialog select")]
    .filter((control) => !control.getAttribute("aria-label") && !control.textContent.trim() && !control.labels?.length).length);
  assert.equal(nameless, 0, "every control has a name");
  await gate.cut();
  await page.getByText("No connection. What you do here").waitFor();
  await picture(ada, "dialog-no-connection");
  await gate.open();
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await page.getByText("No connection. What you do here").waitFor({ state: "detached" });
  await page.keyboard.press("Escape");
  await ada.at("members-dialog").waitFor({ state: "detached" });
  await until("the focus is back", () => page.evaluate(() => document.activeElement?.dataset.testid === "members"));
}

export async function rename({ ada, ben, picture }) {
  await ada.at("room-menu").click();
  await picture(ada, "room-menu");
  await ada.at("room-rename").click();
  await ada.at("room-name").fill("Figures");
  await ada.at("room-description").fill("What we look at on Mondays");
  await picture(ada, "room-rename");
  await ada.at("room-name").press("Enter");
  for (const one of [ada, ben]) {
    await one.page.getByRole("heading", { name: "Figures" }).waitFor();
    await one.page.locator('h1[title*="What we look at on Mondays"]').waitFor();
  }
  await ben.at("room-menu").click();
  assert.equal(await ben.at("room-delete").count() + await ben.at("room-rename").count(), 0, "only owners do");
  await ben.page.keyboard.press("Escape");
}

export async function leave({ ada, ben, cleo, picture }) {
  await ada.at("room-menu").click();
  assert.equal(await ada.at("room-leave").getAttribute("aria-disabled"), "true");
  await ada.at("room-members").click();
  await member(ada, "cleo@example.com").getByTestId("member-remove").click();
  await ada.at("confirm").waitFor();
  await picture(ada, "member-remove");
  await cleo.page.goto(`${new URL(ada.page.url()).origin}/#/room/${ada.place().room}`);
  await cleo.at("chat-input").waitFor();
  await ada.at("confirm-yes").click();
  await member(ada, "cleo@example.com").waitFor({ state: "detached" });
  await cleo.page.getByText("This room cannot be opened").waitFor();
  await picture(cleo, "removed");
  await ada.page.keyboard.press("Escape");

  await ben.at("room-menu").click();
  await ben.at("room-leave").click();
  await picture(ben, "leave");
  await ben.at("confirm-yes").click();
  await ben.page.getByText("No rooms yet.").waitFor();
}

export async function remove({ ada, picture }) {
  await ada.page.goto(`${new URL(ada.page.url()).origin}/#/`);
  await ada.at("room-item").waitFor();
  await picture(ada, "rooms");
  await ada.at("room-item-menu").click();
  await ada.at("room-delete").click();
  const goes = await ada.at("what-goes").textContent();
  assert.match(goes, /dashboard/);
  assert.match(goes, /public links/);
  assert.match(goes, /files? stays?|files stay/);
  await picture(ada, "room-delete");
  await ada.at("confirm-yes").click();
  await ada.page.getByText("No rooms yet.").waitFor();
  assert.deepEqual((await ada.call("room.list", {})).rooms, []);
}
