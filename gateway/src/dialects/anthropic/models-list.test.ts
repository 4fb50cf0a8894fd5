import { describe, expect, it } from "vitest";
import { toAnthropicModel, toAnthropicModels } from "./models-list.ts";

const flash = {
  name: "models/gemini-3.8-flash",
  displayName: "Gemini 3.8 Flash",
  inputTokenLimit: 1_048_576,
  outputTokenLimit: 65_536,
  supportedGenerationMethods: ["generateContent", "countTokens"],
};
const listed = {
  type: "model",
  id: "gemini-3.8-flash",
  display_name: "Gemini 3.8 Flash",
  created_at: "1970-01-01T00:00:00Z",
  max_input_tokens: 1_048_576,
  max_tokens: 65_536,
};

describe("toAnthropicModels", () => {
  it("lists the models that generate content, on one page", () => {
    const embedding = { name: "models/gemini-embedding-001", supportedGenerationMethods: ["embedContent"] };
    const own = { name: "models/own-alias" };
    expect(JSON.parse(toAnthropicModels({ models: [flash, embedding, own, null, {}] }))).toStrictEqual({
      data: [
        listed,
        {
          type: "model",
          id: "own-alias",
          display_name: "own-alias",
          created_at: "1970-01-01T00:00:00Z",
          max_input_tokens: null,
          max_tokens: null,
        },
      ],
      has_more: false,
      first_id: "gemini-3.8-flash",
      last_id: "own-alias",
    });
  });

  it("makes an empty page of anything else", () => {
    for (const list of [null, [], {}, { models: {} }])
      expect(JSON.parse(toAnthropicModels(list))).toStrictEqual({
        data: [],
        has_more: false,
        first_id: null,
        last_id: null,
      });
  });
});

describe("toAnthropicModel", () => {
  it("writes one model, and nothing of what is none", () => {
    expect(JSON.parse(toAnthropicModel(flash) ?? "")).toStrictEqual(listed);
    expect(toAnthropicModel({ error: {} })).toBeNull();
  });
});
