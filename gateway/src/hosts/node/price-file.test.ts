import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createPrices } from "../../ledger/prices.ts";
import { priceFile, readPriceFile } from "./price-file.ts";

describe("prices.json in the data directory", () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "prices-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is not needed", () => {
    expect(readPriceFile(folder)).toEqual([]);
  });

  it("outranks the table", () => {
    writeFileSync(join(folder, priceFile), '[{"models":["gemini-3.8-flash"],"input":2,"output":10}]');
    const usage = {
      promptTokens: 1_000_000,
      cachedTokens: 0,
      outputTokens: 100_000,
      thoughtsTokens: 0,
      toolUseTokens: 0,
      totalTokens: 1_100_000,
      modalities: null,
      serviceTier: null,
    };
    const question = { usage, models: ["gemini-3.8-flash"], at: Date.UTC(2026, 10, 21) };
    expect(createPrices(readPriceFile(folder)).priceUsage(question)).toBe(3_000_000_000);
    expect(createPrices().priceUsage(question)).toBe(1_125_000_000);
  });

  it("stops the start with file, row and field when it is wrong", () => {
    writeFileSync(join(folder, priceFile), '[{"models":["x"],"input":"two","output":1}]');
    expect(() => readPriceFile(folder)).toThrow(/prices\.json: .*row 1: .*input/);
  });
});
