/**
 * The stateful part of the API through a pool of five projects that take turns, with unmodified clients: what belongs to a
 * project must be found there again, and no call may end in a 403.
 * @module
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { GoogleGenAI, type ApiError, type File as GeminiFile } from "@google/genai";
import { experimental_generateVideo as generateVideo, generateText, uploadFile } from "ai";
import { GoogleGenAI as GoogleGenAIv2 } from "genai-v2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEmulator, type Emulator } from "../emulator/src/emulator.ts";
import { clientKey, startGateway, type GatewayUnderTest, type TargetName } from "./support/targets.ts";
import { until as untilDefined } from "./support/until.ts";

const model = "gemini-3.8-flash";
const secondKey = "gp-second-0123456789abcdefghijklmnopqrstu";
const projects = ["1", "2", "3", "4", "5"];
const wanted = (process.env["CONTRACT_TARGETS"] ?? "node24,bun,workerd").split(",") as TargetName[];
const targets = (["node24", "bun", "workerd"] as const).filter((name) => wanted.includes(name));

const OlderClient = GoogleGenAIv2 as unknown as typeof GoogleGenAI;

describe.each(targets)("five projects taking turns on %s", (target) => {
  let emulator: Emulator;
  let gateway: GatewayUnderTest;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "gemini-proxy-resources-"));
    emulator = await startEmulator({
      projects: projects.map((digit) => ({
        id: `projects/100${digit}`,
        keys: [{ key: `AIzaSyResources-0000000000000000000000${digit}` }],
        tier: "unlimited" as const,
      })),
      fileProcessingMs: 20,
      batchMs: 100,
      operationMs: 100,
    });
    gateway = await startGateway(target, {
      environment: {
        GEMINI_API_KEYS: projects.map((digit) => `AIzaSyResources-0000000000000000000000${digit}`).join(","),
        PROXY_API_KEY: `${clientKey},${secondKey}`,
        GOOGLE_GEMINI_API_BASE_URL: emulator.url,
        REWRITE_DOWNLOADS: "on",
      },
    });
  }, 90_000);

  afterAll(async () => {
    await gateway?.stop();
    await emulator?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const clientOf = (Client: typeof GoogleGenAI, apiKey = clientKey): GoogleGenAI =>
    new Client({ apiKey, httpOptions: { baseUrl: gateway.url } });

  describe.each([
    ["@google/genai 3 (v1)", GoogleGenAI],
    ["@google/genai 2 (v1beta)", OlderClient],
  ])("%s", (_name, Client) => {
    it("uploads 10 MB in chunks, uses the file, lists, gets and deletes it", async () => {
      const ai = clientOf(Client);
      const path = join(folder, "big.bin");
      await writeFile(path, randomBytes(10 * 1024 * 1024));
      const file = await ai.files.upload({ file: path, config: { mimeType: "video/mp4", displayName: "big" } });
      expect(file).toMatchObject({ sizeBytes: String(10 * 1024 * 1024), displayName: "big" });
      await until(async () => (await ai.files.get({ name: file.name as string })).state === "ACTIVE");
      for (let round = 0; round < 6; round++) {
        const answer = await ai.models.generateContent({
          model,
          contents: [
            {
              role: "user",
              parts: [{ fileData: { fileUri: file.uri as string, mimeType: "video/mp4" } }, { text: "What is it?" }],
            },
          ],
        });
        expect(answer.text?.length).toBeGreaterThan(0);
      }
      const listed: (string | undefined)[] = [];
      for await (const one of await ai.files.list()) listed.push(one.name);
      expect(listed).toContain(file.name);
      await ai.files.delete({ name: file.name as string });
    });

    it("uploads several files and uses them together", async () => {
      const ai = clientOf(Client);
      const files: GeminiFile[] = [];
      for (let index = 0; index < 4; index++)
        files.push(await ai.files.upload({ file: new Blob([`file ${index}`]), config: { mimeType: "text/plain" } }));
      for (const file of files)
        await until(async () => (await ai.files.get({ name: file.name as string })).state === "ACTIVE");
      const answer = await ai.models.generateContent({
        model,
        contents: [
          {
            role: "user",
            parts: files.map((file) => ({ fileData: { fileUri: file.uri as string, mimeType: "text/plain" } })),
          },
        ],
      });
      expect(answer.text?.length).toBeGreaterThan(0);
    });

    it("creates a cache, uses it, updates, lists and deletes it", async () => {
      const ai = clientOf(Client);
      const cache = await ai.caches.create({
        model,
        config: { contents: [{ role: "user", parts: [{ text: "A long book. ".repeat(4_000) }] }], ttl: "300s" },
      });
      for (let round = 0; round < 6; round++) {
        const answer = await ai.models.generateContent({
          model,
          contents: "Sum it up",
          config: { cachedContent: cache.name as string },
        });
        expect(answer.usageMetadata?.cachedContentTokenCount).toBeGreaterThan(1_000);
      }
      await ai.caches.update({ name: cache.name as string, config: { ttl: "600s" } });
      const listed: (string | undefined)[] = [];
      for await (const one of await ai.caches.list()) listed.push(one.name);
      expect(listed).toContain(cache.name);
      await ai.caches.delete({ name: cache.name as string });
    });

    it("runs a batch of inlined requests", async () => {
      const ai = clientOf(Client);
      const batch = await ai.batches.create({
        model,
        src: [{ contents: [{ role: "user", parts: [{ text: "one" }] }] }],
      });
      await until(async () => (await ai.batches.get({ name: batch.name as string })).state === "JOB_STATE_SUCCEEDED");
      const done = await ai.batches.get({ name: batch.name as string });
      expect(done.dest?.inlinedResponses?.[0]?.response?.candidates?.length).toBe(1);
      const listed: (string | undefined)[] = [];
      for await (const one of await ai.batches.list()) listed.push(one.name);
      expect(listed).toContain(batch.name);
    });

    it("runs a batch from a file to its result file", async () => {
      const ai = clientOf(Client);
      const lines = ["a", "b"].map((key) =>
        JSON.stringify({ key, request: { contents: [{ role: "user", parts: [{ text: key }] }] } }),
      );
      const source = await ai.files.upload({ file: new Blob([lines.join("\n")]), config: { mimeType: "jsonl" } });
      await until(async () => (await ai.files.get({ name: source.name as string })).state === "ACTIVE");
      const batch = await ai.batches.create({ model, src: source.name as string });
      await until(async () => (await ai.batches.get({ name: batch.name as string })).state === "JOB_STATE_SUCCEEDED");
      const result = (await ai.batches.get({ name: batch.name as string })).dest?.fileName as string;
      const path = join(folder, `${target}-result.jsonl`);
      await ai.files.download({ file: result, downloadPath: path });
      await until(async () => (await readFile(path, "utf8").catch(() => "")).split("\n").filter(Boolean).length === 2);
      expect(await readFile(path, "utf8")).toContain('"key":"a"');
    });

    it("keeps a conversation with thought signatures", async () => {
      const chat = clientOf(Client).chats.create({ model });
      for (const message of ["Think about rivers", "and lakes", "and seas"])
        expect((await chat.sendMessage({ message })).text?.length).toBeGreaterThan(0);
    });
  });

  it("makes a video with @google/genai 2 (3 offers it for another service only), polls its operation and downloads it", async () => {
    const ai = clientOf(OlderClient);
    let operation = await ai.models.generateVideos({
      model: "veo-3.1-generate-preview",
      source: { prompt: "A river" },
    });
    await until(async () => {
      operation = await ai.operations.getVideosOperation({ operation });
      return operation.done === true;
    });
    const uri = operation.response?.generatedVideos?.[0]?.video?.uri as string;
    expect(uri.startsWith(gateway.url)).toBe(true);
    const video = await fetch(uri, { headers: { "x-goog-api-key": clientKey } });
    expect(video.status).toBe(200);
    expect((await video.arrayBuffer()).byteLength).toBeGreaterThan(0);
  });

  it("chains interactions, gets and deletes them", async () => {
    const ai = clientOf(GoogleGenAI);
    let previous: string | undefined;
    for (let turn = 0; turn < 4; turn++) {
      const made = await ai.interactions.create({
        model,
        input: `turn ${turn}`,
        ...(previous === undefined ? {} : { previous_interaction_id: previous }),
      });
      expect(made.status).toBe("completed");
      previous = made.id;
    }
    expect((await ai.interactions.get(previous as string)).id).toBe(previous);
    const events: string[] = [];
    for await (const event of await ai.interactions.create({
      model,
      input: "and on",
      previous_interaction_id: previous,
      stream: true,
    }))
      events.push(event.event_type);
    expect(events.at(-1)).toBe("interaction.completed");
    await ai.interactions.delete(previous ?? "");
  });

  it("the Vercel AI SDK uploads a file and uses it", async () => {
    const google = createGoogleGenerativeAI({ apiKey: clientKey, baseURL: `${gateway.url}/v1beta` });
    const { providerReference } = await uploadFile({
      api: google,
      data: new TextEncoder().encode("A poem about the sea"),
      mediaType: "text/plain",
      providerOptions: { google: { pollIntervalMs: 20 } },
    });
    for (let round = 0; round < 5; round++) {
      const { text } = await generateText({
        model: google(model),
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text: "Read it" },
              { type: "file", data: new URL(providerReference["google"] as string), mediaType: "text/plain" },
            ],
          },
        ],
      });
      expect(text.length).toBeGreaterThan(0);
    }
  });

  it("the Vercel AI SDK chains interactions", async () => {
    const google = createGoogleGenerativeAI({ apiKey: clientKey, baseURL: `${gateway.url}/v1beta` });
    let previousInteractionId: string | undefined;
    for (let turn = 0; turn < 4; turn++) {
      const { text, finalStep } = await generateText({
        model: google.interactions(model),
        prompt: `turn ${turn}`,
        ...(previousInteractionId === undefined ? {} : { providerOptions: { google: { previousInteractionId } } }),
      });
      expect(text.length).toBeGreaterThan(0);
      previousInteractionId = finalStep.providerMetadata?.["google"]?.["interactionId"] as string;
      expect(previousInteractionId).toMatch(/^v1_/);
    }
  });

  it("the Vercel AI SDK makes a video and downloads it through the gateway", async () => {
    const google = createGoogleGenerativeAI({ apiKey: clientKey, baseURL: `${gateway.url}/v1beta` });
    const { video } = await generateVideo({
      model: google.video("veo-3.1-generate-preview"),
      prompt: "A river",
      providerOptions: { google: { pollIntervalMs: 50 } },
      // The SDK's own download refuses addresses of this machine; all else is as it comes.
      download: async ({ url }) => {
        expect(url.href.startsWith(gateway.url)).toBe(true);
        const response = await fetch(url);
        expect(response.status).toBe(200);
        return { data: new Uint8Array(await response.arrayBuffer()), mediaType: "video/mp4" };
      },
    });
    expect(video.uint8Array.byteLength).toBeGreaterThan(0);
  });

  it("a long prompt is sent where Google has it in its cache, and the statistics show the share", async () => {
    const ai = clientOf(GoogleGenAI);
    const book = "It was a bright cold day in April. ".repeat(2_000);
    const cached: number[] = [];
    for (let turn = 0; turn < 5; turn++) {
      const answer = await ai.models.generateContent({
        model,
        contents: [{ role: "user", parts: [{ text: book }, { text: `Question ${turn}` }] }],
      });
      cached.push(answer.usageMetadata?.cachedContentTokenCount ?? 0);
    }
    expect(cached.slice(1).every((tokens) => tokens > 4_000)).toBe(true);
    const stats = (await gateway.admin("stats")) as { cacheHitRate: number | null };
    expect(stats.cacheHitRate).toBeGreaterThan(0);
  });

  it("works under the mount prefix of an older proxy too", async () => {
    const ai = new GoogleGenAI({ apiKey: clientKey, httpOptions: { baseUrl: `${gateway.url}/api/gproxy/gemini` } });
    const file = await ai.files.upload({ file: new Blob(["x".repeat(100)]), config: { mimeType: "text/plain" } });
    expect((await ai.files.get({ name: file.name as string })).name).toBe(file.name);
  });

  it("no call above ended in a 403 of Google's", () => {
    const refused = emulator.record().filter(({ status }) => status === 403);
    expect(refused.map(({ method, path, operation }) => `${method} ${path} ${operation}`)).toEqual([]);
  });

  it("shows nothing of one client to another", async () => {
    const mine = clientOf(GoogleGenAI);
    const other = clientOf(GoogleGenAI, secondKey);
    const file = await mine.files.upload({ file: new Blob(["secret"]), config: { mimeType: "text/plain" } });
    const refused = (await other.files
      .get({ name: file.name as string })
      .catch((error: ApiError) => error)) as ApiError;
    expect(refused.status).toBe(403);
    const listed: (string | undefined)[] = [];
    for await (const one of await other.files.list()) listed.push(one.name);
    expect(listed).not.toContain(file.name);
    const used = (await other.models
      .generateContent({
        model,
        contents: [{ role: "user", parts: [{ fileData: { fileUri: file.uri as string, mimeType: "text/plain" } }] }],
      })
      .catch((error: ApiError) => error)) as ApiError;
    expect(used.status).toBe(403);
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  await untilDefined(async () => ((await holds()) ? true : undefined), "the condition");
}
