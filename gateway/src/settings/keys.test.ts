import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseKeys } from "./keys.ts";

const first = `AIzaSy${"a".repeat(33)}`;
const second = `AQ.Ab8${"b-_.".repeat(12)}`;
const secretsOf = (text: string): string[] => parseKeys(text).keys.map((key) => key.secret);

/** Any text that could be a key tomorrow: no known prefix is needed. */
const secret = fc
  .stringMatching(/^[A-Za-z0-9][A-Za-z0-9._~+/-]{28,60}[A-Za-z0-9]$/)
  .filter((text) => !/^(?:ya29\.|eyJ|1\/\/|gp-)/.test(text));
const secrets = fc.uniqueArray(secret, { minLength: 1, maxLength: 8 });
const label = fc.stringMatching(/^[a-z][a-z0-9 ]{0,18}[a-z0-9]$/).map((text) => text.replace(/ +/g, " "));

describe("parseKeys reads every form that people have their keys in", () => {
  it.each<[string, string]>([
    ["comma separated", `${first},${second}`],
    ["comma separated with blanks and an end comma", ` ${first} , ${second}, `],
    ["one a line with comments", `# mine\n${first}  # work\n\n${second}\n`],
    ["windows lines and a byte order mark", `\uFEFF${first}\r\n${second}\r\n`],
    ["semicolons, bars and tabs", `${first};${second}|${first}\t${second}`],
    ["quoted", `"${first}","${second}"`],
    ["quoted as a whole", `'${first},${second}'`],
    ["lines of an env file", `GEMINI_API_KEY=${first}\nexport OTHER_KEY="${second}"`],
    ["CSV with a head line", `name,api_key\nwork,${first}\n"home, old","${second}"\n`],
    ["CSV of a dashboard", `Title;Key;Is_Active\n\na;${first};true\nb;${second};false`],
    ["array of strings", JSON.stringify([first, second])],
    [
      "array of {name,key}",
      JSON.stringify([
        { name: "a", key: first },
        { name: "b", key: second },
      ]),
    ],
    [
      "array of {key,value} with labels",
      JSON.stringify([
        { key: "key_0", value: first },
        { key: "key_1", value: second },
      ]),
    ],
    ["{keys: […]}", JSON.stringify({ keys: [first, second] })],
    [
      "kept state of an earlier proxy",
      JSON.stringify({
        keys: [
          { key: first, exhaustedModels: [] },
          { key: second, usageCount: {} },
        ],
        currentIndex: 1,
      }),
    ],
    [
      "one key-value entry whose value is a list",
      JSON.stringify([{ key: "GEMINI_API_KEYS_CONFIG", value: JSON.stringify({ keys: [first, second] }) }]),
    ],
    ["names to keys", JSON.stringify({ work: first, home: second })],
    [
      "export file",
      JSON.stringify({
        version: "1.0.0",
        exported_at: "2026-01-01",
        api_keys: [
          { name: "a", api_key_value: first, provider: "googleaistudio", is_active: true, metadata: {} },
          { name: "b", api_key_value: second, is_active: false },
        ],
      }),
    ],
  ])("%s", (_, text) => {
    expect(secretsOf(text)).toEqual([first, second]);
    expect(parseKeys(text).rejected).toEqual([]);
  });

  it.each(["name", "title", "label"])("takes the name from '%s'", (field) => {
    for (const secretField of ["api_key_value", "apiKey", "key", "value"])
      expect(parseKeys(JSON.stringify([{ [field]: "work", [secretField]: first }])).keys).toEqual([
        { name: "work", secret: first },
      ]);
  });

  it("keeps project, weight, tier and the switch of an export", () => {
    const text = JSON.stringify({
      api_keys: [{ name: "a", api_key_value: first, is_active: false, project: "p1", weight: 2, tier: 1 }],
    });
    expect(parseKeys(text).keys).toEqual([
      { name: "a", secret: first, enabled: false, projectId: "p1", weight: 2, tier: 1 },
    ]);
  });

  it("takes names, switches and weights from the columns of a CSV text, and names the line of what it refuses", () => {
    const parsed = parseKeys(
      `Name,API Key,Weight,Is_Active,Other\n"home, ""old""",${first},2,FALSE,x\nwork,short\n,${second}`,
    );
    expect(parsed.keys).toEqual([
      { name: 'home, "old"', secret: first, weight: 2, enabled: false },
      { name: null, secret: second },
    ]);
    expect(parsed.rejected).toEqual([{ place: "line 3", reason: "is too short for an API key (5 characters)" }]);
  });

  it.each<[string, (fields: Record<string, unknown>) => string]>([
    ["JSON", (fields) => JSON.stringify([{ name: "a", key: first, ...fields }])],
    ["CSV", (fields) => `name,key,${Object.keys(fields).join(",")}\na,${first},${Object.values(fields).join(",")}`],
  ])("takes quota tier, base URL and proxy of a single key from %s, by each of their names", (_, toText) => {
    for (const [tier, base, proxy, project] of [
      ["quotaTier", "baseUrl", "proxy", "projectId"],
      ["quota_tier", "base_url", "proxyUrl", "project_id"],
      ["plan", "baseURL", "proxy_url", "project"],
    ] as const) {
      const text = toText({
        [tier]: "Paid1",
        [base]: "https://gw.example/google/v1beta/",
        [proxy]: "socks5://u:p@10.0.0.1:1080/",
        [project]: "p1",
        tier: 2,
        weight: 0.5,
      });
      expect(parseKeys(text).keys).toEqual([
        {
          name: "a",
          secret: first,
          projectId: "p1",
          tier: 2,
          weight: 0.5,
          quotaTier: "paid1",
          baseUrl: "https://gw.example/google",
          proxy: "socks5://u:p@10.0.0.1:1080",
        },
      ]);
    }
  });

  it("refuses a key whose base URL, proxy or quota tier is wrong, and shows none of it", () => {
    for (const [fields, reason] of [
      [{ baseUrl: "http://hunter2.example" }, "wrong base URL: expected https://"],
      [{ baseUrl: "https://me:hunter2@gw.example" }, "without user name and password"],
      [{ proxy: "me:hunter2@proxy" }, "wrong proxy: expected http://"],
      [{ quotaTier: "hunter2 hunter2" }, "quota tier"],
    ] as const) {
      const { keys, rejected } = parseKeys(JSON.stringify([{ key: first, ...fields }, second]));
      expect(keys).toEqual([{ name: null, secret: second }]);
      expect(rejected).toEqual([{ place: "entry 1", reason: expect.stringContaining(reason) }]);
      expect(JSON.stringify(rejected)).not.toContain("hunter2");
    }
    const insecure = JSON.stringify([{ key: first, baseUrl: "http://gw.example" }]);
    expect(parseKeys(insecure, { allowInsecure: true }).keys[0]?.baseUrl).toBe("http://gw.example");
  });

  it("takes the secret from 'key' when 'value' is the label, and asks when both are long", () => {
    expect(parseKeys(JSON.stringify({ key: first, value: "work" })).keys).toEqual([{ name: "work", secret: first }]);
    expect(parseKeys(JSON.stringify({ key: first, value: second })).rejected[0]?.reason).toContain("which is which");
  });

  it("does not take a variable's name for a key's name, but a label", () => {
    expect(parseKeys(`GEMINI_API_KEY=${first}`).keys[0]?.name).toBeNull();
    expect(parseKeys(`work=${first}`).keys[0]?.name).toBe("work");
  });
});

