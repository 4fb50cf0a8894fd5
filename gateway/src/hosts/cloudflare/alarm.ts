/**
 * What the state object does by the clock: probes of disabled credentials, calls whose worker died, retention.
 * @module
 */
import { housekeeping } from "../administration/housekeeping.ts";
import { probeDue } from "../probe.ts";
import { pruneResources } from "../state-resources.ts";
import type { LoadedObject } from "./loaded-object.ts";

/** A call that has not settled after this long has lost its worker. Longer than any answer of Google's. */
const lostAfterMs = 45 * 60_000;

/**
 * Does what is due. Never rejects: what fails is logged and comes again with the next alarm, and keeps nothing else
 * from its turn. (An alarm that fails is repeated by the platform six times and then dropped.)
 * @param now epoch milliseconds
 */
export async function doWhatIsDue(object: LoadedObject, now: number): Promise<void> {
  const { settings, logger, store, state, accounts, environment, captures, responses } = object;
  const steps: Record<string, () => Promise<unknown>> = {
    "calls.lost": () => writeLostCalls(object, now),
    ...housekeeping({ store, settings, captures, responses, now }),
    "resources.unpruned": () => {
      state.affinity.sweep(now);
      return pruneResources(store, now);
    },
    "probe.failed": () => probeDue({ pool: state.pool, environment, accounts: accounts.keeper }),
    "accounts.untended": () => accounts.tend(now),
    "health.unsaved": () => state.saveHealth(),
  };
  for (const [event, step] of Object.entries(steps)) {
    try {
      await step();
    } catch (error) {
      logger.log("error", event, { cause: error instanceof Error ? error.message : String(error) });
    }
  }
}

// --- helpers ---

/** Writes calls that began too long ago as `interrupted`, and gives back what they hold. */
async function writeLostCalls({ openCalls, outstanding, record }: LoadedObject, now: number): Promise<void> {
  const lost = openCalls.lost(now - lostAfterMs);
  if (lost.length === 0) return;
  for (const { id } of lost) outstanding.abandon(id, now);
  await record(lost);
}
