/**
 * How much a model shall think, by its generation.
 * @module
 */
import { describe, expect, it } from "vitest";
import type { Effort, ThinkingWish } from "../types.ts";
import { modelFacts } from "./facts.ts";
import { thinkingConfigFor, type ThinkingConfig } from "./thinking.ts";

function configFor(
  model: string,
  wish: Partial<ThinkingWish>,
  options: { maxOutputTokens?: number; includeThoughts?: boolean } = {},
): ThinkingConfig | null {
  return thinkingConfigFor(
    { effort: null, budget: null, level: null, includeThoughts: null, ...wish },
    {
      facts: modelFacts(model),
      maxOutputTokens: options.maxOutputTokens ?? null,
      includeThoughts: options.includeThoughts ?? false,
    },
  );
}

describe("thinking", () => {
  it.each<[Effort, number, number, number]>([
    ["none", 128, 0, 0],
    ["minimal", 1024, 1024, 1024],
    ["low", 1024, 1024, 1024],
    ["medium", 8192, 8192, 8192],
    ["high", 24_576, 24_576, 24_576],
    ["xhigh", 32_768, 24_576, 24_576],
    ["max", 32_768, 24_576, 24_576],
  ])("bug 40: effort %s is a budget before Gemini 3", (effort, pro, flash, lite) => {
    expect(configFor("gemini-2.5-pro", { effort })).toEqual({ thinkingBudget: pro });
    expect(configFor("gemini-2.5-flash", { effort })).toEqual({ thinkingBudget: flash });
    expect(configFor("gemini-2.5-flash-lite", { effort })).toEqual({ thinkingBudget: lite });
  });

  it.each<[Effort, string, string, string]>([
    ["none", "MINIMAL", "LOW", "LOW"],
    ["minimal", "MINIMAL", "LOW", "LOW"],
    ["low", "LOW", "LOW", "LOW"],
    ["medium", "MEDIUM", "MEDIUM", "MEDIUM"],
    ["high", "HIGH", "HIGH", "HIGH"],
    ["xhigh", "HIGH", "HIGH", "XHIGH"],
    ["max", "HIGH", "HIGH", "XHIGH"],
  ])("bug 40: effort %s is a level that the model has since", (effort, flash36, carbon, hydrogen) => {
    expect(configFor("gemini-3.6-flash", { effort })).toEqual({ thinkingLevel: flash36 });
    expect(configFor("gemini-4-carbon", { effort })).toEqual({ thinkingLevel: carbon });
    expect(configFor("gemini-4-hydrogen", { effort })).toEqual({ thinkingLevel: hydrogen });
  });

  it.each([
    [0, "LOW"],
    [1, "LOW"],
    [2_048, "LOW"],
    [2_049, "MEDIUM"],
    [12_000, "MEDIUM"],
    [12_001, "HIGH"],
    [100_000, "HIGH"],
  ])("a budget of %i is the level %s from Gemini 3 on", (budget, level) => {
    expect(configFor("gemini-4-argon", { budget })).toEqual({ thinkingLevel: level });
    expect(configFor("gemini-3.1-pro-preview", { budget })).toEqual({ thinkingLevel: level });
  });

  it("brings budgets into the range of the model before Gemini 3", () => {
    expect(configFor("gemini-2.5-pro", { budget: 0 })).toEqual({ thinkingBudget: 128 });
    expect(configFor("gemini-2.5-pro", { budget: 100_000 })).toEqual({ thinkingBudget: 32_768 });
    expect(configFor("gemini-2.5-flash", { budget: 0 })).toEqual({ thinkingBudget: 0 });
    expect(configFor("gemini-2.5-flash", { budget: 31_999 })).toEqual({ thinkingBudget: 24_576 });
    expect(configFor("gemini-2.5-flash-lite", { budget: 100 })).toEqual({ thinkingBudget: 512 });
    expect(configFor("gemini-2.5-pro", { budget: -1 })).toEqual({ thinkingBudget: -1 });
    expect(configFor("gemini-3.8-flash", { budget: -1 })).toBeNull();
  });

  it("passes Google's own level on, and never both", () => {
    expect(configFor("gemini-4-neon", { level: "XHIGH", budget: 5, effort: "low" })).toEqual({
      thinkingLevel: "XHIGH",
    });
    expect(configFor("gemini-2.5-pro", { level: "LOW", budget: 5_000 })).toEqual({ thinkingBudget: 1_024 });
  });

  it("says nothing to models that do not think, and nothing when nothing was asked", () => {
    for (const model of [
      "gemma-4-31b-it",
      "gemini-3-pro-image",
      "gemini-2.5-flash-preview-tts",
      "gemini-embedding-2",
    ]) {
      expect(configFor(model, { effort: "high" }, { includeThoughts: true })).toBeNull();
    }
    expect(configFor("gemini-4-carbon", {})).toBeNull();
    expect(configFor("gemini-2.5-pro", {})).toBeNull();
  });

  it("asks for thoughts unless nobody may see them, or nobody wants any", () => {
    const shown = { includeThoughts: true };
    expect(configFor("gemini-4-carbon", {}, shown)).toEqual({ includeThoughts: true });
    expect(configFor("gemini-4-carbon", { effort: "none" }, shown)).toEqual({ thinkingLevel: "LOW" });
    expect(configFor("gemini-4-carbon", { includeThoughts: false }, shown)).toBeNull();
    expect(configFor("gemini-4-carbon", { includeThoughts: true })).toBeNull();
    expect(configFor("gemini-2.5-flash", { budget: 0, includeThoughts: true }, shown)).toEqual({ thinkingBudget: 0 });
    // It does not think by default, and then has no thoughts to include.
    expect(configFor("gemini-2.5-flash-lite", {}, shown)).toBeNull();
    expect(configFor("gemini-2.5-flash-lite", { effort: "low" }, shown)).toEqual({
      thinkingBudget: 1_024,
      includeThoughts: true,
    });
  });

  it("lowers thinking for short answers when the client did not ask for any", () => {
    const short = { maxOutputTokens: 500 };
    expect(configFor("gemini-2.5-pro", {}, short)).toEqual({ thinkingBudget: 128 });
    expect(configFor("gemini-2.5-flash", {}, short)).toEqual({ thinkingBudget: 0 });
    expect(configFor("gemini-2.5-flash-lite", {}, short)).toBeNull();
    expect(configFor("gemini-3.6-flash", {}, short)).toEqual({ thinkingLevel: "MINIMAL" });
    expect(configFor("gemini-4-carbon", {}, short)).toEqual({ thinkingLevel: "LOW" });
    expect(configFor("gemini-4-carbon", { effort: "high" }, short)).toEqual({ thinkingLevel: "HIGH" });
    expect(configFor("gemini-4-carbon", {}, { maxOutputTokens: 1_024 })).toBeNull();
  });

  it("leaves room for the answer when an effort becomes a budget", () => {
    expect(configFor("gemini-2.5-pro", { effort: "high" }, { maxOutputTokens: 8_192 })).toEqual({
      thinkingBudget: 7_168,
    });
    expect(configFor("gemini-2.5-flash-lite", { effort: "high" }, { maxOutputTokens: 1_200 })).toEqual({
      thinkingBudget: 0,
    });
    expect(configFor("gemini-2.5-pro", { effort: "high" }, { maxOutputTokens: 100 })).toEqual({ thinkingBudget: 128 });
  });
});
