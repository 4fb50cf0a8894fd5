/**
 * Code Assist accounts on Workers: what they serve, and tokens that end while clients call.
 * @module
 */
import { describe } from "vitest";
import { describeAccountAlone } from "./support/account-alone-suite.ts";
import { describeAccountTokens } from "./support/account-tokens-suite.ts";

describe("an account alone, on workerd", () => {
  describeAccountAlone("workerd");
});

describe("an account's tokens, on workerd", () => {
  describeAccountTokens("workerd");
});
