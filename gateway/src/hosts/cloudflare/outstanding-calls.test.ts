import { expect, test } from "vitest";
import type { Plan } from "../../call/control.ts";
import { createClients } from "../../clients/clients.ts";
import { limitedKey, taken } from "../../clients/limits/limiter-fixture.ts";
import type { ClientLimits, Clients, Reserved } from "../../clients/types.ts";
import type { Lease } from "../../core/credential.ts";
import { ask, credentialOf, limitOf, noon, open, poolOf } from "../../pool/pool-fixture.ts";
import type { Pool } from "../../pool/types.ts";
import { createOutstandingCalls, type OutstandingCalls } from "./outstanding-calls.ts";

test("a lease is settled and given back by the first report only, and by none after the end", () => {
  const { outstanding, plan, used, inFlight } = setUp();
  for (const id of ["one", "two", "three"]) plan(id, 0);
  expect([used(), inFlight()]).toEqual([3, 3]);
  const report = { number: 0, used: null, now: noon };
  expect(outstanding.report("one", report)).toBe(true);
  expect(outstanding.report("one", report)).toBe(false);
  expect([used(), inFlight()]).toEqual([2, 2]);
  outstanding.end("two", null);
  expect([used(), inFlight()]).toEqual([2, 1]);
  // What it taught still counts, once; what it held has been given back.
  expect(outstanding.report("two", report)).toBe(true);
  expect([used(), inFlight()]).toEqual([2, 1]);
});

test("a plan that is asked again gives back what its lost answer took", () => {
  const { plan, used, inFlight } = setUp();
  for (let time = 0; time < 4; time++) plan("one", 0);
  expect([used(), inFlight()]).toEqual([1, 1]);
});

test("a plan that comes later is given back by its call's end, and at once when the call has ended before it", () => {
  const { outstanding, pool, inFlight } = setUp();
  const asked = { number: 0, now: noon };
  const later = (callId: string): void => {
    expect(outstanding.plan(callId, asked, () => null)).toBe(null);
    const nothing = { owner: null, unknown: [], foreignSignature: false, listed: null };
    const plan: Plan = { ...nothing, ...ask(pool, { cost: { requests: 1, tokens: 5 } }) };
    if (callId === "gone") outstanding.end(callId, null);
    outstanding.planned(callId, asked, plan);
  };
  later("one");
  // The question was asked twice: the second answer counts.
  later("one");
  expect(inFlight()).toBe(1);
  outstanding.end("one", null);
  expect(inFlight()).toBe(0);
  later("gone");
  expect(inFlight()).toBe(0);
});

test("a report that comes again, or late, leaves the lease of the next attempt alone", () => {
  const { outstanding, plan, used, inFlight } = setUp();
  const first = { number: 0, used: { tokens: 5 }, now: noon };
  plan("again", 0);
  outstanding.report("again", first);
  plan("again", 1);
  outstanding.report("again", first);
  expect([used(), inFlight()]).toEqual([2, 1]);
  plan("late", 0);
  plan("late", 1);
  expect([used(), inFlight()]).toEqual([4, 3]);
  outstanding.report("late", { ...first, used: null });
  expect([used(), inFlight()]).toEqual([3, 2]);
});

test("a reservation that is asked for again is the same one", () => {
  const { clients, reserve, client } = setUp({ concurrency: 2, requestsPerDay: 9 });
  const first = reserve("one");
  expect(reserve("one")).toEqual(first);
  expect(clients.usage(client.id, noon)[0]?.requests).toBe(1);
  expect(reserve("two").ok).toBe(true);
  expect(reserve("three").ok).toBe(false);
});

