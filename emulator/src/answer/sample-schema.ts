/** @module A value that fits a schema, for structured output and for the arguments of calls nobody scripted. */

/**
 * Builds the smallest plausible value: the first of an enum, required members only, one item per list.
 * @param schema Google's subset or JSON Schema; `$ref` into `$defs` is followed.
 * @param text What strings say.
 */
export function sampleSchema(
  schema: Record<string, unknown>,
  text: string,
  root: Record<string, unknown> = schema,
  depth: number = 0,
): unknown {
  if (depth > 12) return null;
  const resolved = resolve(schema, root);
  const choice = [resolved["anyOf"], resolved["oneOf"]].find(Array.isArray);
  if (Array.isArray(choice) && isObject(choice[0])) return sampleSchema(choice[0], text, root, depth + 1);
  if ("const" in resolved) return resolved["const"];
  if (Array.isArray(resolved["enum"])) return resolved["enum"][0];
  const type = Array.isArray(resolved["type"]) ? resolved["type"][0] : resolved["type"];
  switch (String(type ?? (resolved["properties"] ? "object" : "string")).toLowerCase()) {
    case "object":
      return sampleObject(resolved, text, root, depth);
    case "array":
      return isObject(resolved["items"]) ? [sampleSchema(resolved["items"], text, root, depth + 1)] : [];
    case "number":
    case "integer":
      return typeof resolved["minimum"] === "number" ? resolved["minimum"] : 1;
    case "boolean":
      return true;
    case "null":
      return null;
    default:
      return text;
  }
}

// --- helpers ---

function sampleObject(
  schema: Record<string, unknown>,
  text: string,
  root: Record<string, unknown>,
  depth: number,
): Record<string, unknown> {
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? schema["required"] : Object.keys(properties);
  const sample: Record<string, unknown> = {};
  for (const name of required) {
    const property = properties[String(name)];
    sample[String(name)] = isObject(property) ? sampleSchema(property, text, root, depth + 1) : null;
  }
  return sample;
}

function resolve(schema: Record<string, unknown>, root: Record<string, unknown>): Record<string, unknown> {
  const reference = schema["$ref"];
  if (typeof reference !== "string" || !reference.startsWith("#/")) return schema;
  let target: unknown = root;
  for (const step of reference.slice(2).split("/")) target = isObject(target) ? target[step] : undefined;
  return isObject(target) ? target : {};
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
