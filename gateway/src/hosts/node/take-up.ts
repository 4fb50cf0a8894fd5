/**
 * Takes up what another process (the CLI) changed in the store.
 * @module
 */
import type { GatewayStore } from "../../storage/types-analytics.ts";
import type { PricesHost } from "../administration/prices-control.ts";
import type { SettingsHost } from "../settings-control.ts";
import type { LoadedState } from "../state.ts";

/**
 * Makes the look. It keeps a revision of its own: the admin API brings credentials and clients to the newest one itself,
 * and a setting that another process stored just before must not be missed for that.
 * @returns looks once; what cannot be read is read again the next time. It throws the first failure, after the others had
 *   their turn
 */
export function createTakeUp(parts: {
  state: Pick<LoadedState, "reloadIfChanged">;
  store: Pick<GatewayStore, "revision">;
  settings: Pick<SettingsHost, "reload">;
  prices: Pick<PricesHost, "reload">;
}): () => Promise<void> {
  const { state, store, settings, prices } = parts;
  let taken: number | null = null;
  return async () => {
    // Before anything is read: what changes meanwhile is read again.
    const revision = await store.revision.get();
    const steps = [() => state.reloadIfChanged(), ...(revision === taken ? [] : [settings.reload, prices.reload])];
    const failures: unknown[] = [];
    for (const step of steps) await step().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
    taken = revision;
  };
}
