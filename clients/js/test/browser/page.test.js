// What the example page makes of what it is told.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { inChromium } from "./chromium.js";
import { ExamplePage, allShow, setUp } from "./example.js";

/** Conversations with accounts of these names, as calls name them. @param {string[]} names */
const conversations = (names) => names.map((To_Account) => ({ Type: 1, To_Account }));

/**
 * Has alice's backend create a folder with conversations.
 * @param {import("../support/server.js").Server} server
 * @param {string} GroupName
 * @param {string[]} names
 */
async function create(server, GroupName, names) {
  for (let at = 0; at === 0 || at < names.length; at += 100) {
    const GroupContactItem = [{ GroupName, ContactItem: conversations(names.slice(at, at + 100)) }];
    await server.call("recentcontact/create_contact_group", { From_Account: "alice", GroupContactItem });
  }
}

/** Any account can be talked to. */
const ANY = 'accounts = "any"';
/** From the first request to a list that can be scrolled and clicked. It takes a second where nothing else runs. */
const LOAD_MS_MAX = 20_000;
/** What a change of one conversation may touch of the page, whatever the number of conversations: itself, and counts. */
const MUTATIONS_MAX = 10;

inChromium("the example page", () => {
  test("shows a thousand conversations soon, and touches little of them when one changes", async (t) => {
    const { server, url } = await setUp(t, { app: ANY });
    const names = Array.from({ length: 1000 }, (_, number) => `friend-${String(number).padStart(4, "0")}`);
    await create(server, "Everyone", names);

    const began = performance.now();
    const page = await ExamplePage.open(t, url);
    await page.page.locator("#conversations > li").nth(999).waitFor({ state: "attached" });
    const loaded = performance.now() - began;
    await allShow([page], { folders: ["Everyone 1000"], conversations: names });

    t.diagnostic(`loaded in ${Math.round(loaded)} ms`);
    assert.ok(loaded < LOAD_MS_MAX, `it took ${loaded} ms to load`);

    const touched = await page.page.evaluateHandle(() => {
      const touched = { count: 0 };
      const observer = new MutationObserver((records) => (touched.count += records.length));
      observer.observe(document.body, { attributes: true, childList: true, characterData: true, subtree: true });
      return touched;
    });
    await page.press("friend-0999", "Favourite");
    await page.page.locator("#conversations > li:last-child [aria-pressed=true]").waitFor();
    const { count } = await touched.jsonValue();
    assert.ok(count > 0 && count <= MUTATIONS_MAX, `${count} places of the page were touched`);
  });

  test("shows HTML in texts that people chose as text", async (t) => {
    const html = "<img src=x onerror=alert(1)>";
    const { server, url } = await setUp(t, { app: ANY });
    await create(server, html, ["bob"]);
    const MarkItem = [{ OptType: 2, ContactItem: conversations(["bob"])[0], CustomMark: html }];
    await server.call("recentcontact/mark_contact", { From_Account: "alice", MarkItem });
    const page = await ExamplePage.open(t, url);
    await allShow([page], { folders: [`${html} 1`], conversations: ["bob"] });
    assert.equal(await page.page.locator("#conversations .note").textContent(), `${html} · ${html}`);

    await page.press("bob", "Folders");
    assert.equal(await page.page.locator("#membership li").textContent(), html);
    await page.page.keyboard.press("Escape");
    await page.choose(html);
    assert.equal(await page.page.locator("#title").textContent(), html);
    await page.page.locator("#delete").click();
    await page.page.getByText(`“${html}” was deleted.`).waitFor();
    assert.equal(await page.page.locator("img").count(), 0);
  });

  test("takes a conversation that is dragged to a folder, or put there by the keyboard", async (t) => {
    const { server, url } = await setUp(t);
    await create(server, "Friends", ["bob"]);
    await create(server, "Work", []);
    await create(server, "Later", []);
    const page = await ExamplePage.open(t, url);
    await page.status("Live");
    const row = page.page.locator("#conversations > li");
    await row.dragTo(page.page.locator("#folders").getByText("Work", { exact: true }));
    await allShow([page], { folders: ["Friends 1", "Work 1", "Later 0"], conversations: ["bob"] });

    await row.getByTitle("Folders").press("Enter");
    await page.page.locator("#membership").getByLabel("Later").press("Space");
    await page.page.locator("#membership").getByLabel("Friends").press("Space");
    await page.page.keyboard.press("Escape");
    await allShow([page], { folders: ["Friends 0", "Work 1", "Later 1"], conversations: ["bob"] });
  });

  test("keeps the keyboard's place when a conversation moves, and offers to undo what it deletes", async (t) => {
    const { server, url } = await setUp(t);
    await create(server, "Work", ["bob", "carol"]);
    const page = await ExamplePage.open(t, url);
    await page.choose("Work");
    await page.page.locator("#conversations > li:last-child").getByTitle("Pinned").press("Enter");
    await allShow([page], { folders: ["Work 2"], conversations: ["carol pin", "bob"] });
    await page.page.keyboard.press("Enter");
    await allShow([page], { folders: ["Work 2"], conversations: ["bob", "carol"] });

    await page.page.locator("#delete").press("Enter");
    await page.page.locator("#remedy:focus").press("Enter");
    await allShow([page], { folders: ["Work 2"], conversations: ["bob", "carol"] });
  });

  test("says why a change is refused, and stays as it was", async (t) => {
    const { server, url } = await setUp(t);
    await create(server, "Work", []);
    const page = await ExamplePage.open(t, url);
    await page.choose("Work");
    await page.page.locator("#add input").fill("a stranger");
    await page.page.keyboard.press("Enter");
    await page.page.locator("#notice").getByText("stranger").waitFor();
    await allShow([page], { folders: ["Work 0"], conversations: [] });
  });

  test("calls without preflight requests", async (t) => {
    const { server, proxy, url } = await setUp(t);
    await create(server, "Work", ["bob"]);
    const page = await ExamplePage.open(t, url);
    await page.press("bob", "Favourite");
    await allShow([page], { folders: ["Work 1"], conversations: ["bob favourite"] });
    assert.equal(proxy.preflights, 0);

    // They would be seen.
    const headers = { "X-Requested-With": "a test" };
    const service = `http://127.0.0.1:${proxy.port}/v4/pinfold/list_groups`;
    await page.page.evaluate(([url, headers]) => fetch(url, { method: "POST", headers }), /** @type {const} */ ([service, headers]));
    assert.equal(proxy.preflights, 1);
  });

  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    test(`fits a telephone, ${colorScheme}`, async (t) => {
      const { server, url } = await setUp(t);
      await create(server, "A name as long as names can be !", ["bob"]);
      const page = await ExamplePage.open(t, url, { colorScheme, viewport: { width: 375, height: 700 } });
      await page.choose("A name as long as names can be !");
      await allShow([page], { folders: ["A name as long as names can be ! 1"], conversations: ["bob"] });
      const wide = await page.page.evaluate(() => (
        [...document.querySelectorAll("body, main, #conversations, .marks button")].filter((element) => (
          element.scrollWidth > element.clientWidth || element.getBoundingClientRect().right > innerWidth
        )).map(({ tagName }) => tagName)
      ));
      assert.deepEqual(wide, []);
    });
  }
});

