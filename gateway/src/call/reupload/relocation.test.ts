import { describe, expect, it } from "vitest";
import { portableBytes } from "../../core/portable-bytes.ts";
import {
  clientKey,
  createWorld,
  keyOf,
  otherClient,
  otherKey,
  type CallWorld,
  type SimulatedHost,
} from "../../testkit/call-world.ts";
import { createSimulatedKeptFiles, fileUri, type SimulatedKeptFiles } from "../../testkit/kept-files.ts";
import type { Call } from "../call.ts";

const json = ["content-type", "application/json; charset=UTF-8"];
const own = ["x-goog-api-key", clientKey];
const generate = "/v1beta/models/m:generateContent";
const done = JSON.stringify({ candidates: [{ content: { parts: [{ text: "ok" }] }, finishReason: "STOP" }] });
const ask = (...names: string[]): string =>
  JSON.stringify({
    contents: [
      { parts: [...names.map((name) => ({ fileData: { fileUri: fileUri(name) } })), { text: "What is it?" }] },
    ],
  });
const refusal = (code: number, status: string, message: string, details: unknown[] = []): string =>
  JSON.stringify({ error: { code, status, message, details } });
const exhausted = refusal(429, "RESOURCE_EXHAUSTED", "Quota exceeded", [
  {
    "@type": "type.googleapis.com/google.rpc.QuotaFailure",
    violations: [{ quotaId: "GenerateRequestsPerDayPerProjectPerModel-FreeTier", quotaDimensions: { model: "m" } }],
  },
]);
const forbidden = refusal(
  403,
  "PERMISSION_DENIED",
  "You do not have permission to access the File x or it may not exist.",
);

function answer(call: Call, attempt: number, status: number, body: string): void {
  call.upstreamHead(attempt, status, json);
  call.upstreamData(attempt, portableBytes.encode(body));
  call.upstreamEnd(attempt);
}

function bodyOf(host: SimulatedHost, attempt: number): string {
  const { body } = host.sent[attempt - 1] as { body: { chunks: readonly Uint8Array[] } };
  return portableBytes.decode(portableBytes.concat(body.chunks));
}

interface KeepingWorld extends CallWorld {
  kept: SimulatedKeptFiles;
  /** Binds files to a credential; keeps them too, unless told otherwise. */
  have(credential: string, names: readonly string[], options?: { clientId?: string; kept?: boolean }): void;
  /** Attempts and reservations that were never given back. */
  inFlight(): number;
}

function keepingWorld(options: Parameters<typeof createWorld>[0] = {}): KeepingWorld {
  const world = createWorld({ credentials: 3, ...options });
  const kept = createSimulatedKeptFiles();
  world.environment.keptFiles = kept;
  return {
    ...world,
    kept,
    have(credentialId, names, { clientId = "client_1", kept: isKept = true } = {}) {
      const createdAt = world.clock.now();
      const binding = { kind: "file", credentialId, projectId: "", clientId, createdAt, expiresAt: null } as const;
      world.affinity.bind(
        names.map((name) => ({ ...binding, name, detail: null })),
        createdAt,
      );
      if (isKept) for (const name of names) kept.put({ name, clientId, credentialId });
    },
    inFlight: () => world.pool.view(world.clock.now()).reduce((sum, { inFlight }) => sum + inFlight, 0),
  };
}

/** A call that names files of credential 0, whose day is over. */
function exhaustedCall(
  world: KeepingWorld,
  names: readonly string[],
  options: { url?: string; body?: string } = {},
): { host: SimulatedHost; call: Call } {
  const { host, call } = world.start(options.url ?? generate, own, { body: options.body ?? ask(...names) });
  expect(keyOf(host, 1)).toBe("secret-of-credential-0");
  answer(call, 1, 429, exhausted);
  return { host, call };
}

