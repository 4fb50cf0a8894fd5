/**
 * `response_format` (fact sheet translation 1.5).
 * @module
 */
import type { AnswerFormat, JsonObject } from "../../../translation/types.ts";
import type { Problems } from "./problems.ts";
import { isObject, objectOf, textOf } from "./values.ts";

/** The form that the answer must have. */
export function readFormat(body: JsonObject, problems: Problems): AnswerFormat {
  const value = body["response_format"];
  if (value === undefined || value === null) return { kind: "text" };
  const type = objectOf(value)?.["type"];
  if (type === "text") return { kind: "text" };
  if (type === "json_object") return { kind: "json-object" };
  if (type === "json_schema") return readSchema(objectOf(value)?.["json_schema"], problems);
  if (typeof type === "string")
    problems.unsupported("response_format.type", "must be 'text', 'json_object' or 'json_schema'.");
  else problems.invalid("response_format", "must be an object with a 'type'.");
  return { kind: "text" };
}

// --- helpers ---

function readSchema(value: unknown, problems: Problems): AnswerFormat {
  if (!isObject(value)) {
    problems.invalid("response_format.json_schema", "must be an object with 'name' and 'schema'.");
    return { kind: "json-object" };
  }
  const schema = value["schema"];
  // OpenAI lets the schema away: any JSON will do then.
  if (schema === undefined || schema === null) return { kind: "json-object" };
  if (!isObject(schema)) {
    problems.invalid("response_format.json_schema.schema", "must be a JSON Schema object.");
    return { kind: "json-object" };
  }
  return { kind: "json-schema", name: textOf(value["name"]) ?? "answer", schema };
}
