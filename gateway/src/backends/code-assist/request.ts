/**
 * Requests in Code Assist's envelope (fact sheet upstream 7.2, 7.3).
 * @module
 */
import type { Digest } from "../../core/ports.ts";
import { toNativeRequest } from "./native-request.ts";
import type { CodeAssistQuestion, RequestBody } from "./types.ts";

/**
 * The request.
 * @returns `target`: path and query; streams always ask for events, whatever the client wants to read
 */
export function toCodeAssistRequest(question: CodeAssistQuestion): { target: string; body: RequestBody } {
  const { operation, model, project, bytes } = question;
  if (operation === "count-tokens") {
    const { contents } = toNativeRequest(question, { forCounting: true });
    const text = JSON.stringify({ request: { model: `models/${model}`, contents } });
    return { target: "/v1internal:countTokens", body: joined([bytes.encode(text)]) };
  }
  const target = operation === "generate" ? "/v1internal:generateContent" : "/v1internal:streamGenerateContent?alt=sse";
  const head = { model, project, user_prompt_id: `${question.callId}########0` };
  const session = sessionOf(question.sessionKey, question.digest);
  const start = JSON.stringify(head).slice(0, -1);
  if (question.isOwn && question.body.length > 2) {
    // Nothing to change: the body goes in as it is, but for its last brace, before which the session stands.
    const chunks = [bytes.encode(`${start},"request":{"session_id":"${session}",`), ...withoutBrace(question.body)];
    return { target, body: joined([...chunks, bytes.encode("}")]) };
  }
  const request = { ...toNativeRequest(question, { forCounting: false }), session_id: session };
  return { target, body: joined([bytes.encode(`${start},"request":${JSON.stringify(request)}}`)]) };
}

// --- helpers ---

/** Without the opening brace. The first chunk begins with it: the body was written here. */
function withoutBrace({ chunks }: RequestBody): Uint8Array[] {
  return chunks.map((chunk, index) => (index === 0 ? chunk.subarray(1) : chunk));
}

function joined(chunks: readonly Uint8Array[]): RequestBody {
  return { chunks, length: chunks.reduce((sum, chunk) => sum + chunk.length, 0) };
}

/** A UUID that stays the same for one conversation. */
function sessionOf(key: string, digest: Digest): string {
  const hex = digest.sha256(key);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
