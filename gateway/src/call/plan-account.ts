/**
 * A plan whose credential is a Code Assist account: its lease is made ready before the call gets it. Mostly that is a
 * look; when a token must be refreshed or a project found, the plan comes later.
 * @module
 */
import type { AccountKeeper } from "../core/accounts.ts";
import type { Lease } from "../core/credential.ts";
import type { Clock } from "../core/ports.ts";
import type { Pool } from "../pool/types.ts";
import type { ControlReceiver, Plan, PlanRequest } from "./control.ts";

/** What is needed. */
export interface AccountPlanParts {
  pool: Pick<Pool, "settle" | "release" | "apply">;
  accounts: AccountKeeper;
  /** Absent: time stands still at the request's. */
  clock: Pick<Clock, "now"> | undefined;
  /** How long accounts are waited for, one after another, milliseconds. @default 20,000 */
  patienceMs?: number | undefined;
  /** Plans anew. */
  plan(request: PlanRequest): Plan;
}

/** Of call/verdict: Code Assist answered 401. */
export const refusedTokenRule = "account.token-refused";
/** Accounts that one plan tries to make ready. */
const mostAccounts = 4;
/** Further ones that it looks at, in case one is ready. */
const mostPassed = 32;
const defaultPatienceMs = 20_000;

/**
 * Makes a plan ready.
 * @param planned the plan that was made for the request
 * @returns null: `receiver.planned` follows
 */
export function planWithAccounts(
  parts: AccountPlanParts,
  planned: { plan: Plan; request: PlanRequest; receiver: ControlReceiver },
): Plan | null {
  const { request, receiver } = planned;
  const plan = readyPlan(parts, planned.plan, request.now);
  if (!isWaiting(plan)) return plan;
  void prepareNext(parts, { plan, request }).then(
    (ready) => receiver.planned(ready),
    // Neither the keeper nor the pool rejects; a mistake of ours must not leave the call without an answer.
    () => receiver.unavailable(),
  );
  return null;
}

// --- helpers ---

type ReadyPlan = Plan & { ok: true };
/** Its account has to be made ready. */
interface WaitingPlan {
  waiting: ReadyPlan;
}

function isWaiting(plan: Plan | WaitingPlan): plan is WaitingPlan {
  return "waiting" in plan;
}

function readyPlan({ accounts }: AccountPlanParts, plan: Plan, now: number): Plan | WaitingPlan {
  if (!plan.ok || plan.lease.kind !== "code-assist") return plan;
  const lease = accounts.lend(plan.lease, now);
  return lease === null ? { waiting: plan } : { ...plan, lease };
}

async function prepareNext(
  parts: AccountPlanParts,
  { plan, request: first }: { plan: WaitingPlan; request: PlanRequest },
): Promise<Plan> {
  const { accounts, clock, patienceMs = defaultPatienceMs } = parts;
  let request = first;
  let { waiting } = plan;
  let tries = 0;
  let passed = 0;
  let soonestMs: number | null = null;
  while (true) {
    const { lease } = waiting;
    const leftMs = patienceMs - (request.now - first.now);
    if (tries < mostAccounts && leftMs > 0) {
      tries++;
      const prepared = await accounts.prepare(lease, request.now, leftMs);
      if (prepared.ok) return { ...waiting, lease: prepared.lease };
      const now = clock?.now() ?? request.now;
      giveBack(parts, lease, now);
      const { rule, effects } = prepared;
      for (const effect of effects)
        if (effect.kind === "cooldown") soonestMs = Math.min(soonestMs ?? Infinity, effect.untilMs);
      parts.pool.apply({ lease, model: request.model, rule, effects, consumer: null, limits: [], now });
      request = { ...request, now };
    } else {
      // No more is waited for: what is ready serves, accounts first as the tiers say, then keys alone.
      giveBack(parts, lease, request.now);
      request = { ...request, allowTried: false, keysOnly: ++passed >= mostPassed };
    }
    request = { ...request, tried: [...request.tried, lease.credentialId] };
    const next = readyPlan(parts, parts.plan(request), request.now);
    if (isWaiting(next)) ({ waiting } = next);
    else if (next.ok || passed === 0) return next;
    // Those that were passed over may be asked again at once.
    else
      return {
        ok: false,
        reason: "cooling",
        causes: { overload: tries + passed },
        soonestMs: soonestMs ?? request.now,
      };
  }
}

/** Nothing was sent with it. */
function giveBack({ pool }: AccountPlanParts, lease: Lease, now: number): void {
  if (lease.reserved != null) pool.settle(lease, null, now);
  pool.release(lease);
}
