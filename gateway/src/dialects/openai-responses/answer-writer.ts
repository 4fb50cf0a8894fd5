/**
 * Writes one answer as a Responses stream or a response object.
 * @module
 */
import { createFenceStripper, type FenceStripper } from "../../translation/dialect-help/json-fence.ts";
import type {
  AnswerEnd,
  AnswerEvent,
  AnswerWriter,
  Conversation,
  Grounding,
  JsonObject,
  WriterFacts,
} from "../../translation/types.ts";
import { writeCompaction } from "./compaction.ts";
import { blockNotice, endingOf, failureOf, type Ending } from "./ending.ts";
import { createEventLog, endOfStream } from "./event-log.ts";

import { listOf } from "./json-values.ts";
import { createOutputItems } from "./output-items.ts";
import { createResponseWriter, toResponsesUsage, type ResponseState } from "./response-object.ts";
import { responseIdOf } from "./stored-turns.ts";
import type { Toolbox } from "./toolbox.ts";
import { writeCall } from "./write-call.ts";

/** What the request said that the answer must know. */
export interface AskedFor {
  body: JsonObject;
  conversation: Conversation;
  toolbox: Toolbox;
  /** The answer is a summary, to be given as one opaque item. */
  isCompaction: boolean;
  /** The whole input as items, for `stored`; null: the client wants nothing stored. */
  input: readonly unknown[] | null;
}

