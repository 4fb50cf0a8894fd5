/**
 * How the parts of this folder ask Google: plain requests with small answers, sent by the host.
 * @module
 */
import type { Secret } from "../core/secret.ts";

/** One request. */
export interface AccountQuestion {
  method: "GET" | "POST";
  url: string;
  headers: Readonly<Record<string, string>>;
  /** Null: none. */
  body: string | null;
}

/** Its answer; `body`: at most the first 256 KB. */
export interface AccountAnswer {
  status: number;
  body: string;
}

/**
 * Asks. Rejects when there is no whole answer in time, and when the host cannot use the proxy.
 * @param question with `proxy`: outbound proxy, null: none
 */
export type AccountAsk = (
  question: AccountQuestion & { proxy: Secret | null; timeoutMs: number },
) => Promise<AccountAnswer>;

/** Waits; resolves early, with false, when the host ends. */
export type AccountWait = (ms: number) => Promise<boolean>;

/** We are who we are: no other program's name (Google bans clients that pretend to be others). */
export function agentOf(version: string): string {
  return `gemini-proxy/${version}`;
}
