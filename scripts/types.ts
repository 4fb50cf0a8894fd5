/**
 * `npm run types`: checks every TypeScript project of the repository side by side.
 * gateway/tsconfig.core.json is the one without runtime types: it proves that the core runs everywhere.
 * @module
 */
import { existsSync, globSync } from "node:fs";
import { run, root, seconds } from "./support/run.ts";

/** Also found when they appear: a project is a tsconfig*.json in one of these folders. */
const folders = ["gateway", "emulator", "dashboard", "bench", "runtime-tests", "scripts", "tools"];
/** Must be there; a typo in a folder must not make the check pass. */
const required = [
  "gateway/tsconfig.json",
  "gateway/tsconfig.core.json",
  "emulator/tsconfig.json",
  "scripts/tsconfig.json",
];

/** Has packages of its own, which `npm test` installs; skipped until then, except in CI, which tests first. */
const ownPackages = "runtime-tests";

const found = folders.flatMap((folder) => globSync(`${folder}/tsconfig*.json`, { cwd: root })).toSorted();
const missing = required.filter((project) => !found.includes(project));
const installed = existsSync(`${root}/${ownPackages}/node_modules`) || process.env["CI"] !== undefined;
const projects = found.filter((project) => installed || !project.startsWith(`${ownPackages}/`));

const pretty = process.stdout.isTTY ? ["--pretty"] : [];

const results = await Promise.all(
  projects.map(async (project) => ({
    project,
    // Through node, because .bin/tsc is a shell script on Windows.
    result: await run(process.execPath, ["node_modules/typescript/bin/tsc", "--noEmit", ...pretty, "-p", project], {
      timeoutMs: 240_000,
    }),
  })),
);

for (const { project, result } of results) {
  console.log(`${result.ok ? "ok    " : "FAILED"} ${project} (${seconds(result.milliseconds)})`);
  if (!result.ok) console.log(result.text);
}
if (projects.length < found.length)
  console.log(`skipped ${ownPackages}: its packages are not installed (npm test does it)`);
for (const project of missing) console.log(`FAILED ${project}: the file is missing`);
process.exitCode = missing.length === 0 && results.every(({ result }) => result.ok) ? 0 : 1;
