import { afterEach, beforeEach, expect, it } from "vitest";
import { createResourceWorld } from "../../testkit/admin-resources.ts";
import type { AdminWorld } from "../../testkit/admin-world.ts";
import { playgroundKeyMs } from "./clients.ts";

let world: AdminWorld;
beforeEach(async () => {
  world = await createResourceWorld({ environment: { PROXY_API_KEY: "gp-of-the-environment-0123456789" } });
});
afterEach(() => world.close());

async function create(body: Record<string, unknown>) {
  return world.request("POST", "/clients", { body });
}

const admitted = (key: string) => world.state.clients.admit(world.services.digest.sha256(key), world.clock.now());

it("a new client key is told once, works at once, and is nowhere in later answers", async () => {
  const limits = { requestsPerMinute: 60, budgets: { day: 5, week: null } };
  const made = await create({ name: "  app ", limits, allowedModels: ["models/gemini-4-*"], aliases: { fast: "m" } });
  expect(made.status).toBe(201);
  const { key, client } = made.body;
  expect(key).toMatch(/^gp-[0-9A-Za-z]{40}$/);
  expect(client).toMatchObject({
    name: "app",
    prefix: key.slice(0, 7),
    source: "stored",
    allowedModels: ["gemini-4-*"],
    aliases: { fast: "m" },
    limits: { requestsPerMinute: 60, requestsPerDay: null, budgets: { day: 5, week: null } },
    resourceScope: "own",
  });
  expect(admitted(key)).toMatchObject({ ok: true, client: { id: client.id } });
  world.secrets.add(key).add(world.services.digest.sha256(key));
  const list = (await world.request("GET", "/clients", { as: "viewer" })).body.clients;
  expect(list.map((one: { name: string }) => one.name).toSorted()).toEqual(["app", "env-1"]);
  const audit = await world.store.administration.audit.list({ limit: 10 });
  expect(audit).toMatchObject([{ action: "clients.create", target: client.id }]);
  expect(JSON.stringify(audit)).not.toContain(key);
});

it("what a client may do is changed field by field; limits are one field", async () => {
  const { client } = (await create({ name: "a", limits: { requestsPerDay: 9, concurrency: 2 } })).body;
  const path = `/clients/${client.id}`;
  const change = async (body: Record<string, unknown>) => (await world.request("PATCH", path, { body })).body;
  expect(await change({ limits: { concurrency: 3 }, ipRanges: ["10.0.0.0/8", "2001:db8::1"] })).toMatchObject({
    limits: { requestsPerDay: null, concurrency: 3 },
    ipRanges: ["10.0.0.0/8", "2001:db8::1"],
  });
  expect(await change({ limits: null, ipRanges: null, aliases: {}, resourceScope: "shared" })).toMatchObject({
    limits: null,
    ipRanges: null,
    aliases: null,
    resourceScope: "shared",
  });
  expect((await world.request("GET", path)).body).toMatchObject({ name: "a", resourceScope: "shared" });
});

it("values that would let nothing through, or mean nothing, are refused by the field's name", async () => {
  await create({ name: "taken" });
  const wrong: [string, unknown, string][] = [
    ["name", "taken", "body.name"],
    ["name", "env-1", "body.name"],
    ["name", `gp-${"x".repeat(40)}`, "body.name"],
    ["allowedModels", [], "body.allowedModels"],
    ["allowedModels", ["ok", "two words"], "body.allowedModels[1]"],
    ["ipRanges", [], "body.ipRanges"],
    ["ipRanges", ["10.0.0.0/33"], "body.ipRanges[0]"],
    ["aliases", { fast: "two words" }, "body.aliases"],
    ["aliases", { same: "same" }, "body.aliases"],
    ["expiresAt", world.clock.now() - 1, "body.expiresAt"],
    ["limits", { requestsPerDay: 1e13 }, "body.limits.requestsPerDay"],
    ["limits", { budgets: { day: 10_000_000 } }, "body.limits.budgets.day"],
    ["limits", { budgets: { total: 1e-10 } }, "body.limits.budgets.total"],
    ["limits", { requestsPerMinute: 0 }, "body.limits.requestsPerMinute"],
  ];
  for (const [field, value, at] of wrong) {
    const answer = await create({ name: "new", [field]: value });
    expect([field, value, answer.body.error?.field]).toEqual([field, value, at]);
  }
  expect((await world.store.clients.list()).map(({ name }) => name)).toEqual(["taken"]);
});

it("revoking ends a key at once and keeps its row; an expired one can still be renamed", async () => {
  const { key, client } = (await create({ name: "a", expiresAt: world.clock.now() + 1_000 })).body;
  world.clock.advance(2_000);
  const renamed = await world.request("PATCH", `/clients/${client.id}`, {
    body: { name: "b", expiresAt: client.expiresAt },
  });
  expect(renamed.body).toMatchObject({ name: "b", expiresAt: client.expiresAt });
  expect((await world.request("DELETE", `/clients/${client.id}`)).status).toBe(204);
  expect(admitted(key)).toMatchObject({ ok: false });
  expect((await world.request("GET", `/clients/${client.id}`)).body).toMatchObject({ enabled: false });
});

it("client keys of the environment cannot be changed here", async () => {
  for (const [method, path] of [
    ["PATCH", "/clients/client_env_1"],
    ["DELETE", "/clients/client_env_1"],
  ] as const) {
    const answer = await world.request(method, path, method === "PATCH" ? { body: { name: "x" } } : {});
    expect([answer.status, answer.body.error.code]).toEqual([409, "source_environment"]);
  }
  expect((await world.request("DELETE", "/clients/client_none")).status).toBe(404);
});

it("a key of the playground calls as its client for ten minutes, and as none that is revoked", async () => {
  const { client } = (await create({ name: "a" })).body;
  const made = await world.request("POST", `/clients/${client.id}/playground-key`);
  expect(made.body.expiresAt).toBe(world.clock.now() + playgroundKeyMs);
  expect(admitted(made.body.key)).toMatchObject({ ok: true, client: { id: client.id } });
  world.clock.advance(playgroundKeyMs);
  expect(admitted(made.body.key)).toMatchObject({ ok: false });
  await world.request("DELETE", `/clients/${client.id}`);
  expect((await world.request("POST", `/clients/${client.id}/playground-key`)).status).toBe(409);
});

it("uses of clients with limits are told in dollars", async () => {
  const { client } = (await create({ name: "a", limits: { budgets: { day: 5 } } })).body;
  const now = world.clock.now();
  const row = world.state.clients.list().find(({ id }) => id === client.id);
  if (row === undefined) throw new Error("not there");
  const reserved = world.state.clients.reserve(row, { tokens: 10, costNanoUsd: 1 }, now);
  if (!reserved.ok) throw new Error(reserved.what);
  world.state.clients.settle(reserved.reservation, { tokens: 7, costNanoUsd: 1_500_000_001 }, now);
  const { usage } = (await world.request("GET", `/clients/${client.id}`)).body;
  const today = usage.find((use: { window: string }) => use.window === "day");
  expect(today).toMatchObject({ requests: 1, tokens: 7, costUsd: 1.500000001 });
});
