/**
 * Who is in the pool: credentials by id and by slot, their projects, and the columns that orders are made from.
 * @module
 */
import type { Credential } from "../core/credential.ts";
import { createHealth } from "./health.ts";
import { createProject, hasProjectByHand, ownProjectId } from "./member.ts";
import type { Member, Project } from "./member.ts";

/** Numbers by slot that all lanes share. Replaced by longer ones when the pool grows. */
export interface Columns {
  /** Faults of its own since the process started. */
  faults: Float64Array;
  /** Smaller is newer. */
  age: Float64Array;
  /** Number of the pick that a credential was last excluded from because its call had tried it. */
  excluded: Float64Array;
}

/** What `replace` did, for those who must react. */
export interface RosterChange {
  left: readonly Member[];
  /** Switched on by hand. */
  freed: readonly Member[];
  /** Should be in another project now; `assign` them. */
  rehomed: readonly Member[];
}

/** The pool's members. */
export interface Roster {
  readonly bySlot: readonly (Member | undefined)[];
  readonly byId: ReadonlyMap<string, Member>;
  readonly projects: ReadonlyMap<string, Project>;
  readonly columns: Columns;
  /** Rises when members join, leave or change their tier: lanes built before are out of date. */
  structure(): number;
  /** Sets the list. Of several with the same id the first counts. */
  replace(credentials: readonly Credential[]): RosterChange;
  /** The project of that id, made when it is not there. */
  project(id: string): Project;
  /** Moves a member. The project that it leaves is kept, even empty, until `forget`. */
  assign(member: Member, project: Project): void;
  /** Lets go of a project without members. */
  forget(project: Project): void;
  /** One call of a credential begins. */
  lend(member: Member): void;
  /** One call of a credential ended, also of one that has left meanwhile. */
  release(credentialId: string): void;
  /** Calls in flight of all members. */
  inFlight(): number;
  /** Members that are Code Assist accounts: few. */
  accounts(): readonly Member[];
}

/** Never used: before everything that was used, in the order of the list. */
const neverUsed = -1e12;

/**
 * An empty roster.
 * @param random [0, 1): where in the first list the first turn starts
 */
export function createRoster(random: () => number): Roster {
  const bySlot: (Member | undefined)[] = [];
  const byId = new Map<string, Member>();
  const projects = new Map<string, Project>();
  const free: number[] = [];
  /** Left with calls in flight: if they come back before those end, the count is still true. */
  const departed = new Map<string, Member>();
  const columns: Columns = { faults: new Float64Array(16), age: new Float64Array(16), excluded: new Float64Array(16) };
  let structure = 0;
  let joined = 0;
  let inFlight = 0;
  let accounts: readonly Member[] = [];

  function project(id: string): Project {
    let found = projects.get(id);
    if (found === undefined) projects.set(id, (found = createProject(id)));
    return found;
  }

  function assign(member: Member, to: Project): void {
    member.project.members.delete(member);
    member.project.inFlight -= member.inFlight;
    member.project = to;
    to.members.add(member);
    to.inFlight += member.inFlight;
  }

  function join(credential: Credential, turn: number): void {
    const slot = free.pop() ?? bySlot.length;
    const home = project(projectIdOf(credential, null));
    const back = departed.get(credential.id);
    const member: Member = {
      slot,
      since: structure,
      credential,
      project: home,
      learned: null,
      health: createHealth("credential", credential.id),
      bursts: null,
      inFlight: back?.inFlight ?? 0,
      uses: 0,
      lastUse: neverUsed + turn,
      heardAs: null,
    };
    departed.delete(credential.id);
    if (slot >= columns.faults.length) growColumns(columns);
    columns.faults[slot] = 0;
    columns.age[slot] = -++joined;
    columns.excluded[slot] = 0;
    bySlot[slot] = member;
    byId.set(credential.id, member);
    home.members.add(member);
    home.inFlight += member.inFlight;
    inFlight += member.inFlight;
  }

  function leave(member: Member): void {
    bySlot[member.slot] = undefined;
    byId.delete(member.credential.id);
    free.push(member.slot);
    member.project.members.delete(member);
    member.project.inFlight -= member.inFlight;
    inFlight -= member.inFlight;
    if (member.inFlight > 0) departed.set(member.credential.id, member);
  }

  function replace(credentials: readonly Credential[]): RosterChange {
    const wanted = new Map<string, Credential>();
    for (const credential of credentials) if (!wanted.has(credential.id)) wanted.set(credential.id, credential);
    const left = [...byId.values()].filter((member) => !wanted.has(member.credential.id));
    const freed: Member[] = [];
    const rehomed: Member[] = [];
    const joining: Credential[] = [];
    let moved = left.length > 0;
    for (const credential of wanted.values()) {
      const member = byId.get(credential.id);
      if (member === undefined) {
        joining.push(credential);
        continue;
      }
      if (credential.enabled && !member.credential.enabled) freed.push(member);
      if (credential.tier !== member.credential.tier) moved = true;
      member.credential = credential;
      if (projectIdOf(credential, member.learned) !== member.project.id) rehomed.push(member);
    }
    if (moved || joining.length > 0) structure++;
    left.forEach(leave);
    // The first list may start anywhere in its turn; later ones join at the end of those never used.
    const count = joining.length;
    const start = byId.size === 0 && joined === 0 ? Math.floor(random() * count) : 0;
    const base = joined;
    joining.forEach((credential, index) => join(credential, base + ((index - start + count) % count)));
    accounts = [...byId.values()].filter(isAccount);
    return { left, freed, rehomed };
  }

  return {
    bySlot,
    byId,
    projects,
    columns,
    structure: () => structure,
    replace,
    project,
    assign,
    forget(gone) {
      if (gone.members.size === 0) projects.delete(gone.id);
    },
    lend(member) {
      member.uses++;
      member.inFlight++;
      member.project.inFlight++;
      inFlight++;
    },
    release(credentialId) {
      const present = byId.get(credentialId);
      const member = present ?? departed.get(credentialId);
      if (member === undefined || member.inFlight === 0) return;
      member.inFlight--;
      if (present !== undefined) {
        present.project.inFlight--;
        inFlight--;
      } else if (member.inFlight === 0) departed.delete(credentialId);
    },
    inFlight: () => inFlight,
    accounts: () => accounts,
  };
}

/**
 * Which project a credential is counted to: the operator's word, then Google's, then its own.
 * @param learned what errors named, or null
 */
export function projectIdOf(credential: Credential, learned: string | null): string {
  if (hasProjectByHand(credential)) return credential.projectId as string;
  return learned ?? (credential.projectId || ownProjectId(credential.id));
}

/** Whether a member is a Code Assist account, which serves generations only. */
export function isAccount(member: Member): boolean {
  return member.credential.kind === "code-assist";
}

// --- helpers ---

function growColumns(columns: Columns): void {
  const longer = (short: Float64Array): Float64Array => {
    const long = new Float64Array(short.length * 2);
    long.set(short);
    return long;
  };
  columns.faults = longer(columns.faults);
  columns.age = longer(columns.age);
  columns.excluded = longer(columns.excluded);
}
