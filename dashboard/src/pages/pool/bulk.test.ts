import { describe, expect, it } from "vitest";
import { concerned, groupResults, runBulk } from "./bulk.ts";
import type { BulkProgress } from "./bulk.ts";
import type { BulkResult } from "./types.ts";

const ids = Array.from({ length: 25 }, (_, index) => `c${index}`);
const answer = (changed: number, results: BulkResult["results"] = []): BulkResult => ({
  dryRun: false,
  changed,
  results,
});

describe("bulk changes", () => {
  it("go in parts, add up, and tell how far they are", async () => {
    const told: number[] = [];
    const sent: string[][] = [];
    const result = await runBulk({
      ids,
      action: "check",
      dryRun: false,
      signal: new AbortController().signal,
      send: (part) => {
        sent.push(part);
        return Promise.resolve(answer(part.length - 1, [{ id: part[0] ?? "", status: "invalid", words: null }]));
      },
      onProgress: ({ done }) => told.push(done),
    });
    expect(told).toEqual([10, 20, 25]);
    expect(sent.flat()).toEqual(ids);
    expect(result).toMatchObject({ done: 25, total: 25, changed: 22, stopped: false });
    expect(result.results).toHaveLength(3);
  });

  it("stop between two parts when asked to, and say so", async () => {
    const controller = new AbortController();
    const result = await runBulk({
      ids,
      action: "check",
      dryRun: false,
      signal: controller.signal,
      send: (part) => Promise.resolve(answer(part.length)),
      onProgress: () => controller.abort(),
    });
    expect(result).toMatchObject({ done: 10, stopped: true });
  });

  it("tell what was done before a part failed", async () => {
    const told: BulkProgress[] = [];
    const run = runBulk({
      ids,
      action: "check",
      dryRun: false,
      signal: new AbortController().signal,
      send: (part) => (part.includes("c0") ? Promise.resolve(answer(10)) : Promise.reject(new Error("gone"))),
      onProgress: (progress) => told.push(progress),
    });
    await expect(run).rejects.toThrow("gone");
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({ done: 10, changed: 10 });
  });

  it("need one request for a dry run of a thousand", async () => {
    let sent = 0;
    await runBulk({
      ids: Array.from({ length: 1000 }, (_, index) => `c${index}`),
      action: "check",
      dryRun: true,
      signal: new AbortController().signal,
      send: () => {
        sent += 1;
        return Promise.resolve(answer(1000));
      },
      onProgress: () => undefined,
    });
    expect(sent).toBe(1);
  });

  it("concern those that the dry run would change; a check concerns all that can be asked", () => {
    const preview = { total: 5, changed: 0, results: [{ id: "a", status: "not_found", words: null }] };
    expect(concerned("check", preview)).toBe(4);
    expect(concerned("enable", { ...preview, changed: 2 })).toBe(2);
  });

  it("are summed up by what came of them", () => {
    expect(
      groupResults([
        { id: "a", status: "invalid", words: "bad" },
        { id: "b", status: "ok", words: null },
        { id: "c", status: "ok", words: null },
      ]).map((group) => [group.status, group.ids]),
    ).toEqual([
      ["ok", ["b", "c"]],
      ["invalid", ["a"]],
    ]);
  });
});
