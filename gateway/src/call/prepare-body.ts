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
import { restoreSignatures } from "../dialects/openai-chat/signatures.ts";
import { signatureSentinel } from "../translation/signatures/constants.ts";
import type { CallEnvironment } from "./environment.ts";
import type { CollectedBody } from "./host.ts";
import type { Identity } from "./identity.ts";
import { parseBody } from "./translate/read-dialect.ts";
import { translatedWhereSet } from "./translate/route.ts";
import { withStoreOff } from "./models/store-off.ts";
import type { Overrides } from "./overrides.ts";
import type { ScannedHeaders } from "./request-headers.ts";

/** The body ready to be sent, and what it told. */
export interface PreparedBody {
  body: CollectedBody | "pass" | null;
  identity: Identity;
  stickyKey: string | null;
  /** Names the prompt's prefix; null: too short to be cached by Google, or switched off. */
  affinityKey: string | null;
  refusal: ErrorCode | null;
  /** The body as JSON, where it is translated and so must be read as a whole; else undefined. */
  parsed?: unknown;
}

/** Prompts below this many bytes are below Google's least for implicit caching (fact sheet upstream 8: 2,048 tokens). */
const shortestPrefix = 8_192;
/** Bytes of a body that name its prefix: what follows grows from turn to turn. */
const prefixBytes = 4_096;

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
  let { body } = parts;
  let identity = translatedWhereSet(parts.identity, environment.settings);
  let parsed: unknown;
  let named: { promptCacheKey: string | null; user: string | null } = { promptCacheKey: null, user: null };
  if (identity.modelInBody) {
    if (body === null || body === "pass")
      return identity.modelOptional
        ? nothing(body, identity)
        : { ...nothing(body, identity), refusal: "model_missing" };
    if (identity.translated) parsed = parseBody(body, bytes);
    const told = identity.translated ? outermost(parsed) : scanOutermost(body, bytes);
    const { model, whole } = told;
    named = told;
    const isNamed = typeof model === "string" && model !== "";
    if (!isNamed && !identity.modelOptional)
      return { ...nothing(body, identity), refusal: whole ? "model_missing" : "body_malformed" };
    const stream =
      identity.stream || ((identity.generative || identity.operation === "interaction") && told.stream === true);
    identity = {
      ...identity,
      model: isNamed ? plainName(model, identity) : null,
      stream,
      framing: stream ? "sse" : "unary",
    };
  }
  const { settings } = environment;
  if (
    settings.store === "off" &&
    identity.generative &&
    // What is translated says so itself: in the client's own body the word means something else.
    !identity.translated &&
    identity.backend === "gemini-api" &&
    body !== null &&
    body !== "pass"
  )
    body = withStoreOff(body, bytes);
  const affinityKey = settings.prefixAffinity && identity.generative ? prefixOf(body, identity, environment) : null;
  const strategy = parts.overrides.strategy ?? environment.settings.strategy;
  if (strategy !== "sticky" && strategy !== "sticky_until_error")
    return { body, identity, stickyKey: null, affinityKey, refusal: null, parsed };
  const prefix = body === null || body === "pass" ? null : body.chunks;
  const conversation = conversationText({ headers: parts.requestHeaders, body: prefix, fields: named, bytes });
  const stickyKey = `${parts.client.id}\n${identity.model ?? ""}\n${strategy === "sticky" ? (conversation ?? "") : ""}`;
  return { body, identity, stickyKey, affinityKey, refusal: null, parsed };
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

function nothing(body: CollectedBody | "pass" | null, identity: Identity): PreparedBody {
  return { body, identity, stickyKey: null, affinityKey: null, refusal: null };
}

/** Turns of a conversation, and calls with the same long instructions, begin with the same bytes. */
function prefixOf(
  body: CollectedBody | "pass" | null,
  identity: Identity,
  { bytes, digest }: CallEnvironment,
): string | null {
  if (body === null || body === "pass" || body.length < shortestPrefix) return null;
  const first = body.chunks[0] as Uint8Array;
  const start = first.length >= prefixBytes ? first : bytes.concat(body.chunks);
  return `${identity.model ?? ""}\n${digest.sha256(bytes.decode(start, 0, prefixBytes))}`;
}

/** What clients put around a name (fact sheet translation 1.1, 3.1). */
function plainName(model: string, { dialect }: Identity): string {
  if (dialect === "gemini") return model.replace(/^models\//, "");
  const plain = model.replace(/^(?:models|google|gemini)\//, "");
  return dialect === "anthropic" ? plain.replace(/\[1m\]$/, "") : plain;
}

interface Outermost {
  model: unknown;
  stream: unknown;
  promptCacheKey: string | null;
  user: string | null;
  /** It is an object, and whole. */
  whole: boolean;
}

/** What an outermost object says, found without parsing it. */
function scanOutermost(body: CollectedBody, bytes: Bytes): Outermost {
  const { fields, whole } = findFields({
    body: body.chunks,
    names: ["model", "stream", "prompt_cache_key", "user"],
    bytes,
  });
  return {
    model: fields.model === null ? null : fields.model.value,
    stream: fields.stream === null ? null : fields.stream.value,
    promptCacheKey: textOf(fields.prompt_cache_key),
    user: textOf(fields.user),
    whole,
  };
}

/** The same of a body that was parsed anyway. */
function outermost(parsed: unknown): Outermost {
  const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
  const fields = isObject ? (parsed as Record<string, unknown>) : {};
  const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);
  return {
    model: Object.hasOwn(fields, "model") ? fields["model"] : null,
    stream: fields["stream"],
    promptCacheKey: text(fields["prompt_cache_key"]),
    user: text(fields["user"]),
    whole: isObject,
  };
}

function textOf(field: FoundField | null): string | null {
  return field !== null && typeof field.value === "string" && field.value !== "" ? field.value : null;
}

function toBody(bytes: Bytes, text: string): CollectedBody {
  const encoded = bytes.encode(text);
  return { chunks: [encoded], length: encoded.length };
}
