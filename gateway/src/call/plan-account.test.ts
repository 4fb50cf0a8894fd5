import { describe, expect, it } from "vitest";
import { createClients } from "../clients/clients.ts";
import type { AccountKeeper, Prepared } from "../core/accounts.ts";
import type { Credential, Lease } from "../core/credential.ts";
import { toSecret } from "../core/secret.ts";
import { createPrices } from "../ledger/prices.ts";
import { createAffinity } from "../pool/affinity/affinity.ts";
import { createPool } from "../pool/pool.ts";
import type { Pool } from "../pool/types.ts";
import { createSeededRandom, createSimulatedClock, type SimulatedClock } from "../testkit/simulated.ts";
import type { AttemptReport, Control, ControlReceiver, Plan, PlanRequest } from "./control.ts";
import { createLocalControl } from "./local-control.ts";

interface World {
  control: Control;
  pool: Pool;
  clock: SimulatedClock;
  refused: Lease[];
  asked: string[];
  /** Plans; resolves when the plan is here, whichever way it came. */
  plan(change?: Partial<PlanRequest>): Promise<{ plan: Plan; atOnce: boolean }>;
}

/** @param outcomes by credential id: what the keeper says; absent: it is ready */
function world(
  credentials: readonly Partial<Credential>[],
  outcomes: Record<string, (lease: Lease, clock: SimulatedClock) => Prepared> = {},
): World {
  const clock = createSimulatedClock();
  const pool = createPool({ random: createSeededRandom(), onChange: () => undefined });
  pool.replace(
    credentials.map((change, index) => ({
      id: `cred_${index}`,
      name: `c${index}`,
      secret: toSecret(`envelope-${index}`),
      kind: "code-assist",
      projectId: null,
      source: "env",
      weight: 1,
      tier: 0,
      enabled: true,
      ...change,
    })),
  );
  const refused: Lease[] = [];
  const asked: string[] = [];
  const accounts: AccountKeeper = {
    lend: (lease) => (outcomes[lease.credentialId] === undefined ? equipped(lease) : null),
    async prepare(lease) {
      asked.push(lease.credentialId);
      clock.advance(1_000);
      return outcomes[lease.credentialId]?.(lease, clock) ?? { ok: true, lease: equipped(lease) };
    },
    refused: (lease) => void refused.push(lease),
  };
  const control = createLocalControl({
    pool,
    clients: createClients(),
    affinity: createAffinity(),
    recorder: null,
    prices: createPrices(),
    shareAll: false,
    accounts,
    clock,
  });
  const request = (): PlanRequest => ({
    model: "gemini-2.5-pro",
    strategy: "round_robin",
    stickyKey: null,
    tried: [],
    client: { id: "client_1", shared: false },
    names: [],
    creates: false,
    list: null,
    signature: null,
    cost: { requests: 1, tokens: 10 },
    now: clock.now(),
  });
  return {
    control,
    pool,
    clock,
    refused,
    asked,
    plan: (change) =>
      new Promise((resolve, reject) => {
        const receiver = {
          planned: (plan: Plan) => resolve({ plan, atOnce: false }),
          unavailable: () => reject(new Error("unavailable")),
        } as Partial<ControlReceiver> as ControlReceiver;
        const plan = control.plan({ ...request(), ...change }, receiver, "call_1");
        if (plan !== null) resolve({ plan, atOnce: true });
      }),
  };
}

function equipped(lease: Lease): Lease {
  return { ...lease, secret: toSecret(`token-of-${lease.credentialId}`), cloudProject: "p", tokenExpiresAt: 9 };
}

const inFlight = (pool: Pool, now: number): number[] => pool.view(now).map((view) => view.inFlight);
const away = (_: Lease, clock: SimulatedClock, reason: "login-needed" | null = null): Prepared => ({
  ok: false,
  rule: "account.login-needed",
  words: "Log in again.",
  effects:
    reason === null
      ? [{ kind: "cooldown", scope: "credential", untilMs: clock.now() + 2_000, cause: "overload", words: "later" }]
      : [{ kind: "disable", scope: "credential", reason, probeAtMs: null, words: "Log in again." }],
});

