/**
 * The OpenAPI 3.1 document, from the same definitions that requests are checked by. Only scripts and tests import this:
 * a running gateway does not carry it.
 * @module
 */
import * as z from "zod";
import * as accountRoutes from "./contract/accounts.ts";
import * as callRoutes from "./contract/calls.ts";
import * as clientRoutes from "./contract/clients.ts";
import * as credentialRoutes from "./contract/credentials.ts";
import * as operationRoutes from "./contract/operations.ts";
import * as sessionRoutes from "./contract/session.ts";
import type { RouteDefinition, RouteMedia } from "./define-route.ts";
import * as accounts from "./schemas/accounts.ts";
import * as calls from "./schemas/calls.ts";
import * as clients from "./schemas/clients.ts";
import * as common from "./schemas/common.ts";
import * as credentials from "./schemas/credentials.ts";
import * as operations from "./schemas/operations.ts";
import * as session from "./schemas/session.ts";
import * as usage from "./schemas/usage.ts";

/** Every route of the contract, by path and method. A test proves that each is implemented. */
export const contractRoutes: readonly RouteDefinition[] = [
  sessionRoutes,
  credentialRoutes,
  accountRoutes,
  clientRoutes,
  callRoutes,
  operationRoutes,
]
  .flatMap((file): RouteDefinition[] => Object.values(file))
  // Not every runtime and bundler gives a module's names in the same order.
  .sort((left, right) => compare(`${left.path} ${left.method}`, `${right.path} ${right.method}`));

/** A JSON object of the document. */
export type DocumentNode = Record<string, unknown>;

/**
 * Makes the document.
 * @param routes in their order. @default those of the contract
 * @throws Error when a named shape has more than two forms
 */
export function toOpenApi(routes: readonly RouteDefinition[] = contractRoutes): DocumentNode {
  const schemas: Record<string, unknown> = {};
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: toOperation(route, schemas) };
  }
  const error = toSchema(common.errorSchema, "output", schemas);
  return {
    openapi: "3.1.0",
    info: {
      title: "Gemini Proxy admin API",
      version: "1",
      description:
        "Everything that the dashboard and tools do with a running gateway. docs/admin-api.md tells how to log in. Times are epoch milliseconds, money is US dollars.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/admin/api/v1" }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).sort(([left], [right]) => compare(left, right))),
      responses: {
        Refused: {
          description: "What is wrong, with a stable code and what to do (docs/admin-api.md lists the codes)",
          content: { "application/json": { schema: error } },
        },
      },
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "The admin token, or a token of POST /tokens" },
        session: {
          type: "apiKey",
          in: "cookie",
          name: "__Host-gemini-proxy-session",
          description: "Set by POST /session; counts only without an authorization header",
        },
        csrf: {
          type: "apiKey",
          in: "header",
          name: "x-csrf-token",
          description: "`csrfToken` of the session, with everything but GET",
        },
      },
    },
  };
}

// --- helpers ---

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

type Direction = "input" | "output";

/** Named shapes become components: objects and choices that `schemas/` exports. */
const names = new Map<z.ZodType, string>();
for (const file of [common, session, accounts, credentials, clients, calls, usage, operations])
  for (const [name, schema] of Object.entries(file))
    if (schema instanceof z.ZodObject || schema instanceof z.ZodEnum) {
      const plain = name.replace(/Schema$/, "");
      names.set(schema, plain.charAt(0).toUpperCase() + plain.slice(1));
    }

const mediaTypes: Readonly<Record<RouteMedia, string>> = {
  json: "application/json",
  "text/event-stream": "text/event-stream",
  "text/csv": "text/csv",
  "application/x-ndjson": "application/x-ndjson",
  "text/plain": "text/plain",
};

function toOperation(route: RouteDefinition, schemas: Record<string, unknown>): DocumentNode {
  const { id, tag, summary, role, audit, method, body } = route;
  const parameters = [...toParameters(route.params, "path", schemas), ...toParameters(route.query, "query", schemas)];
  const session = method === "GET" ? { session: [] } : { session: [], csrf: [] };
  return {
    operationId: id,
    tags: [tag],
    summary,
    "x-role": role,
    ...(audit === undefined ? {} : { "x-audit": audit }),
    security: [...(role === "public" ? [{}] : []), { bearer: [] }, session],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { "application/json": { schema: toSchema(body, "input", schemas) } },
          },
        }),
    responses: toResponses(route, schemas),
  };
}

