/**
 * Reads single settings by the rules of their row in the table, and gathers what was wrong.
 * @module
 */
import { settingsTable } from "./table.ts";
import type { SettingDefinition } from "./table.ts";
import { parseUpstreamUrl } from "./upstream-url.ts";
import {
  describeShape,
  parseDuration,
  parseInteger,
  parseList,
  parseOrigins,
  parseShare,
  parseSize,
  parseSwitch,
  parseTimesOf,
} from "./values.ts";

/** A value that cannot be used. `message` is a whole sentence for people. */
export interface SettingProblem {
  variable: string;
  message: string;
}

/** What parsing needs beside the environment. */
export interface ParseOptions {
  /** Values that outrank the environment, by setting name (command line flags). */
  overrides?: Readonly<Record<string, string | undefined>>;
  /** Reads a text file; null: not there. Not given: `…_FILE` variables are refused. */
  readFile?: (path: string) => string | null;
}

/** Where a value came from. */
export interface SettingSource {
  kind: "flag" | "environment" | "file";
  /** The variable that was read: the name, an alias, or `<NAME>_FILE`. */
  variable: string;
}

/** A reader over one environment. Every method gives the default where the value cannot be used. */
export interface Reader {
  /** The row's minimum is the least number of characters. */
  text(name: string): string | null;
  number(name: string): number;
  switch(name: string): boolean;
  choice(name: string): string;
  list(name: string): string[];
  origins(name: string): string[];
  /** @param fallback used when nothing is given; null: the table's default */
  url(name: string, fallback: string | null): string;
  /** ALLOW_INSECURE_UPSTREAM; a wrong value is noted once, however often it is asked for. */
  allowsInsecure(): boolean;
  /** By a parser of its own; null when nothing is given, or nothing that can be used. */
  parsed<T>(name: string, expected: string, parse: (text: string) => T | null): T | null;
  /** The text as given, with the variable that it came from. */
  raw(name: string): { text: string; variable: string } | null;
  readFile: ((path: string) => string | null) | undefined;
  warn(message: string): void;
  refuse(variable: string, message: string): void;
  readonly warnings: string[];
  readonly problems: SettingProblem[];
  readonly sources: Map<string, SettingSource>;
}

/**
 * Makes a reader.
 * @param environment variables by name
 * @param options flags and files
 */
