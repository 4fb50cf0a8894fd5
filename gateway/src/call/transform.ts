/**
 * What must be changed in an answer on its way. Nothing for native calls: their bytes pass untouched.
 * Answers of Google's OpenAI surface get what OpenAI's clients need (fact sheet upstream 3): the index of tool calls, and
 * thought signatures are remembered, since most clients drop them.
 * @module
 */
import type { ClientKey } from "../clients/types.ts";
import { createChatStreamRewriter, rewriteUnary } from "../dialects/openai-chat/rewrite-stream.ts";
import type { CallEnvironment } from "./environment.ts";
import type { Identity } from "./identity.ts";

/** Changes bytes on their way. */
export interface Transform {
  push(chunk: Uint8Array): readonly Uint8Array[];
  end(): readonly Uint8Array[];
  /** After `end`: what stands behind a whole answer only. @default nothing */
  close?(): Uint8Array;
}

/** Unary answers beyond this are sent on as they are. */
const unaryLimit = 16 * 1024 * 1024;
const nothing: readonly Uint8Array[] = [];

/** @returns null when the answer passes untouched */
export function createTransform(
  identity: Identity,
  client: ClientKey,
  projectId: string,
  environment: CallEnvironment,
): Transform | null {
  if (identity.backend !== "gemini-openai" || identity.operation !== "chat") return null;
  const { bytes, signatures } = environment;
  const onSignature = (toolCallId: string, signature: string): void => {
    // With its project: no other one accepts it.
    signatures.set(client.id, toolCallId, `${projectId}\n${signature}`);
  };
  if (identity.stream) return createChatStreamRewriter({ bytes, onSignature });

  let held: Uint8Array[] = [];
  let length = 0;
  let passing = false;
  return {
    push(chunk) {
      if (passing) return [chunk];
      held.push(chunk);
      length += chunk.length;
      if (length <= unaryLimit) return nothing;
      passing = true;
      const chunks = held;
      held = [];
      return chunks;
    },
    end() {
      if (passing || held.length === 0) return nothing;
      const whole = bytes.concat(held);
      held = [];
      if (bytes.indexOf(whole, '"tool_calls"') < 0) return [whole];
      return [bytes.encode(rewriteUnary(bytes.decode(whole), { onSignature }))];
    },
  };
}
