import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { createProjectInference } from "./project-inference.ts";
import type { InferenceEvent, InferenceFinding, ProjectInference } from "./types.ts";

const midnight = Date.parse("2026-06-15T07:00:00Z");
const hour = 3_600_000;
const day = 24 * hour;
const noon = midnight + 12 * hour;

describe("two keys of one project", () => {
  it("are found when they are refused together on three days, by what both used", () => {
    const inference = newInference();
    expect(refuseTogether(inference, 0)).toEqual([]);
    expect(refuseTogether(inference, 1)).toEqual([]);
    const evidence = "3 times in 2880 minutes refused together at 13 + 7 of 20 requests a day, gemini-x";
    expect(refuseTogether(inference, 2)).toEqual([{ kind: "merge", merge: ["a", "b"], evidence }]);
  });

  it("are found on one day when three models show it", () => {
    const inference = newInference();
    const findings = ["gemini-x", "gemini-y", "gemini-z"].flatMap((model, index) => [
      ...inference.observe(refused("a", { model, now: noon + index * hour })),
      ...inference.observe(refused("b", { model, usedHere: 13, now: noon + index * hour + 200 })),
    ]);
    expect(findings).toMatchObject([{ merge: ["a", "b"] }]);
  });

  it("that were joined are one from then on", () => {
    const inference = newInference();
    for (let index = 0; index < 3; index++) refuseTogether(inference, index);
    expect(refuseTogether(inference, 3)).toMatchObject([]);
    expect(inference.observe(refused("a", { usedHere: 19, now: noon + 4 * day }))).toEqual([]);
  });
});

describe("two keys are not of one project", () => {
  it("when one is served on the day on which the other's is used up", () => {
    const inference = newInference();
    for (let index = 0; index < 2; index++) refuseTogether(inference, index);
    inference.observe(refused("a", { now: noon + 2 * day }));
    inference.observe(served("b", { usedHere: 5, now: noon + 2 * day + hour }));
    for (let index = 3; index < 6; index++) expect(refuseTogether(inference, index)).toEqual([]);
  });

  it("when both together use more than the limit", () => {
    const inference = newInference();
    for (let index = 0; index < 2; index++) refuseTogether(inference, index);
    inference.observe(served("a", { usedHere: 15, now: noon + 2 * day }));
    inference.observe(served("b", { usedHere: 15, now: noon + 2 * day + 1 }));
    expect(refuseTogether(inference, 3)).toEqual([]);
  });

  it.each([
    ["their uses do not make up the limit", { usedHere: 5 }],
    ["their limits differ", { usedHere: 13, limit: 21 }],
    ["the other was refused by another limit", { usedHere: 13, window: "minute" as const }],
    ["the other's model is another", { usedHere: 13, model: "gemini-y" }],
    ["the other's day was full by our count", { usedHere: 20 }],
    ["the limit is too small to tell", { usedHere: 2, limit: 3 }],
  ])("when %s", (_, change) => {
    const inference = newInference();
    for (let index = 0; index < 8; index++) {
      const now = noon + index * day;
      expect(inference.observe(refused("a", { now }))).toEqual([]);
      expect(inference.observe(refused("b", { now: now + 200, ...change }))).toEqual([]);
    }
  });

  it("when more keys are refused than the limit explains: all were used elsewhere", () => {
    const inference = newInference();
    for (let index = 0; index < 8; index++) {
      ["a", "b", "c", "d"].forEach((id, turn) => {
        const event = refused(id, { usedHere: 10, now: noon + index * day + turn * 200 });
        expect(inference.observe(event)).toEqual([]);
      });
    }
  });

  it("by a day that had begun before they were known", () => {
    const inference = createProjectInference();
    ["gemini-x", "gemini-y", "gemini-z", "gemini-w"].forEach((model, index) => {
      expect(inference.observe(refused("a", { model, now: noon + index * hour }))).toEqual([]);
      const event = refused("b", { model, usedHere: 13, now: noon + index * hour + 200 });
      expect(inference.observe(event)).toEqual([]);
    });
  });

  it("by what happened in one moment, however often", () => {
    const inference = newInference();
    for (let index = 0; index < 20; index++) {
      const model = `gemini-${index}`;
      expect(inference.observe(refused("a", { model, now: noon + index }))).toEqual([]);
      expect(inference.observe(refused("b", { model, usedHere: 13, now: noon + index }))).toEqual([]);
    }
  });
});

