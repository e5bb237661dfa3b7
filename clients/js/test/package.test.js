import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

/** @param {string} path */
const read = (path) => readFileSync(new URL(`../${path}`, import.meta.url));

test("the whole client has less than 15 KB when it is minified", () => {
  const { length } = read("dist/pinfold-client.min.js");
  assert.ok(length < 15 * 1024, `it has ${length} bytes`);
});

test("the package depends on nothing at run time", () => {
  assert.equal(JSON.parse(read("package.json").toString()).dependencies, undefined);
});

test("the lock file names no registry", () => {
  assert.doesNotMatch(read("package-lock.json").toString(), /"resolved"/);
});
