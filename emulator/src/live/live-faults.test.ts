import { createHash } from "node:crypto";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Emulator } from "../emulator.ts";
import { DEFAULT_KEY, startEmulator } from "../emulator.ts";
import { at } from "../test-client.ts";
import type { FaultSpec } from "../types.ts";
import type { RawLive } from "./test-client.ts";
import { dial, dialRaw, LIVE_MODEL, open, say, sendClose, TEXT, textOf } from "./test-client.ts";

let emulator: Emulator;
beforeEach(async () => {
  emulator = await startEmulator();
});
afterEach(() => emulator.close());

const SETUP = JSON.stringify({ setup: { model: LIVE_MODEL, ...TEXT } });
const rawOpen = async (): Promise<RawLive> => {
  const raw = await dialRaw(emulator);
  raw.frame(1, SETUP);
  await raw.next();
  return raw;
};

describe("faults of Live", () => {
  it.each<[string, FaultSpec, number]>([
    ["drop before setupComplete", { do: { live: { abort: "end" } } }, 1006],
    ["reset before setupComplete", { match: { operation: "liveSetup" }, do: { reset: {} } }, 1006],
    ["reset instead of the upgrade", { do: { reset: {} } }, 1006],
    ["close before setupComplete", { do: { live: { close: { code: 1011, reason: "Internal error." } } } }, 1011],
    ["refuse the setup", { match: { operation: "liveSetup" }, do: { error: "quota-day" } }, 1011],
    ["answer HTTP instead of the upgrade", { do: { error: "overloaded" } }, 1006],
    ["answer anything instead of the upgrade", { do: { response: { status: 418 } } }, 1006],
  ])("%s", async (_, fault, code) => {
    const id = emulator.fault(fault);
    const client = await dial(emulator);
    client.send(SETUP);
    expect(await client.closed()).toMatchObject({ code });
    const record = emulator.record();
    expect(record).toHaveLength(1);
    expect(record[0]).toMatchObject({ fault: id, project: "projects/1001" });
  });

  it("hit sessions of one model, at their setup", async () => {
    emulator.fault({
      match: { model: LIVE_MODEL, operation: "liveSetup" },
      do: { live: { close: { code: 1008, reason: "no" } } },
    });
    const client = await dial(emulator);
    client.send(SETUP);
    expect(await client.closed()).toEqual({ code: 1008, reason: "no" });
    await open(emulator);
  });

  it.each<["end" | "middle" | "reset", string]>([
    ["end", "cut"],
    ["middle", "cut"],
    ["reset", "reset"],
  ])("break a session after n messages of a turn (%s)", async (abort, outcome) => {
    emulator.fault({ match: { operation: "liveTurn" }, do: { live: { afterMessages: 2, abort } } });
    const client = await open(emulator);
    client.send(say("tell me a story"));
    expect(await client.closed()).toMatchObject({ code: 1006 });
    const [turn, session] = emulator.record();
    expect(turn).toMatchObject({ operation: "liveTurn", outcome, chunksSent: 2, fault: 1 });
    expect(turn?.usage?.candidates).toBeGreaterThan(0);
    expect(session).toMatchObject({ operation: "bidiGenerateContent", outcome, chunksSent: 3 });
  });

  it("close with any code after n messages of a session", async () => {
    emulator.fault({ do: { live: { afterMessages: 3, close: { code: 4321, reason: "enough" } } } });
    const client = await open(emulator);
    client.send(say("tell me a story"));
    await client.next();
    await client.next();
    expect(await client.closed()).toEqual({ code: 4321, reason: "enough" });
    expect(client.waiting()).toBe(0);
  });

  it("fall silent, and speak again", async () => {
    emulator.fault({ match: { operation: "liveTurn" }, do: { live: { afterMessages: 1, stall: {} } } });
    const raw = await rawOpen();
    raw.frame(1, JSON.stringify(say("hello")));
    expect(await raw.next()).toMatchObject({ kind: "message" });
    raw.frame(9, "are you there?");
    sendClose(raw, 1000);
    // Of all that was to come, and the pong, only the answer to the close.
    expect(await raw.next()).toEqual({ kind: "close", code: 1000, reason: "" });
  });

  it("drip, fragment, and send text frames", async () => {
    emulator.fault({ do: { drip: { bytes: 7, everyMs: 0 }, live: { fragmentBytes: 5, textFrames: true } } });
    const raw = await rawOpen();
    raw.frame(1, JSON.stringify(say("hello")));
    raw.frame(9, "ping");
    const events = [];
    while (!JSON.stringify(events.at(-1)?.text ?? "").includes("turnComplete")) {
      const event = await raw.next();
      if (event?.kind === "message") events.push({ binary: event.binary, text: event.data.toString() });
      else expect(event?.kind).toBe("pong");
    }
    expect(events.every(({ binary }) => !binary)).toBe(true);
    expect(textOf(events.map(({ text }) => JSON.parse(text)))).toContain("You said: “hello”");
    raw.destroy();
  });

  it("announce the end early", async () => {
    emulator.fault({ match: { operation: "liveTurn" }, do: { live: { goAwayMs: 5_000 } } });
    const client = await open(emulator);
    client.send(say("hi"));
    expect(await client.next()).toEqual({ goAway: { timeLeft: "5s" } });
    await client.until("turnComplete");
  });

  it("refuse a turn with the words of an error", async () => {
    emulator.fault({ match: { operation: "liveTurn", nth: 2 }, do: { error: "internal" } });
    const client = await open(emulator);
    client.send(say("one"));
    await client.until("turnComplete");
    client.send(say("two"));
    expect(await client.closed()).toMatchObject({ code: 1011, reason: expect.stringMatching(/^An internal error/) });
    const operations = emulator.record().map(({ operation, status }) => `${operation} ${status}`);
    expect(operations).toEqual(["liveTurn 200", "liveTurn 500", "bidiGenerateContent 101"]);
  });
});

