/**
 * KEEP_UPLOADS with an unmodified client: the project that has the files is exhausted, and no call fails for that.
 * @module
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GoogleGenAI, type File as GeminiFile } from "@google/genai";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startEmulator, type Emulator } from "../emulator/src/emulator.ts";
import { clientKey, startGateway, type GatewayUnderTest } from "./support/targets.ts";
import { until } from "./support/until.ts";

const model = "gemini-3.8-flash";
const digits = ["1", "2", "3", "4"];
const keyOf = (digit: string): string => `AIzaSyKeptUploads-000000000000000000000${digit}`;
const idOf = (digit: string): string => `projects/200${digit}`;

let emulator: Emulator;
let gateway: GatewayUnderTest;
let folder: string;
let dataDir: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gemini-proxy-kept-"));
  dataDir = join(folder, "data");
  emulator = await startEmulator({
    projects: digits.map((digit) => ({ id: idOf(digit), keys: [{ key: keyOf(digit) }], tier: "unlimited" as const })),
    fileProcessingMs: 50,
  });
});

afterEach(async () => {
  await gateway?.stop();
  await emulator?.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(environment: Record<string, string> = {}): Promise<void> {
  gateway = await startGateway("node24", {
    dataDir,
    environment: {
      GEMINI_API_KEYS: digits.map(keyOf).join(","),
      GOOGLE_GEMINI_API_BASE_URL: emulator.url,
      KEEP_UPLOADS: "on",
      OWNER_WAIT_MS: "100",
      ...environment,
    },
  });
}

/** Uploads as the SDK does, and waits until the file can be used. */
async function upload(content: Uint8Array<ArrayBuffer>, mimeType: string): Promise<GeminiFile> {
  const ai = new GoogleGenAI({ apiKey: clientKey, httpOptions: { baseUrl: gateway.url } });
  const path = join(folder, "upload");
  await writeFile(path, content);
  const file = await ai.files.upload({ file: path, config: { mimeType } });
  await until(async () => {
    const { state } = await ai.files.get({ name: file.name as string });
    return state === "ACTIVE" ? true : undefined;
  }, "the file");
  return file;
}

/** How many files are kept: the last bytes reach the disk after the client has its answer. */
async function untilKept(count: number): Promise<void> {
  await until(async () => {
    const kept = (await readdir(join(dataDir, "uploads"))).filter((name) => name.endsWith(".json"));
    return kept.length === count ? true : undefined;
  }, `${count} kept files`);
}

async function ask(files: readonly GeminiFile[]): Promise<{ status: number; copies: string | null; text: string }> {
  const parts = files.map(({ uri, mimeType }) => ({ fileData: { fileUri: uri, mimeType } }));
  const answer = await fetch(`${gateway.url}/v1beta/models/${model}:generateContent`, {
    method: "POST",
    headers: { "x-goog-api-key": clientKey, "content-type": "application/json" },
    body: JSON.stringify({ contents: [{ role: "user", parts: [...parts, { text: "What are these?" }] }] }),
  });
  return { status: answer.status, copies: answer.headers.get("x-gproxy-reuploaded"), text: await answer.text() };
}

function projectsOf(): string[] {
  return [...new Set((emulator.resources()["files"] ?? []).map(({ projectId }) => projectId))];
}

/** From now on a project's day has room for so many calls. */
function limit(projectId: string, requestsPerDay: number): void {
  const key = keyOf(projectId.at(-1) as string);
  emulator.setProject({ id: projectId, keys: [{ key }], tier: "free", quotas: { [model]: { requestsPerDay } } });
}

function uploadsSince(count: number): number {
  return emulator
    .record()
    .slice(count)
    .filter(({ path, method }) => path.startsWith("/upload/") && method === "POST").length;
}

function streamOf(pieces: readonly string[]): ReadableStream<Uint8Array> {
  const left = [...pieces];
  return new ReadableStream({
    pull(controller) {
      const piece = left.shift();
      if (piece === undefined) controller.close();
      else controller.enqueue(new TextEncoder().encode(piece));
    },
  });
}

