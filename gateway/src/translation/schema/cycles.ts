/**
 * References that lead back to themselves through required properties only: no value could ever satisfy them, and Google
 * refuses them (fact sheet translation 4.3). An optional property is the only way out that it takes.
 * @module
 */
import type { JsonObject } from "../types.ts";
import { schemaKeywords, schemaListKeywords, schemaMapKeywords } from "./keywords.ts";
import { definitionName } from "./pointers.ts";
import { dropEmptyUnions } from "./unions.ts";
import { isObject, setMember } from "./values.ts";

/** Root and the definitions that it means. */
interface Definitions {
  root: JsonObject;
  definitions: JsonObject;
}

/**
 * Replaces the reference that closes such a circle by `{}` (any value), and drops what nothing means any more.
 * @param schema in normal form: references mean definitions, or are none
 */
export function cutCycles({ root, definitions }: Definitions): Definitions {
  const cut = findClosing(definitions);
  const names = Object.keys(definitions);
  const replaced = cut.size === 0 ? definitions : replaceIn(definitions, cut);
  const reached = reach(root, replaced);
  if (reached.size === names.length) return { root, definitions: replaced };
  const kept: JsonObject = {};
  for (const name of names) if (reached.has(name)) setMember(kept, name, replaced[name]);
  return { root, definitions: kept };
}

// --- helpers ---

interface Edge {
  to: string;
  node: JsonObject;
}

/** Depth first, with a stack of its own: definitions come in chains of any length. */
function findClosing(definitions: JsonObject): Set<JsonObject> {
  const closing = new Set<JsonObject>();
  const done = new Set<string>();
  const open = new Set<string>();
  for (const start of Object.keys(definitions)) {
    if (done.has(start)) continue;
    const stack = [enter(start, definitions, open)];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const edge = top.edges[top.next];
      top.next += 1;
      if (edge === undefined) {
        open.delete(top.name);
        done.add(top.name);
        stack.pop();
      } else if (open.has(edge.to)) closing.add(edge.node);
      else if (!done.has(edge.to)) stack.push(enter(edge.to, definitions, open));
    }
  }
  return closing;
}

function enter(
  name: string,
  definitions: JsonObject,
  open: Set<string>,
): { name: string; edges: readonly Edge[]; next: number } {
  open.add(name);
  const edges: Edge[] = [];
  if (Object.hasOwn(definitions, name)) forEachReference(definitions[name], false, (edge) => edges.push(edge));
  return { name, edges, next: 0 };
}

/** @param all also those behind properties that may be left out */
function forEachReference(schema: unknown, all: boolean, visit: (edge: Edge) => void): void {
  if (!isObject(schema)) return;
  const name = typeof schema["$ref"] === "string" ? definitionName(schema["$ref"]) : null;
  if (name !== null) visit({ to: name, node: schema });
  const required: ReadonlySet<unknown> = new Set(Array.isArray(schema["required"]) ? schema["required"] : []);
  forEachSchema(schema, (child, property) => {
    if (all || property === null || required.has(property)) forEachReference(child, all, visit);
  });
}

function forEachSchema(schema: JsonObject, visit: (child: unknown, property: string | null) => void): void {
  for (const [keyword, value] of Object.entries(schema)) {
    if (schemaListKeywords.has(keyword) && Array.isArray(value)) for (const child of value) visit(child, null);
    else if (schemaMapKeywords.has(keyword) && isObject(value)) {
      for (const [name, child] of Object.entries(value)) visit(child, keyword === "properties" ? name : null);
    } else if (schemaKeywords.has(keyword) || keyword === "items") visit(value, null);
  }
}

function reach(root: JsonObject, definitions: JsonObject): Set<string> {
  const reached = new Set<string>();
  const add = (edge: Edge): void => void reached.add(edge.to);
  forEachReference(root, true, add);
  // The set grows while it is read.
  for (const name of reached) if (Object.hasOwn(definitions, name)) forEachReference(definitions[name], true, add);
  return reached;
}

function replaceIn(definitions: JsonObject, cut: ReadonlySet<JsonObject>): JsonObject {
  const replaced: JsonObject = {};
  for (const [name, schema] of Object.entries(definitions)) setMember(replaced, name, replace(schema, cut));
  return replaced;
}

function replace(schema: unknown, cut: ReadonlySet<JsonObject>): unknown {
  if (!isObject(schema)) return schema;
  if (cut.has(schema)) return typeof schema["description"] === "string" ? { description: schema["description"] } : {};
  const result: JsonObject = {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (schemaListKeywords.has(keyword) && Array.isArray(value)) {
      result[keyword] = value.map((child) => replace(child, cut));
    } else if (schemaMapKeywords.has(keyword) && isObject(value)) {
      result[keyword] = replaceIn(value, cut);
    } else {
      const isSchema = schemaKeywords.has(keyword) || keyword === "items";
      setMember(result, keyword, isSchema ? replace(value, cut) : value);
    }
  }
  dropEmptyUnions(result);
  return result;
}
