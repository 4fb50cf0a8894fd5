/**
 * Names of tools, there and back.
 * @module
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyToolName } from "../testkit/any-conversation.ts";
import { testDigest } from "../testkit/conversation.ts";
import { createToolNames } from "./tool-names.ts";

const accepted = /^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$/;

describe("names of tools", () => {
  it("leaves names alone that Google takes", () => {
    const all = ["a", "_x", "mcp__server__tool", "ns.tool", "ns:tool-2", "x".repeat(64), "__proto__", "constructor"];
    const names = createToolNames(all, testDigest);
    for (const name of all) {
      expect(names.toGoogle(name)).toBe(name);
      expect(names.toClient(name)).toBe(name);
    }
  });

  it.each([
    ["21st_magic", /^_21st_magic_[0-9a-f]{8}$/],
    ["read file", /^read_file_[0-9a-f]{8}$/],
    ["server/tool", /^server_tool_[0-9a-f]{8}$/],
    ["-dash", /^_-dash_[0-9a-f]{8}$/],
    ["größe", /^gr__e_[0-9a-f]{8}$/],
    ["", /^_[0-9a-f]{8}$/],
    ["x".repeat(65), /^x{55}_[0-9a-f]{8}$/],
    ["9".repeat(70), /^_9{54}_[0-9a-f]{8}$/],
  ])("bug 27: %j becomes a name that Google takes, and comes back", (clientName, pattern) => {
    const names = createToolNames([clientName], testDigest);
    const googleName = names.toGoogle(clientName);
    expect(googleName).toMatch(pattern);
    expect(googleName).toMatch(accepted);
    expect(names.toClient(googleName)).toBe(clientName);
  });

  it("maps a name of the history as if it were declared, whatever else is declared", () => {
    const declared = createToolNames(["server/tool", "other"], testDigest);
    const gone = createToolNames([], testDigest);
    expect(gone.toGoogle("server/tool")).toBe(declared.toGoogle("server/tool"));
    expect(gone.toClient(gone.toGoogle("server/tool"))).toBe("server/tool");
  });

  it.each(["default_api:", "default_api.", "functions."])(
    "understands names that the model begins with %s",
    (prefix) => {
      const names = createToolNames(["read", "21st"], testDigest);
      expect(names.toClient(`${prefix}read`)).toBe("read");
      expect(names.toClient(`${prefix}${names.toGoogle("21st")}`)).toBe("21st");
      expect(names.toClient(`${prefix}unknown`)).toBe(`${prefix}unknown`);
    },
  );

  it("prefers a tool that really has the prefix in its name", () => {
    const names = createToolNames(["read", "functions.read"], testDigest);
    expect(names.toClient("functions.read")).toBe("functions.read");
  });

  it("gives back unknown names as they are", () => {
    expect(createToolNames([], testDigest).toClient("invented")).toBe("invented");
  });

  it("keeps names apart when the digests of two are the same", () => {
    const sameDigest = { sha256: (text: string) => (text.includes("\n") ? testDigest.sha256(text) : "0".repeat(64)) };
    const names = createToolNames(["a b", "a/b", "a_b_00000000"], sameDigest);
    const mapped = ["a b", "a/b", "a_b_00000000"].map((name) => names.toGoogle(name));
    expect(new Set(mapped).size).toBe(3);
    expect(mapped[2]).toBe("a_b_00000000");
    expect(mapped.map((name) => names.toClient(name))).toEqual(["a b", "a/b", "a_b_00000000"]);
  });

  it("maps any set of distinct names to distinct names that Google takes, and back", () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyToolName, { maxLength: 30 }), fc.nat({ max: 30 }), (all, declaredCount) => {
        const names = createToolNames(all.slice(0, declaredCount), testDigest);
        const mapped = all.map((name) => names.toGoogle(name));
        expect(mapped.filter((name) => !accepted.test(name))).toEqual([]);
        expect(new Set(mapped).size).toBe(all.length);
        expect(mapped.map((name) => names.toClient(name))).toEqual(all);
        const again = createToolNames(all.slice(0, declaredCount), testDigest);
        expect(all.map((name) => again.toGoogle(name))).toEqual(mapped);
      }),
    );
  });
});
