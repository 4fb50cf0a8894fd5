/**
 * What the gateway's own paths are asked and answer with, whatever moves the bytes.
 * @module
 */
import { adminErrorTable, type AdminErrorCode } from "../../admin/admin-errors.ts";

/** A request's part that they need. */
export interface FrontRequest {
  method: string;
  /** Path and query, from the first slash. */
  url: string;
  /** @param name lower case. @returns null when it was not sent */
  header(name: string): string | null;
}

/** An answer. To HEAD a host sends the head alone, with the length that the body has. */
export interface FrontAnswer {
  status: number;
  /** Names and values in turns, names in lower case; without content-length. */
  headers: string[];
  body: string | Uint8Array<ArrayBuffer>;
}

/** JSON that no cache keeps. */
export function jsonAnswer(status: number, value: unknown, headers: readonly string[] = []): FrontAnswer {
  return textAnswer(status, `${JSON.stringify(value, null, 2)}\n`, ["content-type", jsonType, ...headers]);
}

/**
 * Text that no cache keeps.
 * @param headers with its content-type
 */
export function textAnswer(status: number, body: string, headers: readonly string[]): FrontAnswer {
  return { status, headers: [...headers, "cache-control", "no-store", "x-content-type-options", "nosniff"], body };
}

/** An error in the admin API's shape. */
export function errorAnswer(code: AdminErrorCode, more: { message?: string; headers?: string[] } = {}): FrontAnswer {
  const { status, message, next } = adminErrorTable[code];
  return jsonAnswer(status, { error: { code, message: more.message ?? message, next } }, more.headers);
}

/** Elsewhere, for now. */
export function redirectAnswer(location: string): FrontAnswer {
  return textAnswer(302, "", ["location", location, "content-type", "text/plain; charset=utf-8"]);
}

// --- helpers ---

const jsonType = "application/json; charset=utf-8";
