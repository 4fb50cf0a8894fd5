/**
 * The way to an OpenTelemetry collector.
 * @module
 */
import { request } from "undici";
import type { OtlpPost } from "../../observe/otlp/sender.ts";

const timeoutMs = 10_000;
const mostAnswerBytes = 65_536;

/** Over connections of its own: a collector that hangs holds up no call. */
export const postToCollector: OtlpPost = async (url, headers, body) => {
  const answer = await request(url, {
    method: "POST",
    headers: { ...headers },
    body,
    signal: AbortSignal.timeout(timeoutMs),
  });
  await answer.body.dump({ limit: mostAnswerBytes });
  return { status: answer.statusCode, retryAfterMs: toMs(answer.headers["retry-after"]) };
};

// --- helpers ---

/** Seconds or a date (RFC 9110 10.2.3). */
function toMs(header: string | string[] | undefined): number | null {
  if (header === undefined) return null;
  const text = String(header);
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now());
}
