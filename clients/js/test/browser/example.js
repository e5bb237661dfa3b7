import { Proxy } from "../support/proxy.js";
import { APP, Server } from "../support/server.js";
import { until } from "../support/until.js";
import { newPage, serveFiles } from "./chromium.js";

/** The example page of an account, in a browser, and what it shows. */
export class ExamplePage {
  /** @param {import("playwright-core").Page} page */
  constructor(page) {
    this.page = page;
  }

  /**
   * Opens the page at a URL.
   * @param {import("node:test").TestContext} t
   * @param {string} url
   * @param {import("playwright-core").BrowserContextOptions} [options]
   */
  static async open(t, url, options) {
    const opened = new ExamplePage(await newPage(t, { ignoreHTTPSErrors: true, ...options }));
    await opened.page.goto(url);
    return opened;
  }

  /** The folders, as `Work 2`, and the conversations that are listed, as `bob favourite pin`. */
  shown() {
    return this.page.evaluate(() => {
      /** @param {Element} element @param {string} part */
      const text = (element, part) => element.querySelector(part)?.textContent;
      return {
        folders: [...document.querySelectorAll("#folders > li")].map((entry) => `${text(entry, ".name")} ${text(entry, ".count")}`),
        conversations: [...document.querySelectorAll("#conversations > li")].map((row) => {
          const pressed = [...row.querySelectorAll("[aria-pressed=true]")].map((button) => button.getAttribute("data-does"));
          return [text(row, ".name"), ...pressed].join(" ");
        }),
      };
    });
  }

  /** Waits until a text is shown as the state of the connection. @param {string} text */
  status(text) {
    return this.page.locator("#status").getByText(text, { exact: true }).waitFor();
  }

  /** Opens a folder. @param {string} name */
  choose(name) {
    return this.page.locator("#folders").getByText(name, { exact: true }).click();
  }

  /** Clicks a button of a conversation. @param {string} name @param {string} button */
  press(name, button) {
    const row = this.page.locator("#conversations > li", { has: this.page.getByText(name, { exact: true }) });
    return row.getByTitle(button).click();
  }

  /** Creates a folder, by the keyboard. @param {string} name */
  async create(name) {
    await this.page.locator("#create").press("Enter");
    await this.page.locator("#naming input").fill(name);
    await this.page.keyboard.press("Enter");
  }
}

/**
 * A server, a way to it, and the URL of the example page of alice, which talks to the server that way. `app` holds
 * further lines of the app's configuration; signatures are valid for so many seconds.
 * @param {import("node:test").TestContext} t
 * @param {{ app?: string, seconds?: number, tls?: boolean }} [options]
 */
export async function setUp(t, { app = "", seconds = 3600, tls = false } = {}) {
  const server = await Server.start(t, { accounts: ["alice", "bob", "carol"], app, tls });
  const proxy = await Proxy.start(t, server);
  const origin = await serveFiles(t, (account) => server.signature(account, seconds));
  const url = `${origin}/example/?app=${APP}&account=alice&server=${server.scheme}://127.0.0.1:${proxy.port}`;
  return { server, proxy, url };
}

/**
 * Waits until each page shows exactly this; fails with what one shows instead.
 * @param {ExamplePage[]} pages
 * @param {{ folders: string[], conversations: string[] }} expected
 */
export async function allShow(pages, expected) {
  for (const page of pages) {
    let shown = "";
    await until("what a page shows", async () => {
      shown = JSON.stringify(await page.shown());
      return shown === JSON.stringify(expected);
    }).catch(() => {
      throw new Error(`a page shows ${shown}, not ${JSON.stringify(expected)}`);
    });
  }
}
