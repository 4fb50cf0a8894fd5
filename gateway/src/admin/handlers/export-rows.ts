/**
 * A call as one row of a table.
 * @module
 */
import type { PricedCall } from "../../storage/types.ts";
import { toCsvLine, toDecimalUsd } from "../views/csv.ts";
import type { CsvCell } from "../views/csv.ts";
import type { Names } from "../views/names.ts";
import type { ZoneClock } from "../zones/zone-clock.ts";

/** What rows are written with. */
export interface RowContext {
  clock: ZoneClock;
  names: Names;
}

/** The head line. */
export function csvHead(): string {
  return toCsvLine(columns.map(([title]) => title));
}

/** A call's line. */
export function csvRow(call: PricedCall, context: RowContext): string {
  return toCsvLine(columns.map(([, cellOf]) => cellOf(call, context)));
}

// --- helpers ---

type Column = readonly [title: string, cellOf: (call: PricedCall, context: RowContext) => CsvCell];

const columns: readonly Column[] = [
  ["id", ({ record }) => record.id],
  ["started_at", ({ record }, { clock }) => clock.format(record.startedAt)],
  ["client_id", ({ record }) => record.clientId],
  ["client", ({ record }, { names }) => names.client(record.clientId)],
  ["dialect", ({ record }) => record.dialect],
  ["operation", ({ record }) => record.operation],
  ["method", ({ record }) => record.method],
  ["path", ({ record }) => record.path],
  ["model_asked", ({ record }) => record.modelAsked],
  ["model_served", ({ record }) => record.modelServed],
  ["stream", ({ record }) => record.stream],
  ["status", ({ record }) => record.status],
  ["outcome", ({ record }) => record.outcome],
  ["error_code", ({ record }) => record.errorCode],
  ["finish_reason", ({ record }) => record.finishReason],
  ["attempts", ({ record }) => record.attempts.length],
  ["rules", ({ record }) => record.attempts.map(({ rule }) => rule).join(" ")],
  ["credential_id", ({ record }) => record.attempts.at(-1)?.credentialId ?? null],
  ["credential", ({ record }, { names }) => credentialOf(record, names)],
  ["prompt_tokens", ({ record }) => record.usage?.promptTokens ?? null],
  ["cached_tokens", ({ record }) => record.usage?.cachedTokens ?? null],
  ["output_tokens", ({ record }) => record.usage?.outputTokens ?? null],
  ["thoughts_tokens", ({ record }) => record.usage?.thoughtsTokens ?? null],
  ["tool_use_tokens", ({ record }) => record.usage?.toolUseTokens ?? null],
  ["total_tokens", ({ record }) => record.usage?.totalTokens ?? null],
  ["cost_usd", ({ costNanoUsd }) => toDecimalUsd(costNanoUsd)],
  ["first_byte_ms", ({ record }) => toMs(record.firstByteMicros)],
  ["total_ms", ({ record }) => toMs(record.totalMicros)],
  ["overhead_ms", ({ record }) => toMs(record.overheadMicros)],
  ["request_bytes", ({ record }) => record.requestBytes],
  ["response_bytes", ({ record }) => record.responseBytes],
];

function credentialOf(record: PricedCall["record"], names: Names): string | null {
  const last = record.attempts.at(-1);
  return last === undefined ? null : names.credential(last.credentialId);
}

function toMs(micros: number | null): number | null {
  return micros === null ? null : micros / 1000;
}
