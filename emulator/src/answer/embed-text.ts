/** @module Deterministic embeddings: the same text has the same unit vector. */

import { hash } from "node:crypto";

/** Dimensions of a vector when the caller names none. */
const DEFAULT_DIMENSIONS = 3_072;

/** A vector of length one, derived from the text's digest. */
export function embedText(text: string, dimensions: number = DEFAULT_DIMENSIONS): number[] {
  let state = Number.parseInt(hash("sha256", text, "hex").slice(0, 8), 16);
  const values: number[] = [];
  let squares = 0;
  for (let index = 0; index < dimensions; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const value = state / 0x8000_0000 - 1;
    values.push(value);
    squares += value * value;
  }
  const length = Math.sqrt(squares) || 1;
  return values.map((value) => Number((value / length).toFixed(8)));
}
