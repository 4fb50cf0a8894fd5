/**
 * Thought signatures as chat clients bring them back: beside the call (Google's form) or in `reasoning_details`
 * (OpenRouter's form). Which client keeps which: fact sheet translation 5.2.
 * @module
 */
import { isCarrier } from "../../../translation/signatures/carrier.ts";
import type { JsonObject } from "../../../translation/types.ts";
import { isObject, objectOf, textOf } from "./values.ts";

/** Kind and format of the details that we write and read. */
export const detailType = "reasoning.encrypted";
export const detailFormat = "google-gemini-v1";

/** The details of one assistant message. */
export interface Details {
  /** By call id: Google's own. */
  signatures: ReadonlyMap<string, string>;
  /** Our envelopes. */
  carriers: readonly string[];
}

/** Reads `reasoning_details`. Those of other kinds and makers are left out: thoughts as text, other vendors' secrets. */
export function readDetails(value: unknown): Details {
  if (!Array.isArray(value)) return noDetails;
  const signatures = new Map<string, string>();
  const carriers: string[] = [];
  for (const detail of value as unknown[]) {
    if (!isObject(detail) || detail["type"] !== detailType || (detail["format"] ?? detailFormat) !== detailFormat)
      continue;
    const data = textOf(detail["data"]);
    const id = textOf(detail["id"]);
    if (data !== null && isCarrier(data)) carriers.push(data);
    else if (data !== null && id !== null) signatures.set(id, data);
  }
  return { signatures, carriers };
}

/** Google's signature beside a call; null: not there. */
export function signatureBeside(call: JsonObject): string | null {
  const google = objectOf(objectOf(call["extra_content"])?.["google"]);
  return textOf(google?.["thought_signature"]) ?? textOf(objectOf(call["function"])?.["thought_signature"]);
}

// --- helpers ---

const noDetails: Details = { signatures: new Map(), carriers: [] };
