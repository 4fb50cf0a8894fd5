/**
 * Arguments brought back to what the client's schema says, where lowering changed a type (fact sheet translation 4.5,
 * rule 7): numbers and booleans that were enumerated as strings, and values that were asked for as JSON text.
 * @module
 */
import type { JsonObject } from "../types.ts";
import { typesOf, typeOfValue } from "./types-of.ts";
import { isObject, setMember } from "./values.ts";

/** Where in the arguments something was changed; null: nowhere. */
export interface RestorePlan {
  /** Text → what the client enumerated. */
  values: ReadonlyMap<string, unknown> | null;
  /** Objects and arrays come as JSON text. */
  isText: boolean;
  properties: ReadonlyMap<string, RestorePlan> | null;
  items: RestorePlan | null;
}

/**
 * What lowering will change in a schema (`as-text`).
 * @param schema in normal form, without references
 */
export function planRestore(schema: JsonObject): RestorePlan | null {
  const branches = [schema["anyOf"], schema["oneOf"]].find((list) => Array.isArray(list) && list.length > 0);
  if (!Array.isArray(branches) || "enum" in schema) return planLevel(schema);
  const real = branches.filter((branch) => isObject(branch));
  const plans = [planBeside(schema), ...real.map(planRestore)];
  // Where a branch takes the text as it is, it stays what the model wrote.
  const kept = new Set(real.flatMap(textsOf));
  return mergePlans(plans, (text) => !kept.has(text) && !kept.has(anyText));
}

/**
 * Applies a plan.
 * @param value is not changed
 */
export function restoreValue(value: unknown, plan: RestorePlan): unknown {
  if (typeof value === "string") return restoreText(value, plan);
  if (Array.isArray(value)) {
    const { items } = plan;
    return items === null ? value : value.map((item) => restoreValue(item, items));
  }
  if (!isObject(value) || plan.properties === null) return value;
  let restored: JsonObject | null = null;
  for (const [name, inner] of plan.properties) {
    if (!Object.hasOwn(value, name)) continue;
    const after = restoreValue(value[name], inner);
    if (after === value[name]) continue;
    restored ??= { ...value };
    setMember(restored, name, after);
  }
  return restored ?? value;
}

// --- helpers ---

/** Stands for every text in the set of texts that a branch takes. */
const anyText = Symbol("any text");

function planLevel(schema: JsonObject): RestorePlan | null {
  if (Array.isArray(schema["enum"])) {
    const values = planValues(schema["enum"]);
    return values === null ? null : { values, isText: false, properties: null, items: null };
  }
  const { types, nullable } = typesOf(schema);
  if (types.length === 0) return nullable ? null : { values: null, isText: true, properties: null, items: null };
  return planBeside(schema);
}

/** Of an object's properties and an array's items. */
function planBeside(schema: JsonObject): RestorePlan | null {
  const properties = new Map<string, RestorePlan>();
  if (isObject(schema["properties"])) {
    for (const [name, property] of Object.entries(schema["properties"])) {
      const plan = isObject(property) ? planRestore(property) : null;
      if (plan !== null) properties.set(name, plan);
    }
  }
  const tuple = Array.isArray(schema["prefixItems"]) ? schema["prefixItems"].filter((item) => isObject(item)) : [];
  const elements = isObject(schema["items"]) ? [...tuple, schema["items"]] : tuple;
  const items =
    elements.length === 0 ? null : planRestore(elements.length === 1 ? (elements[0] ?? {}) : { anyOf: elements });
  if (properties.size === 0 && items === null) return null;
  return { values: null, isText: false, properties: properties.size === 0 ? null : properties, items };
}

function planValues(values: readonly unknown[]): ReadonlyMap<string, unknown> | null {
  const texts = new Map<string, unknown>();
  for (const value of values) {
    const type = typeOfValue(value);
    if (type !== null && type !== "string") texts.set(String(value), value);
  }
  // "1" and 1 side by side: the text is one of them as it is.
  for (const value of values) if (typeof value === "string") texts.delete(value);
  return texts.size === 0 ? null : texts;
}

function textsOf(schema: JsonObject): (string | symbol)[] {
  if (Array.isArray(schema["enum"])) return schema["enum"].filter((value) => typeof value === "string");
  const branches = [schema["anyOf"], schema["oneOf"]].find((list) => Array.isArray(list) && list.length > 0);
  if (Array.isArray(branches)) return branches.flatMap((branch) => (isObject(branch) ? textsOf(branch) : []));
  return typesOf(schema).types.includes("string") ? [anyText] : [];
}

function mergePlans(
  plans: readonly (RestorePlan | null)[],
  isChanged: (text: string | symbol) => boolean,
): RestorePlan | null {
  const values = new Map<string, unknown>();
  const properties = new Map<string, RestorePlan>();
  let isText = false;
  let items: RestorePlan | null = null;
  for (const plan of plans) {
    if (plan === null) continue;
    for (const [text, value] of plan.values ?? []) if (isChanged(text)) values.set(text, value);
    isText ||= plan.isText && isChanged(anyText);
    for (const [name, inner] of plan.properties ?? []) {
      const known = properties.get(name);
      properties.set(name, known === undefined ? inner : (mergePlans([known, inner], () => true) ?? inner));
    }
    if (plan.items !== null) items = items === null ? plan.items : mergePlans([items, plan.items], () => true);
  }
  if (values.size === 0 && properties.size === 0 && !isText && items === null) return null;
  return {
    values: values.size === 0 ? null : values,
    isText,
    properties: properties.size === 0 ? null : properties,
    items,
  };
}

function restoreText(text: string, plan: RestorePlan): unknown {
  if (plan.values !== null && plan.values.has(text)) return plan.values.get(text);
  if (!plan.isText || !/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
