/**
 * Calls to a worker under test, and its ledger.
 * @module
 */
import { expect } from "vitest";
import { until } from "./until.ts";
import type { RunningWorker } from "./wrangler-worker.ts";

export interface Answered {
  status: number;
  id: string | null;
  text: string;
}
export interface Row {
  id: string;
  outcome: string;
  usage: Record<string, number> | null;
  attempts: { status: number | null }[];
}

/** The model of all calls. */
export const model: string = "gemini-3.8-flash";
export const clientKey: string = "gp-workers-0123456789abcdefghijklmnopqrs";
export const adminToken: string = "gpa-workers-0123456789abcdefghijklmnopqr";
/** A Gemini key with this name in it. */
export const key = (name: string): string => `AIzaSyWorkersTestKey-${name.padStart(18, "0")}`;
/** What every worker under test is started with. */
export const secrets: Record<string, string> = { PROXY_API_KEY: clientKey, ADMIN_TOKEN: adminToken, LOG_LEVEL: "warn" };

/** A call, alternately a stream. */
export async function call(worker: RunningWorker, index = 1, headers: Record<string, string> = {}): Promise<Answered> {
  const method = index % 2 === 0 ? "streamGenerateContent?alt=sse" : "generateContent";
  const response = await fetch(`${worker.url}/v1beta/models/${model}:${method}`, {
    method: "POST",
    headers: { "x-goog-api-key": clientKey, "content-type": "application/json", ...headers },
    body: JSON.stringify({ contents: [{ role: "user", parts: [{ text: `Question ${index}` }] }] }),
  });
  const id = response.headers.get("x-gproxy-request-id");
  return { status: response.status, id, text: await response.text() };
}

export async function admin<T>(worker: RunningWorker, path: string): Promise<T> {
  const headers = { authorization: `Bearer ${adminToken}` };
  const response = await fetch(`${worker.url}/admin/api/v1/${path}`, { headers });
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

/** Rows are written after the answers: waits until there are so many. */
export const ledger = (worker: RunningWorker, count: number): Promise<Row[]> =>
  until(async () => {
    const { calls } = await admin<{ calls: Row[] }>(worker, "calls?limit=1000");
    return calls.length >= count ? calls : undefined;
  }, `${count} rows`);
