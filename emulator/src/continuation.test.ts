import { afterAll, describe, expect, it } from "vitest";

import { startEmulator } from "./emulator.ts";
import { at, call, prompt, sseEvents, to } from "./test-client.ts";

const MODEL = "gemini-4-argon";
const emulator = await startEmulator({
  projects: [
    { id: "projects/1", keys: [{ key: "AQ.one" }, { key: "AQ.one-too" }], tier: "unlimited" },
    { id: "projects/2", keys: [{ key: "AQ.two" }], tier: "unlimited" },
  ],
  models: [{ name: MODEL, outputTokensPerCall: 120, answer: { characters: 1_200, chunks: 12 } }],
});
afterAll(() => emulator.close());

const QUIET = { generationConfig: { maxOutputTokens: 5_000 } };
const ask = async (token?: string, options: { key?: string; text?: string } = {}): Promise<Record<string, unknown>> => {
  const more = { ...QUIET, ...(token === undefined ? {} : { continuationToken: token }) };
  const body = prompt(options.text ?? "write a long text", more);
  const response = await call(emulator, { path: to(MODEL), body, key: options.key ?? "AQ.one" });
  return { status: response.status, ...((await response.json()) as object) };
};
const tokenOf = (answer: unknown): string | undefined =>
  at(answer, "candidates.0.continuationToken") as string | undefined;
const textOf = (answer: unknown): string =>
  ((at(answer, "candidates.0.content.parts") ?? []) as { text?: string; thought?: boolean }[])
    .map(({ text = "", thought }) => (thought ? "" : text))
    .join("");

describe("long decode", () => {
  it("gives an answer in several calls, each reading what was written before", async () => {
    const answers = [await ask()];
    for (let token = tokenOf(answers[0]); token !== undefined; token = tokenOf(answers.at(-1))) {
      expect(at(answers.at(-1), "candidates.0.finishReason")).toBe("CONTINUATION");
      answers.push(await ask(token, { key: "AQ.one-too" }));
    }
    expect(answers.length).toBeGreaterThan(2);
    expect(at(answers.at(-1), "candidates.0.finishReason")).toBe("STOP");
    expect(answers.map(textOf).join("")).toHaveLength(1_200);
    const usages = answers.map((answer) => at(answer, "usageMetadata") as Record<string, number>);
    let written = 0;
    for (const usage of usages) {
      const { promptTokenCount = 0, candidatesTokenCount = 0, thoughtsTokenCount = 0, totalTokenCount } = usage;
      expect(promptTokenCount).toBe((usages[0]?.["promptTokenCount"] ?? 0) + written);
      expect(totalTokenCount).toBe(promptTokenCount + candidatesTokenCount + thoughtsTokenCount);
      expect(candidatesTokenCount + thoughtsTokenCount).toBeLessThanOrEqual(120);
      written += candidatesTokenCount;
    }
    expect(written).toBe(300);
  });

  it("goes on from a checkpoint inside a stream", async () => {
    const path = to(MODEL, "streamGenerateContent", "?alt=sse");
    const request = prompt("write a long text", QUIET);
    const first = sseEvents(await (await call(emulator, { path, body: request, key: "AQ.one" })).text());
    const token = tokenOf(first[1]);
    expect(token).toBeDefined();
    const body = { ...request, continuationToken: token };
    const second = sseEvents(await (await call(emulator, { path, body, key: "AQ.one" })).text());
    const begun = first.slice(0, 2).map(textOf).join("");
    expect((begun + second.map(textOf).join("")).startsWith(first.map(textOf).join(""))).toBe(true);
  });

  it("is refused to another project, for another request, and for a token of nobody", async () => {
    const token = tokenOf(await ask()) ?? "";
    expect(await ask(token, { key: "AQ.two" })).toMatchObject({ status: 400, error: { status: "INVALID_ARGUMENT" } });
    expect(await ask(token, { text: "something else" })).toMatchObject({ status: 400 });
    expect(await ask("bm9uZQ==")).toMatchObject({ status: 400, error: { message: "Invalid continuation token." } });
  });

  it("can be scripted, for any model", async () => {
    emulator.script({ parts: [{ text: "one, " }], finishReason: "CONTINUATION" }, { parts: [{ text: "two." }] });
    const path = to("gemini-4-neon");
    const request = prompt("count");
    const first: unknown = await (await call(emulator, { path, body: request, key: "AQ.one" })).json();
    expect(textOf(first)).toBe("one, ");
    const body = { ...request, continuationToken: tokenOf(first) };
    const second: unknown = await (await call(emulator, { path, body, key: "AQ.one" })).json();
    expect(textOf(second)).toBe("two.");
    expect(tokenOf(second)).toBeUndefined();
  });

  it("is nothing that older models do", async () => {
    const path = to("gemini-3.8-flash");
    const answer: unknown = await (await call(emulator, { path, body: prompt("hi"), key: "AQ.one" })).json();
    expect(at(answer, "candidates.0.finishReason")).toBe("STOP");
    expect(tokenOf(answer)).toBeUndefined();
  });
});