describe("the protocol", () => {
  it("answers pings in the middle of fragments, and takes setups in any pieces", async () => {
    const raw = await dialRaw(emulator);
    raw.frame(1, SETUP.slice(0, 9), false);
    raw.frame(9, "mid");
    raw.frame(0, SETUP.slice(9));
    expect(await raw.next()).toMatchObject({ kind: "pong", data: Buffer.from("mid") });
    expect(await raw.next()).toMatchObject({ kind: "message", binary: true });
    sendClose(raw, 4000);
    expect(await raw.next()).toEqual({ kind: "close", code: 4000, reason: "" });
    expect(await raw.next()).toBeNull();
  });

  it("is enforced: unmasked frames end the session with 1002", async () => {
    const raw = await rawOpen();
    raw.write(Buffer.from([0x81, 1, 97]));
    expect(await raw.next()).toMatchObject({ kind: "close", code: 1002 });
    expect(await raw.next()).toBeNull();
  });

  it("takes a setup that comes with the handshake", async () => {
    const raw = await dialRaw(emulator, { headers: {} });
    raw.frame(2, SETUP);
    expect(await raw.next()).toMatchObject({ kind: "message" });
    raw.destroy();
  });
});

describe("the record of Live", () => {
  it("has an entry per turn with what was told, and one per session that bills nothing", async () => {
    const client = await open(emulator);
    const told = [];
    for (const text of ["one", "two"]) {
      client.send(say(text));
      told.push((await client.until("turnComplete")).at(-1)?.["usageMetadata"]);
    }
    await client.closed(1000);
    const [first, second, session] = emulator.record();
    expect([first, second].map((turn) => turn?.usage?.total)).toEqual(told.map((usage) => usage?.["totalTokenCount"]));
    expect(session).toMatchObject({
      operation: "bidiGenerateContent",
      status: 101,
      outcome: "complete",
      usage: null,
      model: LIVE_MODEL,
      surface: "native",
      stream: true,
      key: DEFAULT_KEY,
      live: { closeCode: 1000, closedBy: "client" },
    });
    expect(first?.live?.session).toBe(session?.sequence);
    const sent = [SETUP.replace(LIVE_MODEL, `models/${LIVE_MODEL}`), say("one"), say("two")].map((message) =>
      typeof message === "string" ? message : JSON.stringify(message),
    );
    expect(session?.sha256).toBe(createHash("sha256").update(sent.join("")).digest("hex"));
    expect(session?.requestBytes).toBe(sent.join("").length);
    expect(emulator.totals()).toMatchObject({ inFlight: 0, requests: 3 });
    expect(emulator.totals().tokens.total).toBe(
      Number(at(told, "0.totalTokenCount")) + Number(at(told, "1.totalTokenCount")),
    );
  });

  it("is filed before the end of a turn is out", async () => {
    const client = await open(emulator);
    client.send(say("one"));
    await client.until("turnComplete");
    expect(emulator.record()).toMatchObject([{ operation: "liveTurn", outcome: "complete" }]);
    await client.closed(1000);
  });

  it("tells a client that vanished from one that said goodbye", async () => {
    emulator.script({ chunks: [{ parts: [{ text: "a" }] }, { parts: [{ text: "b" }], delayMs: 60_000 }] });
    const raw = await rawOpen();
    raw.frame(1, JSON.stringify(say("hi")));
    await raw.next();
    raw.destroy();
    await expect.poll(() => emulator.record().length).toBe(2);
    expect(emulator.record()).toMatchObject([
      { operation: "liveTurn", outcome: "client-gone", usage: { prompt: 1, candidates: 1 } },
      { operation: "bidiGenerateContent", outcome: "client-gone", live: { closeCode: 1006, closedBy: "client" } },
    ]);
  });
});
