/**
 * An account under workerd whose tokens come late: the state object answers plans in time, whatever Google does, and what
 * it waits for goes on.
 * @module
 */
import { afterEach, describe, expect, it } from "vitest";
import { model, startAccountWorld, type AccountWorld } from "./support/account-world.ts";
import { targetNames } from "./support/targets.ts";

const only = process.env["CONTRACT_TARGETS"]?.split(",");
const isWanted = targetNames.includes("workerd") && (only === undefined || only.includes("workerd"));

describe.runIf(isWanted)("an account on workerd whose token endpoint fails slowly at first", () => {
  const open: AccountWorld[] = [];
  afterEach(async () => {
    for (const world of open.splice(0)) await world.stop();
  });

  async function start(): Promise<AccountWorld> {
    const world = await startAccountWorld("workerd");
    open.push(world);
    // Twelve seconds with the third try, which is granted.
    world.emulator.fault({
      match: { operation: "oauthToken", count: 2 },
      do: { delayMs: 5_000, response: { status: 503, body: { error: "internal_failure" } } },
    });
    return world;
  }

  async function ask(world: AccountWorld): Promise<{ status: number; text: string; retryAfter: string | null }> {
    const body = { contents: [{ role: "user", parts: [{ text: "hello" }] }] };
    const response = await world.native(`/v1beta/models/${model}:generateContent`, body);
    return { status: response.status, text: await response.text(), retryAfter: response.headers.get("retry-after") };
  }

  it("alone: 429 with a time, not 'the state cannot be reached'; then it serves, after one refresh", async () => {
    const world = await start();
    const first = await ask(world);
    expect(first).toMatchObject({ status: 429, retryAfter: expect.stringMatching(/^[1-5]$/) });
    const deadline = performance.now() + 20_000;
    let last = first;
    while (last.status === 429 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, Number(last.retryAfter) * 1_000));
      last = await ask(world);
    }
    expect(last, last.text).toMatchObject({ status: 200 });
    expect(world.tokenRequests().map((one) => one.status)).toEqual([503, 503, 200]);
  }, 90_000);
});
