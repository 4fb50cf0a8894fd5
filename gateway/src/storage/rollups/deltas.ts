/**
 * What calls add to the roll-ups, gathered in memory: one row for each dimension, quarter of an hour and key that a
 * batch touches, however many calls it has.
 * @module
 */
import type { AttemptRecord, CallOutcome, CallRecord } from "../../core/records.ts";
import type { Usage } from "../../core/usage.ts";
import { idFloor } from "../id-range.ts";
import type { PricedCall } from "../types.ts";
import { at, classOf, dimensionCodes, dimensionCount, firstByteAt, latencyAt, quarterMs, zeros } from "./layout.ts";

/** The rows of one quarter of an hour, to add to. */
export interface QuarterRows {
  /** Numbers of a row; made when it is not there. */
  row(dimension: number, key: string): number[];
}

/** Numbers by key, one map a dimension. */
export type RowsByKey = readonly Map<string, number[]>[];

/** Adds calls to rows. */
export interface CallAdder {
  /** @param sign 1 adds a call, -1 takes it away */
  add(call: PricedCall, sign?: 1 | -1): void;
}

/** Gathered rows. */
export interface Deltas extends CallAdder {
  /** By quarter of an hour (since 1970), then dimension, then key. */
  readonly quarters: ReadonlyMap<number, RowsByKey>;
}

/**
 * Keys of the dimension `also`, which only searches and counts under a filter use: what a call also is besides the one
 * key that it has in a dimension, so that a search finds it by these too.
 */
export const alsoKey = {
  /** The model asked for where another served. */
  model: (model: string): string => `model\n${model}`,
  /** A rule of an attempt that was not the last, or an error code after attempts. */
  rule: (rule: string): string => `rule\n${rule}`,
  /** In the quarter that the call's id tells, when it did not begin in it: the clock went back. */
  skew: "skew",
} as const;

/** Makes an empty gathering. */
export function createDeltas(): Deltas {
  const quarters = new Map<number, RowsByKey>();
  const adder = createAdder((quarter) => {
    const rows = quarters.get(quarter) ?? Array.from({ length: dimensionCount }, () => new Map<string, number[]>());
    quarters.set(quarter, rows);
    return {
      row(dimension, key) {
        const keys = rows[dimension] as Map<string, number[]>;
        let row = keys.get(key);
        if (row === undefined) keys.set(key, (row = zeros()));
        return row;
      },
    };
  });
  return { ...adder, quarters };
}

/** @param rowsOf where the rows of a quarter (since 1970) are */
export function createAdder(rowsOf: (quarter: number) => QuarterRows): CallAdder {
  /** The last quarter, since calls of a batch are mostly of one. */
  let last = { quarter: Number.NaN, rows: null as QuarterRows | null, from: "", below: "" };
  return {
    add(call, sign = 1) {
      const { record } = call;
      const quarter = quarterOf(record.startedAt);
      let { rows } = last;
      if (quarter !== last.quarter || rows === null) {
        rows = rowsOf(quarter);
        last = { quarter, rows, from: idFloor(quarter * quarterMs), below: idFloor((quarter + 1) * quarterMs) };
      }
      addRows(rows, call, sign);
      if (record.id < last.from || record.id >= last.below) {
        add(rowsOf(quarterOfId(record.id)).row(dimensionCodes.also, alsoKey.skew), at.calls, sign);
      }
    },
  };
}

/** The quarter of an hour since 1970 that a time lies in. */
export function quarterOf(ms: number): number {
  return Math.floor(ms / quarterMs);
}

/** The quarters in which a call has rows. */
export function quartersOf({ record }: PricedCall): number[] {
  return [quarterOf(record.startedAt), quarterOfId(record.id)];
}

/** The quarter of an hour that an id tells; ids of another make are put where they sort to. */
export function quarterOfId(id: string): number {
  if (/^[0-9a-z]{9}/.test(id)) return Math.floor(Number.parseInt(id.slice(0, 9), 36) / quarterMs);
  let low = 0;
  let high = Math.floor(36 ** 9 / quarterMs);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (idFloor(middle * quarterMs) <= id) low = middle;
    else high = middle - 1;
  }
  return low;
}

// --- helpers ---

/** What one call adds to each of its rows. */
interface Facts {
  /** 1 or -1. */
  sign: number;
  /** Place of the outcome's count; -1: `ok` has none. */
  outcome: number;
  firstTry: number;
  retried: number;
  /** Places in the histograms; -1: none. */
  latency: number;
  firstByte: number;
}

const outcomePlaces: Readonly<Record<CallOutcome, number>> = {
  ok: -1,
  error: at.error,
  refused: at.refused,
  cancelled: at.cancelled,
  incomplete: at.incomplete,
  interrupted: at.interrupted,
};

