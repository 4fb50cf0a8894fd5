/**
 * Pairs of projects that may be one, with points for and against. Pairs are known only from their first coincidence on.
 * @module
 */

/** A pair's evidence. */
export interface Pair {
  readonly left: string;
  readonly right: string;
  /** For: above 0. */
  points: number;
  /** Independent coincidences. */
  hits: number;
  firstAt: number;
  lastHitAt: number;
  lastContradictionAt: number;
  /** The newest coincidence in words. */
  words: string;
  /** Day limits of requests, by model, at which the pair was refused together. */
  dayLimits: Map<string, number>;
}

/** All pairs, bounded. */
export interface Pairs {
  find(one: string, other: string): Pair | null;
  /** Makes the pair if it is unknown. */
  touch(one: string, other: string, now: number): Pair;
  /** Those of a project. */
  of(projectId: string): Pair[];
  /** Points for; coincidences within minutes of each other are one. @returns whether it counted */
  hit(pair: Pair, hit: { points: number; words: string; now: number }): boolean;
  /** What counted for it was ambiguous. */
  retract(pair: Pair, points: number): void;
  contradict(pair: Pair, points: number, now: number): void;
  /** One project has become part of another: its evidence too. */
  join(into: string, from: string): void;
  size(): number;
}

/** Coincidences closer than this have one cause. */
const independentMs = 300_000;

/** Makes an empty book. @param options.most pairs; beyond it the one goes that was touched longest ago */
export function createPairs(options: { most: number }): Pairs {
  const pairs = new Map<string, Pair>();
  const byProject = new Map<string, Set<string>>();

  function remove(key: string, pair: Pair): void {
    pairs.delete(key);
    for (const id of [pair.left, pair.right]) {
      const keys = byProject.get(id);
      keys?.delete(key);
      if (keys?.size === 0) byProject.delete(id);
    }
  }

  function add(key: string, pair: Pair): void {
    pairs.set(key, pair);
    for (const id of [pair.left, pair.right]) byProject.set(id, (byProject.get(id) ?? new Set()).add(key));
    for (const [oldKey, old] of pairs) {
      if (pairs.size <= options.most) break;
      remove(oldKey, old);
    }
  }

  return {
    find: (one, other) => pairs.get(keyOf(one, other)) ?? null,

    touch(one, other, now) {
      const key = keyOf(one, other);
      let pair = pairs.get(key);
      // Old evidence is worth little: keys change hands and projects.
      if (pair !== undefined && now - Math.max(pair.lastHitAt, pair.lastContradictionAt) > forgottenMs) {
        remove(key, pair);
        pair = undefined;
      }
      if (pair === undefined) {
        const [left = one, right = other] = [one, other].sort();
        pair = { left, right, points: 0, hits: 0, firstAt: now, ...never, words: "", dayLimits: new Map() };
        add(key, pair);
      } else {
        pairs.delete(key);
        pairs.set(key, pair);
      }
      return pair;
    },

    of: (projectId) => [...(byProject.get(projectId) ?? [])].map((key) => pairs.get(key) as Pair),

    hit(pair, { points, words, now }) {
      if (now - pair.lastHitAt < independentMs) return false;
      pair.points += points;
      pair.hits++;
      pair.lastHitAt = now;
      pair.words = words;
      return true;
    },

    retract(pair, points) {
      pair.points -= points;
      pair.hits--;
    },

    contradict(pair, points, now) {
      if (now - pair.lastContradictionAt < independentMs) return;
      pair.lastContradictionAt = now;
      pair.points = Math.max(pair.points - points, leastPoints);
    },

    join(into, from) {
      for (const key of byProject.get(from) ?? []) {
        const pair = pairs.get(key) as Pair;
        remove(key, pair);
        const other = pair.left === from ? pair.right : pair.left;
        if (other === into) continue;
        const known = pairs.get(keyOf(into, other));
        // What speaks against one of them speaks against both.
        if (known !== undefined) known.points = Math.min(known.points, pair.points);
        else {
          const [left = into, right = other] = [into, other].sort();
          add(keyOf(into, other), { ...pair, left, right });
        }
      }
    },

    size: () => pairs.size,
  };
}

// --- helpers ---

const forgottenMs = 10 * 86_400_000;
const leastPoints = -12;
const never = { lastHitAt: -Infinity, lastContradictionAt: -Infinity };

function keyOf(one: string, other: string): string {
  return one < other ? `${one}\n${other}` : `${other}\n${one}`;
}
