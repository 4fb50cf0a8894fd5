/** @module Tests of the control surface and of the command. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { startEmulator } from "./emulator.ts";
import { at, call, prompt, rawPost, dechunk, to } from "./test-client.ts";

const emulator = await startEmulator();
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

const control = async (method: string, name: string, body?: unknown): Promise<{ status: number; body: unknown }> => {
  const response = await fetch(`${emulator.url}/_emulator/${name}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
};

const ask = (): Promise<Response> => call(emulator, { path: to("gemini-2.5-flash"), body: prompt("hi") });

describe("control surface", () => {
  it("gives the record from a sequence number on, and the totals, without entering them", async () => {
    for (let index = 0; index < 3; index++) await (await ask()).text();
    expect(at((await control("GET", "record")).body, "record")).toEqual(emulator.record());
    const { body } = await control("GET", "record?since=1&limit=1");
    expect(body).toEqual({ record: [emulator.record()[1]], dropped: 0 });
    expect((await control("GET", "totals")).body).toEqual(emulator.totals());
    expect(emulator.totals().requests).toBe(3);
  });

  it("takes faults, one or many, lists and clears them", async () => {
    expect(
      (await control("POST", "faults", [{ do: { error: "internal" } }, { do: { error: "overloaded" } }])).body,
    ).toEqual({ ids: [1, 2] });
    expect((await ask()).status).toBe(500);
    expect((await control("GET", "faults")).body).toMatchObject({ faults: [{ id: 2, left: 1 }] });
    await control("DELETE", "faults");
    expect((await ask()).status).toBe(200);
    expect(await control("POST", "faults", { do: { error: "nope" } })).toEqual({
      status: 400,
      body: { error: "Unknown error name: nope" },
    });
  });

  it("takes scripts, projects and time, and resets them", async () => {
    await control("POST", "script", { parts: [{ text: "scripted" }] });
    expect(at(await (await ask()).json(), "candidates.0.content.parts.0.text")).toBe("scripted");
    await control("PUT", "projects", {
      id: "projects/5",
      keys: [{ key: "AQ.five" }],
      quotas: { "*": { requestsPerMinute: 1 } },
    });
    const five = async (): Promise<number> =>
      (await call(emulator, { path: to("gemini-2.5-flash"), body: prompt("x"), key: "AQ.five" })).status;
    expect([await five(), await five()]).toEqual([200, 429]);
    await control("POST", "advance", { ms: 60_000 });
    expect(await five()).toBe(200);
    await control("POST", "reset");
    expect(await five()).toBe(401);
    expect(emulator.totals().requests).toBe(1);
  });

  it("takes accounts, tells their tokens and voids them", async () => {
    const ada = { email: "ada@example.com", refreshToken: "1//ada" };
    const summary = { ...ada, state: "active", tier: "standard-tier", project: "emulated-ada", accessTokens: 0 };
    const { refreshToken, ...shown } = summary;
    expect((await control("PUT", "accounts", ada)).body).toEqual({
      accounts: [{ ...shown, refreshTokens: [refreshToken] }],
    });
    expect((await control("PUT", "accounts", { ...ada, state: "tired" })).body).toEqual({
      error: "Unknown account state: tired",
    });
    const form = {
      grant_type: "refresh_token",
      refresh_token: "1//ada",
      client_id: "emulator-client",
      client_secret: "emulator-secret",
    };
    await fetch(`${emulator.url}/token`, { method: "POST", body: new URLSearchParams(form) });
    expect(at((await control("GET", "accounts")).body, "accounts.0.accessTokens")).toBe(1);
    expect(at((await control("DELETE", "tokens?email=bob")).body, "accounts.0.accessTokens")).toBe(1);
    expect(at((await control("DELETE", "tokens")).body, "accounts.0.accessTokens")).toBe(0);
  });

  it("says what it has when asked for something else", async () => {
    const { status, body } = await control("GET", "nothing");
    expect(status).toBe(404);
    expect(at(body, "controls")).toContain("GET record");
  });
});

describe("compression", () => {
  it("gzips chunk by chunk for clients that accept it, when switched on", async () => {
    const zipped = await startEmulator({ compression: "gzip" });
    const path = to("gemini-2.5-flash", "streamGenerateContent", "?alt=sse");
    const raw = await rawPost(zipped, { path, body: prompt("hi"), headers: { "Accept-Encoding": "gzip" } });
    const { head, body } = dechunk(raw.bytes);
    expect(head).toContain("content-encoding: gzip");
    expect(gunzipSync(body).toString()).toMatch(/^data: \{.*\}\r\n\r\n$/s);
    const plain = await rawPost(zipped, { path, body: prompt("hi") });
    expect(dechunk(plain.bytes).head).not.toContain("content-encoding");
    const unary = await call(zipped, { path: to("gemini-2.5-flash"), body: prompt("hi") });
    expect(at(await unary.json(), "candidates.0.finishReason")).toBe("STOP");
    await zipped.close();
  });
});

describe("command", () => {
  it("prints its address, serves what the file says, and ends on SIGTERM", async () => {
    const folder = mkdtempSync(join(tmpdir(), "emulator-"));
    const config = join(folder, "config.json");
    const accounts = [{ email: "ada@example.com", refreshToken: "1//ada" }];
    writeFileSync(config, JSON.stringify({ projects: [{ id: "projects/77", keys: [{ key: "AQ.file" }] }], accounts }));
    const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts"), "--port", "0", "--config", config]);
    const [first] = (await once(child.stdout, "data")) as [Buffer];
    const url = /listens on (http:\S+)/.exec(first.toString())?.[1];
    const response = await fetch(`${url}/v1beta/models`, { headers: { "x-goog-api-key": "AQ.file" } });
    expect(response.status).toBe(200);
    const known: unknown = await (await fetch(`${url}/_emulator/accounts`)).json();
    expect(at(known, "accounts.0.email")).toBe("ada@example.com");
    child.kill("SIGTERM");
    const [code] = (await once(child, "exit")) as [number | null];
    expect(code).toBe(0);
    rmSync(folder, { recursive: true });
  });
});

describe("close", () => {
  it("breaks open streams and files them as closed", async () => {
    const closing = await startEmulator();
    closing.fault({ do: { stall: { afterChunks: 1 } } });
    const response = await call(closing, {
      path: to("gemini-2.5-flash", "streamGenerateContent", "?alt=sse"),
      body: prompt("hi"),
    });
    const reading = response.text().then(
      () => "whole",
      () => "broken",
    );
    await closing.close();
    expect(await reading).toBe("broken");
    expect(closing.record()[0]?.outcome).toBe("closed");
  });
});
