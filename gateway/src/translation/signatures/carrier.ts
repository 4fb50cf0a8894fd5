/**
 * Our envelope for the fields in which clients keep something that they do not understand: `encrypted_content` of
 * Responses, `signature` of Anthropic's thinking, `reasoning_details` of chat (fact sheet translation 5.3).
 *
 * `gp1.<base64url of JSON>`. Nothing in it is secret, and nothing in it is trusted: a client can write one itself.
 * @module
 */
import { decodeBase64Url, encodeBase64Url } from "../../core/base64.ts";

/** What an envelope holds. */
export interface Carrier {
  /** The model that made the signatures, without `models/`. */
  model: string;
  /** `issuerTag` of the project that made them. */
  issuer: string;
  entries: readonly CarrierEntry[];
}

/** One signature. */
export interface CarrierEntry {
  /** Short id of a call, or `text`. */
  for: string;
  /** As Google gave it. */
  signature: string;
}

/** Bytes of an envelope's JSON. */
const mostBytes = 64 * 1024;
const mostEntries = 100;
const head = "gp1.";

/**
 * Writes an envelope.
 * @returns null when it would be too large, has no entries, or an empty signature
 */
export function encodeCarrier({ model, issuer, entries }: Carrier): string | null {
  if (entries.length === 0 || entries.length > mostEntries) return null;
  if (entries.some(({ signature }) => signature === "")) return null;
  const plain = {
    v: 1,
    model,
    issuer,
    entries: entries.map(({ for: owner, signature }) => ({ for: owner, signature })),
  };
  const bytes = new TextEncoder().encode(JSON.stringify(plain));
  return bytes.length > mostBytes ? null : head + encodeBase64Url(bytes);
}

/** Whether a text says that it is an envelope of ours. */
export function isCarrier(text: string): boolean {
  return text.startsWith(head);
}

/**
 * Reads an envelope. Takes any text, never throws.
 * @returns null: not ours, too large, or not whole
 */
export function decodeCarrier(text: string): Carrier | null {
  if (!isCarrier(text) || text.length > head.length + Math.ceil((mostBytes * 4) / 3)) return null;
  const bytes = decodeBase64Url(text.slice(head.length));
  return bytes === null ? null : toCarrier(parse(new TextDecoder().decode(bytes)));
}

// --- helpers ---

function parse(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return null;
  }
}

/** By hand: a history holds one of them for each step, and zod takes several times as long. */
function toCarrier(value: unknown): Carrier | null {
  const { v, model, issuer, entries } = Object(value) as Record<string, unknown>;
  if (v !== 1 || typeof model !== "string" || typeof issuer !== "string") return null;
  if (!Array.isArray(entries) || entries.length > mostEntries) return null;
  const known: CarrierEntry[] = [];
  for (const entry of entries as unknown[]) {
    const { for: owner, signature } = Object(entry) as Record<string, unknown>;
    if (typeof owner !== "string" || typeof signature !== "string" || signature === "") return null;
    known.push({ for: owner, signature });
  }
  return { model, issuer, entries: known };
}
