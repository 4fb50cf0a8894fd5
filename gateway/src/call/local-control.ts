/**
 * The control port of a host that holds pool, clients and ledger in its own process.
 * @module
 */
import type { Clients } from "../clients/types.ts";
import type { AccountKeeper } from "../core/accounts.ts";
import type { Clock } from "../core/ports.ts";
import { estimateCost } from "../ledger/estimate-cost.ts";
import { priceCall, type Prices } from "../ledger/prices.ts";
import type { Recorder } from "../ledger/types.ts";
import type { Affinity } from "../pool/affinity/types.ts";
import type { Pool } from "../pool/types.ts";
import type { CallRecord } from "../core/records.ts";
import type { Control, Plan, PlanRequest, TokenAdmission } from "./control.ts";
import { planCall } from "./plan.ts";
import { planWithAccounts, refusedTokenRule } from "./plan-account.ts";

/** What the local control joins. */
export interface LocalControlParts {
  pool: Pool;
  clients: Clients;
  affinity: Affinity;
  /** Null: logging is off. */
  recorder: Recorder | null;
  prices: Prices;
  /** RESOURCE_SHARING=all. */
  shareAll: boolean;
  /** Makes leases of accounts ready. @default null: this host has none */
  accounts?: AccountKeeper | null;
  /** Tells how long an account was waited for. @default the time of the plan */
  clock?: Pick<Clock, "now">;
  /** How long one plan waits for accounts, milliseconds; see plan-account.ts. */
  accountPatienceMs?: number;
}

/** Joins them. */
export function createLocalControl(parts: LocalControlParts): Control {
  const { pool, clients, affinity, recorder, prices } = parts;
  return {
    admit: (digest, _receiver, now, address) => clients.admit(digest, now, address),
    admitToken(name, _receiver, now, address): TokenAdmission {
      const binding = affinity.get(name, now);
      const upload = name.startsWith("uploads/");
      if (binding === null || binding.clientId === null)
        return { ok: false, code: upload ? "upload_unknown" : "client_key_invalid" };
      const admission = clients.byId(binding.clientId, now, address);
      return admission.ok ? { ok: true, client: admission.client, binding } : admission;
    },
    allows: (client, model) => clients.allows(client, model),
    reserve: (client, estimate, _receiver, now) => clients.reserve(client, estimate, now),
    estimateCost: (model, tokens, now) => estimateCost(prices, { model, tokens, at: now }),
    plan(request, receiver) {
      const plan = planCall(parts, request);
      const { accounts = null, clock, accountPatienceMs: patienceMs } = parts;
      if (accounts === null || !plan.ok || plan.lease.kind !== "code-assist") return plan;
      const again = (changed: PlanRequest): Plan => planCall(parts, changed);
      return planWithAccounts({ pool, accounts, clock, patienceMs, plan: again }, { plan, request, receiver });
    },
    report(report) {
      const { lease } = report;
      if (report.rule === refusedTokenRule) parts.accounts?.refused(lease, report.now);
      if (lease.reserved != null) pool.settle(lease, report.used, report.now);
      pool.release(lease);
      if (report.effects.length > 0 || report.consumer !== null || report.limits.length > 0) pool.apply(report);
      if (report.succeeded) pool.succeed(lease, report.model, report.stickyKey, report.now);
    },
    bind(bindings, _receiver, now) {
      affinity.bind(bindings, now);
      return true;
    },
    forget: (name) => affinity.forget(name),
    filter: (names, client, _receiver, now) =>
      names.filter((name) => parts.shareAll || affinity.standing(name, client, now) === "visible"),
    began: (callId, startedAt) => recorder?.began(callId, startedAt),
    settle(record, reservation) {
      if (reservation !== null)
        clients.settle(reservation, usedBy(record, prices), record.startedAt + record.totalMicros / 1000);
      recorder?.settled(record);
    },
  };
}

// --- helpers ---

function usedBy(record: CallRecord, prices: Prices): { tokens: number | null; costNanoUsd: number | null } {
  // Nothing reached Google: nothing was used.
  if (record.attempts.length === 0) return { tokens: 0, costNanoUsd: 0 };
  const { usage, status, outcome, attempts } = record;
  // A stream may have had its head before everybody refused it.
  const isRefused =
    (status >= 400 && status !== 499) ||
    (outcome === "incomplete" && attempts.every((attempt) => attempt.status !== null && attempt.status >= 400));
  return {
    // Of what the client did not wait for nobody knows: the estimate stays.
    tokens: usage === null ? (isRefused ? 0 : null) : usage.totalTokens,
    costNanoUsd: priceCall(prices, record).costNanoUsd,
  };
}