describe("a call whose files' project is exhausted", () => {
  it("is served by another project with copies, and only the names in the body change", () => {
    const world = keepingWorld();
    world.have("cred_0", ["files/a", "files/b"]);
    const { host, call } = exhaustedCall(world, ["files/a", "files/b"]);
    expect(world.kept.uploads.map(({ name }) => name)).toEqual(["files/a", "files/b"]);
    const [first, second] = world.kept.uploads;
    expect(first?.lease.credentialId).not.toBe("cred_0");
    expect(second?.lease).toBe(first?.lease);
    first?.succeed("files/a2");
    expect(host.sent).toHaveLength(1);
    second?.succeed("files/b2");
    expect(bodyOf(host, 2)).toBe(ask("files/a2", "files/b2"));
    answer(call, 2, 200, done);
    expect([host.status, host.body]).toEqual([200, done]);
    expect(host.header("x-gproxy-reuploaded")).toBe("2");
    expect(world.settled.at(-1)).toMatchObject({
      outcome: "ok",
      attempts: [
        { status: 429, projectId: expect.any(String) as string },
        { status: 200, rule: "ok", words: "with copies of 2 files, 2 of them uploaded for this call" },
      ],
    });
    expect(world.inFlight()).toBe(0);
  });

  it("uses the copies the next time, without an attempt at the first project and without an upload", () => {
    const world = keepingWorld();
    world.have("cred_0", ["files/a"]);
    const { host, call } = exhaustedCall(world, ["files/a"]);
    world.kept.uploads[0]?.succeed("files/a2");
    answer(call, 2, 200, done);
    for (let round = 0; round < 4; round += 1) {
      const again = world.start(generate, own, { body: ask("files/a") });
      expect(keyOf(again.host, 1)).toBe(keyOf(host, 2));
      expect(bodyOf(again.host, 1)).toBe(ask("files/a2"));
      answer(again.call, 1, 200, done);
      expect(again.host.header("x-gproxy-reuploaded")).toBe("1");
    }
    expect(world.kept.uploads).toHaveLength(1);
  });

  it("makes copies in a third project when the second is exhausted too", () => {
    const world = keepingWorld();
    world.have("cred_0", ["files/a"]);
    const { host, call } = exhaustedCall(world, ["files/a"]);
    world.kept.uploads[0]?.succeed("files/a2");
    answer(call, 2, 429, exhausted);
    expect(world.kept.uploads).toHaveLength(2);
    world.kept.uploads[1]?.succeed("files/a3");
    expect(new Set([1, 2, 3].map((attempt) => keyOf(host, attempt))).size).toBe(3);
    expect(bodyOf(host, 3)).toBe(ask("files/a3"));
    answer(call, 3, 200, done);
    expect(host.status).toBe(200);
    expect(world.inFlight()).toBe(0);
  });

  it.each([
    ["streams", "/v1beta/models/m:streamGenerateContent?alt=sse"],
    ["counts tokens", "/v1beta/models/m:countTokens"],
  ])("%s elsewhere too", (_what, url) => {
    const world = keepingWorld();
    world.have("cred_0", ["files/a"]);
    const { host } = exhaustedCall(world, ["files/a"], { url });
    world.kept.uploads[0]?.succeed("files/a2");
    expect(host.sent).toHaveLength(2);
  });

  it("waits first, when the project comes back within OWNER_WAIT_MS", () => {
    const world = keepingWorld({ settings: { OWNER_WAIT_MS: "10m" } });
    world.have("cred_0", ["files/a"]);
    const { host, call } = world.start(generate, own, { body: ask("files/a") });
    const minute = exhausted.replace("PerDay", "PerMinute");
    answer(call, 1, 429, minute);
    expect(host.timers).toHaveLength(1);
    expect(world.kept.uploads).toHaveLength(0);
  });

  it("does not move the home of the client's new files, and the copy is a file of its own", () => {
    const world = keepingWorld();
    world.have("cred_0", ["files/a"]);
    const { call } = exhaustedCall(world, ["files/a"]);
    world.kept.uploads[0]?.succeed("files/a2");
    answer(call, 2, 200, done);
    const now = world.clock.now();
    expect(world.affinity.home({ id: "client_1", shared: false }, now)?.credentialId).toBe("cred_0");
    expect(world.affinity.get("files/a2", now)).toMatchObject({ clientId: "client_1" });
    expect(world.affinity.get("files/a", now)).toMatchObject({ credentialId: "cred_0" });
    const asked = world.start("/v1beta/files/a", own, { method: "GET" });
    expect(keyOf(asked.host, 1)).toBe("secret-of-credential-0");
  });
});

