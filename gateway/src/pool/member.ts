/**
 * A credential and a project inside the pool.
 * @module
 */
import type { Credential, Lease, QuotaReservation } from "../core/credential.ts";
import { createHealth, heldUntil } from "./health.ts";
import type { Health } from "./health.ts";
import type { QuotaBucket } from "./quota/types.ts";

/** A Google project: its keys share quota, so they share health (fact sheet upstream 4.4, "Quota scope"). */
export interface Project {
  readonly id: string;
  /** Named by nobody: a credential's own, or inferred. */
  readonly isUnnamed: boolean;
  readonly health: Health;
  readonly members: Set<Member>;
  /** Quotas by model. Null while nothing is known or counted. Changed by the quota keeper only. */
  quotas: Map<string, QuotaCell> | null;
  /** Calls in flight of all members. */
  inFlight: number;
}

/** The quota of one model of one project, and what the pool notes about it. */
export interface QuotaCell {
  readonly project: Project;
  readonly bucket: QuotaBucket;
  /** A member rests in the model's lane because there was no room: it is to be woken when room comes back early. */
  resting: boolean;
  /** The round of waking that is under way: room comes back in small parts, and a project may have thousands of keys. */
  waking: Iterator<Member> | null;
  /** When a minute has room again, by Google's last word. Epoch milliseconds; 0: none. */
  believedMs: number;
  /** Requests taken: which ones are forgotten when there are too many. */
  takes: number;
  /** Something changed that is to be kept. */
  isDirty: boolean;
  /** Its rows that were handed out to be kept, as `bitsOf`: they have to be taken back when it goes. */
  kept: number;
}

/** A credential with everything that the pool knows of it. */
export interface Member {
  /** Index into the columns of the roster and the lanes. Kept for as long as the credential stays. */
  readonly slot: number;
  /** The roster's structure number when it joined; lanes see by it that the slot has a new owner. */
  readonly since: number;
  credential: Credential;
  project: Project;
  /** Project that Google's errors named, `projects/N`; null: none yet. */
  learned: string | null;
  readonly health: Health;
  /** Model → bursts since the last success. Null while there are none. */
  bursts: Map<string, number> | null;
  inFlight: number;
  uses: number;
  /** Sequence number of its last use for any model: where it starts in the turn order of a model seen first. */
  lastUse: number;
  /** The project under which the inference has heard of it; null: it has not. */
  heardAs: Project | null;
}

/** What Google's error metadata names as `consumer`. */
const learnedProject = /^projects\/\d+$/;
/** A credential's own, and those that were inferred. */
const unnamedProject = /^(own|inferred):/;

/** Whether nobody has named the project: neither an operator nor Google. */
export function isUnnamed(projectId: string): boolean {
  return unnamedProject.test(projectId);
}

/** Whether an operator chose the credential's project. Google's word does not change it then. */
export function hasProjectByHand(credential: Credential): boolean {
  const { projectId } = credential;
  return projectId !== null && projectId !== "" && !learnedProject.test(projectId) && !isUnnamed(projectId);
}

/**
 * Reads a consumer as errors name it.
 * @param consumer `projects/123` or `123`; null: not named
 * @returns `projects/123`, or null when it is nothing of the kind (`api_key:…` is one of the other things it can be)
 */
export function toProjectId(consumer: string | null): string | null {
  if (consumer === null) return null;
  const id = /^\d+$/.test(consumer) ? `projects/${consumer}` : consumer;
  return learnedProject.test(id) ? id : null;
}

/** Id of the project that a credential is for itself while nothing else is known. */
export function ownProjectId(credentialId: string): string {
  return `own:${credentialId}`;
}

/**
 * Id of the project of credentials that were found to share a quota.
 * @param first the own project's id of the credential that it is named after
 */
export function inferredProjectId(first: string): string {
  return `inferred:${first.slice(first.indexOf(":") + 1)}`;
}

/** A new project without members. */
export function createProject(id: string): Project {
  const health = createHealth("project", id);
  return { id, isUnnamed: isUnnamed(id), health, members: new Set(), quotas: null, inFlight: 0 };
}

/**
 * Until when a member may not serve a model.
 * @returns epoch milliseconds; 0: it may serve now; Infinity: disabled or off
 */
export function busyUntil(member: Member, model: string, now: number): number {
  if (!member.credential.enabled) return Infinity;
  const own = heldUntil(member.health, model, now);
  const shared = heldUntil(member.project.health, model, now);
  return own > shared ? own : shared;
}

/**
 * A lease of the member.
 * @param reserved what was taken from the project's quota; null: nothing
 * @param trial the model whose recovery it tries out; null: none
 */
export function toLease(member: Member, reserved: QuotaReservation | null = null, trial: string | null = null): Lease {
  const { credential } = member;
  return {
    credentialId: credential.id,
    credentialName: credential.name,
    projectId: member.project.id,
    secret: credential.secret,
    ...(credential.kind === undefined ? {} : { kind: credential.kind }),
    reserved,
    trial,
    baseUrl: credential.baseUrl ?? null,
    proxy: credential.proxy ?? null,
  };
}
