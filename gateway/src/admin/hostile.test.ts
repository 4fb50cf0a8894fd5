import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAdminWorld, type AdminWorld } from "../testkit/admin-world.ts";
import type { RouteDefinition } from "./define-route.ts";
import { allImplementations } from "./implementations.ts";

/** Names that routes know, so that values get further than the names' check. */
const names = [
  "limit",
  "cursor",
  "before",
  "fromMs",
  "toMs",
  "zone",
  "model",
  "by",
  "interval",
  "status",
  "sinceMs",
  "search",
];
const bodyNames = [
  "name",
  "role",
  "password",
  "changes",
  "overrides",
  "ids",
  "action",
  "text",
  "mode",
  "enabled",
  "limits",
  "dryRun",
];
const value = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.integer(),
  fc.constantFrom("true", "9e99", "-1", "..", "\u0000", "%", "'"),
);
const query = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 4 });
const body = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.dictionary(fc.constantFrom(...bodyNames), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 5 }),
);
const id = fc.oneof(
  fc.string({ minLength: 1, maxLength: 30, unit: "binary" }),
  fc.constantFrom("%2e%2e", "__proto__", "x".repeat(300)),
);

describe("whatever is sent to", () => {
  let world: AdminWorld;
  beforeAll(async () => {
    world = await createAdminWorld({ environment: { GEMINI_API_KEY: "AIzaSy0123456789abcdefghijklmnopqrstuvw" } });
  });
  afterAll(() => world.close());

  const isStream = ({ media }: RouteDefinition): boolean => media !== undefined;
  const routes = allImplementations.map(({ route }) => route).filter((route) => !isStream(route));
  it.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    "%s, it is no mistake of ours",
    async (_, route) => {
      await fc.assert(
        fc.asyncProperty(query, body, id, async (asked, sent, name) => {
          const search = new URLSearchParams(Object.entries(asked).map(([key, each]) => [key, String(each)]));
          const path = `${route.path.replace(/:\w+/g, () => encodeURIComponent(name))}?${search}`;
          // Every answer is checked by the world: schema, headers, secrets.
          const answer = await world.request(route.method, path, route.method === "GET" ? {} : { body: sent });
          expect(answer.status === 500 ? JSON.stringify(world.logger.lines.at(-1)) : null).toBeNull();
        }),
        { numRuns: 25 },
      );
    },
  );
});
