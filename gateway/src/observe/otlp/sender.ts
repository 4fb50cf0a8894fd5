/**
 * Sends one body to the collector, again where the collector asks for it, for some time, and then gives up.
 * @see https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
 * @module
 */
import type { Random } from "../../core/ports.ts";

/**
 * Sends a POST request. Resolves with the answer's status, whatever it is, and with what its `retry-after` header asks
 * for; rejects when no answer came. It should give up by itself after some ten seconds; nobody waits longer.
 */
export type OtlpPost = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
) => Promise<{ status: number; retryAfterMs: number | null }>;

/** Calls back once. The timer must not keep the process alive. @returns cancels it */
export type Schedule = (callback: () => void, ms: number) => () => void;

/** How it went. `refused`: the collector will never take it; `failed`: it could not be reached or stayed busy. */
export type SendResult = "sent" | "refused" | "failed";

/** What went wrong, for the log: a status, or the name of an error. Texts of errors can hold headers. */
export type SendFailure = { status: number } | { error: string };

/** Sends bodies. */
export interface Sender {
  /** Never rejects. */
  send(url: string, body: string): Promise<SendResult>;
  /** From now on nothing waits for another try, and what waits tries once more at once. */
  hurry(): void;
}

const tries = 5;
const answerWithinMs = 10_000;
const firstWaitMs = 1_000;
const longestWaitMs = 30_000;
/** A collector that wants more rest than this is as good as gone. */
const longestRetryAfterMs = 120_000;
/** Those of the specification. */
const retryable: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/**
 * Makes a sender.
 * @param parts `onFailure` is told of each request that went wrong
 */
export function createSender(parts: {
  post: OtlpPost;
  headers: Readonly<Record<string, string>>;
  schedule: Schedule;
  random: Random;
  onFailure(failure: SendFailure): void;
}): Sender {
  const { post, schedule, random, onFailure } = parts;
  const headers = { ...parts.headers, "content-type": "application/json" };
  const waiting = new Set<() => void>();
  let hurried = false;

  function sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        waiting.delete(wake);
        resolve();
      };
      const cancel = schedule(wake, ms);
      waiting.add(wake);
    });
  }

  /** @returns null: no answer came */
  function ask(url: string, body: string): Promise<Awaited<ReturnType<OtlpPost>> | null> {
    return new Promise((resolve) => {
      const cancel = schedule(() => {
        onFailure({ error: "TimeoutError" });
        resolve(null);
      }, answerWithinMs);
      const fail = (error: unknown): void => {
        cancel();
        onFailure({ error: error instanceof Error ? error.name : "Error" });
        resolve(null);
      };
      try {
        post(url, headers, body).then((answer) => {
          cancel();
          resolve(answer);
        }, fail);
      } catch (error) {
        fail(error);
      }
    });
  }

  return {
    async send(url, body) {
      for (let attempt = 1; ; attempt++) {
        const answer = await ask(url, body);
        if (answer !== null) {
          if (answer.status >= 200 && answer.status < 300) return "sent";
          onFailure({ status: answer.status });
          if (!retryable.has(answer.status)) return "refused";
        }
        if (attempt >= tries || hurried) return "failed";
        const asked = answer === null ? null : answer.retryAfterMs;
        if (asked !== null && asked > longestRetryAfterMs) return "failed";
        const backOff = Math.min(longestWaitMs, firstWaitMs * 2 ** (attempt - 1)) * (0.5 + random.next());
        await sleep(asked === null ? backOff : Math.max(0, asked));
      }
    },
    hurry() {
      hurried = true;
      for (const wake of waiting) wake();
    },
  };
}
