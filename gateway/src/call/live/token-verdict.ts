/**
 * The verdict on an attempt that a client's ephemeral token opened: what Google refuses then is the client's token, and
 * the pool's keys are not touched. Quotas are the project's all the same.
 * @module
 */
import type { Verdict } from "../../core/verdict.ts";
import type { Outcome } from "../outcome.ts";
import { judge } from "../verdict/judge.ts";

/** Judges. A token may be good for one use only, so only what never reached Google is tried again. */
export function judgeToken(outcome: Outcome): Verdict {
  const verdict = judge(outcome);
  const unsent = outcome.kind === "network" && outcome.phase === "connect";
  const ofCredential = verdict.fault === "credential";
  return {
    ...verdict,
    retry: unsent ? verdict.retry : "no",
    fault: ofCredential ? "client" : verdict.fault,
    relayable: verdict.relayable || ofCredential,
    effects: verdict.effects.filter(
      (effect) => effect.kind === "cooldown" && effect.scope !== "credential" && effect.scope !== "credential-model",
    ),
  };
}
