/** @module The strict `Schema` of `parameters` and `responseSchema`: what it refuses beyond unknown names (fact sheet translation 4.2). */

/** Where a schema stands. */
export interface SchemaPlace {
  /** As Google's messages name it. */
  path: string;
  /** The schema of a function's parameters must be an object. */
  wantsObject: boolean;
}

/** What is wrong, in Google's words, or null. */
export function checkSchema(schema: Record<string, unknown>, place: SchemaPlace): string | null {
  if (place.wantsObject && typeOf(schema) !== "OBJECT") {
    return `* ${place.path}: functionDeclaration parameters schema should be of type OBJECT.\n`;
  }
  if (place.wantsObject && schema["properties"] === undefined) return emptyObject(place.path);
  return checkNode(schema, place.path, 0);
}

/** Deeper ones are refused, whatever they say. */
export const DEEPEST_SCHEMA = 100;

/** The refusal of a schema that is too deep. */
export const TOO_DEEP = "A FunctionDeclaration in the request exceeds the maximum allowed nesting depth.";

// --- helpers ---

type Node = Record<string, unknown>;

const BESIDE_ANY_OF = new Set(["anyOf", "description", "nullable", "title"]);

const FORMATS: Record<string, readonly string[]> = {
  STRING: ["enum", "date-time"],
  INTEGER: ["int32", "int64"],
  NUMBER: ["float", "double"],
};

function typeOf(schema: Node): string | null {
  const type = schema["type"];
  return typeof type === "string" && type.toUpperCase() !== "TYPE_UNSPECIFIED" ? type.toUpperCase() : null;
}

function emptyObject(path: string): string {
  return `* ${path}.properties: should be non-empty for OBJECT type\n`;
}

function checkNode(schema: Node, path: string, depth: number): string | null {
  if (depth > DEEPEST_SCHEMA) return TOO_DEEP;
  const anyOf = schema["anyOf"] as Node[] | undefined;
  if (anyOf) {
    if (Object.keys(schema).some((name) => !BESIDE_ANY_OF.has(name))) {
      return `* ${path}: schema specified other fields alongside any_of. When using any_of, it must be the only field set.\n`;
    }
    return firstOf(
      anyOf.map((choice, index) => [choice, `${path}.any_of[${index}]`]),
      depth,
    );
  }
  const type = typeOf(schema);
  if (type === null) return `* ${path}: schema didn't specify the schema type field\n`;
  return checkValues(schema, type, path) ?? checkChildren(schema, { type, path, depth });
}

function checkValues(schema: Node, type: string, path: string): string | null {
  const values = (schema["enum"] ?? []) as string[];
  if (values.length > 0 && type !== "STRING") return `* ${path}.enum: only allowed for STRING type\n`;
  const empty = values.indexOf("");
  if (empty >= 0) return `* ${path}.enum[${empty}]: cannot be empty\n`;
  const format = schema["format"];
  const known = FORMATS[type];
  if (typeof format === "string" && format !== "" && known && !known.includes(format)) {
    return `* ${path}.format: only ${known.map((name) => `'${name}'`).join(" and ")} are supported for ${type} type\n`;
  }
  return null;
}

function checkChildren(
  schema: Node,
  { type, path, depth }: { type: string; path: string; depth: number },
): string | null {
  const items = schema["items"] as Node | undefined;
  if (type === "ARRAY" && !items) return `* ${path}.items: missing field.\n`;
  const properties = schema["properties"] as Record<string, Node> | undefined;
  if (type === "OBJECT" && properties && Object.keys(properties).length === 0) return emptyObject(path);
  const undefinedAt = ((schema["required"] ?? []) as string[]).findIndex(
    (name) => !Object.hasOwn(properties ?? {}, name),
  );
  if (undefinedAt >= 0) return `* ${path}.required[${undefinedAt}]: property is not defined\n`;
  return firstOf(
    [
      ...(items ? [[items, `${path}.items`] as [Node, string]] : []),
      ...Object.entries(properties ?? {}).map(([name, child]): [Node, string] => [
        child,
        `${path}.properties[${name}]`,
      ]),
    ],
    depth,
  );
}

function firstOf(nodes: [Node, string][], depth: number): string | null {
  for (const [node, path] of nodes) {
    const words = checkNode(node, path, depth + 1);
    if (words !== null) return words;
  }
  return null;
}
