/** @module Whatever comes, Code Assist and OAuth answer like Google and go on. */

import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";

import { ADA, askMethod, login, startWithAccounts } from "../accounts/test-accounts.ts";
import { CODE_ASSIST_MESSAGES } from "./message-schema.ts";

const unlimited = { "*": { requestsPerMinute: null, requestsPerDay: null } };
const emulator = await startWithAccounts([{ ...ADA, quotas: unlimited }]);
afterAll(() => emulator.close());

const NAMES = [
  ...new Set(Object.values(CODE_ASSIST_MESSAGES).flatMap((fields) => Object.keys(fields))),
  "parts",
  "text",
  "role",
];
const VALUES = [
  "",
  "hi",
  "user",
  "model",
  "gemini-2.5-pro",
  "models/gemini-2.5-pro",
  "ada-project",
  null,
  true,
  0,
  -1.5,
];

const tree: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 5, depthSize: "large" },
    fc.constantFrom<unknown>(...VALUES),
    fc.dictionary(fc.constantFrom(...NAMES), tie("node"), { maxKeys: 6 }),
    fc.array(tie("node"), { maxLength: 3 }),
  ),
})).node;

describe("any JSON", () => {
  it.each([
    "generateContent",
    "streamGenerateContent",
    "countTokens",
    "loadCodeAssist",
    "onboardUser",
    "listExperiments",
  ])("at %s is answered and recorded", async (method) => {
    emulator.reset();
    const token = await login(emulator);
    let calls = 1;
    await fc.assert(
      fc.asyncProperty(tree, tree, async (body, request) => {
        const whole = { model: "gemini-2.5-pro", project: "ada-project", request };
        for (const sent of [body ?? {}, whole]) {
          const { status } = await askMethod(emulator, method, { token, body: sent });
          calls++;
          expect([200, 400, 403, 404]).toContain(status);
        }
      }),
      { numRuns: 60 },
    );
    expect(emulator.totals()).toMatchObject({ requests: calls, inFlight: 0, byOutcome: { complete: calls } });
  });
});

describe("any text", () => {
  const fields = [
    "grant_type",
    "refresh_token",
    "code",
    "client_id",
    "client_secret",
    "redirect_uri",
    "code_verifier",
    "token",
  ];
  const values = [
    "",
    "refresh_token",
    "authorization_code",
    "1//ada",
    "emulator-client",
    "emulator-secret",
    "%",
    "http://[",
    "a",
  ];
  const query = fc.array(
    fc.tuple(
      fc.constantFrom(...fields, "scope", "response_type", "login_hint"),
      fc.constantFrom(...values, "http://127.0.0.1:99999/", "code"),
    ),
  );

  it("in a form, a query or a header is answered by OAuth", async () => {
    emulator.reset();
    let calls = 0;
    await fc.assert(
      fc.asyncProperty(
        query,
        fc.constantFrom("/token", "/tokeninfo", "/revoke"),
        fc.string(),
        async (pairs, path, text) => {
          const form = new URLSearchParams(pairs);
          const basic = Buffer.from(text).toString("base64");
          const headers = { authorization: `Basic ${basic}` };
          const posted = await fetch(emulator.url + path, { method: "POST", body: form, headers });
          const opened = await fetch(`${emulator.url}/o/oauth2/v2/auth?${form}`, { redirect: "manual" });
          await Promise.all([posted.text(), opened.text()]);
          calls += 2;
          expect([200, 400, 401]).toContain(posted.status);
          expect([302, 400, 401]).toContain(opened.status);
        },
      ),
      { numRuns: 100 },
    );
    expect(emulator.totals()).toMatchObject({ requests: calls, inFlight: 0, byOutcome: { complete: calls } });
  });
});
