/**
 * Writes an answer as Anthropic's Messages API does, as a stream or as one message (fact sheet translation 3.5, 3.6).
 *
 * Where thinking may stand: clients keep a signature only in a thinking block before what it signs, but Claude Code shows
 * nothing of an answer that ends in a thinking block after its text (bug 32). So once something visible was written, a
 * thinking block is only written together with what follows it: the empty one that carries a call's signature goes out in
 * the same piece as its tool_use, and thoughts that come late wait for the next text or call. When none comes they are
 * left out: an answer never ends in thinking, unless thinking is all there was. Leaving the signature's block out after a
 * text would be no safer, since the next block is a tool_use in any case, and would lose the signature where ids carry none.
 * @module
 */
import { errorTable } from "../../core/errors.ts";
import type { Usage } from "../../core/usage.ts";
import type { AnswerEnd, AnswerEvent, AnswerWriter, JsonObject, WriterFacts } from "../../translation/types.ts";
import { createFenceStripper } from "../../translation/dialect-help/json-fence.ts";
import { textFor } from "./answer-text.ts";
import { createCollectingSink, createStreamSink, streamEvent } from "./block-sink.ts";
import { createBlocks } from "./blocks.ts";
import { errorJson, faultType } from "./error-types.ts";
import { deltaUsage, messageUsage, startUsage, type UsageFacts } from "./message-usage.ts";
import { unsignedMark } from "./read-blocks.ts";
import { createSearchHold } from "./search-hold.ts";
import { stopOf } from "./stop-reason.ts";

/** What the request asked of the answer. */
export interface AnswerWish {
  stream: boolean;
  /** `empty`: thinking blocks without their text (`display: "omitted"`); `none`: only where a signature needs one. */
  thoughts: "full" | "empty" | "none";
  /** `disable_parallel_tool_use`. */
  onlyFirstCall: boolean;
  /** The answer is that of the web search tool. */
  webSearch: boolean;
  /** The answer is JSON by a schema: a fence around it is taken off. */
  isJson: boolean;
}

/** Makes the writer of one answer. */
export function createMessagesWriter(facts: WriterFacts, wish: AnswerWish): AnswerWriter {
  const collecting = wish.stream ? null : createCollectingSink();
  /** Signature of the open text block; it comes with its last piece. */
  let textSignature: string | null = null;
  const blocks = createBlocks({
    sink: collecting ?? createStreamSink(),
    unsigned: unsignedMark,
    onText(text) {
      if (textSignature !== null) facts.signatures.text({ text, signature: textSignature });
      textSignature = null;
    },
  });
  const hold = wish.webSearch ? createSearchHold(blocks, () => `srvtoolu_${facts.newId()}`) : null;
  const id = `msg_${facts.newId()}`;
  const fence = wish.isJson ? createFenceStripper() : null;
  let firstUsage: Usage | null = null;
  let calls = 0;
  let hasVisible = false;
  let hasFailed = false;
  /** Thoughts that came after something visible. */
  let lateThoughts = "";
  /** Signature of a thought, for a call right behind it that has none of its own (bug 29). */
  let thoughtSignature: string | null = null;

  const usageFacts = (usage: Usage | null): UsageFacts => ({
    usage: usage ?? firstUsage,
    estimatedPromptTokens: facts.estimatedPromptTokens,
    searches: hold?.searches() ?? null,
  });
  const message = (rest: JsonObject): JsonObject => ({
    id,
    type: "message",
    role: "assistant",
    model: facts.model,
    content: [],
    ...rest,
  });
  const releaseThoughts = (): string => {
    if (lateThoughts === "") return "";
    const out = blocks.thinking(lateThoughts);
    lateThoughts = "";
    return out;
  };
  const writeText = (text: string): string => {
    if (text === "") return "";
    hasVisible = true;
    return releaseThoughts() + blocks.text(text);
  };
  const writeThought = (text: string): string => {
    if (wish.thoughts === "none") return "";
    const shown = wish.thoughts === "full" ? text : "";
    if (!hasVisible) return blocks.thinking(shown);
    if (lateThoughts.length < mostLateThoughts) lateThoughts += shown;
    return "";
  };
  const writeCall = (call: Extract<AnswerEvent, { kind: "call" }>): string => {
    if (wish.onlyFirstCall && calls > 0) return "";
    calls += 1;
    hasVisible = true;
    let out = writeText(fence?.end() ?? "") + releaseThoughts();
    const signature = call.signature ?? thoughtSignature;
    thoughtSignature = null;
    const { id: callId, carrier } = facts.signatures.call({ prefix: "toolu_", googleId: call.id, signature });
    if (carrier !== null) out += blocks.sign(carrier);
    return out + blocks.tool({ type: "tool_use", id: callId, name: call.name }, call.args);
  };
  const write = (event: AnswerEvent): string => {
    switch (event.kind) {
      case "text": {
        if (event.text !== "") thoughtSignature = null;
        const out = writeText(fence?.push(event.text) ?? event.text);
        // Behind a call or thoughts it signs nothing that the client will repeat.
        if (blocks.isTextOpen()) textSignature = event.signature ?? textSignature;
        return out;
      }
      case "thought":
        thoughtSignature = event.signature ?? thoughtSignature;
        return event.text === "" ? "" : writeThought(event.text);
      case "call":
        return writeCall(event);
      case "grounding":
        return "";
      default:
        return writeText(`${blocks.atLineStart() ? "" : "\n"}${textFor(event)}`);
    }
  };
  const close = (end: AnswerEnd): string => {
    const released = hold?.release(write) ?? "";
    const written = released + writeText(fence?.end() ?? "") + blocks.close();
    const stop = stopOf(end, { hasCalls: calls > 0, hasVisible });
    const usage = usageFacts(end.usage);
    if (collecting !== null)
      return JSON.stringify(
        message({
          content: collecting.content,
          stop_reason: stop?.reason ?? "end_turn",
          stop_sequence: null,
          ...(stop?.details == null ? {} : { stop_details: stop.details }),
          usage: messageUsage(usage),
        }),
      );
    hasFailed = stop === null;
    if (stop === null) return written + failed(facts.requestId);
    const details = stop.details === null ? {} : { stop_details: stop.details };
    const delta = { stop_reason: stop.reason, stop_sequence: null, ...details };
    return `${written}${streamEvent("message_delta", { delta, usage: deltaUsage(usage) })}${streamEvent("message_stop", {})}`;
  };
  return {
    begin(first) {
      firstUsage = first.usage;
      if (!wish.stream) return "";
      const start = message({ stop_reason: null, stop_sequence: null, usage: startUsage(usageFacts(null)) });
      return streamEvent("message_start", { message: start });
    },
    event: (event) => hold?.take(event, write) ?? write(event),
    end: close,
    failed: () => hasFailed,
    fault(fault) {
      if (!wish.stream) return "";
      const { message: words, requestId } = fault;
      return `event: error\ndata: ${errorJson({ type: faultType(fault), message: words, requestId })}\n\n`;
    },
    ping: () => (wish.stream ? streamEvent("ping", {}) : ""),
  };
}

// --- helpers ---

/** UTF-16 units of thoughts that wait at most; what comes beyond is left out. */
const mostLateThoughts = 262_144;

/** The model failed and nothing was written: no good end, but an error after which clients ask again. */
function failed(requestId: string): string {
  const { message } = errorTable.answer_unusable;
  return `event: error\ndata: ${errorJson({ type: "overloaded_error", message, requestId })}\n\n`;
}
