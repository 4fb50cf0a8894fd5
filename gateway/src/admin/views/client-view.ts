/**
 * Client keys as people see them. The key itself is nowhere: only its digest is kept, and that is not shown either.
 * @module
 */
import type * as z from "zod";
import { isLimited } from "../../clients/limits/checked-limits.ts";
import type { ClientKey, ClientLimits } from "../../clients/types.ts";
import type { clientSchema } from "../schemas/clients.ts";
import type { AdminServices } from "../services.ts";
import { toUsd } from "./sums.ts";

/** One client key. */
export type ClientItem = z.output<typeof clientSchema>;

/** A client with its uses of today. */
export function toClientItem(client: ClientKey, services: Pick<AdminServices, "clients" | "clock">): ClientItem {
  return {
    id: client.id,
    name: client.name,
    prefix: client.prefix,
    source: client.source,
    enabled: client.enabled,
    expiresAt: client.expiresAt,
    allowedModels: client.allowedModels?.slice() ?? null,
    limits: isLimited(client) ? toLimits(client.limits ?? {}) : null,
    ipRanges: client.ipRanges?.slice() ?? null,
    aliases: client.aliases == null ? null : { ...client.aliases },
    resourceScope: client.resourceScope ?? "own",
    createdAt: client.createdAt,
    usage: services.clients.usage(client.id, services.clock.now()).map((use) => ({
      window: use.window,
      windowStart: use.windowStart,
      requests: use.requests,
      tokens: use.tokens,
      costUsd: toUsd(use.costNanoUsd) ?? 0,
    })),
  };
}

// --- helpers ---

/** Every field, null where there is no limit. */
function toLimits(limits: ClientLimits): ClientItem["limits"] {
  const { budgets } = limits;
  return {
    requestsPerMinute: limits.requestsPerMinute ?? null,
    requestsPerDay: limits.requestsPerDay ?? null,
    tokensPerMinute: limits.tokensPerMinute ?? null,
    concurrency: limits.concurrency ?? null,
    budgets: {
      day: budgets?.day ?? null,
      week: budgets?.week ?? null,
      month: budgets?.month ?? null,
      total: budgets?.total ?? null,
    },
  };
}
