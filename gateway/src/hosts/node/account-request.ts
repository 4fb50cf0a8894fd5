/**
 * How accounts are asked about on Node: over the host's own connections, so that outbound proxies hold here, too.
 * @module
 */
import { request } from "undici";
import type { AccountAsk } from "../../accounts/ask.ts";
import { accountAnswerBytes } from "../accounts/account-fetch.ts";
import type { Dispatchers } from "./dispatchers.ts";

/** @param dispatchers of the host */
export function createAccountRequest(dispatchers: Dispatchers): AccountAsk {
  return async ({ method, url, headers, body, proxy, timeoutMs }) => {
    const answer = await request(url, {
      dispatcher: dispatchers.for({ origin: new URL(url).origin, proxy }),
      method,
      headers: { ...headers },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= accountAnswerBytes) break;
    }
    return { status: answer.statusCode, body: Buffer.concat(chunks).subarray(0, accountAnswerBytes).toString() };
  };
}
