/**
 * The first steps: log-in, password, keys, a client.
 * @module
 */
import { expect, it } from "vitest";
import { dialog, expectNoSecrets, figure, goTo, heading, logIn, logInWithToken, logOut } from "./dashboard-actions.ts";
import { geminiKey, keyNames, person, type DashboardWorld } from "./dashboard-world.ts";

/** @param world filled when the tests run */
export function describeFirstSteps(world: DashboardWorld): void {
  it("the address of the gateway shows the log-in, and the printed token opens it", async () => {
    const { page, gateway } = world;
    expect(gateway.adminToken).toMatch(/^gpa-/);
    await page.goto("/");
    await page.getByText("Log in to the dashboard").waitFor();
    expect(new URL(page.url()).pathname).toBe("/ui/login");
    await logInWithToken(page, gateway.adminToken ?? "");
    const offer = dialog(page, "Set a password");
    await offer.getByRole("button", { name: "Skip for now" }).click();
    await heading(page, "Overview").waitFor();
    await expectNoSecrets(page, world.secrets);
  });

  it("a password can be set at the next log-in with the token, and opens the dashboard from then on", async () => {
    const { page, gateway, window } = world;
    await logOut(page);
    await logInWithToken(page, gateway.adminToken ?? "");
    const offer = dialog(page, "Set a password");
    await offer.getByLabel("Name", { exact: true }).fill(person.name);
    await offer.getByLabel("Password", { exact: true }).fill("too short");
    await offer.getByText("At least 12 characters are needed.").waitFor();
    await offer.getByLabel("Password", { exact: true }).fill(person.password);
    await offer.getByLabel("Password again").fill(person.password);
    await offer.getByRole("button", { name: "Set password" }).click();
    await heading(page, "Overview").waitFor();
    await logOut(page);
    window.expect({ status: 401, path: /^\/admin\/api\/v1\/session$/ });
    await logIn(page, { name: person.name, password: "some other password" });
    await page.getByRole("alert").waitFor();
    await logIn(page, person);
    await heading(page, "Overview").waitFor();
    await page.getByRole("button", { name: `Logged in as ${person.name}: account and theme` }).waitFor();
    await expectNoSecrets(page, world.secrets);
    expect(await gateway.read("operators")).toMatchObject({ operators: [{ name: person.name, role: "admin" }] });
  });

  it("an empty overview shows the first steps and zeros, not faults", async () => {
    const { page } = world;
    const steps = page.getByRole("region", { name: "First steps" });
    await steps.waitFor();
    // The first start has made a client key.
    expect(await steps.getByRole("listitem").allTextContents()).toEqual([
      expect.stringContaining("Add Gemini keys"),
      expect.stringContaining("Make a client key (done)"),
      expect.stringContaining("Make the first call"),
    ]);
    expect(await figure(page, "Calls")).toBe("0");
  });

  it("pasted keys are previewed before anything changes: new ones, a twin, a refused one", async () => {
    const { page, gateway } = world;
    await page.getByRole("region", { name: "First steps" }).getByRole("link", { name: "Add keys" }).click();
    const adding = dialog(page, "Add keys");
    await adding.getByLabel("Keys", { exact: true }).fill(pasted());
    await adding.getByRole("button", { name: "Preview" }).click();
    const preview = adding.getByRole("region", { name: "Preview" });
    await preview.getByText("5 would be added, 1 already there, 1 refused").waitFor();
    await preview.getByText("is an OAuth access token, not an API key").waitFor();
    await preview.getByText(/is the same key as line 4/).waitFor();
    expect(await gateway.read("credentials")).toMatchObject({ total: 0 });
    await adding.getByRole("button", { name: "Add 5" }).click();
    await preview.getByText("5 added, 1 already there, 1 refused").waitFor();
    await adding.getByRole("button", { name: "Close", exact: true }).last().click();
    const grid = page.getByRole("grid", { name: "Credentials by model" });
    for (const name of keyNames) await grid.getByRole("button", { name, exact: false }).first().waitFor();
    expect(await gateway.read("credentials")).toMatchObject({ total: 5 });
    await expectNoSecrets(page, world.secrets);
  });

  it("a client's key is shown once, and never after a reload", async () => {
    const { page } = world;
    await goTo(page, "Clients");
    await page.getByRole("button", { name: "New client key" }).click();
    await dialog(page, "New client key").getByLabel("Name").fill("laptop");
    await dialog(page, "New client key").getByRole("button", { name: "Make key" }).click();
    const made = dialog(page, "Key of laptop");
    await made.getByRole("button", { name: "Show" }).click();
    world.clientKey = (await made.locator("code").filter({ hasText: /^gp-/ }).first().innerText()).trim();
    expect(world.clientKey).toMatch(/^gp-[\w-]{30,}$/);
    world.secrets.push(world.clientKey);
    await made.getByRole("button", { name: "I have copied it" }).click();
    await page.getByRole("row", { name: /laptop/ }).waitFor();
    await expectNoSecrets(page, world.secrets);
    await page.reload();
    await page.getByRole("row", { name: /laptop/ }).waitFor();
    await expectNoSecrets(page, world.secrets);
  });
}

// --- helpers ---

/** Lower tiers serve first: the bad key, then the tiny one, then the others. */
function pasted(): string {
  const tiers: Partial<Record<string, number>> = { bad: 0, tiny: 1 };
  return [
    "name,api_key,tier",
    ...keyNames.map((name) => `${name},${geminiKey(name)},${tiers[name] ?? 2}`),
    `twin,${geminiKey("one")},0`,
    "person,ya29.token-of-a-person,0",
  ].join("\n");
}
