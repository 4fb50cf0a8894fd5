/** @module Bodies and answers of the OpenAI surface: keys in order, errors in a list (fact sheet upstream 3). */

import type { TokenUsage } from "../answer/gemini-types.ts";
import type { ApiError } from "../errors/api-error.ts";
import { malformedJson } from "../errors/api-error.ts";
import type { Result } from "../http/result.ts";
import { refusal } from "../http/result.ts";
import { readJson } from "../json/read-json.ts";
import { toSortedJson } from "../json/write-json.ts";

/** A body as an object, or the 400. */
export function parseObject(text: string): Record<string, unknown> | ApiError {
  const read = readJson(text);
  if (!read.ok) return malformedJson(read.reason);
  const { value } = read;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  return malformedJson("Root element must be a message.");
}

/** A refusal, in a list. */
export function refuse(error: ApiError): Result {
  return refusal(error, { wrap: true });
}

/** A 200. */
export function ok(value: unknown, usage: TokenUsage | null = null, delayMs = 0): Result {
  const contentType = "application/json";
  return { kind: "whole", status: 200, contentType, body: toSortedJson(value), usage, errorStatus: null, delayMs };
}
