/* oxlint-disable max-lines -- one suite: what the analytics promise */
/**
 * The promises of a store's roll-ups and searches.
 * @module
 */
import type { CallOutcome } from "../core/records.ts";
import { assertEqual, assertRejects, type ContractCase } from "./contract-assert.ts";
import { naiveMatch, naiveSums, noSums } from "./contract-naive.ts";
import { sampleAttempt, sampleCall, sampleRetriedCall, sampleUsage } from "./contract-samples.ts";
import { idFloor } from "./id-range.ts";
import type { PricedCall } from "./types.ts";
import type { GatewayStore, RollupDimension, RollupSums, SearchFilter, TimeRange } from "./types-analytics.ts";

const quarterMs = 900_000;
const dayMs = 86_400_000;
/** Three days that begin in the night in which Los Angeles puts its clocks back. */
const start = Date.UTC(2026, 9, 31, 7);
const days = 3;
const end = start + days * dayMs;
const dimensions: readonly RollupDimension[] = [
  "all",
  "model",
  "client",
  "credential",
  "status",
  "dialect",
  "rule",
  "client-model",
];

/** The same numbers each time (mulberry32), below `most`. */
function createDice(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * most);
  };
}

const outcomes: readonly CallOutcome[] = [
  "ok",
  "ok",
  "ok",
  "error",
  "refused",
  "incomplete",
  "cancelled",
  "interrupted",
];

/** Calls of every kind, a few with an id that is later than their beginning. */
function randomCalls(dice: (most: number) => number, count: number): PricedCall[] {
  const pick = <Value>(...values: Value[]): Value => values[dice(values.length)] as Value;
  return Array.from({ length: count }, (_, index) => {
    const startedAt = start + dice(end - start);
    const idMs = dice(12) === 0 ? startedAt + dice(5 * 3_600_000) : startedAt;
    const usage = pick(null, sampleUsage({ promptTokens: dice(1e9), outputTokens: dice(50_000) }));
    const attempts = Array.from({ length: pick(0, 1, 1, 1, 1, 2, 3) }, (__, number) =>
      sampleAttempt({
        number: number + 1,
        credentialId: `cred_${dice(4)}`,
        rule: pick("ok", "ok", "quota.minute", "network"),
        status: pick(200, 429, null),
        usage: pick(usage, null),
      }),
    );
    const call = sampleCall(
      0,
      {
        id: `${idFloor(idMs)}${index.toString(36).padStart(4, "0")}abcdefg`,
        startedAt,
        clientId: pick(null, "client_1", "client_2", "clïent\u2603"),
        dialect: pick("gemini", "openai-chat"),
        operation: pick("generate", "embed"),
        modelAsked: pick(null, "fast", "m1", "m2"),
        modelServed: pick(null, "m1", "m2"),
        status: pick(200, 200, 429, 400, 503, 499, 0),
        outcome: pick(...outcomes),
        errorCode: pick(null, null, "no_capacity", "upstream_broken"),
        totalMicros: dice(2) === 0 ? dice(400_000_000) : dice(50_000),
        firstByteMicros: pick(null, dice(1_000_000)),
        usage,
        attempts,
      },
      pick(null, 0, dice(1e9)),
    );
    return dice(3) === 0 ? { ...call, attemptCosts: attempts.map(() => pick(null, dice(1e9))) } : call;
  });
}

/** Writes in an order of no order, a part again and again, summing up in between. */
async function insertAll(
  store: GatewayStore,
  calls: readonly PricedCall[],
  dice: (most: number) => number,
): Promise<void> {
  const shuffled = [...calls].sort((a, b) => (dice(4) === 0 ? -1 : a.record.id < b.record.id ? -1 : 1));
  for (let index = 0; index < shuffled.length;) {
    const part = shuffled.slice(Math.max(0, index - dice(10)), index + 1 + dice(80));
    await store.ledger.insert(dice(3) === 0 ? [...part, ...part] : part);
    index = shuffled.indexOf(part.at(-1) as PricedCall) + 1;
    // Now and then half-way, or beyond the calls that are still to come.
    const options = { now: start + dice(days * dayMs + 3_600_000), limit: dice(60) };
    if (dice(3) === 0) await store.ledger.rollUp(options);
  }
}

function byKey(sums: ReadonlyMap<string, RollupSums>): Record<string, RollupSums> {
  return Object.fromEntries([...sums].map(([key, sum]) => [`key ${key}`, sum]));
}

