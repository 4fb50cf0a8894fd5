/**
 * Puts parsed keys into the store.
 * @module
 */
import { environmentMark, proxyContext } from "../settings/stored-keys.ts";
import { nodeDigest } from "../hosts/node/ports.ts";
import type { ParsedKey } from "../settings/keys-entry.ts";
import { credentialIdOf, fingerprintOf } from "../vault/fingerprint.ts";
import { mask } from "../vault/redact.ts";
import type { Configuration } from "./configuration.ts";
import type { Workspace } from "./workspace.ts";

/** What became of one key. */
export interface AddedKey {
  /** `duplicate`: the same key is there already, under this id and name; nothing was changed. */
  status: "added" | "duplicate";
  id: string;
  name: string;
  /** Masked. */
  key: string;
  /** The environment gives the same key, too. */
  inEnvironment: boolean;
}

/**
 * Adds keys; raises the revision when something changed.
 * @param options `dryRun`: only says what would happen
 * @returns one outcome a key, same order
 */
export async function addKeys(
  keys: readonly ParsedKey[],
  options: { workspace: Workspace; configuration: Configuration; now: number; dryRun: boolean },
): Promise<AddedKey[]> {
  const { workspace, configuration, now, dryRun } = options;
  const { store } = workspace;
  const rows = await store.credentials.list();
  const byFingerprint = new Map(rows.map((row) => [row.fingerprint, row]));
  const environment = new Set(
    configuration.settings.credentials.map(({ secret }) => fingerprintOf(secret, nodeDigest)),
  );
  const names = new Set(rows.map((row) => row.name));
  const outcomes: AddedKey[] = [];
  for (const key of keys) {
    const fingerprint = fingerprintOf(key.secret, nodeDigest);
    const id = credentialIdOf(fingerprint);
    const shown = { id, key: mask(key.secret), inEnvironment: environment.has(fingerprint) };
    const twin = byFingerprint.get(fingerprint);
    if (twin !== undefined) {
      outcomes.push({ status: "duplicate", name: twin.name, ...shown });
      continue;
    }
    const name = freeName(key.name, names);
    names.add(name);
    // Another process may have added it since the list was read: the store decides.
    const isNew =
      dryRun ||
      (await store.credentials.add({
        id,
        name,
        sealed: await (await workspace.vault()).seal(key.secret, id),
        fingerprint,
        projectId: key.projectId ?? null,
        weight: key.weight ?? 1,
        tier: key.tier ?? 0,
        enabled: key.enabled ?? true,
        createdAt: now,
        baseUrl: key.baseUrl ?? null,
        sealedProxy: key.proxy === undefined ? null : await (await workspace.vault()).seal(key.proxy, proxyContext(id)),
        quotaTier: key.quotaTier ?? null,
      }));
    outcomes.push({ status: isNew ? "added" : "duplicate", name, ...shown });
  }
  if (!dryRun && outcomes.some((outcome) => outcome.status === "added")) await store.revision.raise();
  return outcomes;
}

/** A name that does not end like those of rows that only hold changes of keys of the environment. */
export function withoutMark(name: string): string {
  return name.endsWith(environmentMark) ? withoutMark(name.slice(0, -environmentMark.length)) || "key" : name;
}

// --- helpers ---

function freeName(given: string | null, taken: ReadonlySet<string>): string {
  const wanted = given === null ? null : withoutMark(given);
  let name = wanted ?? `key-${taken.size + 1}`;
  for (let number = 2; taken.has(name); number++) name = `${wanted ?? `key-${taken.size + 1}`}-${number}`;
  return name;
}
