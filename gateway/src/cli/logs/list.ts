/**
 * `gemini-proxy logs list`
 * @module
 */
import { parseInteger } from "../../settings/values.ts";
import type { CallFilter, PricedCall, Store } from "../../storage/types.ts";
import { defineCliCommand } from "../command.ts";
import type { CliCommand } from "../command.ts";
import { usageFailure } from "../failure.ts";
import { loadNames } from "../names.ts";
import { withWorkspace } from "../workspace.ts";
import { callColumns, callShape, toCallJson } from "./call-views.ts";
import { filterArgs, toFilter } from "./filter.ts";

/** Most calls of one list. */
const listLimit = 100_000;
/** Calls that the store gives at once. */
const pageSize = 1000;

/** Lists calls, newest first. */
export const command: CliCommand = defineCliCommand({
  name: "logs list",
  description: "List calls, newest first",
  args: {
    since: {
      type: "string",
      valueHint: "1h",
      description: "Only calls after this: a duration before now, a date or a time",
    },
    until: { type: "string", valueHint: "10m", description: "Only calls before this" },
    ...filterArgs,
    limit: { type: "string", valueHint: "number", description: "How many at most (otherwise 50)" },
    before: { type: "string", valueHint: "call id", description: "Only calls older than this one: for the next page" },
  },
  notes: ["JSON: an array of calls, newest first.", ...callShape],
  async run({ args, output, configuration, now }) {
    const limit = args.limit === undefined ? 50 : (parseInteger(args.limit) ?? 0);
    if (limit < 1 || limit > listLimit) throw usageFailure(`--limit: expected a whole number, 1 to ${listLimit}.`);
    await withWorkspace(configuration, { write: false }, async (workspace) => {
      const names = await loadNames(workspace, configuration);
      const calls = await listCalls(workspace.store, toFilter(args, names, now), limit);
      if (output.json(calls.map(toCallJson))) return;
      if (calls.length === 0) return output.note("There are no such calls.");
      output.table(calls, callColumns(names));
      if (calls.length === limit)
        output.note(`More: gemini-proxy logs list --before ${(calls.at(-1) as PricedCall).record.id}`);
    });
  },
});

// --- helpers ---

async function listCalls(store: Store, filter: CallFilter, limit: number): Promise<PricedCall[]> {
  const calls: PricedCall[] = [];
  while (calls.length < limit) {
    const before = calls.at(-1)?.record.id ?? filter.before;
    const size = Math.min(pageSize, limit - calls.length);
    const page = await store.ledger.list({ ...filter, ...(before === undefined ? {} : { before }), limit: size });
    calls.push(...page);
    if (page.length < size) break;
  }
  return calls;
}
