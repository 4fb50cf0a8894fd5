/**
 * The repository's own checks bite.
 */
import { describe, expect, it } from "vitest";
import { anchorsOf, checkPage, type Repository } from "./docs.ts";
import { findForbidden, isObviouslyFake } from "./forbidden-text.ts";
import { checkLockfile, compareLockfiles } from "./lockfile.ts";

// Put together here, so that this file itself passes the check.
const randomKey = ["AIza", "SyD9kQ2mVx7", "LpR4tWz8bNc3fHj6", "GsYu1EoKa"].join("").slice(0, 39);

describe("forbidden text", () => {
  it.each([
    ["a path of the machine", ["see /wor", "k/main/x.ts"]],
    ["a path beside the repository", ["see ../share", "d/design.md"]],
    ["how it was written", ["by a sub", "-agent"]],
    ["how it was written, in one word", ["by Sub", "agents"]],
    ["a registry", ["from https://registr", "y.npmjs.org/x"]],
    ["a key", [`key=${randomKey}`]],
    ["a refresh token", ["1//0", "gKx3LmQ9wTzR5vBn".repeat(5)]],
    ["a private key", ["-----BEGIN PRIVATE ", `KEY-----\n${"MIIEvQIBADANBgkqhkiG9w0B".repeat(2)}`]],
  ])("finds %s", (_, parts) => {
    expect(findForbidden(`first line\n${parts.join("")}\n`)).toMatchObject([{ line: 2 }]);
  });

  it("finds the host of the registry in use", () => {
    expect(findForbidden("a\nb mirror.example.com c", ["mirror.example.com"])).toMatchObject([{ line: 2 }]);
  });

  it.each([
    "key=AIzaFAKE0000000000000000000000000000000",
    "const start = '/workers/a';",
    "node_modules/work/index.js",
    "a user agent",
    "it is shared, and read",
    "docs/client-library.md",
  ])("is quiet on %s", (text) => {
    expect(findForbidden(text)).toEqual([]);
  });

  it("never repeats the secret that it found", () => {
    expect(JSON.stringify(findForbidden(randomKey))).not.toContain(randomKey.slice(4, 20));
  });

  it("takes a random key for real", () => {
    expect(isObviouslyFake(randomKey)).toBe(false);
  });
});

describe("lock file", () => {
  const entry = { version: "1.0.0", integrity: "sha512-x", funding: { url: "https://example.com" } };
  const lock = (packages: unknown): string => JSON.stringify({ lockfileVersion: 3, packages });

  it("passes without addresses", () => {
    expect(
      checkLockfile(lock({ "": {}, "node_modules/a": entry, "node_modules/b": { link: true, resolved: "b" } })),
    ).toEqual([]);
  });

  it("reports a resolved address", () => {
    const resolved = { ...entry, resolved: "https://packages.example.com/a.tgz" };
    expect(checkLockfile(lock({ "node_modules/a": resolved }))).toEqual(["node_modules/a: holds an address"]);
  });

  it("reports a package without a hash", () => {
    expect(checkLockfile(lock({ "node_modules/a": { version: "1.0.0" } }))).toEqual([
      "node_modules/a: has no integrity hash",
    ]);
  });
});

describe("lock file after an install", () => {
  const lock = (packages: unknown): string => JSON.stringify({ packages });
  const one = { version: "1.0.0", integrity: "sha512-x" };
  const before = lock({ "node_modules/a": one });

  it("may gain builds for other platforms", () => {
    expect(
      compareLockfiles(before, lock({ "node_modules/a": one, "node_modules/b": { ...one, optional: true } })),
    ).toEqual([]);
  });

  it.each([
    [{ "node_modules/a": one, "node_modules/b": one }, "node_modules/b: was not locked"],
    [{}, "node_modules/a: is locked, but nothing needs it"],
    [{ "node_modules/a": { ...one, version: "1.0.1" } }, "node_modules/a: was locked at another version"],
    [{ "node_modules/a": { ...one, integrity: "sha512-y" } }, "node_modules/a: was locked at another version"],
  ])("must not change otherwise: %o", (packages, difference) => {
    expect(compareLockfiles(before, lock(packages))).toEqual([difference]);
  });
});

describe("documentation", () => {
  const pages: Record<string, string> = {
    "README.md": "# Title\n\n## Quick start\n\n## What it's for?\n",
    "docs/errors.md": "# Errors",
  };
  const repository = (text: string): Repository => ({
    exists: (path) => path in pages || path === "gateway/src/core/errors.ts" || path === "docs",
    read: (path) => (path === "docs/page.md" ? text : (pages[path] ?? null)),
    scripts: new Set(["test", "check:docs"]),
  });
  const check = (text: string): string[] => checkPage("docs/page.md", repository(text));

  it("passes true claims", () => {
    const text =
      "[a](errors.md) [b](../README.md#quick-start) [c](https://example.com/x) `gateway/src/core/errors.ts` `npm run check:docs`\n" +
      "```sh\n[x](nowhere.md)\n```\n`gateway/src/<part>/x.ts`";
    expect(check(text)).toEqual([]);
  });

  it.each([
    ["[a](missing.md)", "missing.md: the link leads nowhere"],
    ["[a](../../outside.md)", "../../outside.md: the link leads nowhere"],
    ["[a](../README.md#slow-start)", "../README.md#slow-start: there is no such heading"],
    ["`gateway/src/core/mistakes.ts`", "`gateway/src/core/mistakes.ts`: there is no such file"],
    ["```sh\nnpm run fly\n```", "npm run fly: there is no such script"],
  ])("reports %s", (text, problem) => {
    expect(check(text)).toEqual([problem]);
  });

  it("makes anchors as GitHub does", () => {
    expect([...anchorsOf("# A `b` c?\n## Same\n## Same\n")]).toEqual(["a-b-c", "same", "same-1"]);
  });
});
