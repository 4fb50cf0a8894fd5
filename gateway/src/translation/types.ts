/**
 * The one shape in the middle: what every translated dialect is read into, and what it is written from. Gemini's request
 * is written from a `Conversation` once, and Gemini's answer is read into `AnswerEvent`s once; no dialect is ever
 * translated into another client dialect (fact sheet translation 0, rule 1).
 * @module
 */
import type { ErrorCode } from "../core/errors.ts";
import type { Usage } from "../core/usage.ts";

/** Any JSON object. */
export type JsonObject = Record<string, unknown>;

/** One piece of a turn, in order. */
export type TurnPart =
  | { kind: "text"; text: string }
  /** Images, audio, documents inline: standard base64. */
  | { kind: "media"; mimeType: string; data: string }
  /** `files/…` addresses and others that Gemini fetches. */
  | { kind: "file"; uri: string; mimeType: string | null }
  | {
      kind: "call";
      /** As the client sent it, maybe with a signature in it. */
      id: string;
      /** As the client names the tool (for namespaced tools: the name under which it is in `tools`). */
      name: string;
      args: JsonObject;
      /** Google's signature as the dialect carries it beside the call; null: not carried there. */
      signature: string | null;
    }
  | {
      kind: "result";
      /** Id of the call. */
      id: string;
      /** Only where the dialect tells it; else null: looked up by the id. */
      name: string | null;
      text: string;
      isError: boolean;
      media: readonly Extract<TurnPart, { kind: "media" | "file" }>[];
    };

/** Turns may repeat a role, be empty, and begin or end with any: repairing that is `compose`'s task, not a dialect's. */
export interface Turn {
  role: "user" | "model";
  parts: TurnPart[];
}

/** A function that the model may call. */
export interface FunctionTool {
  /** Unique among the tools, as the client names it. Not yet fit for Google. */
  name: string;
  description: string;
  /** JSON Schema as the client sent it; null: no parameters. */
  schema: JsonObject | null;
  strict: boolean;
}

export type ServerTool = "web-search" | "url-context" | "code-execution";

export type Effort = "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";

/** How much the model shall think. All null: nothing was asked, the model's default holds. */
export interface ThinkingWish {
  effort: Effort | null;
  /** Tokens, as Anthropic and Google's `thinking_budget` count them; -1: dynamic. */
  budget: number | null;
  /** Google's own `thinkingLevel`, passed on as it is (upper case). Wins over the others. */
  level: string | null;
  /** Null: shown where the dialect can show it. */
  includeThoughts: boolean | null;
}

export type AnswerFormat =
  | { kind: "text" }
  | { kind: "json-object" }
  | { kind: "json-schema"; name: string; schema: JsonObject };

/** A request without its dialect. */
export interface Conversation {
  /** As the client asked, without `models/`. */
  model: string;
  stream: boolean;
  /** Leading system texts, one part each. */
  system: string[];
  turns: Turn[];
  tools: FunctionTool[];
  serverTools: ServerTool[];
  /** `names` (client's names) only with `any` and `validated`; null: all. */
  toolChoice: { mode: "auto" | "none" | "any" | "validated"; names: string[] | null };
  /** Values as asked; null: not asked. Those that the model does not take are left out by `compose`. */
  sampling: {
    temperature: number | null;
    topP: number | null;
    topK: number | null;
    seed: number | null;
    presencePenalty: number | null;
    frequencyPenalty: number | null;
  };
  maxOutputTokens: number | null;
  stop: string[];
  thinking: ThinkingWish;
  format: AnswerFormat;
  /** `TEXT`, `IMAGE`, `AUDIO`; empty: the model's own. */
  modalities: string[];
  /** Prebuilt voice; null: none. */
  voice: string | null;
  /** Google's own fields that the client set by an extension (`extra_body.google`): camelCase, top level of the request. */
  google: { cachedContent?: string; safetySettings?: unknown; serviceTier?: string };
  /** Carriers of signatures found in the history: our envelopes, in order. Foreign ones may be among them. */
  carriers: string[];
  /** Names this conversation, for the choice of a credential; null: nothing in the request does. */
  conversationKey: string | null;
}

/** Why a request cannot be translated: a 400 that names the field. */
export interface RequestProblem {
  code: Extract<ErrorCode, "field_invalid" | "field_unsupported" | "previous_response_not_found">;
  /** Path in the client's body, such as `messages[2].content[0].type`; empty: the body as a whole. */
  field: string;
  /** One sentence: what is wrong, what would be right. */
  message: string;
}

/** What a dialect makes of a request body. */
export type Translation =
  | {
      ok: true;
      conversation: Conversation;
      /** Makes the writer of the answer; knows what the request asked for (formats, tool kinds, usage wanted). */
      createWriter(facts: WriterFacts): AnswerWriter;
    }
  | { ok: false; problem: RequestProblem };

