/**
 * The same dashboard from the Workers host, under real `wrangler dev`: a shorter day.
 * @module
 */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openWindow, type BrowserWindow } from "./browser.ts";
import { choose, dialog, expectNoSecrets, goTo, heading, logInWithToken } from "./dashboard-actions.ts";
import { geminiKey, type DashboardWorld } from "./dashboard-world.ts";
import { admin, adminToken, ledger, secrets } from "./worker-client.ts";
import type { RunningWorker } from "./wrangler-worker.ts";

/** @param world of which the browser and the worker are used */
export function describeWorkerDashboard(world: DashboardWorld): void {
  describe("from the Workers host", () => {
    let window: BrowserWindow;
    let page: Page;
    let worker: RunningWorker;
    beforeAll(async () => {
      worker = await world.worker;
      window = await openWindow(world.browser, { url: worker.url });
      ({ page } = window);
    }, 120_000);
    afterAll(() => window?.close());

    it("the admin token opens it, and a key and a client are added", async () => {
      await page.goto("/");
      await page.getByText("Log in to the dashboard").waitFor();
      await logInWithToken(page, adminToken);
      await dialog(page, "Set a password").getByRole("button", { name: "Skip for now" }).click();
      await heading(page, "Overview").waitFor();
      await goTo(page, "Pool");
      await page.getByRole("button", { name: "Add keys" }).first().click();
      const adding = dialog(page, "Add keys");
      await adding.getByLabel("Keys", { exact: true }).fill(geminiKey("one"));
      await adding.getByRole("button", { name: "Preview" }).click();
      await adding.getByRole("button", { name: "Add 1" }).click();
      await adding.waitFor({ state: "detached" });
      await page.getByText("1 of 1 credentials can serve now").waitFor();
      await goTo(page, "Clients");
      await page.getByRole("button", { name: "New client key" }).click();
      await dialog(page, "New client key").getByLabel("Name").fill("edge");
      await dialog(page, "New client key").getByRole("button", { name: "Make key" }).click();
      await dialog(page, "Key of edge").getByRole("button", { name: "I have copied it" }).click();
      await page.getByRole("row", { name: /^edge/ }).waitFor();
      expect(await admin(worker, "credentials")).toMatchObject({ total: 1 });
    });

    it("a call of the playground is answered, told, and found in the list", async () => {
      await goTo(page, "Playground");
      await choose(page, "Call as", "edge");
      await page.getByLabel("Turn 1", { exact: true }).fill("Hello from the edge");
      await page.getByRole("button", { name: "Send" }).click();
      await page
        .getByRole("region", { name: "Answer" })
        .getByText(/Hello from the edge/)
        .waitFor();
      const outcome = page.getByRole("region", { name: "What the gateway did" });
      await outcome.getByRole("img", { name: /^Attempt 1, HTTP 200, rule ok/ }).waitFor();
      const [row] = await ledger(worker, 1);
      expect(row?.usage?.["totalTokens"]).toBe(world.emulator.record().at(-1)?.usage?.total);
      await goTo(page, "Calls");
      await page.getByText("1 call, that is all of them").waitFor();
      await page.getByRole("region", { name: "Calls", exact: true }).getByRole("row").nth(1).getByRole("link").click();
      await dialog(page, "Call")
        .getByRole("img", { name: /^Attempt 1: 200/ })
        .waitFor();
      await page.keyboard.press("Escape");
    });

    it("nothing went wrong in the browser, and no secret stays in the page", async () => {
      await expectNoSecrets(page, [
        adminToken,
        geminiKey("one"),
        ...Object.values(secrets).filter((one) => one.length > 10),
      ]);
      expect(window.problems()).toEqual([]);
    });
  });
}
