/**
 * Brings credentials, client keys, health, quotas, owners and uses from the environment and the store into memory, keeps
 * them current (the CLI changes the store and raises its revision), and writes behind what memory learns.
 * @module
 */
import { createClients } from "../clients/clients.ts";
import type { Clients, ClientUsage } from "../clients/types.ts";
import type { Credential } from "../core/credential.ts";
import type { Clock, Digest, Logger, Random } from "../core/ports.ts";
import { createAffinity } from "../pool/affinity/affinity.ts";
import type { Affinity } from "../pool/affinity/types.ts";
import { createPool } from "../pool/pool.ts";
import type { Pool, PoolChange } from "../pool/types.ts";
import { isLearnedProject } from "../settings/stored-keys.ts";
import type { Settings } from "../settings/types.ts";
import type { HealthChange, QuotaChange, Store } from "../storage/types.ts";
import type { Vault } from "../vault/envelope.ts";
import { environmentClients } from "./environment-entries.ts";
import { openCredentials, type OpenedSecrets } from "./state-credentials.ts";
import { restoreResources, saveResources } from "./state-resources.ts";
import { createUnsaved } from "./state-unsaved.ts";

/** Pool, clients and owners of resources with their store behind them. */
export interface LoadedState {
  pool: Pool;
  clients: Clients;
  affinity: Affinity;
  /** A credential of the pool with its secret, for whoever must ask Google about it; null: unknown. */
  credential(id: string): Credential | null;
  /** Reads credentials and client keys again. */
  reload(): Promise<void>;
  /** Reloads if another process changed something. */
  reloadIfChanged(): Promise<boolean>;
  /**
   * Writes what changed since the last time: health, projects, quotas, owners of resources, uses of clients. What cannot
   * be written is kept and comes again; one kind's failure does not keep the others from being written. Saves that overlap
   * are made one after the other; what had changed when it was called is safe when it resolves.
   * @throws the first failure
   */
  saveHealth(): Promise<void>;
  /**
   * The same without uses of quotas and clients, which change with every call: health, projects and owners only. For
   * timers of less than some seconds, and for what must be safe before an answer goes out.
   */
  saveUrgent(): Promise<void>;
}

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
  const health = createUnsaved<HealthChange>({ subjectOf: subjectOfHealth });
  const quotas = createUnsaved<QuotaChange>({ subjectOf: subjectOfQuota });
  const projects = createUnsaved<ProjectChange>({ subjectOf: ({ credentialId }) => credentialId });
  const uses = createUnsaved<ClientUsage>({ subjectOf: ({ clientId, window }) => `${clientId}\n${window}` });
  const onChange = (change: PoolChange): void => {
    if (change.kind === "project") projects.add(change);
    else if (change.kind === "quota-limit" || change.kind === "quota-usage") quotas.add(change);
    else health.add(change);
  };
  const { quotaLimits, quotaScheduling, disableShare } = settings;
  const pool = createPool({
    random: parts.random,
    onChange,
    quotaLimits,
    quotaScheduling,
    disableShare,
    onPanic: ({ disabled, most }) =>
      logger.log("error", "pool.panic", {
        words: "Verdicts disabled too many credentials at once; further ones rest for a minute instead.",
        disabled,
        most,
        next: "gemini-proxy doctor",
      }),
    onConclusion: ({ kind, credentialIds, projectId, evidence }) =>
      logger.log("info", kind === "merge" ? "projects.joined" : "projects.split", {
        credentials: credentialIds,
        project: projectId,
        evidence,
      }),
  });
  const clients = createClients({ timeZone: settings.limitTimeZone });
  const affinity = createAffinity();
  const opened: OpenedSecrets = { secrets: new Map() };
  let revision = -1;
  let known: ReadonlyMap<string, Credential> = new Map();

  async function reload(): Promise<void> {
    const read = await store.revision.get();
    const credentials = await openCredentials(await store.credentials.list(), {
      vault,
      settings,
      digest,
      logger,
      opened,
    });
    const keys = [...environmentClients(settings, digest), ...(await store.clients.list())];
    pool.replace(credentials);
    known = new Map(credentials.map((credential) => [credential.id, credential]));
    await takeBackDisables();
    clients.replace(keys, { open: settings.openMode });
    // Only now: what could not be read is read again.
    revision = read;
  }

  /** A disable that another process took out of the store (`keys enable`) ends here too. */
  async function takeBackDisables(): Promise<void> {
    const unsaved = (name: string): boolean => health.has(`disabled\n${name}\n`);
    const names = pool.view(clock.now()).flatMap(({ id, disabled }) => {
      if (disabled === null) return [];
      const name = `${disabled.scope}\n${disabled.subject}`;
      // What has not been saved yet is not in the store either.
      return unsaved(name) ? [] : [{ id, name }];
    });
    if (names.length === 0) return;
    const kept = new Set((await store.health.list()).disabled.map(({ scope, subject }) => `${scope}\n${subject}`));
    for (const { id, name } of names) if (!kept.has(name) && !unsaved(name)) pool.reset(id);
  }

  async function saveUses(): Promise<void> {
    const now = clock.now();
    for (const change of pool.takeQuotaChanges(now)) quotas.add(change);
    for (const use of clients.takeChangedUsage(now)) uses.add(use);
    await runAll([
      () => quotas.save((changes) => store.quotas.write(changes)),
      () => uses.save((changes) => store.clientUsage.write(changes)),
    ]);
  }

  function saveFacts(): Promise<void> {
    return runAll([
      () => health.save((changes) => store.health.write(changes)),
      () => projects.save((changes) => saveProjects(store, changes)),
      () => saveResources({ affinity, store, vault }),
    ]);
  }

  const saveUrgent = oneAtATime(saveFacts);
  const saveUsesInTurn = oneAtATime(saveUses);

  await reload();
  const now = clock.now();
  const quota = await store.quotas.list();
  pool.restore({ ...(await store.health.list()), ...quota }, now);
  clients.restoreUsage(await store.clientUsage.list(), now);
  await restoreResources({ affinity, store, vault, logger }, now);
  return {
    pool,
    clients,
    affinity,
    credential: (id) => known.get(id) ?? null,
    reload,
    async reloadIfChanged() {
      if ((await store.revision.get()) === revision) return false;
      await reload();
      return true;
    },
    saveUrgent,
    saveHealth: () => runAll([saveUrgent, saveUsesInTurn]),
  };
}