function factsOf({ record }: PricedCall, sign: number): Facts {
  return {
    sign,
    outcome: outcomePlaces[record.outcome],
    firstTry: record.outcome === "ok" && record.attempts.length === 1 ? sign : 0,
    retried: record.attempts.length > 1 ? sign : 0,
    latency: latencyAt + classOf(record.totalMicros / 1000),
    firstByte: record.firstByteMicros === null ? -1 : firstByteAt + classOf(record.firstByteMicros / 1000),
  };
}

/** A row's places, which are all there: on every call's way. */
type Row = number[];

function addRows(rows: QuarterRows, call: PricedCall, sign: number): void {
  const { record } = call;
  const { attempts, errorCode, modelAsked } = record;
  const facts = factsOf(call, sign);
  const model = record.modelServed ?? modelAsked ?? "";
  const client = record.clientId ?? "";
  addCall(rows.row(dimensionCodes.all, ""), facts, call);
  addCall(rows.row(dimensionCodes.model, model), facts, call);
  addCall(rows.row(dimensionCodes.client, client), facts, call);
  addCall(rows.row(dimensionCodes.status, String(record.status)), facts, call);
  addCall(rows.row(dimensionCodes.dialect, record.dialect), facts, call);
  addCall(rows.row(dimensionCodes.rule, ruleOf(record)), facts, call);
  addCall(rows.row(dimensionCodes["client-model"], `${client}\n${model}`), facts, call);
  addCredentials(rows, facts, call);
  if (modelAsked !== null && modelAsked !== model) {
    addCall(rows.row(dimensionCodes.also, alsoKey.model(modelAsked)), facts, call);
  }
  if (attempts.length < 2 && (errorCode === null || attempts.length === 0)) return;
  for (const rule of otherRules(record)) addCall(rows.row(dimensionCodes.also, alsoKey.rule(rule)), facts, call);
}

function addCall(row: Row, facts: Facts, call: PricedCall): void {
  const { sign } = facts;
  const { attempts, usage } = call.record;
  addOnce(row, facts);
  add(row, at.attempts, sign * attempts.length);
  if (usage !== null) addUsage(row, usage, sign);
  if (call.costNanoUsd === null) add(row, at.withoutCost, sign);
  else add(row, at.costNanoUsd, sign * call.costNanoUsd);
}

/** What counts once a call, also for a credential with several attempts of it. */
function addOnce(row: Row, facts: Facts): void {
  const { sign } = facts;
  add(row, at.calls, sign);
  add(row, facts.latency, sign);
  if (facts.outcome >= 0) add(row, facts.outcome, sign);
  if (facts.firstTry !== 0) add(row, at.firstTry, sign);
  if (facts.retried !== 0) add(row, at.retried, sign);
  if (facts.firstByte >= 0) add(row, facts.firstByte, sign);
}

function addUsage(row: Row, usage: Usage, sign: number): void {
  add(row, at.prompt, sign * usage.promptTokens);
  add(row, at.cached, sign * usage.cachedTokens);
  add(row, at.output, sign * usage.outputTokens);
  add(row, at.thoughts, sign * usage.thoughtsTokens);
  add(row, at.toolUse, sign * usage.toolUseTokens);
  add(row, at.total, sign * usage.totalTokens);
}

function add(row: Row, place: number, value: number): void {
  row[place] = (row[place] ?? 0) + value;
}

/** Attempts, tokens and cost are those of a credential's own attempts; the call counts once for each. */
function addCredentials(rows: QuarterRows, facts: Facts, { record, attemptCosts }: PricedCall): void {
  const { attempts } = record;
  const { sign } = facts;
  for (let index = 0; index < attempts.length; index += 1) {
    const attempt = attempts[index] as AttemptRecord;
    const row = rows.row(dimensionCodes.credential, attempt.credentialId);
    add(row, at.attempts, sign);
    if (attempt.usage !== null) addUsage(row, attempt.usage, sign);
    add(row, at.costNanoUsd, sign * (attemptCosts[index] ?? 0));
    const isSame = (other: AttemptRecord): boolean => other.credentialId === attempt.credentialId;
    if (index > 0 && attempts.findIndex(isSame) !== index) continue;
    addOnce(row, facts);
    if (attempts.some((other, each) => isSame(other) && (attemptCosts[each] ?? null) === null)) {
      add(row, at.withoutCost, sign);
    }
  }
}

function ruleOf({ attempts, errorCode, outcome }: CallRecord): string {
  return attempts[attempts.length - 1]?.rule ?? errorCode ?? outcome;
}

function otherRules(record: CallRecord): Set<string> {
  const rules = new Set(record.attempts.map((attempt) => attempt.rule));
  if (record.errorCode !== null) rules.add(record.errorCode);
  rules.delete(ruleOf(record));
  return rules;
}