describe("three uploaded files whose project is exhausted", () => {
  it("are used by every call all the same: uploaded once more, found again after a restart, and moved on again", async () => {
    await start();
    const files = [
      await upload(randomBytes(10 * 1024 * 1024), "video/mp4"),
      await upload(new TextEncoder().encode("hello ".repeat(2_000)), "text/plain"),
      await upload(randomBytes(200_000), "application/pdf"),
    ];
    await untilKept(3);
    const [owner, ...others] = projectsOf();
    expect(others).toEqual([]);
    limit(owner as string, 2);

    const before = emulator.record().length;
    const answers = [];
    for (let round = 0; round < 8; round++) answers.push(await ask(files));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
    expect(answers.map(({ copies }) => copies)).toEqual([null, null, "3", "3", "3", "3", "3", "3"]);
    expect(uploadsSince(before)).toBe(3);
    expect(projectsOf()).toHaveLength(2);
    const rows = await gateway.calls();
    const served = rows.filter(({ operation }) => operation === "generate").flatMap(({ attempts }) => attempts);
    const rules = served.filter(({ status }) => status !== 200).map(({ rule }) => rule);
    expect(rules.length).toBeLessThanOrEqual(1);
    expect(served.some(({ words }) => words?.includes("3 of them uploaded for this call") === true)).toBe(true);

    await gateway.stop();
    await start();
    const restarted = emulator.record().length;
    expect(await ask(files)).toMatchObject({ status: 200, copies: "3" });
    expect(uploadsSince(restarted)).toBe(0);

    const second = projectsOf().find((id) => id !== owner) as string;
    limit(second, 0);
    for (let round = 0; round < 3; round++) expect(await ask(files)).toMatchObject({ status: 200, copies: "3" });
    expect(uploadsSince(restarted)).toBe(3);
    expect(projectsOf()).toHaveLength(3);
    await gateway.stop();
  });

  it.each([
    ["raw", { "x-goog-upload-protocol": "raw", "content-type": "text/plain" }, ["", ""]],
    [
      "multipart",
      { "x-goog-upload-protocol": "multipart", "content-type": "multipart/related; boundary=kept" },
      [
        '--kept\r\ncontent-type: application/json\r\n\r\n{"file":{}}\r\n--kept\r\ncontent-type: text/plain\r\n\r\n',
        "\r\n--kept--\r\n",
      ],
    ],
  ] as const)(
    "are kept when they come %s, in many pieces and without a length",
    async (_what, headers, [head, tail]) => {
      await start();
      const line = "one line of a long text\n".repeat(400);
      const pieces = [head, ...Array.from({ length: 300 }, () => line), tail];
      const answer = await fetch(`${gateway.url}/upload/v1beta/files`, {
        method: "POST",
        headers: { ...headers, "x-goog-api-key": clientKey },
        body: streamOf(pieces),
        duplex: "half",
      } as RequestInit);
      const { file } = (await answer.json()) as { file: GeminiFile };
      expect(file.sizeBytes).toBe(String(300 * line.length));
      await untilKept(1);
      limit(projectsOf()[0] as string, 0);
      expect(await ask([file])).toMatchObject({ status: 200, copies: "1" });
      expect(emulator.resources()["files"]).toHaveLength(2);
    },
  );

  it("are uploaded once for many calls at once", async () => {
    await start();
    const files = [await upload(randomBytes(300_000), "image/png"), await upload(randomBytes(300_000), "image/png")];
    await untilKept(2);
    limit(projectsOf()[0] as string, 0);
    const before = emulator.record().length;
    const answers = await Promise.all(Array.from({ length: 24 }, () => ask(files)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 24 }, () => 200));
    // At most once for each other project, since calls that come at once are spread.
    expect(uploadsSince(before)).toBeLessThanOrEqual(files.length * (digits.length - 1));
  });
});

describe("what is not kept", () => {
  it("is told by 429 as before: a file that made room for newer ones, and one that is too large", async () => {
    await start({ KEEP_UPLOADS_BYTES: "1MB", KEEP_UPLOADS_FILE_BYTES: "600KB" });
    const files: GeminiFile[] = [];
    for (let round = 0; round < 3; round++) {
      files.push(await upload(randomBytes(450_000), "image/png"));
      await untilKept(Math.min(2, round + 1));
    }
    const large = await upload(randomBytes(700_000), "image/png");
    limit(projectsOf()[0] as string, 0);
    const statuses = [];
    for (const file of [...files, large]) statuses.push((await ask([file])).status);
    expect(statuses).toEqual([429, 200, 200, 429]);
    expect((await ask([files[0] as GeminiFile, files[2] as GeminiFile])).text).toContain("OWNER_EXHAUSTED");
  });

  it("is nothing at all when the setting is off, and no folder is made", async () => {
    await start({ KEEP_UPLOADS: "off" });
    const file = await upload(randomBytes(1_000), "image/png");
    limit(projectsOf()[0] as string, 0);
    expect((await ask([file])).status).toBe(429);
    expect(await readdir(dataDir)).not.toContain("uploads");
  });
});
