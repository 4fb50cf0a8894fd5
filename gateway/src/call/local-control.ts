/**
 * The control port of a host that holds pool, clients and ledger in its own process.
 * @module
 */
import type { Clients } from "../clients/types.ts";
import type { Recorder } from "../ledger/types.ts";
import type { Pool } from "../pool/types.ts";
import type { Control } from "./control.ts";

/**
 * Joins the three.
 * @param parts `recorder` null: logging is off
 */
export function createLocalControl(parts: { pool: Pool; clients: Clients; recorder: Recorder | null }): Control {
  const { pool, clients, recorder } = parts;
  return {
    admit: (digest, _receiver, now) => clients.admit(digest, now),
    allows: (client, model) => clients.allows(client, model),
    plan: (request) => pool.pick(request),
    report(report) {
      pool.release(report.lease);
      if (report.effects.length > 0 || report.consumer !== null || report.limits.length > 0) pool.apply(report);
      if (report.succeeded) pool.succeed(report.lease, report.model, report.stickyKey, report.now);
    },
    began: (callId, startedAt) => recorder?.began(callId, startedAt),
    settle: (record) => recorder?.settled(record),
  };
}
