/** @module Finding an account's project: `loadCodeAssist`, `onboardUser` and the operation it starts (fact sheet upstream 7.4). */

import type { Account } from "../accounts/accounts.ts";
import { isRefusal } from "../answer/admit-call.ts";
import { apiError } from "../errors/api-error.ts";
import { CODE_ASSIST_BODIES, projectDenied, VALIDATION_URL } from "../errors/code-assist-errors.ts";
import type { Call } from "../http/call.ts";
import type { Result } from "../http/result.ts";
import { parseMessage } from "../native/parse-message.ts";
import { entityNotFound, reply } from "../resources/answers.ts";
import { accountOf } from "./caller.ts";

/** Serves `:loadCodeAssist`. */
export function serveLoadCodeAssist(call: Call): Result {
  const message = parseMessage(call.body, "LoadCodeAssistRequest");
  if (isRefusal(message)) return reply(message);
  const account = accountOf(call);
  const { state, tier } = account;
  if (state === "vpc-sc") return reply(CODE_ASSIST_BODIES["code-assist-vpc-sc"]());
  if (state === "unsupported-client") return reply({ ineligibleTiers: [UNSUPPORTED_CLIENT] });
  if (state === "validation-required") return reply({ ineligibleTiers: [VALIDATION_REQUIRED] });
  if (state === "not-onboarded") return reply({ allowedTiers: [{ ...toTier(tier), isDefault: true }, LEGACY_TIER] });
  const asked = message["cloudaicompanionProject"];
  if (typeof asked === "string" && asked !== account.project) return reply(projectDenied(asked));
  return reply({
    currentTier: { ...toTier(tier), hasOnboardedPreviously: true },
    allowedTiers: [{ ...toTier(tier), isDefault: true }],
    ...(account.tellsProject ? { cloudaicompanionProject: account.project } : {}),
    gcpManaged: tier === "free-tier",
  });
}

/** Serves `:onboardUser`: an operation that is done after `onboardMs`. */
export function serveOnboardUser(call: Call): Result {
  const message = parseMessage(call.body, "OnboardUserRequest");
  if (isRefusal(message)) return reply(message);
  const account = accountOf(call);
  const { tierId, cloudaicompanionProject: project } = message;
  if (tierId !== account.tier && tierId !== LEGACY_TIER.id) {
    return reply(apiError("INVALID_ARGUMENT", "Request contains an invalid argument."));
  }
  if (account.state !== "not-onboarded") return reply(toOperation(account, "operations/onboarded", true));
  // Free accounts get a project of Google's; naming one fails, and the others must name theirs.
  const managed = account.tier === "free-tier";
  if (managed === (typeof project === "string")) {
    return reply(apiError("FAILED_PRECONDITION", "Precondition check failed."));
  }
  if (!managed && project !== account.project) return reply(projectDenied(String(project)));
  const { onboardings } = call.world;
  const now = call.world.now();
  const running = [...onboardings].find(([, { email }]) => email === account.email);
  const name = running?.[0] ?? `operations/${call.world.ids.resource()}`;
  if (!running) onboardings.set(name, { email: account.email, due: now + account.onboardMs });
  return replyOnboarding(call, account, name);
}

/** Serves `GET /v1internal/operations/x`. */
export function serveOnboarding(call: Call): Result {
  const account = accountOf(call);
  const name = call.route.resource ?? "";
  if (call.world.onboardings.get(name)?.email !== account.email) return reply(entityNotFound());
  return replyOnboarding(call, account, name);
}

// --- helpers ---

const UNSUPPORTED_CLIENT = {
  reasonCode: "UNSUPPORTED_CLIENT",
  reasonMessage:
    "This client is no longer supported for Gemini Code Assist for individuals. To continue using Gemini, please migrate to the Antigravity suite of products: https://antigravity.google",
  tierId: "free-tier",
  tierName: "Gemini Code Assist for individuals",
};

const VALIDATION_REQUIRED = {
  reasonCode: "VALIDATION_REQUIRED",
  reasonMessage: "Your account must be verified to use this product.",
  tierId: "standard-tier",
  tierName: "Gemini Code Assist",
  validationErrorMessage: "Verify your account to continue.",
  validationUrl: VALIDATION_URL,
  validationUrlLinkText: "Verify your account",
  validationLearnMoreUrl: "https://support.google.com/accounts?p=al_alert",
  validationLearnMoreLinkText: "Learn more",
};

const LEGACY_TIER = {
  id: "legacy-tier",
  name: "",
  description: "",
  userDefinedCloudaicompanionProject: true,
};

function toTier(id: Account["tier"]): Record<string, unknown> {
  const free = id === "free-tier";
  return {
    id,
    name: free ? "Gemini Code Assist for individuals" : "Gemini Code Assist",
    description: free
      ? "Gemini-powered code suggestions and chat"
      : "Unlimited coding assistant with the most powerful Gemini models",
    userDefinedCloudaicompanionProject: !free,
    privacyNotice: free ? { showNotice: true, noticeText: "Data may be collected." } : {},
  };
}

function replyOnboarding({ world }: Call, account: Account, name: string): Result {
  const done = (world.onboardings.get(name)?.due ?? 0) <= world.now();
  if (done && account.state === "not-onboarded") world.accounts.enter(account, "active");
  return reply(toOperation(account, name, done));
}

function toOperation({ project }: Account, name: string, done: boolean): Record<string, unknown> {
  if (!done) return { name, done };
  return {
    name,
    done,
    response: {
      "@type": "type.googleapis.com/google.internal.cloud.code.v1internal.OnboardUserResponse",
      cloudaicompanionProject: { id: project, name: project, projectNumber: "1234567890" },
    },
  };
}
