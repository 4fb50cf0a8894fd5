import { expect, test } from "vitest";
import { nextPacificMidnight } from "../../core/pacific-day.ts";
import { createQuotaBucket } from "../quota/bucket.ts";
import type { QuotaBucket } from "../quota/types.ts";
import { createProjectInference } from "./project-inference.ts";
import type { InferenceEvent } from "./types.ts";

const start = Date.parse("2026-06-15T07:00:00Z");
const day = 86_400_000;

/** A world: which Google project each key truly belongs to, and what goes on. */
interface World {
  /** True project of each key. */
  keys: readonly number[];
  models: number;
  perMinute: number;
  perDay: number;
  /** Our calls a day, of all models together. */
  calls: number;
  /** Calls a day of others for each (project, model); a function of the project for unequal ones. */
  outside: (project: number) => number;
  /** Others use projects 0 and 1, 2 and 3, … by turns, as another gateway with these keys would. */
  tandem?: boolean;
  /** Our calls come so many at once. @default 1 */
  burst?: number;
  /** Google counts minutes by the calendar. */
  calendar?: boolean;
  days: number;
  seed: number;
}

interface Outcome {
  /** Joins of keys that are of one project, and of keys that are not. */
  right: number;
  wrong: number;
  refusals: number;
  served: number;
}

/** Google's free tiers, and one where minutes alone are short (fact sheet upstream 5.1). */
const small = { models: 3, perMinute: 10, perDay: 20 };
const large = { models: 2, perMinute: 15, perDay: 500 };
const minutes = { models: 1, perMinute: 10, perDay: 1_000_000 };
const nobody = (): number => 0;

test.each([2, 3, 5])("%i keys of one project among ten others are found within a day of normal load", (count) => {
  const keys = sharedKeys(count, 10);
  for (let seed = 1; seed <= 3; seed++) {
    const found = { wrong: 0, right: count - 1 };
    expect(simulate({ keys, ...large, calls: 9_000, outside: nobody, days: 1, seed })).toMatchObject(found);
    expect(simulate({ keys, ...small, calls: 700, outside: nobody, days: 1, seed })).toMatchObject(found);
  }
});

test("eight keys of one project, each of which has two calls a day of its limits, are found within three days", () => {
  const world = { keys: sharedKeys(8, 10), ...small, calls: 700, outside: nobody, days: 3 };
  for (let seed = 1; seed <= 3; seed++) expect(simulate({ ...world, seed })).toMatchObject({ wrong: 0, right: 7 });
});

test.each([false, true])("bursts show a shared minute within hours, be it by the calendar (%s) or not", (calendar) => {
  const world = { ...minutes, calls: 8_000, burst: 40, outside: nobody, calendar, days: 0.25 };
  for (const count of [2, 3, 5])
    expect(simulate({ ...world, keys: sharedKeys(count, 5), seed: count })).toMatchObject({
      wrong: 0,
      right: count - 1,
    });
});

test("projects that others use as well are not joined in a week", () => {
  for (let seed = 1; seed <= 4; seed++) {
    const outside = (project: number): number => 4 + (project % 12);
    const few = simulate({ keys: ownKeys(40), ...small, calls: 1_600, outside, days: 7, seed });
    expect(few).toMatchObject({ wrong: 0, right: 0 });
    expect(few.refusals).toBeGreaterThan(400);
    const half = simulate({ keys: ownKeys(5), ...small, calls: 250, outside: () => 10, days: 7, seed });
    expect(half).toMatchObject({ wrong: 0, right: 0 });
  }
  const many = {
    keys: ownKeys(20),
    ...large,
    calls: 10_000,
    outside: (project: number) => 100 + 15 * project,
    days: 7,
  };
  expect(simulate({ ...many, seed: 1 })).toMatchObject({ wrong: 0, right: 0 });
});

