// Builds dist/: the modules with their types, and the whole as one minified module for a page without a bundler.
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";

const NODE_MIN = 20;
if (Number.parseInt(process.versions.node) < NODE_MIN) {
  console.error(`this is Node ${process.versions.node}; the build and the tests need Node ${NODE_MIN} or newer`);
  process.exit(1);
}

rmSync("dist", { recursive: true, force: true });
execFileSync(process.execPath, ["node_modules/typescript/bin/tsc"], { stdio: "inherit" });
const { build } = await import("esbuild");
await build({
  entryPoints: ["src/index.ts"],
  outfile: "dist/pinfold-client.min.js",
  bundle: true,
  minify: true,
  charset: "utf8",
  format: "esm",
  target: "es2022",
});
