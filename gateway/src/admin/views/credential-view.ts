/**
 * Credentials as people see them, and which of them are asked for.
 * @module
 */
import type * as z from "zod";
import type { cooldownSchema, credentialSchema, disabledSchema } from "../schemas/credentials.ts";
import type { AdminServices } from "../services.ts";
import { readAccount, type AccountItem } from "./account-view.ts";
import { factsOf, isOfEnvironment } from "./credential-rows.ts";
import type { CredentialRow } from "./credential-rows.ts";
import { outsideLink } from "./outside-link.ts";
import { describeOwnProxy, eachOf, readMasks, unreadable } from "./masked-keys.ts";

/** One credential. */
export type CredentialItem = z.output<typeof credentialSchema>;

/** What of the pool is asked for. */
export interface PoolQuestion {
  search?: string | undefined;
  kind?: CredentialItem["kind"] | undefined;
  state?: CredentialItem["state"] | undefined;
  tier?: number | undefined;
  projectId?: string | undefined;
  offset: number;
  limit: number;
}

/** Views of rows, in their order. */
export async function toCredentialItems(
  rows: readonly CredentialRow[],
  services: AdminServices,
): Promise<CredentialItem[]> {
  const masks = await readMasks(rows, services);
  const proxies = new Map<string, string | null>();
  const accounts = new Map<string, AccountItem | null>();
  await eachOf(rows, services, async (row) => {
    proxies.set(row.view.id, await describeOwnProxy(row, services));
    if (row.kind === "code-assist") accounts.set(row.view.id, await readAccount(row, services));
  });
  return rows.map((row) => {
    const { id } = row.view;
    const account = accounts.get(id) ?? null;
    return toItem(row, { account, masked: masks.get(id) ?? unreadable, proxy: proxies.get(id) ?? null });
  });
}

/**
 * The rows that fit a question, in the pool's order.
 * @returns one page, and how many fit in all
 */
export async function selectRows(
  rows: readonly CredentialRow[],
  question: PoolQuestion,
  services: AdminServices,
): Promise<{ page: CredentialRow[]; matching: number }> {
  const { kind, state, tier, projectId, offset, limit } = question;
  const words = question.search?.trim().toLowerCase() ?? "";
  const able = rows.filter(
    ({ view, kind: own }) =>
      (kind === undefined || own === kind) &&
      (state === undefined || view.state === state) &&
      (tier === undefined || view.tier === tier) &&
      (projectId === undefined || view.projectId === projectId),
  );
  const found = words === "" ? able : await search(able, words, services);
  return { page: found.slice(offset, offset + limit), matching: found.length };
}

/** A cooldown with plain, whole times. */
export function toCooldownItem(cooldown: CredentialRow["view"]["cooldowns"][number]): z.output<typeof cooldownSchema> {
  return { ...cooldown, untilMs: toTime(cooldown.untilMs), sinceMs: toTime(cooldown.sinceMs) };
}

/** A disable with plain, whole times. */
export function toDisabledItem(disabled: CredentialRow["view"]["disabled"]): z.output<typeof disabledSchema> | null {
  if (disabled === null) return null;
  const { probeAtMs } = disabled;
  return {
    ...disabled,
    outside: outsideLink(disabled.words),
    sinceMs: toTime(disabled.sinceMs),
    probeAtMs: probeAtMs === null || !Number.isFinite(probeAtMs) ? null : toTime(probeAtMs),
  };
}

/** Whole epoch milliseconds that a Date can name: JSON has no Infinity. */
export function toTime(ms: number): number {
  return Math.min(Math.max(0, Math.round(ms)), endOfTime);
}

// --- helpers ---

const endOfTime = 8_640_000_000_000_000;
/** `AIza…wxyz`: longer words cannot stand in it. */
const maskLength = 9;

/** Masks are made for all only when the word could stand in one: they cost an envelope each the first time. */
async function search(
  rows: readonly CredentialRow[],
  words: string,
  services: AdminServices,
): Promise<CredentialRow[]> {
  const masked = words.length <= maskLength ? rows : rows.filter(({ kind }) => kind === "code-assist");
  const masks = await readMasks(masked, services);
  return rows.filter(({ view }) =>
    [view.name, view.id, view.projectId, masks.get(view.id) ?? ""].some((text) => text.toLowerCase().includes(words)),
  );
}

function toItem(
  row: CredentialRow,
  { account, masked, proxy }: Pick<CredentialItem, "account" | "masked" | "proxy">,
): CredentialItem {
  const { view, stored } = row;
  const facts = factsOf(row);
  return {
    id: view.id,
    name: view.name,
    kind: row.kind,
    masked,
    account,
    projectId: view.projectId,
    source: view.source,
    tier: view.tier,
    weight: view.weight,
    quotaTier: facts.quotaTier,
    baseUrl: facts.baseUrl,
    proxy,
    enabled: facts.enabled,
    createdAt: stored === null || isOfEnvironment(row) ? null : toTime(stored.createdAt),
    state: view.state,
    disabled: toDisabledItem(view.disabled),
    cooldowns: view.cooldowns.map(toCooldownItem),
    inFlight: view.inFlight,
    uses: view.uses,
    recovering: view.recovering,
  };
}
