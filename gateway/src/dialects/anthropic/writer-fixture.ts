/**
 * What the tests of the writer share: a writer as a request makes it, and its output as events.
 * @module
 */
import type { Usage } from "../../core/usage.ts";
import type {
  AnswerEnd,
  AnswerEvent,
  AnswerWriter,
  JsonObject,
  Translation,
  WriterFacts,
} from "../../translation/types.ts";
import { translateMessagesRequest } from "./translate-request.ts";

export interface StreamedEvent {
  type: string;
  index?: number;
  content_block?: JsonObject;
  delta?: JsonObject;
  message?: JsonObject;
  usage?: JsonObject;
}

export interface Remembered {
  facts: WriterFacts;
  texts: { text: string; signature: string }[];
}

/** Signatures as the real ones write them: an id with nothing but safe characters, a carrier only for what is signed. */
export function writerFacts(): Remembered {
  const texts: Remembered["texts"] = [];
  let ids = 0;
  const facts: WriterFacts = {
    requestId: "req-1",
    startedAt: 1_790_000_000_000,
    model: "claude-opus-5",
    newId: () => `id${(ids += 1)}`,
    estimatedPromptTokens: 33,
    signatures: {
      call: ({ prefix, signature }) => ({
        id: `${prefix}${(ids += 1)}`,
        carrier: signature === null ? null : `carrier:${signature}`,
      }),
      text: (remembered) => texts.push(remembered),
    },
  };
  return { facts, texts };
}

export const usage: Usage = {
  promptTokens: 100,
  cachedTokens: 40,
  outputTokens: 7,
  thoughtsTokens: 5,
  toolUseTokens: 3,
  totalTokens: 115,
  modalities: null,
  serviceTier: null,
};

export const stopped: AnswerEnd = { finishReason: "STOP", blockReason: null, finishMessage: null, usage };

export function writerOf(request: JsonObject, remembered: Remembered = writerFacts()): AnswerWriter {
  const body = { model: "m", max_tokens: 9, messages: [{ role: "user", content: "hi" }], ...request };
  const translated: Translation = translateMessagesRequest(body, { includeThoughts: true });
  if (!translated.ok) throw new Error(translated.problem.message);
  return translated.createWriter(remembered.facts);
}

export function parse(stream: string): StreamedEvent[] {
  return stream
    .split("\n\n")
    .filter((block) => block !== "")
    .map((block) => {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
      const event = JSON.parse(data ?? "") as StreamedEvent;
      if (event.type !== name) throw new Error(`An event is named ${name} and is ${event.type}.`);
      return event;
    });
}

export function stream(
  events: readonly AnswerEvent[],
  options: { request?: JsonObject; end?: Partial<AnswerEnd>; remembered?: Remembered } = {},
): StreamedEvent[] {
  const writer = writerOf({ stream: true, ...options.request }, options.remembered);
  return parse(
    writer.begin({ responseId: "r", usage }) +
      events.map((event) => writer.event(event)).join("") +
      writer.end({ ...stopped, ...options.end }),
  );
}

export function unary(
  events: readonly AnswerEvent[],
  options: { request?: JsonObject; end?: Partial<AnswerEnd> } = {},
): JsonObject {
  const writer = writerOf(options.request ?? {});
  const head = writer.begin({ responseId: "r", usage }) + events.map((event) => writer.event(event)).join("");
  if (head + writer.ping() !== "") throw new Error("Something was written before the end.");
  return JSON.parse(writer.end({ ...stopped, ...options.end })) as JsonObject;
}

export const text = (value: string, signature: string | null = null): AnswerEvent => ({
  kind: "text",
  text: value,
  signature,
});
export const thought = (value: string, signature: string | null = null): AnswerEvent => ({
  kind: "thought",
  text: value,
  signature,
});
export const call = (name: string, args: JsonObject = {}, signature: string | null = null): AnswerEvent => ({
  kind: "call",
  id: null,
  name,
  args,
  signature,
});
