/**
 * How accounts are asked about where there is `fetch`.
 * @module
 */
import type { AccountAsk } from "../../accounts/ask.ts";

/** Bytes of an answer that are read; longer ones are no answers of Google's. */
export const accountAnswerBytes: number = 256 * 1024;

/**
 * Over the platform's `fetch`, which goes through no proxy.
 * @param send @default fetch
 */
export function createAccountFetch(
  send: (url: string, init: RequestInit) => Promise<Response> = (url, init) => fetch(url, init),
): AccountAsk {
  return async ({ method, url, headers, body, proxy, timeoutMs }) => {
    if (proxy !== null) throw new Error("This host has no outbound proxies.");
    const answer = await send(url, {
      method,
      headers: { ...headers },
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: answer.status, body: await readStart(answer) };
  };
}

// --- helpers ---

async function readStart(answer: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  const reader = answer.body?.getReader();
  while (reader !== undefined) {
    const { done, value } = (await reader.read()) as { done: boolean; value?: Uint8Array };
    if (done || value === undefined) break;
    const rest = accountAnswerBytes - length;
    text += decoder.decode(value.subarray(0, rest), { stream: true });
    length += value.length;
    if (length >= accountAnswerBytes) {
      await reader.cancel();
      break;
    }
  }
  return text + decoder.decode();
}
