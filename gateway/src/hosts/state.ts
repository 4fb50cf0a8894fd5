/**
 * Brings credentials, client keys and health from the environment and the store into memory, and keeps them current:
 * other processes (the CLI) change the store and raise its revision.
 * @module
 */
import { createClients } from "../clients/clients.ts";
import type { Clients } from "../clients/types.ts";
import type { Credential } from "../core/credential.ts";
import type { Clock, Digest, Logger, Random } from "../core/ports.ts";
import { createPool } from "../pool/pool.ts";
import type { Pool, PoolChange } from "../pool/types.ts";
import type { Settings } from "../settings/types.ts";
import type { HealthChange, Store } from "../storage/types.ts";
import type { Vault } from "../vault/envelope.ts";
import { environmentClients, environmentCredentials } from "./environment-entries.ts";

/** Pool and clients with their store behind them. */
export interface LoadedState {
  pool: Pool;
  clients: Clients;
  /** Reads credentials and client keys again. */
  reload(): Promise<void>;
  /** Reloads if another process changed something. */
  reloadIfChanged(): Promise<boolean>;
  /** Writes what changed in the pool's health since the last time. */
  saveHealth(): Promise<void>;
}

/** At most this many unsaved changes are kept; beyond it the oldest kinds are written first by the next save. */
const changeLimit = 100_000;

/** Loads everything. */
export async function loadState(parts: {
  store: Store;
  vault: Vault;
  settings: Settings;
  clock: Clock;
  random: Random;
  digest: Digest;
  logger: Logger;
}): Promise<LoadedState> {
  const { store, vault, settings, clock, digest, logger } = parts;
  // Keyed by subject: a cooldown that changes ten times between two saves is written once.
  const changes = new Map<string, HealthChange>();
  const projects = new Map<string, string>();
  const onChange = (change: PoolChange): void => {
    if (change.kind === "project") return void projects.set(change.credentialId, change.projectId);
    if (changes.size >= changeLimit) return;
    const { value } = change;
    const model = change.kind === "cooldown" ? change.value.model : "";
    changes.set(`${change.kind}\n${value.scope}\n${value.subject}\n${model}`, change);
  };
  const pool = createPool({ random: parts.random, onChange });
  const clients = createClients();
  let revision = -1;

  async function reload(): Promise<void> {
    revision = await store.revision.get();
    const credentials = environmentCredentials(settings, digest);
    const known = new Set(credentials.map(({ id }) => id));
    for (const stored of await store.credentials.list()) {
      if (known.has(stored.id)) {
        // The same key in both places: what was set by hand for the stored one holds.
        const twin = credentials.find((credential) => credential.id === stored.id) as Credential;
        Object.assign(twin, {
          weight: stored.weight,
          tier: stored.tier,
          enabled: stored.enabled,
          projectId: stored.projectId,
        });
        continue;
      }
      try {
        const secret = await vault.open(stored.sealed, stored.id);
        known.add(stored.id);
        const { id, name, projectId, weight, tier, enabled } = stored;
        credentials.push({ id, name, secret, projectId, source: "stored", weight, tier, enabled });
      } catch (error) {
        logger.log("error", "credential.unreadable", {
          credential: stored.id,
          name: stored.name,
          cause: error instanceof Error ? error.message : String(error),
          next: "ENCRYPTION_KEY (or the key file in the data directory) is not the one that sealed it",
        });
      }
    }
    pool.replace(credentials);
    await takeBackDisables();
    clients.replace([...environmentClients(settings, digest), ...(await store.clients.list())], {
      open: settings.openMode,
    });
  }

  /** A disable that another process took out of the store (`keys enable`) ends here too. */
  async function takeBackDisables(): Promise<void> {
    const kept = new Set((await store.health.list()).disabled.map(({ scope, subject }) => `${scope}\n${subject}`));
    for (const { id, disabled } of pool.view(clock.now())) {
      if (disabled === null) continue;
      const name = `${disabled.scope}\n${disabled.subject}`;
      // What has not been saved yet is not in the store either.
      if (!kept.has(name) && !changes.has(`disabled\n${name}\n`)) pool.reset(id);
    }
  }

  await reload();
  pool.restore(await store.health.list(), clock.now());
  return {
    pool,
    clients,
    reload,
    async reloadIfChanged() {
      if ((await store.revision.get()) === revision) return false;
      await reload();
      return true;
    },
    async saveHealth() {
      if (changes.size === 0 && projects.size === 0) return;
      const batch = [...changes.values()];
      changes.clear();
      const learned = [...projects];
      projects.clear();
      try {
        if (batch.length > 0) await store.health.write(batch);
        for (const [id, projectId] of learned) await store.credentials.update(id, { projectId });
      } catch (error) {
        for (const change of batch) if (!changes.has(keyOf(change))) changes.set(keyOf(change), change);
        throw error;
      }
    },
  };
}

// --- helpers ---

function keyOf(change: HealthChange): string {
  const model = change.kind === "cooldown" ? change.value.model : "";
  return `${change.kind}\n${change.value.scope}\n${change.value.subject}\n${model}`;
}
