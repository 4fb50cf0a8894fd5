import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startEmulator, type Emulator } from "../../../../../emulator/src/emulator.ts";
import type { UploadedAgain } from "../../../call/reupload/types.ts";
import type { Lease } from "../../../core/credential.ts";
import { toSecret } from "../../../core/secret.ts";
import { createKeptLogger } from "../../../testkit/simulated.ts";
import { createDispatchers, type Dispatchers } from "../dispatchers.ts";
import { openKeptFiles, type NodeKeptFiles } from "./kept-files.ts";

const keys = ["1", "2"].map((digit) => `AIzaSyUploadAgain-000000000000000000000${digit}`);
const content = randomBytes(700_000);
const sha256 = Buffer.from(createHash("sha256").update(content).digest("hex")).toString("base64");
const times = { uploadMs: 10_000, activeMs: 10_000, pollMs: 5 };

let emulator: Emulator;
let dispatchers: Dispatchers;
let directory: string;
let kept: NodeKeptFiles;
const ends: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  emulator = await startEmulator({
    projects: keys.map((key, index) => ({ id: `projects/${index + 1}`, keys: [{ key }], tier: "unlimited" })),
    fileProcessingMs: 30,
    recordBodyBytes: 2_000_000,
  });
});
afterAll(() => emulator.close());
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "upload-again-"));
  dispatchers = createDispatchers({ connectTimeoutMs: 5_000, firstByteTimeoutMs: 10_000, idleTimeoutMs: 10_000 });
  kept = await opened();
});
afterEach(async () => {
  await kept.close();
  for (const end of ends.splice(0)) await end();
  await dispatchers.close();
  await rm(directory, { recursive: true, force: true });
  emulator.clearFaults();
});

async function opened(change: Partial<typeof times> = {}): Promise<NodeKeptFiles> {
  const newId = (): string => randomBytes(16).toString("hex");
  return openKeptFiles({
    directory,
    maxBytes: 10_000_000,
    maxFileBytes: 1_000_000,
    host: {
      dispatcherFor: (target) => dispatchers.for(target),
      now: () => Date.now(),
      boundary: newId,
      times: { ...times, ...change },
    },
    logger: createKeptLogger(),
    newId,
  });
}

/** Keeps a file that a client uploaded to the first project. */
async function put(name: string, change: { sha256?: string | null } = {}): Promise<void> {
  const sink = kept.keep({ id: name, whole: true, offset: 0, length: null, boundary: null });
  sink?.push(content);
  sink?.end({
    file: {
      name,
      uri: `https://generativelanguage.googleapis.com/v1beta/${name}`,
      mimeType: "video/mp4",
      displayName: 'A "film" – ü',
      bytes: content.length,
      sha256,
      expiresAt: Date.now() + 3_600_000,
      state: "active",
      ...change,
    },
    clientId: "client_1",
    credentialId: "cred_1",
    projectId: "projects/1",
  });
  await kept.settled();
}

function leaseOf(index: number): Lease {
  const secret = toSecret(keys[index - 1] as string);
  return { credentialId: `cred_${index}`, credentialName: `key ${index}`, projectId: `projects/${index}`, secret };
}

function again(name: string, origin = emulator.url): { outcome: Promise<UploadedAgain>; cancel: () => void } {
  let cancel = (): void => undefined;
  const outcome = new Promise<UploadedAgain>((resolve) => {
    cancel = kept.again({ name, lease: leaseOf(2), address: { origin, prefix: "" }, proxy: null }, resolve);
  });
  return { outcome, cancel };
}

/** An upstream of its own, for what the emulator does not do. @returns its origin */
async function serve(listener: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const told = (change: object = {}): string =>
  JSON.stringify({
    file: {
      name: "files/copy",
      uri: "https://generativelanguage.googleapis.com/v1beta/files/copy",
      sizeBytes: String(content.length),
      sha256Hash: sha256,
      state: "ACTIVE",
      ...change,
    },
  });

describe("a kept file", () => {
  it("is uploaded whole to the other project, and waited for until it can be used", async () => {
    await put("files/a");
    const outcome = await again("files/a").outcome;
    expect(outcome).toMatchObject({ ok: true, place: { credentialId: "cred_2", projectId: "projects/2" } });
    const { name } = (outcome as Extract<UploadedAgain, { ok: true }>).place;
    const file = (await (
      await fetch(`${emulator.url}/v1beta/${name}`, { headers: { "x-goog-api-key": keys[1] as string } })
    ).json()) as object;
    expect(file).toMatchObject({
      sha256Hash: sha256,
      mimeType: "video/mp4",
      displayName: 'A "film" – ü',
      state: "ACTIVE",
    });
    expect(kept.get("files/a")?.places.map((place) => place.name)).toEqual(["files/a", name]);
  });

  it("is uploaded once for calls that need it at once, and its copy is known after a restart", async () => {
    await put("files/a");
    const before = emulator.totals().requests;
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => again("files/a").outcome));
    expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
    const uploads = emulator
      .record()
      .slice(before)
      .filter(({ method }) => method === "POST");
    expect(uploads).toHaveLength(1);
    await kept.close();
    const places = kept.get("files/a")?.places;
    expect(places).toHaveLength(2);
    kept = await opened();
    expect(kept.get("files/a")?.places).toEqual(places);
  });

  it("arrives as it is when many are uploaded at once", async () => {
    const names = Array.from({ length: 12 }, (_, index) => `files/many-${index}`);
    for (const name of names) await put(name);
    const outcomes = await Promise.all(names.map((name) => again(name).outcome));
    expect(outcomes.every(({ ok }) => ok)).toBe(true);
  });

  it("that is not kept any more is told, later", async () => {
    let isLater = false;
    const { outcome } = again("files/never");
    void outcome.then(() => (isLater = true));
    expect(isLater).toBe(false);
    expect(await outcome).toMatchObject({ ok: false, status: null, words: "not kept" });
  });
});

