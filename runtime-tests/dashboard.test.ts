/**
 * The dashboard in a real Chromium, in front of the real gateway, with the emulator as Google.
 * @module
 */
import { afterAll, beforeAll, describe, expect } from "vitest";
import { describeAccounts } from "./support/dashboard-accounts-suite.ts";
import { describeCalls } from "./support/dashboard-calls-suite.ts";
import { describeKeyboard } from "./support/dashboard-keyboard-suite.ts";
import { describePeople } from "./support/dashboard-people-suite.ts";
import { describePool } from "./support/dashboard-pool-suite.ts";
import { describeSeeded } from "./support/dashboard-seeded-suite.ts";
import { describeFirstSteps } from "./support/dashboard-start-suite.ts";
import { describeTotals } from "./support/dashboard-totals-suite.ts";
import { describeViews } from "./support/dashboard-views-suite.ts";
import { describeWorkerDashboard } from "./support/dashboard-worker-suite.ts";
import { endWorld, startWorld, type DashboardWorld } from "./support/dashboard-world.ts";

/** Filled before the first test. */
const world = {} as DashboardWorld;
beforeAll(async () => void Object.assign(world, await startWorld()), 180_000);
afterAll(async () => expect(await endWorld(world)).toEqual([0, 0]));

describe("a first day", () => {
  describeFirstSteps(world);
  describeCalls(world);
  describePool(world);
  describeTotals(world);
  describePeople(world);
});
describeKeyboard(world);
describeViews(world);
describeAccounts(world);
describeSeeded(world);
describeWorkerDashboard(world);
