/** @module Checks a body against the message table and normalises its names to camelCase, complaining in Google's words. */

import type { FieldType } from "./field-type.ts";
import { MESSAGES } from "./request-schema.ts";

/** One complaint, as in `google.rpc.BadRequest.fieldViolations`. */
export interface FieldViolation {
  field?: string;
  description: string;
}

/** Outcome of {@link checkRequest}. */
export type CheckedRequest = { ok: true; value: Record<string, unknown> } | { ok: false; violations: FieldViolation[] };

/**
 * Normalises a parsed body: snake_case names become camelCase, a single value stands for a list of one, as proto3-JSON at Google allows.
 * Unknown names and wrong types are collected as violations (fact sheet upstream 1, 4.2).
 * @param message Name in {@link MESSAGES}, e.g. `GenerateContentRequest`.
 */
export function checkRequest(value: unknown, message: string): CheckedRequest {
  const violations: FieldViolation[] = [];
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { ok: false, violations: [{ description: `${PREFIX} Root element must be a message.` }] };
  }
  const checked = checkMessage(value as Record<string, unknown>, { message, path: "", violations });
  return violations.length > 0 ? { ok: false, violations } : { ok: true, value: checked };
}

/** `camelCase` of a `snake_case` name. */
export function toCamelCase(name: string): string {
  return name.replace(/(?!^)_([a-z\d])/g, (_, letter: string) => letter.toUpperCase());
}

// --- helpers ---

const PREFIX = "Invalid JSON payload received.";
const PACKAGE = "type.googleapis.com/google.ai.generativelanguage.v1beta";
const BASE64_CHECKED_UP_TO = 65_536;
const SCHEMA_TYPES = ["TYPE_UNSPECIFIED", "STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL"];
// Built once: each message's names in both spellings.
const FIELDS = new Map(Object.entries(MESSAGES).map(([message, fields]) => [message, bothSpellings(fields)]));

interface Place {
  message: string;
  path: string;
  violations: FieldViolation[];
}

interface Field {
  snake: string;
  camel: string;
  type: FieldType;
}

function bothSpellings(fields: Readonly<Record<string, FieldType>>): Map<string, Field> {
  const names = new Map<string, Field>();
  for (const [snake, type] of Object.entries(fields)) {
    const field = { snake, camel: toCamelCase(snake), type };
    names.set(snake, field);
    names.set(field.camel, field);
  }
  return names;
}

function checkMessage(value: Record<string, unknown>, place: Place): Record<string, unknown> {
  const checked: Record<string, unknown> = {};
  const fields = FIELDS.get(place.message);
  for (const name of Object.keys(value)) {
    const field = fields?.get(name);
    if (!field) {
      unknownName(place, name, "Cannot find field.");
      continue;
    }
    const member = value[name];
    if (member === null || member === undefined) continue;
    const path = place.path === "" ? field.snake : `${place.path}.${field.snake}`;
    checked[field.camel] = checkField(member, field, { ...place, path }, place);
  }
  return checked;
}

function unknownName(place: Place, name: string, why: string): void {
  const at = place.path === "" ? "" : ` at '${place.path}'`;
  const description = `${PREFIX} Unknown name "${name}"${at}: ${why}`;
  place.violations.push(place.path === "" ? { description } : { field: place.path, description });
}

function checkField(member: unknown, field: Field, place: Place, parent: Place): unknown {
  const { type } = field;
  if (typeof type === "object" && "list" in type) {
    const items = Array.isArray(member) ? member : [member];
    return items.map((item, index) => checkSingle(item, type.list, { ...place, path: `${place.path}[${index}]` }));
  }
  if (Array.isArray(member) && type !== "any") {
    unknownName(parent, field.snake, "Proto field is not repeating, cannot start list.");
    return undefined;
  }
  if (typeof type === "string") return checkSingle(member, type, place);
  if ("values" in type) return checkEnum(member, type, place);
  if (typeof member !== "object" || member === null) return invalid(place, "TYPE_MESSAGE", member);
  const map: Record<string, unknown> = {};
  for (const [index, [key, item]] of Object.entries(member).entries()) {
    // Google numbers the entries of a map.
    map[key] = checkSingle(item, type.map, { ...place, path: `${place.path}[${index}].value` });
  }
  return map;
}

function checkEnum(member: unknown, type: { values: readonly string[]; name: string }, place: Place): unknown {
  if (typeof member === "string" && type.values.includes(member.toUpperCase())) return member;
  if (typeof member === "number" && type.values[member] !== undefined) return type.values[member];
  return invalid(place, `${PACKAGE}.${type.name}`, member);
}

function checkSingle(member: unknown, type: string, place: Place): unknown {
  switch (type) {
    case "any":
      return member;
    case "string":
      return typeof member === "string" ? member : invalid(place, "TYPE_STRING", member);
    case "boolean":
      return typeof member === "boolean" ? member : invalid(place, "TYPE_BOOL", member);
    case "number":
    case "integer":
      return checkNumber(member, type, place);
    case "bytes":
      return checkBytes(member, place);
    case "struct":
      return typeof member === "object" && member !== null && !Array.isArray(member)
        ? member
        : invalid(place, "type.googleapis.com/google.protobuf.Struct", member);
    case "schemaType":
      return typeof member === "string" && SCHEMA_TYPES.includes(member.toUpperCase())
        ? member
        : invalid(place, `${PACKAGE}.Type`, member);
    default:
      if (typeof member !== "object" || member === null) return invalid(place, `${PACKAGE}.${type}`, member);
      return checkMessage(member as Record<string, unknown>, { ...place, message: type });
  }
}

function checkNumber(member: unknown, type: string, place: Place): unknown {
  const number = typeof member === "string" && member.trim() !== "" ? Number(member) : member;
  if (typeof number !== "number" || Number.isNaN(number)) {
    return invalid(place, type === "integer" ? "TYPE_INT32" : "TYPE_FLOAT", member);
  }
  return type === "integer" && !Number.isInteger(number) ? invalid(place, "TYPE_INT32", member) : number;
}

function checkBytes(member: unknown, place: Place): unknown {
  if (typeof member !== "string") return invalid(place, "TYPE_BYTES", member);
  if (member.length <= BASE64_CHECKED_UP_TO && !/^[\w+/=-]*$/.test(member)) {
    describe(
      place,
      `Invalid value at '${place.path}' (TYPE_BYTES), Base64 decoding failed for ${JSON.stringify(member)}`,
    );
  }
  return member;
}

function invalid(place: Place, type: string, value: unknown): undefined {
  describe(place, `Invalid value at '${place.path}' (${type}), ${JSON.stringify(value)?.slice(0, 500)}`);
  return undefined;
}

function describe(place: Place, description: string): void {
  place.violations.push({ field: place.path, description });
}
