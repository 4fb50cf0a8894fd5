/**
 * Everything the state object holds once it is loaded.
 * @module
 */
import type { Control } from "../../call/control.ts";
import { createCallEnvironment, type CallEnvironment } from "../../call/environment.ts";
import { createLocalControl } from "../../call/local-control.ts";
import type { CallRecord } from "../../core/records.ts";
import type { Logger } from "../../core/ports.ts";
import { createObservers } from "../../observe/observers.ts";
import type { ConfiguredKey, Settings } from "../../settings/types.ts";
import { openDurableObjectStore } from "../../storage/drivers/open-durable-object.ts";
import type { GatewayStore } from "../../storage/types-analytics.ts";
import { createVault } from "../../vault/envelope.ts";
import { createAccountFetch } from "../accounts/account-fetch.ts";
import { createAccountShelf } from "../accounts/account-shelf.ts";
import { createAccounts, forgetOldTroubles, type Accounts } from "../accounts/create-accounts.ts";
import { createOwn, type Own } from "../administration/own-parts.ts";
import { createPricesControl } from "../administration/prices-control.ts";
import { createCaptureStore, type CaptureStore } from "../capture-store.ts";
import { applyHotSettings } from "../hot-settings.ts";
import { withLevel } from "../level-logger.ts";
import { askByFetch } from "../probe.ts";
import { createResponseArchive, type StoredResponses } from "../responses/response-archive.ts";
import { createSettingsControl } from "../settings-control.ts";
import { loadState, type LoadedState } from "../state.ts";
import { createPages } from "../static/pages.ts";
import { version } from "../version.ts";
import { importKeys } from "./import-keys.ts";
import { createLogger } from "./logger.ts";
import { masterKeysOf } from "./master-keys.ts";
import { createOpenCalls, type OpenCalls } from "./open-calls.ts";
import { createOutstandingCalls, type OutstandingCalls } from "./outstanding-calls.ts";
import { workerBytes, workerClock, workerDigest, workerRandom } from "./ports.ts";
import { createRecentNames } from "./recent-names.ts";
import { mostSealedBytes } from "./remote-responses.ts";
import type { DurableObjectState, WorkerEnvironment } from "./runtime.ts";
import { toSettings } from "./settings.ts";

/** The parts. */
export interface LoadedObject {
  settings: Settings;
  logger: Logger;
  store: GatewayStore;
  state: LoadedState;
  accounts: Accounts;
  /** Over the state; without a recorder. */
  control: Control;
  /** For probes and the admin API: no call runs here. */
  environment: CallEnvironment;
  openCalls: OpenCalls;
  outstanding: OutstandingCalls;
  captures: CaptureStore;
  responses: StoredResponses;
  /** The object's part of the gateway's own paths. */
  own: Own;
  /** Prices and writes records, takes their marks out, and tells observers; rows only with the ledger on. */
  record(records: readonly CallRecord[]): Promise<void>;
}

/** A plan waits for accounts this long: the worker gives it 10 s (remote-control.ts). */
const accountPatienceMs = 8_000;

/** Calls whose end was told already, when the question comes again. */
const observedNames = 20_000;

/**
 * Loads it and makes sure that an alarm is set.
 * @param options `firstAlarm`: epoch milliseconds, used when none is set; `ledgerError`: what the last write failed with
 * @throws when settings, storage or KV cannot be used
 */
