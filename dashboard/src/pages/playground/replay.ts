/**
 * Sending a captured request again: what of it can be sent, and in which dialect its answer is read.
 * @module
 */
import type { Capture } from "../../api/types.ts";
import { replayPath } from "./path.ts";
import type { PlaygroundDialect } from "./request.ts";

/** Fields of the raw mode. */
export interface RawForm {
  method: "POST" | "GET";
  path: string;
  body: string;
}

/** The raw mode before anything is typed. */
export const emptyRawForm: RawForm = { method: "POST", path: "/v1beta/models/", body: "" };

/**
 * Fields from a capture.
 * @param capture of a call
 * @returns the fields, and what keeps the request from being the same (null: nothing)
 */
export function fromCapture(capture: Capture): { form: RawForm; warning: string | null } {
  const { request } = capture;
  const form: RawForm = {
    method: capture.method === "GET" ? "GET" : "POST",
    path: replayPath(capture.path),
    body: request.base64 ? "" : prettyJson(request.body),
  };
  if (!["GET", "POST"].includes(capture.method))
    return { form, warning: `The call was a ${capture.method}; the playground sends GET and POST only.` };
  if (request.base64) return { form, warning: "The body was not text, so it cannot be edited here." };
  if (request.cut)
    return { form, warning: `Only the first part of the body's ${request.bytes} bytes was kept: complete it first.` };
  if (request.body.includes("[secret]") || request.body.includes("[redacted]"))
    return { form, warning: "Secrets were taken out of the body before it was kept." };
  return { form, warning: null };
}

/** @returns the dialect that a path's answers are written in */
export function dialectOfPath(path: string): PlaygroundDialect {
  if (/^\/v1(beta|alpha)?\/(openai\/)?responses([/?]|$)/.test(path)) return "openai-responses";
  if (/^\/v1(beta|alpha)?\/messages([/?]|$)/.test(path)) return "anthropic";
  return /^\/v1(beta|alpha)?\/(openai\/|chat\/|embeddings|images\/)/.test(path) ? "openai-chat" : "gemini";
}

/** @returns why a body cannot be sent as JSON, with its place, or null */
export function jsonFault(text: string): string | null {
  if (text.trim() === "") return null;
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : "Not JSON.";
  }
}

// --- helpers ---

function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
