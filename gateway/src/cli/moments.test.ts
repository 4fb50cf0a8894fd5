import { describe, expect, it } from "vitest";
import { parseExpiry, parseMoment, toByteText, toDollars, toLatency, toLocalTime, toSpan } from "./moments.ts";

const now = Date.UTC(2026, 10, 21, 12);

describe("moments", () => {
  it("reads durations before and after now, dates, times and epoch milliseconds", () => {
    expect(parseMoment("1h", "--since", now)).toBe(now - 3_600_000);
    expect(parseMoment("2w", "--since", now)).toBe(now - 14 * 86_400_000);
    expect(parseMoment("2026-11-21T08:00Z", "--since", now)).toBe(Date.UTC(2026, 10, 21, 8));
    expect(parseMoment("2026-11-20", "--since", now)).toBe(new Date(2026, 10, 20).getTime());
    expect(parseMoment(String(now), "--since", now)).toBe(now);
    expect(parseExpiry("30d", "--expires", now)).toBe(now + 30 * 86_400_000);
    expect(parseExpiry("Never", "--expires", now)).toBeNull();
  });

  it("refuses what is no time, and an end in the past", () => {
    for (const text of ["", "soon", "5", "2026-13-45", "-1h"])
      expect(() => parseMoment(text, "--since", now)).toThrow("--since");
    expect(() => parseExpiry("2020-01-01", "--expires", now)).toThrow("in the past");
  });

  it("prints times, spans and amounts briefly", () => {
    expect(toLocalTime(new Date(2026, 10, 1, 2, 3, 4).getTime())).toBe("2026-11-01 02:03:04");
    expect([toSpan(45_000), toSpan(720_000), toSpan(3 * 3_600_000), toSpan(5 * 86_400_000)]).toEqual([
      "45 s",
      "12 min",
      "3 h",
      "5 d",
    ]);
    expect([toLatency(1500), toLatency(320_000), toLatency(2_100_000)]).toEqual(["1.5 ms", "320 ms", "2.10 s"]);
    expect([toDollars(null), toDollars(0), toDollars(0.000_012), toDollars(0.05), toDollars(12.3)]).toEqual([
      null,
      "$0",
      "$0.000012",
      "$0.0500",
      "$12.30",
    ]);
    expect([toByteText(512), toByteText(1536), toByteText(20 * 1024 ** 2)]).toEqual(["512 B", "1.5 KB", "20.0 MB"]);
  });
});
