/**
 * For tests only: quotas and recoveries of the naive model. Buckets are the real ones, told of the same events in the same
 * order: they have tests of their own, and what is tested with these is what the pool makes of them.
 * @module
 */
import type { Lease } from "../core/credential.ts";
import type { LearnedLimit } from "../core/verdict.ts";
import type { QuotaLimits } from "./quota-limits.ts";
import { createQuotaBucket } from "./quota/bucket.ts";
import { fromLearned } from "./quota/learned.ts";
import { toBucketLimits } from "./quota/tier-limits.ts";
import type { QuotaBucket, QuotaCost } from "./quota/types.ts";

/** Buckets by project and model. */
export interface NaiveQuotas {
  roomAt(project: string, model: string, parts: { cost: QuotaCost; now: number }): number;
  /** When the call may come, as the client is told: a limit of 0 is tried again some day. */
  returnAt(project: string, model: string, parts: { cost: QuotaCost; now: number }): number;
  take(project: string, model: string, parts: { cost: QuotaCost; now: number }): void;
  settle(lease: Lease, home: string | null, parts: { actual: { tokens: number | null } | null; now: number }): void;
  learn(
    project: string,
    limits: readonly LearnedLimit[],
    parts: { model: string; refusal: { sentAt: number; untilMs: number } | null; now: number },
  ): void;
  move(from: string, to: string, now: number): void;
  drop(project: string): void;
  /** In a new process only days and what Google told are known. */
  restart(now: number): void;
}

/** Empty ones. */
export function createNaiveQuotas(config: QuotaLimits): NaiveQuotas {
  let buckets = new Map<string, Map<string, QuotaBucket>>();
  /** By project and model: when a minute has room, by Google's last word. */
  const believed = new Map<string, number>();

  function bucketOf(project: string, model: string, now: number): QuotaBucket {
    const models = buckets.get(project) ?? new Map<string, QuotaBucket>();
    buckets.set(project, models);
    const bucket = models.get(model) ?? createQuotaBucket({ projectId: project, model });
    if (!models.has(model)) for (const limit of toBucketLimits(config, null, model)) bucket.learn(limit, now);
    models.set(model, bucket);
    return bucket;
  }

  function drop(project: string): void {
    buckets.delete(project);
    for (const key of believed.keys()) if (key.startsWith(`${project}\n`)) believed.delete(key);
  }

  return {
    roomAt: (project, model, { cost, now }) => bucketOf(project, model, now).roomAt(cost, now),
    returnAt(project, model, { cost, now }) {
      const bucket = bucketOf(project, model, now);
      const at = bucket.roomAt(cost, now);
      const zeros = bucket.view(now).filter((view) => view.value === 0 && view.roomAtMs !== null);
      return at === Infinity && zeros.length > 0 ? Math.max(...zeros.map((view) => view.roomAtMs as number)) : at;
    },
    take: (project, model, { cost, now }) => void bucketOf(project, model, now).take(cost, now),
    settle({ reserved }, home, { actual, now }) {
      if (reserved == null) return;
      const [project, model] = reserved.key.split("\n") as [string, string];
      const bucket = buckets.get(project)?.get(model) ?? (home === null ? undefined : buckets.get(home)?.get(model));
      bucket?.settle(reserved, actual, now);
    },
    learn(project, limits, { model, refusal, now }) {
      const key = `${project}\n${model}`;
      const before = believed.get(key) ?? 0;
      for (const limit of fromLearned(limits, now)) {
        const bucket = bucketOf(project, model, now);
        bucket.learn(limit, now);
        if (refusal === null) continue;
        const isAgain = refusal.sentAt >= before && refusal.sentAt < before + 60_000;
        if (limit.window === "day" || isAgain) bucket.refused(limit, now);
        if (limit.window === "minute") believed.set(key, Math.max(before, refusal.untilMs));
      }
    },
    move(from, to, now) {
      for (const [model, bucket] of buckets.get(from) ?? []) bucketOf(to, model, now).absorb(bucket, now);
      drop(from);
    },
    drop,
    restart(now) {
      believed.clear();
      const before = buckets;
      buckets = new Map();
      for (const [project, models] of before)
        for (const [model, bucket] of models) {
          const limits = bucket.limits().filter(({ source }) => source === "google");
          bucketOf(project, model, now).restore({ limits, usage: bucket.usage(now) }, now);
        }
    },
  };
}

/** One recovery. `model` null: of every model. */
interface NaiveRamp {
  subject: string;
  model: string | null;
  allowance: number;
  inFlight: number;
  successes: number;
  usedMs: number;
}

/** Who comes back from a fault. Subjects: `c:` and a credential's id, `p:` and a project's. */
export interface NaiveRamps {
  start(subject: string, model: string | null): void;
  isRamping(subjects: readonly string[], model: string): boolean;
  isFull(subjects: readonly string[], parts: { model: string; now: number }): boolean;
  began(subjects: readonly string[], parts: { model: string; now: number }): void;
  ended(subjects: readonly string[], model: string): void;
  succeeded(subjects: readonly string[], model: string): void;
  move(from: string, to: string): void;
  drop(subject: string): void;
  clear(): void;
}

/** A call in flight for so long is not counted any more. */
const lostMs = 600_000;

/** None. */
export function createNaiveRamps(): NaiveRamps {
  let ramps: NaiveRamp[] = [];
  const of = (subjects: readonly string[], model: string): NaiveRamp[] =>
    ramps.filter((ramp) => subjects.includes(ramp.subject) && (ramp.model === null || ramp.model === model));
  return {
    start(subject, model) {
      const known = ramps.find((ramp) => ramp.subject === subject && ramp.model === model);
      ramps = ramps.filter((ramp) => ramp !== known);
      const { inFlight, usedMs } = known ?? { inFlight: 0, usedMs: 0 };
      ramps.push({ subject, model, allowance: 1, inFlight, successes: 0, usedMs });
    },
    isRamping: (subjects, model) => of(subjects, model).length > 0,
    isFull: (subjects, { model, now }) =>
      of(subjects, model).some((ramp) => ramp.inFlight >= ramp.allowance && now - ramp.usedMs < lostMs),
    began(subjects, { model, now }) {
      for (const ramp of of(subjects, model)) {
        ramp.inFlight = now - ramp.usedMs < lostMs ? ramp.inFlight + 1 : 1;
        ramp.usedMs = now;
      }
    },
    ended(subjects, model) {
      for (const ramp of of(subjects, model)) ramp.inFlight = Math.max(0, ramp.inFlight - 1);
    },
    succeeded(subjects, model) {
      for (const ramp of of(subjects, model)) {
        ramp.allowance *= 2;
        if (++ramp.successes >= 5) ramps = ramps.filter((one) => one !== ramp);
      }
    },
    move(from, to) {
      const has = (model: string | null): boolean => ramps.some((one) => one.subject === to && one.model === model);
      const moved = ramps.filter((one) => one.subject === from && !has(one.model));
      ramps = ramps.filter((one) => one.subject !== from);
      for (const one of moved) ramps.push({ ...one, subject: to, inFlight: 0 });
    },
    drop(subject) {
      ramps = ramps.filter((ramp) => ramp.subject !== subject);
    },
    clear() {
      ramps = [];
    },
  };
}
