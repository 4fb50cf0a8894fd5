/**
 * Answers of deterministic calls, kept for the client that asked, and calls that wait for the same answer
 * (REQUEST_DEDUP_WINDOW_MS, RESPONSE_CACHE_TTL_MS). One process' memory; bounded by bytes.
 * @module
 */

/** A whole answer. */
export interface KeptAnswer {
  status: number;
  /** Flat list, without the gateway's own. */
  headers: readonly string[];
  chunks: readonly Uint8Array[];
  /** Bytes of the body. */
  length: number;
  modelServed: string | null;
}

/** A call that waits for another one's answer. */
export interface AnswerFollower {
  answered(answer: KeptAnswer): void;
  /** The other call failed or was not kept: make your own. */
  abandoned(): void;
}

/** The one call that makes the answer. Exactly one of the two must be called. */
export interface AnswerLead {
  offer(answer: KeptAnswer, now: number): void;
  fail(): void;
}

/** What to do. */
export type AnswerChoice =
  | { kind: "hit"; answer: KeptAnswer }
  /** `leave`: the follower's client has gone. */
  | { kind: "wait"; leave(): void }
  | { kind: "lead"; lead: AnswerLead };

/** The cache. */
export interface AnswerCache {
  /** @param key names client and request; a digest */
  ask(key: string, follower: AnswerFollower, now: number): AnswerChoice;
  size(): { answers: number; bytes: number };
}

/** One answer may take this share of the whole. */
const largestShare = 1 / 8;
/** Calls that wait for one answer; further ones make their own. */
const mostFollowers = 1_000;
const mostAnswers = 100_000;
/** What an entry costs beside its body. */
const entryOverhead = 512;

/**
 * An empty cache.
 * @param options `ttlMs`: how long answers are kept; `maxBytes`: all bodies together
 */
export function createAnswerCache(options: { ttlMs: number; maxBytes: number }): AnswerCache {
  /** Oldest first: kept in order of insertion. */
  const kept = new Map<string, { answer: KeptAnswer; untilMs: number; bytes: number }>();
  const making = new Map<string, Set<AnswerFollower>>();
  let bytes = 0;

  function drop(key: string): void {
    const entry = kept.get(key);
    if (entry === undefined) return;
    kept.delete(key);
    bytes -= entry.bytes;
  }

  function keep(key: string, answer: KeptAnswer, now: number): void {
    const size = answer.length + entryOverhead;
    if (size > options.maxBytes * largestShare) return;
    drop(key);
    kept.set(key, { answer, untilMs: now + options.ttlMs, bytes: size });
    bytes += size;
    for (const [oldest, entry] of kept) {
      if (bytes <= options.maxBytes && kept.size <= mostAnswers && entry.untilMs > now) break;
      drop(oldest);
    }
  }

  function lead(key: string): AnswerLead {
    const followers = new Set<AnswerFollower>();
    making.set(key, followers);
    let done = false;
    return {
      offer(answer, now) {
        if (done) return;
        done = true;
        making.delete(key);
        keep(key, answer, now);
        for (const follower of followers) follower.answered(answer);
      },
      fail() {
        if (done) return;
        done = true;
        making.delete(key);
        for (const follower of followers) follower.abandoned();
      },
    };
  }

  return {
    ask(key, follower, now) {
      const entry = kept.get(key);
      if (entry !== undefined) {
        if (entry.untilMs > now) return { kind: "hit", answer: entry.answer };
        drop(key);
      }
      const followers = making.get(key);
      if (followers === undefined || followers.size >= mostFollowers)
        return { kind: "lead", lead: followers === undefined ? lead(key) : nobodyWaits };
      followers.add(follower);
      return { kind: "wait", leave: () => void followers.delete(follower) };
    },
    size: () => ({ answers: kept.size, bytes }),
  };
}

// --- helpers ---

const nobodyWaits: AnswerLead = { offer: () => undefined, fail: () => undefined };
