/**
 * Code Assist accounts in the pool: added by file and by log-in, checked, seen beside keys, told of when they need somebody.
 * A gateway and an emulator of their own, so that no other suite's sums have them.
 * @module
 */
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEmulator, type Emulator } from "../../emulator/src/emulator.ts";
import { openWindow, phone, type BrowserWindow } from "./browser.ts";
import { dialog, expectNoSecrets, goTo, heading, logInWithToken } from "./dashboard-actions.ts";
import { makeDataDir, startDashboardGateway, type DashboardGateway } from "./dashboard-gateway.ts";
import { violations } from "./dashboard-views-suite.ts";
import type { DashboardWorld } from "./dashboard-world.ts";

const adminToken = "gpa-accounts-0123456789abcdefghijklmnopqr";
const geminiKey = "AQ.JourneyKey-of-the-account-suite-1";
const clientSecret = "secret-of-the-emulated-client";
const refreshToken = (name: string): string => `1//${name}-refresh-token-of-the-journey`;

/** @param world its browser is used */
export function describeAccounts(world: Pick<DashboardWorld, "browser">): void {
  describe("accounts", () => {
    let google: Emulator;
    let gateway: DashboardGateway;
    let window: BrowserWindow;
    let page: Page;
    const secrets = [clientSecret, adminToken, ...["ada", "eva"].map(refreshToken)];

    beforeAll(async () => {
      google = await startEmulator({
        projects: [{ id: "projects/1001", keys: [{ key: geminiKey }] }],
        oauthClient: { id: "journey-client", secret: clientSecret },
        accounts: [
          { email: "ada@example.com", refreshToken: refreshToken("ada"), project: "ada-project" },
          { email: "eva@example.com", refreshToken: refreshToken("eva"), state: "validation-required" },
        ],
      });
      gateway = await startDashboardGateway({
        dataDir: await makeDataDir(),
        environment: {
          GOOGLE_GEMINI_API_BASE_URL: google.url,
          CODE_ASSIST_BASE_URL: google.url,
          GOOGLE_OAUTH_BASE_URL: google.url,
          CODE_ASSIST_CLIENT_ID: "journey-client",
          CODE_ASSIST_CLIENT_SECRET: clientSecret,
          ADMIN_TOKEN: adminToken,
          GEMINI_API_KEY: geminiKey,
          LOG_LEVEL: "warn",
        },
      });
      window = await openWindow(world.browser, { url: gateway.url });
      page = window.page;
      await page.goto("/ui/");
      await logInWithToken(page, adminToken);
      await dialog(page, "Set a password").getByRole("button", { name: "Skip for now" }).click();
      await heading(page, "Overview").waitFor();
    }, 60_000);
    afterAll(async () => {
      expect(window.problems()).toEqual([]);
      await window.close();
      expect(await gateway.stop()).toBe(0);
      await google.close();
    });

    const row = (name: string): Locator =>
      page.getByRole("grid", { name: "Credentials by model" }).getByRole("row", { name: new RegExp(name) });

    it("one is added by the content of oauth_creds.json, checked at once, and stands beside the keys", async () => {
      await goTo(page, "Pool");
      await page.getByRole("button", { name: "Add account" }).click();
      const adding = dialog(page, "Add a Code Assist account");
      await adding.getByText(/Standard or Enterprise licence only/).waitFor();
      await adding.getByRole("tab", { name: "Paste oauth_creds.json" }).click();
      const text = adding.getByLabel("Content of oauth_creds.json");
      await text.fill("{ not the whole file");
      await adding.getByRole("button", { name: "Add account" }).click();
      await adding.getByText(/not the whole file:/).waitFor();
      await text.fill(JSON.stringify({ refresh_token: refreshToken("eva"), expiry_date: 1 }));
      await adding.getByText("Name, project, tier").click();
      await adding.getByLabel("Name", { exact: true }).fill("eva");
      // Tried before all others.
      await adding.getByLabel("Tier", { exact: true }).fill("-1");
      await adding.getByRole("button", { name: "Add account" }).click();
      await adding.getByText("eva was added.").waitFor();
      await adding.getByRole("button", { name: "Check account" }).click();
      await adding.getByText("Google does not serve this account until its owner acts.").waitFor();
      const link = adding.getByRole("link", { name: /^https:\/\// });
      expect(await link.getAttribute("rel")).toBe("noopener noreferrer");
      expect(await violations(page)).toEqual([]);
      await adding.getByRole("button", { name: "Close" }).last().click();
      await row("eva").getByText("Code Assist").waitFor();
      await expectNoSecrets(page, secrets);
    });

    it("another one by a log-in whose code comes back by hand", async () => {
      await page.getByRole("button", { name: "Add account" }).click();
      const adding = dialog(page, "Add a Code Assist account");
      await adding.getByLabel("The browser ends at a page that does not open").check();
      await adding.getByRole("button", { name: "Begin log-in" }).click();
      const open = adding.getByRole("link", { name: "Open Google’s log-in" });
      const url = new URL((await open.getAttribute("href")) ?? "");
      url.searchParams.set("login_hint", "ada@example.com");
      expect(await violations(page)).toEqual([]);
      const sent = await fetch(url, { redirect: "manual" });
      await adding.getByLabel("Address of the page that does not open").fill(sent.headers.get("location") ?? "");
      await adding.getByRole("button", { name: "Complete log-in" }).click();
      await adding.getByText("ada@example.com was added.").waitFor();
      await adding.getByRole("button", { name: "Check account" }).click();
      await adding.getByText("Licence standard-tier, project ada-project.").waitFor();
      await page.keyboard.press("Escape");
      await adding.waitFor({ state: "detached" });
      await row("ada@example.com").getByText("Code Assist").waitFor();
      await expectNoSecrets(page, [
        ...secrets,
        new URL(sent.headers.get("location") ?? "").searchParams.get("code") ?? "",
      ]);
    });

    it("the list shows accounts alone, and one's drawer tells licence, project and what is left", async () => {
      await page.getByRole("button", { name: "Accounts", exact: true }).click();
      await page.getByText("2 shown").waitFor();
      await row("ada@example.com").getByRole("button", { name: "ada@example.com" }).click();
      const drawer = dialog(page, "ada@example.com");
      await drawer.getByText("ada-project").first().waitFor();
      await drawer.getByText("standard-tier").first().waitFor();
      await drawer
        .getByRole("row", { name: /gemini-2\.5-pro/ })
        .getByText("100 %")
        .waitFor();
      await window.settled();
      expect(await violations(page)).toEqual([]);
      await page.setViewportSize(phone);
      await window.settled();
      expect(await violations(page)).toEqual([]);
      expect(await sidewaysRoom(page)).toBeLessThanOrEqual(0);
      await page.keyboard.press("Escape");
      await drawer.waitFor({ state: "detached" });
      await page.getByRole("region", { name: "Credentials" }).getByText("Code Assist").first().waitFor();
      expect(await sidewaysRoom(page)).toBeLessThanOrEqual(0);
      await page.setViewportSize({ width: 1440, height: 900 });
    });

    it("one that waits for its owner is told of with Google's words and its link", async () => {
      expect(await gateway.call({ model: "gemini-2.5-pro" })).toMatchObject({ status: 200 });
      // The overview asks every half a minute, and at once when it is opened anew.
      await page.goto("/ui/");
      const list = page.locator("#attention");
      await list.getByText("Google does not serve account eva").waitFor();
      const link = list.getByRole("link", { name: /^https:\/\// });
      expect(await link.getAttribute("href")).toMatch(/^https:\/\//);
      expect(await link.getAttribute("rel")).toBe("noopener noreferrer");
      expect(await violations(page)).toEqual([]);
      await list.getByRole("link", { name: "Look: Google does not serve account eva" }).click();
      await dialog(page, "eva").getByText("Disabled: Google does not serve the account").waitFor();
      await expectNoSecrets(page, secrets);
    });
  });
}

// --- helpers ---

function sidewaysRoom(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
