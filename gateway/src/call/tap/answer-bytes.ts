/**
 * Answers as bytes, in every form that an upstream may send them in. For tests.
 * @module
 */

/** How JSON is spaced: `google` as in its event streams, `pretty` as in its unary answers, `escaped` as nobody does. */
export type Style = "compact" | "google" | "pretty" | "escaped";

/** How an event stands in a stream. */
export interface EventForm {
  style: Style;
  end: string;
  prefix: string;
  /** On one `data:` line, on several, without `data:`, or cut off: then it is no JSON any more. */
  form: "line" | "lines" | "raw" | "cut";
  /** Share of a cut event that is left, 0 to 1. */
  cutAt: number;
}

/** Writes JSON. */
export function write(value: unknown, as: Style): string {
  if (as === "pretty") return JSON.stringify(value, null, 2);
  if (as === "compact") return JSON.stringify(value);
  if (as === "google") return spaced(value);
  return JSON.stringify(value)
    .replaceAll(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .replaceAll('"usageMetadata"', String.raw`"usag\u0065Metadata"`)
    .replaceAll('"finishReason"', String.raw`"\u0066inishReason"`);
}

/** Writes an event with its line ends. */
export function writeEvent(value: unknown, { style: as, end, prefix, form, cutAt: place }: EventForm): string {
  const lineEnd = end.slice(0, Math.ceil(end.length / 2));
  if (form === "raw") return `${write(value, as).replaceAll("\n", lineEnd)}${end}`;
  if (form === "lines") return `${prefix}data: ${write(value, "pretty").replaceAll("\n", `${lineEnd}data: `)}${end}`;
  const json = write(value, as === "pretty" ? "google" : as);
  const kept = form === "cut" ? json.slice(0, Math.floor(place * json.length)) : json;
  // A string that is cut by a lone CR is read on: nobody sends such streams, and looking for it would cost.
  const safeEnd = form === "cut" && !end.includes("\n") ? "\n\n" : end;
  return `${prefix}data:${as === "compact" ? "" : " "}${kept}${safeEnd}`;
}

/**
 * Cuts bytes into chunks.
 * @param places where, each a share of the whole, 0 to 1
 * @returns chunks, none of them empty
 */
export function cutAt(body: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [...new Set([0, ...places.map((place) => Math.floor(place * body.length)), body.length])].sort(
    (a, b) => a - b,
  );
  return at.slice(1).map((end, index) => body.subarray(at[index], end));
}

// --- helpers ---

/** Google's way: a space after the colon, none after the comma. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${spaced(member)}`);
  return `{${members.join(",")}}`;
}
