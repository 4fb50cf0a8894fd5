/**
 * What the suites of the dashboard share: one browser, one gateway with its emulator, one window.
 * @module
 */
import { rm } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { startEmulator, type Emulator } from "../../emulator/src/emulator.ts";
import { ensureDashboard } from "../../scripts/support/dashboard.ts";
import { openWindow, startBrowser, type BrowserWindow } from "./browser.ts";
import { makeDataDir, startDashboardGateway, type DashboardGateway } from "./dashboard-gateway.ts";
import { changeNights, seededCalls, seedStore } from "./dashboard-seed.ts";
import { secrets as workerSecrets } from "./worker-client.ts";
import { deployedConfig, startWorker, type RunningWorker } from "./wrangler-worker.ts";

/** All of it. */
export interface DashboardWorld {
  browser: Browser;
  emulator: Emulator;
  gateway: DashboardGateway;
  /** Of whoever goes through the first day. */
  window: BrowserWindow;
  page: Page;
  /** Key of the client that the first day makes; empty until then. */
  clientKey: string;
  /** What must never be found in a page after it was shown once. */
  secrets: string[];
  /** Another gateway, with a past and ten thousand credentials. Made ready while the first day goes on. */
  seeded: Promise<DashboardGateway>;
  /** The Workers host; the same. */
  worker: Promise<RunningWorker>;
}

/** A key of the emulator: `bad` is invalid, `tiny` may serve one call a day, `one` and `two` share a project, `three` has its own. */
export const geminiKey = (name: string): string => `AIzaSyJourneyKey-${name.padStart(22, "0")}`;
/** In the order in which they are tried. */
export const keyNames = ["bad", "tiny", "one", "two", "three"] as const;
/** Whoever has the gateway. */
export const person = { name: "ada", password: "a long enough password of ada" } as const;
/** Whoever may look only. */
export const viewer = { name: "vera", password: "a long enough password of vera" } as const;

/** How many credentials the gateway with a past has, and who may log in to it. */
export const seededCredentials = 10_000;
export const seededToken = "gpa-seeded-0123456789abcdefghijklmnopqrs";

/** Starts everything, and builds the dashboard when its sources have changed. */
export async function startWorld(): Promise<DashboardWorld> {
  const [built, browser, emulator] = await Promise.all([ensureDashboard(), startBrowser(), startGoogle()]);
  if (!built.ok) throw new Error(built.reason);
  const gateway = await startDashboardGateway({
    dataDir: await makeDataDir(),
    environment: { GOOGLE_GEMINI_API_BASE_URL: emulator.url, LOG_LEVEL: "warn" },
  });
  const window = await openWindow(browser, { url: gateway.url });
  const seeded = startSeeded();
  const worker = startFolderWorker(emulator.url);
  // Whoever needs them is told; until then nobody listens.
  for (const started of [seeded, worker]) started.catch(() => undefined);
  const secrets = [...keyNames.map(geminiKey), person.password, viewer.password];
  for (const secret of [gateway.adminToken, gateway.clientKey]) if (secret !== null) secrets.push(secret);
  return { browser, emulator, gateway, window, page: window.page, clientKey: "", secrets, seeded, worker };
}

/** Ends everything. @returns the gateways' exit codes */
export async function endWorld(world: Partial<DashboardWorld>): Promise<(number | null | undefined)[]> {
  await world.browser?.close();
  const worker = await world.worker?.catch(() => undefined);
  await worker?.stop();
  const seeded = await world.seeded?.catch(() => undefined);
  const codes = await Promise.all([world.gateway?.stop(), seeded?.stop()]);
  await world.emulator?.close();
  return codes;
}

// --- helpers ---

function startGoogle(): Promise<Emulator> {
  const keysOf = (...names: string[]) => names.map((name) => ({ key: geminiKey(name) }));
  return startEmulator({
    projects: [
      { id: "projects/1001", keys: keysOf("one", "two"), tier: "unlimited" },
      { id: "projects/1002", keys: keysOf("three"), tier: "unlimited" },
      { id: "projects/1003", keys: keysOf("tiny"), tier: "free", quotas: { "*": { requestsPerDay: 1 } } },
      { id: "projects/1004", keys: [{ key: geminiKey("bad"), state: "invalid" }] },
    ],
  });
}

async function startSeeded(): Promise<DashboardGateway> {
  const dataDir = await makeDataDir();
  const calls = changeNights.flatMap(seededCalls);
  await seedStore({ dataDir, credentials: seededCredentials, calls, now: Date.now() });
  // Whenever this runs, the nights are kept.
  const environment = { ADMIN_TOKEN: seededToken, RETENTION_DAYS: "36500", LOG_LEVEL: "warn" };
  return startDashboardGateway({ dataDir, environment });
}

async function startFolderWorker(google: string): Promise<RunningWorker> {
  const folder = await makeDataDir();
  const worker = await startWorker({
    config: deployedConfig,
    // The relay asks a second time where a region is refused.
    variables: { ...workerSecrets, GOOGLE_GEMINI_API_BASE_URL: google, EGRESS_LOCATION_HINT: "off" },
    folder,
  });
  return { ...worker, stop: () => worker.stop().then(() => rm(folder, { recursive: true, force: true })) };
}
