/**
 * The promises of a store's ledger.
 * @module
 */
import type { CallRecord } from "../core/records.ts";
import { assertEqual, assertRejects, type ContractCase } from "./contract-assert.ts";
import {
  sampleAttempt,
  sampleCall,
  sampleRecord,
  sampleRetriedCall,
  sampleStart,
  sampleUsage,
} from "./contract-samples.ts";
import { statsContract } from "./contract-stats.ts";
import type { PricedCall, Store } from "./types.ts";

/** A refused call: nothing was tried. */
const refused: Partial<CallRecord> = {
  clientId: null,
  backend: null,
  modelAsked: null,
  modelServed: null,
  status: 401,
  outcome: "refused",
  errorCode: "client_key_invalid",
  finishReason: null,
  usage: null,
  firstByteMicros: null,
  attempts: [],
};

/** One call of each kind that is stored in its own way. */
function kinds(): PricedCall[] {
  const failed = sampleAttempt({
    status: 400,
    fault: "client",
    rule: "client.invalid",
    words: "bad\n\t\"'",
    usage: null,
    modelServed: null,
  });
  return [
    sampleCall(0),
    sampleCall(1, refused, 0),
    sampleRetriedCall(2),
    sampleCall(3, { status: 400, outcome: "error", usage: null, modelServed: null, attempts: [failed] }, 0),
    // All facts of the only attempt equal the call's, but for one: it must not be taken for granted.
    sampleCall(4, { finishReason: "MAX_TOKENS" }),
    sampleCall(5, { modelServed: "gemini-3.6-flash" }),
    sampleCall(6, { attempts: [sampleAttempt({ usage: sampleUsage({ totalTokens: 1 }) })] }),
    sampleCall(7, { attempts: [sampleAttempt({ number: 2 })] }),
    { ...sampleCall(8), attemptCosts: [null] },
    sampleCall(
      9,
      {
        stream: true,
        outcome: "incomplete",
        errorCode: "upstream_broken",
        usage: null,
        attempts: [sampleAttempt({ usage: null })],
      },
      null,
    ),
    sampleCall(10, { usage: sampleUsage({ modalities: {}, serviceTier: null }) }, 0),
    sampleCall(11, {
      attempts: [sampleAttempt({ firstByteMicros: null })],
      totalMicros: 0,
      requestBytes: 9_007_199_254_740_991,
    }),
  ];
}

function ids(calls: readonly PricedCall[]): string[] {
  return calls.map((call) => call.record.id);
}

async function all(store: Store): Promise<PricedCall[]> {
  return (await store.ledger.list({ limit: 1_000 })).reverse();
}

