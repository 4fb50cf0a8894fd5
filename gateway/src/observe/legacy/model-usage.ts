/**
 * What `/model_usage` answers, in the shape of an earlier proxy (fact sheet compatibility 2, D), with keys masked.
 * @module
 */
import type { CredentialView } from "../../pool/types.ts";

/** One key. */
export interface ModelUsageRow {
  /** Masked. */
  key: string;
  /** Model → attempts since the start of the process. */
  usageCount: Record<string, number>;
  /** Models that rest for this key; `*`: all of them. */
  exhaustedModels: string[];
  /** Model → Google's own words, redacted. */
  exhaustedReasons: Record<string, string>;
}

/** What the answer is made of. */
export interface ModelUsageSources {
  view: readonly CredentialView[];
  /** From `Metrics.uses`. */
  uses: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** A credential's key as people may see it: `AIza…wxyz`. */
  masked(credentialId: string): string;
  /** Epoch milliseconds. */
  now: number;
}

/** Credentials that are shown; beyond that the dashboard has pages. */
const modelUsageLimit = 10_000;

/** Puts the rows together, in the order of the pool. */
export function toModelUsage({ view, uses, masked, now }: ModelUsageSources): ModelUsageRow[] {
  return view.slice(0, modelUsageLimit).map((credential) => {
    const reasons = new Map<string, string>();
    if (credential.disabled !== null) reasons.set("*", credential.disabled.words);
    else if (credential.state === "off") reasons.set("*", "switched off");
    for (const { model, untilMs, words } of credential.cooldowns) {
      const name = model === "" ? "*" : model;
      if (untilMs > now && !reasons.has(name)) reasons.set(name, words);
    }
    return {
      key: masked(credential.id),
      usageCount: Object.fromEntries(uses.get(credential.id) ?? []),
      exhaustedModels: [...reasons.keys()],
      exhaustedReasons: Object.fromEntries(reasons),
    };
  });
}
