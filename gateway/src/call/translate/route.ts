/**
 * How an attempt is made: which backend its credential opens, and whether the call is translated for it.
 * @module
 */
import type { Lease } from "../../core/credential.ts";
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
 */
export function attemptIdentity(identity: Identity, lease: Lease, settings: Pick<Settings, "openaiChat">): Identity {
  if (lease.kind === "code-assist") {
    const translated = identity.dialect === "gemini" ? identity : asTranslated(identity);
    return translated.backend === "code-assist" ? translated : { ...translated, backend: "code-assist" };
  }
  if (identity.dialect === "openai-chat" && identity.operation === "chat" && settings.openaiChat === "auto")
    return identity.translated ? { ...identity, translated: false, backend: "gemini-openai" } : identity;
  return identity.backend === "code-assist" ? { ...identity, backend: "gemini-api" } : identity;
}

/** Path and query of a translated call at the native API. */
export function nativeTarget(identity: Identity): string {
  const { model, operation, stream } = identity;
  if (operation === "models") return identity.target;
  const name = model === null || model.startsWith("tunedModels/") ? model : `models/${model}`;
  const path = (name ?? "").split("/").map(encodeURIComponent).join("/");
  if (operation === "count-tokens") return `/v1beta/${path}:countTokens`;
  return `/v1beta/${path}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`;
}

// --- helpers ---

function asTranslated(identity: Identity): Identity {
  return identity.translated ? identity : { ...identity, translated: true, backend: "gemini-api" };
}
