import { afterEach, describe, expect, it } from "vitest";

import type { Emulator } from "../emulator.ts";
import { DEFAULT_KEY, startEmulator } from "../emulator.ts";
import { at } from "../test-client.ts";
import type { EmulatorOptions, ProjectConfig } from "../types.ts";
import type { LiveClient } from "./test-client.ts";
import { dial, LIVE_MODEL, open, say, textOf } from "./test-client.ts";

const running: Emulator[] = [];
const start = async (options: EmulatorOptions = {}): Promise<Emulator> => {
  const emulator = await startEmulator(options);
  running.push(emulator);
  return emulator;
};
afterEach(async () => {
  await Promise.all(running.splice(0).map((emulator) => emulator.close()));
});

const project = (id: number, more: Partial<ProjectConfig> = {}): ProjectConfig => ({
  id: `projects/${id}`,
  keys: [{ key: `AQ.key-of-${id}` }],
  tier: "unlimited",
  ...more,
});
const setUp = async (emulator: Emulator, key: string, setup: Record<string, unknown> = {}): Promise<LiveClient> => {
  const client = await dial(emulator, { key });
  client.send({
    setup: { model: `models/${LIVE_MODEL}`, generationConfig: { responseModalities: ["TEXT"] }, ...setup },
  });
  return client;
};
const QUOTA_WORDS =
  "You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: h";

describe("resumption", () => {
  /** Talks once and gives back the handle. */
  const talk = async (emulator: Emulator, key = "AQ.key-of-1"): Promise<string> => {
    const client = await open(emulator, { sessionResumption: {} }, { key });
    client.send(say("remember the milk"));
    await client.until("turnComplete");
    const update = await client.next();
    expect(update["sessionResumptionUpdate"]).toMatchObject({ resumable: true });
    await client.closed(1000);
    return String(at(update, "sessionResumptionUpdate.newHandle"));
  };

  it("brings the context back, more than once, for any key of the project", async () => {
    const keys = [{ key: "AQ.key-of-1" }, { key: "AQ.other" }];
    const emulator = await start({ projects: [project(1, { keys })] });
    const handle = await talk(emulator);
    for (const key of ["AQ.key-of-1", "AQ.other"]) {
      const client = await open(emulator, { sessionResumption: { handle } }, { key });
      client.send(say("1234"));
      const messages = await client.until("turnComplete");
      expect(messages.at(-1)?.["usageMetadata"]?.["promptTokenCount"]).toBeGreaterThan(20);
      await client.closed(1000);
    }
  });

  it("is refused to another project, and to everybody after two hours", async () => {
    const emulator = await start({ projects: [project(1), project(2)] });
    const handle = await talk(emulator);
    const foreign = await setUp(emulator, "AQ.key-of-2", { sessionResumption: { handle } });
    expect(await foreign.closed()).toEqual({ code: 1008, reason: "BidiGenerateContent session not found" });
    emulator.advance(2 * 3_600_000 - 60_000);
    await open(emulator, { sessionResumption: { handle } }, { key: "AQ.key-of-1" });
    emulator.advance(60_000);
    const late = await setUp(emulator, "AQ.key-of-1", { sessionResumption: { handle } });
    expect(await late.closed()).toEqual({ code: 1008, reason: "BidiGenerateContent session not found" });
  });

  it("is not possible while functions run, and counts the client's messages when asked", async () => {
    const tools = [{ functionDeclarations: [{ name: "lookUp" }] }];
    const client = await open(await start(), { tools, sessionResumption: { transparent: true } });
    client.send(say("call lookUp"));
    const id = at((await client.until("toolCall")).at(-1), "toolCall.functionCalls.0.id");
    expect(await client.next()).toEqual({ sessionResumptionUpdate: {} });
    client.send({ toolResponse: { functionResponses: [{ id, name: "lookUp", response: {} }] } });
    const last = (await client.until("sessionResumptionUpdate")).at(-1);
    expect(last?.["sessionResumptionUpdate"]).toMatchObject({ resumable: true, lastConsumedClientMessageIndex: "3" });
  });

  it("keeps the model", async () => {
    const emulator = await start({ projects: [project(1)] });
    const handle = await talk(emulator);
    const model = "models/gemini-2.5-flash-native-audio";
    const client = await setUp(emulator, "AQ.key-of-1", { model, sessionResumption: { handle } });
    expect(await client.closed()).toMatchObject({ code: 1007 });
  });
});