describe("parseKeys refuses what cannot be a key", () => {
  it.each<[string, string]>([
    ["ya29.a0AfH6SMBexample", "access token"],
    ["1//0gexampleexample", "refresh token"],
    ["eyJhbGciOiJSUzI1NiJ9.e30.c2ln", "web token"],
    [`gp-${"x".repeat(40)}`, "client key of this gateway"],
    [`${first} ${second}`, "blank inside"],
    ["short", "too short"],
    ["schlüsselschlüssel", "character that no key has"],
    [JSON.stringify([{ name: "x" }]), "has no field"],
    [JSON.stringify({ type: "service_account", private_key: "x" }), "service account"],
    [JSON.stringify({ access_token: "x", refresh_token: "y", expiry_date: 1 }), "OAuth account"],
    ["[1]", "neither a text nor an object"],
    ['["abc', "not valid JSON"],
    [JSON.stringify([[[[[[first]]]]]]), "nested too deeply"],
  ])("'%s'", (text, reason) => {
    const { keys, rejected } = parseKeys(text);
    expect(keys).toEqual([]);
    expect(rejected).toHaveLength(1);
    expect(rejected[0]?.reason).toContain(reason);
  });

  it("names the place, keeps the good ones and reports repeats", () => {
    const parsed = parseKeys(`${first}\nshort\n${first}, ${second}`);
    expect(parsed.keys.map((key) => key.secret)).toEqual([first, second]);
    expect(parsed.rejected).toEqual([{ place: "line 2", reason: "is too short for an API key (5 characters)" }]);
    expect(parsed.duplicates).toEqual([{ place: "line 3, entry 1", first: "line 1" }]);
  });

  it("finds nothing in an empty text", () => {
    for (const text of ["", " \n", "# only a comment", "[]", '{"keys":[]}'])
      expect(parseKeys(text)).toEqual({ keys: [], rejected: [], duplicates: [] });
  });
});

