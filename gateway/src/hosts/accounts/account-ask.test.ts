import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { AccountAsk, AccountQuestion } from "../../accounts/ask.ts";
import { toSecret } from "../../core/secret.ts";
import { createAccountRequest } from "../node/account-request.ts";
import { createDispatchers } from "../node/dispatchers.ts";
import { accountAnswerBytes, createAccountFetch } from "./account-fetch.ts";

const dispatchers = createDispatchers({ connectTimeoutMs: 5_000, firstByteTimeoutMs: 60_000, idleTimeoutMs: 60_000 });
afterAll(() => dispatchers.close());
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const ways: [string, AccountAsk][] = [
  ["fetch", createAccountFetch()],
  ["the host's connections", createAccountRequest(dispatchers)],
];

function post(url: string, timeoutMs = 5_000): AccountQuestion & { proxy: null; timeoutMs: number } {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return { method: "POST", url: `${url}/token`, headers, body: "refresh_token=1//secret", proxy: null, timeoutMs };
}

describe.each(ways)("questions about accounts over %s", (_, ask) => {
  it("tokens go into the body, and never to where an answer points", async () => {
    const asked: string[] = [];
    const url = await serve((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      request.resume();
      response.writeHead(307, { location: "/elsewhere" }).end();
    });
    expect(await ask(post(url))).toMatchObject({ status: 307 });
    expect(asked).toEqual(["POST /token"]);
  });

  it("of an answer without end only the start is read", async () => {
    const url = await serve((request, response) => {
      request.resume();
      response.writeHead(200, { "content-type": "application/json" });
      const more = (): void => {
        while (!response.destroyed && response.write("x".repeat(65_536)));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    });
    expect((await ask(post(url))).body).toHaveLength(accountAnswerBytes);
  });

  it.each([
    ["does not come", false],
    ["stops in its middle", true],
  ])("an answer that %s ends in time", async (_what, begins) => {
    const url = await serve((request, response) => {
      request.resume();
      if (begins) response.writeHead(200, { "content-length": "100" }).write("{");
    });
    await expect(ask(post(url, 100))).rejects.toMatchObject({ name: "TimeoutError" });
  });
});

it("a proxy that fetch cannot use is no reason to go without it", async () => {
  await expect(createAccountFetch()({ ...post("http://127.0.0.1:9"), proxy: toSecret("http://p:1") })).rejects.toThrow(
    /proxies/,
  );
});
