/**
 * Identities of calls in dialects that Google has no surface for: their bodies are translated (call/translate).
 * @module
 */
import type { Dialect } from "../core/records.ts";
import type { Identity } from "./identity-types.ts";
import type { Query } from "./query.ts";

/** OpenAI's Responses: `POST /responses`. */
export function responsesIdentity(path: string, query: Query, mountPrefix: string): Identity {
  return identityOf({ dialect: "openai-responses", operation: "responses", path, query, mountPrefix });
}

/** Anthropic's Messages: `POST /messages`, `POST /messages/count_tokens`. */
export function messagesIdentity(path: string, query: Query, mountPrefix: string): Identity {
  const operation = path === "/messages" ? "messages" : "count-tokens";
  return identityOf({ dialect: "anthropic", operation, path, query, mountPrefix });
}

/** Anthropic's list of models, and one of them. */
export function modelsIdentity(path: string, query: Query, mountPrefix: string): Identity {
  const identity = identityOf({ dialect: "anthropic", operation: "models", path, query, mountPrefix });
  const target = `/v1beta${path}${path === "/models" ? "?pageSize=1000" : ""}`;
  return { ...identity, modelInBody: false, target };
}

// --- helpers ---

/** The target is known with the model (call/translate/route.ts). */
function identityOf(facts: {
  dialect: Dialect;
  operation: string;
  path: string;
  query: Query;
  mountPrefix: string;
}): Identity {
  const { dialect, operation, path, query, mountPrefix } = facts;
  return {
    dialect,
    backend: "gemini-api",
    operation,
    model: null,
    translated: true,
    modelInBody: true,
    modelOptional: false,
    generative: operation === "responses" || operation === "messages",
    stream: false,
    framing: "unary",
    bodyMode: "collect",
    repeatable: true,
    namesResource: false,
    mountPrefix,
    resource: null,
    target: "",
    path,
    queryKey: query.key,
  };
}
