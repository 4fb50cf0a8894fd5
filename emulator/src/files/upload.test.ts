import { createHash } from "node:crypto";

import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { FOREIGN, MINE, MINE_TOO, ask, startTwoProjects, upload } from "../resources/test-projects.ts";
import { call } from "../test-client.ts";

const emulator = await startTwoProjects({ fileProcessingMs: 5_000 });
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

const GOOGLE = "https://generativelanguage.googleapis.com";
const PIECE = 262_144;

interface Started {
  response: Response;
  /** The upload's address on the emulator. */
  path: string;
}

const start = async (
  bytes: number,
  options: { key?: string; query?: string; mimeType?: string } = {},
): Promise<Started> => {
  const response = await call(emulator, {
    path: `/upload/v1beta/files${options.query ?? ""}`,
    key: options.key ?? (options.query === undefined ? MINE : false),
    body: { file: { display_name: "film" } },
    headers: {
      "x-goog-upload-protocol": "resumable",
      "x-goog-upload-command": "start",
      "x-goog-upload-header-content-length": String(bytes),
      "x-goog-upload-header-content-type": options.mimeType ?? "video/mp4",
    },
  });
  return { response, path: (response.headers.get("x-goog-upload-url") ?? "").replace(GOOGLE, "") };
};

const send = (
  path: string,
  body: string,
  options: { command?: string; offset?: number; key?: string | false } = {},
): Promise<Response> =>
  call(emulator, {
    path,
    method: "POST",
    key: options.key ?? false,
    ...(body === "" ? {} : { body }),
    headers: {
      "x-goog-upload-command": options.command ?? "upload, finalize",
      ...(options.offset === undefined ? {} : { "x-goog-upload-offset": String(options.offset) }),
    },
  });

const statusOf = (response: Response): (string | null)[] =>
  ["x-goog-upload-status", "x-goog-upload-size-received"].map((name) => response.headers.get(name));

