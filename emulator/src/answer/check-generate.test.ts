/** @module Tests of what Gemini refuses, over real HTTP: tools, schemas, settings, turns. Numbers are those of fact sheet translation 6. */

import { afterAll, describe, expect, it } from "vitest";

import { startEmulator } from "../emulator.ts";
import { at, call, to } from "../test-client.ts";

const emulator = await startEmulator();
afterAll(() => emulator.close());

const OLD = "gemini-2.5-flash";
const NEW = "gemini-3.8-flash";
const SENTINEL = "skip_thought_signature_validator";
const hi = { role: "user", parts: [{ text: "hi" }] };
const f = { functionDeclarations: [{ name: "f" }] };

const messageOf = async (model: string, body: object): Promise<string> => {
  const response = await call(emulator, { path: to(model), body: { contents: [hi], ...body } });
  const answer: unknown = await response.json();
  if (response.status === 200) return "ok";
  expect(response.status).toBe(400);
  return String(at(answer, "error.message"));
};
const withParameters = (parameters: object): object => ({
  tools: [{ functionDeclarations: [{ name: "f", parameters }] }],
});
const withJsonSchema = (parametersJsonSchema: object): object => ({
  tools: [{ functionDeclarations: [{ name: "f", parametersJsonSchema }] }],
});
const config = (generationConfig: object): object => ({ generationConfig });
const calling = (functionCallingConfig: object, tools: object[] = [f]): object => ({
  tools,
  toolConfig: { functionCallingConfig },
});
const answered = (response: object, more: object = {}, call_: object = { name: "f", args: {} }): object => ({
  tools: [f],
  contents: [
    hi,
    { role: "model", parts: [{ functionCall: call_, thoughtSignature: SENTINEL }] },
    { role: "user", parts: [{ functionResponse: { name: "f", response, ...more } }] },
  ],
});

describe("tools", () => {
  it.each<[string, string, object, string]>([
    ["two of one name", NEW, { tools: [f, f] }, "Duplicate function declaration found: f"],
    ["a bad name (bug 27)", NEW, { tools: [{ functionDeclarations: [{ name: "21st" }] }] }, "Invalid function name"],
    [
      "both forms of a schema",
      NEW,
      { tools: [{ functionDeclarations: [{ name: "f", parameters: { type: "OBJECT" }, parametersJsonSchema: {} }] }] },
      "must not be set when parameters is set",
    ],
    [
      "JSON answers beside functions before 3",
      OLD,
      { tools: [f], ...config({ responseMimeType: "application/json" }) },
      "Function calling with a response mime type",
    ],
    [
      "search beside functions before 3 (bug 37)",
      OLD,
      { tools: [f, { googleSearch: {} }] },
      "Built-in tools ({google_search}) and Function Calling cannot be combined",
    ],
    [
      "search beside functions unannounced (bug 37)",
      NEW,
      { tools: [f, { googleSearch: {} }] },
      "Please enable tool_config.include_server_side_tool_invocations",
    ],
    ["allowed names with AUTO", NEW, calling({ mode: "AUTO", allowedFunctionNames: ["f"] }), "allowed_function_names"],
    ["allowed names without mode", NEW, calling({ allowedFunctionNames: ["f"] }), "allowed_function_names"],
    [
      "allowed names that are not declared",
      NEW,
      calling({ mode: "ANY", allowedFunctionNames: ["g"] }),
      "not declared: g",
    ],
    ["mode ANY without functions", NEW, calling({ mode: "ANY" }, []), "set without function_declarations"],
    [
      "unknown names in search",
      NEW,
      { tools: [{ googleSearch: { x: 1 } }] },
      "Unknown name \"x\" at 'tools[0].google_search'",
    ],
  ])("refuse %s", async (_, model, body, words) => {
    expect(await messageOf(model, body)).toContain(words);
  });

  it.each<[string, string, object]>([
    [
      "search beside functions, announced",
      NEW,
      { tools: [f, { googleSearch: {} }], toolConfig: { includeServerSideToolInvocations: true } },
    ],
    [
      "JSON answers beside functions from 3 on",
      NEW,
      { tools: [f], ...config({ responseMimeType: "application/json" }) },
    ],
    ["allowed names with VALIDATED", NEW, calling({ mode: "VALIDATED", allowedFunctionNames: ["f"] })],
    ["search alone", OLD, { tools: [{ googleSearch: {} }] }],
  ])("take %s", async (_, model, body) => {
    expect(await messageOf(model, body)).toBe("ok");
  });
});

