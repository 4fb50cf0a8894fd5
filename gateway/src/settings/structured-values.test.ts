import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAddressSet } from "../clients/addresses.ts";
import {
  describeProxy,
  parseAliases,
  parseFallbacks,
  parseProxyUrl,
  parsePublicUrl,
  parseQuotaLimits,
  parseQuotaTier,
  parseRanges,
  parseTimeZone,
} from "./structured-values.ts";

const model = fc.stringMatching(/^[a-z][a-z0-9.-]{0,20}[a-z0-9]$/);

describe("parseAliases", () => {
  it("reads pairs and JSON alike, without 'models/'", () => {
    expect({ ...parseAliases("fast=gemini-3.8-flash, best = models/gemini-4-neon") }).toEqual({
      fast: "gemini-3.8-flash",
      best: "gemini-4-neon",
    });
    expect({ ...parseAliases('{"models/fast": "gemini-3.8-flash"}') }).toEqual({ fast: "gemini-3.8-flash" });
  });

  it.each(["fast", "=x", "fast=", "fast=a b", "a=a", '{"fast": 1}', '{"fast"', "[]", "models/a=a"])(
    "does not take '%s'",
    (text) => expect(parseAliases(text)).toBeNull(),
  );

  it("gives back what was written, whatever the names are", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(model, model), { maxLength: 6, selector: ([alias]) => alias }),
        fc.boolean(),
        (pairs, asJson) => {
          const usable = pairs.filter(([alias, target]) => alias !== target);
          const text = asJson
            ? JSON.stringify(Object.fromEntries(usable))
            : usable.map(([alias, target]) => `${alias}=${target}`).join(", ");
          expect(Object.entries(parseAliases(text) ?? {})).toEqual(Object.entries(Object.fromEntries(usable)));
        },
      ),
    );
  });

  it("takes names that every object has for names like others", () => {
    const aliases = parseAliases("__proto__=a, constructor=b");
    expect(Object.entries(aliases ?? {})).toEqual([
      ["__proto__", "a"],
      ["constructor", "b"],
    ]);
  });
});

describe("parseFallbacks", () => {
  it("reads lists in both forms", () => {
    expect({ ...parseFallbacks("a=b|c,\nd=e") }).toEqual({ a: ["b", "c"], d: ["e"] });
    expect({ ...parseFallbacks('{"a": ["b", "models/c"]}') }).toEqual({ a: ["b", "c"] });
  });

  it.each(["a", "a=", "a=a", "a=b|a", "a=b||c", '{"a": []}', '{"a": [1]}', `a=${"b|".repeat(10)}c`])(
    "does not take '%s'",
    (text) => expect(parseFallbacks(text)).toBeNull(),
  );
});

describe("parseQuotaLimits", () => {
  it("reads short and long names, no limit as null, and tiers in any case", () => {
    const text =
      '{"Free": {"*": {"rpm": 10, "tpm": 250000, "rpd": 20}, "models/gemini-4-neon": {"requestsPerDay": 0}}, "*": {"a": {"tpd": null}}}';
    expect(JSON.parse(JSON.stringify(parseQuotaLimits(text)))).toEqual({
      free: {
        "*": { requestsPerMinute: 10, tokensPerMinute: 250_000, requestsPerDay: 20 },
        "gemini-4-neon": { requestsPerDay: 0 },
      },
      "*": { a: { tokensPerDay: null } },
    });
  });

  it.each([
    "",
    "free",
    "[]",
    "null",
    '{"free": 1}',
    '{"free": {"a": 1}}',
    '{"free": {"a": {"rpm": -1}}}',
    '{"free": {"a": {"rpm": 1.5}}}',
    '{"free": {"a": {"rpm": "1"}}}',
    '{"free": {"a": {"rps": 1}}}',
    '{"a tier": {}}',
    '{"free": {"a model": {}}}',
    '{"free": {"a": {"constructor": 1}}}',
  ])("does not take '%s'", (text) => expect(parseQuotaLimits(text)).toBeNull());

  it("never throws, and changes nothing that all objects share", () => {
    fc.assert(fc.property(fc.json(), (text) => void parseQuotaLimits(text)));
    parseQuotaLimits('{"__proto__": {"__proto__": {"rpm": 1}}}');
    expect(({} as { rpm?: number }).rpm).toBeUndefined();
    expect(parseQuotaTier(" Paid1 ")).toBe("paid1");
  });
});