/** Makes the writer of one answer; those of several attempts share nothing. */
export function createAnswerWriter(asked: AskedFor, facts: WriterFacts): AnswerWriter {
  const { body, conversation } = asked;
  const { stream } = conversation;
  const responseId = responseIdOf(facts.newId());
  const log = createEventLog({ stream });
  const items = createOutputItems({ responseId, log, onText: rememberText });
  const write = createResponseWriter({
    id: responseId,
    createdAt: Math.floor(facts.startedAt / 1000),
    model: facts.model,
    body,
    conversation,
  });
  const single = body["parallel_tool_calls"] === false;
  let calls = 0;
  let fence: FenceStripper | null = null;
  /** Of the text that is being written; the last one counts. */
  let textSignature: string | null = null;
  let grounding: Grounding | null = null;
  let summary = "";
  let ending: Ending | null = null;

  function rememberText(text: string): void {
    if (textSignature !== null) facts.signatures.text({ text, signature: textSignature });
    textSignature = null;
  }

  /** What the fence held back comes before anything else. */
  function endText(): void {
    const rest = fence?.end() ?? "";
    fence = null;
    items.text(rest);
    if (!items.isWriting()) textSignature = null;
  }

  function writeText(event: { text: string; signature: string | null }): void {
    if (conversation.format.kind === "text") items.text(event.text);
    else items.text((fence ??= createFenceStripper()).push(event.text));
    // Often it comes in an empty piece behind the text.
    if (event.signature !== null && (items.isWriting() || fence !== null)) textSignature = event.signature;
  }

  function writeEvent(event: AnswerEvent): void {
    if (asked.isCompaction) {
      if (event.kind === "text") summary += event.text;
      return;
    }
    if (event.kind === "thought" && event.text === "") return;
    if (event.kind !== "text" && event.kind !== "grounding") endText();
    switch (event.kind) {
      case "text":
        writeText(event);
        return;
      case "thought":
        items.thought(event.text);
        return;
      case "call":
        calls += 1;
        if (single && calls > 1) return;
        writeCall({ event, items, toolbox: asked.toolbox, signatures: facts.signatures });
        return;
      case "media":
        writeMedia(event);
        return;
      case "code":
        items.code(event.code);
        return;
      case "code-result":
        items.codeResult(event.output);
        return;
      case "grounding":
        // The last one is the whole; it comes with the last piece of text.
        grounding = event.grounding;
    }
  }

  function writeMedia(event: { mimeType: string; data: string }): void {
    const [kind, format = "png"] = event.mimeType.split("/");
    if (kind !== "image") {
      items.text(`[The model answered with ${event.mimeType}, for which the Responses API has no place.]`);
      return;
    }
    const item = { type: "image_generation_call", output_format: format };
    items.whole({
      prefix: "ig",
      opened: { ...item, status: "in_progress", result: null },
      done: { ...item, status: "completed", result: event.data },
      steps: ["in_progress", "generating", "completed"].map((step) => `image_generation_call.${step}`),
    });
  }

  /** Sources come last at Google: they annotate the message that is still open, and the search stands behind it. */
  function writeSearch(found: Grounding, status: "completed" | "incomplete"): void {
    if (found.queries.length === 0 && found.sources.length === 0) return;
    // Where a fence was taken off, offsets would point elsewhere.
    if (conversation.format.kind === "text") items.cite(found);
    items.close(status);
    const action: JsonObject = { type: "search", query: found.queries[0] ?? "", queries: found.queries };
    if (listOf(body["include"]).includes("web_search_call.action.sources"))
      action["sources"] = found.sources.map(({ url }) => ({ type: "url", url }));
    const item = { type: "web_search_call", action };
    items.whole({
      prefix: "ws",
      opened: { ...item, status: "in_progress" },
      done: { ...item, status: "completed" },
      steps: ["in_progress", "searching", "completed"].map((step) => `web_search_call.${step}`),
    });
  }

  function writeLast(end: AnswerEnd): Ending {
    const decided = endingOf(end);
    if (asked.isCompaction) {
      if (summary === "" && decided.status !== "failed")
        return { status: "failed", error: { code: "server_error", message: "The model wrote no summary." } };
      const item = { type: "compaction" };
      if (decided.status !== "failed")
        items.whole({
          prefix: "cmp",
          opened: { ...item, encrypted_content: "" },
          done: { ...item, encrypted_content: writeCompaction(summary) },
        });
      return decided;
    }
    endText();
    if (decided.status === "incomplete" && decided.reason === "content_filter" && !items.hasVisible())
      items.text(blockNotice(end));
    const status = decided.status === "completed" ? "completed" : "incomplete";
    if (grounding !== null) writeSearch(grounding, status);
    items.close(status);
    return decided;
  }

  function stateOf(decided: Ending, usage: AnswerEnd["usage"]): ResponseState {
    const completed = decided.status === "completed";
    return {
      status: decided.status,
      output: items.closed,
      usage: decided.status === "failed" && usage === null ? null : toResponsesUsage(usage),
      error: decided.status === "failed" ? decided.error : null,
      reason: decided.status === "incomplete" ? decided.reason : null,
      completedAt: completed ? Math.floor((facts.now?.() ?? facts.startedAt) / 1000) : null,
    };
  }

  /** SDKs that read only one of the two see the failure too. */
  function writeFailure(state: ResponseState): void {
    log.emit("error", { code: state.error?.code ?? null, message: state.error?.message ?? "", param: null });
    log.emitResponse("response.failed", write(state));
  }

  return {
    begin() {
      if (!stream) return "";
      const state: ResponseState = {
        status: "in_progress",
        output: [],
        usage: null,
        error: null,
        reason: null,
        completedAt: null,
      };
      const text = write(state);
      log.emitResponse("response.created", text);
      log.emitResponse("response.in_progress", text);
      return log.take();
    },
    event(event) {
      writeEvent(event);
      return log.take();
    },
    end(end) {
      ending = writeLast(end);
      const state = stateOf(ending, end.usage);
      if (!stream) return `${write(state)}\n`;
      if (ending.status === "failed") writeFailure(state);
      else log.emitResponse(`response.${ending.status}`, write(state));
      return log.take() + endOfStream;
    },
    failed: () => ending?.status === "failed",
    fault(fault) {
      if (!stream) return "";
      // What is open stays open: an item that is done would be taken for a whole one.
      ending = { status: "failed", error: failureOf(fault) };
      writeFailure(stateOf(ending, null));
      return log.take() + endOfStream;
    },
    ping() {
      return stream ? ": ping\n\n" : "";
    },
    stored() {
      if (asked.input === null || ending === null || ending.status === "failed") return null;
      // A compaction stands for everything before it.
      return { id: responseId, turns: asked.isCompaction ? [...items.closed] : [...asked.input, ...items.closed] };
    },
  };
}
