/**
 * Asks the upstream about one key with `GET models`, which costs no tokens, and judges the answer by the same rules that
 * the gateway judges calls by.
 * @module
 */
import { addCredential } from "../backends/gemini-api/authenticate.ts";
import { redactSecret } from "../backends/credential-text.ts";
import { judgeKey, type KeyResult } from "../call/verdict/judge-key.ts";
import type { Secret } from "../core/secret.ts";
import { redact } from "../vault/redact.ts";
import { wordsOf } from "./failure.ts";
import { toPlainLine } from "./output.ts";

/** What came of asking. */
export interface KeyCheck {
  /** `blocked` takes in `restricted`. */
  result: Exclude<KeyResult, "restricted">;
  /** HTTP status; null when no answer came. */
  status: number | null;
  /** Verdict rule, or `ok`, or `network`. */
  rule: string;
  /** Google's words or the network's, redacted, one line of at most 300 characters; null when it is well. */
  words: string | null;
  /** The answer's `date` header, epoch milliseconds; null when there was none. */
  dateMs: number | null;
  /** Milliseconds until the answer was there. */
  ms: number;
}

/** An answer later than this counts as unreachable. */
const timeoutMs = 20_000;

/**
 * Checks a key.
 * @param options `baseUrl`: the native API's base; `secret`: null asks without a key (any answer proves reachability);
 *   `proxy`: outbound proxy (default: none)
 * @returns the outcome; never rejects
 */
export async function checkKey(options: {
  baseUrl: string;
  secret: Secret | null;
  proxy?: Secret | null;
}): Promise<KeyCheck> {
  const { baseUrl, secret, proxy = null } = options;
  const headers: string[] = [];
  if (secret !== null) addCredential(headers, secret);
  const started = performance.now();
  const elapsed = (): number => Math.round(performance.now() - started);
  const clean = (text: string): string => {
    const known = secret === null ? text : redactSecret(text, secret);
    return toPlainLine(redact(known)).trim().slice(0, 300);
  };
  try {
    const { status, body, date } = await ask({
      url: `${baseUrl}/v1beta/models?pageSize=1`,
      headers: headers.length === 0 ? {} : { [headers[0] as string]: headers[1] as string },
      proxy,
    });
    const answer = { status, dateMs: Number.isNaN(date) ? null : date, ms: elapsed() };
    const { result, rule, words } = judgeKey({ status, body, now: Date.now() });
    // The command has one word for whatever Google refuses.
    return {
      result: result === "restricted" ? "blocked" : result,
      rule,
      words: words === null ? null : clean(words),
      ...answer,
    };
  } catch (error) {
    const words =
      error instanceof Error && error.name === "TimeoutError"
        ? `no answer within ${timeoutMs / 1000} s`
        : wordsOf(error);
    return { result: "unreachable", status: null, rule: "network", words: clean(words), dateMs: null, ms: elapsed() };
  }
}

// --- helpers ---

interface Question {
  url: string;
  headers: Record<string, string>;
}
interface Answer {
  status: number;
  body: string;
  /** Of the `date` header, epoch milliseconds; NaN: none. */
  date: number;
}

async function ask({ proxy, ...question }: Question & { proxy: Secret | null }): Promise<Answer> {
  const { url, headers } = question;
  if (proxy !== null) return askThrough(question, proxy);
  const response = await fetch(url, { headers, redirect: "manual", signal: AbortSignal.timeout(timeoutMs) });
  const body = (await response.text()).slice(0, 65_536);
  return { status: response.status, body, date: Date.parse(response.headers.get("date") ?? "") };
}

/** Few need it, and undici takes a while to load. */
async function askThrough({ url, headers }: Question, proxy: Secret): Promise<Answer> {
  const [{ request }, { createDispatchers }] = await Promise.all([
    import("undici"),
    import("../hosts/node/dispatchers.ts"),
  ]);
  const dispatchers = createDispatchers({
    connectTimeoutMs: timeoutMs,
    firstByteTimeoutMs: timeoutMs,
    idleTimeoutMs: timeoutMs,
  });
  try {
    const dispatcher = dispatchers.for({ origin: new URL(url).origin, proxy });
    const answer = await request(url, { dispatcher, headers, signal: AbortSignal.timeout(timeoutMs) });
    const body = (await answer.body.text()).slice(0, 65_536);
    return { status: answer.statusCode, body, date: Date.parse(String(answer.headers["date"])) };
  } finally {
    await dispatchers.close();
  }
}
