import { afterEach, expect, it, vi } from "vitest";
import { createZoneClock } from "./zone-clock.ts";

afterEach(() => vi.restoreAllMocks());

it("looks at each week of a zone once, however often half a century is asked for", () => {
  const clock = createZoneClock("Africa/Casablanca");
  const [from, to] = [Date.UTC(1975, 0), Date.UTC(2025, 0)];
  const first = clock?.stretches(from, to);
  const looks = vi.spyOn(Intl.DateTimeFormat.prototype, "formatToParts");
  expect(clock?.stretches(from, to)).toEqual(first);
  expect(clock?.stretches(from + 12_345, to - 12_345)).toHaveLength(first?.length ?? 0);
  // Of each range the offset at its beginning.
  expect(looks.mock.calls.length).toBeLessThanOrEqual(2);
});