describe("a plan whose credential is an account", () => {
  it("comes at once when the account is ready, with its token and project", async () => {
    const { plan } = world([{}]);
    const { plan: made, atOnce } = await plan();
    expect(atOnce).toBe(true);
    expect(made).toMatchObject({ ok: true, lease: { kind: "code-assist", cloudProject: "p" } });
    expect(made.ok && made.lease.secret.reveal()).toBe("token-of-cred_0");
  });

  it("of a key is the plan itself, and the keeper is not asked", async () => {
    const { plan, asked } = world([{ kind: "api-key" }], { cred_0: away });
    const { plan: made, atOnce } = await plan();
    expect([atOnce, made.ok && made.lease.secret.reveal(), asked]).toEqual([true, "envelope-0", []]);
  });

  it("comes later when the account must be made ready first", async () => {
    const { plan, pool, clock } = world([{}], { cred_0: (lease) => ({ ok: true, lease: equipped(lease) }) });
    const { plan: made, atOnce } = await plan();
    expect([atOnce, made.ok]).toEqual([false, true]);
    expect(inFlight(pool, clock.now())).toEqual([1]);
  });

  it("goes to another credential when the account cannot be made ready, and the pool knows why", async () => {
    const { plan, pool, clock } = world([{}, { tier: 1, kind: "api-key" }], {
      cred_0: (lease, now) => away(lease, now, "login-needed"),
    });
    const { plan: made } = await plan();
    expect(made).toMatchObject({ ok: true, lease: { credentialId: "cred_1" } });
    const [account] = pool.view(clock.now());
    expect(account).toMatchObject({ state: "disabled", inFlight: 0, disabled: { reason: "login-needed" } });
    expect((await plan()).atOnce).toBe(true);
  });

  it("tells when the first account comes back, when none can be made ready", async () => {
    const { plan, pool, clock, asked } = world([{}, {}], { cred_0: away, cred_1: away });
    const { plan: made } = await plan();
    expect(made).toMatchObject({ ok: false, reason: "cooling", causes: { overload: 2 } });
    expect(made.ok || !("soonestMs" in made) ? null : made.soonestMs).toBe(clock.now() + 1_000);
    expect(asked).toEqual(["cred_0", "cred_1"]);
    expect(inFlight(pool, clock.now())).toEqual([0, 0]);
  });

  it("gives up after a few accounts, and leaves nothing in flight", async () => {
    const names = Array.from({ length: 12 }, (_, index) => `cred_${index}`);
    const { plan, pool, clock, asked } = world(
      names.map(() => ({})),
      Object.fromEntries(names.map((name) => [name, away])),
    );
    expect((await plan()).plan).toMatchObject({ ok: false, reason: "cooling" });
    expect(asked).toHaveLength(4);
    expect(inFlight(pool, clock.now()).every((count) => count === 0)).toBe(true);
  });

  it("goes to a key of the next tier when more accounts than it tries cannot be made ready", async () => {
    const names = Array.from({ length: 12 }, (_, index) => `cred_${index}`);
    const { plan, pool, clock, asked } = world(
      [...names.map(() => ({})), { tier: 1, kind: "api-key" as const }],
      Object.fromEntries(names.map((name) => [name, away])),
    );
    expect((await plan()).plan).toMatchObject({ ok: true, lease: { credentialId: "cred_12" } });
    expect(asked).toHaveLength(4);
    expect(inFlight(pool, clock.now()).reduce((sum, count) => sum + count)).toBe(1);
  });

  it("goes to an account that is ready when more than it tries are not", async () => {
    const names = Array.from({ length: 8 }, (_, index) => `cred_${index}`);
    const { plan } = world([...names.map(() => ({})), {}], Object.fromEntries(names.map((name) => [name, away])));
    expect((await plan()).plan).toMatchObject({ ok: true, lease: { credentialId: "cred_8" } });
  });

  it("of a thousand that wait for an account that fails, each goes on to a key, and each lease is given back once", async () => {
    const { plan, pool, clock } = world([{}, { tier: 1, kind: "api-key" }], { cred_0: away });
    const plans = await Promise.all(Array.from({ length: 1_000 }, () => plan()));
    expect(new Set(plans.map(({ plan: made }) => (made.ok ? made.lease.credentialId : made.reason)))).toEqual(
      new Set(["cred_1"]),
    );
    expect(inFlight(pool, clock.now())).toEqual([0, 1_000]);
  });

  it("waits for no further account when the first ones took long", async () => {
    const slow = (lease: Lease, clock: SimulatedClock): Prepared => {
      clock.advance(30_000);
      return away(lease, clock);
    };
    const { plan, asked } = world([{}, {}, { tier: 1, kind: "api-key" }], { cred_0: slow, cred_1: slow });
    expect((await plan()).plan).toMatchObject({ ok: true, lease: { credentialId: "cred_2" } });
    expect(asked).toHaveLength(1);
  });

  it("ends, also in a large pool of accounts that are not ready, and where tried ones may serve again", async () => {
    const names = Array.from({ length: 300 }, (_, index) => `cred_${index}`);
    const { plan, pool, clock, asked } = world(
      names.map(() => ({})),
      Object.fromEntries(names.map((name) => [name, away])),
    );
    expect((await plan({ allowTried: true })).plan).toMatchObject({ ok: false, reason: "cooling" });
    expect(asked).toHaveLength(4);
    expect(inFlight(pool, clock.now()).every((count) => count === 0)).toBe(true);
  });

  it("a token that Code Assist refused is told to the keeper, any other outcome is not", async () => {
    const { plan, control, refused, clock } = world([{}]);
    const { plan: made } = await plan();
    if (!made.ok) throw new Error("no plan");
    const { lease } = made;
    const report: AttemptReport = {
      lease,
      model: null,
      rule: "quota.day",
      effects: [],
      consumer: null,
      limits: [],
      succeeded: false,
      stickyKey: null,
      used: null,
      now: clock.now(),
    };
    control.report(report);
    expect(refused).toEqual([]);
    control.report({ ...report, rule: "account.token-refused" });
    expect(refused).toEqual([lease]);
  });
});
