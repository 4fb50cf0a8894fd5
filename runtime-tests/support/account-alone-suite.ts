/**
 * An account without any key beside it.
 * @module
 */
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { describeAccountAnswers } from "./account-answers-suite.ts";
import { accountSecrets, startAccountWorld, type AccountWorld } from "./account-world.ts";
import type { TargetName } from "./targets.ts";

/** What it serves, and that its secrets stay in. */
export function describeAccountAlone(target: TargetName): void {
  const world = useAccountWorld(target);

  describeAccountAnswers(world);

  it("every secret stays in: none in what it printed", () => {
    for (const secret of accountSecrets) expect(world().gateway.output()).not.toContain(secret);
  });
}

/** A gateway for all tests of a block. */
export function useAccountWorld(target: TargetName, environment: Record<string, string> = {}): () => AccountWorld {
  let world: AccountWorld;
  beforeAll(async () => {
    world = await startAccountWorld(target, { environment });
  }, 90_000);
  afterEach(() => {
    world.emulator.clearFaults();
  });
  afterAll(async () => {
    await world?.stop();
  });
  return () => world;
}