export async function loadObject(
  context: DurableObjectState,
  env: WorkerEnvironment,
  options: { firstAlarm: number; ledgerError: () => string | null },
): Promise<LoadedObject> {
  const { settings, sources, warnings } = toSettings(env);
  const logger = withLevel(createLogger("debug"), settings);
  const [clock, random, digest] = [workerClock, workerRandom, workerDigest];
  const startedAt = clock.now();
  for (const words of warnings) logger.log("warn", "settings.odd", { words });
  const store = await openDurableObjectStore(context.storage);
  const stored = store.administration.settings;
  const settingsControl = createSettingsControl({
    settings,
    sources,
    logger,
    stored: await stored.list(),
    save: (changes) => stored.write(changes),
    read: () => stored.list(),
  });
  const openCalls = createOpenCalls(context.storage);
  const kv = env.GEMINI_KEYS;
  const imported =
    kv === undefined
      ? []
      : await importKeys({ kv, store, logger, now: startedAt, allowInsecure: settings.allowInsecureUpstream });
  settings.credentials = withoutProxied([...settings.credentials, ...imported], logger);
  const masterKeys = await masterKeysOf({ text: settings.encryptionKey, store, logger });
  const vault = createVault({ masterKeys, random });
  const state = await loadState({ store, vault, settings, clock, random, digest, logger });
  await forgetOldTroubles({ pool: state.pool, store, settings, digest, clock });
  const askAccount = createAccountFetch();
  const accounts = createAccounts({
    shelf: createAccountShelf({ store, vault, settings, digest, random }),
    ask: askAccount,
    settings,
    clock,
    random,
    logger,
    patienceMs: accountPatienceMs,
  });
  if ((await context.storage.getAlarm()) === null) await context.storage.setAlarm(options.firstAlarm);
  warnOfWhatIsMissing({ settings, state, logger, stored: (await store.clients.list()).length });
  const prices = await createPricesControl({ store, file: [], logger });
  const control = createLocalControl({
    pool: state.pool,
    clients: state.clients,
    affinity: state.affinity,
    recorder: null,
    prices: prices.inForce,
    accounts: accounts.keeper,
    clock,
    accountPatienceMs,
    // Looked at for each call: it may change.
    get shareAll() {
      return settings.resourceSharing === "all";
    },
  });
  const environment = createCallEnvironment({
    settings,
    clock,
    random,
    logger,
    digest,
    control,
    bytes: workerBytes,
  });
  const captures = createCaptureStore({
    administration: store.administration.captures,
    vault,
    settings,
    clock,
    logger,
    schedule: later,
  });
  const responses = createResponseArchive({
    store: store.responses,
    vault,
    settings,
    clock,
    logger,
    maxSealedBytes: mostSealedBytes,
  });
  const observers = createObservers({
    settings,
    version,
    startedAt,
    clock,
    random,
    digest,
    logger,
    schedule: later,
    // The platform exports traces itself.
    post: null,
    price: (record) => prices.price(record),
    gauges: () => own.gauges(),
  });
  const own: Own = createOwn({
    host: "cloudflare",
    startedAt,
    settings: settingsControl,
    prices,
    vault,
    state,
    store,
    environment,
    observers,
    captures,
    ask: askByFetch,
    accounts,
    askAccount,
    analytics: store.analytics,
    // The isolates have them.
    pages: createPages(null),
    adminTokenDigest: settings.adminToken === null ? null : digest.sha256(settings.adminToken),
    recorder: () => (settings.ledger ? { ...idleRecorder, lastError: options.ledgerError() } : null),
    flush: () => Promise.resolve(),
    openCalls: () => openCalls.count(),
    draining: () => false,
    memory: () => ({ rssBytes: null }),
    breathe: () => new Promise((resolve) => setTimeout(resolve, 0)),
  });
  settingsControl.listen((changed) =>
    applyHotSettings({ settings, environment, pool: state.pool, clients: state.clients }, changed),
  );
  const observed = createRecentNames(observedNames);
  return {
    control,
    settings,
    logger,
    store,
    state,
    accounts,
    environment,
    openCalls,
    captures,
    responses,
    own,
    outstanding: createOutstandingCalls({ pool: state.pool, clients: state.clients }),
    async record(records) {
      const priced = records.map((record) => prices.price(record));
      if (settings.ledger) await store.ledger.insert(priced);
      // After the rows: when the object dies in between, they are written again, which changes nothing.
      for (const { id } of records) openCalls.settled(id);
      for (const one of priced) {
        if (observed.has(one.record.id)) continue;
        observed.add(one.record.id);
        observers.settled(one.record, one);
      }
    },
  };
}

// --- helpers ---

/** Rows are written one by one, so nothing waits here. */
const idleRecorder = { queued: 0, spilled: 0, lost: 0, failures: 0 };

function later(callback: () => void, ms: number): () => void {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}

/** Workers have no outbound proxies. A key that should be used through one must not show itself without it. */
function withoutProxied(keys: readonly ConfiguredKey[], logger: Logger): ConfiguredKey[] {
  return keys.filter(({ name, proxy }) => {
    if (proxy == null) return true;
    logger.log("warn", "credential.proxied", {
      name,
      words: "Its proxy cannot be used on Workers: the key is left out.",
    });
    return false;
  });
}

function warnOfWhatIsMissing(parts: { settings: Settings; state: LoadedState; logger: Logger; stored: number }): void {
  const { settings, state, logger, stored } = parts;
  if (settings.proxyApiKeys.length === 0 && stored === 0 && !settings.openMode)
    logger.log("warn", "clients.none", {
      words: "There is no client key, so every call is refused with 401.",
      next: "npx wrangler secret put PROXY_API_KEY",
    });
  if (state.pool.counts(workerClock.now()).total === 0)
    logger.log("warn", "credentials.none", {
      words: "There is no Gemini key, so no call can be served.",
      next: "npx wrangler secret put API_KEYS",
    });
}
