import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  describeShape,
  parseDuration,
  parseInteger,
  parseList,
  parseOrigins,
  parseShare,
  parseSize,
  parseSwitch,
} from "./values.ts";

describe("parseDuration", () => {
  it.each([
    ["1500", 1500],
    ["250ms", 250],
    ["10s", 10_000],
    ["5m", 300_000],
    ["5 min", 300_000],
    ["1.5h", 5_400_000],
    ["2D", 172_800_000],
    ["10_000", 10_000],
  ])("reads %s", (text, expected) => expect(parseDuration(text)).toBe(expected));

  it.each(["", "s", "-5s", "5 weeks", "1e3", "10s5", "constructor"])("does not read '%s'", (text) =>
    expect(parseDuration(text)).toBeNull(),
  );
});

describe("parseSize", () => {
  it.each([
    ["65536", 65_536],
    ["64KB", 65_536],
    ["64k", 65_536],
    ["64 KiB", 65_536],
    ["100MB", 104_857_600],
    ["1.5G", 1_610_612_736],
    ["512b", 512],
  ])("reads %s", (text, expected) => expect(parseSize(text)).toBe(expected));

  it("gives plain numbers back as they are", () => {
    fc.assert(
      fc.property(fc.nat(), (number) => {
        expect([parseSize(String(number)), parseDuration(`${number}ms`)]).toEqual([number, number]);
      }),
    );
  });

  it("does not read what is too large to be exact", () => expect(parseSize("99999999999TB")).toBeNull());
});

describe("other values", () => {
  it("reads shares as fractions and as percents", () => {
    expect([parseShare("0.2"), parseShare("20%"), parseShare(".5"), parseShare("1/5")]).toEqual([0.2, 0.2, 0.5, null]);
  });

  it("reads whole numbers, signs and separators", () => {
    expect([
      parseInteger("-1"),
      parseInteger("10,000"),
      parseInteger("1_000_000"),
      parseInteger("1.5"),
      parseInteger("1,2"),
    ]).toEqual([-1, 10_000, 1_000_000, null, null]);
  });

  it("reads switches in the words that people use", () => {
    expect(["on", "TRUE", "yes", "1"].map(parseSwitch)).toEqual([true, true, true, true]);
    expect(["off", "False", "no", "0"].map(parseSwitch)).toEqual([false, false, false, false]);
    expect(parseSwitch("maybe")).toBeNull();
  });

  it("splits lists at commas and new lines", () => expect(parseList(" a, b\nc,,\r\n ")).toEqual(["a", "b", "c"]));

  it("reads origins and refuses URLs with a path", () => {
    expect(parseOrigins("https://App.Example.com/, http://localhost:3000")).toEqual([
      "https://app.example.com",
      "http://localhost:3000",
    ]);
    expect(parseOrigins("https://a.example, *")).toEqual(["*"]);
    expect(parseOrigins("none")).toEqual([]);
    expect(parseOrigins("https://a.example/path")).toBeNull();
    expect(parseOrigins("a.example")).toBeNull();
  });
});

describe("describeShape", () => {
  it("shows numbers and short words, and of anything else the length only", () => {
    expect(describeShape("99999", false)).toBe("99999");
    expect(describeShape("5h", false)).toBe("5h");
    expect(describeShape("loud", false)).toBe("'loud'");
    expect(describeShape("AIzaSyA1234", false)).toBe("text of 11 characters");
    expect(describeShape("loud", true)).toBe("text of 4 characters");
    expect(describeShape(" ", true)).toBe("nothing");
  });
});