describe("the strict schema", () => {
  const string = { type: "STRING" };
  const property = (schema: object, more: object = {}): object =>
    withParameters({ type: "object", properties: { p: schema }, ...more });
  it.each<[string, object, string]>([
    ["a root that is no object", withParameters(string), "should be of type OBJECT"],
    ["an object without properties", withParameters({ type: "OBJECT" }), "should be non-empty for OBJECT type"],
    [
      "a nested object with empty properties",
      property({ type: "OBJECT", properties: {} }),
      "properties[p].properties: should be non-empty",
    ],
    ["a list without items", property({ type: "ARRAY" }), "properties[p].items: missing field"],
    ["no type", property({ description: "d" }), "didn't specify the schema type field"],
    ["an enum of numbers", property({ type: "INTEGER", enum: ["1"] }), "enum: only allowed for STRING type"],
    ["an empty enum value", property({ type: "STRING", enum: ["a", ""] }), "enum[1]: cannot be empty"],
    [
      "an unknown format (bug 23)",
      property({ type: "STRING", format: "uri" }),
      "only 'enum' and 'date-time' are supported",
    ],
    [
      "a required name without property (bug 24)",
      property(string, { required: ["p", "q"] }),
      "required[1]: property is not defined",
    ],
    ["members beside anyOf (bug 25)", property({ type: "STRING", anyOf: [string] }), "other fields alongside any_of"],
    [
      "an unknown keyword (bug 19)",
      property({ type: "NUMBER", exclusiveMinimum: 0 }),
      'Unknown name "exclusiveMinimum"',
    ],
    [
      "a list of types (bug 25)",
      property({ type: ["string", "null"] }),
      "Proto field is not repeating, cannot start list",
    ],
  ])("refuses %s", async (_, body, words) => {
    expect(await messageOf(NEW, body)).toContain(words);
  });

  it("takes what is within it", async () => {
    const schema = {
      type: "object",
      properties: {
        ref: { type: "string", enum: ["a"], format: "enum", nullable: true },
        items: { type: "ARRAY", items: { type: "OBJECT" } },
        any: { anyOf: [{ type: "INTEGER", format: "int64" }, { type: "STRING" }], description: "d" },
      },
      required: ["ref"],
    };
    expect(await messageOf(NEW, withParameters(schema))).toBe("ok");
  });
});

describe("a JSON schema", () => {
  it.each<[string, object, string]>([
    [
      "a reference to nothing (bug 20)",
      { type: "object", properties: { p: { $ref: "#/$defs/q" } } },
      "reference to undefined schema",
    ],
    [
      "a reference elsewhere",
      { type: "object", properties: { p: { $ref: "https://x/y" } } },
      "reference to undefined schema",
    ],
    [
      "a reference with siblings (bug 20)",
      { type: "object", properties: { p: { $ref: "#/$defs/q", type: "object" } }, $defs: { q: {} } },
      "alongside unsupported fields",
    ],
    ["a root that is no object", { type: "array", items: {} }, "should be of type OBJECT"],
  ])("is refused with %s", async (_, schema, words) => {
    expect(await messageOf(NEW, withJsonSchema(schema))).toContain(words);
  });

  it("may say what it likes, and properties may be called as keywords are (bug 21)", async () => {
    const schema = {
      type: "object",
      properties: { ref: { type: "string" }, $ref: { type: "string" }, p: { $ref: "#/$defs/q", description: "d" } },
      additionalProperties: false,
      $defs: { q: { const: 1 } },
    };
    expect(await messageOf(NEW, withJsonSchema(schema))).toBe("ok");
  });

  it("is refused when it is too deep, however deep", async () => {
    const deep = (levels: number): object => (levels === 0 ? {} : { type: "array", items: deep(levels - 1) });
    const schema = { type: "object", properties: { p: deep(500) } };
    expect(await messageOf(NEW, withJsonSchema(schema))).toContain("exceeds the maximum allowed nesting depth");
  });
});

describe("settings", () => {
  const thinking = (thinkingConfig: object): object => config({ thinkingConfig });
  it.each<[string, string, object, string]>([
    [
      "no thinking on 2.5 Pro",
      "gemini-2.5-pro",
      thinking({ thinkingBudget: 0 }),
      "Budget 0 is invalid. This model only works in thinking mode.",
    ],
    [
      "a budget beyond the model's",
      OLD,
      thinking({ thinkingBudget: 30_000 }),
      "The thinking budget 30000 is invalid. Please choose a value between 0 and 24576.",
    ],
    ["a level before 3 (bug 40)", OLD, thinking({ thinkingLevel: "low" }), "Thinking level is not supported"],
    [
      "a budget on 4 (bug 40)",
      "gemini-4-neon",
      thinking({ thinkingBudget: 1 }),
      "Thinking budget is not supported for this model",
    ],
    [
      "both",
      "gemini-3.6-flash",
      thinking({ thinkingBudget: 1, thinkingLevel: "low" }),
      "only one of thinking budget and thinking level",
    ],
    [
      "any of it where there is none",
      "gemma-4-27b-it",
      thinking({ includeThoughts: true }),
      "Thinking is not enabled for models/gemma-4-27b-it",
    ],
    ["minimal on 3.8", NEW, thinking({ thinkingLevel: "MINIMAL" }), "Thinking level MINIMAL is not supported"],
    [
      "penalties from 3.7 on",
      NEW,
      config({ presencePenalty: 0.5 }),
      "Penalty is not enabled for models/gemini-3.8-flash",
    ],
    ["more candidates from 3.7 on", NEW, config({ candidateCount: 2 }), "Multiple candidates"],
    ["six stop sequences", NEW, config({ stopSequences: ["a", "b", "c", "d", "e", "f"] }), "stop_sequences: at most 5"],
    ["an empty stop sequence", NEW, config({ stopSequences: [""] }), "stop_sequences[0]: cannot be empty"],
    ["no room at all", NEW, config({ maxOutputTokens: 0 }), "max_output_tokens must be positive"],
  ])("refuse %s", async (_, model, body, words) => {
    expect(await messageOf(model, body)).toContain(words);
  });

  it("of sampling are fine everywhere", async () => {
    expect(await messageOf("gemini-4-neon", config({ temperature: 2, topP: 0.1, topK: 1 }))).toBe("ok");
  });
});

