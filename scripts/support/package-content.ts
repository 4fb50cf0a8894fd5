/**
 * Judges what would be published: which files, what is in them, how large they are.
 * @module
 */
import { gzipSync } from "node:zlib";
import { posix } from "node:path";
import { findForbidden } from "./forbidden-text.ts";

/** Files of a package by their path in it, without a leading `./`. */
export type PackageFiles = ReadonlyMap<string, Buffer>;

/** Part of a package.json. */
interface Manifest {
  bin?: Record<string, string>;
  exports?: Record<string, string | Record<string, string>>;
  dependencies?: Record<string, string>;
}

/** A size in bytes, as it is and compressed. */
export interface EntrySize {
  entry: string;
  bytes: number;
  gzip: number;
}

const expected =
  /^(?:package\.json|README\.md|LICENSE|bin\/[\w.-]+\.js|dist\/(?!dashboard\/)(?:[\w.-]+\/)*[\w.-]+\.(?:js|d\.ts)|dist\/dashboard\/(?:[\w-]+\/)*[\w.-]+\.(?:html|js|css|svg|woff2)(?:\.br|\.gz)?)$/;
/** Started or read by name: no import leads to them. */
const alsoNeeded = ["dist/read-worker.js", "dist/dashboard/index.html", "dist/dashboard/index.html.br"];

/**
 * Looks for what must not be published, and for what is missing.
 * @param files the unpacked package
 * @param options `places`: absolute paths of this machine that must not occur in a file
 * @returns one line a problem
 */
export function judgeContent(files: PackageFiles, options: { places: readonly string[] }): string[] {
  const problems: string[] = [];
  for (const [path, bytes] of files) {
    if (!expected.test(path) || /\.test\.|testkit/.test(path)) problems.push(`${path}: is not expected in the package`);
    // What they hold is looked at in the file that they are made of.
    if (/\.(?:br|gz)$/.test(path)) continue;
    const text = bytes.toString("utf8");
    for (const place of options.places)
      if (text.includes(place)) problems.push(`${path}: names a folder of this machine`);
    if (/^\/\/[#@] sourceMappingURL=/m.test(text)) problems.push(`${path}: points at a source map`);
    for (const { line, problem } of findForbidden(text)) problems.push(`${path}:${line}: ${problem}`);
  }
  for (const path of ["README.md", "LICENSE", ...alsoNeeded, ...targetsOf(manifestOf(files))])
    if (!files.has(path)) problems.push(`${path}: is missing from the package`);
  // "." is for every platform: a chunk that the bundler shares with a host must not bring Node along.
  for (const path of closureOf("dist/index.js", files))
    if (/^(?:import|export)\b[^"';]*["'](?:node|bun|cloudflare):/m.test(files.get(path)?.toString("utf8") ?? ""))
      problems.push(`${path}: is loaded by the portable entry and imports a runtime's module`);
  for (const [name, version] of Object.entries(manifestOf(files).dependencies ?? {}))
    if (!/^\d+\.\d+\.\d+$/.test(version))
      problems.push(`package.json: ${name} is not pinned to a version (${version})`);
  return problems;
}

/** Sizes of each JavaScript entry of the package, with every file of the package that it loads at once. */
export function measureEntries(files: PackageFiles): EntrySize[] {
  return targetsOf(manifestOf(files))
    .filter((path) => path.endsWith(".js") && files.has(path))
    .map((entry) => {
      const loaded = [...closureOf(entry, files)].map((path) => files.get(path) ?? Buffer.alloc(0));
      return {
        entry,
        bytes: loaded.reduce((sum, bytes) => sum + bytes.length, 0),
        gzip: loaded.reduce((sum, bytes) => sum + gzipSync(bytes).length, 0),
      };
    });
}

// --- helpers ---

function manifestOf(files: PackageFiles): Manifest {
  return JSON.parse(files.get("package.json")?.toString("utf8") ?? "{}") as Manifest;
}

/** Files that `bin` and `exports` point at. */
function targetsOf({ bin = {}, exports = {} }: Manifest): string[] {
  const targets = Object.values(exports).flatMap((target) =>
    typeof target === "string" ? [target] : Object.values(target),
  );
  return [...new Set([...Object.values(bin), ...targets].map((path) => path.replace(/^\.\//, "")))];
}

function closureOf(entry: string, files: PackageFiles, seen: Set<string> = new Set()): Set<string> {
  if (seen.has(entry) || !files.has(entry)) return seen;
  seen.add(entry);
  const text = files.get(entry)?.toString("utf8") ?? "";
  for (const [, target = ""] of text.matchAll(/^(?:import|export)\b[^"';]*["'](\.[^"']+)["']/gm))
    closureOf(posix.join(posix.dirname(entry), target), files, seen);
  return seen;
}
