/**
 * What /health and /ready tell of the state object, kept for some seconds by each isolate: health checks come often, and
 * each question to the object is billed.
 * @module
 */
import type { StateHealth } from "./state-api.ts";
import { within, type StateLink } from "./state-link.ts";

/** How the object fares, as far as is known. */
export type StateView =
  | { status: "healthy"; ready: true }
  | { status: "degraded"; ready: boolean; cause: "state-unreachable" | "no-usable-credential" | "ledger" };

/** Asks at most once in five seconds. */
export interface StateViewer {
  /** Never rejects; takes a second at most. */
  look(link: StateLink): Promise<StateView>;
}

const lifeMs = 5_000;
const answerWithinMs = 1_000;

/** @param now epoch milliseconds */
export function createStateViewer(now: () => number): StateViewer {
  let known: { view: StateView; until: number } | null = null;
  return {
    async look(link) {
      if (known !== null && known.until > now()) return known.view;
      const view = await within(
        answerWithinMs,
        link.ask((state) => state.health()),
      ).then(toView, (): StateView => ({ status: "degraded", ready: false, cause: "state-unreachable" }));
      known = { view, until: now() + lifeMs };
      return view;
    },
  };
}

// --- helpers ---

function toView({ usable, ledgerError }: StateHealth): StateView {
  if (ledgerError !== null) return { status: "degraded", ready: false, cause: "ledger" };
  if (usable === 0) return { status: "degraded", ready: true, cause: "no-usable-credential" };
  return { status: "healthy", ready: true };
}
