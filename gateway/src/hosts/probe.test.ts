import { describe, expect, it } from "vitest";
import { createCallEnvironment, type CallEnvironment } from "../call/environment.ts";
import type { Control } from "../call/control.ts";
import { portableBytes } from "../core/portable-bytes.ts";
import { toSecret } from "../core/secret.ts";
import { createPool } from "../pool/pool.ts";
import type { Pool } from "../pool/types.ts";
import { parseSettings } from "../settings/parse.ts";
import { createKeptLogger, createSeededRandom, createSimulatedClock } from "../testkit/simulated.ts";
import { probeDue, type ProbeAnswer, type ProbeFetch } from "./probe.ts";

const clock = createSimulatedClock();
const address = { baseUrl: "https://gw.example/google", proxy: toSecret("socks5://me:hunter2@10.0.0.1:1080") };

/** A pool of one credential that is disabled and whose probe is due. */
function dueOne(more: { baseUrl?: string; proxy?: ReturnType<typeof toSecret> }): Pool {
  const pool = createPool({ random: createSeededRandom(), onChange: () => undefined });
  pool.replace([
    {
      id: "cred_1",
      name: "work",
      secret: toSecret("AIzaSy-the-key"),
      projectId: null,
      source: "stored",
      weight: 1,
      tier: 0,
      enabled: true,
      ...more,
    },
  ]);
  const facts = {
    reason: "invalid-key",
    sinceMs: 1,
    probeAtMs: clock.now() - 1,
    rule: "key.invalid",
    words: "",
  } as const;
  pool.restore({ cooldowns: [], disabled: [{ scope: "credential", subject: "cred_1", ...facts }] }, clock.now());
  return pool;
}

function environmentOf(variables: Record<string, string> = {}): CallEnvironment {
  return createCallEnvironment({
    settings: parseSettings(variables).settings,
    clock,
    random: createSeededRandom(),
    logger: createKeptLogger(),
    bytes: portableBytes,
    digest: { sha256: (text) => text },
    control: {} as Control,
  });
}

function askOf(answer: ProbeAnswer | null): ProbeFetch & { asked: Parameters<ProbeFetch>[0][] } {
  const asked: Parameters<ProbeFetch>[0][] = [];
  const ask: ProbeFetch = (request) => {
    asked.push(request);
    return answer === null ? Promise.reject(new Error("no answer")) : Promise.resolve(answer);
  };
  return Object.assign(ask, { asked });
}

describe("a probe", () => {
  it("asks the credential's own base through its own proxy, with the key in a header only", async () => {
    const pool = dueOne(address);
    const ask = askOf({ status: 200, body: "{}" });
    await probeDue({ pool, environment: environmentOf({ OUTBOUND_PROXY: "http://other:1" }), ask });
    expect(ask.asked).toHaveLength(1);
    expect(ask.asked[0]).toMatchObject({
      url: "https://gw.example/google/v1beta/models?pageSize=1",
      headers: { "x-goog-api-key": "AIzaSy-the-key" },
      proxy: address.proxy,
    });
    expect(pool.counts(clock.now())).toMatchObject({ usable: 1, disabled: 0 });
  });

  it("asks the setting's base through the setting's proxy otherwise", async () => {
    const ask = askOf({ status: 200, body: "{}" });
    await probeDue({ pool: dueOne({}), environment: environmentOf({ OUTBOUND_PROXY: "http://other:1" }), ask });
    expect(ask.asked[0]?.url).toBe("https://generativelanguage.googleapis.com/v1beta/models?pageSize=1");
    expect(ask.asked[0]?.proxy?.reveal()).toBe("http://other:1");
  });

  it("that gets no answer tells nothing about the key: it stays disabled and is asked again later", async () => {
    const pool = dueOne(address);
    await probeDue({ pool, environment: environmentOf(), ask: askOf(null) });
    expect(pool.counts(clock.now())).toMatchObject({ usable: 0, disabled: 1 });
    expect(pool.dueProbes(clock.now())).toEqual([]);
    expect(pool.dueProbes(clock.now() + 3_600_000)).toHaveLength(1);
  });

  it("never goes around a proxy: without an implementation that knows proxies nothing is asked", async () => {
    const pool = dueOne({ baseUrl: "http://127.0.0.1:1", proxy: address.proxy });
    await probeDue({ pool, environment: environmentOf() });
    expect(pool.view(clock.now())[0]?.disabled?.rule).toBe("probe.unreachable");
  });
});
