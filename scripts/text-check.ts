/**
 * `npm run check:text`: fails when a file says where it was written, names a registry host, or holds a secret.
 * @module
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { findForbidden } from "./support/forbidden-text.ts";
import { run, root } from "./support/run.ts";
import { listFiles } from "./support/tracked-files.ts";

/** Bytes; larger files are data, not text. */
const limit = 4_000_000;

const hosts = await registryHosts();
let findings = 0;
const files = await listFiles();
for (const path of files) {
  const bytes = await readFile(join(root, path));
  if (bytes.length > limit || bytes.subarray(0, 8_000).includes(0)) continue;
  for (const { line, problem } of findForbidden(bytes.toString("utf8"), hosts)) {
    console.error(`${path}:${line}: ${problem}`);
    findings += 1;
  }
}
console.log(`${findings} findings in ${files.length} files`);
process.exitCode = findings > 0 || files.length === 0 ? 1 : 0;

// --- helpers ---

/** The registry of this machine, if it is not the public one: a private host must not leak into the repository. */
async function registryHosts(): Promise<string[]> {
  const { ok, stdout } = await run("npm", ["config", "get", "registry", "--loglevel=silent"], { timeoutMs: 30_000 });
  return ok && URL.canParse(stdout.trim()) ? [new URL(stdout.trim()).hostname] : [];
}
