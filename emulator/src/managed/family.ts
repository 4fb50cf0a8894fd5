/** @module The routes of managed agents, environments, credentials, triggers, voices and webhooks: create, get, list, change, delete (fact sheet upstream 1.1). */

import { randomBytes } from "node:crypto";

import { isRefusal } from "../answer/admit-call.ts";
import type { ApiError } from "../errors/api-error.ts";
import { apiError, malformedJson } from "../errors/api-error.ts";
import { uploadRoute } from "../files/upload.ts";
import type { UploadTarget } from "../files/upload-target.ts";
import type { Call, Route, RoutedPath } from "../http/call.ts";
import type { Result } from "../http/result.ts";
import { whole } from "../http/result.ts";
import { readJson } from "../json/read-json.ts";
import { alreadyExists, entityNotFound, familyRoute, reply, storeFull } from "../resources/answers.ts";
import type { Resource, ResourceStore } from "../resources/registry.ts";
import { toTimestamp } from "../resources/times.ts";
import type { Collection, EnvironmentFile, ManagedValue } from "./managed.ts";
import { COLLECTIONS, ENVIRONMENT_FILES, EXECUTIONS, managedKind, storable, toManagedResource } from "./managed.ts";

/** `/{v}/agents[/{a}]` and its five sisters, `environments/{e}/files/{path}`, `triggers/{t}/executions`, `webhooks/{w}:ping`. */
export function managedFamily(path: RoutedPath): Route | null {
  const file = /^environments\/([^/:]+)\/files(?:\/(.+))?$/.exec(path.rest);
  if (file) return environmentFileRoute(path, { environment: `environments/${file[1]}`, file: file[2] ?? null });
  if (path.upload) return null;
  const execution = /^(triggers\/[^/:]+)\/executions$/.exec(path.rest)?.[1];
  if (execution !== undefined) return executionRoute(path, execution);
  const match = /^([a-z]+)(?:\/([^/:]+))?(?::(\w+))?$/.exec(path.rest);
  const collection = COLLECTIONS.find((name) => name === match?.[1]);
  if (!match || !collection) return null;
  const [, , id, method = ""] = match;
  const name = id === undefined ? null : `${collection}/${id}`;
  const [operation, serve] = ROUTES[`${path.method}${name === null ? "" : " id"}${method && ` :${method}`}`] ?? [];
  if (!operation || !serve || (method !== "" && collection !== "webhooks")) return null;
  return familyRoute(path, {
    operation: `${collection}.${operation}`,
    resource: name ?? collection,
    serve: (call) => serve(call, { collection, name: name ?? "", store: storeOf(call, collection) }),
    free: true,
  });
}

// --- helpers ---

/** Characters of a body: what it says is kept. */
const MAX_BODY = 65_536;

interface Target {
  collection: Collection;
  /** `agents/x`; empty for the collection itself. */
  name: string;
  store: ResourceStore<ManagedValue>;
}

const ROUTES: Record<string, readonly [string, (call: Call, target: Target) => Result]> = {
  POST: ["create", serveCreate],
  GET: ["list", serveList],
  "GET id": ["get", withOwn((_, found) => whole(toManagedResource(found)))],
  "PATCH id": ["update", withOwn(serveUpdate)],
  "DELETE id": [
    "delete",
    withOwn((_, found, { store }) => {
      store.remove(found.name);
      return whole({});
    }),
  ],
  "POST id :ping": ["ping", withOwn(() => whole({}))],
  "POST id :rotateSigningSecret": [
    "rotateSigningSecret",
    withOwn((_, found) => whole({ ...toManagedResource(found), new_signing_secret: signingSecret() })),
  ],
};

function storeOf(call: Call, collection: Collection): ResourceStore<ManagedValue> {
  return call.world.resources.of(managedKind(collection));
}

function withOwn(
  serve: (call: Call, found: Resource<ManagedValue>, target: Target) => Result,
): (call: Call, target: Target) => Result {
  return (call, target) => {
    const found = target.store.own(target.name, call.project.id);
    return found ? serve(call, found, target) : reply(entityNotFound());
  };
}

function serveCreate(call: Call, { collection, store }: Target): Result {
  const body = readObject(call.body);
  if (isRefusal(body)) return reply(body);
  const wanted = body["id"] ?? call.query.get(`${collection.slice(0, -1)}_id`) ?? null;
  const id = wanted === null ? call.world.ids.resource() : wanted;
  if (typeof id !== "string" || !/^[\w-]{1,63}$/.test(id)) {
    return reply(apiError("INVALID_ARGUMENT", "Invalid resource id."));
  }
  const name = `${collection}/${id}`;
  // Names are of one space over all projects here: a taken one may be of somebody else.
  if (store.get(name)) return reply(alreadyExists());
  const created = store.create({ name, projectId: call.project.id, value: storable(body) });
  if (!created) return reply(storeFull());
  const secret = collection === "webhooks" ? { new_signing_secret: signingSecret() } : {};
  return whole({ ...toManagedResource(created), ...secret });
}

