/**
 * What Anthropic's format has no block for, as text: code that the model ran, pictures and sound.
 * @module
 */
import type { AnswerEvent } from "../../translation/types.ts";

/** Code, its result, or a medium as text that ends in a line end. */
export function textFor(event: Extract<AnswerEvent, { kind: "code" | "code-result" | "media" }>): string {
  switch (event.kind) {
    case "code":
      return fenced(event.code, event.language.toLowerCase());
    case "code-result":
      return fenced(event.output === "" ? event.outcome : event.output, "");
    case "media":
      return omitted(event.mimeType, Math.floor((event.data.length * 3) / 4));
  }
}

// --- helpers ---

function fenced(text: string, language: string): string {
  let longest = 2;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}${text.endsWith("\n") ? "" : "\n"}${fence}\n`;
}

/** Left out in silence, a picture would be an answer that the model gave and nobody saw. */
function omitted(mimeType: string, bytes: number): string {
  const kind = mimeType.split("/", 1)[0] || "medium";
  const size = bytes < 1_000 ? `${bytes} bytes` : `${Math.round(bytes / 1_000)} kB`;
  return `[${kind} omitted: ${mimeType}, ${size}; Anthropic's Messages format has no place for it in an answer]\n`;
}
