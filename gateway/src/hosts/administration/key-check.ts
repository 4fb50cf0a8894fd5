/**
 * Asks Google whether one key of the pool is good: `GET models`, which costs no tokens, at the key's own base URL and
 * through its own proxy, judged by the rules that calls are judged by.
 * @module
 */
import type { KeyCheck } from "../../admin/services.ts";
import { addCredential } from "../../backends/gemini-api/authenticate.ts";
import { redactSecret } from "../../backends/credential-text.ts";
import type { CallEnvironment } from "../../call/environment.ts";
import { judgeKey } from "../../call/verdict/judge-key.ts";
import type { Credential } from "../../core/credential.ts";
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
    const { result, words } = judgeKey({ status, body, now: clock.now() });
    return done(result, status, words);
  } catch (error) {
    return done("unreachable", null, wordsOf(error));
  }
}

// --- helpers ---

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
