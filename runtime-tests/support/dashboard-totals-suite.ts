/**
 * The figures of the first day: each page against the ledger and against what the emulator counted.
 * @module
 */
import { expect, it } from "vitest";
import { dialog, figure, goTo, heading, toNumber } from "./dashboard-actions.ts";
import { bookOf, ledgerOf } from "./dashboard-books.ts";
import { geminiKey, keyNames, type DashboardWorld } from "./dashboard-world.ts";
import { wallClock, zones } from "./dashboard-zones.ts";

/** @param world filled when the tests run */
export function describeTotals(world: DashboardWorld): void {
  it.each(zones)("Overview and Calls tell the ledger's figures and Google's, exactly, in %s", async (zone) => {
    const { page, emulator } = world;
    const google = bookOf(emulator);
    const ledger = await ledgerOf(world);
    const cost = ledger.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0);
    expect(ledger.reduce((sum, { usage }) => sum + (usage?.totalTokens ?? 0), 0)).toBe(google.tokens);
    await page.goto(`/ui/?range=24h&zone=${zone}`);
    await heading(page, "Overview").waitFor();
    await page.getByRole("region", { name: "Usage by model" }).waitFor();
    expect(toNumber(await figure(page, "Calls"))).toBe(google.answered);
    expect(toNumber(await figure(page, "Tokens"))).toBe(google.tokens);
    expect(toNumber(await figure(page, "Cost"))).toBeCloseTo(cost, 9);
    await page.getByText(`${google.attempts} attempts`, { exact: true }).waitFor();
    const total = page.getByRole("row", { name: /^Total/ }).locator("[title]");
    expect(toNumber(await total.first().getAttribute("title"))).toBe(google.answered);
    await page.goto(`/ui/calls?range=24h&zone=${zone}`);
    await page.getByText(`${google.answered} calls, that is all of them`).waitFor();
  });

  it("times follow the zone that is chosen; without a choice they are the browser's", async () => {
    const { page } = world;
    const [newest] = await ledgerOf(world);
    await page.goto("/ui/calls");
    const first = page.locator(`a[href*="${newest?.id}"]`);
    expect(await first.innerText()).toContain(wallClock(newest?.startedAt ?? 0, "UTC"));
    await page.getByRole("button", { name: "UTC", exact: true }).click();
    await page.getByRole("textbox", { name: "Time zone" }).fill("ho chi");
    await page.getByRole("button", { name: /^Asia\/Ho Chi Minh/ }).click();
    await page.getByRole("button", { name: "Ho Chi Minh", exact: true }).waitFor();
    expect(await first.innerText()).toContain(wallClock(newest?.startedAt ?? 0, "Asia/Ho_Chi_Minh"));
    expect(new URL(page.url()).searchParams.get("zone")).toBe("Asia/Ho_Chi_Minh");
    await page.evaluate(() => localStorage.clear());
  });

  it("a client's figures are those of its calls", async () => {
    const { page, emulator } = world;
    const google = bookOf(emulator);
    await goTo(page, "Clients");
    await page.getByRole("button", { name: /^laptop/ }).click();
    const drawer = dialog(page, "laptop");
    const line = drawer.getByRole("listitem").filter({ hasText: "gemini-3.8-flash" }).filter({ hasText: "tok" });
    await line.waitFor();
    // All calls of the day were its own, of one model.
    expect(toNumber(await line.locator("[title]:not([title=calls])").first().getAttribute("title"))).toBe(
      google.answered,
    );
    expect(toNumber(await line.locator("[title$=tokens]").getAttribute("title"))).toBe(google.tokens);
  });

  it("a key's attempts are those that Google saw of it", async () => {
    const { page, emulator } = world;
    for (const name of keyNames) {
      await page.goto("/ui/pool");
      await page
        .getByRole("grid")
        .getByRole("button", { name: new RegExp(`^${name}\\b`) })
        .click();
      const facts = dialog(page, name).locator("dt", { hasText: "Attempts since start" });
      const told = await facts.locator("xpath=following-sibling::dd[1]").innerText();
      expect([name, toNumber(told)]).toEqual([name, bookOf(emulator, geminiKey(name)).attempts]);
      await page.keyboard.press("Escape");
    }
  });
}
