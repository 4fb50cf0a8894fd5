import { describe, expect, it } from "vitest";
import { idToken, json } from "../testkit/account-world.ts";
import {
  authorizeUrl,
  clientOf,
  loginScopes,
  readTokenAnswer,
  readTokenInfo,
  readUserInfo,
  tokenInfoQuestion,
  userInfoQuestion,
} from "./oauth.ts";

const settings = { oauthBaseUrl: "https://oauth2.googleapis.com", oauthClientId: "id", oauthClientSecret: "secret" };
const client = { id: "id", secret: "secret" };

describe("OAuth as Google speaks it", () => {
  it("a log-in asks Google's own page for a refresh token, with PKCE and a state, and without the secret", () => {
    const asked = { client, redirectUri: "http://127.0.0.1:1/oauth2callback", state: "s", challenge: "c" };
    const url = new URL(authorizeUrl({ settings, ...asked }));
    expect(url.origin + url.pathname).toBe("https://accounts.google.com/o/oauth2/v2/auth");
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: "id",
      redirect_uri: "http://127.0.0.1:1/oauth2callback",
      response_type: "code",
      scope: loginScopes.join(" "),
      access_type: "offline",
      prompt: "consent",
      state: "s",
      code_challenge: "c",
      code_challenge_method: "S256",
    });
    const elsewhere = { ...settings, oauthBaseUrl: "https://oauth.test" };
    expect(authorizeUrl({ settings: elsewhere, ...asked })).toMatch(/^https:\/\/oauth\.test\/o\/oauth2\/v2\/auth\?/);
  });

  it("a token endpoint's answer gives the life in milliseconds, and a refresh token only when there is a new one", () => {
    const body = { access_token: "ya29.x", expires_in: 3_599, scope: "a b", id_token: idToken({ sub: "1" }) };
    expect(readTokenAnswer(json(body))).toEqual({
      ok: true,
      value: {
        accessToken: "ya29.x",
        lifeMs: 3_599_000,
        refreshToken: null,
        owner: { subject: "1", email: null },
        scopes: ["a", "b"],
      },
    });
    expect(readTokenAnswer(json({ access_token: "t", expires_in: "3599" }))).toMatchObject({
      value: { lifeMs: 3_599_000 },
    });
    for (const life of [undefined, -1, 0, "0", "", "soon", true, [60]])
      expect(readTokenAnswer(json({ access_token: "t", expires_in: life })), String(life)).toMatchObject({
        value: { lifeMs: 1_800_000 },
      });
    expect(readTokenAnswer(json({ access_token: "t", expires_in: 1e12 }))).toMatchObject({
      value: { lifeMs: 86_400_000 },
    });
  });

  it.each(["two words", "line\nbreak", "ü".repeat(10), "x".repeat(8_193), 7, ""])(
    "a refresh token that could not be sent again (%j) does not replace the one in use",
    (token) => {
      expect(readTokenAnswer(json({ access_token: "t", refresh_token: token }))).toMatchObject({
        value: { refreshToken: null },
      });
    },
  );

  it("whose a token is comes from tokeninfo or userinfo; a token that Google does not know is nobody's", () => {
    expect(tokenInfoQuestion(settings, "ya29.x", "a")).toMatchObject({
      method: "POST",
      url: "https://oauth2.googleapis.com/tokeninfo",
      body: "access_token=ya29.x",
    });
    expect(userInfoQuestion(settings, "ya29.x", "a")).toMatchObject({
      url: "https://www.googleapis.com/oauth2/v2/userinfo",
      headers: { authorization: "Bearer ya29.x" },
    });
    const known = { sub: "1", email: "a@b.c", scope: "x", expires_in: "60" };
    expect(readTokenInfo(json(known))).toEqual({
      owner: { subject: "1", email: "a@b.c" },
      scopes: ["x"],
      expiresInMs: 60_000,
    });
    expect(readTokenInfo(json({ error: "invalid_token", error_description: "Invalid Value" }, 400))).toBeNull();
    expect(readUserInfo(json({ id: "1", email: "a@b.c" }))).toEqual({ subject: "1", email: "a@b.c" });
    expect(readUserInfo(json({}, 401))).toEqual({ subject: null, email: null });
  });

  it("half of a client is told by the half that is missing", () => {
    const half = clientOf({ ...settings, oauthClientSecret: null });
    expect(half.ok || half.failure.words).toMatch(/set CODE_ASSIST_CLIENT_SECRET;/);
  });
});
