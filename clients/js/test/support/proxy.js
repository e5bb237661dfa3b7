import { connect, createServer } from "node:net";

/** A way to a server that a test can cut. Its port stays the same while the server's changes. */
export class Proxy {
  /** @type {Set<import("node:net").Socket>} */
  #connections = new Set();
  #isOpen = true;
  /** Requests of browsers whether they may call, as far as they are not encrypted. */
  preflights = 0;
  /** @type {import("node:net").Server} */
  #listener;

  /** @param {{ port: number }} server */
  constructor(server) {
    this.#listener = createServer((near) => this.#accept(near, server.port));
  }

  /**
   * One that passes on to the port that `server` has at the time, until the test `t` ends.
   * @param {import("node:test").TestContext} t
   * @param {{ port: number }} server
   */
  static async start(t, server) {
    const proxy = new Proxy(server);
    await new Promise((resolve) => proxy.#listener.listen(0, "127.0.0.1", () => resolve(undefined)));
    t.after(() => proxy.#stop());
    return proxy;
  }

  get port() {
    return /** @type {import("node:net").AddressInfo} */ (this.#listener.address()).port;
  }

  /** How many connections it passes on. */
  get connections() {
    return this.#connections.size;
  }

  /**
   * @param {import("node:net").Socket} near
   * @param {number} port
   */
  #accept(near, port) {
    if (!this.#isOpen) return void near.destroy();
    const far = connect(port, "127.0.0.1");
    this.#connections.add(near);
    near.pipe(far).on("error", () => near.destroy()).on("close", () => near.destroy());
    far.pipe(near).on("error", () => far.destroy()).on("close", () => far.destroy());
    near.on("data", (data) => (this.preflights += Number(data.toString("latin1", 0, 8) === "OPTIONS ")));
    near.on("close", () => this.#connections.delete(near));
  }

  /** Cuts every connection in the middle of what it carries. */
  cut() {
    for (const connection of this.#connections) connection.destroy();
  }

  /** Cuts every connection, and takes none until `open`. */
  close() {
    this.#isOpen = false;
    this.cut();
  }

  open() {
    this.#isOpen = true;
  }

  #stop() {
    this.close();
    this.#listener.close();
  }
}
