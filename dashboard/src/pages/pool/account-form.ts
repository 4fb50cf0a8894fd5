/**
 * Adding an account: fields as text, and what they mean.
 * @module
 */
import type { Body } from "../../api/types.ts";

/** What is chosen beside the tokens, as text. */
export interface AccountForm {
  name: string;
  tier: string;
  weight: string;
  cloudProject: string;
}

/** Nothing chosen. */
export const emptyAccountForm: AccountForm = { name: "", tier: "", weight: "", cloudProject: "" };

/** What a field is wrong for, or what is sent. */
export type Read<Value> = { ok: true; value: Value } | { ok: false; field: string; reason: string };

type Choices = Pick<Body<"addAccount">, "name" | "tier" | "weight" | "cloudProject">;

/** What adds an account by its file. @param text the content of oauth_creds.json */
export function toAddBody(text: string, form: AccountForm): Read<Body<"addAccount">> {
  const given = text.trim();
  if (given === "") return { ok: false, field: "text", reason: "Paste the content of oauth_creds.json." };
  if (!isObject(given))
    return { ok: false, field: "text", reason: "This is not the whole file: it begins with { and ends with }." };
  const choices = readChoices(form);
  return choices.ok ? { ok: true, value: { text: given, ...choices.value } } : choices;
}

/** What ends a log-in. @param code the code, or the whole address */
export function toCompleteBody(state: string, code: string, form: AccountForm): Read<Body<"completeAccountLogin">> {
  const given = code.trim();
  if (given === "") return { ok: false, field: "code", reason: "Paste the code, or the address of the page." };
  if (/\s/.test(given)) return { ok: false, field: "code", reason: "A code and an address have no blanks." };
  const choices = readChoices(form);
  return choices.ok ? { ok: true, value: { state, code: given, ...choices.value } } : choices;
}

/** Share of a bucket that is left, in words; null: Google did not tell. */
export function leftWords({
  remaining,
  fraction,
}: {
  remaining: number | null;
  fraction: number | null;
}): string | null {
  const share = fraction === null ? null : `${Math.floor(fraction * 100)} % left`;
  if (remaining === null) return share;
  const count = `${remaining.toLocaleString("en-US")} left`;
  return share === null ? count : `${count} (${Math.floor((fraction ?? 0) * 100)} %)`;
}

// --- helpers ---

/** @returns only what was chosen, or the field that is wrong */
function readChoices(form: AccountForm): Read<Choices> {
  const choices: Choices = {};
  const [name, cloudProject] = [form.name.trim(), form.cloudProject.trim()];
  if (name !== "") choices.name = name;
  if (form.tier.trim() !== "") {
    const tier = Number(form.tier);
    if (!Number.isInteger(tier) || Math.abs(tier) > 100)
      return { ok: false, field: "tier", reason: "A whole number from -100 to 100." };
    choices.tier = tier;
  }
  if (form.weight.trim() !== "") {
    const weight = Number(form.weight);
    if (!(weight > 0 && weight <= 1000))
      return { ok: false, field: "weight", reason: "A number above 0, at most 1000." };
    choices.weight = weight;
  }
  if (/^\d+$/.test(cloudProject))
    return { ok: false, field: "cloudProject", reason: "The project's id, not its number." };
  if (cloudProject !== "") choices.cloudProject = cloudProject;
  return { ok: true, value: choices };
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
