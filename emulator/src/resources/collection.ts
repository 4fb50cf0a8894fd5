/** @module A plain collection: create, list, get, change, delete by name, with whatever JSON the caller sends. For legacy families. */

import type { Call } from "../http/call.ts";
import type { Result } from "../http/result.ts";
import { readJson } from "../json/read-json.ts";
import { malformedJson } from "../errors/api-error.ts";
import { alreadyExists, entityNotFound, listPage, reply, storeFull } from "./answers.ts";
import type { Resource, ResourceKind } from "./registry.ts";
import { toTimestamp } from "./times.ts";

/** What the caller sent. */
export type CollectionValue = Record<string, unknown>;

/** The methods of a collection. */
export type CollectionMethod = "create" | "list" | "get" | "update" | "delete";

/**
 * Serves one method.
 * @param options.name Of the collection (`corpora/c/documents`) for create and list, else of the resource.
 */
export function serveCollection(
  call: Call,
  options: { kind: ResourceKind<CollectionValue>; method: CollectionMethod; name: string },
): Result {
  const { kind, method, name } = options;
  const store = call.world.resources.of(kind);
  const projectId = call.project.id;
  if (method === "list") {
    const member = name.split("/").at(-1) ?? name;
    const where = (resource: Resource<CollectionValue>): boolean => parentOf(resource.name) === name;
    return listPage(call, store, { member, usual: 10, most: 20, encode: toResource, where });
  }
  if (method === "create") {
    const body = readObject(call.body);
    if (!body) return reply(malformedJson("Root element must be a message."));
    const wanted = typeof body["name"] === "string" && body["name"] !== "" ? body["name"] : null;
    const full = wanted?.startsWith(`${name}/`) ? wanted : `${name}/${wanted ?? call.world.ids.resource()}`;
    if (store.get(full)) return reply(alreadyExists());
    const created = store.create({ name: full, projectId, value: body });
    return reply(created ? toResource(created) : storeFull());
  }
  const found = store.own(name, projectId);
  if (!found) return reply(entityNotFound());
  if (method === "get") return reply(toResource(found));
  if (method === "update") {
    const body = readObject(call.body);
    if (!body) return reply(malformedJson("Root element must be a message."));
    found.value = { ...found.value, ...body };
    found.updateTime = call.world.now();
    return reply(toResource(found));
  }
  // What is inside goes with it.
  for (const inner of store.all(projectId)) if (inner.name.startsWith(`${name}/`)) store.remove(inner.name);
  store.remove(name);
  return reply({});
}

// --- helpers ---

function parentOf(name: string): string {
  return name.slice(0, name.lastIndexOf("/"));
}

function readObject(text: string): CollectionValue | null {
  const read = readJson(text);
  if (!read.ok || typeof read.value !== "object" || read.value === null || Array.isArray(read.value)) return null;
  return read.value as CollectionValue;
}

function toResource({ name, createTime, updateTime, value }: Resource<CollectionValue>): object {
  return { ...value, name, createTime: toTimestamp(createTime), updateTime: toTimestamp(updateTime) };
}
