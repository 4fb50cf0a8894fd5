import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { credentialsFile, idToken, start } from "../testkit/account-world.ts";
import { accountKey, parseAccount, readIdToken, readTokens, toExpiry, writeTokens } from "./tokens.ts";

describe("oauth_creds.json", () => {
  it("is read with its owner, whose number makes log-ins of one account the same", () => {
    const parsed = parseAccount(credentialsFile());
    expect(parsed).toMatchObject({
      ok: true,
      account: {
        tokens: {
          refreshToken: "1//first-refresh-token",
          accessToken: "ya29.first-access-token",
          expiresAt: start - 1,
        },
        owner: { subject: "1234567890", email: "ada@example.com" },
        scopes: ["https://www.googleapis.com/auth/cloud-platform", "openid"],
      },
    });
    const again = parseAccount(credentialsFile({ refresh_token: "1//other", access_token: "ya29.other" }));
    const nameless = parseAccount(credentialsFile({ id_token: undefined }));
    const keys = [parsed, again, nameless].map((one) => (one.ok ? accountKey(one.account) : ""));
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  it("is taken also as a JSON text that holds it, as some shells and dashboards store it", () => {
    expect(parseAccount(JSON.stringify(credentialsFile()))).toEqual(parseAccount(credentialsFile()));
  });

  it.each([
    ["no JSON", "1//token", /not the JSON/],
    ["a list", "[]", /not the JSON/],
    ["a service account", JSON.stringify({ type: "service_account", private_key: "x" }), /service account/],
    ["an OAuth client", JSON.stringify({ installed: { client_id: "x" } }), /OAuth client/],
    ["no token", JSON.stringify({ expiry_date: 1 }), /neither/],
    ["a token that would end a header", credentialsFile({ access_token: "ya29.x\r\nevil: 1" }), /cannot travel/],
    ["much too long", credentialsFile({ padding: "x".repeat(70_000) }), /longer/],
  ])("%s is refused with the reason, without what it holds", (_, text, reason) => {
    const parsed = parseAccount(text);
    expect(parsed).toEqual({ ok: false, reason: expect.stringMatching(reason) });
    expect(JSON.stringify(parsed)).not.toMatch(/ya29\.|1\/\/|private_key/);
  });

  it("times in seconds and in milliseconds are told apart for every year from 1974 to 5000", () => {
    fc.assert(
      fc.property(fc.integer({ min: 126_230_400, max: 95_617_584_000 }), (seconds) => {
        expect(toExpiry(seconds)).toBe(seconds * 1_000);
        expect(toExpiry(seconds * 1_000)).toBe(seconds * 1_000);
      }),
    );
    expect(["soon", -1, 0, Number.NaN, null, undefined, {}].map(toExpiry)).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect(toExpiry("2026-11-21T12:00:00Z")).toBe(start);
  });

  it("anything at all is read or refused, and what was written is read back", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.object().map((value) => JSON.stringify(value)),
        ),
        (text) => {
          expect(typeof parseAccount(text).ok).toBe("boolean");
          expect(typeof readIdToken(text)).toBe("object");
        },
      ),
    );
    const tokens = { refreshToken: "1//r", accessToken: "ya29.a", expiresAt: start, clientId: "c" };
    expect(readTokens(writeTokens(tokens))).toEqual(tokens);
    expect(readTokens("AIzaSy")).toBeNull();
  });

  it("an id token's address is shown only when it is one", () => {
    expect(readIdToken(idToken({ sub: "1", email: "<script>@x" })).email).toBeNull();
    expect(readIdToken("a.b.c")).toEqual({ subject: null, email: null });
  });
});
