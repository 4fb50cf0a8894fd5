/**
 * What a client key may be set to, by the rules that the command line has.
 * @module
 */
import type * as z from "zod";
import { parseRange } from "../../clients/addresses.ts";
import { largestBudgetUsd } from "../../clients/limits/money.ts";
import type { BudgetPeriod, ClientKey, ClientLimits } from "../../clients/types.ts";
import { parseAliases } from "../../settings/structured-values.ts";
import { AdminError } from "../admin-errors.ts";
import { redactText } from "../audit-detail.ts";
import type { clientChangeBody } from "../schemas/clients.ts";
import { checkNoSecret } from "./name-rules.ts";

/** What is to be set; what is absent stays. */
export type ClientFields = z.output<typeof clientChangeBody>;

/** The same, ready to be stored. */
export type CheckedFields = Partial<
  Pick<
    ClientKey,
    "name" | "enabled" | "expiresAt" | "allowedModels" | "limits" | "ipRanges" | "aliases" | "resourceScope"
  >
>;

/**
 * Checks fields. `limits` are set as a whole: one that is left out is none.
 * @param parts `others`: clients whose names are taken; `current`: the client that is changed, null: a new one; `now`: epoch
 *   milliseconds
 * @throws AdminError `body_invalid` or `conflict`, naming the field
 */
export function checkFields(
  fields: ClientFields,
  parts: { others: readonly ClientKey[]; current: ClientKey | null; now: number },
): CheckedFields {
  const checked: CheckedFields = {};
  const { name, enabled, expiresAt, allowedModels, limits, ipRanges, aliases, resourceScope } = fields;
  if (name !== undefined) checked.name = checkName(name, parts.others);
  if (enabled !== undefined) checked.enabled = enabled;
  if (expiresAt !== undefined) {
    // One that has expired may be renamed: its form sends the old date along.
    if (expiresAt !== null && expiresAt <= parts.now && expiresAt !== parts.current?.expiresAt)
      throw invalid("expiresAt", "This time has passed.", "Revoke the key instead: DELETE /clients/{id}.");
    checked.expiresAt = expiresAt;
  }
  if (allowedModels !== undefined) checked.allowedModels = allowedModels === null ? null : checkModels(allowedModels);
  if (limits !== undefined) checked.limits = limits === null ? null : checkLimits(limits);
  if (ipRanges !== undefined) checked.ipRanges = ipRanges === null ? null : checkRanges(ipRanges);
  if (aliases !== undefined) checked.aliases = aliases === null ? null : checkAliases(aliases);
  if (resourceScope !== undefined) checked.resourceScope = resourceScope;
  return checked;
}

// --- helpers ---

const largestCount = 1e12;
/** Each is checked alone, and all of them are in every list of clients. */
const mostAliases = 500;

function invalid(field: string, message: string, next?: string): AdminError {
  return new AdminError("body_invalid", { message, field: `body.${field}`, ...(next === undefined ? {} : { next }) });
}

function checkName(given: string, others: readonly ClientKey[]): string {
  const name = given.replace(/[\s\p{Cc}]+/gu, " ").trim();
  if (name === "") throw invalid("name", "A client key needs a name.");
  checkNoSecret(name, "name");
  if (others.some((other) => other.name === name))
    throw new AdminError("conflict", {
      message: "Another client key has this name.",
      next: "Choose another one.",
      field: "body.name",
    });
  return name;
}

function checkModels(given: readonly string[]): string[] {
  const models = given.map((model) => model.trim().replace(/^models\//, ""));
  const wrong = models.findIndex((model) => !/^[\w.:@/-]+\*?$|^\*$/.test(model));
  const next = "Write names such as gemini-3.8-flash or gemini-4-*; null: every model.";
  if (models.length === 0) throw invalid("allowedModels", "An empty list would let nothing through.", next);
  if (wrong >= 0) throw invalid(`allowedModels[${wrong}]`, "This is not a model's name.", next);
  return [...new Set(models)];
}

function checkRanges(given: readonly string[]): string[] {
  const wrong = given.findIndex((range) => parseRange(range) === null);
  const next = "Write addresses such as 203.0.113.7 and networks such as 10.0.0.0/8; null: any address.";
  if (given.length === 0) throw invalid("ipRanges", "An empty list would let nobody in.", next);
  if (wrong >= 0) throw invalid(`ipRanges[${wrong}]`, "This is neither an address nor a network.", next);
  return [...new Set(given.map((range) => range.trim()))];
}

function checkAliases(given: Readonly<Record<string, string>>): Record<string, string> | null {
  if (Object.keys(given).length > mostAliases) throw invalid("aliases", `At most ${mostAliases} aliases.`);
  const wrong = Object.entries(given).find(
    ([alias, model]) => parseAliases(JSON.stringify({ [alias]: model })) === null,
  );
  if (wrong !== undefined)
    throw invalid(
      "aliases",
      `'${redactText(wrong[0]).slice(0, 40)}' does not lead to a model.`,
      "Write {fast: gemini-3.8-flash}.",
    );
  const aliases = parseAliases(JSON.stringify(given)) ?? {};
  return Object.keys(aliases).length === 0 ? null : { ...aliases };
}

/** Only what is set is kept; null: nothing is. */
function checkLimits(given: NonNullable<ClientFields["limits"]>): ClientLimits | null {
  const limits: ClientLimits = {};
  for (const field of ["requestsPerMinute", "requestsPerDay", "tokensPerMinute", "concurrency"] as const) {
    const value = given[field] ?? null;
    if (value === null) continue;
    if (value > largestCount) throw invalid(`limits.${field}`, `At most ${largestCount}; null: no limit.`);
    limits[field] = value;
  }
  const budgets: Partial<Record<BudgetPeriod, number>> = {};
  for (const period of ["day", "week", "month", "total"] as const) {
    const usd = given.budgets?.[period] ?? null;
    if (usd === null) continue;
    if (usd > largestBudgetUsd || usd < smallestBudgetUsd)
      throw invalid(
        `limits.budgets.${period}`,
        `Dollars from ${smallestBudgetUsd.toFixed(9)} to ${largestBudgetUsd}; null: no budget.`,
      );
    budgets[period] = usd;
  }
  if (Object.keys(budgets).length > 0) limits.budgets = budgets;
  return Object.keys(limits).length === 0 ? null : limits;
}

/** Less would be rounded to nothing, and let nothing through. */
const smallestBudgetUsd = 1e-9;
