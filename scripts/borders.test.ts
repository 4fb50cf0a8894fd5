/**
 * Every border rule fires on an import that breaks it, and none fires on a tree that keeps them.
 * @module
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkBorders } from "./support/borders.ts";

const source = "gateway/src";

/** One breach a row: the rule, the importing file, its import. The imported file is made too. */
const breaches: readonly { rule: string; file: string; imports: string }[] = [
  { rule: "no-runtime-modules-in-core-folders", file: "call/plan.ts", imports: 'import { join } from "node:path";' },
  {
    rule: "no-runtime-modules-in-core-folders",
    file: "vault/seal.ts",
    imports: 'import { createHash } from "crypto";',
  },
  {
    rule: "no-runtime-modules-in-core-folders",
    file: "storage/store.ts",
    imports: 'import type { Stats } from "node:fs";',
  },
  { rule: "no-runtime-modules-in-core-folders", file: "hosts/fetch/host.ts", imports: 'import "node:net";' },
  { rule: "no-runtime-modules-in-core-folders", file: "call/plan.ts", imports: 'await import("node:fs");' },
  {
    rule: "no-platform-schemes-in-core-folders",
    file: "call/plan.ts",
    imports: 'import { connect } from "cloudflare:sockets";',
  },
  {
    rule: "no-platform-schemes-in-core-folders",
    file: "ledger/write.ts",
    imports: 'import { Database } from "bun:sqlite";',
  },
  { rule: "portable-packages-only-in-core-folders", file: "call/send.ts", imports: 'import { Agent } from "undici";' },
  { rule: "portable-packages-only-in-core-folders", file: "call/send.ts", imports: 'import { serve } from "bun";' },
  {
    rule: "drivers-are-chosen-by-hosts",
    file: "storage/open.ts",
    imports: 'import { a } from "./drivers/node-sqlite.ts";',
  },
  { rule: "core-imports-only-core", file: "core/ids.ts", imports: 'import type { Key } from "../clients/types.ts";' },
  { rule: "core-imports-only-core", file: "core/ids.ts", imports: 'import { LRUCache } from "lru-cache";' },
  { rule: "pool-stands-alone", file: "pool/pick.ts", imports: 'import { a } from "../ledger/price.ts";' },
  { rule: "clients-stands-alone", file: "clients/keys.ts", imports: 'import type { A } from "../vault/hash.ts";' },
  { rule: "ledger-stands-alone", file: "ledger/write.ts", imports: 'import { a } from "../pool/types.ts";' },
  { rule: "vault-stands-alone", file: "vault/seal.ts", imports: 'import { a } from "../clients/types.ts";' },
  {
    rule: "dialects-stand-alone",
    file: "dialects/openai-chat/in.ts",
    imports: 'import { a } from "../gemini/out.ts";',
  },
  {
    rule: "translation-knows-no-dialect",
    file: "translation/compose.ts",
    imports: 'import { a } from "../dialects/anthropic/in.ts";',
  },
  {
    rule: "backends-stand-alone",
    file: "backends/gemini-api/send.ts",
    imports: 'import { a } from "../code-assist/out.ts";',
  },
  {
    rule: "dialects-and-backends-apart",
    file: "dialects/gemini/in.ts",
    imports: 'import { a } from "../../backends/gemini-api/a.ts";',
  },
  {
    rule: "dialects-and-backends-apart",
    file: "backends/gemini-api/a.ts",
    imports: 'import { a } from "../../dialects/gemini/in.ts";',
  },
  { rule: "nothing-imports-hosts", file: "call/plan.ts", imports: 'import type { A } from "../hosts/node/server.ts";' },
  {
    rule: "portable-hosts-stand-alone",
    file: "hosts/cloudflare/worker.ts",
    imports: 'import { a } from "../node/server.ts";',
  },
  { rule: "nothing-imports-cli", file: "hosts/node/server.ts", imports: 'import { a } from "../../cli/main.ts";' },
  { rule: "sources-never-import-tests", file: "pool/pick.ts", imports: 'import { a } from "../testkit/clock.ts";' },
  {
    rule: "sources-never-import-tests",
    file: "hosts/node/server.ts",
    imports: 'import { a } from "../../../../emulator/src/a.ts";',
  },
  { rule: "no-cycles", file: "call/plan.ts", imports: 'import { a } from "./back.ts";' },
  { rule: "no-type-cycles", file: "call/plan.ts", imports: 'import { type A } from "./back.ts";' },
];

