/**
 * Changes of settings that are typed and not saved yet.
 * @module
 */
import type { Setting } from "../../api/types.ts";
import { faultOf } from "./setting-values.ts";

/** New texts by name; null: back to what holds without a stored value. */
export type SettingsDraft = Readonly<Record<string, string | null>>;

/**
 * Puts a new value into the draft. One that equals what is stored is no change.
 * @param draft as it is
 * @param change the setting, and its new text; null or empty: no longer stored
 */
export function withChange(
  draft: SettingsDraft,
  change: { setting: Pick<Setting, "name" | "stored">; text: string | null },
): SettingsDraft {
  const { name, stored } = change.setting;
  const text = change.text?.trim() === "" ? null : change.text;
  const { [name]: _before, ...others } = draft;
  return text === stored ? others : { ...others, [name]: text };
}

/** @returns what the editor shows: the draft, else what is stored, else what is in force */
export function shownText(setting: Setting, draft: SettingsDraft): string {
  if (Object.hasOwn(draft, setting.name)) return draft[setting.name] ?? setting.default ?? "";
  return setting.stored ?? setting.value ?? "";
}

/** @returns why a setting cannot be changed here, or null */
export function lockReason(setting: Setting): string | null {
  if (setting.secret) return "Secrets are given in the environment or a file, never stored here.";
  return setting.readOnly
    ? "Set it in the environment or with a flag: the gateway needs it before it can read this."
    : null;
}

/** @returns what outranks a stored value, or null */
export function outrankedBy(setting: Setting): string | null {
  if (setting.source === "environment") return "The environment outranks what is stored here.";
  return setting.source === "flag" ? "A flag of the command line outranks what is stored here." : null;
}

/** A line of the summary before saving. */
export interface DraftLine {
  name: string;
  before: string;
  after: string;
  /** Why it cannot be saved; null: it can. */
  fault: string | null;
  /** `now`, `after a restart` or `never while the environment says otherwise`. */
  when: string;
}

/**
 * What saving would do.
 * @param settings all
 * @param draft what was typed
 */
export function draftLines(settings: readonly Setting[], draft: SettingsDraft): DraftLine[] {
  return settings.flatMap((setting) => {
    if (!Object.hasOwn(draft, setting.name)) return [];
    const text = draft[setting.name] ?? null;
    return [
      {
        name: setting.name,
        before: setting.stored ?? `${setting.value ?? "not set"} (${setting.source})`,
        after: text ?? `${setting.default ?? "not set"} (default)`,
        fault: text === null ? null : faultOf(setting, text),
        when:
          outrankedBy(setting) !== null
            ? "no effect while it is outranked"
            : setting.hot
              ? "at once"
              : "after a restart",
      },
    ];
  });
}

/** Settings of one heading. */
export interface SettingsGroup {
  name: string;
  settings: Setting[];
}

/**
 * Settings by their headings, in the gateway's order.
 * @param settings all
 * @param search words of name, help or value
 */
export function groupSettings(settings: readonly Setting[], search: string): SettingsGroup[] {
  const words = search.trim().toLowerCase();
  const groups = new Map<string, Setting[]>();
  for (const setting of settings) {
    const text = `${setting.name} ${setting.help} ${setting.group} ${setting.value ?? ""}`.toLowerCase();
    if (words !== "" && !text.includes(words)) continue;
    groups.set(setting.group, [...(groups.get(setting.group) ?? []), setting]);
  }
  return [...groups].map(([name, found]) => ({ name, settings: found }));
}

/**
 * Faults of single settings out of an error of the gateway, which names them in its text or its field.
 * @param error of a dry run
 * @param names of what was sent
 * @returns message by name; empty when no setting is named
 */
export function faultsByName(
  error: { message: string; field: string | null },
  names: readonly string[],
): Record<string, string> {
  const faults: Record<string, string> = {};
  const field = names.find((name) => error.field?.split(/[.[\]"]/).includes(name) === true);
  if (field !== undefined) return { [field]: withoutName(error.message, field) };
  // `PORT: expected …; LOG_LEVEL: expected …`, a line or a sentence each.
  for (const part of error.message.split(/\n|;\s+/)) {
    const name = names.find((one) => new RegExp(`(^|[^A-Z_])${one}([^A-Z_]|$)`).test(part));
    if (name !== undefined) faults[name] ??= withoutName(part, name);
  }
  if (Object.keys(faults).length === 0 && names.length === 1) faults[names[0] as string] = error.message;
  return faults;
}

// --- helpers ---

/** The name stands beside the field already. */
function withoutName(text: string, name: string): string {
  const plain = text.trim();
  return plain.startsWith(`${name}: `) ? plain.slice(name.length + 2) : plain;
}
