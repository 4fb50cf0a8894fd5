import { describe, expect, it } from "vitest";
import { portableBytes } from "../core/portable-bytes.ts";
import {
  answer,
  clientKey,
  createWorld,
  keyOf,
  otherClient,
  otherKey,
  type CallWorld,
  type SimulatedHost,
} from "../testkit/call-world.ts";
import type { Call } from "./call.ts";

const text = (value: string): Uint8Array => portableBytes.encode(value);
const json = ["content-type", "application/json; charset=UTF-8"];
const own = ["x-goog-api-key", clientKey];

function get(world: CallWorld, url: string, headers = own): ReturnType<CallWorld["start"]> {
  return world.start(url, headers, { method: "GET" });
}

function makeFile(world: CallWorld, name: string, headers = own): string {
  const { host, call } = world.start("/upload/v1beta/files?uploadType=multipart", [...headers, "content-length", "5"]);
  answer(
    call,
    1,
    200,
    JSON.stringify({ file: { name, expirationTime: new Date(world.clock.now() + 3_600_000).toISOString() } }),
  );
  expect(host.status).toBe(200);
  return keyOf(host);
}

const ask = (file: string): string =>
  JSON.stringify({
    contents: [
      { parts: [{ fileData: { fileUri: `https://generativelanguage.googleapis.com/v1beta/files/${file}` } }] },
    ],
  });
const done = JSON.stringify({ candidates: [{ content: { parts: [{ text: "ok" }] }, finishReason: "STOP" }] });
const forbidden = JSON.stringify({
  error: {
    code: 403,
    message: "You do not have permission to access the File x or it may not exist.",
    status: "PERMISSION_DENIED",
  },
});
const exhausted = JSON.stringify({
  error: {
    code: 429,
    message: "Quota exceeded",
    status: "RESOURCE_EXHAUSTED",
    details: [
      {
        "@type": "type.googleapis.com/google.rpc.QuotaFailure",
        violations: [
          { quotaId: "GenerateRequestsPerMinutePerProjectPerModel-FreeTier", quotaDimensions: { model: "m" } },
        ],
      },
      { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "34s" },
    ],
  },
});

describe("a resource", () => {
  it("binds the calls that name it to the project that has it, whatever the strategy says", () => {
    const world = createWorld({ credentials: 5 });
    const owner = makeFile(world, "files/abc");
    for (let round = 0; round < 7; round++) {
      const { host, call } = world.start("/v1beta/models/m:generateContent", own, { body: ask("abc") });
      expect(keyOf(host)).toBe(owner);
      answer(call, 1, 200, done);
    }
    const { host } = get(world, "/v1beta/files/abc");
    expect(keyOf(host)).toBe(owner);
  });

  it("takes the client's next uploads to the same project, and leaves other clients' alone", () => {
    const world = createWorld({ credentials: 5, clients: [otherClient] });
    const owner = makeFile(world, "files/a");
    for (const name of ["files/b", "files/c", "files/d"]) expect(makeFile(world, name)).toBe(owner);
    const others = new Set(["files/e"].map((name) => makeFile(world, name, ["x-goog-api-key", otherKey])));
    expect(others.has(owner)).toBe(false);
  });

  it("of another client is refused in Google's words, without asking Google", () => {
    const world = createWorld({ clients: [otherClient] });
    makeFile(world, "files/abc");
    const { host } = get(world, "/v1beta/files/abc", ["x-goog-api-key", otherKey]);
    expect([host.status, host.sent.length]).toEqual([403, 0]);
    expect(host.body).toContain("or it may not exist");
    expect(world.settled.at(-1)).toMatchObject({ errorCode: "resource_forbidden", attempts: [] });
  });

  it("of two projects in one call is refused with both names", () => {
    const world = createWorld({ credentials: 3 });
    const now = world.clock.now();
    for (const [index, name] of ["files/one", "files/two"].entries())
      world.affinity.bind(
        [
          {
            name,
            kind: "file",
            credentialId: `cred_${index}`,
            projectId: "",
            clientId: "client_1",
            createdAt: now,
            expiresAt: null,
            detail: null,
          },
        ],
        now,
      );
    const body = JSON.stringify({
      contents: [{ parts: [{ fileData: { fileUri: "files/one" } }, { file_data: { file_uri: "files/two" } }] }],
    });
    const { host } = world.start("/v1beta/models/m:generateContent", own, { body });
    expect([host.status, host.sent.length]).toEqual([400, 0]);
    expect(host.body).toContain("files/one");
    expect(host.body).toContain("files/two");
  });

  it("that nobody knows is looked for in one project after the other, and then known", () => {
    const world = createWorld({ credentials: 4 });
    const { host, call } = world.start("/v1beta/models/m:generateContent", own, { body: ask("old") });
    answer(call, 1, 403, forbidden);
    answer(call, 2, 403, forbidden);
    expect(host.sent).toHaveLength(3);
    answer(call, 3, 200, done);
    expect(host.status).toBe(200);
    expect(world.pool.view(world.clock.now()).every(({ state }) => state === "active")).toBe(true);
    const again = world.start("/v1beta/models/m:generateContent", own, { body: ask("old") });
    expect(keyOf(again.host)).toBe(keyOf(host, 3));
  });

  it("that no project has ends in Google's own refusal", () => {
    const world = createWorld({ credentials: 2 });
    const { host, call } = get(world, "/v1beta/files/never");
    answer(call, 1, 403, forbidden);
    answer(call, 2, 403, forbidden);
    expect([host.status, host.sent.length]).toEqual([403, 2]);
    expect(JSON.parse(host.body)).toMatchObject({ error: { status: "PERMISSION_DENIED" } });
  });

  it("that is deleted is forgotten", () => {
    const world = createWorld();
    makeFile(world, "files/abc");
    const { call } = world.start("/v1beta/files/abc", own, { method: "DELETE" });
    answer(call, 1, 200, "{}");
    expect(world.affinity.get("files/abc", world.clock.now())).toBeNull();
  });

  it("keeps its bytes as Google sent them", () => {
    const world = createWorld();
    const body = '{"name": "cachedContents/c1",\n "expireTime": "2030-01-01T00:00:00Z"}\n';
    const { host, call } = world.start("/v1beta/cachedContents", own, { body: '{"model":"models/m"}' });
    call.upstreamHead(1, 200, [...json, "content-length", String(body.length)]);
    for (const piece of [body.slice(0, 7), body.slice(7, 30), body.slice(30)]) call.upstreamData(1, text(piece));
    call.upstreamEnd(1);
    expect(host.body).toBe(body);
    expect(host.header("content-length")).toBe(String(body.length));
    expect(world.affinity.get("cachedContents/c1", world.clock.now())).toMatchObject({
      kind: "cache",
      clientId: "client_1",
    });
  });
});