async function assertSums(store: GatewayStore, calls: readonly PricedCall[], range: TimeRange): Promise<void> {
  for (const dimension of dimensions) {
    const sums = await store.analytics.sums({ dimension, key: null }, range);
    const what = `${dimension} ${new Date(range.fromMs).toISOString()} ${new Date(range.toMs).toISOString()}`;
    assertEqual(byKey(sums), byKey(naiveSums(calls, dimension, range)), what);
  }
}

function randomRange(dice: (most: number) => number): TimeRange {
  const cuts = [0, 1].map(() => start + (dice(days * 96 + 40) - 20) * quarterMs);
  return { fromMs: Math.min(...cuts), toMs: Math.max(...cuts) };
}

const ever: TimeRange = { fromMs: 0, toMs: end + 365 * dayMs };

/** Midnights of a zone from one day on. */
function midnights(zone: string, from: number, count: number): number[] {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hour: "numeric",
    minute: "numeric",
    hourCycle: "h23",
  });
  const found: number[] = [];
  for (let ms = from; found.length < count; ms += quarterMs) if (format.format(ms) === "00:00") found.push(ms);
  return found;
}

/** What is searched for. */
function randomFilter(dice: (most: number) => number): SearchFilter {
  const filter: SearchFilter = {};
  const maybe = (set: () => void): void => (dice(7) === 0 ? set() : undefined);
  const pick = <Value>(...values: Value[]): Value => values[dice(values.length)] as Value;
  maybe(() => (filter.sinceMs = start + dice(days * dayMs)));
  maybe(() => (filter.untilMs = start + dice(days * dayMs)));
  maybe(() => (filter.model = pick("fast", "m1", "m2", "none")));
  maybe(() => (filter.clientId = pick("client_1", "clïent\u2603")));
  maybe(() => (filter.credentialId = pick("cred_0", "cred_3")));
  maybe(() => (filter.outcome = pick(...outcomes)));
  maybe(() => (filter.status = pick("429", "4xx", "5xx", "200", "000", "nonsense")));
  maybe(() => (filter.dialect = "openai-chat"));
  maybe(() => (filter.operation = "embed"));
  maybe(() => (filter.rule = pick("network", "quota.minute", "no_capacity", "upstream_broken")));
  maybe(() => (filter.minMs = pick(0, 20.5, 35, 100_000, 399_999)));
  maybe(() => (filter.maxMs = pick(0, 5, 35, 100_000)));
  maybe(() => (filter.minCostNanoUsd = pick(0, 999_000_000)));
  maybe(() => (filter.maxCostNanoUsd = pick(0, 500_000_000)));
  maybe(() => (filter.retried = pick(true, false)));
  return filter;
}

/** Every page. */
async function searchAll(
  store: GatewayStore,
  filter: SearchFilter,
  page: { limit: number; after?: string },
): Promise<PricedCall[]> {
  const found: PricedCall[] = [];
  let cursor: string | null = null;
  do {
    const { calls, next, searchedToMs } = await store.analytics.search(filter, { ...page, cursor });
    assertEqual(calls.length <= page.limit, true, "a page's size");
    found.push(...calls);
    if (next === null) assertEqual(searchedToMs, null, "the whole range");
    cursor = next;
  } while (cursor !== null);
  return found;
}

function ids(calls: readonly PricedCall[]): string[] {
  return calls.map((call) => call.record.id);
}

