/**
 * What a client key may do, as options of `clients create` and `clients update`.
 * @module
 */
import { parseRange } from "../../clients/addresses.ts";
import { parseUsd, largestBudgetUsd } from "../../clients/limits/money.ts";
import type { BudgetPeriod, ClientKey, ClientLimits } from "../../clients/types.ts";
import { parseAliases } from "../../settings/structured-values.ts";
import { parseInteger, parseList } from "../../settings/values.ts";
import { usageFailure } from "../failure.ts";
import { parseExpiry } from "../moments.ts";

/** What the options change; what is not named stays. */
export type ClientChange = Partial<
  Pick<ClientKey, "name" | "expiresAt" | "allowedModels" | "limits" | "ipRanges" | "aliases" | "resourceScope">
>;

interface TextOption {
  type: "string";
  valueHint: string;
  description: string;
}

/** Options that both commands have. */
export type LimitOptions = Record<
  | "name"
  | "models"
  | "expires"
  | "rpm"
  | "rpd"
  | "tpm"
  | "concurrency"
  | "budget-day"
  | "budget-week"
  | "budget-month"
  | "budget-total"
  | "ip"
  | "alias",
  TextOption
> &
  Record<"shared" | "own", { type: "boolean"; description: string }>;

/** Their definitions. */
export const limitOptions: LimitOptions = {
  name: text("name", "Name for lists and logs"),
  models: text("a,b*", "Models that it may use, comma separated, * at the end for any ending; all: every model"),
  expires: text("30d", "When it ends: a duration, a date, or never"),
  rpm: text("60", "Requests a minute, whenever the minute begins"),
  rpd: text("1000", "Requests a day (days, weeks and months are those of LIMIT_TIME_ZONE)"),
  tpm: text("250k", "Tokens a minute, prompt and answer together"),
  concurrency: text("5", "Calls that may be open at once"),
  "budget-day": text("$5", "Dollars a day"),
  "budget-week": text("$20", "Dollars a week, from Monday"),
  "budget-month": text("$50", "Dollars a month"),
  "budget-total": text("$200", "Dollars in all"),
  ip: text("10.0.0.0/8", "Addresses that it may call from, single or CIDR; more than once or comma separated"),
  alias: text("fast=gemini-3.8-flash", "Its own name for a model; more than once or comma separated"),
  shared: { type: "boolean", description: "Its files, caches and batches belong to everyone, and it sees everyone's" },
  own: { type: "boolean", description: "It sees the files, caches and batches that it made (otherwise so)" },
};

/** For `--help`. */
export const limitNotes: readonly string[] = [
  "none takes a limit away, and so does --no-… (--rpm none, --no-rpm).",
  "Budgets count by the price list; a call is held back by its estimate and settled by its use.",
];

/**
 * Reads the options.
 * @param given by name: text, or false for `--no-…`
 * @param parts `words`: the command line, for options that stand more than once; `current`: the limits so far; `now`: epoch
 *   milliseconds
 * @returns what is to change; empty when no option was given
 * @throws CliFailure (exit code 2) naming the option
 */
export function readLimitOptions(
  given: Readonly<Record<string, unknown>>,
  parts: { words: readonly string[]; current: ClientLimits | null; now: number },
): ClientChange {
  const change: ClientChange = {};
  const value = (name: keyof LimitOptions): string | null | undefined => {
    const one = given[name];
    if (one === false) return null;
    return typeof one === "string" ? (one.trim().toLowerCase() === "none" ? null : one.trim()) : undefined;
  };

  const name = value("name");
  if (name === null || name === "") throw usageFailure("--name: a client key needs a name.", "Give it another one.");
  if (name !== undefined) change.name = name;

  const models = value("models");
  if (models === null && given["models"] !== false)
    throw usageFailure("--models: 'none' could mean two things.", "Write --models all, or revoke the key.");
  if (models !== undefined)
    change.allowedModels = models === null || models.toLowerCase() === "all" ? null : readModels(models);

  const expires = value("expires");
  if (expires !== undefined) change.expiresAt = expires === null ? null : parseExpiry(expires, "--expires", parts.now);

  const limits = readLimits(value, parts.current);
  if (limits !== undefined) change.limits = limits;

  const ranges = listOf(parts.words, "ip", value("ip"));
  if (ranges !== undefined) change.ipRanges = ranges === null ? null : readRanges(ranges);
  const aliases = listOf(parts.words, "alias", value("alias"));
  if (aliases !== undefined) change.aliases = aliases === null ? null : readAliases(aliases);

  const { shared, own } = given;
  if (shared !== undefined && shared === own)
    throw usageFailure("--shared and --own are opposites.", "Give one of them.");
  if (shared !== undefined || own !== undefined)
    change.resourceScope = shared === true || own === false ? "shared" : "own";
  return change;
}

// --- helpers ---

/** Keeps a client's entry small: it is compared with every call. */
const mostEntries = 256;

function text(valueHint: string, description: string): TextOption {
  return { type: "string", valueHint, description };
}

type Value = (name: keyof LimitOptions) => string | null | undefined;

const counts = [
  ["rpm", "requestsPerMinute"],
  ["rpd", "requestsPerDay"],
  ["tpm", "tokensPerMinute"],
  ["concurrency", "concurrency"],
] as const;

