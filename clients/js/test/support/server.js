import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { TIMEOUT_MS } from "./until.js";

const PINFOLD = process.env.PINFOLD_BIN ?? fileURLToPath(new URL("../../../../target/debug/pinfold", import.meta.url));
/** The app of every test. */
export const APP = 1400000001;
const KEY = "a-made-up-key-for-the-tests-of-the-client-in-js";

/** The variables of this process, without those of a pinfold that is installed on this machine. */
const ENVIRONMENT = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("PINFOLD_")));

/** A pinfold with a directory of its own, which a test stops and starts again. Its port changes with each start. */
export class Server {
  #directory = mkdtempSync(join(tmpdir(), "pinfold-js-"));
  /** @type {import("node:child_process").ChildProcess | undefined} */
  #child;
  /** @type {Buffer | undefined} */
  #certificate;
  /** @type {string | undefined} */
  #administrator;
  port = 0;

  /**
   * One that runs, with these accounts, until the test `t` ends. `tls` is whether it speaks https; `app` holds further
   * lines of the app's configuration.
   * @param {import("node:test").TestContext} t
   * @param {{ accounts?: string[], tls?: boolean, app?: string }} [options]
   */
  static async start(t, { accounts = [], tls = false, app = "" } = {}) {
    const server = new Server();
    t.after(() => server.#remove());
    server.#configure(tls, app);
    await server.begin();
    for (let at = 0; at < accounts.length; at += 100) {
      await server.call("im_open_login_svc/multiaccount_import", { Accounts: accounts.slice(at, at + 100) });
    }
    return server;
  }

  get scheme() {
    return this.#certificate ? "https" : "http";
  }

  /** The file of the configuration. */
  get config() {
    return this.#path("pinfold.toml");
  }

  /** @param {boolean} tls @param {string} app */
  #configure(tls, app) {
    writeFileSync(this.#path("app.keys"), `${KEY}\n`, { mode: 0o600 });
    if (tls) this.#certificate = makeCertificate(this.#directory);
    writeFileSync(this.config, `
listen = ["127.0.0.1:0"]
admin_listen = "127.0.0.1:0"
store = { url = "file:./data" }
${tls ? 'tls = { cert_file = "cert.pem", key_file = "key.pem" }' : ""}

[[app]]
sdkappid = ${APP}
keys_file = "app.keys"
users = "own"
${app}
`);
  }

  /** @param {string} name */
  #path(name) {
    return join(this.#directory, name);
  }

  /** Starts the process, and waits until it serves. */
  async begin() {
    const stdio = /** @type {["ignore", "ignore", "pipe"]} */ (["ignore", "ignore", "pipe"]);
    const child = spawn(PINFOLD, ["serve", "--config", this.config], { cwd: this.#directory, env: ENVIRONMENT, stdio });
    this.#child = child;
    this.port = await new Promise((resolve, reject) => {
      let log = "";
      const late = setTimeout(() => reject(new Error(`pinfold did not start:\n${log}`)), TIMEOUT_MS);
      createInterface(child.stderr).on("line", (line) => {
        log += `${line}\n`;
        const started = /: started .*addresses=\[127\.0\.0\.1:(\d+)/.exec(line);
        if (started) resolve(Number(started[1]));
      });
      child.on("error", reject);
      child.on("exit", () => reject(new Error(`pinfold ended:\n${log}`)));
      child.on("exit", () => clearTimeout(late));
    });
  }

  /**
   * Ends the process.
   * @param {NodeJS.Signals} [signal]
   */
  async end(signal = "SIGTERM") {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  }

  async #remove() {
    await this.end("SIGKILL");
    rmSync(this.#directory, { recursive: true });
  }

  /**
   * A signature of an account that expires after so many seconds.
   * @param {string} identifier
   * @param {number} [seconds]
   */
  signature(identifier, seconds = 3600) {
    const args = ["user-sig", "--config", this.config, "--identifier", identifier, "--expire", String(seconds)];
    return execFileSync(PINFOLD, args, { env: ENVIRONMENT, encoding: "utf8" }).trim();
  }

  /**
   * The query of a call that this account signs.
   * @param {string} identifier
   * @param {number} [seconds]
   */
  query(identifier, seconds) {
    return `sdkappid=${APP}&identifier=${identifier}&usersig=${this.signature(identifier, seconds)}`;
  }

  /**
   * A call by the administrator, past every proxy; its answer. Fails if the call is refused.
   * @param {string} command
   * @param {object} body
   */
  async call(command, body) {
    this.#administrator ??= this.query("administrator");
    const url = `${this.scheme}://127.0.0.1:${this.port}/v4/${command}?${this.#administrator}`;
    const answer = await post(url, JSON.stringify(body), this.#certificate);
    if (answer.ErrorCode !== 0) throw new Error(`${command}: ${answer.ErrorCode} ${answer.ErrorInfo}`);
    return answer;
  }
}

/**
 * Makes `key.pem` and `cert.pem`, which is its own authority; the latter's text.
 * @param {string} directory
 */
function makeCertificate(directory) {
  execFileSync("openssl", [
    "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days", "30",
    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
    "-keyout", "key.pem", "-out", "cert.pem",
  ], { cwd: directory, stdio: "ignore" });
  return readFileSync(join(directory, "cert.pem"));
}

/**
 * Not by `fetch`, which takes no certificate of ours.
 * @param {string} url
 * @param {string} body
 * @param {Buffer | undefined} ca
 * @returns {Promise<any>}
 */
function post(url, body, ca) {
  const { request } = ca ? https : http;
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "POST", ca, timeout: TIMEOUT_MS }, (answer) => {
      answer.toArray().then((parts) => JSON.parse(parts.join(""))).then(resolve, reject);
    });
    sent.on("error", reject);
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    sent.end(body);
  });
}