/** Promises of `store.analytics`, and of what is done to the roll-ups. */
export const analyticsContract: ContractCase[] = [
  {
    name: "roll-ups equal sums over the calls, in any range cut at quarters, whatever came late, twice or in between",
    async run(store) {
      const dice = createDice(1);
      const calls = randomCalls(dice, 400);
      await insertAll(store, calls, dice);
      await assertSums(store, calls, ever);
      for (let round = 0; round < 8; round += 1) {
        await assertSums(store, calls, randomRange(dice));
        if (round === 3) while (await store.ledger.rollUp({ now: end + dayMs, limit: 100 }));
      }
      await store.ledger.insert(calls);
      await assertSums(store, calls, ever);
    },
  },
  {
    name: "roll-ups of nothing are empty, and of one key or prefix nothing else",
    async run({ analytics, ledger }) {
      assertEqual((await analytics.sums({ dimension: "all", key: null }, ever)).size, 0, "nothing");
      assertEqual(await analytics.oldestMs(), null, "no oldest");
      const calls = [sampleCall(0), sampleCall(1, { clientId: "client_10" }), sampleRetriedCall(2)];
      await ledger.insert(calls);
      const one = await analytics.sums({ dimension: "client", key: "client_1" }, ever);
      assertEqual(
        [...one].map(([key, sum]) => [key, sum.calls]),
        [["client_1", 2]],
        "one key",
      );
      assertEqual((await analytics.sums({ dimension: "client", key: "x" }, ever)).size, 0, "of nobody");
      const question = { dimension: "client-model", key: null, keyPrefix: "client_1\n" } as const;
      const models = await analytics.sums(question, ever);
      assertEqual(
        [...models].map(([key, sum]) => [key, sum.calls]),
        [["client_1\ngemini-3.8-flash", 2]],
        "one client's",
      );
      const range = { fromMs: 0, toMs: 10 };
      const series = await analytics.series({ dimension: "client", key: null }, [range], ["client_1"]);
      assertEqual([...series], [["client_1", [noSums()]]], "a series of zeros");
      assertEqual(await analytics.oldestMs(), calls[0]?.record.startedAt, "oldest");
    },
  },
  {
    name: "series by days of any zone equal sums over the calls, also across the nights of daylight saving time",
    async run(store) {
      const dice = createDice(2);
      const calls = randomCalls(dice, 300);
      await insertAll(store, calls, dice);
      for (const summedUp of [false, true]) {
        if (summedUp) while (await store.ledger.rollUp({ now: end + dayMs, limit: 1_000 }));
        for (const zone of ["Asia/Ho_Chi_Minh", "America/Los_Angeles", "Asia/Kathmandu", "Pacific/Chatham", "UTC"]) {
          const cuts = midnights(zone, start - dayMs, days + 3);
          const ranges = cuts.slice(1).map((toMs, index) => ({ fromMs: cuts[index] as number, toMs }));
          const keys = ["m1", "m2", "", "none"];
          const series = await store.analytics.series({ dimension: "model", key: null }, ranges, keys);
          const expected = keys.map((key) => [
            key,
            ranges.map((range) => naiveSums(calls, "model", range).get(key) ?? noSums()),
          ]);
          assertEqual([...series], expected, zone);
          const question = { dimension: "credential", key: null, together: true } as const;
          const together = await store.analytics.series(question, ranges, [""]);
          const expectedCalls = ranges.map((range) => {
            const all = [...naiveSums(calls, "credential", range).values()];
            return all.reduce((sum, one) => sum + one.calls, 0);
          });
          assertEqual(
            (together.get("") ?? []).map((sums) => sums.calls),
            expectedCalls,
            `${zone}, all credentials`,
          );
        }
      }
      assertEqual(
        midnights("America/Los_Angeles", start, 2).map((ms) => (ms - start) / 3_600_000),
        [0, 24],
        "the day before the night",
      );
    },
  },
  {
    name: "a search finds what a filter names and nothing else, page by page, also when clocks went back",
    async run(store) {
      const dice = createDice(3);
      const calls = randomCalls(dice, 300);
      await insertAll(store, calls, dice);
      const newestFirst = [...calls].sort((a, b) => (a.record.id < b.record.id ? 1 : -1));
      for (let round = 0; round < 50; round += 1) {
        if (round === 25) while (await store.ledger.rollUp({ now: end + dayMs, limit: 1_000 }));
        const filter = randomFilter(dice);
        const expected = ids(newestFirst.filter((call) => naiveMatch(call, filter)));
        const what = JSON.stringify(filter);
        assertEqual(ids(await searchAll(store, filter, { limit: 5 + dice(100) })), expected, what);
        const after = ids(newestFirst)[dice(300)] ?? "";
        const newer = expected.filter((id) => id > after).reverse();
        assertEqual(ids(await searchAll(store, filter, { limit: 5 + dice(100), after })), newer, `${what} after`);
      }
      const [first] = (await store.analytics.search({}, { limit: 1, cursor: null })).calls;
      assertEqual(first, newestFirst[0], "a whole call");
      assertEqual(await store.analytics.get(first?.record.id ?? ""), first, "get");
    },
  },
  {
    name: "a cursor that no search gave is refused",
    async run({ analytics }) {
      for (const cursor of ["", "x", "d.", "d.\u0000", "u", `d.${"a".repeat(101)}`, "d.a' or 1=1 --"]) {
        await assertRejects(analytics.search({}, { limit: 1, cursor }), cursor);
      }
    },
  },
  {
    name: "a page of a rare match ends when enough was read, says how far it looked, and the next one goes on",
    async run({ analytics, ledger }) {
      const count = 66_000;
      for (let from = 0; from < count; from += 1_000) {
        const part = Array.from({ length: 1_000 }, (_, index) => from + index);
        await ledger.insert(
          part.map((index) => sampleCall(index, { attempts: [], operation: index === 5 ? "rare" : "embed" }, 0)),
        );
      }
      const page = await analytics.search({ operation: "rare" }, { limit: 10, cursor: null });
      assertEqual([page.calls.length, page.next === null], [0, false], "nothing yet");
      const oldest = (await analytics.oldestMs()) ?? 0;
      assertEqual((page.searchedToMs ?? 0) > oldest && (page.searchedToMs ?? 0) < oldest + count / 2, true, "how far");
      const rest = await analytics.search({ operation: "rare" }, { limit: 10, cursor: page.next });
      assertEqual([rest.calls.length, rest.next, rest.searchedToMs], [1, null, null], "the rest");
      const bars = await analytics.histogram({ operation: "embed" }, { fromMs: oldest, toMs: oldest + count }, 1_000);
      assertEqual([bars.whole, bars.countedFromMs > oldest], [false, true], "a part was counted");
      const whole = bars.bars.filter((bar) => bar.fromMs >= bars.countedFromMs);
      assertEqual([...new Set(whole.map((bar) => bar.calls))], [1_000], "of that, all");
    },
  },
  {
    name: "a histogram counts what a search finds, out of roll-ups or calls",
    async run(store) {
      const dice = createDice(4);
      const calls = randomCalls(dice, 300);
      await insertAll(store, calls, dice);
      for (let round = 0; round < 40; round += 1) {
        if (round === 20) while (await store.ledger.rollUp({ now: end + dayMs, limit: 1_000 }));
        const filter = randomFilter(dice);
        const [width, from] =
          dice(2) === 0 ? [quarterMs * (1 + dice(9)), start] : [1 + dice(dayMs), start + dice(dayMs)];
        const range = { fromMs: from, toMs: from + 1 + dice(2 * dayMs) };
        const { bars, ...rest } = await store.analytics.histogram(filter, range, width);
        const inRange = calls.filter(
          (call) =>
            naiveMatch(call, filter) && call.record.startedAt >= range.fromMs && call.record.startedAt < range.toMs,
        );
        const expected = Array.from({ length: Math.ceil((range.toMs - from) / width) }, (_, index) => {
          const fromMs = from + index * width;
          const own = inRange.filter(({ record }) => record.startedAt >= fromMs && record.startedAt < fromMs + width);
          return { fromMs, calls: own.length, errors: own.filter(({ record }) => record.outcome === "error").length };
        });
        assertEqual(bars, expected, `${JSON.stringify(filter)} ${JSON.stringify(range)} ${width}`);
        assertEqual(rest.whole, true, "all of it");
      }
    },
  },
  {
    name: "attempts of a credential for a model come with their calls, the newest first",
    async run({ analytics, ledger }) {
      await ledger.insert([sampleRetriedCall(0), sampleCall(1), sampleCall(2, { modelAsked: "x", modelServed: "x" })]);
      const found = await analytics.attemptsOf("cred_1", "gemini-3.8-flash", 10);
      assertEqual(
        found.map(({ call, index }) => [call.record.attempts[index]?.credentialId, index, call.record.id]),
        [
          ["cred_1", 0, sampleCall(1).record.id],
          ["cred_1", 2, sampleCall(0).record.id],
          ["cred_1", 0, sampleCall(0).record.id],
        ],
        "three",
      );
      assertEqual((await analytics.attemptsOf("cred_1", "gemini-3.8-flash", 2)).length, 2, "at most so many");
      assertEqual(await analytics.attemptsOf("nobody", "gemini-3.8-flash", 2), [], "none");
    },
  },
  {
    name: "after re-pricing, calls, attempts and roll-ups say the new costs, of the range and the model and nothing else",
    async run(store) {
      const dice = createDice(5);
      let calls = randomCalls(dice, 200);
      await insertAll(store, calls, dice);
      for (let round = 0; round < 4; round += 1) {
        const range = randomRange(dice);
        const model = round === 0 ? null : "m1";
        const price = ({ id, attempts }: PricedCall["record"]): { cost: number | null; costs: (number | null)[] } => {
          const own = createDice(Number.parseInt(id.slice(9, 13), 36) + round);
          const cost = own(3) === 0 ? null : own(1e9);
          return { cost, costs: attempts.map(() => (own(3) === 0 ? own(1e9) : cost)) };
        };
        const after = calls.map((call): PricedCall => {
          if (!naiveMatch(call, { sinceMs: range.fromMs, untilMs: range.toMs, ...(model === null ? {} : { model }) }))
            return call;
          const { cost, costs } = price(call.record);
          return { ...call, costNanoUsd: cost, attemptCosts: costs };
        });
        const toPriced = (record: PricedCall["record"]): PricedCall => {
          const { cost, costs } = price(record);
          return { record, costNanoUsd: cost, attemptCosts: costs };
        };
        let last = { looked: 0, changed: 0, differenceNanoUsd: 0 };
        const reprice = (dryRun: boolean): Promise<void> =>
          store.ledger.reprice({ ...range, model, dryRun, price: toPriced, onSlice: (progress) => (last = progress) });
        await reprice(true);
        await assertSums(store, calls, ever);
        const dry = last;
        await reprice(false);
        assertEqual(last, dry, "a dry run tells what would be");
        const total = (some: readonly PricedCall[]): number =>
          some.reduce((sum, call) => sum + (call.costNanoUsd ?? 0), 0);
        assertEqual(last.differenceNanoUsd, total(after) - total(calls), "the difference");
        calls = after;
        await assertSums(store, calls, ever);
        await assertSums(store, calls, randomRange(dice));
        for (const call of calls.slice(0, 40)) assertEqual(await store.ledger.get(call.record.id), call, "a call");
        await reprice(false);
        assertEqual([last.looked, last.changed], [dry.looked, 0], "again: nothing is left to change");
        await store.ledger.rollUp({ now: end + dayMs, limit: 300 });
      }
    },
  },
  {
    name: "old quarters and hours are deleted, days stay, and deleted calls stay in the sums",
    async run(store) {
      const dice = createDice(6);
      const calls = randomCalls(dice, 300);
      await store.ledger.insert(calls);
      const midnight = Date.UTC(2026, 10, 2);
      const nothing = { quartersBeforeMs: midnight, hoursBeforeMs: midnight - dayMs, limit: 100_000 };
      assertEqual(await store.ledger.pruneSums(nothing), 0, "what is not in its day yet is kept");
      while (await store.ledger.rollUp({ now: end + dayMs, limit: 1_000 }));
      assertEqual(await store.ledger.pruneSums({ ...nothing, limit: 7 }), 7, "at most so many");
      assertEqual((await store.ledger.pruneSums(nothing)) > 50, true, "quarters and hours");
      assertEqual(await store.ledger.pruneSums(nothing), 0, "once");
      await store.ledger.prune(midnight, 1_000);
      await assertSums(store, calls, ever);
      await assertSums(store, calls, { fromMs: midnight, toMs: midnight + 7 * quarterMs });
      await assertSums(store, calls, { fromMs: midnight - dayMs, toMs: end });
      // Two ranges that meet inside what is only known by days: nothing is lost and nothing counts twice.
      const cut = midnight - dayMs / 2 + quarterMs;
      const parts = await store.analytics.series(
        { dimension: "all", key: null },
        [
          { fromMs: 0, toMs: cut },
          { fromMs: cut, toMs: end },
        ],
        [""],
      );
      assertEqual(
        (parts.get("") ?? []).reduce((sum, part) => sum + part.calls, 0),
        300,
        "all of them",
      );
      // A call that comes very late is in its day.
      const late = sampleCall(0, { id: `${idFloor(start)}zzzzzzzzzzz`, startedAt: start });
      await store.ledger.insert([late]);
      await assertSums(store, [...calls, late], ever);
      const found = await searchAll(store, { clientId: "client_1", untilMs: midnight }, { limit: 10 });
      assertEqual(ids(found).includes(late.record.id), true, "and is found");
    },
  },
];
