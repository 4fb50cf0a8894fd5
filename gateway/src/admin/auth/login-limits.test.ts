import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAdminWorld, worldAdminToken } from "../../testkit/admin-world.ts";
import { createSimulatedClock } from "../../testkit/simulated.ts";
import { createLoginLimits, type LoginLimits } from "./login-limits.ts";

const from = (address: string | null, name: string | null = null) => ({ address, name });
function fail(limits: LoginLimits, times: number, where = from("192.0.2.1")): void {
  for (let time = 0; time < times; time++) limits.begin(where);
}
function waitOf(limits: LoginLimits, where = from("192.0.2.1")): number {
  const attempt = limits.begin(where);
  return attempt.ok ? 0 : attempt.retryAfterSeconds;
}

describe("limits on log-ins", () => {
  it("let five fail, then make each wait twice as long as the one before, a quarter of an hour at most", () => {
    const clock = createSimulatedClock();
    const limits = createLoginLimits(clock);
    fail(limits, 5);
    const waits: number[] = [];
    for (let time = 0; time < 9; time++) {
      const wait = waitOf(limits);
      waits.push(wait);
      clock.advance(wait * 1000 - 1);
      expect(waitOf(limits)).toBe(1);
      clock.advance(1);
      expect(limits.begin(from("192.0.2.1")).ok).toBe(true);
    }
    expect(waits).toEqual([10, 20, 40, 80, 160, 320, 640, 900, 900]);
  });

  it("forget failures a quarter of an hour after the last one", () => {
    const clock = createSimulatedClock();
    const limits = createLoginLimits(clock);
    fail(limits, 4);
    clock.advance(15 * 60_000);
    fail(limits, 4);
    expect(waitOf(limits)).toBe(0);
  });

  it("count by name from wherever, and the admin token by address only", () => {
    const limits = createLoginLimits(createSimulatedClock());
    for (let index = 0; index < 5; index++) limits.begin(from(`192.0.2.${index}`, "Ada"));
    expect(waitOf(limits, from("198.51.100.1", "ADA"))).toBe(10);
    expect(waitOf(limits, from("198.51.100.1", "Grace"))).toBe(0);
    fail(limits, 5, from("203.0.113.1"));
    expect(waitOf(limits, from("203.0.113.1"))).toBe(10);
    expect(waitOf(limits, from("203.0.113.2"))).toBe(0);
  });

  it("take a /64 of IPv6 for one place, and all that have no address for another", () => {
    const limits = createLoginLimits(createSimulatedClock());
    for (let index = 0; index < 5; index++) limits.begin(from(`2001:db8:0:1::${index}`));
    expect(waitOf(limits, from("2001:db8:0:1:ffff::1"))).toBe(10);
    expect(waitOf(limits, from("2001:db8:0:2::1"))).toBe(0);
    fail(limits, 5, from("::ffff:192.0.2.9"));
    expect(waitOf(limits, from("192.0.2.9"))).toBe(10);
    fail(limits, 5, from(null));
    expect(waitOf(limits, from("no address"))).toBe(10);
  });

  it("forget a success, and the name's failures with it, but not those of the place", () => {
    const limits = createLoginLimits(createSimulatedClock());
    fail(limits, 4, from("192.0.2.1", "Ada"));
    const attempt = limits.begin(from("192.0.2.1", "Ada"));
    if (attempt.ok) attempt.succeeded();
    expect(waitOf(limits, from("192.0.2.7", "Ada"))).toBe(0);
    fail(limits, 1);
    expect(waitOf(limits)).toBe(10);
  });

  it("hold a bounded table, whatever comes", () => {
    const limits = createLoginLimits(createSimulatedClock());
    fail(limits, 5);
    for (let index = 0; index < 10_000; index++)
      limits.begin(from(`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`));
    // The oldest was forgotten.
    expect(waitOf(limits)).toBe(0);
  });

  it("keep a name's failures, whatever comes from ten thousand networks", () => {
    const limits = createLoginLimits(createSimulatedClock());
    for (let time = 0; time < 5; time++) limits.begin(from(`203.0.113.${time}`, "Ada"));
    for (let network = 0; network <= 10_000; network++) limits.begin(from(`2001:db8:${network.toString(16)}::1`));
    expect(waitOf(limits, from("198.51.100.1", "Ada"))).toBe(10);
  });

  it("never let more than five through within ten seconds without a success", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4000 }), { maxLength: 60 }), (pauses) => {
        const clock = createSimulatedClock();
        const limits = createLoginLimits(clock);
        const passed: number[] = [];
        for (const pause of pauses) {
          clock.advance(pause);
          if (limits.begin(from("192.0.2.1")).ok) passed.push(clock.monotonic());
        }
        passed.forEach((at, index) => {
          const sixth = passed[index + 5];
          if (sixth !== undefined) expect(sixth - at).toBeGreaterThanOrEqual(10_000);
        });
      }),
    );
  });
});

describe("logging in", () => {
  it("after too many failures tells when to come back, also when many come at once; others are not held up", async () => {
    const world = await createAdminWorld();
    const logIn = (token: string, address: string) =>
      world.request("POST", "/session", { as: "nobody", body: { token }, info: { address } });
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async () => (await logIn("wrong", "192.0.2.1")).status),
    );
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    const limited = await logIn("wrong", "192.0.2.1");
    expect([limited.status, limited.body.error.code, limited.headers.get("retry-after")]).toEqual([
      429,
      "login_limited",
      "10",
    ]);
    expect((await logIn(worldAdminToken, "192.0.2.2")).status).toBe(200);
    world.clock.advance(10_000);
    expect((await logIn("wrong", "192.0.2.1")).status).toBe(401);
    await world.close();
  });
});
