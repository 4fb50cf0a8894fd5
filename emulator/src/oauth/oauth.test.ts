/** @module Tests of Google's OAuth over real HTTP: refreshing, logging in, looking tokens up, revoking. */

import { hash } from "node:crypto";

import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { ADA, login, NOW, postForm, refresh, startWithAccounts } from "../accounts/test-accounts.ts";
import type { AccountConfig } from "../accounts/types.ts";

const BOB: AccountConfig = { email: "bob@example.com", refreshToken: "1//bob", rotatesRefreshToken: true };
const emulator = await startWithAccounts([ADA, BOB]);
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

describe("refreshing", () => {
  it("gives an access token for 3,599 seconds and no refresh token", async () => {
    const { status, body } = await refresh(emulator, "1//ada");
    expect(status).toBe(200);
    expect(body).toEqual({
      access_token: expect.stringMatching(/^ya29\./),
      expires_in: 3_599,
      scope: expect.stringContaining("cloud-platform"),
      token_type: "Bearer",
      id_token: expect.any(String),
    });
    const [, claims = ""] = String(body["id_token"]).split(".");
    expect(JSON.parse(Buffer.from(claims, "base64url").toString())).toMatchObject({
      email: "ada@example.com",
      sub: expect.stringMatching(/^1\d{20}$/),
      exp: NOW / 1_000 + 3_600,
    });
  });

  it("rotates where it is told to: the old token is void at once", async () => {
    const { body } = await refresh(emulator, "1//bob");
    const rotated = String(body["refresh_token"]);
    expect((await refresh(emulator, "1//bob")).body).toEqual({
      error: "invalid_grant",
      error_description: "Bad Request",
    });
    expect((await refresh(emulator, rotated)).status).toBe(200);
    expect(emulator.accounts()[1]?.refreshTokens).toHaveLength(1);
  });

  it("is refused in Google's words for every state and client that may not", async () => {
    const set = (more: Partial<AccountConfig>): void => emulator.setAccount({ ...ADA, ...more });
    set({ state: "revoked" });
    expect(await refresh(emulator, "1//ada")).toEqual({
      status: 400,
      body: { error: "invalid_grant", error_description: "Token has been expired or revoked." },
    });
    set({ state: "reauth" });
    expect(await refresh(emulator, "1//ada")).toMatchObject({
      status: 400,
      body: { error: "invalid_grant", error_subtype: "invalid_rapt" },
    });
    set({});
    expect(await refresh(emulator, "1//ada", { client_id: "other" })).toMatchObject({
      status: 401,
      body: { error: "invalid_client" },
    });
    expect(await refresh(emulator, "1//ada", { client_secret: "wrong" })).toMatchObject({
      status: 401,
      body: { error: "invalid_client" },
    });
    emulator.setAccount({ ...ADA, refreshToken: "1//foreign", clientId: "other" });
    expect(await refresh(emulator, "1//foreign")).toMatchObject({
      status: 401,
      body: { error: "unauthorized_client" },
    });
    expect((await refresh(emulator, "1//nobody")).body).toMatchObject({ error: "invalid_grant" });
    const json = await fetch(`${emulator.url}/token`, {
      method: "POST",
      body: JSON.stringify({ refresh_token: "1//ada" }),
    });
    expect(json.status).toBe(400);
  });

  it("is counted by account, also when a fault refuses it", async () => {
    emulator.fault({
      match: { surface: "oauth", operation: "oauthToken", account: "ada@example.com" },
      do: { error: "oauth-internal" },
    });
    expect((await refresh(emulator, "1//bob")).status).toBe(200);
    expect(await refresh(emulator, "1//ada")).toMatchObject({ status: 500, body: { error: "internal_failure" } });
    expect((await refresh(emulator, "1//ada")).status).toBe(200);
    expect(emulator.totals().byAccount["ada@example.com"]).toMatchObject({
      requests: 2,
      byStatus: { 200: 1, 500: 1 },
      byOperation: { oauthToken: 2 },
    });
    expect(emulator.totals().byProject).toEqual({});
    expect(emulator.record().map(({ account, surface, errorStatus }) => [account, surface, errorStatus])).toEqual([
      ["bob@example.com", "oauth", null],
      ["ada@example.com", "oauth", "internal_failure"],
      ["ada@example.com", "oauth", null],
    ]);
  });
});

