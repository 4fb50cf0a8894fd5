/**
 * A call as JSON text, for streams and whole answers alike: always whole, with an id of its own, never with empty
 * arguments (fact sheet translation 1.9).
 * @module
 */
import type { AnswerEvent, SignatureWriter } from "../../../translation/types.ts";
import { detailFormat, detailType } from "./carried-signatures.ts";

/** What is written of a call. */
export interface CallText {
  /** The element of `tool_calls`. */
  call: string;
  /** The element of `reasoning_details`; empty: no signature is known. */
  detail: string;
}

/**
 * Writes a call.
 * @param options.index in streams, of the call in the whole answer; null: whole answers have none
 * @param options.isCustom the tool takes one free text
 */
export function callText(
  event: Extract<AnswerEvent, { kind: "call" }>,
  options: { index: number | null; isCustom: boolean; signatures: SignatureWriter },
): CallText {
  const { signature } = event;
  const { id, carrier } = options.signatures.call({ prefix: "call_", googleId: event.id, signature });
  const index = options.index === null ? "" : `"index":${options.index},`;
  const name = JSON.stringify(event.name);
  const called = options.isCustom
    ? `"type":"custom","custom":{"name":${name},"input":${JSON.stringify(customInput(event.args))}}`
    : `"type":"function","function":${functionText(event)}`;
  const extra =
    signature === null ? "" : `,"extra_content":{"google":{"thought_signature":${JSON.stringify(signature)}}}`;
  const data = carrier ?? signature;
  return {
    call: `{${index}"id":${JSON.stringify(id)},${called}${extra}}`,
    detail:
      data === null
        ? ""
        : `{"type":"${detailType}","id":${JSON.stringify(id)},"data":${JSON.stringify(data)},"format":"${detailFormat}"}`,
  };
}

/** `{"name":…,"arguments":…}`: the inner object of a call, and the whole of the older `function_call`. */
export function functionText(event: Extract<AnswerEvent, { kind: "call" }>): string {
  return `{"name":${JSON.stringify(event.name)},"arguments":${JSON.stringify(JSON.stringify(event.args))}}`;
}

// --- helpers ---

function customInput(args: Record<string, unknown>): string {
  const { input } = args;
  return typeof input === "string" ? input : JSON.stringify(input ?? args);
}
