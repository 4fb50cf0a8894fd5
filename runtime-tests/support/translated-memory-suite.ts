/**
 * Memory of translated calls on Node: bounded by what must be held, whatever comes.
 * @module
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pidListeningOn, residentMegabytes } from "./listening-process.ts";
import { parseEvents, translatedDialects, type TranslatedDialect } from "./translated-dialects.ts";
import { model, startTranslatedWorld, type TranslatedWorld } from "./translated-world.ts";

const megabyte = 1024 * 1024;
const streams = 200;
/** Of one stream's answer. */
const chunks = 12;
/** May say as much as it likes. */
const longModel = "gemini-3.8-long";

/** Adds the tests; they start processes of their own, since one that has grown before shows no growth. */
export function describeTranslatedMemory(): void {
  describe("memory on node24", () => {
    let world: TranslatedWorld;

    beforeAll(async () => {
      world = await startTranslatedWorld("node24", {
        environment: { IDLE_TIMEOUT_MS: "30000" },
        emulator: { models: [{ name: longModel, outputTokenLimit: 100_000_000 }] },
      });
    });

    afterAll(async () => {
      await world?.stop();
    });

    it("200 streams at once need less than 64 KB each, and every answer is whole", async () => {
      // As busy as it will be, so that what is measured are the streams: all code loaded and compiled.
      const warm = Array.from({ length: 32 }, async () => {
        for (let call = 0; call < 40; call += 1) expect((await open(call)).said.isWhole).toBe(true);
      });
      await Promise.all(warm);
      const text = (index: number): string => `${String(index).padStart(3, "0")} ${"words ".repeat(12)}`;
      // All are held before their last chunk.
      world.emulator.script({
        repeat: true,
        when: { stream: true },
        chunks: Array.from({ length: chunks }, (_, index) => ({
          parts: [{ text: text(index) }],
          delayMs: index === chunks - 1 ? 7_000 : 50,
        })),
      });
      const before = residentMegabytes(world.gateway.url);
      let ended = 0;
      const answers = Array.from({ length: streams }, async (_, index) => {
        const answer = await open(index);
        ended += 1;
        return answer;
      });
      const grown = await standingStill(() => residentMegabytes(world.gateway.url) - before);
      // All were open when memory was measured.
      expect(world.emulator.totals().inFlight).toBe(streams);
      expect(ended).toBe(0);
      const whole = Array.from({ length: chunks }, (_, index) => text(index)).join("");
      for (const { said } of await Promise.all(answers)) expect(said).toMatchObject({ isWhole: true, text: whole });
      expect((grown * 1024) / streams).toBeLessThan(64);
    }, 60_000);

    it("what has passed is not kept: 60 streams that said 8 MB each hold a part of that", async () => {
      const text = "words ".repeat(120_000);
      world.emulator.reset();
      world.emulator.script({
        repeat: true,
        model: longModel,
        chunks: Array.from({ length: chunks }, (_, index) => ({
          parts: [{ text }],
          delayMs: index === chunks - 1 ? 7_000 : 50,
        })),
      });
      const chat = translatedDialects.find(({ name }) => name === "openai-chat") as TranslatedDialect;
      const before = residentMegabytes(world.gateway.url);
      const answers = Array.from({ length: 60 }, async (_, index) => {
        const response =
          index % 2 === 0
            ? await world.post(chat.path, chat.request([chat.user("Hi")], { stream: true, model: longModel }))
            : await world.post(`/v1beta/models/${longModel}:streamGenerateContent?alt=sse`, {
                contents: [{ role: "user", parts: [{ text: "Hi" }] }],
              });
        return (await response.text()).length;
      });
      const grown = await standingStill(() => residentMegabytes(world.gateway.url) - before);
      // All were open when memory was measured.
      expect(world.emulator.totals().inFlight).toBe(60);
      for (const length of await Promise.all(answers)) expect(length).toBeGreaterThan(chunks * text.length);
      // A third of a gigabyte was garbage once in a while; kept, it would be half a gigabyte at least.
      expect(grown).toBeLessThan(330);
    }, 60_000);

    function open(index: number): Promise<{ said: { isWhole: boolean; text: string } }> {
      const dialect = translatedDialects[index % translatedDialects.length] ?? translatedDialects[0];
      if (dialect === undefined) throw new Error("no dialects");
      return world.ask(dialect, dialect.request([dialect.user("Hello there")], { stream: true }));
    }
  });

  describe("a message with a picture of 20 MB, on node24", () => {
    let world: TranslatedWorld;

    beforeAll(async () => {
      world = await startTranslatedWorld("node24");
    });

    afterAll(async () => {
      await world?.stop();
    });

    it("passes, again and again, in a few times its size", async () => {
      const data = Buffer.alloc(15 * megabyte, "not a picture, but as long as one").toString("base64");
      const content = [
        { type: "image", source: { type: "base64", media_type: "image/png", data } },
        { type: "text", text: "What is on it?" },
      ];
      const body = { model, max_tokens: 1_000, stream: true, messages: [{ role: "user", content }] };
      const [dialect] = translatedDialects;
      const small = await world.post("/v1/messages", { ...body, messages: [{ role: "user", content: "Hi" }] });
      await small.text();
      const before = residentMegabytes(world.gateway.url);
      const peaks: number[] = [];
      for (let time = 0; time < 8; time += 1) {
        const response = await world.post("/v1/messages", body);
        const text = await response.text();
        expect(response.status).toBe(200);
        expect(dialect?.readStream(parseEvents(text))).toMatchObject({ isWhole: true });
        expect(world.emulator.record().at(-1)?.requestBytes).toBeGreaterThan(20 * megabyte);
        peaks.push((peakMegabytes(world.gateway.url) - before) / 20);
      }
      const [first = Infinity] = peaks;
      // It came, was text, was parsed, and is text and bytes again.
      expect(first).toBeLessThan(7);
      // What the last ones left is collected in time.
      expect(peaks.at(-1)).toBeLessThan(16);
    }, 60_000);
  });
}

// --- helpers ---

/** The value once it has stood still for a second; it may fall. */
async function standingStill(measure: () => number): Promise<number> {
  let most = measure();
  for (let still = 0; still < 10;) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const now = measure();
    still = now > most + 1 ? 0 : still + 1;
    most = Math.max(most, now);
  }
  return most;
}

/** The most that the process ever held. Linux only. */
function peakMegabytes(url: string): number {
  const status = readFileSync(`/proc/${pidListeningOn(Number(new URL(url).port))}/status`, "utf8");
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}
