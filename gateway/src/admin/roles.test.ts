import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { createAdminWorld, type AdminWorld, type Caller } from "../testkit/admin-world.ts";
import type { Implementation } from "./implement.ts";
import { allImplementations } from "./implementations.ts";

/** Whether a handler was reached; the walk is about the way there, so handlers themselves do nothing. */
let reached = "";
const walked: Implementation[] = allImplementations.map((implementation) => ({
  // Without schemas, so that what comes after the check of roles lets everything through.
  route: {
    ...implementation.route,
    params: z.unknown(),
    query: z.unknown(),
    response: z.unknown(),
    ...(implementation.route.body === undefined ? {} : { body: z.unknown() }),
  },
  handle: () => {
    reached = implementation.route.id;
    return null;
  },
}));

/** What each caller gets from a route of each role; null: its handler is reached. */
function expectedCode(caller: Caller, { role, method }: Implementation["route"]): string | null {
  switch (caller) {
    case "wrong-token":
      return "token_invalid";
    case "nobody":
      return role === "public" ? null : "session_required";
    case "viewer":
    case "viewer-token":
      return role === "admin" ? "role_insufficient" : null;
    case "admin-without-csrf":
      return method === "GET" ? null : "csrf_invalid";
    default:
      return null;
  }
}

const callers: Caller[] = [
  ...(["nobody", "wrong-token", "viewer", "viewer-token", "admin-without-csrf", "admin", "admin-token"] as const),
];

describe("every route", () => {
  let world: AdminWorld;
  beforeAll(async () => {
    world = await createAdminWorld({ implementations: walked });
  });
  afterAll(() => world.close());

  describe.each(callers)("asked by %s", (caller) => {
    it.each(allImplementations.map(({ route }) => [`${route.method} ${route.path}`, route] as const))(
      "%s",
      async (_, route) => {
        reached = "";
        const path = route.path.replace(/:\w+/g, "x");
        const response = await world.open(route.method, path, {
          as: caller,
          ...(route.method === "GET" ? {} : { body: {} }),
        });
        const answer =
          response.status < 400 ? null : ((await response.json()) as { error: { code: string } }).error.code;
        const expected = expectedCode(caller, route);
        expect(answer).toBe(expected);
        expect(reached).toBe(expected === null ? route.id : "");
      },
    );
  });

  it("has an audit action unless it only reads, and an id and path of its own", () => {
    for (const { route } of allImplementations) {
      expect([route.id, route.audit !== undefined]).toEqual([route.id, route.method !== "GET"]);
      if (route.role === "public") expect(["getSession", "createSession"]).toContain(route.id);
    }
    expect(new Set(allImplementations.map(({ route }) => route.id)).size).toBe(allImplementations.length);
  });

  it("that changes something beyond one's own session is for admins", () => {
    const forViewers = allImplementations.filter(({ route }) => route.method !== "GET" && route.role !== "admin");
    expect(forViewers.map(({ route }) => route.id)).toEqual(["createSession", "deleteSession", "setPassword"]);
  });
});
