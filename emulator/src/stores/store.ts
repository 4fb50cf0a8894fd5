/** @module File search stores and their documents (fact sheet upstream 1.1). */

import type { ApiError } from "../errors/api-error.ts";
import { entityNotFound, storeFull } from "../resources/answers.ts";
import type { Resource, ResourceKind } from "../resources/registry.ts";
import { defineKind } from "../resources/registry.ts";
import { toTimestamp } from "../resources/times.ts";
import type { World } from "../state/world.ts";

/** What is known of a store. */
export interface StoreValue {
  displayName: string;
  embeddingModel: string;
}

/** What is known of a document. */
export interface DocumentValue {
  /** Name of its store. */
  store: string;
  displayName: string;
  mimeType: string;
  /** Bytes. */
  size: number;
  state: "STATE_PENDING" | "STATE_ACTIVE";
  customMetadata: unknown;
}

/** The stores of all projects. */
export const STORES: ResourceKind<StoreValue> = defineKind<StoreValue>("fileSearchStores", { limit: 1_000 });

/** The documents of all stores. */
export const DOCUMENTS: ResourceKind<DocumentValue> = defineKind<DocumentValue>("documents");

/** Makes a store. */
export function createStore(
  world: World,
  options: { projectId: string; displayName: string; embeddingModel: string },
): Resource<StoreValue> | ApiError {
  const { projectId, displayName, embeddingModel } = options;
  // Google puts the display name in front, as far as it may stand in a name.
  const slug = displayName
    .toLowerCase()
    .replaceAll(/[^a-z\d]+/g, "-")
    .slice(0, 27)
    .replaceAll(/^-+|-+$/g, "");
  const name = `fileSearchStores/${slug === "" ? "" : `${slug}-`}${world.ids.resource()}`;
  const created = world.resources.of(STORES).create({ name, projectId, value: { displayName, embeddingModel } });
  return created ?? storeFull();
}

/** The project's store, or the 404 that hides whether there is one. */
export function ownStore(world: World, name: string, projectId: string): Resource<StoreValue> | ApiError {
  return world.resources.of(STORES).own(name, projectId) ?? entityNotFound();
}

/** The documents of a store, oldest first. */
export function documentsOf(world: World, store: Resource<StoreValue>): Resource<DocumentValue>[] {
  return world.resources
    .of(DOCUMENTS)
    .all(store.projectId)
    .filter(({ value }) => value.store === store.name);
}

/** The FileSearchStore resource; counts of zero are left out. */
export function toStoreResource(world: World, store: Resource<StoreValue>): object {
  const documents = documentsOf(world, store);
  const active = documents.filter(({ value }) => value.state === "STATE_ACTIVE");
  const size = active.reduce((sum, { value }) => sum + value.size, 0);
  return {
    name: store.name,
    ...(store.value.displayName === "" ? {} : { displayName: store.value.displayName }),
    embeddingModel: store.value.embeddingModel,
    createTime: toTimestamp(store.createTime),
    updateTime: toTimestamp(store.updateTime),
    ...count("activeDocumentsCount", active.length),
    ...count("pendingDocumentsCount", documents.length - active.length),
    ...count("sizeBytes", size),
  };
}

/** The Document resource. */
export function toDocumentResource({ name, createTime, updateTime, value }: Resource<DocumentValue>): object {
  return {
    name,
    ...(value.displayName === "" ? {} : { displayName: value.displayName }),
    state: value.state,
    sizeBytes: String(value.size),
    mimeType: value.mimeType,
    createTime: toTimestamp(createTime),
    updateTime: toTimestamp(updateTime),
    ...(value.customMetadata === undefined ? {} : { customMetadata: value.customMetadata }),
  };
}

// --- helpers ---

// 64-bit numbers are strings in proto3-JSON.
function count(member: string, value: number): Record<string, string> {
  return value > 0 ? { [member]: String(value) } : {};
}
