/** @module The routes of explicit caches (fact sheet upstream 1.1, 1.4). */

import { findModel, isRefusal } from "../answer/admit-call.ts";
import { apiError } from "../errors/api-error.ts";
import type { Call, Route, RoutedPath } from "../http/call.ts";
import type { Result } from "../http/result.ts";
import { familyRoute, listPage, readMessage, reply } from "../resources/answers.ts";
import { modelId } from "../state/models.ts";
import { CACHES, cacheForbidden, createCache, readExpiry, toCacheResource } from "./cache.ts";

/** `/{v}/cachedContents[/{id}]`. */
export function cacheFamily(path: RoutedPath): Route | null {
  const match = /^cachedContents(\/[^/:]+)?$/.exec(path.rest);
  if (!match || path.upload) return null;
  const served = ROUTES[`${path.method} ${match[1] === undefined ? "" : "id"}`];
  return served ? familyRoute(path, { ...served, resource: path.rest }) : null;
}

// --- helpers ---

const ROUTES: Record<string, { operation: string; serve: (call: Call) => Result; free?: boolean }> = {
  "POST ": { operation: "cachedContents.create", serve: serveCreate },
  "GET ": { operation: "cachedContents.list", serve: serveList, free: true },
  "GET id": { operation: "cachedContents.get", serve: serveGet, free: true },
  "PATCH id": { operation: "cachedContents.patch", serve: servePatch },
  "DELETE id": { operation: "cachedContents.delete", serve: serveDelete, free: true },
};

function serveCreate(call: Call): Result {
  const message = readMessage(call, "CachedContent");
  if (isRefusal(message)) return reply(message);
  const name = message["model"];
  if (typeof name !== "string" || name === "") {
    return reply(apiError("INVALID_ARGUMENT", "* CreateCachedContentRequest.model: model is not specified\n"));
  }
  const model = findModel(call, modelId(name), "createCachedContent");
  if (isRefusal(model)) return reply(model);
  const cache = createCache(call.world, { projectId: call.project.id, model, message });
  return reply(isRefusal(cache) ? cache : toCacheResource(cache));
}

function serveList(call: Call): Result {
  const caches = call.world.resources.of(CACHES);
  return listPage(call, caches, { member: "cachedContents", usual: 50, most: 1_000, encode: toCacheResource });
}

function serveGet(call: Call): Result {
  const cache = call.world.resources.of(CACHES).own(call.route.resource ?? "", call.project.id);
  return reply(cache ? toCacheResource(cache) : cacheForbidden());
}

function servePatch(call: Call): Result {
  const cache = call.world.resources.of(CACHES).own(call.route.resource ?? "", call.project.id);
  if (!cache) return reply(cacheForbidden());
  const message = readMessage(call, "CachedContent");
  if (isRefusal(message)) return reply(message);
  const mask = (call.query.get("updateMask") ?? call.query.get("update_mask") ?? "").split(",");
  const odd = mask.find((field) => !["", "*", "ttl", "expireTime", "expire_time"].includes(field));
  if (odd !== undefined) {
    return reply(apiError("INVALID_ARGUMENT", `Only expiration can be updated: invalid update mask '${odd}'.`));
  }
  if (message["ttl"] === undefined && message["expireTime"] === undefined) {
    return reply(apiError("INVALID_ARGUMENT", "* UpdateCachedContentRequest.cached_content: nothing to update\n"));
  }
  const expireTime = readExpiry(call.world, message);
  if (typeof expireTime !== "number") return reply(expireTime);
  cache.expireTime = expireTime;
  cache.updateTime = call.world.now();
  return reply(toCacheResource(cache));
}

function serveDelete(call: Call): Result {
  const caches = call.world.resources.of(CACHES);
  const cache = caches.own(call.route.resource ?? "", call.project.id);
  if (!cache) return reply(cacheForbidden());
  caches.remove(cache.name);
  return reply({});
}
