import { describe, expect, it } from "vitest";
import {
  badKey,
  createLiveWorld,
  liveSetup,
  message,
  noQuota,
  setupComplete,
  stand,
} from "../../testkit/live-harness.ts";

describe("failover", () => {
  it("a bad key and an exhausted one are passed over before setupComplete, and the client notices nothing", () => {
    const world = createLiveWorld({ credentials: 3 });
    const { call, host } = world.open();
    call.clientMessage(message(liveSetup));
    call.clientMessage(message("early"));
    call.upstreamOpen(1);
    call.upstreamClosed(1, badKey.code, badKey.reason);
    call.upstreamOpen(2);
    call.upstreamClosed(2, noQuota.code, noQuota.reason);
    call.upstreamOpen(3);
    call.upstreamMessage(3, setupComplete);
    expect(host.closes).toEqual([]);
    expect(host.texts("upstream")).toEqual([...Array.from({ length: 3 }, () => JSON.stringify(liveSetup)), "early"]);
    call.clientClosed(1000, "bye");
    expect(host.closes).toEqual([{ side: "upstream", code: 1000, reason: "bye" }]);
    const { record } = world.settled.at(-1) ?? {};
    expect(record).toMatchObject({ operation: "live", status: 101, outcome: "ok", usage: null });
    expect(record?.attempts.map(({ rule, status }) => [rule, status])).toEqual([
      ["key.invalid", 101],
      ["quota.burst", 101],
      ["ok", 101],
    ]);
    expect(world.reports.map(({ succeeded, effects }) => [succeeded, effects[0]?.kind])).toEqual([
      [false, "disable"],
      [false, "cooldown"],
      [true, undefined],
    ]);
    expect(world.leases).toBe(0);
  });

  it("a refused upgrade is judged as any answer", () => {
    const world = createLiveWorld();
    const { call, host } = world.open();
    call.clientMessage(message(liveSetup));
    const body = JSON.stringify({
      error: {
        code: 403,
        message: "Your API key was reported as leaked. Please use another API key.",
        status: "PERMISSION_DENIED",
      },
    });
    call.upstreamRefused(1, { status: 403, headers: [], body });
    expect(host.connects).toHaveLength(2);
    expect(world.reports[0]).toMatchObject({ rule: "key.leaked" });
  });

  it("when all are exhausted the client hears it, with the time", () => {
    const world = createLiveWorld();
    const { call, host } = world.open();
    call.clientMessage(message(liveSetup));
    for (const number of [1, 2]) {
      call.upstreamOpen(number);
      call.upstreamClosed(number, noQuota.code, noQuota.reason);
    }
    expect(host.closes).toHaveLength(1);
    expect(host.closes[0]?.code).toBe(1011);
    expect(host.closes[0]?.reason).toMatch(/^credentials_exhausted \(free again at 2026-/);
    expect(world.settled.at(-1)?.record).toMatchObject({ outcome: "error", errorCode: "credentials_exhausted" });
  });

  it("a model that is not there is asked of one other, then told in Google's words", () => {
    const world = createLiveWorld({ credentials: 5 });
    const { call, host } = world.open();
    call.clientMessage(message(liveSetup));
    const reason =
      "models/gemini-live is not found for API version v1beta, or is not supported for bidiGenerateContent";
    for (const number of [1, 2]) {
      call.upstreamOpen(number);
      call.upstreamClosed(number, 1008, reason);
    }
    expect(host.closes).toEqual([{ side: "client", code: 1008, reason }]);
    expect(host.connects).toHaveLength(2);
    expect(world.reports.flatMap(({ effects }) => effects)).toEqual([]);
  });

  it("a client's own mistake is told at once and touches no credential", () => {
    const world = createLiveWorld({ credentials: 5 });
    const { call, host } = world.open();
    call.clientMessage(message(liveSetup));
    call.upstreamOpen(1);
    const reason = "Invalid JSON payload received. Unknown name \"API key not valid\" at 'setup': Cannot find field.";
    call.upstreamClosed(1, 1007, reason);
    expect(host.closes).toEqual([{ side: "client", code: 1007, reason }]);
    expect(world.reports[0]).toMatchObject({ rule: "client", effects: [] });
  });

  it("an upstream that cannot be reached is tried again after a while", () => {
    const world = createLiveWorld();
    const { call, host } = world.open();
    call.clientMessage(message(liveSetup));
    call.upstreamFailed(1, { kind: "connect", code: "ECONNREFUSED", words: "refused" });
    expect(host.connects).toHaveLength(1);
    host.fire();
    expect(host.connects).toHaveLength(2);
    expect(world.environment.open.retrying).toBe(1);
    call.upstreamOpen(2);
    call.upstreamMessage(2, setupComplete);
    expect(world.environment.open.retrying).toBe(0);
    expect(world.reports[0]).toMatchObject({ rule: "network.connect", used: null });
  });

  it("never after setupComplete: the upstream's close goes through, cleaned of secrets, and what it teaches is kept", () => {
    const world = createLiveWorld();
    const { call, host } = stand(world);
    call.upstreamClosed(1, noQuota.code, `${noQuota.reason.slice(0, 80)} secret-of-credential-0`);
    expect(host.connects).toHaveLength(1);
    expect(host.closes).toHaveLength(1);
    expect(host.closes[0]).toMatchObject({ side: "client", code: 1011 });
    expect(host.closes[0]?.reason).toMatch(/^You exceeded .*\[redacted\]$/);
    expect(world.reports[0]?.effects[0]).toMatchObject({ kind: "cooldown" });
    expect(world.settled.at(-1)?.record).toMatchObject({ outcome: "incomplete", errorCode: null });
  });

  it.each([
    [1000, "done", 1000, "done", "ok"],
    [1001, "", 1001, "", "ok"],
    [1005, "", 1000, "", "ok"],
    [1006, "", 1011, /^upstream_broken/, "incomplete"],
    [1015, "", 1011, /^upstream_broken/, "incomplete"],
    [3500, "own", 3500, "own", "incomplete"],
  ])("a close with %i reaches the client as it can be sent", (code, reason, told, words, outcome) => {
    const world = createLiveWorld();
    const { call, host } = stand(world);
    call.upstreamClosed(1, code, reason);
    expect(host.closes[0]?.code).toBe(told);
    expect(host.closes[0]?.reason).toEqual(typeof words === "string" ? words : expect.stringMatching(words));
    expect(world.settled.at(-1)?.record.outcome).toBe(outcome);
  });

  it("a close after goAway is no fault", () => {
    const world = createLiveWorld();
    const { call } = stand(world);
    call.upstreamMessage(1, message({ goAway: { timeLeft: "10s" } }, true));
    call.upstreamClosed(
      1,
      1008,
      "Connection aborted because the client failed to close the connection after receiving a GoAway",
    );
    expect(world.settled.at(-1)?.record).toMatchObject({ outcome: "ok" });
    expect(world.reports[0]).toMatchObject({ succeeded: true, effects: [] });
  });
});
