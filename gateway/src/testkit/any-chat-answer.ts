/**
 * For tests only: answers in the middle shape, random ones too, and what the chat dialect's writer needs beside them.
 * @module
 */
import fc from "fast-check";
import { translateChatRequest } from "../dialects/openai-chat/translate/translate-request.ts";
import type {
  AnswerEnd,
  AnswerEvent,
  AnswerWriter,
  JsonObject,
  SignatureWriter,
  WriterFacts,
} from "../translation/types.ts";

/** An answer as the reader would give it. */
export interface ChatAnswer {
  events: AnswerEvent[];
  end: AnswerEnd;
}

/** A good end with usage. */
export const goodEnd: AnswerEnd = {
  finishReason: "STOP",
  blockReason: null,
  finishMessage: null,
  usage: {
    promptTokens: 100,
    cachedTokens: 40,
    outputTokens: 20,
    thoughtsTokens: 7,
    toolUseTokens: 3,
    totalTokens: 130,
    modalities: null,
    serviceTier: null,
  },
};

/** A signature writer that numbers calls, and tells what it was told. */
export function countingSignatures(): SignatureWriter & { texts: { text: string; signature: string }[] } {
  let calls = 0;
  const texts: { text: string; signature: string }[] = [];
  return {
    texts,
    call({ prefix, signature }) {
      calls += 1;
      return { id: `${prefix}${calls}`, carrier: signature === null ? null : `gp1.${calls}` };
    },
    text: (facts) => void texts.push(facts),
  };
}

/** Facts with ids that are numbers. */
export function chatFacts(more: Partial<WriterFacts> = {}): WriterFacts {
  let ids = 0;
  return {
    requestId: "call_0001",
    startedAt: 1_790_000_000_999,
    model: "gemini-3.8-flash",
    newId: () => `id${String(++ids).padStart(22, "0")}`,
    signatures: countingSignatures(),
    estimatedPromptTokens: 100,
    ...more,
  };
}

/**
 * The writer for a request.
 * @param body added to a model and one message
 */
export function chatWriter(body: JsonObject, facts: WriterFacts = chatFacts()): AnswerWriter {
  const request = { model: "gemini-3.8-flash", messages: [{ role: "user", content: "Hi" }], ...body };
  const translation = translateChatRequest(request, { includeThoughts: true });
  if (!translation.ok) throw new Error(translation.problem.message);
  return translation.createWriter(facts);
}

/** Everything that a writer writes, one text a step. */
export function writeAnswer(writer: AnswerWriter, answer: ChatAnswer): string[] {
  return [
    writer.begin({ responseId: "r", usage: null }),
    ...answer.events.map((event) => writer.event(event)),
    writer.end(answer.end),
  ];
}

/** Random answers: events of every kind in any order, any end. */
export function anyChatAnswer(): fc.Arbitrary<ChatAnswer> {
  return fc.record({ events: fc.array(anyEvent, { maxLength: 12 }), end: anyEnd });
}

// --- helpers ---

const words = fc.string({ unit: "grapheme", maxLength: 30 });
const anySignature = fc.option(fc.base64String({ minLength: 4, maxLength: 40 }), { freq: 3 });
const anyName = fc.constantFrom("read_file", "ünïcode", "a.b-c", "run");

const anyEvent: fc.Arbitrary<AnswerEvent> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("text" as const), text: words, signature: anySignature }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("thought" as const), text: words, signature: anySignature }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("call" as const),
      id: fc.option(fc.constantFrom("abc", "fc_1")),
      name: anyName,
      args: fc.dictionary(
        fc.string().filter((key) => key !== "__proto__"),
        fc.jsonValue({ maxDepth: 2 }),
        { maxKeys: 3 },
      ),
      signature: anySignature,
    }),
  },
  fc.record({
    kind: fc.constant("media" as const),
    mimeType: fc.constantFrom("image/png", "audio/L16;codec=pcm;rate=24000"),
    data: fc.uint8Array({ minLength: 2, maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString("base64")),
    signature: anySignature,
  }),
  fc.record({ kind: fc.constant("code" as const), language: fc.constant("PYTHON"), code: words }),
  fc.record({ kind: fc.constant("code-result" as const), outcome: fc.constant("OUTCOME_OK"), output: words }),
  fc.record({
    kind: fc.constant("grounding" as const),
    grounding: fc.record({
      queries: fc.constant<string[]>(["q"]),
      sources: fc.array(fc.record({ title: words, url: fc.webUrl() }), { maxLength: 3 }),
      supports: fc.array(
        fc.record({
          start: fc.nat(60),
          end: fc.nat(90),
          text: words,
          sources: fc.array(fc.nat(4), { maxLength: 2 }),
        }),
        { maxLength: 3 },
      ),
    }),
  }),
);

const tokens = fc.nat(100_000);

const anyEnd: fc.Arbitrary<AnswerEnd> = fc.record({
  finishReason: fc.constantFrom(null, "STOP", "MAX_TOKENS", "SAFETY", "MALFORMED_FUNCTION_CALL", "OTHER", "NEW_WORD"),
  blockReason: fc.option(fc.constant("SAFETY"), { freq: 9 }),
  finishMessage: fc.constant(null),
  usage: fc.option(
    fc.record({
      promptTokens: tokens,
      cachedTokens: tokens,
      outputTokens: tokens,
      thoughtsTokens: tokens,
      toolUseTokens: tokens,
      totalTokens: tokens,
      modalities: fc.constant(null),
      serviceTier: fc.constant(null),
    }),
    { freq: 9 },
  ),
});
