import { scryptSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { isAdminError } from "../../admin/admin-errors.ts";
import { nodeRandom } from "../node/ports.ts";
import { createPasswords } from "./passwords.ts";

const passwords = createPasswords(nodeRandom);

/** A hash as an earlier version with another cost would have made it. */
function oldHash(password: string, logN = 10): string {
  const salt = Buffer.from("0123456789abcdef");
  const key = scryptSync(password, salt, 32, { N: 2 ** logN, r: 8, p: 1 });
  const text = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "");
  return `$scrypt$ln=${logN},r=8,p=1$${text(salt)}$${text(key)}`;
}

describe("a password's hash", () => {
  it("names algorithm and parameters, differs each time, and verifies", async () => {
    const [one, two] = await Promise.all([passwords.hash("correct horse"), passwords.hash("correct horse")]);
    expect(one).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(one).not.toBe(two);
    expect(await passwords.verify("correct horse", one)).toBe(true);
    expect(await passwords.verify("correct horses", one)).toBe(false);
  });

  it("of other parameters verifies too", async () => {
    expect(await passwords.verify("correct horse", oldHash("correct horse"))).toBe(true);
    expect(await passwords.verify("wrong", oldHash("correct horse"))).toBe(false);
  });

  it("verifies in another Unicode spelling of the same letters", async () => {
    expect(await passwords.verify("u\u0308ber alles", oldHash("\u00fcber alles"))).toBe(true);
  });

  it("of no known form, or dearer than any that was made, verifies nothing", async () => {
    for (const hash of [
      "",
      "plain",
      "$argon2id$v=19$m=65536$c2FsdA$aGFzaA",
      oldHash("x").replace("ln=10", "ln=30"),
      oldHash("x").replace("r=8", "r=99"),
      oldHash("x").slice(0, -30),
    ])
      expect(await passwords.verify("x", hash)).toBe(false);
  });
});

it("refuses when too many passwords wait, and checks those that do", async () => {
  const gated = createPasswords(nodeRandom);
  const hash = oldHash("x");
  const outcomes = await Promise.allSettled(Array.from({ length: 40 }, () => gated.verify("x", hash)));
  const refused = outcomes.filter((outcome) => outcome.status === "rejected");
  expect(refused).toHaveLength(6);
  expect(refused.every(({ reason }) => isAdminError(reason) && reason.code === "unavailable")).toBe(true);
  expect(outcomes.filter((outcome) => outcome.status === "fulfilled" && outcome.value)).toHaveLength(34);
  expect(await gated.verify("x", hash)).toBe(true);
});
