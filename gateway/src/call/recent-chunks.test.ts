import fc from "fast-check";
import { expect, test } from "vitest";
import { portableBytes } from "../core/portable-bytes.ts";
import { LateAnswerNames, RecentChunks } from "./recent-chunks.ts";

test("the last 64 KB are kept, whatever the chunks, and not much more than that and one chunk", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 60 }), (sizes) => {
      const recent = new RecentChunks();
      const all: Uint8Array[] = [];
      sizes.forEach((size, index) => {
        const chunk = new Uint8Array(size).fill(index + 1);
        all.push(chunk);
        recent.push(chunk);
      });
      const whole = portableBytes.concat(all);
      const kept = portableBytes.concat(recent.chunks());
      expect(kept.length).toBeGreaterThanOrEqual(Math.min(whole.length, 65_536));
      expect(kept.length).toBeLessThan(65_536 + 40_001);
      expect(whole.slice(whole.length - kept.length)).toEqual(kept);
    }),
    { numRuns: 50 },
  );
});

test("thousands of small chunks leave no more than the window", () => {
  const recent = new RecentChunks();
  for (let index = 0; index < 20_000; index++) recent.push(new Uint8Array(100));
  expect(recent.chunks().length).toBeLessThan(700);
});

test("a signature is found however the answer was cut", () => {
  const signature = "S".repeat(10) + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  const text = `data: {"candidates":[{"content":{"parts":[{"text":"x","thoughtSignature":"${signature}"}]}}]}\r\n\r\ndata: {"candidates":[{"finishReason":"STOP"}]}\r\n\r\n`;
  const whole = portableBytes.encode(text);
  const digest = { sha256: (value: string) => value };
  const parts = { route: null, bytes: portableBytes, digest, now: 0 };
  const atOnce = new LateAnswerNames(parts);
  atOnce.push(whole);
  const expected = atOnce.end();
  expect(expected).toHaveLength(1);
  fc.assert(
    fc.property(fc.array(fc.nat(whole.length), { maxLength: 12 }), (cuts) => {
      const names = new LateAnswerNames(parts);
      const borders = [0, ...cuts.toSorted((left, right) => left - right), whole.length];
      borders.forEach((border, index) => names.push(whole.subarray(borders[index - 1] ?? 0, border)));
      expect(names.end()).toEqual(expected);
    }),
  );
});
