/**
 * For tests only: what a pool knows, as lists that are searched from end to end. The property test compares the real
 * pool with it. Bursts and the bounds on hostile input are left out.
 * @module
 */
import type { Credential } from "../core/credential.ts";
import type { Effect } from "../core/verdict.ts";
import { createNaiveRamps } from "./naive-quota.ts";
import type { NaiveQuotas, NaiveRamps } from "./naive-quota.ts";
import type { Cooldown, Disabled } from "./types.ts";

/** One credential. */
export interface NaiveMember {
  credential: Credential;
  project: string;
  learned: string | null;
  joined: number;
  lastUse: number;
  faults: number;
  uses: number;
  /** By model, from the model's first pick after it joined. */
  turns: Map<string, { lastUse: number; uses: number }>;
}

/** One running or ended cooldown. */
export interface NaiveRest {
  scope: string;
  subject: string;
  model: string;
  untilMs: number;
  cause: string;
}

/** One disable. */
export interface NaiveDisable {
  scope: string;
  subject: string;
  reason: string;
  probeAtMs: number | null;
}

/** The model. Times are epoch milliseconds; models are "" for calls that concern none. */
export interface NaivePool {
  members(): NaiveMember[];
  rests(): NaiveRest[];
  disables(): NaiveDisable[];
  find(id: string): NaiveMember | undefined;
  subjectOf(member: NaiveMember, scope: string): string;
  /** Cooldowns that keep the member from the model. */
  holding(member: NaiveMember, model: string, now: number): NaiveRest[];
  disableOf(member: NaiveMember): NaiveDisable | undefined;
  able(model: string, now: number): NaiveMember[];
  /** Who comes back from a fault. */
  readonly ramps: NaiveRamps;
  /** Whose recoveries a member's calls concern. */
  rampSubjects(member: NaiveMember): string[];
  replace(list: readonly Credential[], now: number): void;
  /** @returns whether the project was learned */
  apply(
    id: string,
    verdict: { model: string; effects: readonly Effect[]; consumer: string | null },
    now: number,
  ): boolean;
  reset(id: string): void;
  /** The same list and health in a new process: counts and turns are lost, what was learned is in the list. */
  restart(now: number): readonly Credential[];
}

