/**
 * Measures a pick among 10,000 credentials x 20 models: `node gateway/src/pool/pick.bench.ts` prints one JSON line a
 * state, in microseconds: median, fastest and slowest of five rounds (means of 100,000 picks with their release); the
 * first pick of a model, which finds out who rests (median and slowest of the models); and the first pick after all
 * came back at once.
 * @module
 */
import type { Credential } from "../core/credential.ts";
import { toSecret } from "../core/secret.ts";
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
  const projectId = `p${index}`;
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
}

const ids = credentials.map((credential) => credential.id);
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
];

for (const state of states) {
  const line = JSON.stringify({ ...measure(state), credentials: credentialCount, models: modelCount });
  // oxlint-disable-next-line no-console -- a bench script prints its result
  console.log(line);
}

// --- helpers ---

function measure(state: State): Record<string, unknown> {
  const pool = createPool({ random: { next: () => 0, bytes: (length) => new Uint8Array(length) }, onChange: () => {} });
  pool.replace(credentials);
  pool.restore({ cooldowns: restingRows(state.resting), disabled: [] }, now);
  const first = each(pool, state, now);
  const rounds: number[] = [];
  for (let round = 0; round < 6; round++) {
    const total = timed(() => {
      for (let index = 0; index < picksARound; index++)
        run(pool, state, models[index % modelCount] as string, index, now);
    });
    // The first round warms up.
    if (round > 0) rounds.push(total / picksARound);
  }
  rounds.sort((left, right) => left - right);
  const [fastest, , median, , slowest] = rounds.map((micros) => Number(micros.toFixed(2)));
  const { name, strategy } = state;
  const afterMidnight = state.resting > 0 ? each(pool, state, now + day) : null;
  return { name, strategy, median, fastest, slowest, first, afterMidnight };
}

/** One pick a model. */
function each(pool: Pool, state: State, at: number): { median: number; slowest: number } {
  const micros = models.map((model) => Math.round(timed(() => void run(pool, state, model, 0, at))));
  micros.sort((left, right) => left - right);
  return { median: micros[modelCount >> 1] as number, slowest: micros[modelCount - 1] as number };
}

function run(pool: Pool, state: State, model: string, index: number, at: number): Pick {
  const stickyKey = state.sticky === true ? `client\n${model}\nconversation-${index % 50_000}` : null;
  const pick = pool.pick({ model, strategy: state.strategy, stickyKey, tried: state.tried ?? [], now: at });
  if (pick.ok) pool.release(pick.lease);
  return pick;
}

/** Day quotas of the first `count` projects for every model. */
function restingRows(count: number): Cooldown[] {
  return models.flatMap((model) =>
    credentials.slice(0, count).map((credential): Cooldown => {
      const subject = credential.projectId as string;
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
