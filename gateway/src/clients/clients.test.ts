import fc from "fast-check";
import { createHash, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { toModelMatcher } from "./allowed-models.ts";
import { createClients, openClient } from "./clients.ts";
import { equalDigests } from "./digests.ts";
import { generateClientKey } from "./generate.ts";
import type { ClientKey } from "./types.ts";

const now = 1_800_000_000_000;
const random = { next: () => 0, bytes: (length: number) => new Uint8Array(randomBytes(length)) };

test("admits a known key and gives its client", () => {
  const clients = createClients();
  clients.replace([keyOf("one"), keyOf("two")]);
  expect(clients.admit(digestOf("two"), now)).toEqual({ ok: true, client: keyOf("two") });
});

test("refuses a missing, an unknown, a disabled and an expired key each by its own code", () => {
  const clients = createClients();
  clients.replace([
    keyOf("off", { enabled: false }),
    keyOf("old", { expiresAt: now }),
    keyOf("fresh", { expiresAt: now + 1 }),
  ]);
  expect(clients.admit(null, now)).toEqual({ ok: false, code: "client_key_missing" });
  expect(clients.admit(digestOf("nobody"), now)).toEqual({ ok: false, code: "client_key_invalid" });
  expect(clients.admit("", now)).toEqual({ ok: false, code: "client_key_invalid" });
  expect(clients.admit(digestOf("off"), now)).toEqual({ ok: false, code: "client_key_disabled" });
  expect(clients.admit(digestOf("old"), now)).toEqual({ ok: false, code: "client_key_expired" });
  expect(clients.admit(digestOf("fresh"), now).ok).toBe(true);
});

test("is closed before any key is set", () => {
  expect(createClients().admit(digestOf("any"), now)).toEqual({ ok: false, code: "client_key_invalid" });
});

test("replace lets go of keys that are not in the new list", () => {
  const clients = createClients();
  clients.replace([keyOf("one")]);
  clients.replace([keyOf("two")]);
  expect(clients.admit(digestOf("one"), now).ok).toBe(false);
  expect(clients.list().map((client) => client.name)).toEqual(["two"]);
});

test("a stored key outranks the same key from the environment in either order", () => {
  const stored = keyOf("same", { enabled: false });
  const fromEnvironment = keyOf("same", { id: "client_env_1", source: "env" });
  for (const list of [
    [stored, fromEnvironment],
    [fromEnvironment, stored],
  ]) {
    const clients = createClients();
    clients.replace(list);
    expect(clients.admit(digestOf("same"), now)).toEqual({ ok: false, code: "client_key_disabled" });
  }
});

test("an open gateway lets in whoever shows no key or an unknown one, but not a disabled or expired one", () => {
  const clients = createClients();
  clients.replace([keyOf("known"), keyOf("off", { enabled: false }), keyOf("old", { expiresAt: 1 })], { open: true });
  expect(clients.admit(null, now)).toEqual({ ok: true, client: openClient });
  expect(clients.admit(digestOf("dummy"), now)).toEqual({ ok: true, client: openClient });
  expect(clients.admit(digestOf("known"), now)).toEqual({ ok: true, client: keyOf("known") });
  expect(clients.admit(digestOf("off"), now).ok).toBe(false);
  expect(clients.admit(digestOf("old"), now).ok).toBe(false);
  expect(clients.list()).not.toContain(openClient);
  clients.replace([]);
  expect(clients.admit(null, now).ok).toBe(false);
});

test("allows models by exact name or trailing star, whatever the case and with or without models/", () => {
  const clients = createClients();
  const client = keyOf("one", { allowedModels: ["models/Gemini-3.8-Flash", "gemini-3.8-pro*", "tunedModels/mine"] });
  const yes = [
    "gemini-3.8-flash",
    "models/GEMINI-3.8-flash",
    "gemini-3.8-pro",
    "Gemini-3.8-Pro-preview",
    "tunedModels/mine",
  ];
  const no = ["gemini-3.8-flash-lite", "gemini-3.8", "x-gemini-3.8-pro", "mine", ""];
  expect([...yes, ...no].filter((model) => clients.allows(client, model))).toEqual(yes);
});

test("allows every model without a list, none with an empty one, and always calls that concern none", () => {
  const clients = createClients();
  expect(clients.allows(keyOf("one"), "anything")).toBe(true);
  expect(clients.allows(keyOf("one", { allowedModels: [] }), "anything")).toBe(false);
  expect(clients.allows(keyOf("one", { allowedModels: [] }), null)).toBe(true);
  expect(clients.allows(keyOf("one", { allowedModels: ["*"] }), "anything")).toBe(true);
});

test("a star anywhere but at the end, or a sign of regular expressions, is only a character", () => {
  expect(toModelMatcher(["gemini-*-flash"])("gemini-3-flash")).toBe(false);
  expect(toModelMatcher(["gemini-3.8"])("gemini-3x8")).toBe(false);
  expect(toModelMatcher([".*"])("gemini")).toBe(false);
});

test("a key with ranges is good from addresses in them only, and never from an unknown one", () => {
  const clients = createClients();
  clients.replace([keyOf("home", { ipRanges: ["10.0.0.0/8", "2001:db8::/32"] }), keyOf("nowhere", { ipRanges: [] })], {
    open: true,
  });
  const code = (name: string, address?: string | null): string => {
    const admission = clients.admit(digestOf(name), now, address);
    return admission.ok ? "ok" : admission.code;
  };
  expect(["10.1.2.3", "::ffff:10.1.2.3", "2001:db8::1"].map((address) => code("home", address))).toEqual(
    Array(3).fill("ok"),
  );
  for (const address of ["11.0.0.1", "::1", "rubbish", "", null, undefined])
    expect(code("home", address)).toBe("client_address_refused");
  expect(code("nowhere", "10.1.2.3")).toBe("client_address_refused");
  clients.replace([keyOf("home", { ipRanges: null }), keyOf("off", { enabled: false, ipRanges: ["10.0.0.0/8"] })]);
  expect(code("home", null)).toBe("ok");
  expect(code("off", "11.0.0.1")).toBe("client_key_disabled");
});

test("a client is found by its id while its key is good", () => {
  const clients = createClients();
  clients.replace([
    keyOf("one", { ipRanges: ["10.0.0.0/8"] }),
    keyOf("off", { enabled: false }),
    keyOf("old", { expiresAt: now }),
  ]);
  expect(clients.byId("client_one", now)).toMatchObject({ ok: true, client: { id: "client_one" } });
  expect(clients.byId("client_one", now, "10.0.0.1").ok).toBe(true);
  expect(clients.byId("client_one", now, null)).toEqual({ ok: false, code: "client_address_refused" });
  expect(clients.byId("client_off", now)).toEqual({ ok: false, code: "client_key_disabled" });
  expect(clients.byId("client_old", now)).toEqual({ ok: false, code: "client_key_expired" });
  expect(clients.byId("client_two", now)).toEqual({ ok: false, code: "client_key_invalid" });
  expect(clients.byId(openClient.id, now).ok).toBe(false);
  // A key that is stored too counts as the stored one, so its other id is nobody's.
  clients.replace([keyOf("one", { id: "client_env_1", source: "env" }), keyOf("one")], { open: true });
  expect(clients.byId("client_env_1", now).ok).toBe(false);
  expect(clients.byId(openClient.id, now)).toEqual({ ok: true, client: openClient });
});

test("limits of listed keys hold, go on when the list is read again, and follow the time zone", () => {
  const clients = createClients({ timeZone: "Asia/Ho_Chi_Minh" });
  const client = keyOf("one", { limits: { requestsPerDay: 1 } });
  clients.replace([client]);
  const estimate = { tokens: 0, costNanoUsd: 0 };
  const evening = Date.UTC(2026, 10, 21, 16);
  expect(clients.reserve(client, estimate, evening).ok).toBe(true);
  clients.replace([{ ...client }]);
  expect(clients.reserve(client, estimate, evening)).toMatchObject({ ok: false, retryAfterMs: 3_600_000 });
  expect(clients.reserve(client, estimate, evening + 3_600_000).ok).toBe(true);
  expect(() => createClients({ timeZone: "Mars/Olympus" })).toThrow(RangeError);
});

test("equalDigests says what === says", () => {
  const digest = fc.stringMatching(/^[0-9a-f]{0,66}$/);
  fc.assert(
    fc.property(digest, digest, (left, right) => {
      expect(equalDigests(left, right)).toBe(left === right);
      expect(equalDigests(left, left.slice(0))).toBe(true);
    }),
  );
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9a-f]{64}$/), fc.nat(63), (one, at) => {
      const other = `${one.slice(0, at)}${one[at] === "0" ? "1" : "0"}${one.slice(at + 1)}`;
      expect(equalDigests(one, other)).toBe(false);
    }),
  );
  expect(equalDigests("", "")).toBe(true);
});