describe("a copy", () => {
  it("that is not what the client uploaded is deleted, and the bytes are not used again", async () => {
    await put("files/a");
    const [file] = (await readdir(directory)).filter((name) => name.endsWith(".bytes"));
    const path = join(directory, file as string);
    const changed = await readFile(path);
    changed[1_000] = (changed[1_000] as number) ^ 1;
    await writeFile(path, changed);
    const before = emulator.resources()["files"]?.length ?? 0;
    expect(await again("files/a").outcome).toMatchObject({ ok: false, status: null });
    expect(kept.get("files/a")).toBeNull();
    await expect.poll(() => emulator.resources()["files"]?.length ?? 0).toBe(before);
  });

  it("whose digest Google never told is used by its size", async () => {
    await put("files/a", { sha256: null });
    expect(await again("files/a").outcome).toMatchObject({ ok: true });
  });

  it.each([
    ["that cannot be processed", { state: "FAILED" }],
    ["of another size", { sizeBytes: "1" }],
    ["whose address is none", { uri: "javascript:alert(1)" }],
  ])("%s is none", async (_what, change) => {
    await put("files/a");
    const origin = await serve((request, response) => {
      request.resume().on("end", () => response.end(told(change)));
    });
    expect(await again("files/a", origin).outcome).toMatchObject({ ok: false, status: null });
    expect(kept.get("files/a")?.places ?? []).not.toContainEqual(expect.objectContaining({ name: "files/copy" }));
  });

  it("that is processed for too long is given up and deleted", async () => {
    await kept.close();
    kept = await opened({ activeMs: 40 });
    await put("files/a");
    const seen: string[] = [];
    const origin = await serve((request, response) => {
      seen.push(request.method as string);
      request.resume().on("end", () => response.end(told({ state: "PROCESSING" })));
    });
    expect(await again("files/a", origin).outcome).toMatchObject({ ok: false, words: "it was still being processed" });
    expect(kept.get("files/a")?.places).toHaveLength(1);
    await expect.poll(() => seen.at(-1)).toBe("DELETE");
  });
});

describe("an upload", () => {
  it("that Google refuses tells status and body", async () => {
    await put("files/a");
    emulator.fault({ match: { project: "projects/2" }, do: { error: "api-key-invalid" } });
    const outcome = await again("files/a").outcome;
    expect(outcome).toMatchObject({ ok: false, status: 400 });
    expect((outcome as Extract<UploadedAgain, { ok: false }>).body).toContain("API_KEY_INVALID");
  });

  it("whose connection breaks, or is refused, ends with a word", async () => {
    await put("files/a");
    const broken = await serve((request) => void request.socket.destroy());
    expect(await again("files/a", broken).outcome).toMatchObject({ ok: false, status: null });
    expect(await again("files/a", "http://127.0.0.1:1").outcome).toMatchObject({ ok: false, words: "ECONNREFUSED" });
  });

  it("goes on while one call waits for it, and ends with the last one that leaves", async () => {
    await put("files/a");
    let closed = 0;
    let asked = 0;
    const origin = await serve((request) => {
      request.socket.once("close", () => (closed += 1));
      request.resume().once("end", () => (asked += 1));
    });
    const results: string[] = [];
    const calls = [again("files/a", origin), again("files/a", origin)];
    for (const { outcome } of calls) void outcome.then(() => results.push("told"));
    await expect.poll(() => asked).toBe(1);
    calls[0]?.cancel();
    expect(closed).toBe(0);
    calls[1]?.cancel();
    await expect.poll(() => closed).toBe(1);
    expect(results).toEqual([]);
  });

  it("that nobody waits for any more leaves no copy behind", async () => {
    await put("files/a");
    const seen: string[] = [];
    const origin = await serve((request, response) => {
      seen.push(`${request.method as string} ${request.url as string}`);
      request.resume().on("end", () => response.end(told({ state: "PROCESSING" })));
    });
    const { cancel } = again("files/a", origin);
    await expect.poll(() => seen.includes("GET /v1beta/files/copy")).toBe(true);
    cancel();
    await expect.poll(() => seen.at(-1)).toBe("DELETE /v1beta/files/copy");
  });
});
