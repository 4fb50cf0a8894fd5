import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { credentialIdOf, fingerprintOf } from "./fingerprint.ts";

const digest = { sha256: (text: string) => createHash("sha256").update(text).digest("hex") };

it("gives the same key the same id, blanks around it or not", () => {
  const fingerprint = fingerprintOf("AIza-one", digest);
  expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
  expect(fingerprintOf(" AIza-one\n", digest)).toBe(fingerprint);
  expect(credentialIdOf(fingerprint)).toBe(`cred_${fingerprint.slice(0, 16)}`);
  expect(fingerprintOf("AIza-two", digest)).not.toBe(fingerprint);
});
