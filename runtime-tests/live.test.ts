/**
 * Live sessions through the gateway: bare WebSockets, and unmodified clients from npm.
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GoogleGenAI, type LiveServerMessage, Modality, type Session } from "@google/genai";
import { GoogleGenAI as GoogleGenAIv2 } from "genai-v2";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startEmulator, type Emulator } from "../emulator/src/emulator.ts";
import type { ServedRecord } from "../emulator/src/types.ts";
import { dialLive, liveModel, openLive, Refused, say, textOf, type LiveClient } from "./support/live-client.ts";
import { describeLiveOnWorkers } from "./support/live-worker-suite.ts";
import { residentMegabytes } from "./support/listening-process.ts";
import { clientKey, startGateway, type GatewayUnderTest, type LedgerCall } from "./support/targets.ts";
import { until } from "./support/until.ts";

const keyOf = (number: number): string => `AIzaSyLiveKey-0000000000000000000000000${number}`;
const numbers = [1, 2, 3, 4, 5];
const dial = { key: clientKey };
const tool = { functionDeclarations: [{ name: "lookUp", parametersJsonSchema: { type: "object", properties: {} } }] };
let emulator: Emulator;
let gateway: GatewayUnderTest;

beforeAll(async () => {
  emulator = await startEmulator({ projects: numbers.map(toProject), recordHeaders: true, live: { refusal: "close" } });
  gateway = await startGateway("node24", {
    environment: environmentOf(emulator),
  });
}, 60_000);

afterAll(async () => {
  await gateway?.stop();
  await emulator?.close();
});

describe("a session", () => {
  it("is relayed message by message: binary stays binary, and the gateway's key goes up in a header alone", async () => {
    const client = await openLive(gateway.url, { query: `?key=${clientKey}&x=1` });
    client.send(say("hello there"));
    const first = await client.next();
    expect(first.binary).toBe(true);
    const messages = await client.until("turnComplete");
    expect(textOf([first.message, ...messages])).toContain("hello there");
    expect(await client.closed(1000)).toMatchObject({ code: 1000 });
    const session = await until(async () => sessions().at(-1), "the session's record");
    expect(session).toMatchObject({ credential: "header", live: { closeCode: 1000, closedBy: "client" } });
    expect(JSON.stringify(session)).not.toContain(clientKey);
  });

  it.each([
    ["the key as a bearer", { headers: { authorization: `Bearer ${clientKey}` } }],
    ["the key in a subprotocol", { protocols: [`x-goog-api-key.${clientKey}`, "json"] }],
    ["the mount prefix /gemini", { key: clientKey, prefix: "/gemini" }],
    ["the mount prefix /api/gproxy/gemini", { key: clientKey, prefix: "/api/gproxy/gemini" }],
    ["version v1", { key: clientKey, version: "v1" }],
  ])("is opened with %s", async (_name, way) => {
    const client = await openLive(gateway.url, way);
    if ("protocols" in way) expect(client.socket.protocol).toBe("json");
    expect(await client.closed(1000)).toMatchObject({ code: 1000 });
  });

  it("takes text and binary messages, whole or in fragments", async () => {
    const client = await dialLive(gateway.url, dial);
    const setup = JSON.stringify({
      setup: { model: `models/${liveModel}`, generationConfig: { responseModalities: ["TEXT"] } },
    });
    client.socket.send(setup.slice(0, 20), { binary: true, fin: false });
    client.socket.send(setup.slice(20), { binary: true, fin: true });
    expect((await client.next()).message).toHaveProperty("setupComplete");
    client.send(say("ünïcode"));
    expect(textOf(await client.until("turnComplete"))).toContain("ünïcode");
    await client.closed(1000);
  });

  it("music is relayed too", async () => {
    const client = await dialLive(gateway.url, { ...dial, method: "BidiGenerateMusic" });
    client.send({ setup: { model: "models/lyria-realtime-exp" } });
    expect((await client.next()).message).toHaveProperty("setupComplete");
    await client.closed(1000);
  });

  it("answers pings of its own hop", async () => {
    const client = await openLive(gateway.url, dial);
    const pong = new Promise<string>((resolve) =>
      client.socket.once("pong", (data: Buffer) => resolve(data.toString())),
    );
    client.socket.ping("here");
    expect(await pong).toBe("here");
    await client.closed(1000);
  });
});

describe("refusals", () => {
  it.each([
    ["no key", {}, 401, "UNAUTHENTICATED"],
    ["a wrong key", { key: "gp-wrong" }, 401, "UNAUTHENTICATED"],
    [
      "a token that nobody knows",
      { query: "?access_token=auth_tokens/none", method: "BidiGenerateContentConstrained" },
      401,
      "UNAUTHENTICATED",
    ],
    ["another service", { key: clientKey, method: "Other" }, 501, "UNIMPLEMENTED"],
  ])("%s is answered with HTTP in Google's shape", async (_name, way, status, word) => {
    const refused = await dialLive(gateway.url, way).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Refused);
    expect((refused as Refused).status).toBe(status);
    expect(JSON.parse((refused as Refused).body)).toMatchObject({ error: { code: status, status: word } });
  });

  it("a first message that is no setup is closed with 1007, before anything is connected", async () => {
    const before = emulator.record().length;
    const client = await dialLive(gateway.url, dial);
    client.send(say("too soon"));
    const { code, reason } = await client.closed();
    expect([code, reason.split(":")[0]]).toEqual([1007, "live_setup_missing"]);
    expect(emulator.record().length).toBe(before);
  });

  it("Google's own refusals reach the client in Google's words", async () => {
    const client = await dialLive(gateway.url, dial);
    client.send({ setup: { model: "models/gemini-0-none" } });
    const { code, reason } = await client.closed();
    expect(code).toBe(1008);
    expect(reason).toMatch(/^models\/gemini-0-none is not found for API version/);
    const field = await dialLive(gateway.url, dial);
    field.send({ setup: { model: `models/${liveModel}`, nonsense: 1 } });
    expect((await field.closed()).code).toBe(1007);
  });
});

describe("failover", () => {
  // Keys that are disabled here stay so: a world of its own.
  let faulty: Emulator;
  let pool: GatewayUnderTest;
  beforeAll(async () => {
    faulty = await startEmulator({
      projects: numbers.map((number) => ({
        ...toProject(number),
        keys: [{ key: keyOf(number), state: number <= 2 ? "invalid" : "active" }],
        ...(number <= 4 ? { quotas: { [liveModel]: { requestsPerMinute: 0 } } } : {}),
      })),
    });
    pool = await startGateway("node24", { environment: environmentOf(faulty) });
  }, 60_000);
  afterEach(() => faulty.clearFaults());
  afterAll(async () => {
    await pool?.stop();
    await faulty?.close();
  });
  const rowOf = (client: LiveClient): Promise<LedgerCall> =>
    until(async () => (await pool.calls()).find(({ id }) => id === client.id), "the session's row");

  it("bad keys and exhausted projects are passed over before setupComplete, and the client notices nothing", async () => {
    const clients: LiveClient[] = [];
    for (let round = 0; round < 6; round++) {
      const client = await openLive(pool.url, dial);
      client.send(say("still here"));
      expect(textOf(await client.until("turnComplete"))).toContain("still here");
      await client.closed(1000);
      clients.push(client);
    }
    const rows = await Promise.all(clients.map(rowOf));
    for (const { outcome, attempts } of rows) {
      expect(outcome).toBe("ok");
      expect(attempts.at(-1)?.rule).toBe("ok");
      for (const { rule } of attempts.slice(0, -1)) expect(rule).toMatch(/^(key\.invalid|quota\.)/);
    }
    const rules = rows.flatMap(({ attempts }) => attempts.map(({ rule }) => rule));
    // Each is found out once, and known from then on.
    expect(rules.filter((rule) => rule === "key.invalid")).toHaveLength(2);
    expect(rows.at(-1)?.attempts.length).toBe(1);
  });

  it("after setupComplete closes go through, with code and reason", async () => {
    const close = { code: 1011, reason: "Internal error." };
    faulty.fault({ match: { operation: "liveTurn" }, do: { live: { afterMessages: 1, close } } });
    const client = await openLive(pool.url, dial);
    client.send(say("break now"));
    expect(await client.closed()).toEqual(close);
    expect(await rowOf(client)).toMatchObject({ status: 101, outcome: "incomplete", errorCode: null });
  });

  it("an exhausted quota in the middle of a session is told in Google's words", async () => {
    faulty.fault({ match: { operation: "liveTurn" }, do: { error: "quota-day" } });
    const client = await openLive(pool.url, dial);
    client.send(say("too much"));
    const { code, reason } = await client.closed();
    expect([code, reason.slice(0, 35)]).toEqual([1011, "You exceeded your current quota, pl"]);
    expect((await rowOf(client)).attempts[0]?.rule).toMatch(/^stream\.quota\./);
  });

  it("when no key is left the client hears why, and when to come back", async () => {
    const client = await dialLive(pool.url, dial);
    client.send({ setup: { model: `models/${liveModel}` } });
    const { code, reason } = await client.closed();
    expect(code).toBe(1011);
    expect(reason).toMatch(/^credentials_exhausted \(free again at 20/);
  });

  it("a connection that breaks is 1011 with the gateway's words, since 1006 cannot be sent", async () => {
    const model = "gemini-2.5-flash-native-audio";
    faulty.fault({ match: { operation: "liveTurn" }, do: { live: { afterMessages: 1, abort: "reset" } } });
    const client = await openLive(pool.url, dial, { model: `models/${model}` });
    client.send(say("break now"));
    const { code, reason } = await client.closed();
    expect([code, reason.split(":")[0]]).toEqual([1011, "upstream_broken"]);
  });
});

describe("closes", () => {
  it("a client's own code and reason reach the server", async () => {
    const before = await sessionsSoFar();
    const client = await openLive(gateway.url, dial);
    await client.closed(3001, "had enough");
    const [session] = await ended(before, 1);
    expect(session?.live).toMatchObject({ closeCode: 3001, closeReason: "had enough", closedBy: "client" });
  });

  it("a client that vanishes ends its session upstream", async () => {
    const before = await sessionsSoFar();
    const client = await openLive(gateway.url, dial);
    client.socket.terminate();
    await ended(before, 1);
    const row = await until(async () => (await gateway.calls()).find(({ id }) => id === client.id), "the row");
    expect(row).toMatchObject({ operation: "live", outcome: "cancelled" });
  });
});

describe("large messages", () => {
  it("5 MB each way, and a reader that stops slows the server instead of filling memory", async () => {
    const data = "A".repeat(5_000_000);
    const parts = Array.from({ length: 40 }, () => ({ inlineData: { mimeType: "image/png", data } }));
    emulator.script({ model: liveModel, parts });
    const client = await openLive(gateway.url, dial);
    const before = residentMegabytes(gateway.url);
    client.send({
      clientContent: {
        turns: [{ role: "user", parts: [{ inlineData: { mimeType: "audio/pcm", data } }] }],
        turnComplete: true,
      },
    });
    const first = await client.next();
    expect(first.bytes).toBeGreaterThan(5_000_000);
    client.socket.pause();
    // What fits between has flowed when the gateway's memory stands still.
    let grown = 0;
    for (let still = 0; still < 10;) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const now = residentMegabytes(gateway.url) - before;
      still = now > grown + 1 ? 0 : still + 1;
      grown = Math.max(grown, now);
    }
    expect(grown).toBeLessThan(120);
    client.socket.resume();
    const messages = await client.until("turnComplete");
    expect(messages.filter(({ serverContent }) => serverContent?.["modelTurn"] !== undefined)).toHaveLength(39);
    await client.closed(1000);
    await sameBooks();
  }, 60_000);

  it("one beyond LIVE_MAX_MESSAGE_BYTES is closed with 1009", async () => {
    const client = await openLive(gateway.url, dial);
    client.socket.send("x".repeat(16 * 1024 * 1024 + 1));
    expect((await client.closed()).code).toBe(1009);
  });
});

describe.each([
  ["@google/genai 3 (v1)", GoogleGenAI],
  ["@google/genai 2 (v1beta)", GoogleGenAIv2 as unknown as typeof GoogleGenAI],
])("%s", (_name, Client) => {
  const ai = (apiKey = clientKey, apiVersion?: string): GoogleGenAI =>
    new Client({ apiKey, httpOptions: { baseUrl: gateway.url, ...(apiVersion === undefined ? {} : { apiVersion }) } });

  it("talks in turns, over sessions that rotate through all projects", async () => {
    const before = await sessionsSoFar();
    for (let round = 0; round < 5; round++) {
      const { session, next } = await connect(ai());
      session.sendClientContent({ turns: `Round ${round}`, turnComplete: true });
      let text = "";
      for (;;) {
        const message = await next();
        text += message.text ?? "";
        if (message.serverContent?.turnComplete === true) break;
      }
      expect(text).toContain(`Round ${round}`);
      session.close();
    }
    const used = await ended(before, 5);
    expect(new Set(used.map(({ project }) => project)).size).toBe(5);
    await sameBooks();
  });

  it("calls a tool and goes on with its result", async () => {
    const { session, next } = await connect(ai(), { tools: [tool] });
    session.sendClientContent({ turns: 'call lookUp {"word":"x"}', turnComplete: true });
    let call: LiveServerMessage["toolCall"];
    while (call === undefined) call = (await next()).toolCall;
    const [asked] = call.functionCalls ?? [];
    expect(asked?.name).toBe("lookUp");
    session.sendToolResponse({
      functionResponses: [{ id: asked?.id as string, name: "lookUp", response: { result: "42 found" } }],
    });
    let text = "";
    for (let done = false; !done;) {
      const message = await next();
      text += message.text ?? "";
      done = message.serverContent?.turnComplete === true;
    }
    expect(text).toContain("42 found");
    session.close();
    await sameBooks();
  });

  it("takes a session up again on the project that has it", async () => {
    for (let round = 0; round < 3; round++) {
      const before = await sessionsSoFar();
      const first = await connect(ai(), { sessionResumption: {} });
      first.session.sendClientContent({ turns: "My word is heron", turnComplete: true });
      let handle: string | undefined;
      for (let turns = 0; handle === undefined || turns === 0;) {
        const message = await first.next();
        if (message.serverContent?.turnComplete === true) turns += 1;
        if (turns > 0) handle = message.sessionResumptionUpdate?.newHandle ?? handle;
      }
      first.session.close();
      const [made] = await ended(before, 1);
      const second = await connect(ai(), { sessionResumption: { handle } });
      second.session.close();
      const [, resumed] = await ended(before, 2);
      expect(resumed?.project).toBe(made?.project);
    }
  });

  it("opens a session with an ephemeral token that was made through the gateway", async () => {
    const token = await ai(clientKey, "v1alpha").authTokens.create({ config: { uses: 1 } });
    expect(token.name).toMatch(/^auth_tokens\//);
    const before = await sessionsSoFar();
    const { session, next } = await connect(ai(token.name, "v1alpha"));
    session.sendClientContent({ turns: "hello", turnComplete: true });
    while ((await next()).serverContent?.turnComplete !== true);
    session.close();
    const [served] = await ended(before, 1);
    expect(served?.credential).toBe("token");
    await sameBooks();
  });
});

describe("the end of the process", () => {
  it("kill -9 loses the last turn at most, and the session is 'interrupted'", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "gemini-proxy-live-"));
    const environment = environmentOf(emulator);
    const first = await startGateway("node24", { environment, dataDir });
    const client = await openLive(first.url, dial);
    client.send(say("remember this"));
    await client.until("turnComplete");
    client.send(say("and this"));
    await client.until("turnComplete");
    await first.kill();
    const second = await startGateway("node24", { environment, dataDir });
    const rows = await second.calls();
    const turns = rows.filter(({ operation, usage }) => operation === "live-turn" && usage !== null);
    expect(turns.length).toBeGreaterThanOrEqual(1);
    expect(rows.find(({ id }) => id === client.id)).toMatchObject({ outcome: "interrupted" });
    await second.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it("sessions get the drain's time, then 1001", async () => {
    const client = await openLive(gateway.url, dial);
    client.send(say("last words"));
    await client.until("turnComplete");
    const ended = client.closed();
    const exit = gateway.stop();
    const { code, reason } = await ended;
    expect([code, reason.split(":")[0]]).toEqual([1001, "draining"]);
    expect(await exit).toBe(0);
  });
});

describeLiveOnWorkers();

// --- helpers ---

function toProject(number: number): { id: string; keys: { key: string }[]; tier: "unlimited" } {
  return { id: `projects/300${number}`, keys: [{ key: keyOf(number) }], tier: "unlimited" };
}

/** Sessions that have ended, as the emulator saw them. */
function sessions(): ServedRecord[] {
  return emulator.record().filter(({ live }) => live !== undefined && live.closedBy !== null);
}