describe("the first project's answer stands", () => {
  const stands = (host: SimulatedHost): void => {
    expect(host.status).toBe(429);
    expect(host.body).toContain("OWNER_EXHAUSTED");
    expect(host.ends).toBe(1);
  };

  it("when keeping is off", () => {
    const world = keepingWorld();
    world.have("cred_0", ["files/a"]);
    world.environment.keptFiles = null;
    stands(exhaustedCall(world, ["files/a"]).host);
    expect(world.kept.uploads).toHaveLength(0);
  });

  it("when one of the files is not kept", () => {
    const world = keepingWorld();
    world.have("cred_0", ["files/a"]);
    world.have("cred_0", ["files/b"], { kept: false });
    stands(exhaustedCall(world, ["files/a", "files/b"]).host);
    expect(world.kept.uploads).toHaveLength(0);
  });

  it("when the call names a cache too", () => {
    const world = keepingWorld();
    world.have("cred_0", ["files/a"]);
    const body = ask("files/a").replace("{", '{"cachedContent":"cachedContents/c",');
    stands(exhaustedCall(world, [], { body }).host);
    expect(world.kept.uploads).toHaveLength(0);
  });

  it("when no other project can serve, and nothing is uploaded", () => {
    const world = keepingWorld({ credentials: 1 });
    world.have("cred_0", ["files/a"]);
    stands(exhaustedCall(world, ["files/a"]).host);
    expect(world.kept.uploads).toHaveLength(0);
    expect(world.inFlight()).toBe(0);
  });

  it("when the uploads fail, after two projects", () => {
    const world = keepingWorld({ credentials: 5 });
    world.have("cred_0", ["files/a", "files/b"]);
    const { host } = exhaustedCall(world, ["files/a", "files/b"]);
    world.kept.uploads[0]?.fail();
    expect(world.kept.uploads[1]?.cancelled).toBe(true);
    expect(world.kept.uploads).toHaveLength(4);
    expect(world.kept.uploads[2]?.lease.projectId).not.toBe(world.kept.uploads[0]?.lease.projectId);
    world.kept.uploads[2]?.succeed("files/a2");
    world.kept.uploads[3]?.fail();
    stands(host);
    expect(world.inFlight()).toBe(0);
    // What was uploaded all the same is somebody's.
    expect(world.affinity.get("files/a2", world.clock.now())).not.toBeNull();
  });

  it("when copies were made, and nobody has capacity left", () => {
    const world = keepingWorld({ credentials: 2 });
    world.have("cred_0", ["files/a"]);
    const { host, call } = exhaustedCall(world, ["files/a"]);
    world.kept.uploads[0]?.succeed("files/a2");
    answer(call, 2, 429, exhausted);
    stands(host);
    expect(world.inFlight()).toBe(0);
  });
});

describe("an upload that Google refuses", () => {
  it("for its key disables that key, and another project is taken", () => {
    const world = keepingWorld();
    world.have("cred_0", ["files/a"]);
    const { host } = exhaustedCall(world, ["files/a"]);
    const dead = world.kept.uploads[0]?.lease.credentialId;
    world.kept.uploads[0]?.fail({
      status: 400,
      body: refusal(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", [
        { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID" },
      ]),
    });
    world.kept.uploads[1]?.succeed("files/a2");
    expect(host.sent).toHaveLength(2);
    const states = world.pool.view(world.clock.now());
    expect(states.find(({ id }) => id === dead)?.state).toBe("disabled");
    expect(world.inFlight()).toBe(1);
  });

  it("for a quota of files costs the model nothing", () => {
    const world = keepingWorld();
    world.have("cred_0", ["files/a"]);
    exhaustedCall(world, ["files/a"]);
    const full = world.kept.uploads[0]?.lease.credentialId;
    world.kept.uploads[0]?.fail({
      status: 429,
      body: refusal(429, "RESOURCE_EXHAUSTED", "You have exceeded your file storage quota."),
    });
    const states = world.pool.view(world.clock.now());
    expect(states.find(({ id }) => id === full)?.state).toBe("active");
  });
});

