import fc from "fast-check";
import { expect, test } from "vitest";
import { addTo, createSlidingWindow, expire, freeAt, shiftWindow, takeBack, wholeAt } from "./sliding-window.ts";

const start = 1_800_000_000_000;

test("an amount counts for sixty seconds and not a millisecond longer", () => {
  const window = createSlidingWindow();
  addTo(window, start, 5);
  expire(window, start + 59_999);
  expect(window.sum).toBe(5);
  expire(window, start + 60_000);
  expect(window.sum).toBe(0);
});

test("holds at most 2,048 entries at any pace, never counts too little, and lets go at most 59 ms late", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 70 }), { minLength: 500, maxLength: 6_000 }), (gaps) => {
      const window = createSlidingWindow();
      const times: number[] = [];
      let now = start;
      let gone = 0;
      let late = 0;
      for (const gap of gaps) {
        now += gap;
        expire(window, now);
        addTo(window, now, 1);
        times.push(now);
        while ((times[gone] as number) + 60_000 <= now) gone++;
        while ((times[late] as number) + 60_059 <= now) late++;
        expect(window.sum).toBeGreaterThanOrEqual(times.length - gone);
        expect(window.sum).toBeLessThanOrEqual(times.length - late);
        expect(window.size).toBeLessThanOrEqual(2_048);
      }
      expect(window.ring.length).toBeLessThanOrEqual(3 * 2_048);
    }),
    { numRuns: 20 },
  );
});

test("two hundred thousand entries within a minute take the room of two thousand", () => {
  const window = createSlidingWindow();
  for (let index = 0; index < 200_000; index++) addTo(window, start + index * 0.29, 3);
  expect(window.sum).toBe(600_000);
  expect(window.size).toBeLessThanOrEqual(2_048);
  expect(window.ring.length).toBeLessThanOrEqual(3 * 2_048);
});

test("what is taken back is taken from its own time, once at most", () => {
  const window = createSlidingWindow();
  for (let index = 0; index < 20; index++) addTo(window, start + index * 1_000, 10);
  takeBack(window, start + 3_000, 4);
  expect(window.sum).toBe(196);
  takeBack(window, start + 3_000, 100);
  expect(window.sum).toBe(190);
  takeBack(window, start + 3_500, 5);
  takeBack(window, start - 1, 5);
  takeBack(window, start + 90_000, 5);
  expect(window.sum).toBe(190);
  expire(window, start + 63_000);
  expect(window.sum).toBe(160);
});

test("tells when enough is free and when all is, past what was taken back", () => {
  const window = createSlidingWindow();
  expect(wholeAt(window, start)).toBe(start);
  for (let index = 0; index < 10; index++) addTo(window, start + index * 1_000, 10);
  expect(freeAt(window, 1)).toBe(start + 60_000);
  expect(freeAt(window, 10)).toBe(start + 60_000);
  expect(freeAt(window, 11)).toBe(start + 61_000);
  takeBack(window, start + 9_000, 10);
  takeBack(window, start + 7_000, 10);
  takeBack(window, start + 8_000, 10);
  expect(wholeAt(window, start)).toBe(start + 66_000);
});

test("moves with a clock that is set back", () => {
  const window = createSlidingWindow();
  addTo(window, start, 7);
  shiftWindow(window, -3_600_000);
  expire(window, start - 3_600_000 + 59_999);
  expect(window.sum).toBe(7);
  expire(window, start - 3_600_000 + 60_000);
  expect(window.sum).toBe(0);
});
