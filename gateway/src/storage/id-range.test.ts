import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createIdMaker } from "../core/ids.ts";
import { createSeededRandom } from "../testkit/simulated.ts";
import { idFloor } from "./id-range.ts";

describe("idFloor", () => {
  it("lies between the ids of calls begun before and those begun at or after a time, also when the clock goes back", () => {
    const time = fc.integer({ min: 0, max: 4_000_000_000_000 });
    fc.assert(
      fc.property(fc.array(time, { maxLength: 50 }), time, (starts, since) => {
        const makeId = createIdMaker(createSeededRandom());
        for (const startedAt of [...starts, since - 1, since]) {
          const id = makeId(startedAt);
          if (startedAt >= since) expect(id >= idFloor(since)).toBe(true);
          if (id < idFloor(since)) expect(startedAt).toBeLessThan(since);
        }
      }),
    );
  });

  it("orders times as numbers do, and takes any number", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (a, b) => {
        if (a <= b) expect(idFloor(a) <= idFloor(b)).toBe(true);
      }),
    );
    expect([idFloor(-5), idFloor(0), idFloor(35.9), idFloor(Infinity)]).toEqual([
      "000000000",
      "000000000",
      "00000000z",
      "zzzzzzzzz",
    ]);
  });
});
