/**
 * What a call will take from its client's limits, as far as it can be told before.
 * @module
 */
import type { ClientEstimate } from "../../clients/types.ts";
import type { ExpectedUse } from "../expected-use.ts";

const readMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "DELETE", "OPTIONS"]);
/** By the second, by the picture: no price by tokens. */
const unpriced: ReadonlySet<string> = new Set(["video", "predict", "images"]);
/** What changes something costs something, but for these; what it costs is mostly not known before. */
const freeOperations: ReadonlySet<string> = new Set(["count-tokens", "upload", "models"]);

/** Whether a method makes nothing and runs no model. */
export function isRead(method: string): boolean {
  return readMethods.has(method);
}

/**
 * Estimates it. What may cost something is never estimated as nothing: that would pass a limit which is used up.
 * @param call `use`: tokens, null where no quota counts them; `price`: nano-dollars of a use, null when not known
 */
export function expectedCharge(call: {
  operation: string;
  method: string;
  use: ExpectedUse | null;
  price: (use: ExpectedUse) => number | null;
}): ClientEstimate {
  const { operation, use } = call;
  if (use === null) {
    const free = isRead(call.method) || freeOperations.has(operation);
    return free ? { tokens: 0, costNanoUsd: 0 } : { tokens: 1, costNanoUsd: null };
  }
  return {
    tokens: use.inputTokens + use.outputTokens,
    costNanoUsd: unpriced.has(operation) ? null : call.price(use),
  };
}
