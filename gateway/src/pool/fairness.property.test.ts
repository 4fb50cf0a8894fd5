import fc from "fast-check";
import { expect, test } from "vitest";
import type { Credential, Lease } from "../core/credential.ts";
import { toSecret } from "../core/secret.ts";
import type { Effect } from "../core/verdict.ts";
import { createPool } from "./pool.ts";
import type { PickRequest, Pool } from "./types.ts";

const start = 1_800_000_000_000;

test("round robin is fair: among credentials that are ready all the time uses differ by one at most", () => {
  const setup = fc.record({
    ready: fc.integer({ min: 1, max: 20 }),
    resting: fc.nat(20),
    picks: fc.nat(200),
    tried: fc.array(fc.nat(19), { maxLength: 3 }),
  });
  fc.assert(
    fc.property(setup, ({ ready, resting, picks, tried }) => {
      const names = Array.from({ length: ready + resting }, (_, index) => `c${index}`);
      const pool = newPool();
      pool.replace(names.map((name) => plain(name)));
      const effects: Effect[] = [
        { kind: "cooldown", scope: "project", untilMs: start + 60_000, cause: "money", words: "" },
      ];
      for (const name of names.slice(ready)) {
        pool.apply({ lease: leaseOf(name), model: "x", rule: "r", effects, consumer: null, limits: [], now: start });
      }
      // All calls come with the same tried list; the others must not lose or gain a turn by it.
      const skipped = tried.map((index) => `c${index}`);
      const uses = new Map(names.slice(0, ready).map((name) => [name, 0]));
      for (let index = 0; index < picks; index++) {
        const given = pool.pick(ask({ model: "x", tried: skipped }, start));
        if (given.ok) uses.set(given.lease.credentialId, (uses.get(given.lease.credentialId) as number) + 1);
      }
      for (const name of skipped) expect(uses.get(name) ?? 0).toBe(0);
      const fair = [...uses].filter(([name]) => !skipped.includes(name)).map(([, count]) => count);
      if (fair.length > 0) expect(Math.max(...fair) - Math.min(...fair)).toBeLessThanOrEqual(1);
    }),
  );
});

test("weighted shares stay within one call and a half of the weights", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8, size: "max" }), (weights) => {
      const pool = newPool();
      pool.replace(weights.map((weight, index) => ({ ...plain(`c${index}`), weight })));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const uses = weights.map(() => 0);
      for (let index = 0; index < total * 20; index++) {
        const given = pool.pick(ask({ model: "x", strategy: "weighted" }, start));
        if (!given.ok) throw new Error(given.reason);
        const at = Number(given.lease.credentialId.slice(1));
        uses[at] = (uses[at] as number) + 1;
      }
      uses.forEach((count, index) =>
        expect(Math.abs(count - (weights[index] as number) * 20)).toBeLessThanOrEqual(1.5),
      );
    }),
  );
});

// --- helpers ---

function plain(name: string): Credential {
  return {
    id: name,
    name,
    secret: toSecret(name),
    projectId: null,
    source: "stored",
    weight: 1,
    tier: 0,
    enabled: true,
  };
}

function leaseOf(name: string): Lease {
  return { credentialId: name, credentialName: name, projectId: "unknown", secret: toSecret(name) };
}

function ask(change: Partial<PickRequest>, now: number): PickRequest {
  return { model: null, strategy: "round_robin", stickyKey: null, tried: [], now, ...change };
}

function newPool(): Pool {
  return createPool({ random: { next: () => 0, bytes: (length) => new Uint8Array(length) }, onChange: () => {} });
}
