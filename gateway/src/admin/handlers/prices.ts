/**
 * Prices in force, own rows, and computing past costs again.
 * @module
 */
import type * as z from "zod";
import type { CallRecord } from "../../core/records.ts";
import { AdminError } from "../admin-errors.ts";
import { getPrices, getReprice, reprice, setPrices } from "../contract/operations.ts";
import { implement, type Implementation } from "../implement.ts";
import type { priceRowSchema, pricesSchema } from "../schemas/operations.ts";
import type { AdminServices } from "../services.ts";

/** Prices and the re-pricing job. */
export const priceHandlers: readonly Implementation[] = [
  implement(getPrices, ({ services }) => toView(services)),
  implement(setPrices, async ({ services, body, note }) => {
    note({ detail: { rows: body.overrides.length, models: body.overrides.flatMap(({ models }) => models) } });
    try {
      await services.prices.setOverrides(body.overrides);
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
      throw new AdminError("price_invalid", { message: error.message, field: "body.overrides" });
    }
    return toView(services);
  }),
  implement(reprice, async ({ services, state, body }) => {
    const { fromMs, toMs, model = null, dryRun } = body;
    if (toMs <= fromMs)
      throw new AdminError("body_invalid", { message: "The range ends before it begins.", field: "body.toMs" });
    if (state.reprice.view()?.state === "running") throw new AdminError("busy");
    const total = await countCalls(services, { fromMs, toMs, model });
    if (!state.reprice.start({ fromMs, toMs, model, dryRun, total })) throw new AdminError("busy");
    return { job: state.reprice.view() };
  }),
  implement(getReprice, ({ state }) => ({ job: state.reprice.view() })),
];

// --- helpers ---

const dayMs = 86_400_000;
/** Names come from clients: a stream of made-up ones must not fill an answer. */
const mostUnpriced = 200;

async function toView(services: AdminServices): Promise<z.output<typeof pricesSchema>> {
  const { prices } = services;
  type Row = z.output<typeof priceRowSchema>;
  return {
    // The control checks its rows by the same fields.
    overrides: [...prices.overrides()] as Row[],
    table: [...prices.table()] as Row[],
    file: [...prices.file()] as Row[],
    unpriced: await unpricedModels(services),
  };
}

/** Models that used tokens within 30 days and that no row prices. */
async function unpricedModels(services: AdminServices): Promise<string[]> {
  const now = services.clock.now();
  const range = { fromMs: now - 30 * dayMs, toMs: now };
  const sums = await services.analytics.sums({ dimension: "model", key: null }, range);
  return [...sums]
    .filter(([model, row]) => model !== "" && row.tokens.total > 0 && row.callsWithoutCost > 0)
    .sort(([, left], [, right]) => right.calls - left.calls)
    .map(([model]) => model)
    .filter((model) => services.prices.price(sampleCall(model, now)).costNanoUsd === null)
    .slice(0, mostUnpriced);
}

async function countCalls(
  { analytics }: Pick<AdminServices, "analytics">,
  { fromMs, toMs, model }: { fromMs: number; toMs: number; model: string | null },
): Promise<number> {
  const question = { dimension: model === null ? "all" : "model", key: model } as const;
  let calls = 0;
  for (const row of (await analytics.sums(question, { fromMs, toMs })).values()) calls += row.calls;
  return calls;
}

/** A call that used one token each way: has the model a price? */
function sampleCall(model: string, at: number): CallRecord {
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
  const shared = { firstByteMicros: null, status: 200, finishReason: null, modelServed: model, usage };
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
    ...shared,
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
        ...shared,
      },
    ],
  };
}
