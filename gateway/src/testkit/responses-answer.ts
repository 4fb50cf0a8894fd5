/**
 * Answers in the Responses dialect, for tests: a request, the events of the model, and what the client is sent.
 * @module
 */
import { translateResponsesRequest } from "../dialects/openai-responses/translate-request.ts";
import type {
  AnswerEnd,
  AnswerEvent,
  AnswerWriter,
  Conversation,
  JsonObject,
  SignatureWriter,
  Translation,
  WriterFacts,
} from "../translation/types.ts";

/** One event as a client reads it; the comment lines are left out. */
export type SentEvent = JsonObject & { type: string };

/** A good end without usage. */
export const goodEnd: AnswerEnd = { finishReason: "STOP", blockReason: null, finishMessage: null, usage: null };

/** A request that is translated, or a throw with its problem. */
export function translated(
  body: JsonObject,
  previous: readonly unknown[] | null = null,
): Extract<Translation, { ok: true }> {
  const translation = translateResponsesRequest(
    { model: "gemini-3.8-flash", input: "hi", ...body },
    { includeThoughts: true, previous },
  );
  if (!translation.ok) throw new Error(`${translation.problem.field}: ${translation.problem.message}`);
  return translation;
}

/** What a request says, in the middle shape. */
export function conversationOf(body: JsonObject, previous: readonly unknown[] | null = null): Conversation {
  return translated(body, previous).conversation;
}

/** Ids count up; a signature makes an envelope of its own. Texts that were signed are kept in `texts`. */
export function writerFacts(more: Partial<WriterFacts> = {}): WriterFacts & { texts: Map<string, string> } {
  let ids = 0;
  const texts = new Map<string, string>();
  const signatures: SignatureWriter = {
    call({ prefix, googleId, signature }) {
      const id = `${prefix}${googleId ?? `made${++ids}`}`;
      return { id, carrier: signature === null ? null : `gp1.${signature}` };
    },
    text: ({ text, signature }) => void texts.set(text, signature),
  };
  return {
    requestId: "request1",
    startedAt: 1_790_000_000_000,
    now: () => 1_790_000_005_000,
    model: "gemini-3.8-flash",
    newId: () => String(++ids).padStart(24, "0"),
    signatures,
    estimatedPromptTokens: 7,
    texts,
    ...more,
  };
}

/** A whole stream: head, events, end. */
export function streamed(
  body: JsonObject,
  events: readonly AnswerEvent[],
  options: { end?: Partial<AnswerEnd>; facts?: WriterFacts } = {},
): { text: string; events: SentEvent[]; writer: AnswerWriter } {
  const writer = translated({ ...body, stream: true }).createWriter(options.facts ?? writerFacts());
  let text = writer.begin({ responseId: "google1", usage: null });
  for (const event of events) text += writer.event(event);
  text += writer.end({ ...goodEnd, ...options.end });
  return { text, events: eventsOf(text), writer };
}

/** The response object of a unary answer. */
export function unary(
  body: JsonObject,
  events: readonly AnswerEvent[],
  options: { end?: Partial<AnswerEnd>; facts?: WriterFacts } = {},
): JsonObject {
  const writer = translated(body).createWriter(options.facts ?? writerFacts());
  let text = writer.begin({ responseId: null, usage: null });
  for (const event of events) text += writer.event(event);
  return JSON.parse(text + writer.end({ ...goodEnd, ...options.end })) as JsonObject;
}

/** The events of a stream; throws where `event:` and `type` differ. */
export function eventsOf(text: string): SentEvent[] {
  return text
    .split("\n\n")
    .filter((block) => block.startsWith("event: "))
    .map((block) => {
      const [name = "", data = ""] = block.split("\n");
      const event = JSON.parse(data.slice("data: ".length)) as SentEvent;
      if (name !== `event: ${event.type}`) throw new Error(`${name} tells of ${event.type}`);
      return event;
    });
}

/** The response object that a stream ended with. */
export function lastResponse(events: readonly SentEvent[]): JsonObject {
  return events.at(-1)?.["response"] as JsonObject;
}

/** Texts of the model. */
export function text(words: string, signature: string | null = null): AnswerEvent {
  return { kind: "text", text: words, signature };
}

/** Thoughts of the model. */
export function thought(words: string, signature: string | null = null): AnswerEvent {
  return { kind: "thought", text: words, signature };
}

/** A call of the model. */
export function called(
  name: string,
  args: JsonObject = {},
  more: { id?: string; signature?: string } = {},
): AnswerEvent {
  return { kind: "call", name, args, id: more.id ?? null, signature: more.signature ?? null };
}
