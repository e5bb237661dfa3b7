import { PinfoldClient } from "../../dist/index.js";
import { APP } from "./server.js";

/**
 * A client of an account, which the test's end stops. `way` is the server, or a proxy before it.
 * @param {import("node:test").TestContext} t
 * @param {import("./server.js").Server} server
 * @param {Partial<import("../../dist/index.js").ClientOptions> & { way?: { port: number } }} [options]
 */
export function clientOf(t, server, { way = server, ...options } = {}) {
  const userID = options.userID ?? "alice";
  const signature = server.signature(userID);
  const client = new PinfoldClient({
    server: `http://127.0.0.1:${way.port}`,
    SDKAppID: APP,
    userID,
    userSig: () => signature,
    ...options,
  });
  t.after(() => client.stop());
  return client;
}

/**
 * A client that keeps its state in step.
 * @param {Parameters<typeof clientOf>} args
 */
export async function startedClientOf(...args) {
  const client = clientOf(...args);
  await client.start();
  return client;
}

/**
 * What a client shows.
 * @param {PinfoldClient} client
 */
export function shown({ groups, conversations }) {
  return { groups, conversations };
}
