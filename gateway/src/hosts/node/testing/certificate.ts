/**
 * For tests: a self-signed certificate, made on the spot, so that no key is kept anywhere.
 * @module
 */
import { createSign, generateKeyPairSync } from "node:crypto";

/** PEM texts. */
export interface TestCertificate {
  key: string;
  cert: string;
}

/**
 * A certificate (RFC 5280 4.1) over a new P-256 key, good from yesterday on for two days.
 * @param name that it is for, beside 127.0.0.1. @default localhost
 */
export function createTestCertificate(name = "localhost"): TestCertificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"));
  const subject = sequence(der(0x31, sequence(oid("550403"), der(0x0c, Buffer.from(`test ${name}`)))));
  const time = (offsetMs: number): Buffer =>
    der(0x17, Buffer.from(new Date(Date.now() + offsetMs).toISOString().replace(/^..|[-:T]|\.\d+/g, "")));
  const alternatives = sequence(der(0x82, Buffer.from(name)), der(0x87, Buffer.from([127, 0, 0, 1])));
  const extensions = sequence(
    sequence(oid("551d11"), der(0x04, alternatives)),
    sequence(oid("551d13"), der(0x01, Buffer.from([0xff])), der(0x04, sequence(der(0x01, Buffer.from([0xff]))))),
  );
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    ecdsaWithSha256,
    subject,
    sequence(time(-86_400_000), time(86_400_000)),
    subject,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, extensions),
  );
  const signature = createSign("sha256").update(body).sign(privateKey);
  const whole = sequence(body, ecdsaWithSha256, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = whole.toString("base64").match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`,
  };
}

// --- helpers ---

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

/** @param hex the identifier's content bytes */
function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, "hex"));
}
