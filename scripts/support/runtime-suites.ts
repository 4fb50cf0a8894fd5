/**
 * Finds the suites of runtime-tests/. A test file at the top is a suite, and a first-level folder with tests; so is a
 * folder below it with a vitest configuration of its own (tests that run inside another runtime), and its files are then left out of the outer one.
 * @module
 */
import { globSync } from "node:fs";
import { dirname } from "node:path";

/** One suite. Paths are relative to the folder that was looked through, with `/`. */
export interface RuntimeSuite {
  /** `contract` for contract.test.ts, `workerd`, `workerd/inside`, … */
  name: string;
  /** A folder below with a vitest configuration of its own; null: the outer one. */
  root: string | null;
  /** The file or folder. */
  filter: string;
  /** Globs in it that belong to another suite. */
  excludes: string[];
}

/**
 * Looks for suites.
 * @param folder runtime-tests/, absolute; need not exist
 * @returns in order of their names
 */
export function findRuntimeSuites(folder: string): RuntimeSuite[] {
  const ignore = (path: string): boolean => path === "node_modules" || path.endsWith("/node_modules");
  const list = (pattern: string): string[] =>
    globSync(pattern, { cwd: folder, exclude: ignore }).map((path) => path.replaceAll("\\", "/"));
  const configured = list("**/vitest.config.{ts,mts,js,mjs}")
    .map((path) => dirname(path))
    .filter((path) => path !== ".");
  const suites = new Map<string, RuntimeSuite>();
  for (const file of list("**/*.test.ts").toSorted()) {
    const own = configured.filter((path) => file.startsWith(`${path}/`)).toSorted((a, b) => b.length - a.length)[0];
    const name = own ?? (file.split("/")[0] ?? "").replace(/\.test\.ts$/, "");
    if (suites.has(name)) continue;
    suites.set(name, {
      name,
      root: own ?? null,
      filter: own === undefined && file.includes("/") ? `${name}/` : (own ?? file),
      excludes: configured.filter((path) => path !== own && path.startsWith(`${name}/`)).map((path) => `${path}/**`),
    });
  }
  return [...suites.values()];
}
