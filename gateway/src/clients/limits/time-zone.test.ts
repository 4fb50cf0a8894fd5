import { expect, test } from "vitest";
import { createLimiter } from "./limiter.ts";
import type { ClientKey } from "../types.ts";

const hour = 3_600_000;
const noon = Date.UTC(2026, 10, 21, 12);
const estimate = { tokens: 10, costNanoUsd: 100 };
const client: ClientKey = {
  id: "client_1",
  name: "one",
  digest: "",
  prefix: "",
  source: "stored",
  enabled: true,
  expiresAt: null,
  allowedModels: null,
  createdAt: 0,
  limits: { requestsPerDay: 2, budgets: { month: 1 } },
};

test.each([
  ["Asia/Tokyo", 3 * hour, Date.UTC(2026, 9, 31, 15)],
  ["America/Los_Angeles", 20 * hour, Date.UTC(2026, 10, 1, 7)],
])("after a change to %s the day ends there, and nobody gets a limit twice", (zone, untilMidnight, monthStart) => {
  const limiter = createLimiter({ timeZone: "UTC" });
  limiter.keep([client]);
  for (let index = 0; index < 2; index++) expect(limiter.reserve(client, estimate, noon).ok).toBe(true);
  limiter.setTimeZone(zone);
  expect(limiter.reserve(client, estimate, noon)).toMatchObject({ ok: false, retryAfterMs: untilMidnight });
  expect(limiter.reserve(client, estimate, noon + untilMidnight).ok).toBe(true);
  const month = limiter.usage("client_1", noon + untilMidnight).find(({ window }) => window === "month");
  expect(month).toMatchObject({ requests: 3, windowStart: monthStart });
});

test("a call that was open over the change is settled, and its window is written", () => {
  const limiter = createLimiter({ timeZone: "UTC" });
  limiter.keep([client]);
  const reserved = limiter.reserve(client, estimate, noon);
  limiter.takeChangedUsage(noon);
  limiter.setTimeZone("Asia/Tokyo");
  expect(limiter.takeChangedUsage(noon).find(({ window }) => window === "day")?.windowStart).toBe(noon - 21 * hour);
  if (reserved.ok) limiter.settle(reserved.reservation, { tokens: 20, costNanoUsd: 50 }, noon + 1);
  expect(limiter.usage("client_1", noon)).toMatchObject(Array(4).fill({ requests: 1, tokens: 20, costNanoUsd: 50 }));
});

test("a zone that the platform does not know changes nothing", () => {
  const limiter = createLimiter({ timeZone: "UTC" });
  limiter.keep([client]);
  limiter.reserve(client, estimate, noon);
  limiter.reserve(client, estimate, noon);
  expect(() => limiter.setTimeZone("Mars/Olympus")).toThrow(RangeError);
  expect(limiter.reserve(client, estimate, noon)).toMatchObject({ retryAfterMs: 12 * hour });
});
