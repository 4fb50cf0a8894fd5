/**
 * Tokens of a conversation without asking Google: for `count_tokens` while the upstream cannot be asked, and for the head of
 * a stream. Everything counts, also tools, calls and results: a count of texts alone keeps clients from compacting their
 * history in time (bug 35).
 * @module
 */
import type { Conversation, TurnPart } from "../../translation/types.ts";

/**
 * A text is a quarter of its UTF-16 units, a picture 258, a PDF 258 for each started 100 kB, sound and video one for each
 * started 1,000 bytes. A file whose size is not known counts as one picture or page.
 * @returns whole tokens
 */
export function estimateTokens(conversation: Conversation): number {
  let tokens = 0;
  for (const text of conversation.system) tokens += textTokens(text);
  for (const tool of conversation.tools)
    tokens += textTokens(tool.name + tool.description + (tool.schema === null ? "" : JSON.stringify(tool.schema)));
  if (conversation.format.kind === "json-schema") tokens += textTokens(JSON.stringify(conversation.format.schema));
  for (const turn of conversation.turns) for (const part of turn.parts) tokens += partTokens(part);
  return tokens;
}

// --- helpers ---

const pictureTokens = 258;

function partTokens(part: TurnPart): number {
  switch (part.kind) {
    case "text":
      return textTokens(part.text);
    case "call":
      return textTokens(part.name + JSON.stringify(part.args));
    case "result":
      return textTokens(part.text) + part.media.reduce((sum, inner) => sum + partTokens(inner), 0);
    case "file":
      return pictureTokens;
    case "media":
      return mediaTokens(part.mimeType, Math.floor((part.data.length * 3) / 4));
  }
}

function mediaTokens(mimeType: string, bytes: number): number {
  if (mimeType === "application/pdf") return pictureTokens * Math.max(1, Math.ceil(bytes / 100_000));
  if (/^(audio|video)\//.test(mimeType)) return Math.ceil(bytes / 1_000);
  return mimeType.startsWith("text/") ? Math.ceil(bytes / 4) : pictureTokens;
}

function textTokens(text: string): number {
  return Math.ceil(text.length / 4);
}
