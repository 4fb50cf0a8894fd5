import { describe, expect, it } from "vitest";
import { lowerNativeTools } from "./native-tools.ts";

const schema = { type: "object", properties: { n: { type: "integer", enum: [1], exclusiveMinimum: 0 } }, $schema: "x" };
const strict = { type: "object", properties: { n: { type: "integer", description: "One of: 1.", minimum: 1 } } };

describe("a native body for a backend without the JSON Schema fields", () => {
  it("has its schemas in the strict fields, in either spelling, with their types", () => {
    const body = {
      contents: [{ parts: [{ text: "parametersJsonSchema" }] }],
      tools: [
        { functionDeclarations: [{ name: "f", description: "d", parametersJsonSchema: schema }, { name: "g" }] },
        { function_declarations: [{ name: "h", parameters_json_schema: schema }] },
        { googleSearch: {} },
      ],
      generationConfig: { responseJsonSchema: schema, temperature: 1 },
    };
    const before = structuredClone(body);
    expect(lowerNativeTools(body)).toEqual({
      contents: body.contents,
      tools: [
        { functionDeclarations: [{ name: "f", description: "d", parameters: strict }, { name: "g" }] },
        { function_declarations: [{ name: "h", parameters: strict }] },
        { googleSearch: {} },
      ],
      generationConfig: { responseSchema: strict, temperature: 1 },
    });
    expect(body).toEqual(before);
    expect(lowerNativeTools({ generation_config: { response_json_schema: schema } })).toEqual({
      generation_config: { responseSchema: strict },
    });
  });

  it("is the same object when it has none of them", () => {
    for (const body of [
      {},
      { tools: [] },
      { tools: [{ functionDeclarations: [{ name: "f", parameters: { type: "OBJECT" } }] }], generationConfig: {} },
      { tools: "x", generationConfig: null },
      { tools: [null, { functionDeclarations: [null, 7] }], generationConfig: { responseJsonSchema: "x" } },
      // Google refuses both at once: it shall say so itself.
      { tools: [{ functionDeclarations: [{ name: "f", parameters: {}, parametersJsonSchema: schema }] }] },
    ]) {
      expect(lowerNativeTools(body)).toBe(body);
    }
  });

  it("leaves out the field of a function without arguments", () => {
    const declaration = { name: "f", parametersJsonSchema: { type: "object", properties: {} } };
    expect(lowerNativeTools({ tools: { functionDeclarations: [declaration] } })).toEqual({
      tools: { functionDeclarations: [{ name: "f" }] },
    });
  });
});
