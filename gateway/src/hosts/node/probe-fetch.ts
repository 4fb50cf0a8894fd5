/**
 * Probes over the Node host's own connections, so that they go through the same outbound proxies as calls.
 * @module
 */
import { request } from "undici";
import type { ProbeFetch } from "../probe.ts";
import type { Dispatchers } from "./dispatchers.ts";

/** Bytes of an answer that are read; what they say stands at the beginning. */
const bodyLimit = 65_536;

/** @param dispatchers of the host */
export function createProbeFetch(dispatchers: Dispatchers): ProbeFetch {
  return async ({ url, headers, proxy, timeoutMs }) => {
    const { statusCode, body } = await request(url, {
      dispatcher: dispatchers.for({ origin: new URL(url).origin, proxy }),
      headers: { ...headers },
      signal: AbortSignal.timeout(timeoutMs),
    });
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= bodyLimit) break;
    }
    return { status: statusCode, body: Buffer.concat(chunks).subarray(0, bodyLimit).toString() };
  };
}
