/** @module What the families of resources answer alike: messages, refusals, pages. */

import { isRefusal } from "../answer/admit-call.ts";
import type { ApiError } from "../errors/api-error.ts";
import { apiError } from "../errors/api-error.ts";
import type { Call, Route, RoutedPath } from "../http/call.ts";
import type { Result } from "../http/result.ts";
import { refusal, whole } from "../http/result.ts";
import { parseMessage } from "../native/parse-message.ts";
import type { Resource, ResourceStore } from "./registry.ts";

/** A 200 with pretty JSON, or the refusal. */
export function reply(value: object): Result {
  return isRefusal(value) ? refusal(value, { wrap: false }) : whole(value);
}

/** A native route of a family. `free`: who cannot pay can still look at and tidy up what is his. */
export function familyRoute(
  { version }: RoutedPath,
  options: { operation: string; serve: (call: Call) => Result; resource?: string; model?: string; free?: boolean },
): Route {
  const { operation, serve, resource, model = null, free = false } = options;
  const named = resource === undefined ? {} : { resource };
  return { surface: "native", operation, version, model, serve, ...named, ...(free ? { free } : {}) };
}

/** The checked body. @param message A name of the message table. */
export function readMessage(call: Call, message: string): Record<string, unknown> | ApiError {
  return parseMessage(call.body, message);
}

/** 404 of operations, batches and stores, whether they are missing or of somebody else. */
export function entityNotFound(): ApiError {
  return apiError("NOT_FOUND", "Requested entity was not found.");
}

/** 403 of a file, whether it is missing or of somebody else. @param id With or without `files/`. */
export function fileForbidden(id: string): ApiError {
  const name = id.replace(/^files\//, "");
  return apiError("PERMISSION_DENIED", `You do not have permission to access the File ${name} or it may not exist.`);
}

/** 429 for a store that is full: the emulator's memory is bounded, and Google too refuses at some point. */
export function storeFull(): ApiError {
  return apiError("RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota).");
}

/** 409 for a name that is taken. */
export function alreadyExists(): ApiError {
  return apiError("ALREADY_EXISTS", "Requested entity already exists");
}

/** How pages of a list are made. */
export interface PageOptions<Value> {
  /** Member of the answer that holds the items. */
  member: string;
  /** Items a page has unless told. */
  usual: number;
  /** Items a page has at most. */
  most: number;
  encode: (resource: Resource<Value>) => object;
  where?: (resource: Resource<Value>) => boolean;
}

/** One page of what the caller's project has; an empty list leaves the member out. */
export function listPage<Value>(call: Call, store: ResourceStore<Value>, options: PageOptions<Value>): Result {
  const wanted = Number(call.query.get("pageSize") ?? call.query.get("page_size") ?? 0);
  if (!Number.isInteger(wanted) || wanted < 0) {
    return reply(
      apiError("INVALID_ARGUMENT", `Invalid value at 'page_size' (TYPE_INT32), "${call.query.get("pageSize")}"`),
    );
  }
  const page = store.list({
    projectId: call.project.id,
    pageSize: Math.min(wanted || options.usual, options.most),
    pageToken: call.query.get("pageToken") ?? call.query.get("page_token") ?? "",
    ...(options.where ? { where: options.where } : {}),
  });
  if (!page) return reply(apiError("INVALID_ARGUMENT", "Invalid page token."));
  return whole({
    ...(page.items.length > 0 ? { [options.member]: page.items.map(options.encode) } : {}),
    ...(page.nextPageToken === undefined ? {} : { nextPageToken: page.nextPageToken }),
  });
}
