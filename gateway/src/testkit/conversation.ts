/**
 * Conversations and what composing them needs, for tests: say what matters, the rest is plain.
 * @module
 */
import { createHash } from "node:crypto";
import { createToolNames } from "../translation/tool-names.ts";
import type { ComposeOptions } from "../translation/types-request.ts";
import type { Conversation, FunctionTool, SignatureReader, Turn, TurnPart } from "../translation/types.ts";

/** SHA-256 as a host hands it in. */
export const testDigest = {
  sha256: (text: string): string => createHash("sha256").update(text).digest("hex"),
};

/** A conversation that asks for nothing. */
export function conversation(parts: Partial<Conversation> = {}): Conversation {
  return {
    model: "gemini-3.8-flash",
    stream: false,
    system: [],
    turns: [user("hi")],
    tools: [],
    serverTools: [],
    toolChoice: { mode: "auto", names: null },
    sampling: {
      temperature: null,
      topP: null,
      topK: null,
      seed: null,
      presencePenalty: null,
      frequencyPenalty: null,
    },
    maxOutputTokens: null,
    stop: [],
    thinking: { effort: null, budget: null, level: null, includeThoughts: null },
    format: { kind: "text" },
    modalities: [],
    voice: null,
    google: {},
    carriers: [],
    conversationKey: null,
    ...parts,
  };
}

/** Texts stand for themselves. */
export function user(...parts: (TurnPart | string)[]): Turn {
  return { role: "user", parts: parts.map(toPart) };
}

/** Texts stand for themselves. */
export function model(...parts: (TurnPart | string)[]): Turn {
  return { role: "model", parts: parts.map(toPart) };
}

/** A call of a tool. */
export function call(
  id: string,
  name: string,
  more: Partial<Extract<TurnPart, { kind: "call" }>> = {},
): Extract<TurnPart, { kind: "call" }> {
  return { kind: "call", id, name, args: {}, signature: null, ...more };
}

/** What a tool gave. */
export function result(
  id: string,
  text: string,
  more: Partial<Extract<TurnPart, { kind: "result" }>> = {},
): Extract<TurnPart, { kind: "result" }> {
  return { kind: "result", id, name: null, text, isError: false, media: [], ...more };
}

/** A picture. */
export function picture(data = "iVBORw0KGgo=", mimeType = "image/png"): Extract<TurnPart, { kind: "media" }> {
  return { kind: "media", mimeType, data };
}

/** A function without arguments. */
export function tool(name: string, more: Partial<FunctionTool> = {}): FunctionTool {
  return { name, description: "", schema: null, strict: false, ...more };
}

/** A reader of signatures that knows what it is told: by id, by text, else what stands beside the call. */
export function signaturesOf(
  known: { calls?: Record<string, string>; texts?: Record<string, string> } = {},
): SignatureReader {
  return {
    shortId: (id) => id.replace(/_sig_.*$/, ""),
    call: ({ id, native }) => native ?? known.calls?.[id] ?? null,
    text: (text) => known.texts?.[text] ?? null,
    issuers: new Set(),
  };
}

/** Options for composing it on the Developer API. */
export function composeOptions(of: Conversation, more: Partial<ComposeOptions> = {}): ComposeOptions {
  return {
    model: of.model,
    backend: "gemini-api",
    schemaForm: "json-schema",
    signatures: signaturesOf(),
    names: createToolNames(
      of.tools.map(({ name }) => name),
      testDigest,
    ),
    includeThoughts: false,
    ...more,
  };
}

// --- helpers ---

function toPart(part: TurnPart | string): TurnPart {
  return typeof part === "string" ? { kind: "text", text: part } : part;
}
