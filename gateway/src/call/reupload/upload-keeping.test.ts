import { describe, expect, it } from "vitest";
import { portableBytes } from "../../core/portable-bytes.ts";
import { clientKey, createWorld } from "../../testkit/call-world.ts";
import { createSimulatedKeptFiles, fileUri } from "../../testkit/kept-files.ts";
import { keepUpload, type UploadRequest } from "./upload-keeping.ts";

const own = ["x-goog-api-key", clientKey];
const json = ["content-type", "application/json; charset=UTF-8"];
const text = (value: string): Uint8Array => portableBytes.encode(value);
const told = JSON.stringify({
  file: {
    name: "files/abc",
    uri: fileUri("files/abc"),
    mimeType: "text/plain",
    sizeBytes: "5",
    sha256Hash: "aGFzaA==",
  },
});

function keepingWorld(): ReturnType<typeof createWorld> & { kept: ReturnType<typeof createSimulatedKeptFiles> } {
  const world = createWorld();
  const kept = createSimulatedKeptFiles();
  world.environment.keptFiles = kept;
  return { ...world, kept };
}

describe("an upload in one request", () => {
  it("is kept with what the answer tells of it", () => {
    const world = keepingWorld();
    const { host, call } = world.start("/upload/v1beta/files?uploadType=media", [...own, "content-length", "5"]);
    const { tee } = host.sent[0] as { tee: { push(chunk: Uint8Array): void } };
    tee.push(text("he"));
    tee.push(text("llo"));
    call.upstreamHead(1, 200, json);
    for (const piece of [told.slice(0, 20), told.slice(20)]) call.upstreamData(1, text(piece));
    call.upstreamEnd(1);
    expect(host.body).toBe(told);
    expect(world.kept.bodies).toHaveLength(1);
    const [body] = world.kept.bodies;
    expect(body).toMatchObject({ whole: true, offset: 0, boundary: null });
    expect(body?.ended).toMatchObject({
      clientId: "client_1",
      credentialId: world.affinity.get("files/abc", world.clock.now())?.credentialId,
      file: { name: "files/abc", bytes: 5, mimeType: "text/plain", sha256: "aGFzaA==" },
    });
  });

  it.each([
    ["is refused", 400, '{"error":{"code":400,"status":"INVALID_ARGUMENT","message":"no"}}'],
    ["is answered by something else", 200, "{}"],
  ])("that %s is not kept", (_what, status, answer) => {
    const world = keepingWorld();
    const { call } = world.start("/upload/v1beta/files?uploadType=media", [...own, "content-length", "5"]);
    call.upstreamHead(1, status, json);
    call.upstreamData(1, text(answer));
    call.upstreamEnd(1);
    expect(world.kept.bodies[0]?.ended).toBeNull();
  });

  it("that breaks off is not kept", () => {
    const world = keepingWorld();
    const { call } = world.start("/upload/v1beta/files?uploadType=media", [...own, "content-length", "5"]);
    call.clientGone();
    expect(world.kept.bodies[0]?.ended).toBeNull();
  });

  it("has nobody reading along when keeping is off", () => {
    const { host } = createWorld().start("/upload/v1beta/files?uploadType=media", [...own, "content-length", "5"]);
    expect(host.sent[0]?.tee).toBeNull();
  });
});

