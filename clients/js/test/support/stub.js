import { createServer } from "node:http";

/**
 * A server that answers as it is told, until the test ends; where it listens.
 * @param {import("node:test").TestContext} t
 * @param {import("node:http").RequestListener} listener
 */
export async function stub(t, listener) {
  const server = createServer(listener);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return `http://127.0.0.1:${port}`;
}
