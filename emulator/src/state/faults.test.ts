/** @module Tests of the choice of faults. */

import { describe, expect, it } from "vitest";

import type { FaultSpec } from "../types.ts";
import { createFaults } from "./faults.ts";

const subject = {
  key: "k1",
  project: "projects/1",
  model: "gemini-3.8-flash",
  path: "/v1beta/models/gemini-3.8-flash:generateContent",
  surface: "native",
  account: null,
  operation: "generateContent",
  stream: false,
};

describe("createFaults", () => {
  it("hits once unless told otherwise", () => {
    const faults = createFaults();
    faults.add({ do: { delayMs: 1 } });
    expect(faults.take(subject)?.id).toBe(1);
    expect(faults.take(subject)).toBeNull();
    expect(faults.list()).toEqual([]);
  });

  it("begins with the nth match and hits as often as counted", () => {
    const faults = createFaults();
    faults.add({ match: { nth: 3, count: 2 }, do: { delayMs: 1 } });
    const hits = Array.from({ length: 6 }, () => faults.take(subject) !== null);
    expect(hits).toEqual([false, false, true, true, false, false]);
  });

  it("lets the older of two faults go first", () => {
    const faults = createFaults();
    const first = faults.add({ do: { error: "internal" } });
    const second = faults.add({ match: { count: "all" }, do: { error: "overloaded" } });
    expect([1, 2, 3].map(() => faults.take(subject)?.id)).toEqual([first, second, second]);
  });

  it.each<[FaultSpec["match"], boolean]>([
    [{ key: "k1" }, true],
    [{ key: "k2" }, false],
    [{ project: "projects/1", model: "models/gemini-3.8-flash" }, true],
    [{ model: "gemini-2.5-flash" }, false],
    [{ path: ":generateContent", surface: "native" }, true],
    [{ surface: "openai" }, false],
    [{ stream: true }, false],
    [{ operation: "generateContent", stream: false }, true],
  ])("matches %o: %s", (match, hit) => {
    const faults = createFaults();
    faults.add({ match: match ?? {}, do: { delayMs: 1 } });
    expect(faults.take(subject) !== null).toBe(hit);
  });

  it.each([
    [{ do: {} }, "needs something to do"],
    [{ do: { eror: "internal" } }, "Unknown fault action: eror"],
    [{ do: { error: "nope" } }, "Unknown error name: nope"],
    [{ match: { modle: "x" }, do: { delayMs: 1 } }, "Unknown fault match: modle"],
    [{ match: { count: 0 }, do: { delayMs: 1 } }, "count must be"],
    [{ match: { nth: 0 }, do: { delayMs: 1 } }, "nth must be"],
  ])("refuses %j", (spec, words) => {
    expect(() => createFaults().add(spec as FaultSpec)).toThrow(words);
  });
});
