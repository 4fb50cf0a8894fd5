/**
 * Settings as options of the command line.
 * @module
 */
import { settingsTable } from "../settings/table.ts";
import { parseSwitch } from "../settings/values.ts";

/** By option name, the setting: `retention-days` → `RETENTION_DAYS`. Secrets have no option: command lines are seen. */
export const settingFlags: Readonly<Record<string, string>> = Object.fromEntries(
  settingsTable.filter((row) => !row.secret).map((row) => [row.name.toLowerCase().replaceAll("_", "-"), row.name]),
);

/**
 * Gives switches their value: `--ledger` becomes `--ledger=on`, `--no-ledger` becomes `--ledger=off`. Without it, the
 * parser of options takes the word after a bare switch for its value, also when that is an option.
 * @param words of the command line
 */
export function completeSwitches(words: readonly string[]): string[] {
  return words.map((word, index) => {
    const negated = word.startsWith("--no-") ? word.slice(5) : "";
    if (isSwitch(negated)) return `--${negated}=off`;
    if (!word.startsWith("--") || !isSwitch(word.slice(2))) return word;
    const next = words[index + 1];
    return next === undefined || parseSwitch(next) === null ? `${word}=on` : word;
  });
}

// --- helpers ---

/** Whether an option stands for a switch. */
function isSwitch(flag: string): boolean {
  return settingsTable.some((row) => row.name === settingFlags[flag] && row.kind === "switch");
}
