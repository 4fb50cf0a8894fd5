/**
 * A gateway with a past and a large pool: figures over nights in which clocks are changed, and ten thousand credentials.
 * @module
 */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PricedCall } from "../../gateway/src/storage/types.ts";
import { openWindow, type BrowserWindow } from "./browser.ts";
import {
  chooseEntry,
  dialog,
  download,
  figure,
  heading,
  logInWithToken,
  parseCsv,
  toNumber,
} from "./dashboard-actions.ts";
import type { DashboardGateway } from "./dashboard-gateway.ts";
import { changeNights, seededCalls, type ChangeNight } from "./dashboard-seed.ts";
import { seededCredentials, seededToken, type DashboardWorld } from "./dashboard-world.ts";
import { scrollThrough, tableRows } from "./dashboard-scroll.ts";
import { localDay, wallClock, zones } from "./dashboard-zones.ts";

const quarterMs = 900_000;

/** @param world of which the browser and the other gateway are used */
export function describeSeeded(world: DashboardWorld): void {
  describe("a gateway with a past", () => {
    let gateway: DashboardGateway;
    let window: BrowserWindow;
    let page: Page;

    beforeAll(async () => {
      gateway = await world.seeded;
      window = await openWindow(world.browser, { url: gateway.url });
      ({ page } = window);
      await page.goto("/ui/");
      await logInWithToken(page, seededToken);
      await dialog(page, "Set a password").getByRole("button", { name: "Skip for now" }).click();
      await heading(page, "Overview").waitFor();
    }, 180_000);
    afterAll(async () => {
      expect(window.problems()).toEqual([]);
      await window.close();
    });

    const days = changeNights.flatMap((night) => zones.map((zone) => ({ ...night, night, zone })));
    it.each(days)("$name: the day's figures are the ledger's in $zone, by quarters of its own clock", async (day) => {
      const { night, zone } = day;
      const { fromMs, toMs } = localDay(night.date, zone);
      const expected = sumsOf(callsOf(night, { fromMs, toMs }));
      expect(expected.calls).toBeGreaterThan(20);
      await page.goto(`/ui/?range=${fromMs}-${toMs}&zone=${zone}&by=client`);
      await page.getByRole("region", { name: "Usage by client" }).waitFor();
      expect(toNumber(await figure(page, "Calls"))).toBe(expected.calls);
      expect(toNumber(await figure(page, "Tokens"))).toBe(expected.tokens);
      expect(toNumber(await figure(page, "Cost"))).toBeCloseTo(expected.nanoUsd / 1e9, 9);
      await page.getByText(`${expected.attempts} attempts`, { exact: true }).waitFor();
      await page.getByText(`${expected.failed} failed, ${expected.refused} refused, 0 cancelled`).waitFor();
      for (const [name, clientId] of [
        ["laptop", "client_1"],
        ["ci", "client_2"],
        ["Total", null],
      ] as const) {
        const sums = sumsOf(callsOf(night, { fromMs, toMs }, clientId));
        const row = page.getByRole("row", { name: new RegExp(`^${name} `) });
        const calls = toNumber(await row.locator("[title]").first().getAttribute("title"));
        const tokens = toNumber(await row.locator("[title$=tokens]").getAttribute("title"));
        expect([name, calls, tokens]).toEqual([name, sums.calls, sums.tokens]);
      }
      await page.getByRole("button", { name: "Show Calls as table" }).click();
      const rows = await tableRows(page, "Calls, table");
      const starts = Array.from({ length: (toMs - fromMs) / quarterMs }, (_, index) => fromMs + index * quarterMs);
      expect(rows.map(([time]) => /\d\d:\d\d:\d\d/.exec(time ?? "")?.[0])).toEqual(
        starts.map((at) => wallClock(at, zone)),
      );
      expect(rows.map(([, ...counts]) => counts.reduce((sum, count) => sum + Number(count), 0))).toEqual(
        starts.map((at) => callsOf(night, { fromMs: at, toMs: at + quarterMs }).length),
      );
      await page.goto(`/ui/calls?range=${fromMs}-${toMs}&zone=${zone}`);
      await page.getByText(`${expected.calls} calls, that is all of them`).waitFor();
    });

    it("an export tells times by the chosen zone, also where an hour comes twice", async () => {
      const [night] = changeNights;
      const zone = "America/Los_Angeles";
      const { fromMs, toMs } = localDay(night?.date ?? [2026, 11, 1], zone);
      await page.goto(`/ui/calls?range=${fromMs}-${toMs}&zone=${zone}`);
      await page.getByText(/that is all of them/).waitFor();
      const { text } = await download(page, () => chooseEntry(page, "Export", "CSV"));
      const expected = callsOf(night, { fromMs, toMs }).toReversed();
      const rows = parseCsv(text);
      expect(rows.map((row) => row["id"])).toEqual(expected.map(({ record }) => record.id));
      expect(rows.map((row) => Date.parse(row["started_at"] ?? ""))).toEqual(
        expected.map(({ record }) => record.startedAt),
      );
      const offsets = new Set(rows.map((row) => row["started_at"]?.slice(-6)));
      expect(offsets).toEqual(new Set(["-07:00", "-08:00"]));
    });

    it("ten thousand credentials scroll in few rows, and the last one is reached", async () => {
      await page.goto("/ui/pool");
      await page.getByText("9,800 of 10,000 credentials can serve now").waitFor();
      const grid = page.getByRole("grid", { name: "Credentials by model" });
      expect(await grid.getAttribute("aria-rowcount")).toBe(String(seededCredentials + 1));
      const scrolled = await scrollThrough(page, grid);
      expect(scrolled.mostRows).toBeLessThan(200);
      const last = grid.locator(`[role=row][aria-rowindex="${seededCredentials + 1}"]`);
      await last.getByRole("button", { name: /^seeded-\d{5}/ }).waitFor();
      expect(scrolled.named).toBeGreaterThan(0);
      console.log(
        `10,000 credentials: ${scrolled.steps} steps in ${Math.round(scrolled.tookMs)} ms, at most ${scrolled.mostRows} rows; ` +
          `${scrolled.longTasks.length} tasks above 50 ms, the longest ${Math.round(Math.max(0, ...scrolled.longTasks))} ms`,
      );
    });

    it("a search finds one of ten thousand", async () => {
      await page.getByLabel("Search").fill("seeded-07777");
      await page.getByText("1 shown").waitFor();
      await page
        .getByRole("grid")
        .getByRole("button", { name: /^seeded-07777/ })
        .waitFor();
      expect(new URL(page.url()).searchParams.get("search")).toBe("seeded-07777");
    });
  });
}

// --- helpers ---

interface Sums {
  calls: number;
  attempts: number;
  failed: number;
  refused: number;
  tokens: number;
  nanoUsd: number;
}

function callsOf(
  night: ChangeNight | undefined,
  { fromMs, toMs }: { fromMs: number; toMs: number },
  clientId: string | null = null,
): PricedCall[] {
  if (night === undefined) return [];
  return seededCalls(night).filter(
    ({ record }) =>
      record.startedAt >= fromMs && record.startedAt < toMs && (clientId === null || record.clientId === clientId),
  );
}

function sumsOf(calls: readonly PricedCall[]): Sums {
  const sum = (value: (call: PricedCall) => number): number => calls.reduce((all, call) => all + value(call), 0);
  return {
    calls: calls.length,
    attempts: sum(({ record }) => record.attempts.length),
    failed: sum(({ record }) => Number(record.outcome === "error")),
    refused: sum(({ record }) => Number(record.outcome === "refused")),
    tokens: sum(({ record }) => record.usage?.totalTokens ?? 0),
    nanoUsd: sum(({ costNanoUsd }) => costNanoUsd ?? 0),
  };
}
