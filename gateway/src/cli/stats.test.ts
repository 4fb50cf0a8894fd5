import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { sampleCall, sampleStart, sampleUsage } from "../storage/contract-samples.ts";
import { openNodeSqlite } from "../storage/drivers/open-node.ts";
import { createCliFolder } from "./testing.ts";

it("gemini-proxy stats shows how much of the prompts came from Google's cache", async () => {
  const folder = createCliFolder();
  const since = ["--since", String(sampleStart - 1)];
  expect((await folder.run(["stats", "--json", ...since])).json()).toMatchObject({ calls: 0, cacheHitRate: null });
  mkdirSync(join(folder.path, "data"));
  const store = await openNodeSqlite({ path: join(folder.path, "data/gemini-proxy.sqlite") });
  await store.ledger.insert([
    sampleCall(0, { usage: sampleUsage({ promptTokens: 1_000, cachedTokens: 900 }) }),
    sampleCall(1, { usage: sampleUsage({ promptTokens: 3_000, cachedTokens: 0 }), modelServed: "gemini-4-neon" }),
  ]);
  await store.close();
  const groups = [
    expect.objectContaining({ key: "gemini-3.8-flash", cacheHitRate: 0.9 }),
    expect.objectContaining({ cacheHitRate: 0 }),
  ];
  const json = await folder.run(["stats", "--json", "--by", "model", ...since]);
  expect(json.json()).toMatchObject({ calls: 2, cacheHitRate: 0.225, groups });
  expect((await folder.run(["stats", ...since])).stdout).toMatch(/HIT[\s\S]* 22\.5%/);
});
