/**
 * Calls on their way to Code Assist: their body in its envelope, their answer out of it.
 * @module
 */
import { toCodeAssistRequest } from "../backends/code-assist/request.ts";
import { createUnwrapper } from "../backends/code-assist/unwrap.ts";
import type { Lease } from "../core/credential.ts";
import type { Bytes } from "../core/ports.ts";
import { lowerNativeTools } from "../translation/schema/native-tools.ts";
import type { CallEnvironment } from "./environment.ts";
import type { CollectedBody } from "./host.ts";
import type { Identity } from "./identity.ts";
import type { Transform } from "./transform.ts";

/** The request: its path and its body. */
export function toCodeAssist(parts: {
  identity: Identity;
  lease: Lease;
  body: CollectedBody;
  callId: string;
  /** Names the conversation; null: nothing does. */
  sessionKey: string | null;
  environment: CallEnvironment;
}): { target: string; body: CollectedBody } {
  const { identity, lease, body, callId, sessionKey, environment } = parts;
  return toCodeAssistRequest({
    operation: operationOf(identity),
    model: identity.model ?? "",
    project: lease.cloudProject ?? "",
    body,
    isOwn: identity.translated,
    callId,
    sessionKey: sessionKey ?? callId,
    lowerTools: lowerNativeTools,
    bytes: environment.bytes,
    digest: environment.digest,
  });
}

/** What takes the envelope off; null: the answer has none. */
export function unwrapperOf(identity: Identity, bytes: Bytes): Transform | null {
  if (identity.backend !== "code-assist") return null;
  const operation = operationOf(identity);
  return operation === "count-tokens" ? null : createUnwrapper({ framing: identity.framing, bytes });
}

// --- helpers ---

function operationOf(identity: Identity): "generate" | "stream-generate" | "count-tokens" {
  if (identity.operation === "count-tokens") return "count-tokens";
  return identity.stream ? "stream-generate" : "generate";
}
