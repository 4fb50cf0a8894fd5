/**
 * Sums and searches by looking at every call: slow, and plainly right. For tests of what stands on an AnalyticsStore.
 * @module
 */
import { fitsFilter } from "../admin/views/call-match.ts";
import { addSums, emptySums } from "../admin/views/sums.ts";
import { parseCursor, toCursor } from "../storage/analytics/cursor.ts";
import { latencyBounds } from "../storage/types-analytics.ts";
import type {
  AnalyticsStore,
  RollupDimension,
  RollupQuestion,
  RollupSums,
  TimeRange,
} from "../storage/types-analytics.ts";
import type { PricedCall, Store } from "../storage/types.ts";

/**
 * Makes one.
 * @param ledger read anew for each question
 * @param options `pageRows`: a search reads so many rows at most, so that its pages may hold nothing
 */
export function createNaiveAnalytics(
  ledger: Pick<Store["ledger"], "list" | "get">,
  options: { pageRows?: number } = {},
): AnalyticsStore {
  const { pageRows = Infinity } = options;

  /** The newest first. */
  async function everything(): Promise<PricedCall[]> {
    const calls: PricedCall[] = [];
    for (let before: string | undefined; ; before = calls.at(-1)?.record.id) {
      const page = await ledger.list({ limit: 1000, ...(before === undefined ? {} : { before }) });
      calls.push(...page);
      if (page.length < 1000) return calls;
    }
  }

  const sumsIn = (
    calls: readonly PricedCall[],
    { dimension, key, keyPrefix = "" }: RollupQuestion,
    range: TimeRange,
  ): Map<string, RollupSums> => {
    const byKey = new Map<string, RollupSums[]>();
    for (const call of calls) {
      if (call.record.startedAt < range.fromMs || call.record.startedAt >= range.toMs) continue;
      for (const [own, sum] of sumsOf(call, dimension)) {
        if ((key !== null && own !== key) || !own.startsWith(keyPrefix)) continue;
        byKey.set(own, [...(byKey.get(own) ?? []), sum]);
      }
    }
    return new Map([...byKey].map(([own, all]) => [own, addSums(all)]));
  };

  return {
    sums: async (question, range) => sumsIn(await everything(), question, range),
    async series(question, ranges, keys) {
      const calls = await everything();
      const perRange = ranges.map((range) => {
        const found = sumsIn(calls, question, range);
        return question.together === true ? new Map([["", addSums(found.values())]]) : found;
      });
      return new Map(keys.map((key) => [key, perRange.map((found) => found.get(key) ?? emptySums())]));
    },
    async search(filter, { limit, cursor, after }) {
      const calls = await everything();
      const place = cursor === null ? null : parseCursor(cursor);
      if (cursor !== null && place === null) throw new RangeError("no cursor");
      const from = place?.direction === "up" ? place.id : after;
      if (from !== undefined) {
        const newer = calls.filter((call) => call.record.id > from && fitsFilter(filter, call)).toReversed();
        const found = newer.slice(0, limit);
        return {
          calls: found,
          next: newer.length > limit ? cursorOf("up", found.at(-1)) : null,
          searchedToMs: null,
        };
      }
      const left = calls.filter(({ record }) => place === null || record.id < place.id);
      const found: PricedCall[] = [];
      let read = 0;
      for (const call of left) {
        if (found.length >= limit || read >= pageRows) break;
        read++;
        if (fitsFilter(filter, call)) found.push(call);
      }
      const last = left[read - 1];
      const isWhole = read === left.length;
      return {
        calls: found,
        next: isWhole ? null : cursorOf("down", last),
        searchedToMs: isWhole ? null : (last?.record.startedAt ?? null),
      };
    },
    async histogram(filter, range, widthMs) {
      const bars = [];
      const calls = (await everything()).filter((call) => fitsFilter(filter, call));
      for (let fromMs = range.fromMs; fromMs < range.toMs; fromMs += widthMs) {
        const own = calls.filter(({ record }) => record.startedAt >= fromMs && record.startedAt < fromMs + widthMs);
        bars.push({ fromMs, calls: own.length, errors: own.filter(({ record }) => record.outcome === "error").length });
      }
      return { bars, whole: true, countedFromMs: range.fromMs };
    },
    async attemptsOf(credentialId, model, limit) {
      const found = [];
      for (const call of await everything()) {
        const { id: callId, startedAt, attempts, modelAsked, modelServed } = call.record;
        if (modelAsked !== model && modelServed !== model) continue;
        for (const index of attempts.keys())
          if (attempts[index]?.credentialId === credentialId) found.push({ callId, startedAt, call, index });
      }
      return found.slice(0, limit);
    },
    get: (id) => ledger.get(id),
    oldestMs: async () => (await everything()).at(-1)?.record.startedAt ?? null,
  };
}