describe("a resumable upload", () => {
  it("is started with an address at Google's host, without the key that came in a header", async () => {
    const { response } = await start(10);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("");
    const url = response.headers.get("x-goog-upload-url") ?? "";
    expect(url).toMatch(
      /^https:\/\/generativelanguage\.googleapis\.com\/upload\/v1beta\/files\?upload_id=AAnB[\w-]{40,}&/,
    );
    expect(url).not.toContain("key=");
    expect(response.headers.get("x-goog-upload-control-url")).toBe(url);
    expect(response.headers.get("x-goog-upload-status")).toBe("active");
    expect(response.headers.get("x-goog-upload-chunk-granularity")).toBe("8388608");
  });

  it("has the key in its address when it came as ?key=, unless told otherwise", async () => {
    const { response } = await start(10, { query: `?key=${MINE}` });
    expect(response.headers.get("x-goog-upload-url")).toContain(`key=${MINE}`);
    const quiet = await startTwoProjects({ uploadUrlKey: false, publicUrl: "self" });
    const started = await call(quiet, {
      path: `/upload/v1/files?key=${MINE}`,
      key: false,
      body: "",
      headers: { "x-goog-upload-protocol": "resumable", "x-goog-upload-command": "start" },
    });
    const url = started.headers.get("x-goog-upload-url");
    await quiet.close();
    expect(url).not.toContain("key=");
    expect(url?.startsWith(`${quiet.url}/upload/v1/files?upload_id=`)).toBe(true);
  });

  it("takes its pieces without a key and ends in the file", async () => {
    const first = "a".repeat(PIECE);
    const { path } = await start(PIECE + 4);
    const active = await send(path, first, { command: "upload", offset: 0 });
    expect([active.status, ...statusOf(active)]).toEqual([200, "active", String(PIECE)]);
    const final = await send(path, "tail", { offset: PIECE });
    expect([final.status, ...statusOf(final)]).toEqual([200, "final", String(PIECE + 4)]);
    const digest = createHash("sha256").update(`${first}tail`).digest("hex");
    const { file } = (await final.json()) as { file: Record<string, unknown> };
    expect(file).toMatchObject({
      displayName: "film",
      mimeType: "video/mp4",
      sizeBytes: String(PIECE + 4),
      sha256Hash: Buffer.from(digest).toString("base64"),
      uri: `${GOOGLE}/v1beta/${String(file["name"])}`,
      state: "PROCESSING",
      source: "UPLOADED",
    });
    const lasts = Date.parse(String(file["expirationTime"])) - Date.parse(String(file["createTime"]));
    expect(lasts).toBe(48 * 3_600_000);
    expect(emulator.record().map(({ operation, project, key }) => [operation, project, key])).toEqual([
      ["files.upload", "projects/1", MINE],
      ["files.uploadChunk", "projects/1", null],
      ["files.uploadChunk", "projects/1", null],
    ]);
  });

  it.each([
    ["another project's key", FOREIGN, 403],
    ["an unknown key", "AQ.nobody", 401],
    ["an old unknown key", "AIzaNobody", 400],
    ["another key of the same project", MINE_TOO, 200],
  ])("answers a piece with %s with %s %i", async (_, key, status) => {
    const { path } = await start(4);
    expect((await send(path, "data", { offset: 0, key })).status).toBe(status);
  });

  it("knows no upload by a guessed id", async () => {
    await start(4);
    const response = await send("/upload/v1beta/files?upload_id=AAnBguess", "data", { offset: 0 });
    expect(response.status).toBe(404);
    expect(response.headers.get("x-goog-upload-status")).toBeNull();
  });

  it("refuses a piece at the wrong offset, of the wrong size, and more than was announced, and stays active", async () => {
    const { path } = await start(PIECE + 4);
    for (const [body, options] of [
      ["data", { offset: 4 }],
      ["odd", { offset: 0, command: "upload" }],
      ["short", { offset: 0 }],
      ["x".repeat(2 * PIECE), { offset: 0, command: "upload" }],
      ["data", { offset: 0, command: "restart" }],
    ] as const) {
      const response = await send(path, body, options);
      expect(response.status).toBe(400);
    }
    expect(statusOf(await send(path, "", { command: "query" }))).toEqual(["active", "0"]);
    expect((await ask(emulator, "files")).body).toEqual({});
  });

  it("tells what it has received, and can be cancelled", async () => {
    const { path } = await start(PIECE + 4);
    await send(path, "a".repeat(PIECE), { command: "upload", offset: 0 });
    expect(statusOf(await send(path, "", { command: "query" }))).toEqual(["active", String(PIECE)]);
    expect(statusOf(await send(path, "", { command: "cancel" }))[0]).toBe("cancelled");
    const late = await send(path, "tail", { offset: PIECE });
    expect([late.status, late.headers.get("x-goog-upload-status")]).toEqual([400, "cancelled"]);
  });

  it("gives the file again to a client that asks after the end, and takes nothing more", async () => {
    const { path } = await start(4);
    const { file } = (await (await send(path, "data", { offset: 0 })).json()) as { file: { name: string } };
    const again = await send(path, "", { command: "query" });
    expect(await again.json()).toMatchObject({ file: { name: file.name } });
    expect((await send(path, "data", { offset: 0 })).status).toBe(400);
  });

  it("works in the older way: Location, PUT with Content-Range, 308", async () => {
    const started = await call(emulator, {
      path: "/upload/v1beta/files?uploadType=resumable",
      key: MINE,
      body: { file: {} },
      headers: { "x-upload-content-type": "text/plain" },
    });
    const path = (started.headers.get("location") ?? "").replace(GOOGLE, "");
    const put = (body: string, range: string): Promise<Response> =>
      call(emulator, { path, method: "PUT", key: false, body, headers: { "content-range": range } });
    const first = await put("a".repeat(PIECE), `bytes 0-${PIECE - 1}/${PIECE + 2}`);
    expect([first.status, first.headers.get("range")]).toEqual([308, `bytes=0-${PIECE - 1}`]);
    const last = await put("zz", `bytes ${PIECE}-${PIECE + 1}/${PIECE + 2}`);
    expect(await last.json()).toMatchObject({ file: { sizeBytes: String(PIECE + 2), mimeType: "text/plain" } });
  });
});

describe("an upload in one request", () => {
  it("can be raw", async () => {
    const { name } = await upload(emulator, "hello");
    expect((await ask(emulator, name)).body).toMatchObject({ sizeBytes: "5", mimeType: "text/plain" });
  });

  it.each(["x-goog-upload-protocol", "uploadType"])("can be multipart/related, by %s", async (how) => {
    const body = [
      "--edge",
      "Content-Type: application/json; charset=utf-8",
      "",
      '{"file": {"displayName": "two parts", "name": "files/chosen-name"}}',
      "--edge",
      "Content-Type: image/png",
      "",
      "PNG\r\n--bytes",
      "--edge--",
      "",
    ].join("\r\n");
    const response = await call(emulator, {
      path: `/upload/v1beta/files${how === "uploadType" ? "?uploadType=multipart" : ""}`,
      key: MINE,
      body,
      headers: {
        "content-type": 'multipart/related; boundary="edge"',
        ...(how === "uploadType" ? {} : { [how]: "multipart" }),
      },
    });
    expect(await response.json()).toMatchObject({
      file: { name: "files/chosen-name", displayName: "two parts", mimeType: "image/png", sizeBytes: "12" },
    });
  });

  it("refuses a chosen name that is taken or malformed", async () => {
    const create = (name: string): Promise<{ status: number }> =>
      ask(emulator, "files", { body: { file: { name, mimeType: "text/plain" } } });
    expect((await create("files/mine")).status).toBe(200);
    expect((await create("files/mine")).status).toBe(409);
    expect((await create("files/-Mine")).status).toBe(400);
  });
});
