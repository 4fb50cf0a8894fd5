/**
 * One call's way to another project when the one that has its files cannot serve it: which copies there are, which must be
 * made, and what stands in the body then (decision 0014). Made for calls that need it; the others carry nothing of it.
 * @module
 */
import type { Lease } from "../../core/credential.ts";
import type { Backend } from "../../core/records.ts";
import type { ResourceBinding, ResourceClient, ResourceName } from "../../core/resources.ts";
import type { CallEnvironment } from "../environment.ts";
import type { CollectedBody } from "../host.ts";
import { replaceFiles } from "./replace-files.ts";
import type { FilePlace, KeptFile, UploadedAgain } from "./types.ts";

/** What an attempt at another project carries. */
export interface Relocated {
  body: CollectedBody;
  /** Files served by a copy, and how many of those were uploaded for this call. */
  copies: number;
  uploaded: number;
}

/** What could not be uploaded. */
export type UploadFailure = Extract<UploadedAgain, { ok: false }>;

/** Files that one call may name: each is an upload. */
const mostFiles = 20;
/** Projects with copies of everything that are asked for before files are uploaded. */
const mostPlaces = 4;
/** Projects that files are uploaded to for one call. */
const mostUploads = 2;
const anywhere: readonly ResourceName[] = [];

/** One call's. */
export class Relocation {
  /** What the plan under way is made with: the names of copies in one project; empty: any project will do. */
  names: readonly ResourceName[] = anywhere;
  /** A plan for another project is under way. */
  planning = false;
  readonly #env: CallEnvironment;
  readonly #client: ResourceClient;
  readonly #asked: readonly ResourceName[];
  #files: readonly KeptFile[] = [];
  #steps: (readonly ResourceName[])[] = [];
  #otherwise: (() => void) | null = null;
  #uploads = 0;
  /** Of the project that was planned, until it is handed over. */
  #lease: Lease | null = null;
  #cancels: (() => void)[] = [];
  #uploadedNow = 0;
  /** The copies that the last attempt was sent with. */
  #used: readonly FilePlace[] = [];

  private constructor(environment: CallEnvironment, client: ResourceClient, asked: readonly ResourceName[]) {
    this.#env = environment;
    this.#client = client;
    this.#asked = asked;
  }

  /**
   * @param facts `names`: all that the call names
   * @returns null when it is no generation, or names anything but kept files of the client's
   */
  static of(
    environment: CallEnvironment,
    facts: { operation: string; client: ResourceClient; names: readonly ResourceName[] },
  ): Relocation | null {
    const { operation, client, names } = facts;
    if (environment.keptFiles === null || !operations.has(operation)) return null;
    if (names.length === 0 || names.length > mostFiles) return null;
    const relocation = new Relocation(environment, client, names);
    return relocation.#look() ? relocation : null;
  }