describe("turns", () => {
  const callOf = (name: string, more: object = {}): object => ({
    role: "model",
    parts: [{ functionCall: { name, args: {} }, thoughtSignature: SENTINEL, ...more }],
  });
  const resultOf = (...names: string[]): object => ({
    role: "user",
    parts: names.map((name) => ({ functionResponse: { name, response: {} } })),
  });
  const model = { role: "model", parts: [{ text: "so" }] };
  it.each<[string, object[], string]>([
    [
      "an empty text",
      [{ role: "user", parts: [{ text: "" }] }],
      "required oneof field 'data' must have one initialized field",
    ],
    ["no parts", [{ role: "user", parts: [] }], "parts must not be empty"],
    ["a call that nobody answered", [hi, callOf("f"), model, hi], "number of function response parts is equal"],
    [
      "results in two contents",
      [
        hi,
        {
          role: "model",
          parts: [{ functionCall: { name: "f" }, thoughtSignature: SENTINEL }, { functionCall: { name: "g" } }],
        },
        resultOf("f"),
        resultOf("g"),
      ],
      "number of function response parts is equal",
    ],
    ["a result of another function", [hi, callOf("f"), resultOf("g")], "invalid argument"],
    ["a result without a name", [hi, callOf("f"), resultOf("")], "function_response.name: Name cannot be empty."],
    [
      "a call that begins the history",
      [callOf("f"), resultOf("f")],
      "function call turn comes immediately after a user turn",
    ],
    ["a model's turn at the end", [hi, model], "multiturn requests end with a user role"],
    [
      "a call without signature (bug 28)",
      [hi, callOf("f", { thoughtSignature: undefined }), resultOf("f")],
      "missing a thought_signature",
    ],
  ])("with %s are refused", async (_, contents, words) => {
    expect(
      await messageOf(NEW, { contents, tools: [{ functionDeclarations: [{ name: "f" }, { name: "g" }] }] }),
    ).toContain(words);
  });

  it("with a server's tool of the current turn want its signature back", async () => {
    const contents = [
      hi,
      {
        role: "model",
        parts: [{ toolCall: { toolType: "X" } }, { functionCall: { name: "f" }, thoughtSignature: SENTINEL }],
      },
      resultOf("f"),
    ];
    expect(await messageOf(NEW, { contents, tools: [f] })).toBe("Tool call part is missing thought_signature");
  });

  it("may carry an empty text with a signature, and end with the model before 3.7", async () => {
    const signed = { role: "model", parts: [{ text: "so" }, { text: "", thoughtSignature: SENTINEL }] };
    expect(await messageOf(NEW, { contents: [hi, signed, hi] })).toBe("ok");
    expect(await messageOf(OLD, { contents: [hi, model] })).toBe("ok");
  });

  it("match results by id where there is one", async () => {
    const id = { id: "a", name: "f", args: {} };
    expect(await messageOf(NEW, answered({}, { id: "a" }, id))).toBe("ok");
    expect(await messageOf(NEW, answered({}, { id: "b" }, id))).toContain("invalid argument");
    expect(await messageOf(NEW, answered({}, {}, id))).toBe("ok");
  });

  it("refuse $ref in a result, at any depth, unless a part has that name (bug 26)", async () => {
    const words =
      "The referenced name `#/$defs/a` in function_response.response does not match to a display_name in the function_response.parts.";
    expect(await messageOf(NEW, answered({ schema: [{ $ref: "#/$defs/a" }] }))).toBe(words);
    expect(await messageOf(NEW, answered({ output: '{"$ref": "#/$defs/a"}' }))).toBe("ok");
    const parts = [{ inlineData: { mimeType: "image/png", data: "AA==", displayName: "a.png" } }];
    expect(await messageOf(NEW, answered({ image: { $ref: "a.png" } }, { parts }))).toBe("ok");
    expect(await messageOf("gemini-3.6-flash", answered({ image: { $ref: "a.png" } }, { parts }))).toContain("`a.png`");
  });
});
