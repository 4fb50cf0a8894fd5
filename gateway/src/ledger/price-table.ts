/**
 * Google's list prices by model and date: data only. Source: fact sheet upstream 5.2 (the vendor's pricing page and
 * transcriptions of it, read until 2026-11). Not in it, because it is not priced by tokens: Imagen, Veo and Lyria, cache
 * storage by the hour, and fees of tools such as search grounding.
 *
 * What differs from the published table is said at the row.
 * @module
 */
import type { PriceRow } from "./price-usage.ts";

/** Cached input keeps its price in the flex and batch tiers (2.x, 3.1 Pro and 3 Flash); with newer models it halves. */
const cachedStays = { cachedStaysInFlex: true } as const;

/** The rows. Names stand for themselves and for their versions: see `findRows`. */
export const priceTable: readonly PriceRow[] = [
  // Gemini 4. The price of Neon's cached input is not published; it is set at the 5 % of the input price that it is
  // with the rest of the family.
  { models: ["gemini-4-neon"], input: 3, output: 15, cached: 0.15 },
  { models: ["gemini-4-carbon", "gemini-4-argon"], input: 2, output: 10, cached: 0.1 },
  { models: ["gemini-4-carbon", "gemini-4-argon"], from: "2026-12-01", input: 4, output: 20, cached: 0.2 },
  { models: ["gemini-4-hydrogen"], input: 1.5, output: 7.5, cached: 0.075 },

  // Gemini 3.5 to 3.8
  { models: ["gemini-3.8-flash", "gemini-3.7-flash", "gemini-3.6-flash"], input: 0.75, output: 3.75, cached: 0.075 },
  {
    models: ["gemini-3.8-flash", "gemini-3.7-flash", "gemini-3.6-flash"],
    from: "2027-01-01",
    input: 1.5,
    output: 7.5,
    cached: 0.15,
  },
  { models: ["gemini-3.5-flash"], input: 1.5, output: 9, cached: 0.15 },
  { models: ["gemini-3.5-flash-lite"], input: 0.3, output: 2.5, cached: 0.03 },

  // Gemini 3 and 3.1
  {
    models: ["gemini-3.1-flash-lite"],
    input: 0.25,
    output: 1.5,
    cached: 0.025,
    inputBy: { AUDIO: 0.5 },
    cachedBy: { AUDIO: 0.05 },
  },
  {
    models: ["gemini-3.1-pro", "gemini-3-pro"],
    input: 2,
    output: 12,
    cached: 0.2,
    long: { above: 200_000, input: 4, output: 18, cached: 0.4 },
    ...cachedStays,
  },
  {
    models: ["gemini-3-flash"],
    input: 0.5,
    output: 3,
    cached: 0.05,
    inputBy: { AUDIO: 1 },
    cachedBy: { AUDIO: 0.1 },
    ...cachedStays,
  },

  // Gemini 2.5
  {
    models: ["gemini-2.5-pro", "gemini-2.5-computer-use"],
    input: 1.25,
    output: 10,
    cached: 0.125,
    long: { above: 200_000, input: 2.5, output: 15, cached: 0.25 },
    ...cachedStays,
  },
  {
    models: ["gemini-2.5-flash"],
    input: 0.3,
    output: 2.5,
    cached: 0.03,
    inputBy: { AUDIO: 1 },
    cachedBy: { AUDIO: 0.1 },
    ...cachedStays,
  },
  {
    models: ["gemini-2.5-flash-lite"],
    input: 0.1,
    output: 0.4,
    cached: 0.01,
    inputBy: { AUDIO: 0.3 },
    cachedBy: { AUDIO: 0.03 },
    ...cachedStays,
  },

  // Images
  { models: ["gemini-nano-banana-2.1"], input: 1.5, output: 7.5, cached: null, outputBy: { IMAGE: 30 } },
  { models: ["gemini-3-pro-image"], input: 2, output: 12, cached: null, outputBy: { IMAGE: 120 } },
  { models: ["gemini-3.1-flash-image"], input: 0.5, output: 3, cached: null, outputBy: { IMAGE: 60 } },
  { models: ["gemini-3.1-flash-lite-image"], input: 0.25, output: 1.5, cached: null, outputBy: { IMAGE: 30 } },
  { models: ["gemini-2.5-flash-image"], input: 0.3, output: 2.5, cached: null, outputBy: { IMAGE: 30 } },

  // Speech: all output is audio
  { models: ["gemini-3.8-flash-tts"], input: 0.5, output: 9, cached: null },
  { models: ["gemini-3.8-flash-tts"], from: "2027-01-01", input: 1, output: 18, cached: null },
  { models: ["gemini-3.8-flash-lite-tts"], input: 0.5, output: 6, cached: null },
  { models: ["gemini-3.8-flash-lite-tts"], from: "2027-01-01", input: 1, output: 12, cached: null },
  { models: ["gemini-3.1-flash-tts"], input: 1, output: 20, cached: null },
  { models: ["gemini-2.5-flash-tts", "gemini-2.5-flash-preview-tts"], input: 0.5, output: 10, cached: null },
  { models: ["gemini-2.5-pro-tts", "gemini-2.5-pro-preview-tts"], input: 1, output: 20, cached: null },

  // Live, video, robots
  {
    models: ["gemini-3.1-flash-live"],
    input: 0.75,
    output: 4.5,
    cached: null,
    inputBy: { AUDIO: 3, IMAGE: 1, VIDEO: 1 },
    outputBy: { AUDIO: 12 },
  },
  {
    models: ["gemini-2.5-flash-native-audio"],
    input: 0.5,
    output: 2,
    cached: null,
    inputBy: { AUDIO: 3, VIDEO: 3 },
    outputBy: { AUDIO: 12 },
  },
  { models: ["gemini-omni-flash"], input: 1.5, output: 9, cached: null, outputBy: { VIDEO: 17.5 } },
  { models: ["gemini-robotics-er-1.6"], input: 1, output: 5, cached: null, inputBy: { AUDIO: 2 } },

  // Embeddings
  { models: ["gemini-embedding-001"], input: 0.15, output: 0, cached: null },
  {
    models: ["gemini-embedding-2"],
    input: 0.2,
    output: 0,
    cached: null,
    inputBy: { IMAGE: 0.45, AUDIO: 6.5, VIDEO: 12 },
  },

  // Free only
  { models: ["gemma-4*"], input: 0, output: 0, cached: 0 },
];
