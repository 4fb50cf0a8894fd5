/**
 * Accounts that Google does not serve: what clients are told, and what their owner is.
 * @module
 */
import { afterEach, expect, it } from "vitest";
import type { AccountConfig } from "../../emulator/src/accounts/types.ts";
import { email, model, startAccountWorld, type AccountWorld } from "./account-world.ts";
import { translatedDialects, type Json } from "./translated-dialects.ts";

interface Trouble {
  name: string;
  account: Partial<AccountConfig>;
  rule: string;
  /** What its owner reads. */
  words: RegExp;
}

/** Further ones: gateway/src/accounts/. */
const troubles: Trouble[] = [
  { name: "revoked", account: { state: "revoked" }, rule: "account.login-needed", words: /Log in again/ },
  { name: "without a licence", account: { state: "no-licence" }, rule: "account.not-eligible", words: /license/ },
  {
    name: "to be validated",
    account: { state: "validation-required" },
    rule: "account.validation-required",
    words: /must open https:\/\/accounts\.google\.com\//,
  },
];

/** On Node: what is judged is the same code everywhere. */
export function describeAccountTroubles(): void {
  let world: AccountWorld | undefined;
  const generate = async (): Promise<{ status: number; body: string }> => {
    const body = { contents: [{ role: "user", parts: [{ text: "hello" }] }] };
    const response = await (world as AccountWorld).native(`/v1beta/models/${model}:generateContent`, body);
    return { status: response.status, body: await response.text() };
  };

  afterEach(async () => {
    await world?.stop();
    world = undefined;
  });

  it.each(troubles)("an account $name is out after one look, and says what is to be done", async (trouble) => {
    world = await startAccountWorld("node24", { account: trouble.account });
    expect(await generate()).toMatchObject({ status: 503 });
    const asked = world.emulator.totals().requests;
    for (const dialect of translatedDialects) {
      const { status, body } = await world.ask(dialect, dialect.request([dialect.user("hello")], { model }));
      // Anthropic's clients know 529 as what 503 is elsewhere.
      expect(status).toBe(dialect.name === "anthropic" ? 529 : 503);
      expect(dialect.readError(JSON.parse(body) as Json).type).not.toBe("");
    }
    expect(world.emulator.totals().requests).toBe(asked);
    const [account] = (await world.cli("accounts", "list")) as Json[];
    expect(account).toMatchObject({
      email,
      state: "disabled",
      disabled: { rule: trouble.rule, words: expect.stringMatching(trouble.words) as string },
    });
  });

  it("one that is new to Code Assist is onboarded while its first calls wait", async () => {
    world = await startAccountWorld("node24", {
      account: { state: "not-onboarded" },
      environment: { GEMINI_PROJECT_ID: "emulated-ada" },
    });
    const answers = await Promise.all(Array.from({ length: 10 }, generate));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(world.emulator.totals().byAccount[email]?.byOperation).toMatchObject({ oauthToken: 1, onboardUser: 1 });
    const [account] = (await world.cli("accounts", "list")) as Json[];
    expect(account).toMatchObject({ state: "active", licence: "standard-tier", cloudProject: "emulated-ada" });
  });

  it("where service controls hide the licence, the project of the settings is used", async () => {
    world = await startAccountWorld("node24", {
      account: { state: "vpc-sc" },
      environment: { GEMINI_PROJECT_ID: "emulated-ada" },
    });
    expect(await generate()).toMatchObject({ status: 200 });
  });

  it("without an OAuth client the settings are named, and Google is not asked", async () => {
    world = await startAccountWorld("node24", { environment: { CODE_ASSIST_CLIENT_ID: undefined } });
    expect(await generate()).toMatchObject({ status: 503 });
    expect(world.tokenRequests()).toEqual([]);
    expect(JSON.stringify(await world.cli("accounts", "list"))).toContain("CODE_ASSIST_CLIENT_ID");
  });
}
