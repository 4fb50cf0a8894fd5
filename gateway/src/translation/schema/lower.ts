/**
 * The strict subset N2 of a schema: what `parameters` and `responseSchema` take, and nothing else (fact sheet
 * translation 4.2). Made from the normal form without references.
 * @module
 */
import type { JsonObject } from "../types.ts";
import { lowerEnum, type EnumForm } from "./lower-enum.ts";
import { copyTypeKeywords } from "./lower-keywords.ts";
import { combineBranches, joinProperties } from "./lower-union.ts";
import { spellType, typesOf } from "./types-of.ts";
import { addToDescription, isObject, measureValue, setMember } from "./values.ts";

/**
 * Lowers a schema.
 * @param schema in normal form, without references; not changed
 */
export function lowerSchema(schema: JsonObject, form: EnumForm): JsonObject {
  const branches = unionOf(schema);
  if (branches !== null && !("enum" in schema)) return lowerUnion(schema, branches, form);
  return lowerTypes(schema, form);
}

// --- helpers ---

/** Says in the description of a value that anything may stand there. */
const anyValueNote = "Any JSON value, written as JSON text.";

function unionOf(schema: JsonObject): JsonObject[] | null {
  if (!("anyOf" in schema) && !("oneOf" in schema)) return null;
  const branches = Array.isArray(schema["anyOf"]) ? schema["anyOf"] : schema["oneOf"];
  return Array.isArray(branches) && branches.length > 0 ? branches.filter((branch) => isObject(branch)) : null;
}

function lowerUnion(schema: JsonObject, branches: readonly JsonObject[], form: EnumForm): JsonObject {
  const { anyOf: _anyOf, oneOf: _oneOf, ...parent } = schema;
  const { types, nullable } = typesOf(parent);
  const real = branches.filter((branch) => !isNull(branch));
  const hasNull = nullable || real.length < branches.length;
  const [type] = types;
  if (real.length === 0) return withNullable(lowerTypes(parent, form), hasNull);
  // Beside `anyOf` Google takes no properties: those of the branches become optional ones of the whole.
  if (types.length === 1 && type === "object" && isObject(parent["properties"])) {
    const whole = lowerTypes(parent, form);
    return withNullable(
      joinProperties(
        whole,
        real.map((branch) => lowerSchema({ type, ...branch }, form)),
      ),
      hasNull,
    );
  }
  const inherited = type === undefined || types.length > 1 ? {} : { type: spellType(schema, type) };
  return combineBranches({
    branches: real.map((branch) => lowerSchema({ ...inherited, ...branch }, form)),
    title: schema["title"],
    description: schema["description"],
    nullable: hasNull,
  });
}

function isNull(branch: JsonObject): boolean {
  const { types, nullable } = typesOf(branch);
  return nullable && types.length === 0 && unionOf(branch) === null;
}

function lowerTypes(schema: JsonObject, form: EnumForm): JsonObject {
  const { types, nullable } = typesOf(schema);
  if (types.length > 1 && !(Array.isArray(schema["enum"]) && form === "as-text")) {
    const { title, description, ...inner } = schema;
    const branches = types.map((type) => lowerType({ ...inner, type }, { type, nullable: false, form }));
    return combineBranches({ branches, title, description, nullable });
  }
  return lowerType(schema, { type: types[0], nullable, form });
}

interface One {
  /** Lower case; undefined: any value, or null only. */
  type: string | undefined;
  nullable: boolean;
  form: EnumForm;
}

function lowerType(schema: JsonObject, { type, nullable, form }: One): JsonObject {
  const lowered: JsonObject = { type: type === undefined ? "string" : spellType(schema, type) };
  if (typeof schema["title"] === "string") lowered["title"] = schema["title"];
  if (typeof schema["description"] === "string") lowered["description"] = schema["description"];
  // An enumeration of objects or lists has no counterpart: their own schema says what they are.
  const isEnum = Array.isArray(schema["enum"]) && type !== "object" && type !== "array";
  if (isEnum) Object.assign(lowered, lowerEnum(schema, type, form));
  else if (type === undefined) {
    lowered["description"] = addToDescription(schema["description"], nullable ? "Always null." : anyValueNote);
  }
  copyTypeKeywords(schema, String(lowered["type"]).toLowerCase(), lowered);
  if (type === "array") lowerArray(schema, lowered, form);
  if (type === "object") lowerObject(schema, lowered, form);
  if ("example" in schema && measureValue(schema["example"], 4096) !== Infinity) lowered["example"] = schema["example"];
  return withNullable(lowered, nullable);
}

function withNullable(schema: JsonObject, nullable: boolean): JsonObject {
  return nullable ? { ...schema, nullable: true } : schema;
}

function lowerArray(schema: JsonObject, lowered: JsonObject, form: EnumForm): void {
  const tuple = Array.isArray(schema["prefixItems"]) ? schema["prefixItems"].filter((item) => isObject(item)) : [];
  const rest = isObject(schema["items"]) ? schema["items"] : null;
  if (tuple.length === 0) {
    lowered["items"] = rest === null ? { type: "string" } : lowerSchema(rest, form);
    return;
  }
  const branches = rest === null ? tuple : [...tuple, rest];
  lowered["items"] = lowerSchema({ anyOf: branches }, form);
  lowered["minItems"] ??= tuple.length;
  if (rest === null) lowered["maxItems"] ??= tuple.length;
}

function lowerObject(schema: JsonObject, lowered: JsonObject, form: EnumForm): void {
  const { properties, required, propertyOrdering } = schema;
  const names = isObject(properties) ? Object.keys(properties) : [];
  if (!isObject(properties) || names.length === 0) {
    describeMap(schema, lowered, form);
    return;
  }
  const loweredProperties: JsonObject = {};
  for (const name of names) {
    const property = properties[name];
    setMember(loweredProperties, name, lowerSchema(isObject(property) ? property : {}, form));
  }
  lowered["properties"] = loweredProperties;
  const isKnown = (name: unknown): boolean => typeof name === "string" && Object.hasOwn(loweredProperties, name);
  if (Array.isArray(required) && required.some(isKnown)) lowered["required"] = required.filter(isKnown);
  if (Array.isArray(propertyOrdering) && propertyOrdering.some(isKnown)) {
    lowered["propertyOrdering"] = propertyOrdering.filter(isKnown);
  }
}

/** An object with free names: the strict subset cannot say what their values are, so words do. */
function describeMap(schema: JsonObject, lowered: JsonObject, form: EnumForm): void {
  const patterns = isObject(schema["patternProperties"]) ? Object.values(schema["patternProperties"]) : [];
  const values = isObject(schema["additionalProperties"]) ? schema["additionalProperties"] : patterns[0];
  if (!isObject(values) || Object.keys(values).length === 0) return;
  const text = JSON.stringify(lowerSchema(values, form));
  const said = text.length <= longestMapNote ? text : typesOf(values).types.join(" or ") || "any";
  lowered["description"] = addToDescription(lowered["description"], `keys: free, values: ${said}`);
}

const longestMapNote = 400;
