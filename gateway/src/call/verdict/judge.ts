/**
 * The one function that judges (design, promise 1): from what came back to whose fault it is, what may be tried next, and
 * what the pool must remember.
 * @module
 */
import { headerOf } from "../../core/headers.ts";
import type { Effect, Verdict } from "../../core/verdict.ts";
import type { Outcome } from "../outcome.ts";
import { parseRetryAfterMs } from "./durations.ts";
import { parseGoogleError, type GoogleError } from "./google-error.ts";
import { limitsOf, restOf, turnRule } from "./quota.ts";
import { redactWords, wordsLimit } from "./redact-words.ts";
import { statusRules, type StatusRule } from "./rules-table.ts";

type StatusOutcome = Extract<Outcome, { kind: "status" }>;

/** Judges one attempt's outcome. Pure; never throws. */
export function judge(outcome: Outcome): Verdict {
  switch (outcome.kind) {
    case "success":
      return verdictOf("ok", "none");
    case "status":
      return judgeStatus(outcome);
    case "empty":
      // No penalty: the key is well. Whether it is tried again is a setting (EMPTY_RETRIES).
      return {
        ...verdictOf("empty", "upstream"),
        retry: "again",
        maxRetries: 5,
        backoffMs: 100,
        words: "an empty answer",
      };
    case "cut":
      return {
        ...verdictOf("stream.cut", "upstream"),
        ...(outcome.repeatable ? { retry: "again" as const, maxRetries: 1, backoffMs: 200 } : {}),
        relayable: false,
        words: redactWords(outcome.words),
      };
    case "network":
      return {
        ...verdictOf(outcome.phase === "connect" ? "network.connect" : "network.broken", "network"),
        // Nothing was sent: may be repeated whatever it was. Otherwise the request may have been processed.
        ...(outcome.phase === "connect"
          ? { retry: "again" as const, maxRetries: 3, backoffMs: 250 }
          : outcome.repeatable
            ? { retry: "again" as const, maxRetries: 1, backoffMs: 250 }
            : {}),
        relayable: false,
        words: redactWords(`${outcome.code} ${outcome.words}`),
      };
    case "timeout":
      return {
        ...verdictOf(`timeout.${outcome.phase}`, outcome.phase === "connect" ? "network" : "upstream"),
        // A slow answer must never become a second paid generation.
        ...(outcome.phase === "connect" ? { retry: "again" as const, maxRetries: 2, backoffMs: 250 } : {}),
        relayable: false,
        words: outcome.phase,
      };
  }
}

// --- helpers ---

function judgeStatus(outcome: StatusOutcome): Verdict {
  const error = parseGoogleError(outcome.body);
  const { namesResource, repeatable, backend, now } = outcome;
  const status = statusOf(outcome.status, error);
  const facts = { status, error, namesResource, repeatable, backend };
  const rule = statusRules.find((one) => one.matches(facts)) as StatusRule;
  const said = error.message === "" ? `status ${status}` : error.message;
  const link = rule.id === "account.not-eligible" ? error.link : null;
  const words = redactWords(link === null ? said : `${said.slice(0, wordsLimit - 1 - link.length)} ${link}`);
  const verdict: Verdict = {
    ...verdictOf(rule.id, rule.fault),
    retry: rule.retry,
    maxRetries: rule.maxRetries ?? (rule.retry === "again" ? 1 : Infinity),
    backoffMs: rule.backoffMs ?? 0,
    relayable: rule.relayable ?? true,
    consumer: consumerOf(error),
    words,
  };
  // Creations are repeated only when the upstream surely did nothing (fact sheet upstream 4.4).
  if (rule.retry === "again" && !repeatable && status !== 503) verdict.retry = "no";
  const { effect } = rule;
  if (effect === undefined) return verdict;
  switch (effect.kind) {
    case "disable":
      verdict.effects = [
        { kind: "disable", scope: effect.scope, reason: effect.reason, probeAtMs: now + effect.probeAfterMs, words },
      ];
      return verdict;
    case "capacity":
      verdict.effects = [cooldown("credential-model", now + effect.forMs, "overload", words)];
      return verdict;
    case "location":
      verdict.effects = [cooldown("credential", now + effect.forMs, "location", words)];
      return verdict;
    case "overload":
      if (outcome.model !== null) verdict.effects = [cooldown("model", now + effect.forMs, "overload", words)];
      return verdict;
    case "quota": {
      const rest = restOf(error, parseRetryAfterMs(headerOf(outcome.headers, "retry-after"), now), now);
      verdict.rule = rest.rule;
      verdict.fault = rest.scope === "credential-model" ? "credential" : "project";
      // At the turn of the day the count is not the new day's.
      verdict.limits = limitsOf(error).filter(({ window }) => rest.rule !== turnRule || window !== "day");
      // Batches have quotas of their own: a full queue says nothing about generating.
      if (error.violations.length > 0 && error.violations.every(({ quotaId }) => /^Batch/i.test(quotaId))) {
        verdict.rule = "quota.batch";
        return verdict;
      }
      // Without a model the limit is the project's own (files, caches): its other work goes on.
      const scope = outcome.model === null && rest.scope !== "project" ? "credential" : rest.scope;
      if (outcome.model !== null || rest.scope === "project")
        verdict.effects = [cooldown(scope, rest.untilMs, rest.cause, words)];
      return verdict;
    }
  }
}

/** HTTP status of each gRPC status, by its name and in the order of its number (fact sheet upstream 4.1). */
const grpcStatuses: readonly (readonly [name: string, status: number])[] = [
  ["OK", 200],
  ["CANCELLED", 499],
  ["UNKNOWN", 500],
  ["INVALID_ARGUMENT", 400],
  ["DEADLINE_EXCEEDED", 504],
  ["NOT_FOUND", 404],
  ["ALREADY_EXISTS", 409],
  ["PERMISSION_DENIED", 403],
  ["RESOURCE_EXHAUSTED", 429],
  ["FAILED_PRECONDITION", 400],
  ["ABORTED", 409],
  ["OUT_OF_RANGE", 400],
  ["UNIMPLEMENTED", 501],
  ["INTERNAL", 500],
  ["UNAVAILABLE", 503],
  ["DATA_LOSS", 500],
  ["UNAUTHENTICATED", 401],
];

/**
 * The status to judge by. An error inside of a 200 counts by what it says: its code may be an HTTP status, a number of
 * gRPC's, or absent; then it was taken for a 500.
 */
function statusOf(status: number, { found, code, status: name }: GoogleError): number {
  const isTold = status >= 400 && status <= 599 && !(status === 500 && code === null);
  if (isTold || !found) return status;
  if (code !== null && code >= 400 && code <= 599) return code;
  const grpc = grpcStatuses.find((one) => one[0] === name) ?? grpcStatuses[code ?? -1];
  return grpc === undefined || grpc[1] < 400 ? 500 : grpc[1];
}

function verdictOf(rule: string, fault: Verdict["fault"]): Verdict {
  return {
    rule,
    fault,
    retry: "no",
    backoffMs: 0,
    maxRetries: 0,
    effects: [],
    consumer: null,
    limits: [],
    relayable: true,
    words: "",
  };
}

function cooldown(
  scope: Extract<Effect, { kind: "cooldown" }>["scope"],
  untilMs: number,
  cause: Extract<Effect, { kind: "cooldown" }>["cause"],
  words: string,
): Effect {
  return { kind: "cooldown", scope, untilMs, cause, words };
}

function consumerOf(error: GoogleError): string | null {
  const match = /^projects\/\d+$/.exec(error.metadata["consumer"] ?? "");
  return match === null ? null : match[0];
}