/** An empty one. */
export function createNaivePool(quotas: NaiveQuotas): NaivePool {
  const ramps = createNaiveRamps();
  let joined = 0;
  let members: NaiveMember[] = [];
  let rests: NaiveRest[] = [];
  let disables: NaiveDisable[] = [];
  /** What is known goes to another project: no new fault. */
  let moving = false;

  const find = (id: string): NaiveMember | undefined => members.find((one) => one.credential.id === id);
  const isMember = (project: string): boolean => members.some((one) => one.project === project);

  function drop(kind: "credential" | "project", subject: string): void {
    rests = rests.filter((row) => !(row.scope.startsWith(kind) && row.subject === subject));
    disables = disables.filter((row) => !(row.scope === kind && row.subject === subject));
  }

  function rest(wanted: NaiveRest, now: number): void {
    const same = rests.find(
      (row) => row.scope === wanted.scope && row.subject === wanted.subject && row.model === wanted.model,
    );
    if (wanted.untilMs <= now || (same !== undefined && same.untilMs >= wanted.untilMs)) return;
    ramp(wanted);
    rests = [...rests.filter((row) => row !== same), wanted];
  }

  function ramp(row: NaiveRest | NaiveDisable): void {
    if (moving || row.scope === "model" || ("cause" in row && /^(minute|day)-quota$/.test(row.cause))) return;
    const subject = `${row.scope.startsWith("project") ? "p" : "c"}:${row.subject}`;
    ramps.start(subject, "model" in row && row.scope.endsWith("-model") ? row.model : null);
  }

  function disable(wanted: NaiveDisable, now: number): void {
    const same = disables.find((row) => row.scope === wanted.scope && row.subject === wanted.subject);
    const early = same?.probeAtMs === null || (same !== undefined && same.probeAtMs > now);
    if (same?.reason === wanted.reason && wanted.probeAtMs !== null && early) return;
    ramp(wanted);
    disables = [...disables.filter((row) => row !== same), wanted];
  }

  /** The last one to leave a project takes what is known of it along. */
  function move(member: NaiveMember, to: string, now: number): void {
    const from = member.project;
    member.project = to;
    if (isMember(from)) return;
    quotas.move(from, to, now);
    ramps.move(`p:${from}`, `p:${to}`);
    moving = true;
    const mine = rests.filter((row) => row.scope.startsWith("project") && row.subject === from);
    const own = disables.find((row) => row.scope === "project" && row.subject === from);
    drop("project", from);
    for (const row of mine) rest({ ...row, subject: to }, 0);
    const taken = disables.some((row) => row.scope === "project" && row.subject === to);
    if (own !== undefined && !taken) disable({ ...own, subject: to }, now);
    moving = false;
  }

  function holding(member: NaiveMember, model: string, now: number): NaiveRest[] {
    return rests.filter((row) => {
      if (row.untilMs <= now || row.scope === "model" || row.subject !== subjectOf(member, row.scope)) return false;
      return !row.scope.endsWith("-model") || row.model === model;
    });
  }

  function disableOf(member: NaiveMember): NaiveDisable | undefined {
    const of = (scope: string): NaiveDisable | undefined =>
      disables.find((row) => row.scope === scope && row.subject === subjectOf(member, scope));
    return of("credential") ?? of("project");
  }

  function replace(list: readonly Credential[], now: number): void {
    const left = members.filter((one) => !list.some((other) => other.id === one.credential.id));
    members = members.filter((one) => !left.includes(one));
    for (const one of members) one.credential = list.find((other) => other.id === one.credential.id) as Credential;
    for (const credential of list) {
      if (find(credential.id) !== undefined) continue;
      const counts = { joined: ++joined, lastUse: joined - 1e12, faults: 0, uses: 0, turns: new Map() };
      members.push({ credential, project: homeOf(credential, null), learned: null, ...counts });
    }
    for (const one of left) {
      drop("credential", one.credential.id);
      ramps.drop(`c:${one.credential.id}`);
      if (isMember(one.project)) continue;
      drop("project", one.project);
      ramps.drop(`p:${one.project}`);
      quotas.drop(one.project);
    }
    for (const one of list.map((credential) => find(credential.id) as NaiveMember)) {
      const home = homeOf(one.credential, one.learned);
      if (home !== one.project) move(one, home, now);
    }
  }

  return {
    members: () => members,
    rests: () => rests,
    disables: () => disables,
    find,
    subjectOf,
    holding,
    disableOf,
    able: (model, now) =>
      members.filter(
        (one) => one.credential.enabled && disableOf(one) === undefined && holding(one, model, now).length === 0,
      ),
    ramps,
    rampSubjects: (member) => [`c:${member.credential.id}`, `p:${member.project}`],
    replace,
    apply(id, { model, effects, consumer }, now) {
      const member = find(id);
      const learns =
        member !== undefined && consumer !== null && !isByHand(member.credential) && member.project !== consumer;
      if (learns) {
        member.learned = consumer;
        move(member, consumer, now);
      }
      if (member !== undefined && effects.some((effect) => effect.scope !== "model")) member.faults++;
      for (const effect of effects) {
        const { scope } = effect;
        if (member === undefined && scope !== "model") continue;
        const subject = member === undefined ? "" : subjectOf(member, scope);
        if (effect.kind === "disable")
          disable({ ...effect, subject, probeAtMs: effect.probeAtMs ?? now + 86_400_000 }, now);
        else rest({ ...effect, subject, model: scope.endsWith("model") ? model : "" }, now);
      }
      return learns;
    },
    reset(id) {
      const member = find(id);
      if (member === undefined) return;
      drop("credential", id);
      drop("project", member.project);
    },
    restart(now) {
      const list = members.map(({ credential, learned }): Credential => {
        return isByHand(credential) || learned === null ? credential : { ...credential, projectId: learned };
      });
      const health = { rests, disables };
      members = [];
      joined = 0;
      replace(list, now);
      ({ rests, disables } = health);
      ramps.clear();
      for (const row of rests) if (row.untilMs > now) ramp(row);
      for (const row of disables) ramp(row);
      quotas.restart(now);
      return list;
    },
  };
}

/** What must be the same of a row that is kept: cooldowns and disables, of the pool and of the model. */
export function rowSignature(row: object): string {
  const { scope, subject, model: name, untilMs, reason, probeAtMs } = row as Partial<Cooldown & Disabled>;
  return [scope, subject, name, untilMs, reason, probeAtMs].join(" ");
}

// --- helpers ---

function subjectOf(member: NaiveMember, scope: string): string {
  if (scope === "model") return "";
  return scope.startsWith("project") ? member.project : member.credential.id;
}

function isByHand(credential: Credential): boolean {
  return credential.projectId !== null && !credential.projectId.startsWith("projects/");
}

function homeOf(credential: Credential, learned: string | null): string {
  return (isByHand(credential) ? null : learned) ?? credential.projectId ?? `own:${credential.id}`;
}
