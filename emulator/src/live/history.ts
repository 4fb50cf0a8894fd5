/** @module The context of a session: what was said so far and its tokens. Media are counted and then dropped. */

import type { Content, Part } from "../answer/gemini-types.ts";
import type { TokensByModality } from "../answer/count-tokens.ts";
import { countPartTokens } from "../answer/count-tokens.ts";

/** One content with what it costs in every prompt that follows. */
export interface HistoryItem {
  content: Content;
  tokens: TokensByModality;
}

/** A session's context: a window that slides over the last contents. */
export interface History {
  /** @param tokens Instead of what the parts count as. */
  add(content: Content, tokens?: TokensByModality): void;
  contents(): Content[];
  /** Of all contents. */
  tokens(): TokensByModality;
  /** For a resumption; later additions do not change it. */
  items(): readonly HistoryItem[];
}

/** @param items What an earlier connection left. */
export function createHistory(items: readonly HistoryItem[] = []): History {
  let kept = [...items];
  let characters = kept.reduce((sum, item) => sum + sizeOf(item), 0);
  return {
    add: (content, tokens) => {
      const item = { content: withoutMedia(content), tokens: tokens ?? countContent(content) };
      kept.push(item);
      characters += sizeOf(item);
      while (kept.length > 1 && (kept.length > MAX_CONTENTS || characters > MAX_CHARACTERS)) {
        const [oldest, ...rest] = kept;
        if (oldest) characters -= sizeOf(oldest);
        kept = rest;
      }
    },
    contents: () => kept.map(({ content }) => content),
    tokens: () => {
      const sums: TokensByModality = {};
      for (const { tokens } of kept) addTokens(sums, tokens);
      return sums;
    },
    items: () => [...kept],
  };
}

/** Adds counts to others, in place. */
export function addTokens(sums: TokensByModality, more: TokensByModality): void {
  for (const [modality, tokens] of Object.entries(more)) {
    if (tokens > 0) sums[modality] = (sums[modality] ?? 0) + tokens;
  }
}

/** Tokens of a content by the token rule. */
export function countContent({ parts = [] }: Content): TokensByModality {
  const sums: TokensByModality = {};
  for (const part of parts) {
    const { modality, tokens } = countPartTokens(part);
    addTokens(sums, { [modality]: tokens });
  }
  return sums;
}

// --- helpers ---

const MAX_CONTENTS = 512;
const MAX_CHARACTERS = 1_000_000;

function withoutMedia(content: Content): Content {
  const parts = (content.parts ?? []).map((part): Part => {
    if (!part.inlineData) return part;
    const { mimeType } = part.inlineData;
    return { ...part, inlineData: { ...(mimeType === undefined ? {} : { mimeType }), data: "" } };
  });
  return { ...content, parts };
}

function sizeOf({ content }: HistoryItem): number {
  return JSON.stringify(content).length;
}
