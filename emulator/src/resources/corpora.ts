/** @module Corpora, their documents, chunks and permissions: the legacy semantic retriever, as far as ownership goes (fact sheet upstream 1.1). */

import type { Call, Route, RoutedPath } from "../http/call.ts";
import { whole } from "../http/result.ts";
import { familyRoute, reply, entityNotFound } from "./answers.ts";
import type { CollectionMethod, CollectionValue } from "./collection.ts";
import { serveCollection } from "./collection.ts";
import type { ResourceKind } from "./registry.ts";
import { defineKind } from "./registry.ts";

/** Corpora and everything in them, by full name. */
const CORPORA: ResourceKind<CollectionValue> = defineKind<CollectionValue>("corpora");

/** `/{v}/corpora[/{c}[/documents[/{d}[/chunks[/{k}]]]]]`, `…/permissions[/{p}]`, `…:query`. */
export function corpusFamily(path: RoutedPath): Route | null {
  const match = NAMES.exec(path.rest);
  if (!match || path.upload) return null;
  const [, name = "", method] = match;
  const segments = name.split("/").length;
  if (method !== undefined) {
    if (method !== "query" || path.method !== "POST" || segments % 2 === 1) return null;
    return familyRoute(path, { operation: "corpora.query", resource: name, serve: serveQuery });
  }
  const wanted = METHODS[`${path.method} ${segments % 2 === 1 ? "collection" : "resource"}`];
  if (wanted === undefined) return null;
  return familyRoute(path, {
    operation: `corpora.${wanted}`,
    resource: name,
    free: true,
    serve: (call) => serveWithin(call, { name, method: wanted }),
  });
}

// --- helpers ---

const NAMES =
  /^(corpora(?:\/[^/:]+(?:\/permissions(?:\/[^/:]+)?|\/documents(?:\/[^/:]+(?:\/chunks(?:\/[^/:]+)?)?)?)?)?)(?::(\w+))?$/;

const METHODS: Record<string, CollectionMethod> = {
  "POST collection": "create",
  "GET collection": "list",
  "GET resource": "get",
  "PATCH resource": "update",
  "DELETE resource": "delete",
};

// Nothing is made inside a corpus, and nothing is listed, that the project does not own.
function serveWithin(
  call: Call,
  { name, method }: { name: string; method: CollectionMethod },
): ReturnType<typeof reply> {
  const parents = name.split("/").slice(0, -1);
  const parent = parents.length % 2 === 0 ? parents.join("/") : "";
  const owned = parent === "" || call.world.resources.of(CORPORA).own(parent, call.project.id);
  return owned ? serveCollection(call, { kind: CORPORA, method, name }) : reply(entityNotFound());
}

function serveQuery(call: Call): ReturnType<typeof reply> {
  const found = call.world.resources.of(CORPORA).own(call.route.resource ?? "", call.project.id);
  return found ? whole({ relevantChunks: [] }) : reply(entityNotFound());
}
