import { afterEach, describe, expect, it } from "vitest";
import { disable, judged } from "../../pool/pool-fixture.ts";
import { parseSettings } from "../../settings/parse.ts";
import { sampleAttempt, sampleUsage } from "../../storage/contract-samples.ts";
import { callAt, createResourceWorld, geminiKey } from "../../testkit/admin-resources.ts";
import type { AdminWorld } from "../../testkit/admin-world.ts";
import { emptySums } from "../views/sums.ts";
import type { AttentionFacts } from "./attention-facts.ts";
import { judgeFacts } from "./attention-rules.ts";

const now = Date.UTC(2026, 10, 21, 12);

function factsOf(change: Partial<AttentionFacts> = {}): AttentionFacts {
  return {
    now,
    settings: parseSettings({}).settings,
    counts: { total: 2, usable: 2, cooling: 0, disabled: 0, off: 0, panic: false },
    credentials: [],
    quotas: [],
    ledger: { queued: 0, spilled: 0, lost: 0, failures: 0, lastError: null },
    lastHour: emptySums(),
    lastHourByRule: new Map(),
    unpriced: [],
    clients: [],
    hasPassword: true,
    ...change,
  };
}

const codesOf = (change: Partial<AttentionFacts>): string[] => judgeFacts(factsOf(change)).map(({ code }) => code);

describe("the rules", () => {
  it("say nothing when all is well", () => {
    expect(judgeFacts(factsOf())).toEqual([]);
  });

  it("tell each thing that is wrong, the most urgent first", () => {
    const { settings, counts, ledger } = factsOf();
    const one = { ...emptySums(), calls: 100, errors: 10 };
    const client = {
      id: "c",
      name: "app",
      digest: "",
      prefix: "gp-abcd",
      source: "stored" as const,
      enabled: true,
      expiresAt: now - 1,
      allowedModels: null,
      createdAt: 0,
      limits: { budgets: { day: 1 } },
    };
    const use = { clientId: "c", window: "day" as const, windowStart: 0, requests: 1, tokens: 1 };
    const quota = { projectId: "p", model: "m", metric: "requests", window: "day", value: 5, used: 5 } as const;
    const items = judgeFacts(
      factsOf({
        settings: { ...settings, openMode: true, insecureCookies: true, capture: "all" },
        counts: { ...counts, usable: 0, panic: true },
        quotas: [{ ...quota, source: "google", learnedAt: 0, roomAtMs: now + 5 }],
        ledger: ledger === null ? null : { ...ledger, lost: 2, spilled: 1, lastError: "disk full" },
        lastHour: one,
        lastHourByRule: new Map([
          ["ok", { ...one, errors: 0 }],
          ["server.5xx", { ...one, errors: 9 }],
          ["network", { ...one, errors: 1 }],
        ]),
        unpriced: ["new-model"],
        clients: [{ client, usage: [{ ...use, costNanoUsd: 950_000_000 }] }],
        hasPassword: false,
      }),
    );
    expect(items.map(({ severity, code }) => `${severity} ${code}`)).toEqual([
      "critical credentials.unusable",
      "critical pool.panic",
      "critical ledger.lost",
      "critical ledger.failing",
      "warning ledger.spilled",
      "warning calls.errors",
      "warning quotas.exhausted",
      "warning clients.budget",
      "warning settings.open-mode",
      "warning settings.insecure-cookies",
      "info clients.expired",
      "info prices.missing",
      "info operators.no-password",
      "info settings.capture",
    ]);
    const errors = items.find(({ code }) => code === "calls.errors");
    expect(errors).toMatchObject({
      title: "10 % of the last hour's calls failed",
      detail: "10 of 100. Most often: server.5xx.",
      link: `/ui/calls?rule=server.5xx&range=${now - 3_600_000}-${now}`,
    });
    for (const { link } of items) expect(link).toMatch(/^\/ui\//);
  });

  it("are exact at their borders", () => {
    expect(codesOf({ lastHour: { ...emptySums(), calls: 100, errors: 5 } })).toEqual([]);
    expect(codesOf({ lastHour: { ...emptySums(), calls: 100, errors: 6 } })).toEqual(["calls.errors"]);
    expect(codesOf({ lastHour: { ...emptySums(), calls: 19, errors: 19 } })).toEqual([]);
    expect(codesOf({ counts: { total: 0, usable: 0, cooling: 0, disabled: 0, off: 0, panic: false } })).toEqual([
      "credentials.none",
    ]);
    expect(codesOf({ ledger: null })).toEqual([]);
  });
});

describe("the route", () => {
  let world: AdminWorld;
  afterEach(() => world.close());
  const codes = async (): Promise<string[]> => {
    const { items } = (await world.request("GET", "/attention", { as: "viewer" })).body;
    return items.map(({ code }: { code: string }) => code);
  };

  it("sees a fresh gateway, keys that were disabled, and calls that have no price", async () => {
    world = await createResourceWorld();
    // The viewer that asks has a password.
    expect(await codes()).toEqual(["credentials.none"]);
    await world.request("POST", "/credentials/import", { body: { text: [geminiKey("a"), geminiKey("b")].join("\n") } });
    const [first] = world.state.pool.view(world.clock.now());
    judged(world.state.pool, first?.id ?? "", { now: world.clock.now(), effects: [disable({ reason: "leaked" })] });
    const names = { modelAsked: "unheard-of", modelServed: "unheard-of" };
    const cut = { usage: null, attempts: [sampleAttempt({ usage: null })] };
    await world.store.ledger.insert([
      callAt(now - 5, { ...names, usage: sampleUsage() }, null),
      // A cost that is unknown since no usage was told says nothing about prices.
      callAt(now - 4, { modelServed: "gemini-3.8-flash", ...cut }, null),
    ]);
    world.clock.advance(1_000);
    const { items } = (await world.request("GET", "/attention")).body;
    expect(items).toMatchObject([
      { code: "credentials.disabled", detail: "1 leaked", link: "/ui/pool?state=disabled" },
      { code: "prices.missing", detail: expect.stringContaining("unheard-of") },
    ]);
  });

  it("still tells when the ledger cannot be read", async () => {
    world = await createResourceWorld({ environment: { OPEN_MODE: "on", GEMINI_API_KEY: geminiKey("a") } });
    world.services.analytics = {
      ...world.services.analytics,
      sums: async () => {
        throw new Error("disk gone");
      },
    };
    expect(await codes()).toEqual(["settings.open-mode"]);
  });
});
