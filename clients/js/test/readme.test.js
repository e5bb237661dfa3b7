import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import test from "node:test";
import { formatWithOptions } from "node:util";
import { Server } from "./support/server.js";

const README = readFileSync(new URL("../README.md", import.meta.url), "utf8");
// In the package, so that it imports the package by its name.
const PROGRAM = new URL("../dist/readme.mjs", import.meta.url);

/** @param {string} language */
function blocks(language) {
  const found = README.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, "gm"));
  return [...found].map(([, block]) => block);
}

test("the blocks of the README run in their order, and print what it says", async (t) => {
  const server = await Server.start(t, { accounts: ["alice", "bob"] });
  const program = blocks("js").join("").replace("https://chat.example", `http://127.0.0.1:${server.port}`);
  writeFileSync(PROGRAM, program);
  t.after(() => rmSync(PROGRAM));
  /** @type {string[]} */
  const printed = [];
  t.mock.method(console, "log", (/** @type {unknown[]} */ ...values) => {
    printed.push(`${formatWithOptions({}, ...values)}\n`);
  });
  const { fetch } = globalThis;
  t.mock.method(globalThis, "fetch", (/** @type {string} */ url, /** @type {RequestInit} */ init) => {
    return url === "/user-sig" ? new Response(server.signature("alice")) : fetch(url, init);
  });
  await import(PROGRAM.href);
  assert.equal(printed.join(""), blocks("text").join(""));
});
