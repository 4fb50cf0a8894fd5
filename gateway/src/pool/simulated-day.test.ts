import { describe, expect, it } from "vitest";
import type { Credential, Lease } from "../core/credential.ts";
import { toSecret } from "../core/secret.ts";
import { createSeededRandom } from "../testkit/simulated.ts";
import { createNaiveGoogle } from "./naive-google.ts";
import type { NaiveGoogle, NaiveGoogleOptions } from "./naive-google.ts";
import { createPool } from "./pool.ts";
import type { Cooldown, HealthChange, Pool, QuotaLimit, QuotaUsage } from "./types.ts";

const hour = 3_600_000;
const projects = Array.from({ length: 20 }, (_, index) => `p${index}`);

/** Midnights in Los Angeles: the second day of each has 23, 25 and 24 hours. */
const weeks = {
  spring: [Date.UTC(2026, 2, 7, 8), Date.UTC(2026, 2, 8, 8), Date.UTC(2026, 2, 9, 7), Date.UTC(2026, 2, 10, 7)],
  autumn: [Date.UTC(2026, 9, 31, 7), Date.UTC(2026, 10, 1, 7), Date.UTC(2026, 10, 2, 8), Date.UTC(2026, 10, 3, 8)],
  plain: [Date.UTC(2026, 10, 20, 8), Date.UTC(2026, 10, 21, 8), Date.UTC(2026, 10, 22, 8), Date.UTC(2026, 10, 23, 8)],
};
const flash = { requestsPerMinute: 10, requestsPerDay: 20 };
const lite = { requestsPerMinute: 15, requestsPerDay: 500 };

describe.each(["spring", "autumn", "plain"] as const)("20 free projects through two days in %s", (season) => {
  const midnights = weeks[season];

  describe.each(["configured", "learned"] as const)("with %s limits", (knowledge) => {
    it.each(["sliding", "fixed"] as const)("serve three quarters of their quota, all of it (%s minutes)", (minutes) => {
      const day = simulate({ ...flash, minutes, midnights, knowledge, callsPerHour: 12.5, seed: 1 });
      expect(day.refused).toBe(0);
      expect(day.served).toBe(day.offered);
      expectGood(day);
    });

    it("serve their whole quota when there are twice as many calls, and from midnight on again", () => {
      const day = simulate({ ...flash, minutes: "sliding", midnights, knowledge, callsPerHour: 40, seed: 2 });
      // Both days to the last call of 400, although they have 23 to 25 hours.
      expect(day.google.servedByDay().slice(0, 2)).toEqual([400, 400]);
      expectGood(day);
      // Whoever calls within an hour after a midnight is served.
      expect(day.refusedEarly).toBe(0);
    });

    it("know after a restart what was used before", () => {
      const restarts = [5, 9, 17, 30].map((at) => (midnights[0] as number) + at * hour);
      const day = simulate({ ...flash, minutes: "sliding", midnights, knowledge, callsPerHour: 40, seed: 4, restarts });
      expect(day.google.servedByDay().slice(0, 2)).toEqual([400, 400]);
      expectGood(day);
    });
  });
});

describe.each(["configured", "learned"] as const)("a rush of 17,000 calls in an hour, with %s limits", (knowledge) => {
  it.each(["sliding", "fixed"] as const)("keeps below 20 x 15 calls in each of the %s minutes", (minutes) => {
    const midnights = weeks.plain;
    const day = simulate({ ...lite, minutes, midnights, knowledge, callsPerHour: 285 * 60, seed: 3, hours: 1 });
    expect(day.offered).toBeGreaterThan(15_000);
    expect(day.google.servedByDay()[0]).toBe(10_000);
    expectGood(day);
  });
});

it("without respect for quotas the same load costs more attempts", () => {
  const parts = { ...flash, minutes: "sliding" as const, midnights: weeks.plain, callsPerHour: 40, seed: 2 };
  const respected = simulate({ ...parts, knowledge: "configured" });
  const ignored = simulate({ ...parts, knowledge: "ignored" });
  expect(respected.attempts).toBe(respected.served);
  expect(ignored.attempts).toBeGreaterThan(ignored.served);
});

// --- helpers ---

interface Simulation extends NaiveGoogleOptions {
  /** `configured`: the pool is told the limits; `learned`: Google tells; `ignored`: it is told and does not care. */
  knowledge: "configured" | "learned" | "ignored";
  callsPerHour: number;
  seed: number;
  /** @default until the third midnight */
  hours?: number;
  restarts?: readonly number[];
}

interface Simulated {
  google: NaiveGoogle;
  offered: number;
  served: number;
  servedAtOnce: number;
  attempts: number;
  refused: number;
  /** Refused in the hour after a midnight. */
  refusedEarly: number;
  /** Refused although a project had quota left. */
  refusedWrongly: number;
  /** Refused with a time at which there cannot be room again, or with one after midnight. */
  promisedWrongly: number;
  /** Refusals of a project for a limit that the pool should have known. */
  toldAgain: number;
}

/** The goals of a quota-true pool. */
function expectGood(day: Simulated): void {
  expect(day.servedAtOnce / day.served).toBeGreaterThan(0.99);
  expect(day.attempts / day.served).toBeLessThan(1.05);
  expect(day.refusedWrongly).toBe(0);
  expect(day.promisedWrongly).toBe(0);
  expect(day.toldAgain).toBe(0);
  expect(day.served + day.refused).toBe(day.offered);
}

