import type { IncomingMessage } from "node:http";
import { get } from "node:http";

import { afterAll, describe, expect, it } from "vitest";

import type { Emulator } from "../emulator.ts";
import { DEFAULT_KEY, startEmulator } from "../emulator.ts";
import { at, call } from "../test-client.ts";
import type { LiveClient, LiveDial } from "./test-client.ts";
import { dial, dialRaw, LIVE_MODEL, liveUrl, open, say, TEXT, textOf } from "./test-client.ts";

const OTHER = "AQ.of-another-project";
const emulator = await startEmulator({
  projects: [
    {
      id: "projects/1001",
      keys: [{ key: DEFAULT_KEY }, { key: "AIzaLeaked", state: "leaked" }, { key: "AIzaOld", state: "expired" }],
      tier: "unlimited",
    },
    { id: "projects/1002", keys: [{ key: OTHER }], tier: "unlimited" },
  ],
});
const strict = await startEmulator({ live: { refusal: "http" } });
afterAll(() => Promise.all([emulator.close(), strict.close()]));

const mint = async (from: Emulator, body: unknown = {}, key = DEFAULT_KEY): Promise<string> => {
  const response = await call(from, { path: "/v1alpha/auth_tokens", body, key });
  expect(response.status).toBe(200);
  const token = (await response.json()) as { name: string };
  expect(Object.keys(token)).toEqual(["name"]);
  expect(token.name).toMatch(/^auth_tokens\/\w{40,}$/);
  return token.name;
};
const withToken = (token: string): LiveDial => ({ token, version: "v1alpha" });
const setUp = async (token: string, setup: Record<string, unknown> = {}): Promise<LiveClient> => {
  const client = await dial(emulator, withToken(token));
  client.send({ setup: { model: `models/${LIVE_MODEL}`, ...TEXT, ...setup } });
  return client;
};

describe("a key opens a session", () => {
  it("as ?key=, under any version", async () => {
    for (const version of ["v1", "v1beta", "v1alpha"]) {
      const client = await open(emulator, {}, { version });
      await client.closed(1000);
    }
    expect(emulator.record().at(-1)).toMatchObject({ credential: "query", key: DEFAULT_KEY, project: "projects/1001" });
  });

  it("as x-goog-api-key", async () => {
    const raw = await dialRaw(emulator, { key: false, headers: { "x-goog-api-key": DEFAULT_KEY } });
    expect(raw.head).toMatch(/^HTTP\/1\.1 101 /);
    expect(raw.head).not.toMatch(/sec-websocket-extensions/i);
    raw.destroy();
  });
});

