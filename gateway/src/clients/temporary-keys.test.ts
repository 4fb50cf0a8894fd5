import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { createClients, openClient } from "./clients.ts";
import type { ClientKey } from "./types.ts";

const now = 1_800_000_000_000;

test("a temporary key admits as its client until it expires, and not afterwards", () => {
  const clients = createClients();
  clients.replace([keyOf("one")]);
  clients.addTemporaryKey({ digest: digestOf("short"), clientId: "client_one", expiresAt: now + 1_000 });
  expect(clients.admit(digestOf("short"), now)).toEqual({ ok: true, client: keyOf("one") });
  expect(clients.admit(digestOf("short"), now + 999).ok).toBe(true);
  expect(clients.admit(digestOf("short"), now + 1_000)).toEqual({ ok: false, code: "client_key_expired" });
  expect(clients.admit(digestOf("other"), now)).toEqual({ ok: false, code: "client_key_invalid" });
});

test("whatever keeps the client out keeps its temporary key out too", () => {
  const clients = createClients();
  const list = [
    keyOf("off", { enabled: false }),
    keyOf("old", { expiresAt: now }),
    keyOf("home", { ipRanges: ["10.0.0.0/8"] }),
  ];
  clients.replace(list);
  for (const name of ["off", "old", "home", "gone"])
    clients.addTemporaryKey({ digest: digestOf(`t-${name}`), clientId: `client_${name}`, expiresAt: now + 1 });
  const code = (name: string, address?: string): string => {
    const admission = clients.admit(digestOf(`t-${name}`), now, address);
    return admission.ok ? "ok" : admission.code;
  };
  expect(code("off")).toBe("client_key_disabled");
  expect(code("old")).toBe("client_key_expired");
  expect(code("gone")).toBe("client_key_invalid");
  expect(code("home")).toBe("client_address_refused");
  expect(code("home", "11.0.0.1")).toBe("client_address_refused");
  expect(code("home", "10.0.0.1")).toBe("ok");
});

test("it outlives a new list and takes its client's new limits", () => {
  const clients = createClients();
  clients.replace([keyOf("one")]);
  clients.addTemporaryKey({ digest: digestOf("short"), clientId: "client_one", expiresAt: now + 1_000 });
  const limited = keyOf("one", { limits: { requestsPerDay: 1 } });
  clients.replace([limited]);
  const admission = clients.admit(digestOf("short"), now);
  expect(admission).toEqual({ ok: true, client: limited });
  const estimate = { tokens: 0, costNanoUsd: 0 };
  expect(clients.reserve(limited, estimate, now).ok).toBe(true);
  expect(admission.ok && clients.reserve(admission.client, estimate, now).ok).toBe(false);
  clients.replace([]);
  expect(clients.admit(digestOf("short"), now).ok).toBe(false);
});

test("a listed key outranks a temporary one of the same digest, and an expired one stays out of an open gateway", () => {
  const clients = createClients();
  clients.replace([keyOf("one"), keyOf("two")], { open: true });
  clients.addTemporaryKey({ digest: digestOf("one"), clientId: "client_two", expiresAt: now + 1 });
  clients.addTemporaryKey({ digest: digestOf("late"), clientId: "client_two", expiresAt: now });
  clients.addTemporaryKey({ digest: digestOf("anyone"), clientId: openClient.id, expiresAt: now + 1 });
  expect(clients.admit(digestOf("one"), now)).toMatchObject({ client: { id: "client_one" } });
  expect(clients.admit(digestOf("late"), now)).toEqual({ ok: false, code: "client_key_expired" });
  expect(clients.admit(digestOf("anyone"), now)).toEqual({ ok: true, client: openClient });
});

test("the oldest goes when there are a thousand", () => {
  const clients = createClients();
  clients.replace([keyOf("one")]);
  const add = (name: string): void =>
    clients.addTemporaryKey({ digest: digestOf(name), clientId: "client_one", expiresAt: now + 1 });
  for (let index = 0; index < 1_000; index++) add(`k${index}`);
  add("k0");
  expect(clients.admit(digestOf("k1"), now).ok).toBe(true);
  add("one more");
  expect(clients.admit(digestOf("k1"), now).ok).toBe(false);
  for (const name of ["k0", "k2", "one more"]) expect(clients.admit(digestOf(name), now).ok).toBe(true);
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
