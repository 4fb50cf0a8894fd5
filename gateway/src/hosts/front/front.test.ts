import { describe, expect, it } from "vitest";
import { headerOf } from "../../core/headers.ts";
import type { AdminToken } from "../../storage/types-administration.ts";
import { createSimulatedClock } from "../../testkit/simulated.ts";
import { nodeDigest } from "../node/ports.ts";
import { createPages } from "../static/pages.ts";
import type { StaticFile, StaticFiles } from "../static/types.ts";
import type { FrontAnswer } from "./answer.ts";
import { createFront, type Front } from "./front.ts";
import { createGuard } from "./guard.ts";

const clock = createSimulatedClock();

function file(contentType: string, text: string, immutable = false): StaticFile {
  return { contentType, immutable, digest: text, plain: new TextEncoder().encode(text), gzip: null, brotli: null };
}
const files: StaticFiles = new Map([
  ["index.html", file("text/html; charset=utf-8", "page")],
  ["assets/index-abcdefgh.js", file("text/javascript; charset=utf-8", "script", true)],
  ["icon.svg", file("image/svg+xml; charset=utf-8", "icon")],
]);

function token(name: string, more: Partial<AdminToken> = {}): AdminToken {
  const digest = nodeDigest.sha256(name);
  return {
    id: name,
    name,
    role: "viewer",
    digest,
    prefix: "",
    createdAt: 0,
    expiresAt: null,
    lastUsedAt: null,
    ...more,
  };
}

function frontOf(options: { dashboard?: boolean; files?: StaticFiles | null; ready?: boolean } = {}): {
  front: Front;
  used: string[];
} {
  const used: string[] = [];
  const tokens = [token("tool-token"), token("old-token", { expiresAt: clock.now() - 1 })];
  const front = createFront({
    settings: { dashboard: options.dashboard ?? true },
    guard: createGuard({
      settings: { metricsToken: "metrics-token-16" },
      isAdminToken: (presented) => presented === "the-admin-token",
      tokens: { list: () => Promise.resolve(tokens), used: (id) => Promise.resolve(void used.push(id)) },
      digest: nodeDigest,
      clock,
    }),
    pages: createPages(options.files === undefined ? files : options.files),
    health: () => ({ status: 200, body: { status: "healthy" } }),
    ready: () => options.ready ?? true,
    healthInDetail: () => ({ status: 200, body: { checks: {} } }),
    prometheus: () => ({ text: "gproxy_calls_total 1\n", contentType: "text/plain; version=0.0.4" }),
    metrics: () => ({ operational: {} }),
    modelUsage: () => [{ key: "AIza…wxyz" }],
  });
  return { front, used };
}

async function ask(
  front: Front,
  url: string,
  headers: Record<string, string> = {},
  method = "GET",
): Promise<FrontAnswer & { text: string; type: string | null }> {
  const answer = await front.answer({ method, url, header: (name) => headers[name] ?? null });
  const text = typeof answer.body === "string" ? answer.body : new TextDecoder().decode(answer.body);
  return { ...answer, text, type: headerOf(answer.headers, "content-type") };
}

