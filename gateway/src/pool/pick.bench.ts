/**
 * Measures a pick among 10,000 credentials x 20 models: `node gateway/src/pool/pick.bench.ts` prints one JSON line a
 * state, in microseconds: median, fastest and slowest of five rounds (means of 100,000 picks with their release); the
 * first pick of a model, which finds out who rests (median and slowest of the models); and the first pick after all
 * came back at once. States with quotas measure pick, settle, release and succeed together, each call by itself too: `p99` and
 * `worst` are of single calls in the median round, garbage collection and the machine's noise included.
 * @module
 */
import type { Credential } from "../core/credential.ts";
import { toSecret } from "../core/secret.ts";
import type { TierLimits } from "./quota-limits.ts";
import { createPool } from "./pool.ts";
import type { Cooldown, Pick, Pool, Strategy } from "./types.ts";

const credentialCount = 10_000;
const modelCount = 20;
const picksARound = 100_000;
const now = 1_800_000_000_000;
const day = 86_400_000;
const models = Array.from({ length: modelCount }, (_, index) => `gemini-${index}-flash`);
const credentials = Array.from({ length: credentialCount }, (_, index): Credential => {
  const id = `cred_${index.toString(16).padStart(16, "0")}`;
  // Every fourth is its own project: those are watched for quotas that they share.
  const projectId = index % 4 === 0 ? null : `p${index}`;
  return {
    id,
    name: id,
    secret: toSecret(id),
    projectId,
    source: "stored",
    weight: 1 + (index % 3),
    tier: 0,
    enabled: true,
  };
});

/** One line. */
interface State {
  name: string;
  strategy: Strategy;
  /** How many credentials rest for every model. */
  resting: number;
  tried?: readonly string[];
  sticky?: boolean;
  /** Calls take from quotas; this many milliseconds pass between two. */
  quota?: { limits: TierLimits; stepMs: number };
  /** Calls share this many prefixes of prompts. */
  prefixes?: number;
  /** The owner of what each call names. */
  owned?: boolean;
}

const ids = credentials.map((credential) => credential.id);
const wide: TierLimits = { requestsPerMinute: 1_000, requestsPerDay: 100_000, tokensPerMinute: 4_000_000 };
const prefixKeys = Array.from({ length: 50_000 }, (_, index) => `prefix-${index}`);
/** 10,000 keys and 20 models give 33 calls a millisecond. */
const tight: TierLimits = { requestsPerMinute: 10, requestsPerDay: 1_000_000, tokensPerMinute: 250_000 };
const states: State[] = [
  { name: "all ready", strategy: "round_robin", resting: 0 },
  { name: "all ready", strategy: "least_used", resting: 0 },
  { name: "all ready", strategy: "weighted", resting: 0 },
  { name: "all ready", strategy: "least_errors", resting: 0 },
  { name: "all ready", strategy: "newest", resting: 0 },
  { name: "all ready, 50,000 conversations", strategy: "sticky", resting: 0, sticky: true },
  { name: "all ready, 5 tried", strategy: "round_robin", resting: 0, tried: ids.slice(0, 5) },
  { name: "all ready, 5 tried on top", strategy: "newest", resting: 0, tried: ids.slice(-5) },
  { name: "99.9 % resting", strategy: "round_robin", resting: 9_990 },
  { name: "99.9 % resting", strategy: "weighted", resting: 9_990 },
  { name: "99.9 % resting, 5 of the 10 tried", strategy: "round_robin", resting: 9_990, tried: ids.slice(-5) },
  { name: "99.9 % resting, 9 of the 10 tried", strategy: "round_robin", resting: 9_990, tried: ids.slice(-9) },
  { name: "99.9 % resting, 50 tried", strategy: "round_robin", resting: 9_990, tried: ids.slice(-59, -9) },
  { name: "all resting (refusals)", strategy: "round_robin", resting: 10_000 },
  { name: "an owner's only key", strategy: "round_robin", resting: 0, owned: true },
  { name: "quotas without limits", strategy: "round_robin", resting: 0, quota: { limits: {}, stepMs: 0.05 } },
  { name: "quotas", strategy: "round_robin", resting: 0, quota: { limits: wide, stepMs: 0.05 } },
  { name: "quotas", strategy: "least_used", resting: 0, quota: { limits: wide, stepMs: 0.05 } },
  {
    name: "quotas, 50,000 conversations",
    strategy: "sticky",
    resting: 0,
    sticky: true,
    quota: { limits: wide, stepMs: 0.05 },
  },
  {
    name: "quotas, 50,000 prefixes",
    strategy: "round_robin",
    resting: 0,
    prefixes: 50_000,
    quota: { limits: wide, stepMs: 0.05 },
  },
  { name: "quotas, 99.9 % resting", strategy: "round_robin", resting: 9_990, quota: { limits: wide, stepMs: 0.05 } },
  {
    name: "newest first: each key is used up in turn",
    strategy: "newest",
    resting: 0,
    quota: { limits: tight, stepMs: 0.05 },
  },
  { name: "3 % more calls than quota", strategy: "round_robin", resting: 9_990, quota: { limits: tight, stepMs: 29 } },
];

