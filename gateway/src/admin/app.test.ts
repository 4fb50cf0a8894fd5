import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { createAdminWorld, type AdminWorld } from "../testkit/admin-world.ts";
import { createAdminApp } from "./app.ts";
import { defineRoute } from "./define-route.ts";
import { implement } from "./implement.ts";

const shared = { role: "viewer", tag: "t", summary: "s" } as const;
let cancelled = 0;
const echoBody = z.strictObject({
  name: z.string().max(5),
  rows: z.array(z.strictObject({ id: z.number() })).optional(),
  any: z.record(z.string(), z.unknown()).optional(),
});
/** Routes of the test: each does one thing that handlers may do. */
const implementations = [
  implement(
    defineRoute({
      ...shared,
      id: "echo",
      method: "POST",
      path: "/echo/:id",
      audit: "echo",
      mostBodyBytes: 200,
      params: z.object({ id: z.string().max(10) }),
      query: z.strictObject({ limit: z.coerce.number().int().default(7) }),
      body: echoBody,
      response: z.object({
        id: z.string(),
        limit: z.number(),
        name: z.string(),
        polluted: z.boolean(),
      }),
    }),
    ({ params, query, body }) => ({ ...params, ...query, name: body.name, polluted: "x" in {} }),
  ),
  implement(
    defineRoute({
      ...shared,
      id: "fixed",
      method: "GET",
      path: "/echo/fixed",
      response: z.object({ fixed: z.boolean() }),
    }),
    ({ responseHeaders }) => {
      responseHeaders.set("location", "/here");
      responseHeaders.set("access-control-allow-origin", "*");
      return { fixed: true };
    },
  ),
  implement(
    defineRoute({
      ...shared,
      id: "one",
      method: "GET",
      path: "/echo/:id",
      params: z.object({ id: z.string() }),
      response: z.object({ id: z.string() }),
    }),
    ({ params }) => params,
  ),
  implement(
    defineRoute({ ...shared, id: "drop", method: "DELETE", path: "/echo/:id", audit: "drop" }),
    () => undefined,
  ),
  implement(
    defineRoute({ ...shared, id: "stream", method: "GET", path: "/stream", media: ["text/event-stream"] }),
    () =>
      new Response(
        new ReadableStream({
          pull: (controller) => controller.enqueue(new TextEncoder().encode(": tick\n\n")),
          cancel: () => void cancelled++,
        }),
        { headers: { "content-type": "text/event-stream", "cache-control": "public" } },
      ),
  ),
  implement(defineRoute({ ...shared, id: "fail", method: "GET", path: "/fail" }), () => {
    throw new TypeError("AIzaSy-a-secret-that-must-not-be-told-anywhere");
  }),
  implement(defineRoute({ ...shared, id: "odd", method: "GET", path: "/odd" }), () => {
    // oxlint-disable-next-line typescript/only-throw-error -- what a library may do
    throw "a bare text";
  }),
  implement(defineRoute({ ...shared, id: "held", method: "GET", path: "/held" }), () => {
    // As SQLite's driver says it: SQLITE_BUSY_SNAPSHOT.
    throw Object.assign(new Error("database is locked"), { errcode: 517 });
  }),
  implement(
    defineRoute({ ...shared, id: "leak", method: "GET", path: "/leak", response: z.object({ name: z.string() }) }),
    () => ({ name: "n", passwordHash: "h" }),
  ),
];

