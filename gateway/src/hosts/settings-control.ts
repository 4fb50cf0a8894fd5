/**
 * Settings that are stored: what is in force, by which source, and how it changes while the gateway runs.
 *
 * Flags outrank the environment, which outranks what is stored, which outranks defaults. There is one `Settings` object for
 * the life of a process; its fields change in place, so whoever reads them at each use needs to be told nothing.
 * @module
 */
import type { SettingsControl, SettingState } from "../admin/services.ts";
import { SettingsRefused } from "../admin/settings-refused.ts";
import type { Logger } from "../core/ports.ts";
import { formatSetting } from "../settings/format.ts";
import { parseSettings, type ParsedSettings } from "../settings/parse.ts";
import { settingsTable, type SettingDefinition } from "../settings/table.ts";
import type { Settings } from "../settings/types.ts";

/** Settings by name, as they are stored. */
export type StoredSettings = Readonly<Record<string, string>>;

/** Told which fields changed, after they did. */
export type SettingsListener = (changed: ReadonlySet<keyof Settings>) => void;

/** The control, with what hosts need beside the admin API. */
export interface SettingsHost extends SettingsControl {
  /** @returns ends it */
  listen(listener: SettingsListener): () => void;
  /** Takes up what another process stored. @returns names of the settings that changed in force */
  reload(): Promise<string[]>;
}

/**
 * Puts what is stored into the settings, in place. For the start, before any part is made of them.
 * @param parts `settings`, `sources`: as parsed from flags and environment; `stored`: by name
 * @returns what cannot be used and is ignored: a bad value must never keep the gateway from starting
 */
export function applyStoredSettings(parts: {
  settings: Settings;
  sources: ParsedSettings["sources"];
  stored: StoredSettings;
}): { name: string; message: string }[] {
  const { settings, sources, stored } = parts;
  const problems: { name: string; message: string }[] = [];
  for (const [name, text] of Object.entries(stored)) {
    const read = readStored(name, text);
    if (!read.ok) problems.push({ name, message: read.message });
    else if (!sources.has(name)) copyField(read.row, read.settings, settings);
  }
  return problems;
}

/**
 * Makes the control, and puts what is stored into the settings.
 * @param parts `settings`, `sources`: as parsed from flags and environment, without what is stored; `stored`: what is;
 *   `save`: writes all changes or none, and lets other processes know; `read`: gives what is stored now
 */
export function createSettingsControl(parts: {
  settings: Settings;
  sources: ParsedSettings["sources"];
  stored: StoredSettings;
  save: (changes: Readonly<Record<string, string | null>>) => Promise<void>;
  read: () => Promise<StoredSettings>;
  logger: Logger;
}): SettingsHost {
  const { settings: current, sources, logger } = parts;
  /** What holds when nothing is stored. */
  const base: Settings = { ...current };
  let stored: Record<string, string> = { ...parts.stored };
  /** Names whose value in force is a stored one. */
  const inForce = new Set<string>();
  const listeners = new Set<SettingsListener>();
  let last: Promise<unknown> = Promise.resolve();

  for (const { name, message } of applyStoredSettings(parts)) logger.log("warn", "setting.ignored", { name, message });
  for (const [name, text] of Object.entries(stored))
    if (!sources.has(name) && readStored(name, text).ok) inForce.add(name);

  /** Brings hot settings to what is stored. @returns names whose value changed */
  function takeUp(next: Record<string, string>): string[] {
    const names: string[] = [];
    const fields = new Set<keyof Settings>();
    for (const row of settingsTable) {
      const { name, field } = row;
      if (next[name] === stored[name] || field === null || !row.hot || row.readOnly || sources.has(name)) continue;
      const text = next[name];
      const read = text === undefined ? null : readStored(name, text);
      if (read !== null && !read.ok) logger.log("warn", "setting.ignored", { name, message: read.message });
      const from = read?.ok === true ? read.settings : base;
      if (from === base) inForce.delete(name);
      else inForce.add(name);
      if (isSame(from[field], current[field])) continue;
      copyField(row, from, current);
      names.push(name);
      fields.add(field);
    }
    stored = next;
    if (fields.size > 0) for (const listener of listeners) listener(fields);
    return names;
  }

  /** One after the other: a change rests on what the one before left. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  }

  function stateOf(row: SettingDefinition): SettingState {
    const { name, group, kind, help, secret, hot, readOnly } = row;
    const source = sources.get(name);
    return {
      name,
      group,
      kind,
      help,
      secret,
      hot,
      readOnly,
      choices: row.choices ?? null,
      default: row.default,
      value: valueOf(row, current, sources),
      source:
        source === undefined
          ? inForce.has(name)
            ? "stored"
            : "default"
          : source.kind === "flag"
            ? "flag"
            : "environment",
      stored: (readOnly ? undefined : stored[name]) ?? null,
    };
  }

  return {
    current,
    list: () => settingsTable.map(stateOf),
    change: (changes, dryRun) =>
      inTurn(async () => {
        const problems: { name: string; message: string }[] = [];
        const next = { ...stored };
        const changed: string[] = [];
        for (const [name, value] of Object.entries(changes)) {
          const text = value === null || value.trim() === "" ? null : value;
          const read = readStored(name, text ?? "");
          if (!read.ok) problems.push({ name, message: read.message });
          else if (text === null) delete next[name];
          else next[name] = text;
          if (next[name] !== stored[name]) changed.push(name);
        }
        if (problems.length > 0) throw new SettingsRefused(problems);
        const outranked = changed.filter((name) => next[name] !== undefined && sources.has(name));
        const cold = new Set(settingsTable.filter(({ hot }) => !hot).map(({ name }) => name));
        const afterRestart = changed.filter((name) => cold.has(name) && !sources.has(name));
        if (!dryRun && changed.length > 0) {
          await parts.save(Object.fromEntries(changed.map((name) => [name, next[name] ?? null])));
          takeUp(next);
        }
        return { changed, afterRestart, outranked };
      }),
    reload: () => inTurn(async () => takeUp({ ...(await parts.read()) })),
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

// --- helpers ---

type Read = { ok: true; row: SettingDefinition; settings: Settings } | { ok: false; message: string };

/** One stored value, read by the same parser as the environment's. Empty text: nothing is wrong with it. */
function readStored(name: string, text: string): Read {
  const row = settingsTable.find((candidate) => candidate.name === name);
  if (row === undefined) return { ok: false, message: `There is no setting ${name}.` };
  if (row.readOnly) return { ok: false, message: `${name} cannot be stored: only the environment sets it.` };
  const { settings, problems } = parseSettings({ [name]: text });
  const [problem] = problems;
  return problem === undefined ? { ok: true, row, settings } : { ok: false, message: problem.message };
}

function copyField(row: SettingDefinition, from: Settings, to: Settings): void {
  if (row.field !== null) Object.assign(to, { [row.field]: from[row.field] });
}

/** Values are texts, numbers, switches, and lists and tables of those. */
function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

/** Of secrets only whether they are set. */
function valueOf(row: SettingDefinition, settings: Settings, sources: ParsedSettings["sources"]): string | null {
  if (row.kind === "keys" || row.field === "credentials" || row.field === "proxyApiKeys")
    return sources.has(row.name) ? "set" : null;
  const value = formatSetting(row, settings);
  return row.secret && value !== null ? "set" : value;
}