  /**
   * Begins to look for another project.
   * @param otherwise answers the call when there is none
   * @returns false when there is nothing (more) to be tried
   */
  begin(otherwise: () => void): boolean {
    if (!this.#look()) return false;
    this.#otherwise = otherwise;
    this.#steps = this.#placesOfAll();
    for (let left = mostUploads - this.#uploads; left > 0; left -= 1) this.#steps.push(anywhere);
    return this.next();
  }

  /** Goes on to the next possibility. @returns false when there is none */
  next(): boolean {
    const names = this.#steps.shift();
    this.planning = names !== undefined;
    this.names = names ?? anywhere;
    return names !== undefined;
  }

  /**
   * A plan was made: which files does its project lack?
   * @param unknown of the plan: copies that the index has lost, so that nobody knows whether they are there
   */
  missing(lease: Lease, unknown: readonly ResourceName[]): readonly KeptFile[] {
    this.planning = false;
    this.#lease = lease;
    if (unknown.length > 0) this.names = anywhere;
    return this.#files.filter((file) => this.#placeIn(file, lease) === null);
  }

  /** The lease is used, or given back, from now on by the caller. */
  handOver(): void {
    this.#lease = null;
  }

  /** No project can serve the call. */
  giveUp(): void {
    const otherwise = this.#otherwise;
    this.#otherwise = null;
    otherwise?.();
  }

  /**
   * Uploads what is missing.
   * @param done called once, later: which copies were made, and the first failure (null: none)
   */
  upload(
    missing: readonly KeptFile[],
    lease: Lease,
    done: (made: readonly ResourceBinding[], failure: UploadFailure | null) => void,
  ): void {
    const { keptFiles, proxy } = this.#env;
    const made: ResourceBinding[] = [];
    let left = missing.length;
    this.#uploads += 1;
    const ended = (failure: UploadFailure | null): void => {
      this.#cancelAll();
      this.#look();
      done(made, failure);
    };
    for (const file of missing) {
      const cancel = keptFiles?.again(
        {
          name: file.name,
          lease,
          address: this.#env.addressFor("gemini-api", lease.baseUrl),
          proxy: lease.proxy ?? proxy,
        },
        (outcome) => {
          if (!outcome.ok) return ended(outcome);
          made.push(toBinding(outcome.place, file));
          this.#uploadedNow += 1;
          left -= 1;
          if (left === 0) ended(null);
        },
      );
      if (cancel !== undefined) this.#cancels.push(cancel);
    }
  }

  /** What is sent to the project; null: a file is not there, or the body does not name it where it should. */
  relocated(body: CollectedBody, backend: Backend, lease: Lease): Relocated | null {
    const places = new Map<ResourceName, FilePlace>();
    const used: FilePlace[] = [];
    for (const file of this.#files) {
      const place = this.#placeIn(file, lease);
      if (place === null) return null;
      if (place.name === file.name) continue;
      places.set(file.name, place);
      used.push(place);
    }
    const replaced = replaceFiles({ body, backend, places, bytes: this.#env.bytes });
    if (replaced === null) return null;
    const uploaded = this.#uploadedNow;
    this.#uploadedNow = 0;
    this.#used = used;
    return { body: replaced, copies: used.length, uploaded };
  }

  /** Google does not have the copies any more: they are made anew. @returns false when none were used */
  forgetCopies(): boolean {
    const used = this.#used;
    this.#used = [];
    for (const { name } of used) {
      this.#env.keptFiles?.remove(name);
      this.#env.control.forget(name);
    }
    return used.length > 0;
  }

  /** The call is over. @returns the lease that was not handed over, to be given back */
  leave(): Lease | null {
    this.#cancelAll();
    this.#otherwise = null;
    this.#steps = [];
    const lease = this.#lease;
    this.#lease = null;
    return lease;
  }

  // --- private ---

  /** Looks the files up anew: copies come and go. @returns false when one is not kept, or not the client's */
  #look(): boolean {
    const files: KeptFile[] = [];
    for (const name of this.#asked) {
      const file = this.#env.keptFiles?.get(name) ?? null;
      if (file === null || !this.#isVisible(file)) return false;
      files.push(file);
    }
    this.#files = files;
    return true;
  }

  #isVisible({ clientId }: KeptFile): boolean {
    return clientId === null || clientId === this.#client.id || this.#env.settings.resourceSharing === "all";
  }

  #placeIn(file: KeptFile, lease: Lease): FilePlace | null {
    const { names } = this;
    // The index knows best which project of today has what it was asked for.
    for (const place of file.places) if (names.includes(place.name)) return place;
    for (const place of file.places)
      if (place.credentialId === lease.credentialId || place.projectId === lease.projectId) return place;
    return null;
  }

  /** Names in each project that has all files, the newest copies first; not those that the call names itself. */
  #placesOfAll(): (readonly ResourceName[])[] {
    const byProject = new Map<string, ResourceName[]>();
    for (const file of this.#files)
      for (const { projectId, name } of file.places)
        byProject.set(projectId, [...(byProject.get(projectId) ?? []), name]);
    return [...byProject.values()]
      .filter((names) => names.length === this.#files.length && names.some((name) => !this.#asked.includes(name)))
      .reverse()
      .slice(0, mostPlaces);
  }

  #cancelAll(): void {
    const cancels = this.#cancels;
    this.#cancels = [];
    for (const cancel of cancels) cancel();
  }
}

// --- helpers ---

const operations: ReadonlySet<string> = new Set([
  "generate",
  "stream-generate",
  "count-tokens",
  "chat",
  "messages",
  "responses",
]);

/** The copy is a file of the client's as any other, but never its newest: new files go where the first ones are. */
function toBinding(place: FilePlace, file: KeptFile): ResourceBinding {
  return {
    name: place.name,
    kind: "file",
    credentialId: place.credentialId,
    projectId: place.projectId,
    clientId: file.clientId,
    createdAt: file.createdAt - 1,
    expiresAt: place.expiresAt,
    detail: null,
  };
}
