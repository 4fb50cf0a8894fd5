/**
 * `gemini-proxy logs tail`
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import type { CallFilter, PricedCall, Store } from "../../storage/types.ts";
import { defineCliCommand } from "../command.ts";
import type { CliCommand } from "../command.ts";
import { CliFailure } from "../failure.ts";
import { loadNames } from "../names.ts";
import { toTable } from "../output.ts";
import { withWorkspace } from "../workspace.ts";
import { callColumns, callShape, toCallJson } from "./call-views.ts";
import { filterArgs, toFilter } from "./filter.ts";

const pollMs = 500;
/** Calls shown at the start. */
const firstCalls = 10;
/** Calls that began this long ago are still shown when they end. */
const lookBackMs = 15 * 60_000;

/** Shows calls as they end, until it is stopped. */
export const command: CliCommand = defineCliCommand({
  name: "logs tail",
  description: "Show calls as they end, until stopped with Ctrl-C",
  args: { ...filterArgs },
  notes: ["JSON: one call a line.", ...callShape],
  async run({ args, output, configuration, now }) {
    const stop = new AbortController();
    process.once("SIGINT", () => stop.abort());
    process.once("SIGTERM", () => stop.abort());
    await withWorkspace(configuration, { write: false }, async (workspace) => {
      if (!workspace.exists)
        throw new CliFailure("There is nothing to follow: no gateway has run on this data directory.", {
          place: configuration.settings.dataDir,
          next: "Check DATA_DIR, or start the gateway first.",
        });
      const names = await loadNames(workspace, configuration);
      const filter = toFilter(args, names, now);
      const columns = callColumns(names);
      const follow = createFollower(workspace.store, filter);
      let isFirst = true;
      while (!stop.signal.aborted) {
        const calls = await follow(Date.now());
        if (output.isJson) for (const call of calls) output.jsonLine(toCallJson(call));
        else if (calls.length > 0 || isFirst)
          for (const line of toTable(calls, columns).slice(isFirst ? 0 : 1)) output.line(line);
        isFirst = false;
        await delay(pollMs, undefined, { signal: stop.signal }).catch(() => undefined);
      }
    });
  },
});

// --- helpers ---

/**
 * Gives the calls that have been recorded since the last time. Rows are ordered by the start of their calls but appear
 * when they end, so besides newer starts it looks at the last thousand earlier ones for late ends.
 */
function createFollower(store: Store, filter: CallFilter): (now: number) => Promise<PricedCall[]> {
  let newest: string | null = null;
  let seen = new Set<string>();
  return async (now) => {
    if (newest === null) {
      const calls = (await store.ledger.list({ ...filter, limit: firstCalls })).toReversed();
      newest = calls.at(-1)?.record.id ?? "";
      // What ended before the start is not new, also where it is not shown.
      seen = new Set(
        (await store.ledger.list({ ...filter, sinceMs: now - lookBackMs, limit: 1000 })).map(({ record }) => record.id),
      );
      return calls;
    }
    const recent = await store.ledger.list({ ...filter, sinceMs: now - lookBackMs, limit: 1000 });
    const fresh = new Map(recent.filter(({ record }) => !seen.has(record.id)).map((call) => [call.record.id, call]));
    for (let after: string = newest; ;) {
      const page = await store.ledger.list({ ...filter, after, limit: 1000 });
      for (const call of page) if (!seen.has(call.record.id)) fresh.set(call.record.id, call);
      after = page.at(-1)?.record.id ?? after;
      newest = after;
      if (page.length < 1000) break;
    }
    for (const id of fresh.keys()) seen.add(id);
    // Ids sort by time: the oldest of a long run can be forgotten.
    if (seen.size > 20_000) seen = new Set([...seen].sort().slice(-10_000));
    return [...fresh.values()].sort((left, right) => (left.record.id < right.record.id ? -1 : 1));
  };
}
