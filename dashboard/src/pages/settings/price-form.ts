/**
 * Own price rows: fields as text, and the rows that they mean; searching the built-in table.
 * @module
 */
import type { PriceRow } from "../../api/types.ts";

/** A row's fields; dollars per million tokens, as text. */
export interface PriceForm {
  models: string;
  /** `2026-12-01` Pacific, or empty: always. */
  from: string;
  input: string;
  output: string;
  cached: string;
  longAbove: string;
  longInput: string;
  longOutput: string;
  longCached: string;
  /** What the form has no field for (by modality …), kept as it is. */
  rest: Partial<PriceRow>;
}

/** @returns fields of a new row, for a model if one is given */
export function emptyPriceForm(model = ""): PriceForm {
  const none = { input: "", output: "", cached: "", longAbove: "", longInput: "", longOutput: "", longCached: "" };
  return { models: model, from: "", ...none, rest: {} };
}

/** @returns fields of a row */
export function toPriceForm(row: PriceRow): PriceForm {
  const { models, from, input, output, cached, long, ...rest } = row;
  return {
    models: models.join(", "),
    from: from ?? "",
    input: String(input),
    output: String(output),
    cached: cached === null ? "" : String(cached),
    longAbove: long === undefined ? "" : String(long.above),
    longInput: long === undefined ? "" : String(long.input),
    longOutput: long === undefined ? "" : String(long.output),
    longCached: long === undefined || long.cached === null ? "" : String(long.cached),
    rest,
  };
}

/**
 * Reads a row.
 * @param form as typed
 * @returns it, or the field that is wrong and why
 */
export function readPriceForm(
  form: PriceForm,
): { ok: true; row: PriceRow } | { ok: false; field: Exclude<keyof PriceForm, "rest">; reason: string } {
  const models = form.models
    .split(/[\s,]+/)
    .map((model) => model.replace(/^models\//, ""))
    .filter((model) => model !== "");
  if (models.length === 0)
    return { ok: false, field: "models", reason: "A model's name; a trailing * takes a family." };
  const wrongModel = models.find((model) => model.length > 200 || /\*(?!$)/.test(model));
  if (wrongModel !== undefined)
    return { ok: false, field: "models", reason: `${wrongModel}: * stands at the end only.` };
  const from = form.from.trim();
  if (from !== "" && !/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/.test(from))
    return { ok: false, field: "from", reason: "A date such as 2026-12-01." };
  const dollars = "Dollars per million tokens.";
  const input = readDollars(form.input);
  if (input === null || input === "wrong") return { ok: false, field: "input", reason: dollars };
  const output = readDollars(form.output);
  if (output === null || output === "wrong") return { ok: false, field: "output", reason: dollars };
  const cached = readDollars(form.cached);
  if (cached === "wrong") return { ok: false, field: "cached", reason: `${dollars} Empty: not known.` };
  const row: PriceRow = { ...form.rest, models, ...(from === "" ? {} : { from }), input, output, cached };
  if (form.longAbove.trim() === "") return { ok: true, row };
  const above = Number(form.longAbove.replaceAll(/[_,\s]/g, ""));
  if (!Number.isSafeInteger(above) || above <= 0)
    return { ok: false, field: "longAbove", reason: "A number of tokens, such as 200000." };
  const longInput = readDollars(form.longInput);
  if (longInput === null || longInput === "wrong") return { ok: false, field: "longInput", reason: dollars };
  const longOutput = readDollars(form.longOutput);
  if (longOutput === null || longOutput === "wrong") return { ok: false, field: "longOutput", reason: dollars };
  const longCached = readDollars(form.longCached);
  if (longCached === "wrong") return { ok: false, field: "longCached", reason: dollars };
  return { ok: true, row: { ...row, long: { above, input: longInput, output: longOutput, cached: longCached } } };
}

/** @returns rows that name a model with these words in it */
export function searchPrices(rows: readonly PriceRow[], search: string): PriceRow[] {
  const words = search.trim().toLowerCase();
  return words === ""
    ? [...rows]
    : rows.filter((row) => row.models.some((model) => model.toLowerCase().includes(words)));
}

/** @returns what a row has beyond its plain prices, in words */
export function priceNotes(row: PriceRow): string[] {
  const notes: string[] = [];
  if (row.long !== undefined) {
    const { above, input, output } = row.long;
    notes.push(`above ${above.toLocaleString("en-US")} tokens: ${input} in, ${output} out`);
  }
  for (const [title, by] of [
    ["in", row.inputBy],
    ["out", row.outputBy],
    ["cached", row.cachedBy],
  ] as const)
    for (const [modality, price] of Object.entries(by ?? {}))
      notes.push(`${modality.toLowerCase()} ${title}: ${price}`);
  return notes;
}

// --- helpers ---

function readDollars(text: string): number | null | "wrong" {
  const plain = text.trim().replace(/^\$/, "");
  if (plain === "") return null;
  return /^(\d+(\.\d+)?|\.\d+)$/.test(plain) ? Number(plain) : "wrong";
}
