/**
 * Which sums of the roll-ups answer a question about usage. They are kept by one thing at a time, and by client and model
 * together; what else is asked for together is refused, naming the field, rather than answered wrongly.
 * @module
 */
import { AdminError } from "../admin-errors.ts";
import type { RollupDimension, RollupQuestion, TimeRange } from "../../storage/types-analytics.ts";
import { createZoneClock } from "../zones/zone-clock.ts";
import type { ZoneClock } from "../zones/zone-clock.ts";
import { quarterMs } from "../zones/local-ranges.ts";

/** By what sums are split. */
export type Dimension = Exclude<RollupDimension, "all" | "client-model">;

/** What is left of the whole. */
export interface UsageFilter {
  model?: string | undefined;
  clientId?: string | undefined;
  credentialId?: string | undefined;
}

/** A split that the roll-ups can make. */
export interface Split {
  question: RollupQuestion;
  /** The split's own key of a key of the question; null: it does not belong to it. */
  keyOf(key: string): string | null;
  /** The other way round. */
  fullKey(key: string): string;
  /** Each call counts under one key only, so that the keys' sums add up to the whole. */
  isExact: boolean;
}

/**
 * The sum of all that fits a filter.
 * @throws AdminError `query_invalid`
 */
export function wholeOf(filter: UsageFilter): RollupQuestion {
  const { model, clientId, credentialId } = filter;
  if (credentialId !== undefined) {
    if (model !== undefined || clientId !== undefined) throw notTogether("credentialId");
    return { dimension: "credential", key: credentialId };
  }
  if (clientId !== undefined && model !== undefined) return { dimension: "client-model", key: `${clientId}\n${model}` };
  if (clientId !== undefined) return { dimension: "client", key: clientId };
  return model === undefined ? { dimension: "all", key: null } : { dimension: "model", key: model };
}

/**
 * The sums by a dimension of all that fits a filter.
 * @throws AdminError `query_invalid` when they are not kept
 */
export function splitBy(by: Dimension, filter: UsageFilter): Split {
  const whole = wholeOf(filter);
  const { model, clientId } = filter;
  if (whole.dimension === "all")
    return {
      question: { dimension: by, key: null },
      keyOf: (key) => key,
      fullKey: (key) => key,
      // A call counts under each credential that it was tried with, but under one rule: that of its last attempt.
      isExact: by !== "credential",
    };
  // By what it is narrowed to: one row.
  if (whole.dimension === by) return { question: whole, keyOf: (key) => key, fullKey: (key) => key, isExact: true };
  if (by === "model" && clientId !== undefined) {
    const prefix = `${clientId}\n`;
    const question = model === undefined ? { ...clientModel, keyPrefix: prefix } : whole;
    const keyOf = (key: string): string | null => (key.startsWith(prefix) ? key.slice(prefix.length) : null);
    return { question, keyOf, fullKey: (key) => prefix + key, isExact: true };
  }
  if (by === "client" && model !== undefined) {
    const suffix = `\n${model}`;
    const question = clientId === undefined ? clientModel : whole;
    const keyOf = (key: string): string | null => (key.endsWith(suffix) ? key.slice(0, -suffix.length) : null);
    return { question, keyOf, fullKey: (key) => key + suffix, isExact: true };
  }
  throw new AdminError("query_invalid", {
    message: `Sums by ${by} are not kept for one ${nameOf(filter)}.`,
    field: "query.by",
    next: "Ask by model for one client, by client for one model, or leave the filter out; the calls list takes every filter.",
  });
}

/**
 * A range, brought to quarters of an hour, and its zone.
 * @throws AdminError `query_invalid`
 */
export function readRange(query: { fromMs: number; toMs: number; zone: string }): {
  range: TimeRange;
  clock: ZoneClock;
} {
  const clock = createZoneClock(query.zone);
  if (clock === null)
    throw new AdminError("query_invalid", {
      message: "There is no such time zone.",
      field: "query.zone",
      next: "Give an IANA name such as Asia/Ho_Chi_Minh.",
    });
  if (query.fromMs >= query.toMs)
    throw new AdminError("query_invalid", { message: "The range ends before it begins.", field: "query.toMs" });
  if (query.toMs > latestMs)
    throw new AdminError("query_invalid", { message: "The range ends after all time.", field: "query.toMs" });
  const fromMs = Math.floor(query.fromMs / quarterMs) * quarterMs;
  return { range: { fromMs, toMs: Math.ceil(query.toMs / quarterMs) * quarterMs }, clock };
}

// --- helpers ---

/** The year 3000: what is later is a mistake in units. */
const latestMs = 32_503_680_000_000;

const clientModel = { dimension: "client-model", key: null } as const;

function notTogether(field: string): AdminError {
  return new AdminError("query_invalid", {
    message: "Sums are kept by credential alone, not together with model or client.",
    field: `query.${field}`,
    next: "Narrow to one of them; the calls list takes every filter.",
  });
}

function nameOf({ model, clientId }: UsageFilter): string {
  if (clientId !== undefined) return model === undefined ? "client" : "client and model";
  return model === undefined ? "credential" : "model";
}
