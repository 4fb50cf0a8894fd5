/**
 * Client keys as the CLI shows them.
 * @module
 */
import { isLimited } from "../../clients/limits/checked-limits.ts";
import { toNanoUsd, toUsdText } from "../../clients/limits/money.ts";
import type { ClientKey, ClientLimits } from "../../clients/types.ts";
import { nodeDigest } from "../../hosts/node/ports.ts";
import type { Configuration } from "../configuration.ts";
import type { Output } from "../output.ts";
import { toLocalTime } from "../moments.ts";

/** What `--json` shows of a client key. Times are epoch milliseconds, budgets dollars. */
export interface ClientView {
  id: string;
  name: string;
  prefix: string;
  source: ClientKey["source"];
  state: "active" | "revoked" | "expired";
  models: readonly string[] | null;
  expiresAt: number | null;
  createdAt: number | null;
  /** All fields, null where there is no limit; null: none at all. */
  limits: Required<ClientLimits> | null;
  ipRanges: readonly string[] | null;
  aliases: Readonly<Record<string, string>> | null;
  resourceScope: "own" | "shared";
}

/** The shape, for `--help`. */
export const clientViewShape =
  "{id, name, prefix, source: env|stored, state: active|revoked|expired, models, expiresAt, createdAt, limits: {requestsPerMinute, requestsPerDay, tokensPerMinute, concurrency, budgets: {day, week, month, total}}|null, ipRanges, aliases, resourceScope: own|shared}";

/** @param now epoch milliseconds */
export function toClientView(client: ClientKey, now: number): ClientView {
  const limits = client.limits ?? null;
  return {
    id: client.id,
    name: client.name,
    prefix: client.prefix,
    source: client.source,
    state: stateOf(client, now),
    models: client.allowedModels,
    expiresAt: client.expiresAt,
    createdAt: client.source === "env" ? null : client.createdAt,
    limits:
      limits === null || !isLimited(client)
        ? null
        : {
            requestsPerMinute: limits.requestsPerMinute ?? null,
            requestsPerDay: limits.requestsPerDay ?? null,
            tokensPerMinute: limits.tokensPerMinute ?? null,
            concurrency: limits.concurrency ?? null,
            budgets: {
              day: limits.budgets?.day ?? null,
              week: limits.budgets?.week ?? null,
              month: limits.budgets?.month ?? null,
              total: limits.budgets?.total ?? null,
            },
          },
    ipRanges: client.ipRanges ?? null,
    aliases: client.aliases ?? null,
    resourceScope: client.resourceScope ?? "own",
  };
}

/** @returns `60 rpm, 1k rpd, 250k tpm, 5 open, $5.00/day`; null when there is no limit */
export function toLimitWords(limits: ClientLimits | null): string | null {
  if (limits === null) return null;
  const words: string[] = [];
  const add = (limit: number | null | undefined, unit: string): void => {
    if (limit != null) words.push(`${toShortCount(limit)} ${unit}`);
  };
  add(limits.requestsPerMinute, "rpm");
  add(limits.requestsPerDay, "rpd");
  add(limits.tokensPerMinute, "tpm");
  add(limits.concurrency, "open");
  for (const period of ["day", "week", "month", "total"] as const) {
    const usd = limits.budgets?.[period];
    if (usd != null) words.push(`${toUsdText(toNanoUsd(usd))}${period === "total" ? " in all" : `/${period}`}`);
  }
  return words.length === 0 ? null : words.join(", ");
}

/** Prints all that is known of a client key, one line each. */
export function printClient(view: ClientView, output: Output): void {
  const rows: [string, string][] = [
    ["id", view.id],
    ["name", view.name],
    ["key", view.source === "env" ? "PROXY_API_KEY" : `${view.prefix}…`],
    ["state", view.state],
    ["models", view.models === null ? "all" : view.models.join(", ")],
    ["limits", toLimitWords(view.limits) ?? "none"],
    ["addresses", view.ipRanges === null ? "any" : view.ipRanges.join(", ")],
    ["aliases", toAliasWords(view.aliases)],
    ["resources", view.resourceScope === "shared" ? "shared with everyone" : "its own"],
    ["ends", view.expiresAt === null ? "never" : toLocalTime(view.expiresAt)],
    ...(view.createdAt === null ? [] : ([["made", toLocalTime(view.createdAt)]] as [string, string][])),
  ];
  for (const [title, value] of rows) output.line(`${title.padEnd(10)} ${value}`);
}

/** The client keys of PROXY_API_KEY, by the ids and names that the gateway gives them. */
export function environmentClientKeys(configuration: Configuration): ClientKey[] {
  return configuration.settings.proxyApiKeys.map((key, index) => ({
    id: `client_env_${index + 1}`,
    name: `env-${index + 1}`,
    digest: nodeDigest.sha256(key),
    prefix: "env",
    source: "env",
    enabled: true,
    expiresAt: null,
    allowedModels: null,
    createdAt: 0,
  }));
}

// --- helpers ---

function stateOf(client: ClientKey, now: number): ClientView["state"] {
  if (!client.enabled) return "revoked";
  return client.expiresAt !== null && client.expiresAt <= now ? "expired" : "active";
}

function toAliasWords(aliases: Readonly<Record<string, string>> | null): string {
  const entries = Object.entries(aliases ?? {});
  return entries.length === 0 ? "none" : entries.map(([alias, model]) => `${alias}=${model}`).join(", ");
}

/** Exact: `1500` stays, `250000` becomes `250k`. */
function toShortCount(count: number): string {
  if (count >= 1_000_000 && count % 100_000 === 0) return `${count / 1_000_000}M`;
  return count >= 1_000 && count % 1_000 === 0 ? `${count / 1_000}k` : String(count);
}
