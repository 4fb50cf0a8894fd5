/**
 * What tokens cost.
 *
 * The figures are list prices of the paid tier. Whether a key is on the free tier is not known here, so calls of free
 * keys carry the list price too. A model that no row names costs null: unknown, not nothing.
 * @module
 */
import type { AttemptRecord, CallRecord } from "../core/records.ts";
import type { Usage } from "../core/usage.ts";
import type { PricedCall } from "../storage/types.ts";
import { priceTable } from "./price-table.ts";
import { priceBy, type PriceRow } from "./price-usage.ts";

/** What is asked of the table. */
export interface PriceQuestion {
  usage: Usage;
  /** Model that served, then models to fall back on; nulls are passed over. */
  models: readonly (string | null)[];
  /** Epoch milliseconds: which dated row holds. */
  at: number;
}

/** The price list in force. */
export interface Prices {
  /** Nano-dollars (1e-9 USD), an integer; null when a price is not known. */
  priceUsage(question: PriceQuestion): number | null;
}

/**
 * Makes the price list.
 * @param overrides rows that stand before the table's: one for the same model and date takes its place, others add to it
 * @throws RangeError when a date is none
 */
export function createPrices(overrides: readonly PriceRow[] = []): Prices {
  const dated = toDatedRows([...overrides, ...priceTable]);
  const known = new Map<string, readonly DatedRow[] | null>();

  /** The dated rows of a model, newest first. */
  function rowsOf(model: string): readonly DatedRow[] | null {
    let rows = known.get(model);
    if (rows === undefined) {
      // Names come from clients: a stream of made-up ones must not fill the memory.
      if (known.size >= modelLimit) known.clear();
      known.set(model, (rows = findRows(dated, model)));
    }
    return rows;
  }

  return {
    priceUsage({ usage, models, at }) {
      for (const model of models) {
        const row = model === null ? undefined : rowsOf(model)?.find((each) => each.fromMs <= at);
        if (row !== undefined) return priceBy(row, usage);
      }
      return null;
    },
  };
}

/** A price list whose rows can be replaced while it is in use. */
export interface ReplaceablePrices extends Prices {
  /**
   * Takes other overrides. Calls priced from now on have them; what is written already stays (see reprice.ts).
   * @throws RangeError when a date is none; the rows before stay in force
   */
  replace(overrides: readonly PriceRow[]): void;
}

/**
 * Makes a price list that can change.
 * @param overrides as `createPrices` takes them
 * @throws RangeError when a date is none
 */
export function createReplaceablePrices(overrides: readonly PriceRow[] = []): ReplaceablePrices {
  let prices = createPrices(overrides);
  return {
    priceUsage: (question) => prices.priceUsage(question),
    replace(rows) {
      prices = createPrices(rows);
    },
  };
}

/**
 * Prices a whole call.
 *
 * An attempt that told its usage has its price; one of a Code Assist account costs nothing beyond its licence. One that ended with an error status and no usage cost nothing: Google
 * does not bill those (fact sheet upstream 6). Any other without usage may have been billed: null. The call costs the sum
 * of its attempts, retried ones too, and null as soon as one of them is not known.
 */
export function priceCall(prices: Prices, record: CallRecord): PricedCall {
  const attemptCosts = record.attempts.map((attempt) => costOf(prices, record, attempt));
  let costNanoUsd: number | null = record.outcome === "interrupted" ? null : 0;
  for (const cost of attemptCosts) costNanoUsd = cost === null || costNanoUsd === null ? null : costNanoUsd + cost;
  return { record, costNanoUsd, attemptCosts };
}

// --- helpers ---

/** Operations that Google does not charge for. A Live session's price is that of its turns, which have rows of their own. */
const freeOperations: ReadonlySet<string> = new Set(["count-tokens", "models", "upload", "live"]);

/** Accounts of Code Assist are paid for by their licence: their calls cost nothing more (fact sheet upstream 7.1). */
function isLicensed(record: CallRecord, attempt: AttemptRecord): boolean {
  return record.backend === "code-assist" && attempt.credentialId === record.attempts.at(-1)?.credentialId;
}

function costOf(prices: Prices, record: CallRecord, attempt: AttemptRecord): number | null {
  const { usage } = attempt;
  if (isLicensed(record, attempt)) return 0;
  if (usage !== null) {
    return prices.priceUsage({ usage, models: [attempt.modelServed, record.modelAsked], at: record.startedAt });
  }
  return (attempt.status !== null && attempt.status >= 400) || freeOperations.has(record.operation) ? 0 : null;
}

type DatedRow = PriceRow & { fromMs: number };

const modelLimit = 1_000;
/** Endings that name a version of a model and not another model. */
const versionEnding = /^(-(preview|exp|experimental|latest|stable|customtools|\d{2,4}))*$/;

function toDatedRows(rows: readonly PriceRow[]): Map<string, DatedRow[]> {
  const dated = new Map<string, DatedRow[]>();
  for (const row of rows) {
    const fromMs = row.from === undefined ? -Infinity : toMs(row.from);
    for (const model of row.models) {
      const same = dated.get(model) ?? [];
      dated.set(model, same);
      // The first one said holds: overrides come before the table.
      if (!same.some((other) => other.fromMs === fromMs)) same.push({ ...row, fromMs });
    }
  }
  for (const same of dated.values()) same.sort((a, b) => b.fromMs - a.fromMs);
  return dated;
}

function toMs(date: string): number {
  const ms = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(date) ? `${date}T00:00:00-08:00` : date);
  if (Number.isNaN(ms)) throw new RangeError(`'${date}' is not a date such as 2026-12-01`);
  return ms;
}

/** The longest name that the model is, is a version of, or (with `*`) begins with. */
function findRows(dated: ReadonlyMap<string, DatedRow[]>, model: string): readonly DatedRow[] | null {
  const name = model.slice(model.lastIndexOf("/") + 1);
  let best: string | null = null;
  for (const candidate of dated.keys()) {
    const stem = candidate.endsWith("*") ? candidate.slice(0, -1) : candidate;
    if (!name.startsWith(stem)) continue;
    if (stem === candidate && !versionEnding.test(name.slice(stem.length))) continue;
    if (best === null || candidate.length > best.length) best = candidate;
  }
  return best === null ? null : (dated.get(best) ?? null);
}