function toParameters(
  schema: z.ZodType | undefined,
  place: "path" | "query",
  schemas: Record<string, unknown>,
): DocumentNode[] {
  if (schema === undefined) return [];
  // An object's own schema, whole: parameters have no component of it.
  const whole = convert(schema, "input", schemas);
  const properties = (whole["properties"] ?? {}) as Record<string, DocumentNode>;
  const required = new Set((whole["required"] ?? []) as string[]);
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === "path" || required.has(name),
    schema: property,
  }));
}

function toResponses(route: RouteDefinition, schemas: Record<string, unknown>): DocumentNode {
  const { response, media, status, role, method, params, query, body, tag } = route;
  const content =
    media === undefined
      ? response && { "application/json": { schema: toSchema(response, "output", schemas) } }
      : Object.fromEntries(
          media.map((each) => [mediaTypes[each], { schema: each === "json" ? {} : { type: "string" } }]),
        );
  const success = status ?? (content === undefined ? 204 : 200);
  const refused = [
    ...(params === undefined && query === undefined && body === undefined ? [] : [400]),
    401,
    ...(role === "admin" || method !== "GET" ? [403] : []),
    ...(params === undefined ? [] : [404]),
    ...(method === "GET" ? [] : [409]),
    ...(body === undefined ? [] : [413, 415]),
    ...(tag === "session" && method === "POST" ? [429] : []),
    500,
    503,
  ];
  return {
    [success]: {
      description: success === 204 ? "Done" : "It went well",
      ...(content === undefined ? {} : { content }),
    },
    ...Object.fromEntries(refused.map((code) => [code, { $ref: "#/components/responses/Refused" }])),
  };
}

/** A reference when the shape has a name, else the shape. */
function toSchema(schema: z.ZodType, direction: Direction, schemas: Record<string, unknown>): DocumentNode {
  const name = names.get(schema);
  const converted = convert(schema, direction, schemas);
  return name === undefined ? converted : { $ref: addComponent(name, converted, schemas) };
}

function convert(schema: z.ZodType, direction: Direction, schemas: Record<string, unknown>): DocumentNode {
  const metadata = z.registry<{ id: string }>();
  // The schema itself stays whole; what is in it and has a name is referred to.
  for (const [named, id] of names) if (named !== schema) metadata.add(named, { id });
  const {
    $schema: _schema,
    $defs: definitions = {},
    ...converted
  } = z.toJSONSchema(schema, {
    target: "draft-2020-12",
    io: direction,
    unrepresentable: "any",
    metadata,
  }) as DocumentNode & { $defs?: Record<string, DocumentNode> };
  const references = new Map<string, string>();
  for (const [id, { id: _id, ...definition }] of Object.entries(definitions))
    references.set(`#/$defs/${id}`, addComponent(id, refer(definition), schemas));
  return refer(converted, references) as DocumentNode;
}

/** Definitions refer to each other by the same names. */
function refer(node: unknown, references?: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(node)) return node.map((item) => refer(item, references));
  if (typeof node !== "object" || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).map(([name, value]) => {
      if (name !== "$ref" || typeof value !== "string") return [name, refer(value, references)];
      return [name, references?.get(value) ?? value.replace("#/$defs/", "#/components/schemas/")];
    }),
  );
}

/** The same shape may differ by direction (defaults, transformations): then it has two names. */
function addComponent(name: string, shape: unknown, schemas: Record<string, unknown>): string {
  const text = JSON.stringify(shape);
  for (const candidate of [name, `${name}Input`]) {
    if (schemas[candidate] === undefined) schemas[candidate] = shape;
    if (JSON.stringify(schemas[candidate]) === text) return `#/components/schemas/${candidate}`;
  }
  throw new Error(`The shape ${name} has more than two forms`);
}
