import { expect, it } from "vitest";
import { MinuteWindow, minuteWindowMs } from "./minute-window.ts";

const start = 1_800_000_000_000;

it("a use each 10 ms for hours keeps a bounded number of entries and counts a window", () => {
  const window = new MinuteWindow(start);
  const calls = 1_000_000;
  for (let index = 0; index < calls; index++) {
    const now = start + index * 10;
    window.expire(now);
    window.add(1, 7, now);
  }
  const now = start + (calls - 1) * 10;
  window.expire(now);
  expect(window.requests).toBeGreaterThanOrEqual(minuteWindowMs / 10);
  expect(window.requests).toBeLessThanOrEqual((minuteWindowMs + 1_000) / 10);
  expect(window.tokens).toBe(7 * window.requests);
  expect(window.freeAt("requests", 0)).toBe(now + minuteWindowMs);
  window.expire(now + minuteWindowMs);
  expect([window.requests, window.tokens]).toEqual([0, 0]);
});

it("half a year without a quiet minute is counted like a minute", () => {
  const window = new MinuteWindow(start);
  let now = start;
  for (let index = 0; index < 360_000; index++) {
    now = start + index * 50_000;
    window.expire(now);
    window.add(1, 1, now);
  }
  expect(window.requests).toBe(2);
  expect(window.freeAt("requests", 1)).toBe(now - 50_000 + minuteWindowMs);
  window.correct({ taken: now - 50_000, requests: 0, tokens: 5 }, now);
  expect(window.tokens).toBe(7);
});

it("a ring that has turned keeps its order when it grows", () => {
  const window = new MinuteWindow(start);
  const times = [0, 5, 40, 50, 62, 64, 66, 68, 70, 72].map((second) => start + second * 1_000);
  times.forEach((now, index) => {
    window.expire(now);
    window.add(1, 10 ** index, now);
  });
  expect(window.tokens).toBe(1_111_111_100);
  let left = window.tokens;
  times.slice(2).forEach((time, index) => {
    left -= 10 ** (index + 2);
    expect(window.freeAt("tokens", left)).toBe(time + minuteWindowMs);
    expect(window.freeAt("tokens", left + 1)).toBe(time + minuteWindowMs);
  });
});

it("an entry takes no more than it can hold and gives back no more than it has", () => {
  const window = new MinuteWindow(start);
  window.add(1, 5_000_000_000, start);
  expect(window.tokens).toBe(0xffff_ffff);
  window.correct({ taken: start, requests: -2, tokens: -5_000_000_000 }, start);
  expect([window.requests, window.tokens]).toEqual([0, 0]);
});

it("what has left one window is not given back from another that came in", () => {
  const [left, right] = [new MinuteWindow(start), new MinuteWindow(start)];
  left.add(1, 100, start + 500);
  right.add(1, 1, start);
  right.add(1, 70, start + 30_000);
  left.expire(start + 500 + minuteWindowMs);
  left.absorb(right, start + 500 + minuteWindowMs);
  left.correct({ taken: start + 500, requests: -1, tokens: -50 }, start + 500 + minuteWindowMs);
  expect([left.requests, left.tokens]).toEqual([1, 70]);
});