test("projects that another gateway uses by turns, as we do, are not joined in a week", () => {
  for (let seed = 1; seed <= 4; seed++) {
    for (const count of [2, 20]) {
      const world = { keys: ownKeys(count), ...small, calls: 35 * count, outside: () => 10, tandem: true, days: 7 };
      expect(simulate({ ...world, seed })).toMatchObject({ wrong: 0, right: 0 });
    }
  }
});

test("projects whose minutes others fill a thousand times a day are not joined", () => {
  for (let seed = 1; seed <= 3; seed++) {
    const world = { ...minutes, calls: 10_000, burst: 40, outside: () => 9_000, days: 1 };
    const outcome = simulate({ ...world, keys: ownKeys(10), seed });
    expect(outcome).toMatchObject({ wrong: 0, right: 0 });
    expect(outcome.refusals).toBeGreaterThan(500);
  }
});

// --- helpers ---

/** Keys of project 0, and others that are one project each. */
function sharedKeys(count: number, others: number): number[] {
  return [...Array.from({ length: count }, () => 0), ...Array.from({ length: others }, (_, index) => index + 1)];
}

function ownKeys(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

interface Key {
  id: string;
  project: number;
  joined: string;
}

function simulate(world: World): Outcome {
  const random = createRandom(world.seed);
  const inference = createProjectInference();
  const google = createGoogle(world);
  const keys = world.keys.map((project, index): Key => ({ id: `k${index}`, project, joined: `k${index}` }));
  const books = new Map<string, { bucket: QuotaBucket; restsUntil: number }>();
  const outcome: Outcome = { right: 0, wrong: 0, refusals: 0, served: 0 };
  const due: { at: number; event: InferenceEvent }[] = [];
  const outsiders = createOutsiders(world, google, random);
  const { burst = 1 } = world;
  let inBurst = 0;
  let turn = 0;
  let now = start;

  while (now < start + world.days * day) {
    now += inBurst > 0 ? 300 : waitOf(world.calls / day / burst, random());
    inBurst = inBurst > 0 ? inBurst - 1 : burst - 1;
    outsiders.until(now);
    due.sort((left, right) => left.at - right.at);
    while ((due[0]?.at ?? Infinity) <= now) observe((due.shift() as { event: InferenceEvent }).event);
    call(Math.floor(random() * world.models));
  }
  return outcome;

  /** A call: tried with the next key that has room until one serves it. */
  function call(model: number): void {
    let at = now;
    for (let index = 0; index < keys.length; index++) {
      const key = keys[turn++ % keys.length] as Key;
      const book = bookOf(key.joined, model);
      if (book.restsUntil > at || book.bucket.roomAt(cost, at) > 0) continue;
      const usedHere = { minute: usedOf(book.bucket, "minute", at), day: usedOf(book.bucket, "day", at) };
      const reservation = book.bucket.take(cost, at);
      const refusals = google.ask(key.project, model, at + 20 + 60 * random());
      if (refusals.length === 0) {
        outcome.served++;
        const used = usedOf(book.bucket, "day", at);
        const event = { ...named(key, model), kind: "served" as const, usedHere: used, now: at };
        due.push({ at: at + 1_000 + 20_000 * random(), event });
        return;
      }
      outcome.refusals++;
      const answered = at + 100 + 100 * random();
      for (const { window, limit, until } of refusals) {
        const told = { metric: "requests" as const, window, value: limit };
        book.bucket.learn({ ...told, source: "google", learnedAt: answered }, answered);
        observe({
          ...named(key, model),
          kind: "refused",
          metric: "requests",
          window,
          limit,
          usedHere: usedHere[window],
          now: at,
        });
        book.bucket.refused(told, answered);
        book.restsUntil = Math.max(book.restsUntil, until);
      }
      book.bucket.settle(reservation, { tokens: 0 }, answered);
      at = answered;
    }
  }

  function observe(event: InferenceEvent): void {
    for (const finding of inference.observe(event)) {
      if (finding.kind === "split") continue;
      const [into, from] = finding.merge;
      const [one, other] = [keys.find((key) => key.joined === into), keys.find((key) => key.joined === from)];
      if (one === undefined || other === undefined) throw new Error(`no such project: ${into}, ${from}`);
      if (one.project === other.project) outcome.right++;
      else outcome.wrong++;
      for (const key of keys) if (key.joined === from) key.joined = into;
      for (let model = 0; model < world.models; model++)
        bookOf(into, model).bucket.absorb(bookOf(from, model).bucket, now);
    }
  }

  function bookOf(project: string, model: number): { bucket: QuotaBucket; restsUntil: number } {
    const name = `${project} ${model}`;
    let book = books.get(name);
    if (book === undefined) {
      const bucket = createQuotaBucket({ projectId: project, model: `m${model}` });
      // Both limits are known from an earlier day.
      for (const [window, value] of [
        ["minute", world.perMinute],
        ["day", world.perDay],
      ] as const)
        bucket.learn({ metric: "requests", window, value, source: "google", learnedAt: start }, start);
      books.set(name, (book = { bucket, restsUntil: 0 }));
    }
    return book;
  }
}

const cost = { requests: 1, tokens: 0 };

function named(key: Key, model: number): { credentialId: string; projectId: string; model: string } {
  return { credentialId: key.id, projectId: key.joined, model: `m${model}` };
}

function usedOf(bucket: QuotaBucket, window: "minute" | "day", now: number): number {
  return bucket.view(now).find((view) => view.window === window)?.used ?? 0;
}

interface Google {
  ask(project: number, model: number, at: number): { window: "minute" | "day"; limit: number; until: number }[];
}

/** Sliding minutes, Pacific days; a refused request is not counted. */
function createGoogle({ perMinute, perDay, calendar }: World): Google {
  const counts = new Map<string, { recent: number[]; used: number; ends: number }>();
  return {
    ask(project, model, at) {
      const name = `${project} ${model}`;
      const count = counts.get(name) ?? { recent: [], used: 0, ends: 0 };
      counts.set(name, count);
      const minute = calendar === true ? at - (at % 60_000) - 1 : at - 60_000;
      count.recent = count.recent.filter((time) => time > minute);
      if (at >= count.ends) Object.assign(count, { used: 0, ends: nextPacificMidnight(at) });
      const refusals: { window: "minute" | "day"; limit: number; until: number }[] = [];
      const [oldest = at] = count.recent;
      if (count.recent.length >= perMinute)
        refusals.push({ window: "minute", limit: perMinute, until: Math.max(oldest + 60_000, at + 1_000) });
      if (count.used >= perDay) refusals.push({ window: "day", limit: perDay, until: count.ends });
      if (refusals.length > 0) return refusals;
      count.recent.push(at);
      count.used++;
      return [];
    },
  };
}

/** Others' calls, in bursts. */
function createOutsiders(world: World, google: Google, random: () => number): { until(now: number): void } {
  const projects = [...new Set(world.keys)];
  const burst = Math.min(Math.max(1, Math.round(world.perDay / 100)), 8);
  const sources = projects.flatMap((project) =>
    Array.from({ length: world.models }, (_, model) => ({
      project,
      model,
      rate: world.outside(project) / day / burst,
      next: 0,
    })),
  );
  for (const source of sources) source.next = start + waitOf(source.rate, random());
  return {
    until(now) {
      for (const source of sources) {
        while (source.next <= now) {
          const project = world.tandem === true && random() < 0.5 ? source.project ^ 1 : source.project;
          for (let index = 0; index < burst; index++) google.ask(project, source.model, source.next + index * 700);
          source.next += waitOf(source.rate, random());
        }
      }
    },
  };
}

function waitOf(rate: number, chance: number): number {
  return rate === 0 ? Infinity : -Math.log(1 - chance) / rate;
}

/** mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed * 0x9e37_79b9;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