describe("a resumable upload", () => {
  it("is kept body by body under its session, and not its start", () => {
    const world = keepingWorld();
    const start = world.start("/upload/v1beta/files", [
      ...own,
      "host",
      "gateway.example",
      "x-goog-upload-protocol",
      "resumable",
      "x-goog-upload-command",
      "start",
      "x-goog-upload-header-content-length",
      "10",
      "content-length",
      "2",
    ]);
    expect(world.kept.bodies).toHaveLength(0);
    const upstream = "https://generativelanguage.googleapis.com/upload/v1beta/files?upload_id=google-1";
    start.call.upstreamHead(1, 200, ["x-goog-upload-url", upstream]);
    start.call.upstreamEnd(1);
    const path = (start.host.header("x-goog-upload-url") as string).slice("http://gateway.example".length);
    for (const [offset, command, answer] of [
      ["0", "upload", ""],
      ["5", "upload, finalize", told],
    ] as const) {
      const { call } = world.start(path, [
        "x-goog-upload-offset",
        offset,
        "x-goog-upload-command",
        command,
        "content-length",
        "5",
      ]);
      call.upstreamHead(1, 200, json);
      if (answer !== "") call.upstreamData(1, text(answer));
      call.upstreamEnd(1);
    }
    const [first, second] = world.kept.bodies;
    expect(first).toMatchObject({ whole: false, offset: 0, ended: null });
    expect(second).toMatchObject({ id: first?.id, offset: 5, ended: { file: { name: "files/abc" } } });
    expect(first?.id).toMatch(/^uploads\//);
    expect(world.kept.expected).toEqual([[first?.id, 10]]);
  });
});

describe("the part of a file that a request carries", () => {
  const request = (change: Partial<UploadRequest>): UploadRequest => ({
    callId: "call",
    target: "/upload/v1beta/files",
    session: null,
    headers: [],
    encoded: false,
    ...change,
  });
  const kept = (change: Partial<UploadRequest>): unknown => {
    const store = createSimulatedKeptFiles();
    keepUpload(store, request(change), portableBytes);
    const [body] = store.bodies;
    return body === undefined ? null : [body.id, body.offset, body.boundary];
  };
  const session = "uploads/1";
  const upload = (command: string, offset?: string): string[] => [
    "X-Goog-Upload-Command",
    command,
    ...(offset === undefined ? [] : ["X-Goog-Upload-Offset", offset]),
  ];

  it.each([
    ["raw", { headers: ["X-Goog-Upload-Protocol", "raw"] }, ["call", 0, null]],
    [
      "multipart",
      { headers: ["X-Goog-Upload-Protocol", "multipart", "Content-Type", "multipart/related; boundary=abc"] },
      ["call", 0, "abc"],
    ],
    [
      "multipart of the older libraries",
      {
        target: "/upload/v1/files?uploadType=multipart",
        headers: ["content-type", 'multipart/related; boundary="a b"'],
      },
      ["call", 0, "a b"],
    ],
    ["multipart by its type alone", { headers: ["content-type", "multipart/related; boundary=x"] }, ["call", 0, "x"]],
    ["multipart without a boundary", { headers: ["content-type", "multipart/related"] }, null],
    ["a start", { headers: ["X-Goog-Upload-Protocol", "resumable", ...upload("start")] }, null],
    [
      "a start with everything",
      { headers: ["X-Goog-Upload-Protocol", "resumable", ...upload("start, upload, finalize")] },
      ["call", 0, null],
    ],
    ["a chunk", { session, headers: upload("upload", "8388608") }, [session, 8_388_608, null]],
    ["the last chunk", { session, headers: upload("upload, finalize", "1") }, [session, 1, null]],
    ["an end without bytes", { session, headers: upload("finalize", "7") }, [session, 7, null]],
    ["a chunk that does not tell where it belongs", { session, headers: upload("upload") }, null],
    ["a chunk with a strange offset", { session, headers: upload("upload", "1e3") }, null],
    ["a question", { session, headers: upload("query") }, null],
    ["a compressed body", { headers: ["X-Goog-Upload-Protocol", "raw"], encoded: true }, null],
    ["something unknown", {}, null],
  ] as const)("%s", (_what, change, wanted) => {
    expect(kept(change as Partial<UploadRequest>)).toEqual(wanted);
  });

  it("is dropped when its session is cancelled", () => {
    const store = createSimulatedKeptFiles();
    expect(keepUpload(store, request({ session, headers: upload("cancel") }), portableBytes)).toBeNull();
    expect(store.removed).toEqual([session]);
  });
});
