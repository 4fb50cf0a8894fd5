/**
 * Price rows from JSON that people write, to replace rows of the table or add to them.
 * @module
 */
import type { ModalityRates, PriceRow, Rates } from "./price-usage.ts";

/**
 * Reads price rows, such as
 * `[{ "models": ["gemini-4-neon"], "from": "2027-02-01", "input": 2.5, "output": 12, "cached": 0.1 }]`.
 * The fields are those of `PriceRow`; `cached` may be left out or null where its price is not known.
 * @param text JSON
 * @returns the rows, in their order
 * @throws SyntaxError naming the row and field of everything that is wrong with it
 */
export function parsePriceRows(text: string): PriceRow[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(`Price rows are not valid JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!Array.isArray(value)) throw new SyntaxError("Price rows must be a JSON list of objects");
  const problems: string[] = [];
  const rows = value.map((row: unknown, index) =>
    parseRow(row, (problem) => problems.push(`row ${index + 1}: ${problem}`)),
  );
  if (problems.length > 0) throw new SyntaxError(`Price rows are not usable: ${problems.join("; ")}`);
  return rows;
}

// --- helpers ---

type Report = (problem: string) => void;
type Fields = Readonly<Record<string, unknown>>;

const rowFields = [
  "models",
  "from",
  "input",
  "output",
  "cached",
  "inputBy",
  "outputBy",
  "cachedBy",
  "long",
  "cachedStaysInFlex",
];
const longFields = ["above", "input", "output", "cached"];
const modalities = ["TEXT", "IMAGE", "AUDIO", "VIDEO", "DOCUMENT"];

function parseRow(value: unknown, report: Report): PriceRow {
  if (!isFields(value)) {
    report("must be an object");
    return { models: [], input: 0, output: 0, cached: null };
  }
  refuseOthers(value, rowFields, "", report);
  const { models, from, cachedStaysInFlex } = value;
  if (!Array.isArray(models) || models.length === 0 || models.some((name) => typeof name !== "string" || name === "")) {
    report("'models' must be a list of at least one model name");
  }
  if (from !== undefined && (typeof from !== "string" || Number.isNaN(Date.parse(from)))) {
    report("'from' must be a date such as 2026-12-01");
  }
  if (cachedStaysInFlex !== undefined && typeof cachedStaysInFlex !== "boolean") {
    report("'cachedStaysInFlex' must be true or false");
  }
  return {
    models: models as string[],
    ...(from === undefined ? {} : { from: from as string }),
    ...parseRates(value, "", report),
    ...parseBy(value, "inputBy", report),
    ...parseBy(value, "outputBy", report),
    ...parseBy(value, "cachedBy", report),
    ...parseLong(value["long"], report),
    ...(cachedStaysInFlex === undefined ? {} : { cachedStaysInFlex: cachedStaysInFlex as boolean }),
  };
}

function parseRates(fields: Fields, place: string, report: Report): Rates {
  const { input, output, cached = null } = fields;
  if (!isPrice(input)) report(`'${place}input' ${priceRule}`);
  if (!isPrice(output)) report(`'${place}output' ${priceRule}`);
  if (cached !== null && !isPrice(cached)) report(`'${place}cached' ${priceRule}, or null`);
  return { input: input as number, output: output as number, cached: cached as number | null };
}

function parseLong(value: unknown, report: Report): Pick<PriceRow, "long"> {
  if (value === undefined) return {};
  if (!isFields(value)) {
    report("'long' must be an object");
    return {};
  }
  refuseOthers(value, longFields, "long.", report);
  const { above } = value;
  if (!isPrice(above)) report("'long.above' must be a number of tokens");
  return { long: { above: above as number, ...parseRates(value, "long.", report) } };
}

function parseBy(fields: Fields, name: "inputBy" | "outputBy" | "cachedBy", report: Report): Partial<PriceRow> {
  const value = fields[name];
  if (value === undefined) return {};
  if (!isFields(value)) {
    report(`'${name}' must be an object of prices by modality`);
    return {};
  }
  refuseOthers(value, modalities, `${name}.`, report);
  for (const [modality, price] of Object.entries(value)) {
    if (!isPrice(price)) report(`'${name}.${modality}' ${priceRule}`);
  }
  return { [name]: value as ModalityRates };
}

const priceRule = "must be a number of at least 0 (US dollars per 1,000,000 tokens)";

function isPrice(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refuseOthers(fields: Fields, allowed: readonly string[], place: string, report: Report): void {
  for (const name of Object.keys(fields)) {
    if (!allowed.includes(name)) report(`'${place}${name}' is not known here (known: ${allowed.join(", ")})`);
  }
}
