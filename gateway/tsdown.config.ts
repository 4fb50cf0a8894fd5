/**
 * The published build: plain ES modules in dist/, packages left outside, declarations beside. The command line and each
 * host are entries of their own, so that a Worker never loads what only Node has.
 * @module
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type UserConfig } from "tsdown";

/** Name in dist/ → source. package.json's `exports` and bin/ point at these. */
const entries: Readonly<Record<string, string>> = {
  index: "src/index.ts",
  node: "src/hosts/node/start.ts",
  cloudflare: "src/hosts/cloudflare/worker.ts",
  "cli/main": "src/cli/main.ts",
  // Not imported: node/read-thread.ts starts it as a thread.
  "read-worker": "src/hosts/node/read-worker.ts",
};

const here = fileURLToPath(new URL(".", import.meta.url));
const present = Object.fromEntries(Object.entries(entries).filter(([, source]) => existsSync(here + source)));

const config: UserConfig = defineConfig({
  cwd: here,
  entry: present,
  format: "esm",
  platform: "node",
  target: "node22",
  tsconfig: "tsconfig.json",
  dts: { oxc: true },
  // Readable stack traces without maps: names are kept, nothing is minified.
  sourcemap: false,
  minify: false,
  fixedExtension: false,
  deps: { neverBundle: [/^(node|cloudflare|bun):/] },
  clean: true,
});

export default config;
