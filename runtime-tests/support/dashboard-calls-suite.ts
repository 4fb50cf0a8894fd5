/**
 * Calls: made in the playground, found in the list, pushed by the live tail, exported.
 * @module
 */
import { expect, it } from "vitest";
import {
  choose,
  chooseEntry,
  dialog,
  download,
  expectNoSecrets,
  goTo,
  heading,
  parseCsv,
} from "./dashboard-actions.ts";
import { bookOf, ledgerOf } from "./dashboard-books.ts";
import { geminiKey, type DashboardWorld } from "./dashboard-world.ts";

const words = ["The quick brown fox ", "jumps over ", "the lazy dog."];
/** What the emulator says of a key that is none. */
const invalidWords = /API key not valid/;

/** @param world filled when the tests run */
export function describeCalls(world: DashboardWorld): void {
  it("the playground shows a stream while it comes, and then the attempts that it took", async () => {
    const { page, emulator } = world;
    emulator.script({
      chunks: words.map((text, index) => ({ parts: [{ text }], ...(index === 2 ? { delayMs: 700 } : {}) })),
    });
    await goTo(page, "Playground");
    await choose(page, "Call as", "laptop");
    await page.getByLabel("Turn 1", { exact: true }).fill("What does the fox do?");
    await page.getByRole("button", { name: "Send" }).click();
    const answer = page.getByRole("region", { name: "Answer" });
    await answer.getByText(words.slice(0, 2).join("").trim()).waitFor();
    // The rest is not there yet: the text was shown while it came.
    expect(await answer.getByText(words.join("")).count()).toBe(0);
    await answer.getByText(words.join("")).waitFor();
    await answer.getByRole("status").first().getByText("done").waitFor();
    const outcome = page.getByRole("region", { name: "What the gateway did" });
    await outcome.getByRole("img", { name: /^Attempt 2, HTTP 200, rule ok/ }).waitFor();
    await outcome.getByRole("img", { name: /^Attempt 1, HTTP 400, rule key\.invalid/ }).waitFor();
    await outcome.getByText(invalidWords).waitFor();
    await expectNoSecrets(page, world.secrets);
  });

  it("its link leads to the call's record, with rule and Google's words of each attempt", async () => {
    const { page } = world;
    await page.getByRole("link", { name: "Whole record" }).click();
    await heading(page, "Call").waitFor();
    expect(new URL(page.url()).pathname).toMatch(/^\/ui\/calls\/\w+$/);
    await page.getByRole("heading", { name: "Attempts (2)" }).waitFor();
    await page.getByRole("img", { name: /^Attempt 1: 400/ }).waitFor();
    await page.getByRole("img", { name: /^Attempt 2: 200/ }).waitFor();
    await page.getByText("key.invalid", { exact: true }).waitFor();
    await page.getByText(invalidWords).waitFor();
    await page.getByRole("link", { name: "bad", exact: true }).waitFor();
    await expectNoSecrets(page, world.secrets);
  });

  it("filters live in the address and survive a reload", async () => {
    const { page } = world;
    await goTo(page, "Calls");
    await page.getByLabel("Model").first().fill("gemini-3.8-flash");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "More filters" }).click();
    await choose(dialog(page, "More filters"), "Retried", "More than once");
    await page.keyboard.press("Escape");
    await page.getByText("1 call, that is all of them").waitFor();
    const address = new URL(page.url());
    expect(Object.fromEntries(address.searchParams)).toMatchObject({ model: "gemini-3.8-flash", retried: "true" });
    await page.reload();
    await page.getByText("1 call, that is all of them").waitFor();
    expect(page.url()).toBe(address.href);
    await page.getByRole("button", { name: "Remove filter retried yes" }).waitFor();
    await page.getByRole("region", { name: "Calls", exact: true }).getByRole("row").nth(1).getByRole("link").click();
    const drawer = dialog(page, "Call");
    await drawer.getByRole("img", { name: /^Attempt 1: 400/ }).waitFor();
    await page.keyboard.press("Escape");
    await drawer.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Remove filter retried yes" }).click();
    await page.getByRole("button", { name: "Remove filter model gemini-3.8-flash" }).click();
    expect(new URL(page.url()).searchParams.has("model")).toBe(false);
  });

  it("the live tail shows calls as they end, without a reload", async () => {
    const { page, gateway, emulator } = world;
    await page.getByRole("switch", { name: "Live" }).click();
    await page.getByText("live", { exact: true }).waitFor();
    await page.getByText("1 of at most 500 calls").waitFor();
    await page.evaluate(() => Object.assign(globalThis, { sameDocument: true }));
    // The tiny key has used up its day with the call before.
    const { id, status } = await gateway.call({ key: world.clientKey, text: "Tail me" });
    expect(status).toBe(200);
    expect(
      emulator
        .record()
        .filter((one) => one.key === geminiKey("tiny"))
        .at(-1),
    ).toMatchObject({ status: 429 });
    await page.getByText("2 of at most 500 calls").waitFor();
    await page.getByRole("region", { name: "Calls", exact: true }).locator(`a[href*="${id}"]`).waitFor();
    expect(await page.evaluate(() => "sameDocument" in globalThis)).toBe(true);
  });

  it("a CSV export holds the ledger's rows, and their tokens are those that Google counted", async () => {
    const { page } = world;
    await goTo(page, "Calls");
    const { name, text } = await download(page, () => chooseEntry(page, "Export", "CSV"));
    expect(name).toMatch(/^calls-[\d-]+\.csv$/);
    const rows = parseCsv(text);
    const ledger = await ledgerOf(world);
    expect(rows.map((row) => [row["id"], row["status"], row["attempts"], row["total_tokens"], row["client"]])).toEqual(
      ledger.map((call) => [
        call.id,
        String(call.status),
        String(call.attempts.length),
        String(call.usage?.totalTokens ?? ""),
        "laptop",
      ]),
    );
    const tokens = rows.reduce((sum, row) => sum + Number(row["total_tokens"]), 0);
    expect(tokens).toBe(bookOf(world.emulator).tokens);
  });
}
