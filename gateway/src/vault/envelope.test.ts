import { randomFillSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Random } from "../core/ports.ts";
import { createVault } from "./envelope.ts";
import { toMasterKey } from "./master-key.ts";

const random: Random = { next: () => 0.5, bytes: (length) => randomFillSync(new Uint8Array(length)) };
const oldKey = await toMasterKey(random.bytes(32));
const newKey = await toMasterKey(random.bytes(32));
const vault = createVault({ masterKeys: [oldKey], random });
const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "opened",
    (error: { code?: string }) => error.code,
  );

describe("createVault", () => {
  it("opens what it sealed, whatever the text and the row are", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme" }), fc.string(), async (plain, context) => {
        const sealed = await vault.seal(plain, context);
        expect(sealed).toMatch(/^v1\.k[0-9a-f]{10}(\.[\w-]+){4}$/);
        expect((await vault.open(sealed, context)).reveal()).toBe(plain);
      }),
      { numRuns: 50 },
    );
  });

  it("gives a secret that does not print itself, and never the same envelope twice", async () => {
    const sealed = await vault.seal("AIza-plain", "row");
    expect(String(await vault.open(sealed, "row"))).toBe("[secret]");
    expect(await vault.seal("AIza-plain", "row")).not.toBe(sealed);
    expect(sealed).not.toContain("AIza");
  });

  it("does not open an envelope in another row", async () => {
    expect(await codeOf(vault.open(await vault.seal("secret", "row-1"), "row-2"))).toBe("tampered");
  });

  it("notices every changed character", async () => {
    const sealed = await vault.seal("secret", "row");
    for (let index = 0; index < sealed.length; index++) {
      const changed = sealed.slice(0, index) + (sealed[index] === "A" ? "B" : "A") + sealed.slice(index + 1);
      const code = await codeOf(vault.open(changed, "row"));
      // The last character of a base64 part can carry unused bits; those change nothing that is sealed.
      const isLast = [".", undefined].includes(sealed[index + 1]);
      expect(["tampered", "malformed", "unknown-key", ...(isLast ? ["opened"] : [])]).toContain(code);
    }
  });

  it("tells a missing master key by its id, and text that is no envelope", async () => {
    const other = createVault({ masterKeys: [newKey], random });
    const failure = await other.open(await vault.seal("secret", "row"), "row").catch((error: Error) => error);
    expect(failure).toMatchObject({ code: "unknown-key", message: expect.stringContaining(oldKey.id) });
    for (const text of ["", "v1", "v2.a.b.c.d.e", "v1.k1.!!.b.c.d", `${await vault.seal("x", "y")}.more`])
      expect(await codeOf(vault.open(text, "row"))).toBe("malformed");
  });

  it("rotates: the new key seals, the old one still opens, and rewrapping needs the old one no more", async () => {
    const sealed = await vault.seal("secret", "row");
    const both = createVault({ masterKeys: [newKey, oldKey], random });
    expect(both.isStale(sealed)).toBe(true);
    expect((await both.open(sealed, "row")).reveal()).toBe("secret");
    const rewrapped = await both.rewrap(sealed, "row");
    expect(both.isStale(rewrapped)).toBe(false);
    expect((await createVault({ masterKeys: [newKey], random }).open(rewrapped, "row")).reveal()).toBe("secret");
  });

  it("refuses to be made without a key of 32 bytes", () => {
    expect(() => createVault({ masterKeys: [], random })).toThrow("at least one");
    expect(() => createVault({ masterKeys: [{ id: "k1", key: random.bytes(16) }], random })).toThrow("32 bytes");
  });
});
