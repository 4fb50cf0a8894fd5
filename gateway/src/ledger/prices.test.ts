import { describe, expect, it } from "vitest";
import type { CallRecord } from "../core/records.ts";
import type { Usage } from "../core/usage.ts";
import { priceTable } from "./price-table.ts";
import { parsePriceRows } from "./price-overrides.ts";
import { createPrices, priceCall } from "./prices.ts";

const prices = createPrices();
const november = Date.parse("2026-11-20T12:00:00Z");

function usage(change: Partial<Usage>): Usage {
  return {
    promptTokens: 0,
    cachedTokens: 0,
    outputTokens: 0,
    thoughtsTokens: 0,
    toolUseTokens: 0,
    totalTokens: 0,
    modalities: null,
    serviceTier: null,
    ...change,
  };
}

function price(model: string, change: Partial<Usage>, at: number = november): number | null {
  return prices.priceUsage({ usage: usage(change), models: [model], at });
}

describe("priceUsage, against figures worked out by hand", () => {
  it("bills input without its cached part, cached input, output and thinking", () => {
    // 12013 in, of which 11243 cached: 770 x $0.75 + 11243 x $0.075 + (15 + 73) x $3.75, per million
    // = 577.5 + 843.225 + 330 = 1750.725 micro-dollars
    const tokens = {
      promptTokens: 12_013,
      cachedTokens: 11_243,
      outputTokens: 15,
      thoughtsTokens: 73,
      totalTokens: 12_101,
    };
    expect(price("gemini-3.8-flash", tokens)).toBe(1_750_725);
  });

  it("bills results of tools as input", () => {
    // (1000 + 500) x $3 + 100 x $15 = 4500 + 1500 micro-dollars
    expect(price("gemini-4-neon", { promptTokens: 1_000, toolUseTokens: 500, outputTokens: 100 })).toBe(6_000_000);
  });

  it("takes the price of the day: Argon doubles at midnight Pacific on 2026-12-01", () => {
    const tokens = { promptTokens: 1_000_000, outputTokens: 1_000_000 };
    expect(price("gemini-4-argon", tokens, Date.parse("2026-12-01T07:59:59.999Z"))).toBe(12_000_000_000);
    expect(price("gemini-4-argon", tokens, Date.parse("2026-12-01T08:00:00Z"))).toBe(24_000_000_000);
    expect(price("gemini-4-carbon", { promptTokens: 10, cachedTokens: 10 }, Date.parse("2026-12-02T00:00:00Z"))).toBe(
      2_000,
    );
  });

  it("takes the price of the day: 3.6 to 3.8 Flash and its speech double on 2027-01-01", () => {
    const before = Date.parse("2027-01-01T07:59:59Z");
    const after = Date.parse("2027-01-01T08:00:00Z");
    for (const model of ["gemini-3.6-flash", "gemini-3.7-flash", "gemini-3.8-flash"]) {
      expect(price(model, { promptTokens: 1_000, outputTokens: 1_000 }, before)).toBe(4_500_000);
      expect(price(model, { promptTokens: 1_000, outputTokens: 1_000 }, after)).toBe(9_000_000);
    }
    expect(price("gemini-3.8-flash-tts", { promptTokens: 100, outputTokens: 250 }, before)).toBe(2_300_000);
    expect(price("gemini-3.8-flash-tts", { promptTokens: 100, outputTokens: 250 }, after)).toBe(4_600_000);
  });

  it("takes the long-prompt price for the whole request above 200,000 tokens", () => {
    // at the border: 200000 x $1.25 + 10 x $10
    expect(price("gemini-2.5-pro", { promptTokens: 200_000, outputTokens: 10 })).toBe(250_100_000);
    // above: 200001 x $2.50 + 10 x $15
    expect(price("gemini-2.5-pro", { promptTokens: 200_001, outputTokens: 10 })).toBe(500_152_500);
    // 100001 x $4 + 150000 x $0.40
    expect(price("gemini-3.1-pro-preview", { promptTokens: 250_001, cachedTokens: 150_000 })).toBe(460_004_000);
  });

  it("bills audio input and cached audio at their own prices", () => {
    // 2.5 Flash: 1000 audio of which 400 cached, 200 text: 600 x $1.00 + 200 x $0.30 + 400 x $0.10 = 700
    const modalities = { prompt: { AUDIO: 1_000, TEXT: 200 }, cached: { AUDIO: 400 } };
    expect(price("gemini-2.5-flash", { promptTokens: 1_200, cachedTokens: 400, modalities })).toBe(700_000);
  });

  it("bills an image at the image price and the words beside it at the text price", () => {
    // 2.5 Flash Image: 7 x $0.30 + 1290 x $30 + 20 x $2.50 = 2.1 + 38700 + 50
    const modalities = { prompt: { TEXT: 7 }, output: { IMAGE: 1_290, TEXT: 20 } };
    expect(price("gemini-2.5-flash-image", { promptTokens: 7, outputTokens: 1_310, modalities })).toBe(38_752_100);
  });

  it("does not guess whether an answer of an image model was an image", () => {
    expect(price("gemini-2.5-flash-image", { promptTokens: 7, outputTokens: 1_310 })).toBeNull();
  });

  it("bills documents as images where images have their own price", () => {
    expect(price("gemini-embedding-2", { promptTokens: 100, modalities: { prompt: { DOCUMENT: 100 } } })).toBe(45_000);
  });

  it("halves flex and batch, raises priority, and keeps cached input of older models at its price in flex", () => {
    const tokens = { promptTokens: 1_000, cachedTokens: 500, outputTokens: 100 };
    // 3.8 Flash: 500 x 0.75 + 500 x 0.075 + 100 x 3.75 = 375 + 37.5 + 375 = 787.5
    expect(price("gemini-3.8-flash", { ...tokens, serviceTier: "standard" })).toBe(787_500);
    expect(price("gemini-3.8-flash", { ...tokens, serviceTier: "flex" })).toBe(393_750);
    expect(price("gemini-3.8-flash", { ...tokens, serviceTier: "batch" })).toBe(393_750);
    expect(price("gemini-3.8-flash", { ...tokens, serviceTier: "priority" })).toBe(1_417_500);
    // 2.5 Flash: (500 x 0.30 + 100 x 2.50) / 2 + 500 x 0.03 = 200 + 15
    expect(price("gemini-2.5-flash", { ...tokens, serviceTier: "flex" })).toBe(215_000);
    expect(price("gemini-3.8-flash", { ...tokens, serviceTier: "imaginary" })).toBeNull();
  });

  it("prices versions of a model as the model, and other models of a longer name not at all", () => {
    const tokens = { promptTokens: 1_000 };
    for (const name of ["gemini-2.5-flash-001", "gemini-2.5-flash-preview-09-2025", "models/gemini-2.5-flash-latest"]) {
      expect(price(name, tokens)).toBe(300_000);
    }
    expect(price("gemini-2.5-flash-lite", tokens)).toBe(100_000);
    expect(price("gemini-3.1-pro-preview-customtools", tokens)).toBe(2_000_000);
    expect(price("gemini-2.5-computer-use-preview-10-2025", tokens)).toBe(1_250_000);
    expect(price("gemini-3.8-flash-hologram", tokens)).toBeNull();
    expect(price("constructor", tokens)).toBeNull();
  });

  it("gives null for a model without a price, and 0 for one that is free", () => {
    expect(price("gemini-9-xenon", { promptTokens: 10 })).toBeNull();
    expect(price("gemma-4-27b-it", { promptTokens: 10, outputTokens: 10 })).toBe(0);
    expect(price("gemini-3-pro-image", { promptTokens: 10, cachedTokens: 5 })).toBeNull();
  });

  it("prices by the model that served, and by the one asked for when that is not known", () => {
    const question = { usage: usage({ promptTokens: 1_000 }), at: november };
    expect(prices.priceUsage({ ...question, models: ["gemini-3.6-flash", "gemini-3.5-flash"] })).toBe(750_000);
    expect(prices.priceUsage({ ...question, models: [null, "gemini-3.5-flash"] })).toBe(1_500_000);
    expect(prices.priceUsage({ ...question, models: ["unheard-of", "gemini-3.5-flash"] })).toBe(1_500_000);
    expect(prices.priceUsage({ ...question, models: [null, null] })).toBeNull();
  });

  it("knows each model of the table at its own price", () => {
    for (const row of priceTable) {
      for (const model of row.models) {
        const at = row.from === undefined ? 0 : Date.parse(row.from) + 86_400_000;
        expect(price(model.replace("*", "-x"), { promptTokens: 1_000 }, at), model).toBe(
          Math.round(row.input * 1_000_000),
        );
      }
    }
  });
});

