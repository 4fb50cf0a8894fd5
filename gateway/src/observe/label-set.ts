/**
 * Label values with a bound on how many there can be: what clients or upstreams name must not grow the memory.
 * @module
 */

/** Values in order of appearance; those beyond the bound are one, `other`. */
export interface LabelSet {
  /** Index of a value in `names`; of `other` when there is no room for it. */
  indexOf(value: string): number;
  readonly names: readonly string[];
}

/** What values without a place of their own are called. */
export const otherLabel = "other";

/**
 * Makes a set.
 * @param limit distinct values at most, `other` not counted
 * @param first values that are there from the start, with indexes 0, 1, 2 …
 */
export function createLabelSet(limit: number, first: readonly string[] = []): LabelSet {
  const names: string[] = [];
  const indexes = new Map<string, number>();
  const add = (value: string): number => {
    const index = names.push(value) - 1;
    indexes.set(value, index);
    return index;
  };
  for (const value of first) add(value);
  return {
    names,
    indexOf(value) {
      const known = indexes.get(value);
      if (known !== undefined) return known;
      if (names.length < limit) return add(value);
      return indexes.get(otherLabel) ?? add(otherLabel);
    },
  };
}
