import { describe, expect, it } from "vitest";
import { wordsOf } from "./failure.ts";
import { toPlainLine, toTable } from "./output.ts";
import { completeSwitches } from "./setting-flags.ts";

describe("toTable", () => {
  it("aligns columns, cuts long cells, and shows nothing as a dash", () => {
    const rows = [
      { name: "a", count: 5 },
      { name: "a name that is long", count: null },
    ];
    expect(
      toTable(rows, [
        { title: "NAME", of: (row) => row.name, limit: 8 },
        { title: "COUNT", of: (row) => row.count, align: "right" },
      ]),
    ).toEqual(["NAME      COUNT", "a             5", "a name …      -"]);
  });

  it("colours only what it was told to, and lets no codes of others through", () => {
    const lines = toTable(
      [{ text: "\u001B[31mred\u0007\nline" }],
      [{ title: "T", of: (row) => row.text, style: () => "green" }],
      (style, text) => `<${String(style)}:${text}>`,
    );
    expect(lines).toEqual(["<dim:T>", "<green:red line>"]);
    expect(toPlainLine("a\u202Eb\u009B2J")).not.toMatch(/[\u202E\u009B]/);
  });
});

describe("completeSwitches", () => {
  it("gives bare switches their value and leaves everything else alone", () => {
    expect(
      completeSwitches([
        "start",
        "--open-mode",
        "--port",
        "1",
        "--no-ledger",
        "--debug",
        "off",
        "--no-such",
        "--open-mode",
      ]),
    ).toEqual([
      "start",
      "--open-mode=on",
      "--port",
      "1",
      "--ledger=off",
      "--debug",
      "off",
      "--no-such",
      "--open-mode=on",
    ]);
  });
});

it("tells the words of an error with those of its causes", () => {
  const inner = Object.assign(new Error(""), { code: "ECONNREFUSED" });
  expect(wordsOf(new TypeError("fetch failed", { cause: new AggregateError([inner]) }))).toBe(
    "fetch failed: AggregateError: ECONNREFUSED",
  );
  expect(wordsOf("text")).toBe("text");
});
