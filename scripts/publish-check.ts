/**
 * `npm run check:publish`: packs the gateway as it would be published, judges the archive, installs it into an empty
 * folder and starts it from there, called with this Node and with Node 20.
 * @module
 */
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { delimiter, dirname, join, relative } from "node:path";
import { judgeContent, measureEntries, type PackageFiles } from "./support/package-content.ts";
import { run, root, type RunResult } from "./support/run.ts";
import { bringRuntime } from "./support/runtimes.ts";
import { startInstalled } from "./support/start-installed.ts";

const problems: string[] = [];
const work = await mkdtemp(join(tmpdir(), "publish-"));
try {
  await checkPackage();
} finally {
  await rm(work, { recursive: true, force: true });
}
for (const problem of problems) console.error(`problem: ${problem}`);
console.log(problems.length === 0 ? "the package can be published" : `${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;

// --- helpers ---

async function checkPackage(): Promise<void> {
  const archive = await pack();
  if (archive === null) return;
  const unpacked = join(work, "unpacked");
  await mkdir(unpacked);
  if (!expectOk("tar", await run("tar", ["-xzf", archive, "-C", unpacked]))) return;
  const files = await readPackage(join(unpacked, "package"));
  problems.push(...judgeContent(files, { places: [root, homedir(), work, "/home/"] }));
  report(files, (await readFile(archive)).length);
  expectOk("publint", await tool("publint", ["run", archive, "--strict"]));
  expectOk("attw", await tool("attw", [archive, "--profile", "esm-only", "--no-emoji"]));
  await installAndStart(archive);
}

async function pack(): Promise<string | null> {
  const packed = await run("npm", ["pack", "--pack-destination", work], {
    cwd: join(root, "gateway"),
    timeoutMs: 180_000,
  });
  const archive = (await readdir(work)).find((name) => name.endsWith(".tgz"));
  return expectOk("npm pack", packed) && archive !== undefined ? join(work, archive) : null;
}

async function readPackage(folder: string): Promise<PackageFiles> {
  const files = new Map<string, Buffer>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(relative(folder, path).replaceAll("\\", "/"), await readFile(path));
  }
  return files;
}

function report(files: PackageFiles, archiveBytes: number): void {
  console.log(`${files.size} files, ${kilobytes(archiveBytes)} packed`);
  for (const { entry, bytes, gzip } of measureEntries(files))
    console.log(
      `  ${entry.padEnd(24)} ${kilobytes(bytes).padStart(10)} ${kilobytes(gzip).padStart(10)} gzip, with what it loads of the package`,
    );
}

async function installAndStart(archive: string): Promise<void> {
  const node20 = await bringRuntime("node20");
  if (!node20.ok) problems.push(`missing: ${node20.reason}`);
  const callers = [
    { name: "this Node", node: process.execPath },
    ...(node20.ok ? [{ name: "Node 20", node: node20.path }] : []),
  ];
  for (const { name, node } of callers) {
    console.log(`installed and started with ${name}`);
    const folder = await mkdtemp(join(work, "installed-"));
    await writeFile(join(folder, "package.json"), JSON.stringify({ name: "user", private: true }));
    const path = await pathWith(node);
    const install = (): ReturnType<typeof run> =>
      run("npm", ["install", archive, "--no-audit", "--no-fund", "--loglevel=error"], {
        cwd: folder,
        env: { ...withoutNpm(), PATH: path },
        timeoutMs: 45_000,
      });
    let installed = await install();
    // It takes seconds; a registry that hangs once says nothing about the package.
    if (!installed.ok) installed = await install();
    if (!expectOk("npm install", installed)) continue;
    // Longer than a start takes: with an old Node the first start fetches a newer one.
    problems.push(
      ...(await startInstalled({ folder, path, timeoutMs: 60_000 })).map((problem) => `${name}: ${problem}`),
    );
  }
}

/** PATH with only that Node in front; without the root's node_modules/.bin, which has a Node of its own. */
async function pathWith(node: string): Promise<string> {
  const bin = await mkdtemp(join(work, "bin-"));
  await symlink(node, join(bin, "node"));
  const rest = (process.env["PATH"] ?? "").split(":").filter((part) => !part.includes("node_modules"));
  return [bin, ...rest, dirname("/usr/bin/env")].join(":");
}

/** npm hands its own settings down to what it runs; a user's shell has none of them. */
function withoutNpm(): Record<string, undefined> {
  const names = Object.keys(process.env).filter((name) => /^npm_/i.test(name) || name === "INIT_CWD");
  return Object.fromEntries(names.map((name) => [name, undefined]));
}

/** A program of the root's devDependencies. */
function tool(name: "attw" | "publint", toolArguments: readonly string[]): Promise<RunResult> {
  const path = `${join(root, "node_modules/.bin")}${delimiter}${process.env["PATH"] ?? ""}`;
  return run(name, toolArguments, { env: { PATH: path }, timeoutMs: 120_000 });
}

function expectOk(what: string, result: RunResult): boolean {
  console.log(`${what}: ${result.ok ? "ok" : "FAILED"}`);
  if (!result.ok) problems.push(`${what}: ${result.text.trim().slice(-3_000)}`);
  return result.ok;
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KB`;
}
