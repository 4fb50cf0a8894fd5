/**
 * The last names that were added, and no more of them.
 * @module
 */

/** A set that forgets its oldest. */
export interface RecentNames {
  has(name: string): boolean;
  add(name: string): void;
}

/** @param limit how many are remembered */
export function createRecentNames(limit: number): RecentNames {
  const names = new Set<string>();
  return {
    has: (name) => names.has(name),
    add(name) {
      names.delete(name);
      names.add(name);
      if (names.size <= limit) return;
      for (const oldest of names) {
        names.delete(oldest);
        return;
      }
    },
  };
}
