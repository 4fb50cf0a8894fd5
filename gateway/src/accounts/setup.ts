/**
 * From an access token to the cloud project that pays: loadCodeAssist, and onboardUser for an account that is new (fact
 * sheet upstream 7.4). A state machine: it says what to ask next and is told the answer.
 * @module
 */
import type { AccountAnswer, AccountQuestion } from "./ask.ts";
import {
  failureOfError,
  methodQuestion,
  objectOf,
  operationQuestion,
  parse,
  readError,
  toLink,
} from "./code-assist.ts";
import { failed, type AccountFailure } from "./failures.ts";
import { textOf } from "./tokens.ts";

/** What the set-up found. */
export interface AccountSetup {
  cloudProject: string;
  /** `standard-tier` … */
  tier: string;
  /** Google's name of it; null: not told. */
  tierName: string | null;
}

/** What is to be done next. */
export type SetupStep =
  /** Wait `afterMs`, then ask, then `told`. */
  | { do: "ask"; question: AccountQuestion; afterMs: number }
  | { do: "done"; setup: AccountSetup }
  /** The access token is refused (401). */
  | { do: "refresh" }
  | { do: "failed"; failure: AccountFailure };

/** A set-up under way. */
export interface SetupMachine {
  begin(): SetupStep;
  /** @param answer to the question asked last */
  told(answer: AccountAnswer): SetupStep;
}

/** Between two looks at an onboarding. */
const pollEveryMs = 5_000;
/** Looks at one onboarding: a minute. */
const mostPolls = 12;

/**
 * Begins one.
 * @param options `base`: of Code Assist, no trailing slash; `wanted`: project by setting or hand, null: none
 */
export function createSetup(options: {
  base: string;
  accessToken: string;
  agent: string;
  wanted: string | null;
}): SetupMachine {
  const { base, accessToken, agent, wanted } = options;
  const metadata = {
    ideType: "IDE_UNSPECIFIED",
    platform: "PLATFORM_UNSPECIFIED",
    pluginType: "GEMINI",
    ...(wanted === null ? {} : { duetProject: wanted }),
  };
  const project = wanted === null ? {} : { cloudaicompanionProject: wanted };
  let phase: "load" | "onboard" = "load";
  let tier: Tier = { id: "", name: null };
  let polls = 0;

  const ask = (method: string, body: unknown): SetupStep => ({
    do: "ask",
    question: methodQuestion({ base, method, accessToken, agent, body }),
    afterMs: 0,
  });

  function loaded(answer: Record<string, unknown>): SetupStep {
    const ineligible = listOf(answer["ineligibleTiers"]);
    const current = answer["currentTier"] == null ? null : objectOf(answer["currentTier"]);
    if (current === null) {
      const validation = ineligible.find((one) => one["reasonCode"] === "VALIDATION_REQUIRED");
      const url = toLink(validation?.["validationUrl"]);
      if (validation !== undefined && url !== null)
        return fail("account.validation-required", validationWords(validation, url));
    } else {
      const found = projectOf(answer["cloudaicompanionProject"]) ?? wanted;
      const paid = objectOf(answer["paidTier"]);
      const named = textOf(paid["id"]) === null ? current : paid;
      if (found !== null)
        return done(found, { id: textOf(named["id"]) ?? "standard-tier", name: textOf(named["name"]) });
      return ineligible.length > 0 ? notEligible(ineligible) : projectMissing();
    }
    const allowed = listOf(answer["allowedTiers"]);
    // Nothing is on offer: to onboard into the legacy tier would only hide Google's reason.
    if (allowed.length === 0 && ineligible.length > 0) return notEligible(ineligible);
    const offered = allowed.find((one) => one["isDefault"] === true) ?? { id: "legacy-tier" };
    tier = { id: textOf(offered["id"]) ?? "legacy-tier", name: textOf(offered["name"]) };
    if (tier.id !== freeTier && wanted === null) return projectMissing();
    phase = "onboard";
    // The free tier has a project of Google's own; naming another is refused ("Precondition Failed").
    return ask("onboardUser", { tierId: tier.id, ...(tier.id === freeTier ? {} : project), metadata });
  }

  function onboarded(operation: Record<string, unknown>): SetupStep {
    const name = textOf(operation["name"]);
    if (operation["done"] === true) {
      const error = objectOf(operation["error"]);
      const message = textOf(error["message"]);
      if (message !== null)
        return fail("account.setup-refused", `Google did not take the account into tier '${tier.id}': ${message}`);
      const response = objectOf(operation["response"]);
      const found = projectOf(response["cloudaicompanionProject"]) ?? wanted;
      return found === null ? projectMissing() : done(found, tier);
    }
    const question = name === null ? null : operationQuestion({ base, name, accessToken, agent });
    if (question === null) return pass("Google's onboarding answered with an operation that has no usable name.");
    if (++polls > mostPolls) return pass("Google is still onboarding the account. It is looked at again soon.");
    return { do: "ask", question, afterMs: pollEveryMs };
  }

  return {
    begin() {
      if (wanted !== null && /^\d+$/.test(wanted))
        return fail(
          "account.project-number",
          `'${wanted}' is a project's number; Code Assist needs its id, such as my-project. 'gcloud projects list' shows both.`,
        );
      return ask("loadCodeAssist", { ...project, metadata });
    },
    told(answer) {
      if (answer.status === 401) return { do: "refresh" };
      if (answer.status !== 200) {
        const error = readError(answer);
        // Behind VPC service controls the question is refused, and generation works all the same.
        if (phase === "load" && error.reasons.includes("SECURITY_POLICY_VIOLATED"))
          return loaded({ currentTier: { id: "standard-tier" } });
        return { do: "failed", failure: failureOfError(error, wanted) };
      }
      const value = parse(answer.body);
      if (typeof value !== "object" || value === null || Array.isArray(value))
        return pass("Code Assist answered 200 with something that is not a JSON object.");
      return phase === "load" ? loaded(objectOf(value)) : onboarded(objectOf(value));
    },
  };
}