const browser = { accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" };

describe("the dashboard", () => {
  it("is what a browser gets at the root, and tools get JSON there", async () => {
    const { front } = frontOf();
    expect(await ask(front, "/", browser)).toMatchObject({ status: 200, text: "page" });
    for (const accept of ["*/*", "application/json", ""]) {
      const answer = await ask(front, "/?x=1", { accept });
      expect(JSON.parse(answer.text)).toEqual({ name: "gemini-proxy" });
    }
    expect((await ask(front, "/api/hello", browser)).text).toContain("gemini-proxy");
  });

  it("has its files under /ui/, its page everywhere else below, and 404 for files of older builds", async () => {
    const { front } = frontOf();
    expect(await ask(front, "/ui/assets/index-abcdefgh.js")).toMatchObject({ status: 200, text: "script" });
    for (const url of ["/ui/", "/ui/pool?state=disabled", "/ui/calls/abc"])
      expect(await ask(front, url)).toMatchObject({ status: 200, text: "page" });
    const gone = await ask(front, "/ui/assets/index-older000.js");
    expect([gone.status, gone.type]).toEqual([404, "application/json; charset=utf-8"]);
    expect(headerOf((await ask(front, "/ui")).headers, "location")).toBe("/ui/");
    expect((await ask(front, "/favicon.svg")).text).toBe("icon");
  });

  it("gives no file from outside of its build", async () => {
    const { front } = frontOf();
    for (const url of ["/ui/../package.json", "/ui/%2e%2e/secret", "/ui//etc/passwd", "/ui/__proto__", "/ui/a\0b"])
      expect((await ask(front, url)).text).toBe("page");
    for (const url of ["/ui/assets/../../x", "/ui/assets/..%2f..%2fetc", "/ui/assets/"])
      expect((await ask(front, url)).status).toBe(404);
  });

  it("says how it is built where it is not, without a status that says all is well", async () => {
    const { front } = frontOf({ files: null });
    for (const url of ["/", "/ui/", "/ui/pool"]) {
      const answer = await ask(front, url, browser);
      expect([answer.status, answer.type]).toEqual([503, "text/html; charset=utf-8"]);
      expect(answer.text).toContain("npm run dashboard");
    }
  });

  it("is not there when it is switched off", async () => {
    const { front } = frontOf({ dashboard: false });
    expect((await ask(front, "/", browser)).text).toContain("gemini-proxy");
    for (const url of ["/ui", "/ui/", "/ui/assets/index-abcdefgh.js", "/stat"])
      expect((await ask(front, url, browser)).status).toBe(404);
  });

  it("takes over from the page of an earlier proxy", async () => {
    const answer = await ask(frontOf().front, "/stat");
    expect([answer.status, headerOf(answer.headers, "location")]).toEqual([302, "/ui/pool"]);
  });
});

describe("numbers", () => {
  const kinds = ["/metrics", "/metrics/prometheus", "/metrics?format=json", "/model_usage", "/health/detailed"];

  it("are given to no one without a token that is valid now", async () => {
    const { front } = frontOf();
    for (const url of kinds)
      for (const authorization of [null, "Bearer nope", "Basic dGhlLWFkbWluLXRva2Vu", "Bearer old-token", "Bearer "]) {
        const answer = await ask(front, url, authorization === null ? {} : { authorization });
        expect(answer.status).toBe(401);
        expect(JSON.parse(answer.text)).toMatchObject({ error: { code: "token_invalid" } });
        expect(headerOf(answer.headers, "www-authenticate")).toBe("Bearer");
      }
  });

  it("are given to the admin token and to tokens of the admin API, whose use is noted", async () => {
    const { front, used } = frontOf();
    for (const url of kinds)
      for (const name of ["the-admin-token", "tool-token"])
        expect((await ask(front, url, { authorization: `Bearer ${name}` })).status).toBe(200);
    expect(new Set(used)).toEqual(new Set(["tool-token"]));
  });

  it("of the metrics alone are given to METRICS_TOKEN", async () => {
    const { front } = frontOf();
    const status = async (url: string): Promise<number> =>
      (await ask(front, url, { authorization: "bearer metrics-token-16" })).status;
    expect(await Promise.all(kinds.map(status))).toEqual([200, 200, 200, 401, 401]);
  });

  it("come as text of Prometheus, or as JSON when asked so", async () => {
    const { front } = frontOf();
    const headers = { authorization: "Bearer the-admin-token" };
    expect(await ask(front, "/metrics", headers)).toMatchObject({
      text: "gproxy_calls_total 1\n",
      type: "text/plain; version=0.0.4",
    });
    expect(JSON.parse((await ask(front, "/metrics?format=json", headers)).text)).toEqual({ operational: {} });
    expect((await ask(front, "/metrics?format=prometheus", headers)).text).toContain("gproxy_calls_total");
  });

  it("come as JSON to those who accept JSON and no text, unless the address names a format", async () => {
    const { front } = frontOf();
    const typeOf = async (url: string, accept: string): Promise<string | null> =>
      (await ask(front, url, { authorization: "Bearer the-admin-token", accept })).type;
    const json = "application/json; charset=utf-8";
    const text = "text/plain; version=0.0.4";
    expect(await typeOf("/metrics", "application/json")).toBe(json);
    expect(await typeOf("/metrics", "application/json, */*;q=0.1")).toBe(json);
    expect(await typeOf("/metrics", "*/*")).toBe(text);
    // axios, when it is not told
    expect(await typeOf("/metrics", "application/json, text/plain, */*")).toBe(text);
    // Prometheus
    expect(await typeOf("/metrics", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5,*/*;q=0.1")).toBe(
      text,
    );
    expect(await typeOf("/metrics?format=prometheus", "application/json")).toBe(text);
    expect(await typeOf("/metrics/prometheus", "application/json")).toBe(text);
  });
});

it("tells whether it is ready by the status", async () => {
  expect((await ask(frontOf().front, "/ready")).status).toBe(200);
  expect((await ask(frontOf({ ready: false }).front, "/ready")).status).toBe(503);
});

it("refuses methods other than GET and HEAD, and keeps robots out", async () => {
  const { front } = frontOf();
  const answer = await ask(front, "/health", {}, "POST");
  expect([answer.status, headerOf(answer.headers, "allow")]).toEqual([405, "GET, HEAD"]);
  expect((await ask(front, "/robots.txt")).text).toContain("Disallow: /");
});
