/**
 * Everything the state object holds once it is loaded.
 * @module
 */
import type { Control } from "../../call/control.ts";
import { createLocalControl } from "../../call/local-control.ts";
import type { CallRecord } from "../../core/records.ts";
import type { Logger } from "../../core/ports.ts";
import { createPrices, priceCall } from "../../ledger/prices.ts";
import type { ConfiguredKey, Settings } from "../../settings/types.ts";
import { openDurableObjectStore } from "../../storage/drivers/open-durable-object.ts";
import type { Store } from "../../storage/types.ts";
import { createVault } from "../../vault/envelope.ts";
import { loadState, type LoadedState } from "../state.ts";
import { importKeys } from "./import-keys.ts";
import { createLogger } from "./logger.ts";
import { masterKeysOf } from "./master-keys.ts";
import { createOpenCalls, type OpenCalls } from "./open-calls.ts";
import { createOutstandingCalls, type OutstandingCalls } from "./outstanding-calls.ts";
import { workerClock, workerDigest, workerRandom } from "./ports.ts";
import type { DurableObjectState, WorkerEnvironment } from "./runtime.ts";
import { toSettings } from "./settings.ts";

/** The parts. */
export interface LoadedObject {
  settings: Settings;
  logger: Logger;
  store: Store;
  state: LoadedState;
  /** Over the state; without a recorder. */
  control: Control;
  openCalls: OpenCalls;
  outstanding: OutstandingCalls;
  /** Prices and writes records, and takes their marks out; nothing with LEDGER=off. */
  record(records: readonly CallRecord[]): Promise<void>;
}

/**
 * Loads it and makes sure that an alarm is set.
 * @param options `firstAlarm`: epoch milliseconds, used when none is set
 * @throws when settings, storage or KV cannot be used
 */
export async function loadObject(
  context: DurableObjectState,
  env: WorkerEnvironment,
  options: { firstAlarm: number },
): Promise<LoadedObject> {
  const { settings, warnings } = toSettings(env);
  const logger = createLogger(settings.logLevel);
  for (const words of warnings) logger.log("warn", "settings.odd", { words });
  const store = await openDurableObjectStore(context.storage);
  const openCalls = createOpenCalls(context.storage);
  const kv = env.GEMINI_KEYS;
  const imported =
    kv === undefined
      ? []
      : await importKeys({ kv, store, logger, now: workerClock.now(), allowInsecure: settings.allowInsecureUpstream });
  const state = await loadState({
    store,
    vault: createVault({ masterKeys: await masterKeysOf(settings.encryptionKey, store), random: workerRandom }),
    settings: { ...settings, credentials: withoutProxied([...settings.credentials, ...imported], logger) },
    clock: workerClock,
    random: workerRandom,
    digest: workerDigest,
    logger,
  });
  if ((await context.storage.getAlarm()) === null) await context.storage.setAlarm(options.firstAlarm);
  warnOfWhatIsMissing({ settings, state, logger, stored: (await store.clients.list()).length });
  const prices = createPrices();
  const control = createLocalControl({
    pool: state.pool,
    clients: state.clients,
    affinity: state.affinity,
    recorder: null,
    prices,
    shareAll: settings.resourceSharing === "all",
  });
  return {
    control,
    settings,
    logger,
    store,
    state,
    openCalls,
    outstanding: createOutstandingCalls({ pool: state.pool, clients: state.clients }),
    async record(records) {
      if (settings.ledger) await store.ledger.insert(records.map((record) => priceCall(prices, record)));
      // After the rows: when the object dies in between, they are written again, which changes nothing.
      for (const { id } of records) openCalls.settled(id);
    },
  };
}

// --- helpers ---

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
