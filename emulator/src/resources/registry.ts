/** @module Resources that belong to a project: one bounded store a kind, expiry by the emulator's clock, opaque page tokens (fact sheet upstream 1.11). */

import { hash } from "node:crypto";

/** One resource. */
export interface Resource<Value> {
  /** Full name, e.g. `files/abc`; unique within its kind, over all projects. */
  readonly name: string;
  /** `projects/<number>`. */
  readonly projectId: string;
  /** Milliseconds since the epoch. */
  readonly createTime: number;
  /** Milliseconds since the epoch; whoever changes `value` moves it. */
  updateTime: number;
  /** Milliseconds since the epoch from which on it is gone; null: never. May be changed. */
  expireTime: number | null;
  value: Value;
}

/** A kind of resources, made once per family with {@link defineKind}. */
export interface ResourceKind<Value> {
  readonly id: string;
  /** Resources of this kind that one world keeps. */
  readonly limit: number;
  /** Runs after one was removed, expired or forgotten by a reset, e.g. to give back its bytes. */
  readonly onGone?: (resource: Resource<Value>) => void;
}

/** A page of a list. */
export interface ResourcePage<Value> {
  items: Resource<Value>[];
  /** Absent on the last page. */
  nextPageToken?: string;
}

/** What to list. */
export interface ListRequest<Value> {
  projectId: string;
  /** At least 1. */
  pageSize: number;
  /** Empty for the first page. */
  pageToken: string;
  /** Only these. A token is good for one filter: say the same again. */
  where?: (resource: Resource<Value>) => boolean;
}

/** The resources of one kind. Expired ones are never given back. */
export interface ResourceStore<Value> {
  /**
   * Adds one.
   * @returns null when the name is taken, or the store is full of resources that have not expired.
   */
  create(resource: NewResource<Value>): Resource<Value> | null;
  /** Whoever owns it. */
  get(name: string): Resource<Value> | undefined;
  /** Only if it belongs to the project. */
  own(name: string, projectId: string): Resource<Value> | undefined;
  /** A project's resources, newest first; null for a page token that was not given out for this project and kind. */
  list(request: ListRequest<Value>): ResourcePage<Value> | null;
  /** All of a project, or of everybody, oldest first. */
  all(projectId?: string): Resource<Value>[];
  /** Whether there was one. */
  remove(name: string): boolean;
  size(): number;
}

/** A resource to be added. */
export interface NewResource<Value> {
  name: string;
  projectId: string;
  value: Value;
  /** Milliseconds since the epoch. @default null, never */
  expireTime?: number | null;
}

/** All stores of one world. */
export interface Resources {
  of<Value>(kind: ResourceKind<Value>): ResourceStore<Value>;
  /** Names and times of everything that is there, by kind. */
  summary(): Record<string, ResourceSummary[]>;
  /** Forgets everything, as a reset does. */
  clear(): void;
}

/** One line of {@link Resources.summary}. */
export type ResourceSummary = Omit<Resource<never>, "value">;

/** Declares a kind. @param options.limit Resources kept in one world. @default 10000 */
export function defineKind<Value>(
  id: string,
  options: { limit?: number; onGone?: (resource: Resource<Value>) => void } = {},
): ResourceKind<Value> {
  return { id, limit: options.limit ?? 10_000, ...(options.onGone ? { onGone: options.onGone } : {}) };
}

/** @param now The emulator's clock, milliseconds since the epoch. */
export function createResources(now: () => number): Resources {
  const stores = new Map<string, Store<unknown>>();
  return {
    of: <Value>(kind: ResourceKind<Value>): ResourceStore<Value> => {
      let store = stores.get(kind.id);
      if (!store) stores.set(kind.id, (store = createStore(kind as unknown as ResourceKind<unknown>, now)));
      return store as unknown as ResourceStore<Value>;
    },
    summary: () => {
      const kinds: Record<string, ResourceSummary[]> = {};
      for (const [id, store] of stores) {
        kinds[id] = store.all().map(toSummary);
      }
      return kinds;
    },
    clear: () => {
      for (const store of stores.values()) store.clear();
    },
  };
}

// --- helpers ---

interface Store<Value> extends ResourceStore<Value> {
  clear(): void;
}

interface Entry<Value> {
  resource: Resource<Value>;
  /** Order of creation, from 1. */
  sequence: number;
}

function createStore<Value>(kind: ResourceKind<Value>, now: () => number): Store<Value> {
  const entries = new Map<string, Entry<Value>>();
  let lastSequence = 0;
  const drop = (name: string): boolean => {
    const entry = entries.get(name);
    if (!entry) return false;
    entries.delete(name);
    kind.onGone?.(entry.resource);
    return true;
  };
  const isGone = ({ expireTime }: Resource<Value>): boolean => expireTime !== null && expireTime <= now();
  const sweep = (): void => {
    for (const [name, { resource }] of entries) if (isGone(resource)) drop(name);
  };
  const get = (name: string): Resource<Value> | undefined => {
    const entry = entries.get(name);
    if (!entry || !isGone(entry.resource)) return entry?.resource;
    drop(name);
    return undefined;
  };
  const all = (projectId?: string): Entry<Value>[] => {
    sweep();
    return [...entries.values()].filter(({ resource }) => (projectId ?? resource.projectId) === resource.projectId);
  };
  return {
    create: ({ name, projectId, value, expireTime = null }) => {
      if (get(name)) return null;
      if (entries.size >= kind.limit) sweep();
      if (entries.size >= kind.limit) return null;
      const time = now();
      const resource = { name, projectId, createTime: time, updateTime: time, expireTime, value };
      entries.set(name, { resource, sequence: ++lastSequence });
      return resource;
    },
    get,
    own: (name, projectId) => {
      const resource = get(name);
      return resource?.projectId === projectId ? resource : undefined;
    },
    list: ({ projectId, pageSize, pageToken, where }) => {
      const scope = `${kind.id} ${projectId}`;
      const before = pageToken === "" ? Number.POSITIVE_INFINITY : readToken(pageToken, scope);
      if (before === null) return null;
      const found = all(projectId)
        .filter((entry) => entry.sequence < before && (where?.(entry.resource) ?? true))
        .reverse();
      const page = found.slice(0, pageSize);
      const last = page.at(-1);
      return {
        items: page.map(({ resource }) => resource),
        ...(found.length > pageSize && last ? { nextPageToken: writeToken(last.sequence, scope) } : {}),
      };
    },
    all: (projectId) => all(projectId).map(({ resource }) => resource),
    remove: (name) => get(name) !== undefined && drop(name),
    size: () => entries.size,
    clear: () => {
      for (const name of entries.keys()) drop(name);
    },
  };
}

function toSummary({ name, projectId, createTime, updateTime, expireTime }: Resource<unknown>): ResourceSummary {
  return { name, projectId, createTime, updateTime, expireTime };
}

// A token names the last resource shown and is sealed with its project and kind: nobody else's list accepts it.
function writeToken(sequence: number, scope: string): string {
  return Buffer.from(`${sequence} ${seal(sequence, scope)}`).toString("base64url");
}

function readToken(token: string, scope: string): number | null {
  const match = /^(\d{1,15}) (\w+)$/.exec(Buffer.from(token, "base64url").toString("latin1"));
  const sequence = Number(match?.[1]);
  return match && match[2] === seal(sequence, scope) ? sequence : null;
}

function seal(sequence: number, scope: string): string {
  return hash("sha256", `page ${scope} ${sequence}`, "hex").slice(0, 20);
}
