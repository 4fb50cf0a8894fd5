import { describe, expect, it } from "vitest";
import {
  badKey,
  createLiveWorld,
  livePath,
  liveSetup,
  message,
  noQuota,
  setupComplete,
  stand,
  turnEnd,
} from "../../testkit/live-harness.ts";
import { lingerMs } from "./live-call.ts";

describe("resumption and tokens", () => {
  it("a new handle is bound to the project of the session, for a day", () => {
    const world = createLiveWorld();
    const { call } = stand(world);
    call.upstreamMessage(1, message({ sessionResumptionUpdate: { newHandle: "h-1", resumable: true } }, true));
    expect(world.bound).toMatchObject([
      { kind: "live-handle", credentialId: "cred_0", projectId: "project_0", clientId: "client_1", detail: null },
    ]);
    expect(world.bound[0]?.name).toMatch(/^liveHandles\/[0-9a-f]{64}$/);
    expect((world.bound[0]?.expiresAt ?? 0) - (world.bound[0]?.createdAt ?? 0)).toBe(86_400_000);
  });

  it("a setup with a handle asks for its owner, and one that nobody knows is owned by who takes it", () => {
    const world = createLiveWorld();
    const { call } = world.open();
    call.clientMessage(
      message({
        setup: {
          model: "m",
          sessionResumption: { handle: "h-2" },
          tools: [{ fileSearch: { fileSearchStoreNames: ["fileSearchStores/s-1"] } }],
        },
      }),
    );
    const names = world.plans[0]?.names ?? [];
    expect(names).toHaveLength(2);
    expect(names[1]).toBe("fileSearchStores/s-1");
    call.upstreamOpen(1);
    expect(world.bound).toEqual([]);
    call.upstreamMessage(1, setupComplete);
    expect(world.bound.map(({ name, kind }) => [name, kind])).toEqual([
      [names[0], "live-handle"],
      ["fileSearchStores/s-1", "store"],
    ]);
  });

  it("an ephemeral token goes up in the place of a key, and its faults are not the pool's", () => {
    const world = createLiveWorld();
    const name = `authTokens/${world.environment.digest.sha256("abc-1")}`;
    const known = createLiveWorld({ tokens: [name] });
    const { call, host } = known.open(`${livePath}Constrained?access_token=auth_tokens/abc-1`);
    expect(host.accepted).not.toBeNull();
    call.clientMessage(message({ setup: {} }));
    expect(known.plans[0]?.names).toEqual([name]);
    expect(host.connects[0]?.path).toBe(`${livePath}Constrained`);
    expect(host.connects[0]?.headers).toEqual(["authorization", "Token auth_tokens/abc-1"]);
    call.upstreamOpen(1);
    call.upstreamClosed(1, badKey.code, badKey.reason);
    expect(host.connects).toHaveLength(1);
    expect(known.reports[0]).toMatchObject({ effects: [] });
    expect(host.closes).toMatchObject([{ side: "client", code: 1007, reason: badKey.reason }]);
  });

  it("an owner that rests shortly is waited for, one that rests long is told", () => {
    const world = createLiveWorld({ settings: { OWNER_WAIT_MS: "12s" } });
    const handle = `liveHandles/${world.environment.digest.sha256("h")}`;
    const owned = createLiveWorld({ owners: { [handle]: 1 }, settings: { OWNER_WAIT_MS: "12s" } });
    const { call, host } = owned.open();
    call.clientMessage(message({ setup: { model: "m", sessionResumption: { handle: "h" } } }));
    call.upstreamOpen(1);
    call.upstreamClosed(1, noQuota.code, noQuota.reason);
    expect(host.closes).toEqual([]);
    owned.clock.advance(10_001);
    host.fire();
    expect(host.connects).toHaveLength(2);
    call.upstreamOpen(2);
    call.upstreamClosed(2, noQuota.code, noQuota.reason);
    expect(host.closes[0]?.reason).toMatch(/^owner_exhausted/);
  });
});

