/**
 * The programs that a run needs: found, built or installed, or named in one line when missing.
 * @module
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync } from "node:fs";
import { cpus, release } from "node:os";
import { join } from "node:path";
import type { Machine } from "./types.ts";

/** Where everything is. A missing program is `undefined` and has a line in `remarks`. */
export interface Programs {
  /** The repository, and this folder in it. */
  root: string;
  bench: string;
  /** The load generator with its mock upstream. */
  generator: string;
  nginx: string | undefined;
  bun: string | undefined;
  portkey: string | undefined;
  /** Words before a command that pin it; "@core" stands for the core. */
  pinning: string[];
  remarks: string[];
}

/**
 * Finds and prepares the programs. Installs bench's own packages when missing, and nginx when we may.
 * @throws Error with one line when the run cannot work at all (no Linux, one core, no C compiler).
 */
export function preparePrograms(bench: string): Programs {
  const root = join(bench, "..");
  const remarks: string[] = [];
  if (process.platform !== "linux") throw new Error("the load generator needs Linux (epoll, /proc): run this in a VM");
  if (cpus().length < 2) throw new Error("two cores are needed: one for the proxy, one for the load");
  if (!existsSync(join(root, "node_modules", "undici"))) throw new Error("run `npm ci` in the repository first");
  installPackages(bench, remarks);
  const portkey = join(bench, "node_modules/@portkey-ai/gateway/build/start-server.js");
  return {
    root,
    bench,
    generator: buildGenerator(bench, remarks),
    nginx: findNginx(remarks),
    bun: findBun(bench, remarks),
    portkey: existsSync(portkey) ? portkey : undefined,
    pinning: findPinning(remarks),
    remarks,
  };
}

/** The machine and the versions, for the head of the report. */
export function describeMachine(programs: Programs): Machine {
  const commit = output("git", ["-C", programs.root, "rev-parse", "--short", "HEAD"]);
  const versions: Record<string, string> = {
    node: process.versions.node,
    undici: packageVersion(join(programs.root, "node_modules/undici")),
    "@portkey-ai/gateway": packageVersion(join(programs.bench, "node_modules/@portkey-ai/gateway")),
  };
  if (programs.bun !== undefined) versions.bun = output(programs.bun, ["--version"]);
  if (programs.nginx !== undefined)
    versions.nginx = output(programs.nginx, ["-v"]).replace("nginx version: nginx/", "");
  if (/^[0-9a-f]+$/.test(commit)) versions.commit = commit;
  return { cpu: cpus()[0]?.model.trim() ?? "unknown", cores: cpus().length, kernel: release(), versions };
}

// --- helpers ---

function output(command: string, args: string[]): string {
  const result = spawnSync(command, args, { encoding: "utf8" });
  return `${result.stdout ?? ""}${result.stderr ?? ""}`.trim();
}

/** The full path of a program, or undefined. /usr/sbin is where Debian has nginx, and often not on PATH. */
function which(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/usr/local/sbin"];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** apt-get install, when we are root and there is an apt; true when the program is there afterwards. */
function installSystemPackage(packages: string[], program: string): boolean {
  if (which("apt-get") === undefined || process.getuid?.() !== 0) return false;
  process.stderr.write(`installing ${packages.join(" ")} (apt-get)\n`);
  const install = ["install", "-y", "--no-install-recommends", ...packages];
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  if (spawnSync("apt-get", install, { env }).status !== 0) {
    spawnSync("apt-get", ["update"], { env });
    spawnSync("apt-get", install, { env });
  }
  return which(program) !== undefined;
}

function installPackages(bench: string, remarks: string[]): void {
  if (existsSync(join(bench, "node_modules/.package-lock.json"))) return;
  process.stderr.write("installing bench's own packages (npm ci --prefix bench)\n");
  const result = spawnSync("npm", ["ci", "--prefix", bench, "--ignore-scripts"], { cwd: bench, encoding: "utf8" });
  if (result.status === 0) return;
  const reason = (result.stderr || result.error?.message || "no message").trim().split("\n").at(-1);
  remarks.push(`npm ci --prefix bench failed, so Bun and Portkey are left out: ${reason}`);
}

function buildGenerator(bench: string, remarks: string[]): string {
  const source = join(bench, "gwbench.c");
  const binary = join(bench, ".build/gwbench");
  if (existsSync(binary) && statSync(binary).mtimeMs > statSync(source).mtimeMs) return binary;
  if (which("gcc") === undefined && !installSystemPackage(["gcc", "libc6-dev"], "gcc"))
    throw new Error("gcc is missing and nothing can be measured without it: install the packages gcc and libc6-dev");
  mkdirSync(join(bench, ".build"), { recursive: true });
  const args = ["-O2", "-Wall", "-Wno-misleading-indentation", "-o", binary, source, "-lm"];
  const result = spawnSync("gcc", args, { encoding: "utf8" });
  if (result.status !== 0) throw new Error(`gwbench.c does not compile: ${result.stderr.trim()}`);
  if (result.stderr.trim() !== "") remarks.push("gwbench.c compiled with warnings");
  return binary;
}

function findNginx(remarks: string[]): string | undefined {
  const found = which("nginx");
  if (found !== undefined) return found;
  if (installSystemPackage(["nginx-light"], "nginx")) return which("nginx");
  remarks.push("nginx is missing and could not be installed: install the package nginx-light; ratios to nginx are out");
  return undefined;
}

/** The binary inside Bun's platform package: its install script, which would link it, is not run. */
function findBun(bench: string, remarks: string[]): string | undefined {
  const folder = join(bench, "node_modules/@oven");
  const candidates = existsSync(folder) ? readdirSync(folder) : [];
  for (const name of candidates) {
    const binary = join(folder, name, "bin/bun");
    if (existsSync(binary) && /^\d+\./.test(output(binary, ["--version"]))) return binary;
  }
  remarks.push("no Bun binary for this platform: the Bun rows are left out");
  return undefined;
}

function findPinning(remarks: string[]): string[] {
  if (which("taskset") === undefined && !installSystemPackage(["util-linux"], "taskset")) {
    remarks.push("taskset is missing (package util-linux): nothing is pinned, so read these figures as a rough guess");
    return [];
  }
  const withParent = which("setpriv") === undefined ? [] : ["setpriv", "--pdeathsig", "KILL"];
  return ["taskset", "-c", "@core", ...withParent];
}

function packageVersion(folder: string): string {
  try {
    const parsed: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const version = parsed !== null && typeof parsed === "object" && "version" in parsed ? parsed.version : undefined;
    return typeof version === "string" ? version : "unknown";
  } catch {
    return "not installed";
  }
}
