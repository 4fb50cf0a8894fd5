/**
 * Reads for charts and lists. They only read: the writing side is in ../rollups/.
 * @module
 */
import type { Kysely } from "kysely";
import type { SqlDriver } from "../driver.ts";
import { createLedgerReader } from "../ledger-read.ts";
import { dimensionCodes, toRollupSums, zeros } from "../rollups/layout.ts";
import type { Database } from "../schema.ts";
import type { AnalyticsStore, RollupQuestion, RollupSums } from "../types-analytics.ts";
import { createHistogram } from "./histogram.ts";
import { createSearch } from "./search.ts";
import { createSumsReader, toQuarters, type Selection } from "./sums.ts";

/** Makes the store's reads. */
export function createAnalyticsStore(driver: SqlDriver, db: Kysely<Database>): AnalyticsStore {
  const { get, oldestMs } = createLedgerReader(driver, db);
  const reader = createSumsReader(driver, db);
  const search = createSearch(driver, db);
  return {
    async sums(question, range) {
      const keys = question.key === null ? null : [question.key];
      const found = await reader.read(toSelection(question, keys), toQuarters([range]));
      const sums = new Map<string, RollupSums>();
      for (const [key, [row]] of found) if (row !== undefined && !isZero(row)) sums.set(key, toRollupSums(row));
      return sums;
    },
    async series(question, ranges, keys) {
      const { key: only, together = false } = question;
      const wanted = keys.slice(0, mostKeys).filter((key) => together || only === null || key === only);
      const read = together ? (only === null ? null : [only]) : wanted;
      const found = await reader.read(toSelection(question, read), toQuarters(ranges));
      return new Map(
        wanted.map((key) => {
          const rows = found.get(key);
          return [key, ranges.map((_, index) => toRollupSums(rows?.[index] ?? zeros()))];
        }),
      );
    },
    search,
    histogram: createHistogram(driver, db, reader),
    async attemptsOf(credentialId, model, limit) {
      const { calls } = await search({ credentialId, model }, { limit, cursor: null });
      const attempts = calls.flatMap((call) =>
        call.record.attempts
          .map((attempt, index) => ({ callId: call.record.id, startedAt: call.record.startedAt, call, index, attempt }))
          .filter(({ attempt }) => attempt.credentialId === credentialId)
          .reverse(),
      );
      return attempts.slice(0, limit).map(({ attempt: _attempt, ...rest }) => rest);
    },
    get,
    oldestMs,
  };
}

// --- helpers ---

/** As the interface says. */
const mostKeys = 50;

function toSelection(question: RollupQuestion, keys: readonly string[] | null): Selection {
  const { dimension, keyPrefix, together } = question;
  const wanted = keyPrefix === undefined ? keys : (keys?.filter((key) => key.startsWith(keyPrefix)) ?? null);
  return { dimension: dimensionCodes[dimension], keys: wanted, prefix: keyPrefix, together };
}

/** Days from which all hours were taken away again. */
function isZero(row: readonly number[]): boolean {
  return row.every((number) => number === 0);
}