const SCREENSHOT = fileURLToPath(new URL("../../example/screenshot.png", import.meta.url));
const SCREENSHOT_BYTES_MAX = 150_000;
const VIEWPORT = { width: 960, height: 480 };

inChromium("the screenshot of the example page", () => {
  test("is one of this page: UPDATE_EXPECT=1 takes it anew", async (t) => {
    const { server, url } = await setUp(t, { app: ANY });
    await create(server, "Work", ["bob", "carol", "dieter", "erin"]);
    await create(server, "Family", ["mum", "dad"]);
    await create(server, "Book club", ["carol", "frank", "grace"]);
    const From_Account = "alice";
    const [bob, carol, dieter] = conversations(["bob", "carol", "dieter"]);
    await server.call("recentcontact/mark_contact", { From_Account, MarkItem: [
      { OptType: 1, ContactItem: carol, SetMark: [0] },
      { OptType: 1, ContactItem: bob, SetMark: [1] },
      { OptType: 2, ContactItem: dieter, CustomMark: "back on Monday" },
    ] });
    await server.call("recentcontact/top", { From_Account, OperationType: 1, RecentContactItem: [carol] });

    const page = await ExamplePage.open(t, url, { viewport: VIEWPORT });
    await page.choose("Work");
    const folders = ["Work 4", "Family 2", "Book club 3"];
    await allShow([page], { folders, conversations: ["carol favourite pin", "bob unread", "dieter", "erin"] });
    await page.page.mouse.move(0, 0);
    const taken = await page.page.screenshot();
    if (process.env.UPDATE_EXPECT) writeFileSync(SCREENSHOT, taken);
    const kept = readFileSync(SCREENSHOT);
    assert.ok(kept.length < SCREENSHOT_BYTES_MAX, `it has ${kept.length} bytes`);
    assert.deepEqual({ width: kept.readUInt32BE(16), height: kept.readUInt32BE(20) }, VIEWPORT);
  });
});
