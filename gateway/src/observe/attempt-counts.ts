/**
 * Counts of attempts: by verdict rule, and by credential and model for those who ask how evenly keys are used.
 * @module
 */
import type { AttemptRecord } from "../core/records.ts";
import type { Fault } from "../core/verdict.ts";
import { otherLabel } from "./label-set.ts";

/** Counts. */
export interface AttemptCounts {
  /** @param model label of the call's model */
  count(attempt: AttemptRecord, model: string): void;
  rules(): { rule: string; fault: Fault; attempts: number }[];
  /** Credential id → model → attempts. */
  uses(): ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/** Rules with counters of their own; there are some forty. */
export const ruleLimit = 200;
/** Pairs of credential and model with counters of their own. */
export const pairLimit = 20_000;

/** Makes it, empty. */
export function createAttemptCounts(): AttemptCounts {
  const byRule = new Map<string, Partial<Record<Fault, number>>>();
  const byCredential = new Map<string, Map<string, number>>();
  let pairs = 0;

  function ruleOf(rule: string): Partial<Record<Fault, number>> {
    let faults = byRule.get(rule);
    if (faults === undefined) {
      const name = byRule.size < ruleLimit ? rule : otherLabel;
      faults = byRule.get(name);
      if (faults === undefined) byRule.set(name, (faults = {}));
    }
    return faults;
  }

  function countUse(credentialId: string, model: string): void {
    let models = byCredential.get(credentialId);
    if (models === undefined) {
      // Credentials come and go: what there is no room for is left out here. The ledger has it.
      if (pairs >= pairLimit) return;
      byCredential.set(credentialId, (models = new Map()));
    }
    const uses = models.get(model);
    if (uses !== undefined) models.set(model, uses + 1);
    else if (pairs < pairLimit) {
      models.set(model, 1);
      pairs += 1;
    }
  }

  return {
    count(attempt, model) {
      const faults = ruleOf(attempt.rule);
      faults[attempt.fault] = (faults[attempt.fault] ?? 0) + 1;
      countUse(attempt.credentialId, model);
    },
    rules: () =>
      [...byRule].flatMap(([rule, faults]) =>
        Object.entries(faults).map(([fault, attempts]) => ({ rule, fault: fault as Fault, attempts })),
      ),
    uses: () => byCredential,
  };
}