// --- helpers ---

type ProjectChange = Extract<PoolChange, { kind: "project" }>;

/** A project that was chosen by hand since the last reload stays. */
async function saveProjects(store: Store, changes: readonly ProjectChange[]): Promise<void> {
  const byHand = new Set<string>();
  for (const { id, projectId } of await store.credentials.list())
    if (projectId !== null && !isLearnedProject(projectId)) byHand.add(id);
  for (const { credentialId, projectId } of changes)
    if (!byHand.has(credentialId)) await store.credentials.update(credentialId, { projectId });
}

function subjectOfHealth(change: HealthChange): string {
  const model = change.kind === "cooldown" ? change.value.model : "";
  return `${change.kind}\n${change.value.scope}\n${change.value.subject}\n${model}`;
}

function subjectOfQuota(change: QuotaChange): string {
  const { projectId, model, metric } = change.value;
  return `${change.kind}\n${projectId}\n${model}\n${metric}\n${change.kind === "quota-limit" ? change.value.window : ""}`;
}

/** One after the other, whatever becomes of those before. @throws the first failure */
async function runAll(steps: readonly (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps) await step().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

/** Runs of the work never overlap; callers that come while one runs share the one after it. */
function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;
  return () => {
    next ??= running
      .catch(() => undefined)
      .then(() => {
        next = null;
        running = work();
        return running;
      });
    return next;
  };
}
