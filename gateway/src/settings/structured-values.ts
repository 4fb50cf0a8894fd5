/**
 * Values with a structure of their own: model names, quota limits, addresses of proxies, time zones. Pure; null means
 * "not understood".
 * @module
 */
import { parseRange } from "../clients/addresses.ts";
import type { QuotaLimits, TierLimits } from "../pool/quota-limits.ts";
import { parseList } from "./values.ts";

/**
 * Names for models.
 * @param text `fast=gemini-3.8-flash, best=gemini-4-neon`, or a JSON object of texts
 * @returns alias → model, without `models/`; null when an entry is not of that form
 */
export function parseAliases(text: string): Record<string, string> | null {
  const entries = entriesOf(text, "=");
  if (entries === null) return null;
  const aliases: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [alias, target] of entries) {
    const name = toModel(alias);
    const model = typeof target === "string" ? toModel(target) : null;
    if (name === null || model === null || name === model) return null;
    aliases[name] = model;
  }
  return aliases;
}

/**
 * Models to go on with.
 * @param text `gemini-4-neon=gemini-4-carbon|gemini-3.8-flash`, or a JSON object of lists
 * @returns model → others in order; null when an entry is not of that form
 */
export function parseFallbacks(text: string): Record<string, string[]> | null {
  const entries = entriesOf(text, "=");
  if (entries === null) return null;
  const fallbacks: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (const [model, targets] of entries) {
    const name = toModel(model);
    const list: unknown[] | null =
      typeof targets === "string" ? targets.split("|") : Array.isArray(targets) ? targets : null;
    if (name === null || list === null || list.length === 0 || list.length > 10) return null;
    const models = list.map((one) => (typeof one === "string" ? toModel(one) : null));
    if (models.some((one) => one === null || one === name)) return null;
    fallbacks[name] = models as string[];
  }
  return fallbacks;
}

/**
 * Limits per tier and model.
 * @param text JSON: `{"free": {"*": {"rpm": 10, "rpd": 20, "tpm": 250000}, "gemini-4-neon": {"rpd": 0}}}`; `tpd` too, and the
 *   long names of `TierLimits`
 * @returns the limits, tiers in lower case; null when it is not of that form
 */
export function parseQuotaLimits(text: string): QuotaLimits | null {
  const value = parseObject(text);
  if (value === null) return null;
  const tiers = Object.create(null) as Record<string, Record<string, TierLimits>>;
  for (const [tier, models] of Object.entries(value)) {
    const name = tier === "*" ? tier : parseQuotaTier(tier);
    if (!isObject(models) || name === null) return null;
    const limits = (tiers[name] = Object.create(null) as Record<string, TierLimits>);
    for (const [model, one] of Object.entries(models)) {
      const modelName = model === "*" ? model : toModel(model);
      const read = isObject(one) ? toTierLimits(one) : null;
      if (modelName === null || read === null) return null;
      limits[modelName] = read;
    }
  }
  return tiers;
}

/** @returns the name of a quota tier (`free`, `paid1`) in lower case, or null */
export function parseQuotaTier(text: string): string | null {
  const name = text.trim().toLowerCase();
  return /^[\w.-]{1,40}$/.test(name) ? name : null;
}

/**
 * The URL of an outbound proxy.
 * @param text `http://`, `https://`, `socks5://` or `socks5h://`, with `user:password@` if it must be
 * @returns it in one form without trailing slash, or null
 */
export function parseProxyUrl(text: string): string | null {
  const url = parseUrl(text);
  if (url === null || url.hostname === "" || url.search !== "" || url.hash !== "") return null;
  if (!["http:", "https:", "socks5:", "socks5h:"].includes(url.protocol) || !/^\/?$/.test(url.pathname)) return null;
  const userInfo = [url.username, url.password].map(decode);
  if (userInfo.includes(null)) return null;
  // RFC 1929 2: one byte tells the length of each.
  if (url.protocol.startsWith("socks") && userInfo.some((part) => new TextEncoder().encode(part ?? "").length > 255))
    return null;
  const password = url.password === "" ? "" : `:${url.password}`;
  const user = url.username === "" && password === "" ? "" : `${url.username}${password}@`;
  return `${url.protocol}//${user}${url.host}`;
}

/**
 * A proxy for display.
 * @param url from `parseProxyUrl`
 * @returns it without user name and password: `socks5://…@host:1080`
 */
export function describeProxy(url: string): string {
  return url.replace(/^([a-z0-9]+:\/\/).*@/, "$1…@");
}

/**
 * Addresses and networks, by the grammar that they are looked up with later (clients/addresses.ts): what is taken here
 * holds somebody.
 * @param text `10.0.0.0/8, 2001:db8::/32, 192.0.2.1`
 * @returns them in order as written; null when one is neither
 */
export function parseRanges(text: string): string[] | null {
  const ranges = parseList(text);
  return ranges.every((range) => parseRange(range) !== null) ? ranges : null;
}

/** @returns the gateway's own address without trailing slash, or null */
export function parsePublicUrl(text: string): string | null {
  const url = parseUrl(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "") return null;
  if (url.username !== "" || url.password !== "") return null;
  return (url.origin + url.pathname).replace(/\/+$/, "");
}

/** @returns the IANA name as the platform knows it, or null */
export function parseTimeZone(text: string): string | null {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text.trim() }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}

/**
 * The id of a Google Cloud project. Its number is not taken: Code Assist wants the id (fact sheet upstream 7.4).
 * @returns the id, or null
 */
export function parseCloudProject(text: string): string | null {
  const id = text.trim();
  return /^[a-z][a-z0-9.:-]{2,99}$/.test(id) ? id : null;
}

// --- helpers ---

const limitNames: Readonly<Record<string, keyof TierLimits>> = {
  rpm: "requestsPerMinute",
  rpd: "requestsPerDay",
  tpm: "tokensPerMinute",
  tpd: "tokensPerDay",
  requestsPerMinute: "requestsPerMinute",
  requestsPerDay: "requestsPerDay",
  tokensPerMinute: "tokensPerMinute",
  tokensPerDay: "tokensPerDay",
};

function toTierLimits(value: Record<string, unknown>): TierLimits | null {
  const limits: TierLimits = {};
  for (const [name, limit] of Object.entries(value)) {
    const field = Object.hasOwn(limitNames, name) ? limitNames[name] : undefined;
    if (field === undefined) return null;
    if (limit !== null && !(typeof limit === "number" && Number.isSafeInteger(limit) && limit >= 0)) return null;
    limits[field] = limit;
  }
  return limits;
}

function entriesOf(text: string, separator: string): [string, unknown][] | null {
  if (text.trim().startsWith("{")) {
    const value = parseObject(text);
    return value === null ? null : Object.entries(value);
  }
  const entries: [string, unknown][] = [];
  for (const entry of parseList(text)) {
    const at = entry.indexOf(separator);
    if (at < 1) return null;
    entries.push([entry.slice(0, at).trim(), entry.slice(at + 1).trim()]);
  }
  return entries;
}

function toModel(text: string): string | null {
  const name = text.trim().replace(/^models\//, "");
  return /^[\w.@/-]{1,200}$/.test(name) ? name : null;
}

/** Percent-decodes; null when it is not well-formed. */
function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function parseUrl(text: string): URL | null {
  try {
    return new URL(text.trim());
  } catch {
    return null;
  }
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
