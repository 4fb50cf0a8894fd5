/**
 * Finds keys of one Google project among keys that are taken for projects of their own, by what Google refuses (quota
 * belongs to the project: fact sheet upstream 4.4).
 *
 * The sign of a shared project: A is refused below its limit; then B, tried next, is refused below its limit too, was not
 * served in between, and what was used of both (or of all that were refused so) makes up the limit. Keys of different
 * projects show this only by chance, when others use both. So:
 * - a coincidence of a day counts 2 points, 3 where the limit is large (sums meet it less easily); one of a minute 1
 *   (minutes slide, and what others do there is soon over);
 * - where more are refused so than the limit explains, nobody gets points: they all were used elsewhere;
 * - a day counts only for projects that were known since it began: what a key was used for before it came here is unknown;
 * - B served on the day on which A was refused, or both used more than the limit together, costs 6; B served in the same
 *   moment in which A's minute was full costs 3, some seconds later 1;
 * - 6 points from at least 2 occasions make one project of two; more where many projects are refused so, because among more
 *   pairs there are more chances.
 * A conclusion that is missed costs some refusals; a wrong one halves what two projects can do.
 * @module
 */
import { nextPacificMidnight, pacificDay } from "../../core/pacific-day.ts";
import { createEpisodes, type Episode, type Member, type Refused } from "./episodes.ts";
import { createPairs, type Pair } from "./pairs.ts";
import { createRecent } from "./recent.ts";
import { createSplits } from "./splits.ts";
import type { InferenceEvent, InferenceFinding, ProjectInference } from "./types.ts";

