/**
 * The pool: what rests and why, by Google's words; ending it; switching keys.
 * @module
 */
import type { Locator } from "playwright-core";
import { expect, it } from "vitest";
import { dialog, expectNoSecrets, goTo } from "./dashboard-actions.ts";
import { geminiKey, type DashboardWorld } from "./dashboard-world.ts";

const model = "gemini-3.8-flash";

/** @param world filled when the tests run */
export function describePool(world: DashboardWorld): void {
  const grid = (): Locator => world.page.getByRole("grid", { name: "Credentials by model" });
  const cell = (name: string, state: string): Locator =>
    grid().getByRole("gridcell", { name: new RegExp(`^${name}, ${model}: ${state}`) });
  const openKey = async (name: string): Promise<Locator> => {
    await grid()
      .getByRole("row", { name: new RegExp(`^(Choose )?${name}\\b`) })
      .getByRole("button", { name })
      .click();
    const drawer = dialog(world.page, name);
    await drawer.waitFor();
    return drawer;
  };
  const close = async (drawer: Locator): Promise<void> => {
    await world.page.keyboard.press("Escape");
    await drawer.waitFor({ state: "detached" });
  };

  it("a key at its day's limit rests until midnight in California, and its cell tells Google's words", async () => {
    const { page } = world;
    await goTo(page, "Pool");
    // The bad one cannot; the tiny one can serve other models.
    await page.getByText("4 of 5 credentials can serve now").waitFor();
    await cell("bad", "Disabled").waitFor();
    await cell("one", "Ready").waitFor();
    await cell("tiny", "Resting").click();
    const drawer = dialog(page, model);
    await drawer.getByText(/^Resting: /).waitFor();
    await drawer
      .getByText(/You exceeded your current quota/)
      .first()
      .waitFor();
    await drawer.getByText("quota.day").first().waitFor();
    const until = await drawer
      .locator("dt", { hasText: "Until" })
      .locator("xpath=following-sibling::dd[1]//time")
      .first()
      .getAttribute("datetime");
    expect(wallTime(new Date(until ?? ""))).toBe("00:00:00");
    // Google told the limit: one a day, and it is used up.
    await drawer.getByRole("row", { name: /RPD/ }).getByRole("meter", { name: "requests per day" }).waitFor();
    expect(new URL(page.url()).searchParams.get("model")).toBe(model);
    await expectNoSecrets(page, world.secrets);
  });

  it("reset ends the rest, and the cell changes with it", async () => {
    const { page, gateway } = world;
    const drawer = dialog(page, model);
    await drawer.getByRole("button", { name: "Reset" }).click();
    await page.getByText("tiny: cooldowns and automatic disables ended.").waitFor();
    await drawer.getByText(/^Resting: /).waitFor({ state: "detached" });
    await close(drawer);
    await cell("tiny", "Resting").waitFor({ state: "detached" });
    const { rows } = await gateway.read<{ rows: { name: string; state: string }[] }>("pool?search=tiny");
    expect(rows).toMatchObject([{ name: "tiny", state: "active" }]);
  });

  it("a key that is switched off is not used, and is used again when it is on", async () => {
    const { page, gateway, emulator } = world;
    const drawer = await openKey("three");
    await drawer.getByRole("button", { name: "Disable" }).click();
    await dialog(page, "Disable three?").getByRole("button", { name: "Disable" }).click();
    await drawer.getByRole("button", { name: "Enable" }).waitFor();
    await close(drawer);
    await cell("three", "Off").waitFor();
    const used = (): number => emulator.record().filter(({ key }) => key === geminiKey("three")).length;
    const before = used();
    for (let call = 0; call < 3; call++)
      expect(await gateway.call({ key: world.clientKey })).toMatchObject({ status: 200 });
    expect(used()).toBe(before);
    await openKey("three");
    await drawer.getByRole("button", { name: "Enable" }).click();
    await drawer.getByRole("button", { name: "Disable" }).waitFor();
    await close(drawer);
    await cell("three", "Ready").waitFor();
    for (let call = 0; call < 3; call++)
      expect(await gateway.call({ key: world.clientKey })).toMatchObject({ status: 200 });
    expect(used()).toBeGreaterThan(before);
  });

  it("a check asks Google without tokens and tells its words", async () => {
    const { page, emulator } = world;
    const drawer = await openKey("bad");
    await drawer.getByRole("button", { name: "Check key" }).click();
    await drawer.getByText("Google says that the key is not valid.").waitFor();
    expect(emulator.record().at(-1)).toMatchObject({ key: geminiKey("bad"), status: 400, usage: null });
    await close(drawer);
    await expectNoSecrets(page, world.secrets);
  });
}

// --- helpers ---

function wallTime(at: Date): string {
  return new Intl.DateTimeFormat("en-US", {
    timeZone: "America/Los_Angeles",
    timeStyle: "medium",
    hourCycle: "h23",
  }).format(at);
}
