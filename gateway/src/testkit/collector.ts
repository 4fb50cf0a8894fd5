/**
 * A collector on a real local port, which keeps what it is sent and answers as told.
 * @module
 */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import type { OtlpPost } from "../observe/otlp/sender.ts";

/** One request. */
export interface CollectedRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: unknown;
}

/** What it answers the next request with. @default 200 */
export interface CollectorAnswer {
  status: number;
  retryAfter?: string;
}

/** It runs until it is closed. */
export interface Collector {
  endpoint: string;
  requests: CollectedRequest[];
  /** Answers in order; when it is empty: 200. */
  answers: CollectorAnswer[];
  /** Resolves when so many requests have come. */
  arrived(count: number): Promise<void>;
  close(): Promise<void>;
}

/** Starts it. */
export async function startCollector(): Promise<Collector> {
  const requests: CollectedRequest[] = [];
  const answers: CollectorAnswer[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      requests.push({
        method: request.method ?? "",
        path: request.url ?? "",
        headers: request.headers,
        body: JSON.parse(text) as unknown,
      });
      const { status, retryAfter } = answers.shift() ?? { status: 200 };
      response.writeHead(status, {
        "content-type": "application/json",
        ...(retryAfter === undefined ? {} : { "retry-after": retryAfter }),
      });
      response.end("{}");
      for (const each of waiting) if (requests.length >= each.count) each.resolve();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answers,
    arrived: (count) =>
      requests.length >= count ? Promise.resolve() : new Promise((resolve) => void waiting.push({ count, resolve })),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Posts with the platform's `fetch`. */
export const fetchPost: OtlpPost = async (url, headers, body) => {
  const response = await fetch(url, { method: "POST", headers, body });
  await response.arrayBuffer();
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return { status: response.status, retryAfterMs: Number.isNaN(seconds) ? null : seconds * 1000 };
};