describe("parseKeys as a property", () => {
  const forms: ((keys: string[]) => string)[] = [
    (keys) => keys.join(","),
    (keys) => keys.join(" , "),
    (keys) => keys.join("\n"),
    (keys) => keys.map((key, index) => `${key} # number ${index}`).join("\r\n"),
    (keys) => keys.map((key) => `"${key}"`).join(", "),
    (keys) => JSON.stringify(keys),
    (keys) => JSON.stringify({ keys }, null, 2),
    (keys) => JSON.stringify(keys.map((value, index) => ({ key: `key_${index}`, value }))),
    (keys) => JSON.stringify(keys.map((key) => ({ key }))),
    (keys) => JSON.stringify({ api_keys: keys.map((api_key_value) => ({ name: "n", api_key_value })) }),
  ];

  it("gives back every key of every form, in order", () => {
    fc.assert(
      fc.property(secrets, fc.constantFrom(...forms), (keys, form) => {
        expect(secretsOf(form(keys))).toEqual(keys);
      }),
    );
  });

  it("gives back names, whatever the field names are", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(label, secret), { minLength: 1, maxLength: 5, selector: ([, key]) => key }),
        fc.constantFrom("name", "title", "label"),
        fc.constantFrom("api_key_value", "apiKey", "key", "value"),
        (pairs, nameField, secretField) => {
          const text = JSON.stringify(pairs.map(([name, key]) => ({ [nameField]: name, [secretField]: key })));
          expect(parseKeys(text).keys).toEqual(pairs.map(([name, key]) => ({ name, secret: key })));
        },
      ),
    );
  });

  it("gives back everything that an entry may carry, from JSON and from CSV", () => {
    const word = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,18}$/);
    const facts = fc.record(
      {
        projectId: word,
        weight: fc.double({ min: 0.001, max: 1_000_000, noNaN: true }),
        tier: fc.nat(1_000),
        quotaTier: word,
        baseUrl: word.map((path) => `https://gw.example/${path}/x`),
        proxy: fc
          .tuple(fc.constantFrom("http", "https", "socks5"), word, word)
          .map(([scheme, user, password]) => `${scheme}://${user}:${password}@proxy.example:1081`),
        enabled: fc.boolean(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(secret, facts), { minLength: 1, maxLength: 4, selector: ([key]) => key }),
        (entries) => {
          const expected = entries.map(([key, more]) => ({ name: null, secret: key, ...more }));
          const json = JSON.stringify(entries.map(([key, more]) => ({ key, ...more })));
          expect(parseKeys(json).keys).toEqual(expected);
          const columns = ["projectId", "weight", "tier", "quotaTier", "baseUrl", "proxy", "enabled"] as const;
          const lines = entries.map(([key, more]) =>
            [key, ...columns.map((name) => String(more[name] ?? ""))].join(","),
          );
          expect(parseKeys([`key,${columns.join(",")}`, ...lines].join("\n")).keys).toEqual(expected);
        },
      ),
    );
  });

  it("never throws and never shows a text that it refuses", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "grapheme" }),
          fc.json(),
          secrets.map((keys) => keys.join(" ")),
        ),
        (text) => {
          const { rejected, keys } = parseKeys(text);
          const words = text.split(/\s+/).filter((word) => word.length >= 12);
          const reasons = rejected.map(({ reason }) => reason).join("\n");
          expect(words.filter((word) => reasons.includes(word))).toEqual([]);
          for (const key of keys) expect(key.name ?? "").not.toContain(key.secret);
        },
      ),
    );
  });
});
