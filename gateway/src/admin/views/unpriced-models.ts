/**
 * Models whose calls carry no cost because no price names them.
 * @module
 */
import type { CallRecord } from "../../core/records.ts";
import type { RollupSums } from "../../storage/types-analytics.ts";
import type { AdminServices } from "../services.ts";

const mostModels = 200;

/**
 * Looks for them among sums by model.
 * @param byModel of any range
 * @returns names, the most called first, 200 at most; a model that has a price since is not among them
 */
export function unpricedModels(
  byModel: ReadonlyMap<string, RollupSums>,
  services: Pick<AdminServices, "clock" | "prices">,
): string[] {
  const at = services.clock.now();
  return [...byModel]
    .filter(([model, sums]) => model !== "" && sums.tokens.total > 0 && sums.callsWithoutCost > 0)
    .toSorted(([, left], [, right]) => right.calls - left.calls)
    .map(([model]) => model)
    .filter((model) => services.prices.price(oneTokenCall(model, at)).costNanoUsd === null)
    .slice(0, mostModels);
}

// --- helpers ---

/** A call that used one token each way: a cost of null says that its model has no price. */
function oneTokenCall(model: string, at: number): CallRecord {
  const usage = {
    promptTokens: 1,
    cachedTokens: 0,
    outputTokens: 1,
    thoughtsTokens: 0,
    toolUseTokens: 0,
    totalTokens: 2,
    modalities: null,
    serviceTier: null,
  };
  const ended = { status: 200, finishReason: "STOP", modelServed: model, usage, firstByteMicros: null };
  return {
    id: "",
    startedAt: at,
    clientId: null,
    dialect: "gemini",
    backend: "gemini-api",
    operation: "generate",
    method: "POST",
    path: "",
    modelAsked: model,
    stream: false,
    outcome: "ok",
    errorCode: null,
    totalMicros: 0,
    overheadMicros: 0,
    requestBytes: 0,
    responseBytes: 0,
    ...ended,
    attempts: [
      {
        number: 1,
        credentialId: "",
        projectId: "",
        offsetMicros: 0,
        durationMicros: 0,
        rule: "ok",
        fault: "none",
        words: null,
        ...ended,
      },
    ],
  };
}