describe("an owner that rests", () => {
  const world = (settings: Record<string, string>): { world: CallWorld; host: SimulatedHost; call: Call } => {
    const made = createWorld({ credentials: 3, settings });
    makeFile(made, "files/abc");
    const { host, call } = made.start("/v1beta/models/m:generateContent", own, { body: ask("abc") });
    answer(call, 1, 429, exhausted);
    return { world: made, host, call };
  };

  it("is waited for, and no other project is asked", () => {
    const { world: made, host, call } = world({ OWNER_WAIT_MS: "60s" });
    expect(host.timers).toHaveLength(1);
    expect(host.timers[0]?.ms).toBeGreaterThan(33_000);
    made.clock.advance(host.timers[0]?.ms as number);
    host.fire();
    expect(keyOf(host, 2)).toBe(keyOf(host, 1));
    answer(call, 2, 200, done);
    expect(host.status).toBe(200);
  });

  it("for longer than OWNER_WAIT_MS is a 429 with the time", () => {
    const { host } = world({ OWNER_WAIT_MS: "5s" });
    expect([host.status, host.sent.length]).toEqual([429, 1]);
    expect(Number(host.header("retry-after"))).toBeGreaterThan(30);
    expect(host.header("x-gproxy-limit")).toBe("upstream");
    expect(host.body).toContain("OWNER_EXHAUSTED");
  });

  it("that has left the pool is 503", () => {
    const made = createWorld({ credentials: 2 });
    const now = made.clock.now();
    made.affinity.bind(
      [
        {
          name: "files/lost",
          kind: "file",
          credentialId: "cred_gone",
          projectId: "projects/9",
          clientId: "client_1",
          createdAt: now,
          expiresAt: null,
          detail: null,
        },
      ],
      now,
    );
    const { host } = get(made, "/v1beta/files/lost");
    expect([host.status, host.sent.length]).toEqual([503, 0]);
    expect(made.settled.at(-1)).toMatchObject({ errorCode: "owner_unusable" });
  });
});

