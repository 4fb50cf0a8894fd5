/**
 * The client's body in its dialect, read.
 * @module
 */
import { translateCountRequest, translateMessagesRequest } from "../../dialects/anthropic/translate-request.ts";
import { translateChatRequest } from "../../dialects/openai-chat/translate/translate-request.ts";
import {
  previousResponseId,
  referencedResponseId,
  translateResponsesRequest,
} from "../../dialects/openai-responses/translate-request.ts";
import type { Translation } from "../../translation/types.ts";
import type { Bytes } from "../../core/ports.ts";
import type { CollectedBody } from "../host.ts";
import type { Identity } from "../identity.ts";

/** The body as JSON; undefined: it is none. */
export function parseBody(body: CollectedBody, bytes: Bytes): unknown {
  try {
    return JSON.parse(bytes.decode(bytes.concat(body.chunks)));
  } catch {
    return undefined;
  }
}

/**
 * The stored response that a request goes on from; null: none is named. Where only items of one are referred to, the
 * request is good without it, too.
 */
export function namedResponse(identity: Identity, body: unknown): { id: string; required: boolean } | null {
  if (identity.dialect !== "openai-responses") return null;
  const named = previousResponseId(body);
  const id = named ?? referencedResponseId(body);
  return id === null ? null : { id, required: named !== null };
}

/**
 * Reads it.
 * @param facts `previous`: JSON text of the stored response that is named; null: none is
 */
export function readDialect(
  identity: Identity,
  facts: { body: unknown; includeThoughts: boolean; previous: string | null },
): Translation {
  const { body, includeThoughts } = facts;
  switch (identity.dialect) {
    case "anthropic":
      return identity.operation === "count-tokens"
        ? translateCountRequest(body, { includeThoughts })
        : translateMessagesRequest(body, { includeThoughts });
    case "openai-responses": {
      const previous = facts.previous === null ? null : JSON.parse(facts.previous);
      return translateResponsesRequest(body, { includeThoughts, previous });
    }
    default:
      return translateChatRequest(body, { includeThoughts });
  }
}
