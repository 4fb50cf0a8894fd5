/**
 * Every page and every larger dialog: what axe finds, whether it fits a phone, and how it looks.
 * @module
 */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { desktop, openWindow, phone, type BrowserWindow } from "./browser.ts";
import { choose, heading, logIn } from "./dashboard-actions.ts";
import { person, type DashboardWorld } from "./dashboard-world.ts";
import { root } from "./wrangler-worker.ts";

/** Where the pictures are kept; git ignores it. */
const folder = join(root, ".tools/screenshots");

interface View {
  name: string;
  /** Of the dashboard. */
  path: (ids: Ids) => string;
  /** What is done there before it is looked at. @default nothing */
  act?: (page: Page) => Promise<void>;
  /** What a phone has to be scrolled to. @default the begin */
  inSight?: (page: Page) => Locator;
}

/** What there is to look at. */
interface Ids {
  call: string;
  credential: string;
}

const press =
  (name: string | RegExp) =>
  async (page: Page): Promise<void> => {
    await page.getByRole("button", { name }).first().click();
    await page.getByRole("dialog").waitFor();
  };
const views: readonly View[] = [
  { name: "overview", path: () => "" },
  ...["pool", "clients", "calls", "connect"].map((name): View => ({ name, path: () => name })),
  { name: "pool-cell", path: ({ credential }) => `pool?credential=${credential}&model=gemini-3.8-flash` },
  { name: "pool-key", path: ({ credential }) => `pool?credential=${credential}` },
  { name: "pool-add", path: () => "pool", act: press("Add keys") },
  { name: "clients-create", path: () => "clients", act: press("New client key") },
  { name: "clients-use", path: () => "clients", act: press(/^laptop/) },
  { name: "call", path: ({ call }) => `calls/${call}` },
  { name: "call-beside", path: ({ call }) => `calls?call=${call}` },
  {
    name: "playground",
    path: () => "playground",
    act: ask,
    inSight: (page) => page.getByRole("link", { name: "Whole record" }),
  },
  ...["general", "prices", "operators", "tokens", "audit", "health"].map((tab): View => ({
    name: `settings-${tab}`,
    path: () => `settings?tab=${tab}`,
  })),
];

/** @param world whose first day is over: there are keys, clients and calls */
export function describeViews(world: DashboardWorld): void {
  describe("every view", () => {
    let window: BrowserWindow;
    let ids: Ids;
    const pictures: string[] = [];

    beforeAll(async () => {
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
      window = await openWindow(world.browser, { url: world.gateway.url });
      const { calls } = await world.gateway.read<{ calls: { id: string }[] }>("calls?limit=1&retried=true");
      const { rows } = await world.gateway.read<{ rows: { id: string }[] }>("pool?search=tiny");
      ids = { call: calls[0]?.id ?? "", credential: rows[0]?.id ?? "" };
    });
    afterAll(async () => {
      expect(window.problems()).toEqual([]);
      await window.close();
      console.log(`${pictures.length} pictures in ${folder}:\n${pictures.join(" ")}`);
    });

    it("login: axe finds nothing in light and dark, and a phone shows it without scrolling sideways", async () => {
      await inspectView({ name: "login", path: () => "login" });
      await window.page.goto("/ui/");
      await logIn(window.page, person);
      await heading(window.page, "Overview").waitFor();
      expect(new URL(window.page.url()).pathname).toBe("/ui/");
    });
    it.each(views)("$name: the same", inspectView);

    async function inspectView({ name, path, act, inSight }: View): Promise<void> {
      const { page } = window;
      const picture = async (look: string): Promise<void> => {
        pictures.push(`${name}-${look}.png`);
        await page.screenshot({ path: join(folder, `${name}-${look}.png`), animations: "disabled" });
      };
      await page.setViewportSize(desktop);
      await page.emulateMedia({ colorScheme: "light" });
      await page.goto(`/ui/${path(ids)}`);
      await window.settled();
      await act?.(page);
      await window.settled();
      const found = await violations(page);
      await picture("desktop-light");
      await page.emulateMedia({ colorScheme: "dark" });
      // Only colours differ.
      found.push(...(await violations(page, ["color-contrast"])));
      await picture("desktop-dark");
      await page.setViewportSize(phone);
      await window.settled();
      await inSight?.(page).scrollIntoViewIfNeeded();
      await picture("phone-dark");
      await page.emulateMedia({ colorScheme: "light" });
      await picture("phone-light");
      expect(found).toEqual([]);
      const { width, room } = await page.evaluate(() => ({
        width: document.documentElement.scrollWidth,
        room: document.documentElement.clientWidth,
      }));
      expect(width).toBeLessThanOrEqual(room);
    }
  });
}

// --- helpers ---

async function ask(page: Page): Promise<void> {
  await choose(page, "Call as", "laptop");
  await page.getByLabel("Turn 1", { exact: true }).fill("Tell me about Wyoming");
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByRole("link", { name: "Whole record" }).waitFor();
}

/** One line each: the rule, where, and what is wrong. */
export async function violations(page: Page, rules?: string[]): Promise<string[]> {
  const runOnly = rules === undefined ? { type: "tag" as const, values: ["wcag2a", "wcag2aa"] } : rules;
  // What is right is not told: describing it takes longer than finding it.
  const axe = new AxeBuilder({ page }).setLegacyMode(true).options({ runOnly, resultTypes: ["violations"] });
  return (await axe.analyze()).violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(" ")}: ${failureSummary}`),
  );
}
