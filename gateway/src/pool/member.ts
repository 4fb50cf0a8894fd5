/**
 * A credential and a project inside the pool.
 * @module
 */
import type { Credential, Lease } from "../core/credential.ts";
import { createHealth, heldUntil } from "./health.ts";
import type { Health } from "./health.ts";

/** A Google project: its keys share quota, so they share health (fact sheet upstream 4.4, "Quota scope"). */
export interface Project {
  readonly id: string;
  readonly health: Health;
  readonly members: Set<Member>;
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
}

/** What Google's error metadata names as `consumer`. Only such ids are learned; every other one was set by hand. */
const learnedProject = /^projects\/\d+$/;

/** Whether an operator chose the credential's project. Google's word does not change it then. */
export function hasProjectByHand(credential: Credential): boolean {
  return credential.projectId !== null && credential.projectId !== "" && !learnedProject.test(credential.projectId);
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

/** A new project without members. */
export function createProject(id: string): Project {
  return { id, health: createHealth("project", id), members: new Set() };
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

/** A lease of the member. */
export function toLease(member: Member): Lease {
  const { credential } = member;
  return {
    credentialId: credential.id,
    credentialName: credential.name,
    projectId: member.project.id,
    secret: credential.secret,
  };
}
