/**
 * Calls as the CLI shows them.
 * @module
 */
import type { PricedCall } from "../../storage/types.ts";
import { toDollars, toLatency, toLocalTime } from "../moments.ts";
import type { Names } from "../names.ts";
import type { Column } from "../output.ts";

/** What `--json` means by a call; shown in `--help`. The admin API gives the same shape. */
export const callShape: readonly string[] = [
  "JSON of a call: {id, startedAt (epoch ms), clientId, dialect, backend, operation, method, path, modelAsked, modelServed,",
  "  stream, status, outcome, errorCode, finishReason, usage: {promptTokens, cachedTokens, outputTokens, thoughtsTokens,",
  "  toolUseTokens, totalTokens, …}|null, firstByteMicros, totalMicros, overheadMicros, requestBytes, responseBytes,",
  "  costUsd|null (unknown), attempts: [{number, credentialId, projectId, offsetMicros, durationMicros, firstByteMicros,",
  "  status, rule, fault, words, finishReason, modelServed, usage, costUsd}]}",
];

/** The JSON of a call. */
export function toCallJson(call: PricedCall): Record<string, unknown> {
  const { record, costNanoUsd, attemptCosts } = call;
  return {
    ...record,
    costUsd: toUsd(costNanoUsd),
    attempts: record.attempts.map((attempt, index) => ({ ...attempt, costUsd: toUsd(attemptCosts[index] ?? null) })),
  };
}

/** Nano-dollars to dollars; unknown stays unknown. */
export function toUsd(nano: number | null): number | null {
  return nano === null ? null : nano / 1e9;
}

/** Columns of a list of calls. */
export function callColumns(names: Names): Column<PricedCall>[] {
  return [
    { title: "TIME", of: ({ record }) => toLocalTime(record.startedAt) },
    { title: "ID", of: ({ record }) => record.id },
    {
      title: "STATUS",
      of: ({ record }) => record.status,
      style: ({ record }) => (record.status < 400 ? "green" : record.status < 500 ? "yellow" : "red"),
    },
    { title: "OUTCOME", of: ({ record }) => record.outcome },
    { title: "MODEL", of: ({ record }) => record.modelServed ?? record.modelAsked ?? record.operation, limit: 32 },
    { title: "CLIENT", of: ({ record }) => names.client(record.clientId), limit: 20 },
    { title: "TRIES", of: ({ record }) => record.attempts.length, align: "right" },
    { title: "IN", of: ({ record }) => record.usage?.promptTokens ?? null, align: "right" },
    {
      title: "OUT",
      of: ({ record }) => (record.usage === null ? null : record.usage.outputTokens + record.usage.thoughtsTokens),
      align: "right",
    },
    { title: "COST", of: ({ costNanoUsd }) => toDollars(toUsd(costNanoUsd)), align: "right" },
    {
      title: "FIRST",
      of: ({ record }) => (record.firstByteMicros === null ? null : toLatency(record.firstByteMicros)),
      align: "right",
    },
    { title: "TOTAL", of: ({ record }) => toLatency(record.totalMicros), align: "right" },
  ];
}
