/**
 * The storage contract's part on quotas of projects and uses of clients.
 * @module
 */
import type { ClientUsage } from "../clients/types.ts";
import type { QuotaLimit, QuotaUsage } from "../pool/types.ts";
import { assertEqual, assertRejects, type ContractCase } from "./contract-assert.ts";

const day = 1_763_020_800_000;
const dayMs = 86_400_000;
const limit: QuotaLimit = {
  projectId: "project-1",
  model: "gemini-3.8-flash",
  metric: "requests",
  window: "minute",
  value: 10,
  source: "google",
  learnedAt: day + 5,
};
const use: QuotaUsage = {
  projectId: "project-1",
  model: "gemini-3.8-flash",
  metric: "requests",
  windowStart: day,
  used: 7,
};
const spent: ClientUsage = {
  clientId: "client_1",
  window: "day",
  windowStart: day,
  requests: 12,
  tokens: 34_567,
  costNanoUsd: 1_234_567_890_123,
};

/** Promises of `store.quotas` and `store.clientUsage`. */
export const usageContract: ContractCase[] = [
  {
    name: "limits are kept by project, model, metric and window: the last word counts, and removed ones are gone",
    async run({ quotas }) {
      assertEqual(await quotas.list(), { limits: [], usage: [] }, "at first");
      const perDay = { ...limit, window: "day", value: 0, source: "configured" } as const;
      const tokens = { ...limit, metric: "tokens", value: 250_000 } as const;
      const later = { ...limit, value: 15, learnedAt: day + 9 };
      await quotas.write([
        { kind: "quota-limit", value: limit, removed: false },
        { kind: "quota-limit", value: perDay, removed: false },
        { kind: "quota-limit", value: tokens, removed: false },
        { kind: "quota-limit", value: later, removed: false },
      ]);
      assertEqual(sorted((await quotas.list()).limits), sorted([later, perDay, tokens]), "three");
      await quotas.write([
        { kind: "quota-limit", value: perDay, removed: true },
        { kind: "quota-limit", value: tokens, removed: true },
        { kind: "quota-limit", value: { ...tokens, value: 1 }, removed: false },
      ]);
      await quotas.write([]);
      assertEqual(sorted((await quotas.list()).limits), sorted([later, { ...tokens, value: 1 }]), "what is left");
    },
  },
  {
    name: "the use of a new day takes the place of the old one's, which ends for all projects a week later",
    async run({ quotas }) {
      const other = { ...use, projectId: "project-2", metric: "tokens", used: 9_000_000_000 } as const;
      await quotas.write([
        { kind: "quota-usage", value: use, removed: false },
        { kind: "quota-usage", value: other, removed: false },
      ]);
      assertEqual(sorted((await quotas.list()).usage), sorted([use, other]), "two");
      const today = { ...use, windowStart: day + dayMs, used: 1 };
      await quotas.write([{ kind: "quota-usage", value: today, removed: false }]);
      assertEqual(sorted((await quotas.list()).usage), sorted([today, other]), "one day of each");
      const later = { ...use, windowStart: day + 8 * dayMs };
      await quotas.write([{ kind: "quota-usage", value: later, removed: false }]);
      assertEqual((await quotas.list()).usage, [later], "a week is over");
      await quotas.write([{ kind: "quota-usage", value: { ...later, used: 0 }, removed: true }]);
      assertEqual((await quotas.list()).usage, [], "removed");
    },
  },
  {
    name: "uses written while the clock was ahead neither delete today's nor stand in their way",
    async run({ quotas }) {
      const other = { ...use, projectId: "project-2" };
      const ahead = { ...use, windowStart: day + 2 * dayMs, used: 1 };
      await quotas.write([{ kind: "quota-usage", value: other, removed: false }]);
      await quotas.write([{ kind: "quota-usage", value: ahead, removed: false }]);
      assertEqual(sorted((await quotas.list()).usage), sorted([ahead, other]), "today's is kept");
      await quotas.write([{ kind: "quota-usage", value: use, removed: false }]);
      assertEqual(sorted((await quotas.list()).usage), sorted([use, other]), "today's again");
    },
  },
  {
    name: "quota changes are written all or none",
    async run({ quotas }) {
      const broken = { ...use, used: null as unknown as number };
      await assertRejects(
        quotas.write([
          { kind: "quota-limit", value: limit, removed: false },
          { kind: "quota-usage", value: broken, removed: false },
        ]),
        "a row that the table refuses",
      );
      assertEqual(await quotas.list(), { limits: [], usage: [] }, "nothing");
    },
  },
  {
    name: "a client's use is kept by kind of window, the newest window of each",
    async run({ clientUsage, clients }) {
      assertEqual(await clientUsage.list(), [], "at first");
      const total = { ...spent, window: "total", windowStart: 0, costNanoUsd: 9_000_000_000_000_000 } as const;
      const other = { ...spent, clientId: "client_2", requests: 0 };
      await clientUsage.write([spent, total, other]);
      assertEqual(sorted(await clientUsage.list()), sorted([spent, total, other]), "three");
      const today = { ...spent, windowStart: day + dayMs, requests: 1 };
      await clientUsage.write([today]);
      await clientUsage.write([{ ...spent, requests: 99 }]);
      await clientUsage.write([{ ...total, tokens: 40_000 }]);
      await clientUsage.write([]);
      assertEqual(
        sorted(await clientUsage.list()),
        sorted([today, { ...total, tokens: 40_000 }, other]),
        "the newest day, and more in all",
      );
      await clients.add({
        id: other.clientId,
        name: "x",
        digest: "d",
        prefix: "gp-abcd",
        source: "stored",
        enabled: true,
        expiresAt: null,
        allowedModels: null,
        createdAt: 0,
      });
      await clients.remove(other.clientId);
      assertEqual((await clientUsage.list()).length, 2, "goes with its client");
    },
  },
];

function sorted(values: readonly object[]): string[] {
  return values.map((value) => JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))).sort();
}
