/**
 * The price of one answer's tokens by one row of the price list.
 * @module
 */
import type { Usage } from "../core/usage.ts";

/** Token kinds that may have a price of their own. */
export type Modality = "TEXT" | "IMAGE" | "AUDIO" | "VIDEO" | "DOCUMENT";

/** US dollars per 1,000,000 tokens, by modality. */
export type ModalityRates = Readonly<Partial<Record<Modality, number>>>;

/** US dollars per 1,000,000 tokens. */
export interface Rates {
  /** Input that was not read from a cache; also results of server-side tools. */
  input: number;
  /** Output and thinking. */
  output: number;
  /** Input read from a cache. Null: not known. */
  cached: number | null;
}

/** Prices of some models from a date on. */
export interface PriceRow extends Rates {
  /** Names without `models/`; a trailing `*` takes all that begin so. */
  models: readonly string[];
  /** `2026-12-01` (begins at midnight Pacific standard time, as Google's billing days do) or a whole ISO time. @default ever */
  from?: string;
  /** Prices of modalities that differ from the general one. DOCUMENT is billed as IMAGE. */
  inputBy?: ModalityRates;
  outputBy?: ModalityRates;
  cachedBy?: ModalityRates;
  /** Prices of the whole request when its prompt has more tokens than `above`. */
  long?: Rates & { above: number };
  /** The price of cached input is not halved in the flex and batch tiers. @default false */
  cachedStaysInFlex?: boolean;
}

/**
 * Prices tokens (fact sheet upstream 5.2 and 6): input without its cached part, cached input, output with thinking; the
 * modality where it has its own price; the long-prompt price by the size of the prompt; the factor of the service tier.
 * @returns nano-dollars, an integer; null when the tier, the price of cached input, or what the output was is not known
 */
export function priceBy(row: PriceRow, usage: Usage): number | null {
  const factor = tierFactors.get((usage.serviceTier ?? "standard").toLowerCase());
  if (factor === undefined) return null;
  const rates = row.long !== undefined && usage.promptTokens > row.long.above ? row.long : row;
  const details = usage.modalities;
  if (usage.cachedTokens > 0 && rates.cached === null) return null;
  // An image or a sentence: where they cost apart and nobody told which it was, the cost is not known.
  if (row.outputBy !== undefined && usage.outputTokens > 0 && details?.output === undefined) return null;

  const cachedFactor = factor < 1 && row.cachedStaysInFlex === true ? 1 : factor;
  const cachedRate = rates.cached ?? 0;
  let fresh = (Math.max(0, usage.promptTokens - usage.cachedTokens) + usage.toolUseTokens) * rates.input;
  let cached = usage.cachedTokens * cachedRate;
  let output = (usage.outputTokens + usage.thoughtsTokens) * rates.output;
  if (details !== null) {
    if (row.inputBy !== undefined) fresh += freshExtra(row.inputBy, rates.input, usage);
    if (row.cachedBy !== undefined) cached += extra(row.cachedBy, cachedRate, details.cached);
    if (row.outputBy !== undefined) output += extra(row.outputBy, rates.output, details.output);
  }
  // Dollars per million tokens are micro-dollars a token.
  return Math.round(((fresh + output) * factor + cached * cachedFactor) * 1000);
}

// --- helpers ---

/** Batch lines have no tier of their own on the wire; callers that know of a batch say `batch`. */
const tierFactors: ReadonlyMap<string, number> = new Map([
  ["standard", 1],
  ["default", 1],
  ["flex", 0.5],
  ["batch", 0.5],
  ["priority", 1.8],
]);

/** What tokens of dearer modalities cost above the general price. */
function extra(by: ModalityRates, general: number, counts: Readonly<Record<string, number>> | undefined): number {
  let sum = 0;
  for (const modality in counts) sum += (counts[modality] ?? 0) * (rateOf(by, modality, general) - general);
  return sum;
}

/** The same for input of which a part was cached: that part is not counted, and has its own price. */
function freshExtra(by: ModalityRates, general: number, usage: Usage): number {
  const prompt = usage.modalities?.prompt ?? {};
  const cached = usage.modalities?.cached ?? {};
  // Where nobody told what was cached, at most as much is dear as was fresh.
  const most = Math.max(0, usage.promptTokens - usage.cachedTokens);
  let sum = 0;
  for (const modality in prompt) {
    const count = Math.min(most, Math.max(0, (prompt[modality] ?? 0) - (cached[modality] ?? 0)));
    sum += count * (rateOf(by, modality, general) - general);
  }
  return sum;
}

const modalities: ReadonlySet<string> = new Set<Modality>(["TEXT", "IMAGE", "AUDIO", "VIDEO", "DOCUMENT"]);

function rateOf(by: ModalityRates, modality: string, general: number): number {
  // Names come from the wire: only those of our own are looked up.
  if (!modalities.has(modality)) return general;
  return by[modality as Modality] ?? (modality === "DOCUMENT" ? by.IMAGE : undefined) ?? general;
}
