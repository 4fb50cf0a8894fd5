/** @module Faults on command: which request is hit by which, each one consumed exactly as often as it says. */

import { ERROR_NAMES } from "../errors/error-names.ts";
import type { FaultAction, FaultMatch, FaultSpec } from "../types.ts";

/** A request as faults see it. */
export interface FaultSubject {
  key: string | null;
  project: string | null;
  model: string | null;
  path: string;
  surface: string;
  account: string | null;
  operation: string | null;
  stream: boolean;
}

/** A fault that hit. */
export interface ActiveFault {
  id: number;
  action: FaultAction;
}

/** The faults of one emulator. */
export interface Faults {
  /**
   * Adds a fault and gives back its number, from 1.
   * @throws TypeError for a fault that can never be right: no action, an unknown error name, a bad count.
   */
  add(spec: FaultSpec): number;
  /** The first fault, by age, that this request is to suffer; it is consumed. Runs without a pause: counts are exact under concurrency. */
  take(subject: FaultSubject): ActiveFault | null;
  /** Faults that can still hit, with what is left of their counts. */
  list(): { id: number; spec: FaultSpec; seen: number; left: number | "all" }[];
  clear(): void;
}

/** No faults at first. */
export function createFaults(): Faults {
  let rules: Rule[] = [];
  let lastId = 0;
  return {
    add: (spec) => {
      check(spec);
      const { nth = 1, count = 1 } = spec.match ?? {};
      rules.push({ id: ++lastId, spec, seen: 0, nth, left: count === "all" ? Number.POSITIVE_INFINITY : count });
      return lastId;
    },
    take: (subject) => {
      // Every fault that matches sees the request; the oldest whose turn it is takes it.
      let taken: Rule | null = null;
      for (const rule of rules) {
        if (!matches(rule.spec.match ?? {}, subject)) continue;
        rule.seen++;
        if (!taken && rule.seen >= rule.nth) taken = rule;
      }
      if (!taken) return null;
      if (--taken.left <= 0) rules = rules.filter((rule) => rule !== taken);
      return { id: taken.id, action: taken.spec.do };
    },
    list: () =>
      rules.map(({ id, spec, seen, left }) => ({ id, spec, seen, left: Number.isFinite(left) ? left : "all" })),
    clear: () => {
      rules = [];
    },
  };
}

// --- helpers ---

interface Rule {
  id: number;
  spec: FaultSpec;
  seen: number;
  nth: number;
  left: number;
}

const ACTIONS = new Set<string>([
  "delayMs",
  "error",
  "response",
  "empty",
  "bigEventBytes",
  "streamError",
  "stall",
  "cut",
  "reset",
  "drip",
  "dataLines",
  "split",
  "live",
] satisfies (keyof FaultAction)[]);

const MATCHES = new Set<string>([
  "key",
  "project",
  "model",
  "path",
  "surface",
  "account",
  "operation",
  "stream",
  "nth",
  "count",
] satisfies (keyof FaultMatch)[]);

function check(spec: FaultSpec): void {
  const action: FaultAction | undefined = spec?.do;
  if (!action || Object.keys(action).length === 0) throw new TypeError("A fault needs something to do");
  for (const name of Object.keys(action)) if (!ACTIONS.has(name)) throw new TypeError(`Unknown fault action: ${name}`);
  for (const name of Object.keys(spec.match ?? {})) {
    if (!MATCHES.has(name)) throw new TypeError(`Unknown fault match: ${name}`);
  }
  for (const name of [action.error, action.streamError?.error]) {
    if (name !== undefined && !ERROR_NAMES.includes(name)) throw new TypeError(`Unknown error name: ${name}`);
  }
  const { nth = 1, count = 1 } = spec.match ?? {};
  if (!(Number.isInteger(nth) && nth >= 1)) throw new TypeError(`nth must be a positive integer: ${nth}`);
  if (count !== "all" && !(Number.isInteger(count) && count >= 1)) {
    throw new TypeError(`count must be a positive integer or "all": ${count}`);
  }
}

function matches(match: FaultMatch, subject: FaultSubject): boolean {
  return (
    (match.key === undefined || match.key === subject.key) &&
    (match.project === undefined || match.project === subject.project) &&
    (match.model === undefined || match.model.replace(/^models\//, "") === subject.model) &&
    (match.path === undefined || subject.path.includes(match.path)) &&
    (match.surface === undefined || match.surface === subject.surface) &&
    (match.account === undefined || match.account === subject.account) &&
    (match.operation === undefined || match.operation === subject.operation) &&
    (match.stream === undefined || match.stream === subject.stream)
  );
}
