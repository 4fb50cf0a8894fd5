/**
 * The order of content blocks: one open at a time, indexes 0, 1, 2 … never used twice, a start before each delta, a stop
 * after (bug 33). A text block stays open as long as text comes.
 * @module
 */
import type { JsonObject } from "../../translation/types.ts";
import type { BlockSink } from "./block-sink.ts";

/** Writes blocks one after the other. Each method gives the text to send now. */
export interface Blocks {
  /** Goes on with the open text block, or opens one. */
  text(text: string): string;
  /** A text block of its own with its sources. */
  cited(text: string, citations: readonly JsonObject[]): string;
  /** Goes on with the open thinking block, or opens one; "" opens only. */
  thinking(text: string): string;
  /** Signs and closes the open thinking block; opens an empty one when none is open. */
  sign(signature: string): string;
  /** A tool's block with its whole input. */
  tool(block: JsonObject, input: JsonObject): string;
  /** A block that is whole in its start. */
  whole(block: JsonObject): string;
  /** Ends what is open. */
  close(): string;
  isTextOpen(): boolean;
  /** The text in the open text block ends at the beginning of a line, or there is none. */
  atLineStart(): boolean;
}

/**
 * Makes the writer of the blocks of one answer.
 * @param options.unsigned signature of thinking blocks that get no other one
 * @param options.onText told the whole text of each text block that ended, unless it was very long
 */
export function createBlocks(options: { sink: BlockSink; unsigned: string; onText(text: string): void }): Blocks {
  const { sink } = options;
  let open: "text" | "thinking" | null = null;
  let index = -1;
  /** Of the open text block; null: too long to be kept. */
  let kept: string | null = "";
  let lastCharacter = "\n";

  const close = (): string => {
    if (open === null) return "";
    const wasText = open === "text";
    open = null;
    if (!wasText)
      return sink.delta(index, { type: "signature_delta", signature: options.unsigned }) + sink.close(index);
    if (kept !== null) options.onText(kept);
    lastCharacter = "\n";
    return sink.close(index);
  };
  const start = (block: JsonObject): string => {
    const before = close();
    index += 1;
    return before + sink.open(index, block);
  };
  const thinking = (text: string): string => {
    let out = "";
    if (open !== "thinking") {
      out = start({ type: "thinking", thinking: "", signature: "" });
      open = "thinking";
    }
    return text === "" ? out : out + sink.delta(index, { type: "thinking_delta", thinking: text });
  };
  return {
    close,
    thinking,
    text(text) {
      let out = "";
      if (open !== "text") {
        out = start({ type: "text", text: "" });
        open = "text";
        kept = "";
      }
      kept = kept === null || kept.length + text.length > longestKept ? null : kept + text;
      lastCharacter = text.at(-1) ?? lastCharacter;
      return out + sink.delta(index, { type: "text_delta", text });
    },
    cited(text, citations) {
      let out = start({ type: "text", text: "", citations: [] }) + sink.delta(index, { type: "text_delta", text });
      for (const citation of citations) out += sink.delta(index, { type: "citations_delta", citation });
      return out + sink.close(index);
    },
    sign(signature) {
      const out = thinking("") + sink.delta(index, { type: "signature_delta", signature }) + sink.close(index);
      open = null;
      return out;
    },
    tool: (block, input) => start({ ...block, input: {} }) + sink.input(index, input) + sink.close(index),
    whole: (block) => start(block) + sink.close(index),
    isTextOpen: () => open === "text",
    atLineStart: () => open !== "text" || lastCharacter === "\n",
  };
}

// --- helpers ---

/** UTF-16 units of a text block that are kept to find its signature by: more than a model writes in one answer. */
const longestKept = 1_048_576;
