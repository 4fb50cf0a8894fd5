/**
 * What an isolate keeps between requests, and how it follows the settings that are stored in the state object.
 * @module
 */
import { createCallEnvironment, type CallEnvironment } from "../../call/environment.ts";
import { createLiveSessions, type LiveSessions } from "../../call/live/live-sessions.ts";
import { createCaptureBudget, type CaptureBudget } from "../capture-collector.ts";
import { applyHotSettings } from "../hot-settings.ts";
import { withLevel } from "../level-logger.ts";
import { createSettingsControl, type StoredSettings } from "../settings-control.ts";
import { createEgress, type Egress } from "./egress.ts";
import { createLogger } from "./logger.ts";
import { workerBytes, workerClock, workerDigest, workerRandom } from "./ports.ts";
import type { AdmissionCache } from "./remote-control.ts";
import type { WorkerEnvironment } from "./runtime.ts";
import { toSettings } from "./settings.ts";
import { within, type StateLink } from "./state-link.ts";
import { createStateViewer, type StateViewer } from "./state-view.ts";

/** The parts. */
export interface Isolate {
  environment: Omit<CallEnvironment, "control">;
  admissions: AdmissionCache;
  viewer: StateViewer;
  egress: Egress;
  sessions: LiveSessions;
  captured: CaptureBudget;
  /**
   * Asks for stored settings when the last answer is old.
   * @returns work for `waitUntil`; null: nothing is due
   */
  refresh(link: StateLink): Promise<void> | null;
}

/** So long an isolate goes on with settings that were changed elsewhere. */
const settingsLifeMs = 30_000;
/** The first call of an isolate waits for stored settings so long, and goes on without them. */
const firstWithinMs = 1_000;

/**
 * Asks the state object for what is stored, as the first call of an isolate must.
 * @returns null: it did not answer
 */
export function readStoredSettings(link: StateLink): Promise<StoredSettings | null> {
  return within(
    firstWithinMs,
    link.ask((state) => state.storedSettings()),
  ).catch(() => null);
}

/**
 * Makes an isolate's parts.
 * @param stored from `readStoredSettings`; null: asked for again soon
 * @throws SettingsError
 */
export function createIsolate(env: WorkerEnvironment, stored: StoredSettings | null): Isolate {
  const { settings, sources } = toSettings(env);
  const logger = withLevel(createLogger("debug"), settings);
  let latest: StoredSettings = stored ?? {};
  let askedAt = stored === null ? -Infinity : workerClock.now();
  const control = createSettingsControl({
    settings,
    sources,
    logger,
    stored: latest,
    save: () => Promise.reject(new Error("Settings are stored by the state object.")),
    // Already here: a promise of one request must not be waited for by another.
    read: () => Promise.resolve(latest),
  });
  const environment = createCallEnvironment({
    settings,
    logger,
    clock: workerClock,
    random: workerRandom,
    digest: workerDigest,
    bytes: workerBytes,
    control: null as never,
  });
  control.listen((changed) => applyHotSettings({ settings, environment }, changed));
  return {
    environment,
    admissions: new Map(),
    viewer: createStateViewer(() => workerClock.now()),
    egress: createEgress(env, logger),
    sessions: createLiveSessions(settings),
    captured: createCaptureBudget(),
    refresh(link) {
      const now = workerClock.now();
      if (now - askedAt < settingsLifeMs) return null;
      askedAt = now;
      return link
        .ask((state) => state.storedSettings())
        .then(async (next) => {
          latest = next;
          await control.reload();
        })
        .catch((error: unknown) =>
          logger.log("warn", "settings.unread", { cause: error instanceof Error ? error.message : String(error) }),
        );
    },
  };
}
