/** @module JSON Schemas in `parametersJsonSchema` and `responseJsonSchema`: what still breaks there (fact sheet translation 4.3). */

import type { SchemaPlace } from "./check-schema.ts";
import { DEEPEST_SCHEMA, TOO_DEEP } from "./check-schema.ts";

/** What is wrong, in Google's words, or null; keywords it does not know are ignored. */
export function checkJsonSchema(schema: unknown, { path, wantsObject }: SchemaPlace): string | null {
  if (schema === undefined || schema === null) return null;
  if (!isNode(schema)) return `* ${path}: must be a JSON object\n`;
  const type = schema["type"];
  const types = (Array.isArray(type) ? type : [type]).map((name) => String(name).toLowerCase());
  if (wantsObject && type !== undefined && !types.includes("object")) {
    return `* ${path}: functionDeclaration parameters schema should be of type OBJECT.\n`;
  }
  return checkNode(schema, { path, root: schema, depth: 0 });
}

// --- helpers ---

type Node = Record<string, unknown>;

interface Place {
  path: string;
  root: Node;
  depth: number;
}

/** Members that hold one schema, a list of them, or a map. Names of properties are no keywords. */
const SINGLE = ["items", "additionalProperties"];
const LISTS = ["prefixItems", "anyOf", "oneOf", "allOf"];
const MAPS = ["properties", "$defs", "definitions"];

const BESIDE_REFERENCE = new Set(["description", "default"]);

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function checkNode(schema: Node, place: Place): string | null {
  if (place.depth > DEEPEST_SCHEMA) return TOO_DEEP;
  const reference = schema["$ref"];
  if (typeof reference === "string") {
    if (!resolves(reference, place.root)) return `* ${place.path}: reference to undefined schema at '${reference}'\n`;
    if (Object.keys(schema).some((name) => !name.startsWith("$") && !BESIDE_REFERENCE.has(name))) {
      return `* ${place.path}: Schema.ref '${reference}' was set alongside unsupported fields.\n`;
    }
  }
  for (const [child, path] of childrenOf(schema, place.path)) {
    const words = checkNode(child, { ...place, path, depth: place.depth + 1 });
    if (words !== null) return words;
  }
  return null;
}

function* childrenOf(schema: Node, path: string): Generator<[Node, string]> {
  for (const name of SINGLE) {
    const child = schema[name];
    if (isNode(child)) yield [child, `${path}.${name}`];
  }
  for (const name of LISTS) {
    const children = schema[name];
    if (!Array.isArray(children)) continue;
    for (const [index, child] of children.entries()) if (isNode(child)) yield [child, `${path}.${name}[${index}]`];
  }
  for (const name of MAPS) {
    const children = schema[name];
    if (!isNode(children)) continue;
    for (const [key, child] of Object.entries(children)) if (isNode(child)) yield [child, `${path}.${name}[${key}]`];
  }
}

// JSON Pointer (RFC 6901) into the same schema; what is elsewhere is not there.
function resolves(reference: string, root: Node): boolean {
  if (!reference.startsWith("#")) return false;
  let found: unknown = root;
  for (const step of reference.split("/").slice(1)) {
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, name)) return false;
    found = (found as Node)[name];
  }
  return typeof found === "object" && found !== null;
}
