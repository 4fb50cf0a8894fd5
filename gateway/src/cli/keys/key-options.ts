/**
 * Options of the `keys` commands that say what a key is, beside its secret.
 * @module
 */
import { parseProxyUrl, parseQuotaTier } from "../../settings/structured-values.ts";
import { parseUpstreamUrl } from "../../settings/upstream-url.ts";
import { parseInteger } from "../../settings/values.ts";
import { withoutMark } from "../add-keys.ts";
import { usageFailure } from "../failure.ts";
import { readStdin } from "../input.ts";

/** Names of the options. */
export type KeyOption = "name" | "project" | "tier" | "quota-tier" | "base-url" | "proxy" | "weight";

/** The options. */
export const keyOptions: Readonly<Record<KeyOption, { type: "string"; valueHint?: string; description: string }>> = {
  name: { type: "string", description: "Name for lists and logs" },
  project: { type: "string", valueHint: "id", description: "Google project: keys of one project share its quota" },
  tier: { type: "string", valueHint: "number", description: "Lower tiers are used first (otherwise 0)" },
  "quota-tier": {
    type: "string",
    valueHint: "free|paid1|…",
    description: "Whose limits (QUOTA_LIMITS) hold until Google names others",
  },
  "base-url": { type: "string", valueHint: "url", description: "Base of the Gemini API for this key alone" },
  proxy: {
    type: "string",
    valueHint: "url",
    description: "Outbound proxy for this key alone: http://, https:// or socks5://, with user:password@ if need be",
  },
  weight: { type: "string", valueHint: "number", description: "Share under the weighted strategy (otherwise 1)" },
};

/** What the command line gives. */
export type KeyOptionValues = Partial<Record<KeyOption, string | undefined>>;

/** What is to be set; null: back to nothing. What was not given is absent. */
export interface KeyChange {
  name?: string;
  projectId?: string | null;
  weight?: number;
  tier?: number;
  quotaTier?: string | null;
  baseUrl?: string | null;
  proxy?: string | null;
}

/**
 * Reads the options.
 * @param values of the command line
 * @param options `allowInsecure`: ALLOW_INSECURE_UPSTREAM; `clearable`: the word `none` takes a value away;
 *   `stdin`: `--proxy -` reads standard input; `warn`: told of a password that others can see
 * @throws CliFailure (exit code 2), showing no password
 */
export async function readKeyOptions(
  values: KeyOptionValues,
  options: { allowInsecure: boolean; clearable: boolean; stdin: boolean; warn: (text: string) => void },
): Promise<KeyChange> {
  const change: KeyChange = {};
  const isNone = (text: string): boolean => options.clearable && text.trim().toLowerCase() === "none";
  const { name, project, tier, weight, proxy } = values;
  if (name !== undefined) change.name = readName(name);
  if (project !== undefined) change.projectId = isNone(project) ? null : readProject(project);
  if (weight !== undefined) change.weight = isNone(weight) ? 1 : readWeight(weight);
  if (tier !== undefined) change.tier = isNone(tier) ? 0 : readTier(tier);
  const quotaTier = values["quota-tier"];
  if (quotaTier !== undefined) {
    const word = isNone(quotaTier) ? null : parseQuotaTier(quotaTier);
    if (word === null && !isNone(quotaTier))
      throw usageFailure("--quota-tier: expected one word such as free or paid1.", "See QUOTA_LIMITS.");
    change.quotaTier = word;
  }
  const baseUrl = values["base-url"];
  if (baseUrl !== undefined) change.baseUrl = isNone(baseUrl) ? null : readBase(baseUrl, options.allowInsecure);
  if (proxy !== undefined) {
    const text = proxy === "-" && options.stdin ? (await readStdin()).trim() : proxy;
    change.proxy = isNone(text) ? null : readProxy(text);
    if (text === proxy && new URL(change.proxy ?? "http://none").password !== "")
      options.warn(
        "a proxy's password on the command line stays in the shell's history and shows in the list of processes" +
          (options.stdin ? "; '--proxy -' reads standard input." : "."),
      );
  }
  return change;
}

// --- helpers ---

function readName(text: string): string {
  const clean = withoutMark(text.replace(/[\s\p{Cc}]+/gu, " ").trim());
  if (clean === "" || clean.length > 100) throw usageFailure("--name: expected 1 to 100 characters.");
  return clean;
}

function readProject(text: string): string {
  const id = text.trim();
  if (!/^[\w.:/-]{1,200}$/.test(id)) throw usageFailure("--project: expected an id without blanks.");
  return id;
}

function readWeight(text: string): number {
  const weight = Number(text);
  if (!(weight > 0 && weight <= 1_000_000)) throw usageFailure("--weight: expected a number above 0.");
  return weight;
}

function readTier(text: string): number {
  const tier = parseInteger(text);
  if (tier === null || tier < 0 || tier > 1000) throw usageFailure("--tier: expected a whole number, 0 to 1000.");
  return tier;
}

function readBase(text: string, allowInsecure: boolean): string {
  const parsed = parseUpstreamUrl(text, { native: true, allowInsecure });
  if (!parsed.ok) throw usageFailure(`--base-url: expected ${parsed.expected}.`);
  return parsed.url;
}

function readProxy(text: string): string {
  const url = parseProxyUrl(text);
  if (url === null)
    throw usageFailure("--proxy: expected http://, https:// or socks5:// with a host and nothing behind it.");
  return url;
}
