/**
 * The way to Google from the edge. Google refuses some of the regions in which Workers run ("User location is not
 * supported"): that is the route's fault and not the key's (fact sheet upstream 4.2, peers A 37). Where an EGRESS_RELAY is
 * bound, such calls go through a Durable Object that lives where EGRESS_LOCATION_HINT says (`off`: they do not). The refused
 * try is no attempt of the ledger: Google bills nothing for it.
 * @module
 */
import type { Logger } from "../../core/ports.ts";
import type { RelayNamespace, WorkerEnvironment } from "./runtime.ts";

/** How upstream calls leave. */
export interface Egress {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
}

/** How long an isolate remembers that its region is refused. */
const refusedForMs = 3_600_000;
/** An error body of Google's that is longer says something else. */
const longestRefusal = 4_096;
const refusal = /User location is not supported/i;

/**
 * Makes the way out.
 * @param direct the platform's fetch. @default fetch
 * @param now epoch milliseconds. @default Date.now
 */
export function createEgress(
  env: Pick<WorkerEnvironment, "EGRESS_RELAY" | "EGRESS_LOCATION_HINT">,
  logger: Logger,
  direct: (url: string, init: RequestInit) => Promise<Response> = (url, init) => fetch(url, init),
  now: () => number = () => Date.now(),
): Egress {
  const namespace = env.EGRESS_RELAY;
  if (namespace === undefined || env.EGRESS_LOCATION_HINT === "off") return { fetch: direct };
  let refusedUntil = 0;
  const relayed = (url: string, init: RequestInit): Promise<Response> => relayOf(namespace, env).fetch(url, init);
  return {
    async fetch(url, init) {
      if (now() < refusedUntil) return relayed(url, init);
      const response = await direct(url, init);
      if (response.status !== 400) return response;
      const { body, refused } = await readRefusal(response);
      if (refused) {
        refusedUntil = now() + refusedForMs;
        logger.log("warn", "egress.refused", { words: "Google refuses this region; calls go through the relay." });
        // A body that streams is gone: the client's next try takes the relay.
        if (!(init.body instanceof ReadableStream)) return relayed(url, init);
      }
      return new Response(body, response);
    },
  };
}

// --- helpers ---

function relayOf(namespace: RelayNamespace, env: Pick<WorkerEnvironment, "EGRESS_LOCATION_HINT">) {
  const hint = env.EGRESS_LOCATION_HINT ?? "wnam";
  // The first one to ask decides where the object lives, so each place has an object of its own.
  return namespace.get(namespace.idFromName(`egress-${hint}`), { locationHint: hint });
}

async function readRefusal(response: Response): Promise<{ body: ArrayBuffer; refused: boolean }> {
  const body = await response.arrayBuffer();
  return {
    body,
    refused: body.byteLength <= longestRefusal && refusal.test(new TextDecoder().decode(body)),
  };
}