/** How many have ended, once none is open. */
function sessionsSoFar(): Promise<number> {
  return until(async () => (emulator.totals().inFlight === 0 ? sessions().length : undefined), "open sessions to end");
}

/** Those after the first `before`, once there are so many. */
function ended(before: number, count: number): Promise<ServedRecord[]> {
  return until(async () => {
    const all = sessions().slice(before);
    return all.length >= count ? all : undefined;
  }, `${count} sessions`);
}

function environmentOf(upstream: Emulator): Record<string, string> {
  return {
    GEMINI_API_KEYS: numbers.map(keyOf).join(","),
    GOOGLE_GEMINI_API_BASE_URL: upstream.url,
    DRAIN_TIMEOUT_MS: "500ms",
  };
}

/** All turns of the ledger and of the emulator have the same sums. */
async function sameBooks(): Promise<void> {
  const names = [
    ["promptTokens", "prompt"],
    ["outputTokens", "candidates"],
    ["thoughtsTokens", "thoughts"],
    ["totalTokens", "total"],
  ] as const;
  await until(async () => {
    const turns = (await gateway.calls()).filter(({ operation }) => operation === "live-turn");
    const served = emulator.record().filter(({ usage, path }) => usage !== null && path.startsWith("/ws/"));
    const sum = (values: (number | undefined)[]): number => values.reduce<number>((all, one) => all + (one ?? 0), 0);
    const same = names.every(
      ([ours, theirs]) =>
        sum(turns.map(({ usage }) => usage?.[ours])) === sum(served.map(({ usage }) => usage?.[theirs])),
    );
    return same ? true : undefined;
  }, "equal sums of turns");
  const rows = (await gateway.calls()).filter(({ operation }) => operation === "live");
  expect(rows.every(({ usage }) => usage === null)).toBe(true);
}

/** Connects an SDK's client and hands out its messages one by one. */
async function connect(
  ai: GoogleGenAI,
  config: object = {},
): Promise<{ session: Session; next: () => Promise<LiveServerMessage> }> {
  const inbox: LiveServerMessage[] = [];
  let wake = (): void => undefined;
  let ended: string | null = null;
  const session = await ai.live.connect({
    model: liveModel,
    config: { responseModalities: [Modality.TEXT], ...config },
    callbacks: {
      onmessage: (message) => {
        inbox.push(message);
        wake();
      },
      onclose: ({ code, reason }) => {
        ended = `${code} ${reason}`;
        wake();
      },
    },
  });
  return {
    session,
    async next() {
      for (;;) {
        const message = inbox.shift();
        if (message !== undefined) return message;
        if (ended !== null) throw new Error(`the session ended: ${ended}`);
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
