/**
 * How an attempt is made: which backend its credential opens, and whether the call is translated for it.
 * @module
 */
import type { Lease } from "../../core/credential.ts";
import type { RequestProblem } from "../../translation/types.ts";
import type { Settings } from "../../settings/types.ts";
import type { Identity } from "../identity.ts";

/** Operations that Code Assist serves (fact sheet upstream 7.2); everything else needs an API key. */
const accountOperations: ReadonlySet<string> = new Set([
  "generate",
  "stream-generate",
  "chat",
  "responses",
  "messages",
  "count-tokens",
]);

/** Whether only API keys can serve a call. */
export function needsKey(identity: Identity): boolean {
  return !accountOperations.has(identity.operation) || identity.resource !== null;
}

/**
 * The identity of a chat call that is translated here instead of going to Google's OpenAI surface; others as they are.
 * @param settings `openaiChat`
 */
export function translatedWhereSet(identity: Identity, settings: Pick<Settings, "openaiChat">): Identity {
  const isChat = identity.dialect === "openai-chat" && identity.operation === "chat";
  return isChat && settings.openaiChat === "translate" ? asTranslated(identity) : identity;
}

/**
 * The identity of one attempt. The same object where nothing differs.
 * @param identity of the call, maybe as an earlier attempt left it
 * @param facts `isWritten`: the call's body is Gemini's by now, so that no other surface takes it
 */
export function attemptIdentity(
  identity: Identity,
  lease: Lease,
  facts: { settings: Pick<Settings, "openaiChat">; isWritten: boolean },
): Identity {
  if (lease.kind === "code-assist") {
    const translated = identity.dialect === "gemini" ? identity : asTranslated(identity);
    return translated.backend === "code-assist" ? translated : { ...translated, backend: "code-assist" };
  }
  const { openaiChat } = facts.settings;
  if (!facts.isWritten && identity.dialect === "openai-chat" && identity.operation === "chat" && openaiChat === "auto")
    return identity.translated ? { ...identity, translated: false, backend: "gemini-openai" } : identity;
  return identity.backend === "code-assist" ? { ...identity, backend: "gemini-api" } : identity;
}

/** The identity of a call whose body is Gemini's by now. */
export function asWritten(identity: Identity): Identity {
  return { ...identity, translated: true, backend: "gemini-api", target: nativeTarget(identity) };
}

/** The refusal of a model's name that is none. */
export const oddModel: RequestProblem = {
  code: "field_invalid",
  field: "model",
  message: "This is no name of a model.",
};

/**
 * Whether a name from a body can stand in a path and stay there: a dot segment would name another model than the one that
 * was judged, wherever the URL is resolved on its way (RFC 3986 5.2.4).
 */
export function isModelPath(model: string): boolean {
  return model.length <= longestModel && !oddName.test(model);
}

/** Path and query of a translated call at the native API. */
export function nativeTarget(identity: Identity): string {
  const { model, operation, stream } = identity;
  if (operation === "models") return identity.target;
  const path = model === null ? "" : modelPath(model);
  if (operation === "count-tokens") return `/v1beta/${path}:countTokens`;
  return `/v1beta/${path}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`;
}

// --- helpers ---

/** Most names are path segments as they are. */
function modelPath(model: string): string {
  const name = model.startsWith("tunedModels/") ? model : `models/${model}`;
  return /^[A-Za-z0-9./_-]+$/.test(name) ? name : name.split("/").map(encodeURIComponent).join("/");
}

const longestModel = 512;
/** Dot segments, what URL parsers take for a slash or leave out, and half characters, which no address can hold. */
const oddName = /(?:^|\/)\.{1,2}(?:\/|$)|[\\\p{Cc}\p{Cs}]/u;

function asTranslated(identity: Identity): Identity {
  return identity.translated ? identity : { ...identity, translated: true, backend: "gemini-api" };
}
