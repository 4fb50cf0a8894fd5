/**
 * What a person does in the dashboard, by roles and labels as they are read out.
 * @module
 */
import { readFile } from "node:fs/promises";
import { expect } from "vitest";
import type { Locator, Page } from "playwright-core";
import { visibleTexts } from "./browser.ts";

/** Pages of the navigation. */
export type PageName = "Overview" | "Pool" | "Clients" | "Calls" | "Playground" | "Connect" | "Settings";

/** Logs in with the admin token; the page of the log-in must be there. */
export async function logInWithToken(page: Page, token: string): Promise<void> {
  await page.getByRole("tab", { name: "Admin token" }).click();
  await page.getByLabel("Admin token", { exact: true }).and(page.locator("input")).fill(token);
  await page.getByRole("button", { name: "Log in" }).click();
}

/** Logs in with name and password. */
export async function logIn(page: Page, person: { name: string; password: string }): Promise<void> {
  await page.getByRole("tab", { name: "Name and password" }).click();
  await page.getByLabel("Name", { exact: true }).fill(person.name);
  await page.getByLabel("Password", { exact: true }).fill(person.password);
  await page.getByRole("button", { name: "Log in" }).click();
}

/** Logs out by the menu of the account. */
export async function logOut(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Logged in as/ }).click();
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByText("Log in to the dashboard").waitFor();
}

/** Follows a link of the navigation and waits for the page. */
export async function goTo(page: Page, name: PageName): Promise<void> {
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name, exact: true }).click();
  await heading(page, name).waitFor();
}

/** The title of a page. */
export function heading(page: Page, name: string): Locator {
  return page.getByRole("heading", { level: 1, name, exact: true });
}

/** Chooses out of a list. */
export async function choose(page: Page | Locator, label: string, option: string): Promise<void> {
  await page.getByRole("combobox", { name: label }).click();
  const owner = "page" in page ? page.page() : page;
  await owner.getByRole("option", { name: option }).click();
}

/** Chooses an entry of a menu. */
export async function chooseEntry(page: Page, menu: string, entry: string): Promise<void> {
  await page.getByRole("button", { name: menu, exact: true }).click();
  await page.getByRole("menuitem", { name: entry, exact: true }).click();
}

/** An open dialog or drawer. */
export function dialog(page: Page, name: string | RegExp): Locator {
  return page.getByRole("dialog", { name });
}

/** The exact figure of a Stat: of its tooltip, since what is seen is rounded. Null: an em dash. */
export async function figure(place: Page | Locator, label: string): Promise<string | null> {
  const box = place.locator("div", { has: place.locator(`xpath=./dt[normalize-space(.)='${label}']`) });
  const value = box.locator("dd").first().locator("[title]").first();
  return value.getAttribute("title");
}

/** `1,234 tokens` → 1234. */
export function toNumber(text: string | null | undefined): number {
  return Number((text ?? "").replace(/[^\d.]/g, "") || Number.NaN);
}

/** A file that the browser is given while something is done. */
export async function download(page: Page, action: () => Promise<void>): Promise<{ name: string; text: string }> {
  const [given] = await Promise.all([page.waitForEvent("download"), action()]);
  return { name: given.suggestedFilename(), text: await readFile(await given.path(), "utf8") };
}

/** Lines of a CSV as objects by the head. Cells may hold commas and quotes, not line ends. */
export function parseCsv(text: string): Record<string, string>[] {
  const [head = "", ...lines] = text.trimEnd().split("\r\n");
  const cells = (line: string): string[] =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
      quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'),
    );
  const names = cells(head);
  return lines.map((line) => Object.fromEntries(cells(line).map((cell, index) => [names[index] ?? "", cell])));
}

/** No secret is in anything of the page that somebody could read later. */
export async function expectNoSecrets(page: Page, secrets: readonly string[]): Promise<void> {
  const texts = await visibleTexts(page);
  // Not the texts themselves: a failure would print them.
  expect(secrets.filter((secret) => texts.includes(secret)).map((secret) => secret.slice(0, 4))).toEqual([]);
}