describe("an upload session", () => {
  const startUpload = (made: CallWorld, headers: string[] = []): { url: string; host: SimulatedHost } => {
    const { host, call } = made.start("/gemini/upload/v1beta/files", [
      ...own,
      "host",
      "gateway.example:8787",
      "x-goog-upload-protocol",
      "resumable",
      "x-goog-upload-command",
      "start",
      "content-length",
      "2",
      ...headers,
    ]);
    const upstream =
      "https://generativelanguage.googleapis.com/upload/v1beta/files?key=AIzaSecret&upload_id=google-1&upload_protocol=resumable";
    answer(call, 1, 200, "", [
      "x-goog-upload-url",
      upstream,
      "X-Goog-Upload-Control-URL",
      upstream,
      "x-goog-upload-status",
      "active",
    ]);
    return { url: host.header("x-goog-upload-url") as string, host };
  };

  it("gets an address of the gateway's own with the prefix of the request, in both headers, and no key", () => {
    const { url, host } = startUpload(createWorld());
    expect(url).toMatch(
      /^http:\/\/gateway\.example:8787\/gemini\/upload\/v1beta\/files\?upload_id=up_[\w-]{43}&upload_protocol=resumable$/,
    );
    expect(host.header("x-goog-upload-control-url")).toBe(url);
    expect(JSON.stringify(host.headers)).not.toMatch(/google-1|AIza|googleapis/);
    expect(host).toMatchObject({ status: 200, ends: 1 });
  });

  it("takes chunks without a client key to the session's own project and path", () => {
    const made = createWorld({ credentials: 5 });
    const { url, host: started } = startUpload(made);
    const path = url.slice("http://gateway.example:8787".length);
    for (const status of ["active", "final"]) {
      const { host, call } = made.start(path, ["x-goog-upload-command", "upload", "content-length", "5"]);
      expect(host.sent[0]).toMatchObject({ path: "/upload/v1beta/files?upload_id=google-1&upload_protocol=resumable" });
      expect(keyOf(host)).toBe(keyOf(started));
      answer(call, 1, 200, status === "final" ? '{"file":{"name":"files/big"}}' : "", ["x-goog-upload-status", status]);
      expect(host.header("x-goog-upload-status")).toBe(status);
    }
    expect(made.affinity.get("files/big", made.clock.now())).toMatchObject({ clientId: "client_1" });
    expect(made.settled.every(({ clientId }) => clientId === "client_1")).toBe(true);
  });

  it("that is unknown is 404, and a Google upload id opens nothing", () => {
    const made = createWorld();
    const guess = `up_${"A".repeat(43)}`;
    const { host } = made.start(`/upload/v1beta/files?upload_id=${guess}`, ["content-length", "1"]);
    expect([host.status, host.sent.length]).toEqual([404, 0]);
    const { host: foreign } = made.start("/upload/v1beta/files?upload_id=google-1", ["content-length", "1"]);
    expect([foreign.status, foreign.sent.length]).toEqual([401, 0]);
  });

  it("ends with its client's key", () => {
    const made = createWorld();
    const { url } = startUpload(made);
    made.clients.replace([]);
    const { host } = made.start(url.slice("http://gateway.example:8787".length), ["content-length", "1"]);
    expect([host.status, host.sent.length]).toEqual([401, 0]);
  });

  it("whose upstream address leads elsewhere is refused, and the address does not get out", () => {
    const made = createWorld();
    const { host, call } = made.start("/upload/v1beta/files", [
      ...own,
      "host",
      "gateway.example",
      "content-length",
      "2",
    ]);
    answer(call, 1, 200, "", ["x-goog-upload-url", "https://evil.example/upload/x?upload_id=1"]);
    expect(host.status).toBe(502);
    expect(JSON.stringify(host.headers) + host.body).not.toContain("evil");
  });
});

