/**
 * Waits for what another process does. Polls, since there is no event; fails with what was waited for.
 * @module
 */

/** Asks again and again until the answer is not undefined; at most 10 seconds. */
export async function until<T>(ask: () => Promise<T | undefined>, what: string): Promise<T> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