for (const state of states) {
  const line = JSON.stringify({ ...measure(state), credentials: credentialCount, models: modelCount });
  // oxlint-disable-next-line no-console -- a bench script prints its result
  console.log(line);
}

// --- helpers ---

function measure(state: State): Record<string, unknown> {
  const random = { next: () => 0, bytes: (length: number) => new Uint8Array(length) };
  const quotaLimits = state.quota === undefined ? {} : { "*": { "*": state.quota.limits } };
  const pool = createPool({ random, onChange: () => {}, quotaLimits });
  pool.replace(credentials);
  pool.restore({ cooldowns: restingRows(state.resting), disabled: [] }, now);
  const first = each(pool, state, now);
  const rounds: number[] = [];
  const singles: Float64Array[] = [];
  let at = now;
  for (let round = 0; round < 6; round++) {
    const single = new Float64Array(picksARound);
    const total = timed(() => {
      for (let index = 0; index < picksARound; index++) {
        at += state.quota?.stepMs ?? 0;
        const model = models[index % modelCount] as string;
        if (state.quota === undefined) run(pool, state, model, index, at);
        else single[index] = timed(() => void run(pool, state, model, index, at));
      }
    });
    // The first round warms up.
    if (round === 0) continue;
    rounds.push(total / picksARound);
    singles.push(single.sort());
  }
  singles.sort((left, right) => (left[picksARound * 0.99] as number) - (right[picksARound * 0.99] as number));
  rounds.sort((left, right) => left - right);
  const [fastest, , median, , slowest] = rounds.map((micros) => Number(micros.toFixed(2)));
  const { name, strategy } = state;
  const tail = state.quota === undefined ? {} : tailOf(singles[2] as Float64Array);
  const afterMidnight = state.resting > 0 ? each(pool, state, at + day) : null;
  return { name, strategy, median, fastest, slowest, ...tail, first, afterMidnight };
}

function tailOf(sorted: Float64Array): { p99: number; worst: number } {
  const p99 = sorted[picksARound * 0.99] as number;
  return { p99: Number(p99.toFixed(2)), worst: Math.round(sorted[picksARound - 1] as number) };
}

/** One pick a model. */
function each(pool: Pool, state: State, at: number): { median: number; slowest: number } {
  const micros = models.map((model) => Math.round(timed(() => void run(pool, state, model, 0, at))));
  micros.sort((left, right) => left - right);
  return { median: micros[modelCount >> 1] as number, slowest: micros[modelCount - 1] as number };
}

function run(pool: Pool, state: State, model: string, index: number, at: number): Pick {
  const stickyKey = state.sticky === true ? `client\n${model}\nconversation-${index % 50_000}` : null;
  const { strategy, quota, prefixes, owned, tried = [] } = state;
  if (quota === undefined && owned === undefined) {
    const pick = pool.pick({ model, strategy, stickyKey, tried, now: at });
    if (pick.ok) pool.release(pick.lease);
    return pick;
  }
  const pick = pool.pick({
    model,
    strategy,
    stickyKey,
    tried,
    owner: owned === true ? { credentialId: ids[(index * 7) % credentialCount] as string, projectId: "" } : null,
    affinityKey: prefixes === undefined ? null : (prefixKeys[index % prefixes] as string),
    cost: quota === undefined ? null : { requests: 1, tokens: 1_000 },
    now: at,
  });
  if (!pick.ok) return pick;
  if (quota !== undefined) pool.settle(pick.lease, { tokens: 900 }, at);
  pool.release(pick.lease);
  if (quota !== undefined) pool.succeed(pick.lease, model, stickyKey, at);
  return pick;
}

/** Day quotas of the first `count` projects for every model. */
function restingRows(count: number): Cooldown[] {
  return models.flatMap((model) =>
    credentials.slice(0, count).map((credential): Cooldown => {
      const subject = credential.projectId ?? `own:${credential.id}`;
      const words = "You exceeded your current quota";
      const untilMs = now + 3_600_000;
      return {
        scope: "project-model",
        subject,
        model,
        untilMs,
        sinceMs: now,
        cause: "day-quota",
        rule: "quota.day",
        words,
      };
    }),
  );
}

/** Microseconds. */
function timed(step: () => void): number {
  // oxlint-disable-next-line no-restricted-globals -- a bench script reads the platform's clock
  const start = performance.now();
  step();
  // oxlint-disable-next-line no-restricted-globals -- a bench script reads the platform's clock
  return (performance.now() - start) * 1000;
}
