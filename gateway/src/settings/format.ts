/**
 * Settings as text that the parser reads back as the same value.
 * @module
 */
import type { SettingDefinition } from "./table.ts";
import type { Settings } from "./types.ts";

/**
 * The value of a setting as text.
 * @param row of a setting that is no secret
 * @returns null: there is none
 */
export function formatSetting(row: SettingDefinition, settings: Settings): string | null {
  const value = row.field === null ? row.default : settings[row.field];
  if (value === null) return null;
  if (typeof value === "boolean") return value ? "on" : "off";
  if (typeof value === "number") return formatNumber(row, value);
  if (Array.isArray(value)) return value.length > 0 ? value.join(", ") : row.kind === "origins" ? "none" : null;
  if (typeof value === "string") return value;
  const entries = Object.entries(value);
  if (entries.length === 0) return null;
  if (row.kind === "quota-limits") return JSON.stringify(value);
  return entries.map(([name, target]) => `${name}=${Array.isArray(target) ? target.join("|") : target}`).join(", ");
}

// --- helpers ---

const durations: readonly (readonly [string, number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
];
const sizes: readonly (readonly [string, number])[] = [
  ["GB", 1024 ** 3],
  ["MB", 1024 ** 2],
  ["KB", 1024],
];

/** In the largest unit of which it is a whole number, as defaults are written. */
function formatNumber({ kind, default: fallback }: SettingDefinition, value: number): string {
  const unit = kind === "minutes" ? 60_000 : kind === "hours" ? 3_600_000 : 0;
  if (unit > 0) return value % unit === 0 ? String(value / unit) : `${value}ms`;
  const units = kind === "duration" ? durations : kind === "size" ? sizes : [];
  const forms = [
    String(value),
    ...units.filter(([, factor]) => value > 0 && value % factor === 0).map(([unit, factor]) => value / factor + unit),
  ];
  return forms.find((form) => form === fallback) ?? forms[1] ?? (forms[0] as string);
}
