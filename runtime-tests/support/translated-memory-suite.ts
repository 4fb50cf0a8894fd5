/**
 * Memory of translated calls on Node: bounded by what must be held, whatever comes.
 * @module
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pidListeningOn, residentMegabytes } from "./listening-process.ts";
import { parseEvents, translatedDialects } from "./translated-dialects.ts";
import { model, startTranslatedWorld, type TranslatedWorld } from "./translated-world.ts";

const megabyte = 1024 * 1024;
const streams = 200;
/** Of one stream's answer. */
const chunks = 12;

/** Adds the tests; they start processes of their own, since one that has grown before shows no growth. */
export function describeTranslatedMemory(): void {
  describe("memory on node24", () => {
    let world: TranslatedWorld;

    beforeAll(async () => {
      world = await startTranslatedWorld("node24", { environment: { IDLE_TIMEOUT_MS: "30000" } });
    });

    afterAll(async () => {
      await world?.stop();
    });

    it("200 streams at once need less than 64 KB each, and every answer is whole", async () => {
      // As busy as it will be, so that what is measured are the streams: all code loaded and compiled.
      const warm = Array.from({ length: 32 }, async () => {
        for (let call = 0; call < 12; call += 1) expect((await open(call)).said.isWhole).toBe(true);
      });
      await Promise.all(warm);
      await world.gateway.calls("limit=1");
      const text = (index: number): string => `${String(index).padStart(3, "0")} ${"words ".repeat(12)}`;
      world.emulator.script({
        repeat: true,
        when: { stream: true },
        chunks: Array.from({ length: chunks }, (_, index) => ({ parts: [{ text: text(index) }], delayMs: 400 })),
      });
      const before = residentMegabytes(world.gateway.url);
      const answers = Array.from({ length: streams }, (_, index) => open(index));
      let grown = 0;
      for (;;) {
        grown = Math.max(grown, residentMegabytes(world.gateway.url) - before);
        const done = await Promise.race([Promise.all(answers), new Promise<null>((go) => setTimeout(go, 100, null))]);
        if (done !== null) break;
      }
      const whole = Array.from({ length: chunks }, (_, index) => text(index)).join("");
      for (const { said } of await Promise.all(answers)) expect(said).toMatchObject({ isWhole: true, text: whole });
      console.info(`${streams} streams: ${grown.toFixed(1)} MB, ${((grown * 1024) / streams).toFixed(0)} KB each`);
      expect((grown * 1024) / streams).toBeLessThan(64);
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

    it("passes, again and again, in less than six times its size", async () => {
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
      for (let time = 0; time < 3; time += 1) {
        const response = await world.post("/v1/messages", body);
        const text = await response.text();
        expect(response.status, text.slice(0, 500)).toBe(200);
        expect(dialect?.readStream(parseEvents(text))).toMatchObject({ isWhole: true });
        expect(world.emulator.record().at(-1)?.requestBytes).toBeGreaterThan(20 * megabyte);
      }
      const grown = peakMegabytes(world.gateway.url) - before;
      console.info(`a body of 20 MB: ${grown.toFixed(0)} MB at most`);
      expect(grown).toBeLessThan(6 * 20);
    }, 60_000);
  });
}

// --- helpers ---

/** The most that the process ever held. Linux only. */
function peakMegabytes(url: string): number {
  const status = readFileSync(`/proc/${pidListeningOn(Number(new URL(url).port))}/status`, "utf8");
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}
