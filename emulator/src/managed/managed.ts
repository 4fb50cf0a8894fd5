/** @module Resources of managed agents: whatever a client made, kept for its project until it is deleted (fact sheet upstream 1.1, 1.11). */

import { toTimestamp } from "../resources/times.ts";
import type { Resource, ResourceKind } from "../resources/registry.ts";
import { defineKind } from "../resources/registry.ts";

/** Collections that are served alike. */
export const COLLECTIONS = ["agents", "environments", "credentials", "triggers", "voices", "webhooks"] as const;

/** A name of {@link COLLECTIONS}. */
export type Collection = (typeof COLLECTIONS)[number];

/** What is kept: the client's own members, but for secrets, of which only a mark stays. */
export type ManagedValue = Record<string, unknown>;

/** The kind of a collection, e.g. of `agents`. Names are `agents/x`. */
export function managedKind(collection: Collection): ResourceKind<ManagedValue> {
  return KINDS[collection];
}

/** A file of an environment; its bytes are hashed and dropped. */
export interface EnvironmentFile {
  /** Inside the environment. */
  path: string;
  size: number;
  mimeType: string;
  /** Hex. */
  sha256: string;
}

/** Names are `environments/e/files/path`. */
export const ENVIRONMENT_FILES: ResourceKind<EnvironmentFile> = defineKind<EnvironmentFile>("environmentFiles");

/** Executions of triggers; names are `triggers/t/executions/x`. */
export const EXECUTIONS: ResourceKind<ManagedValue> = defineKind<ManagedValue>("executions");

/** A resource as its client reads it, in snake_case like the whole family. */
export function toManagedResource({ name, createTime, updateTime, value }: Resource<ManagedValue>): object {
  return {
    name,
    id: name.slice(name.lastIndexOf("/") + 1),
    ...value,
    create_time: toTimestamp(createTime),
    update_time: toTimestamp(updateTime),
  };
}

/** Members of a body without those the server sets, and without secrets: these are never told again. */
export function storable(body: Record<string, unknown>): ManagedValue {
  const value: ManagedValue = {};
  for (const [member, given] of Object.entries(body)) {
    if (!SERVER_SET.has(member) && !SECRET.test(member)) value[member] = given;
  }
  return value;
}

// --- helpers ---

const SERVER_SET = new Set(["name", "id", "create_time", "update_time", "new_signing_secret"]);
const SECRET = /secret|token|password|api_?key|private_key/i;

/** With the largest body, what all of them take stays within some 400 MB. */
const LIMIT = { limit: 1_000 };

const KINDS: Record<Collection, ResourceKind<ManagedValue>> = {
  agents: defineKind<ManagedValue>("agents", LIMIT),
  environments: defineKind<ManagedValue>("environments", LIMIT),
  credentials: defineKind<ManagedValue>("credentials", LIMIT),
  triggers: defineKind<ManagedValue>("triggers", LIMIT),
  voices: defineKind<ManagedValue>("voices", LIMIT),
  webhooks: defineKind<ManagedValue>("webhooks", LIMIT),
};
