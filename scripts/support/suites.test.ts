/**
 * Finding suites, counting them, and ending what runs too long.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { npmReason } from "./runtimes.ts";
import { run } from "./run.ts";
import { findRuntimeSuites } from "./runtime-suites.ts";
import { countReport } from "./vitest-suite.ts";

describe("findRuntimeSuites", () => {
  let folder = "";
  afterEach(async () => rm(folder, { recursive: true, force: true }));

  it("makes a suite of each file at the top, of each folder, and of each nested vitest configuration", async () => {
    folder = await mkdtemp(join(tmpdir(), "suites-"));
    const files = [
      "bun/contract.test.ts",
      "load.test.ts",
      "workerd/contract.test.ts",
      "workerd/inside/vitest.config.ts",
      "workerd/inside/object.test.ts",
      "support/start.ts",
      "node_modules/x/a.test.ts",
      "vitest.config.ts",
    ];
    for (const file of files) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), "");
    }
    expect(findRuntimeSuites(folder)).toEqual([
      { name: "bun", root: null, filter: "bun/", excludes: [] },
      { name: "load", root: null, filter: "load.test.ts", excludes: [] },
      { name: "workerd", root: null, filter: "workerd/", excludes: ["workerd/inside/**"] },
      { name: "workerd/inside", root: "workerd/inside", filter: "workerd/inside", excludes: [] },
    ]);
  });

  it("finds none where there is no folder", () => {
    expect(findRuntimeSuites(join(tmpdir(), "no-such-folder"))).toEqual([]);
  });
});

describe("countReport", () => {
  const totals = { numPassedTests: 3, numFailedTests: 1, numPendingTests: 1, numTodoTests: 1 };

  it("counts tests", () => {
    const testResults = [{ status: "failed", assertionResults: [{ status: "failed" }, { status: "passed" }] }];
    expect(countReport(JSON.stringify({ ...totals, testResults }))).toEqual({ passed: 3, failed: 1, skipped: 2 });
  });

  it("counts a file that failed outside of its tests", () => {
    const testResults = [{ status: "failed", assertionResults: [] }];
    expect(countReport(JSON.stringify({ ...totals, testResults }))).toEqual({ passed: 3, failed: 2, skipped: 2 });
  });
});

describe("npmReason", () => {
  it("names the package that is missing", () => {
    const text =
      "npm error code E404\nnpm error 404 Not Found\nnpm error 404  'x@9.9.9' is not in this registry.\nnpm error A complete log";
    expect(npmReason(text)).toBe("404  'x@9.9.9' is not in this registry.");
  });
});

describe("run", () => {
  it("gives back output and exit code", async () => {
    const result = await run(process.execPath, ["-e", "console.log('a'); console.error('b'); process.exit(3)"]);
    expect(result).toMatchObject({ ok: false, code: 3, timedOut: false, stdout: "a\n" });
    expect(result.text).toContain("b");
  });

  it("says why a program could not be started", async () => {
    const result = await run("no-such-program", []);
    expect(result.ok).toBe(false);
    expect(result.text).toContain("ENOENT");
  });

  it("kills a program over its time, with what it started", async () => {
    // The grandchild holds the output open: the promise only resolves when it is gone too.
    const grandchild =
      "require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' })";
    const result = await run(process.execPath, ["-e", `${grandchild}; setInterval(() => {}, 1000)`], {
      timeoutMs: 300,
    });
    expect(result).toMatchObject({ ok: false, timedOut: true });
  });
});
