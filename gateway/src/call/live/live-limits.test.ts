import { expect, it } from "vitest";
import type { ClientReservation, Reserved } from "../../clients/types.ts";
import { createLimiter } from "../../clients/limits/limiter.ts";
import type { CallRecord } from "../../core/records.ts";
import { createPrices, priceCall } from "../../ledger/prices.ts";
import { createLiveWorld, stand, turnEnd, type LiveWorld } from "../../testkit/live-harness.ts";

const prices = createPrices();

/** A world whose client has real limits, counted as the local control counts them. */
function limitedWorld(limits: object): LiveWorld & { usage(): { tokens: number; requests: number } } {
  const limiter = createLimiter({ timeZone: "UTC" });
  const world = createLiveWorld({ client: { limits } });
  const { control, clock } = world.environment;
  control.reserve = (client, estimate, _receiver, now): Reserved => {
    limiter.keep([client]);
    return limiter.reserve(client, estimate, now);
  };
  control.settle = (record: CallRecord, reservation: ClientReservation | null) => {
    world.settled.push({ record, reservation });
    if (reservation === null) return;
    const tokens = record.usage === null ? null : record.usage.totalTokens;
    limiter.settle(reservation, { tokens, costNanoUsd: priceCall(prices, record).costNanoUsd }, clock.now());
  };
  return Object.assign(world, {
    usage: () => {
      const [day] = limiter.usage("client_1", clock.now());
      return { tokens: day?.tokens ?? 0, requests: day?.requests ?? 0 };
    },
  });
}

it("a session is one open call for its whole length, however many turns it has", () => {
  const world = limitedWorld({ concurrency: 1 });
  const { call } = stand(world);
  for (let turn = 0; turn < 3; turn++) call.upstreamMessage(1, turnEnd(10));
  expect(world.open().host.refused?.status).toBe(429);
  call.clientClosed(1000, "");
  expect(world.open().host.accepted).not.toBeNull();
});

it("the tokens of turns count as they end, and a client that has used up its minute opens no session", () => {
  const world = limitedWorld({ tokensPerMinute: 30 });
  const { call } = stand(world);
  call.upstreamMessage(1, turnEnd(10));
  expect(world.usage()).toEqual({ tokens: 12, requests: 1 });
  const second = world.open();
  expect(second.host.accepted).not.toBeNull();
  second.call.clientClosed(1000, "");
  call.upstreamMessage(1, turnEnd(20));
  expect(world.usage()).toEqual({ tokens: 34, requests: 2 });
  const refused = world.open().host.refused;
  expect([refused?.status, refused?.body]).toEqual([429, expect.stringContaining("tokens per minute")]);
  // The session goes on, and nothing is counted twice at its end.
  call.upstreamMessage(1, turnEnd(1));
  call.clientClosed(1000, "");
  expect(world.usage().tokens).toBe(37);
  world.clock.advance(61_000);
  expect(world.open().host.accepted).not.toBeNull();
});

it("a budget that turns have used up closes the door to the next session", () => {
  const world = limitedWorld({ budgets: { day: 0.000_001 } });
  const { call } = stand(world, "models/gemini-3.8-flash");
  call.upstreamMessage(1, turnEnd(1_000_000));
  call.clientClosed(1000, "");
  const cost = world.settled.map(({ record }) => priceCall(prices, record).costNanoUsd);
  expect(cost[0]).toBeGreaterThan(0);
  // The session's own row costs nothing: its turns have told it.
  expect(cost[1]).toBe(0);
  expect(world.open().host.refused?.status).toBe(429);
});
