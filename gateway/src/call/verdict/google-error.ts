/**
 * Reads any error body that can come back: Google's JSON, the same in an array, HTML of a front end, plain text, nothing
 * (fact sheet upstream 4.1). Never throws.
 * @module
 */

import { parseDurationMs } from "./durations.ts";

/** One violation of a QuotaFailure. */
export interface QuotaViolation {
  quotaId: string;
  quotaMetric: string;
  model: string | null;
  /** Null when it was not told. */
  value: number | null;
}

/** What an error body says. */
export interface GoogleError {
  /** A JSON error object was found. */
  found: boolean;
  html: boolean;
  message: string;
  /** Null when it was not told, or is no number. */
  code: number | null;
  /** Name of the gRPC status, or empty. */
  status: string;
  /** `reason` of the ErrorInfo, or empty. */
  reason: string;
  metadata: Readonly<Record<string, string>>;
  violations: readonly QuotaViolation[];
  /** RetryInfo, milliseconds; null when absent. */
  retryDelayMs: number | null;
  /** The page on which somebody must do something (Help, or `validation_link`); null: none is named. */
  link: string | null;
}

const nothing: GoogleError = {
  found: false,
  html: false,
  message: "",
  code: null,
  status: "",
  reason: "",
  metadata: {},
  violations: [],
  retryDelayMs: null,
  link: null,
};

/** @param body text of the body */
export function parseGoogleError(body: string): GoogleError {
  const error = errorObjectOf(body);
  if (error === null) {
    const html = /^\s*</.test(body);
    return {
      ...nothing,
      html,
      message: html ? (/<title[^>]*>([^<]*)/i.exec(body)?.[1] ?? "HTML").trim() : body.trim().slice(0, 500),
    };
  }
  const details = Array.isArray(error["details"]) ? error["details"].filter(isObject) : [];
  const info = details.find((detail) => hasType(detail, "ErrorInfo"));
  const retry = details.find((detail) => hasType(detail, "RetryInfo"));
  return {
    found: true,
    html: false,
    message: textOf(error["message"]),
    code: typeof error["code"] === "number" ? error["code"] : null,
    status: textOf(error["status"]),
    reason: textOf(info?.["reason"]),
    metadata: isObject(info?.["metadata"]) ? textsOf(info["metadata"]) : {},
    violations: details.filter((detail) => hasType(detail, "QuotaFailure")).flatMap(violationsOf),
    retryDelayMs: parseDurationMs(retry?.["retryDelay"]),
    link: linkOf(details, info),
  };
}

// --- helpers ---

type Json = Record<string, unknown>;

function errorObjectOf(body: string): Json | null {
  const start = body.search(/\S/);
  if (start < 0 || (body[start] !== "{" && body[start] !== "[")) return null;
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return null;
  }
  if (Array.isArray(value)) value = value.find((one) => isObject(one) && "error" in one);
  if (!isObject(value)) return null;
  const { error } = value as { error?: unknown };
  if (isObject(error)) return error;
  return typeof error === "string" ? { message: error } : null;
}

function violationsOf(detail: Json): QuotaViolation[] {
  const list = Array.isArray(detail["violations"]) ? detail["violations"].filter(isObject) : [];
  return list.map((violation) => {
    const dimensions = isObject(violation["quotaDimensions"]) ? violation["quotaDimensions"] : {};
    const value = Number(textOf(violation["quotaValue"]) || Number.NaN);
    return {
      quotaId: textOf(violation["quotaId"]),
      quotaMetric: textOf(violation["quotaMetric"]),
      model: textOf(dimensions["model"]) || null,
      value: Number.isFinite(value) && value >= 0 ? value : null,
    };
  });
}

const longestLink = 480;

function linkOf(details: readonly Json[], info: Json | undefined): string | null {
  const help = details.find((detail) => hasType(detail, "Help"));
  const links = Array.isArray(help?.["links"]) ? help["links"].filter(isObject) : [];
  const metadata = isObject(info?.["metadata"]) ? info["metadata"] : {};
  const link = textOf(metadata["validation_link"]) || textOf(links[0]?.["url"]);
  // It stands in words of 500 characters, and half a link leads nowhere.
  return link.length <= longestLink && /^https:\/\/[\x21-\x7e]+$/.test(link) ? link : null;
}

function hasType(detail: Json, name: string): boolean {
  return textOf(detail["@type"]).endsWith(`.${name}`);
}

function textsOf(value: Json): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, text] of Object.entries(value)) if (typeof text === "string") texts[name] = text;
  return texts;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}
