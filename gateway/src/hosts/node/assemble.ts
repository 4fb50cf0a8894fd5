/**
 * Wires the parts together for hosts with a file system: store, vault, pool, clients, ledger, background work.
 * The server in front is the caller's: node:http (start.ts) or Bun's (hosts/bun).
 * @module
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createCallEnvironment, type CallEnvironment } from "../../call/environment.ts";
import { createLocalControl } from "../../call/local-control.ts";
import { equalDigests } from "../../clients/digests.ts";
import type { Logger } from "../../core/ports.ts";
import { createPrices } from "../../ledger/prices.ts";
import { createRecorder, recoverJournal } from "../../ledger/recorder.ts";
import { pruneLedger } from "../../ledger/retention.ts";
import type { Settings } from "../../settings/types.ts";
import { openNodeSqlite } from "../../storage/drivers/open-node.ts";
import { createVault } from "../../vault/envelope.ts";
import { readAdmin } from "../admin-reads.ts";
import type { LocalRoutes } from "../local-routes.ts";
import { nodeBytes } from "./bytes.ts";
import { createDispatchers, type Dispatchers } from "./dispatchers.ts";
import { prepareFirstStart, type FirstStart } from "./first-start.ts";
import { createFileJournal } from "./journal.ts";
import { createLogger } from "./logger.ts";
import { loadMasterKeys } from "./master-key-file.ts";
import { nodeClock, nodeDigest, nodeRandom } from "./ports.ts";
import { readPriceFile } from "./price-file.ts";
import { createProbeFetch } from "./probe-fetch.ts";
import { probeDue } from "../probe.ts";
import { loadState } from "../state.ts";
import { pruneResources } from "../state-resources.ts";
import { every } from "./timers.ts";

/** What every start tells. */
export interface StartReport {
  first: FirstStart;
  /** What a crash of the process before this one left: calls put back, and calls that were in flight. */
  recovered: { replayed: number; interrupted: number };
  /** Credentials at the start. */
  credentials: { total: number; usable: number };
}

/** Everything but the server. */
export interface AssembledGateway extends StartReport {
  environment: CallEnvironment;
  routes: LocalRoutes;
  logger: Logger;
  /** Connections to upstreams; Node's server uses them too. */
  dispatchers: Dispatchers;
  /** Ends background work, writes everything, closes the store. Calls must have ended. */
  dispose(): Promise<void>;
}

const reloadEveryMs = 1_000;
const saveEveryMs = 250;
/** Uses of quotas and limits change with every call: what a crash loses of them is at most this long. */
const saveUsesEveryMs = 2_000;
const probeEveryMs = 30_000;
const pruneEveryMs = 60_000;

/**
 * Assembles a gateway.
 * @param options parsed settings; `logger` replaces the one that writes to standard error
 * @throws when the data directory cannot be used, with the cause and the place
 */
export async function assembleGateway(options: { settings: Settings; logger?: Logger }): Promise<AssembledGateway> {
  const { settings } = options;
  const logger = options.logger ?? createLogger({ level: settings.logLevel });
  mkdirSync(settings.dataDir, { recursive: true, mode: 0o700 });
  const store = await openNodeSqlite({ path: join(settings.dataDir, "gemini-proxy.sqlite") });
  const vault = createVault({ masterKeys: await loadMasterKeys({ settings, random: nodeRandom }), random: nodeRandom });
  const first = await prepareFirstStart({
    store,
    settings,
    random: nodeRandom,
    digest: nodeDigest,
    now: nodeClock.now(),
  });
  const state = await loadState({
    store,
    vault,
    settings,
    clock: nodeClock,
    random: nodeRandom,
    digest: nodeDigest,
    logger,
  });
  const prices = createPrices(readPriceFile(settings.dataDir));
  const journal = settings.ledger
    ? await createFileJournal({ directory: join(settings.dataDir, "journal"), logger })
    : null;
  const recovered =
    journal === null ? { replayed: 0, interrupted: 0 } : await recoverJournal({ journal, store, prices });
  const recorder = settings.ledger
    ? createRecorder({ store, journal, prices, clock: nodeClock, schedule: later, logger })
    : null;
  const environment = createCallEnvironment({
    settings,
    clock: nodeClock,
    random: nodeRandom,
    logger,
    bytes: nodeBytes,
    digest: nodeDigest,
    control: createLocalControl({
      pool: state.pool,
      clients: state.clients,
      affinity: state.affinity,
      recorder,
      prices,
      shareAll: settings.resourceSharing === "all",
    }),
  });
  const dispatchers = createDispatchers(settings);
  const startedAt = nodeClock.now();
  const ledgerWorks = (): boolean => recorder === null || recorder.state().lastError === null;

  async function attempt(event: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      logger.log("error", event, { cause: error instanceof Error ? error.message : String(error) });
    }
  }
  const { retentionDays } = settings;
  const timers = [
    every(reloadEveryMs, () => attempt("reload.failed", () => state.reloadIfChanged())),
    every(saveEveryMs, () => attempt("health.unsaved", () => state.saveUrgent())),
    every(saveUsesEveryMs, () => attempt("uses.unsaved", () => state.saveHealth())),
    every(probeEveryMs, () =>
      attempt("probe.failed", () => probeDue({ pool: state.pool, environment, ask: createProbeFetch(dispatchers) })),
    ),
    every(pruneEveryMs, () =>
      attempt("retention.failed", () => pruneLedger({ store, now: nodeClock.now(), retentionDays })),
    ),
    every(pruneEveryMs, () =>
      attempt("resources.unpruned", async () => {
        state.affinity.sweep(nodeClock.now());
        await pruneResources(store, nodeClock.now());
      }),
    ),
  ];
  const counts = state.pool.counts(nodeClock.now());

  return {
    environment,
    logger,
    dispatchers,
    first,
    recovered,
    credentials: { total: counts.total, usable: counts.usable },
    routes: {
      health: () => ({
        status: state.pool.counts(nodeClock.now()).usable > 0 && ledgerWorks() ? "healthy" : "degraded",
        timestamp: new Date(nodeClock.now()).toISOString(),
        uptimeSeconds: Math.floor((nodeClock.now() - startedAt) / 1000),
      }),
      ready: () => !environment.draining && ledgerWorks(),
      isAdmin: (token) => equalDigests(nodeDigest.sha256(token), first.adminDigest),
      admin: (path, query) =>
        readAdmin(
          { pool: state.pool, affinity: state.affinity, store, recorder, now: () => nodeClock.now() },
          path,
          query,
        ),
    },
    async dispose() {
      for (const stop of timers) await stop();
      await dispatchers.close();
      if (recorder !== null) await recorder.close();
      if (journal !== null) await journal.close();
      await attempt("health.unsaved", () => state.saveHealth());
      await store.close();
    },
  };
}

// --- helpers ---

function later(callback: () => void, ms: number): () => void {
  const timer = setTimeout(callback, ms);
  timer.unref();
  return () => clearTimeout(timer);
}
