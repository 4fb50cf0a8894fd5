/** @module Long-running operations: done by the clock, seen by the project that began them (fact sheet upstream 1.1, 1.7). */

import type { ApiError } from "../errors/api-error.ts";
import { entityNotFound, storeFull } from "../resources/answers.ts";
import type { Resource, ResourceKind } from "../resources/registry.ts";
import { defineKind } from "../resources/registry.ts";
import type { World } from "../state/world.ts";

/** What is known of an operation. */
export interface OperationValue {
  /** Null while it runs. */
  outcome: { response: object } | { error: { code: number; message: string } } | null;
  metadata: object | null;
}

/** The operations of all projects, by full name. */
const OPERATIONS: ResourceKind<OperationValue> = defineKind<OperationValue>("operations");

/** Begins an operation that ends `operationMs` from now with what `finish` gives then. */
export function startOperation(
  world: World,
  options: {
    projectId: string;
    /** What its name begins with, e.g. `models/veo-3.1-generate-preview`. */
    parent: string;
    metadata?: object;
    finish: () => { response: object } | { error: { code: number; message: string } };
  },
): Resource<OperationValue> | ApiError {
  const operation = world.resources.of(OPERATIONS).create({
    name: `${options.parent}/operations/${world.ids.resource()}`,
    projectId: options.projectId,
    expireTime: world.now() + LIFETIME_MS,
    value: { outcome: null, metadata: options.metadata ?? null },
  });
  if (!operation) return storeFull();
  world.deferred.at(world.now() + (world.options.operationMs ?? 200), (due) => {
    operation.value.outcome = options.finish();
    operation.updateTime = due;
  });
  // Without a wait it is done before anybody can ask.
  world.deferred.settle(world.now());
  return operation;
}

/** The Operation resource. */
export function toOperationResource({ name, value }: Resource<OperationValue>): object {
  return {
    name,
    ...(value.metadata === null ? {} : { metadata: value.metadata }),
    ...(value.outcome === null ? {} : { done: true, ...value.outcome }),
  };
}

/** The project's operation, or the 404 that hides whether there is one. */
export function ownOperation(world: World, name: string, projectId: string): Resource<OperationValue> | ApiError {
  return world.resources.of(OPERATIONS).own(name, projectId) ?? entityNotFound();
}

// --- helpers ---

const LIFETIME_MS = 7 * 24 * 3_600_000;
