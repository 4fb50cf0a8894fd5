/** @module Tests of the authentication matrix and of keys and projects in trouble, over real HTTP. */

import { afterAll, describe, expect, it } from "vitest";

import type { KeyState, ProjectState } from "./emulator.ts";
import { DEFAULT_KEY, startEmulator } from "./emulator.ts";
import { at, call, prompt, to } from "./test-client.ts";

const emulator = await startEmulator();
afterAll(() => emulator.close());

const native = to("gemini-2.5-flash");
const openai = "/v1beta/openai/chat/completions";
const chat = { model: "gemini-2.5-flash", messages: [{ role: "user", content: "hi" }] };

const ask = async (
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: unknown; message: unknown; reason: unknown }> => {
  const response = await call(emulator, {
    path,
    headers,
    key: false,
    body: path.includes("openai") ? chat : prompt("hi"),
  });
  const parsed: unknown = await response.json();
  const body = Array.isArray(parsed) ? (parsed[0] as unknown) : parsed;
  return {
    status: response.status,
    body,
    message: at(body, "error.message"),
    reason: at(body, "error.details.0.reason"),
  };
};

describe("native surface", () => {
  it("takes the key in the header or the query", async () => {
    expect((await ask(native, { "x-goog-api-key": DEFAULT_KEY })).status).toBe(200);
    expect((await ask(`${native}?key=${DEFAULT_KEY}`)).status).toBe(200);
  });

  it("answers 403 without any credential", async () => {
    const { status, message } = await ask(native);
    expect(status).toBe(403);
    expect(message).toContain("Method doesn't allow unregistered callers");
  });

  it("answers 400 to a key in two places", async () => {
    for (const [path, headers] of [
      [`${native}?key=${DEFAULT_KEY}`, { "x-goog-api-key": DEFAULT_KEY }],
      [native, { "x-goog-api-key": DEFAULT_KEY, authorization: `Bearer ${DEFAULT_KEY}` }],
      [openai, { "x-goog-api-key": DEFAULT_KEY, authorization: `Bearer ${DEFAULT_KEY}` }],
    ] as const) {
      const { status, message } = await ask(path, headers);
      expect(status).toBe(400);
      expect(message).toBe("Multiple authentication credentials received. Please pass only one.");
    }
  });

  it("answers 400 API_KEY_INVALID to a bad AIza key, with the key in DebugInfo", async () => {
    const { status, reason, body } = await ask(native, { "x-goog-api-key": "AIzaBad" });
    expect([status, reason]).toEqual([400, "API_KEY_INVALID"]);
    expect(at(body, "error.details.2.detail")).toBe("Invalid API key: AIzaBad");
  });

  it("answers 401 ACCESS_TOKEN_TYPE_UNSUPPORTED to a bad AQ. key", async () => {
    const { status, reason, body } = await ask(native, { "x-goog-api-key": "AQ.bad" });
    expect([status, reason]).toEqual([401, "ACCESS_TOKEN_TYPE_UNSUPPORTED"]);
    expect(at(body, "error.status")).toBe("UNAUTHENTICATED");
  });

  it("answers 401 to an API key as Bearer", async () => {
    const { status, reason } = await ask(native, { authorization: `Bearer ${DEFAULT_KEY}` });
    expect([status, reason]).toEqual([401, "API_KEY_SERVICE_BLOCKED"]);
    expect((await ask(native, { authorization: "Bearer ya29.x" })).status).toBe(401);
  });
});