// --- helpers ---

function cursorOf(direction: "up" | "down", last: PricedCall | undefined): string | null {
  return last === undefined ? null : toCursor({ direction, id: last.record.id });
}

/** What one call adds to the sums of a dimension. */
function sumsOf(call: PricedCall, dimension: RollupDimension): [key: string, sums: RollupSums][] {
  const { record, costNanoUsd } = call;
  const model = record.modelServed ?? record.modelAsked ?? "";
  const whole = toSums(call, { attempts: record.attempts, cost: costNanoUsd, usage: record.usage });
  switch (dimension) {
    case "all":
      return [["", whole]];
    case "model":
      return [[model, whole]];
    case "client":
      return [[record.clientId ?? "", whole]];
    case "status":
      return [[String(record.status), whole]];
    case "dialect":
      return [[record.dialect, whole]];
    case "client-model":
      return [[`${record.clientId ?? ""}\n${model}`, whole]];
    case "rule":
      return [[record.attempts.at(-1)?.rule ?? record.errorCode ?? record.outcome, whole]];
    case "credential": {
      const ids = [...new Set(record.attempts.map(({ credentialId }) => credentialId))];
      return ids.map((id) => {
        const attempts = record.attempts.filter(({ credentialId }) => credentialId === id);
        return [id, toSums(call, { attempts, cost: costNanoUsd, usage: record.usage })];
      });
    }
  }
}

function toSums(
  { record }: PricedCall,
  part: { attempts: PricedCall["record"]["attempts"]; cost: number | null; usage: PricedCall["record"]["usage"] },
): RollupSums {
  const { usage, cost, attempts } = part;
  const is = (outcome: string): number => (record.outcome === outcome ? 1 : 0);
  return {
    ...emptySums(),
    calls: 1,
    attempts: attempts.length,
    errors: is("error"),
    refused: is("refused"),
    cancelled: is("cancelled"),
    incomplete: is("incomplete"),
    interrupted: is("interrupted"),
    firstTry: record.outcome === "ok" && record.attempts.length === 1 ? 1 : 0,
    tokens: {
      prompt: usage?.promptTokens ?? 0,
      cached: usage?.cachedTokens ?? 0,
      output: usage?.outputTokens ?? 0,
      thoughts: usage?.thoughtsTokens ?? 0,
      toolUse: usage?.toolUseTokens ?? 0,
      total: usage?.totalTokens ?? 0,
    },
    costUsd: (cost ?? 0) / 1e9,
    callsWithoutCost: cost === null ? 1 : 0,
    latency: histogramOf(record.totalMicros),
    firstByte: histogramOf(record.firstByteMicros),
  };
}

function histogramOf(micros: number | null): number[] {
  const index = latencyBounds.findIndex((bound) => micros !== null && micros / 1000 <= bound);
  const own = micros === null ? -1 : index < 0 ? latencyBounds.length : index;
  return Array.from({ length: latencyBounds.length + 1 }, (_, each) => (each === own ? 1 : 0));
}