test("a call's end gives its reservation once, whatever the worker tells", () => {
  const { outstanding, reserve } = setUp({ concurrency: 3 });
  const known = taken(reserve("one"));
  expect(outstanding.end("one", known)).toEqual(known);
  expect(outstanding.end("one", known)).toBe(null);
  // The answer came after the client had left: the end that knew of none gives it, the other one does not.
  const late = taken(reserve("left"));
  expect(outstanding.end("left", null)).toEqual(late);
  expect(outstanding.end("left", late)).toBe(null);
  // The question itself came after the end.
  expect(outstanding.end("slow", null)).toBe(null);
  const slow = taken(reserve("slow"));
  expect(outstanding.end("slow", slow)).toEqual(slow);
  expect(outstanding.end("slow", slow)).toBe(null);
});

test("what an earlier process gave counts once when its call ends, and is not given back to the pool", () => {
  const { outstanding, plan, inFlight } = setUp();
  plan("another", 0);
  expect(outstanding.report("old", { number: 0, used: null, now: noon })).toBe(true);
  const reservation = { clientId: "client_one", at: noon - 1, tokens: 1, costNanoUsd: 1 };
  expect(outstanding.end("old", reservation)).toEqual(reservation);
  expect(outstanding.end("old", reservation)).toBe(null);
  expect(inFlight()).toBe(1);
});

test("an abandoned call frees its place and holds no money; an attempt of it may have cost what was estimated", () => {
  const { outstanding, clients, client, reserve, plan, inFlight } = setUp({ concurrency: 2, budgets: { total: 1 } });
  const sent = taken(reserve("sent"));
  plan("sent", 0);
  reserve("unsent");
  expect(reserve("third").ok).toBe(false);
  outstanding.abandon("sent", noon + 1);
  outstanding.abandon("unsent", noon + 1);
  expect(inFlight()).toBe(0);
  expect(clients.usage(client.id, noon + 1)[3]).toMatchObject({ requests: 2, tokens: 10, costNanoUsd: 1_000 });
  // It was only slow.
  expect(outstanding.end("sent", sent)).toBe(null);
  expect(reserve("third").ok && reserve("fourth").ok).toBe(true);
});

test("beyond the limit the oldest call is abandoned", () => {
  const { reserve, plan, inFlight } = setUp({ concurrency: 3 }, 2);
  for (let index = 0; index < 20; index++) {
    expect(reserve(`call_${index}`).ok).toBe(true);
    plan(`call_${index}`, 0);
  }
  expect(inFlight()).toBe(2);
});

// --- helpers ---

function setUp(
  limits: ClientLimits = {},
  limit = 100,
): {
  outstanding: OutstandingCalls;
  pool: Pool;
  clients: Clients;
  client: ReturnType<typeof limitedKey>;
  reserve: (callId: string) => Reserved;
  plan: (callId: string, number: number) => Lease;
  used: () => number | undefined;
  inFlight: () => number | undefined;
} {
  const cost = { requests: 1, tokens: 5 };
  const pool = poolOf([credentialOf("c", { projectId: "p" })]);
  const before = open(pool, { cost });
  pool.settle(before, null, noon);
  pool.release(before);
  const lesson = { model: "m", rule: "r", effects: [], consumer: null, limits: [limitOf("day", 50)] };
  pool.apply({ ...lesson, lease: before, now: noon });
  const client = limitedKey(limits);
  const clients = createClients();
  clients.replace([client]);
  const outstanding = createOutstandingCalls({ pool, clients, limit });
  return {
    outstanding,
    pool,
    clients,
    client,
    reserve: (callId) =>
      outstanding.reserve(callId, () => clients.reserve(client, { tokens: 10, costNanoUsd: 1_000 }, noon)),
    plan(callId, number) {
      const nothing = { owner: null, unknown: [], foreignSignature: false, listed: null };
      const plan = outstanding.plan(callId, { number, now: noon }, (): Plan => ({
        ...nothing,
        ...ask(pool, { cost }),
      }));
      if (!plan.ok) throw new Error(plan.reason);
      return plan.lease;
    },
    used: () => pool.quotas(noon)[0]?.used,
    inFlight: () => pool.view(noon)[0]?.inFlight,
  };
}
