/**
 * For tests only: arbitrary things that can happen to a pool.
 * @module
 */
import fc from "fast-check";
import type { Credential } from "../core/credential.ts";
import { toSecret } from "../core/secret.ts";
import type { Effect, LearnedLimit } from "../core/verdict.ts";
import type { PickRequest } from "../pool/types.ts";

/** One thing that happens. Ends of rests and times of probes are durations. */
export type Action =
  | { do: "pick"; change: Omit<PickRequest, "now"> }
  | {
      do: "apply";
      id: string;
      model: string | null;
      effects: Effect[];
      consumer: string | null;
      limits: LearnedLimit[];
    }
  | { do: "advance"; byMs: number }
  | { do: "replace"; list: Credential[] }
  | { do: "reset"; id: string }
  | { do: "release"; ok: boolean; used: { tokens: number | null } | null }
  | { do: "probe" | "restart" };

const ids = ["a", "b", "c", "d", "e"];
const id = fc.constantFrom(...ids);
const model = fc.constantFrom("x", "y", null);
const duration = fc.constantFrom(10, 100, 1_000, 5_000);
const cooldown: fc.Arbitrary<Effect> = fc.record({
  kind: fc.constant("cooldown" as const),
  scope: fc.constantFrom("project-model", "credential-model", "project", "credential", "model"),
  untilMs: duration,
  cause: fc.constantFrom("minute-quota", "day-quota", "money"),
  words: fc.constant(""),
});
const disable: fc.Arbitrary<Effect> = fc.record({
  kind: fc.constant("disable" as const),
  scope: fc.constantFrom("credential", "project"),
  reason: fc.constantFrom("leaked", "denied"),
  probeAtMs: fc.oneof(duration, fc.constant(null)),
  words: fc.constant(""),
});
const limit: fc.Arbitrary<LearnedLimit> = fc.record({
  quotaId: fc.constant("GenerateRequestsPerDayPerProjectPerModel-FreeTier"),
  quotaMetric: fc.constant(""),
  model: fc.constant(null),
  value: fc.constantFrom(0, 2, 5),
  window: fc.constantFrom("minute" as const, "day" as const),
  kind: fc.constantFrom("requests" as const, "requests" as const, "tokens" as const),
});
const owner = fc.oneof(
  fc.record({ credentialId: id, projectId: fc.constant("gone") }),
  fc.record({ credentialId: fc.constant(""), projectId: fc.constantFrom("p", "q", "own:a", "projects/1", "no") }),
);
const cost = fc.record({ requests: fc.constant(1), tokens: fc.constantFrom(0, 10, 40, 150) });
const effect = fc.oneof({ weight: 4, arbitrary: cooldown }, { weight: 1, arbitrary: disable });
const credential = (name: string): fc.Arbitrary<Credential> =>
  fc.record({
    id: fc.constant(name),
    name: fc.constant(name),
    secret: fc.constant(toSecret(name)),
    projectId: fc.constantFrom(null, null, "p", "q"),
    source: fc.constant("stored"),
    weight: fc.constantFrom(1, 2),
    tier: fc.constantFrom(0, 0, 1),
    enabled: fc.constantFrom(true, true, true, false),
  });
/** Credentials of the pool, some of them the same. */
export const anyList: fc.Arbitrary<Credential[]> = fc
  .subarray(ids)
  .chain((names) => fc.tuple(...names.map(credential)));
const weightedActions: [number, fc.Arbitrary<Action>][] = [
  [
    12,
    fc.record({
      do: fc.constant("pick"),
      change: fc.record({
        model,
        strategy: fc.constantFrom(
          "round_robin",
          "least_used",
          "weighted",
          "sticky",
          "sticky_until_error",
          "least_errors",
          "newest",
        ),
        stickyKey: fc.constantFrom(null, "one", "two"),
        tried: fc.subarray(ids),
        allowTried: fc.boolean(),
        owner: fc.option(owner, { freq: 4 }),
        prefer: fc.option(owner, { freq: 4 }),
        affinityKey: fc.constantFrom(null, null, null, "prefix"),
        cost: fc.option(cost, { freq: 2 }),
      }),
    }),
  ],
  [
    4,
    fc.record({
      do: fc.constant("apply"),
      id,
      model,
      effects: fc.array(effect, { maxLength: 2 }),
      consumer: fc.constantFrom(null, null, null, "projects/1", "projects/2"),
      limits: fc.oneof(
        { weight: 3, arbitrary: fc.constant<LearnedLimit[]>([]) },
        { weight: 1, arbitrary: limit.map((one) => [one]) },
      ),
    }),
  ],
  [3, fc.record({ do: fc.constant("advance"), byMs: fc.constantFrom(1, 10, 99, 1_000, 10_000, 59_000, 40_000_000) })],
  [2, fc.record({ do: fc.constant("replace"), list: anyList })],
  [1, fc.record({ do: fc.constant("reset"), id })],
  [
    4,
    fc.record({
      do: fc.constant("release"),
      ok: fc.boolean(),
      used: fc.constantFrom(null, { tokens: null }, { tokens: 5 }, { tokens: 60 }),
    }),
  ],
  [1, fc.record({ do: fc.constantFrom("probe", "restart") })],
];
/** Picks mostly. */
export const anyAction: fc.Arbitrary<Action> = fc.oneof(
  ...weightedActions.map(([weight, arbitrary]) => ({ weight, arbitrary })),
);
