/**
 * A client key's fields as text, and the request that they mean.
 * @module
 */
import { momentOf, wallText } from "../../lib/zone.ts";
import type { Client, ClientChange, ClientLimits, ClientValues } from "./types.ts";

/** Fields as typed. Lists are one a line; empty means "no limit". */
export interface ClientForm {
  name: string;
  enabled: boolean;
  /** `2026-12-31T23:59`, in the zone of the page; empty: never. */
  expiresAt: string;
  models: string;
  requestsPerMinute: string;
  requestsPerDay: string;
  tokensPerMinute: string;
  concurrency: string;
  budgetDay: string;
  budgetWeek: string;
  budgetMonth: string;
  budgetTotal: string;
  ipRanges: string;
  /** `fast = gemini-3.8-flash`, one a line. */
  aliases: string;
  resourceScope: "own" | "shared";
}

/** A form without any limit. */
export const emptyClientForm: ClientForm = {
  name: "",
  enabled: true,
  expiresAt: "",
  models: "",
  requestsPerMinute: "",
  requestsPerDay: "",
  tokensPerMinute: "",
  concurrency: "",
  budgetDay: "",
  budgetWeek: "",
  budgetMonth: "",
  budgetTotal: "",
  ipRanges: "",
  aliases: "",
  resourceScope: "own",
};

/**
 * The fields of a client.
 * @param client as told
 * @param zone of the times that are shown
 */
export function toClientForm(client: Client, zone: string): ClientForm {
  const { limits } = client;
  const budgets = limits?.budgets;
  return {
    name: client.name,
    enabled: client.enabled,
    expiresAt: client.expiresAt === null ? "" : wallText(client.expiresAt, zone),
    models: (client.allowedModels ?? []).join("\n"),
    requestsPerMinute: text(limits?.requestsPerMinute),
    requestsPerDay: text(limits?.requestsPerDay),
    tokensPerMinute: text(limits?.tokensPerMinute),
    concurrency: text(limits?.concurrency),
    budgetDay: text(budgets?.day),
    budgetWeek: text(budgets?.week),
    budgetMonth: text(budgets?.month),
    budgetTotal: text(budgets?.total),
    ipRanges: (client.ipRanges ?? []).join("\n"),
    aliases: Object.entries(client.aliases ?? {})
      .map(([alias, model]) => `${alias} = ${model}`)
      .join("\n"),
    resourceScope: client.resourceScope,
  };
}

/** A read form, or the field that is wrong and why. */
export type ReadClientForm =
  | { ok: true; values: ClientValues }
  | { ok: false; field: keyof ClientForm; reason: string };

/**
 * Reads the fields.
 * @param form as typed
 * @param zone of the times that were typed
 */
export function readClientForm(form: ClientForm, zone: string): ReadClientForm {
  const wrong = (field: keyof ClientForm, reason: string): ReadClientForm => ({ ok: false, field, reason });
  const name = form.name.trim();
  if (name === "" || name.length > 100) return wrong("name", "A name of 1 to 100 characters.");
  const expiresAt = form.expiresAt === "" ? null : momentOf(form.expiresAt, zone);
  if (form.expiresAt !== "" && expiresAt === null) return wrong("expiresAt", "A date and time.");
  const numbers = {} as Record<NumberField, number | null>;
  for (const field of numberFields) {
    const value = readNumber(form[field]);
    const whole = !field.startsWith("budget");
    if (value === "wrong" || (whole && value !== null && !Number.isSafeInteger(value)))
      return wrong(field, whole ? "A whole number above 0, or nothing." : "Dollars above 0, or nothing.");
    numbers[field] = value;
  }
  const aliases = readAliases(form.aliases);
  if (aliases === "wrong") return wrong("aliases", "One a line: name = model.");
  const models = lines(form.models);
  const ipRanges = lines(form.ipRanges);
  const badRange = ipRanges.find((range) => !/^[\da-fA-F.:]+(\/\d{1,3})?$/.test(range));
  if (badRange !== undefined) return wrong("ipRanges", `${badRange} is neither an address nor a network (10.0.0.0/8).`);
  return {
    ok: true,
    values: {
      name,
      enabled: form.enabled,
      expiresAt,
      allowedModels: models.length === 0 ? null : models,
      limits: toLimits(numbers),
      ipRanges: ipRanges.length === 0 ? null : ipRanges,
      aliases,
      resourceScope: form.resourceScope,
    },
  };
}

/**
 * What was changed.
 * @param client as it is
 * @param values from `readClientForm`
 * @returns only the fields that differ
 */
export function changedFields(client: Client, values: ClientValues): ClientChange {
  const before = readClientForm(toClientForm(client, "UTC"), "UTC");
  if (!before.ok) return values;
  // Inputs of times know no seconds: an end within the same minute was not touched.
  const sameEnd =
    client.expiresAt !== null && values.expiresAt !== null && sameMinute(client.expiresAt, values.expiresAt);
  const entries = Object.entries(values).filter(([field, value]) => {
    if (field === "expiresAt") return !sameEnd && value !== client.expiresAt;
    return JSON.stringify(value) !== JSON.stringify(before.values[field as keyof ClientValues]);
  });
  return Object.fromEntries(entries) as ClientChange;
}

// --- helpers ---

const numberFields = [
  "requestsPerMinute",
  "requestsPerDay",
  "tokensPerMinute",
  "concurrency",
  "budgetDay",
  "budgetWeek",
  "budgetMonth",
  "budgetTotal",
] as const;
type NumberField = (typeof numberFields)[number];

function sameMinute(left: number, right: number): boolean {
  return Math.floor(left / 60_000) === Math.floor(right / 60_000);
}

function toLimits(numbers: Record<NumberField, number | null>): ClientLimits | null {
  const { budgetDay: day, budgetWeek: week, budgetMonth: month, budgetTotal: total, ...rates } = numbers;
  const budgets = { day, week, month, total };
  const none = Object.values(budgets).every((value) => value === null);
  if (none && Object.values(rates).every((value) => value === null)) return null;
  return { ...rates, budgets: none ? null : budgets };
}

function readNumber(value: string): number | null | "wrong" {
  const plain = value.trim().replaceAll(/[_\s]/g, "");
  if (plain === "") return null;
  const number = Number(plain);
  return /^\d+(\.\d+)?$|^\.\d+$/.test(plain) && number > 0 && Number.isFinite(number) ? number : "wrong";
}

function readAliases(value: string): Record<string, string> | null | "wrong" {
  const aliases = Object.create(null) as Record<string, string>;
  for (const line of lines(value)) {
    const match = /^([^\s=]+)\s*=\s*([^\s=]+)$/.exec(line);
    if (match === null) return "wrong";
    aliases[match[1] as string] = match[2] as string;
  }
  return Object.keys(aliases).length === 0 ? null : aliases;
}

function lines(value: string): string[] {
  return value
    .split(/[\n,]+/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function text(value: number | null | undefined): string {
  return value === null || value === undefined ? "" : String(value);
}
