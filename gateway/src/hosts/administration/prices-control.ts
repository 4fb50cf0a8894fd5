/**
 * The prices in force and their change while the gateway runs: own rows (kept in the store), then those of prices.json,
 * then the table.
 * @module
 */
import type { PricesControl } from "../../admin/services.ts";
import type { Logger } from "../../core/ports.ts";
import { parsePriceRows } from "../../ledger/price-overrides.ts";
import { priceTable } from "../../ledger/price-table.ts";
import type { PriceRow } from "../../ledger/price-usage.ts";
import { createReplaceablePrices, priceCall, type Prices } from "../../ledger/prices.ts";
import { repriceLedger } from "../../ledger/reprice.ts";
import type { GatewayStore } from "../../storage/types-analytics.ts";

/** Where own rows are kept: JSON. */
export const priceOverridesKey = "prices.overrides";

/** The control, with the face that the core prices by. */
export interface PricesHost extends PricesControl {
  /** What holds now; one object for the life of the process. */
  readonly inForce: Prices;
  /** Takes up what another process stored. */
  reload(): Promise<void>;
}

/**
 * Reads what is stored. Rows that cannot be read any more are logged and left out: they must not keep a gateway from
 * starting.
 * @param parts `file`: rows of prices.json
 */
export async function createPricesControl(parts: {
  store: Pick<GatewayStore, "meta" | "ledger">;
  file: readonly PriceRow[];
  logger: Logger;
}): Promise<PricesHost> {
  const { store, file, logger } = parts;
  let text: string | null = null;
  let own: readonly PriceRow[] = [];
  const prices = createReplaceablePrices(file);

  function take(rows: readonly PriceRow[], from: string | null): void {
    // First: what cannot be a price list changes nothing.
    prices.replace([...rows, ...file]);
    own = rows;
    text = from;
  }

  async function reload(): Promise<void> {
    const stored = await store.meta.get(priceOverridesKey);
    if (stored === text) return;
    try {
      take(stored === null ? [] : parsePriceRows(stored), stored);
    } catch (error) {
      text = stored;
      logger.log("error", "prices.unusable", { cause: error instanceof Error ? error.message : String(error) });
    }
  }

  await reload();
  return {
    inForce: prices,
    overrides: () => own,
    file: () => file,
    table: () => priceTable,
    async setOverrides(rows) {
      const next = JSON.stringify(rows);
      const parsed = parsePriceRows(next);
      // Throws before anything is stored.
      createReplaceablePrices([...parsed, ...file]);
      await store.meta.set(priceOverridesKey, next);
      take(parsed, next);
    },
    price: (record) => priceCall(prices, record),
    async reprice({ fromMs, toMs, model, dryRun }, onSlice) {
      await repriceLedger({ store, prices, range: { fromMs, toMs }, model, dryRun, onSlice });
    },
    reload,
  };
}
