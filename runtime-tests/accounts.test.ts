/**
 * Code Assist accounts through the gateway: alone, beside keys, in trouble, and with tokens that end while clients call.
 * accounts-workers.test.ts has those of Workers.
 * @module
 */
import { describe } from "vitest";
import { describeAccountAlone, useAccountWorld } from "./support/account-alone-suite.ts";
import { describeAccountBeside } from "./support/account-beside-suite.ts";
import { describeAccountTokens } from "./support/account-tokens-suite.ts";
import { describeAccountTroubles } from "./support/account-troubles-suite.ts";
import { geminiKey } from "./support/account-world.ts";

describe.each(["node24", "bun"] as const)("an account alone, on %s", (target) => {
  describeAccountAlone(target);
});

// What is left out for Node 22 and Bun is the same code in the same process as on Node 24.
describe("an account and a key behind it", () => {
  describeAccountBeside(useAccountWorld("node24", { GEMINI_API_KEY: JSON.stringify([{ key: geminiKey, tier: 1 }]) }));
});

describe("an account's tokens, on node24", () => {
  describeAccountTokens("node24");
});

describe("accounts in trouble", () => {
  describeAccountTroubles();
});
