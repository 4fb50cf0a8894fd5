/**
 * The promises of a store's sums.
 * @module
 */
import { assertEqual, type ContractCase } from "./contract-assert.ts";
import { sampleAttempt, sampleCall, sampleRetriedCall, sampleStart, sampleUsage } from "./contract-samples.ts";
import type { PricedCall, StatsRow } from "./types.ts";

const nothing: StatsRow = {
  calls: 0,
  attempts: 0,
  errors: 0,
  refused: 0,
  cancelled: 0,
  incomplete: 0,
  interrupted: 0,
  tokens: { prompt: 0, cached: 0, output: 0, thoughts: 0, toolUse: 0, total: 0 },
  costUsd: 0,
  callsWithoutCost: 0,
};

/** Tokens of so many sample usages. */
function tokens(times: number): StatsRow["tokens"] {
  return {
    prompt: 1_200 * times,
    cached: 200 * times,
    output: 150 * times,
    thoughts: 700 * times,
    toolUse: 5 * times,
    total: 2_055 * times,
  };
}

function calls(): PricedCall[] {
  const attempts = [
    sampleAttempt({ credentialId: "cred_2", usage: null, modelServed: null, status: 503, fault: "upstream" }),
  ];
  return [
    sampleCall(0, {}, 1_500_000_000),
    sampleCall(1, { clientId: "client_2", dialect: "openai-chat" }, 250_000_000),
    // cred_1 fails, cred_2 fails, cred_1 answers: no cost is known for the whole, 0.003 dollars are for the last try.
    sampleRetriedCall(2),
    sampleCall(3, { status: 503, outcome: "error", usage: null, modelServed: null, attempts }, 0),
    sampleCall(
      4,
      {
        status: 401,
        outcome: "refused",
        clientId: null,
        modelAsked: null,
        modelServed: null,
        usage: null,
        attempts: [],
      },
      0,
    ),
    sampleCall(5, { status: 499, outcome: "cancelled", usage: null, attempts: [] }, null),
    sampleCall(6, { outcome: "incomplete" }, 1),
    sampleCall(7, { status: 0, outcome: "interrupted", usage: null, attempts: [] }, null),
  ];
}

export const statsContract: ContractCase[] = [
  {
    name: "sums of nothing are zeros",
    async run({ ledger }) {
      assertEqual(await ledger.stats({}), nothing, "stats");
      assertEqual(await ledger.statsBy("model", {}), [], "by model");
      await ledger.insert(calls());
      assertEqual(await ledger.stats({ sinceMs: sampleStart + 1_000 }), nothing, "later than all");
      assertEqual(await ledger.stats({ credentialId: "nobody" }), nothing, "of nobody");
      assertEqual(await ledger.statsBy("credential", { untilMs: sampleStart }), [], "before all");
    },
  },
  {
    name: "sums count calls, attempts, outcomes, tokens and cost, and tell how many calls have no cost",
    async run({ ledger }) {
      await ledger.insert(calls());
      const whole: StatsRow = {
        calls: 8,
        attempts: 7,
        errors: 1,
        refused: 1,
        cancelled: 1,
        incomplete: 1,
        interrupted: 1,
        tokens: tokens(4),
        costUsd: 1.750000001,
        callsWithoutCost: 3,
      };
      assertEqual(await ledger.stats({}), whole, "all");
      assertEqual(
        await ledger.stats({ sinceMs: sampleStart + 1, untilMs: sampleStart + 3 }),
        { ...nothing, calls: 2, attempts: 4, tokens: tokens(2), costUsd: 0.25, callsWithoutCost: 1 },
        "of a range",
      );
      assertEqual(
        await ledger.stats({ clientId: "client_2", model: "gemini-3.8-flash" }),
        { ...nothing, calls: 1, attempts: 1, tokens: tokens(1), costUsd: 0.25 },
        "of a client and a model",
      );
    },
  },
  {
    name: "sums of a credential are those of its own attempts; a call counts once",
    async run({ ledger }) {
      await ledger.insert(calls());
      const first = {
        ...nothing,
        calls: 4,
        attempts: 5,
        incomplete: 1,
        tokens: tokens(4),
        costUsd: 1.753000001,
      };
      const second = { ...nothing, calls: 2, attempts: 2, errors: 1, callsWithoutCost: 1 };
      assertEqual(await ledger.stats({ credentialId: "cred_1" }), first, "cred_1");
      assertEqual(await ledger.stats({ credentialId: "cred_2" }), second, "cred_2");
      assertEqual(
        await ledger.statsBy("credential", {}),
        [
          { key: "cred_1", row: first },
          { key: "cred_2", row: second },
        ],
        "by credential",
      );
    },
  },
  {
    name: "sums by model, client, status and dialect cover every call, the largest group first",
    async run({ ledger }) {
      await ledger.insert([...calls(), sampleCall(8, { modelServed: "gemini-3.6-flash", usage: sampleUsage() })]);
      const groups = async (dimension: "model" | "client" | "status" | "dialect"): Promise<(string | number)[][]> =>
        (await ledger.statsBy(dimension, {})).map(({ key, row }) => [key, row.calls]);
      assertEqual(
        await groups("model"),
        [
          ["gemini-3.8-flash", 7],
          ["", 1],
          ["gemini-3.6-flash", 1],
        ],
        "model",
      );
      assertEqual(
        await groups("client"),
        [
          ["client_1", 7],
          ["", 1],
          ["client_2", 1],
        ],
        "client",
      );
      assertEqual(
        await groups("status"),
        [
          ["200", 5],
          ["0", 1],
          ["401", 1],
          ["499", 1],
          ["503", 1],
        ],
        "status",
      );
      assertEqual(
        await groups("dialect"),
        [
          ["gemini", 8],
          ["openai-chat", 1],
        ],
        "dialect",
      );
    },
  },
  {
    name: "sums and lists over more calls than a slice are exact",
    async run({ ledger }) {
      const count = 10_250;
      for (let start = 0; start < count; start += 500) {
        const part = Array.from({ length: Math.min(500, count - start) }, (_, index) => start + index);
        await ledger.insert(
          part.map((index) => (index % 1_000 === 0 ? sampleRetriedCall(index) : sampleCall(index, {}, 1_000))),
        );
      }
      const { calls: rows, attempts } = await ledger.size();
      assertEqual({ rows, attempts }, { rows: count, attempts: count + 22 }, "size");
      const sum = await ledger.stats({});
      assertEqual(
        [sum.calls, sum.attempts, sum.tokens, sum.callsWithoutCost],
        [count, count + 22, tokens(count), 11],
        "stats",
      );
      const [first, second, ...others] = await ledger.statsBy("credential", {});
      assertEqual([first?.row.calls, first?.row.attempts], [count, count + 11], "cred_1");
      assertEqual([second?.row.calls, second?.row.attempts, others.length], [11, 11, 0], "cred_2");
      const oldest = (await ledger.list({ credentialId: "cred_2" })).map((call) => call.record.startedAt - sampleStart);
      assertEqual(
        oldest,
        Array.from({ length: 11 }, (_, index) => 10_000 - index * 1_000),
        "the rare ones",
      );
      assertEqual((await ledger.list({ limit: 7, after: "" })).length, 7, "the oldest");
      assertEqual((await ledger.list({ status: 404, after: "" })).length, 0, "none");
    },
  },
];
