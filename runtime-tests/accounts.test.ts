/**
 * Code Assist accounts through the gateway, on every host: alone, beside keys, in trouble, and with tokens that end while
 * clients call.
 * @module
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { describeAccountAnswers } from "./support/account-answers-suite.ts";
import { describeAccountBeside } from "./support/account-beside-suite.ts";
import { describeAccountTokens } from "./support/account-tokens-suite.ts";
import { describeAccountTroubles } from "./support/account-troubles-suite.ts";
import { accountSecrets, geminiKey, startAccountWorld, type AccountWorld } from "./support/account-world.ts";
import { targetNames, type TargetName } from "./support/targets.ts";

const only = process.env["CONTRACT_TARGETS"]?.split(",");
const targets = targetNames.filter((name) => only === undefined || only.includes(name));

describe.each(targets)("an account alone, on %s", (target) => {
  const world = useWorld(target);

  describeAccountAnswers(world);

  it("every secret stays in: none in what it printed", () => {
    for (const secret of accountSecrets) expect(world().gateway.output()).not.toContain(secret);
  });
});

// What is left out for Node 22 and Bun is the same code in the same process as on Node 24.
describe.each(targets.filter((name) => name !== "node22" && name !== "bun"))(
  "an account and a key behind it, on %s",
  (target) => {
    describeAccountBeside(useWorld(target, { GEMINI_API_KEY: JSON.stringify([{ key: geminiKey, tier: 1 }]) }));
  },
);

describe.each(targets.filter((name) => name !== "node22"))("an account's tokens, on %s", (target) => {
  describeAccountTokens(target);
});

describe.runIf(targets.includes("node24"))("accounts in trouble", () => {
  describeAccountTroubles();
});

// --- helpers ---

function useWorld(target: TargetName, environment: Record<string, string> = {}): () => AccountWorld {
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
