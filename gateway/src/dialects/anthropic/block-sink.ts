/**
 * Where content blocks go: out as events of a stream, or into the `content` of one message (fact sheet translation 3.5).
 * @module
 */
import type { JsonObject } from "../../translation/types.ts";

/** What changes an open block. */
export type BlockDelta =
  | { type: "text_delta"; text: string }
  | { type: "thinking_delta"; thinking: string }
  | { type: "signature_delta"; signature: string }
  | { type: "citations_delta"; citation: JsonObject };

/** Takes blocks. Each method gives the text to send now; "" when blocks are collected. */
export interface BlockSink {
  /** @param block as `content_block_start` has it: empty, to be filled */
  open(index: number, block: JsonObject): string;
  delta(index: number, delta: BlockDelta): string;
  /** The whole input of an open tool's block. */
  input(index: number, input: JsonObject): string;
  close(index: number): string;
}

/** One event of the stream: name and `type` are the same, and clients need both. */
export function streamEvent(type: string, data: JsonObject): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}

/** Blocks as events. */
export function createStreamSink(): BlockSink {
  const delta = (index: number, change: JsonObject): string =>
    streamEvent("content_block_delta", { index, delta: change });
  return {
    open: (index, block) => streamEvent("content_block_start", { index, content_block: block }),
    // Nearly all events are these: written by hand they take a third of the time.
    delta: (index, change) =>
      change.type === "text_delta"
        ? `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":{"type":"text_delta","text":${JSON.stringify(change.text)}}}\n\n`
        : delta(index, { ...change }),
    // Whole in one piece, and never only the empty string: clients parse what they have gathered. The first, empty
    // piece is Anthropic's own habit.
    input: (index, input) =>
      delta(index, { type: "input_json_delta", partial_json: "" }) +
      delta(index, { type: "input_json_delta", partial_json: JSON.stringify(input) }),
    close: (index) => streamEvent("content_block_stop", { index }),
  };
}

/** Blocks collected for one message. */
export function createCollectingSink(): BlockSink & { content: JsonObject[] } {
  const content: JsonObject[] = [];
  const nothing = "";
  const add = (index: number, key: string, text: string): void => {
    const block = content[index];
    if (block !== undefined) block[key] = `${typeof block[key] === "string" ? block[key] : ""}${text}`;
  };
  return {
    content,
    open(index, block) {
      content[index] = { ...block };
      return nothing;
    },
    delta(index, change) {
      if (change.type === "text_delta") add(index, "text", change.text);
      else if (change.type === "thinking_delta") add(index, "thinking", change.thinking);
      else if (change.type === "signature_delta") add(index, "signature", change.signature);
      else {
        const block = content[index];
        if (block !== undefined)
          block["citations"] = [...(Array.isArray(block["citations"]) ? block["citations"] : []), change.citation];
      }
      return nothing;
    },
    input(index, input) {
      const block = content[index];
      if (block !== undefined) block["input"] = input;
      return nothing;
    },
    close: () => nothing,
  };
}