export const ledgerContract: ContractCase[] = [
  {
    name: "calls of every kind come back as they went in, with every attempt",
    async run(store) {
      const calls = kinds();
      await store.ledger.insert(calls);
      assertEqual(await all(store), calls, "list");
      for (const call of calls) assertEqual(await store.ledger.get(call.record.id), call, "get");
      assertEqual(await store.ledger.get("nothing"), null, "unknown id");
      const { bytes, ...rows } = await store.ledger.size();
      assertEqual(rows, { calls: 12, attempts: 13 }, "size");
      assertEqual(bytes > 0 && bytes === (await store.ledger.bytes()), true, "bytes");
    },
  },
  {
    name: "a call that is there already is left as it is, attempts and all",
    async run(store) {
      const calls = kinds();
      await store.ledger.insert(calls);
      await store.ledger.insert(calls);
      assertEqual(await all(store), calls, "the same again");
      const changed = calls.map((call, index): PricedCall => {
        const other = index % 2 === 0 ? sampleRetriedCall(index) : sampleCall(index, { status: 500 });
        return { ...other, record: { ...other.record, id: call.record.id } };
      });
      await store.ledger.insert([...changed, sampleCall(99)]);
      assertEqual(await all(store), [...calls, sampleCall(99)], "with other content, and a new one");
    },
  },
  {
    name: "an insert is all or nothing",
    async run(store) {
      const broken = sampleCall(2, { method: null as unknown as string });
      await assertRejects(
        store.ledger.insert([sampleCall(0), sampleRetriedCall(1), broken]),
        "a call without a method",
      );
      assertEqual(await all(store), [], "nothing");
      assertEqual((await store.ledger.size()).attempts, 0, "no attempts either");
      await store.ledger.insert([]);
      await store.ledger.insert([sampleCall(0)]);
      assertEqual(await all(store), [sampleCall(0)], "and it goes on");
    },
  },
  {
    name: "list pages from the newest to the oldest, and tails from the oldest to the newest",
    async run({ ledger }) {
      const calls = Array.from({ length: 25 }, (_, index) =>
        index % 5 === 0 ? sampleRetriedCall(index) : sampleCall(index),
      );
      await ledger.insert([...calls].reverse());
      const down: PricedCall[] = [];
      for (let page = await ledger.list({ limit: 10 }); page.length > 0;) {
        down.push(...page);
        page = await ledger.list({ limit: 10, before: page.at(-1)?.record.id ?? "" });
      }
      assertEqual(down, [...calls].reverse(), "down");
      const up: PricedCall[] = [];
      for (let page = await ledger.list({ limit: 10, after: "" }); page.length > 0;) {
        up.push(...page);
        page = await ledger.list({ limit: 10, after: page.at(-1)?.record.id ?? "" });
      }
      assertEqual(up, calls, "up");
      assertEqual(
        ids(await ledger.list({ after: ids(calls)[3] as string, before: ids(calls)[6] as string })),
        ids(calls.slice(4, 6)),
        "both",
      );
      assertEqual((await ledger.list({})).length, 25, "the default limit is 50");
    },
  },
  {
    name: "list filters by time, model, client, credential, outcome and status, all at once",
    async run({ ledger }) {
      await ledger.insert(kinds());
      const list = async (filter: Parameters<typeof ledger.list>[0]): Promise<number[]> =>
        (await ledger.list(filter)).map((call) => call.record.startedAt - sampleStart).reverse();
      assertEqual(await list({ sinceMs: sampleStart + 3, untilMs: sampleStart + 6 }), [3, 4, 5], "time");
      assertEqual(await list({ sinceMs: 0, untilMs: sampleStart }), [], "before all");
      assertEqual(await list({ model: "gemini-3.6-flash" }), [5], "model served");
      assertEqual((await list({ model: "gemini-3.8-flash" })).length, 11, "model asked for or served");
      assertEqual((await list({ clientId: "client_1" })).length, 11, "client");
      assertEqual(await list({ credentialId: "cred_2" }), [2], "a credential that only failed");
      assertEqual((await list({ credentialId: "cred_1" })).length, 11, "a credential");
      assertEqual(await list({ outcome: "refused" }), [1], "outcome");
      assertEqual(await list({ status: 400 }), [3], "status");
      assertEqual(await list({ status: 400, credentialId: "cred_2" }), [], "both");
      assertEqual(await list({ credentialId: "cred_1", limit: 2 }), [10, 11], "limit");
    },
  },
  {
    name: "a call whose clock was set back is found by its time",
    async run({ ledger }) {
      // Ids keep rising when the clock does not: see core/ids.
      const late = { ...sampleCall(5_000), record: sampleRecord(5_000, { startedAt: sampleStart + 10 }) };
      await ledger.insert([sampleCall(0), late]);
      assertEqual(
        ids(await ledger.list({ sinceMs: sampleStart + 5, untilMs: sampleStart + 100 })),
        ids([late]),
        "found",
      );
      assertEqual(await ledger.list({ sinceMs: sampleStart + 4_000 }), [], "not by the time of its id");
    },
  },
  {
    name: "prune deletes the oldest, at most so many, with their attempts",
    async run({ ledger }) {
      await ledger.insert(
        Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? sampleRetriedCall(index) : sampleCall(index))),
      );
      assertEqual(await ledger.prune(sampleStart, 100), 0, "nothing is as old");
      assertEqual(await ledger.prune(sampleStart + 5, 3), 3, "three of five");
      assertEqual(await ledger.prune(sampleStart + 5, 3), 2, "the other two");
      assertEqual(await ledger.prune(sampleStart + 5, 3), 0, "no more");
      const { calls, attempts } = await ledger.size();
      assertEqual({ calls, attempts }, { calls: 5, attempts: 9 }, "left");
      assertEqual(
        ids(await ledger.list({ after: "" })),
        Array.from({ length: 5 }, (_, index) => sampleRecord(index + 5).id),
        "the newest",
      );
      assertEqual(await ledger.prune(Number.MAX_SAFE_INTEGER, 100), 5, "whatever the age");
      assertEqual(await ledger.list({ credentialId: "cred_2" }), [], "nothing");
      // Attempts that had stayed behind would turn up under a call of the same id.
      const other = sampleCall(0, { attempts: [sampleAttempt({ words: "another" })] });
      await ledger.insert([other]);
      assertEqual(await ledger.list({}), [other], "nothing of the old ones");
    },
  },
  ...statsContract,
];
