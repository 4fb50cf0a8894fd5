import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { KeptUpload, UploadBody } from "../../../call/reupload/types.ts";
import { createKeptLogger, createSimulatedClock, type SimulatedClock } from "../../../testkit/simulated.ts";
import { openKeptFiles, type KeptFilesOptions, type NodeKeptFiles } from "./kept-files.ts";
import { uploadTimes } from "./upload-again.ts";

const hour = 3_600_000;
let directory: string;
let clock: SimulatedClock;
let opened: NodeKeptFiles[];

beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), "kept-files-")), "uploads");
  clock = createSimulatedClock();
  opened = [];
});

afterEach(async () => {
  for (const kept of opened) await kept.close();
  await rm(join(directory, ".."), { recursive: true, force: true });
});

async function open(options: Partial<KeptFilesOptions> = {}): Promise<NodeKeptFiles> {
  const kept = await openKeptFiles({
    directory,
    maxBytes: 10_000_000,
    maxFileBytes: 1_000_000,
    host: {
      dispatcherFor: () => {
        throw new Error("nothing is uploaded here");
      },
      now: () => clock.now(),
      boundary: () => "boundary",
      times: uploadTimes,
    },
    logger: createKeptLogger(),
    newId: () => randomBytes(16).toString("hex"),
    ...options,
  });
  opened.push(kept);
  return kept;
}

function upload(name: string, bytes: number, change: Partial<KeptUpload> = {}): KeptUpload {
  const uri = `https://generativelanguage.googleapis.com/v1beta/${name}`;
  const file = { name, uri, mimeType: "text/plain", displayName: null, sha256: null, state: "active" } as const;
  const expiresAt = clock.now() + 48 * hour;
  return {
    file: { ...file, bytes, expiresAt },
    clientId: "client_1",
    credentialId: "cred_0",
    projectId: "p",
    ...change,
  };
}

const whole = (id: string): UploadBody => ({ id, whole: true, offset: 0, length: null, boundary: null });
const piece = (id: string, offset: number): UploadBody => ({ id, whole: false, offset, length: null, boundary: null });

/** Uploads in one request. */
function put(kept: NodeKeptFiles, name: string, content: Uint8Array): void {
  const sink = kept.keep(whole(name));
  sink?.push(content);
  sink?.end(upload(name, content.length));
}

/** What is on disk of the only file. */
async function onDisk(): Promise<Buffer> {
  const [file] = (await readdir(directory)).filter((name) => name.endsWith(".bytes"));
  return readFile(join(directory, file as string));
}

describe("an uploaded file", () => {
  it("is kept as it came, readable for its owner only", async () => {
    const kept = await open();
    const content = randomBytes(300_000);
    put(kept, "files/a", content);
    await kept.settled();
    expect(kept.get("files/a")).toMatchObject({
      name: "files/a",
      clientId: "client_1",
      places: [{ credentialId: "cred_0" }],
    });
    expect((await onDisk()).equals(content)).toBe(true);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    for (const file of await readdir(directory)) expect((await stat(join(directory, file))).mode & 0o777).toBe(0o600);
    expect(kept.size()).toEqual({ bytes: 300_000, files: 1 });
  });

  it("of no bytes is one too", async () => {
    const kept = await open();
    const sink = kept.keep(whole("files/a"));
    sink?.end(upload("files/a", 0));
    await kept.settled();
    expect(kept.get("files/a")).not.toBeNull();
    expect(await onDisk()).toHaveLength(0);
  });

  it("in a multipart body is kept without what is around it", async () => {
    const kept = await open();
    const sink = kept.keep({ ...whole("call"), boundary: "xyz" });
    for (const part of ['--xyz\r\n\r\n{"file":{}}\r\n--x', "yz\r\ncontent-type: a/b\r\n\r\nhel", "lo\r\n--xyz--\r\n"])
      sink?.push(Buffer.from(part));
    sink?.end(upload("files/a", 5));
    await kept.settled();
    expect((await onDisk()).toString()).toBe("hello");
    expect(kept.size().bytes).toBe(5);
  });

  it("in chunks is kept, also when the next one begins before the last one is on disk", async () => {
    const kept = await open();
    const content = randomBytes(500_000);
    for (let offset = 0; offset < content.length; offset += 100_000) {
      const sink = kept.keep(piece("uploads/1", offset));
      for (let at = offset; at < offset + 100_000; at += 10_000) sink?.push(content.subarray(at, at + 10_000));
      sink?.end(offset + 100_000 === content.length ? upload("files/a", content.length) : null);
    }
    await kept.settled();
    expect((await onDisk()).equals(content)).toBe(true);
  });

  it("whose chunk came twice, or broke off and was sent again, is whole all the same", async () => {
    const kept = await open();
    const content = randomBytes(90);
    const send = (from: number, to: number, last = false): void => {
      const sink = kept.keep(piece("uploads/1", from));
      sink?.push(content.subarray(from, to));
      sink?.end(last ? upload("files/a", content.length) : null);
    };
    send(0, 30);
    send(0, 30);
    send(30, 45);
    send(30, 60);
    send(40, 90, true);
    await kept.settled();
    expect((await onDisk()).equals(content)).toBe(true);
    expect(kept.size().bytes).toBe(90);
  });

  it.each([
    [
      "with a gap",
      [
        [0, 10],
        [20, 30],
      ],
      30,
    ],
    ["without its beginning", [[10, 30]], 30],
    ["shorter than Google says", [[0, 20]], 30],
    ["longer than Google says", [[0, 40]], 30],
  ] as const)("%s is not kept, and leaves nothing", async (_what, pieces, size) => {
    const kept = await open();
    pieces.forEach(([from, to], index) => {
      const sink = kept.keep(piece("uploads/1", from));
      sink?.push(Buffer.alloc(to - from));
      sink?.end(index === pieces.length - 1 ? upload("files/a", size) : null);
    });
    await kept.settled();
    expect(kept.get("files/a")).toBeNull();
    expect(await readdir(directory)).toEqual([]);
    expect(kept.size()).toEqual({ bytes: 0, files: 0 });
  });

  it("of two requests at once is not kept", async () => {
    const kept = await open();
    const first = kept.keep(piece("uploads/1", 0));
    expect(kept.keep(piece("uploads/1", 0))).toBeNull();
    first?.push(Buffer.alloc(5));
    first?.end(upload("files/a", 5));
    await kept.settled();
    expect(await readdir(directory)).toEqual([]);
  });

  it("that was refused or broke off leaves nothing", async () => {
    const kept = await open();
    const sink = kept.keep(whole("call"));
    sink?.push(Buffer.alloc(1_000));
    sink?.end(null);
    await kept.settled();
    expect(await readdir(directory)).toEqual([]);
    expect(kept.size().bytes).toBe(0);
  });
});

