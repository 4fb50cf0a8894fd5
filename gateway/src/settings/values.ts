/**
 * Reading the text of a variable: durations, sizes, switches and the like. Pure; null means "not understood".
 * @module
 */

/**
 * A duration.
 * @param text plain milliseconds, or a number with `ms`, `s`, `m` (also `min`), `h` or `d`
 * @returns whole milliseconds, or null
 */
export function parseDuration(text: string): number | null {
  return parseUnits(text, { "": 1, ms: 1, s: 1000, sec: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 });
}

/**
 * A time that is named after its unit: a plain number counts that unit, `90s` and the like are durations.
 * @param unitMs milliseconds of the unit
 * @returns whole milliseconds, or null
 */
export function parseTimesOf(text: string, unitMs: number): number | null {
  return /^[\d.]+$/.test(text.trim()) ? parseUnits(text, { "": unitMs }) : parseDuration(text);
}

/**
 * A size. `KB`, `MB`, `GB` are powers of 1024, as `KiB`, `MiB`, `GiB` are: the limits they set are memory.
 * @param text plain bytes, or a number with a unit
 * @returns whole bytes, or null
 */
export function parseSize(text: string): number | null {
  const kilo = 1024;
  const units: Record<string, number> = { "": 1, b: 1 };
  for (const [letter, factor] of [
    ["k", kilo],
    ["m", kilo ** 2],
    ["g", kilo ** 3],
    ["t", kilo ** 4],
  ] as const)
    for (const ending of ["", "b", "ib"]) units[letter + ending] = factor;
  return parseUnits(text, units);
}

/**
 * A share.
 * @param text `0.2` or `20%`
 * @returns the fraction, or null
 */
export function parseShare(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?|\.\d+)\s*(%?)$/.exec(text.trim());
  if (match === null) return null;
  return Number(match[1]) / (match[2] === "%" ? 100 : 1);
}

/**
 * A whole number, `_` and `,` as separators of thousands allowed.
 * @returns the number, or null
 */
export function parseInteger(text: string): number | null {
  const plain = text.trim().replace(/(?<=\d)[_,](?=\d{3}(?!\d))/g, "");
  return /^[+-]?\d{1,15}$/.test(plain) ? Number(plain) : null;
}

/**
 * A switch.
 * @param text `on`, `true`, `yes`, `1` or `off`, `false`, `no`, `0`, in any case
 * @returns true, false, or null
 */
export function parseSwitch(text: string): boolean | null {
  const word = text.trim().toLowerCase();
  if (["on", "true", "yes", "1", "enabled"].includes(word)) return true;
  if (["off", "false", "no", "0", "disabled"].includes(word)) return false;
  return null;
}

/**
 * Splits a list at commas and new lines; blanks around entries and empty entries are dropped.
 * @returns the entries, in order
 */
export function parseList(text: string): string[] {
  return text
    .split(/[,\r\n]+/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
}

/**
 * Origins for CORS.
 * @param text `*`, `none` or `off`, or a list of `scheme://host[:port]`
 * @returns the list (empty for `none`), or null
 */
export function parseOrigins(text: string): string[] | null {
  const word = text.trim().toLowerCase();
  if (word === "none" || word === "off") return [];
  const origins: string[] = [];
  for (const entry of parseList(text)) {
    if (entry === "*") return ["*"];
    // Browsers send `Origin: null` from sandboxed frames and files; it is a legal, if weak, choice.
    if (entry === "null") origins.push(entry);
    else {
      const match = /^([a-z][a-z0-9+.-]*):\/\/([^/\s?#@]+)\/?$/i.exec(entry);
      if (match === null) return null;
      origins.push(`${match[1]?.toLowerCase()}://${match[2]?.toLowerCase()}`);
    }
  }
  return origins;
}

/**
 * Says what a value looks like without showing what could be a secret: numbers and short plain words are shown, anything
 * else only by its length.
 * @param text the value
 * @param secret never show anything of it
 */
export function describeShape(text: string, secret: boolean): string {
  const plain = text.trim();
  if (plain === "") return "nothing";
  if (!secret && /^[+-]?\d{1,15}(\.\d{1,6})?\s?[a-z%]{0,4}$/i.test(plain)) return plain;
  if (!secret && /^[a-z_-]{1,20}$/i.test(plain)) return `'${plain}'`;
  return `text of ${plain.length} character${plain.length === 1 ? "" : "s"}`;
}

// --- helpers ---

function parseUnits(text: string, units: Readonly<Record<string, number>>): number | null {
  const match = /^(\d+(?:\.\d+)?|\.\d+)\s*([a-z]*)$/.exec(
    text
      .trim()
      .toLowerCase()
      .replace(/(?<=\d)_(?=\d)/g, ""),
  );
  if (match === null) return null;
  const factor = Object.hasOwn(units, match[2] as string) ? units[match[2] as string] : undefined;
  if (factor === undefined) return null;
  const value = Math.round(Number(match[1]) * factor);
  return Number.isSafeInteger(value) ? value : null;
}
