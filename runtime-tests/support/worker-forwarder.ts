/**
 * Stands where Cloudflare's AI Gateway stands: takes calls under a path and passes them on without it.
 * @module
 */
import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";

/** One that runs. */
export interface Forwarder {
  /** Base, path included. */
  url: string;
  /** Paths of calls that came from outside the path. */
  refused(): readonly string[];
  close(): Promise<void>;
}

/** @param target base that calls are passed on to */
export async function startPrefixForwarder(path: string, target: string): Promise<Forwarder> {
  const refused: string[] = [];
  const server = createServer((incoming, outgoing) => {
    const url = incoming.url ?? "";
    if (!url.startsWith(`${path}/`)) {
      refused.push(url);
      outgoing.writeHead(404).end();
      return;
    }
    const { method, headers } = incoming;
    const onward = httpRequest(target + url.slice(path.length), { method: method ?? "GET", headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    refused: () => refused,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
