/**
 * Asks Google whether one key of the pool is good: `GET models`, which costs no tokens, at the key's own base URL and
 * through its own proxy, judged by the rules that calls are judged by.
 * @module
 */
import type { KeyCheck } from "../../admin/services.ts";
import { addCredential } from "../../backends/gemini-api/authenticate.ts";
import { redactSecret } from "../../backends/credential-text.ts";
import type { CallEnvironment } from "../../call/environment.ts";
import { judge } from "../../call/verdict/judge.ts";
import type { Credential } from "../../core/credential.ts";
import type { Effect } from "../../core/verdict.ts";
import { redact } from "../../vault/redact.ts";
import type { ProbeFetch } from "../probe.ts";

/** An answer later than this counts as unreachable. */
const timeoutMs = 20_000;
const mostWords = 300;

/**
 * Checks a key; never rejects, and changes nothing of the pool.
 * @param parts `ask`: the host's way to Google
 */
export async function checkCredential(
  credential: Pick<Credential, "secret" | "baseUrl" | "proxy">,
  parts: { environment: Pick<CallEnvironment, "addressFor" | "proxy" | "clock">; ask: ProbeFetch },
): Promise<KeyCheck> {
  const { environment, ask } = parts;
  const { clock } = environment;
  const headers: string[] = [];
  addCredential(headers, credential.secret);
  const { origin, prefix } = environment.addressFor("gemini-api", credential.baseUrl);
  const startedAt = clock.monotonic();
  const done = (result: KeyCheck["result"], status: number | null, words: string | null): KeyCheck => ({
    result,
    status,
    words: words === null ? null : toLine(redact(redactSecret(words, credential.secret))),
    tookMs: Math.round(clock.monotonic() - startedAt),
  });
  try {
    const { status, body } = await ask({
      url: `${origin}${prefix}/v1beta/models?pageSize=1`,
      headers: { [headers[0] as string]: headers[1] as string },
      proxy: credential.proxy ?? environment.proxy,
      timeoutMs,
    });
    if (status === 200) return done("ok", status, null);
    const { effects } = judge({
      kind: "status",
      status,
      headers: [],
      body,
      backend: "gemini-api",
      model: null,
      namesResource: false,
      repeatable: true,
      streaming: false,
      now: clock.now(),
    });
    return done(resultOf(status, effects), status, messageOf(body) ?? `HTTP ${status}`);
  } catch (error) {
    return done("unreachable", null, wordsOf(error));
  }
}

// --- helpers ---

function resultOf(status: number, effects: readonly Effect[]): KeyCheck["result"] {
  for (const effect of effects) {
    if (effect.kind === "disable") {
      if (effect.reason === "invalid-key") return "invalid";
      return effect.reason === "restricted" ? "restricted" : "blocked";
    }
    if (effect.cause === "location") return "location";
  }
  return status === 429 ? "limited" : "unreachable";
}

/** `error.message` of a Google error body, also where it is wrapped in an array. */
function messageOf(body: string): string | null {
  try {
    const value = JSON.parse(body) as unknown;
    const { error } = (Array.isArray(value) ? value[0] : value) as { error?: { message?: unknown } };
    return typeof error?.message === "string" ? error.message : null;
  } catch {
    return null;
  }
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer within ${timeoutMs / 1000} s`;
  // fetch says "fetch failed" and hides why.
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

function toLine(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim()
    .slice(0, mostWords);
}
