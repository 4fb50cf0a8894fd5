/**
 * Prices in force, own rows, and computing past costs again.
 * @module
 */
import type * as z from "zod";
import { AdminError } from "../admin-errors.ts";
import { getPrices, getReprice, reprice, setPrices } from "../contract/operations.ts";
import { implement, type Implementation } from "../implement.ts";
import type { priceRowSchema, pricesSchema } from "../schemas/operations.ts";
import type { AdminServices } from "../services.ts";
import { unpricedModels } from "../views/unpriced-models.ts";

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

async function toView(services: AdminServices): Promise<z.output<typeof pricesSchema>> {
  const { prices } = services;
  type Row = z.output<typeof priceRowSchema>;
  return {
    // The control checks its rows by the same fields.
    overrides: [...prices.overrides()] as Row[],
    table: [...prices.table()] as Row[],
    file: [...prices.file()] as Row[],
    unpriced: await unpricedOfMonth(services),
  };
}

/** Models that used tokens within 30 days and that no row prices. */
async function unpricedOfMonth(services: AdminServices): Promise<string[]> {
  const now = services.clock.now();
  const range = { fromMs: now - 30 * dayMs, toMs: now };
  return unpricedModels(await services.analytics.sums({ dimension: "model", key: null }, range), services);
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
