/**
 * The dashboard without a mouse: what Tab reaches, where the focus is seen, how dialogs hold it and give it back.
 * @module
 */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openWindow, type BrowserWindow } from "./browser.ts";
import { dialog, heading } from "./dashboard-actions.ts";
import { person, type DashboardWorld } from "./dashboard-world.ts";

/** @param world whose first day is over */
export function describeKeyboard(world: DashboardWorld): void {
  describe("by keyboard", () => {
    let window: BrowserWindow;
    let page: Page;
    beforeAll(async () => {
      window = await openWindow(world.browser, { url: world.gateway.url });
      ({ page } = window);
      await window.context.addInitScript(() => {
        const trail: string[] = [];
        Object.assign(globalThis, { trail });
        document.addEventListener("focusin", ({ target }) => {
          if (target instanceof Element) trail.push(`${location.pathname} ${target.tagName} ${target.textContent}`);
        });
      });
    });
    afterAll(async () => {
      expect(window.problems()).toEqual([]);
      await window.close();
    });

    it("one logs in without a mouse", async () => {
      await page.goto("/ui/login");
      await page.getByRole("button", { name: "Log in" }).waitFor();
      await tabTo(page, "Name");
      await page.keyboard.type(person.name);
      await tabTo(page, "Password");
      await page.keyboard.type(person.password);
      await page.keyboard.press("Enter");
      await heading(page, "Overview").waitFor();
      expect(new URL(page.url()).pathname).toBe("/ui/");
    });

    it("the first stop skips the navigation, and each page's main action is reached with the focus in sight", async () => {
      await page.goto("/ui/pool");
      await page.getByRole("grid").waitFor();
      await page.keyboard.press("Tab");
      const trail = await page.evaluate(() => (globalThis as unknown as { trail: string[] }).trail);
      expect({ ...(await focused(page)), trail }).toMatchObject({ name: "Skip to the content", seen: true });
      await page.keyboard.press("Enter");
      const stops = await tabTo(page, "Add keys");
      expect(stops.filter(({ seen }) => !seen)).toEqual([]);
    });

    it("a dialog holds the focus, closes by Escape, and gives the focus back", async () => {
      await page.keyboard.press("Enter");
      const adding = dialog(page, "Add keys");
      await adding.waitFor();
      const names = new Set<string>();
      for (let stop = 0; stop < 14; stop++) {
        await page.keyboard.press("Tab");
        const { name, seen } = await focusedInDialog(page);
        expect({ name, seen }).toEqual({ name, seen: true });
        names.add(name);
      }
      expect([...names]).toEqual(expect.arrayContaining(["Keys", "Preview", "Cancel", "Close"]));
      await page.keyboard.press("Escape");
      await adding.waitFor({ state: "detached" });
      await expectFocus(page, "Add keys");
    });

    it("the arrow keys go through the matrix, Enter opens a cell, Escape comes back to it", async () => {
      await tabTo(page, /^bad/);
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowRight");
      await expectFocus(page, /^tiny, gemini-3\.8-flash/);
      await page.keyboard.press("Enter");
      const drawer = dialog(page, "gemini-3.8-flash");
      await drawer.getByRole("button", { name: "Reset" }).waitFor();
      for (let stop = 0; stop < 8; stop++) {
        await page.keyboard.press("Tab");
        await focusedInDialog(page);
      }
      await page.keyboard.press("Escape");
      await drawer.waitFor({ state: "detached" });
      await expectFocus(page, /^tiny, gemini-3\.8-flash/);
      expect(await focused(page)).toMatchObject({ seen: true, inDialog: false });
    });

    it("menus, lists and panels open by Enter and close by Escape", async () => {
      await page.goto("/ui/calls");
      await page.getByText(/that is all of them/).waitFor();
      const closed: string[] = [];
      for (const [name, role] of [
        ["Last 24 hours", "dialog"],
        ["Status: All", "listbox"],
        ["Export", "menu"],
      ] as const) {
        await tabTo(page, name);
        await page.keyboard.press("Enter");
        await page.getByRole(role).waitFor();
        await page.keyboard.press("Escape");
        await page.getByRole(role).waitFor({ state: "detached" });
        await expectFocus(page, name);
        closed.push(role);
      }
      expect(closed).toEqual(["dialog", "listbox", "menu"]);
    });
  });
}

// --- helpers ---

interface Focused {
  name: string;
  /** A ring or another mark is drawn around it. */
  seen: boolean;
  inDialog: boolean;
}

/** What has the focus, by the name that is read out. */
function focused(page: Page): Promise<Focused> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement)) return { name: "", seen: false, inDialog: false };
    // A box or a switch may hide its own input and mark what stands for it.
    const marked = [element, ...element.querySelectorAll("*"), element.closest("label") ?? element];
    const seen = marked.some((one) => {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
      return (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
    });
    const labels =
      element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement ? element.labels : null;
    const name = element.getAttribute("aria-label") ?? labels?.[0]?.textContent ?? element.textContent ?? "";
    return { name: name.trim(), seen, inDialog: element.closest("[role=dialog]") !== null };
  });
}

/** Tab until something has the focus. @returns the stops on the way, with the last */
async function tabTo(page: Page, name: string | RegExp): Promise<Focused[]> {
  const stops: Focused[] = [];
  for (let stop = 0; stop < 60; stop++) {
    await page.keyboard.press("Tab");
    const here = await focused(page);
    stops.push(here);
    if (typeof name === "string" ? here.name === name : name.test(here.name)) return stops;
  }
  throw new Error(`Tab does not reach ${String(name)}; it reaches ${stops.map((one) => one.name).join(" | ")}`);
}

/** Beyond the last stop is one that only sends the focus back to the first. */
async function focusedInDialog(page: Page): Promise<Focused> {
  await expect.poll(async () => (await focused(page)).inDialog, { timeout: 5_000, interval: 10 }).toBe(true);
  return focused(page);
}

async function expectFocus(page: Page, name: string | RegExp): Promise<void> {
  await expect
    .poll(async () => (await focused(page)).name, { timeout: 5_000 })
    .toMatch(typeof name === "string" ? new RegExp(`^${name}$`) : name);
}
