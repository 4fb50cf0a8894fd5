/**
 * Lines of a chart: the largest keys each on its own, and all others together, exactly.
 * @module
 */
import type { RollupSums, TimeRange } from "../../storage/types-analytics.ts";
import { AdminError } from "../admin-errors.ts";
import type { AdminServices } from "../services.ts";
import { addSums, isEmptySums, subtractSums } from "../views/sums.ts";
import { splitBy, wholeOf } from "./usage-question.ts";
import type { Dimension, Split, UsageFilter } from "./usage-question.ts";

/** A line with one sum a range. */
export interface Line {
  key: string;
  /** All keys that have no line of their own. */
  other: boolean;
  sums: readonly RollupSums[];
}

/**
 * Reads lines.
 * @param question `by` null: one line of everything; `top`: how many keys have lines of their own
 * @throws AdminError `query_invalid` when the roll-ups do not have it
 */
export async function readLines(question: {
  services: AdminServices;
  range: TimeRange;
  ranges: readonly TimeRange[];
  by: Dimension | null;
  top: number;
  filter: UsageFilter;
}): Promise<Line[]> {
  const { services, range, ranges, by, top, filter } = question;
  if (by === null) return [{ key: "", other: false, sums: await readWhole(question) }];
  const split = splitBy(by, filter);
  const keys: { key: string; calls: number }[] = [];
  for (const [full, sums] of await services.analytics.sums(split.question, range)) {
    const key = split.keyOf(full);
    if (key !== null && !isEmptySums(sums)) keys.push({ key, calls: sums.calls });
  }
  keys.sort((a, b) => b.calls - a.calls || (a.key < b.key ? -1 : 1));
  const named = keys.slice(0, top).map(({ key }) => key);
  const byKey = await readKeys(services, { split, ranges, keys: named });
  const lines = named.map((key): Line => ({ key, other: false, sums: byKey.get(key) ?? [] }));
  if (keys.length === named.length) return lines;
  return [...lines, { key: "", other: true, sums: await readRest(question, { split, keys: keys.length, lines }) }];
}

// --- helpers ---

/** Keys that the store takes at once. */
const keysAtOnce = 50;
/** Sums of one key and one point that are added up for one line. */
const mostSums = 1_000_000;

async function readWhole(question: {
  services: AdminServices;
  ranges: readonly TimeRange[];
  filter: UsageFilter;
}): Promise<RollupSums[]> {
  const { services, ranges, filter } = question;
  const whole = wholeOf(filter);
  const found = await services.analytics.series(whole, ranges, [whole.key ?? ""]);
  const lines = [...found.values()];
  return ranges.map((_, index) => addSums(lines.flatMap((line) => line[index] ?? [])));
}

/** @returns by the split's own keys */
async function readKeys(
  services: AdminServices,
  question: { split: Split; ranges: readonly TimeRange[]; keys: readonly string[] },
): Promise<Map<string, RollupSums[]>> {
  const { split, ranges, keys } = question;
  const byKey = new Map<string, RollupSums[]>();
  for (let start = 0; start < keys.length; start += keysAtOnce) {
    const some = keys.slice(start, start + keysAtOnce);
    const found = await services.analytics.series(split.question, ranges, some.map(split.fullKey));
    for (const key of some) byKey.set(key, found.get(split.fullKey(key)) ?? []);
  }
  return byKey;
}

/** All keys without a line of their own: what everything has more than the lines. */
async function readRest(
  question: { services: AdminServices; ranges: readonly TimeRange[]; filter: UsageFilter },
  parts: { split: Split; keys: number; lines: readonly Line[] },
): Promise<RollupSums[]> {
  const { split, keys, lines } = parts;
  const all = split.isExact ? await readWhole(question) : await readTogether(question, split, keys);
  return all.map((sums, index) =>
    subtractSums(
      sums,
      lines.flatMap((line) => line.sums[index] ?? []),
    ),
  );
}

/** All keys added up, where that is more than the whole: the store does it, since each by itself would be a lot to hand over. */
async function readTogether(
  { services, ranges }: { services: AdminServices; ranges: readonly TimeRange[] },
  split: Split,
  keys: number,
): Promise<readonly RollupSums[]> {
  if (keys * ranges.length > mostSums)
    throw new AdminError("query_invalid", {
      message: "There are too many of them to be added up for so many points.",
      field: "query.interval",
      next: "Choose a longer interval, or a shorter range.",
    });
  const found = await services.analytics.series({ ...split.question, together: true }, ranges, [""]);
  return found.get("") ?? [];
}
