import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changedFields, emptyClientForm, readClientForm, toClientForm } from "./client-form.ts";
import type { ClientForm } from "./client-form.ts";
import { budgetRows, clientState, limitWords, searchClients } from "./client-view.ts";
import type { Client } from "./types.ts";

const client = (change: Partial<Client> = {}): Client => ({
  id: "cl1",
  name: "laptop",
  prefix: "gp-abcd",
  source: "stored",
  enabled: true,
  expiresAt: null,
  allowedModels: null,
  limits: null,
  ipRanges: null,
  aliases: null,
  resourceScope: "own",
  createdAt: 0,
  usage: [],
  ...change,
});
const read = (change: Partial<ClientForm>): ReturnType<typeof readClientForm> =>
  readClientForm({ ...emptyClientForm, name: "n", ...change }, "UTC");

describe("the client form", () => {
  it("means no limits at all when only a name is typed", () => {
    expect(read({})).toMatchObject({
      ok: true,
      values: { allowedModels: null, limits: null, ipRanges: null, aliases: null, expiresAt: null },
    });
  });

  it("reads limits, budgets, lists and aliases", () => {
    expect(
      read({
        requestsPerMinute: "60",
        tokensPerMinute: "250_000",
        budgetMonth: "12.50",
        models: "gemini-3.8-flash\n gemini-4-neon ",
        ipRanges: "10.0.0.0/8, 2001:db8::1",
        aliases: "fast = gemini-3.8-flash",
      }),
    ).toMatchObject({
      values: {
        allowedModels: ["gemini-3.8-flash", "gemini-4-neon"],
        ipRanges: ["10.0.0.0/8", "2001:db8::1"],
        aliases: { fast: "gemini-3.8-flash" },
        limits: { requestsPerMinute: 60, requestsPerDay: null, tokensPerMinute: 250_000, budgets: { month: 12.5 } },
      },
    });
  });

  it("names the field that is wrong", () => {
    for (const [field, value] of [
      ["name", "  "],
      ["requestsPerMinute", "1.5"],
      ["concurrency", "-1"],
      ["budgetDay", "free"],
      ["budgetTotal", "0"],
      ["ipRanges", "everyone"],
      ["aliases", "fast"],
      ["expiresAt", "tomorrow"],
    ] as const)
      expect(read({ [field]: value })).toMatchObject({ ok: false, field });
  });

  it("a client goes through the form and back without a change", () => {
    const positive = fc.option(fc.integer({ min: 1, max: 1e9 }), { nil: null });
    const dollars = fc.option(
      fc.integer({ min: 1, max: 1e6 }).map((cents) => cents / 100),
      { nil: null },
    );
    const word = fc.stringMatching(/^[a-z][a-z0-9.-]{0,15}$/);
    fc.assert(
      fc.property(
        fc.record({
          limits: fc.option(
            fc.record({
              requestsPerMinute: positive,
              requestsPerDay: positive,
              tokensPerMinute: positive,
              concurrency: positive,
              budgets: fc.option(fc.record({ day: dollars, week: dollars, month: dollars, total: dollars }), {
                nil: null,
              }),
            }),
            { nil: null },
          ),
          allowedModels: fc.option(fc.array(word, { minLength: 1, maxLength: 4 }), { nil: null }),
          aliases: fc.option(fc.dictionary(word, word, { minKeys: 1, maxKeys: 3 }), { nil: null }),
          expiresAt: fc.option(
            fc.integer({ min: 1, max: 3_600_000_000 }).map((seconds) => seconds * 1000),
            { nil: null },
          ),
        }),
        (fields) => {
          const whole = client(fields);
          const again = readClientForm(toClientForm(whole, "Europe/Berlin"), "Europe/Berlin");
          expect(again.ok && changedFields(whole, again.values)).toEqual({});
        },
      ),
    );
  });

  it("sends only the fields that differ", () => {
    const values = readClientForm({ ...toClientForm(client(), "UTC"), name: "phone", requestsPerDay: "20" }, "UTC");
    expect(values.ok && changedFields(client(), values.values)).toEqual({
      name: "phone",
      limits: {
        requestsPerMinute: null,
        requestsPerDay: 20,
        tokensPerMinute: null,
        concurrency: null,
        budgets: null,
      },
    });
  });

  it("reads and writes the end in the zone of the page, and leaves one alone that was not touched", () => {
    const whole = client({ expiresAt: Date.UTC(2026, 11, 31, 23, 59, 30) });
    expect(toClientForm(whole, "Asia/Tokyo").expiresAt).toBe("2027-01-01T08:59");
    const values = readClientForm(toClientForm(whole, "Asia/Tokyo"), "Asia/Tokyo");
    expect(values.ok && changedFields(whole, values.values)).toEqual({});
    const other = readClientForm({ ...toClientForm(whole, "UTC"), expiresAt: "" }, "UTC");
    expect(other.ok && changedFields(whole, other.values)).toEqual({ expiresAt: null });
  });
});

describe("a client in the list", () => {
  const budgets = { requestsPerMinute: 60, budgets: { day: 1, week: null, month: 10, total: null } };
  const usage = (costUsd: number): Client["usage"] => [
    { window: "day", windowStart: 0, requests: 1, tokens: 1, costUsd },
  ];

  it("is off, expired, over its budget or active, in this order", () => {
    expect(clientState(client({ enabled: false, expiresAt: 1 }), 5).state).toBe("off");
    expect(clientState(client({ expiresAt: 5 }), 5).state).toBe("expired");
    expect(clientState(client({ limits: budgets, usage: usage(1) }), 5).state).toBe("over-budget");
    expect(clientState(client({ limits: budgets, usage: usage(0.99) }), 5).state).toBe("active");
  });

  it("shows the budgets it has with what is used of them", () => {
    expect(budgetRows(client({ limits: budgets, usage: usage(0.5) }))).toEqual([
      { window: "day", usedUsd: 0.5, limitUsd: 1 },
      { window: "month", usedUsd: 0, limitUsd: 10 },
    ]);
  });

  it("tells its limits in short words", () => {
    expect(limitWords(client({ limits: { requestsPerMinute: 60, tokensPerMinute: 250_000 } }))).toEqual([
      "60 req/min",
      "250k tok/min",
    ]);
  });

  it("is found by name, prefix or model", () => {
    const all = [client(), client({ id: "x", name: "other", allowedModels: ["gemini-4-neon"] })];
    expect(searchClients(all, "NEON").map((found) => found.id)).toEqual(["x"]);
    expect(searchClients(all, "gp-ab")).toHaveLength(2);
    expect(searchClients(all, "")).toHaveLength(2);
  });
});