test("a new client key is gp- and 40 base62 characters with its first 7 as prefix, and never comes twice", () => {
  const made = Array.from({ length: 1_000 }, () => generateClientKey(random));
  for (const { key, prefix } of made) {
    expect(key).toMatch(/^gp-[0-9A-Za-z]{40}$/);
    expect(prefix).toBe(key.slice(0, 7));
  }
  expect(new Set(made.map(({ key }) => key)).size).toBe(1_000);
});

test("bytes that would make some characters oftener are thrown away", () => {
  let calls = 0;
  const bytes = (length: number): Uint8Array<ArrayBuffer> => {
    calls++;
    // First only such bytes, then every byte value in turn.
    return new Uint8Array(length).map((_, index) => (calls === 1 ? 248 + (index % 8) : (calls * 40 + index) % 248));
  };
  expect(generateClientKey({ next: () => 0, bytes }).key).toHaveLength(43);
  expect(calls).toBe(2);
});

test("every character comes equally often", () => {
  const counts = new Map<string, number>();
  const keys = 5_000;
  for (let index = 0; index < keys; index++) {
    for (const character of generateClientKey(random).key.slice(3))
      counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  const mean = (keys * 40) / 62;
  expect(counts.size).toBe(62);
  // Modulo bias would put the first eight 21 % above the mean of the others; seven standard deviations are 12 %.
  for (const count of counts.values()) expect(Math.abs(count / mean - 1)).toBeLessThan(0.125);
});

// --- helpers ---

function digestOf(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

function keyOf(name: string, change: Partial<ClientKey> = {}): ClientKey {
  return {
    id: `client_${name}`,
    name,
    digest: digestOf(name),
    prefix: "gp-abcd",
    source: "stored",
    enabled: true,
    expiresAt: null,
    allowedModels: null,
    createdAt: 0,
    ...change,
  };
}
