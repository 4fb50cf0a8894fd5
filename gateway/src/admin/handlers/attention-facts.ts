/**
 * What the rules of attention look at, read once.
 * @module
 */
import type { ClientKey, ClientUsage } from "../../clients/types.ts";
import type { CallRecord } from "../../core/records.ts";
import type { RecorderState } from "../../ledger/types.ts";
import type { PoolCounts, QuotaView } from "../../pool/types.ts";
import type { Settings } from "../../settings/types.ts";
import type { RollupSums } from "../../storage/types-analytics.ts";
import type { AdminServices } from "../services.ts";
import { readRows } from "../views/credential-rows.ts";
import type { RowView } from "../views/credential-rows.ts";
import { readQuotas } from "../views/quota-rows.ts";
import { addSums } from "../views/sums.ts";

/** Facts of one moment. */
export interface AttentionFacts {
  /** Epoch milliseconds. */
  now: number;
  settings: Settings;
  counts: PoolCounts;
  credentials: readonly RowView[];
  quotas: readonly QuotaView[];
  /** Null: there is no ledger. */
  ledger: RecorderState | null;
  lastHour: RollupSums;
  /** By verdict rule, or the gateway's own error code. */
  lastHourByRule: ReadonlyMap<string, RollupSums>;
  /** Models that used tokens within a day and that no row prices. */
  unpriced: readonly string[];
  clients: readonly { client: ClientKey; usage: readonly ClientUsage[] }[];
  /** Whether any operator can log in with a password. */
  hasPassword: boolean;
}

/** Reads them. What the ledger cannot tell counts as nothing: then it is the ledger that needs attention. */
export async function readFacts(services: AdminServices): Promise<AttentionFacts> {
  const { pool, clock, settings, analytics, clients, administration } = services;
  const now = clock.now();
  const lastHour = { fromMs: now - hourMs, toMs: now };
  const none = new Map<string, RollupSums>();
  const sumsOf = (dimension: "all" | "rule" | "model", fromMs: number): Promise<Map<string, RollupSums>> =>
    analytics.sums({ dimension, key: null }, { ...lastHour, fromMs }).catch(() => none);
  const operators = await administration.operators.list();
  return {
    now,
    settings: settings.current,
    counts: pool.counts(now),
    credentials: (await readRows(services)).map(({ view }) => view),
    quotas: readQuotas(services).all,
    ledger: services.recorder(),
    lastHour: addSums((await sumsOf("all", lastHour.fromMs)).values()),
    lastHourByRule: await sumsOf("rule", lastHour.fromMs),
    unpriced: unpricedOf(await sumsOf("model", now - 24 * hourMs), services),
    clients: clients.list().map((client) => ({ client, usage: clients.usage(client.id, now) })),
    hasPassword: operators.some(({ enabled, passwordHash }) => enabled && passwordHash !== ""),
  };
}

// --- helpers ---

const hourMs = 3_600_000;
const mostUnpriced = 200;

function unpricedOf(byModel: ReadonlyMap<string, RollupSums>, services: AdminServices): string[] {
  const at = services.clock.now();
  return [...byModel]
    .filter(([model, sums]) => model !== "" && sums.tokens.total > 0 && sums.callsWithoutCost > 0)
    .toSorted(([, a], [, b]) => b.calls - a.calls)
    .slice(0, mostUnpriced)
    .map(([model]) => model)
    .filter((model) => services.prices.price(oneTokenCall(model, at)).costNanoUsd === null);
}

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
