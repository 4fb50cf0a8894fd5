/**
 * The pool's credentials joined with what the store and the environment say of them. The pool's view is the truth of
 * what is in use; the store adds what was set by hand; the environment adds its own.
 * @module
 */
import { credentialIdOf, fingerprintOf } from "../../vault/fingerprint.ts";
import type { CredentialView, Disabled } from "../../pool/types.ts";
import { isEnvironmentRow, mergeKeyFacts } from "../../settings/stored-keys.ts";
import type { KeyFacts } from "../../settings/stored-keys.ts";
import type { ConfiguredKey } from "../../settings/types.ts";
import type { StoredCredential } from "../../storage/types.ts";
import type { CredentialKind } from "../../core/credential.ts";
import { ownProjectId } from "../../pool/member.ts";
import type { AdminServices } from "../services.ts";

/** The pool's view, or the like of it where the pool has none: then the reason of a disable may be another word. */
export interface RowView extends Omit<CredentialView, "disabled"> {
  disabled: (Omit<Disabled, "reason"> & { reason: string }) | null;
}

/** One credential with everything that is known of it, secrets still sealed. */
export interface CredentialRow {
  kind: CredentialKind;
  view: RowView;
  /** Row of the store; also of a key of the environment that was changed by hand. */
  stored: StoredCredential | null;
  /** Entry of the environment. */
  configured: ConfiguredKey | null;
}

/**
 * All credentials, in the pool's order; those of the store that the pool has not taken come last.
 * Kept for a quarter of a second: pages of one list are asked for one after the other.
 */
export async function readRows(services: AdminServices): Promise<readonly CredentialRow[]> {
  const at = services.clock.monotonic();
  const known = kept.get(services);
  if (known !== undefined && at - known.at < keptMs) return known.rows;
  const rows = readFresh(services);
  kept.set(services, { at, rows });
  // A failure is not kept.
  rows.catch(() => kept.delete(services));
  return rows;
}

/** The next `readRows` reads anew: something was changed. */
export function forgetRows(services: AdminServices): void {
  kept.delete(services);
}

/** One credential; null: there is none with this id. */
export async function findRow(services: AdminServices, id: string): Promise<CredentialRow | null> {
  return (await readRows(services)).find((row) => row.view.id === id) ?? null;
}

/** What a credential is by environment and store together. Made when asked for: a page shows few of many. */
export function factsOf(row: CredentialRow): KeyFacts {
  const facts = mergeKeyFacts(row.configured, row.stored);
  // What was changed about a key of the environment has no effect without the key.
  const isLeft = row.configured === null && row.stored !== null && isEnvironmentRow(row.stored);
  return isLeft ? { ...facts, enabled: false } : facts;
}

/** Whether a credential belongs to the environment alone: a row that it may have holds changes only. */
export function isOfEnvironment(row: CredentialRow): boolean {
  return row.view.source === "env" && (row.stored === null || isEnvironmentRow(row.stored));
}

// --- helpers ---

const keptMs = 250;

interface Kept {
  at: number;
  rows: Promise<readonly CredentialRow[]>;
}
const kept = new WeakMap<AdminServices, Kept>();

/** Rows of the store with the revision that they were read at: thousands are read again only after a change. */
const stored = new WeakMap<AdminServices, { revision: number; rows: Map<string, StoredCredential> }>();

async function readStored(services: AdminServices): Promise<Map<string, StoredCredential>> {
  const revision = await services.store.revision.get();
  const known = stored.get(services);
  if (known !== undefined && known.revision === revision) return known.rows;
  const rows = new Map((await services.store.credentials.list()).map((row) => [row.id, row]));
  stored.set(services, { revision, rows });
  return rows;
}

async function readFresh(services: AdminServices): Promise<readonly CredentialRow[]> {
  const { pool, clock, settings, digest } = services;
  const byId = await readStored(services);
  const configured = new Map(
    settings.current.credentials.map((key) => [credentialIdOf(fingerprintOf(key.secret, digest)), key]),
  );
  const given = services.accounts?.given()?.id ?? null;
  const rows: CredentialRow[] = [];
  let found = 0;
  for (const view of pool.view(clock.now())) {
    const row = byId.get(view.id) ?? null;
    if (row !== null) found++;
    const kind = row?.kind ?? (view.id === given ? "code-assist" : "api-key");
    rows.push({ kind, view, stored: row, configured: configured.get(view.id) ?? null });
  }
  if (found < byId.size) {
    const seen = new Set(rows.map(({ view }) => view.id));
    for (const row of byId.values()) if (!seen.has(row.id)) rows.push(unusedRow(row));
  }
  return rows;
}

/** In the store, but not in the pool: what is left of a credential of the environment, or one that cannot be opened. */
function unusedRow(row: StoredCredential): CredentialRow {
  const isLeft = isEnvironmentRow(row);
  const words = "It could not be opened: ENCRYPTION_KEY is not the one that sealed it. Or it was added a moment ago.";
  return {
    kind: row.kind ?? "api-key",
    stored: row,
    configured: null,
    view: {
      id: row.id,
      name: row.name,
      projectId: row.projectId ?? ownProjectId(row.id),
      source: "stored",
      tier: row.tier,
      weight: row.weight,
      state: isLeft || !row.enabled ? "off" : "disabled",
      disabled:
        isLeft || !row.enabled
          ? null
          : {
              scope: "credential",
              subject: row.id,
              reason: "unreadable",
              sinceMs: row.createdAt,
              probeAtMs: null,
              rule: "store.unreadable",
              words,
            },
      cooldowns: [],
      inFlight: 0,
      uses: 0,
      recovering: false,
    },
  };
}
