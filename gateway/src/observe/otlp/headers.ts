/**
 * Headers for the collector out of OTEL_EXPORTER_OTLP_HEADERS.
 * @see https://opentelemetry.io/docs/specs/otel/protocol/exporter/#specifying-headers-via-environment-variables
 * @module
 */

/** What was read. */
export interface CollectorHeaders {
  headers: Record<string, string>;
  /** Places (1, 2 …) of entries that are no `name=value`. Never their text: it may be a secret. */
  unusable: number[];
}

/** Entries beyond these are unusable. */
const headerLimit = 50;
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What a header's value may hold. */
const printable = /^[\t\x20-\x7e]*$/;
/** The gateway's own to say. */
const reserved: ReadonlySet<string> = new Set(["content-type", "content-length", "transfer-encoding", "host"]);

/** @param text `name=value,name2=value2`, values percent-encoded where need be; null: none */
export function parseCollectorHeaders(text: string | null): CollectorHeaders {
  const headers: Record<string, string> = {};
  const unusable: number[] = [];
  const entries = (text ?? "").split(",");
  for (const [index, entry] of entries.entries()) {
    if (entry.trim() === "") continue;
    const sign = entry.indexOf("=");
    const name = entry.slice(0, Math.max(sign, 0)).trim().toLowerCase();
    const value = decoded(entry.slice(sign + 1).trim());
    const usable = token.test(name) && printable.test(value) && !reserved.has(name);
    if (usable && Object.keys(headers).length < headerLimit) headers[name] = value;
    else unusable.push(index + 1);
  }
  return { headers, unusable };
}

// --- helpers ---

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
