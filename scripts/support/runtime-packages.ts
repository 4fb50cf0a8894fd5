/**
 * Installs the packages of runtime-tests/ (real SDKs, wrangler), which are no part of the workspaces.
 * @module
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { npmReason } from "./runtimes.ts";
import { run, root } from "./run.ts";

/** The folder of the black-box tests. */
export const runtimeTests: string = join(root, "runtime-tests");

/**
 * Runs `npm install` in runtime-tests/ when its lock file has changed since the last time. (`npm ci` refuses a lock that
 * lacks builds for other platforms.)
 * @returns null when all is there; else the reason in one line
 */
export async function installRuntimePackages(): Promise<string | null> {
  const lock = join(runtimeTests, "package-lock.json");
  if (!existsSync(join(runtimeTests, "package.json"))) return null;
  if (!existsSync(lock)) return "runtime-tests/package-lock.json is missing: run npm install in runtime-tests";
  const stamp = join(root, ".tools", "runtime-tests.installed");
  const done = existsSync(stamp) ? await readFile(stamp, "utf8") : "";
  if (done === (await digestOf(lock)) && existsSync(join(runtimeTests, "node_modules"))) return null;
  const flags = ["--no-audit", "--no-fund", "--loglevel=error"];
  const installed = await run("npm", ["install", ...flags], { cwd: runtimeTests, timeoutMs: 300_000 });
  if (!installed.ok) return `the packages of runtime-tests could not be installed: ${npmReason(installed.text)}`;
  await mkdir(join(root, ".tools"), { recursive: true });
  await writeFile(stamp, await digestOf(lock));
  return null;
}

// --- helpers ---

async function digestOf(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}
