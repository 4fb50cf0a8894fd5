/**
 * What the rules of attention look at, read once.
 * @module
 */
import type { ClientKey, ClientUsage } from "../../clients/types.ts";
import type { RecorderState } from "../../ledger/types.ts";
import type { PoolCounts, QuotaView } from "../../pool/types.ts";
import type { Settings } from "../../settings/types.ts";
import type { RollupSums } from "../../storage/types-analytics.ts";
import type { AdminServices } from "../services.ts";
import { readRows } from "../views/credential-rows.ts";
import type { RowView } from "../views/credential-rows.ts";
import { readQuotas } from "../views/quota-rows.ts";
import { addSums } from "../views/sums.ts";
import { unpricedModels } from "../views/unpriced-models.ts";

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
    unpriced: unpricedModels(await sumsOf("model", now - 24 * hourMs), services),
    clients: clients.list().map((client) => ({ client, usage: clients.usage(client.id, now) })),
    hasPassword: operators.some(({ enabled, passwordHash }) => enabled && passwordHash !== ""),
  };
}

// --- helpers ---

const hourMs = 3_600_000;
