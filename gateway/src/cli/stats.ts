/**
 * `gemini-proxy stats`
 * @module
 */
import { cacheHitRate } from "../admin/views/sums.ts";
import type { StatsRow } from "../storage/types.ts";
import { defineCliCommand } from "./command.ts";
import type { CliCommand } from "./command.ts";
import { usageFailure } from "./failure.ts";
import { toFilter } from "./logs/filter.ts";
import { toDollars, toLocalTime } from "./moments.ts";
import { loadNames } from "./names.ts";
import type { Names } from "./names.ts";
import type { Column } from "./output.ts";
import { withWorkspace } from "./workspace.ts";

const dimensions = ["model", "client", "credential", "status", "dialect"] as const;
type Dimension = (typeof dimensions)[number];

/** Sums of the record of calls. */
export const command: CliCommand = defineCliCommand({
  name: "stats",
  description: "Sums of calls, tokens and cost",
  args: {
    since: {
      type: "string",
      valueHint: "24h",
      description: "From here on: a duration before now, a date or a time (otherwise 24h)",
    },
    until: { type: "string", valueHint: "1h", description: "Up to here (otherwise now)" },
    by: { type: "string", valueHint: dimensions.join("|"), description: "One line for each" },
    model: { type: "string", valueHint: "name", description: "Only calls for this model" },
    client: { type: "string", valueHint: "id|name", description: "Only calls of this client" },
    key: { type: "string", valueHint: "id|name", description: "Only calls that tried this Gemini key" },
  },
  notes: [
    "JSON: {sinceMs, untilMs, calls, attempts, errors, refused, cancelled, incomplete, interrupted,",
    "       tokens: {prompt, cached, output, thoughts, toolUse, total}, cacheHitRate, costUsd, callsWithoutCost}",
    "cacheHitRate: share of the prompt tokens that Google read from its cache; null without a prompt.",
    "with --by, also: by, groups: [{key, name, …the same sums}]",
    "costUsd is an estimate from a price table; calls of unknown cost are not in it but in callsWithoutCost.",
  ],
  async run({ args, output, configuration, now }) {
    const by = readDimension(args.by);
    await withWorkspace(configuration, { write: false }, async (workspace) => {
      const names = await loadNames(workspace, configuration);
      const filter = toFilter({ ...args, since: args.since ?? "24h" }, names, now);
      if (by !== null && (args.model ?? args.client ?? args.key) !== undefined)
        throw usageFailure("--by cannot be combined with --model, --client or --key.", "Leave one of them out.");
      const total = await workspace.store.ledger.stats(filter);
      const groups =
        by === null
          ? null
          : (await workspace.store.ledger.statsBy(by, filter)).map(({ key, row }) => ({
              key,
              name: nameOf(by, key, names),
              ...withRate(row),
            }));
      const range = { sinceMs: filter.sinceMs, untilMs: filter.untilMs ?? now };
      if (output.json({ ...range, ...withRate(total), ...(groups === null ? {} : { by, groups }) })) return;
      output.note(`${toLocalTime(range.sinceMs ?? now)} to ${toLocalTime(range.untilMs)}`);
      if (groups === null || by === null) output.table([total], columns);
      else
        output.table<StatsRow & { name: string }>(
          [...groups, { name: "all", ...total }],
          [{ title: by.toUpperCase(), of: ({ name }) => name, limit: 40 }, ...columns],
        );
      if (total.callsWithoutCost > 0)
        output.note(`The cost of ${total.callsWithoutCost} calls is not known; it is not in the sum.`);
    });
  },
});

// --- helpers ---

const columns: readonly Column<StatsRow>[] = [
  { title: "CALLS", of: (row) => row.calls, align: "right" },
  { title: "TRIES", of: (row) => row.attempts, align: "right" },
  { title: "ERRORS", of: (row) => row.errors, align: "right" },
  { title: "REFUSED", of: (row) => row.refused, align: "right" },
  { title: "CANCELLED", of: (row) => row.cancelled, align: "right" },
  { title: "BROKEN", of: (row) => row.incomplete + row.interrupted, align: "right" },
  { title: "PROMPT", of: (row) => row.tokens.prompt, align: "right" },
  { title: "CACHED", of: (row) => row.tokens.cached, align: "right" },
  { title: "HIT", of: (row) => toPercent(cacheHitRate(row.tokens)), align: "right" },
  { title: "OUTPUT", of: (row) => row.tokens.output, align: "right" },
  { title: "THOUGHTS", of: (row) => row.tokens.thoughts, align: "right" },
  { title: "TOKENS", of: (row) => row.tokens.total, align: "right" },
  { title: "COST", of: (row) => toDollars(row.costUsd), align: "right" },
];

function withRate(row: StatsRow): StatsRow & { cacheHitRate: number | null } {
  return { ...row, cacheHitRate: cacheHitRate(row.tokens) };
}

function toPercent(share: number | null): string | null {
  return share === null ? null : `${(share * 100).toFixed(1)}%`;
}

function readDimension(text: string | undefined): Dimension | null {
  if (text === undefined) return null;
  const found = dimensions.find((dimension) => dimension === (text === "key" ? "credential" : text));
  if (found === undefined) throw usageFailure(`--by: expected one of ${dimensions.join(", ")}.`);
  return found;
}

function nameOf(by: Dimension, key: string, names: Names): string {
  if (key === "") return "(none)";
  return by === "client" ? (names.client(key) ?? key) : by === "credential" ? names.credential(key) : key;
}
