// What docs/live-clients.md says of a browser's own `EventSource`, without the library.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inChromium, newPage, serveFiles } from "./chromium.js";
import { Proxy } from "../support/proxy.js";
import { Server } from "../support/server.js";
import { until } from "../support/until.js";

/** @typedef {"open" | "closed" | "reset" | number} Told a number is the revision of a change */

/** What a page is told by an `EventSource` of its own. */
class Watched {
  #told;

  /** @param {import("playwright-core").JSHandle<Told[]>} told */
  constructor(told) {
    this.#told = told;
  }

  /** @param {import("playwright-core").Page} page @param {string} url */
  static async begin(page, url) {
    return new Watched(await page.evaluateHandle((url) => {
      /** @type {Told[]} */
      const told = [];
      const watch = new EventSource(url);
      watch.addEventListener("open", () => told.push("open"));
      watch.addEventListener("change", ({ data }) => told.push(JSON.parse(data).Revision));
      watch.addEventListener("reset", () => told.push("reset"));
      watch.addEventListener("error", () => watch.readyState === EventSource.CLOSED && told.push("closed"));
      return told;
    }, url));
  }

  /**
   * Waits until exactly this was told.
   * @param {Told[]} expected
   */
  async await(...expected) {
    /** @type {Told[]} */
    let told = [];
    const isTold = async () => {
      told = await this.#told.evaluate((told) => told);
      return told.length >= expected.length;
    };
    // The comparison says more than that the time is over.
    await until("what is told", isTold).catch(() => undefined);
    assert.deepEqual(told, expected);
  }
}

/**
 * A server of alice and bob, a way to it, and an empty page of another origin.
 * @param {import("node:test").TestContext} t
 * @param {boolean} tls
 */
async function setUp(t, tls) {
  const server = await Server.start(t, { accounts: ["alice", "bob"], tls });
  const proxy = await Proxy.start(t, server);
  const origin = await serveFiles(t);
  const page = await newPage(t, { ignoreHTTPSErrors: true });
  await page.goto(`${origin}/test/browser/empty.html`);
  const url = `${server.scheme}://127.0.0.1:${proxy.port}/v4/pinfold/watch?${server.query("alice")}`;
  return { server, proxy, page, url };
}

let marks = 0;

/**
 * Changes alice's account. Her import was revision 1, so the first mark of a test is revision 2.
 * @param {Server} server
 */
async function mark(server) {
  const MarkItem = [{ OptType: 2, ContactItem: { Type: 1, To_Account: "bob" }, CustomMark: `mark ${(marks += 1)}` }];
  await server.call("recentcontact/mark_contact", { From_Account: "alice", MarkItem });
}

/**
 * Deletes alice's account.
 * @param {Server} server
 */
async function remove(server) {
  await server.call("im_open_login_svc/account_delete", { DeleteItem: [{ UserID: "alice" }] });
}

/**
 * Imports another account of the name that was deleted.
 * @param {Server} server
 */
async function importAnew(server) {
  await server.call("im_open_login_svc/account_import", { UserID: "alice" });
}

for (const tls of [false, true]) {
  const protocol = tls ? "h2" : "http/1.1";
  inChromium(`a browser's EventSource over ${protocol}`, () => {
    test("a page of another origin is told of changes", async (t) => {
      const { server, page, url } = await setUp(t, tls);
      const spoken = await protocols(page);
      const watched = await Watched.begin(page, url);
      await watched.await("open");
      await mark(server);
      await mark(server);
      await watched.await("open", 2, 3);
      assert.deepEqual([...spoken], [protocol]);
    });

    test("misses nothing and is told nothing twice when its connection is cut", async (t) => {
      const { server, proxy, page, url } = await setUp(t, tls);
      const watched = await Watched.begin(page, url);
      await watched.await("open");
      await mark(server);
      await watched.await("open", 2);
      proxy.close();
      await mark(server);
      await mark(server);
      proxy.open();
      await watched.await("open", 2, "open", 3, 4);
    });

    for (const signal of /** @type {const} */ (["SIGTERM", "SIGKILL"])) {
      test(`misses nothing and is told nothing twice when the server is restarted after ${signal}`, async (t) => {
        const { server, page, url } = await setUp(t, tls);
        const watched = await Watched.begin(page, url);
        await watched.await("open");
        await mark(server);
        await watched.await("open", 2);
        await server.end(signal);
        await server.begin();
        await mark(server);
        await watched.await("open", 2, "open", 3);
      });
    }

    test("is told to load anew when the account is deleted, and when there is another one of its name", async (t) => {
      const { server, proxy, page, url } = await setUp(t, tls);
      const watched = await Watched.begin(page, url);
      await watched.await("open");
      await remove(server);
      await watched.await("open", "reset");
      // It comes back after three seconds, and would be refused for good if there were no account by then.
      proxy.close();
      await importAnew(server);
      proxy.open();
      await watched.await("open", "reset", "open", "reset");
      await mark(server);
      await watched.await("open", "reset", "open", "reset", 2);
    });

    test("is told to load anew when the account became another one meanwhile", async (t) => {
      const { server, proxy, page, url } = await setUp(t, tls);
      const watched = await Watched.begin(page, url);
      await watched.await("open");
      proxy.close();
      await remove(server);
      await importAnew(server);
      await mark(server);
      proxy.open();
      await watched.await("open", "open", "reset");
      await mark(server);
      await watched.await("open", "open", "reset", 3);
    });

    test("a refusal closes it for good, and a fetch of the same URL reads why", async (t) => {
      const { server, page, url } = await setUp(t, tls);
      await remove(server);
      const watched = await Watched.begin(page, url);
      await watched.await("closed");
      const answer = await page.evaluate((url) => fetch(url).then((answer) => answer.json()), url);
      assert.equal(answer.ErrorCode, 50001);
    });

    if (tls) test("shares one connection with seven others and a call", async (t) => {
      const { server, proxy, page, url } = await setUp(t, tls);
      const first = await Watched.begin(page, url);
      await first.await("open");
      const watches = [first, ...await Promise.all(Array.from({ length: 7 }, () => Watched.begin(page, url)))];
      for (const watched of watches) await watched.await("open");
      const list = url.replace("/watch?", "/list_groups?");
      const call = (/** @type {string} */ url) => fetch(url, { method: "POST", body: "{}" }).then((answer) => answer.json());
      assert.equal((await page.evaluate(call, list)).ErrorCode, 0);
      await mark(server);
      for (const watched of watches) await watched.await("open", 2);
      assert.equal(proxy.connections, 1);
    });
  });
}

/**
 * Collects the protocols of the event streams that a page is answered with.
 * @param {import("playwright-core").Page} page
 */
async function protocols(page) {
  /** @type {Set<string | undefined>} */
  const spoken = new Set();
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  session.on("Network.responseReceived", ({ response }) => {
    if (response.mimeType === "text/event-stream") spoken.add(response.protocol);
  });
  return spoken;
}
