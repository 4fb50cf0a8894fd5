import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { nodeBytes } from "../../hosts/node/bytes.ts";
import type { Framing } from "../tap-types.ts";
import { createTap } from "./tap.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes that the process holds, in and out of the heap. Array buffers are freed behind the collector's back: in turns. */
async function held(): Promise<number> {
  for (let turn = 0; turn < 4; turn += 1) {
    collect();
    await setImmediate();
  }
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}

function event(length: number): string {
  return `data: {"candidates": [{"content": {"parts": [{"text": "${"x".repeat(length)}"}]}}],"usageMetadata": {"promptTokenCount": 1},"modelVersion": "m"}\r\n\r\n`;
}

it.each<[string, Framing, string, number, number]>([
  ["many large events", "sse", event(32_000), 32_000, 1000],
  ["many small events", "sse", event(100), 300, 60_000],
  ["a stream in chunks of 8 bytes", "sse", event(100), 8, 100_000],
  ["events that never show anything", "sse", event(0), 300, 30_000],
  ["one endless image", "unary", "A".repeat(65_536), 65_536, 500],
  ["an endless error", "sse", `${'"x":1,'.repeat(1000)}`, 7000, 1000],
])("holds little of %s", async (_name, framing, text, chunkLength, count) => {
  const tap = createTap({ framing, surface: "gemini", bytes: nodeBytes });
  if (framing === "unary") tap.push(nodeBytes.encode('{"candidates":[{"content":{"parts":[{"inlineData":{"data":"'));
  if (text.startsWith('"x"')) tap.push(nodeBytes.encode('data: {"error": {'));
  const before = await held();
  for (let index = 0; index < count; index += 1) {
    const at = (index * chunkLength) % text.length;
    // Memory of its own for every chunk, as it comes from a socket.
    tap.push(new TextEncoder().encode(text.slice(at, at + chunkLength)));
  }
  expect((await held()) - before).toBeLessThan(1_000_000);
  tap.end();
});
