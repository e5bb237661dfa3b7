import { existsSync } from "node:fs";
import { after, before, describe } from "node:test";
import { chromium } from "playwright-core";
import { createPage } from "../../example/serve.js";
import { TIMEOUT_MS } from "../support/until.js";

/** Debian's, or the one that the environment names. None is downloaded. */
const PROGRAM = process.env.PINFOLD_TEST_CHROMIUM ?? "/usr/bin/chromium";
const skip = existsSync(PROGRAM) ? false : `${PROGRAM} is not installed`;
if (skip && process.env.PINFOLD_TEST_REQUIRE_PROGRAMS) throw new Error(skip);

/** It has no sandbox, as it may run as root in a container, and talks to loopback only as far as it can be told. */
const ARGUMENTS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

/**
 * Tests that need a browser, some at a time: most of them wait. Where none is installed they are skipped, and fail in CI.
 * @param {string} name
 * @param {() => void} tests
 */
export function inChromium(name, tests) {
  describe(name, { concurrency: 4, timeout: 5 * TIMEOUT_MS, skip }, () => {
    before(async () => {
      browser = await chromium.launch({ executablePath: PROGRAM, args: ARGUMENTS, timeout: TIMEOUT_MS });
    });
    after(() => browser?.close());
    tests();
  });
}

/** @type {import("playwright-core").Browser | undefined} */
let browser;

/**
 * A page with cookies and connections of its own, until the test `t` ends.
 * @param {import("node:test").TestContext} t
 * @param {import("playwright-core").BrowserContextOptions} [options]
 */
export async function newPage(t, options) {
  if (!browser) throw new Error("no browser runs");
  const context = await browser.newContext(options);
  t.after(() => context.close());
  context.setDefaultTimeout(TIMEOUT_MS);
  return context.newPage();
}

/**
 * Serves the files of `clients/js` from an origin that is not the service's, until the test `t` ends; the origin.
 * @param {import("node:test").TestContext} t
 * @param {(account: string) => string} [signatureOf]
 */
export async function serveFiles(t, signatureOf = () => "") {
  const listener = createPage(signatureOf);
  await new Promise((resolve) => listener.listen(0, "127.0.0.1", () => resolve(undefined)));
  t.after(() => listener.close());
  return `http://localhost:${/** @type {import("node:net").AddressInfo} */ (listener.address()).port}`;
}