describe("parseProxyUrl", () => {
  it.each([
    ["http://proxy.example:3128", "http://proxy.example:3128"],
    [" HTTPS://Proxy.Example/ ", "https://proxy.example"],
    ["socks5://user:p%40ss@10.0.0.1:1080", "socks5://user:p%40ss@10.0.0.1:1080"],
    ["socks5h://[2001:db8::1]:1080", "socks5h://[2001:db8::1]:1080"],
    ["http://user@proxy:80", "http://user@proxy"],
  ])("reads %s", (text, expected) => expect(parseProxyUrl(text)).toBe(expected));

  it.each([
    "proxy.example:3128",
    "ftp://proxy.example",
    "socks4://proxy.example",
    "http://proxy.example/path",
    "http://proxy.example?x",
    "http://proxy.example#x",
    "http://user:%zz@proxy.example",
    `socks5://${"u".repeat(256)}:p@proxy.example`,
    "socks5://",
    "http://",
  ])("does not take '%s'", (text) => expect(parseProxyUrl(text)).toBeNull());

  it("keeps user name and password as they were meant, and shows neither", () => {
    const word = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" });
    fc.assert(
      fc.property(fc.constantFrom("http", "https", "socks5"), word, word, (scheme, user, password) => {
        const userInfo = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
        const parsed = parseProxyUrl(`${scheme}://${userInfo}@proxy.example:1081/`);
        const url = new URL(parsed ?? "");
        expect([decodeURIComponent(url.username), decodeURIComponent(url.password)]).toEqual([user, password]);
        expect(parseProxyUrl(parsed ?? "")).toBe(parsed);
        expect(describeProxy(parsed ?? "")).toBe(`${scheme}://…@proxy.example:1081`);
      }),
    );
    expect(describeProxy("http://proxy.example")).toBe("http://proxy.example");
  });
});

describe("parsePublicUrl", () => {
  it("drops trailing slashes and keeps the path", () => {
    expect(parsePublicUrl("https://gw.example/proxy/")).toBe("https://gw.example/proxy");
    expect(parsePublicUrl("http://localhost:8787")).toBe("http://localhost:8787");
  });

  it.each([
    "gw.example",
    "ftp://gw.example",
    "https://gw.example?x=1",
    "https://u@gw.example",
    "https://:p@gw.example",
  ])("does not take '%s'", (text) => expect(parsePublicUrl(text)).toBeNull());
});

it("takes time zones that the platform knows", () => {
  expect([parseTimeZone("Europe/Berlin"), parseTimeZone("UTC")]).toEqual(["Europe/Berlin", "UTC"]);
  expect([parseTimeZone("Mars/Olympus"), parseTimeZone("")]).toEqual([null, null]);
});

it("takes addresses and networks, and nothing that only looks like them", () => {
  const good = ["10.0.0.0/8", "192.0.2.1", "2001:db8::/32", "::1", "::ffff:10.0.0.1", "0.0.0.0/0"];
  expect(parseRanges(good.join(", "))).toEqual(good);
  for (const text of ["10.0.0", "10.0.0.256", "10.0.0.0/33", "::/129", "10.0.0.0/8/8", "host", "1::2::3", "10.0.0.1/"])
    expect([text, parseRanges(text)]).toEqual([text, null]);
});

it("takes no network that would be left out when addresses are looked up", () => {
  const odd = ["010.0.0.1", "10.0.0.0/08", "1::2/064", "::ffff:10.0.0.0/8", "::ffff:10.0.0.0/129", "fe80::1%eth0"];
  for (const text of odd) expect([text, parseRanges(`192.0.2.1, ${text}`)]).toEqual([text, null]);
  const digits = fc.stringMatching(/^[0-9a-f.:]{1,18}(?:\/[0-9]{1,3})?$/);
  const four = fc.tuple(fc.ipV4(), fc.nat(40)).map(([address, bits]) => `${address}/${bits}`);
  const six = fc.tuple(fc.ipV6(), fc.nat(140)).map(([address, bits]) => `${address}/${bits}`);
  fc.assert(
    fc.property(fc.oneof(digits, four, six), (text) => {
      expect(parseRanges(text) !== null).toBe(!createAddressSet([text]).isEmpty);
    }),
  );
});
