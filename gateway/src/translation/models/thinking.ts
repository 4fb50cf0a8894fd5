/**
 * How much a model shall think, in the words of its generation: a budget before Gemini 3, a level since, never both (fact
 * sheets translation 1.4 and 3.1, upstream 8).
 * @module
 */
import type { Effort, ThinkingWish } from "../types.ts";
import type { ModelFacts, ThinkingControl } from "./facts.ts";
import { levelLadder, type ThinkingLevel } from "./table.ts";

/** `generationConfig.thinkingConfig`. */
export interface ThinkingConfig {
  includeThoughts?: true;
  /** Upper case. */
  thinkingLevel?: string;
  /** Tokens; -1: as the model likes. */
  thinkingBudget?: number;
}

/**
 * Translates a wish for a model.
 *
 * Thinking counts as output. When nothing was asked and the whole answer may have less than 1,024 tokens, the model
 * thinks as little as it can: else it spends them all on thoughts and the answer is empty.
 * @param options.maxOutputTokens null: the model's own
 * @param options.includeThoughts whether thoughts may be shown at all
 * @returns null: the field is left out
 */
export function thinkingConfigFor(
  wish: ThinkingWish,
  options: { facts: Pick<ModelFacts, "thinking">; maxOutputTokens: number | null; includeThoughts: boolean },
): ThinkingConfig | null {
  const { thinking } = options.facts;
  if (thinking.kind === "none") return null;
  const config: ThinkingConfig = {};
  if (thinking.kind === "levels") {
    const level = levelFor(wish, thinking, options.maxOutputTokens);
    if (level !== null) config.thinkingLevel = level;
  } else {
    const budget = budgetFor(wish, thinking, options.maxOutputTokens);
    if (budget !== null) config.thinkingBudget = budget;
  }
  const isUnwanted = wish.level === null && (wish.budget === null ? wish.effort === "none" : wish.budget === 0);
  const thinks = thinking.kind === "levels" || (config.thinkingBudget ?? (thinking.byDefault ? -1 : 0)) !== 0;
  if (options.includeThoughts && thinks && (wish.includeThoughts ?? !isUnwanted)) config.includeThoughts = true;
  return Object.keys(config).length === 0 ? null : config;
}

// --- helpers ---

type Levels = Extract<ThinkingControl, { kind: "levels" }>;
type Budget = Extract<ThinkingControl, { kind: "budget" }>;

/** Room that an answer needs beside the thoughts, in tokens. */
const answerRoom = 1_024;

const levelOfEffort: Readonly<Record<Effort, ThinkingLevel>> = {
  none: "MINIMAL",
  minimal: "MINIMAL",
  low: "LOW",
  medium: "MEDIUM",
  high: "HIGH",
  xhigh: "XHIGH",
  max: "XHIGH",
};

/** Tokens; brought into the model's range afterwards. */
const budgetOfEffort: Readonly<Record<Effort, number>> = {
  none: 0,
  minimal: 1_024,
  low: 1_024,
  medium: 8_192,
  high: 24_576,
  xhigh: 32_768,
  max: 32_768,
};

/** Largest budgets of the levels, in tokens. */
const lowBudget = 2_048;
const mediumBudget = 12_000;

function levelFor(wish: ThinkingWish, { levels }: Levels, maxOutputTokens: number | null): string | null {
  if (wish.level !== null) return wish.level;
  if (wish.budget !== null) return wish.budget < 0 ? null : nearestLevel(levelOfBudget(wish.budget), levels);
  if (wish.effort !== null) return nearestLevel(levelOfEffort[wish.effort], levels);
  return isShort(maxOutputTokens) ? nearestLevel("MINIMAL", levels) : null;
}

function levelOfBudget(budget: number): ThinkingLevel {
  if (budget === 0) return "MINIMAL";
  return budget <= lowBudget ? "LOW" : budget <= mediumBudget ? "MEDIUM" : "HIGH";
}

/** The wanted level, else the next higher one that the model has, else its highest. */
function nearestLevel(wanted: ThinkingLevel, levels: readonly ThinkingLevel[]): ThinkingLevel | null {
  const rank = levelLadder.indexOf(wanted);
  return levels.find((level) => levelLadder.indexOf(level) >= rank) ?? levels.at(-1) ?? null;
}

function budgetFor(wish: ThinkingWish, range: Budget, maxOutputTokens: number | null): number | null {
  // These models refuse levels: a level counts as the effort of that name.
  const effort = wish.level === null ? wish.effort : effortNamed(wish.level);
  if (wish.level === null && wish.budget !== null) {
    return wish.budget < 0 ? -1 : inRange(Math.trunc(wish.budget), range);
  }
  if (effort !== null) {
    const room = maxOutputTokens === null ? Infinity : Math.max(0, maxOutputTokens - answerRoom);
    const budget = budgetOfEffort[effort];
    return inRange(budget <= room ? budget : room < range.min ? 0 : room, range);
  }
  return isShort(maxOutputTokens) && range.byDefault ? inRange(0, range) : null;
}

function inRange(budget: number, { min, max, canBeOff }: Budget): number {
  return budget === 0 && canBeOff ? 0 : Math.min(Math.max(budget, min), max);
}

function effortNamed(level: string): Effort | null {
  const name = level.toLowerCase();
  return Object.hasOwn(budgetOfEffort, name) ? (name as Effort) : null;
}

function isShort(maxOutputTokens: number | null): boolean {
  return maxOutputTokens !== null && maxOutputTokens < answerRoom;
}
