/** @module Tests of Code Assist over real HTTP: envelopes, refusals, set-up, quotas, faults. */

import { afterAll, beforeEach, describe, expect, it } from "vitest";

import type { JsonReply } from "../accounts/test-accounts.ts";
import { ADA, askMethod, callMethod, envelope, login, NOW, startWithAccounts } from "../accounts/test-accounts.ts";
import type { AccountConfig } from "../accounts/types.ts";
import { at, sseEvents } from "../test-client.ts";

const BOB: AccountConfig = { email: "bob@example.com", refreshToken: "1//bob", project: "ada-project" };
const emulator = await startWithAccounts([ADA, BOB]);
afterAll(() => emulator.close());
let token = "";
beforeEach(async () => {
  emulator.reset();
  token = await login(emulator);
});

const ask = (method: string, body?: unknown): Promise<JsonReply> => askMethod(emulator, method, { token, body });
const generate = (more: Record<string, unknown> = {}, request: object = {}): Promise<JsonReply> =>
  ask("generateContent", envelope("hi", more, request));
const become = (more: Partial<AccountConfig>): void => emulator.setAccount({ ...ADA, ...more });
const reasonOf = ({ body }: JsonReply): unknown => at(body, "error.details.0.reason");

describe("generating", () => {
  it("answers in an envelope, as the API does inside, and bills the account", async () => {
    const { status, body } = await generate();
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(["response", "traceId"]);
    expect(body["traceId"]).toMatch(/^[a-f\d]{16}$/);
    expect(at(body, "response.candidates.0.content.parts.0.text")).toContain("You said: “hi”");
    expect(at(body, "response.responseId")).toBeUndefined();
    expect(emulator.record().at(-1)).toMatchObject({
      surface: "code-assist",
      operation: "codeAssistGenerate",
      account: "ada@example.com",
      project: "accounts/ada@example.com",
      model: "gemini-2.5-pro",
      stream: false,
      usage: { total: at(body, "response.usageMetadata.totalTokenCount") },
    });
    expect(emulator.totals().byAccount["ada@example.com"]?.byOperation).toEqual({
      oauthToken: 1,
      codeAssistGenerate: 1,
    });
  });

  it("streams envelopes with CRLF, or as a list without alt=sse", async () => {
    const options = { token, body: envelope("hi") };
    const sse = await callMethod(emulator, "streamGenerateContent", { ...options, query: "?alt=sse" });
    expect(sse.headers.get("content-type")).toBe("text/event-stream");
    const text = await sse.text();
    expect(text).toMatch(/^data: \{"response": \{.*\}\r\n\r\n$/s);
    const events = sseEvents(text);
    expect(events.length).toBeGreaterThan(3);
    expect(new Set(events.map(({ traceId }) => traceId)).size).toBe(1);
    const list = await (await callMethod(emulator, "streamGenerateContent", options)).json();
    expect(list).toHaveLength(events.length);
    expect(emulator.record().at(-1)).toMatchObject({ operation: "codeAssistStream", stream: true });
  });

  it("writes an event on several data lines when a fault says so", async () => {
    emulator.fault({ match: { surface: "code-assist" }, do: { dataLines: true } });
    const response = await callMethod(emulator, "streamGenerateContent", {
      token,
      body: envelope("hi"),
      query: "?alt=sse",
    });
    const [first = ""] = (await response.text()).split("\r\n\r\n");
    const lines = first.split("\r\n");
    expect(lines.length).toBeGreaterThan(5);
    expect(JSON.parse(lines.map((line) => line.replace("data: ", "")).join("\n"))).toHaveProperty("response");
  });

  it.each([
    ["an unknown name", { extra: 1 }, {}, 'Unknown name "extra"'],
    ["an unknown name inside", {}, { store: false }, "Unknown name \"store\" at 'request'"],
    ["a setting beyond the list", {}, { generationConfig: { imageConfig: {} } }, "at 'request.generation_config'"],
    [
      "a JSON Schema for parameters",
      {},
      { tools: [{ functionDeclarations: [{ name: "f", parametersJsonSchema: { type: "object" } }] }] },
      "Unknown name \"parametersJsonSchema\" at 'request.tools[0].function_declarations[0]'",
    ],
    ["a content without role", {}, { contents: [{ parts: [{ text: "x" }] }] }, "Please use a valid role"],
  ])("refuses %s", async (_, more, request, words) => {
    const { status, body } = await generate(more, request);
    expect(status).toBe(400);
    expect(at(body, "error.message")).toContain(words);
  });

  it("wants the account's project and a model without models/", async () => {
    expect((await generate({ project: "another" })).status).toBe(403);
    expect((await generate({ project: undefined })).status).toBe(403);
    expect((await generate({ model: "models/gemini-2.5-pro" })).status).toBe(404);
    expect((await generate({ model: "gemini-9" })).body).toMatchObject({
      error: { code: 404, message: "Requested entity was not found." },
    });
    expect((await generate({ model: "gemini-3-flash" })).status).toBe(200);
  });

  it("counts the tokens of contents, with models/, and of nothing else", async () => {
    const contents = [{ role: "user", parts: [{ text: "12345678" }] }];
    const count = (request: object): Promise<JsonReply> => ask("countTokens", { request });
    expect(await count({ model: "models/gemini-2.5-pro", contents })).toEqual({
      status: 200,
      body: { totalTokens: 2 },
    });
    expect((await count({ model: "gemini-2.5-pro", contents })).status).toBe(400);
    expect((await count({ model: "models/gemini-2.5-pro", generateContentRequest: { contents } })).status).toBe(400);
  });

  it("has no embeddings", async () => {
    const response = await callMethod(emulator, "embedContent", { token, body: {} });
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toContain("text/html");
  });

  it("binds signatures to the account", async () => {
    const tools = [{ functionDeclarations: [{ name: "get" }] }];
    const model = "gemini-3.1-pro-preview";
    const asked = { role: "user", parts: [{ text: "call get" }] };
    const first = await generate({ model }, { contents: [asked], tools });
    const called = at(first.body, "response.candidates.0.content");
    const id = at(called, "parts.0.functionCall.id");
    const result = { role: "user", parts: [{ functionResponse: { id, name: "get", response: {} } }] };
    const body = envelope("", { model }, { contents: [asked, called, result], tools });
    expect((await ask("generateContent", body)).status).toBe(200);
    const bob = await login(emulator, "1//bob");
    const foreign = await askMethod(emulator, "generateContent", { token: bob, body });
    expect(foreign.body).toMatchObject({ error: { message: "Corrupted thought signature." } });
  });

  it("goes on with a long answer by its token", async () => {
    emulator.script({ parts: [{ text: "one" }], finishReason: "CONTINUATION" }, { parts: [{ text: "two" }] });
    const first = await generate({ model: "gemini-4-neon" });
    const continuationToken = at(first.body, "response.candidates.0.continuationToken");
    const second = await generate({ model: "gemini-4-neon" }, { continuationToken });
    expect(at(second.body, "response.candidates.0.content.parts.0.text")).toBe("two");
  });
});

describe("who may call", () => {
  it("is who has an access token that is good: API keys, expired and revoked ones are a 401", async () => {
    const body = envelope("hi");
    const bare = await fetch(`${emulator.url}/v1internal:generateContent`, {
      method: "POST",
      headers: { "x-goog-api-key": "AQ.key" },
      body: JSON.stringify(body),
    });
    expect(bare.status).toBe(401);
    emulator.advance(3_598_999);
    expect((await generate()).status).toBe(200);
    emulator.advance(1);
    const expired = await generate();
    expect(expired.status).toBe(401);
    expect(at(expired.body, "error.message")).toMatch(
      /^Request had invalid authentication credentials\. Expected OAuth 2/,
    );
    expect(emulator.record().at(-1)).toMatchObject({ account: "ada@example.com", status: 401 });
    token = await login(emulator);
    become({ state: "revoked" });
    expect((await generate()).status).toBe(401);
  });

  it("a stream's error comes as a list before the first byte, typed as JSON", async () => {
    emulator.expireTokens();
    const response = await callMethod(emulator, "streamGenerateContent", {
      token,
      body: envelope("hi"),
      query: "?alt=sse",
    });
    expect(response.headers.get("content-type")).toContain("application/json");
    expect(await response.json()).toMatchObject([{ error: { code: 401, status: "UNAUTHENTICATED" } }]);
  });

  it.each([
    ["no-licence", "SUBSCRIPTION_REQUIRED"],
    ["unsupported-client", "SUBSCRIPTION_REQUIRED"],
    ["validation-required", "VALIDATION_REQUIRED"],
  ] as const)("is not an account that is %s", async (state, reason) => {
    become({ state });
    const refused = await generate();
    expect(refused.status).toBe(403);
    expect(reasonOf(refused)).toBe(reason);
  });
});

describe("setting up", () => {
  const load = (body: object = { metadata: { pluginType: "GEMINI" } }): Promise<JsonReply> =>
    ask("loadCodeAssist", body);

  it("tells tier and project, or only the tier", async () => {
    expect((await load()).body).toMatchObject({
      currentTier: { id: "standard-tier" },
      cloudaicompanionProject: "ada-project",
    });
    expect((await load({ cloudaicompanionProject: "another" })).status).toBe(403);
    expect((await load({ surprise: 1 })).status).toBe(400);
    become({ tellsProject: false, tier: "enterprise-tier" });
    const { body } = await load();
    expect(body).toMatchObject({ currentTier: { id: "enterprise-tier" } });
    expect(body).not.toHaveProperty("cloudaicompanionProject");
  });

  it("names what stands in the way", async () => {
    become({ state: "unsupported-client" });
    const unsupported = (await load()).body;
    expect(unsupported).toMatchObject({ ineligibleTiers: [{ reasonCode: "UNSUPPORTED_CLIENT" }] });
    expect(unsupported).not.toHaveProperty("currentTier");
    become({ state: "validation-required" });
    expect(at((await load()).body, "ineligibleTiers.0.validationUrl")).toMatch(/^https:/);
    become({ state: "vpc-sc" });
    const prohibited = await load();
    expect(prohibited.status).toBe(403);
    expect(at(prohibited.body, "error.details.1.reason")).toBe("SECURITY_POLICY_VIOLATED");
    expect((await generate()).status).toBe(200);
  });

  it("onboards by an operation that takes its time", async () => {
    become({ state: "not-onboarded", onboardMs: 5_000 });
    expect((await load()).body).toMatchObject({ allowedTiers: [{ id: "standard-tier", isDefault: true }, {}] });
    expect((await generate()).status).toBe(403);
    expect((await ask("onboardUser", { tierId: "standard-tier" })).status).toBe(400);
    const started = await ask("onboardUser", { tierId: "standard-tier", cloudaicompanionProject: "ada-project" });
    expect(started.body).toEqual({ name: expect.stringMatching(/^operations\//), done: false });
    const poll = async (): Promise<unknown> =>
      (
        await fetch(`${emulator.url}/v1internal/${String(started.body["name"])}`, {
          headers: { authorization: `Bearer ${token}` },
        })
      ).json();
    expect(await poll()).toMatchObject({ done: false });
    emulator.advance(5_000);
    expect(await poll()).toMatchObject({ done: true, response: { cloudaicompanionProject: { id: "ada-project" } } });
    expect((await generate()).status).toBe(200);
    expect(emulator.totals().byAccount["ada@example.com"]?.byOperation).toMatchObject({
      onboardUser: 2,
      codeAssistOperation: 2,
    });
  });

  it("onboards free accounts without a project, and refuses one", async () => {
    become({ state: "not-onboarded", tier: "free-tier", onboardMs: 0 });
    const named = await ask("onboardUser", { tierId: "free-tier", cloudaicompanionProject: "ada-project" });
    expect(named.body).toMatchObject({ error: { status: "FAILED_PRECONDITION" } });
    expect((await ask("onboardUser", { tierId: "free-tier" })).body).toMatchObject({ done: true });
  });

  it("answers what the programs ask besides", async () => {
    const project = "ada-project";
    expect((await ask("fetchAdminControls", { project })).body).toHaveProperty("adminControlsApplicable", true);
    expect((await ask("listExperiments", { project, metadata: {} })).body).toEqual({ experimentIds: [], flags: [] });
    expect((await ask("recordCodeAssistMetrics", { project, metrics: [] })).body).toEqual({});
    expect((await ask("listExperiments", { project: "another" })).status).toBe(403);
    await ask("setCodeAssistGlobalUserSetting", {
      cloudaicompanionProject: project,
      freeTierDataCollectionOptin: true,
    });
    expect((await ask("getCodeAssistGlobalUserSetting")).body).toEqual({
      cloudaicompanionProject: project,
      freeTierDataCollectionOptin: true,
    });
  });
});

describe("quota", () => {
  it("is the account's: what is left is told, and what is over is refused", async () => {
    become({ quotas: { "gemini-2.5-pro": { requestsPerDay: 2, requestsPerMinute: null } } });
    const left = async (): Promise<unknown> => {
      const { body } = await ask("retrieveUserQuota", { project: "ada-project" });
      return (body["buckets"] as { modelId: string }[]).find(({ modelId }) => modelId === "gemini-2.5-pro");
    };
    await generate();
    expect(await left()).toEqual({
      remainingAmount: "1",
      remainingFraction: 0.5,
      resetTime: "2026-09-22T07:00:00Z",
      tokenType: "REQUESTS",
      modelId: "gemini-2.5-pro",
    });
    await generate();
    const refused = await generate();
    expect(refused.status).toBe(429);
    expect(at(refused.body, "error.message")).toBe(
      "You have exhausted your capacity on this model. Your quota will reset after 16h46m40s.",
    );
    expect(at(refused.body, "error.details")).toEqual([
      {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        reason: "QUOTA_EXHAUSTED",
        domain: "cloudcode-pa.googleapis.com",
        metadata: {
          uiMessage: "true",
          model: "gemini-2.5-pro",
          quotaResetDelay: "16h46m40s",
          quotaResetTimeStamp: "2026-09-22T07:00:00Z",
        },
      },
      { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "60400s" },
    ]);
    const bob = await login(emulator, "1//bob");
    expect((await askMethod(emulator, "generateContent", { token: bob, body: envelope("hi") })).status).toBe(200);
    emulator.advance(Date.parse("2026-09-22T07:00:00Z") - NOW);
    token = await login(emulator);
    expect((await generate()).status).toBe(200);
  });

  it("of a minute is a rate limit with its delay", async () => {
    become({ quotas: { "*": { requestsPerMinute: 1 } } });
    await generate();
    emulator.advance(20_000);
    const refused = await generate();
    expect(reasonOf(refused)).toBe("RATE_LIMIT_EXCEEDED");
    expect(at(refused.body, "error.details.1.retryDelay")).toBe("40s");
  });

  it.each([
    ["code-assist-quota-exhausted-comma", 429, "cloudcode-pa.googleapis.com,"],
    ["code-assist-rate-limit", 429, "cloudcode-pa.googleapis.com"],
    ["code-assist-capacity-503", 503, "cloudcode-pa.googleapis.com"],
    ["code-assist-no-licence", 403, "cloudaicompanion.googleapis.com"],
  ] as const)("and %s come on command", async (error, status, domain) => {
    emulator.fault({ match: { surface: "code-assist", model: "gemini-2.5-pro" }, do: { error } });
    const refused = await generate();
    expect(refused.status).toBe(status);
    expect(at(refused.body, "error.details.0.domain")).toBe(domain);
  });
});