/** Imports that no rule may touch. */
const allowed: readonly { file: string; imports: string }[] = [
  {
    file: "hosts/node/server.ts",
    imports: 'import { createServer } from "node:http"; import { Agent } from "undici";',
  },
  { file: "storage/drivers/node-sqlite.ts", imports: 'import { DatabaseSync } from "node:sqlite";' },
  {
    file: "storage/types.ts",
    imports: 'import type { A } from "../pool/health.ts"; import type { B } from "../clients/key.ts";',
  },
  { file: "call/plan.ts", imports: 'import { a } from "../pool/pick.ts"; import { b } from "../ledger/meter.ts";' },
  { file: "cli/main.ts", imports: 'import { a } from "../hosts/node/start.ts";' },
  { file: "index.ts", imports: 'export { a } from "./hosts/fetch/handler.ts";' },
  {
    file: "pool/pick.test.ts",
    imports: 'import "node:fs"; import { a } from "../testkit/clock.ts"; import { b } from "../ledger/meter.ts";',
  },
  {
    file: "dialects/openai-chat/in.ts",
    imports: 'import { a } from "./fields.ts"; import { b } from "../gemini-shape.ts";',
  },
  {
    file: "hosts/cloudflare/worker.ts",
    imports: 'import { a } from "../fetch/handler.ts"; import { b } from "cloudflare:workers";',
  },
  { file: "ledger/roll.ts", imports: 'import { Kysely } from "kysely"; import * as z from "zod";' },
];

describe("borders", () => {
  let base = "";

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), "borders-"));
    for (const name of ["undici", "bun", "lru-cache", "kysely", "zod"]) {
      await write(
        base,
        `node_modules/${name}/package.json`,
        JSON.stringify({ name, version: "1.0.0", main: "index.js" }),
      );
      await write(base, `node_modules/${name}/index.js`, "");
    }
    await write(base, "package.json", JSON.stringify({ name: "fixture", type: "module" }));
  });

  afterEach(async () => rm(base, { recursive: true, force: true }));

  it.each(breaches)("$rule fires on $imports in $file", async ({ rule, file, imports }) => {
    await writeSource(base, file, imports);
    if (rule.endsWith("cycles"))
      await write(base, `${source}/call/back.ts`, 'import { b } from "./plan.ts";\nexport type A = 1;\n');
    const report = await checkBorders({ base, folders: ["gateway/src"] });
    expect(report.violations.map((violation) => violation.rule)).toContain(rule);
    expect(report.violations.filter((violation) => violation.comment === "")).toEqual([]);
  });

  it("fires emulator-stands-alone when the emulator imports the gateway", async () => {
    await write(base, "emulator/src/quota.ts", 'import type { A } from "../../gateway/src/core/a.ts";');
    await write(base, `${source}/core/a.ts`, "export type A = 1;");
    const report = await checkBorders({ base, folders: ["emulator/src"] });
    expect(report.violations.map((violation) => violation.rule)).toEqual(["emulator-stands-alone"]);
  });

  it("has a breach in this file for every rule there is", async () => {
    await writeSource(base, "core/a.ts", "");
    const { rules } = await checkBorders({ base, folders: ["gateway/src"] });
    const proven = new Set([...breaches.map((breach) => breach.rule), "emulator-stands-alone"]);
    expect(rules.filter((rule) => !proven.has(rule))).toEqual([]);
  });

  it("is quiet on imports that are allowed", async () => {
    for (const { file, imports } of allowed) await writeSource(base, file, imports);
    const report = await checkBorders({ base, folders: ["gateway/src"] });
    expect(report.violations).toEqual([]);
    expect(report.files).toBeGreaterThan(allowed.length);
  });
});

// --- helpers ---

async function write(base: string, path: string, text: string): Promise<void> {
  const file = join(base, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

/** Writes a source file and empty files for its relative imports, so that they resolve. */
async function writeSource(base: string, file: string, imports: string): Promise<void> {
  const path = `${source}/${file}`;
  await write(base, path, `${imports}\nexport {};\n`);
  for (const [, target] of imports.matchAll(/from "(\.[^"]+)"/g)) {
    const imported = join(dirname(path), target ?? "");
    if (!imported.endsWith(file)) await write(base, imported, "export const a = 1;\nexport const b = 1;\n");
  }
}
