import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { RouteDefinition } from "./define-route.ts";
import { allImplementations } from "./implementations.ts";
import { toOpenApi } from "./openapi.ts";

type Operation = {
  operationId: string;
  security: Record<string, unknown>[];
  parameters?: { name: string; in: string; required: boolean }[];
  requestBody?: unknown;
  responses: Record<string, unknown>;
};
const document = toOpenApi() as { paths: Record<string, Record<string, Operation>> };
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

it("docs/openapi.json is what the definitions say (else: npm run openapi)", () => {
  const committed: unknown = JSON.parse(readFileSync(new URL("../../../docs/openapi.json", import.meta.url), "utf8"));
  expect(committed).toEqual(JSON.parse(JSON.stringify(document)));
});

describe("the OpenAPI document", () => {
  it("has every route with its names, body and who may call it", () => {
    expect(operations).toHaveLength(allImplementations.length);
    for (const { route } of allImplementations) {
      const path = route.path.replace(/:(\w+)/g, "{$1}");
      const operation = document.paths[path]?.[route.method.toLowerCase()];
      expect(operation).toMatchObject({ operationId: route.id, "x-role": route.role });
      const inPath = operation?.parameters?.filter((each) => each.in === "path").map(({ name }) => name) ?? [];
      expect(inPath).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
      expect(operation?.requestBody === undefined).toBe(route.body === undefined);
      expect(operation?.security.some((each) => Object.keys(each).length === 0)).toBe(route.role === "public");
    }
  });

  it("refers to nothing that is not there, and names nothing twice", () => {
    const text = JSON.stringify(document);
    for (const [, reference = ""] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      let node: unknown = document;
      for (const step of reference.split("/")) node = (node as Record<string, unknown>)[step];
      expect([reference, typeof node]).toEqual([reference, "object"]);
    }
    expect(text).not.toContain("$defs");
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("tells of defaults what a client may leave out, and what an answer always has", () => {
    const { schemas } = (document as unknown as { components: { schemas: Record<string, { required?: string[] }> } })
      .components;
    expect(schemas["RepriceBody"]?.required).toEqual(["fromMs", "toMs"]);
    expect(schemas["SettingsChanged"]?.required).toContain("dryRun");
  });

  it("tells a default as something to leave out of a body and as always there in an answer", () => {
    const shape = z.object({ a: z.number().default(1) });
    const route = {
      id: "r",
      method: "POST",
      path: "/r",
      role: "admin",
      tag: "t",
      summary: "s",
      body: shape,
      response: shape,
    };
    const { post } = (toOpenApi([route as RouteDefinition]) as typeof document).paths["/r"] as { post: Operation };
    expect(JSON.stringify(post.requestBody)).not.toContain('required":[');
    expect(JSON.stringify(post.responses)).toContain('"required":["a"]');
  });
});
