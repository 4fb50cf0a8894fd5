/**
 * What an entry of a key list may carry beside name and key, by every name that it goes by.
 * @module
 */
import type { KeyOptions, ParsedKey } from "./keys-entry.ts";
import { parseProxyUrl, parseQuotaTier } from "./structured-values.ts";
import { parseUpstreamUrl } from "./upstream-url.ts";

/** Field names by what they mean, the surest first. */
export const extraFields = {
  projectId: ["projectId", "project_id", "project"],
  quotaTier: ["quotaTier", "quota_tier", "plan"],
  baseUrl: ["baseUrl", "base_url", "baseURL"],
  proxy: ["proxy", "proxyUrl", "proxy_url"],
  enabled: ["enabled", "is_active", "isActive"],
  weight: ["weight"],
  tier: ["tier"],
} as const;

/**
 * Reads them.
 * @param object an entry; fields of another type than their own count as not given
 * @returns what is given; `reason`: why the entry cannot be used, showing none of its values
 */
export function readExtras(
  object: Readonly<Record<string, unknown>>,
  options: KeyOptions,
): { extras: Omit<ParsedKey, "name" | "secret"> } | { reason: string } {
  const extras: Omit<ParsedKey, "name" | "secret"> = {};
  const projectId = firstText(object, extraFields.projectId);
  if (projectId !== null) extras.projectId = projectId;
  const { weight, tier } = object;
  if (typeof weight === "number" && weight > 0 && Number.isFinite(weight)) extras.weight = weight;
  if (typeof tier === "number" && Number.isInteger(tier) && tier >= 0) extras.tier = tier;
  const enabled = extraFields.enabled.map((field) => object[field]).find((value) => value !== undefined);
  if (typeof enabled === "boolean") extras.enabled = enabled;

  // With a wrong address the key would be used in another way than was meant: better not at all.
  const quotaTier = firstText(object, extraFields.quotaTier);
  if (quotaTier !== null) {
    const name = parseQuotaTier(quotaTier);
    if (name === null) return { reason: "has a quota tier that is not one word such as free or paid1" };
    extras.quotaTier = name;
  }
  const baseUrl = firstText(object, extraFields.baseUrl);
  if (baseUrl !== null) {
    const parsed = parseUpstreamUrl(baseUrl, { native: true, allowInsecure: options.allowInsecure === true });
    if (!parsed.ok) return { reason: `has a wrong base URL: expected ${parsed.expected}` };
    extras.baseUrl = parsed.url;
  }
  const proxy = firstText(object, extraFields.proxy);
  if (proxy !== null) {
    const url = parseProxyUrl(proxy);
    if (url === null)
      return { reason: "has a wrong proxy: expected http://, https:// or socks5:// with a host and nothing behind it" };
    extras.proxy = url;
  }
  return { extras };
}

/** The first of the fields that holds a text that is not blank, trimmed; null: none. */
export function firstText(object: Readonly<Record<string, unknown>>, fields: readonly string[]): string | null {
  for (const field of fields) {
    const value = object[field];
    if (typeof value === "string" && value.trim() !== "") return value.trim();
  }
  return null;
}
