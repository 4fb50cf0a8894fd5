/**
 * What of an address's query a page understands. Filters live in the address: it can be shared, and back and forward
 * work. Everything in it is hostile: what does not fit is left out.
 * @module
 */

/** One field: text in the address, a value in the page. */
export interface Field<Value> {
  /** Undefined: not such a text. */
  parse(text: string): Value | undefined;
  format(value: Value): string;
}

/** The fields of a page. */
// oxlint-disable-next-line typescript/no-explicit-any -- a shape holds fields of different values; FieldsOf has them exactly
export type SearchShape = Readonly<Record<string, Field<any>>>;

/** Values of a shape; undefined: not in the address. */
export type SearchValues<Shape extends SearchShape> = {
  [Name in keyof Shape]?: (Shape[Name] extends Field<infer Value> ? Value : never) | undefined;
};

/** Text of at most so many characters. @default 200 */
export function textField(most = 200): Field<string> {
  return { parse: (text) => (text !== "" && text.length <= most ? text : undefined), format: (value) => value };
}

/** One of some words. */
export function wordField<const Words extends readonly string[]>(words: Words): Field<Words[number]> {
  return { parse: (text) => words.find((word) => word === text), format: (value) => value };
}

/** A number that is not negative. */
export function numberField(limits: { most?: number; whole?: boolean } = {}): Field<number> {
  return {
    parse: (text) => {
      if (!/^\d{1,15}(\.\d{1,12})?$/.test(text)) return undefined;
      const value = Number(text);
      if (limits.whole === true && !Number.isInteger(value)) return undefined;
      return value <= (limits.most ?? Number.MAX_SAFE_INTEGER) ? value : undefined;
    },
    // Never `1e-7`: the pattern above does not know it.
    format: (value) => (Number.isInteger(value) ? String(value) : value.toFixed(12).replace(/0+$/, "")),
  };
}

/** Yes or no. */
export const flagField: Field<boolean> = {
  parse: (text) => (text === "true" ? true : text === "false" ? false : undefined),
  format: String,
};

/** A field out of two functions, such as those of lib/range.ts. */
export function customField<Value>(
  parse: (text: string) => Value | null,
  format: (value: Value) => string,
): Field<Value> {
  return { parse: (text) => parse(text) ?? undefined, format };
}

/** Reads what fits out of an address's query. */
export function readSearch<Shape extends SearchShape>(
  shape: Shape,
  search: Readonly<Record<string, unknown>>,
): SearchValues<Shape> {
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(shape)) {
    const text = search[name];
    const value: unknown = typeof text === "string" ? field.parse(text) : undefined;
    if (value !== undefined) values[name] = value;
  }
  return values as SearchValues<Shape>;
}

/** Writes values for an address's query; undefined and null ones are left out. */
export function writeSearch<Shape extends SearchShape>(
  shape: Shape,
  values: SearchValues<Shape>,
): Record<string, string> {
  const search: Record<string, string> = {};
  for (const [name, field] of Object.entries(shape)) {
    const value: unknown = values[name];
    if (value !== undefined && value !== null) search[name] = field.format(value);
  }
  return search;
}

/**
 * Query text → texts by name, bounded: the first of each name, 40 names, 400 characters each.
 * @param text with or without `?`
 */
export function parseQueryText(text: string): Record<string, string> {
  const search: Record<string, string> = Object.create(null) as Record<string, string>;
  let count = 0;
  for (const [name, value] of new URLSearchParams(text)) {
    if (count >= 40) break;
    if (name in search || name.length > 40 || value.length > 400) continue;
    search[name] = value;
    count += 1;
  }
  return { ...search };
}

/** Texts by name → query text, with `?`; empty: nothing. */
export function formatQueryText(search: Readonly<Record<string, unknown>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) if (typeof value === "string") query.set(name, value);
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

/**
 * A link inside the dashboard.
 * @param path `/calls`
 * @param search fields; undefined and null ones are left out
 */
export function pageLink(
  path: string,
  search: Readonly<Record<string, string | number | null | undefined>> = {},
): string {
  const texts = Object.fromEntries(
    Object.entries(search).flatMap(([name, value]) => (value == null || value === "" ? [] : [[name, String(value)]])),
  );
  return `${path}${formatQueryText(texts)}`;
}
