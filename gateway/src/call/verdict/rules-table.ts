/**
 * The table: which answer of an upstream means what. The first rule that matches holds. Rows follow fact sheet upstream
 * 4.4; docs/verdicts.md is made from them.
 * @module
 */
import type { Backend } from "../../core/records.ts";
import type { DisableReason, Fault, RetryKind } from "../../core/verdict.ts";
import type { GoogleError } from "./google-error.ts";

/** What a rule looks at. */
export interface StatusFacts {
  status: number;
  error: GoogleError;
  namesResource: boolean;
  repeatable: boolean;
  backend: Backend;
}

/** One row. */
export interface StatusRule {
  id: string;
  /** For people: what it recognises. */
  when: string;
  matches(facts: StatusFacts): boolean;
  fault: Fault;
  retry: RetryKind;
  /** @default unlimited for `other`, 1 for `again` */
  maxRetries?: number;
  /** Milliseconds before the first repetition. @default 0 */
  backoffMs?: number;
  /** May the client see the upstream's words? @default true */
  relayable?: boolean;
  /** What the pool does. @default nothing */
  effect?:
    | { kind: "disable"; scope: "credential" | "project"; reason: DisableReason; probeAfterMs: number }
    | { kind: "quota" }
    | { kind: "location"; forMs: number }
    /** Of an account and a model: their capacity, not the account's quota. */
    | { kind: "capacity"; forMs: number }
    | { kind: "overload"; forMs: number };
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * Google's message begins so. Every pattern is anchored: Google repeats names that the client chose (fields, files, models)
 * further on in its messages, and a client must not be able to write "API key not valid" into one and take every key out.
 */
const said = (pattern: RegExp) => (facts: StatusFacts) => facts.error.found && pattern.test(facts.error.message);
const reasoned =
  (...reasons: readonly string[]) =>
  (facts: StatusFacts) =>
    reasons.includes(facts.error.reason);

/** The statuses with which Google refuses a credential; an invalid key gets 400 of all. */
const isRefusal = ({ status }: StatusFacts): boolean => status === 400 || status === 401 || status === 403;

const ofAccount = ({ backend }: StatusFacts): boolean => backend === "code-assist";

/** All rules for answers with an error status, in order. */
export const statusRules: readonly StatusRule[] = [
  {
    id: "account.token-refused",
    when: "Code Assist, 401: the access token is refreshed once, then the account must log in again",
    matches: (facts) => ofAccount(facts) && facts.status === 401,
    fault: "credential",
    retry: "again",
    maxRetries: 3,
    relayable: false,
  },
  {
    id: "account.not-eligible",
    when: "Code Assist, 403 with `SUBSCRIPTION_REQUIRED`, `VALIDATION_REQUIRED` or `SECURITY_POLICY_VIOLATED`: its owner must do what the words say",
    matches: (facts) =>
      ofAccount(facts) &&
      facts.status === 403 &&
      reasoned("SUBSCRIPTION_REQUIRED", "VALIDATION_REQUIRED", "SECURITY_POLICY_VIOLATED")(facts),
    fault: "credential",
    retry: "other",
    relayable: false,
    effect: { kind: "disable", scope: "credential", reason: "not-eligible", probeAfterMs: day },
  },
  {
    id: "account.credits",
    when: "Code Assist, `INSUFFICIENT_G1_CREDITS_BALANCE`",
    matches: (facts) => ofAccount(facts) && reasoned("INSUFFICIENT_G1_CREDITS_BALANCE")(facts),
    fault: "credential",
    retry: "other",
    relayable: false,
    effect: { kind: "capacity", forMs: hour },
  },
  {
    id: "account.capacity",
    when: "Code Assist, 429 or 503 with `MODEL_CAPACITY_EXHAUSTED` or `MODEL_CAPACITY_EXCEEDED`: keys have capacity of their own",
    matches: (facts) => ofAccount(facts) && reasoned("MODEL_CAPACITY_EXHAUSTED", "MODEL_CAPACITY_EXCEEDED")(facts),
    fault: "model",
    retry: "other",
    effect: { kind: "capacity", forMs: 30_000 },
  },
  {
    id: "key.invalid",
    when: '`API_KEY_INVALID`, "API key not valid", "API key expired", "Invalid Auth key." (400, also on valid requests)',
    matches: (facts) =>
      reasoned("API_KEY_INVALID", "API_KEY_EXPIRED")(facts) ||
      (isRefusal(facts) && said(/^(API key (not valid|expired|not found)|Invalid Auth key)/i)(facts)),
    fault: "credential",
    retry: "other",
    relayable: false,
    effect: { kind: "disable", scope: "credential", reason: "invalid-key", probeAfterMs: day },
  },
  {
    id: "gateway.credentials",
    when: '400 "Multiple authentication credentials", "Missing or invalid Authorization header": the gateway\'s own mistake',
    matches: (facts) =>
      facts.status === 400 &&
      said(/^(Multiple authentication credentials|Missing or invalid Authorization header)/i)(facts),
    fault: "gateway",
    retry: "no",
  },
  {
    id: "egress.location",
    when: '400 FAILED_PRECONDITION "User location is not supported", "free tier is not available in your country"',
    matches: (facts) =>
      facts.status === 400 &&
      said(/^(User location is not supported|(The )?Gemini API free tier is not available in your country)/i)(facts),
    fault: "egress",
    retry: "other",
    effect: { kind: "location", forMs: hour },
  },
  {
    id: "signature.foreign",
    when: '400 "Corrupted thought signature", "Invalid thought signature", "Thought signature is not valid", "Base64 decoding failed": made by another project, or damaged by the client',
    matches: (facts) =>
      facts.status === 400 &&
      said(/^((Corrupted|Invalid) thought.?signature|Thought.?signature is not valid|Base64 decoding failed)/i)(facts),
    fault: "client",
    retry: "other",
    maxRetries: 1,
  },
  {
    id: "project.disabled",
    when: "`SERVICE_DISABLED`: the API is off in the project",
    matches: reasoned("SERVICE_DISABLED"),
    fault: "project",
    retry: "other",
    relayable: false,
    effect: { kind: "disable", scope: "project", reason: "service-disabled", probeAfterMs: 10 * minute },
  },
  {
    id: "key.leaked",
    when: '403 "reported as leaked"',
    matches: (facts) => facts.status === 403 && said(/^Your API key was reported as leaked/i)(facts),
    fault: "credential",
    retry: "other",
    relayable: false,
    effect: { kind: "disable", scope: "credential", reason: "leaked", probeAfterMs: day },
  },
  {
    id: "project.suspended",
    when: '`CONSUMER_SUSPENDED`, "has been suspended"',
    matches: (facts) =>
      reasoned("CONSUMER_SUSPENDED")(facts) ||
      (facts.status === 403 && said(/^Permission denied: Consumer '[^']*' has been suspended/i)(facts)),
    fault: "project",
    retry: "other",
    relayable: false,
    effect: { kind: "disable", scope: "project", reason: "suspended", probeAfterMs: day },
  },
  {
    id: "project.denied",
    when: '403 "Your project has been denied access"',
    matches: (facts) => facts.status === 403 && said(/^Your project has been denied access/i)(facts),
    fault: "project",
    retry: "other",
    relayable: false,
    effect: { kind: "disable", scope: "project", reason: "denied", probeAfterMs: day },
  },
  {
    id: "key.restricted",
    when: "`API_KEY_SERVICE_BLOCKED`, `API_KEY_HTTP_REFERRER_BLOCKED`, `API_KEY_IP_ADDRESS_BLOCKED`, and their Android and iOS kin",
    matches: (facts) => /^API_KEY_\w+_BLOCKED$/.test(facts.error.reason),
    fault: "credential",
    retry: "other",
    relayable: false,
    effect: { kind: "disable", scope: "credential", reason: "restricted", probeAfterMs: hour },
  },
  {
    id: "client.oauth-only",
    when: '401 "API keys are not supported by this API": the method that the client asked for takes none',
    matches: (facts) => facts.status === 401 && said(/^API keys are not supported by this API/i)(facts),
    fault: "client",
    retry: "no",
  },
  {
    id: "key.unauthenticated",
    when: "401 (a bad `AQ.` key: `ACCESS_TOKEN_TYPE_UNSUPPORTED`, `CREDENTIALS_MISSING`, …), and 403 for unregistered callers",
    // A 401 that is no error of Google's comes from something between the gateway and Google, and says nothing of the key.
    matches: (facts) =>
      (facts.status === 401 && facts.error.found) ||
      (facts.status === 403 && said(/^Method doesn't allow unregistered callers/i)(facts)),
    fault: "credential",
    retry: "other",
    relayable: false,
    effect: { kind: "disable", scope: "credential", reason: "invalid-key", probeAfterMs: day },
  },
  {
    id: "resource.foreign",
    when: "403 or 404 of a file, cache, operation or store: not there, or another project's",
    matches: (facts) =>
      (facts.status === 403 || facts.status === 404) &&
      (facts.namesResource ||
        said(/^(You do not have permission to access the |CachedContent not found|Not found: cache content)/i)(facts)),
    fault: "client",
    retry: "no",
  },
  {
    id: "model.unknown",
    when: '404 "is not found for API version", "is no longer available to new users": may differ from project to project, so one other is asked',
    matches: (facts) =>
      facts.status === 404 &&
      said(/^(models\/.{1,300}? is not found for API version|This model .{1,300}? is no longer available)/i)(facts),
    fault: "client",
    retry: "other",
    maxRetries: 1,
  },
  {
    id: "model.overloaded",
    when: "503, `UNAVAILABLE`, and 429 with `MODEL_CAPACITY_EXHAUSTED`: capacity is the model's, another key helps little",
    matches: (facts) =>
      facts.status === 503
        ? !facts.error.html
        : facts.status === 429 && reasoned("MODEL_CAPACITY_EXHAUSTED", "MODEL_CAPACITY_EXCEEDED")(facts),
    fault: "model",
    retry: "again",
    maxRetries: 3,
    backoffMs: 1_000,
    effect: { kind: "overload", forMs: 5_000 },
  },
  {
    id: "quota",
    when: "429: see the quota rows",
    matches: (facts) => facts.status === 429,
    fault: "project",
    retry: "other",
    relayable: false,
    effect: { kind: "quota" },
  },
  {
    id: "upstream.cancelled",
    when: "499 that the gateway did not cause",
    matches: (facts) => facts.status === 499,
    fault: "upstream",
    retry: "again",
    backoffMs: 200,
  },
  {
    id: "upstream.html",
    when: "5xx with a page of HTML: the front end spoke, not the API",
    matches: (facts) => facts.status >= 500 && facts.error.html,
    fault: "upstream",
    retry: "again",
    backoffMs: 500,
    relayable: false,
  },
  {
    id: "upstream.deadline",
    when: "504, `DEADLINE_EXCEEDED`",
    matches: (facts) => facts.status === 504,
    fault: "upstream",
    retry: "no",
  },
  {
    id: "upstream.internal",
    when: "500, `INTERNAL`",
    matches: (facts) => facts.status === 500,
    fault: "upstream",
    retry: "again",
    backoffMs: 750,
  },
  {
    id: "upstream.gateway",
    when: "502 and every other 5xx",
    matches: (facts) => facts.status >= 500,
    fault: "upstream",
    retry: "again",
    backoffMs: 500,
  },
  {
    id: "client",
    when: "every other 4xx: the request's own mistake, relayed as Google words it",
    matches: () => true,
    fault: "client",
    retry: "no",
  },
];
