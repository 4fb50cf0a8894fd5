import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { FOREIGN, MINE, MINE_TOO, ask, startTwoProjects } from "../resources/test-projects.ts";
import { at } from "../test-client.ts";
import { createImplicitCache } from "./implicit.ts";

const emulator = await startTwoProjects();
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

/** 5,000 tokens, nowhere repeating. */
const LONG = Array.from({ length: 4_000 }, (_, index) => String(index).padStart(5, "0")).join("");

const cached = async (
  text: string,
  options: { key?: string; model?: string; method?: string; systemInstruction?: string } = {},
): Promise<unknown> => {
  const { key = MINE, model = "gemini-3.8-flash", systemInstruction } = options;
  const { body } = await ask(emulator, `models/${model}:generateContent`, {
    key,
    body: {
      contents: [{ role: "user", parts: [{ text }] }],
      ...(systemInstruction === undefined ? {} : { systemInstruction: { parts: [{ text: systemInstruction }] } }),
    },
  });
  return at(body, "usageMetadata.cachedContentTokenCount") ?? 0;
};

describe("implicit caching", () => {
  it("finds the beginning that a prompt shares with an earlier one, to 256 tokens", async () => {
    expect(await cached(`${LONG} first`)).toBe(0);
    expect(await cached(`${LONG} second`)).toBe(4_864);
    expect(emulator.record().at(-1)).toMatchObject({ usage: { prompt: 5_002, cached: 4_864 } });
  });

  it("never covers the whole prompt", async () => {
    await cached(LONG);
    expect(await cached(LONG)).toBe(4_864);
  });

  it("holds for all keys of a project, and for no other project and no other model", async () => {
    await cached(LONG);
    expect(await cached(LONG, { key: MINE_TOO })).toBe(4_864);
    expect(await cached(LONG, { key: FOREIGN })).toBe(0);
    expect(await cached(LONG, { model: "gemini-2.5-flash" })).toBe(0);
  });

  it("ends an hour after the last use", async () => {
    await cached(LONG);
    emulator.advance(3_599_999);
    expect(await cached(LONG)).toBe(4_864);
    emulator.advance(3_599_999);
    expect(await cached(LONG)).toBe(4_864);
    emulator.advance(3_600_000);
    expect(await cached(LONG)).toBe(0);
  });

  it("does nothing for prompts under 4,096 tokens, or that begin differently", async () => {
    await cached(LONG.slice(0, 16_000));
    expect(await cached(LONG.slice(0, 16_000))).toBe(0);
    await cached(LONG);
    expect(await cached(`.${LONG}`)).toBe(0);
    expect(await cached(LONG, { systemInstruction: "differently" })).toBe(0);
  });

  it("counts system instruction and earlier turns as the beginning", async () => {
    await cached("one", { systemInstruction: LONG });
    expect(await cached("two", { systemInstruction: LONG })).toBe(5_000);
  });

  it("has a shorter least prefix when told, and can be switched off", () => {
    const request = { contents: [{ role: "user", parts: [{ text: LONG }, { text: "end" }] }] };
    const read = (cache: ReturnType<typeof createImplicitCache>): number =>
      cache.read({ projectId: "projects/1", model: "m", request, tokens: 5_001, now: 0 });
    const short = createImplicitCache({ minTokens: 1_024 });
    expect([read(short), read(short)]).toEqual([0, 5_000]);
    const off = createImplicitCache(false);
    expect([read(off), read(off)]).toEqual([0, 0]);
  });

  it("forgets the longest unused beginnings when it is full", () => {
    const cache = createImplicitCache({ minTokens: 1 });
    const read = (index: number): number =>
      cache.read({
        projectId: "projects/1",
        model: "m",
        request: { contents: [{ role: "user", parts: [{ text: `prompt ${index}` }, { text: "end" }] }] },
        tokens: 5,
        now: 0,
      });
    read(-1);
    expect(read(-1)).toBeGreaterThan(0);
    for (let index = 0; index < 100_000; index++) read(index);
    expect(read(-1)).toBe(0);
    expect(read(99_999)).toBeGreaterThan(0);
  });
});
