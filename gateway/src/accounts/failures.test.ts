import { afterEach, describe, expect, it } from "vitest";
import type { Prepared } from "../core/accounts.ts";
import { openNodeSqlite } from "../storage/drivers/open-node.ts";
import type { Store } from "../storage/types.ts";
import { createAccountWorld, json, secretShapes, start, type AccountWorld } from "../testkit/account-world.ts";

const stores: Store[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

async function world(environment: Record<string, string> = {}): Promise<AccountWorld> {
  const store = await openNodeSqlite({ path: ":memory:" });
  stores.push(store);
  const made = createAccountWorld({ store, environment });
  await made.add();
  return made;
}

async function prepare(made: AccountWorld): Promise<Prepared> {
  return made.keeper.prepare(await made.lease(), made.clock.now());
}

const load = "/v1internal:loadCodeAssist";
const token = "/token";
const google = (status: number, message: string, details: unknown[] = []): { status: number; body: string } =>
  json([{ error: { code: status, message, status: "X", details } }], status);
const info = (reason: string, metadata: Record<string, string> = {}): unknown => ({
  "@type": "type.googleapis.com/google.rpc.ErrorInfo",
  reason,
  domain: "cloudcode-pa.googleapis.com",
  metadata,
});
const unsupported = {
  reasonCode: "UNSUPPORTED_CLIENT",
  reasonMessage: "This client is no longer supported for Gemini Code Assist for individuals.",
  tierId: "free-tier",
};

interface Row {
  at: string;
  answer: { status: number; body: string } | Error;
  rule: string;
  effect: Record<string, unknown>;
  words: RegExp;
}
const never = { kind: "disable", scope: "credential", reason: "login-needed", probeAtMs: null };
const soon = { ...never, probeAtMs: expect.any(Number) };
const owner = { kind: "disable", scope: "credential", reason: "not-eligible", probeAtMs: expect.any(Number) };
const rest = { kind: "cooldown", scope: "credential", cause: "overload", untilMs: expect.any(Number) };

const classes: Record<string, Row> = {
  "a revoked refresh token": {
    at: token,
    answer: json({ error: "invalid_grant", error_description: "Token has been expired or revoked." }, 400),
    rule: "account.login-needed",
    effect: never,
    words: /expired or revoked.*accounts login/,
  },
  "a session that the organisation ended": {
    at: token,
    answer: json(
      {
        error: "invalid_grant",
        error_subtype: "invalid_rapt",
        error_description: "reauth related error (invalid_rapt)",
      },
      400,
    ),
    rule: "account.session-ended",
    effect: never,
    words: /sessions end.*session control/,
  },
  "an OAuth client that Google does not know": {
    at: token,
    answer: json({ error: "invalid_client", error_description: "The OAuth client was not found." }, 401),
    rule: "account.client-refused",
    effect: soon,
    words: /CODE_ASSIST_CLIENT_ID and CODE_ASSIST_CLIENT_SECRET/,
  },
  "another program's refresh token": {
    at: token,
    answer: json({ error: "unauthorized_client", error_description: "Unauthorized" }, 401),
    rule: "account.client-other",
    effect: soon,
    words: /another OAuth client than CODE_ASSIST_CLIENT_ID/,
  },
  "a token endpoint that fails": {
    at: token,
    answer: { status: 503, body: "<html>busy</html>" },
    rule: "account.token-endpoint",
    effect: rest,
    words: /answered 503/,
  },
  "a token endpoint that cannot be reached": {
    at: token,
    answer: new Error("fetch failed", { cause: new Error("connect ECONNREFUSED") }),
    rule: "account.token-unreachable",
    effect: rest,
    words: /ECONNREFUSED/,
  },
  "an answer without a token": {
    at: token,
    answer: json({ hello: "world" }),
    rule: "account.token-unreadable",
    effect: rest,
    words: /without a token/,
  },
  "no licence": {
    at: load,
    answer: google(403, "You do not have a valid license of this product. (#3501)", [info("SUBSCRIPTION_REQUIRED")]),
    rule: "account.no-licence",
    effect: owner,
    words: /valid license.*Standard or Enterprise/,
  },
  "an individual's account": {
    at: load,
    answer: json({ ineligibleTiers: [unsupported] }),
    rule: "account.not-eligible",
    effect: owner,
    words: /no longer supported.*Standard and Enterprise/,
  },
  "an account that its owner must validate": {
    at: load,
    answer: json({
      ineligibleTiers: [
        {
          reasonCode: "VALIDATION_REQUIRED",
          validationErrorMessage: "Verify your account.",
          validationUrl: "https://accounts.google.com/verify?plt=abc",
        },
      ],
      allowedTiers: [{ id: "free-tier", isDefault: true }],
    }),
    rule: "account.validation-required",
    effect: owner,
    words: /Verify your account\..*https:\/\/accounts\.google\.com\/verify\?plt=abc/,
  },
  "a validation that an error wants": {
    at: load,
    answer: google(403, "Verify.", [info("VALIDATION_REQUIRED", { validation_link: "https://g.co/verify" })]),
    rule: "account.validation-required",
    effect: owner,
    words: /https:\/\/g\.co\/verify/,
  },
  "a licence without a project": {
    at: load,
    answer: json({ currentTier: { id: "standard-tier" } }),
    rule: "account.project-missing",
    effect: owner,
    words: /GEMINI_PROJECT_ID/,
  },
  "a project that the account may not use": {
    at: load,
    answer: google(403, "Permission denied on resource project."),
    rule: "account.not-eligible",
    effect: owner,
    words: /Permission denied.*GEMINI_PROJECT_ID/,
  },
  "a Code Assist that fails": {
    at: load,
    answer: { status: 500, body: "oops" },
    rule: "account.code-assist-unreachable",
    effect: rest,
    words: /answered 500/,
  },
  "a token that is refused, and the new one, too": {
    at: load,
    answer: google(401, "Request had invalid authentication credentials."),
    rule: "account.tokens-refused",
    effect: never,
    words: /refuses the account's token/,
  },
};

describe("what keeps an account away", () => {
  it.each(Object.entries(classes))("%s", async (_, { at, answer, rule, effect, words }) => {
    const made = await world();
    made.google.answers.set(at, () => answer);
    const prepared = await prepare(made);
    expect(prepared).toMatchObject({ ok: false, rule, effects: [effect] });
    if (prepared.ok) return;
    expect(prepared.words).toMatch(words);
    const [made1] = prepared.effects;
    expect(made1?.words).toBe(prepared.words);
    const [row] = await made.store.credentials.list();
    expect(row?.account?.lastError).toMatch(words);
    expect(JSON.stringify([prepared, made.logger.lines])).not.toMatch(secretShapes);
  });

  it("no OAuth client is configured: the settings and the page are named, and nobody is asked", async () => {
    const made = await world({ CODE_ASSIST_CLIENT_ID: "", CODE_ASSIST_CLIENT_SECRET: "" });
    expect(await prepare(made)).toMatchObject({
      ok: false,
      rule: "account.client-missing",
      words: expect.stringMatching(/CODE_ASSIST_CLIENT_ID and CODE_ASSIST_CLIENT_SECRET.*docs\/code-assist\.md/),
      effects: [soon],
    });
    expect(made.google.asked).toEqual([]);
  });

  it("a crowd of calls that meets a fault asks once, and the rests get longer up to a minute", async () => {
    const made = await world();
    made.google.answers.set(token, () => ({ status: 503, body: "" }));
    const rests: number[] = [];
    for (let time = 0; time < 8; time++) {
      const before = made.google.count(token);
      const all = await Promise.all(Array.from({ length: 20 }, () => prepare(made)));
      // One question, and its two repetitions.
      expect(made.google.count(token) - before).toBe(3);
      const [effect] = all.flatMap((one) => (one.ok ? [] : one.effects));
      const until = effect?.kind === "cooldown" ? effect.untilMs : 0;
      rests.push(until - made.clock.now());
      await Promise.all(Array.from({ length: 20 }, () => prepare(made)));
      expect(made.google.count(token) - before).toBe(3);
      made.clock.set(until);
    }
    expect(rests[0]).toBeLessThan(2_001);
    expect(rests[7]).toBeGreaterThan(40_000);
    expect(Math.max(...rests)).toBeLessThanOrEqual(60_000);
    made.google.answers.set(token, () => json({ access_token: "ya29.granted-1", expires_in: 60 }));
    expect(await prepare(made)).toMatchObject({ ok: true });
  });

  it("one passing fault of the token endpoint is no fault of the account", async () => {
    const made = await world();
    let time = 0;
    made.google.answers.set(token, () =>
      ++time === 1 ? { status: 502, body: "" } : json({ access_token: "ya29.granted-1", expires_in: 60 }),
    );
    expect(await prepare(made)).toMatchObject({ ok: true });
  });

  it("a project that is known stays in use while Code Assist cannot be asked, and is looked up when it can", async () => {
    const made = await world({ PROJECT_ID_CACHE_TTL_HOURS: "1" });
    expect(await prepare(made)).toMatchObject({ ok: true, lease: { cloudProject: "found-project" } });
    made.clock.advance(3_600_000);
    made.google.answers.set(load, () => ({ status: 503, body: "" }));
    expect(await prepare(made)).toMatchObject({ ok: true, lease: { cloudProject: "found-project" } });
    made.clock.advance(5 * 60_000);
    made.google.answers.set(load, () =>
      json({ currentTier: { id: "standard-tier" }, cloudaicompanionProject: "other-project" }),
    );
    expect(await prepare(made)).toMatchObject({ ok: true, lease: { cloudProject: "other-project" } });
    expect(made.google.count(load)).toBe(3);
  });

  it("a store that cannot be read is a passing fault, and nothing rejects", async () => {
    const made = await world();
    const lease = await made.lease();
    await made.store.close();
    stores.length = 0;
    expect(await made.keeper.prepare(lease, start)).toMatchObject({
      ok: false,
      rule: "account.unreadable",
      effects: [rest],
    });
  });
});

describe("what an account's owner must do", () => {
  // As long as Google's are.
  const link = `https://accounts.google.com/signin/continue?sarp=1&continue=${"c".repeat(400)}&plt=AKgnsb${"p".repeat(200)}`;

  it("a link to open is whole, however long it is, where set-up names it", async () => {
    const made = await world();
    const tier = { reasonCode: "VALIDATION_REQUIRED", reasonMessage: "Verify your account.", validationUrl: link };
    made.google.answers.set(load, () => json({ ineligibleTiers: [tier] }));
    expect(await prepare(made)).toMatchObject({ words: expect.stringContaining(link) });
  });

  it("a link to open is whole, however long it is, where an error names it", async () => {
    const made = await world();
    made.google.answers.set(load, () =>
      google(403, "Validate. ".repeat(90), [info("VALIDATION_REQUIRED", { validation_link: link })]),
    );
    expect(await prepare(made)).toMatchObject({ words: expect.stringContaining(link) });
  });

  it("a log-in without the scope of the API says so", async () => {
    const made = await world();
    made.google.answers.set(load, () =>
      google(403, "Request had insufficient authentication scopes.", [info("ACCESS_TOKEN_SCOPE_INSUFFICIENT")]),
    );
    expect(await prepare(made)).toMatchObject({
      rule: "account.login-needed",
      words: expect.stringMatching(/scope.*cloud-platform.*Log in again/),
    });
  });
});
