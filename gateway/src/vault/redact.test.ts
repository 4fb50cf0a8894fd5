import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mask, redact } from "./redact.ts";

const word = (alphabet: string, minimum: number, maximum: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength: minimum, maxLength: maximum });
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const urlSafe = `${letters}-_`;

/** The part that must not survive, and the shape that it stands in. */
const shapes: Record<string, fc.Arbitrary<{ text: string; core: string }>> = {
  "standard API key": word(urlSafe, 35, 35).map((core) => ({ text: `AIza${core}`, core })),
  "auth key": word(`${urlSafe}.`, 45, 80).map((core) => ({ text: `AQ.${core}`, core })),
  "access token": word(`${urlSafe}.`, 40, 120).map((core) => ({ text: `ya29.${core}`, core })),
  "refresh token": word(urlSafe, 30, 90).map((core) => ({ text: `1//${core}`, core })),
  "authorization code": fc
    .tuple(fc.constantFrom("4/0A", "4%2F0A"), word(urlSafe, 30, 90))
    .map(([prefix, core]) => ({ text: prefix + core, core })),
  "client secret": word(urlSafe, 28, 28).map((core) => ({ text: `GOCSPX-${core}`, core })),
  "client key": word(urlSafe, 20, 60).map((core) => ({ text: `gp-${core}`, core })),
  "admin token": word(urlSafe, 20, 60).map((core) => ({ text: `gpa-${core}`, core })),
  "token of a tool": word(letters, 40, 40).map((core) => ({ text: `ga-${core}`, core })),
  "bearer token": fc
    .tuple(fc.constantFrom("Bearer ", "bearer ", "BEARER  ", "Bearer%20"), word(`${letters}-._~+/=`, 8, 60))
    .map(([prefix, core]) => ({ text: prefix + core, core })),
  "query parameter": fc
    .tuple(fc.constantFrom("?key=", "&key=", "api_key=", "access_token=", "KEY="), word(`${letters}-._~%`, 8, 60))
    .map(([prefix, core]) => ({ text: prefix + core, core })),
  "web token": fc
    .tuple(word(urlSafe, 15, 40), word(urlSafe, 15, 80), word(urlSafe, 20, 60))
    .map((parts) => ({ text: `eyJ${parts.join(".")}`, core: parts.join(".") })),
  "ephemeral token": word(urlSafe, 20, 60).map((core) => ({ text: `auth_tokens/${core}`, core })),
};

describe("redact", () => {
  it.each(Object.entries(shapes))("lets no %s through, whatever stands around it", (_, shape) => {
    const around = fc.oneof(
      fc.string(),
      fc.string({ unit: "grapheme" }),
      fc.constantFrom('{"a":"', "abc", "x=", "://", "1/", "Bearer", "AIza"),
    );
    fc.assert(
      fc.property(around, shape, around, (before, { text, core }, after) => {
        const clean = redact(before + text + after);
        expect(clean).not.toContain(core);
        expect(redact(clean)).toBe(clean);
      }),
      { numRuns: 300 },
    );
  });

  it("lets none of several secrets through", () => {
    const any = fc.oneof(...Object.values(shapes));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(any, fc.constantFrom(" ", ",", '"', "\n", "&")), { minLength: 2, maxLength: 6 }),
        (parts) => {
          const clean = redact(parts.map(([{ text }, gap]) => text + gap).join(""));
          for (const [{ core }] of parts) expect(clean).not.toContain(core);
        },
      ),
    );
  });

  it.each<[string, string]>([
    [
      `Consumer 'api_key:AIza${"x".repeat(35)}' has been suspended.`,
      "Consumer 'api_key:AIza…[redacted]' has been suspended.",
    ],
    ["Invalid API key: key1234", "Invalid API key: [redacted]"],
    ['{"authorization":"Bearer abc.def"}', '{"authorization":"Bearer [redacted]"}'],
    [
      "POST /v1beta/models/x:generateContent?key=abc&alt=sse",
      "POST /v1beta/models/x:generateContent?key=[redacted]&alt=sse",
    ],
    ['{"x-goog-api-key": "my-own-key-9"}', '{"x-goog-api-key": "[redacted]"}'],
    [`key AIza${"y".repeat(35)}, again`, "key AIza…[redacted], again"],
    ["-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\nrest", "[redacted private key]\nrest"],
  ])("turns %s into %s", (text, expected) => expect(redact(text)).toBe(expected));

  it.each([
    "API key not valid. Please pass a valid API key.",
    "GEMINI_API_KEY: expected a key, got nothing.",
    "models/gemini-3.8-flash is not found for API version v1beta",
    "'Authorization: Bearer', 'x-api-key' or '?key='.",
    "The input token count exceeds the maximum number of tokens allowed (1048576).",
    "Thinking budget and max output tokens: set one.",
    "",
  ])("gives the same text back: %s", (text) => expect(redact(text)).toBe(text));

  it("replaces secrets of any shape that are named to it", () => {
    expect(redact("said plain-old-secret twice: plain-old-secret", ["plain-old-secret", "said"])).toBe(
      "said [redacted] twice: [redacted]",
    );
  });
});

describe("mask", () => {
  it("shows both ends of long secrets only", () => {
    expect(mask(`AIza${"x".repeat(31)}wxyz`)).toBe("AIza…wxyz");
    expect(mask("1234567890123456")).toBe("1234…");
    expect(mask("short")).toBe("…");
  });
});

it("passwords in addresses are hidden, addresses without one are not", () => {
  expect(redact("via socks5://user:hunter2secret@proxy.example:1080 failed")).toBe(
    "via socks5://user:[redacted]@proxy.example:1080 failed",
  );
  const plain = "GET https://host.example:8443/path@x?y=1 and mail a@b.example";
  expect(redact(plain)).toBe(plain);
});
