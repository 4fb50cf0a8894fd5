/** @module Tests of the check of request bodies against the message table. */

import { describe, expect, it } from "vitest";

import { checkRequest } from "./check-request.ts";

const violationsOf = (value: unknown, message = "GenerateContentRequest"): string[] => {
  const checked = checkRequest(value, message);
  return checked.ok ? [] : checked.violations.map((violation) => violation.description);
};

describe("checkRequest", () => {
  it("gives snake_case and camelCase the same meaning", () => {
    const snake = { system_instruction: { parts: [{ inline_data: { mime_type: "image/png", data: "AA==" } }] } };
    const camel = { systemInstruction: { parts: [{ inlineData: { mimeType: "image/png", data: "AA==" } }] } };
    expect(checkRequest(snake, "GenerateContentRequest")).toEqual(checkRequest(camel, "GenerateContentRequest"));
    expect(checkRequest(camel, "GenerateContentRequest")).toEqual({ ok: true, value: camel });
  });

  it("takes a single value for a list of one", () => {
    expect(checkRequest({ contents: { parts: { text: "hi" } } }, "GenerateContentRequest")).toEqual({
      ok: true,
      value: { contents: [{ parts: [{ text: "hi" }] }] },
    });
  });

  it("names an unknown top-level field without a place, a nested one with it", () => {
    expect(violationsOf({ foo: 1 })).toEqual(['Invalid JSON payload received. Unknown name "foo": Cannot find field.']);
    expect(violationsOf({ contents: [{ parts: [{ text: "a" }, { bar: 1 }] }] })).toEqual([
      `Invalid JSON payload received. Unknown name "bar" at 'contents[0].parts[1]': Cannot find field.`,
    ]);
  });

  it("refuses JSON Schema keywords that Google's subset lacks", () => {
    const parameters = {
      type: "object",
      additionalProperties: false,
      properties: { a: { type: "string", const: "x" } },
    };
    expect(violationsOf({ tools: [{ functionDeclarations: [{ name: "f", parameters }] }] })).toEqual([
      `Invalid JSON payload received. Unknown name "additionalProperties" at 'tools[0].function_declarations[0].parameters': Cannot find field.`,
      `Invalid JSON payload received. Unknown name "const" at 'tools[0].function_declarations[0].parameters.properties[0].value': Cannot find field.`,
    ]);
    const free = { tools: [{ functionDeclarations: [{ name: "f", parametersJsonSchema: parameters }] }] };
    expect(violationsOf(free)).toEqual([]);
  });

  it("says which type was wanted", () => {
    expect(violationsOf({ contents: [{ parts: [{ text: 1 }] }] })).toEqual([
      "Invalid value at 'contents[0].parts[0].text' (TYPE_STRING), 1",
    ]);
    expect(violationsOf({ contents: [{ parts: [{ functionResponse: { name: "f", response: "text" } }] }] })).toEqual([
      `Invalid value at 'contents[0].parts[0].function_response.response' (type.googleapis.com/google.protobuf.Struct), "text"`,
    ]);
    expect(violationsOf({ toolConfig: { functionCallingConfig: { mode: "SOMETIMES" } } })[0]).toContain(
      "FunctionCallingConfig.Mode",
    );
    expect(violationsOf({ generationConfig: { responseSchema: { type: ["string", "null"] } } })).toEqual([
      `Invalid JSON payload received. Unknown name "type" at 'generation_config.response_schema': Proto field is not repeating, cannot start list.`,
    ]);
  });

  it("accepts numbers in strings, as proto3-JSON does", () => {
    expect(checkRequest({ generationConfig: { maxOutputTokens: "12" } }, "GenerateContentRequest")).toEqual({
      ok: true,
      value: { generationConfig: { maxOutputTokens: 12 } },
    });
  });
});
