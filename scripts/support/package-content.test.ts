/**
 * What must not be published is found, and what a package's entries load is measured.
 */
import { describe, expect, it } from "vitest";
import { judgeContent, measureEntries, type PackageFiles } from "./package-content.ts";

const manifest = {
  bin: { tool: "bin/tool.js" },
  exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" }, "./package.json": "./package.json" },
  dependencies: { kysely: "0.29.9" },
};

describe("judgeContent", () => {
  const judge = (changes: Record<string, string | undefined>): string[] =>
    judgeContent(packageOf(changes), { places: ["/home/someone"] });

  it("passes a package that holds what its manifest names", () => {
    expect(judge({})).toEqual([]);
  });

  it.each<[Record<string, string | undefined>, string]>([
    [{ "dist/index.test.js": "" }, "dist/index.test.js: is not expected in the package"],
    [{ "src/index.ts": "" }, "src/index.ts: is not expected in the package"],
    [{ "dist/dashboard/index.html": undefined }, "dist/dashboard/index.html: is missing from the package"],
    [
      { "dist/dashboard/assets/index.js.map": "{}" },
      "dist/dashboard/assets/index.js.map: is not expected in the package",
    ],
    [{ "dist/read-worker.js": undefined }, "dist/read-worker.js: is missing from the package"],
    [{ "dist/index.js.map": "{}" }, "dist/index.js.map: is not expected in the package"],
    [{ "dist/index.js": "//# sourceMappingURL=index.js.map" }, "dist/index.js: points at a source map"],
    [{ "dist/a.js": "const a = '/home/someone/x';" }, "dist/a.js: names a folder of this machine"],
    [{ "dist/index.d.ts": undefined }, "dist/index.d.ts: is missing from the package"],
    [
      { "dist/index.js": 'import "./chunk.js";', "dist/chunk.js": 'import { join } from "node:path";' },
      "dist/chunk.js: is loaded by the portable entry and imports a runtime's module",
    ],
    [{ LICENSE: undefined }, "LICENSE: is missing from the package"],
    [{ "bin/tool.js": undefined }, "bin/tool.js: is missing from the package"],
    [
      { "package.json": JSON.stringify({ ...manifest, dependencies: { kysely: "^0.29.9" } }) },
      "package.json: kysely is not pinned to a version (^0.29.9)",
    ],
  ])("reports %o", (changes, problem) => {
    expect(judge(changes)).toEqual([problem]);
  });
});

describe("measureEntries", () => {
  it("counts what an entry loads at once, and each file once", () => {
    const files = packageOf({
      "dist/index.js":
        'import { a } from "./a.js";\nexport { b } from "./b.js";\nconst later = () => import("./late.js");\n',
      "dist/a.js": 'import "./b.js";',
      "dist/b.js": 'import "./a.js";',
      "dist/late.js": "x".repeat(10_000),
    });
    const loaded = ["dist/index.js", "dist/a.js", "dist/b.js"].reduce(
      (sum, path) => sum + (files.get(path)?.length ?? 0),
      0,
    );
    expect(measureEntries(files).find(({ entry }) => entry === "dist/index.js")?.bytes).toBe(loaded);
  });
});

// --- helpers ---

/** A sound package with changes; undefined takes a file away. */
function packageOf(changes: Record<string, string | undefined>): PackageFiles {
  const files: Record<string, string | undefined> = {
    "package.json": JSON.stringify(manifest),
    "README.md": "# Tool",
    LICENSE: "MIT",
    "bin/tool.js": 'await import("../dist/index.js");',
    "dist/index.js": "export const a = 1;",
    "dist/index.d.ts": "export declare const a: number;",
    "dist/read-worker.js": "",
    "dist/dashboard/index.html": "<!doctype html>",
    "dist/dashboard/index.html.br": "x",
    "dist/dashboard/assets/index-abcdefgh.js": "",
    ...changes,
  };
  return new Map(
    Object.entries(files).flatMap(([path, text]) => (text === undefined ? [] : [[path, Buffer.from(text)]])),
  );
}