/** Makes an empty one. */
export function createProjectInference(
  options: {
    /** Pairs with evidence. @default 10,000 */
    mostPairs?: number;
    /** Newest services remembered, by project and model. @default 20,000 */
    mostServed?: number;
    /** Since when counts are complete, epoch milliseconds; earlier than the first event when uses were restored. */
    countedSince?: number;
  } = {},
): ProjectInference {
  const { mostPairs = 10_000, mostServed = 20_000, countedSince = Infinity } = options;
  const episodes = createEpisodes({ most: 200 });
  const pairs = createPairs({ most: mostPairs });
  const splits = createSplits({ most: 1_000 });
  /** By project and model, kept while an episode is open or a pair is known. */
  const served = createRecent<Served>(mostServed);
  /** By project, model, metric and window: what was counted since then holds a guess (see `QuotaBucket.refused`). */
  const guessed = createRecent<number>(mostServed);
  /** When each project was first heard of, at most `mostServed` of them: later ones take part in minutes only. */
  const firstSeen = new Map<string, number>();
  /** Projects refused below their limits. */
  const refusedProjects = createRecent<number>(mostServed);

  function observeServed(event: Extract<InferenceEvent, { kind: "served" }>): readonly InferenceFinding[] {
    if (!splits.isEmpty()) {
      const split = splits.served(event);
      if (split !== null) return [split];
    }
    see(event);
    if (episodes.isEmpty() && pairs.size() === 0) {
      if (served.size() > 0) served.clear();
      return nothing;
    }
    const { projectId, model, usedHere, now } = event;
    served.set(`${projectId}\n${model}`, { at: now, used: usedHere, until: nextPacificMidnight(now) }, now);
    const open = episodes.of(model, now);
    for (const { window, members } of open) {
      const own = members.get(projectId);
      if (window === "day" && own !== undefined && now > own.at + marginMs) members.delete(projectId);
    }
    for (const pair of pairs.of(projectId)) doubt(pair, { event, open });
    return nothing;
  }

  function doubt(
    pair: Pair,
    { event, open }: { event: Extract<InferenceEvent, { kind: "served" }>; open: readonly Episode[] },
  ): void {
    const { projectId, model, usedHere, now } = event;
    const other = pair.left === projectId ? pair.right : pair.left;
    for (const { window, metric, members } of open) {
      const member = members.get(other);
      if (member === undefined || now <= member.at) continue;
      if (window === "day" && now > member.at + marginMs) pairs.contradict(pair, dayContradiction, now);
      // A full minute has room again soon: the more a minute holds, the sooner.
      if (window === "minute" && metric === "requests")
        pairs.contradict(
          pair,
          now <= member.at + momentMs / member.limit ? minuteContradiction : lateContradiction,
          now,
        );
    }
    const limit = pair.dayLimits.get(model);
    const theirs = served.get(`${other}\n${model}`);
    if (limit === undefined || theirs === undefined || now >= theirs.until) return;
    if (isGuess(projectId, model, now) || isGuess(other, model, now)) return;
    if (usedHere + theirs.used > limit + 2 * toleranceOf(limit, "requests"))
      pairs.contradict(pair, dayContradiction, now);
  }

  function observeRefused(event: Refused): readonly InferenceFinding[] {
    splits.refused(event);
    see(event);
    const { projectId, model, metric, window, limit, usedHere, now } = event;
    if (!(usedHere >= 1) || !(usedHere + 1 <= limit) || limit < leastLimit || limit === Infinity) return nothing;
    if (splits.isBurned(event.credentialId, now)) return nothing;
    const key = `${projectId}\n${model}\n${metric}\n${window}`;
    const wasGuess = now < (guessed.get(key) ?? 0);
    guessed.set(key, window === "day" ? nextPacificMidnight(now) : now + guessMs, now);
    if (wasGuess || (window === "day" && !isKnownAllDay(projectId, now))) return nothing;
    const episode = episodes.open(event);
    refusedProjects.dropBefore(now - 2 * dayMs);
    refusedProjects.set(projectId, now, now);
    const member: Member = { projectId, at: now, used: usedHere, limit, compatible: new Set() };
    for (const other of episode.members.values())
      if (mayBeOne(member, other, model)) member.compatible.add(other.projectId);
    episodes.add(episode, member);
    const group = groupOf(episode, member);
    const sum = group.reduce((total, { used }) => total + used, 0);
    const tolerance = toleranceOf(limit, metric);
    if (group.length < 2 || sum < limit - tolerance) return nothing;
    // A calendar minute may hold less than the last sixty seconds did; a day is a day.
    if (sum > (window === "day" ? limit + tolerance : limit * 1.5)) {
      retract(episode, new Set(group.map((one) => one.projectId)));
      return nothing;
    }
    return conclude(group, episode, now);
  }

  function see({ projectId, now }: InferenceEvent): void {
    if (!firstSeen.has(projectId) && firstSeen.size < mostServed) firstSeen.set(projectId, now);
  }

  /** The first hour may pass without a use. */
  function isKnownAllDay(projectId: string, now: number): boolean {
    const since = Math.min(firstSeen.get(projectId) ?? Infinity, countedSince);
    return since <= pacificDay(now).start + 3_600_000;
  }

  /** Whether the day's requests hold a guess. */
  function isGuess(projectId: string, model: string, now: number): boolean {
    return now < (guessed.get(`${projectId}\n${model}\nrequests\nday`) ?? 0);
  }

  /** Not served since the other was refused, the same limit, not refuted before. */
  function mayBeOne({ projectId, limit }: Member, other: Member, model: string): boolean {
    if (other.limit !== limit) return false;
    const last = served.get(`${projectId}\n${model}`)?.at ?? served.lostUntil();
    return last <= other.at;
  }

  /** What two of these were given here might as well have been given to others of them. */
  function retract({ awards }: Episode, ambiguous: ReadonlySet<string>): void {
    for (const [pair, points] of awards) {
      if (!ambiguous.has(pair.left) || !ambiguous.has(pair.right)) continue;
      pairs.retract(pair, points);
      awards.delete(pair);
    }
  }

  function conclude(group: readonly Member[], episode: Episode, now: number): readonly InferenceFinding[] {
    const { model, metric, window } = episode;
    const { limit } = group[0] as Member;
    const sum = group.map(({ used }) => used).join(" + ");
    const words = `refused together at ${sum} of ${limit} ${metric} a ${window}, ${model.slice(0, 100)}`;
    const proven: Pair[] = [];
    const needed = neededPoints();
    group.forEach((one, index) => {
      for (const other of group.slice(index + 1)) {
        const pair = pairs.touch(one.projectId, other.projectId, now);
        if (window === "day" && metric === "requests") {
          pair.dayLimits.set(model, limit);
          if (pair.dayLimits.size > 8) pair.dayLimits.delete(pair.dayLimits.keys().next().value as string);
        }
        const points = window === "minute" ? minuteHit : limit >= largeLimit ? largeDayHit : dayHit;
        if (pairs.hit(pair, { points, words, now })) episode.awards.set(pair, points);
        if (pair.hits >= neededHits && pair.points >= needed) proven.push(pair);
      }
    });
    return proven.length === 0 ? nothing : join(proven, now);
  }

  function join(proven: readonly Pair[], now: number): readonly InferenceFinding[] {
    const homes = new Map<string, string>();
    const homeOf = (id: string): string => {
      const next = homes.get(id);
      return next === undefined ? id : homeOf(next);
    };
    const findings: InferenceFinding[] = [];
    for (const { left, right, hits, firstAt, words } of proven) {
      const [into = left, from = right] = [homeOf(left), homeOf(right)].sort();
      if (into === from) continue;
      homes.set(from, into);
      const minutes = Math.round((now - firstAt) / 60_000);
      const evidence = `${hits} times in ${minutes} minutes ${words}`.slice(0, 500);
      findings.push({ kind: "merge", merge: [into, from], evidence });
      pairs.join(into, from);
      episodes.join(into, from);
      splits.watch(into);
    }
    return findings;
  }

  /** Points that make a pair one: two more for each half power of ten beyond ten projects. */
  function neededPoints(): number {
    const many = Math.max(refusedProjects.size() / 10, 1);
    return leastPoints + 2 * Math.ceil(2 * Math.log10(many));
  }

  return {
    observe: (event) => (event.kind === "served" ? observeServed(event) : observeRefused(event)),
    restore: (joinedProjectIds) => joinedProjectIds.forEach((id) => splits.watch(id)),
    isIdle: () => splits.isEmpty() && episodes.isEmpty() && pairs.size() === 0 && served.size() === 0,
    size: () =>
      episodes.size() +
      pairs.size() +
      splits.size() +
      served.size() +
      guessed.size() +
      refusedProjects.size() +
      firstSeen.size,
  };
}