describe("logging in", () => {
  const verifier = "a-verifier-of-some-forty-three-characters-000";
  const asked: Record<string, string> = {
    client_id: "emulator-client",
    redirect_uri: "http://127.0.0.1:4711/oauth2callback",
    response_type: "code",
    scope: "https://www.googleapis.com/auth/cloud-platform",
    access_type: "offline",
    state: "s t",
    code_challenge: hash("sha256", verifier, "base64url"),
    code_challenge_method: "S256",
  };
  const open = (more: Record<string, string> = {}): Promise<Response> =>
    fetch(`${emulator.url}/o/oauth2/v2/auth?${new URLSearchParams({ ...asked, ...more })}`, { redirect: "manual" });
  const codeOf = async (more: Record<string, string> = {}): Promise<string> =>
    new URL((await open(more)).headers.get("location") ?? "").searchParams.get("code") ?? "";
  const exchange = (code: string, more: Record<string, string> = {}): ReturnType<typeof postForm> =>
    postForm(emulator, "/token", {
      client_id: "emulator-client",
      client_secret: "emulator-secret",
      grant_type: "authorization_code",
      code,
      redirect_uri: asked["redirect_uri"] ?? "",
      code_verifier: verifier,
      ...more,
    });

  it("sends back a code and the state, for the hinted account or the first", async () => {
    const response = await open({ login_hint: "bob@example.com" });
    expect(response.status).toBe(302);
    const location = new URL(response.headers.get("location") ?? "");
    expect(location.origin + location.pathname).toBe("http://127.0.0.1:4711/oauth2callback");
    expect(location.searchParams.get("state")).toBe("s t");
    const { body } = await exchange(location.searchParams.get("code") ?? "");
    expect(body["refresh_token"]).toMatch(/^1\/\/0/);
    expect(emulator.record().map(({ account }) => account)).toEqual(["bob@example.com", "bob@example.com"]);
    expect((await refresh(emulator, String(body["refresh_token"]))).status).toBe(200);
  });

  it("takes a code once, with its verifier and its address only", async () => {
    const code = await codeOf();
    expect((await exchange(code)).status).toBe(200);
    expect((await exchange(code)).body).toMatchObject({ error: "invalid_grant" });
    expect((await exchange(await codeOf(), { code_verifier: "another" })).body).toEqual({
      error: "invalid_grant",
      error_description: "Invalid code verifier.",
    });
    expect((await exchange(await codeOf(), { redirect_uri: "http://127.0.0.1:1/" })).body).toMatchObject({
      error: "redirect_uri_mismatch",
    });
    const late = await codeOf();
    emulator.advance(600_000);
    expect((await exchange(late)).status).toBe(400);
  });

  it("mends an account whose grant was revoked", async () => {
    emulator.setAccount({ ...ADA, state: "revoked" });
    expect((await exchange(await codeOf())).status).toBe(200);
    expect((await refresh(emulator, "1//ada")).status).toBe(200);
  });

  it.each([
    [{ redirect_uri: "https://evil.example/" }, 400, "redirect_uri_mismatch"],
    [{ scope: "https://www.googleapis.com/auth/drive" }, 400, "invalid_scope"],
    [{ client_id: "other" }, 401, "invalid_client"],
    [{ response_type: "token" }, 400, "unsupported_response_type"],
    [{ login_hint: "nobody@example.com" }, 400, "invalid_request"],
  ])("shows an error page for %j", async (more, status, error) => {
    const response = await open(more);
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(error);
  });
});

describe("tokens", () => {
  const info = (token: string): ReturnType<typeof postForm> =>
    postForm(emulator, "/tokeninfo", { access_token: token });

  it("say whose they are until they expire or are voided", async () => {
    const token = await login(emulator);
    expect((await info(token)).body).toMatchObject({ email: "ada@example.com", expires_in: "3599" });
    const user = (): Promise<Response> =>
      fetch(`${emulator.url}/oauth2/v2/userinfo`, { headers: { authorization: `Bearer ${token}` } });
    expect(await (await user()).json()).toMatchObject({ email: "ada@example.com", verified_email: true });
    emulator.advance(3_599_000);
    expect(await info(token)).toEqual({
      status: 400,
      body: { error: "invalid_token", error_description: "Invalid Value" },
    });
    expect((await user()).status).toBe(401);
    const next = await login(emulator);
    emulator.expireTokens("bob@example.com");
    expect((await info(next)).status).toBe(200);
    emulator.expireTokens();
    expect((await info(next)).status).toBe(400);
  });

  it("end with what they came from when one is revoked", async () => {
    const token = await login(emulator);
    expect((await postForm(emulator, "/revoke", { token })).status).toBe(200);
    expect((await info(token)).status).toBe(400);
    expect((await refresh(emulator, "1//ada")).body).toMatchObject({ error: "invalid_grant" });
    expect((await postForm(emulator, "/revoke", { token })).body).toMatchObject({ error: "invalid_token" });
  });
});
