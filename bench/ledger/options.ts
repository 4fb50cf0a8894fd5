/**
 * The command line of a run over a big ledger.
 * @module
 */
import { parseArgs } from "node:util";

/** What was asked for. */
export interface LedgerOptions {
  calls: number;
  days: number;
  /** Where the made ledger stays for the next run; null: nowhere. */
  keep: string | null;
  /** Times each request is sent, and of these cold ones. */
  repeats: number;
  /** Rounds in which every phase of the data path takes its turn; 0: the data path is left out. */
  rounds: number;
  /** Calls a second on the data path. */
  rate: number;
  /** Measurements of a phase in a round, and the seconds of each. */
  windows: number;
  seconds: number;
  /** Whether the pages are measured. */
  pages: boolean;
  json: boolean;
  help: boolean;
}

/** The text of --help. */
export const LEDGER_HELP: string = `node bench/ledger/run.ts [options]

  --calls N      calls in the ledger (default 5000000)
  --days N       over so many days (default 90)
  --keep DIR     make the ledger in DIR, or take the one there; a run works on a copy of it
  --only PART    pages, or calls (the data path)
  --rounds N     rounds of the data path's phases (default 5)
  --rate N       calls a second on the data path (default 300)
  --seconds S    seconds of one measurement on the data path (default 8)
  --quick        200,000 calls, one round: to see that it works, not to quote
  --json         print JSON instead of Markdown

Exit code 1: the median of a request is above 200 ms, or something failed.
`;

/** Reads the command line. @throws Error naming a wrong option. */
export function parseLedgerOptions(args: string[]): LedgerOptions {
  const { values } = parseArgs({
    args,
    options: {
      calls: { type: "string" },
      days: { type: "string" },
      keep: { type: "string" },
      only: { type: "string" },
      rounds: { type: "string" },
      rate: { type: "string" },
      seconds: { type: "string" },
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const { quick, only } = values;
  if (only !== undefined && only !== "pages" && only !== "calls")
    throw new Error(`--only wants pages or calls, not ${only}`);
  return {
    calls: whole(values.calls, { fallback: quick ? 200_000 : 5_000_000, least: 1_000, name: "--calls" }),
    days: whole(values.days, { fallback: 90, least: 5, name: "--days" }),
    keep: values.keep ?? null,
    repeats: quick ? 5 : 20,
    rounds: only === "pages" ? 0 : whole(values.rounds, { fallback: quick ? 1 : 5, least: 1, name: "--rounds" }),
    rate: whole(values.rate, { fallback: 300, least: 10, name: "--rate" }),
    windows: quick ? 1 : 3,
    seconds: whole(values.seconds, { fallback: quick ? 4 : 8, least: 2, name: "--seconds" }),
    pages: only !== "calls",
    json: values.json,
    help: values.help,
  };
}

// --- helpers ---

function whole(text: string | undefined, options: { fallback: number; least: number; name: string }): number {
  const value = text === undefined ? options.fallback : Number(text);
  if (!Number.isSafeInteger(value) || value < options.least)
    throw new Error(`${options.name} wants a whole number from ${options.least} on, not ${text}`);
  return value;
}
