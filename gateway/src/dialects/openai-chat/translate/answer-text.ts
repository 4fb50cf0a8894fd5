/**
 * The visible text of an answer while it is written: code blocks put in, a fence taken away, signatures of texts
 * remembered, sources turned into annotations.
 * @module
 */
import type { Grounding, SignatureWriter } from "../../../translation/types.ts";
import { createFenceFilter } from "./fence.ts";
import { toUtf16Offsets } from "./text-offsets.ts";

/** The text of one answer. */
export interface AnswerText {
  /** Text of the model's. Gives what can be written now. */
  text(text: string, signature: string | null): string;
  /** Text of ours in between, such as a code block. */
  block(text: string): string;
  /** What was held back. Once, at the end; signatures are remembered then. */
  end(): string;
  /** JSON texts of annotations, of the last grounding; after `end`. */
  annotations(grounding: Grounding): string[];
}

/**
 * Makes the text of one answer.
 * @param options.isJson a fence around the text is taken away
 * @param options.mayCite the whole text is kept: sources come with its last piece
 */
export function createAnswerText(options: {
  isJson: boolean;
  mayCite: boolean;
  signatures: SignatureWriter;
}): AnswerText {
  const { signatures } = options;
  const fence = options.isJson ? createFenceFilter() : null;
  const longestKept = options.mayCite ? longestCited : longestSigned;
  const blocks: Block[] = [];
  /** The model's own text; null: too long to be kept. */
  let own: string | null = "";
  let ownLength = 0;
  let blockLength = 0;
  let lastSignature: string | null = null;

  /** Where a place in the model's own text is in what was written. */
  const written = (place: number, isEnd: boolean): number => {
    let shift = -(fence?.leading ?? 0);
    for (const block of blocks) {
      if (isEnd ? block.at >= place : block.at > place) break;
      shift += block.length;
    }
    return Math.max(0, place + shift);
  };

  return {
    text(text, signature) {
      if (signature !== null) lastSignature = signature;
      if (text === "") return "";
      ownLength += text.length;
      if (own !== null) own = ownLength > longestKept ? null : own + text;
      return fence === null ? text : fence.push(text);
    },
    block(text) {
      const whole = (fence?.end() ?? "") + text;
      blocks.push({ at: ownLength, length: text.length });
      blockLength += text.length;
      return whole;
    },
    end() {
      const rest = fence?.end() ?? "";
      // The text is found again by itself: only as the client has it, too.
      if (lastSignature !== null && own && blockLength === 0 && fence?.hasStripped !== true)
        signatures.text({ text: own, signature: lastSignature });
      return rest;
    },
    annotations(grounding) {
      const length = Math.max(0, ownLength + blockLength - (fence?.leading ?? 0));
      const supports = own === null ? [] : grounding.supports;
      if (supports.length === 0)
        return grounding.sources.map((source) => annotationText(source, { start: length, end: length }));
      const places = toUtf16Offsets(
        own ?? "",
        supports.flatMap(({ start, end }) => [start, end]),
      );
      return supports.flatMap(({ start, end, sources }) => {
        const range = { start: written(places.get(start) ?? 0, false), end: written(places.get(end) ?? 0, true) };
        return sources.flatMap((index) => {
          const source = grounding.sources[index];
          return source === undefined ? [] : [annotationText(source, range)];
        });
      });
    },
  };
}

// --- helpers ---

interface Block {
  /** In the model's own text. */
  at: number;
  length: number;
}

/** UTF-16 units kept for a signature that may come last; losing one is allowed (fact sheet translation 5.3.5). */
const longestSigned = 65_536;
/** UTF-16 units kept for sources; beyond, they are named without their places. */
const longestCited = 1_048_576;

function annotationText(source: { title: string; url: string }, range: { start: number; end: number }): string {
  const { url, title } = source;
  return JSON.stringify({
    type: "url_citation",
    url_citation: { start_index: range.start, end_index: range.end, url, title },
  });
}
