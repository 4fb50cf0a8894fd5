/** @module The error bodies of Code Assist (fact sheet upstream 7.1, 7.4, 7.6). */

import { nextPacificMidnight } from "../state/pacific.ts";
import type { ApiError, ErrorDetail, GrpcStatus } from "./api-error.ts";
import { apiError, UNAUTHENTICATED } from "./api-error.ts";
import type { ExceededWindow } from "./quota-error.ts";

/** What these bodies mention. */
interface Mentioned {
  model: string;
  /** Milliseconds since the epoch. */
  now?: number;
}

/** Where a user of the state `validation-required` is sent. */
export const VALIDATION_URL = "https://accounts.google.com/signin/continue?sarp=1&scc=1&plt=emulated-validation";

/** Bodies by name. */
export const CODE_ASSIST_BODIES = {
  "code-assist-quota-exhausted": (about: Mentioned): ApiError => quotaExhausted(about, DOMAIN),
  // The domain has been seen with a stray comma (fact sheet upstream 7.6).
  "code-assist-quota-exhausted-comma": (about: Mentioned): ApiError => quotaExhausted(about, `${DOMAIN},`),
  "code-assist-rate-limit": (about: Mentioned): ApiError => rateLimited(about, 539.477544),
  "code-assist-capacity": ({ model }: Mentioned): ApiError =>
    noCapacity("RESOURCE_EXHAUSTED", "MODEL_CAPACITY_EXHAUSTED", model),
  "code-assist-capacity-503": ({ model }: Mentioned): ApiError =>
    noCapacity("UNAVAILABLE", "MODEL_CAPACITY_EXHAUSTED", model),
  "code-assist-capacity-exceeded": ({ model }: Mentioned): ApiError =>
    noCapacity("RESOURCE_EXHAUSTED", "MODEL_CAPACITY_EXCEEDED", model),
  "code-assist-credits": ({ model }: Mentioned): ApiError =>
    apiError(
      "RESOURCE_EXHAUSTED",
      "Insufficient Google One AI credits.",
      info("INSUFFICIENT_G1_CREDITS_BALANCE", { model }),
    ),
  "code-assist-validation-required": (): ApiError =>
    apiError(
      "PERMISSION_DENIED",
      "To continue, verify your account.",
      info("VALIDATION_REQUIRED", { validation_link: VALIDATION_URL }),
      {
        type: "Help",
        links: [
          { description: "Complete validation to continue", url: VALIDATION_URL },
          { description: "Learn more", url: "https://support.google.com/accounts?p=al_alert" },
        ],
      },
    ),
  "code-assist-no-licence": (): ApiError =>
    apiError("PERMISSION_DENIED", NO_LICENCE, {
      type: "ErrorInfo",
      reason: "SUBSCRIPTION_REQUIRED",
      domain: "cloudaicompanion.googleapis.com",
    }),
  "code-assist-vpc-sc": (): ApiError => securityPolicyViolated(),
  "code-assist-unauthenticated": (): ApiError => apiError("UNAUTHENTICATED", UNAUTHENTICATED),
  "code-assist-project-denied": (): ApiError => projectDenied("another-project"),
  "code-assist-model-not-found": (): ApiError => apiError("NOT_FOUND", "Requested entity was not found."),
};

/** 403 for a project that is not the account's, or that was not named. */
export function projectDenied(project: string): ApiError {
  return apiError("PERMISSION_DENIED", `Permission denied on resource project ${project}.`, {
    type: "ErrorInfo",
    reason: "CONSUMER_INVALID",
    domain: "googleapis.com",
    metadata: { consumer: `projects/${project}`, service: "cloudaicompanion.googleapis.com" },
  });
}

/** The 429 of an account's own quota: a day's is exhausted, a minute's is a rate limit. */
export function accountQuotaError(exceeded: ExceededWindow[], about: Required<Mentioned>): ApiError {
  if (exceeded.some(({ window }) => window === "day")) return quotaExhausted(about, DOMAIN);
  return rateLimited(about, Math.max(...exceeded.map(({ retryMs }) => retryMs)));
}

// --- helpers ---

const DOMAIN = "cloudcode-pa.googleapis.com";

const NO_LICENCE =
  "You do not have a valid license of this product. Please contact your administrator to request a license. If you are not an enterprise user and believe you are receiving this message as an error, please try using the latest version and logging in again. (#3501)";

function info(reason: string, metadata: Record<string, string>, domain: string = DOMAIN): ErrorDetail {
  return { type: "ErrorInfo", reason, domain, metadata };
}

function quotaExhausted({ model, now = 0 }: Mentioned, domain: string): ApiError {
  const reset = nextPacificMidnight(now);
  const delayMs = reset - now;
  return apiError(
    "RESOURCE_EXHAUSTED",
    `You have exhausted your capacity on this model. Your quota will reset after ${toGoDuration(Math.floor(delayMs / 1_000) * 1_000)}.`,
    info("QUOTA_EXHAUSTED", metadataOf(model, { now, delayMs }), domain),
    { type: "RetryInfo", retryDelay: `${delayMs / 1_000}s` },
  );
}

function rateLimited({ model, now = 0 }: Mentioned, delayMs: number): ApiError {
  return apiError(
    "RESOURCE_EXHAUSTED",
    `You have exhausted your capacity on this model. Your quota will reset after ${Math.floor(delayMs / 1_000)}s.`,
    info("RATE_LIMIT_EXCEEDED", metadataOf(model, { now, delayMs })),
    { type: "RetryInfo", retryDelay: `${delayMs / 1_000}s` },
  );
}

function metadataOf(model: string, { now, delayMs }: { now: number; delayMs: number }): Record<string, string> {
  return {
    uiMessage: "true",
    model,
    quotaResetDelay: toGoDuration(delayMs),
    quotaResetTimeStamp: new Date(now + delayMs).toISOString().replace(/\.\d+Z$/, "Z"),
  };
}

/** As Go prints a duration: `5h59m59.96s`, `539.477544ms`. */
function toGoDuration(ms: number): string {
  if (ms < 1_000) return `${ms}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor((ms % 3_600_000) / 60_000);
  const seconds = Number(((ms % 60_000) / 1_000).toFixed(9));
  return `${hours > 0 ? `${hours}h` : ""}${hours > 0 || minutes > 0 ? `${minutes}m` : ""}${seconds}s`;
}

function noCapacity(status: GrpcStatus, reason: string, model: string): ApiError {
  return apiError(status, `No capacity available for model ${model} on the server`, info(reason, { model }));
}

function securityPolicyViolated(): ApiError {
  const id = "emulated-vpc-sc-violation";
  return apiError(
    "PERMISSION_DENIED",
    `Request is prohibited by organization's policy. vpcServiceControlsUniqueIdentifier: ${id}`,
    { type: "PreconditionFailure", violations: [{ type: "VPC_SERVICE_CONTROLS", description: id }] },
    {
      type: "ErrorInfo",
      reason: "SECURITY_POLICY_VIOLATED",
      domain: "googleapis.com",
      metadata: { uid: id, service: "cloudaicompanion.googleapis.com" },
    },
  );
}
