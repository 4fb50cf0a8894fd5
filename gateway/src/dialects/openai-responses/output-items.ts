/**
 * The output items of one answer and the events that tell of them: one item open at a time, each opened, filled and closed
 * in the order of fact sheet translation 2.4.
 * @module
 */
import type { Grounding, JsonObject } from "../../translation/types.ts";
import { toCitations, utf8Length } from "./citations.ts";
import type { EventLog } from "./event-log.ts";
import { itemId } from "./stored-turns.ts";

/** Writes items. Whatever is open is closed before another kind begins. */
export interface OutputItems {
  /** Those that are closed, in order. */
  readonly closed: readonly JsonObject[];
  /** A message, a call, a picture or code is among them, or open. */
  hasVisible(): boolean;
  /** A message is open. */
  isWriting(): boolean;
  thought(text: string): void;
  /** The envelope of the call that follows: of the thoughts before it, else an item of its own. */
  carrier(envelope: string): void;
  text(text: string): void;
  /** A call whose text comes in a delta. `item`: all of its fields but `id` and `status`, `field` empty. */
  call(call: { prefix: string; item: JsonObject; field: "arguments" | "input"; value: string; event: string }): void;
  /** An item without deltas of its own. `steps`: names of the events between its opening and its end. */
  whole(whole: { prefix: string; opened: JsonObject; done: JsonObject; steps?: readonly string[] }): void;
  code(code: string): void;
  codeResult(output: string): void;
  /** Annotates the message that is open; once an answer. */
  cite(grounding: Grounding): void;
  /** @param status of a message or code that is open */
  close(status: "completed" | "incomplete"): void;
}

