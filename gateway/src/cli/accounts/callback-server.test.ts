import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { openCallbackServer, type CallbackServer } from "./callback-server.ts";

const state = "5".repeat(64);
const servers: CallbackServer[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function open(timeoutMs = 60_000): Promise<CallbackServer> {
  const server = await openCallbackServer({ port: 0, state, timeoutMs });
  servers.push(server);
  return server;
}

/** As a browser asks; the path as it is written, and headers that `fetch` would not send. */
function ask(
  server: CallbackServer,
  target: string,
  headers: Record<string, string> = {},
  method = "GET",
): Promise<string> {
  const { port, host } = new URL(server.redirectUri);
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), "127.0.0.1");
    let text = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => (text += chunk));
    socket.on("error", reject);
    socket.on("close", () => resolve(text));
    socket.write(`${method} ${target} HTTP/1.1\r\n${lines.join("")}connection: close\r\n\r\n`);
  });
}

const good = `/oauth2callback?state=${state}&code=4/0Abc`;
const settled = (code: Promise<string>): Promise<string> =>
  Promise.race([code.catch(() => "refused"), new Promise<string>((resolve) => setImmediate(resolve, "waiting"))]);

describe("the server that a log-in comes back to", () => {
  it("takes the code once, with the right state, and is gone when it is closed", async () => {
    const server = await open();
    expect(server.redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/oauth2callback$/);
    expect(await ask(server, good)).toMatch(/^HTTP\/1\.1 200 /);
    expect(await server.code).toBe("4/0Abc");
    const again = await ask(server, good.replace("0Abc", "0Other"));
    expect(again).toMatch(/^HTTP\/1\.1 409 /);
    server.close();
    await expect(ask(server, good)).rejects.toThrow(/ECONNREFUSED/);
  });

  it.each([
    ["a wrong state", "/oauth2callback?state=x&code=4/0Abc", {}, "GET", 400],
    ["no state", "/oauth2callback?code=4/0Abc", {}, "GET", 400],
    ["a state that begins right", `/oauth2callback?state=${state}0&code=4/0Abc`, {}, "GET", 400],
    ["a refusal without the state", "/oauth2callback?error=access_denied", {}, "GET", 400],
    ["another path", `/?state=${state}&code=4/0Abc`, {}, "GET", 404],
    ["another method", good, {}, "POST", 404],
    ["a path that is no path", "//", {}, "GET", 404],
    ["an address that is none", "http://[", {}, "GET", 404],
    ["another host's name", good, { host: "attacker.example" }, "GET", 404],
    ["another host's address", `http://attacker.example${good}`, { host: "attacker.example" }, "GET", 404],
  ])("%s is refused, and the log-in goes on waiting", async (_, target, headers, method, status) => {
    const server = await open();
    expect(await ask(server, target, headers, method)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(await settled(server.code)).toBe("waiting");
    expect(await ask(server, good)).toMatch(/^HTTP\/1\.1 200 /);
    expect(await server.code).toBe("4/0Abc");
  });

  it("shows nothing of what it was sent, and no page that a script could run in", async () => {
    const server = await open();
    const answer = await ask(server, `/oauth2callback?state=${state}&error=%3Cscript%3Ealert(1)%3C/script%3E`);
    expect(answer).toContain("content-type: text/plain");
    expect(answer).not.toContain("script");
    await expect(server.code).rejects.toThrow(/refused/);
  });

  it("gives up after its time", async () => {
    await expect((await open(5)).code).rejects.toThrow(/Nobody has logged in/);
  });

  it("says when the port is taken", async () => {
    const { port } = new URL((await open()).redirectUri);
    await expect(openCallbackServer({ port: Number(port), state, timeoutMs: 1_000 })).rejects.toThrow(/cannot wait/);
  });
});
