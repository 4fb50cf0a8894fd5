/**
 * Arbitrary conversations for property tests: roles in any order, calls without results, results without calls, ids used
 * twice, empty texts, names that Google refuses. What a dialect could hand to `compose`, and much that it would not.
 * @module
 */
import fc from "fast-check";
import type { Conversation, FunctionTool, JsonObject, Turn, TurnPart } from "../translation/types.ts";

/** What to leave out. */
export interface AnyConversationOptions {
  /** @default any name, fit for Google or not */
  toolName?: fc.Arbitrary<string>;
  /** Signatures beside calls; null: none is. @default always null */
  signature?: fc.Arbitrary<string | null>;
  /** @default up to 12 */
  maxTurns?: number;
}

/** Any conversation. All of it is JSON; nothing in it is shared with another one. */
export function anyConversation(options: AnyConversationOptions = {}): fc.Arbitrary<Conversation> {
  const toolName = options.toolName ?? anyToolName;
  return fc.uniqueArray(toolName, { maxLength: 5 }).chain((names) =>
    fc
      .record({
        turns: anyTurns({
          ...options,
          toolName: names.length > 0 ? fc.oneof(fc.constantFrom(...names), toolName) : toolName,
        }),
        tools: fc.tuple(...names.map((name) => anyTool(name))),
        system: fc.array(anyText, { maxLength: 3 }),
        serverTools: fc.array(fc.constantFrom("web-search", "url-context", "code-execution"), { maxLength: 2 }),
        toolChoice: fc.record({
          mode: fc.constantFrom("auto", "none", "any", "validated"),
          names: fc.option(fc.subarray(names)),
        }),
        sampling: anySampling,
        maxOutputTokens: fc.option(fc.integer({ min: -5, max: 200_000 })),
        stop: fc.array(anyText, { maxLength: 8 }),
        thinking: anyThinking,
        format: anyFormat,
        stream: fc.boolean(),
      })
      .map((parts) => ({
        ...parts,
        model: "gemini-2.5-pro",
        modalities: [],
        voice: null,
        google: {},
        carriers: [],
        conversationKey: null,
      })),
  );
}

/** Any history. */
function anyTurns(options: AnyConversationOptions = {}): fc.Arbitrary<Turn[]> {
  const { toolName = anyToolName, signature = fc.constant(null), maxTurns = 12 } = options;
  const part: fc.Arbitrary<TurnPart> = fc.oneof(
    { weight: 4, arbitrary: anyText.map((text): TurnPart => ({ kind: "text", text })) },
    { weight: 1, arbitrary: anyMedium },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("call" as const),
        id: anyCallId,
        name: toolName,
        args: anyArgs,
        signature,
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("result" as const),
        id: anyCallId,
        name: fc.option(toolName, { freq: 2 }),
        text: anyText,
        isError: fc.boolean(),
        media: fc.array(anyMedium, { maxLength: 2 }),
      }),
    },
  );
  return fc.array(
    fc.record<Turn>({ role: fc.constantFrom("user", "model"), parts: fc.array(part, { maxLength: 5 }) }),
    { maxLength: maxTurns },
  );
}

/** Names of tools: fit, unfit, too long, starting with digits, alike in their first characters. */
export const anyToolName: fc.Arbitrary<string> = fc.oneof(
  fc.stringMatching(/^[A-Za-z_][\w.:-]{0,20}$/),
  fc.string({ maxLength: 20, unit: "grapheme" }),
  fc.constantFrom("21st_magic", "a b", "a/b", "a_b", "ns::tool", "$ref", "ref", "default_api:x", "x", "functions.x"),
  fc.tuple(fc.constant("very_long_name_".repeat(5)), fc.string({ maxLength: 3 })).map((pieces) => pieces.join("")),
);

// --- helpers ---

const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("", " ", "\n", '{"$ref":"#/x"}'),
  fc.string({ minLength: 1, maxLength: 30, unit: "grapheme" }),
);

/** Few, so that they meet. */
const anyCallId: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("call_1", "call_2", "call_3", "toolu_4", ""),
  fc.stringMatching(/^call_[a-z0-9]{4,8}$/),
);

const anyArgs: fc.Arbitrary<JsonObject> = fc.dictionary(
  fc.oneof(fc.constantFrom("$ref", "ref", "title", "_raw", "type"), fc.string({ maxLength: 8 })),
  fc.jsonValue({ maxDepth: 2 }),
  { maxKeys: 3, noNullPrototype: true },
);

const anyMedium: fc.Arbitrary<Extract<TurnPart, { kind: "media" | "file" }>> = fc.oneof(
  fc.record({
    kind: fc.constant("media" as const),
    mimeType: fc.constantFrom("image/png", "application/pdf", "audio/wav", "text/plain"),
    data: fc.base64String({ maxLength: 16 }),
  }),
  fc.record({
    kind: fc.constant("file" as const),
    uri: fc.constantFrom("", "https://example.com/paper.pdf", "https://www.youtube.com/watch?v=x"),
    mimeType: fc.constantFrom(null, "application/pdf"),
  }),
);

/** Schemas that both of Google's grammars take as they are. */
function anyTool(name: string): fc.Arbitrary<FunctionTool> {
  return fc.record({
    name: fc.constant(name),
    description: anyText,
    schema: fc.constantFrom<JsonObject | null>(null, {
      type: "object",
      properties: { path: { type: "string" } },
      required: ["path"],
    }),
    strict: fc.boolean(),
  });
}

const anySampling: fc.Arbitrary<Conversation["sampling"]> = fc.record({
  temperature: fc.option(fc.double({ min: -1, max: 3, noNaN: true })),
  topP: fc.option(fc.double({ min: -1, max: 2, noNaN: true })),
  topK: fc.option(fc.integer({ min: -1, max: 500 })),
  seed: fc.option(fc.maxSafeInteger()),
  presencePenalty: fc.option(fc.double({ min: -2, max: 2, noNaN: true })),
  frequencyPenalty: fc.option(fc.double({ min: -2, max: 2, noNaN: true })),
});

const anyThinking: fc.Arbitrary<Conversation["thinking"]> = fc.record({
  effort: fc.option(fc.constantFrom("none", "minimal", "low", "medium", "high", "xhigh", "max")),
  budget: fc.option(fc.integer({ min: -1, max: 100_000 })),
  // Google's own word is passed on as it is: another than LOW may be refused.
  level: fc.option(fc.constant("LOW")),
  includeThoughts: fc.option(fc.boolean()),
});

const anyFormat: fc.Arbitrary<Conversation["format"]> = fc.constantFrom(
  { kind: "text" },
  { kind: "json-object" },
  { kind: "json-schema", name: "answer", schema: { type: "object", properties: { a: { type: "string" } } } },
);