describe("overrides", () => {
  const answer = { promptTokens: 1_000, outputTokens: 100 };

  it("take the place of a row with the same model and date, and leave other dates alone", () => {
    const changed = createPrices(parsePriceRows(`[{"models":["gemini-4-argon"],"input":1,"output":1}]`));
    const ask = (at: string): number | null =>
      changed.priceUsage({ usage: usage(answer), models: ["gemini-4-argon"], at: Date.parse(at) });
    expect(ask("2026-11-20")).toBe(1_100_000);
    expect(ask("2026-12-20")).toBe(6_000_000);
  });

  it("add models and dates", () => {
    const changed = createPrices(
      parsePriceRows(`[
        {"models":["acme-*"],"input":2,"output":4,"cached":null,"long":{"above":10,"input":3,"output":6}},
        {"models":["gemini-4-argon"],"from":"2027-03-01T00:00:00Z","input":1,"output":0,"inputBy":{"AUDIO":5}}
      ]`),
    );
    const ask = (model: string, at: string): number | null =>
      changed.priceUsage({ usage: usage(answer), models: [model], at: Date.parse(at) });
    expect(ask("acme-large", "2026-11-20")).toBe(3_600_000);
    expect(ask("gemini-4-argon", "2027-02-28")).toBe(6_000_000);
    expect(ask("gemini-4-argon", "2027-03-02")).toBe(1_000_000);
  });

  it("are refused with the row and the field of every mistake", () => {
    expect(() => parsePriceRows("[{")).toThrow(/not valid JSON/);
    expect(() => parsePriceRows("{}")).toThrow(/must be a JSON list/);
    const wrong = `[{"models":["a"],"input":1,"output":1},
      {"models":[],"input":"1","output":-1,"cache":0,"from":"soon","inputBy":{"SMELL":1,"AUDIO":null},"long":{"input":1,"output":1}},7]`;
    expect(() => parsePriceRows(wrong)).toThrow(
      "Price rows are not usable: row 2: 'cache' is not known here (known: models, from, input, output, cached, inputBy, outputBy, " +
        "cachedBy, long, cachedStaysInFlex); row 2: 'models' must be a list of at least one model name; " +
        "row 2: 'from' must be a date such as 2026-12-01; " +
        "row 2: 'input' must be a number of at least 0 (US dollars per 1,000,000 tokens); " +
        "row 2: 'output' must be a number of at least 0 (US dollars per 1,000,000 tokens); " +
        "row 2: 'inputBy.SMELL' is not known here (known: TEXT, IMAGE, AUDIO, VIDEO, DOCUMENT); " +
        "row 2: 'inputBy.AUDIO' must be a number of at least 0 (US dollars per 1,000,000 tokens); " +
        "row 2: 'long.above' must be a number of tokens; row 3: must be an object",
    );
  });
});