describe("room", () => {
  it("is made by the oldest", async () => {
    const kept = await open({ maxBytes: 250_000 });
    for (const name of ["files/a", "files/b", "files/c"]) {
      put(kept, name, Buffer.alloc(100_000));
      await kept.settled();
      clock.advance(1_000);
    }
    expect(["files/a", "files/b", "files/c"].map((name) => kept.get(name) !== null)).toEqual([false, true, true]);
    expect(kept.size()).toEqual({ bytes: 200_000, files: 2 });
    expect((await readdir(directory)).filter((name) => name.endsWith(".bytes"))).toHaveLength(2);
  });

  it("is limited in files too", async () => {
    const kept = await open({ maxFiles: 3 });
    for (let index = 0; index < 6; index += 1) put(kept, `files/${index}`, Buffer.alloc(10));
    await kept.settled();
    expect(kept.size().files).toBe(3);
    expect(await readdir(directory)).toHaveLength(6);
  });

  it("is not taken by a file that is too large, nor by one larger than everything together", async () => {
    const kept = await open({ maxFileBytes: 1_000, maxBytes: 5_000 });
    put(kept, "files/a", Buffer.alloc(1_000));
    put(kept, "files/b", Buffer.alloc(1_001));
    put(kept, "files/c", Buffer.alloc(50_000));
    await kept.settled();
    expect(["files/a", "files/b", "files/c"].map((name) => kept.get(name) !== null)).toEqual([true, false, false]);
    expect(kept.size()).toEqual({ bytes: 1_000, files: 1 });
  });

  it("is not even made for the beginning of a file that is announced as too large", async () => {
    const kept = await open({ maxFileBytes: 1_000, maxBytes: 1_500 });
    put(kept, "files/a", Buffer.alloc(1_000));
    await kept.settled();
    kept.expect("uploads/1", 1_001);
    expect(kept.keep(piece("uploads/1", 0))).toBeNull();
    expect(kept.keep({ ...whole("call"), length: 1_001 })).toBeNull();
    expect(kept.keep({ ...whole("other"), length: 100_000, boundary: "b" })).toBeNull();
    kept.expect("uploads/2", 1_000);
    expect(kept.keep({ ...piece("uploads/2", 0), length: 1_000 })).not.toBeNull();
    expect(kept.get("files/a")).not.toBeNull();
  });

  it("in memory for a disk that is behind is bounded: the file is given up, and the next one is kept", async () => {
    const kept = await open({ maxFileBytes: 10_000_000, maxQueuedBytes: 100_000 });
    const sink = kept.keep(whole("call"));
    for (let index = 0; index < 20; index += 1) sink?.push(Buffer.alloc(50_000));
    sink?.end(upload("files/a", 1_000_000));
    await kept.settled();
    expect(kept.get("files/a")).toBeNull();
    expect(await readdir(directory)).toEqual([]);
    put(kept, "files/b", Buffer.alloc(50_000));
    await kept.settled();
    expect(kept.get("files/b")).not.toBeNull();
  });
});