describe("admin application", () => {
  let world: AdminWorld;
  beforeAll(async () => {
    world = await createAdminWorld({ implementations });
  });
  afterAll(() => world.close());
  const post = (body: unknown, headers: Record<string, string> = {}, path = "/echo/a") =>
    world.request("POST", path, { body, headers });
  const raw = (text: string, headers: Record<string, string> = {}) =>
    world.app
      .fetch(
        new Request("https://gateway.test/admin/api/v1/echo/a", {
          method: "POST",
          body: text,
          headers: {
            authorization: "Bearer gpa-admin-token-of-the-simulated-world",
            "content-type": "application/json",
            ...headers,
          },
        }),
        { address: null, secure: true },
      )
      .then(async (response) => ({
        status: response.status,
        body: (await response.json()) as { error: { code: string; field?: string } },
      }));

  it("hands path, query and body to the handler, validated and with defaults", async () => {
    expect((await post({ name: "n" }, {}, "/echo/a%20b?limit=3")).body).toEqual({
      id: "a b",
      limit: 3,
      name: "n",
      polluted: false,
    });
    expect((await post({ name: "n" })).body.limit).toBe(7);
  });

  it("names the place of what is wrong", async () => {
    const faults: [unknown, string][] = [
      [{}, "body.name"],
      [{ name: "too long" }, "body.name"],
      [{ name: "n", other: 1 }, "body.other"],
      [{ name: "n", rows: [{ id: 1 }, { id: "x" }] }, "body.rows[1].id"],
      [{ name: "n", rows: [{ id: 1, extra: 1 }] }, "body.rows[0].extra"],
      [[], "body"],
      [null, "body"],
    ];
    for (const [body, field] of faults) {
      const answer = await post(body);
      expect([answer.status, answer.body.error.code, answer.body.error.field]).toEqual([400, "body_invalid", field]);
      expect(answer.body.error.next).not.toBe("");
    }
    expect((await post({ name: "n" }, {}, "/echo/longer-than-ten")).body.error).toMatchObject({
      code: "params_invalid",
      field: "params.id",
    });
  });

  it("repeats no value of a request in an error", async () => {
    const secret = "AIzaSy0123456789abcdefghijklmnopqrstuvw";
    for (const body of [{ name: secret }, { [secret]: 1, name: "n" }, secret, [secret]])
      expect((await post(body)).text).not.toContain(secret.slice(6));
    expect((await post({ name: "n" }, {}, `/echo/a?${secret}=1`)).text).not.toContain(secret.slice(6));
  });

  it("refuses unknown and doubled names in the query", async () => {
    for (const query of ["other=1", "limit=1&limit=2", "__proto__=1", "constructor=1", "limit=x"]) {
      const answer = await post({ name: "n" }, {}, `/echo/a?${query}`);
      expect([query, answer.status, answer.body.error.code]).toEqual([query, 400, "query_invalid"]);
    }
    expect((await world.request("GET", "/echo/fixed?a=1")).body.error).toMatchObject({
      code: "query_invalid",
      field: "query.a",
    });
  });

  it("takes JSON only, uncompressed, in UTF-8 and of a bounded size", async () => {
    const good = JSON.stringify({ name: "n" });
    expect((await raw(good, { "content-type": "application/json; charset=UTF-8" })).status).toBe(200);
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "application/json; charset=utf-16",
      "multipart/form-data; boundary=application/json",
    ])
      expect((await raw(good, { "content-type": type })).body.error.code).toBe("body_type_unsupported");
    expect((await raw(good, { "content-encoding": "gzip" })).body.error.code).toBe("body_type_unsupported");
    expect((await raw(JSON.stringify({ name: "n".repeat(200) }))).body.error.code).toBe("body_too_large");
    expect((await raw("")).body.error.code).toBe("body_invalid");
    expect((await raw("{name: 1}")).body.error.code).toBe("body_invalid");
    expect((await raw("[".repeat(190))).body.error.code).toBe("body_invalid");
  });

  it("stops reading a body that does not say how long it is once it is too long", async () => {
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent += 50;
        controller.enqueue(new Uint8Array(50).fill(32));
      },
    });
    const request = new Request("https://gateway.test/admin/api/v1/echo/a", {
      method: "POST",
      body: endless,
      duplex: "half",
      headers: {
        ...(await world.headersOf("admin-token")),
        "content-type": "application/json",
      },
    } as RequestInit);
    expect((await world.app.fetch(request, { address: null, secure: true })).status).toBe(413);
    expect(sent).toBeLessThan(600);
  });

  it("takes no __proto__ however it is written, and pollutes nothing", async () => {
    for (const text of ['{"name":"n","__proto__":{"x":1}}', '{"name":"n","any":{"\\u005f_proto__":{"x":1}}}']) {
      expect(await raw(text)).toMatchObject({
        status: 400,
        body: { error: { code: "body_invalid", field: "body.__proto__" } },
      });
    }
    expect("x" in {}).toBe(false);
    expect((await raw('{"name":"n","any":{"constructor":{"prototype":{"x":1}}}}')).body).toMatchObject({
      polluted: false,
    });
  });

  it("finds fixed paths before those with a name in them, and strips what only hosts may say", async () => {
    const answer = await world.request("GET", "/echo/fixed");
    expect(answer.body).toEqual({ fixed: true });
    expect(answer.headers.get("location")).toBe("/here");
    expect((await world.request("GET", "/echo/other")).body).toEqual({ id: "other" });
  });

  it("answers 404 and 405 in the shape of errors", async () => {
    expect(await world.request("GET", "/nothing")).toMatchObject({
      status: 404,
      body: { error: { code: "path_unknown" } },
    });
    expect((await world.request("GET", "/echo/a/")).status).toBe(404);
    const wrong = await world.request("PUT", "/echo/a", { body: {} });
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "POST, GET, HEAD, DELETE"]);
    expect((await world.request("DELETE", "/echo/fixed")).headers.get("allow")).toBe("GET, HEAD");
    expect((await world.request("OPTIONS", "/echo/a", { headers: { origin: "https://evil.test" } })).status).toBe(405);
  });

  it("answers HEAD like GET without a body, and lets no stream run on", async () => {
    const head = await world.request("HEAD", "/echo/fixed");
    expect([head.status, head.text, head.headers.get("content-type")]).toEqual([
      200,
      "",
      "application/json; charset=utf-8",
    ]);
    const before = cancelled;
    expect((await world.request("HEAD", "/stream")).status).toBe(200);
    expect(cancelled).toBe(before + 1);
    expect((await world.request("HEAD", "/echo/fixed", { as: "nobody" })).status).toBe(401);
  });

  it("streams what a handler streams, with the common headers over its own", async () => {
    const response = await world.open("GET", "/stream");
    expect(response.headers.get("cache-control")).toBe("no-store");
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe(": tick\n\n");
    const before = cancelled;
    await reader.cancel();
    expect(cancelled).toBe(before + 1);
  });

  it("tells of a mistake of its own only that there was one, and logs class and place", async () => {
    const answer = await world.request("GET", "/fail");
    expect([answer.status, answer.body.error.code]).toEqual([500, "internal"]);
    expect(answer.text).not.toContain("AIza");
    const requestId = answer.body.error.requestId as string;
    expect(requestId).toBe(answer.headers.get("x-request-id"));
    const line = world.logger.lines.find(({ event }) => event === "admin.failed");
    expect(line?.fields).toMatchObject({ requestId, method: "GET", path: "/admin/api/v1/fail", class: "TypeError" });
    expect(JSON.stringify(line)).toMatch(/app\.test\.ts:\d+:\d+/);
    expect(JSON.stringify(line)).not.toContain("AIza");
    expect((await world.request("GET", "/odd")).body.error.code).toBe("internal");
  });

  it("says 503 with a time while another process holds the store, since nobody made a mistake", async () => {
    const answer = await world.request("GET", "/held");
    expect([answer.status, answer.body.error.code, answer.headers.get("retry-after")]).toEqual([
      503,
      "unavailable",
      "5",
    ]);
    expect(world.logger.lines.map(({ fields }) => fields)).toContainEqual(
      expect.objectContaining({ path: "/admin/api/v1/held", class: "Error" }),
    );
  });

  it("is found out when a handler tells more than its schema, and in debug mode tells only what the schema names", async () => {
    await expect(world.request("GET", "/leak")).rejects.toThrow(/more than its schema names/);
    const debug = await createAdminWorld({ implementations, environment: { DEBUG: "on" } });
    expect((await debug.request("GET", "/leak")).body).toEqual({ name: "n" });
    await debug.close();
  });

  it("cannot be made with two handlers for one route", () => {
    expect(() => createAdminApp(world.services, [...implementations, ...implementations])).toThrow(/implemented twice/);
  });
});