describe("a bad credential", () => {
  const LEAKED = "Your API key was reported as leaked. Please use another API key.";
  it.each<[string, LiveDial, number, RegExp]>([
    ["a wrong AIza key", { key: "AIzaWrong" }, 1007, /^API key not valid\. Please pass a valid API key\.$/],
    ["a wrong AQ. key", { key: "AQ.wrong" }, 1007, /^Request had invalid authentication credentials\./],
    ["an expired key", { key: "AIzaOld" }, 1007, /^API key expired\. Please renew the API key\.$/],
    ["a leaked key", { key: "AIzaLeaked" }, 1008, new RegExp(`^${LEAKED}$`)],
    ["no key", { key: false }, 1008, /^Method doesn't allow unregistered callers/],
    ["an unknown token", { token: "auth_tokens/none" }, 1007, /^Auth token is invalid or expired\.$/],
    ["a token as a key", { key: "auth_tokens/none" }, 1007, /^Request had invalid/],
  ])("(%s) is told by a close after the upgrade", async (_, options, code, words) => {
    const end = await (await dial(emulator, options)).closed();
    expect(end.code).toBe(code);
    expect(end.reason).toMatch(words);
  });

  it("in two places is one too many", async () => {
    const raw = await dialRaw(emulator, { headers: { "x-goog-api-key": DEFAULT_KEY } });
    expect(await raw.next()).toMatchObject({
      kind: "close",
      code: 1007,
      reason: expect.stringMatching(/Multiple authentication/),
    });
  });

  it("is told by an HTTP error instead of the upgrade, when the emulator is told so", async () => {
    const raw = await dialRaw(strict, { key: "AIzaWrong" });
    expect(raw.head).toMatch(/^HTTP\/1\.1 400 /);
    expect(await raw.next()).toBeNull();
    expect((await dialRaw(strict, { key: "AQ.wrong" })).head).toMatch(/^HTTP\/1\.1 401 /);
    expect(strict.record().map(({ status }) => status)).toEqual([400, 401]);
  });
});

describe("an ephemeral token", () => {
  it("opens one session of its maker's project, in the query or a header", async () => {
    const token = await mint(emulator, {}, OTHER);
    const client = await setUp(token);
    expect(await client.next()).toEqual({ setupComplete: {} });
    await client.closed(1000);
    const last = emulator.record().at(-1);
    expect(last).toMatchObject({ credential: "token", key: token, project: "projects/1002" });
    expect(await (await setUp(token)).closed()).toMatchObject({ code: 1007 });
    const again = await mint(emulator);
    const method = "BidiGenerateContentConstrained";
    const raw = await dialRaw(emulator, { key: false, method, headers: { authorization: `Token ${again}` } });
    raw.frame(1, JSON.stringify({ setup: { model: LIVE_MODEL } }));
    expect(await raw.next()).toMatchObject({ kind: "message" });
    raw.destroy();
  });

  it("opens as many sessions as it was made for, 0 being any number", async () => {
    const twice = await mint(emulator, { uses: 2 });
    const always = await mint(emulator, { uses: 0 });
    for (let count = 0; count < 2; count++) {
      expect(await (await setUp(twice)).next()).toHaveProperty("setupComplete");
      expect(await (await setUp(always)).next()).toHaveProperty("setupComplete");
    }
    expect(await (await setUp(twice)).closed()).toMatchObject({ code: 1007 });
    expect(await (await setUp(always)).next()).toHaveProperty("setupComplete");
  });

  it("is not used up by resuming a session", async () => {
    const token = await mint(emulator);
    const client = await setUp(token, { sessionResumption: {} });
    client.send(say("hi"));
    const [update] = (await client.until("sessionResumptionUpdate")).slice(-1);
    const handle = at(update, "sessionResumptionUpdate.newHandle");
    expect(await (await setUp(token, { sessionResumption: { handle } })).next()).toHaveProperty("setupComplete");
  });

  it("opens sessions for a minute and carries them for half an hour", async () => {
    const own = await startEmulator();
    const token = await mint(own, { uses: 0 });
    const client = await open(own, {}, withToken(token));
    own.advance(60_000);
    const late = await dial(own, withToken(token));
    late.send({ setup: { model: LIVE_MODEL } });
    expect(await late.closed()).toMatchObject({ code: 1007, reason: expect.stringMatching(/can no longer start/) });
    client.send(say("in time"));
    await client.until("turnComplete");
    await own.close();
    const longer = await startEmulator({ live: { connectionMs: 86_400_000 } });
    const other = await open(longer, {}, withToken(await mint(longer)));
    longer.advance(30 * 60_000);
    other.send(say("too late"));
    expect(await other.closed()).toMatchObject({ code: 1007, reason: expect.stringMatching(/expired/) });
    await longer.close();
  });

  it("locks the setup it was made with: all of it, or the fields of its mask", async () => {
    const bidiGenerateContentSetup = {
      model: `models/${LIVE_MODEL}`,
      generationConfig: { responseModalities: ["TEXT"], maxOutputTokens: 3 },
    };
    const whole = await dial(emulator, withToken(await mint(emulator, { bidiGenerateContentSetup })));
    whole.send({ setup: { model: "models/other", generationConfig: { maxOutputTokens: 999 } } });
    expect(await whole.next()).toHaveProperty("setupComplete");
    whole.send(say("hello"));
    expect(textOf(await whole.until("turnComplete"))).toBe("You said: “h");
    const fieldMask = "generation_config.max_output_tokens,systemInstruction";
    const masked = await dial(emulator, withToken(await mint(emulator, { bidiGenerateContentSetup, fieldMask })));
    const systemInstruction = { parts: [{ text: "12345678" }] };
    const generationConfig = { responseModalities: ["TEXT"], maxOutputTokens: 999 };
    masked.send({ setup: { model: LIVE_MODEL, generationConfig, systemInstruction } });
    expect(await masked.next()).toHaveProperty("setupComplete");
    masked.send(say("1234"));
    const messages = await masked.until("turnComplete");
    expect(messages.at(-1)?.["usageMetadata"]?.["responseTokenCount"]).toBe(3);
    expect(messages.at(-1)?.["usageMetadata"]?.["promptTokenCount"]).toBe(1);
  });

  it("is refused outside Live with 401, and outside the constrained method with 1008", async () => {
    const token = await mint(emulator);
    const path = `/v1alpha/models/gemini-3.8-flash:generateContent`;
    const body = { contents: [{ parts: [{ text: "hi" }] }] };
    const attempts = [
      call(emulator, { path, body, key: token }),
      call(emulator, { path, body, key: false, headers: { authorization: `Token ${token}` } }),
      call(emulator, { path: `${path}?access_token=${token}`, body, key: false }),
    ];
    for (const response of await Promise.all(attempts)) expect(response.status).toBe(401);
    const client = await dial(emulator, { token, method: "BidiGenerateContent" });
    expect(await client.closed()).toMatchObject({ code: 1008 });
  });

  it.each([
    ["an expiry in the past", { expireTime: "2001-01-01T00:00:00Z" }],
    ["an expiry beyond 20 hours", { expireTime: new Date(Date.now() + 21 * 3_600_000).toISOString() }],
    ["a time that is none", { newSessionExpireTime: "soon" }],
    ["negative uses", { uses: -1 }],
    ["an unknown field", { use: 1 }],
  ])("is not made with %s", async (_, body) => {
    const response = await call(emulator, { path: "/v1alpha/auth_tokens", body });
    expect(response.status).toBe(400);
  });
});

describe("the handshake", () => {
  it("is answered 404 for a path nobody serves, and 400 without its headers", async () => {
    expect((await dialRaw(emulator, { method: "BidiNothing" })).head).toMatch(/^HTTP\/1\.1 404 [^]*<!DOCTYPE html>/);
    const bad = await dialRaw(emulator, { headers: { "Sec-WebSocket-Version": "8" } });
    expect(bad.head).toMatch(/^HTTP\/1\.1 400 /);
    expect((await fetch(liveUrl(emulator).replace("ws:", "http:"))).status).toBe(404);
  });

  it("is answered at a path that begins with two slashes, as the js SDK writes it", async () => {
    const raw = await dialRaw(emulator, { prefix: "/" });
    expect(raw.head).toMatch(/^HTTP\/1\.1 101 /);
    raw.destroy();
  });

  it("leaves other offers to upgrade alone", async () => {
    const headers = { "x-goog-api-key": DEFAULT_KEY, connection: "Upgrade, HTTP2-Settings", upgrade: "h2c" };
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      get(`${emulator.url}/v1beta/models?pageSize=1`, { headers }, resolve).on("error", reject);
    });
    expect(answer.statusCode).toBe(200);
    answer.resume();
  });
});
