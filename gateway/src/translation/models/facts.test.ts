/**
 * What is known of models by their names.
 * @module
 */
import { describe, expect, it } from "vitest";
import { modelFacts, type ModelFacts } from "./facts.ts";

describe("facts of models", () => {
  it.each<[string, Partial<ModelFacts>]>([
    ["gemini-2.5-pro", { generation: 2.5, kind: "text", takesSampling: true, takesPrefill: true, mixesTools: false }],
    ["models/gemini-2.5-flash", { generation: 2.5, enforcesSignatures: false, takesMediaInResults: false }],
    ["gemini-2.5-flash-image", { kind: "image", thinking: { kind: "none" }, takesFunctions: false }],
    ["gemini-3-pro-image", { kind: "image", enforcesSignatures: false, enforcesMediaSignatures: true }],
    ["gemini-nano-banana-2.1", { generation: 3, kind: "image", thinking: { kind: "none" } }],
    ["gemini-3.5-flash", { takesSampling: true, temperatureOneIsUnset: true, enforcesSignatures: true }],
    ["gemini-3.6-flash", { takesSampling: false, takesPrefill: true, takesCandidates: true }],
    ["gemini-3.7-flash", { takesSampling: false, takesPrefill: false, takesCandidates: false, mixesTools: true }],
    ["gemini-4-carbon", { generation: 4, takesJsonWithTools: true, takesMediaInResults: true }],
    ["gemini-3.8-flash-tts", { kind: "speech", takesSystemInstruction: false, thinking: { kind: "none" } }],
    ["gemini-embedding-2", { kind: "embedding", takesFunctions: false }],
    ["gemma-4-31b-it", { generation: 0, kind: "gemma", takesSystemInstruction: false, takesFunctions: true }],
    ["gemma-3-27b-it", { takesFunctions: false, takesJson: false, takesValidatedMode: false }],
  ])("%s", (model, expected) => {
    expect(modelFacts(model)).toMatchObject(expected);
  });

  it.each([
    ["gemini-4-argon", ["LOW", "MEDIUM", "HIGH"]],
    ["gemini-4-carbon", ["LOW", "MEDIUM", "HIGH"]],
    ["gemini-4-hydrogen", ["LOW", "MEDIUM", "HIGH", "XHIGH"]],
    ["gemini-4-neon", ["LOW", "MEDIUM", "HIGH", "XHIGH"]],
    ["gemini-3.8-flash", ["LOW", "MEDIUM", "HIGH"]],
    ["gemini-3.7-flash", ["LOW", "MEDIUM", "HIGH"]],
    ["gemini-flash-latest", ["LOW", "MEDIUM", "HIGH"]],
    ["gemini-3.6-flash", ["MINIMAL", "LOW", "MEDIUM", "HIGH"]],
    ["gemini-3.5-flash-lite", ["MINIMAL", "LOW", "MEDIUM", "HIGH"]],
    ["gemini-flash-lite-latest", ["MINIMAL", "LOW", "MEDIUM", "HIGH"]],
    ["gemini-3-flash-preview", ["MINIMAL", "LOW", "MEDIUM", "HIGH"]],
    ["gemini-3.1-pro-preview", ["LOW", "MEDIUM", "HIGH"]],
  ])("%s thinks in the levels %j", (model, levels) => {
    expect(modelFacts(model).thinking).toEqual({ kind: "levels", levels });
  });

  it("takes unknown names for the newest generation", () => {
    for (const model of ["gemini-omni-2", "something", "gemini-5-helium", ""]) {
      expect(modelFacts(model)).toMatchObject({ kind: "text", takesPrefill: false, takesSampling: false });
      expect(modelFacts(model).enforcesSignatures).toBe(true);
    }
  });

  it("never takes a name that moves on for an old model that goes on with its own words", () => {
    expect(modelFacts("gemini-pro-latest")).toMatchObject({ generation: 3.1, takesPrefill: false });
    expect(modelFacts("gemini-3.1-pro-preview").takesPrefill).toBe(true);
  });
});
