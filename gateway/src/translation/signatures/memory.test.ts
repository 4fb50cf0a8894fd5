import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Clock } from "../../core/ports.ts";
import { createSignatureCache } from "./memory.ts";

function createClock(): Clock & { pass(ms: number): void } {
  let time = 0;
  return { now: () => time, monotonic: () => time, pass: (ms) => void (time += ms) };
}

describe("createSignatureCache", () => {
  it("gives a signature back to its own client only", () => {
    const cache = createSignatureCache({ clock: createClock() });
    cache.set("a", "call", "sig-a");
    cache.set("b", "call", "sig-b");
    expect([cache.get("a", "call"), cache.get("b", "call"), cache.get("c", "call")]).toStrictEqual([
      "sig-a",
      "sig-b",
      null,
    ]);
  });

  it("forgets after its time to live, counted from the last time it was set", () => {
    const clock = createClock();
    const cache = createSignatureCache({ clock, ttlMs: 1000 });
    cache.set("a", "call", "1");
    clock.pass(999);
    cache.set("a", "call", "2");
    clock.pass(999);
    expect(cache.get("a", "call")).toBe("2");
    clock.pass(1);
    expect(cache.get("a", "call")).toBe(null);
    expect(cache.size).toBe(0);
  });

  it("evicts what was not used for longest when it is full by number", () => {
    const cache = createSignatureCache({ clock: createClock(), maxEntries: 2 });
    cache.set("a", "1", "s");
    cache.set("a", "2", "s");
    cache.get("a", "1");
    cache.set("a", "3", "s");
    expect(["1", "2", "3"].map((id) => cache.get("a", id))).toStrictEqual(["s", null, "s"]);
  });

  it("stays within its bytes and does not take what could never fit", () => {
    const cache = createSignatureCache({ clock: createClock(), maxBytes: 10_000 });
    for (let index = 0; index < 100; index++) cache.set("a", String(index), "s".repeat(1000));
    expect(cache.size).toBe(8);
    expect(cache.get("a", "99")).toHaveLength(1000);
    cache.set("a", "huge", "s".repeat(10_000));
    expect(cache.get("a", "huge")).toBe(null);
    expect(cache.get("a", "99")).toHaveLength(1000);
  });

  it("agrees with a plain model under any order of use", () => {
    const steps = fc.array(
      fc.tuple(fc.constantFrom("set", "get"), fc.integer({ min: 0, max: 5 }), fc.string({ maxLength: 4 })),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const cache = createSignatureCache({ clock: createClock(), maxEntries: 3 });
        let model: [number, string][] = [];
        for (const [step, id, value] of all) {
          const found = model.find(([known]) => known === id);
          if (step === "set") cache.set("a", String(id), value);
          const kept = step === "set" ? value : found?.[1];
          expect(cache.get("a", String(id))).toBe(kept ?? null);
          if (kept === undefined) continue;
          model = [...model.filter(([known]) => known !== id), [id, kept] as [number, string]].slice(-3);
        }
        expect(cache.size).toBe(model.length);
      }),
    );
  });
});
