import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAdminWorld, type AdminWorld } from "../../testkit/admin-world.ts";

let world: AdminWorld;
beforeAll(async () => {
  world = await createAdminWorld({ environment: { PUBLIC_URL: "https://public.test/prefix" } });
});
afterAll(() => world.close());

const body = { changes: {}, dryRun: true };
async function change(headers: Record<string, string>, info: { secure?: boolean } = {}): Promise<string> {
  const answer = await world.request("PATCH", "/settings", { as: "admin", body, headers, info });
  return answer.status === 200 ? "done" : (answer.body.error.code as string);
}

describe("what another page may have sent", () => {
  it("needs the session's CSRF token", async () => {
    expect(await change({})).toBe("done");
    for (const token of ["", "csrf-viewer", "csrf-admi", "csrf-admin ", "csrf-adminx"].filter(
      (each) => each.trim() !== "csrf-admin",
    ))
      expect([token, await change({ "x-csrf-token": token })]).toEqual([token, "csrf_invalid"]);
  });

  it("is refused when its origin is another one, also with the CSRF token", async () => {
    for (const origin of [
      "https://evil.test",
      "https://gateway.test.evil.test",
      "https://evilgateway.test",
      "https://gateway.test:8443",
      "http://gateway.test",
      "null",
      "",
      "https://gateway.test@evil.test",
      "chrome-extension://gateway.test",
    ])
      expect([origin, await change({ origin })]).toEqual([origin, "origin_invalid"]);
    for (const site of ["cross-site", "same-site", "none", "x"])
      expect([site, await change({ "sec-fetch-site": site })]).toEqual([site, "origin_invalid"]);
  });

  it("passes from the address that the request came to, its port written out or not, and from PUBLIC_URL", async () => {
    expect(await change({ origin: "https://gateway.test:443" })).toBe("done");
    expect(await change({ origin: "https://GATEWAY.test" })).toBe("done");
    expect(await change({ origin: "https://gateway.test", host: "gateway.test:443" })).toBe("done");
    expect(await change({ origin: "https://public.test", host: "backend:8787" })).toBe("done");
    expect(await change({ origin: "http://gateway.test" }, { secure: false })).toBe("done");
  });

  it("is not helped by what a proxy may claim", async () => {
    const claims = { "x-forwarded-host": "evil.test", forwarded: "host=evil.test", "x-forwarded-proto": "https" };
    expect(await change({ origin: "https://evil.test", ...claims })).toBe("origin_invalid");
  });

  it("reads nothing with the cookie either, not even to see how long it takes", async () => {
    const read = async (site: string, as: "admin" | "viewer-token"): Promise<number> =>
      (await world.open("GET", "/calls", { as, headers: { "sec-fetch-site": site } })).status;
    for (const site of ["same-site", "cross-site"]) expect([site, await read(site, "admin")]).toEqual([site, 403]);
    for (const site of ["same-origin", "none"]) expect([site, await read(site, "admin")]).toEqual([site, 200]);
    expect(await read("cross-site", "viewer-token")).toBe(200);
  });

  it("cannot log anybody in either", async () => {
    const answer = await world.request("POST", "/session", {
      as: "nobody",
      body: { token: "x" },
      headers: { origin: "https://evil.test" },
    });
    expect(answer.body.error.code).toBe("origin_invalid");
  });
});

describe("a request with an authorization header", () => {
  it("is judged by that alone: a good cookie beside a bad token helps nothing, nor the other way round", async () => {
    const cookie = (await world.headersOf("admin"))["cookie"] as string;
    const bad = { cookie, authorization: "Bearer wrong-token-of-somebody" };
    expect((await world.request("GET", "/operators", { as: "nobody", headers: bad })).body.error.code).toBe(
      "token_invalid",
    );
    expect((await world.request("GET", "/session", { as: "nobody", headers: bad })).status).toBe(401);
    for (const authorization of [
      "Basic YTpi",
      "Bearer",
      "Bearer ",
      "bearer a b",
      `Bearer ${"x".repeat(513)}`,
      "Bearer \u00e4",
    ])
      expect((await world.request("GET", "/session", { as: "admin", headers: { authorization } })).status).toBe(401);
    const viewer = { ...(await world.headersOf("viewer-token")), cookie };
    expect((await world.request("GET", "/operators", { as: "nobody", headers: viewer })).body.error.code).toBe(
      "role_insufficient",
    );
  });

  it("needs no CSRF token, and no origin is looked at: no page can make a browser send one", async () => {
    const answer = await world.request("PATCH", "/settings", {
      as: "admin-token",
      body,
      headers: {
        origin: "https://ops.test",
        "sec-fetch-site": "cross-site",
      },
    });
    expect(answer.status).toBe(200);
  });
});

describe("a cookie header", () => {
  it("is taken apart without being believed", async () => {
    const good = (await world.headersOf("admin"))["cookie"] as string;
    const who = async (cookie: string): Promise<string | undefined> =>
      (await world.request("GET", "/session", { as: "nobody", headers: { cookie } })).body.operator?.name;
    expect(await who(`a=b; ${good}; c=d`)).toBe("Ada");
    expect(await who(`x${good}`)).toBeUndefined();
    expect(await who(`${good}x`)).toBeUndefined();
    expect(await who(good.slice(0, -1))).toBeUndefined();
    // The first one counts, as browsers put the more exact path first.
    expect(await who(`__Host-gemini-proxy-session=${"y".repeat(43)}; ${good}`)).toBeUndefined();
    expect(await who(`${"a=b; ".repeat(20_000)}${good}`)).toBeUndefined();
  });
});
