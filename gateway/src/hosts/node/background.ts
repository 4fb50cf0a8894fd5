/**
 * What a gateway with a process of its own does by the clock.
 * @module
 */
import type { LocalAccountKeeper } from "../../accounts/keeper.ts";
import type { CallEnvironment } from "../../call/environment.ts";
import { housekeeping } from "../administration/housekeeping.ts";
import type { PricesHost } from "../administration/prices-control.ts";
import type { CaptureStore } from "../capture-store.ts";
import type { GatewayStore } from "../../storage/types-analytics.ts";
import { probeDue, type ProbeFetch } from "../probe.ts";
import type { StoredResponses } from "../responses/response-archive.ts";
import type { SettingsHost } from "../settings-control.ts";
import type { LoadedState } from "../state.ts";
import { pruneResources } from "../state-resources.ts";
import { createTakeUp } from "./take-up.ts";
import { every } from "./timers.ts";
import { tryTo } from "./try-to.ts";

const reloadEveryMs = 1_000;
const saveEveryMs = 250;
/** Uses of quotas and limits change with every call: what a crash loses of them is at most this long. */
const saveUsesEveryMs = 2_000;
const probeEveryMs = 30_000;
const tendEveryMs = 5_000;
const pruneEveryMs = 60_000;

/**
 * Starts it.
 * @returns stops it; resolves when what is under way has ended
 */
export function startBackground(parts: {
  state: LoadedState;
  store: GatewayStore;
  accounts: LocalAccountKeeper;
  environment: CallEnvironment;
  ask: ProbeFetch;
  captures: CaptureStore;
  responses: StoredResponses;
  settings: SettingsHost;
  prices: PricesHost;
}): () => Promise<void> {
  const { state, store, accounts, environment, ask, captures, responses, settings, prices } = parts;
  const { clock, logger } = environment;
  const attempt = (event: string, work: () => Promise<unknown>): Promise<void> => tryTo(logger, event, work);

  const takeUp = createTakeUp({ state, store, settings, prices });

  async function prune(): Promise<void> {
    const steps = housekeeping({ store, settings: settings.current, captures, responses, now: clock.now(), clock });
    for (const [event, step] of Object.entries(steps)) await attempt(event, step);
    await attempt("resources.unpruned", async () => {
      state.affinity.sweep(clock.now());
      await pruneResources(store, clock.now());
    });
  }

  const timers = [
    every(reloadEveryMs, () => attempt("reload.failed", takeUp)),
    every(saveEveryMs, () => attempt("health.unsaved", () => state.saveUrgent())),
    every(saveUsesEveryMs, () => attempt("uses.unsaved", () => state.saveHealth())),
    every(probeEveryMs, () =>
      attempt("probe.failed", () => probeDue({ pool: state.pool, environment, ask, accounts })),
    ),
    every(tendEveryMs, () => attempt("accounts.untended", async () => accounts.tend(clock.now()))),
    every(pruneEveryMs, prune),
  ];
  return async () => {
    for (const stop of timers) await stop();
  };
}
