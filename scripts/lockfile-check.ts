/**
 * `npm run check:lock [-- <copy>]`: no lock file names a host, and every package in it has a hash. With a copy of
 * package-lock.json from before `npm install`: the install kept to it.
 * @module
 */
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { checkLockfile, compareLockfiles } from "./support/lockfile.ts";
import { root } from "./support/run.ts";
import { listFiles } from "./support/tracked-files.ts";

const locks = (await listFiles()).filter((path) => basename(path) === "package-lock.json");
let problems = locks.includes("package-lock.json") ? 0 : 1;
if (problems > 0) console.error("package-lock.json is missing");
for (const path of locks) {
  for (const problem of checkLockfile(await readFile(join(root, path), "utf8"))) {
    console.error(`${path}: ${problem}`);
    problems += 1;
  }
}
const before = process.argv[2];
if (before !== undefined) {
  const differences = compareLockfiles(
    await readFile(before, "utf8"),
    await readFile(join(root, "package-lock.json"), "utf8"),
  );
  for (const difference of differences) console.error(`package-lock.json is not up to date: ${difference}`);
  problems += differences.length;
}
console.log(`${problems} problems in ${locks.length} lock files`);
process.exitCode = problems > 0 ? 1 : 0;