describe("priceCall", () => {
  const attempt = {
    credentialId: "cred_1",
    projectId: "p",
    offsetMicros: 0,
    durationMicros: 1,
    firstByteMicros: null,
    rule: "ok",
    fault: "none",
    words: null,
    finishReason: null,
    modelServed: null,
  } as const;
  const record = {
    startedAt: november,
    modelAsked: "gemini-3.5-flash",
    outcome: "ok",
    operation: "generate",
  } as CallRecord;

  it("adds up what every attempt was billed, retried ones too, and takes errors for free", () => {
    const priced = priceCall(prices, {
      ...record,
      attempts: [
        { ...attempt, number: 1, status: 429, usage: null },
        { ...attempt, number: 2, status: 200, usage: usage({ promptTokens: 1_000 }) },
        { ...attempt, number: 3, status: 200, modelServed: "gemini-3.6-flash", usage: usage({ promptTokens: 1_000 }) },
      ],
    });
    expect(priced.attemptCosts).toEqual([0, 1_500_000, 750_000]);
    expect(priced.costNanoUsd).toBe(2_250_000);
  });

  it("costs nothing beyond the licence when an account served, and what a key was billed before that", () => {
    const told = {
      ...attempt,
      status: 200,
      modelServed: "gemini-4-neon",
      usage: usage({ promptTokens: 1_000_000, totalTokens: 1_000_000 }),
    };
    const priced = priceCall(prices, {
      ...record,
      backend: "code-assist",
      attempts: [
        { ...told, number: 1, credentialId: "key" },
        { ...told, number: 2, credentialId: "account" },
      ],
    });
    expect(priced.attemptCosts).toEqual([3_000_000_000, 0]);
    expect(priced.costNanoUsd).toBe(3_000_000_000);
  });

  it("leaves the cost unknown when an attempt may have been billed without telling", () => {
    const lost = { ...attempt, number: 1, status: null, usage: null };
    const good = { ...attempt, number: 2, status: 200, usage: usage({ promptTokens: 1_000 }) };
    expect(priceCall(prices, { ...record, attempts: [lost, good] })).toMatchObject({
      costNanoUsd: null,
      attemptCosts: [null, 1_500_000],
    });
    expect(priceCall(prices, { ...record, outcome: "interrupted", attempts: [] }).costNanoUsd).toBeNull();
  });

  it("costs nothing when nothing was tried, and for operations that are free", () => {
    expect(priceCall(prices, { ...record, outcome: "refused", attempts: [] }).costNanoUsd).toBe(0);
    const counted = { ...attempt, number: 1, status: 200, usage: null };
    expect(priceCall(prices, { ...record, operation: "count-tokens", attempts: [counted] }).costNanoUsd).toBe(0);
    expect(priceCall(prices, { ...record, attempts: [counted] }).costNanoUsd).toBeNull();
  });
});
