/**
 * For tests only: credentials, calls and verdicts in few words.
 * @module
 */
import type { Credential, Lease } from "../core/credential.ts";
import { toSecret } from "../core/secret.ts";
import type { Effect, LearnedLimit } from "../core/verdict.ts";
import { createPool } from "./pool.ts";
import type { PoolOptions } from "./pool-options.ts";
import type { Pick, PickRequest, Pool } from "./types.ts";

/** The time at which tests begin: noon in Los Angeles, 12 hours before the day ends. */
export const noon: number = Date.UTC(2026, 10, 20, 20);
/** The end of that day. */
export const midnight: number = Date.UTC(2026, 10, 21, 8);

/** A credential of which only the id matters. */
export function credentialOf(id: string, change: Partial<Credential> = {}): Credential {
  return {
    id,
    name: id,
    secret: toSecret(id),
    projectId: null,
    source: "stored",
    weight: 1,
    tier: 0,
    enabled: true,
    ...change,
  };
}

/** A pool of these. */
export function poolOf(credentials: readonly (string | Credential)[], options: Partial<PoolOptions> = {}): Pool {
  const random = { next: () => 0, bytes: (length: number) => new Uint8Array(length) };
  const pool = createPool({ random, onChange: () => {}, ...options });
  pool.replace(credentials.map((one) => (typeof one === "string" ? credentialOf(one) : one)));
  return pool;
}

/** Asks for model m at noon, in turn. */
export function ask(pool: Pool, change: Partial<PickRequest> = {}): Pick {
  return pool.pick({ model: "m", strategy: "round_robin", stickyKey: null, tried: [], now: noon, ...change });
}

/** The lease of a call that is under way. */
export function open(pool: Pool, change: Partial<PickRequest> = {}): Lease {
  const pick = ask(pool, change);
  if (!pick.ok) throw new Error(`${pick.reason} ${JSON.stringify(pick.causes)}`);
  return pick.lease;
}

/** Who serves a call that ends at once and says nothing about anyone. */
export function serve(pool: Pool, change: Partial<PickRequest> = {}): string {
  const lease = open(pool, change);
  pool.release(lease);
  return lease.credentialId;
}

/** Who serves so many calls, one after the other. */
export function serveMany(pool: Pool, count: number, change: Partial<PickRequest> = {}): string[] {
  return Array.from({ length: count }, () => serve(pool, change));
}

/** Why nobody serves. */
export function refusal(pool: Pool, change: Partial<PickRequest> = {}): Extract<Pick, { ok: false }> {
  const pick = ask(pool, change);
  if (pick.ok) throw new Error(`gave ${pick.lease.credentialId}`);
  return pick;
}

/** A verdict on a call of a credential. */
export function judged(
  pool: Pool,
  id: string,
  verdict: { effects?: readonly Effect[]; limits?: readonly LearnedLimit[]; consumer?: string | null; now?: number },
): void {
  const projectId = pool.ownerProject({ credentialId: id, projectId: "" }) ?? "";
  const lease = { credentialId: id, credentialName: id, projectId, secret: toSecret(id) };
  const { effects = [], limits = [], consumer = null, now = noon } = verdict;
  pool.apply({ lease, model: "m", rule: "rule", effects, consumer, limits, now });
}

/** A rest for model m. */
export function rest(forMs: number, change: Partial<Extract<Effect, { kind: "cooldown" }>> = {}): Effect {
  return {
    kind: "cooldown",
    scope: "credential-model",
    untilMs: noon + forMs,
    cause: "minute-quota",
    words: "",
    ...change,
  };
}

/** A disable of a credential. */
export function disable(change: Partial<Extract<Effect, { kind: "disable" }>> = {}): Effect {
  return { kind: "disable", scope: "credential", reason: "invalid-key", probeAtMs: null, words: "", ...change };
}

/** A limit on requests as Google names it. */
export function limitOf(window: "minute" | "day", value: number, model: string | null = null): LearnedLimit {
  const name = window === "minute" ? "Minute" : "Day";
  const quotaId = `GenerateRequestsPer${name}PerProjectPerModel-FreeTier`;
  return { quotaId, quotaMetric: "", model, value, window, kind: "requests" };
}
