// Serves this page with signatures for it, to look at on your own machine: node example/serve.js pinfold.toml
//
// It gives everyone who asks a signature of any account, so it listens on loopback only. Your backend gives a person who
// is logged in that person's.
import { execFileSync } from "node:child_process";
import { createReadStream } from "node:fs";
import { createServer } from "node:http";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

const PORT = 8000;
const HOSTS = ["127.0.0.1", "localhost"];
const ROOT = new URL("../", import.meta.url);
/** @type {Record<string, string>} */
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

/**
 * A server of the page, which gives the signatures that `signatureOf` makes for accounts.
 * @param {(account: string) => string} signatureOf
 */
export function createPage(signatureOf) {
  return createServer((request, answer) => {
    try {
      const { hostname } = new URL(`http://${request.headers.host}`);
      // Under a name of its own, a page of another site could read the signatures.
      if (!HOSTS.includes(hostname)) return void answer.writeHead(403).end();
      const { pathname, searchParams } = new URL(`http://${hostname}${request.url}`);
      if (pathname === "/signature") answer.end(signatureOf(searchParams.get("account") ?? ""));
      else sendFile(pathname, answer);
    } catch (error) {
      answer.writeHead(500).end(String(error));
    }
  });
}

/** @param {string} pathname @param {import("node:http").ServerResponse} answer */
function sendFile(pathname, answer) {
  const file = fileURLToPath(new URL(`.${pathname.replace(/\/$/, "/index.html")}`, ROOT));
  answer.setHeader("Content-Type", `${TYPES[extname(file)] ?? "application/octet-stream"}; charset=utf-8`);
  createReadStream(file).on("error", () => answer.writeHead(404).end()).pipe(answer);
}

/** @param {string} config @param {string} account */
function signature(config, account) {
  const arguments_ = ["user-sig", "--config", config, "--identifier", account, "--expire", "1h"];
  return execFileSync("pinfold", arguments_, { encoding: "utf8" }).trim();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const config = process.argv[2] ?? "pinfold.toml";
  createPage((account) => signature(config, account)).listen(PORT, "127.0.0.1");
  console.log(`http://127.0.0.1:${PORT}/example/?account=alice`);
}
