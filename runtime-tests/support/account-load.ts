/**
 * Many clients at once, of all dialects, who count what went wrong.
 * @module
 */
import { model, type AccountWorld } from "./account-world.ts";
import { translatedDialects } from "./translated-dialects.ts";

/** What came of a load. */
export interface LoadResult {
  answered: number;
  /** What clients saw that they should not have; empty: all was well. */
  wrong: string[];
}

/**
 * Calls, streamed and unary, native and translated.
 * @param options `workers`: at once; `go`: whether a worker makes another call, asked with the number of answers so far
 */
export async function loadAccounts(
  world: AccountWorld,
  options: { workers: number; go: (answered: number) => boolean },
): Promise<LoadResult> {
  const result: LoadResult = { answered: 0, wrong: [] };
  let begun = 0;
  const worker = async (): Promise<void> => {
    while (options.go(result.answered)) {
      const wrong = await oneCall(world, begun++).catch((error: unknown) => String(error));
      if (wrong !== null) result.wrong.push(wrong);
      result.answered += 1;
    }
  };
  await Promise.all(Array.from({ length: options.workers }, worker));
  return result;
}

// --- helpers ---

/** @returns null: all was well */
async function oneCall(world: AccountWorld, index: number): Promise<string | null> {
  const stream = index % 2 === 0;
  const text = `Question ${index}`;
  const dialect = translatedDialects[index % 4];
  if (dialect !== undefined) {
    const answer = await world.ask(dialect, dialect.request([dialect.user(text)], { model, stream }));
    return answer.said.isWhole && answer.said.text.includes(text) ? null : `${answer.status} ${answer.body}`;
  }
  const method = stream ? "streamGenerateContent?alt=sse" : "generateContent";
  const body = { contents: [{ role: "user", parts: [{ text }] }] };
  const response = await world.native(`/v1beta/models/${model}:${method}`, body);
  const told = await response.text();
  return told.includes('"finishReason":"STOP"') && !told.includes('"error"') ? null : `${response.status} ${told}`;
}