/** Poisson arrivals; each call takes some seconds; Google sees it up to 0.3 s after it was sent. */
function simulate(options: Simulation): Simulated {
  const { midnights, knowledge, restarts = [] } = options;
  const random = createSeededRandom(options.seed);
  const google = createNaiveGoogle(options);
  const store = createStore();
  const start = midnights[0] as number;
  const end = options.hours === undefined ? (midnights[2] as number) + hour : start + options.hours * hour;
  const open: { at: number; lease: Lease }[] = [];
  const told = new Map<string, number>();
  const counts = { offered: 0, served: 0, servedAtOnce: 0, attempts: 0 };
  const wrongs = { refused: 0, refusedEarly: 0, refusedWrongly: 0, promisedWrongly: 0, toldAgain: 0 };
  const waiting = [...restarts];
  let pool = newPool(options, store, start);
  let seenAt = start;

  function finish(now: number): void {
    for (const call of open.filter(({ at }) => at <= now)) {
      pool.settle(call.lease, { tokens: 500 + Math.floor(random.next() * 2_000) }, call.at);
      pool.release(call.lease);
      pool.succeed(call.lease, "m", null, call.at);
      open.splice(open.indexOf(call), 1);
    }
  }

  function call(now: number): void {
    const tried: string[] = [];
    for (;;) {
      const pick = pool.pick({
        model: "m",
        strategy: "round_robin",
        stickyKey: null,
        tried,
        cost: cost(random.next()),
        now,
      });
      if (!pick.ok) {
        refusedAt(now, tried.length, pick.soonestMs);
        return;
      }
      counts.attempts++;
      const { lease } = pick;
      seenAt = Math.max(seenAt, now + random.next() * 300);
      const refusal = google.ask(lease.projectId, seenAt);
      if (refusal === null) {
        counts.served++;
        if (tried.length === 0) counts.servedAtOnce++;
        open.push({ at: now + 500 + random.next() * 9_000, lease });
        return;
      }
      const name = `${lease.projectId} ${refusal.rule}`;
      // A limit that is not known costs one refusal, once; a minute's two, since Google's word is believed first.
      const most = knowledge === "configured" ? 0 : refusal.rule === "quota.minute" ? 2 : 1;
      const times = (told.get(name) ?? 0) + 1;
      told.set(name, times);
      if (times > most) wrongs.toldAgain++;
      pool.settle(lease, { tokens: null }, now);
      pool.release(lease);
      pool.apply({ lease, model: "m", ...refusal, consumer: null, now });
      tried.push(lease.credentialId);
    }
  }

  function refusedAt(now: number, attempts: number, soonestMs: number | null): void {
    wrongs.refused++;
    // Not before there is room, and not a day later.
    const next = midnights.find((midnight) => midnight > now) as number;
    if (soonestMs === null || soonestMs <= now || soonestMs > next) wrongs.promisedWrongly++;
    if (midnights.some((midnight) => now >= midnight && now < midnight + hour)) wrongs.refusedEarly++;
    if (attempts === 0 && projects.some((project) => !google.isSpent(project, seenAt))) wrongs.refusedWrongly++;
  }

  for (let now = start; now < end; now += (-Math.log(1 - random.next()) / options.callsPerHour) * hour) {
    finish(now);
    if (waiting.length > 0 && now >= (waiting[0] as number)) {
      waiting.shift();
      store.save(pool, now);
      open.length = 0;
      pool = newPool(options, store, now);
    }
    counts.offered++;
    call(Math.ceil(now));
  }
  return { google, ...counts, ...wrongs };
}

/** Estimates are never quite right. */
function cost(random: number): { requests: number; tokens: number } {
  return { requests: 1, tokens: Math.floor(200 + random * 3_000) };
}

function newPool(options: Simulation, store: ReturnType<typeof createStore>, now: number): Pool {
  const { requestsPerMinute, requestsPerDay, knowledge } = options;
  const pool = createPool({
    random: createSeededRandom(options.seed),
    onChange: store.keep,
    quotaLimits: knowledge === "learned" ? {} : { free: { "*": { requestsPerMinute, requestsPerDay } } },
    quotaScheduling: knowledge !== "ignored",
  });
  pool.replace(projects.map(credentialOf));
  pool.restore(store.kept(), now);
  return pool;
}

function credentialOf(projectId: string): Credential {
  const rest = { source: "stored", weight: 1, tier: 0, enabled: true } as const;
  return {
    id: `key-${projectId}`,
    name: projectId,
    secret: toSecret(projectId),
    projectId,
    quotaTier: "free",
    ...rest,
  };
}

/** What outlives a process. */
function createStore(): {
  keep(change: HealthChange): void;
  save(pool: Pool, now: number): void;
  kept(): { cooldowns: Cooldown[]; disabled: []; limits: QuotaLimit[]; usage: QuotaUsage[] };
} {
  const cooldowns = new Map<string, Cooldown>();
  const limits = new Map<string, QuotaLimit>();
  const usage = new Map<string, QuotaUsage>();
  return {
    keep(change) {
      if (change.kind !== "cooldown") throw new Error(`unexpected ${change.kind}`);
      if (change.removed) cooldowns.delete(change.value.subject);
      else cooldowns.set(change.value.subject, change.value);
    },
    save(pool, now) {
      for (const change of pool.takeQuotaChanges(now)) {
        const name = `${change.value.projectId} ${change.value.metric}`;
        if (change.kind === "quota-usage") usage.set(name, change.value);
        else limits.set(`${name} ${change.value.window}`, change.value);
      }
    },
    kept: () => ({
      cooldowns: [...cooldowns.values()],
      disabled: [],
      limits: [...limits.values()],
      usage: [...usage.values()],
    }),
  };
}
