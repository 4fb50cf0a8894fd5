/**
 * The control port over RPC: one question before the first attempt, one after each failed one, the rest is told later.
 * Calls on one stub arrive in the order they were made, so a report is seen before the plan that follows it.
 * @module
 */
import type { Control, ControlReceiver } from "../../call/control.ts";
import type { Admission } from "../../clients/types.ts";
import { createClients } from "../../clients/clients.ts";
import type { Lease } from "../../core/credential.ts";
import type { Logger } from "../../core/ports.ts";
import { estimateCost } from "../../ledger/estimate-cost.ts";
import { createPrices } from "../../ledger/prices.ts";
import { withoutSecret, toLease } from "./plain-lease.ts";
import type { CallMark } from "./state-api.ts";
import { within, type StateLink } from "./state-link.ts";

/** Admissions that an isolate may reuse; a revoked key can call for at most this long. */
const admissionLifeMs = 10_000;
const admissionLimit = 10_000;
/** A client is told `state_unavailable` after this long. */
const answerWithinMs = 10_000;

/** What a client may use came with its admission: the object is not asked. */
const { allows } = createClients();
/** Estimates for budgets are made here; what was used is priced by the object. */
const prices = createPrices();

/** Known good keys of this isolate. */
export type AdmissionCache = Map<string, { admission: Admission; until: number }>;

/** Makes the control of one request. */
export function createRemoteControl(parts: {
  link: StateLink;
  admissions: AdmissionCache;
  keepAlive: (work: Promise<unknown>) => void;
  logger: Logger;
}): Control {
  const { link, admissions, keepAlive, logger } = parts;
  let call: CallMark = { id: "", startedAt: 0 };
  let plans = 0;
  /** Which plan gave it. */
  const attempts = new WeakMap<Lease, number>();

  function ask<T>(question: Promise<T>, receiver: ControlReceiver, answer: (value: T) => void): null {
    // A late answer is still taken: the call has ended by then and gives a lease straight back.
    const answered = question.then(answer);
    keepAlive(
      within(answerWithinMs, answered).catch((error: unknown) => {
        lost("state.unreachable")(error);
        receiver.unavailable();
      }),
    );
    return null;
  }

  return {
    admit(digest, receiver, now, address) {
      const known = digest === null ? undefined : admissions.get(digest);
      if (known !== undefined && known.until > now) return known.admission;
      return ask(
        link.ask((state) => state.admit(digest, now, address)),
        receiver,
        (admission) => {
          // A key that is bound to addresses is judged by the object each time.
          if (admission.ok && digest !== null && admission.client.ipRanges == null) {
            if (admissions.size >= admissionLimit) admissions.clear();
            admissions.set(digest, { admission, until: now + admissionLifeMs });
          }
          receiver.admitted(admission);
        },
      );
    },
    allows,
    admitToken: (name, receiver, now, address) =>
      ask(
        link.ask((state) => state.admitToken(name, now, address)),
        receiver,
        (admission) => receiver.tokenAdmitted(admission),
      ),
    reserve: (client, estimate, receiver, now) =>
      ask(
        link.ask((state) => state.reserve(client, estimate, now, call)),
        receiver,
        (reserved) => receiver.reserved(reserved),
      ),
    estimateCost: (model, tokens, now) => estimateCost(prices, { model, tokens, at: now }),
    plan(request, receiver) {
      const attempt = plans++;
      return ask(
        link.ask((state) => state.plan(request, call, attempt)),
        receiver,
        (plan) => {
          if (!plan.ok) return receiver.planned(plan);
          const lease = toLease(plan.lease);
          attempts.set(lease, attempt);
          receiver.planned({ ...plan, lease });
        },
      );
    },
    bind(bindings, receiver, now) {
      ask(
        link.ask((state) => state.bind(bindings, now), { stubborn: true }),
        receiver,
        () => receiver.bound(),
      );
      return false;
    },
    forget: (name) => keepAlive(link.ask((state) => state.forget(name)).catch(lost("resource.kept"))),
    filter: (names, client, receiver, now) =>
      ask(
        link.ask((state) => state.filter(names, client, now)),
        receiver,
        (visible) => receiver.filtered(visible),
      ),
    report({ lease, ...report }) {
      const plain = { ...report, lease: withoutSecret(lease), callId: call.id, attempt: attempts.get(lease) ?? 0 };
      keepAlive(link.ask((state) => state.report(plain)).catch(lost("report.lost")));
    },
    // The object hears of it with the first question that takes something: before that nothing could be lost.
    began(id, startedAt) {
      call = { id, startedAt };
      plans = 0;
    },
    settle: (record, reservation) =>
      keepAlive(
        link.ask((state) => state.settle(record, reservation), { stubborn: true }).catch(lost("call.unrecorded")),
      ),
  };

  function lost(event: string): (error: unknown) => void {
    return (error) =>
      logger.log("error", event, { call: call.id, cause: error instanceof Error ? error.message : String(error) });
  }
}
