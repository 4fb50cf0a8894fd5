/**
 * What a call will take from quotas and limits, before it is made.
 * @module
 */
import type { CallEnvironment } from "./environment.ts";
import type { CollectedBody } from "./host.ts";
import type { Identity } from "./identity.ts";
import { estimateTokens } from "./limits/estimate.ts";

/** Tokens, estimated. */
export interface ExpectedUse {
  inputTokens: number;
  outputTokens: number;
}

/** Operations that Google counts against the model's requests and tokens (fact sheet upstream 4.2, quotaIds). */
const counted: ReadonlySet<string> = new Set(["embed", "embeddings", "images", "interaction", "predict", "video"]);

const shortText = 4_096;

/**
 * Estimates it.
 * @param exact for a client's limits: the length of the answer counts too
 * @returns null for what no quota counts: lists, files, token counts
 */
export function expectedUse(
  identity: Identity,
  body: CollectedBody | "pass" | null,
  environment: CallEnvironment,
  exact: boolean,
): ExpectedUse | null {
  if (!identity.generative && !counted.has(identity.operation)) return null;
  // Too large to be collected: by its length alone nothing is known of it, since most of it is media.
  if (body === null || body === "pass") return { inputTokens: 0, outputTokens: 0 };
  // Quotas count tokens in the hundred thousands: of a short text its length says enough.
  if (!exact && body.length <= shortText) return { inputTokens: Math.ceil(body.length / 3), outputTokens: 0 };
  return estimateTokens({
    chunks: body.chunks,
    length: body.length,
    bytes: environment.bytes,
    generative: identity.generative || identity.operation === "interaction",
  });
}
