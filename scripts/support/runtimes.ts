/**
 * Brings the runtimes that tests need beside the main one: through npm, into `.tools/`, on first use.
 * @module
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run, root } from "./run.ts";

/** A runtime that the tests run on. */
export type RuntimeName = "node20" | "node22" | "bun";

/** A runtime that is ready, or why not (one line). */
export type BroughtRuntime = { ok: true; path: string; version: string } | { ok: false; reason: string };

/**
 * What is installed. Pinned, so that a red run means a change of ours. Node 20 cannot run the gateway; it is what the
 * published command may be called with.
 */
const versions: Readonly<Record<RuntimeName, string>> = { node20: "20.20.2", node22: "22.23.3", bun: "1.4.5" };

/**
 * Installs a runtime unless it is there, and proves that it starts.
 * @returns the path of its program, or the reason in one line that names the package; never rejects
 */
export async function bringRuntime(name: RuntimeName): Promise<BroughtRuntime> {
  const version = versions[name];
  const specifier = `${packageOf(name)}@${version}`;
  const folder = join(root, ".tools", name);
  let path = findProgram(name, folder);
  if (path === null) {
    // No install script is needed: the program lies in the package (node-*) or in its optional dependency (@oven/bun-*).
    const flags = ["--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
    const installed = await run("npm", ["install", "--prefix", folder, ...flags, specifier], { timeoutMs: 180_000 });
    if (!installed.ok)
      return { ok: false, reason: `${specifier} could not be installed: ${npmReason(installed.text)}` };
    path = findProgram(name, folder);
    if (path === null)
      return { ok: false, reason: `${specifier} has no program for ${process.platform} ${process.arch}` };
  }
  const started = await run(path, ["--version"], { timeoutMs: 20_000 });
  if (!started.ok) return { ok: false, reason: `${specifier} does not start: ${started.text.trim().slice(0, 200)}` };
  return { ok: true, path, version: started.stdout.trim() };
}

/**
 * The cause in npm's output, in one line.
 * @param text what npm printed
 */
export function npmReason(text: string): string {
  const errors = text
    .split("\n")
    .map((line) => /^npm (?:error|ERR!)\s*(.*)$/.exec(line)?.[1]?.trim() ?? "")
    .filter((line) => line !== "" && !line.startsWith("A complete log"));
  const telling = errors.find((line) =>
    /^404 .*not in this registry|No matching version|ENOTFOUND|ETIMEDOUT/.test(line),
  );
  return (
    (telling ?? errors.slice(0, 2).join(" ")).slice(0, 300) || (text.trim().split("\n").at(-1) ?? "").slice(0, 300)
  );
}

// --- helpers ---

function packageOf(name: RuntimeName): string {
  if (name === "bun") return "bun";
  const platform = process.platform === "win32" ? "win" : process.platform;
  return `node-${platform}-${process.arch}`;
}

/** The program, if it is there in the version that is wanted. */
function findProgram(name: RuntimeName, folder: string): string | null {
  const manifest = join(folder, "node_modules", packageOf(name), "package.json");
  if (!existsSync(manifest)) return null;
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  if (version !== versions[name]) return null;
  const file = (process.platform === "win32" ? "$.exe" : "$").replace("$", name === "bun" ? "bun" : "node");
  // Of several builds for one platform npm installs the fitting ones; the plain name comes first in order of length.
  const pattern =
    name === "bun" ? `node_modules/@oven/bun-*/bin/${file}` : `node_modules/${packageOf(name)}/bin/${file}`;
  const found = globSync(pattern, { cwd: folder }).toSorted((a, b) => a.length - b.length)[0];
  return found !== undefined && existsSync(join(folder, found)) ? join(folder, found) : null;
}
