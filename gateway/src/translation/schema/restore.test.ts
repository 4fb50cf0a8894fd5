import { describe, expect, it } from "vitest";
import type { FunctionTool, JsonObject } from "../types.ts";
import { createArgsRestorer } from "./schema.ts";

function tool(schema: JsonObject | null, name = "f"): FunctionTool {
  return { name, description: "", schema, strict: false };
}

describe("arguments of lowered schemas", () => {
  const restore = createArgsRestorer(
    [
      tool({
        type: "object",
        properties: {
          n: { type: "integer", enum: [1, 2] },
          yes: { const: true },
          both: { enum: [1, "1", 2] },
          free: { anyOf: [{ enum: [1] }, { type: "string" }] },
          any: {},
          list: { type: "array", items: { $ref: "#/$defs/Level" } },
          tree: { $ref: "#/$defs/Tree" },
          pick: { oneOf: [{ properties: { a: { const: 1 } } }, { properties: { b: { const: 2 } } }] },
          __proto__x: { type: "string" },
        },
        $defs: {
          Level: { enum: [0.5, null] },
          Tree: { type: "object", properties: { level: { $ref: "#/$defs/Level" }, next: { $ref: "#/$defs/Tree" } } },
        },
      }),
      tool({ type: "object", properties: { a: { type: "string" } } }, "plain"),
      tool(null, "none"),
    ],
    "lowered",
  );

  it("become numbers and booleans again, wherever they stand", () => {
    const args = { n: "2", yes: "true", list: ["0.5", null, "x"], tree: { level: "0.5" }, pick: { a: "1", b: "2" } };
    expect(restore?.("f", args)).toEqual({
      n: 2,
      yes: true,
      list: [0.5, null, "x"],
      tree: { level: 0.5 },
      pick: { a: 1, b: 2 },
    });
    expect(args.n).toBe("2");
  });

  it("stay texts where a text was asked for, or where the model wrote something else", () => {
    const args = { n: "3", both: "1", free: "1", extra: "1", list: "0.5" };
    expect(restore?.("f", args)).toEqual(args);
    expect(restore?.("f", { both: "2" })).toEqual({ both: 2 });
  });

  it("are read where any JSON was asked for as text", () => {
    expect(restore?.("f", { any: '{"a": [1]}' })).toEqual({ any: { a: [1] } });
    expect(restore?.("f", { any: "[not json" })).toEqual({ any: "[not json" });
    expect(restore?.("f", { any: "12" })).toEqual({ any: "12" });
  });

  it("of other tools are the same object", () => {
    const args = { a: "1" };
    expect(restore?.("plain", args)).toBe(args);
    expect(restore?.("unknown", args)).toBe(args);
  });
});

describe("wrapped roots", () => {
  const list = { type: "array", items: { type: "integer", enum: [1, 2] } };

  it("are unwrapped in both forms, and only their values are changed in the strict one", () => {
    expect(createArgsRestorer([tool(list)], "json-schema")?.("f", { value: ["1"] })).toEqual(["1"]);
    expect(createArgsRestorer([tool(list)], "lowered")?.("f", { value: ["1", 2] })).toEqual([1, 2]);
  });

  it("stay as they are when the model did not wrap them", () => {
    expect(createArgsRestorer([tool(list)], "json-schema")?.("f", { a: 1 })).toEqual({ a: 1 });
    expect(createArgsRestorer([tool(list)], "json-schema")?.("f", { value: null })).toEqual({ value: null });
  });
});

describe("tools of which nothing was changed", () => {
  it("need no restoring", () => {
    const numbers = tool({ type: "object", properties: { n: { enum: [1] } } });
    expect(createArgsRestorer([], "lowered")).toBeUndefined();
    expect(createArgsRestorer([numbers], "json-schema")).toBeUndefined();
    expect(createArgsRestorer([numbers], "lowered")).toBeTypeOf("function");
    expect(
      createArgsRestorer([tool(null), tool({ type: "object", properties: { a: {} } })], "json-schema"),
    ).toBeUndefined();
  });
});
