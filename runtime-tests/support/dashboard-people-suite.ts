/**
 * Settings that hold at once, the audit log, an operator who may only look, and the end of a session.
 * @module
 */
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { openWindow } from "./browser.ts";
import { choose, dialog, expectNoSecrets, goTo, heading, logIn, logOut } from "./dashboard-actions.ts";
import { viewer, type DashboardWorld } from "./dashboard-world.ts";

/** What changes something, on any page. */
const dangerous =
  /^(Add|Add keys|Add operator|New client key|New token|Disable|Enable|Reset|Check key|Remove|Revoke|Make key|Save changes|Review and save|Export|Save)$/;

/** @param world filled when the tests run */
export function describePeople(world: DashboardWorld): void {
  it("a setting that is stored holds for the next call", async () => {
    const { page, gateway, emulator } = world;
    await goTo(page, "Settings");
    await page.getByLabel("Search settings").fill("MODEL_ALIASES");
    await page.getByRole("textbox", { name: "MODEL_ALIASES" }).fill('{"quick": "gemini-3.8-flash"}');
    await page.getByRole("button", { name: "Review and save" }).click();
    const review = dialog(page, "Save these changes?");
    await review.getByText("at once").waitFor();
    await review.getByRole("button", { name: "Save 1" }).click();
    await page.getByText("1 saved.").waitFor();
    expect(await gateway.call({ key: world.clientKey, model: "quick" })).toMatchObject({ status: 200 });
    expect(emulator.record().at(-1)).toMatchObject({ model: "gemini-3.8-flash", status: 200 });
  });

  it("an operator is added who may only look", async () => {
    const { page, gateway } = world;
    await page.getByRole("tab", { name: "Operators" }).click();
    await page.getByRole("button", { name: "Add operator" }).click();
    const adding = dialog(page, "Add operator");
    await adding.getByLabel("Name").fill(viewer.name);
    await choose(adding, "Role", "Viewer");
    await adding.getByLabel("Password").fill(viewer.password);
    await adding.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("row", { name: new RegExp(`^${viewer.name} viewer`) }).waitFor();
    await expectNoSecrets(page, world.secrets);
    expect(await gateway.read("operators")).toMatchObject({
      operators: expect.arrayContaining([expect.objectContaining({ name: viewer.name, role: "viewer" })]) as unknown,
    });
  });

  it("the audit log lists what was done, without any secret", async () => {
    const { page, gateway } = world;
    await page.getByRole("tab", { name: "Audit log" }).click();
    const table = page.getByRole("region", { name: "Audit log" });
    await table.getByRole("row").nth(1).waitFor();
    const text = await table.innerText();
    const actions =
      "session.create session.password credentials.import clients.create clients.playground credentials.reset " +
      "credentials.change credentials.check settings.change operators.create";
    expect(actions.split(" ").filter((action) => !text.includes(action))).toEqual([]);
    const change = table.getByRole("row", { name: /settings\.change/ });
    await change.getByRole("button", { name: "Detail" }).click();
    await dialog(page, "settings.change")
      .getByText(/MODEL_ALIASES/)
      .waitFor();
    await page.keyboard.press("Escape");
    await expectNoSecrets(page, world.secrets);
    const all = JSON.stringify(await gateway.read("audit?limit=500"));
    expect(world.secrets.filter((secret) => all.includes(secret)).length).toBe(0);
  });

  it("whoever may only look sees no button that changes something, and the gateway refuses it", async () => {
    const window = await openWindow(world.browser, { url: world.gateway.url });
    const { page } = window;
    try {
      await page.goto("/ui/");
      await logIn(page, viewer);
      await heading(page, "Overview").waitFor();
      for (const name of ["Pool", "Clients", "Playground", "Connect", "Settings"] as const) {
        await goTo(page, name);
        await page.locator("main .skeleton").first().waitFor({ state: "detached" });
        await expectNoDanger(page, name);
      }
      expect(await page.getByRole("tab").allInnerTexts()).toEqual(["General", "Prices", "Health and about"]);
      await page.goto("/ui/pool");
      await page
        .getByRole("grid")
        .getByRole("button", { name: /^one\b/ })
        .click();
      await dialog(page, "one").getByText("Read only: viewers cannot change credentials").waitFor();
      await expectNoDanger(page, "the drawer of a key");
      window.expect({ status: 403, path: /^\/admin\/api\/v1\/(credentials\/import|operators|audit)$/ });
      const refusals = await page.evaluate(async () => {
        const session = (await (await fetch("/admin/api/v1/session")).json()) as { csrfToken: string };
        const headers = { "content-type": "application/json", "x-csrf-token": session.csrfToken };
        const body = JSON.stringify({ text: "AIzaSyAKeyOfNobody00000000000000000000", dryRun: false });
        const answers = [
          await fetch("/admin/api/v1/credentials/import", { method: "POST", headers, body }),
          await fetch("/admin/api/v1/operators"),
          await fetch("/admin/api/v1/audit"),
        ];
        return Promise.all(
          answers.map(async (answer) => [
            answer.status,
            ((await answer.json()) as { error: { code: string } }).error.code,
          ]),
        );
      });
      expect(refusals).toEqual(Array(3).fill([403, "role_insufficient"]));
      await expectNoSecrets(page, world.secrets);
      expect(window.problems()).toEqual([]);
    } finally {
      await window.close();
    }
  });

  it("logging out ends the session: neither the back button nor the old cookie shows anything", async () => {
    const { page, gateway, window } = world;
    await goTo(page, "Calls");
    await page.getByText(/that is all of them/).waitFor();
    const cookies = await window.context.cookies();
    expect(cookies).toMatchObject([{ httpOnly: true, secure: true, sameSite: "Strict" }]);
    await logOut(page);
    await page.goBack();
    await page.getByText("Log in to the dashboard").waitFor();
    await page.goto("/ui/pool");
    await page.getByText("Log in to the dashboard").waitFor();
    expect(await page.getByText("gemini-3.8-flash").count()).toBe(0);
    expect(await page.getByText("laptop").count()).toBe(0);
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
    expect((await fetch(`${gateway.url}/admin/api/v1/calls`, { headers: { cookie } })).status).toBe(401);
    await expectNoSecrets(page, [...world.secrets, ...cookies.map(({ value }) => value)]);
  });

  it("nothing went wrong in the browser all day, and no secret was in an address or in the log", () => {
    const { window, gateway, secrets } = world;
    expect(window.problems()).toEqual([]);
    const addresses = window.addresses().join("\n");
    expect(addresses).toContain("/ui/assets/");
    expect(secrets.filter((secret) => addresses.includes(secret)).length).toBe(0);
    // What the first start prints once stands there by design.
    const log = gateway.output();
    const told = [gateway.adminToken, gateway.clientKey];
    expect(secrets.filter((secret) => !told.includes(secret) && log.includes(secret)).length).toBe(0);
  });
}

// --- helpers ---

async function expectNoDanger(page: Page, place: string): Promise<void> {
  const names = await page
    .getByRole("button")
    .evaluateAll((buttons) =>
      buttons.map((button) => (button.getAttribute("aria-label") ?? button.textContent ?? "").trim()),
    );
  expect(names.length).toBeGreaterThan(0);
  expect({ place, dangerous: names.filter((name) => dangerous.test(name)) }).toEqual({ place, dangerous: [] });
}