function readLimits(value: Value, current: ClientLimits | null): ClientLimits | null | undefined {
  const limits: ClientLimits = { ...current };
  const budgets: Partial<Record<BudgetPeriod, number | null>> = { ...current?.budgets };
  let changed = false;
  for (const [option, field] of counts) {
    const given = value(option);
    if (given === undefined) continue;
    changed = true;
    limits[field] = given === null ? null : readCount(given, option);
  }
  for (const period of ["day", "week", "month", "total"] as const) {
    const given = value(`budget-${period}`);
    if (given === undefined) continue;
    changed = true;
    budgets[period] = given === null ? null : readBudget(given, period);
  }
  if (!changed) return undefined;
  const kept = Object.fromEntries(Object.entries(limits).filter(([key, one]) => key !== "budgets" && one !== null));
  const keptBudgets = Object.fromEntries(Object.entries(budgets).filter(([, one]) => one !== null));
  const hasBudgets = Object.keys(keptBudgets).length > 0;
  if (Object.keys(kept).length === 0 && !hasBudgets) return null;
  return hasBudgets ? { ...kept, budgets: keptBudgets } : kept;
}

function readCount(given: string, option: string): number {
  const short = /^(\d{1,9}(?:\.\d{1,3})?)\s*([km])$/i.exec(given);
  const count =
    short === null
      ? parseInteger(given)
      : Math.round(Number(short[1]) * (short[2]?.toLowerCase() === "k" ? 1_000 : 1_000_000));
  if (count === null || count < 0 || count > 1e12)
    throw usageFailure(
      `--${option}: '${given}' is not a whole number.`,
      "Write a number such as 60 or 250k, or none for no limit.",
    );
  refuseZero(count, option);
  return count;
}

function readBudget(given: string, period: BudgetPeriod): number {
  const usd = parseUsd(given);
  if (usd === null)
    throw usageFailure(
      `--budget-${period}: '${given}' is not an amount of dollars up to ${largestBudgetUsd}.`,
      "Write an amount such as 5, $5 or 0.50, or none for no budget.",
    );
  refuseZero(usd, `budget-${period}`);
  return usd;
}

/** In other programs 0 means "no limit"; here it would lock the client out. Neither is what somebody means by chance. */
function refuseZero(limit: number, option: string): void {
  if (limit > 0) return;
  throw usageFailure(
    `--${option}: 0 would let nothing through.`,
    `Write --${option} none for no limit, or 'gemini-proxy clients revoke' to end the key.`,
  );
}

function readModels(given: string): string[] {
  const models = parseList(given).map((model) => model.replace(/^models\//, ""));
  const wrong = models.find((model) => !/^[\w.:@/-]+\*?$|^\*$/.test(model));
  if (models.length === 0 || wrong !== undefined)
    throw usageFailure(
      `--models: ${wrong === undefined ? "names no model" : `'${wrong}' is not a model's name`}.`,
      "Write names such as gemini-3.8-flash,gemini-4-*.",
    );
  return models;
}

function readRanges(given: readonly string[]): string[] {
  const wrong = given.find((range) => parseRange(range) === null);
  if (wrong !== undefined)
    throw usageFailure(
      `--ip: '${wrong}' is neither an address nor a network.`,
      "Write addresses such as 203.0.113.7 and networks such as 10.0.0.0/8 or 2001:db8::/32.",
    );
  return [...new Set(given)];
}

function readAliases(given: readonly string[]): Record<string, string> {
  const wrong = given.find((entry) => parseAliases(entry) === null);
  const aliases = wrong === undefined ? parseAliases(given.join(",")) : null;
  if (aliases === null)
    throw usageFailure(
      `--alias: '${wrong ?? given.join(",")}' is not of the form name=model.`,
      "Write --alias fast=gemini-3.8-flash.",
    );
  return { ...aliases };
}

/**
 * All values of an option that may stand more than once: the parser of options keeps the last one only.
 * @returns undefined: not given; null: taken away
 */
function listOf(
  words: readonly string[],
  option: "ip" | "alias",
  last: string | null | undefined,
): string[] | null | undefined {
  if (last === undefined) return undefined;
  const values: string[] = [];
  const end = words.indexOf("--");
  const given = end < 0 ? words : words.slice(0, end);
  for (const [index, word] of given.entries()) {
    if (word === `--${option}`) values.push(given[index + 1] ?? "");
    else if (word.startsWith(`--${option}=`)) values.push(word.slice(option.length + 3));
  }
  const entries = parseList(values.join(","));
  const taken = last === null || entries.some((entry) => entry.toLowerCase() === "none");
  if (taken && entries.some((entry) => entry.toLowerCase() !== "none"))
    throw usageFailure(
      `--${option}: values and none together.`,
      "Give one or the other; values replace the earlier list.",
    );
  if (taken) return null;
  if (entries.length === 0) throw usageFailure(`--${option} needs a value.`, `Write --${option}=…`);
  if (entries.length > mostEntries)
    throw usageFailure(
      `--${option}: ${entries.length} values are more than ${mostEntries}.`,
      "Give fewer, wider ones.",
    );
  return entries;
}
