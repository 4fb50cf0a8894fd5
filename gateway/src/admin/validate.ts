/**
 * From hostile requests to what handlers take. No value of a request is repeated in an error: it may be a secret.
 * @module
 */
import type * as z from "zod";
import { AdminError, type AdminErrorCode } from "./admin-errors.ts";
import { redactText } from "./audit-detail.ts";

/** Which part of a request. */
export type RequestPart = "params" | "query" | "body";

/**
 * Checks a part.
 * @param schema null: nothing is taken
 * @returns the schema's output; undefined without a schema
 * @throws AdminError naming the first fault and its place
 */
export function validatePart(part: RequestPart, schema: z.ZodType | undefined, value: unknown): unknown {
  if (schema === undefined) {
    const name = part === "query" ? Object.keys(value as object)[0] : undefined;
    if (name === undefined) return undefined;
    throw new AdminError("query_invalid", {
      message: "This route takes nothing in its query.",
      field: place("query", [name]),
    });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = worstOf(parsed.error.issues);
  throw new AdminError(codes[part], { message: redactText(message).slice(0, 500), field: place(part, path) });
}

/**
 * The query as an object.
 * @throws AdminError `query_invalid` for a name that stands twice
 */
export function readQuery(url: URL): Record<string, string> {
  // Without a prototype: `__proto__` is a name like any other, and no route takes it.
  const query = Object.create(null) as Record<string, string>;
  for (const [name, value] of url.searchParams) {
    if (Object.hasOwn(query, name))
      throw new AdminError("query_invalid", { message: "A name stands twice.", field: place("query", [name]) });
    query[name] = value;
  }
  return query;
}

// --- helpers ---

const codes = {
  params: "params_invalid",
  query: "query_invalid",
  body: "body_invalid",
} as const satisfies Record<RequestPart, AdminErrorCode>;

type Issue = z.core.$ZodIssue;

/** Of a union, what the form lacks that the value came nearest to: "Invalid input" helps nobody. */
function worstOf(issues: readonly Issue[]): { path: readonly PropertyKey[]; message: string } {
  const [issue] = issues;
  if (issue === undefined) return { path: [], message: "Invalid input" };
  if (issue.code === "unrecognized_keys")
    return { path: [...issue.path, issue.keys[0] ?? ""], message: "This name is not known here." };
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const nearest = [...issue.errors].sort((left, right) => left.length - right.length)[0] as Issue[];
    const inner = worstOf(nearest);
    return { path: [...issue.path, ...inner.path], message: inner.message };
  }
  return { path: issue.path, message: issue.message };
}

/** `body.rows[2].name`. Names come from the request. */
function place(part: RequestPart, path: readonly PropertyKey[]): string {
  let text: string = part;
  for (const step of path)
    text += typeof step === "number" ? `[${step}]` : `.${redactText(String(step)).slice(0, 100)}`;
  return text.slice(0, 300);
}