/** What Gemini's answer says, in the order in which it said it. Texts of one kind that follow each other belong together. */
export type AnswerEvent =
  | { kind: "text"; text: string; signature: string | null }
  | { kind: "thought"; text: string; signature: string | null }
  /** Always whole. `name`: as the client knows the tool. `id`: Google's own; null: it gave none. */
  | { kind: "call"; id: string | null; name: string; args: JsonObject; signature: string | null }
  /** Standard base64. Pictures of thoughts are left out before. */
  | { kind: "media"; mimeType: string; data: string; signature: string | null }
  | { kind: "code"; language: string; code: string }
  | { kind: "code-result"; outcome: string; output: string }
  | { kind: "grounding"; grounding: Grounding };

/** Searches and sources of a grounded answer. */
export interface Grounding {
  queries: string[];
  sources: { title: string; url: string }[];
  /** `start`, `end`: BYTE offsets into the answer's UTF-8 text, as Google gives them; `sources`: indexes. */
  supports: { start: number; end: number; text: string; sources: number[] }[];
}

/** How a whole answer ended, over all hops of a long one. */
export interface AnswerEnd {
  /** Google's word (`STOP`, `MAX_TOKENS`, `SAFETY`, …); null: it ended without one, but whole. */
  finishReason: string | null;
  /** `promptFeedback.blockReason`; null: not blocked. */
  blockReason: string | null;
  /** Google's message beside it; null: none. */
  finishMessage: string | null;
  /** Prompt of the first hop, outputs of all; null: not told. */
  usage: Usage | null;
}

/** An error inside a stream that has begun. */
export interface StreamFault {
  /** The gateway's own code; null: the upstream's error. */
  code: ErrorCode | null;
  /** HTTP status that it would have been. */
  status: number;
  /** Redacted. */
  message: string;
  requestId: string;
  /** Whole seconds; null: not known. */
  retryAfterSeconds: number | null;
}

/** What a writer is given. */
export interface WriterFacts {
  /** The call's id in the gateway. */
  requestId: string;
  /** Epoch milliseconds. */
  startedAt: number;
  /** Epoch milliseconds of this moment, for `completed_at`. @default `startedAt` stands for it */
  now?(): number;
  /** As the client asked for it: clients compare. */
  model: string;
  /** Random, url-safe, 24 characters: ids of answers, items and calls are made of it. */
  newId(): string;
  signatures: SignatureWriter;
  /** Prompt tokens as estimated before the answer; for a head that must name them. */
  estimatedPromptTokens: number;
}

/**
 * Writes one answer in a dialect. In a stream each method gives the text to send now (empty: nothing); for a unary answer
 * all but `end` give the empty string, and `end` the whole JSON body.
 */
export interface AnswerWriter {
  /**
   * The head of the stream. Called once, before the first event, when something was heard from the upstream.
   * @param first usage of the first chunk; null: not told
   */
  begin(first: { responseId: string | null; usage: Usage | null }): string;
  event(event: AnswerEvent): string;
  /** The good end, called once; nothing is written after it. */
  end(end: AnswerEnd): string;
  /** After `end`: what it wrote is a failure of the model's, and no good end. @default never */
  failed?(): boolean;
  /** The bad end of a stream; nothing is written after it. Also before `begin`. */
  fault(fault: StreamFault): string;
  /** Keeps a silent connection open; may come before `begin`. */
  ping(): string;
  /**
   * The answer as the next request would repeat it, for stored responses; absent where the dialect stores nothing. Only
   * after `end`.
   */
  stored?(): { id: string; turns: unknown } | null;
}

/** Writes signatures where clients keep them. One a call; knows client, project and model. */
export interface SignatureWriter {
  /**
   * The id of a call that the client gets.
   * @param facts `prefix`: of the id, such as `call_` or `toolu_`; `googleId`: null: it gave none
   * @returns `id`: `[A-Za-z0-9_-]` only; `carrier`: our envelope with the signature for this id; null: there is none
   */
  call(facts: { prefix: string; googleId: string | null; signature: string | null }): {
    id: string;
    carrier: string | null;
  };
  /** Remembers the signature of a text under the text itself. */
  text(facts: { text: string; signature: string }): void;
}

/** Finds signatures again. One a request. */
export interface SignatureReader {
  /** The id without what was put into it. The same for the call and its result. */
  shortId(id: string): string;
  /** Carrier beside the call → envelope → id → memory. Null: none is known. */
  call(facts: { id: string; native: string | null }): string | null;
  text(text: string): string | null;
  /** Tags of the projects that made what was found (`issuerTag`). */
  readonly issuers: ReadonlySet<string>;
}