describe("OpenAI surface", () => {
  it("takes the key as Bearer only, and wraps its errors in a list", async () => {
    expect((await ask(openai, { authorization: `Bearer ${DEFAULT_KEY}` })).status).toBe(200);
    for (const headers of [{}, { "x-goog-api-key": DEFAULT_KEY }]) {
      const { status, message } = await ask(openai, headers);
      expect([status, message]).toEqual([400, "Missing or invalid Authorization header."]);
    }
    const wrong = await call(emulator, { path: openai, key: "AQ.bad", body: chat });
    const text = await wrong.text();
    expect(wrong.status).toBe(400);
    expect(text).toMatch(/^\[\{\n {2}"error": \{\n/);
    expect(text.endsWith("}\n]\n")).toBe(true);
    expect(at(JSON.parse(text), "0.error.message")).toBe("Invalid Auth key.");
  });
});

describe("keys in trouble", () => {
  const key = "AIzaTroubled";
  it.each<[KeyState, number, string, string | undefined]>([
    ["invalid", 400, "API key not valid. Please pass a valid API key.", "API_KEY_INVALID"],
    ["expired", 400, "API key expired. Please renew the API key.", "API_KEY_INVALID"],
    ["leaked", 403, "Your API key was reported as leaked. Please use another API key.", undefined],
    ["suspended", 403, `Permission denied: Consumer 'api_key:${key}' has been suspended.`, "CONSUMER_SUSPENDED"],
    ["restricted", 403, "Requests to this API generativelanguage.googleapis.com method", "API_KEY_SERVICE_BLOCKED"],
    ["referrer-blocked", 403, "Requests from referer <empty> are blocked.", "API_KEY_HTTP_REFERRER_BLOCKED"],
    ["ip-blocked", 403, "IP address restriction", "API_KEY_IP_ADDRESS_BLOCKED"],
  ])("%s: %i", async (state, status, words, reason) => {
    emulator.setProject({ id: "projects/7", keys: [{ key, state }] });
    const answer = await ask(native, { "x-goog-api-key": key });
    expect([answer.status, answer.reason]).toEqual([status, reason]);
    expect(answer.message).toContain(words);
  });

  it("never puts the key of a healthy answer into its body", async () => {
    const { body } = await ask(native, { "x-goog-api-key": DEFAULT_KEY });
    expect(JSON.stringify(body)).not.toContain(DEFAULT_KEY);
  });
});

describe("projects in trouble", () => {
  it.each<[ProjectState, number, string]>([
    ["service-disabled", 403, "Generative Language API has not been used in project 8 before or it is disabled."],
    ["denied", 403, "Your project has been denied access. Please contact support."],
    ["prepaid-depleted", 429, "Your prepayment credits are depleted."],
    ["spending-cap", 429, "Your project has exceeded its monthly spending cap."],
    ["billing-spending-cap", 429, "Your billing account has exceeded its monthly spending cap"],
    ["location-unsupported", 400, "User location is not supported for the API use."],
  ])("%s: %i on both surfaces", async (state, status, words) => {
    emulator.setProject({ id: "projects/8", keys: [{ key: "AQ.p8" }], state });
    for (const answer of [
      await ask(native, { "x-goog-api-key": "AQ.p8" }),
      await ask(openai, { authorization: "Bearer AQ.p8" }),
    ]) {
      expect(answer.status).toBe(status);
      expect(answer.message).toContain(words);
      expect(JSON.stringify(answer.body)).not.toContain("QuotaFailure");
    }
  });

  it("serves again when the project is set right", async () => {
    emulator.setProject({ id: "projects/8", keys: [{ key: "AQ.p8" }] });
    expect((await ask(native, { "x-goog-api-key": "AQ.p8" })).status).toBe(200);
  });

  it("lists models to those who cannot pay", async () => {
    emulator.setProject({ id: "projects/8", keys: [{ key: "AQ.p8" }], state: "prepaid-depleted" });
    expect((await call(emulator, { path: "/v1beta/models", key: "AQ.p8" })).status).toBe(200);
    emulator.setProject({ id: "projects/8", keys: [{ key: "AQ.p8" }], state: "denied" });
    expect((await call(emulator, { path: "/v1beta/models", key: "AQ.p8" })).status).toBe(403);
  });

  it("refuses a misspelt state", () => {
    const state = "dennied" as ProjectState;
    expect(() => emulator.setProject({ id: "projects/8", keys: [], state })).toThrow("Unknown project state: dennied");
  });

  it("refuses a key of two projects", () => {
    expect(() => emulator.setProject({ id: "projects/9", keys: [{ key: DEFAULT_KEY }] })).toThrow("Key is already of");
  });
});
