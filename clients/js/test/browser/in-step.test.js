// Two pages of one account, which are told of each other's changes whatever happens in between.
import { test } from "node:test";
import { until } from "../support/until.js";
import { inChromium } from "./chromium.js";
import { ExamplePage, allShow, setUp } from "./example.js";

/**
 * Two pages that are live.
 * @param {import("node:test").TestContext} t
 * @param {string} url
 */
async function openTwo(t, url) {
  /** @type {[ExamplePage, ExamplePage]} */
  const pages = [await ExamplePage.open(t, url), await ExamplePage.open(t, url)];
  for (const page of pages) await page.status("Live");
  return pages;
}

/**
 * Has alice's backend put a conversation into a folder, past the pages' way.
 * @param {import("../support/server.js").Server} server
 * @param {string} GroupName
 * @param {string} To_Account
 */
function add(server, GroupName, To_Account) {
  const GroupContactItem = [{ GroupName, ContactItem: [{ Type: 1, To_Account }] }];
  return server.call("recentcontact/create_contact_group", { From_Account: "alice", GroupContactItem });
}

inChromium("two pages of one account", () => {
  for (const tls of [false, true]) {
    test(`show what the other does, over ${tls ? "HTTP/2" : "HTTP/1.1"}`, async (t) => {
      const { url } = await setUp(t, { tls });
      const pages = await openTwo(t, url);
      const [one, other] = pages;

      await one.create("Work");
      await allShow(pages, { folders: ["Work 0"], conversations: [] });
      await one.page.locator("#add input").fill("bob");
      await one.page.keyboard.press("Enter");
      await allShow(pages, { folders: ["Work 1"], conversations: ["bob"] });
      await other.press("bob", "Favourite");
      await other.press("bob", "Pinned");
      await one.press("bob", "Unread");
      await allShow(pages, { folders: ["Work 1"], conversations: ["bob unread favourite pin"] });
      await one.page.locator("#rename").click();
      await one.page.locator("#naming input").fill("Office");
      await one.page.keyboard.press("Enter");
      await allShow(pages, { folders: ["Office 1"], conversations: ["bob unread favourite pin"] });
      await other.choose("Office");
      await one.page.locator("#delete").click();
      await allShow(pages, { folders: [], conversations: ["bob unread favourite pin"] });
      await other.page.getByText("“Office” was deleted.").waitFor();
      await other.page.getByText("Undo").click();
      await allShow(pages, { folders: ["Office 1"], conversations: ["bob unread favourite pin"] });
    });
  }

  test("stay in step through connections that are lost", async (t) => {
    const { server, proxy, url } = await setUp(t);
    const pages = await openTwo(t, url);
    for (const round of [1, 2, 3]) {
      proxy.close();
      for (const page of pages) await page.status("Connecting…");
      await add(server, `Missed ${round}`, "bob");
      proxy.open();
      await pages[0].status("Live");
      await pages[0].create(`Made ${round}`);
      // A call that is cut before it is answered fails, and is not made again.
      await until("the folder", async () => (await pages[0].shown()).folders.includes(`Made ${round} 0`));
      proxy.cut();
    }
    const folders = [1, 2, 3].flatMap((round) => [`Missed ${round} 1`, `Made ${round} 0`]);
    await allShow([pages[1]], { folders, conversations: ["bob"] });
  });

  for (const signal of /** @type {const} */ (["SIGTERM", "SIGKILL"])) {
    test(`stay in step when the server is restarted after ${signal}`, async (t) => {
      const { server, url } = await setUp(t);
      const pages = await openTwo(t, url);
      await add(server, "Before", "bob");
      await allShow(pages, { folders: ["Before 1"], conversations: ["bob"] });
      await server.end(signal);
      await server.begin();
      await add(server, "After", "carol");
      await allShow(pages, { folders: ["Before 1", "After 1"], conversations: ["bob", "carol"] });
    });
  }

  test("go on with another signature when theirs expires", async (t) => {
    const { server, url } = await setUp(t, { seconds: 4 });
    const pages = await openTwo(t, url);
    let renewals = 0;
    pages[0].page.on("request", (request) => (renewals += Number(request.url().includes("/signature?"))));
    await until("a third signature", () => renewals >= 2);
    await add(server, "Later", "bob");
    await allShow(pages, { folders: ["Later 1"], conversations: ["bob"] });
    await pages[0].create("Still allowed");
    await allShow([pages[1]], { folders: ["Later 1", "Still allowed 0"], conversations: ["bob"] });
  });

  test("end with the account, and begin anew with another of its name", async (t) => {
    const { server, url } = await setUp(t);
    const pages = await openTwo(t, url);
    await add(server, "Work", "bob");
    await allShow(pages, { folders: ["Work 1"], conversations: ["bob"] });
    await server.call("im_open_login_svc/account_delete", { DeleteItem: [{ UserID: "alice" }] });
    for (const page of pages) await page.status("Ended");
    await allShow(pages, { folders: [], conversations: [] });

    await server.call("im_open_login_svc/account_import", { UserID: "alice" });
    for (const page of pages) await page.page.getByText("Try again").click();
    for (const page of pages) await page.status("Live");
    await add(server, "Another", "carol");
    await allShow(pages, { folders: ["Another 1"], conversations: ["carol"] });
  });
});