describe("a joined project", () => {
  it("loses the credential that is served when the day's quota is used up, and does not get it back soon", () => {
    const inference = newInference();
    for (let index = 0; index < 3; index++) refuseTogether(inference, index);
    const now = noon + 4 * day;
    const own = { projectId: "a", now: now + hour };
    inference.observe({ ...refused("k-a", { usedHere: 15, now }), projectId: "a" });
    expect(inference.observe({ ...served("k-b", own), credentialId: "k-b" })).toEqual([]);
    const findings = inference.observe({ ...served("k-b", { ...own, now: now + 2 * hour }), credentialId: "k-b" });
    expect(findings).toEqual([
      { kind: "split", split: "k-b", evidence: "served 2 times although the project's day of gemini-x was used up" },
    ]);
    for (let index = 5; index < 10; index++) {
      inference.observe(refused("a", { now: noon + index * day }));
      const again = { ...refused("b", { usedHere: 13, now: noon + index * day + 200 }), credentialId: "k-b" };
      expect(inference.observe(again)).toEqual([]);
    }
  });

  it("of before a restart can be split too", () => {
    const inference = newInference();
    inference.restore(["a"]);
    inference.observe(refused("a", { now: noon }));
    inference.observe({ ...served("a", { now: noon + hour }), credentialId: "k-b" });
    const findings = inference.observe({ ...served("a", { now: noon + 2 * hour }), credentialId: "k-b" });
    expect(findings).toMatchObject([{ kind: "split", split: "k-b" }]);
  });

  it("is not doubted for who was served before, at the same time, or on another day", () => {
    const inference = newInference();
    inference.restore(["a"]);
    inference.observe(refused("a", { now: noon }));
    for (const now of [noon - hour, noon + 1_000, noon + day, noon + day + hour])
      expect(inference.observe({ ...served("a", { now }), credentialId: "k-b" })).toEqual([]);
  });
});

test("memory is bounded, whatever happens", () => {
  const inference = createProjectInference({ mostPairs: 100, mostServed: 500, countedSince: midnight });
  let most = 0;
  for (let index = 0; index < 60_000; index++) {
    const now = noon + index * 1_000;
    const [project, model] = [`p${(index * 7_919) % 5_000}`, `gemini-${index % 300}`];
    const window = index % 3 === 0 ? ("minute" as const) : ("day" as const);
    if (index % 2 === 0) inference.observe(refused(project, { model, window, usedHere: 1 + (index % 19), now }));
    else inference.observe(served(project, { model, usedHere: 1, now }));
    most = Math.max(most, index % 100 === 0 ? inference.size() : 0);
  }
  // Four maps of 500, 100 pairs, and 200 models with a few windows of 64 members.
  expect(most).toBeGreaterThan(1_000);
  expect(most).toBeLessThan(2_100 + 200 * 18 * 64);
});

test("any events give findings that can be carried out", () => {
  const event = fc.record({
    isRefused: fc.boolean(),
    id: fc.constantFrom("a", "b", "c", "d"),
    model: fc.constantFrom("m", "n"),
    metric: fc.constantFrom("requests" as const, "tokens" as const),
    window: fc.constantFrom("minute" as const, "day" as const),
    limit: fc.constantFrom(0, 4, 10, 20, Number.NaN, Infinity),
    usedHere: fc.oneof(fc.integer({ min: -1, max: 12 }), fc.constant(Number.NaN)),
    gap: fc.oneof(fc.nat(1_000), fc.nat(600_000), fc.integer({ min: -500_000, max: day })),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 300, size: "max" }), (events) => {
      const inference = newInference();
      const homes = new Map(["a", "b", "c", "d"].map((id) => [id, id]));
      let now = noon;
      for (const { isRefused, id, gap, ...rest } of events) {
        now += gap;
        const parts = { ...rest, projectId: homes.get(id) as string, now };
        const findings = inference.observe({ ...(isRefused ? refused(id, parts) : served(id, parts)), ...parts });
        for (const finding of findings) {
          if (finding.kind === "split") {
            homes.set(finding.split, finding.split);
            continue;
          }
          const [into, from] = finding.merge;
          expect(into).not.toBe(from);
          expect([...homes.values()]).toContain(into);
          expect([...homes.values()]).toContain(from);
          for (const [key, home] of homes) if (home === from) homes.set(key, into);
        }
      }
    }),
    { numRuns: 200 },
  );
});

// --- helpers ---

/** Knows of all projects since the day began. */
function newInference(): ProjectInference {
  return createProjectInference({ countedSince: midnight });
}

function refuseTogether(inference: ProjectInference, days: number): InferenceFinding[] {
  const now = noon + days * day;
  return [
    ...inference.observe(refused("a", { now })),
    ...inference.observe(refused("b", { usedHere: 13, now: now + 200 })),
  ];
}

function refused(
  id: string,
  parts: Partial<Extract<InferenceEvent, { kind: "refused" }>> & { now: number },
): Extract<InferenceEvent, { kind: "refused" }> {
  const common = { credentialId: id, projectId: id, model: "gemini-x", metric: "requests", window: "day" } as const;
  return { kind: "refused", ...common, limit: 20, usedHere: 7, ...parts };
}

function served(
  id: string,
  parts: { now: number; usedHere?: number; model?: string; projectId?: string },
): Extract<InferenceEvent, { kind: "served" }> {
  return { kind: "served", credentialId: id, projectId: id, model: "gemini-x", usedHere: 1, ...parts };
}