describe("a copy that Google does not have any more", () => {
  it("is forgotten and made anew", () => {
    const world = keepingWorld();
    world.have("cred_0", ["files/a"]);
    const first = exhaustedCall(world, ["files/a"]);
    world.kept.uploads[0]?.succeed("files/a2");
    answer(first.call, 2, 200, done);
    const { host, call } = world.start(generate, own, { body: ask("files/a") });
    answer(call, 1, 403, forbidden);
    expect(world.kept.removed).toContain("files/a2");
    expect(world.kept.uploads).toHaveLength(2);
    world.kept.uploads[1]?.succeed("files/a3");
    expect(bodyOf(host, 2)).toBe(ask("files/a3"));
    answer(call, 2, 200, done);
    expect(host.status).toBe(200);
    expect(world.inFlight()).toBe(0);
  });
});

describe("files of a project that has left the pool", () => {
  it("are uploaded to another one", () => {
    const world = keepingWorld();
    world.have("cred_gone", ["files/a"]);
    const { host, call } = world.start(generate, own, { body: ask("files/a") });
    world.kept.uploads[0]?.succeed("files/a2");
    answer(call, 1, 200, done);
    expect([host.status, bodyOf(host, 1)]).toEqual([200, ask("files/a2")]);
  });

  it("are joined with newer files, so that a call that names both is served", () => {
    const world = keepingWorld();
    world.have("cred_gone", ["files/a"]);
    world.have("cred_1", ["files/b"]);
    const { host, call } = world.start(generate, own, { body: ask("files/a", "files/b") });
    for (const upload of world.kept.uploads) upload.succeed(`${upload.name}2`);
    answer(call, 1, 200, done);
    expect(host.status).toBe(200);
    const again = world.start(generate, own, { body: ask("files/a", "files/b") });
    expect(again.host.sent).toHaveLength(1);
    expect(keyOf(again.host, 1)).toBe(keyOf(host, 1));
  });
});

describe("a client's files", () => {
  it("are never uploaded for another client, also not when the index tells of two projects first", () => {
    const world = keepingWorld({ clients: [otherClient] });
    world.have("cred_0", ["files/mine"], { clientId: otherClient.id });
    world.have("cred_1", ["files/mine2"], { clientId: otherClient.id });
    world.have("cred_0", ["files/theirs"]);
    const body = ask("files/mine", "files/mine2", "files/theirs");
    const { host } = world.start(generate, ["x-goog-api-key", otherKey], { body });
    expect([host.status, host.sent.length, world.kept.uploads.length]).toEqual([400, 0, 0]);
  });

  it("that they delete are not kept any more", () => {
    const world = keepingWorld();
    world.have("cred_0", ["files/a"]);
    const { call } = world.start("/v1beta/files/a", own, { method: "DELETE" });
    answer(call, 1, 200, "{}");
    expect(world.kept.removed).toEqual(["files/a"]);
  });
});

describe("a client that leaves", () => {
  it("ends the uploads, and what was lent for them comes back", () => {
    const world = keepingWorld();
    world.have("cred_0", ["files/a", "files/b"]);
    const { call } = exhaustedCall(world, ["files/a", "files/b"]);
    world.kept.uploads[0]?.succeed("files/a2");
    call.clientGone();
    expect(world.kept.uploads[1]?.cancelled).toBe(true);
    world.kept.uploads[1]?.succeed("files/b2");
    expect(world.inFlight()).toBe(0);
    expect(world.settled.at(-1)).toMatchObject({ outcome: "cancelled", status: 499 });
    expect(world.environment.open.calls).toBe(0);
  });
});
