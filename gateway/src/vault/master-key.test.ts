import { Buffer } from "node:buffer";
import { randomFillSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSalt, deriveMasterKey, parseMasterKeyText, toMasterKey } from "./master-key.ts";

const random = { next: () => 0.5, bytes: (length: number) => randomFillSync(new Uint8Array(length)) };
const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe("parseMasterKeyText", () => {
  it("reads 32 bytes in hex and in both alphabets of base64, one or several", () => {
    fc.assert(
      fc.property(bytes, bytes, (one, two) => {
        for (const encoding of ["hex", "base64", "base64url"] as const) {
          const text = `${Buffer.from(one).toString(encoding)}\n# old\n${Buffer.from(two).toString(encoding)}`;
          const parsed = parseMasterKeyText(text);
          expect(parsed.kind === "keys" && parsed.keys.map((key) => [...key])).toEqual([[...one], [...two]]);
        }
      }),
    );
  });

  it("takes 16 characters or more as a passphrase and refuses less", () => {
    expect(parseMasterKeyText(" correct horse battery staple ")).toEqual({
      kind: "passphrase",
      passphrase: "correct horse battery staple",
    });
    expect(() => parseMasterKeyText("too short")).toThrow("16 characters");
  });
});

describe("master keys", () => {
  it("have an id made from the key", async () => {
    const key = random.bytes(32);
    expect(await toMasterKey(key)).toEqual(await toMasterKey(key.slice()));
    expect((await toMasterKey(random.bytes(32))).id).not.toBe((await toMasterKey(key)).id);
  });

  it("come from a passphrase with its salt, whatever Unicode form it is typed in", async () => {
    const salt = createSalt(random, 1000);
    const key = await deriveMasterKey("pässphrase of some length", salt);
    expect(await deriveMasterKey("pa\u0308ssphrase of some length", `${salt}\n`)).toEqual(key);
    expect(await deriveMasterKey("pässphrase of some length", createSalt(random, 1000))).not.toEqual(key);
  });

  it("are not derived with a salt that cannot be read", async () => {
    for (const salt of [
      "",
      "pbkdf2-sha256.1000.",
      "pbkdf2-sha256.x.AAAAAAAAAAAAAAAAAAAAAA",
      "scrypt.1000.AAAAAAAAAAAAAAAAAAAAAA",
    ])
      await expect(deriveMasterKey("a passphrase of some length", salt)).rejects.toThrow("salt");
  });
});