// --- helpers ---

interface Tier {
  id: string;
  name: string | null;
}

const freeTier = "free-tier";

function done(cloudProject: string, { id, name }: Tier): SetupStep {
  return { do: "done", setup: { cloudProject, tier: id.slice(0, 100), tierName: name?.slice(0, 100) ?? null } };
}

function fail(rule: string, words: string): SetupStep {
  return { do: "failed", failure: failed("owner", rule, words).failure };
}

function pass(words: string): SetupStep {
  return { do: "failed", failure: failed("passing", "account.setup-unfinished", words).failure };
}

function projectMissing(): SetupStep {
  return fail(
    "account.project-missing",
    "The account's licence wants a Google Cloud project of yours: set GEMINI_PROJECT_ID to its id (not its number).",
  );
}

function notEligible(tiers: readonly Record<string, unknown>[]): SetupStep {
  const reasons = tiers
    .slice(0, 3)
    .map((tier) => (textOf(tier["reasonMessage"]) ?? textOf(tier["reasonCode"]) ?? "no reason given").slice(0, 500))
    .join(" ");
  const isClient = tiers.some((tier) => tier["reasonCode"] === "UNSUPPORTED_CLIENT");
  const advice = isClient
    ? "Google serves this API to Code Assist Standard and Enterprise licences only: see docs/code-assist.md."
    : "See docs/code-assist.md.";
  return fail("account.not-eligible", `Google does not serve this account: ${reasons} ${advice}`);
}

function validationWords(tier: Record<string, unknown>, url: string): string {
  const message = (
    textOf(tier["validationErrorMessage"]) ??
    textOf(tier["reasonMessage"]) ??
    "The account must be validated."
  ).slice(0, 500);
  const more = toLink(tier["validationLearnMoreUrl"]);
  return `Google says: ${message} Its owner must open ${url}${more === null ? "" : ` (more: ${more})`}`;
}

function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.slice(0, 50).map(objectOf) : [];
}

/** An id as text, or an object that has one. */
function projectOf(value: unknown): string | null {
  const id = textOf(value) ?? textOf(objectOf(value)["id"]);
  return id !== null && /^[\w.:-]{1,100}$/.test(id) ? id : null;
}