// --- helpers ---

interface Served {
  at: number;
  /** Requests of that day. */
  used: number;
  /** The day's end. */
  until: number;
}

const dayMs = 86_400_000;
const nothing: readonly InferenceFinding[] = [];
const dayHit = 2;
const largeDayHit = 3;
/** By chance a sum meets a limit of 100 within a hundredth no oftener than once in thirty times. */
const largeLimit = 100;
const minuteHit = 1;
const dayContradiction = 6;
const minuteContradiction = 3;
const lateContradiction = 1;
const leastPoints = 6;
const neededHits = 2;
/** Smaller limits coincide too easily. */
const leastLimit = 4;
/** Answers and refusals cross on their way. */
const marginMs = 2_000;
/** For how long a refusal's guess stays in the minute's count. */
const guessMs = 65_000;
/** A tenth of the time in which a full minute lets one more through, times its limit. */
const momentMs = 6_000;

/** Those that were refused with it: newest first, each compatible with all before it. */
function groupOf({ members }: Episode, member: Member): Member[] {
  const group = [member];
  for (const other of [...members.values()].reverse())
    if (other !== member && group.every((one) => one.compatible.has(other.projectId))) group.push(other);
  return group;
}

/** Some calls are in flight, and more where limits are large; tokens are estimates then. */
function toleranceOf(limit: number, metric: "requests" | "tokens"): number {
  return metric === "tokens" ? limit / 20 : Math.max(1, limit / 100);
}