function serveUpdate(call: Call, found: Resource<ManagedValue>): Result {
  const body = readObject(call.body);
  if (isRefusal(body)) return reply(body);
  const mask = call.query.get("update_mask") ?? call.query.get("updateMask");
  const changes = storable(body);
  const members = mask === null ? Object.keys(changes) : mask.split(",");
  for (const member of members) if (member in changes) found.value[member] = changes[member];
  found.updateTime = call.world.now();
  return whole(toManagedResource(found));
}

function serveList(call: Call, { collection, store }: Target): Result {
  return listOf(call, { member: collection, store, encode: toManagedResource });
}

/** A page in snake_case. */
function listOf<Value>(
  call: Call,
  options: {
    member: string;
    store: ResourceStore<Value>;
    encode: (resource: Resource<Value>) => object;
    where?: (resource: Resource<Value>) => boolean;
  },
): Result {
  const { member, store, encode, where } = options;
  const wanted = Number(call.query.get("page_size") ?? call.query.get("pageSize") ?? 50);
  const page = store.list({
    projectId: call.project.id,
    pageSize: Math.min(1_000, Math.max(1, Number.isInteger(wanted) ? wanted : 50)),
    pageToken: call.query.get("page_token") ?? call.query.get("pageToken") ?? "",
    ...(where ? { where } : {}),
  });
  if (!page) return reply(apiError("INVALID_ARGUMENT", "Invalid page token."));
  const next = page.nextPageToken === undefined ? {} : { next_page_token: page.nextPageToken };
  return whole({ [member]: page.items.map(encode), ...next });
}

function executionRoute(path: RoutedPath, trigger: string): Route | null {
  const serve = (call: Call): Result => {
    const store = call.world.resources.of(EXECUTIONS);
    if (!storeOf(call, "triggers").own(trigger, call.project.id)) return reply(entityNotFound());
    if (path.method === "GET") {
      const where = ({ name }: { name: string }): boolean => name.startsWith(`${trigger}/`);
      return listOf(call, { member: "executions", store, encode: toManagedResource, where });
    }
    const name = `${trigger}/executions/${call.world.ids.resource()}`;
    const created = store.create({ name, projectId: call.project.id, value: { status: "completed" } });
    return created ? whole(toManagedResource(created)) : reply(storeFull());
  };
  if (path.method !== "GET" && path.method !== "POST") return null;
  const operation = `executions.${path.method === "GET" ? "list" : "create"}`;
  return familyRoute(path, { operation, serve, resource: trigger, free: true });
}

function environmentFileRoute(
  path: RoutedPath,
  { environment, file }: { environment: string; file: string | null },
): Route | null {
  const owns = (call: Call): boolean => !!storeOf(call, "environments").own(environment, call.project.id);
  if (path.upload) {
    if (file === null) return null;
    const targets = (call: Call): UploadTarget | ApiError =>
      owns(call) ? environmentTarget({ environment, file }) : entityNotFound();
    return uploadRoute(path, { operation: "environmentFiles.upload", targets });
  }
  const name = `${environment}/files/${file ?? ""}`;
  const serve = (call: Call): Result => {
    const store = call.world.resources.of(ENVIRONMENT_FILES);
    if (!owns(call)) return reply(entityNotFound());
    if (file === null) {
      const where = (found: { name: string }): boolean => found.name.startsWith(`${environment}/files/`);
      return listOf(call, { member: "files", store, encode: toFile, where });
    }
    const found = store.own(name, call.project.id);
    if (!found) return reply(entityNotFound());
    if (path.method === "GET") return whole(toFile(found));
    store.remove(name);
    return whole({});
  };
  if (path.method !== "GET" && (path.method !== "DELETE" || file === null)) return null;
  const verb = path.method === "DELETE" ? "delete" : file === null ? "list" : "get";
  return familyRoute(path, { operation: `environmentFiles.${verb}`, serve, resource: name, free: true });
}

function environmentTarget({ environment, file }: { environment: string; file: string }): UploadTarget {
  return {
    path: `${environment}/files/${file}`,
    mimeType: null,
    wantsBytes: false,
    admit: () => null,
    finish: ({ world }, { projectId, mimeType, size, sha256 }) => {
      const store = world.resources.of(ENVIRONMENT_FILES);
      const name = `${environment}/files/${file}`;
      store.remove(name);
      const created = store.create({ name, projectId, value: { path: file, size, mimeType, sha256 } });
      return created ? toFile(created) : storeFull();
    },
  };
}

function toFile({ name, createTime, value }: Resource<EnvironmentFile>): object {
  const { path, size, mimeType, sha256 } = value;
  return { name, path, size_bytes: String(size), mime_type: mimeType, sha256, create_time: toTimestamp(createTime) };
}

function readObject(text: string): Record<string, unknown> | ApiError {
  if (text.length > MAX_BODY) {
    return apiError("INVALID_ARGUMENT", `Request payload size exceeds the limit: ${MAX_BODY} bytes.`);
  }
  const read = readJson(text === "" ? "{}" : text);
  if (!read.ok) return malformedJson(read.reason);
  const { value } = read;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  return malformedJson("Root element must be a message.");
}

function signingSecret(): string {
  return `whsec_${randomBytes(24).toString("base64")}`;
}
