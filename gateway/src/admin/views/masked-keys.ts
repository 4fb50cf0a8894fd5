/**
 * What may be shown of keys and proxies: no more than the command line shows. Envelopes are opened for what is shown only,
 * and once: the id of a credential is made of its secret, so the same id always has the same mask.
 * @module
 */
import { toSecret } from "../../core/secret.ts";
import type { Secret } from "../../core/secret.ts";
import { describeProxy } from "../../settings/structured-values.ts";
import { proxyContext } from "../../settings/stored-keys.ts";
import { maskSecret } from "../../vault/redact.ts";
import type { AdminServices } from "../services.ts";
import type { CredentialRow } from "./credential-rows.ts";

/** In place of what no configured master key opens. */
export const unreadable = "unreadable";

/** In place of an account's address, where it is not known. */
const unnamedAccount = "OAuth account";

/** What opening needs. */
export type Opener = Pick<AdminServices, "vault" | "breathe" | "accounts">;

/**
 * Masked keys of these rows by id, `AIza…wxyz`; of accounts their addresses: what is sealed of them is tokens, which change.
 * @param services kept with them: masks of before are not made again
 */
export async function readMasks(
  rows: readonly CredentialRow[],
  services: Opener,
): Promise<ReadonlyMap<string, string>> {
  const masks = masksOf.get(services) ?? new Map<string, string>();
  if (masks.size > mostMasks) masks.clear();
  masksOf.set(services, masks);
  const found = new Map<string, string>();
  await eachOf(rows, services, async (row) => {
    const { id } = row.view;
    if (row.kind === "code-assist") {
      found.set(id, emailOf(row, services) ?? unnamedAccount);
      return;
    }
    const known = masks.get(id);
    const secret = known === undefined ? await openSecret(row, services) : null;
    const mask = known ?? (secret === null ? unreadable : maskSecret(secret));
    if (mask !== unreadable) masks.set(id, mask);
    found.set(id, mask);
  });
  return found;
}

/**
 * Its own outbound proxy without user name and password; null: none of its own.
 * @param row of the list
 */
export async function describeOwnProxy(row: CredentialRow, services: Opener): Promise<string | null> {
  if ((row.stored?.sealedProxy ?? null) === null && row.configured?.proxy === undefined) return null;
  const proxy = await openProxy(row, services);
  // oxlint-disable-next-line house/reveal -- only its address is shown: user name and password are cut off
  return proxy === null ? unreadable : describeProxy(proxy.reveal());
}

/** The key itself, or an account's tokens as text; null: no configured master key opens it. */
export async function openSecret(row: CredentialRow, services: Opener): Promise<Secret | null> {
  if (row.configured !== null) return toSecret(row.configured.secret);
  if (row.stored === null) return null;
  return services.vault.open(row.stored.sealed, row.view.id).catch(() => null);
}

/** Its own outbound proxy; null: none, or none that opens. */
export async function openProxy(row: CredentialRow, services: Opener): Promise<Secret | null> {
  const sealed = row.stored?.sealedProxy ?? null;
  if (sealed !== null) return services.vault.open(sealed, proxyContext(row.view.id)).catch(() => null);
  return row.configured?.proxy === undefined ? null : toSecret(row.configured.proxy);
}

/** Works through many, some at a time, and lets calls through in between. */
export async function eachOf<Item>(
  items: readonly Item[],
  services: Pick<AdminServices, "breathe">,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  for (let start = 0; start < items.length; start += sliceLength) {
    if (start > 0) await services.breathe();
    await Promise.all(items.slice(start, start + sliceLength).map(work));
  }
}

// --- helpers ---

function emailOf({ view, stored }: CredentialRow, { accounts }: Opener): string | null {
  const given = accounts?.given() ?? null;
  return accounts?.view(view.id)?.email ?? stored?.account?.email ?? (given?.id === view.id ? given.facts.email : null);
}

const sliceLength = 100;
const mostMasks = 200_000;
const masksOf = new WeakMap<Opener, Map<string, string>>();
