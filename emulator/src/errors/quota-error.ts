/** @module The 429 of a (project, model) quota, with the ids and values of each exceeded window (fact sheet upstream 4.2). */

import type { Tier } from "../types.ts";
import type { ApiError } from "./api-error.ts";
import { apiError } from "./api-error.ts";

/** What a window counts: requests a minute, requests a day, input tokens a minute. */
export type QuotaWindow = "minute" | "day" | "tokens";

/** A window that has no room. */
export interface ExceededWindow {
  window: QuotaWindow;
  limit: number;
  /** Milliseconds that the answer tells the caller to wait; misleading for days, as Google's is. */
  retryMs: number;
}

/** What a quota error mentions. */
export interface QuotaErrorOptions {
  model: string;
  tier: Tier;
  exceeded: ExceededWindow[];
  /** Embedding models have their own quota ids. @default false */
  embedding?: boolean;
}

/** Builds the 429. The longest wait of the exceeded windows is told. */
export function quotaError(options: QuotaErrorOptions): ApiError {
  const named = options.exceeded.map((exceeded) => ({ ...exceeded, ...quotaName(exceeded.window, options) }));
  const retryMs = Math.max(...named.map((exceeded) => exceeded.retryMs));
  const lines = named.map(
    (exceeded) => `* Quota exceeded for metric: ${exceeded.metric}, limit: ${exceeded.limit}, model: ${options.model}`,
  );
  const seconds = (retryMs / 1000).toFixed(9).replace(/\.?0+$/, "");
  const message = `You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: ${LIMITS_PAGE}. To monitor your current usage, head to: https://ai.dev/rate-limit. \n${lines.join("\n")}\nPlease retry in ${seconds}s.`;
  return apiError(
    "RESOURCE_EXHAUSTED",
    message,
    { type: "Help", links: [{ description: "Learn more about Gemini API quotas", url: LIMITS_PAGE }] },
    {
      type: "QuotaFailure",
      violations: named.map((exceeded) => ({
        quotaMetric: exceeded.metric,
        quotaId: exceeded.id,
        quotaDimensions: { location: "global", model: options.model },
        quotaValue: String(exceeded.limit),
      })),
    },
    { type: "RetryInfo", retryDelay: `${Math.floor(retryMs / 1000)}s` },
  );
}

/** Quota id and metric of a window. */
function quotaName(window: QuotaWindow, options: { tier: Tier; embedding?: boolean }): { id: string; metric: string } {
  const free = options.tier === "free";
  const level = options.tier.replace("paid", "");
  const suffix = free ? "-FreeTier" : `-PaidTier${level}`;
  if (options.embedding) {
    const metric = free ? "embed_content_free_tier_requests" : `embed_content_paid_tier_${level}_requests`;
    const per = window === "day" ? "PerDay" : "PerMinute";
    return { id: `EmbedContentRequests${per}PerUserPerProjectPerModel${suffix}`, metric: SERVICE + metric };
  }
  if (window === "tokens") {
    return free
      ? {
          id: "GenerateContentInputTokensPerModelPerMinute-FreeTier",
          metric: `${SERVICE}generate_content_free_tier_input_token_count`,
        }
      : {
          id: `GenerateContentPaidTierInputTokensPerModelPerMinute${suffix}`,
          metric: `${SERVICE}generate_content_paid_tier_${level}_input_token_count`,
        };
  }
  const per = window === "day" ? "PerDay" : "PerMinute";
  const paid = window === "day" ? "generate_requests_per_model_per_day" : "generate_requests_per_model";
  return {
    id: `GenerateRequests${per}PerProjectPerModel${suffix}`,
    metric: SERVICE + (free ? "generate_content_free_tier_requests" : paid),
  };
}

// --- helpers ---

const SERVICE = "generativelanguage.googleapis.com/";
const LIMITS_PAGE = "https://ai.google.dev/gemini-api/docs/rate-limits";
