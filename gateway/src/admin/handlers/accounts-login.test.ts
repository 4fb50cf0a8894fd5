import { afterEach, describe, expect, it } from "vitest";
import { accountOf, createAccountsWorld, fileOf, type AccountsWorld } from "../../testkit/admin-accounts.ts";
import type { Answered, Caller } from "../../testkit/admin-world.ts";

let world: AccountsWorld;
afterEach(() => world.close());

async function begin(
  body: Record<string, unknown> = {},
  as: Caller = "admin",
): Promise<{ url: string; state: string }> {
  return (await world.request("POST", "/accounts/login", { as, body })).body;
}

async function complete(body: Record<string, unknown>, as: Caller = "admin"): Promise<Answered> {
  return world.request("POST", "/accounts/login/complete", { as, body });
}

describe("a log-in by browser", () => {
  it("ends with the code that Google's page shows, and adds the account with what was chosen", async () => {
    world = await createAccountsWorld({ accounts: [accountOf("ada")] });
    const { url, state } = await begin();
    const asked = new URL(url).searchParams;
    expect(asked.get("redirect_uri")).toBe("https://codeassist.google.com/authcode");
    expect(asked.get("code_challenge_method")).toBe("S256");
    expect(asked.get("state")).toBe(state);
    const sent = await world.agree(url);
    const code = sent.searchParams.get("code");
    const added = await complete({ state, code, tier: 1, name: "work" });
    expect(added.body).toMatchObject({
      status: "added",
      warnings: [],
      credential: {
        name: "work",
        tier: 1,
        kind: "code-assist",
        account: { email: "ada@example.com", lastRefreshAt: world.clock.now(), tokenExpiresAt: expect.any(Number) },
      },
    });
    const { id } = added.body.credential;
    expect((await world.request("POST", `/credentials/${id}/check`)).body).toMatchObject({ result: "ok" });
    // It was good once.
    expect((await complete({ state, code })).body.error).toMatchObject({ code: "not_found", field: "body.state" });
  });

  it("ends as well with the whole address that the browser was sent to, where nothing answers", async () => {
    world = await createAccountsWorld({ accounts: [accountOf("ada")] });
    const { url, state } = await begin({ via: "address-bar" });
    const sent = await world.agree(url);
    expect(sent.href).toMatch(/^http:\/\/127\.0\.0\.1:(49[1-9]|[56])\d+\/oauth2callback\?/);
    const other = await begin({ via: "address-bar" });
    expect((await complete({ state: other.state, code: sent.href })).body.error.message).toContain("another log-in");
    expect((await complete({ state, code: sent.href })).body).toMatchObject({ status: "added" });
  });

  it("tells what to paste when it was something else, and can be tried again, five times in all", async () => {
    world = await createAccountsWorld({ accounts: [accountOf("ada")] });
    const { url, state } = await begin();
    const sent = await world.agree(url);
    const refused = new URL(sent);
    refused.searchParams.delete("code");
    refused.searchParams.set("error", "access_denied");
    for (const [code, words] of [
      ["4/never-given-by-google", "does not take the code"],
      [refused.href, "access_denied"],
      ["two words", "no code"],
    ] as const)
      expect((await complete({ state, code })).body.error).toMatchObject({
        code: "body_invalid",
        field: "body.code",
        message: expect.stringContaining(words),
      });
    expect((await complete({ state, code: sent.href })).body).toMatchObject({ status: "added" });
    const next = await begin();
    for (let count = 0; count < 5; count++)
      expect((await complete({ state: next.state, code: "4/wrong" })).status).toBe(400);
    expect((await complete({ state: next.state, code: "4/wrong" })).status).toBe(404);
  });

  it("belongs to the session that began it and ends after ten minutes", async () => {
    world = await createAccountsWorld({ accounts: [accountOf("ada")] });
    const { url, state } = await begin();
    const code = (await world.agree(url)).href;
    expect((await complete({ state, code }, "admin-token")).status).toBe(404);
    expect((await complete({ state, code }, "viewer")).status).toBe(403);
    world.clock.advance(599_000);
    const late = await begin();
    world.clock.advance(1_000);
    expect((await complete({ state, code })).status).toBe(404);
    expect((await complete({ state: late.state, code: (await world.agree(late.url)).href })).status).toBe(200);
  });

  it("of one who begins many the oldest ends", async () => {
    world = await createAccountsWorld({ accounts: [accountOf("ada")] });
    const all: { url: string; state: string }[] = [];
    for (let count = 0; count < 6; count++) all.push(await begin());
    const tryOne = async ({ url, state }: { url: string; state: string }): Promise<number> =>
      (await complete({ state, code: (await world.agree(url)).href })).status;
    const [first, second] = all as [{ url: string; state: string }, { url: string; state: string }];
    expect([await tryOne(first), await tryOne(second)]).toEqual([404, 200]);
  });

  it("without an OAuth client names the settings", async () => {
    world = await createAccountsWorld({ accounts: [], environment: { CODE_ASSIST_CLIENT_SECRET: "" } });
    const refused = await world.request("POST", "/accounts/login", { body: {} });
    expect(refused.status).toBe(503);
    expect(refused.body.error).toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("CODE_ASSIST_CLIENT_SECRET"),
      next: expect.stringContaining("oauth_creds.json"),
    });
  });

  it("with a wrong OAuth client, and while Google is away, tells so and keeps the log-in", async () => {
    world = await createAccountsWorld({ accounts: [accountOf("ada")] });
    const { url, state } = await begin();
    const code = (await world.agree(url)).href;
    world.google.fault({ match: { operation: "oauthToken" }, do: { error: "oauth-invalid-client" } });
    expect((await complete({ state, code })).body.error).toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("CODE_ASSIST_CLIENT_ID"),
    });
    world.google.fault({ match: { operation: "oauthToken" }, do: { error: "oauth-internal" } });
    expect((await complete({ state, code })).body.error).toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("answered 500"),
    });
    expect((await complete({ state, code })).body).toMatchObject({ status: "added" });
    const next = await begin();
    world.google.fault({ match: { operation: "oauthToken" }, do: { reset: {} } });
    const cut = await complete({ state: next.state, code: (await world.agree(next.url)).href });
    expect(cut.body.error).toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("cannot be reached"),
    });
  });
});

describe("logging in again", () => {
  it("mends an account that Google had shut out, and takes no other account in its place", async () => {
    world = await createAccountsWorld({ accounts: [accountOf("ada", { state: "revoked" }), accountOf("bob")] });
    world.secrets.add("ya29.ada-first-access-token");
    const { id } = (await world.request("POST", "/accounts", { body: { text: fileOf("ada"), tier: 2 } })).body
      .credential;
    expect((await world.request("POST", `/credentials/${id}/check`)).body.result).toBe("login-needed");
    const wrong = await begin({ id });
    const code = (await world.agree(wrong.url, "bob@example.com")).href;
    expect((await complete({ state: wrong.state, code })).body.error).toMatchObject({
      code: "conflict",
      message: "The log-in was of bob@example.com, not of ada@example.com. Nothing was stored.",
    });
    const right = await begin({ id });
    const again = await complete({ state: right.state, code: (await world.agree(right.url, "ada@example.com")).href });
    expect(again.body).toMatchObject({ status: "updated", credential: { id, tier: 2, account: { lastError: null } } });
    expect((await world.request("POST", `/credentials/${id}/check`)).body.result).toBe("ok");
    expect((await world.request("GET", "/credentials")).body.total).toBe(1);
    expect((await world.request("POST", "/accounts/login", { body: { id: "cred_0" } })).status).toBe(404);
  });
});