describe("a restart", () => {
  it("finds what was kept, the oldest still first", async () => {
    const before = await open();
    for (const name of ["files/a", "files/b"]) {
      put(before, name, Buffer.from(name));
      await before.settled();
      clock.advance(1_000);
    }
    await before.close();
    const after = await open({ maxBytes: 2 * "files/a".length });
    expect(after.get("files/a")).toEqual(before.get("files/a"));
    put(after, "files/c", Buffer.from("files/c"));
    await after.settled();
    expect(["files/a", "files/b", "files/c"].map((name) => after.get(name) !== null)).toEqual([false, true, true]);
  });

  it("clears away what a crash left half done, and leaves what is not its own", async () => {
    const before = await open();
    put(before, "files/a", Buffer.from("hello"));
    await before.close();
    const id = (): string => randomBytes(16).toString("hex");
    const [broken, strange, short] = [id(), id(), id()];
    await writeFile(join(directory, `${id()}.part`), "half");
    await writeFile(join(directory, `${id()}.bytes`), "no sidecar");
    await writeFile(join(directory, `${broken}.json`), '{"name":');
    await writeFile(join(directory, `${broken}.bytes`), "x");
    await writeFile(join(directory, `${strange}.json`), '{"name":"files/../../etc","places":[]}');
    const [sidecar] = (await readdir(directory)).filter((name) => name.endsWith(".json") && name.length === 37);
    await writeFile(join(directory, `${short}.json`), await readFile(join(directory, sidecar as string)));
    await writeFile(join(directory, `${short}.bytes`), "hell");
    await writeFile(join(directory, "notes.txt"), "mine");
    const after = await open();
    expect(after.get("files/a")).not.toBeNull();
    expect(after.size()).toEqual({ bytes: 5, files: 1 });
    expect((await readdir(directory)).sort().map((name) => name.replace(/^[0-9a-f]{32}/, ""))).toEqual([
      ".bytes",
      ".json",
      "notes.txt",
    ]);
  });

  it("within a smaller limit keeps the newest", async () => {
    const before = await open();
    for (const name of ["files/a", "files/b"]) {
      put(before, name, Buffer.alloc(100));
      await before.settled();
      clock.advance(1_000);
    }
    await before.close();
    const after = await open({ maxBytes: 150 });
    await after.settled();
    expect([after.get("files/a"), after.get("files/b")?.name]).toEqual([null, "files/b"]);
  });
});

describe("a file goes", () => {
  it("when it expires", async () => {
    const kept = await open();
    put(kept, "files/a", Buffer.from("hello"));
    await kept.settled();
    clock.advance(48 * hour);
    expect(kept.get("files/a")).toBeNull();
    kept.sweep();
    await kept.settled();
    expect(await readdir(directory)).toEqual([]);
  });

  it("when it is removed", async () => {
    const kept = await open();
    put(kept, "files/a", Buffer.from("hello"));
    await kept.settled();
    kept.remove("files/other");
    expect(kept.get("files/a")).not.toBeNull();
    kept.remove("files/a");
    expect(kept.get("files/a")).toBeNull();
    await kept.settled();
    expect(await readdir(directory)).toEqual([]);
  });

  it("when nobody went on with its upload for an hour, or its session was cancelled", async () => {
    const kept = await open();
    for (const id of ["uploads/1", "uploads/2"]) {
      const sink = kept.keep(piece(id, 0));
      sink?.push(Buffer.alloc(10));
      sink?.end(null);
    }
    kept.remove("uploads/2");
    await kept.settled();
    expect(await readdir(directory)).toHaveLength(1);
    clock.advance(hour);
    kept.sweep();
    await kept.settled();
    expect(await readdir(directory)).toEqual([]);
    expect(kept.size().bytes).toBe(0);
  });
});

describe("a disk that fails", () => {
  it("costs the copy and one line a minute, and nothing is thrown", async () => {
    const logger = createKeptLogger();
    const kept = await open({ logger });
    await rm(directory, { recursive: true });
    for (const name of ["files/a", "files/b"]) put(kept, name, Buffer.alloc(1_000));
    await kept.settled();
    expect(kept.get("files/a")).toBeNull();
    expect(kept.size()).toEqual({ bytes: 0, files: 0 });
    expect(logger.lines.map(({ event, fields }) => [event, fields])).toEqual([
      ["kept-files.failed", { cause: "ENOENT" }],
    ]);
  });
});
