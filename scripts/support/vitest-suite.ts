/**
 * Runs vitest on a chosen runtime and counts what it did.
 * @module
 */
import { existsSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { run, root } from "./run.ts";

/** Tests of a suite by outcome. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** Counts of a suite, and what did not go well at once. */
export interface SuiteCounts extends Counts {
  /** Tests that failed and then passed when their file ran again. They count as passed and are named in the end. */
  unstable: readonly string[];
}

/** A call of vitest. */
export interface VitestRun {
  name: string;
  /** The Node that runs vitest. */
  node: string;
  /** Folder with the vitest configuration; vitest itself is taken from there or from the root. */
  folder: string;
  /** Only files whose path contains one of these; empty: all. */
  filters: readonly string[];
  /** Globs to leave out, beside those of the configuration. */
  excludes: readonly string[];
  /** Only tests whose name matches. */
  grep: string | undefined;
  env: Readonly<Record<string, string>>;
  timeoutMs: number;
  /** `inherit`: shown as it comes; `capture`: when it has ended, for suites beside others. */
  output: "inherit" | "capture";
}

/** More files than this that fail are no accident. */
const mostSecondTries = 2;

/**
 * Runs a suite. Many tests here start programs and wait for them; on a machine that others
 * use, one of some thousands may wait too long. So a few failed files run a second time, alone, and what passes then is
 * told apart: it is to be mended, but it does not hold up everything else.
 * @returns the counts; a suite that could not run, or ended badly with every test green, has at least one failure
 */
export async function runVitest(suite: VitestRun): Promise<SuiteCounts> {
  const began = performance.now();
  const { counts, failed } = await runOnce(suite);
  const files = [...new Set(failed.map(({ file }) => file))];
  const timeoutMs = suite.timeoutMs - (performance.now() - began);
  const countedWhole = counts.failed === failed.length;
  if (counts.failed === 0 || !countedWhole || files.length > mostSecondTries || timeoutMs < 10_000)
    return { ...counts, unstable: [] };
  console.log(`\n── ${suite.name}: ${files.length} failed files once more`);
  const again = await runOnce({ ...suite, name: `${suite.name}-again`, filters: files, timeoutMs });
  const still = new Set(again.failed.map(({ name }) => name));
  const unstable = again.counts.passed === 0 ? [] : failed.map(({ name }) => name).filter((name) => !still.has(name));
  const lasting = Math.max(again.counts.failed, failed.length - unstable.length);
  return { ...counts, passed: counts.passed + failed.length - lasting, failed: lasting, unstable };
}

async function runOnce(suite: VitestRun): Promise<{ counts: Counts; failed: readonly FailedTest[] }> {
  const report = join(root, ".tools", "results", `${suite.name.replaceAll(/[^a-z0-9]+/gi, "-")}.json`);
  await mkdir(join(root, ".tools", "results"), { recursive: true });
  await rm(report, { force: true });
  const result = await run(
    suite.node,
    [
      findVitest(suite.folder),
      "run",
      `--root=${suite.folder}`,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
      ...suite.excludes.map((glob) => `--exclude=${glob}`),
      ...(suite.grep === undefined ? [] : ["--testNamePattern", suite.grep]),
      ...suite.filters,
    ],
    { env: suite.env, timeoutMs: suite.timeoutMs, output: suite.output },
  );
  if (suite.output === "capture") console.log(`\n── ${suite.name}\n${result.text}`);
  if (result.timedOut) console.error(`${suite.name}: killed after ${Math.round(suite.timeoutMs / 1000)} s`);
  const text = existsSync(report) ? await readFile(report, "utf8") : null;
  const counts = text === null ? { passed: 0, failed: 0, skipped: 0 } : countReport(text);
  // Unhandled errors and crashes leave every test green; only the exit code tells.
  if (!result.ok && counts.failed === 0) counts.failed = 1;
  if (suite.grep !== undefined) counts.skipped = 0;
  return { counts, failed: text === null ? [] : failedTests(text) };
}

/**
 * Counts a JSON report of vitest.
 * @param text the report
 * @returns a file that failed outside of any test, such as at an import, counts as one failure
 */
export function countReport(text: string): Counts {
  const report = JSON.parse(text) as JsonReport;
  const lost = report.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + lost,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

// --- helpers ---

interface FailedTest {
  file: string;
  name: string;
}

function failedTests(text: string): FailedTest[] {
  const report = JSON.parse(text) as JsonReport;
  return report.testResults.flatMap((file) =>
    file.assertionResults
      .filter(({ status }) => status === "failed")
      .map(({ fullName }) => ({ file: file.name, name: fullName })),
  );
}

interface JsonReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { name: string; status: string; assertionResults: { status: string; fullName: string }[] }[];
}

/** A folder with its own vitest runs that one: plugins must see the same instance. */
function findVitest(folder: string): string {
  for (let place = folder; place.startsWith(root); place = join(place, "..")) {
    const path = join(place, "node_modules/vitest/vitest.mjs");
    if (existsSync(path)) return path;
  }
  throw new Error("vitest is not installed: run npm install");
}
