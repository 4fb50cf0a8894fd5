import { expect, test } from "vitest";
import type { ClientKey, ClientUsage } from "../../clients/types.ts";
import { toBar, toUsageViews } from "./usage-views.ts";

const client: ClientKey = {
  id: "client_one",
  name: "one",
  digest: "",
  prefix: "",
  source: "stored",
  enabled: true,
  expiresAt: null,
  allowedModels: null,
  createdAt: 0,
  limits: { requestsPerDay: 10, budgets: { month: 5 } },
};

test("bars show what is begun and what is not yet full", () => {
  expect([null, 0, 0.001, 0.5, 0.75, 0.999, 1, 3].map(toBar)).toEqual([
    null,
    "░░░░░░░░░░ 0 %",
    "█░░░░░░░░░ 0 %",
    "█████░░░░░ 50 %",
    "████████░░ 75 %",
    "█████████░ 99 %",
    "██████████ 100 %",
    "██████████ 300 %",
  ]);
});

test("only windows that last now in the time zone count", () => {
  // In Ho Chi Minh City it is the 22nd already, a Sunday.
  const now = Date.UTC(2026, 10, 21, 18);
  const today = Date.UTC(2026, 10, 21, 17);
  const used = (window: ClientUsage["window"], windowStart: number): ClientUsage => ({
    clientId: "client_one",
    window,
    windowStart,
    requests: 4,
    tokens: 7,
    costNanoUsd: 2_500_000_000,
  });
  const kept = [used("day", today), used("week", today), used("month", Date.UTC(2026, 9, 31, 17)), used("total", 0)];
  const views = toUsageViews({ client, kept, timeZone: "Asia/Ho_Chi_Minh", now });
  expect(views.map(({ window, requests, costUsd }) => [window, requests, costUsd])).toEqual([
    ["day", 4, 2.5],
    ["week", 0, 0],
    ["month", 4, 2.5],
    ["total", 4, 2.5],
  ]);
  expect(views[0]).toMatchObject({ start: today, end: today + 86_400_000, requestLimit: 10, budgetUsd: null });
  expect(views[2]).toMatchObject({ requestLimit: null, budgetUsd: 5 });
  expect(views[3]).toMatchObject({ start: 0, end: null });
  expect(toUsageViews({ client: { ...client, id: "client_two" }, kept, timeZone: "UTC", now })[3]?.requests).toBe(0);
  expect(toUsageViews({ client: { ...client, limits: null }, kept, timeZone: "UTC", now })).toEqual([]);
});
