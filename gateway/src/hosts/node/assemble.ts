/**
 * Wires the parts together for hosts with a file system: store, vault, pool, clients, ledger, admin API, background work.
 * The server in front is the caller's: node:http (start.ts) or Bun's (hosts/bun).
 * @module
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as immediately } from "node:timers/promises";
import { createCallEnvironment, type CallEnvironment } from "../../call/environment.ts";
import { createLocalControl } from "../../call/local-control.ts";
import type { Logger } from "../../core/ports.ts";
import { createRecorder, recoverJournal } from "../../ledger/recorder.ts";
import { createObservers } from "../../observe/observers.ts";
import type { ParsedSettings } from "../../settings/parse.ts";
import type { Settings } from "../../settings/types.ts";
import { openNodeSqlite } from "../../storage/drivers/open-node.ts";
import { createVault } from "../../vault/envelope.ts";
import { createAccountShelf } from "../accounts/account-shelf.ts";
import { createAccounts, forgetOldTroubles, type Accounts } from "../accounts/create-accounts.ts";
import { createOwn, type Own } from "../administration/own-parts.ts";
import { createPricesControl } from "../administration/prices-control.ts";
import { createCaptureStore } from "../capture-store.ts";
import type { AdminGate } from "../front/admin-gate.ts";
import type { Front } from "../front/front.ts";
import { applyHotSettings } from "../hot-settings.ts";
import { withLevel } from "../level-logger.ts";
import { createResponseArchive } from "../responses/response-archive.ts";
import { createSettingsControl } from "../settings-control.ts";
import { loadState } from "../state.ts";
import { createPages } from "../static/pages.ts";
import type { StaticFiles } from "../static/types.ts";
import { version } from "../version.ts";
import { createAccountRequest } from "./account-request.ts";
import { startBackground } from "./background.ts";
import { nodeBytes } from "./bytes.ts";
import { readDashboardFiles } from "./dashboard-files.ts";
import { createDispatchers, type Dispatchers } from "./dispatchers.ts";
import { prepareFirstStart, type FirstStart } from "./first-start.ts";
import { createFileJournal } from "./journal.ts";
import { createLogger } from "./logger.ts";
import { loadMasterKeys } from "./master-key-file.ts";
import { postToCollector } from "./otlp-post.ts";
import { nodeClock, nodeDigest, nodeRandom } from "./ports.ts";
import { readPriceFile } from "./price-file.ts";
import { createProbeFetch } from "./probe-fetch.ts";
import { createReadThread } from "./read-thread.ts";
import { tryTo } from "./try-to.ts";

/** What every start tells. */
export interface StartReport {
  first: FirstStart;
  /** What a crash of the process before this one left: calls put back, and calls that were in flight. */
  recovered: { replayed: number; interrupted: number };
  /** Credentials at the start. */
  credentials: { total: number; usable: number };
}

/** How a gateway is assembled. */
export interface AssembleOptions {
  /** Parsed, without what is stored; the object is the gateway's from here on, and its fields change. */
  settings: Settings;
  /** Which of them flags and environment gave: they outrank what is stored. @default none */
  sources?: ParsedSettings["sources"];
  /** Replaces the one that writes to standard error. */
  logger?: Logger;
  /** @default node */
  host?: "node" | "bun";
}

/** Everything but the server. */
export interface AssembledGateway extends StartReport {
  environment: CallEnvironment;
  front: Front;
  admin: AdminGate;
  logger: Logger;
  /** Code Assist accounts: their tokens, quotas, checks. */
  accounts: Accounts;
  /** Connections to upstreams; Node's server uses them too. */
  dispatchers: Dispatchers;
  /** Ends background work, writes everything, closes the store. Calls must have ended. */
  dispose(): Promise<void>;
}

/**
 * Assembles a gateway.
 * @throws when the data directory cannot be used, with the cause and the place
 */
