/** @module The real error bodies by name (fact sheet upstream 2.1 and 4.2), for faults, key states and scripts. */

import type { Tier } from "../types.ts";
import type { ApiError } from "./api-error.ts";
import { apiError, errorInfo, UNAUTHENTICATED } from "./api-error.ts";
import { badGatewayPage, notFoundPage, payloadTooLargePage } from "./html-pages.ts";
import type { ErrorName } from "./error-names.ts";
import { CODE_ASSIST_BODIES } from "./code-assist-errors.ts";
import { OAUTH_BODIES } from "./oauth-errors.ts";
import { quotaError } from "./quota-error.ts";

/** What a body may mention. */
export interface ErrorContext {
  key: string;
  /** `projects/<number>`. */
  project: string;
  model: string;
  /** The version segment of the path. */
  version: string;
  tier: Tier;
  path: string;
  /** The emulator's clock, milliseconds since the epoch; absent where no body tells a time. @default 0 */
  now?: number;
}

const BODIES: Record<ErrorName, (context: ErrorContext) => ApiError> = {
  "api-key-invalid": ({ key }) => keyInvalid(KEY_INVALID, key),
  "api-key-expired": () => keyInvalid("API key expired. Please renew the API key."),
  "api-key-leaked": () =>
    apiError("PERMISSION_DENIED", "Your API key was reported as leaked. Please use another API key."),
  "api-key-suspended": ({ key, project }) =>
    apiError(
      "PERMISSION_DENIED",
      `Permission denied: Consumer 'api_key:${key}' has been suspended.`,
      errorInfo("CONSUMER_SUSPENDED", { consumer: project, containerInfo: `api_key:${key}` }),
    ),
  "api-key-service-blocked": () => apiError("PERMISSION_DENIED", BLOCKED, errorInfo("API_KEY_SERVICE_BLOCKED", METHOD)),
  "api-key-referrer-blocked": ({ project }) =>
    apiError(
      "PERMISSION_DENIED",
      "Requests from referer <empty> are blocked.",
      errorInfo("API_KEY_HTTP_REFERRER_BLOCKED", { consumer: project }),
    ),
  "api-key-ip-blocked": ({ project }) =>
    apiError(
      "PERMISSION_DENIED",
      "The provided API key has an IP address restriction. The originating IP address of the call (203.0.113.7) violates this restriction.",
      errorInfo("API_KEY_IP_ADDRESS_BLOCKED", { consumer: project }),
    ),
  "auth-key-invalid": () =>
    apiError("UNAUTHENTICATED", UNAUTHENTICATED, errorInfo("ACCESS_TOKEN_TYPE_UNSUPPORTED", METHOD)),
  "bearer-key": () => apiError("UNAUTHENTICATED", BLOCKED, errorInfo("API_KEY_SERVICE_BLOCKED", METHOD)),
  "token-expired": () => apiError("UNAUTHENTICATED", UNAUTHENTICATED, errorInfo("ACCESS_TOKEN_EXPIRED", METHOD)),
  "credentials-missing": () =>
    apiError(
      "PERMISSION_DENIED",
      "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
    ),
  "multiple-credentials": () =>
    apiError("INVALID_ARGUMENT", "Multiple authentication credentials received. Please pass only one."),
  "openai-key-invalid": () => apiError("INVALID_ARGUMENT", "Invalid Auth key."),
  "openai-credentials-missing": () => apiError("INVALID_ARGUMENT", "Missing or invalid Authorization header."),
  "service-disabled": ({ project }) => serviceDisabled(project),
  "project-denied": () => apiError("PERMISSION_DENIED", "Your project has been denied access. Please contact support."),
  "location-unsupported": () => apiError("FAILED_PRECONDITION", "User location is not supported for the API use."),
  "prepaid-depleted": () =>
    apiError(
      "RESOURCE_EXHAUSTED",
      "Your prepayment credits are depleted. Please go to AI Studio at https://ai.studio/projects to manage your project and billing.",
    ),
  "spending-cap": () =>
    apiError(
      "RESOURCE_EXHAUSTED",
      "Your project has exceeded its monthly spending cap. Please go to AI Studio at https://ai.studio/spend to manage your project spend cap.",
    ),
  "billing-spending-cap": () =>
    apiError(
      "RESOURCE_EXHAUSTED",
      "Your billing account has exceeded its monthly spending cap. Please go to AI Studio at https://ai.studio/spend to manage your spend cap.",
    ),
  "resource-exhausted": () => apiError("RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
  "quota-minute": ({ model, tier }) =>
    quotaError({ model, tier, exceeded: [{ window: "minute", limit: 10, retryMs: 51_386.192716 }] }),
  "quota-day": ({ model, tier }) =>
    quotaError({ model, tier, exceeded: [{ window: "day", limit: 20, retryMs: 38_442.107 }] }),
  "quota-tokens": ({ model, tier }) =>
    quotaError({ model, tier, exceeded: [{ window: "tokens", limit: 250_000, retryMs: 14_000.5 }] }),
  "quota-zero": ({ model, tier }) =>
    quotaError({
      model,
      tier,
      exceeded: (["tokens", "minute", "day"] as const).map((window) => ({ window, limit: 0, retryMs: 27_500.25 })),
    }),
  "quota-service": ({ project }) => serviceQuota(project),
  "model-not-found": ({ model, version }) => modelNotFound(model, version, "generateContent"),
  "model-retired": ({ model }) => modelRetired(model),
  "invalid-argument": () => apiError("INVALID_ARGUMENT", "Request contains an invalid argument."),
  "too-many-tokens": () =>
    apiError("INVALID_ARGUMENT", "The input token count exceeds the maximum number of tokens allowed (1048576)."),
  "schema-too-complex": () =>
    apiError(
      "INVALID_ARGUMENT",
      "The specified schema produces a constraint that has too many states for serving.  Typical causes of this error are schemas with lots of text (for example, very long property or enum names), schemas with long array length limits (especially when nested), or schemas using complex value matchers (for example, integers or numbers with minimum/maximum bounds or strings with complex formats like date-time)",
    ),
  "corrupted-signature": () => apiError("INVALID_ARGUMENT", "Corrupted thought signature."),
  "invalid-signature": () => apiError("INVALID_ARGUMENT", "Invalid thought signature."),
  "file-forbidden": () =>
    apiError("PERMISSION_DENIED", "You do not have permission to access the File abc123 or it may not exist."),
  "cache-forbidden": () => apiError("PERMISSION_DENIED", "CachedContent not found (or permission denied)"),
  cancelled: () => apiError("CANCELLED", "The operation was cancelled."),
  internal: () =>
    apiError(
      "INTERNAL",
      "An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting",
    ),
  "high-demand": () =>
    apiError(
      "UNAVAILABLE",
      "This model is currently experiencing high demand. Spikes in demand are usually temporary. Please try again later.",
    ),
  overloaded: () => apiError("UNAVAILABLE", "The model is overloaded. Please try again later."),
  unavailable: () => apiError("UNAVAILABLE", "The service is currently unavailable."),
  deadline: () => apiError("DEADLINE_EXCEEDED", "Deadline expired before operation could complete."),
  ...CODE_ASSIST_BODIES,
  ...OAUTH_BODIES,
  "html-404": ({ path }) => notFoundPage(path),
  "html-413": () => payloadTooLargePage(),
  "html-502": () => badGatewayPage(),
};

/** Builds a real body by its name. */
export function namedError(name: ErrorName, context: ErrorContext): ApiError {
  return BODIES[name](context);
}

/** 404 for a model that is unknown, or does not have the method. */
export function modelNotFound(model: string, version: string, method: string): ApiError {
  const name = model.includes("/") ? model : `models/${model}`;
  return apiError(
    "NOT_FOUND",
    `${name} is not found for API version ${version}, or is not supported for ${method}. Call ModelService.ListModels to see the list of available models and their supported methods.`,
  );
}

/** 404 for a model that a project may no longer use. */
export function modelRetired(model: string): ApiError {
  return apiError(
    "NOT_FOUND",
    `This model models/${model} is no longer available to new users. Please update your code to use models/gemini-3.5-flash-lite.`,
  );
}

// --- helpers ---

const KEY_INVALID = "API key not valid. Please pass a valid API key.";
const GENERATE = "google.ai.generativelanguage.v1beta.GenerativeService.GenerateContent";
const BLOCKED = `Requests to this API generativelanguage.googleapis.com method ${GENERATE} are blocked.`;
const METHOD = { method: GENERATE };

function keyInvalid(message: string, key?: string): ApiError {
  return apiError(
    "INVALID_ARGUMENT",
    message,
    errorInfo("API_KEY_INVALID"),
    { type: "LocalizedMessage", locale: "en-US", message },
    ...(key === undefined ? [] : [{ type: "DebugInfo", detail: `Invalid API key: ${key}` }]),
  );
}

function serviceDisabled(project: string): ApiError {
  const id = project.replace("projects/", "");
  const url = `https://console.developers.google.com/apis/api/generativelanguage.googleapis.com/overview?project=${id}`;
  return apiError(
    "PERMISSION_DENIED",
    `Generative Language API has not been used in project ${id} before or it is disabled. Enable it by visiting ${url} then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.`,
    { type: "Help", links: [{ description: "Google developers console API activation", url }] },
    errorInfo("SERVICE_DISABLED", { consumer: project }),
  );
}

function serviceQuota(project: string): ApiError {
  const consumer = `project_number:${project.replace("projects/", "")}`;
  return apiError(
    "RESOURCE_EXHAUSTED",
    `Quota exceeded for quota metric 'Generate Content API requests per minute' and limit 'GenerateContent request limit per minute for a region' of service 'generativelanguage.googleapis.com' for consumer '${consumer}'.`,
    errorInfo("RATE_LIMIT_EXCEEDED", {
      consumer: project,
      quota_limit_value: "0",
      quota_limit: "GenerateContentRequestsPerMinutePerProjectPerRegion",
      quota_location: "us-east2",
      quota_metric: "generativelanguage.googleapis.com/generate_content_requests",
    }),
    {
      type: "Help",
      links: [
        {
          description: "Request a higher quota limit.",
          url: "https://cloud.google.com/docs/quota#requesting_higher_quota",
        },
      ],
    },
  );
}
