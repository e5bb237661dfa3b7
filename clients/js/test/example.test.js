import assert from "node:assert/strict";
import { request } from "node:http";
import test from "node:test";
import { createPage } from "../example/serve.js";

/**
 * The status of an answer of the example's server, asked by this path and under this name.
 * @param {import("node:test").TestContext} t
 * @param {string} path
 * @param {string} host
 */
async function statusOf(t, path, host) {
  const server = createPage(() => "a signature");
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  t.after(() => server.close());
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: "127.0.0.1", path, headers: { host }, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    sent.on("error", reject).end();
  });
}

for (const host of ["127.0.0.1:8000", "localhost:8000", "localhost"]) {
  test(`the example gives a signature to a page of ${host}`, async (t) => {
    assert.equal(await statusOf(t, "/signature?account=alice", host), 200);
  });
}

for (const host of ["evil.example", "127.0.0.1.evil.example:8000", "[::1]", ":"]) {
  test(`the example gives no signature to a page of ${host}`, async (t) => {
    assert.notEqual(await statusOf(t, "/signature?account=alice", host), 200);
  });
}

test("the example outlives a path that is none", async (t) => {
  assert.notEqual(await statusOf(t, "//", "localhost"), 200);
});