export function createReader(environment: Readonly<Record<string, string | undefined>>, options: ParseOptions): Reader {
  const warnings: string[] = [];
  const problems: SettingProblem[] = [];
  const sources = new Map<string, SettingSource>();
  let insecure: boolean | null = null;
  const given = (variable: string): string | null => nonBlank(environment[variable]);

  const raw = (name: string): { text: string; variable: string } | null => {
    const row = rowOf(name);
    const flag = nonBlank(options.overrides?.[name]);
    if (flag !== null) {
      sources.set(name, { kind: "flag", variable: name });
      return { text: flag, variable: name };
    }
    const [variable, ...others] = [name, ...row.aliases].filter((candidate) => given(candidate) !== null);
    if (variable !== undefined) {
      for (const other of others)
        if (given(other) !== given(variable))
          warnings.push(`${variable} and ${other} are both set and differ; ${variable} is used.`);
      sources.set(name, { kind: "environment", variable });
      return { text: given(variable) as string, variable };
    }
    const path = row.secret ? given(`${name}_FILE`) : null;
    // GEMINI_API_KEYS_FILE is a setting of its own, with its own default.
    if (path === null || settingsTable.some((other) => other.name === `${name}_FILE`)) return null;
    const text = nonBlank(options.readFile?.(path) ?? undefined);
    if (text === null) {
      refuse(`${name}_FILE`, `${name}_FILE: expected the path of a readable file with text in it.`);
      return null;
    }
    sources.set(name, { kind: "file", variable: `${name}_FILE` });
    return { text, variable: `${name}_FILE` };
  };

  const refuse = (variable: string, message: string): void => {
    problems.push({ variable, message });
  };

  /** Reads by `parse`; gives the default and notes the problem where that gives null. */
  const read = <T>(name: string, expected: string, parse: (text: string) => T | null): T => {
    const row = rowOf(name);
    const found = raw(name);
    const value = found === null ? null : parse(found.text);
    if (value !== null) return value;
    if (found !== null)
      refuse(found.variable, `${found.variable}: expected ${expected}, got ${describeShape(found.text, row.secret)}.`);
    return parse(row.default as string) as T;
  };

  const allowsInsecure = (): boolean => (insecure ??= read("ALLOW_INSECURE_UPSTREAM", "on or off", parseSwitch));

  return {
    raw,
    refuse,
    allowsInsecure,
    warnings,
    problems,
    sources,
    readFile: options.readFile,
    warn: (message) => void warnings.push(message),
    text: (name) => {
      const { minimum = 1, secret, default: fallback } = rowOf(name);
      const found = raw(name);
      if (found === null) return fallback;
      if (found.text.length >= minimum) return found.text;
      refuse(
        found.variable,
        `${found.variable}: expected ${minimum} characters or more, got ${describeShape(found.text, secret)}.`,
      );
      return fallback;
    },
    number: (name) => {
      const row = rowOf(name);
      return read(name, expectedNumber(row), (text) => {
        const value = numberParsers[row.kind]?.(text) ?? null;
        return value === null || value < (row.minimum ?? -Infinity) || value > (row.maximum ?? Infinity) ? null : value;
      });
    },
    switch: (name) => read(name, "on or off", parseSwitch),
    choice: (name) => {
      const choices = rowOf(name).choices ?? [];
      return read(name, `one of ${choices.join(", ")}`, (text) => {
        const word = text.trim().toLowerCase().replaceAll("-", "_");
        return choices.includes(word) ? word : null;
      });
    },
    list: (name) => parseList(raw(name)?.text ?? ""),
    origins: (name) => read(name, "'*', 'none', or origins such as https://app.example.com", parseOrigins),
    parsed: (name, expected, parse) => {
      const row = rowOf(name);
      const found = raw(name);
      if (found === null) return row.default === null ? null : parse(row.default);
      const value = parse(found.text);
      if (value === null)
        refuse(
          found.variable,
          `${found.variable}: expected ${expected}, got ${describeShape(found.text, row.secret)}.`,
        );
      return value;
    },
    url: (name, fallback) => {
      const row = rowOf(name);
      const found = raw(name);
      const base: string = fallback ?? (row.default as string);
      if (found === null) return base;
      const parsed = parseUpstreamUrl(found.text, {
        native: name === "GOOGLE_GEMINI_API_BASE_URL",
        allowInsecure: allowsInsecure(),
      });
      if (!parsed.ok) {
        refuse(
          found.variable,
          `${found.variable}: expected ${parsed.expected}, got ${describeShape(found.text, true)}.`,
        );
        return base;
      }
      if (parsed.dropped !== null)
        warnings.push(
          `${found.variable}: the trailing '${parsed.dropped}' is dropped; the version comes from each call's path.`,
        );
      return parsed.url;
    },
  };
}

// --- helpers ---

const numberParsers: Readonly<Record<string, (text: string) => number | null>> = {
  integer: parseInteger,
  duration: parseDuration,
  minutes: (text) => parseTimesOf(text, 60_000),
  hours: (text) => parseTimesOf(text, 3_600_000),
  size: parseSize,
  share: parseShare,
};

const numberWords: Readonly<Record<string, string>> = {
  integer: "a whole number",
  duration: "milliseconds, or a duration such as 30s or 5m",
  minutes: "minutes, or a duration such as 90s",
  hours: "hours, or a duration such as 30m",
  size: "bytes, or a size such as 64KB or 100MB",
  share: "a share such as 0.2 or 20%",
};

function expectedNumber(row: SettingDefinition): string {
  const bounds =
    row.minimum !== undefined && row.maximum !== undefined
      ? `, ${row.minimum} to ${row.maximum}`
      : row.minimum !== undefined
        ? `, at least ${row.minimum}`
        : "";
  return `${numberWords[row.kind] ?? "a number"}${bounds}`;
}

function rowOf(name: string): SettingDefinition {
  const row = settingsTable.find((candidate) => candidate.name === name);
  if (row === undefined) throw new Error(`${name} is not in the settings table`);
  return row;
}

function nonBlank(text: string | undefined): string | null {
  const plain = text?.trim() ?? "";
  return plain === "" ? null : plain;
}
