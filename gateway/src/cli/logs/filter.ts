/**
 * The options that choose calls, shared by `logs list`, `logs tail` and `stats`.
 * @module
 */
import { parseInteger } from "../../settings/values.ts";
import type { CallFilter } from "../../storage/types.ts";
import { usageFailure } from "../failure.ts";
import { parseMoment } from "../moments.ts";
import type { Names } from "../names.ts";

/** Definition of a text option. */
type TextArg = { type: "string"; valueHint: string; description: string };

/** Options on calls. */
export type FilterArgs = Record<"model" | "client" | "key" | "status" | "outcome", TextArg>;

/** How calls end. */
const outcomes = ["ok", "error", "refused", "incomplete", "cancelled", "interrupted"];

/** The options, for a command's definition. */
export const filterArgs: FilterArgs = {
  model: { type: "string", valueHint: "name", description: "Only calls for this model" },
  client: { type: "string", valueHint: "id|name", description: "Only calls of this client" },
  key: { type: "string", valueHint: "id|name", description: "Only calls that tried this Gemini key" },
  status: { type: "string", valueHint: "code", description: "Only calls answered with this HTTP status" },
  outcome: { type: "string", valueHint: "word", description: `Only calls that ended so: ${outcomes.join(", ")}` },
};

/**
 * Reads the options.
 * @param args as given
 * @param names to find ids
 * @param now epoch milliseconds
 * @throws CliFailure (exit code 2) when one of them cannot be read
 */
export function toFilter(
  args: Partial<
    Record<"since" | "until" | "model" | "client" | "key" | "status" | "outcome" | "before", string | undefined>
  >,
  names: Names,
  now: number,
): CallFilter {
  const filter: CallFilter = {};
  if (args.since !== undefined) filter.sinceMs = parseMoment(args.since, "--since", now);
  if (args.until !== undefined) filter.untilMs = parseMoment(args.until, "--until", now);
  if (args.model !== undefined) filter.model = args.model.replace(/^models\//, "");
  if (args.client !== undefined) filter.clientId = names.clientId(args.client);
  if (args.key !== undefined) filter.credentialId = names.credentialId(args.key);
  if (args.status !== undefined) {
    const status = parseInteger(args.status);
    if (status === null || status < 100 || status > 599)
      throw usageFailure(`--status: '${args.status}' is not an HTTP status.`, "Write a number such as 429.");
    filter.status = status;
  }
  if (args.outcome !== undefined) {
    if (!outcomes.includes(args.outcome)) throw usageFailure(`--outcome: expected one of ${outcomes.join(", ")}.`);
    filter.outcome = args.outcome;
  }
  if (args.before !== undefined) filter.before = args.before;
  return filter;
}