export async function assembleGateway(options: AssembleOptions): Promise<AssembledGateway> {
  const { settings, sources = new Map(), host = "node" } = options;
  const logger = withLevel(options.logger ?? createLogger({ level: "debug" }), settings);
  const [clock, random, digest] = [nodeClock, nodeRandom, nodeDigest];
  const startedAt = clock.now();
  mkdirSync(settings.dataDir, { recursive: true, mode: 0o700 });
  const path = join(settings.dataDir, "gemini-proxy.sqlite");
  const store = await openNodeSqlite({ path });
  const stored = store.administration.settings;
  // Before any part is made: parts copy what cannot change.
  const control = createSettingsControl({
    settings,
    sources,
    stored: await stored.list(),
    async save(changes) {
      await stored.write(changes);
      await store.revision.raise();
    },
    read: () => stored.list(),
    logger,
  });
  const vault = createVault({ masterKeys: await loadMasterKeys({ settings, random }), random });
  const first = await prepareFirstStart({ store, settings, random, digest, now: startedAt });
  const state = await loadState({ store, vault, settings, clock, random, digest, logger });
  await forgetOldTroubles({ pool: state.pool, store, settings, digest, clock });
  const dispatchers = createDispatchers(settings);
  const askAccount = createAccountRequest(dispatchers);
  const accounts = createAccounts({
    shelf: createAccountShelf({ store, vault, settings, digest, random }),
    ask: askAccount,
    settings,
    clock,
    random,
    logger,
  });
  const prices = await createPricesControl({ store, file: readPriceFile(settings.dataDir), logger });
  const journal = settings.ledger
    ? await createFileJournal({ directory: join(settings.dataDir, "journal"), logger })
    : null;
  const recovered =
    journal === null
      ? { replayed: 0, interrupted: 0 }
      : await recoverJournal({ journal, store, prices: prices.inForce });
  const recorder = settings.ledger
    ? createRecorder({ store, journal, prices: prices.inForce, clock, schedule: later, logger })
    : null;
  const captures = createCaptureStore({
    administration: store.administration.captures,
    vault,
    settings,
    clock,
    logger,
    schedule: later,
  });
  const responses = createResponseArchive({ store: store.responses, vault, settings, clock, logger });
  const local = createLocalControl({
    pool: state.pool,
    clients: state.clients,
    affinity: state.affinity,
    recorder,
    prices: prices.inForce,
    accounts: accounts.keeper,
    clock,
    // Looked at for each call: it may change.
    get shareAll() {
      return settings.resourceSharing === "all";
    },
  });
  const observers = createObservers({
    settings,
    version,
    startedAt,
    clock,
    random,
    digest,
    logger,
    post: postToCollector,
    schedule: later,
    price: (record) => prices.price(record),
    gauges: () => own.gauges(),
  });
  const environment = createCallEnvironment({
    settings,
    clock,
    random,
    logger,
    digest,
    bytes: nodeBytes,
    control: {
      ...local,
      settle(record, reservation) {
        local.settle(record, reservation);
        observers.settled(record);
      },
    },
  });
  environment.responses = responses;
  const hotParts = { settings, environment, pool: state.pool, clients: state.clients, capture: captures };
  applyHotSettings(hotParts);
  control.listen((changed) => applyHotSettings(hotParts, changed));
  const ask = createProbeFetch(dispatchers);
  // Not proved on Bun: its reads run among its calls.
  const reads = host === "node" ? createReadThread({ path, fallback: store.analytics, logger }) : null;
  const own: Own = createOwn({
    host,
    startedAt,
    settings: control,
    prices,
    vault,
    state,
    store,
    environment,
    observers,
    captures,
    ask,
    accounts,
    askAccount,
    analytics: reads?.analytics ?? store.analytics,
    pages: createPages(await readPages(logger)),
    adminTokenDigest: first.adminDigest,
    recorder: () => recorder?.state() ?? null,
    flush: async () => recorder?.flush(),
    openCalls: () => environment.open.calls,
    draining: () => environment.draining,
    memory: () => ({ rssBytes: process.memoryUsage.rss() }),
    breathe: () => immediately(),
  });
  const stopBackground = startBackground({
    state,
    accounts: accounts.keeper,
    store,
    environment,
    ask,
    captures,
    responses,
    settings: control,
    prices,
  });
  const counts = state.pool.counts(clock.now());

  return {
    environment,
    logger,
    accounts,
    dispatchers,
    first,
    recovered,
    credentials: { total: counts.total, usable: counts.usable },
    front: own.front,
    admin: own.admin,
    async dispose() {
      await stopBackground();
      await accounts.close();
      await reads?.close();
      await dispatchers.close();
      if (recorder !== null) await recorder.close();
      if (journal !== null) await journal.close();
      await tryTo(logger, "captures.unwritten", () => captures.close());
      await tryTo(logger, "responses.unwritten", () => responses.flush());
      await tryTo(logger, "health.unsaved", () => state.saveHealth());
      await observers.close();
      await store.close();
    },
  };
}

// --- helpers ---

/** Calls are served without a dashboard, too. */
async function readPages(logger: Logger): Promise<StaticFiles | null> {
  try {
    return await readDashboardFiles();
  } catch (error) {
    logger.log("error", "dashboard.unreadable", { cause: error instanceof Error ? error.message : String(error) });
    return null;
  }
}

function later(callback: () => void, ms: number): () => void {
  const timer = setTimeout(callback, ms);
  timer.unref();
  return () => clearTimeout(timer);
}