describe("the life of a connection", () => {
  it("ends with goAway, and with 1008 should the client stay", async () => {
    const emulator = await start({ live: { goAwayMs: 30_000 } });
    const client = await open(emulator);
    emulator.advance(575_000);
    const [message] = await client.until("goAway");
    expect(at(message, "goAway.timeLeft")).toMatch(/^2\d(\.\d+)?s$/);
    client.send(say("still here"));
    expect(textOf(await client.until("turnComplete"))).toContain("still here");
    emulator.advance(25_000);
    const words = `Connection aborted because the client failed to close the connection after receiving a GoAway signal once the session duration expired`;
    expect(await client.closed()).toEqual({ code: 1008, reason: words.slice(0, 123) });
  });

  it("can be short in real time", async () => {
    const client = await open(await start({ live: { connectionMs: 1_500, goAwayMs: 700 } }));
    expect(await client.next()).toMatchObject({ goAway: { timeLeft: expect.stringMatching(/^0\.\d+s$/) } });
    expect(await client.closed()).toMatchObject({ code: 1008 });
  });

  it("ends with 1001 when the emulator closes", async () => {
    const emulator = await startEmulator();
    const client = await open(emulator);
    await emulator.close();
    expect(await client.closed()).toMatchObject({ code: 1001 });
    expect(emulator.record()).toMatchObject([{ operation: "bidiGenerateContent", outcome: "closed" }]);
  });
});

describe("limits of a project", () => {
  it("hold for sessions at once, by tier or option; a place is free again when a session ends", async () => {
    const emulator = await start({ projects: [project(1, { tier: "free" }), project(2)] });
    const clients = [];
    for (let count = 0; count < 3; count++) clients.push(await open(emulator, {}, { key: "AQ.key-of-1" }));
    const refused = await setUp(emulator, "AQ.key-of-1");
    expect(await refused.closed()).toEqual({ code: 1011, reason: QUOTA_WORDS });
    await open(emulator, {}, { key: "AQ.key-of-2" });
    await clients[0]?.closed(1000);
    await open(emulator, {}, { key: "AQ.key-of-1" });
    const narrow = await start({ live: { sessionsPerProject: 1 } });
    await open(narrow);
    expect(await (await setUp(narrow, DEFAULT_KEY)).closed()).toMatchObject({ code: 1011 });
  });

  it("count a session as a request of its model", async () => {
    const emulator = await start({ projects: [project(1, { quotas: { [LIVE_MODEL]: { requestsPerMinute: 1 } } })] });
    const client = await open(emulator, {}, { key: "AQ.key-of-1" });
    client.send(say("turns do not count"));
    await client.until("turnComplete");
    expect(await (await setUp(emulator, "AQ.key-of-1")).closed()).toEqual({ code: 1011, reason: QUOTA_WORDS });
    emulator.advance(60_001);
    await open(emulator, {}, { key: "AQ.key-of-1" });
  });

  it("end a session whose turns read more tokens than a minute has", async () => {
    const emulator = await start({ projects: [project(1, { quotas: { "*": { inputTokensPerMinute: 30 } } })] });
    const client = await open(emulator, {}, { key: "AQ.key-of-1" });
    client.send(say("12345678"));
    await client.until("turnComplete");
    client.send(say("again"));
    expect(await client.closed()).toEqual({ code: 1011, reason: QUOTA_WORDS });
    const [, turn, session] = emulator.record();
    expect(turn).toMatchObject({ operation: "liveTurn", status: 429, errorStatus: "RESOURCE_EXHAUSTED", usage: null });
    expect(session).toMatchObject({ status: 101, errorStatus: "RESOURCE_EXHAUSTED", live: { closeCode: 1011 } });
  });
});

describe("memory", () => {
  it("is bounded: a larger message is closed with 1009", async () => {
    const client = await open(await start({ live: { maxMessageBytes: 1_000 } }));
    client.send(say("x".repeat(2_000)));
    expect(await client.closed()).toMatchObject({ code: 1009 });
  });

  it("is bounded: more sessions than the emulator takes are answered 503", async () => {
    const emulator = await start({ live: { maxSessions: 1 } });
    await open(emulator);
    const client = await dial(emulator);
    expect(await client.closed()).toMatchObject({ code: 1006 });
    expect(emulator.record()).toMatchObject([{ status: 503 }]);
  });
});
