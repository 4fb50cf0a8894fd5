/**
 * From a client's body to Gemini's request, as the call does it, without a call.
 * @module
 */
import { translateMessagesRequest } from "../dialects/anthropic/translate-request.ts";
import { translateChatRequest } from "../dialects/openai-chat/translate/translate-request.ts";
import { translateResponsesRequest } from "../dialects/openai-responses/translate-request.ts";
import { compose } from "../translation/compose/compose.ts";
import { createSignatureCache } from "../translation/signatures/memory.ts";
import { createSignatureReader } from "../translation/signatures/reader.ts";
import { createToolNames } from "../translation/tool-names.ts";
import type { SchemaForm } from "../translation/types-request.ts";
import type { Conversation, JsonObject, Translation } from "../translation/types.ts";
import type { ClientDialect } from "./client-bodies.ts";
import { testDigest } from "./conversation.ts";

/** Reads a body in its dialect; nothing is stored. */
export function translateForTest(dialect: ClientDialect, body: unknown): Translation {
  switch (dialect) {
    case "openai-chat":
      return translateChatRequest(body, { includeThoughts: true });
    case "openai-responses":
      return translateResponsesRequest(body, { includeThoughts: true, previous: null });
    case "anthropic":
      return translateMessagesRequest(body, { includeThoughts: true });
  }
}

/** Writes the request of a client whose signatures nobody remembers. */
export function composeForTest(
  conversation: Conversation,
  model: string,
  schemaForm: SchemaForm = "json-schema",
): JsonObject {
  const signatures = createSignatureReader({
    clientId: "client",
    model,
    memory: createSignatureCache({ clock: { now: () => 0, monotonic: () => 0 } }),
    digest: testDigest,
    carriers: conversation.carriers,
  });
  const names = createToolNames(
    conversation.tools.map(({ name }) => name),
    testDigest,
  );
  return compose(conversation, {
    model,
    backend: "gemini-api",
    schemaForm,
    signatures,
    names,
    includeThoughts: true,
  });
}
