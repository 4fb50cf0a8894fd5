/**
 * Code that the model ran, and what it gave, as Markdown: chat answers have no other place for it.
 * @module
 */

/** A block of code. @param language Google's word, such as `PYTHON` */
export function codeBlock(language: string, code: string): string {
  const word = /^[A-Z]+$/.test(language) && !language.endsWith("UNSPECIFIED") ? language.toLowerCase() : "";
  return fenced(word, code);
}

/** A block with what came out. @param outcome Google's word, such as `OUTCOME_OK`; failures are named */
export function resultBlock(outcome: string, output: string): string {
  const words = outcome === "OUTCOME_OK" || outcome === "" ? "" : outcome.replace(/^OUTCOME_/, "").toLowerCase();
  return fenced("output", words === "" ? output : `${words}\n${output}`);
}

// --- helpers ---

function fenced(word: string, text: string): string {
  let longest = 2;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  const fence = "`".repeat(longest + 1);
  return `\n${fence}${word}\n${text}${text.endsWith("\n") || text === "" ? "" : "\n"}${fence}\n`;
}
