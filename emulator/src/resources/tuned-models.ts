/** @module Tuned models, which are configured, not trained here: list, get, delete, permissions (fact sheet upstream 1.1). */

import { apiError } from "../errors/api-error.ts";
import type { Call, Route, RoutedPath } from "../http/call.ts";
import type { Result } from "../http/result.ts";
import { whole } from "../http/result.ts";
import type { Model } from "../state/models.ts";
import { familyRoute, reply } from "./answers.ts";
import type { CollectionMethod, CollectionValue } from "./collection.ts";
import { serveCollection } from "./collection.ts";
import type { ResourceKind } from "./registry.ts";
import { defineKind } from "./registry.ts";

/** Who else may use a tuned model, by full name. */
const PERMISSIONS: ResourceKind<CollectionValue> = defineKind<CollectionValue>("tunedModelPermissions");

/** `/{v}/tunedModels[/{t}[/permissions[/{p}]]]`. */
export function tunedModelFamily(path: RoutedPath): Route | null {
  if (path.upload) return null;
  const match = /^tunedModels(?:\/([^/:]+)(\/permissions(?:\/[^/:]+)?)?)?$/.exec(path.rest);
  if (!match) return null;
  const [, id, permission] = match;
  const model = id === undefined ? {} : { model: `tunedModels/${id}` };
  if (permission !== undefined) {
    const method = PERMISSION_METHODS[`${path.method} ${permission === "/permissions" ? "collection" : "resource"}`];
    if (method === undefined) return null;
    const serve = (call: Call): Result => servePermission(call, { name: path.rest, method });
    return familyRoute(path, { operation: `tunedModels.permissions.${method}`, serve, free: true, ...model });
  }
  const served = ROUTES[`${path.method} ${id === undefined ? "" : "id"}`];
  return served ? familyRoute(path, { ...served, free: true, ...model }) : null;
}

// --- helpers ---

const ROUTES: Record<string, { operation: string; serve: (call: Call) => Result }> = {
  "GET ": { operation: "tunedModels.list", serve: serveList },
  "GET id": { operation: "tunedModels.get", serve: serveGet },
  "DELETE id": { operation: "tunedModels.delete", serve: serveDelete },
};

const PERMISSION_METHODS: Record<string, CollectionMethod> = {
  "POST collection": "create",
  "GET collection": "list",
  "GET resource": "get",
  "PATCH resource": "update",
  "DELETE resource": "delete",
};

function visible({ world, project }: Call): Model[] {
  return [...world.models.values()].filter(
    ({ id, onlyProjects }) => id.startsWith("tunedModels/") && (onlyProjects?.includes(project.id) ?? true),
  );
}

function own(call: Call): Model | undefined {
  return visible(call).find(({ id }) => id === call.route.model);
}

function forbidden(call: Call): Result {
  const message = `You do not have permission to access tuned model ${call.route.model} or it may not exist.`;
  return reply(apiError("PERMISSION_DENIED", message));
}

function serveList(call: Call): Result {
  const tunedModels = visible(call).map(toResource);
  return whole(tunedModels.length > 0 ? { tunedModels } : {});
}

function serveGet(call: Call): Result {
  const model = own(call);
  return model ? whole(toResource(model)) : forbidden(call);
}

function serveDelete(call: Call): Result {
  const model = own(call);
  if (!model) return forbidden(call);
  call.world.models = new Map([...call.world.models].filter(([id]) => id !== model.id));
  return reply({});
}

function servePermission(call: Call, options: { name: string; method: CollectionMethod }): Result {
  return own(call) ? serveCollection(call, { kind: PERMISSIONS, ...options }) : forbidden(call);
}

function toResource(model: Model): object {
  return { name: model.name, displayName: model.displayName, baseModel: "models/gemini-2.5-flash", state: "ACTIVE" };
}
