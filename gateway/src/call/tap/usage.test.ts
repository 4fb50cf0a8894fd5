import { describe, expect, it } from "vitest";
import { parseUsage } from "./usage.ts";

describe("usage", () => {
  it("of generateContent keeps cached in the prompt and thoughts out of the output", () => {
    const wire = {
      promptTokenCount: 12013,
      cachedContentTokenCount: 11243,
      candidatesTokenCount: 15,
      thoughtsTokenCount: 73,
      toolUsePromptTokenCount: 4,
      totalTokenCount: 12105,
      promptTokensDetails: [
        { modality: "TEXT", tokenCount: 12000 },
        { modality: "IMAGE", tokenCount: 13 },
      ],
      cacheTokensDetails: [{ modality: "TEXT", tokenCount: 11243 }],
      candidatesTokensDetails: [{ modality: "TEXT", tokenCount: 15 }],
      serviceTier: "flex",
      trafficType: "ON_DEMAND",
    };
    expect(parseUsage(JSON.stringify(wire), "gemini")).toEqual({
      promptTokens: 12013,
      cachedTokens: 11243,
      outputTokens: 15,
      thoughtsTokens: 73,
      toolUseTokens: 4,
      totalTokens: 12105,
      modalities: { prompt: { TEXT: 12000, IMAGE: 13 }, cached: { TEXT: 11243 }, output: { TEXT: 15 } },
      serviceTier: "flex",
    });
  });

  it("has 0 for what the wire leaves out", () => {
    expect(parseUsage("{}", "gemini")).toEqual({
      promptTokens: 0,
      cachedTokens: 0,
      outputTokens: 0,
      thoughtsTokens: 0,
      toolUseTokens: 0,
      totalTokens: 0,
      modalities: null,
      serviceTier: null,
    });
  });

  it("of embeddings, which tell their prompt alone, has that as its total", () => {
    const wire = { promptTokenCount: 9, promptTokensDetails: [{ modality: "TEXT", tokenCount: 9 }] };
    expect(parseUsage(JSON.stringify(wire), "gemini")).toMatchObject({ promptTokens: 9, totalTokens: 9 });
    expect(parseUsage(JSON.stringify({ ...wire, totalTokenCount: 0 }), "gemini")).toMatchObject({ totalTokens: 0 });
  });

  it("of Live sessions has the response as output", () => {
    expect(parseUsage('{"responseTokenCount":5,"totalTokenCount":8}', "gemini")).toMatchObject({
      outputTokens: 5,
      totalTokens: 8,
    });
  });

  it("of the OpenAI surface has as thoughts what the total has beyond prompt and completion", () => {
    const wire = {
      completion_tokens: 9,
      prompt_tokens: 7,
      total_tokens: 120,
      prompt_tokens_details: { cached_tokens: 3 },
    };
    expect(parseUsage(JSON.stringify(wire), "openai")).toMatchObject({
      promptTokens: 7,
      cachedTokens: 3,
      outputTokens: 9,
      thoughtsTokens: 104,
      totalTokens: 120,
    });
    expect(parseUsage('{"prompt_tokens":5,"total_tokens":5}', "openai")).toMatchObject({
      outputTokens: 0,
      thoughtsTokens: 0,
    });
  });

  it("of the OpenAI surface takes reasoning out of a completion that includes it", () => {
    const wire = {
      completion_tokens: 90,
      prompt_tokens: 10,
      total_tokens: 100,
      completion_tokens_details: { reasoning_tokens: 60 },
    };
    expect(parseUsage(JSON.stringify(wire), "openai")).toMatchObject({ outputTokens: 30, thoughtsTokens: 60 });
  });

  it("of Interactions is mapped by its own names, modalities in upper case", () => {
    const wire = {
      total_tokens: 58,
      total_input_tokens: 7,
      input_tokens_by_modality: [{ modality: "text", tokens: 7 }],
      total_cached_tokens: 2,
      total_output_tokens: 19,
      total_tool_use_tokens: 1,
      total_thought_tokens: 32,
    };
    expect(parseUsage(JSON.stringify(wire), "gemini")).toEqual({
      promptTokens: 7,
      cachedTokens: 2,
      outputTokens: 19,
      thoughtsTokens: 32,
      toolUseTokens: 1,
      totalTokens: 58,
      modalities: { prompt: { TEXT: 7 } },
      serviceTier: null,
    });
  });

  it("takes int64 written as text, and nothing that is no count", () => {
    expect(
      parseUsage('{"promptTokenCount":"12","totalTokenCount":-3,"thoughtsTokenCount":"x"}', "gemini"),
    ).toMatchObject({
      promptTokens: 12,
      totalTokens: 0,
      thoughtsTokens: 0,
    });
  });

  it("is null for what is no object", () => {
    for (const text of ["null", "[]", "3", '"x"', "{", ""]) expect(parseUsage(text, "gemini")).toBeNull();
  });

  it("survives modalities with any name", () => {
    const usage = parseUsage(
      '{"promptTokensDetails":[{"modality":"__proto__","tokenCount":1},{"tokenCount":2},null]}',
      "gemini",
    );
    expect(usage?.modalities?.prompt).toEqual({ __PROTO__: 1 });
  });
});
