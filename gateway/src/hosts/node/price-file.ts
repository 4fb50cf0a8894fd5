/**
 * The operator's own prices: `prices.json` in the data directory. Its rows stand before those of the table.
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parsePriceRows } from "../../ledger/price-overrides.ts";
import type { PriceRow } from "../../ledger/price-usage.ts";

/** Its name in the data directory. */
export const priceFile = "prices.json";

/**
 * Reads the rows.
 * @param dataDir DATA_DIR
 * @returns none when there is no such file
 * @throws Error naming the file and every row and field that cannot be used: a start with wrong prices would write wrong
 *   costs for good
 */
export function readPriceFile(dataDir: string): PriceRow[] {
  const path = join(dataDir, priceFile);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  try {
    return parsePriceRows(text);
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
