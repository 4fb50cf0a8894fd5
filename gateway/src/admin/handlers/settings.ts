/**
 * Settings: what they are, and changing them.
 * @module
 */
import { AdminError } from "../admin-errors.ts";
import { changeSettings, listSettings } from "../contract/operations.ts";
import { implement, type Implementation } from "../implement.ts";
import type { SettingsControl } from "../services.ts";
import { isSettingsRefused } from "../settings-refused.ts";

/** Lists and changes them. */
export const settingHandlers: readonly Implementation[] = [
  implement(listSettings, ({ services }) => ({
    settings: services.settings.list().map((state) => ({
      ...state,
      choices: state.choices === null ? null : [...state.choices],
    })),
  })),
  implement(changeSettings, async ({ services, body, note }) => {
    const { changes, dryRun } = body;
    note({ detail: { changes: toAuditable(services.settings, changes), dryRun } });
    try {
      const { changed, afterRestart, outranked } = await services.settings.change(changes, dryRun);
      return { dryRun, changed, afterRestart, outranked };
    } catch (error) {
      if (!isSettingsRefused(error)) throw error;
      const [first] = error.problems;
      throw new AdminError("setting_invalid", {
        message: error.problems.map(({ message }) => message).join(" "),
        ...(first === undefined ? {} : { field: `body.changes.${first.name}` }),
      });
    }
  }),
];

// --- helpers ---

/**
 * Values of settings that hold no secret, by name; names of others. A list, since fields that are named like secrets
 * (`PROXY_MAX_RETRIES`) are hidden in the audit log.
 */
function toAuditable(settings: SettingsControl, changes: Readonly<Record<string, string | null>>): string[] {
  const open = new Set(settings.list().flatMap(({ name, secret }) => (secret ? [] : [name])));
  return Object.entries(changes).map(([name, value]) => {
    if (value === null) return `${name}: as if not stored`;
    return open.has(name) ? `${name}=${value}` : `${name}=[redacted]`;
  });
}