describe("a list", () => {
  const bind = (made: CallWorld, entries: readonly (readonly [string, number, string])[]): void => {
    const now = made.clock.now();
    made.affinity.bind(
      entries.map(([name, index, clientId]) => ({
        name,
        kind: "file" as const,
        credentialId: `cred_${index}`,
        projectId: "",
        clientId,
        createdAt: now,
        expiresAt: null,
        detail: null,
      })),
      now,
    );
  };
  const page = (...names: string[]): string =>
    JSON.stringify({ files: names.map((name) => ({ name, sizeBytes: "1" })) });

  it("is empty without asking when the client has nothing", () => {
    const { host } = get(createWorld(), "/v1beta/files");
    expect([host.status, host.body.trim(), host.sent.length]).toEqual([200, "{}", 0]);
  });

  it("asks each project that has something of the client's, and shows only that", () => {
    const made = createWorld({ credentials: 4, clients: [otherClient] });
    bind(made, [
      ["files/a", 0, "client_1"],
      ["files/b", 2, "client_1"],
      ["files/c", 2, "client_2"],
      ["files/d", 3, "client_2"],
    ]);
    const { host, call } = get(made, "/v1beta/files");
    answer(call, 1, 200, page("files/a", "files/x"));
    answer(call, 2, 200, page("files/b", "files/c"));
    expect(host.sent).toHaveLength(2);
    const shown = JSON.parse(host.body) as { files: { name: string }[] };
    expect(shown.files.map(({ name }) => name)).toEqual(["files/a", "files/b"]);
    expect(made.settled.at(-1)).toMatchObject({ outcome: "ok", attempts: [{ rule: "ok" }, { rule: "ok" }] });
  });

  it("goes on through projects with its own page tokens until nothing is left", () => {
    const made = createWorld({ credentials: 3 });
    bind(made, [
      ["files/a", 0, "client_1"],
      ["files/b", 0, "client_1"],
      ["files/c", 1, "client_1"],
      ["files/d", 2, "client_1"],
    ]);
    const upstream: Record<string, string> = {
      "secret-of-credential-0 ": JSON.stringify({ files: [{ name: "files/a" }], nextPageToken: "two" }),
      "secret-of-credential-0 two": page("files/b"),
      "secret-of-credential-1 ": page("files/c"),
      "secret-of-credential-2 ": page("files/d"),
    };
    const seen: string[] = [];
    let token = "";
    for (let round = 0; round < 6; round++) {
      const { host, call } = get(
        made,
        `/v1beta/files?pageSize=1${token === "" ? "" : `&pageToken=${encodeURIComponent(token)}`}`,
      );
      for (let attempt = 1; attempt <= host.sent.length && host.ends === 0; attempt++) {
        const query = new URLSearchParams((host.sent[attempt - 1] as { path: string }).path.split("?")[1]);
        answer(call, attempt, 200, upstream[`${keyOf(host, attempt)} ${query.get("pageToken") ?? ""}`] as string);
      }
      const body = JSON.parse(host.body) as { files?: { name: string }[]; nextPageToken?: string };
      seen.push(...(body.files ?? []).map(({ name }) => name));
      token = body.nextPageToken ?? "";
      if (token === "") break;
    }
    expect(seen).toEqual(["files/a", "files/b", "files/c", "files/d"]);
    expect(token).toBe("");
  });

  it("refuses a page token that is not the gateway's", () => {
    const { host } = get(createWorld(), "/v1beta/files?pageToken=abc");
    expect([host.status, host.sent.length]).toEqual([400, 0]);
  });

  it("with RESOURCE_SHARING=all shows what every project has", () => {
    const made = createWorld({ credentials: 2, settings: { RESOURCE_SHARING: "all" } });
    const { host, call } = get(made, "/v1beta/files");
    answer(call, 1, 200, page("files/a"));
    answer(call, 2, 200, page("files/b"));
    expect(JSON.parse(host.body)).toMatchObject({ files: [{ name: "files/a" }, { name: "files/b" }] });
  });
});

describe("a thought signature", () => {
  const signature = "A".repeat(30) + "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const signed = JSON.stringify({
    candidates: [{ content: { parts: [{ text: "ok", thoughtSignature: signature }] }, finishReason: "STOP" }],
  });
  const next = JSON.stringify({ contents: [{ role: "model", parts: [{ text: "ok", thoughtSignature: signature }] }] });

  it("brings the conversation back to the project that made it", () => {
    const world = createWorld({ credentials: 5 });
    const { host, call } = world.start("/v1beta/models/m:generateContent");
    answer(call, 1, 200, signed);
    for (let round = 0; round < 4; round++) {
      const again = world.start("/v1beta/models/m:generateContent", own, { body: next });
      expect(keyOf(again.host)).toBe(keyOf(host));
      answer(again.call, 1, 200, done);
    }
  });

  it("is replaced by the sentinel before another project sees it", () => {
    const world = createWorld({ credentials: 2 });
    const { host, call } = world.start("/v1beta/models/m:generateContent");
    answer(call, 1, 200, signed);
    const tried = world.start("/v1beta/models/m:generateContent", own, { body: next });
    answer(tried.call, 1, 429, exhausted);
    expect(keyOf(tried.host, 2)).not.toBe(keyOf(host));
    const { body } = tried.host.sent[1] as unknown as { body: { chunks: Uint8Array[] } };
    const sent = portableBytes.decode(portableBytes.concat(body.chunks));
    expect(sent).not.toContain(signature);
    expect(JSON.parse(sent)).toMatchObject({ contents: [{ parts: [{ text: "ok" }] }] });
  });
});
