/**
 * What the body tells: model and streaming of OpenAI calls, the conversation for sticky strategies, and the thought
 * signatures that OpenAI clients dropped and that are put back.
 * @module
 */
import type { ClientKey } from "../clients/types.ts";
import type { Lease } from "../core/credential.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { RawHeaders } from "../core/headers.ts";
import type { Bytes } from "../core/ports.ts";
import { conversationText } from "../core/scan/conversation-key.ts";
import { findFields, type FoundField } from "../core/scan/find-fields.ts";
import { restoreSignatures, signatureSentinel } from "../dialects/openai-chat/signatures.ts";
import type { CallEnvironment } from "./environment.ts";
import type { CollectedBody } from "./host.ts";
import type { Identity } from "./identity.ts";
import type { Overrides } from "./overrides.ts";
import type { ScannedHeaders } from "./request-headers.ts";

/** The body ready to be sent, and what it told. */
export interface PreparedBody {
  body: CollectedBody | "pass" | null;
  identity: Identity;
  stickyKey: string | null;
  refusal: ErrorCode | null;
}

/** Looks into a body as little as it can. */
export function prepareBody(parts: {
  body: CollectedBody | "pass" | null;
  identity: Identity;
  headers: ScannedHeaders;
  requestHeaders: RawHeaders;
  client: ClientKey;
  overrides: Overrides;
  environment: CallEnvironment;
}): PreparedBody {
  const { environment } = parts;
  const { bytes } = environment;
  const { body } = parts;
  let { identity } = parts;
  let named: { promptCacheKey: string | null; user: string | null } = { promptCacheKey: null, user: null };
  if (identity.modelInBody) {
    if (body === null || body === "pass") return { body, identity, stickyKey: null, refusal: "model_missing" };
    const { fields, whole } = findFields({
      body: body.chunks,
      names: ["model", "stream", "prompt_cache_key", "user"],
      bytes,
    });
    const model = fields.model === null ? null : fields.model.value;
    named = { promptCacheKey: textOf(fields.prompt_cache_key), user: textOf(fields.user) };
    if (typeof model !== "string" || model === "")
      return { body, identity, stickyKey: null, refusal: whole ? "model_missing" : "body_malformed" };
    const stream = identity.operation === "chat" && fields.stream?.value === true;
    identity = {
      ...identity,
      model: model.replace(/^models\//, ""),
      stream,
      framing: stream ? "sse" : "unary",
    };
  }
  const strategy = parts.overrides.strategy ?? environment.settings.strategy;
  if (strategy !== "sticky" && strategy !== "sticky_until_error")
    return { body, identity, stickyKey: null, refusal: null };
  const prefix = body === null || body === "pass" ? null : body.chunks;
  const conversation = conversationText({ headers: parts.requestHeaders, body: prefix, fields: named, bytes });
  const stickyKey = `${parts.client.id}\n${identity.model ?? ""}\n${strategy === "sticky" ? (conversation ?? "") : ""}`;
  return { body, identity, stickyKey, refusal: null };
}

/**
 * The body for one attempt: OpenAI clients drop thought signatures, so they are put back from memory. Signatures belong
 * to the project that made them (fact sheet upstream 1.11): for another project the documented sentinel stands instead.
 */
export function bodyForLease(
  body: CollectedBody,
  facts: { model: string; client: ClientKey; lease: Lease; environment: CallEnvironment },
): CollectedBody {
  const { bytes, signatures } = facts.environment;
  // Joined, since a key may be cut by the border of two chunks; small bodies are one chunk already.
  const whole = bytes.concat(body.chunks);
  if (bytes.indexOf(whole, "tool_calls") < 0) return body;
  const text = bytes.decode(whole);
  const own = `${facts.lease.projectId}\n`;
  const restored = restoreSignatures(text, {
    model: facts.model,
    lookup(toolCallId) {
      const known = signatures.get(facts.client.id, toolCallId);
      return known !== null && known.startsWith(own) ? known.slice(own.length) : null;
    },
  });
  return restored === null ? body : toBody(bytes, restored);
}

/** The body with every thought signature replaced by the sentinel, after Google refused one as another project's. */
export function withoutForeignSignatures(body: CollectedBody, environment: CallEnvironment): CollectedBody {
  const { bytes } = environment;
  const text = bytes.decode(bytes.concat(body.chunks));
  // Inside strings the quotes are escaped, so only real members match.
  return toBody(
    bytes,
    text.replace(/"(thoughtSignature|thought_signature)"(\s*:\s*)"(?:[^"\\]|\\.)*"/g, `"$1"$2"${signatureSentinel}"`),
  );
}

// --- helpers ---

function textOf(field: FoundField | null): string | null {
  return field !== null && typeof field.value === "string" && field.value !== "" ? field.value : null;
}

function toBody(bytes: Bytes, text: string): CollectedBody {
  const encoded = bytes.encode(text);
  return { chunks: [encoded], length: encoded.length };
}