describe("the ledger", () => {
  it("each turn is a row as soon as its usage is known, and the session's row repeats nothing", () => {
    const world = createLiveWorld({ client: { limits: { tokensPerMinute: 1_000 } } });
    const { call } = stand(world);
    call.clientMessage(message("question"));
    call.upstreamMessage(1, message({ serverContent: { modelTurn: {} } }, true));
    world.clock.advance(250);
    call.upstreamMessage(1, turnEnd(10));
    expect(world.settled).toHaveLength(1);
    expect(world.settled[0]).toMatchObject({
      record: {
        operation: "live-turn",
        modelAsked: "gemini-live",
        status: 200,
        outcome: "ok",
        usage: { promptTokens: 10, outputTokens: 2, totalTokens: 12 },
        totalMicros: 250_000,
        requestBytes: 8,
        attempts: [{ credentialId: "cred_0", rule: "ok" }],
      },
      reservation: { clientId: "client_1", tokens: 0, partial: true },
    });
    call.clientMessage(message("again"));
    call.upstreamMessage(1, turnEnd(20));
    call.clientClosed(1000, "");
    expect(world.settled.map(({ record }) => [record.operation, record.usage?.totalTokens ?? null])).toEqual([
      ["live-turn", 12],
      ["live-turn", 22],
      ["live", null],
    ]);
    const session = world.settled[2];
    expect(session?.reservation).toMatchObject({ clientId: "client_1" });
    expect(session?.reservation?.partial).toBeUndefined();
    expect(session?.record.requestBytes).toBe(JSON.stringify(liveSetup).length);
    expect(world.reports[0]?.used).toEqual({ tokens: 30 });
    expect(new Set(world.settled.map(({ record }) => record.id)).size).toBe(3);
  });

  it("usage that is still on its way when the client leaves is waited for, shortly", () => {
    const world = createLiveWorld();
    const { call, host } = stand(world);
    call.upstreamMessage(1, message({ serverContent: { turnComplete: true } }, true));
    call.clientClosed(1000, "");
    expect(world.settled).toEqual([]);
    call.upstreamMessage(1, message({ usageMetadata: { promptTokenCount: 4, totalTokenCount: 4 } }, true));
    expect(world.settled.map(({ record }) => record.usage?.totalTokens ?? null)).toEqual([4, null]);
    expect(host.sent.client).toHaveLength(2);
    const late = stand(world);
    late.call.upstreamMessage(1, message({ serverContent: { modelTurn: {} } }, true));
    late.call.clientClosed(1001, "");
    expect(late.host.fire()).toBe(lingerMs);
    expect(world.settled.slice(2).map(({ record }) => [record.operation, record.outcome, record.usage])).toEqual([
      ["live-turn", "incomplete", null],
      ["live", "ok", null],
    ]);
  });

  it("a client that vanishes before the session stood is 'cancelled', and the lease comes back", () => {
    const world = createLiveWorld();
    const { call, host } = world.open();
    call.clientMessage(message(liveSetup));
    call.clientClosed(1006, "");
    expect(host.cuts).toEqual(["upstream"]);
    expect(world.leases).toBe(0);
    expect(world.settled[0]?.record).toMatchObject({ outcome: "cancelled", errorCode: "client_gone" });
  });

  it("draining ends both sides, with 1001 for the client", () => {
    const world = createLiveWorld();
    const { host } = stand(world);
    world.sessions.drain();
    expect(host.closes).toMatchObject([
      { side: "client", code: 1001 },
      { side: "upstream", code: 1000 },
    ]);
    expect(world.settled[0]?.record).toMatchObject({ outcome: "incomplete", errorCode: "draining" });
    expect(world.sessions.count).toBe(0);
  });
});

describe("a control that answers later", () => {
  it("serves, and gives back what comes after the client has left", () => {
    const deferred: (() => void)[] = [];
    const world = createLiveWorld({ deferred, client: { limits: { concurrency: 5 } } });
    const run = (): void => {
      for (const work of deferred.splice(0)) work();
    };
    const good = world.open();
    expect(good.host.accepted).toBeNull();
    run();
    run();
    expect(good.host.accepted).not.toBeNull();
    good.call.clientMessage(message(liveSetup));
    run();
    good.call.upstreamOpen(1);
    good.call.upstreamMessage(1, setupComplete);
    expect(good.host.sent.client).toEqual([setupComplete]);
    const gone = world.open();
    run();
    gone.call.clientClosed(1006, "");
    run();
    // Written again with the reservation, under the same id.
    const rows = world.settled.filter(({ record }) => record.id === gone.call.id);
    expect(rows.map(({ reservation }) => reservation === null)).toEqual([true, false]);
    const late = world.open();
    run();
    run();
    late.call.clientMessage(message(liveSetup));
    late.call.clientClosed(1006, "");
    // The lease was given while the client left.
    const before = world.leases;
    run();
    expect(world.leases).toBe(before - 1);
    expect(world.reports.at(-1)).toMatchObject({ used: null, succeeded: false });
  });

  it("that cannot be reached is 503 before the upgrade and 1013 after it", () => {
    const world = createLiveWorld({ deferred: [] });
    const early = world.open();
    early.call.unavailable();
    expect(early.host.refused?.status).toBe(503);
    const deferred: (() => void)[] = [];
    const other = createLiveWorld({ deferred });
    const { call, host } = other.open();
    for (const work of deferred.splice(0)) work();
    call.clientMessage(message(liveSetup));
    call.unavailable();
    expect(host.closes).toMatchObject([{ side: "client", code: 1013 }]);
  });
});