/** @param options.onText told of each message's whole text when it is closed */
export function createOutputItems(options: {
  responseId: string;
  log: EventLog;
  onText(text: string): void;
}): OutputItems {
  const { log } = options;
  const closed: JsonObject[] = [];
  let open: OpenItem | null = null;
  let hasVisible = false;
  /** Of all messages before the open one: Google counts citations from the beginning of the answer. */
  let textBefore = "";

  const newId = (prefix: string): string => itemId({ prefix, responseId: options.responseId, index: closed.length });
  const emit = (type: string, fields: JsonObject): void => log.emitAt(closed.length, `response.${type}`, fields);
  const add = (item: JsonObject): void => emit("output_item.added", { item });
  const finish = (item: JsonObject): void => {
    emit("output_item.done", { item });
    closed.push(item);
    open = null;
  };

  const endSummaryPart = (item: OpenReasoning): void => {
    if (item.part === null) return;
    const where = { item_id: item.id, summary_index: item.summary.length };
    const part = { type: "summary_text", text: item.part };
    emit("reasoning_summary_text.done", { ...where, text: item.part });
    emit("reasoning_summary_part.done", { ...where, part });
    item.summary.push(part);
    item.part = null;
  };

  const closeReasoning = (item: OpenReasoning): void => {
    endSummaryPart(item);
    finish({ id: item.id, type: "reasoning", summary: item.summary, encrypted_content: item.envelope });
  };

  const closeMessage = (item: OpenMessage, status: string): void => {
    const where = { item_id: item.id, content_index: 0 };
    const part = outputText(item.text, item.annotations);
    emit("output_text.done", { ...where, text: item.text, logprobs: [] });
    emit("content_part.done", { ...where, part });
    finish({ id: item.id, type: "message", status, role: "assistant", content: [part] });
    textBefore += item.text;
    options.onText(item.text);
  };
  const closeCode = (item: OpenCode, status: string): void => {
    emit("code_interpreter_call.completed", { item_id: item.id });
    finish(codeItem(item, status));
  };

  const close = (status: "completed" | "incomplete"): void => {
    if (open?.kind === "reasoning") closeReasoning(open);
    else if (open?.kind === "message") closeMessage(open, status);
    else if (open?.kind === "code") closeCode(open, status);
  };

  const openReasoning = (): OpenReasoning => {
    if (open?.kind === "reasoning") return open;
    close("completed");
    const item: OpenReasoning = { kind: "reasoning", id: newId("rs"), summary: [], part: null, envelope: null };
    add({ id: item.id, type: "reasoning", summary: [], encrypted_content: null });
    open = item;
    return item;
  };

  const openMessage = (): OpenMessage => {
    if (open?.kind === "message") return open;
    close("completed");
    const item: OpenMessage = { kind: "message", id: newId("msg"), text: "", annotations: [] };
    add({ id: item.id, type: "message", status: "in_progress", role: "assistant", content: [] });
    emit("content_part.added", { item_id: item.id, content_index: 0, part: outputText("", []) });
    open = item;
    hasVisible = true;
    return item;
  };

  return {
    closed,
    hasVisible() {
      return hasVisible;
    },
    isWriting() {
      return open?.kind === "message";
    },
    thought(text) {
      if (text === "") return;
      const item = openReasoning();
      // Codex shows the bold title of each part as what the model is at.
      if (item.part !== null && text.startsWith("**") && item.part.endsWith("\n")) endSummaryPart(item);
      const where = { item_id: item.id, summary_index: item.summary.length };
      if (item.part === null) {
        item.part = "";
        emit("reasoning_summary_part.added", { ...where, part: { type: "summary_text", text: "" } });
      }
      item.part += text;
      emit("reasoning_summary_text.delta", { ...where, delta: text });
    },
    carrier(envelope) {
      const item = openReasoning();
      item.envelope = envelope;
      closeReasoning(item);
    },
    text(text) {
      if (text === "") return;
      const item = openMessage();
      item.text += text;
      log.emitText(closed.length, item.id, text);
    },
    call({ prefix, item, field, value, event }) {
      close("completed");
      const id = newId(prefix);
      const name = item["name"];
      add({ id, ...item, status: "in_progress" });
      if (value !== "") emit(`${event}.delta`, { item_id: id, delta: value });
      emit(`${event}.done`, { item_id: id, ...(field === "arguments" ? { name } : {}), [field]: value });
      finish({ id, ...item, [field]: value, status: "completed" });
      hasVisible = true;
    },
    whole({ prefix, opened, done, steps = [] }) {
      close("completed");
      const id = newId(prefix);
      add({ id, ...opened });
      for (const step of steps) emit(step, { item_id: id });
      finish({ id, ...done });
      hasVisible = true;
    },
    code(code) {
      close("completed");
      const item: OpenCode = { kind: "code", id: newId("ci"), code, logs: [] };
      add(codeItem({ ...item, code: "" }, "in_progress"));
      emit("code_interpreter_call.in_progress", { item_id: item.id });
      emit("code_interpreter_call_code.delta", { item_id: item.id, delta: code });
      emit("code_interpreter_call_code.done", { item_id: item.id, code });
      emit("code_interpreter_call.interpreting", { item_id: item.id });
      open = item;
      hasVisible = true;
    },
    codeResult(output) {
      if (open?.kind !== "code") return;
      open.logs.push({ type: "logs", logs: output });
      closeCode(open, "completed");
    },
    cite(grounding) {
      if (open?.kind !== "message") return;
      const item = open;
      const bytesBefore = utf8Length(textBefore);
      for (const annotation of toCitations({ grounding, text: item.text, bytesBefore })) {
        emit("output_text.annotation.added", {
          item_id: item.id,
          content_index: 0,
          annotation_index: item.annotations.length,
          annotation,
        });
        item.annotations.push(annotation);
      }
    },
    close,
  };
}

// --- helpers ---

interface OpenReasoning {
  kind: "reasoning";
  id: string;
  /** Parts that are done. */
  summary: JsonObject[];
  /** The part that is being written; null: none. */
  part: string | null;
  envelope: string | null;
}

interface OpenMessage {
  kind: "message";
  id: string;
  text: string;
  annotations: JsonObject[];
}

interface OpenCode {
  kind: "code";
  id: string;
  code: string;
  logs: JsonObject[];
}

type OpenItem = OpenReasoning | OpenMessage | OpenCode;

function outputText(text: string, annotations: readonly JsonObject[]): JsonObject {
  return { type: "output_text", text, annotations, logprobs: [] };
}

/** Google names no container. */
function codeItem(item: OpenCode, status: string): JsonObject {
  const { id, code, logs } = item;
  return { id, type: "code_interpreter_call", status, code, container_id: "google", outputs: logs };
}
